"""Which snapshots are kept: examples in days, and what holds for any history."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.retention import Retention

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SHORT = Retention(all_days=3, daily_days=20)


def days_ago(*days: float) -> list[datetime]:
    return [NOW - DAY * day for day in days]


def test_every_snapshot_of_the_last_days_then_one_a_day_then_one_a_month() -> None:
    recent = days_ago(0, 0.1, 0.2, 2.9, 3)
    daily = {16: days_ago(14.6, 15.1), 21: days_ago(10)}  # 12:00 is in the middle of a day
    old = days_ago(31, 45, 58), days_ago(59, 80)  # February and the last day of it; January
    every = [*recent, *daily[16], *daily[21], *old[0], *old[1]]
    kept = SHORT.kept(every, NOW)
    assert kept == {*recent, daily[16][0], daily[21][0], old[0][0], old[1][0]}


def test_without_months_the_newest_stays_all_the_same() -> None:
    none = Retention(all_days=3, daily_days=20, monthly=False)
    assert none.kept(days_ago(1, 21, 400), NOW) == set(days_ago(1))
    assert none.kept(days_ago(399, 400), NOW) == set(days_ago(399))
    assert none.kept([], NOW) == set()


def test_a_clock_that_was_set_back_loses_nothing() -> None:
    assert SHORT.kept(days_ago(-400, -300, 1), NOW) == set(days_ago(-400, -300, 1))


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        pytest.param(UTC, 1, id="one day in Greenwich"),
        pytest.param(ZoneInfo("Asia/Tokyo"), 2, id="two in Tokyo"),
        pytest.param(ZoneInfo("America/Los_Angeles"), 1, id="one in Los Angeles"),
    ],
)
def test_days_are_those_of_the_place(zone: ZoneInfo, days: int) -> None:
    times = [datetime(2026, 3, 20, hour, tzinfo=UTC) for hour in (9, 14, 16)]
    kept = SHORT.kept([*times, NOW], NOW, zone)
    assert len(kept) == days + 1
    assert times[-1] in kept


def test_both_two_o_clocks_of_a_night_in_autumn_are_one_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 11, 5, tzinfo=UTC)
    times = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    assert SHORT.kept([*times, now], now, berlin) == {times[1], now}


ZONES = st.sampled_from([UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Auckland")])
BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)
TIMES = st.lists(st.timedeltas(0 * DAY, 424 * DAY).map(BEGINNING.__add__), max_size=60)
RULES = st.builds(
    Retention,
    all_days=st.integers(0, 40),
    daily_days=st.integers(0, 200),
    monthly=st.booleans(),
)


@given(TIMES, RULES, ZONES, st.timedeltas(timedelta(0), 300 * DAY))
def test_what_holds_for_any_history(
    times: list[datetime], rule: Retention, zone: ZoneInfo, since: timedelta
) -> None:
    now = max(times, default=NOW) + since
    kept = rule.kept(times, now, zone)
    assert kept <= set(times)
    assert not times or max(times) in kept
    assert {at for at in times if now - at <= rule.all_days * DAY} <= kept
    rest = sorted(kept)[:-1]  # without the newest, which stays in any case
    if not rule.monthly:
        limit = max(rule.all_days, rule.daily_days) * DAY
        assert all(now - at <= limit for at in rest)
    daily = [at for at in rest if now - at > rule.all_days * DAY]
    days = [at.astimezone(zone).date() for at in daily]
    monthly = [at.astimezone(zone).date() for at in daily if now - at > rule.daily_days * DAY]
    # The border of months goes through a day, of which both sides keep one.
    assert sum(a == b for a, b in pairwise(days)) <= 1
    assert all((a.year, a.month) != (b.year, b.month) for a, b in pairwise(monthly))


@given(TIMES, RULES, ZONES, st.lists(st.timedeltas(timedelta(0), 90 * DAY), max_size=5))
def test_thinning_out_often_ends_in_the_same(
    times: list[datetime], rule: Retention, zone: ZoneInfo, waits: list[timedelta]
) -> None:
    """However often it is done, while new snapshots come, as at the end and once."""
    now = datetime(2025, 3, 1, tzinfo=UTC)
    held = frozenset(at for at in times if at <= now)
    for wait in waits:
        held = rule.kept(held, now, zone)
        held |= {at for at in times if now < at <= now + wait}
        now += wait
    assert rule.kept(held, now, zone) == rule.kept([at for at in times if at <= now], now, zone)
