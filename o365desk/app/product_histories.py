"""How the counters of the open customer's products moved: little lines in the Licenses pane, and
a window of its own for each product."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from o365desk.app.controller import DeskController
from o365desk.app.desk import Desk
from o365desk.app.session import TenantWork
from o365desk.app.tasks import Scope
from o365desk.domain.history import History
from o365desk.domain.licensing import SkuId
from o365desk.domain.snapshots import Snapshot
from o365desk.domain.trail import causes
from o365desk.views.product_history import ProductHistoryDialog

Compare = Callable[[datetime, datetime], None]


class ProductHistories:
    """One window's."""

    def __init__(
        self, desk: Desk, controller: DeskController, history: History, compare: Compare
    ) -> None:
        """`compare` shows two moments of the open tenant side by side."""
        self._desk = desk
        self._controller = controller
        self._history = history
        self._compare = compare
        desk.window.licenses.history_requested.connect(self.open)

    # Little lines

    def snapshots_are(self, snapshots: tuple[Snapshot, ...]) -> None:
        """Those of the open tenant are others, or another tenant is open."""
        work = self._desk.session.work
        if work is None or len(snapshots) < 2:
            self._desk.window.licenses.set_series({})
            return
        self._desk.tasks.latest(
            "little lines", self._draw(work), name="read all counters", scope=work.scope
        )

    async def _draw(self, work: TenantWork) -> None:
        series = await self._history.all_counters(work.tenant.id)
        if work is self._desk.session.work:
            self._desk.window.licenses.set_series({one.sku_id: one for one in series})

    # A window for one product

    def open(self, sku_id: SkuId) -> None:
        work, desk = self._desk.session.work, self._desk
        if work is None:
            return
        name = next((sku.name for sku in work.skus if sku.id == sku_id), "")
        name = name or desk.session.backend.product_name(sku_id)
        dialog = ProductHistoryDialog(name, work.tenant.name, desk.window)
        self._controller.exports.serve(dialog.export_button)
        scope = desk.show_dialog(dialog)

        def read() -> None:
            dialog.set_loading()
            desk.tasks.latest(
                (dialog, "series"),
                self._fill(work, sku_id, dialog),
                name="read counters of a product",
                scope=scope,
                on_error=dialog.show_error,
            )

        dialog.retry_requested.connect(read)
        dialog.trail_requested.connect(
            lambda earlier, later: self._explain(work, sku_id, dialog, scope, earlier, later)
        )
        dialog.compare_requested.connect(lambda earlier, later: self._go(dialog, earlier, later))
        read()

    async def _fill(self, work: TenantWork, sku_id: SkuId, dialog: ProductHistoryDialog) -> None:
        dialog.set_series(await self._history.counters(work.tenant.id, sku_id))

    def _explain(
        self,
        work: TenantWork,
        sku_id: SkuId,
        dialog: ProductHistoryDialog,
        scope: Scope,
        earlier: datetime,
        later: datetime,
    ) -> None:
        """What made a product over-allocated between two snapshots (N15)."""

        async def find() -> None:
            found = await self._history.comparison(work.tenant.id, earlier, later)
            # In a thread: there may be a line about each of 100,000 users.
            dialog.set_trail(await asyncio.to_thread(causes, found, sku_id))

        self._desk.tasks.latest(
            (dialog, "trail"),
            find(),
            name="look for causes",
            scope=scope,
            on_error=dialog.show_trail_error,
        )

    def _go(self, dialog: ProductHistoryDialog, earlier: datetime, later: datetime) -> None:
        dialog.reject()
        self._compare(earlier, later)
