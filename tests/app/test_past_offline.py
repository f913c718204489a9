"""The window without the network: all that was read is there, and nothing can be written."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QPushButton

from o365desk.app.connection_book import load
from o365desk.app.profile import Profile, in_folder
from o365desk.app.robot import seen
from o365desk.simulator import Simulator, build_world
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.views.compare_page import ComparePage
from o365desk.views.portfolio_page import PortfolioPage
from o365desk.views.product_history import ProductHistoryDialog
from o365desk.views.rail import Place
from o365desk.views.subscription_popup import SubscriptionPopup
from o365desk.views.user_actions import Intent
from tests.app.harness import Running
from tests.app.kept_desk import OWN, kept_desk, secrets_in
from tests.app.no_network import no_network
from tests.app.past_sight import (
    back_to_live,
    choose,
    freshness,
    go_to,
    in_truth,
    kept,
    on_screen,
    open_search,
    past_of,
    read_again,
    search_all,
    shown,
)
from tests.app.test_reading import start_opening
from tests.seed.sight import (
    Others,
    account,
    in_front,
    info_button,
    monitored,
    pane_table,
    product,
    shown_names,
    sku,
)
from tests.services.sign_in_world import MemoryStore

READ_ONLY = (
    "A snapshot shows what was, so nothing can be changed in it."
    " Start o365desk without --offline first."
)
OFFLINE = [sys.executable, "-m", "tests.app.offline_start", "--offline"]
NO_DIRECTORY = Simulator(build_world("demo"))
"""Nobody asks it."""
AMELIA, PURPOSE = "Amelia Okafor", "well_stocked"


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return in_folder(tmp_path / "profile")


async def a_week(profile: Profile) -> Simulator:
    """Two snapshots of one customer and one of another are left in the profile."""
    async with kept_desk(profile, "over_allocated") as running:
        await kept(running)
        assert freshness(running).kept_text == "· kept"
        await running.open(PURPOSE)
        await kept(running)
        running.simulator.advance(days=7)
        others = Others(running)
        others.assign(PURPOSE, account(running, PURPOSE, AMELIA)["id"], "VISIOCLIENT")
        await read_again(running, 2)
        return running.simulator


async def test_without_the_network_everything_that_was_read_is_there(profile: Profile) -> None:
    with secrets_in(MemoryStore()):
        simulator = await a_week(profile)
        with no_network():
            async with kept_desk(profile, offline=True, simulator=simulator) as running:
                await seen(lambda: running.program.controller.tenants, "the customers are listed")
                # The one that was open the last time is open again, as it was read last.
                await seen(
                    lambda: running.program.window.windowTitle().startswith("Tall Pine"),
                    "the customer opens",
                )
                snapshots = (
                    await kept(running, 2),
                    (await past_of(running)).time_line.snapshots[1],
                )
                await shown(running, snapshots[0].at)
                assert on_screen(running) == in_truth(running, PURPOSE)
                bar = freshness(running)
                await seen(lambda: bar.text.startswith("Snapshot of "), "how fresh it is")
                assert not bar.live_button.isVisible()
                assert bar.kept_text == "" or not bar._kept.isVisible()
                await everything_works(running)
                await nothing_can_be_written(running)
                await choose(running, snapshots[1].at)
                assert running.robot.cell(AMELIA, "assign") == "No license"
                await running.open("over_allocated")
                name_of = product("O365_BUSINESS_PREMIUM")
                assert monitored(running)[name_of]["Available Licenses"] == "-1"


async def everything_works(running: Running) -> None:
    robot, window = running.robot, running.program.window
    await robot.search("amelia okafor")
    assert shown_names(running) == [AMELIA]
    robot.key(window.search, Qt.Key.Key_Escape)
    robot.click(pane_table(running).viewport(), info_button(running, product("SPE_E3")).center())
    popup = await robot.opened(SubscriptionPopup)
    assert popup is not None
    popup.close()
    page = await go_to(running, Place.PORTFOLIO)
    assert isinstance(page, PortfolioPage)
    await seen(lambda: page.model.rowCount() == 2, "both customers are there")
    assert not page.refresh_button.isEnabled()
    assert "--offline" in page.refresh_button.toolTip()
    compare = await go_to(running, Place.COMPARE)
    assert isinstance(compare, ComparePage)
    await seen(lambda: compare.changes.rowCount() == 1, "what happened in the week")
    search = await search_all(running, "amelia okafor")
    robot.key(search._field, Qt.Key.Key_Return)
    table = robot.table
    await seen(
        lambda: (user := table.user_of(table.currentIndex())) and user.display_name == AMELIA,
        "the user who was found",
    )
    window.licenses.history_requested.emit(sku("VISIOCLIENT"))
    chart = await robot.opened(ProductHistoryDialog)
    await seen(lambda: chart.model.rowCount() == 2, "the counters of both days")
    chart.reject()
    await robot.closed(ProductHistoryDialog)


async def nothing_can_be_written(running: Running) -> None:
    window = running.program.window
    create = window.users.create_button
    assert not create.isEnabled()
    assert create.toolTip() == READ_ONLY
    menu = await running.robot.menu(AMELIA)
    refused = {action.text() for action in menu.actions() if not action.isEnabled()}
    assert refused == {str(one) for one in Intent if one is not Intent.RESTORE}
    running.robot.key(menu, Qt.Key.Key_Escape)
    await running.robot.closed(QMenu)
    running.robot.manage_licenses(AMELIA)
    await seen(lambda: window.banner.messages, "why it cannot be done")
    said = window.banner.messages[-1]
    assert f"{said.sentence} {said.next_step}" == READ_ONLY


async def test_without_the_network_and_without_snapshots_the_window_says_what_to_do(
    profile: Profile,
) -> None:
    with secrets_in(MemoryStore()), no_network():
        async with kept_desk(profile, offline=True, simulator=NO_DIRECTORY) as running:
            message = running.program.window.banner.messages[0]
            assert "nothing to show without the network" in message.sentence
            assert "without --offline" in message.next_step
            page = await go_to(running, Place.PORTFOLIO)
            await seen(lambda: page.note.text().startswith("No customer has been"), "why not")
            search = await open_search(running)
            await seen(lambda: "read" in search._note.text(), "nor is anything to be found")


def away(simulator: Simulator) -> None:
    """The network is gone."""
    simulator.faults.add(Fault(FaultKind.CUT_BEFORE, times=None))


def offered(running: Running) -> QPushButton:
    """The button in the banner."""
    return next(
        one
        for one in running.program.window.banner.findChildren(QPushButton)
        if one.text().startswith("Show the snapshot")
    )


async def test_a_network_that_goes_away_is_no_reason_to_switch_but_to_offer(
    profile: Profile,
) -> None:
    with secrets_in(MemoryStore()):
        async with kept_desk(profile, PURPOSE) as running:
            window, first = running.program.window, await kept(running)
            away(running.simulator)
            await in_front(running)
            running.robot.key(window, Qt.Key.Key_F5)
            await seen(lambda: window.banner.messages, "the banner says it")
            said = window.banner.messages[0]
            assert said.action.startswith("Show the snapshot of ")
            assert "Snapshot" not in freshness(running).text, "nothing has switched by itself"
            assert running.robot.row(AMELIA).isValid()
            running.robot.click(offered(running))
            await shown(running, first.at)
            await seen(lambda: freshness(running).text.startswith("Snapshot of"), "and says so")
            assert not window.users.create_button.isEnabled()
            # Another customer who was never read, meanwhile.
            await start_opening(running, "tiny")
            await seen(lambda: window.banner.messages, "nothing is kept of that one")
            said = window.banner.messages[0]
            assert said.sentence.startswith("There is no snapshot of this customer from ")
            assert freshness(running).text == "Snapshot, not read yet"
            assert shown_names(running) == []
            await running.open(PURPOSE)
            assert window.banner.messages == ()
            running.simulator.faults.clear()
            await back_to_live(running)
            assert window.users.create_button.isEnabled()
            await kept(running, 2)


async def test_snapshots_that_cannot_be_read_do_not_hide_that_the_network_is_away(
    profile: Profile,
) -> None:
    with secrets_in(MemoryStore()):
        async with kept_desk(profile, PURPOSE) as running:
            window = running.program.window
            await kept(running)
            await (await past_of(running)).history.aclose()
            away(running.simulator)
            await in_front(running)
            running.robot.key(window, Qt.Key.Key_F5)
            await seen(lambda: window.banner.messages, "the banner says it")
            assert [one.action for one in window.banner.messages] == ["Try again"]
            assert "snapshot" not in window.banner.messages[0].sentence


async def test_a_start_without_the_network_offers_the_snapshots(profile: Profile) -> None:
    with secrets_in(MemoryStore()):
        async with kept_desk(profile, PURPOSE) as running:
            first = await kept(running)
        async with kept_desk(profile, away=True) as running:
            window = running.program.window
            await seen(lambda: window.banner.messages, "the banner says it")
            assert window.banner.messages[0].action == "Show the snapshots"
            running.robot.click(offered(running))
            await seen(lambda: running.program.controller.tenants, "the customers are listed")
            await shown(running, first.at)
            await seen(lambda: freshness(running).text.startswith("Snapshot of"), "and says so")
            running.simulator.faults.clear()
            await back_to_live(running)
            await seen(lambda: len(running.program.controller.tenants) > 1, "all customers")


async def test_the_program_itself_starts_there(profile: Profile) -> None:
    """`o365desk --offline` as a process of its own, in which every socket is a failure."""
    store = MemoryStore()
    with secrets_in(store):
        simulator = await a_week(profile)
    load(profile).put(OWN)
    process = await asyncio.to_thread(
        subprocess.run,
        [*OFFLINE, "--config", str(profile.settings)],
        input=json.dumps([[*entry, key] for entry, key in store.entries.items()]),
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    told = json.loads(process.stdout)
    tenant = simulator.directory.tenant(simulator.world.customer(PURPOSE))
    assert told["title"] == "Tall Pine Furniture – o365desk"
    assert set(told["users"]) >= {one.display_name for one in tenant.users.values()}
    assert told["touched"] == []
