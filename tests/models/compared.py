"""Changes for the tests of Compare."""

from collections.abc import Sequence
from datetime import UTC, datetime

from o365desk.domain.comparison import ChangeKind, UserChange
from o365desk.domain.directory import Tenant, TenantId, UserId
from o365desk.domain.licensing import SkuId

TENANT = Tenant(TenantId("t"), "Contoso Ltd", "contoso.com")
EARLIER = datetime(2026, 10, 21, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
E5, VISIO = SkuId("e5"), SkuId("visio")
NAMES = {E5: "Microsoft 365 E5", VISIO: "Visio Plan 2"}
PEOPLE = ("Adele Vance", "Bo Berg", "Čenda Dvořák", "Δημήτρης", "محمد", "山田 太郎")


def product_name(sku_id: SkuId) -> str:
    return NAMES[sku_id]


def change(
    kind: ChangeKind,
    name: str = "Adele Vance",
    sku_id: SkuId | None = None,
    before: str = "",
    after: str = "",
) -> UserChange:
    username = f"{name.split(maxsplit=1)[0].lower()}@contoso.com"
    return UserChange(kind, UserId(f"id-{name}"), name, username, sku_id, before, after)


FEW = (
    change(ChangeKind.LICENSE_GAINED, "Adele Vance", E5, "", "direct"),
    change(ChangeKind.LICENSE_GAINED, "Bo Berg", E5, "", "1 group"),
    change(ChangeKind.LICENSE_LOST, "Adele Vance", VISIO, "direct", ""),
    change(ChangeKind.CREATED, "محمد"),
    change(ChangeKind.RENAMED, "山田 太郎", None, "山田 花子", "山田 太郎"),
)


def many(count: int) -> Sequence[UserChange]:
    """Grouped by kind, as a comparison is; usernames are in an order of their own."""
    kinds = [ChangeKind.LICENSE_GAINED, ChangeKind.LICENSE_LOST, ChangeKind.CREATED]
    size = -(-count // len(kinds))
    return [
        UserChange(
            kinds[number // size],
            UserId(str(number)),
            f"{PEOPLE[number % len(PEOPLE)]} {number}",
            f"p{number * 7919 % 100_003:06}@contoso.com",
            (E5, VISIO)[number % 2] if number < 2 * size else None,
        )
        for number in range(count)
    ]
