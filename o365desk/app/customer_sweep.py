"""Refresh of all customers: reads each behind the operator's own calls, and keeps what it read."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QLocale

from o365desk.app.desk import Desk
from o365desk.app.recorder import MadeUpPast, keep
from o365desk.domain.access import SignInNeed
from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.errors import DeskError, SignInRequired, Unreachable
from o365desk.domain.history import History
from o365desk.domain.ports import Backend
from o365desk.services.adapters import closing
from o365desk.services.sweep import AT_ONCE, TenantFailure, TenantReading, sweep
from o365desk.views.banner import Message

FAILED_WRITES = 3
"""After so many customers in a row that could not be kept, nothing more is read: the disk is full,
and Microsoft is not asked in vain."""

UNREACHABLE = AT_ONCE
"""After so many customers in a row that could not be reached, the network is gone: the others would
fail one by one, each after some patience."""

REASONS = 3
"""Different ones that the line at the end tells."""


class Stage(StrEnum):
    """How a refresh of all customers stands."""

    IDLE = "idle"
    """None was begun."""
    RUNNING = "running"
    PAUSED = "paused"
    """Cancelled, waiting for a sign-in, or ended by an error; `resume` goes on."""
    DONE = "done"


class CustomerSweep:
    """One refresh of all customers at a time, of one window.

    Each customer is kept as soon as all of it has been read; one of which a part could not be
    read is a failure, and none of it is kept. What the operator does meanwhile goes first.
    """

    def __init__(
        self,
        desk: Desk,
        live: Backend,
        history: History,
        changed: Callable[[], object],
        past: MadeUpPast | None = None,
    ) -> None:
        """`live`: what the network leads to, whatever the window shows. `changed` is called
        whenever something below has changed. `past`: as a Recorder's."""
        self._desk = desk
        self._live = live
        self._history = history
        self._past = past
        self._changed = changed
        self._tenants: tuple[Tenant, ...] = ()
        self._kept: set[TenantId] = set()
        self._failures: dict[TenantId, TenantFailure] = {}
        self._asked: set[TenantId] = set()
        """Customers for whom the operator was asked to sign in: once is enough."""
        self._writes_failed = self._unreachable = 0
        self._task: asyncio.Task[None] | None = None
        self._told: Message | None = None
        self.stage = Stage.IDLE
        self.error: DeskError | None = None
        """Why it has paused; None where the operator wanted it so."""

    # What a page shows

    @property
    def total(self) -> int:
        return len(self._tenants)

    @property
    def kept(self) -> int:
        """Customers read and kept since the refresh began."""
        return len(self._kept)

    @property
    def failed(self) -> int:
        return len(self._failures)

    @property
    def failures(self) -> Sequence[TenantFailure]:
        """Customers that could not be read or kept, in the order of the list."""
        return [found for one in self._tenants if (found := self._failures.get(one.id))]

    @property
    def summary(self) -> str:
        """ "11 of 12 customers read, 1 failed: Microsoft's service failed (1)."."""
        return summary(self.kept, self.total, self.failures)

    # What the operator wants

    def start(self, tenants: Iterable[Tenant]) -> None:
        """Begins anew with these customers, in their order."""
        self._tenants = tuple(tenants)
        self._kept.clear()
        self._asked.clear()
        self._begin()

    def cancel(self) -> None:
        """Reads no more; who is kept stays kept."""
        self._desk.tasks.cancel(self)

    def resume(self) -> None:
        """Goes on with those that are not kept since `start`, failed ones among them."""
        if self.stage is not Stage.RUNNING and self.kept < self.total:
            self._asked.clear()
            self._begin()

    def signed_in(self) -> None:
        """Somebody has signed in: goes on where it waits for that."""
        if self.stage is Stage.PAUSED and isinstance(self.error, SignInRequired):
            self._begin()

    # Work

    def _begin(self) -> None:
        if self._told is not None:
            self._desk.window.banner.take_back(self._told)
        self._failures.clear()
        self._writes_failed = self._unreachable = 0
        self.stage, self.error = Stage.RUNNING, None
        self._task = self._desk.tasks.latest(
            self, self._run(), name="refresh all customers", on_error=self._tell
        )
        self._task.add_done_callback(self._ended)
        self._changed()

    async def _run(self) -> None:
        left = [one for one in self._tenants if one.id not in self._kept]
        async with closing(sweep(self._live, left)) as results:
            async for result in results:
                if isinstance(result, TenantReading):
                    await self._keep(result)
                else:
                    self._fail(result)
                self._changed()

    async def _keep(self, reading: TenantReading) -> None:
        tenant = reading.tenant
        self._unreachable = 0
        try:
            state = reading.state(self._desk.session.now())
            await keep(self._history, state, self._past)
        except DeskError as error:
            self._writes_failed += 1
            if self._writes_failed >= FAILED_WRITES:
                raise
            self._failures[tenant.id] = TenantFailure(tenant, error)
        else:
            self._writes_failed = 0
            self._kept.add(tenant.id)

    def _fail(self, failure: TenantFailure) -> None:
        error, tenant_id = failure.error, failure.tenant.id
        if isinstance(error, SignInRequired) and error.need and tenant_id not in self._asked:
            self._asked.add(tenant_id)
            raise error
        self._failures[tenant_id] = failure
        self._unreachable = self._unreachable + 1 if isinstance(error, Unreachable) else 0
        if self._unreachable >= UNREACHABLE:
            raise error

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if task is not self._task:
            return
        error = None if task.cancelled() else task.exception()
        whole = error is None and not task.cancelled()
        self.stage = Stage.DONE if whole else Stage.PAUSED
        self.error = error if isinstance(error, DeskError) else None
        self._changed()

    def _tell(self, error: DeskError) -> None:
        """Why it has stopped, with a button that lets it go on."""
        said = f"The refresh of all customers has stopped after {_of(self.kept, self.total)}."
        need = error.need if isinstance(error, SignInRequired) else None
        if need is not None:
            action = "Sign in"
            on_action: Callable[[], object] = partial(self._ask, need)
            said = f"{said} Sign in, and it goes on."
        else:
            action, on_action = "Resume", self.resume
            said = f"{said} {error.next_step}".strip()
        self._told = Message(error.sentence, said, error.support_ids, action)
        self._desk.window.banner.show_message(self._told, on_action)

    def _ask(self, need: SignInNeed) -> None:
        self._desk.tasks.latest((self, "sign in"), self._sign_in(need), name="sign in to go on")

    async def _sign_in(self, need: SignInNeed) -> None:
        if await self._desk.signed_in(need, self._desk.window):
            self.signed_in()


def summary(kept: int, total: int, failures: Sequence[TenantFailure]) -> str:
    """How a refresh of all customers went, in one line."""
    read = f"{_of(kept, total)} {'customer' if total == 1 else 'customers'} read"
    if not failures:
        return f"{read}."
    reasons = Counter(one.error.sentence.rstrip(".") for one in failures).most_common()
    told = [f"{why} ({_number(count)})" for why, count in reasons[:REASONS]]
    if len(reasons) > REASONS:
        told.append("and others")
    return f"{read}, {_number(len(failures))} failed: {'; '.join(told)}."


def _of(count: int, total: int) -> str:
    return f"{_number(count)} of {_number(total)}"


def _number(count: int) -> str:
    return QLocale().toString(count)
