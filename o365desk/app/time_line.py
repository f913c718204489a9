"""Which moment the window shows: what Microsoft says now, or what was seen before."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QDate, QLocale

from o365desk.app.controller import DeskController
from o365desk.app.desk import Desk
from o365desk.app.session import TenantWork
from o365desk.domain.directory import Tenant
from o365desk.domain.errors import DeskError, NotFound, Unreachable
from o365desk.domain.history import History
from o365desk.domain.ports import Backend, Origin
from o365desk.domain.snapshots import Snapshot
from o365desk.models.words import clock_text
from o365desk.services.snapshot_backend import snapshot_backend
from o365desk.views.snapshot_calendar import SnapshotCalendar


class TimeLine:
    """Swaps the backend of one window's session; nothing ever does so but the operator."""

    def __init__(
        self,
        desk: Desk,
        controller: DeskController,
        history: History,
        live: Backend | None,
    ) -> None:
        """`live`: where the network leads to; None where it is not to be touched."""
        self._desk = desk
        self._controller = controller
        self._history = history
        self._live = live
        self._calendar: SnapshotCalendar | None = None
        self._at: datetime | None = None
        """The moment that the window shows; None for the newest of each customer."""
        self.snapshots: tuple[Snapshot, ...] = ()
        """Those of the open tenant, newest first."""
        self.on_snapshots: list[Callable[[tuple[Snapshot, ...]], None]] = []
        """Are told whenever these are others."""
        self.on_failed: list[Callable[[DeskError], None]] = []
        """Are told when they could not be listed."""
        desk.can_go_live = live is not None
        desk.on_away = self._away
        freshness = desk.window.freshness
        freshness.snapshots_requested.connect(self.open_calendar)
        freshness.live_requested.connect(self.go_live)

    # The snapshots of the open tenant

    def opened(self, work: TenantWork) -> None:
        self.snapshots = ()
        if self._calendar is not None:
            self._calendar.close()  # its days are another customer's
        self._desk.window.freshness.set_snapshots_offered(False)
        self._desk.window.freshness.set_kept("")
        self._list(work)

    def _list(self, work: TenantWork) -> None:
        self._desk.tasks.latest(
            "snapshots",
            self._read(work),
            name="list snapshots",
            scope=work.scope,
            on_error=self._failed,
        )

    def _failed(self, error: DeskError) -> None:
        self._desk.window.banner.show_error(error)
        for tell in self.on_failed:
            tell(error)

    async def _read(self, work: TenantWork) -> None:
        self._set_snapshots(tuple(await self._history.snapshots(work.tenant.id)))

    def changed(self) -> None:
        """Snapshots were kept or removed."""
        work = self._desk.session.work
        if work is not None:
            self._list(work)

    def _set_snapshots(self, snapshots: tuple[Snapshot, ...]) -> None:
        self.snapshots = snapshots
        self._desk.window.freshness.set_snapshots_offered(bool(snapshots))
        for tell in self.on_snapshots:
            tell(snapshots)

    # Going there and back

    def open_calendar(self) -> None:
        """The days of which there is something to see."""
        window, work = self._desk.window, self._desk.session.work
        if work is None:
            return
        if self._calendar is None:
            self._calendar = SnapshotCalendar(window)
            self._calendar.snapshot_chosen.connect(self.show)
            self._calendar.live_requested.connect(self.go_live)
        shown = work.read_at if self.shows_snapshot else None
        self._calendar.set_snapshots(self.snapshots, shown, can_go_live=self._live is not None)
        self._calendar.popup_below(window.freshness.snapshots_button)

    @property
    def shows_snapshot(self) -> bool:
        return self._desk.session.backend.origin is Origin.SNAPSHOT

    def show(self, at: datetime | None, tenant: Tenant | None = None) -> None:
        """The whole window shows what was seen at `at` or last before it; None: at last. Of other
        customers, what was seen on that day or last before it."""
        session = self._desk.session
        if tenant is None and session.work is not None:
            tenant = session.work.tenant
        self._at = at
        session.backend = snapshot_backend(
            self._history,
            session.backend.product_name,
            at=at,
            of=tenant.id if tenant is not None else None,
            single_tenant=session.backend.single_tenant,
            offline=self._live is None,
        )
        self._show_again(tenant)
        if not session.tenants:
            self._controller.load_tenants()

    def go_live(self, tenant: Tenant | None = None) -> None:
        """Back to what Microsoft says."""
        if self._live is None:
            return
        session = self._desk.session
        session.backend = self._live
        self._show_again(tenant)
        if not session.tenants_known:  # those on offer may be the ones of the history
            self._controller.load_tenants()

    def _show_again(self, tenant: Tenant | None) -> None:
        session = self._desk.session
        self._desk.window.banner.clear()
        if tenant is None and session.work is not None:
            tenant = session.work.tenant
        if tenant is not None:
            self._controller.open_tenant(tenant)

    # Without the network

    def _away(self, error: DeskError, retry: Callable[[], object]) -> bool:
        """Offers what was seen before in place of what cannot be read; True when it does, or
        finds out whether it can."""
        if self.shows_snapshot:
            return self._not_so_early(error)
        if not isinstance(error, Unreachable):
            return False
        banner = self._desk.window.banner
        self._desk.tasks.read(
            self._offer(error, retry),
            name="look for a snapshot",
            # Not why there is nothing to offer, but what it was to be offered for.
            on_error=lambda _unread: banner.show_error(error, "Try again", retry),
        )
        return True

    def _not_so_early(self, error: DeskError) -> bool:
        """The open customer was read for the first time after the day that the window shows."""
        if not isinstance(error, NotFound) or self._at is None:
            return False
        at = self._at.astimezone()
        day = QLocale().toString(QDate(at.year, at.month, at.day), "d MMM yyyy")
        nothing = NotFound(f"There is no snapshot of this customer from {day} or before.")
        self._desk.window.banner.show_error(nothing, "Choose a snapshot", self.open_calendar)
        return True

    async def _offer(self, error: DeskError, retry: Callable[[], object]) -> None:
        banner, work = self._desk.window.banner, self._desk.session.work
        if work is not None:
            snapshots = await self._history.snapshots(work.tenant.id)
            if work is not self._desk.session.work:
                return  # what failed is of no interest any more
            if snapshots:
                newest = snapshots[0].at
                banner.show_error(
                    error,
                    f"Show the snapshot of {clock_text(newest)}",
                    lambda: self.show(newest),
                )
                return
        elif await self._history.tenants():
            banner.show_error(error, "Show the snapshots", lambda: self.show(None))
            return
        banner.show_error(error, "Try again", retry)
