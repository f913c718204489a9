"""Licence review sheets for the tests: people of every script, everything that can be listed."""

from datetime import UTC, datetime, timedelta

from o365desk.domain.comparison import compare
from o365desk.domain.directory import Tenant, TenantId, User, UserId, UserState
from o365desk.domain.licensing import LicenseAssignment, Sku, SkuId
from o365desk.domain.review import ReviewSheet, review
from o365desk.domain.snapshots import TenantState

CONTOSO = Tenant(TenantId("t"), "Contoso & Co", "contoso.onmicrosoft.com")
EARLIER = datetime(2026, 10, 31, 12, 5, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
E5, VISIO = SkuId("e5"), SkuId("visio")
E5_COUNTED = Sku(E5, "SPE_E5", "Microsoft 365 E5", active=1200, assigned=1100, available=100)
VISIO_COUNTED = Sku(VISIO, "VISIO", "Visio Plan 2", active=4, assigned=6, available=-2)
NAMES = (
    "Adele Vance",
    "Ελένη Παπαδοπούλου",
    "山田 太郎",
    "أحمد بن علي (Sales)",
    "<b>Bobby</b> & Sons",
)


def user(number: int, name: str, *held: SkuId, state: UserState = UserState.ACTIVE) -> User:
    licenses = tuple(LicenseAssignment(sku_id) for sku_id in held)
    username = f"user{number}@contoso.com"
    return User(UserId(f"{number:06}"), name, username, "", "", state, "GB", licenses)


def sheet(
    before: list[User],
    after: list[User],
    sign_ins: dict[UserId, datetime | None] | None = None,
    *,
    blocked_known: bool = True,
) -> ReviewSheet:
    skus = (E5_COUNTED, VISIO_COUNTED)
    first = TenantState(CONTOSO, EARLIER, tuple(before), skus, None)
    second = TenantState(CONTOSO, LATER, tuple(after), skus, None, blocked_known, sign_ins or {})
    return review(compare(first, second), second)


def small_sheet() -> ReviewSheet:
    """One of everything."""
    blocked = UserState.BLOCKED
    return sheet(
        [
            user(1, NAMES[1], E5),
            user(2, NAMES[2], E5, state=UserState.DELETED),
            user(3, NAMES[3], E5, VISIO),
            user(5, "Idle Ida", E5),
            user(6, "Never Ned", E5),
            user(7, "Blocked Bea", E5, state=blocked),
            user(8, "Unread Uma"),
        ],
        [
            user(0, NAMES[0], E5),
            user(1, NAMES[1], E5, state=UserState.DELETED),
            user(2, NAMES[2], E5),
            user(3, NAMES[3], E5),
            user(4, NAMES[4], VISIO),
            user(5, "Idle Ida", E5),
            user(6, "Never Ned", E5),
            user(7, "Blocked Bea", E5, state=blocked),
            user(8, "Unread Uma")._replace(licenses=None),
        ],
        {UserId("000005"): LATER - timedelta(days=120), UserId("000006"): None},
    )


def long_sheet(users: int) -> ReviewSheet:
    """That many were given a product, and the first three another one as well."""
    people = [
        user(number, f"{NAMES[number % 5]} {number}", *((E5, VISIO) if number < 3 else (E5,)))
        for number in range(users)
    ]
    return sheet([], people)
