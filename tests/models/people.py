"""Users for model and view tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from o365desk.domain.directory import User, UserId, UserState
from o365desk.domain.licensing import LicenseAssignment, SkuId

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
E5 = (LicenseAssignment(SkuId("e5")),)
BOTH = (LicenseAssignment(SkuId("e5")), LicenseAssignment(SkuId("visio")))
NAMES = {"e5": "Microsoft 365 E5", "visio": "Visio Plan 2"}


def product_name(sku_id: SkuId) -> str:
    return NAMES.get(sku_id, sku_id)


def now() -> datetime:
    return NOW


def user(name: str, *, state: UserState = UserState.ACTIVE, **more: Any) -> User:
    """A user whose id and username follow from the name."""
    key = name.lower().replace(" ", ".")
    made = User(UserId(key), name, f"{key}@contoso.com", name, "", state, "GB", ())
    return made._replace(**more)


def deleted(name: str, days: float, **more: Any) -> User:
    """A user deleted some days ago."""
    when = NOW - timedelta(days=days)
    return user(name, state=UserState.DELETED, deleted_at=when, **more)
