"""What happens to snapshots while something else is under way: nothing may be mixed up or lost."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from o365desk.app.past import Past
from o365desk.app.robot import seen
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import DeskError
from o365desk.domain.ports import Origin
from o365desk.domain.snapshots import HitKind, SearchHit, Snapshot
from o365desk.models.words import clock_text
from o365desk.views.compare_page import ComparePage
from o365desk.views.portfolio_page import PortfolioPage
from o365desk.views.purge_page import PurgePage
from o365desk.views.rail import Place
from o365desk.views.snapshot_calendar import SnapshotCalendar
from tests.app.harness import desk
from tests.app.past_sight import kept, past_of, read_again
from tests.seed.sight import in_front

FIRST, SECOND = "tiny", "well_stocked"
DAY = timedelta(days=1)


def show_newest(past: Past) -> None:
    past.time_line.show(past.time_line.snapshots[0].at)


async def test_a_snapshot_on_its_way_is_not_called_live() -> None:
    async with desk(FIRST) as running:
        await kept(running)
        past = await past_of(running)
        bar = running.program.window.freshness
        show_newest(past)
        assert bar.text == "Practice directory, snapshot, not read yet"
        assert bar.live_button.isVisibleTo(bar)
        await seen(lambda: "ago" in bar.text, "the snapshot is read")
        past.time_line.go_live()
        assert "snapshot" not in bar.text


async def test_the_list_of_customers_goes_on_while_a_snapshot_is_shown() -> None:
    async with desk(FIRST) as running:
        await kept(running)
        past = await past_of(running)
        program, session = running.program, running.program.desk.session
        everybody = len(session.tenants)
        program.controller.load_tenants()
        show_newest(past)
        await seen(lambda: session.tenants_known, "the customers are read")
        assert len(session.tenants) == everybody
        assert session.backend.origin is Origin.SNAPSHOT


async def test_live_again_means_all_customers_and_not_those_with_snapshots() -> None:
    async with desk(FIRST) as running:
        await kept(running)
        past = await past_of(running)
        program, session = running.program, running.program.desk.session
        everybody = len(session.tenants)
        show_newest(past)
        program.controller.load_tenants()  # "Try again", after the list could not be read
        await seen(lambda: len(session.tenants) == 1, "only customers with snapshots are listed")
        past.customers.refresh_all()
        assert past.sweep is not None
        assert past.sweep.total == 0, "the others would be left out unsaid"
        past.time_line.go_live()
        await seen(lambda: session.tenants_known, "the customers are read")
        assert len(session.tenants) == everybody


async def test_who_is_left_while_the_snapshot_is_kept_is_told_of_as_well() -> None:
    async with desk(FIRST) as running:
        await kept(running)
        past = await past_of(running)
        told: list[str] = []
        past.recorder.on_recorded.append(lambda: told.append("kept"))
        desk_ = running.program.desk
        first = running.work
        desk_.readings_may_have_ended(first)  # as at the end of a reading
        desk_.session.open(running.program.controller.tenants[1])
        await seen(lambda: told, "the other places are told")


async def test_one_calendar_which_closes_when_another_customer_opens() -> None:
    async with desk(FIRST) as running:
        await kept(running)
        window, robot = running.program.window, running.robot
        for _ in range(2):
            robot.click(window.freshness.snapshots_button)
            calendar = await robot.opened(SnapshotCalendar)
            robot.key(calendar.grid, Qt.Key.Key_Escape)
            await robot.closed(SnapshotCalendar)
        assert len(window.findChildren(SnapshotCalendar)) == 1
        robot.click(window.freshness.snapshots_button)
        other = next(
            one for one in running.program.controller.tenants if one.id != running.work.tenant.id
        )
        running.program.controller.open_tenant(other)
        assert robot.dialog(SnapshotCalendar) is None


async def test_a_customer_who_is_not_listed_any_more_is_shown_as_last_seen() -> None:
    async with desk(FIRST) as running:
        await kept(running)
        past = await past_of(running)
        program, session = running.program, running.program.desk.session
        window = program.window
        gone = running.work.tenant
        await running.open(SECOND)
        session.tenants.remove(gone)
        window.go_to(Place.PORTFOLIO)
        now = program.desk.session.now()
        hit = SearchHit(HitKind.TENANT, gone, now, gone.name, gone.domain)
        past.customers._open_hit(hit)
        (told,) = (one for one in window.banner.messages if gone.name in one.sentence)
        (button,) = (
            one for one in window.banner.findChildren(QPushButton) if one.text() == told.action
        )
        running.robot.click(button)
        await seen(lambda: "ago" in window.freshness.text, "the snapshot is read")
        assert window.place is Place.USERS
        assert running.work.tenant.id == gone.id


async def test_ctrl_f_means_the_filter_of_the_place_wherever_the_keyboard_is() -> None:
    async with desk(FIRST) as running:
        await kept(running)
        await in_front(running)
        window, robot = running.program.window, running.robot
        robot.key(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
        page = window.findChild(PortfolioPage)
        assert isinstance(page, PortfolioPage)
        await seen(page.search.isEnabled, "the customers are looked up")
        window.rail.search.setFocus()
        robot.key(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        assert window.place is Place.PORTFOLIO
        assert page.search.hasFocus()


async def test_what_is_compared_stays_while_the_window_goes_to_another_day() -> None:
    async with desk(FIRST) as running:
        await kept(running)
        past, window = await past_of(running), running.program.window
        await read_again(running, 2)
        await read_again(running, 3)
        newest, _, oldest = (one.at for one in past.time_line.snapshots)
        past.compare.show(oldest, newest)
        past.time_line.show(oldest)  # while the two are being compared
        page = window.findChild(ComparePage)
        assert isinstance(page, ComparePage)
        assert page.pair == (oldest, newest)
        await seen(lambda: page.counts.text().endswith("changes"), "the two are compared")
        past.time_line.go_live()
        await running.open(SECOND)
        await kept(running)
        assert page.pair is None, "nothing of another customer stays"


async def test_compare_says_that_snapshots_could_not_be_listed_and_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with desk(FIRST) as running:
        await kept(running)
        past, window = await past_of(running), running.program.window
        window.go_to(Place.COMPARE)
        page = window.findChild(ComparePage)
        assert isinstance(page, ComparePage)

        async def fails(tenant: TenantId) -> list[Snapshot]:
            raise DeskError("The snapshots cannot be read.", next_step="Look at the disk.")

        with monkeypatch.context() as broken:
            broken.setattr(past.history, "snapshots", fails)
            await running.open(SECOND)
            said = "The snapshots cannot be read. Look at the disk."
            shown = [one for one in page.findChildren(QLabel) if one.text() == said]
            await seen(lambda: any(one.isVisible() for one in shown), "the page says so")
        (again,) = (one for one in page.findChildren(QPushButton) if one.text() == "Try again")
        running.robot.click(again)
        await seen(lambda: not again.isVisible(), "they are listed")


async def test_what_was_read_today_is_of_yesterday_after_midnight() -> None:
    async with desk(FIRST) as running:
        await kept(running)
        await past_of(running)
        program, window = running.program, running.program.window
        window.go_to(Place.DELETED)
        page = window.findChild(PurgePage)
        assert isinstance(page, PurgePage)
        await seen(lambda: not page._loading, "the deleted users are looked up")
        assert running.work.read_at is not None
        running.work.read_at -= DAY
        window.users.set_read_at(running.work.read_at)
        program.desk._today -= DAY
        then = clock_text(running.work.read_at)
        assert "," in then, "a day and a time"
        program.desk.grow_old()
        assert f"read {then}:" in window.freshness.text
        assert f"read {then}" in window.users.counts.text()
        assert page._loading, "days left are counted anew"
