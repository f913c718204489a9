"""The licence review sheet: numbered lines, and totals that are their sums."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.comparison import ChangeKind, compare
from o365desk.domain.directory import Tenant, TenantId, User, UserId, UserState
from o365desk.domain.licensing import LicenseAssignment, Sku, SkuId
from o365desk.domain.reconciliation import seats
from o365desk.domain.review import ReviewSheet, review
from o365desk.domain.snapshots import TenantState

CONTOSO = Tenant(TenantId("t"), "Contoso", "contoso.onmicrosoft.com")
OCTOBER = datetime(2026, 10, 22, 9, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 22, 9, tzinfo=UTC)
E5, VISIO = SkuId("e5"), SkuId("visio")
PRODUCTS = (
    Sku(VISIO, "VISIO", "Visio Plan 2", active=2, assigned=1, available=1),
    Sku(E5, "SPE_E5", "Microsoft 365 E5", active=5, assigned=3, available=2),
)
ACTIVE, BLOCKED, DELETED = UserState.ACTIVE, UserState.BLOCKED, UserState.DELETED


def user(name: str, *held: SkuId, state: UserState = ACTIVE) -> User:
    licenses = tuple(LicenseAssignment(sku_id) for sku_id in held)
    return User(UserId(name), name, f"{name}@contoso.com", "", "", state, "GB", licenses)


def sheet(
    before: list[User],
    after: list[User],
    skus: tuple[Sku, ...] = PRODUCTS,
    sign_ins: dict[str, datetime | None] | None = None,
    skus_before: tuple[Sku, ...] = PRODUCTS,
    idle_days: int = 90,
) -> ReviewSheet:
    first = TenantState(CONTOSO, OCTOBER, tuple(before), skus_before, None)
    times = {UserId(name): at for name, at in (sign_ins or {}).items()}
    second = TenantState(CONTOSO, NOVEMBER, tuple(after), skus, None, sign_ins=times)
    return review(compare(first, second), second, idle_days)


def test_seats_that_moved_are_numbered_through() -> None:
    made = sheet(
        [
            user("Anna", E5),
            user("Bert", E5),
            user("Carl", E5),
            user("Dora", E5, state=DELETED),
            user("Eva"),
        ],
        [
            user("Anna", E5, state=DELETED),
            user("Carl", VISIO),
            user("Dora", E5),
            user("Eva", E5),
            user("Finn", E5),
        ],
    )
    e5, visio = made.products
    assert [(one.line, one.display_name, one.occasion) for one in e5.added] == [
        (1, "Dora", ChangeKind.RESTORED),
        (2, "Eva", ChangeKind.LICENSE_GAINED),
        (3, "Finn", ChangeKind.CREATED),
    ]
    assert [(one.line, one.display_name, one.occasion) for one in e5.removed] == [
        (4, "Anna", ChangeKind.DELETED),
        (5, "Bert", ChangeKind.PURGED),
        (6, "Carl", ChangeKind.LICENSE_LOST),
    ]
    assert [(one.line, one.username) for one in visio.added] == [(7, "Carl@contoso.com")]
    assert (e5.net, visio.net) == (0, 1)
    assert (made.added, made.removed, made.net, made.lines) == (4, 3, 1, 7)


def test_the_number_is_the_same_for_everyone() -> None:
    made = sheet([], [])
    assert made.number == "contoso.onmicrosoft.com 2026-10-22/2026-11-22"
    elsewhere = replace(
        made, earlier=OCTOBER.astimezone(), tenant=Tenant(CONTOSO.id, "Contoso", "")
    )
    assert elsewhere.number == "t 2026-10-22/2026-11-22"


@pytest.mark.parametrize(
    ("last", "state", "listed"),
    [
        pytest.param(NOVEMBER - timedelta(days=91), ACTIVE, "idle", id="long ago"),
        pytest.param(NOVEMBER - timedelta(days=90), ACTIVE, "", id="within the limit"),
        pytest.param(NOVEMBER + timedelta(days=3), ACTIVE, "", id="since then"),
        pytest.param(None, ACTIVE, "idle", id="never"),
        pytest.param("not known", ACTIVE, "unknown", id="not known"),
        pytest.param(NOVEMBER - timedelta(days=91), BLOCKED, "blocked", id="blocked and idle"),
        pytest.param("not known", BLOCKED, "blocked", id="blocked"),
        pytest.param(None, DELETED, "", id="deleted"),
    ],
)
def test_holders_that_deserve_a_look(
    last: datetime | str | None, state: UserState, listed: str
) -> None:
    adele = user("Adele", E5, state=state)
    known = {} if isinstance(last, str) else {"Adele": last}
    product = sheet([adele], [adele], sign_ins=known).products[0]
    holders = {"idle": product.idle, "blocked": product.blocked}
    named = [(kind, one.line, one.display_name) for kind, who in holders.items() for one in who]
    assert named == ([(listed, 1, "Adele")] if listed in holders else [])
    assert product.sign_in_unknown == (listed == "unknown")
    assert [one.last_sign_in for one in product.idle] == ([last] if listed == "idle" else [])


def test_who_was_created_since_may_not_have_had_the_time() -> None:
    product = sheet([], [user("Adele", E5)], sign_ins={"Adele": None}).products[0]
    assert (product.idle, product.sign_in_unknown) == ((), 0)


def test_a_failed_assignment_is_no_holder() -> None:
    failed = LicenseAssignment(E5, direct=False, error="CountViolation")
    adele = user("Adele", state=BLOCKED)._replace(licenses=(failed,))
    assert sheet([adele], [adele]).products[0].blocked == ()


def test_holders_stand_in_the_order_of_names() -> None:
    users = [user(name, E5, state=BLOCKED) for name in ("bert", "Carl", "Änne")]
    assert [one.display_name for one in sheet(users, users).products[0].blocked] == [
        "Änne",
        "bert",
        "Carl",
    ]


def test_products_of_either_moment_and_of_the_lines() -> None:
    whole = Sku(SkuId("org"), "ORG", "For everyone", assignable=False)
    gone = Sku(SkuId("gone"), "GONE", "Project Plan 3", active=1, assigned=1, available=0)
    made = sheet(
        [user("Anna", SkuId("gone"), SkuId("nameless"))],
        [user("Anna")],
        skus=(PRODUCTS[1], whole),
        skus_before=(gone, whole),
    )
    e5, nameless, project = made.products
    assert (e5.name, e5.before, e5.after, e5.listed) == (
        "Microsoft 365 E5",
        None,
        PRODUCTS[1],
        False,
    )
    assert (nameless.name, nameless.net, nameless.listed) == ("nameless", -1, True)
    assert (project.name, project.before, project.after, project.net) == (
        "Project Plan 3",
        gone,
        None,
        -1,
    )
    assert (e5.unused, project.unused) == (2, 0)


def test_what_the_counters_say_beyond_the_lines() -> None:
    later = replace(PRODUCTS[1], assigned=6, available=-1)
    product = sheet([], [user("Anna", E5)], skus=(later,)).products[0]
    assert (product.net, product.unlisted, product.unused) == (1, 2, 0)


def test_a_moment_that_does_not_know_who_is_blocked() -> None:
    state = TenantState(CONTOSO, NOVEMBER, (), (), None, blocked_known=False)
    assert not review(compare(state, state), state).blocked_known
    assert sheet([], []).blocked_known


def test_users_without_known_licenses_are_counted() -> None:
    unread = user("Anna")._replace(licenses=None)
    assert sheet([user("Anna", E5)], [unread]).unknown == 1


people = st.lists(
    st.builds(
        lambda name, held, state: user(name, *held, state=state),
        st.sampled_from("abcdef"),
        st.lists(st.sampled_from((E5, VISIO)), unique=True),
        st.sampled_from(UserState),
    ),
    unique_by=lambda one: one.id,
)


@given(people, people, st.dictionaries(st.sampled_from("abc"), st.none() | st.just(OCTOBER)))
def test_totals_are_the_sums_of_the_lines(
    before: list[User], after: list[User], sign_ins: dict[str, datetime | None]
) -> None:
    made = sheet(before, after, sign_ins=sign_ins, idle_days=7)
    moved = seats(after)
    moved.subtract(seats(before))
    assert {p.sku_id: p.net for p in made.products if p.net} == {
        s: n for s, n in moved.items() if n
    }
    assert made.net == sum(moved.values()) == made.added - made.removed
    lines = [
        one.line
        for product in made.products
        for group in (product.added, product.removed, product.blocked, product.idle)
        for one in group
    ]
    assert lines == [*range(1, made.lines + 1)]
    held = seats(after)
    for product in made.products:
        looked_at = len(product.blocked) + len(product.idle) + product.sign_in_unknown
        assert looked_at <= held[product.sku_id]
