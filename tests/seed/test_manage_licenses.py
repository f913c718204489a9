"""S4 to S19: the "Manage Licenses" pop-up, from the row's button to Update."""

import json
from typing import Any

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QWidget

from o365desk.app.robot import NotSeenError
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.user_delegate import MANAGE_TEXT
from tests.app.harness import Running, desk
from tests.seed.sight import (
    Others,
    a_moment,
    cell,
    colours,
    dialogs_open,
    flip,
    free,
    held,
    manage,
    monitored,
    monitors,
    name,
    product,
    shown_names,
    sku,
    stands_on,
    titles,
    toggles,
    update,
)

AMELIA = "Amelia Okafor"
"""Holds nothing."""

RHYS = "Rhys Thistlewood"
"""Holds three licences."""
RHYS_HOLDS = ("SPE_E3", "MCOEV", "POWER_BI_PRO")


def switch_picture(dialog: ManageLicensesDialog, part: str) -> set[str]:
    """The colours of a switch, as painted."""
    view, model = dialog.switches.view, dialog.switches.model
    assert model is not None
    index = model.index(model.row_of(sku(part)))
    view.scrollTo(index)
    rect = view.visualRect(index)
    rect.setWidth(64)
    image = view.viewport().grab(rect).toImage()
    return {image.pixelColor(x, y).name() for x in range(64) for y in range(image.height())}


def license_calls(running: Running) -> list[dict[str, Any]]:
    """Bodies of the calls that change licences."""
    return [
        json.loads(call.body)
        for call in running.simulator.calls.recent
        if call.route == "/users/{id}/assignLicense"
    ]


async def test_s04_every_user_has_the_button_and_it_starts_the_work() -> None:
    async with desk("tiny") as running:
        robot = running.robot
        names = shown_names(running)
        assert len(names) == 3
        for who in names:
            index = cell(running, who, "manage")
            assert len(colours(robot.table, index)) > 1, "no button is painted"
            said = index.data(Qt.ItemDataRole.AccessibleTextRole)
            assert said == f"Manage Licenses for {who}"
            dialog = await manage(running, who)
            assert dialog.heading.text() == who
            robot.key(dialog, Qt.Key.Key_Escape)
            await robot.closed(ManageLicensesDialog)
        assert MANAGE_TEXT == "Manage Licenses"


async def test_s04_every_user_of_a_larger_list_has_the_button() -> None:
    async with desk("well_stocked") as running:
        listed = set()
        for row in range(running.robot.table.model().rowCount()):
            user = running.robot.table.user_of(running.robot.table.model().index(row, 0))
            assert user is not None
            if not user.deleted:
                listed.add(user.id)
                index = cell(running, user.display_name, "manage")
                said = index.data(Qt.ItemDataRole.AccessibleTextRole)
                assert said == f"Manage Licenses for {user.display_name}"
        assert listed == {user["id"] for user in running.truth("well_stocked")["users"]}


async def test_s05_the_title() -> None:
    async with desk("tiny") as running:
        dialog = await manage(running, shown_names(running)[0])
        assert dialog.windowTitle() == "Manage Licenses"
        assert dialog.isVisible()
        assert dialog.isWindow()


async def test_s06_all_subscriptions_of_the_user_and_only_those() -> None:
    async with desk("well_stocked") as running:
        others = Others(running)
        expected = set(others.assignable("well_stocked"))
        assert len(expected) == 11
        dialog = await manage(running, AMELIA)
        assert set(toggles(dialog)) == expected
        assert dialog.switches.view.model().rowCount() == len(expected)
        # Neither for users, nor Microsoft's: a store for the whole organisation, Azure usage,
        # a third party's software.
        everything = {item["offerName"] for item in others.subscriptions("well_stocked")}
        assert everything - expected == {
            "Office 365 Extra File Storage",
            "Azure plan",
            "Leafcount Inventory",
        }


async def test_s06_a_licence_of_a_product_no_longer_owned_is_listed_too() -> None:
    async with desk("mixed") as running:
        owned = set(Others(running).products("mixed"))
        dialog = await manage(running, name(running, "mixed", "orphaned_sku"))
        extra = set(toggles(dialog)) - owned
        assert extra == {product("TEAMS_EXPLORATORY")}
        assert owned <= set(toggles(dialog))
        assert stands_on(dialog, "TEAMS_EXPLORATORY")


async def test_s07_s14_a_licence_held_stands_at_on() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, RHYS)
        for part in RHYS_HOLDS:
            assert sku(part) in held(running, "well_stocked", RHYS)
            assert stands_on(dialog, part)
            assert toggles(dialog)[product(part)].state == "On"
        on = {name for name, text in toggles(dialog).items() if text.state == "On"}
        assert on == {product(part) for part in RHYS_HOLDS}
        assert switch_picture(dialog, "SPE_E3") != switch_picture(dialog, "VISIOCLIENT")


async def test_s08_s09_a_licence_that_can_be_given_stands_at_off() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, AMELIA)
        assert held(running, "well_stocked", AMELIA) == set()
        for text in toggles(dialog).values():
            assert text.state == "Off"
        assert not stands_on(dialog, "VISIOCLIENT")
        before = switch_picture(dialog, "VISIOCLIENT")
        flip(running, dialog, "VISIOCLIENT")
        assert toggles(dialog)["Visio Plan 2"].state == "On"
        assert switch_picture(dialog, "VISIOCLIENT") != before


@pytest.mark.parametrize(
    ("purpose", "who"),
    [
        pytest.param("well_stocked", AMELIA, id="s10-assigning"),
        pytest.param("well_stocked", RHYS, id="s15-de-assigning"),
        pytest.param("suspended", "최 도윤", id="negative"),
    ],
)
async def test_s10_s15_the_number_of_available_licences_under_each(purpose: str, who: str) -> None:
    async with desk(purpose) as running:
        dialog = await manage(running, who)
        said = toggles(dialog)
        for item in Others(running).assignable(purpose).values():
            number = QLocale().toString(item["availableUnits"])
            text = f"{number} licenses available"
            if item["availableUnits"] < 0:
                text += ", over-allocated"
            assert said[item["productSku"]["name"]].available == text
        if purpose == "well_stocked":
            assert said["Visio Plan 2"].available == "6 licenses available"
            assert said["Microsoft 365 E3"].available == "4 licenses available"


async def test_s11_several_switches_to_on_assign_one_licence_each() -> None:
    async with desk("well_stocked") as running:
        wanted = ("VISIOCLIENT", "POWER_BI_PRO", "O365_BUSINESS_ESSENTIALS")
        before = {part: free(running, "well_stocked", part) for part in wanted}
        dialog = await manage(running, AMELIA)
        flip(running, dialog, *wanted)
        await update(running, dialog)
        assert held(running, "well_stocked", AMELIA) == {sku(part) for part in wanted}
        for part in wanted:
            assert free(running, "well_stocked", part) == before[part] - 1
        # One call for all of them, and nothing taken away.
        (body,) = license_calls(running)
        assert {grant["skuId"] for grant in body["addLicenses"]} == {sku(p) for p in wanted}
        assert body["removeLicenses"] == []


async def test_s11_without_a_free_licence_the_switch_does_not_move() -> None:
    async with desk("no_seats") as running:
        who = name(running, "no_seats", "unlicensed")
        dialog = await manage(running, who)
        assert toggles(dialog)["Microsoft 365 Business Premium"].available == "0 licenses available"
        flip(running, dialog, "SPB", "POWER_BI_PRO")
        assert not stands_on(dialog, "SPB")
        assert not stands_on(dialog, "POWER_BI_PRO")
        assert not dialog.update_button.isEnabled()
        flip(running, dialog, "VISIOONLINE_PLAN1")
        await update(running, dialog)
        assert held(running, "no_seats", who) == {sku("VISIOONLINE_PLAN1")}


async def test_s12_the_number_is_one_lower_after_an_assignment() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, AMELIA)
        assert toggles(dialog)["Visio Plan 2"].available == "6 licenses available"
        assert toggles(dialog)["Visio Plan 2"].projected == ""
        flip(running, dialog, "VISIOCLIENT")
        # Nothing has happened yet: the number stands, beside it what Update will make of it.
        assert toggles(dialog)["Visio Plan 2"].available == "6 licenses available"
        assert toggles(dialog)["Visio Plan 2"].projected == "→ 5 after Update"
        await update(running, dialog)
        await monitors(running, "VISIOCLIENT", "Available Licenses", "5")
        assert free(running, "well_stocked", "VISIOCLIENT") == 5
        dialog = await manage(running, AMELIA)
        assert toggles(dialog)["Visio Plan 2"].available == "5 licenses available"


async def test_s13_the_assign_column_shows_the_assignment() -> None:
    async with desk("well_stocked") as running:
        assert "Assign" in titles(running.robot.table)
        assert running.robot.cell(AMELIA, "assign") == "No license"
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT", "POWER_BI_PRO")
        await update(running, dialog)
        assert running.robot.cell(AMELIA, "assign") == "Power BI Pro · Visio Plan 2"
        tip = cell(running, AMELIA, "assign").data(Qt.ItemDataRole.ToolTipRole)
        assert tip == "Power BI Pro\nVisio Plan 2"


async def test_s16_several_switches_to_off_take_one_licence_each() -> None:
    async with desk("well_stocked") as running:
        taken = ("MCOEV", "POWER_BI_PRO")
        before = {part: free(running, "well_stocked", part) for part in taken}
        dialog = await manage(running, RHYS)
        flip(running, dialog, *taken)
        assert toggles(dialog)["Power BI Pro"].state == "Off"
        await update(running, dialog)
        assert held(running, "well_stocked", RHYS) == {sku("SPE_E3")}
        for part in taken:
            assert free(running, "well_stocked", part) == before[part] + 1
        (body,) = license_calls(running)
        assert body["addLicenses"] == []
        assert set(body["removeLicenses"]) == {sku(part) for part in taken}


async def test_s17_the_number_is_one_higher_after_a_de_assignment() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, RHYS)
        assert toggles(dialog)["Power BI Pro"].available == "5 licenses available"
        flip(running, dialog, "POWER_BI_PRO")
        assert toggles(dialog)["Power BI Pro"].available == "5 licenses available"
        assert toggles(dialog)["Power BI Pro"].projected == "→ 6 after Update"
        await update(running, dialog)
        await monitors(running, "POWER_BI_PRO", "Available Licenses", "6")
        assert free(running, "well_stocked", "POWER_BI_PRO") == 6
        dialog = await manage(running, RHYS)
        assert toggles(dialog)["Power BI Pro"].available == "6 licenses available"


async def test_s18_the_assign_column_shows_the_de_assignment() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        before = "Microsoft 365 E3 · Microsoft Teams Phone Standard · Power BI Pro"
        assert robot.cell(RHYS, "assign") == before
        dialog = await manage(running, RHYS)
        flip(running, dialog, "MCOEV")
        await update(running, dialog)
        assert robot.cell(RHYS, "assign") == "Microsoft 365 E3 · Power BI Pro"
        dialog = await manage(running, RHYS)
        flip(running, dialog, "SPE_E3", "POWER_BI_PRO")
        await update(running, dialog)
        assert robot.cell(RHYS, "assign") == "No license"


def _cancel(running: Running, dialog: ManageLicensesDialog) -> None:
    running.robot.click(dialog.cancel_button)


def _escape(running: Running, dialog: ManageLicensesDialog) -> None:
    running.robot.key(dialog.switches.view, Qt.Key.Key_Escape)


def _close_window(running: Running, dialog: ManageLicensesDialog) -> None:
    dialog.close()


def _change_customer(running: Running, dialog: ManageLicensesDialog) -> None:
    window: QWidget = running.program.window
    tenant = next(t for t in running.program.controller.tenants if t.name == "Fern & Finch")
    running.program.window.picker.tenant_chosen.emit(tenant)
    assert window.windowTitle().startswith("Fern & Finch")


@pytest.mark.parametrize(
    "leave",
    [_cancel, _escape, _close_window, _change_customer],
    ids=["cancel", "escape", "close", "other customer"],
)
async def test_s19_without_update_nothing_changes(leave: Any) -> None:
    async with desk("well_stocked") as running:
        truth = running.truth("well_stocked")
        figures = monitored(running)
        assign = running.robot.cell(RHYS, "assign")
        dialog = await manage(running, RHYS)
        flip(running, dialog, "POWER_BI_PRO", "VISIOCLIENT", "MCOEV")
        assert dialog.update_button.isEnabled()
        await a_moment()
        assert running.writes() == []
        # While the pop-up is open neither list nor counters move.
        assert running.robot.cell(RHYS, "assign") == assign
        assert monitored(running) == figures
        leave(running, dialog)
        await running.robot.closed(ManageLicensesDialog)
        await running.robot.loaded()
        await a_moment()
        assert dialogs_open() == []
        assert running.writes() == []
        assert running.truth("well_stocked") == truth
        if leave is not _change_customer:
            assert running.robot.cell(RHYS, "assign") == assign
            assert monitored(running) == figures


async def test_s19_update_is_there_only_when_something_changed() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, RHYS)
        assert dialog.update_button.text() == "Update"
        assert not dialog.update_button.isEnabled()
        with pytest.raises(NotSeenError):
            running.robot.click(dialog.update_button)
        flip(running, dialog, "VISIOCLIENT")
        assert dialog.update_button.isEnabled()
        flip(running, dialog, "VISIOCLIENT")
        assert not dialog.update_button.isEnabled()
        assert running.writes() == []
        flip(running, dialog, "VISIOCLIENT")
        await update(running, dialog)
        assert running.writes() == [("POST", "/users/{id}/assignLicense")]
        assert sku("VISIOCLIENT") in held(running, "well_stocked", RHYS)
