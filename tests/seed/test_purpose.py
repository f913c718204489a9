"""S1 to S3: who works with the program, and on whose users."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from o365desk.app.robot import seen
from o365desk.views.main_window import MainWindow
from o365desk.views.tenant_list import TenantTable
from tests.app.harness import desk
from tests.seed.sight import (
    Others,
    dialogs_open,
    flip,
    free,
    held,
    manage,
    monitored,
    monitors,
    product,
    shown_names,
    sku,
    update,
    words,
)

AMELIA = "Amelia Okafor"


@pytest.mark.parametrize("direct", [False, True], ids=["reseller", "customer"])
async def test_s01_licences_are_given_taken_and_monitored(direct: bool) -> None:
    purpose = "direct" if direct else "well_stocked"
    async with desk(purpose, direct=direct) as running:
        await monitors(running, "VISIOCLIENT", "Available Licenses", "6")

        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT")
        await update(running, dialog)
        assert held(running, purpose, AMELIA) == {sku("VISIOCLIENT")}
        assert running.robot.cell(AMELIA, "assign") == "Visio Plan 2"
        await monitors(running, "VISIOCLIENT", "Assigned Licenses", "5")
        await monitors(running, "VISIOCLIENT", "Available Licenses", "5")

        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT")
        await update(running, dialog)
        assert held(running, purpose, AMELIA) == set()
        assert running.robot.cell(AMELIA, "assign") == "No license"
        await monitors(running, "VISIOCLIENT", "Assigned Licenses", "4")
        await monitors(running, "VISIOCLIENT", "Available Licenses", "6")


async def test_s02_all_customers_of_a_reseller_in_one_window() -> None:
    async with desk("well_stocked") as running:
        robot, window = running.robot, running.program.window
        robot.key(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        await seen(window.picker.isVisible, "the customers open")
        table = window.picker.findChild(TenantTable)
        assert isinstance(table, TenantTable)
        model = table.model()
        offered = {model.index(row, 0).data() for row in range(model.rowCount())}
        served = Others(running).partner_center("GET", "/customers", query="size=500")["items"]
        assert {item["companyProfile"]["companyName"] for item in served} <= offered
        assert len(served) == 13
        window.picker.close()

        for purpose, who, part in (
            ("well_stocked", AMELIA, "VISIOCLIENT"),
            ("over_allocated", "Zoé Château", "POWER_BI_PRO"),
            ("partner_center_only", "조 도윤", "EXCHANGESTANDARD"),
        ):
            await running.open(purpose)
            before = free(running, purpose, part)
            dialog = await manage(running, who)
            flip(running, dialog, part)
            await update(running, dialog)
            assert sku(part) in held(running, purpose, who)
            assert free(running, purpose, part) == before - 1
            # The same window all the time, and nobody asked to sign in.
            assert dialogs_open() == []
            shown = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.isWindow()]
            assert [w for w in shown if isinstance(w, MainWindow)] == [window]


async def test_s03_a_direct_customer_sees_its_own_organisation_only() -> None:
    async with desk(direct=True) as running:
        robot, window = running.robot, running.program.window
        await seen(lambda: monitored(running), "the products are read")
        own = running.tenant_name("direct")
        truth = running.truth("direct")
        assert sorted(shown_names(running)) == sorted(
            user["displayName"] for user in truth["users"] + truth["deleted"]
        )
        # No way to another tenant: no picker, no Ctrl+K, no call to Partner Center.
        robot.key(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        assert not window.picker.isVisible()
        assert not window.tenant_button.isVisible()
        assert running.simulator.calls.count(face="partner_center") == 0
        texts = [window.windowTitle(), *words(window)]
        assert own in texts
        others = [t.name for t in running.simulator.world.customers if t.name != own]
        assert [text for text in texts for name in others if name in text] == []

        dialog = await manage(running, AMELIA)
        flip(running, dialog, "POWER_BI_PRO")
        await update(running, dialog)
        assert held(running, "direct", AMELIA) == {sku("POWER_BI_PRO")}
        assert robot.cell(AMELIA, "assign") == product("POWER_BI_PRO")
