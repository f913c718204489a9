"""Journeys through trouble while a customer is read: failed pages, switching, refreshing, time."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from o365desk.app.robot import seen
from o365desk.models.roles import Role
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.views.users_panel import UsersPanel
from tests.app.harness import Running, desk
from tests.seed.sight import (
    Others,
    account,
    cell,
    flip,
    held,
    in_front,
    manage,
    monitored,
    name,
    refresh,
    shown_names,
    sku,
    toggles,
    update,
    words,
)

AMELIA = "Amelia Okafor"

USERS = Fault(FaultKind.DELAY, face="graph", method="GET", path="/users", times=None, seconds=60)
"""The listing of users hangs."""


def panel(running: Running) -> UsersPanel:
    return running.program.window.users


def listed(running: Running) -> int:
    return running.robot.table.model().rowCount()


async def start_opening(running: Running, purpose: str) -> None:
    """Opens a customer and does not wait for its users."""
    title = running.tenant_name(purpose)
    await in_front(running)
    window = running.program.window
    running.robot.key(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    await seen(window.picker.isVisible, "the customers open")
    QTest.keyClicks(window.picker.focusWidget(), title)
    running.robot.key(window.picker.focusWidget(), Qt.Key.Key_Return)
    await seen(lambda: window.windowTitle().startswith(title), f"{title} opens")


async def ready(running: Running) -> None:
    await seen(lambda: running.program.controller.tenants, "the customers are read")


# Another customer


async def test_another_customer_while_the_first_is_read() -> None:
    async with desk() as running:
        await ready(running)
        large = running.truth("large")
        strangers = {user["displayName"] for user in large["users"] + large["deleted"]}
        running.simulator.faults.add(replace(USERS, after=1))
        path = f"/customers/{running.tenant_id('large')}/subscribedskus"
        running.simulator.faults.add(Fault(FaultKind.DELAY, path=path, times=None, seconds=60))
        await start_opening(running, "large")
        await seen(lambda: listed(running) > 500, "the first page is listed")
        old = running.work
        assert old.scope.busy

        running.simulator.faults.clear()
        names: set[str] = set()
        await start_opening(running, "tiny")
        # Whatever is listed from now on is looked at.
        model = running.robot.table.model()
        for signal in (model.rowsInserted, model.layoutChanged, model.dataChanged):
            signal.connect(lambda *_: names.update(shown_names(running)))
        await seen(lambda: not old.scope.busy, "the old reads have ended")
        await running.robot.loaded()
        await seen(lambda: monitored(running), "the products are read")
        tiny = running.truth("tiny")
        assert sorted(shown_names(running)) == sorted(u["displayName"] for u in tiny["users"])
        assert names <= set(shown_names(running))
        assert not names & strangers - {user["displayName"] for user in tiny["users"]}
        assert list(monitored(running)) == ["Microsoft 365 Business Standard"]
        assert panel(running).counts.text().startswith("3 users · 0 deleted · read ")
        assert not panel(running).retry_button.isVisible()


# A page that fails


async def test_a_failed_page_is_told_and_can_be_tried_again() -> None:
    async with desk() as running:
        await ready(running)
        whole = len(running.truth("large")["users"]) + len(running.truth("large")["deleted"])
        running.simulator.faults.add(
            Fault(
                FaultKind.UNAVAILABLE,
                face="graph",
                method="GET",
                path="/users",
                after=1,
                times=4,
                retry_after=0,
            )
        )
        await start_opening(running, "large")
        await seen(panel(running).retry_button.isVisible, "another attempt is offered")
        # What is there is told as what it is: a part.
        count = listed(running)
        assert 0 < count < whole
        said = [
            text for text in words(panel(running)) if "users were read; there are more." in text
        ]
        assert len(said) == 1
        assert str(count) in said[0].replace(",", "")
        assert " read " not in panel(running).counts.text()
        assert not running.work.complete

        running.robot.click(panel(running).retry_button)
        await running.robot.loaded()
        assert listed(running) == whole
        assert not panel(running).retry_button.isVisible()
        assert " · read " in panel(running).counts.text()


async def test_reading_can_be_cancelled_and_tried_again() -> None:
    async with desk() as running:
        await ready(running)
        running.simulator.faults.add(replace(USERS, after=1))
        await start_opening(running, "large")
        await seen(lambda: listed(running) > 500, "the first page is listed")
        assert panel(running).cancel_button.isVisible()
        running.robot.click(panel(running).cancel_button)
        await seen(panel(running).retry_button.isVisible, "another attempt is offered")
        assert not panel(running).cancel_button.isVisible()
        said = " ".join(words(panel(running)))
        assert "Reading was cancelled" in said
        assert "users were read; there are more." in said
        running.simulator.faults.clear()
        running.robot.click(panel(running).retry_button)
        await running.robot.loaded()
        truth = running.truth("large")
        assert listed(running) == len(truth["users"]) + len(truth["deleted"])


# Refresh


async def test_refresh_keeps_the_old_rows_dimmed_until_the_new_are_there() -> None:
    async with desk("well_stocked") as running:
        robot, table = running.robot, running.robot.table
        table.setCurrentIndex(cell(running, AMELIA, "username"))
        before = shown_names(running)
        user_id = account(running, "well_stocked", AMELIA)["id"]
        others = Others(running)
        others.assign("well_stocked", user_id, "VISIOCLIENT")
        others.admin_center(
            "well_stocked", "PATCH", f"/users/{user_id}", {"displayName": "Zora Okafor"}
        )
        running.simulator.faults.add(USERS)
        await in_front(running)
        robot.key(running.program.window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
        await seen(panel(running).cancel_button.isVisible, "users are read again")
        assert shown_names(running) == before
        for row in range(listed(running)):
            assert table.model().index(row, 0).data(Role.DIMMED) is True
        # Cancelled: the old list stays and is told to be the old one.
        robot.click(panel(running).cancel_button)
        await seen(panel(running).retry_button.isVisible, "another attempt is offered")
        assert shown_names(running) == before
        assert "The list is the one read before." in " ".join(words(panel(running)))

        running.simulator.faults.clear()
        await refresh(running)
        user = table.current_user()
        assert user is not None
        # The same user is current and selected, though the name moved to another place.
        assert (user.id, user.display_name) == (user_id, "Zora Okafor")
        assert table.currentIndex() == cell(running, "Zora Okafor", "username")
        assert [i.row() for i in table.selectionModel().selectedRows()] == [
            table.currentIndex().row()
        ]
        assert robot.cell("Zora Okafor", "assign") == "Visio Plan 2"
        assert robot.row("Zora Okafor").data(Role.DIMMED) is False


# Partner Center alone


async def test_licences_read_one_by_one_where_partner_center_serves_alone() -> None:
    async with desk() as running:
        await ready(running)
        robot = running.robot
        running.program.window.resize(900, 480)  # a few rows can be seen, not all
        licenses = Fault(FaultKind.DELAY, path="/customers/*/licenses", times=None, seconds=60)
        running.simulator.faults.add(licenses)
        await start_opening(running, "partner_center_only")
        await seen(lambda: running.work.complete, "the users are listed")
        await seen(
            lambda: "search by product is incomplete" in panel(running).counts.text(),
            "what is missing is told",
        )
        active = running.truth("partner_center_only")["users"]
        assert f"licenses of {len(active)} not read yet" in panel(running).counts.text()
        assert robot.cell("조 도윤", "assign") == "not read yet"
        visible = [user.id for user in robot.table.visible_users() if not user.deleted]
        assert len(visible) < len(active)
        route = "/customers/{c}/users/{u}/licenses"
        calls = running.simulator.calls
        await seen(lambda: calls.count(route=route) >= 4, "the first are asked for")
        first = [call.path.split("/")[-2] for call in calls.recent if call.route == route]
        assert first[:4] == visible[:4]

        running.simulator.faults.clear()
        await refresh(running)
        await seen(lambda: running.program.desk.users.unread == 0, "all licences are read")
        await seen(lambda: "not read yet" not in panel(running).counts.text(), "it is told")
        await robot.loaded()
        assert robot.cell("조 도윤", "assign") == "No license"
        assert robot.cell("Käthe Jäger", "assign") == "Microsoft 365 Business Premium"

        dialog = await manage(running, "Käthe Jäger")
        told = "Partner Center does not tell whether a license comes from a group."
        assert told in words(dialog)
        assert toggles(dialog)["Microsoft 365 Business Premium"].state == "On"
        flip(running, dialog, "SPB", "FLOW_FREE")
        await update(running, dialog)
        assert held(running, "partner_center_only", "Käthe Jäger") == {sku("FLOW_FREE")}
        assert robot.cell("Käthe Jäger", "assign") == "Microsoft Power Automate Free"
        assert running.writes() == [("POST", "/customers/{c}/users/{u}/licenseupdates")]


# A direct customer


async def test_a_direct_customer_has_no_picker() -> None:
    async with desk(direct=True) as running:
        window = running.program.window
        await in_front(running)
        running.robot.key(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        window.open_picker()
        assert not window.picker.isVisible()
        assert window.tenant_title.isVisible()
        assert not window.tenant_button.isVisible()
        assert window.windowTitle() == "Tall Pine Furniture – o365desk"
        assert len(running.program.controller.tenants) == 1
        await refresh(running)
        await seen(lambda: monitored(running), "the products are read")
        assert running.simulator.calls.count(face="partner_center") == 0
        assert listed(running) == 49


# Time


async def test_time_takes_a_deleted_user_off_the_list() -> None:
    async with desk("deleted") as running:
        last = name(running, "deleted", "deleted_29_days_23_hours")
        other = name(running, "deleted", "deleted_3_days")
        assert running.robot.cell(last, "status") == "Deleted, 1 day left"
        assert running.robot.cell(other, "status") == "Deleted, 27 days left"
        # The program's own clock passes the thirtieth day: nobody refreshes anything.
        running.simulator.advance(seconds=2 * 3600)
        running.program.desk.users.tick()
        assert last not in shown_names(running)
        assert running.robot.cell(other, "status") == "Deleted, 27 days left"
        running.simulator.advance(days=1)
        running.program.desk.users.tick()
        assert running.robot.cell(other, "status") == "Deleted, 26 days left"
        assert other in shown_names(running)
        await refresh(running)
        assert last not in shown_names(running)
        assert running.robot.cell(other, "status") == "Deleted, 26 days left"
        assert "deleted" in panel(running).counts.text()


async def test_nobody_is_offered_as_blocked_where_it_is_not_known() -> None:
    """Partner Center does not tell: an empty answer would be taken for a true one."""
    async with desk("partner_center_only") as running:
        buttons = running.program.window.users.findChildren(QPushButton)
        blocked = next(button for button in buttons if button.text() == "Blocked")
        assert not blocked.isVisible()
        await running.open("well_stocked")
        assert blocked.isVisible()
