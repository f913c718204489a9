"""ComparedMoments: which pair of snapshots a period or a choice means."""

from datetime import UTC, datetime, timedelta

import pytest

from o365desk.models.compared_moments import USUAL, ComparedMoments, Period

NEWEST = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def days(*ago: float) -> list[datetime]:
    return [NEWEST - timedelta(days=one) for one in ago]


@pytest.fixture
def moments() -> ComparedMoments:
    made = ComparedMoments()
    made.set_times(days(0, 1, 6, 8, 30, 32, 60))
    assert made.pair == (*days(32), NEWEST), "the monthly question"
    made.set_period(Period.PREVIOUS)
    return made


@pytest.mark.parametrize(
    ("period", "ago"),
    [(Period.PREVIOUS, 1), (Period.WEEK, 8), (Period.MONTH, 32)],
    ids=["previous", "week", "month"],
)
def test_periods_count_back_from_the_newest(
    moments: ComparedMoments, period: Period, ago: int
) -> None:
    moments.set_period(period)
    assert moments.pair == (*days(ago), NEWEST), "28 February is a month before 31 March"


def test_without_anything_that_old_the_oldest_is_taken(moments: ComparedMoments) -> None:
    moments.set_times(days(0, 1, 2))
    moments.set_period(Period.WEEK)
    assert moments.pair == (*days(2), NEWEST)


@pytest.mark.parametrize("count", [0, 1])
def test_two_are_needed(moments: ComparedMoments, count: int) -> None:
    moments.set_times(days(*range(count)))
    assert moments.pair is None
    moments.set_earlier(NEWEST)
    moments.set_later(NEWEST)
    moments.set_period(Period.ANY)
    assert moments.pair is None


def test_the_earlier_one_is_always_earlier(moments: ComparedMoments) -> None:
    moments.set_earlier(days(30)[0])
    assert moments.pair == (*days(30), NEWEST)
    assert moments.period is Period.ANY
    moments.set_later(days(8)[0])
    assert moments.pair == tuple(days(30, 8))
    moments.set_earlier(days(6)[0])
    assert moments.pair == tuple(days(6, 1)), "the next one after it gives way least"
    moments.set_later(days(32)[0])
    assert moments.pair == tuple(days(60, 32))
    moments.set_later(days(60)[0])
    assert moments.pair == tuple(days(60, 32)), "nothing is earlier than the oldest"
    moments.set_earlier(NEWEST)
    assert moments.pair == tuple(days(1, 0)), "nothing is later than the newest"


def test_a_new_snapshot_moves_periods_but_no_chosen_pair(moments: ComparedMoments) -> None:
    new = NEWEST + timedelta(days=1)
    moments.set_times([*days(0, 1, 6), new])
    assert moments.pair == (NEWEST, new)
    moments.set_earlier(days(6)[0])
    moments.set_times([*days(0, 1, 6), new, new + timedelta(days=1)])
    assert moments.pair == (days(6)[0], new)
    moments.set_times(days(0, 1))
    assert moments.pair == tuple(days(1, 0)), "what was chosen is not kept any more"
    assert moments.period is USUAL
