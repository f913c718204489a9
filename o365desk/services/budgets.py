"""Published limits as budgets, kept so that no window at the service ever holds too much.

The service counts a request when it arrives, somewhere between our sending it and our having its
answer. So a request counts here from the moment it is sent until one window after it was
*answered*. Take any window in which the service counted requests, and of those the one sent last:
at that moment all the others were still counted here, so together they were within the limit.
That holds whatever the delays are. A token bucket of the same size, which is how Graph counts
resource units, allows more than this at every moment.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from o365desk.domain.access import Service
from o365desk.domain.directory import TenantId

if TYPE_CHECKING:
    from o365desk.services.waiters import Line

CLOCKS_APART = 0.01
"""By how much of a window the service's clock may run slower than ours."""

_GRAIN = 0.01
"""Answers this part of a window apart expire together, at the later time: a budget then holds a
hundred numbers, however many requests there are."""

_STRAY = 5.0
"""Seconds. A request whose answer never came may have been counted this long afterwards."""

_UNLIMITED_GAP = 0.05
"""Seconds between calls after a pause of something that has no published limit."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So much in so many seconds; with 0 seconds, so much at once."""

    amount: float
    seconds: float
    words: str = ""
    """For the screen: "500 requests a minute for this customer"."""


class Budget:
    """One limit, what is used of it, and until when the service asked for a pause.

    Times are seconds of the scheduler's clock, which never runs backwards.
    """

    __slots__ = (
        "_next",
        "_paced_until",
        "_spent",
        "alarm",
        "held_until",
        "limit",
        "line",
        "promised",
        "service",
        "tenant",
        "used",
    )

    def __init__(
        self, service: Service, tenant: TenantId | None, limit: Limit, line: "Line"
    ) -> None:
        self.service = service
        self.tenant = tenant
        self.limit = limit
        self.line = line
        """Who waits for it."""
        self.promised = 0.0
        """What was let out of the line and has not been sent yet."""
        self.alarm = math.inf
        """When the scheduler will look at the line again."""
        self.used = 0.0
        """What is on its way or was answered less than a window ago."""
        self.held_until = -math.inf
        self._spent: deque[list[float]] = deque()
        """Pairs: when it expires, how much."""
        self._paced_until = -math.inf
        self._next = -math.inf

    def ready_at(self, amount: float, now: float) -> float:
        """The earliest time at which so much may be sent; infinite while that hangs on answers
        that have not come. More than the whole limit may be sent once nothing is used."""
        at = max(now, self.held_until)
        if at < self._paced_until:
            at = max(at, self._next)
        while self._spent and self._spent[0][0] <= now:
            self.used -= self._spent.popleft()[1]
        over = self.used + min(amount, self.limit.amount) - self.limit.amount
        if over <= 0:
            return at
        for expires, spent in self._spent:
            over -= spent
            if over <= 0:
                return max(at, expires)
        return math.inf

    def paced(self, now: float) -> bool:
        """True for a window after a pause: calls then go one by one, at the limit's own pace."""
        return now < self._paced_until

    def take(self, amount: float, now: float, chance: float) -> None:
        """Counts what is being sent. `chance`, from 0 to 1, varies the pace after a pause."""
        self.used += amount
        if now < self._paced_until:
            self._next = max(now, self._next) + self._gap() * amount * (0.5 + chance)

    def finish(self, amount: float, now: float, *, answered: bool = True) -> None:
        """What was taken has been answered, or never will be: from now on it expires."""
        window = self.limit.seconds
        if window == 0:
            self.used -= amount
            return
        expires = now + window * (1 + CLOCKS_APART) + (0 if answered else _STRAY)
        if self._spent and self._spent[-1][0] >= expires:
            self._spent[-1][1] += amount
        else:
            self._spent.append([expires + window * _GRAIN, amount])

    def charge(self, amount: float, now: float) -> None:
        """Counts what the service says was used beyond what is known here."""
        if amount > 0:
            self.used += amount
            self.finish(amount, now)

    def hold(self, until: float, chance: float) -> None:
        """Lets nothing out before `until`; afterwards, for a window, one call after the other."""
        if until <= self.held_until:
            return
        self.held_until = until
        self._paced_until = until + max(self.limit.seconds, 1.0)
        self._next = until + self._gap() * chance

    def _gap(self) -> float:
        """Seconds per unit at the pace of the limit."""
        if math.isinf(self.limit.amount) or not self.limit.seconds:
            return _UNLIMITED_GAP
        return self.limit.seconds / self.limit.amount
