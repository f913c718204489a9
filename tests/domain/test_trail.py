"""Since when a product is over-allocated, and what made it so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.comparison import compare
from o365desk.domain.directory import Tenant, TenantId, User, UserId, UserState
from o365desk.domain.licensing import (
    LicenseAssignment,
    Sku,
    SkuId,
    Subscription,
    SubscriptionState,
)
from o365desk.domain.snapshots import CounterPoint, CounterSeries, TenantState
from o365desk.domain.trail import CauseKind, Trail, causes, over_allocated_since

CONTOSO = Tenant(TenantId("t"), "Contoso", "contoso.onmicrosoft.com")
START = datetime(2026, 10, 1, 9, tzinfo=UTC)
E5 = SkuId("e5")
HELD = (LicenseAssignment(E5),)
ACTIVE, DELETED = UserState.ACTIVE, UserState.DELETED
BOUGHT = Subscription("s1", E5, "Microsoft 365 E5", SubscriptionState.ACTIVE, 10)
PRODUCT = Sku(E5, "SPE_E5", "Microsoft 365 E5", subscription_ids=("s1",))


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def series(*available: int, seen: tuple[int, ...] | None = None) -> CounterSeries:
    """One snapshot a day; `seen` are the days whose snapshot is still there."""
    points = tuple(
        CounterPoint(day(number), 0, 0, free)
        for number, free in enumerate(available)
        if number == 0 or available[number - 1] != free
    )
    days = range(len(available)) if seen is None else seen
    return CounterSeries(CONTOSO, E5, "Microsoft 365 E5", points, tuple(map(day, days)))


@pytest.mark.parametrize(
    ("available", "at", "expected"),
    [
        pytest.param((2, 0, -1, -1), None, (1, 2), id="at the end"),
        pytest.param((2, -1, -3, -2), None, (0, 1), id="deeper and deeper"),
        pytest.param((-1, 0, 0, -2, -2), None, (2, 3), id="for the second time"),
        pytest.param((-1, -2), None, (None, 0), id="in the first snapshot"),
        pytest.param((0, -1, 0), None, None, id="not any more"),
        pytest.param((0, -1, 0), 1, (0, 1), id="at a chosen moment"),
        pytest.param((0, -1), 0, None, id="not yet"),
        pytest.param((), None, None, id="never seen"),
    ],
)
def test_since_when(
    available: tuple[int, ...], at: int | None, expected: tuple[int | None, int] | None
) -> None:
    found = over_allocated_since(series(*available), None if at is None else day(at))
    if expected is None:
        assert found is None
    else:
        earlier, later = expected
        assert found == (None if earlier is None else day(earlier), day(later))


def test_a_snapshot_that_was_thinned_out() -> None:
    assert over_allocated_since(series(1, 1, -1, -1, seen=(0, 3))) == (day(0), day(3))


def user(name: str, state: UserState = ACTIVE, held: bool = True) -> User:
    return User(
        UserId(name), name, f"{name}@contoso.com", "", "", state, "GB", HELD if held else ()
    )


def state(at: int, sku: Sku, *users: User, bought: Subscription | None = BOUGHT) -> TenantState:
    return TenantState(CONTOSO, day(at), users, (sku,), tuple(filter(None, [bought])))


def counted(capacity: int, assigned: int, **more: int) -> Sku:
    """Counters as Microsoft sums them."""
    made = replace(PRODUCT, active=capacity, assigned=assigned, available=capacity - assigned)
    return replace(made, suspended=more.get("suspended", 0), warning=more.get("warning", 0))


def told(trail: Trail) -> list[tuple[int, str]]:
    return [(cause.seats, cause.sentence) for cause in trail.causes]


def test_s31_s33_a_restored_user_over_allocates() -> None:
    """Adele is deleted, Alex is given her seat, Adele comes back with her license."""
    adele, alex = user("Adele Vance"), user("Alex Wilber")
    gone = user("Adele Vance", DELETED)
    states = [
        state(0, counted(1, 1), adele, user("Alex Wilber", held=False)),
        state(1, counted(1, 0), gone, user("Alex Wilber", held=False)),
        state(2, counted(1, 1), gone, alex),
        state(3, counted(1, 2), adele, alex),
        state(4, counted(1, 2), adele, alex),
    ]
    line = series(*(one.skus[0].available for one in states))
    assert over_allocated_since(line) == (day(2), day(3))
    trail = causes(compare(states[2], states[3]), E5)
    assert told(trail) == [(-1, "Adele Vance was restored with this product.")]
    assert (trail.before, trail.after) == (counted(1, 1), counted(1, 2))
    assert (trail.moved, trail.unexplained) == (-1, 0)
    assert (trail.earlier, trail.later) == (day(2), day(3))
    assert [line.user_id for line in trail.causes[0].users] == ["Adele Vance"]


def test_all_that_users_do_is_told_apart() -> None:
    before = state(
        0,
        counted(9, 3),
        user("Anna"),
        user("Bert"),
        user("Carl"),
        user("Dora", DELETED),
        user("Eva", held=False),
        user("Finn", held=False),
    )
    after = state(
        1,
        counted(9, 5),
        user("Anna", DELETED),
        user("Carl", held=False),
        user("Dora"),
        user("Eva"),
        user("Finn"),
        user("Gina"),
        user("Hugo"),
    )
    trail = causes(compare(before, after), E5)
    assert told(trail) == [
        (-1, "Dora was restored with this product."),
        (-2, "Gina and Hugo were created with this product."),
        (-2, "Eva and Finn were given this product."),
        (2, "Anna and Bert were deleted, which freed what they held."),
        (1, "This product was taken from Carl."),
    ]
    assert trail.moved == -2


@pytest.mark.parametrize(
    ("count", "names"),
    [
        (1, "User 0 was"),
        (3, "User 0, User 1 and User 2 were"),
        (4, "User 0, User 1, User 2 and User 3 were"),
        (5, "User 0, User 1, User 2 and 2 more were"),
    ],
)
def test_names_in_a_sentence(count: int, names: str) -> None:
    users = [user(f"User {number}") for number in range(count)]
    trail = causes(compare(state(0, counted(9, 0)), state(1, counted(9, count), *users)), E5)
    assert told(trail) == [(-count, f"{names} created with this product.")]


SUSPENDED = replace(BOUGHT, state=SubscriptionState.SUSPENDED)
NAME = "subscription “Microsoft 365 E5”"


@pytest.mark.parametrize(
    ("before", "after", "capacity", "sentence"),
    [
        pytest.param(
            BOUGHT, SUSPENDED, -10, f"10 seats were lost: {NAME} was suspended.", id="suspended"
        ),
        pytest.param(
            BOUGHT,
            replace(BOUGHT, state=SubscriptionState.DELETED),
            -10,
            f"10 seats were lost: {NAME} was deleted.",
            id="deleted",
        ),
        pytest.param(BOUGHT, None, -10, f"10 seats were lost: {NAME} is gone.", id="gone"),
        pytest.param(
            BOUGHT,
            replace(BOUGHT, quantity=9),
            -1,
            f"1 seat was lost: {NAME} went from 10 to 9 seats.",
            id="cut",
        ),
        pytest.param(
            BOUGHT,
            replace(BOUGHT, quantity=13, state=SubscriptionState.WARNING),
            3,
            f"3 seats were added: {NAME} went from 10 to 13 seats.",
            id="more",
        ),
        pytest.param(None, BOUGHT, 10, f"10 seats were added: {NAME} is new.", id="new"),
        pytest.param(
            SUSPENDED, BOUGHT, 10, f"10 seats were added: {NAME} is active again.", id="again"
        ),
        pytest.param(
            replace(BOUGHT, sku_id=None),
            replace(SUSPENDED, sku_id=None),
            -10,
            f"10 seats were lost: {NAME} was suspended.",
            id="known by its id only",
        ),
        pytest.param(
            BOUGHT,
            BOUGHT,
            -2,
            "2 seats were lost: no subscription says why.",
            id="no subscription says so",
        ),
    ],
)
def test_capacity(
    before: Subscription | None, after: Subscription | None, capacity: int, sentence: str
) -> None:
    trail = causes(
        compare(
            state(0, counted(20, 5), bought=before),
            state(1, counted(20 + capacity, 5), bought=after),
        ),
        E5,
    )
    assert told(trail) == [(capacity, sentence)]
    assert trail.causes[0].kind is (
        CauseKind.CAPACITY_LOST if capacity < 0 else CauseKind.CAPACITY_ADDED
    )


def test_seats_that_the_counters_call_suspended() -> None:
    trail = causes(
        compare(state(0, counted(5, 5)), state(1, counted(2, 5, suspended=3))),
        E5,
    )
    assert told(trail) == [(-3, "3 seats were lost: they are suspended now.")]


def test_the_grace_period_takes_nothing_away() -> None:
    before = counted(5, 5)
    after = replace(before, active=0, warning=5)
    expired = replace(BOUGHT, state=SubscriptionState.WARNING)
    trail = causes(compare(state(0, before), state(1, after, bought=expired)), E5)
    assert trail.causes == ()


def test_what_is_not_explained_is_named() -> None:
    unread = user("Adele Vance")._replace(licenses=None)
    found = compare(
        state(0, counted(5, 5), user("Adele Vance")),
        state(1, counted(5, 8), unread, user("Alex Wilber")),
    )
    assert told(causes(found, E5)) == [
        (-1, "Alex Wilber was created with this product."),
        (
            -2,
            "2 seats were taken beyond what was seen."
            " It is not known what 1 user held at both moments.",
        ),
    ]
    lag = causes(compare(state(0, counted(5, 5)), state(1, counted(5, 4))), E5)
    assert told(lag) == [(1, "1 seat was freed beyond what was seen.")]
    assert lag.unexplained == lag.moved == 1


def test_a_product_of_which_nothing_moved() -> None:
    same = state(0, counted(5, 5))
    assert causes(compare(same, same), E5).causes == ()


small = st.integers(0, 4)
skus = st.none() | st.builds(
    Sku,
    id=st.just(E5),
    part_number=st.just(""),
    name=st.just(""),
    active=small,
    assigned=small,
    available=st.integers(-4, 4),
    suspended=small,
    warning=small,
)
bought = st.none() | st.builds(
    Subscription,
    id=st.just("s1"),
    sku_id=st.sampled_from((E5, SkuId("visio"))),
    name=st.just(""),
    state=st.sampled_from(SubscriptionState),
    quantity=small,
)
people = st.lists(
    st.builds(user, st.sampled_from("abcd"), st.sampled_from(UserState), st.booleans()),
    unique_by=lambda one: one.id,
)


@given(st.tuples(skus, bought, people), st.tuples(skus, bought, people))
def test_causes_add_up_to_the_move(
    before: tuple[Sku | None, Subscription | None, list[User]],
    after: tuple[Sku | None, Subscription | None, list[User]],
) -> None:
    first, second = (
        TenantState(
            CONTOSO,
            day(number),
            tuple(users),
            tuple(filter(None, [sku])),
            tuple(filter(None, [subscription])),
        )
        for number, (sku, subscription, users) in enumerate((before, after))
    )
    trail = causes(compare(first, second), E5)
    free = [sku.available if sku else 0 for sku in (before[0], after[0])]
    if trail.before or trail.after:
        assert trail.moved == free[1] - free[0]
    assert sum(cause.seats for cause in trail.causes) == trail.moved
    assert all(cause.seats for cause in trail.causes)
    assert all(abs(cause.seats) == len(cause.users) for cause in trail.causes if cause.users)
