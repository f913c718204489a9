"""The shortest journey through the whole program."""

from o365desk.app.robot import seen
from o365desk.views.manage_licenses import ManageLicensesDialog
from tests.app.harness import desk


async def test_a_license_given_is_seen_everywhere() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        robot.manage_licenses("Amelia Okafor")
        dialog = await robot.opened(ManageLicensesDialog)
        draft = await seen(lambda: dialog.switches.draft, "the switches are shown")
        sku = next(line.sku for line in draft.lines() if line.sku.name == "Visio Plan 2")
        robot.switch(dialog.switches, sku.id)
        assert running.writes() == []
        robot.click(dialog.update_button)
        await robot.closed(ManageLicensesDialog)
        assert robot.cell("Amelia Okafor", "assign") == "Visio Plan 2"
        assert running.writes() == [("POST", "/users/{id}/assignLicense")]


async def test_names_of_any_script_can_be_typed() -> None:
    async with desk("large") as running:
        await running.robot.search("novák")
        shown = running.robot.table.model()
        await seen(lambda: 0 < shown.rowCount() < running.program.desk.users.total, "a few users")
