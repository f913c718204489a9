"""Which two snapshots are compared: by a period that is asked for, or one by one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum


class Period(StrEnum):
    """What is asked for most, counted back from the newest snapshot."""

    PREVIOUS = "Since the previous snapshot"
    WEEK = "Last 7 days"
    MONTH = "Last month"
    ANY = "Any two snapshots"


USUAL = Period.MONTH
"""What the last invoice was about, as a rule: the question that is asked every month."""


class ComparedMoments:
    """Two of the snapshots of a tenant, the earlier one first. No Qt in here."""

    def __init__(self) -> None:
        self._times: list[datetime] = []
        self.period = USUAL
        self.pair: tuple[datetime, datetime] | None = None
        """None while there are no two snapshots."""

    def set_times(self, times: Sequence[datetime]) -> None:
        """Times of all snapshots. A pair that was chosen by hand stays, if both are still kept;
        any other follows the newest."""
        self._times = sorted(times)
        if self.period is Period.ANY and self.pair and {*self.pair} <= {*self._times}:
            return
        if self.period is Period.ANY:
            self.period = USUAL
        self.set_period(self.period)

    def set_period(self, period: Period) -> None:
        """ANY leaves the pair as it is."""
        self.period = period
        if len(self._times) < 2:
            self.pair = None
        elif period is not Period.ANY:
            *before, newest = self._times
            start = _start(period, newest)
            kept = [at for at in before if at <= start]
            # Where nothing is that old, the oldest comes nearest.
            self.pair = (kept[-1] if kept else before[0], newest)

    def set_earlier(self, at: datetime) -> None:
        """Chooses the earlier one; a later one that is not later any more gives way."""
        if self.pair is not None:
            self.period = Period.ANY
            after = [one for one in self._times if one > at]
            self.pair = (at, max(self.pair[1], after[0])) if after else (self._times[-2], at)

    def set_later(self, at: datetime) -> None:
        """Chooses the later one; an earlier one that is not earlier any more gives way."""
        if self.pair is not None:
            self.period = Period.ANY
            before = [one for one in self._times if one < at]
            self.pair = (min(self.pair[0], before[-1]), at) if before else (at, self._times[1])


def _start(period: Period, newest: datetime) -> datetime:
    if period is Period.WEEK:
        return newest - timedelta(days=7)
    if period is Period.MONTH:
        # The same day of the month before, or its last one.
        last = newest.replace(day=1) - timedelta(days=1)
        return last.replace(day=min(newest.day, last.day))
    return newest
