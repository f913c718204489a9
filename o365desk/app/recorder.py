"""Keeps what was read of the open tenant, once all of it has been."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime

from o365desk.app.desk import Desk
from o365desk.app.session import Part, TenantWork
from o365desk.domain.directory import UserId
from o365desk.domain.errors import DeskError, NotFound
from o365desk.domain.history import History
from o365desk.domain.ports import Origin
from o365desk.domain.snapshots import Snapshot, TenantState


class MadeUpPast:
    """What is made up as the past of a tenant that is seen for the first time."""

    def __init__(self, earlier: Callable[[TenantState], Iterator[TenantState]]) -> None:
        """`earlier`: states before one that was read, oldest first."""
        self._earlier = earlier
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, history: History, state: TenantState) -> None:
        """Once, though a window and a refresh of all customers may read the same tenant."""
        async with self._one_at_a_time:
            if await history.snapshots(state.tenant.id):
                return
            states = self._earlier(state)
            while (earlier := await asyncio.to_thread(next, states, None)) is not None:
                await history.record(earlier)


class Recorder:
    """One window's. Says in the freshness line what came of it: kept, or why not."""

    def __init__(self, desk: Desk, history: History, past: MadeUpPast | None = None) -> None:
        """`past`: makes up what was before the first snapshot of a tenant."""
        self._desk = desk
        self._history = history
        self._past = past
        self.on_recorded: list[Callable[[], object]] = []
        """Are told of every new snapshot, also of a tenant that has been left meanwhile."""
        desk.on_readings_ended = self.readings_ended
        desk.on_sign_ins_read = self._sign_ins_read

    def readings_ended(self, work: TenantWork) -> None:
        """Nothing is being read any more: a whole reading is kept, anything less is not."""
        if self._desk.session.backend.origin is Origin.SNAPSHOT:
            return
        freshness = self._desk.window.freshness
        missing = _missing(work, self._desk.users.unread)
        if missing:
            if self._desk.users.total:  # else the window says already that there is nothing
                freshness.set_kept("not kept as a snapshot", missing)
            return
        # Before anything else can change them: the tuple is what was on the screen.
        state = TenantState(
            tenant=work.tenant,
            at=self._desk.session.now(),
            users=tuple(self._desk.users.users),
            skus=work.skus,
            subscriptions=work.subscriptions,
            blocked_known=self._desk.session.capabilities().blocked_known,
            sign_ins=dict(self._desk.users.sign_ins.at),  # may have come first
        )
        self._desk.tasks.latest(
            ("record", work.tenant.id),
            self._record(work, state),
            name="keep a snapshot",
            on_error=lambda error: self._failed(work, error),
        )

    async def _record(self, work: TenantWork, state: TenantState) -> None:
        await keep(self._history, state, self._past)
        if work is self._desk.session.work:
            self._desk.window.freshness.set_kept(
                "kept" if self._history.on_disk else "kept for this run"
            )
        for tell in self.on_recorded:
            tell()

    def _sign_ins_read(self, work: TenantWork) -> None:
        """For whom licenses lie idle, on the review sheet; of a tenant with a snapshot."""
        if self._desk.session.backend.origin is not Origin.SNAPSHOT:
            times = dict(self._desk.users.sign_ins.at)
            self._desk.tasks.latest(
                ("record sign-ins", work.tenant.id),
                self._record_sign_ins(work, times),
                name="keep last sign-ins",
            )

    async def _record_sign_ins(
        self, work: TenantWork, times: dict[UserId, datetime | None]
    ) -> None:
        with contextlib.suppress(NotFound):  # no whole reading of this tenant was kept
            await self._history.record_sign_ins(work.tenant.id, times)

    def _failed(self, work: TenantWork, error: DeskError) -> None:
        if work is self._desk.session.work:
            self._desk.window.freshness.set_kept("not kept as a snapshot", error.sentence)
        self._desk.window.banner.show_error(error)


async def keep(history: History, state: TenantState, past: MadeUpPast | None = None) -> Snapshot:
    """Records a reading, and before the first of a tenant what `past` makes up. Raises
    DeskError."""
    if past is not None:
        await past.keep(history, state)
    return await history.record(state)


def _missing(work: TenantWork, unread: int) -> str:
    """Why this reading is none of everything; empty when it is."""
    for part in Part:
        if part in work.missing:
            return work.missing[part]
    if unread or work.aged:
        return "The licenses of some users could not be read."
    return ""
