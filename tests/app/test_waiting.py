"""Why it takes so long is said where the operator looks."""

from o365desk.app.robot import seen
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.views.manage_licenses import ManageLicensesDialog
from tests.app.harness import desk


async def test_a_pause_that_microsoft_asks_for_is_named_while_it_lasts() -> None:
    async with desk("well_stocked") as running:
        freshness = running.program.window.freshness
        running.simulator.faults.add(Fault(FaultKind.THROTTLED, path="/users*", retry_after=2))
        running.program.controller.refresh()
        await seen(lambda: "Microsoft asked to wait" in freshness.loading_text, "the reason")
        assert freshness.loading_text.startswith("Reading")
        await seen(lambda: not freshness.loading_text, "the end of it")


async def test_a_write_that_waits_says_so_in_its_dialog() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        robot.manage_licenses("Amelia Okafor")
        dialog = await robot.opened(ManageLicensesDialog)
        draft = await seen(lambda: dialog.switches.draft, "the switches are shown")
        sku = next(line.sku for line in draft.lines() if line.sku.name == "Visio Plan 2")
        robot.switch(dialog.switches, sku.id)
        running.simulator.faults.add(
            Fault(FaultKind.THROTTLED, path="/users/*/assignLicense", retry_after=2)
        )
        robot.click(dialog.update_button)
        await seen(lambda: "Microsoft asked to wait" in dialog.summary.text(), "the reason")
        await robot.closed(ManageLicensesDialog)
        assert robot.cell("Amelia Okafor", "assign") == "Visio Plan 2"
