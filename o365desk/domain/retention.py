"""Which snapshots are kept: all of the last days, then one a day, then one a month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Retention:
    """How long snapshots are kept; what Settings shows and the operator may change."""

    all_days: int = 35
    """Days for which every snapshot is kept."""
    daily_days: int = 400
    """Days after which one a day becomes one a month."""
    monthly: bool = True
    """False: nothing older than `daily_days` is kept."""

    def kept(
        self, times: Iterable[datetime], now: datetime, zone: tzinfo | None = UTC
    ) -> frozenset[datetime]:
        """Those of the snapshots of one tenant that stay. Of a day or month (in `zone`, None
        being that of this computer) it is the last; the newest of all always stays, however old.
        Thinning out often or seldom ends in the same."""
        every = sorted(times)
        last: dict[tuple[int, ...], datetime] = {}
        kept = set(every[-1:])
        for at in every:
            age = now - at
            if age <= timedelta(days=self.all_days):
                kept.add(at)
                continue
            day = at.astimezone(zone)
            if age <= timedelta(days=self.daily_days):
                last[day.year, day.month, day.day] = at
            elif self.monthly:
                last[day.year, day.month] = at
        return frozenset(kept | set(last.values()))
