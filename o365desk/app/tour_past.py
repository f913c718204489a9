"""The steps of the tour that work with what was seen before, and with all customers at once."""

from typing import TypeVar

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from o365desk.app.robot import NotSeenError, seen
from o365desk.app.tour_day import CUSTOMER
from o365desk.app.walk import Step, Walk
from o365desk.models.search_hits import SearchHitModel
from o365desk.views.compare_page import ComparePage
from o365desk.views.customer_search import CustomerSearch
from o365desk.views.portfolio_page import PortfolioPage
from o365desk.views.product_history import ProductHistoryDialog
from o365desk.views.purge_page import PurgePage
from o365desk.views.rail import Place
from o365desk.views.review_dialog import ReviewDialog
from o365desk.views.sku_table import SkuTable
from o365desk.views.snapshot_calendar import SnapshotCalendar
from o365desk.views.snapshots_dialog import SnapshotsDialog

TROUBLED = "Copper Kettle Brewing"
NAME = "maria"
ALL_READ = 60.0
"""Seconds for reading all customers of the practice directory; a slow computer needs ten."""

P = TypeVar("P", bound=QWidget)
T = TypeVar("T", bound=QObject)

_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class PastSteps:
    """Through all places but the first one."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._window = walk.window
        self._robot = walk.robot

    def steps(self) -> list[Step]:
        return [
            ("What was read is kept: choose an earlier day", self._choose_day),
            ("Come back to live", self._go_live),
            ("Compare two days with Ctrl+2", self._compare),
            ("Save a license review sheet of them", self._review),
            ("Refresh all customers in the portfolio, Ctrl+3", self._portfolio),
            ("See the deleted users of all customers, Ctrl+4", self._deleted),
            ("Search all customers with Ctrl+Shift+F", self._search),
            ("See the history of a product, and why it is over-allocated", self._history),
            ("Export the Users' List", self._export),
            ("Look at what is kept", self._settings),
        ]

    async def _go_to(self, place: Place, kind: type[P]) -> P:
        """By keyboard; answers the page."""
        await self._robot.in_front()
        number = list(Place).index(place) + 1
        self._robot.key(self._window, Qt.Key(Qt.Key.Key_0 + number), _CONTROL)
        await seen(lambda: self._window.place is place, f"the place {place}")
        return _part(self._window, kind)

    # One customer, as it was

    async def _choose_day(self) -> None:
        await self._walk.open_customer(CUSTOMER)
        freshness = self._window.freshness
        await self._walk.see(
            "“kept for this run”", lambda: freshness.kept_text.endswith("kept for this run")
        )
        self._robot.click(freshness.snapshots_button)
        calendar = await self._robot.opened(SnapshotCalendar)
        self._robot.key(calendar.grid, Qt.Key.Key_PageUp)
        await self._walk.see("snapshots of earlier days", lambda: calendar.times.count() > 0)
        await self._walk.shot("time-line")
        self._robot.key(calendar.grid, Qt.Key.Key_Return)
        await self._walk.see("which day is shown", lambda: "napshot of" in freshness.text)
        await self._walk.see(
            "nobody to be created there",
            lambda: not self._window.users.create_button.isEnabled(),
        )
        await self._robot.loaded()
        await self._walk.shot("earlier-day")

    async def _go_live(self) -> None:
        freshness = self._window.freshness
        self._robot.click(freshness.live_button)
        await self._walk.see("that it was read just now", lambda: "read" in freshness.text)
        await self._walk.see("users can be created", self._window.users.create_button.isEnabled)

    async def _compare(self) -> None:
        page = await self._go_to(Place.COMPARE, ComparePage)
        await seen(lambda: page.pair, "two snapshots to compare")
        for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down):
            self._robot.key(page.period, key)
        await self._walk.see("the last month", lambda: page.period.currentText() == "Last month")
        await self._walk.see("what changed", lambda: page.changes.rowCount() > 0)
        await self._walk.see(
            "the totals", lambda: "Licenses" in str(dict(page.describe().facts)["Total"])
        )
        await self._walk.shot("compare")

    async def _review(self) -> None:
        page = await self._go_to(Place.COMPARE, ComparePage)
        self._robot.click(page.review_button)
        dialog = await self._robot.opened(ReviewDialog)
        await self._walk.see("the sheet", dialog.pdf_button.isEnabled)
        await self._walk.shot("license-review")
        self._robot.click(dialog.pdf_button)
        await self._walk.save_as("license-review.pdf", b"%PDF")
        self._robot.click(dialog.close_button)
        await self._robot.closed(ReviewDialog)

    # All customers

    async def _portfolio(self) -> None:
        page = await self._go_to(Place.PORTFOLIO, PortfolioPage)
        await seen(page.refresh_button.isEnabled, "all customers can be read")
        self._robot.click(page.refresh_button)
        total = len(self._walk.desk.session.tenants)
        done = f"Finished: {total} of {total}"
        await self._walk.see(
            f"{total} of {total} customers read",
            lambda: page.sweep.text.text().startswith(done),
            ALL_READ,
        )

        def first() -> QModelIndex:
            return page.model.index(0, 0)

        await self._walk.see(
            "the one with the most trouble first", lambda: first().data() == TROUBLED
        )
        self._robot.click_cell(page.table, first())
        await self._walk.see("its findings", lambda: page.findings.name.full() == TROUBLED)
        await self._walk.shot("portfolio")

    async def _deleted(self) -> None:
        page = await self._go_to(Place.DELETED, PurgePage)
        await self._walk.see("who can be restored", lambda: page.model.rowCount() > 0)
        await self._walk.shot("deleted-users-of-all")

    async def _search(self) -> None:
        await self._robot.in_front()
        self._robot.key(self._window, Qt.Key.Key_F, _CONTROL | _SHIFT)
        search = await self._robot.opened(CustomerSearch)
        field = _part(search, QLineEdit)
        found = _part(search, SearchHitModel)
        self._robot.type(field, NAME)
        await self._walk.see("users of several customers", lambda: found.total > 1)
        await seen(lambda: not found.old, "these are the finds")
        hit = found.hit_at(0)
        await self._walk.shot("search-all-customers")
        self._robot.key(field, Qt.Key.Key_Return)
        await seen(lambda: hit, "the first find")
        assert hit is not None  # noqa: S101 (seen the line above)
        table, name = self._window.users.table, hit.tenant.name
        await self._walk.see(name, lambda: self._window.windowTitle().startswith(name))
        await self._walk.see(
            "the user that was found",
            lambda: (user := table.current_user()) is not None and user.id == hit.user_id,
        )

    # A product, a table, and what is kept

    async def _history(self) -> None:
        await self._walk.open_customer(TROUBLED)
        work = self._walk.desk.session.work
        lacking = [sku.id for sku in work.skus if sku.available < 0] if work is not None else []
        await self._walk.see("a product with too few licenses", lambda: lacking)
        table = _part(self._window.licenses, SkuTable)
        table.select_sku(lacking[0])
        self._robot.key(table, Qt.Key.Key_H)
        dialog = await self._robot.opened(ProductHistoryDialog)
        await self._walk.see("since when", lambda: "allocated between" in dialog.since.text())
        await self._walk.shot("product-history")
        self._robot.press(dialog, "What made it over-allocated")
        await self._walk.see("through what", lambda: dialog.trail.model.rowCount() > 2)
        await self._walk.shot("over-allocated")
        self._robot.click(dialog.close_button)
        await self._robot.closed(ProductHistoryDialog)

    async def _export(self) -> None:
        await self._export_as("As shown: CSV…", "users.csv", b"\xef\xbb\xbf")
        await self._export_as("All columns: Excel workbook…", "users.xlsx", b"PK")
        banner = self._window.banner
        await self._walk.see(
            "what was written", lambda: any("users.xlsx" in one.sentence for one in banner.messages)
        )
        await self._walk.shot("exported")

    async def _export_as(self, entry: str, name: str, begins: bytes) -> None:
        self._robot.click(self._window.users.export_button)
        self._robot.choose(await self._robot.opened(QMenu), entry)
        await self._walk.save_as(name, begins)

    async def _settings(self) -> None:
        self._robot.click(self._window.rail.snapshots)
        dialog = await self._robot.opened(SnapshotsDialog)
        await self._walk.see("how much is kept", lambda: "customers" in dialog.count.text())
        await self._walk.shot("snapshots")
        self._robot.click(dialog.close_button)
        await self._robot.closed(SnapshotsDialog)

    async def dark(self) -> None:
        """The last step, once the theme has changed."""
        for place, kind in ((Place.COMPARE, ComparePage), (Place.PORTFOLIO, PortfolioPage)):
            await self._go_to(place, kind)
            await self._walk.shot(f"dark-{place.lower()}")
        self._walk.say("  seen: places in dark")


def _part(whole: QWidget, kind: type[T]) -> T:
    """What a page or dialog has one of."""
    found = whole.findChild(kind)
    if not isinstance(found, kind):
        raise NotSeenError(kind.__name__)
    return found
