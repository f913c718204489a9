"""The restore window and the texts about it."""

from datetime import UTC, datetime, timedelta

import pytest

from o365desk.domain.directory import User, UserId, UserState, days_left, purged

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "left"),
    [
        (timedelta(0), 30),
        (timedelta(seconds=1), 30),
        (timedelta(days=1), 29),
        (timedelta(days=29), 1),
        (timedelta(days=29, hours=23), 1),
        (timedelta(days=30), 1),
        (timedelta(days=30, seconds=1), 0),
        (timedelta(days=31), 0),
        (timedelta(seconds=-30), 30),
    ],
)
def test_days_left(age: timedelta, left: int) -> None:
    """At 30 days 0 s a user is still restorable; a clock a little off changes nothing."""
    assert days_left(NOW - age, NOW) == left


def test_an_unknown_date_is_not_zero_days() -> None:
    assert days_left(None, NOW) is None
    user = User(UserId("u"), "", "", "", "", UserState.DELETED, "", ())
    assert not purged(user, NOW)
    assert purged(user._replace(deleted_at=NOW - timedelta(days=31)), NOW)
