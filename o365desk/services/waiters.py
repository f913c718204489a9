"""Who waits for a turn, in order: what the user waits for first, the background now and then."""

import asyncio
import heapq
from dataclasses import dataclass, field

from o365desk.domain.errors import DeskError
from o365desk.services.budgets import Budget

BACKGROUND_SHARE = 10
"""Of so many turns that both kinds wait for, one goes to the background: it never starves."""


@dataclass(slots=True, eq=False)
class Place:
    """One logical call as the scheduler sees it, through all its attempts."""

    costs: tuple[tuple[Budget, int], ...]
    background: bool
    patience: float
    """Seconds this call may still spend waiting because a service asked for it."""
    error: DeskError | None = None
    """What to raise instead of waiting longer than that."""
    counted_until: float = field(default=0.0)
    """Up to where pauses have been taken off the patience."""


@dataclass(slots=True, eq=False)
class Waiter:
    """One attempt that has not had its turn."""

    place: Place
    number: int
    turn: "asyncio.Future[None]"
    promised: Budget | None = None
    """The budget whose line it has left for a place on the network's."""
    parked: Budget | None = None
    """The budget in whose line it stands."""

    def amount(self, budget: Budget) -> int:
        return next(amount for one, amount in self.place.costs if one is budget)


class Line:
    """Waiters by number of arrival, foreground and background apart."""

    __slots__ = ("_kinds", "_passed")

    def __init__(self) -> None:
        self._kinds: tuple[list[tuple[int, Waiter]], list[tuple[int, Waiter]]] = ([], [])
        self._passed = 0
        """Turns that went to the foreground while the background waited."""

    def push(self, waiter: Waiter) -> None:
        heapq.heappush(self._kinds[waiter.place.background], (waiter.number, waiter))

    def head(self, *, background: bool = True) -> Waiter | None:
        """Whose turn it is; without `background` only those of the foreground are asked."""
        fore, back = self._first(0), self._first(1) if background else None
        if fore is None or (back is not None and self._passed >= BACKGROUND_SHARE - 1):
            return back
        return fore

    def pop(self, *, background: bool = True) -> Waiter | None:
        """Takes `head` out."""
        waiter = self.head(background=background)
        if waiter is not None:
            heapq.heappop(self._kinds[waiter.place.background])
            if waiter.place.background:
                self._passed = 0
            elif self._kinds[1]:
                self._passed += 1
        return waiter

    def before(self, waiter: Waiter) -> bool:
        """True when somebody waits here whom `waiter` must not pass."""
        fore = self._first(0)
        if not waiter.place.background:
            return fore is not None and fore.number < waiter.number
        back = self._first(1)
        return fore is not None or (back is not None and back.number < waiter.number)

    def all(self) -> list[Waiter]:
        """Everybody who waits here, in no order."""
        return [w for kind in self._kinds for _, w in kind if not w.turn.done()]

    def _first(self, kind: int) -> Waiter | None:
        heap = self._kinds[kind]
        while heap and heap[0][1].turn.done():
            heapq.heappop(heap)  # it was cancelled
        return heap[0][1] if heap else None
