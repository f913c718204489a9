"""The place where two moments of the open customer are compared, and the review sheet of them."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from o365desk.app.controller import DeskController
from o365desk.app.desk import Desk
from o365desk.app.jumps import Jumps
from o365desk.app.profile import write_whole
from o365desk.app.session import TenantWork
from o365desk.domain.comparison import UserChange
from o365desk.domain.directory import UserId
from o365desk.domain.errors import DeskError
from o365desk.domain.history import History
from o365desk.domain.review import review
from o365desk.domain.snapshots import Snapshot
from o365desk.services.csv_table import as_csv
from o365desk.views.compare_page import ComparePage
from o365desk.views.rail import Place

_PIECE = 1_000
"""Lines that are freed at once."""


class ComparePlace:
    """Follows the open tenant. Its page is made when somebody goes there first."""

    def __init__(
        self,
        desk: Desk,
        controller: DeskController,
        history: History,
        jumps: Jumps,
        list_again: Callable[[], None],
    ) -> None:
        """`list_again` reads the list of snapshots once more."""
        self._list_again = list_again
        self._desk = desk
        self._controller = controller
        self._history = history
        self._jumps = jumps
        self._page: ComparePage | None = None
        self._lines: list[UserChange] = []
        """Those on the page."""
        self._snapshots: tuple[Snapshot, ...] | None = None
        """Those of the open tenant; None while they are being listed."""
        self._unlisted: DeskError | None = None
        """Why they could not be listed."""
        work = desk.session.work
        self._of = None if work is None else work.tenant.id
        desk.window.add_place(Place.COMPARE, self._make)

    def opened(self, work: TenantWork) -> None:
        """Another tenant is open; or the same one as another day has it, of which what is compared
        stays."""
        if self._of == work.tenant.id:
            if self._page is not None:
                self._page.cut_off()
            return
        self._of = work.tenant.id
        self._snapshots = self._unlisted = None
        if self._page is not None:
            self._follow(self._page)

    def snapshots_failed(self, error: DeskError) -> None:
        """The list of them could not be read."""
        self._unlisted = error
        if self._page is not None:
            self._page.show_error(error)

    def snapshots_are(self, snapshots: tuple[Snapshot, ...]) -> None:
        self._snapshots, self._unlisted = snapshots, None
        if self._page is not None:
            self._page.set_snapshots(snapshots)

    def _make(self) -> ComparePage:
        page = self._page = ComparePage(self._desk.session.backend.product_name, self._desk.window)
        page.comparison_requested.connect(self._compare)
        page.snapshots_requested.connect(self._list_again)
        page.user_requested.connect(self._go_to_user)
        page.review_requested.connect(self.open_review)
        for button in (page.export_button, *page.moved.export_buttons):
            self._controller.exports.serve(button)
        self._follow(page)
        return page

    def _follow(self, page: ComparePage) -> None:
        work = self._desk.session.work
        page.set_tenant(work.tenant if work is not None else None)
        if self._snapshots is not None:
            page.set_snapshots(self._snapshots)
        if self._unlisted is not None:
            page.show_error(self._unlisted)

    def show(self, earlier: datetime, later: datetime) -> None:
        """Goes there, with two snapshots of the open tenant."""
        self._desk.window.go_to(Place.COMPARE)
        if self._page is not None:
            self._page.compare(earlier, later)

    def _compare(self, earlier: datetime, later: datetime) -> None:
        work, page = self._desk.session.work, self._page
        if work is None or page is None:
            return

        async def compare() -> None:
            found = await self._history.comparison(work.tenant.id, earlier, later)
            old, self._lines = self._lines, [*found.changes]
            page.set_comparison(found)
            self._desk.tasks.read(_let_go(old), name="free the old comparison")

        page.set_loading("Comparing…")
        self._desk.tasks.latest(
            "compare",
            compare(),
            name="compare two snapshots",
            scope=work.scope,
            on_error=page.show_error,
        )

    def _go_to_user(self, user_id: UserId) -> None:
        work = self._desk.session.work
        if work is not None:
            self._jumps.to_user(work.tenant, user_id)

    # License review sheet

    def open_review(self, earlier: datetime, later: datetime) -> None:
        """What the two snapshots mean for the invoice, to print or to send (N10)."""
        from o365desk.views.review_dialog import ReviewDialog

        work, desk = self._desk.session.work, self._desk
        if work is None:
            return
        dialog = ReviewDialog(
            work.tenant,
            self._snapshots or (),
            desk.window,
            period=(earlier, later),
        )
        scope = desk.show_dialog(dialog)

        async def fill(earlier: datetime, later: datetime, idle_days: int) -> None:
            found = await self._history.comparison(work.tenant.id, earlier, later)
            state = await self._history.state(work.tenant.id, later)
            dialog.set_sheet(await asyncio.to_thread(review, found, state, idle_days))

        def read(earlier: datetime, later: datetime, idle_days: int) -> None:
            desk.tasks.latest(
                (dialog, "sheet"),
                fill(earlier, later, idle_days),
                name="make a review sheet",
                scope=scope,
                on_error=dialog.show_error,
            )

        async def write(path: Path, content: Callable[[], bytes]) -> None:
            await asyncio.to_thread(_write, path, content)
            dialog.set_done(f"Written to {path.name}.")

        def keep(path: str, content: Callable[[], bytes]) -> None:
            desk.tasks.read(
                write(Path(path), content),
                name="write a review sheet",
                scope=scope,
                on_error=dialog.show_error,
            )

        dialog.period_chosen.connect(read)
        dialog.html_chosen.connect(lambda path, page: keep(path, page.encode))
        dialog.csv_chosen.connect(
            lambda path, header, rows: keep(path, partial(as_csv, header, rows, mark=True))
        )


async def _let_go(lines: list[UserChange]) -> None:
    """Frees lines that nobody shows any more, giving way to the window all along."""
    while lines:
        del lines[-_PIECE:]
        await asyncio.sleep(0)


def _write(path: Path, content: Callable[[], bytes]) -> None:
    """In a thread. Raises DeskError."""
    try:
        write_whole(path, content())
    except OSError as error:
        from o365desk.app.export_flow import not_written

        raise not_written(error) from None
