"""What differs between two states of a tenant, line by line, and in sum."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.comparison import ChangeKind, Comparison, compare
from o365desk.domain.directory import Tenant, TenantId, User, UserId, UserState
from o365desk.domain.licensing import (
    GroupId,
    LicenseAssignment,
    PlanId,
    Sku,
    SkuId,
    Subscription,
    SubscriptionState,
)
from o365desk.domain.reconciliation import seats
from o365desk.domain.snapshots import TenantState

CONTOSO = Tenant(TenantId("t"), "Contoso", "contoso.onmicrosoft.com")
OCTOBER = datetime(2026, 10, 22, 9, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 22, 9, tzinfo=UTC)
E5, VISIO = SkuId("e5"), SkuId("visio")
STAFF, SALES = GroupId("staff"), GroupId("sales")
DIRECT = LicenseAssignment(E5)
FAILED = LicenseAssignment(E5, direct=False, groups=(STAFF,), error="CountViolation")
ACTIVE, BLOCKED, DELETED = UserState.ACTIVE, UserState.BLOCKED, UserState.DELETED
PRODUCTS = (Sku(E5, "SPE_E5", "Microsoft 365 E5"), Sku(VISIO, "VISIO", "Visio Plan 2"))
ADELE = User(
    UserId("adele"), "Adele Vance", "adele@contoso.com", "Adele", "Vance", ACTIVE, "GB", ()
)

Line = tuple[ChangeKind, SkuId | None, str, str]


def state(
    *users: User,
    at: datetime = OCTOBER,
    skus: tuple[Sku, ...] = PRODUCTS,
    subscriptions: tuple[Subscription, ...] | None = (),
) -> TenantState:
    return TenantState(CONTOSO, at, users, skus, subscriptions)


def became(before: User | None, after: User | None) -> Comparison:
    return compare(state(*filter(None, [before])), state(*filter(None, [after]), at=NOVEMBER))


def lines(comparison: Comparison) -> list[Line]:
    return [(c.kind, c.sku_id, c.before, c.after) for c in comparison.changes]


def holding(*held: LicenseAssignment, state: UserState = ACTIVE) -> User:
    return ADELE._replace(licenses=held, state=state)


VISIO_TOO = holding(DIRECT, LicenseAssignment(VISIO))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            None,
            VISIO_TOO,
            [
                (ChangeKind.LICENSE_GAINED, E5, "", "direct"),
                (ChangeKind.LICENSE_GAINED, VISIO, "", "direct"),
                (ChangeKind.CREATED, None, "", ""),
            ],
            id="created",
        ),
        pytest.param(
            None,
            holding(DIRECT, state=DELETED),
            [(ChangeKind.CREATED, None, "", ""), (ChangeKind.DELETED, None, "", "")],
            id="created and deleted again",
        ),
        pytest.param(
            VISIO_TOO,
            VISIO_TOO._replace(state=DELETED),
            [
                (ChangeKind.LICENSE_LOST, E5, "direct", ""),
                (ChangeKind.LICENSE_LOST, VISIO, "direct", ""),
                (ChangeKind.DELETED, None, "", ""),
            ],
            id="deleted",
        ),
        pytest.param(
            holding(state=DELETED),
            holding(DIRECT, state=BLOCKED),
            [
                (ChangeKind.LICENSE_GAINED, E5, "", "direct"),
                (ChangeKind.RESTORED, None, "", ""),
            ],
            id="restored",
        ),
        pytest.param(
            holding(DIRECT, FAILED._replace(sku_id=VISIO)),
            None,
            [
                (ChangeKind.LICENSE_LOST, E5, "direct", ""),
                (ChangeKind.LICENSE_CHANGED, VISIO, "1 group, failed: CountViolation", ""),
                (ChangeKind.PURGED, None, "", ""),
            ],
            id="gone without having been seen among the deleted",
        ),
        pytest.param(
            holding(DIRECT, state=DELETED),
            None,
            [(ChangeKind.PURGED, None, "", "")],
            id="purged",
        ),
        pytest.param(
            holding(DIRECT, state=DELETED),
            holding(state=DELETED),
            [],
            id="licenses of a deleted user",
        ),
        pytest.param(
            holding(DIRECT),
            holding(FAILED),
            [(ChangeKind.LICENSE_LOST, E5, "direct", "1 group, failed: CountViolation")],
            id="a group in which no seat was left",
        ),
        pytest.param(
            holding(),
            holding(FAILED),
            [(ChangeKind.LICENSE_CHANGED, E5, "", "1 group, failed: CountViolation")],
            id="a failed assignment takes no seat",
        ),
        pytest.param(
            holding(FAILED),
            holding(FAILED._replace(error="")),
            [(ChangeKind.LICENSE_GAINED, E5, "failed: CountViolation", "no error")],
            id="a failed assignment succeeds",
        ),
        pytest.param(
            holding(DIRECT),
            holding(LicenseAssignment(E5, groups=(SALES, STAFF))),
            [(ChangeKind.LICENSE_CHANGED, E5, "direct", "direct and 2 groups")],
            id="through groups as well",
        ),
        pytest.param(
            holding(LicenseAssignment(E5, direct=False, groups=(STAFF,))),
            holding(LicenseAssignment(E5, direct=False, groups=(SALES,))),
            [(ChangeKind.LICENSE_CHANGED, E5, "1 group", "1 other group")],
            id="through another group",
        ),
        pytest.param(
            holding(LicenseAssignment(E5, groups=(SALES, STAFF))),
            holding(LicenseAssignment(E5, groups=(STAFF, SALES))),
            [],
            id="the order of groups says nothing",
        ),
        pytest.param(
            holding(DIRECT),
            holding(LicenseAssignment(E5, disabled_plans=(PlanId("teams"), PlanId("sway")))),
            [(ChangeKind.LICENSE_CHANGED, E5, "all plans on", "2 plans off")],
            id="plans off",
        ),
        pytest.param(
            holding(LicenseAssignment(E5, disabled_plans=(PlanId("teams"),))),
            holding(LicenseAssignment(E5, disabled_plans=(PlanId("sway"),))),
            [(ChangeKind.LICENSE_CHANGED, E5, "1 plan off", "1 other plan off")],
            id="another plan off",
        ),
        pytest.param(
            holding(LicenseAssignment(E5, direct=False)),
            holding(LicenseAssignment(E5, error="CountViolation")),
            [
                (
                    ChangeKind.LICENSE_CHANGED,
                    E5,
                    "inherited",
                    "direct, failed: CountViolation",
                )
            ],
            id="no group is named",
        ),
        pytest.param(
            ADELE,
            ADELE._replace(display_name="Adele Green", last_name="Green"),
            [(ChangeKind.RENAMED, None, "Adele Vance", "Adele Green")],
            id="renamed",
        ),
        pytest.param(
            ADELE._replace(mail="adele@contoso.com"),
            ADELE._replace(
                first_name="Adela", username="adela@contoso.com", mail="adela@contoso.com"
            ),
            [
                (
                    ChangeKind.RENAMED,
                    None,
                    "Adele · adele@contoso.com",
                    "Adela · adela@contoso.com",
                )
            ],
            id="other names and address",
        ),
        pytest.param(ADELE, ADELE._replace(mail="adele@contoso.com"), [], id="first mail address"),
        pytest.param(
            ADELE, ADELE._replace(state=BLOCKED), [(ChangeKind.BLOCKED, None, "", "")], id="blocked"
        ),
        pytest.param(
            ADELE._replace(state=BLOCKED),
            ADELE._replace(location=""),
            [(ChangeKind.UNBLOCKED, None, "", ""), (ChangeKind.LOCATION, None, "GB", "")],
            id="unblocked and moved",
        ),
        pytest.param(None, None, [], id="in neither"),
    ],
)
def test_lines_of_one_user(before: User | None, after: User | None, expected: list[Line]) -> None:
    assert lines(became(before, after)) == expected


def test_a_line_bears_the_newest_name_and_the_last_one_of_who_is_gone() -> None:
    renamed = holding(DIRECT)._replace(display_name="Adele Green", username="green@contoso.com")
    named = {(c.display_name, c.username) for c in became(ADELE, renamed).changes}
    assert named == {("Adele Green", "green@contoso.com")}
    gone = {(c.display_name, c.username) for c in became(ADELE, None).changes}
    assert gone == {("Adele Vance", "adele@contoso.com")}


UNREAD = ADELE._replace(licenses=None)


@pytest.mark.parametrize(
    ("before", "after", "unknown"),
    [
        pytest.param(UNREAD, VISIO_TOO, 1, id="before"),
        pytest.param(VISIO_TOO, UNREAD, 1, id="after"),
        pytest.param(UNREAD, UNREAD, 1, id="at both moments"),
        pytest.param(UNREAD, UNREAD._replace(state=DELETED), 1, id="who was deleted"),
        pytest.param(None, UNREAD, 1, id="who was created"),
        pytest.param(UNREAD, None, 1, id="who is gone"),
        pytest.param(UNREAD._replace(state=DELETED), VISIO_TOO, 0, id="a deleted user holds none"),
        pytest.param(ADELE, VISIO_TOO, 0, id="known"),
    ],
)
def test_unknown_licenses_are_counted_and_have_no_line(
    before: User | None, after: User | None, unknown: int
) -> None:
    found = became(before, after)
    assert found.unknown == unknown
    assert unknown == 0 or not found.net


def test_who_was_blocked_is_compared_where_both_moments_know_it() -> None:
    known, blind = state(ADELE._replace(state=BLOCKED)), replace(state(ADELE), blocked_known=False)
    for found in (compare(known, blind), compare(blind, known)):
        assert (found.changes, found.blocked_known) == ((), False)
    assert compare(known, state(ADELE)).blocked_known


PLAIN = Sku(E5, "", "Microsoft 365 E5", status="Enabled")


@pytest.mark.parametrize(
    "after",
    [
        replace(PLAIN, active=1),
        replace(PLAIN, assigned=1),
        replace(PLAIN, available=-1),
        replace(PLAIN, suspended=1),
        replace(PLAIN, warning=1),
        replace(PLAIN, status="Warning"),
    ],
    ids=["active", "assigned", "available", "suspended", "warning", "status"],
)
def test_a_counter_that_moved(after: Sku) -> None:
    other = PRODUCTS[1]
    found = compare(state(skus=(PLAIN, other)), state(skus=(other, after))).counters
    assert [(c.sku_id, c.name, c.before, c.after) for c in found] == [
        (E5, "Microsoft 365 E5", PLAIN, after)
    ]


def test_products_that_came_and_went() -> None:
    e5, visio = PRODUCTS
    found = compare(state(skus=(visio,)), state(skus=(e5,))).counters
    assert [(c.name, c.before, c.after) for c in found] == [
        ("Microsoft 365 E5", None, e5),
        ("Visio Plan 2", visio, None),
    ]


BOUGHT = Subscription("s1", E5, "Microsoft 365 E5", SubscriptionState.ACTIVE, 10)


@pytest.mark.parametrize(
    "after",
    [
        None,
        replace(BOUGHT, quantity=5),
        replace(BOUGHT, state=SubscriptionState.SUSPENDED),
        replace(BOUGHT, term="P1Y"),
        replace(BOUGHT, term_end=NOVEMBER),
    ],
    ids=["gone", "quantity", "state", "term", "end of term"],
)
def test_a_subscription_that_differs(after: Subscription | None) -> None:
    now = tuple(filter(None, [after]))
    found = compare(state(subscriptions=(BOUGHT,)), state(subscriptions=now)).subscriptions
    assert [(s.id, s.before, s.after) for s in found] == [("s1", BOUGHT, after)]
    back = compare(state(subscriptions=now), state(subscriptions=(BOUGHT,))).subscriptions
    assert [(s.id, s.before, s.after) for s in back] == [("s1", after, BOUGHT)]


def test_subscriptions_are_compared_where_both_moments_know_them() -> None:
    unread = state(subscriptions=None)
    assert compare(unread, state(subscriptions=(BOUGHT,))).subscriptions == ()
    assert compare(state(subscriptions=(BOUGHT,)), unread).subscriptions == ()
    named = replace(BOUGHT, friendly_name="Old contract")
    assert (
        compare(state(subscriptions=(BOUGHT,)), state(subscriptions=(named,))).subscriptions == ()
    )


# ---- any two states --------------------------------------------------------------------------

assignments = st.builds(
    LicenseAssignment,
    st.sampled_from((E5, VISIO)),
    st.booleans(),
    st.sampled_from(((), (STAFF,), (SALES, STAFF))),
    st.sampled_from(((), (PlanId("teams"),))),
    st.sampled_from(("", "CountViolation")),
)
licenses = st.lists(assignments, max_size=2, unique_by=lambda held: held.sku_id).map(tuple)


@st.composite
def users(draw: st.DrawFn, known: bool) -> tuple[User, ...]:
    return tuple(
        User(
            UserId(id_),
            draw(st.sampled_from(("Adele", "adele", "Ελένη"))),
            f"{id_}@contoso.com",
            "",
            "",
            draw(st.sampled_from(UserState)),
            draw(st.sampled_from(("GB", "DE"))),
            draw(licenses if known else licenses | st.none()),
        )
        for id_ in draw(st.lists(st.sampled_from("abcdef"), unique=True))
    )


@given(users(known=True), users(known=True))
def test_totals_and_seats_agree_with_the_states(
    before: tuple[User, ...], after: tuple[User, ...]
) -> None:
    found = compare(state(*before), state(*after, at=NOVEMBER))
    moved = seats(after)
    moved.subtract(seats(before))
    assert {s: n for s, n in found.net.items() if n} == {s: n for s, n in moved.items() if n}
    assert sum(found.totals.values()) == len(found.changes)
    was, now = ({u.id for u in side} for side in (before, after))
    assert found.totals[ChangeKind.CREATED] == len(now - was)
    assert found.totals[ChangeKind.PURGED] == len(was - now)
    order = [list(ChangeKind).index(change.kind) for change in found.changes]
    assert order == sorted(order)
    assert found.unknown == 0


@given(users(known=False), users(known=False))
def test_there_and_back(before: tuple[User, ...], after: tuple[User, ...]) -> None:
    there = compare(state(*before), state(*after))
    back = compare(state(*after), state(*before))
    mirror = {
        ChangeKind.LICENSE_GAINED: ChangeKind.LICENSE_LOST,
        ChangeKind.LICENSE_LOST: ChangeKind.LICENSE_GAINED,
        ChangeKind.LICENSE_CHANGED: ChangeKind.LICENSE_CHANGED,
        ChangeKind.BLOCKED: ChangeKind.UNBLOCKED,
        ChangeKind.UNBLOCKED: ChangeKind.BLOCKED,
        ChangeKind.CREATED: ChangeKind.PURGED,
        ChangeKind.PURGED: ChangeKind.CREATED,
        ChangeKind.LOCATION: ChangeKind.LOCATION,
    }

    def mirrored(comparison: Comparison) -> Counter[tuple[ChangeKind, UserId, SkuId | None]]:
        return Counter(
            (mirror[c.kind], c.user_id, c.sku_id) for c in comparison.changes if c.kind in mirror
        )

    assert mirrored(there) == Counter(
        (c.kind, c.user_id, c.sku_id) for c in back.changes if c.kind in mirror
    )
    assert there.unknown == back.unknown
    assert compare(state(*before), state(*before)).changes == ()


@given(users(known=False), users(known=False))
def test_equal_users_may_be_left_out(before: tuple[User, ...], after: tuple[User, ...]) -> None:
    same = {user for user in before if user in after and user.licenses is not None}
    whole = compare(state(*before), state(*after))
    assert whole == compare(
        state(*(u for u in before if u not in same)), state(*(u for u in after if u not in same))
    )
