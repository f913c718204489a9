"""More than a year at one customer, on the practice directory's clock: any day is as it was."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from o365desk.app.robot import seen
from o365desk.domain.query import StatusFilter
from o365desk.domain.snapshots import Snapshot
from o365desk.views.compare_page import ComparePage
from o365desk.views.product_history import ProductHistoryDialog
from o365desk.views.purge_page import PurgePage
from o365desk.views.rail import Place
from o365desk.views.review_dialog import ReviewDialog
from o365desk.views.snapshot_calendar import SnapshotCalendar
from o365desk.views.snapshots_dialog import SnapshotsDialog
from tests.app.harness import Running, desk
from tests.app.past_sight import (
    back_to_live,
    choose,
    go_to,
    in_truth,
    kept,
    on_screen,
    past_of,
    read_again,
    search_all,
)
from tests.app.test_reading import start_opening
from tests.seed.sight import Others, account, pane_table, product, rows, shown_names, sku

AMELIA, RHYS, ZOE = "Amelia Okafor", "Rhys Thistlewood", "Ζωή Παπαδάκη"
NEW = {
    "accountEnabled": True,
    "displayName": ZOE,
    "mailNickname": "zoe.new",
    "userPrincipalName": "zoe.new@tallpine.example",
    "usageLocation": "GB",
    "passwordProfile": {"password": "Zq7!mnoP44", "forceChangePasswordNextSignIn": True},
}
RENAMED = {"displayName": "Amelia Achebe", "userPrincipalName": "a.achebe@tallpine.example"}


@dataclass
class Year:
    """Snapshots of one customer, and the directory's own word of what was true at each."""

    running: Running
    purpose: str
    snapshots: list[Snapshot] = field(default_factory=list)
    truths: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.others = Others(self.running)

    def change(self, method: str, path: str, body: object = None) -> Any:
        return self.others.admin_center(self.purpose, method, path, body)

    def user(self, who: str) -> str:
        return str(account(self.running, self.purpose, who)["id"])

    def later(self, days: float) -> None:
        self.running.simulator.advance(days=days)

    async def look(self, *, everything: bool = False) -> None:
        """Reads the customer (again), and notes the truth."""
        if self.snapshots:
            count = len(self.snapshots) + 1
            self.snapshots.append(await read_again(self.running, count, everything=everything))
        else:
            self.snapshots.append(await kept(self.running))
        self.truths.append(in_truth(self.running, self.purpose))


async def compared(running: Running, earlier: Snapshot, later: Snapshot) -> ComparePage:
    """The two moments side by side, once all lines are counted."""
    page = await go_to(running, Place.COMPARE)
    assert isinstance(page, ComparePage)
    page.compare(earlier.at, later.at)
    await seen(
        lambda: (
            page._comparison is not None
            and (page._comparison.earlier, page._comparison.later) == (earlier.at, later.at)
            and not page.changes.working
        ),
        "the changes are listed",
    )
    return page


def lines(page: ComparePage) -> set[tuple[str, str]]:
    """What happened to whom, and to which product."""
    rows = page.changes.rows
    return {
        (
            str(change.kind),
            change.display_name + (f": {rows.product(change.sku_id)}" if change.sku_id else ""),
        )
        for row in range(page.changes.rowCount())
        if (change := page.changes.change_at(page.changes.index(row, 0))) is not None
    }


async def test_a_year_is_looked_at_day_by_day_and_any_two_days_compared() -> None:
    async with desk("well_stocked") as running:
        year = Year(running, "well_stocked")
        await year.look()
        year.later(days=10)
        year.change("POST", "/users", NEW)
        year.others.assign("well_stocked", year.user(AMELIA), "VISIOCLIENT")
        await year.look()
        year.later(days=30)
        rhys, zoe = year.user(RHYS), year.user(ZOE)
        year.change("DELETE", f"/users/{rhys}")
        year.change("PATCH", f"/users/{year.user(AMELIA)}", RENAMED)
        year.change("PATCH", f"/users/{zoe}", {"accountEnabled": False})
        await year.look(everything=True)
        year.later(days=12)
        year.change("POST", f"/directory/deletedItems/{rhys}/restore", {})
        await year.look()
        year.later(days=1)
        year.change("DELETE", f"/users/{zoe}")
        await year.look()
        year.later(days=347)  # who was deleted is purged long ago
        await year.look()
        span = year.snapshots[-1].at - year.snapshots[0].at
        assert span >= timedelta(days=400)

        for number in (0, 2, 4, 3, 1):
            await choose(running, year.snapshots[number].at)
            assert on_screen(running) == year.truths[number], f"day {number}"
        names = set(shown_names(running))
        assert {AMELIA, ZOE} <= names  # the second day, before anybody was renamed
        await back_to_live(running)
        assert on_screen(running) == year.truths[-1]
        assert "Amelia Achebe" in shown_names(running)

        page = await compared(running, year.snapshots[0], year.snapshots[1])
        assert lines(page) == {
            ("Created", ZOE),
            ("License gained", f"{AMELIA}: {product('VISIOCLIENT')}"),
        }
        held = [f"{RHYS}: {product(part)}" for part in ("SPE_E3", "MCOEV", "POWER_BI_PRO")]
        page = await compared(running, year.snapshots[1], year.snapshots[2])
        assert lines(page) == {
            ("Deleted", RHYS),
            ("Removed for good", "Noël Rousseau"),  # was deleted before the year began
            *(("License lost", one) for one in held),
            ("Renamed", RENAMED["displayName"]),
            ("Blocked", ZOE),
        }
        page = await compared(running, year.snapshots[2], year.snapshots[3])
        assert lines(page) == {("Restored", RHYS), *(("License gained", one) for one in held)}
        page = await compared(running, year.snapshots[0], year.snapshots[-1])
        whole = {
            ("Removed for good", "Noël Rousseau"),
            ("Renamed", RENAMED["displayName"]),
            ("License gained", f"{RENAMED['displayName']}: {product('VISIOCLIENT')}"),
        }
        assert lines(page) == whole, "who came and went in between is in neither"
        assert page.counts.text() == f"{len(whole)} changes"
        moved = [row["Product Name"] for row in rows(page.moved.counters)]
        assert moved == [product("VISIOCLIENT")]

        running.robot.click(page.review_button)
        sheet = await running.robot.opened(ReviewDialog)
        await seen(sheet.pdf_button.isEnabled, "the sheet is made")
        assert sheet._sheet is not None
        totals = {one.name: (len(one.added), len(one.removed)) for one in sheet._sheet.products}
        gained = totals.pop(product("VISIOCLIENT"))
        assert gained == (1, 0)
        assert set(totals.values()) == {(0, 0)}
        assert "Amelia Achebe" in sheet.preview.toPlainText()
        sheet.reject()


async def test_who_is_deleted_is_counted_down_and_gone_after_thirty_days() -> None:
    async with desk("well_stocked") as running:
        year = Year(running, "well_stocked")
        await year.look()
        year.change("DELETE", f"/users/{year.user(RHYS)}")
        await year.look()
        deleted = year.snapshots[-1]
        year.later(days=28.9)
        year.change("DELETE", f"/users/{year.user(AMELIA)}")
        await year.look()
        page = await go_to(running, Place.DELETED)
        assert isinstance(page, PurgePage)

        def listed() -> list[tuple[str, str]]:
            return [(row["Display name"], row["Days left"]) for row in rows(page.model)]

        await seen(lambda: len(listed()) == 2, "both are listed")
        assert listed() == [(RHYS, "2, soon"), (AMELIA, "30")]
        assert [row["Seats free now"] for row in rows(page.model)] == ["3 of 3 free", ""]
        year.later(days=2)
        await go_to(running, Place.USERS)
        await year.look()
        await go_to(running, Place.DELETED)
        await seen(lambda: listed() == [(AMELIA, "28")], "who is purged is not there any more")
        # As it was on that day he is still there, with the days that he had then.
        await go_to(running, Place.USERS)
        await choose(running, deleted.at)
        assert running.robot.cell(RHYS, "status") == "Deleted, 30 days left"


async def test_what_made_a_product_over_allocated_is_found_between_two_snapshots() -> None:
    part, purpose = "SPB", "no_seats"
    async with desk(purpose) as running:
        year = Year(running, purpose)
        await year.look()
        year.later(days=3)
        leaver, waiting = year.user("Zoé Dubois"), year.user("unlicensed")
        year.change("DELETE", f"/users/{leaver}")
        await year.look()
        year.later(days=3)
        year.others.assign(purpose, waiting, part)
        await year.look()
        year.later(days=3)
        year.change("POST", f"/directory/deletedItems/{leaver}/restore", {})
        await year.look()
        assert running.work.skus
        table = pane_table(running)
        names = [row["Product Name"] for row in rows(table.model())]
        table.setFocus()
        table.setCurrentIndex(table.model().index(names.index(product(part)), 0))
        running.robot.key(table, Qt.Key.Key_H)
        dialog = await running.robot.opened(ProductHistoryDialog)
        await seen(lambda: dialog.model.rowCount() == 4, "the counters of four days")
        assert [row["Available"] for row in rows(dialog.model)] == ["-1", "0", "1", "0"]
        assert "over-allocated" in dialog.since.text().lower()
        what = "What made it over-allocated"
        trail = next(one for one in dialog.findChildren(QPushButton) if one.text() == what)
        running.robot.click(trail)
        await seen(dialog.trail.model.rowCount, "what changed")
        told = [row["What happened"] for row in rows(dialog.trail.model)]
        assert told[1] == "Zoé Dubois was restored with this product."
        assert [row["Available"] for row in rows(dialog.trail.model)] == ["0", "-1", "", "-1"]
        running.robot.click(dialog.compare_button)
        await seen(lambda: running.program.window.place is Place.COMPARE, "the two days")


async def test_a_username_of_last_year_finds_who_has_another_one_now() -> None:
    async with desk("well_stocked") as running:
        year = Year(running, "well_stocked")
        await year.look()
        year.later(days=200)
        year.change("PATCH", f"/users/{year.user(AMELIA)}", RENAMED)
        await year.look()
        search = await search_all(running, "amelia.okafor")
        assert search._model.total == 1
        running.robot.key(search._field, Qt.Key.Key_Return)
        table = running.robot.table
        await seen(
            lambda: (
                (user := table.user_of(table.currentIndex())) is not None
                and user.username == RENAMED["userPrincipalName"]
            ),
            "she is the current user",
        )
        # Whoever came later is found as well, but not on the screen of an earlier day.
        year.change("POST", "/users", NEW)
        await read_again(running, 3)
        await choose(running, year.snapshots[0].at)
        search = await search_all(running, "zoe.new")
        running.robot.key(search._field, Qt.Key.Key_Return)
        banner = running.program.window.banner
        await seen(lambda: banner.messages, "why nobody is shown")
        assert banner.messages[0].sentence.startswith("This user is not in the list as it was on")
        assert banner.messages[0].next_step == "Choose a later snapshot, or go back to live data."


async def test_what_need_not_be_kept_goes_when_settings_say_so_and_at_the_next_start() -> None:
    async with desk("tiny") as running:
        year = Year(running, "tiny")
        await year.look()
        for hours in (2, 24, 24 * 20, 1, 1):
            year.later(days=hours / 24)
            await year.look()
        past = await past_of(running)
        assert len(past.time_line.snapshots) == 6
        running.robot.click(running.program.window.rail.snapshots)
        dialog = await running.robot.opened(SnapshotsDialog)
        await seen(dialog.count.text, "what is kept is told")
        dialog.all_days.setFocus()
        running.robot.type(dialog.all_days.lineEdit(), "10")
        running.robot.key(dialog.all_days, Qt.Key.Key_Tab)
        running.robot.click(dialog.removal.yes)
        await kept(running, 5)  # of the first day the later one
        assert past.time_line.snapshots[-1].at == year.snapshots[1].at
        dialog.reject()


async def test_another_customer_is_shown_as_of_the_same_day() -> None:
    async with desk("tiny") as running:
        first = await kept(running)
        running.simulator.advance(seconds=1)  # a refresh of all reads one after the other
        await running.open("deleted")
        same_day = await kept(running)
        running.simulator.advance(days=3)
        await read_again(running, 2)
        await running.open("no_seats")
        await kept(running)
        await running.open("tiny")
        await kept(running, 2)
        await choose(running, first.at)
        await running.open("deleted")
        assert running.work.read_at == same_day.at
        window = running.program.window
        await start_opening(running, "no_seats")
        await seen(lambda: window.banner.messages, "it was not read as early as that")
        said = window.banner.messages[0]
        assert said.sentence.startswith("There is no snapshot of this customer from ")
        assert shown_names(running) == []
        [button] = [
            one for one in window.banner.findChildren(QPushButton) if one.text() == said.action
        ]
        running.robot.click(button)
        calendar = await running.robot.opened(SnapshotCalendar)
        running.robot.key(calendar.times, Qt.Key.Key_Return)
        await seen(lambda: len(shown_names(running)) > 10, "the day of its own")
        assert window.banner.messages == ()


async def test_filters_and_holders_speak_of_the_day_that_is_shown() -> None:
    purpose = "well_stocked"
    async with desk(purpose) as running:
        year = Year(running, purpose)
        await kept(running)
        year.change("POST", "/users", NEW)
        zoe = year.user(ZOE)
        year.change("PATCH", f"/users/{zoe}", {"accountEnabled": False})
        year.others.assign(purpose, zoe, "VISIOCLIENT")
        await read_again(running, 2)
        then = await kept(running, 2)
        held_then = holders(running, purpose, "VISIOCLIENT")
        running.simulator.advance(days=100)
        year.change("PATCH", f"/users/{zoe}", {"accountEnabled": True})
        year.others.assign(purpose, zoe, remove=("VISIOCLIENT",))
        await read_again(running, 3)
        filters = running.program.window.users.filters
        for at, blocked, held in (
            (then.at, True, held_then),
            (None, False, holders(running, purpose, "VISIOCLIENT")),
        ):
            if at is not None:
                await choose(running, at)
            else:
                await back_to_live(running)
            filters.set_status(StatusFilter.BLOCKED)
            assert (ZOE in shown_names(running)) is blocked
            filters.set_status(StatusFilter.ALL)
            table = pane_table(running)
            names = [row["Product Name"] for row in rows(table.model())]
            table.setCurrentIndex(table.model().index(names.index(product("VISIOCLIENT")), 0))
            running.robot.key(table, Qt.Key.Key_W)
            assert set(shown_names(running)) == held
            filters.clear_filters()
        assert ZOE in held_then


def holders(running: Running, purpose: str, part: str) -> set[str]:
    """Display names of who really holds a product now."""
    users = running.truth(purpose)["users"]
    return {one["displayName"] for one in users if sku(part) in one["licenses"]}
