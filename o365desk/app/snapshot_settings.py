"""How long snapshots are kept, what they take, and how they are removed."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date

from PySide6.QtCore import QLocale

from o365desk.app.desk import Desk
from o365desk.app.keeping import retention
from o365desk.domain.directory import TenantId
from o365desk.domain.history import History
from o365desk.domain.retention import Retention
from o365desk.views.snapshots_dialog import SnapshotsDialog


class SnapshotSettings:
    """One window's. Thins the snapshots out once a day, when one has been kept."""

    def __init__(
        self, desk: Desk, history: History, changed: Callable[[], object], problem: str = ""
    ) -> None:
        """`changed` is called when snapshots have been removed. `problem`: why they are not kept
        on the disk, as a sentence."""
        self._problem = problem
        self._desk = desk
        self._history = history
        self._changed = changed
        self._thinned_out: date | None = None
        desk.window.rail.snapshots_requested.connect(self.open)

    def recorded(self) -> None:
        """The open tenant has been read and kept: nobody waits for what is done from here on."""
        today = self._desk.session.now().date()
        if self._thinned_out != today:
            self._thinned_out = today
            self._desk.tasks.latest("thin out", self._thin_out(), name="thin out the snapshots")

    async def _thin_out(self) -> None:
        wanted = retention(self._desk.session.settings)
        if await self._history.thin_out(wanted, self._desk.session.now()):
            self._changed()

    def open(self) -> None:
        dialog = SnapshotsDialog(self._desk.window)
        dialog.set_retention(retention(self._desk.session.settings))
        scope = self._desk.show_dialog(dialog)

        def run(work: Callable[[], Awaitable[str]]) -> None:
            async def carry_out() -> None:
                said = await work()
                await self._fill(dialog)
                if said:
                    dialog.set_done(said)

            self._desk.tasks.read(
                carry_out(), name="snapshots", scope=scope, on_error=dialog.show_error
            )

        async def nothing() -> str:
            return ""

        dialog.retention_chosen.connect(lambda chosen: run(lambda: self._retain(chosen)))
        dialog.forget_requested.connect(lambda tenant: run(lambda: self._forget(TenantId(tenant))))
        dialog.check_requested.connect(lambda: run(self._check))
        run(nothing)

    async def _fill(self, dialog: SnapshotsDialog) -> None:
        dialog.set_facts(await self._history.store_facts(), problem=self._problem)
        dialog.set_tenants(await self._history.tenants())

    async def _retain(self, chosen: Retention) -> str:
        settings = self._desk.session.settings
        settings.retention = asdict(chosen)
        settings.save()
        try:
            removed = await self._history.thin_out(chosen, self._desk.session.now())
        finally:
            self._changed()
        if not removed:
            return "No snapshot had to be removed."
        return f"{_number(removed)} {'snapshot was' if removed == 1 else 'snapshots were'} removed."

    async def _forget(self, tenant: TenantId) -> str:
        try:
            await self._history.forget(tenant)
        finally:  # it may be gone even where not every trace of it is
            self._changed()
        return "Everything that was seen of this customer has been removed."

    async def _check(self) -> str:
        return await self._history.check() or "The file is whole."


def _number(count: int) -> str:
    return QLocale().toString(count)
