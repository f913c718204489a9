"""States of tenants for tests of the snapshots."""

from datetime import UTC, datetime, timedelta
from typing import Any

from o365desk.domain.directory import Tenant, TenantId, User, UserId, UserState
from o365desk.domain.licensing import (
    GroupId,
    LicenseAssignment,
    PlanId,
    ServicePlan,
    Sku,
    SkuId,
    Subscription,
    SubscriptionState,
)
from o365desk.domain.snapshots import TenantState
from o365desk.services.store.database import Database
from o365desk.services.store.history import SnapshotHistory
from o365desk.services.store.schema import metadata

BEGINNING = datetime(2026, 3, 1, 9, 30, 0, 123_456, tzinfo=UTC)
CONTOSO = Tenant(TenantId("11111111-0000-0000-0000-000000000001"), "Contoso", "contoso.com")
FABRIKAM = Tenant(TenantId("11111111-0000-0000-0000-000000000002"), "Fabrikam", "fabrikam.com")
E3 = SkuId("05e9a617-0261-4cee-bb44-138d3ef5d965")
E5 = SkuId("06ebc4ee-1bb5-47dd-8120-11324bc54e06")


async def in_memory() -> SnapshotHistory:
    database = Database()
    await database.write(metadata.create_all)
    return SnapshotHistory(database)


def day(number: float) -> datetime:
    return BEGINNING + timedelta(days=number)


def user(name: str, *licenses: LicenseAssignment, **more: Any) -> User:
    """Somebody of whom the property test tells all fields."""
    first, _, last = name.partition(" ")
    plain = User(
        id=UserId(f"id of {name}"),
        display_name=name,
        username=f"{first.lower()}@contoso.com",
        first_name=first,
        last_name=last,
        state=UserState.ACTIVE,
        location="DE",
        licenses=licenses,
    )
    return plain._replace(**more)


def sku(sku_id: SkuId = E3, name: str = "Office 365 E3", **more: Any) -> Sku:
    return Sku(sku_id, "ENTERPRISEPACK", name, **more)


def subscription(name: str = "Office 365 E3", **more: Any) -> Subscription:
    plain = {"sku_id": E3, "state": SubscriptionState.ACTIVE, "quantity": 25}
    return Subscription(id=f"id of {name}", name=name, **{**plain, **more})


def state(at: datetime, *users: User, tenant: Tenant = CONTOSO, **more: Any) -> TenantState:
    return TenantState(tenant, at, users, **{"skus": (), "subscriptions": (), **more})


RICH = state(
    day(0),
    user(
        "Zoë Ångström",
        LicenseAssignment(
            E3,
            direct=False,
            groups=(GroupId("group 1"), GroupId("group 2")),
            disabled_plans=(PlanId("plan 1"),),
            error="CountViolation",
        ),
        LicenseAssignment(E5),
        synced=True,
        mail="zoe@mail.example",
    ),
    user("Νίκος", guest=True, location="", licenses=None),
    user("花子", state=UserState.DELETED, deleted_at=day(-3)),
    user("Nobody", state=UserState.BLOCKED),
    skus=(
        sku(
            active=25,
            assigned=20,
            available=5,
            suspended=3,
            warning=2,
            status="Enabled",
            plans=(ServicePlan(PlanId("plan 1"), "EXCHANGE", "Exchange"),),
            subscription_ids=("one", "two"),
            group="group2",
        ),
        sku(E5, "Office 365 E5", assignable=False, available=-1),
    ),
    subscriptions=(
        subscription(
            friendly_name="ours",
            term_end=day(100),
            created=day(-200),
            trial=True,
            auto_renew=False,
            term="P1Y",
        ),
        subscription("Azure", sku_id=None, licensable=False, auto_renew=True),
    ),
    blocked_known=False,
    sign_ins={UserId("id of Nobody"): None, UserId("id of Νίκος"): day(-1)},
)
"""One of everything."""
