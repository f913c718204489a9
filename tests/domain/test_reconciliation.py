"""Users and counters that move apart, and those that are merely late."""

from datetime import UTC, datetime, timedelta

import pytest

from o365desk.domain.directory import User, UserId, UserState
from o365desk.domain.licensing import GroupId, LicenseAssignment, Sku, SkuId
from o365desk.domain.reconciliation import PATIENCE, Balance, assigned, seats

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
E5, VISIO = SkuId("e5"), SkuId("visio")
STAFF = (GroupId("staff"),)


def user(
    *held: LicenseAssignment, state: UserState = UserState.ACTIVE, unread: bool = False
) -> User:
    return User(UserId("x"), "", "", "", "", state, "", None if unread else held)


def test_who_takes_a_seat() -> None:
    counted = seats(
        [
            user(LicenseAssignment(E5), LicenseAssignment(VISIO)),
            user(LicenseAssignment(E5, direct=False, groups=STAFF)),
            # No seat was left for the group; the direct assignment beside it has one.
            user(LicenseAssignment(E5, direct=False, groups=STAFF, error="CountViolation")),
            user(LicenseAssignment(VISIO, groups=STAFF, error="CountViolation")),
            user(LicenseAssignment(E5), state=UserState.DELETED),
            user(LicenseAssignment(E5), state=UserState.BLOCKED),
            user(),
            user(unread=True),
        ]
    )
    assert counted == {E5: 3, VISIO: 2}


def test_licences_of_the_whole_organisation_are_not_compared() -> None:
    skus = [Sku(E5, "", "", assigned=7), Sku(VISIO, "", "", assigned=1, assignable=False)]
    assert assigned(skus) == {E5: 7}


@pytest.mark.parametrize(
    ("users", "counter", "agree"),
    [
        (0, 0, True),
        (2, 2, True),
        (-3, -3, True),
        (2, 0, True),
        (2, 1, True),
        (-2, -1, True),
        (0, 1, False),
        (0, -1, False),
        (2, 3, False),
        (2, -1, False),
        (-2, 1, False),
    ],
)
def test_how_both_moved(users: int, counter: int, agree: bool) -> None:
    """Absolute figures never need to be equal: who is not listed is counted too."""
    balance = Balance({E5: 10}, {E5: 14})
    found = balance.disagreeing({E5: 10 + users}, {E5: 14 + counter}, NOW)
    assert found == (() if agree else (E5,))


def test_a_late_counter_is_waited_for_and_no_longer() -> None:
    balance = Balance({E5: 10}, {E5: 10})
    assert balance.disagreeing({E5: 11}, {E5: 10}, NOW) == ()
    assert balance.disagreeing({E5: 11}, {E5: 10}, NOW + PATIENCE) == ()
    late = NOW + PATIENCE + timedelta(seconds=1)
    assert balance.disagreeing({E5: 11}, {E5: 10}, late) == (E5,)
    # Another move of the users starts the wait anew; a counter that has come is no matter.
    assert balance.disagreeing({E5: 12}, {E5: 10}, late) == ()
    assert balance.disagreeing({E5: 12}, {E5: 12}, late + PATIENCE * 2) == ()


def test_products_that_came_or_went() -> None:
    balance = Balance({E5: 10}, {E5: 10})
    assert balance.disagreeing({E5: 10}, {VISIO: 0}, NOW) == ()
    assert balance.disagreeing({E5: 10}, {E5: 10, VISIO: 1}, NOW) == (VISIO,)
