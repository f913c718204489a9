"""Decides when a request may be sent: no more at once than agreed, the published limits kept
before the service has to refuse, its wishes to wait obeyed, the user's calls before all others."""

import asyncio
import contextlib
import heapq
import itertools
import math
import random as _random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from o365desk.domain.access import Service
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import DeskError, Unreachable
from o365desk.services.budgets import Budget
from o365desk.services.published_limits import Budgets
from o365desk.services.waiters import Line, Place, Waiter
from o365desk.wire.faults import throttled
from o365desk.wire.messages import ApiRequest, ApiResponse

_WORTH_TELLING = 1.0
"""Seconds. Shorter waits are not shown."""

_in_background: ContextVar[bool] = ContextVar("in_background", default=False)


@contextlib.contextmanager
def background() -> Iterator[None]:
    """Marks the requests made inside, and in tasks started inside, as those nobody looks at."""
    token = _in_background.set(True)
    try:
        yield
    finally:
        _in_background.reset(token)


class Cause(StrEnum):
    """Why a call waits."""

    ASKED = "asked"
    """The service asked for a pause."""
    LIMIT = "limit"
    """A published limit is used up."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Calls that wait for the same thing."""

    cause: Cause
    service: Service
    tenant: TenantId | None
    """None: not one customer's matter."""
    seconds: float
    """Until the first of them goes on, from the moment this was made."""
    calls: int
    foreground: bool
    """True when the user waits for at least one of them."""
    words: str

    @property
    def sentence(self) -> str:
        """ "Microsoft asked to wait 20 s" or the limit by name."""
        if self.cause is Cause.ASKED:
            return f"Microsoft asked to wait {max(1, round(self.seconds))} s"
        return self.words


class Turn:
    """Leave to send one request, from `async with`; tell it the answer with `heard`."""

    __slots__ = ("_answer", "_place", "_scheduler", "_taken")

    def __init__(self, scheduler: "Scheduler", place: Place) -> None:
        self._scheduler = scheduler
        self._place = place
        self._answer: ApiResponse | None = None

    async def __aenter__(self) -> Self:
        await self._scheduler._enter(self._place)
        return self

    def heard(self, answer: object) -> None:
        """What came back; anything but an ApiResponse means that the connection broke."""
        self._answer = answer if isinstance(answer, ApiResponse) else None

    async def __aexit__(self, *_raised: object) -> None:
        self._scheduler._leave(self._place, self._answer)


class Scheduler:
    """One for all clients of an application: its limits are the application's.

    `concurrency`: requests at once, of which the background may use all but `reserved`, so that
    what the user asks for never waits behind slow answers nobody looks at. `clock` counts
    seconds; it may jump, for a laptop sleeps: forward it lets windows expire, backward it stands
    still. All methods belong to one event loop.
    """

    def __init__(
        self,
        *,
        concurrency: int = 8,
        reserved: int | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = _random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._concurrency = concurrency
        kept = min(2, concurrency // 4) if reserved is None else reserved
        self.most_background = max(1, concurrency - kept)
        """Requests of the background at once."""
        self._sleep = sleep
        self._random = random
        self._clock = clock
        self._last = clock()
        self._shift = 0.0
        self._budgets = Budgets()
        self._ready = Line()
        self._at_once = 0
        self._background_at_once = 0
        self._numbers = itertools.count()
        self._parked: dict[Budget, int] = {}
        """How many wait for what, other than a place on the line."""
        self._alarms: list[tuple[float, int, Budget]] = []
        self._watch: asyncio.Task[None] | None = None
        self._watched = math.inf
        self._listeners: list[Callable[[tuple[Waiting, ...]], None]] = []
        self._told: tuple[tuple[object, ...], ...] = ()

    # ---- what a client does ----------------------------------------------------------------

    def place(
        self,
        request: ApiRequest,
        tenant: TenantId | None = None,
        *,
        app: str = "",
        patience: float = math.inf,
    ) -> Place:
        """The place of one call, good for all its attempts. `tenant`: whose token it carries;
        `app`: the application's id, where several share this scheduler."""
        return Place(self._budgets.of(request, app, tenant), _in_background.get(), patience)

    def turn(self, place: Place) -> Turn:
        """Waits for its turn in `async with`. Raises the place's error, else Throttled, when a
        service asks for more patience than the call has left."""
        return Turn(self, place)

    def hold(self, place: Place, seconds: float, answer: Mapping[str, str] | None = None) -> None:
        """A service asked to be left alone; `answer`, its headers, may say by whom.

        Whom it means is told by `Budgets.meant`.
        """
        now = self._now()
        until = now + seconds
        for budget in self._budgets.meant(place.costs, answer or {}, now):
            budget.hold(until, self._random())
            budget.alarm = math.inf
            for waiter in budget.line.all():
                if not self._patient(waiter.place, budget, now):
                    waiter.turn.set_exception(_impatient(waiter.place, budget, now))
                    self._unpark(waiter)
            self._arm(budget, now)
        self._rest()
        self._tell(now)

    def saw_users(self, tenant: TenantId | None, users: int, app: str = "") -> None:
        """So many users of a tenant were listed: larger tenants have larger limits."""
        units = self._budgets.larger(app, tenant, users)
        if units is not None:
            units.alarm = math.inf
            self._arm(units, self._now())

    # ---- what the screen shows -------------------------------------------------------------

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """Why calls wait now, the longest wait first; waits of under a second are left out."""
        now = self._now()
        found = [self._why(budget, now) for budget in self._parked]
        return tuple(
            sorted((w for w in found if w is not None), key=lambda w: w.seconds, reverse=True)
        )

    def on_waiting(self, callback: Callable[[tuple[Waiting, ...]], None]) -> Callable[[], None]:
        """Calls back with `waiting` whenever it has changed; what is returned ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def close(self) -> None:
        """Turns away everybody who waits: Unreachable."""
        for line in (self._ready, *(budget.line for budget in self._parked)):
            for waiter in line.all():
                waiter.turn.set_exception(Unreachable("The program is closing; nothing was sent."))
                waiter.parked = None
                if waiter.promised is not None:
                    waiter.promised.promised -= waiter.amount(waiter.promised)
                    waiter.promised = None
        self._parked.clear()
        self._unwatch()

    # ---- the line --------------------------------------------------------------------------

    async def _enter(self, place: Place) -> None:
        waiter = Waiter(place, next(self._numbers), asyncio.get_running_loop().create_future())
        self._ready.push(waiter)
        self._dispatch(self._now())
        if waiter.turn.done() and not waiter.turn.cancelled():
            waiter.turn.result()
            return
        try:
            await waiter.turn
        except asyncio.CancelledError:
            self._gave_up(waiter)
            raise

    def _gave_up(self, waiter: Waiter) -> None:
        """Cancelled while it waited, or between getting its turn and taking it."""
        if not waiter.turn.cancelled() and waiter.turn.exception() is None:
            self._leave(waiter.place, None, sent=False)
            return
        now = self._now()
        self._unpark(waiter)
        self._keep_promise(waiter, now)
        self._rest()
        self._tell(now)

    def _leave(self, place: Place, answer: ApiResponse | None, *, sent: bool = True) -> None:
        now = self._now()
        self._at_once -= 1
        self._background_at_once -= place.background
        for budget, amount in place.costs:
            if not sent:
                budget.used -= amount
            else:
                budget.finish(amount, now, answered=answer is not None)
        if answer is not None and place.costs[0][0].service is Service.GRAPH:
            self._learn(place, answer.headers, now)
        for budget, _ in place.costs:
            if budget.line.head() is not None:
                self._arm(budget, now)
        self._dispatch(now)

    def _dispatch(self, now: float) -> None:
        """Gives out turns while there are any."""
        while self._at_once < self._concurrency:
            room = self._background_at_once < self.most_background
            waiter = self._ready.pop(background=room)
            if waiter is None:
                return
            self._try(waiter, now)

    def _try(self, waiter: Waiter, now: float) -> None:
        """Gives the turn, or sends the waiter to the line of the first budget that has no room."""
        place = waiter.place
        for budget, amount in place.costs:
            passing = waiter.promised is not budget and budget.line.before(waiter)
            if passing or budget.ready_at(amount, now) > now:
                self._keep_promise(waiter, now)
                self._park(waiter, budget, now)
                return
        for budget, amount in place.costs:
            budget.take(amount, now, self._random())
        self._at_once += 1
        self._background_at_once += place.background
        waiter.turn.set_result(None)
        self._keep_promise(waiter, now)

    def _park(self, waiter: Waiter, budget: Budget, now: float) -> None:
        if not self._patient(waiter.place, budget, now):
            waiter.turn.set_exception(_impatient(waiter.place, budget, now))
            return
        budget.line.push(waiter)
        waiter.parked = budget
        many = self._parked[budget] = self._parked.get(budget, 0) + 1
        if budget.line.head() is waiter or math.isinf(budget.alarm):
            self._arm(budget, now)
        if many == 1 or not waiter.place.background:
            self._tell(now)

    def _unpark(self, waiter: Waiter) -> None:
        budget, waiter.parked = waiter.parked, None
        if budget is not None:
            self._parked[budget] -= 1
            if not self._parked[budget]:
                del self._parked[budget]

    def _rest(self) -> None:
        """No watch is kept when nobody waits any more."""
        if not self._parked:
            self._unwatch()

    def _unwatch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._watched = math.inf
        for _, _, budget in self._alarms:
            budget.alarm = math.inf
        self._alarms.clear()

    def _patient(self, place: Place, budget: Budget, now: float) -> bool:
        """Takes a pause off the patience of a call; false when there is not enough."""
        extra = budget.held_until - max(now, place.counted_until)
        if extra <= 0:
            return True
        if extra > place.patience:
            return False
        place.patience -= extra
        place.counted_until = budget.held_until
        return True

    # ---- waking up -------------------------------------------------------------------------

    def _arm(self, budget: Budget, now: float) -> None:
        """Sees to it that the line is looked at when its head can go. While that hangs on answers
        that have not come, or on a promise not yet kept, whatever ends it arms anew."""
        head = budget.line.head()
        if head is None or (budget.promised and budget.paced(now)):
            return
        at = budget.ready_at(head.amount(budget) + budget.promised, now)
        if at >= budget.alarm:
            return
        budget.alarm = at
        heapq.heappush(self._alarms, (at, next(self._numbers), budget))
        if at < self._watched:
            if self._watch is not None:
                self._watch.cancel()
            self._watched = at
            self._watch = asyncio.get_running_loop().create_task(self._wake())

    async def _wake(self) -> None:
        """Sleeps until the next line may move, for as long as anybody waits in one."""
        while self._alarms:
            at, _, budget = self._alarms[0]
            if at != budget.alarm:
                heapq.heappop(self._alarms)  # set anew meanwhile
                continue
            now = self._now()
            if at > now:
                self._watched = at
                await self._sleep(at - now)
                now = self._slept(now, at)
            self._watched = -math.inf  # nobody restarts this task while it is at work
            while self._alarms and self._alarms[0][0] <= now:
                at, _, budget = heapq.heappop(self._alarms)
                if at == budget.alarm:
                    budget.alarm = math.inf
                    self._release(budget, now)
            self._dispatch(now)
            self._tell(now)
        self._watch, self._watched = None, math.inf

    def _release(self, budget: Budget, now: float) -> None:
        """Lets out of a line whoever may go; they still need a place on the network's line."""
        while (head := budget.line.head()) is not None:
            amount = head.amount(budget)
            if budget.promised and budget.paced(now):
                return
            if budget.ready_at(amount + budget.promised, now) > now:
                self._arm(budget, now)
                return
            budget.line.pop()
            head.promised = budget
            budget.promised += amount
            self._ready.push(head)
            self._unpark(head)

    def _keep_promise(self, waiter: Waiter, now: float) -> None:
        budget = waiter.promised
        if budget is not None:
            waiter.promised = None
            budget.promised -= waiter.amount(budget)
            self._arm(budget, now)

    # ---- what answers tell -----------------------------------------------------------------

    def _learn(self, place: Place, answer: Mapping[str, str], now: float) -> None:
        """x-ms-resource-unit corrects what a call was thought to cost; x-ms-throttle-limit-
        percentage, a part from 0.8 to 1.8, tells that others use the same budget. That the latter
        is missing proves nothing: some tenants never see it."""
        units, cost = place.costs[0]
        unit = _number(answer.get("x-ms-resource-unit", ""))
        if cost and unit > cost:
            units.charge(unit - cost, now)
        part = _number(answer.get("x-ms-throttle-limit-percentage", ""))
        if part > 0:
            units.charge(part * units.limit.amount - units.used, now)

    # ---- telling ---------------------------------------------------------------------------

    def _why(self, budget: Budget, now: float) -> Waiting | None:
        waiters = budget.line.all()
        if not waiters:
            return None
        head = budget.line.head()
        asked = budget.held_until > now
        at = budget.ready_at(head.amount(budget) if head else 1, now)
        if math.isinf(at) or at - now < _WORTH_TELLING:
            return None
        return Waiting(
            Cause.ASKED if asked else Cause.LIMIT,
            budget.service,
            budget.tenant,
            at - now,
            len(waiters),
            not all(waiter.place.background for waiter in waiters),
            budget.limit.words or "Microsoft asked to wait",
        )

    def _tell(self, now: float) -> None:
        """Calls the listeners when what waits, or until when, is not what they were told."""
        if not self._listeners:
            return
        found = self.waiting
        told = tuple(
            (w.cause, w.service, w.tenant, w.foreground, w.words, round(now + w.seconds))
            for w in found
        )
        if told != self._told:
            self._told = told
            for callback in tuple(self._listeners):
                callback(found)

    # ---- time ------------------------------------------------------------------------------

    def _now(self) -> float:
        """Seconds that never run backwards."""
        read = self._clock()
        if read < self._last:
            self._shift += self._last - read
        self._last = read
        return read + self._shift

    def _slept(self, since: float, until: float) -> float:
        """The time after a sleep. One that ended long before its time was told to by whoever
        injected it, and counts as slept: asked again it would end at once for ever."""
        now = self._now()
        if now - since < (until - since) / 2:
            self._shift += until - now
            return until
        return now


def _impatient(place: Place, budget: Budget, now: float) -> DeskError:
    return place.error or throttled(budget.held_until - now)


def _number(text: str) -> float:
    """A header's number; 0 for nothing or nonsense."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) and 0 < value < 1e6 else 0.0
