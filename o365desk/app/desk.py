"""What every flow of the program works with, handed over as one."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from PySide6.QtWidgets import QWidget

from o365desk.app.session import Session, TenantWork
from o365desk.app.tasks import OnError, Scope, TaskRunner
from o365desk.app.tenant_loader import TenantLoader
from o365desk.domain.access import SignInNeed
from o365desk.domain.directory import User, UserId
from o365desk.domain.errors import DeskError, OutcomeUnknown, ServerFault
from o365desk.domain.licensing import LicenseAssignment, LicenseChange, SkuId
from o365desk.domain.ports import Origin
from o365desk.models.users import UserTableModel
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.main_window import MainWindow


async def _cannot_sign_in(need: SignInNeed, above: QWidget) -> bool:
    return False


@dataclass
class Desk:
    """The window, its models, the session and the tasks."""

    session: Session
    tasks: TaskRunner
    window: MainWindow
    users: UserTableModel
    loader: TenantLoader
    dialogs: list[DeskDialog] = field(default_factory=list)
    sign_in: Callable[[SignInNeed, QWidget], None] = lambda need, above: None
    """Asks the operator to sign in, above a dialog or the window."""
    signed_in: Callable[[SignInNeed, QWidget], Awaitable[bool]] = _cannot_sign_in
    """The same for work that waits for it; whether the operator did so."""
    on_users_read: Callable[[TenantWork], None] = lambda work: None
    """Is told when a listing of the open tenant has ended, well or not."""
    source: str = ""
    """Of what snapshots are, where that is not Microsoft."""
    can_go_live: bool = True
    """The network may be touched."""
    on_away: Callable[[DeskError, Callable[[], object]], bool] = lambda error, retry: False
    """Is told of an error and what would try again; True when it says both to the operator."""
    on_sign_ins_read: Callable[[TenantWork], None] = lambda work: None
    """Is told when it is known of all users when they signed in last."""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """The first tenant has been read, or the window says why there is none."""
    on_readings_ended: Callable[[TenantWork], None] = lambda work: None
    """Is told when nothing of the open tenant is being read any more, whatever came of it."""
    on_new_day: Callable[[], None] = lambda: None
    """Is told at midnight: what is counted in days has moved on."""
    _today: date = field(default_factory=date.today)
    _reading: asyncio.Task[None] | None = None

    def show_dialog(self, dialog: DeskDialog) -> Scope:
        """Opens a dialog that belongs to the open tenant: it is closed when that is left. What
        is read for it belongs into the scope, which ends with it: a closed dialog is deleted."""
        scope = Scope()
        self.dialogs.append(dialog)

        def ended(_result: int) -> None:
            scope.cancel()
            if dialog in self.dialogs:
                self.dialogs.remove(dialog)

        dialog.finished.connect(ended)
        dialog.sign_in_requested.connect(lambda need: self.sign_in(need, dialog))
        dialog.open()
        return scope

    def close_dialogs(self) -> None:
        """Another tenant is opened: no dialog of the old one may stay, but for one that waits for
        its write. It names its tenant, and what it has to tell is told nowhere else."""
        for dialog in tuple(self.dialogs):
            dialog.reject()

    def put(self, work: TenantWork, user: User, *, licenses: bool = False) -> None:
        """Shows a user as a write has left it, and believes that for a while; of the licences
        only where they are what was written."""
        work.trust.remember(user, self.session.now(), licenses=licenses)
        if work is self.session.work:
            self.users.put([user])

    def reread_counters(self, work: TenantWork, moved: dict[SkuId, int]) -> None:
        """Counters after a write; in the background, the newest request only."""
        if work is not self.session.work:
            return
        self.loader.expect(work, moved)
        self.tasks.latest(
            ("counters", work.tenant.id),
            self.loader.reread_skus(work),
            name="read counters after a write",
            scope=work.scope,
        )

    def read_users(
        self, work: TenantWork, on_error: OnError | None = None, *, everything: bool = False
    ) -> None:
        """Reads what changed among the users, or `everything`, in place of a reading that is
        under way."""
        if work is not self.session.work:
            return
        self.window.freshness.set_loading("Reading…")
        self._reading = self.tasks.latest(
            "users",
            self.loader.load_users(work, everything=everything),
            name="read users",
            scope=work.scope,
            on_error=on_error,
        )
        self._reading.add_done_callback(lambda task: self._users_read(work, task))

    async def users_read(self) -> None:
        """Waits until no reading of users is under way."""
        while self._reading is not None and not self._reading.done():
            await asyncio.wait([self._reading])

    def _users_read(self, work: TenantWork, task: asyncio.Task[None]) -> None:
        """A listing has ended, well or not; the line under the name tells of the last good one."""
        if work is not self.session.work or task is not self._reading:
            return
        self.settled.set()
        self.window.freshness.set_loading("")
        self.show_origin(work.read_at)
        self.on_users_read(work)
        if not task.cancelled() and work.complete and (self.users.unread or work.aged):
            filling = self.tasks.latest(
                "licenses",
                self.loader.fill_licenses(work),
                name="read licenses of single users",
                scope=work.scope,
            )
            filling.add_done_callback(lambda _task: self.readings_may_have_ended(work))
        self.readings_may_have_ended(work)

    def read_counters(self, work: TenantWork) -> None:
        """Reads the counters and subscriptions, in place of a reading that is under way."""
        reading = self.tasks.latest(
            "skus", self.loader.load_skus(work), name="read counters", scope=work.scope
        )
        reading.add_done_callback(lambda _task: self.readings_may_have_ended(work))

    def readings_may_have_ended(self, work: TenantWork) -> None:
        """Tells it when nothing of the open tenant is being read any more."""
        under_way = any(self.tasks.running(key) for key in ("users", "skus", "licenses"))
        if work is self.session.work and not under_way:
            self.on_readings_ended(work)

    def show_origin(self, read_at: datetime | None = None) -> None:
        """Where the data comes from, and when all of it was read."""
        freshness = self.window.freshness
        origin = self.session.backend.origin
        if origin is Origin.SNAPSHOT:
            if read_at is None:
                freshness.set_snapshot_awaited(self.can_go_live, source=self.source)
            else:
                freshness.set_snapshot(
                    read_at, self.session.now(), self.can_go_live, source=self.source
                )
        elif origin is Origin.PRACTICE:
            freshness.set_practice(
                "Practice directory",
                read_at,
                "nothing here is real, and nothing you do reaches Microsoft",
            )
        else:
            freshness.set_live(read_at)

    def grow_old(self) -> None:
        """A minute has passed: a snapshot on the screen is older by it. "Read 14:03" says which day
        that was once it is not today any more."""
        work, today = self.session.work, self.session.now().astimezone().date()
        another, self._today = today != self._today, today
        shows_age = self.session.backend.origin is Origin.SNAPSHOT
        if work is not None and work.read_at is not None and (shows_age or another):
            self.show_origin(work.read_at)
        if another:
            self.window.users.update_counts()
            self.window.licenses.write_anew()
            self.on_new_day()

    def after_unknown(
        self, work: TenantWork, error: DeskError, user_id: UserId | None = None
    ) -> None:
        """A write without an answer is never repeated: what became of it is read instead."""
        if isinstance(error, (OutcomeUnknown, ServerFault)):
            if user_id is not None:
                work.trust.forget(user_id)
            # Changes are told late at times; the panel's foot says what went wrong.
            self.read_users(work, lambda unread: None, everything=True)
            self.reread_counters(work, {})


def seats(held: Iterable[LicenseAssignment] | None, sign: int) -> dict[SkuId, int]:
    """How the assigned counters move when a user with these licences comes or goes."""
    return {assignment.sku_id: sign for assignment in held or ()}


def seats_moved(before: Iterable[LicenseAssignment], change: LicenseChange) -> dict[SkuId, int]:
    """How the assigned counters move when a change is made to a user who held `before`."""
    held = {assignment.sku_id: assignment for assignment in before}
    moved: Counter[SkuId] = Counter()
    for grant in change.add:
        if grant.sku_id not in held:
            moved[grant.sku_id] += 1
    for sku_id in change.remove:
        if sku_id in held and not held[sku_id].groups:
            moved[sku_id] -= 1
    return dict(moved)
