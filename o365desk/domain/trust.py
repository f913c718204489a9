"""Believing a write over a stale read: listings and counters lag behind what was just changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from o365desk.domain.directory import User, UserId
from o365desk.domain.licensing import Sku, SkuId

LAG = timedelta(seconds=90)
"""How long a listing may show the state before a write; Microsoft states no bound."""


class _Written(NamedTuple):
    user: User
    when: datetime
    licenses_when: datetime | None
    """When the licences were written; None when only the rest of the user was."""


class Trust:
    """Users written a moment ago, in the state the write answered with.

    Licences are believed only where they were written themselves: a new name says nothing about
    them. learn.microsoft.com/graph/api/user-list: replication delays apply after create, update
    and delete.
    """

    def __init__(self) -> None:
        self._written: dict[UserId, _Written] = {}

    def remember(self, user: User, now: datetime, *, licenses: bool) -> None:
        """A write answered with this state; `licenses`: that of the licences too."""
        before = self._written.get(user.id)
        earlier = before.licenses_when if before is not None else None
        self._written[user.id] = _Written(user, now, now if licenses else earlier)

    def forget(self, user_id: UserId) -> None:
        """A later write may or may not have happened: only reading can tell."""
        self._written.pop(user_id, None)

    def user(self, listed: User, now: datetime) -> User:
        """The state to show for a listed user."""
        written = self._fresh(listed.id, now)
        if written is None:
            return listed
        when = written.licenses_when
        if when is not None and now - when <= LAG:
            return written.user
        return written.user._replace(licenses=listed.licenses)

    def all(self, now: datetime) -> dict[UserId, User]:
        """Users written lately: a listing may leave them out altogether."""
        known = {user_id: self._fresh(user_id, now) for user_id in tuple(self._written)}
        return {user_id: one.user for user_id, one in known.items() if one is not None}

    def _fresh(self, user_id: UserId, now: datetime) -> _Written | None:
        written = self._written.get(user_id)
        if written is not None and now - written.when > LAG:
            del self._written[user_id]
            return None
        return written


_Figures = tuple[int, int]
"""Assigned and available."""


@dataclass(slots=True)
class _Moved:
    stale: set[_Figures]
    """What stood on the screen before each of the writes."""
    expected: _Figures
    when: datetime


class CounterTrust:
    """Counters that writes have moved and that readings do not show yet.

    A counter that still stands where it stood before one of the writes lags, and what they leave
    is nearer the truth. Anything else is what Microsoft says, and is shown as it is (S33).
    """

    def __init__(self) -> None:
        self._moved: dict[SkuId, _Moved] = {}

    @property
    def lagging(self) -> bool:
        """Whether a write is still to be seen in a reading."""
        return bool(self._moved)

    def move(self, shown: Iterable[Sku], by: Mapping[SkuId, int], now: datetime) -> None:
        """A write has moved assignments of what is shown, by so many per SKU."""
        for sku in shown:
            if more := by.get(sku.id, 0):
                known = self._moved.get(sku.id)
                stale = known.stale if known is not None and now - known.when <= LAG else set()
                after = sku.with_assigned(more)
                self._moved[sku.id] = _Moved(stale | {_figures(sku)}, _figures(after), now)

    def sku(self, read: Sku, now: datetime) -> Sku:
        """What to show for a counter that was read."""
        moved = self._moved.get(read.id)
        if moved is None:
            return read
        figures = _figures(read)
        if now - moved.when > LAG or figures == moved.expected or figures not in moved.stale:
            del self._moved[read.id]
            return read
        assigned, available = moved.expected
        return replace(read, assigned=assigned, available=available)

    def give_up(self) -> None:
        """It has been waited long enough: from now on Microsoft's figures, whatever they are."""
        self._moved.clear()


def _figures(sku: Sku) -> _Figures:
    return sku.assigned, sku.available
