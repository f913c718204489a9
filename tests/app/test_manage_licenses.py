"""Manage Licenses where answers are late, lost, or overtaken by somebody else."""

import asyncio

from o365desk.app.robot import seen
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.views.manage_licenses import ManageLicensesDialog
from tests.app.harness import desk
from tests.seed.sight import manage


async def test_late_group_names_do_not_unlock_an_update_under_way() -> None:
    async with desk("group_licensed") as running:
        users = running.program.desk.users.users
        who = next(user for user in users if any(held.groups for held in user.licenses or ()))
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, path="/$batch", seconds=0.3, times=None),
            Fault(FaultKind.DELAY, path="*/assignLicense", seconds=1.0, times=None),
        )
        dialog = await manage(running, who.display_name)
        draft = dialog.switches.draft
        assert draft is not None
        free = next(line for line in draft.lines() if not line.on and not line.lock)
        running.robot.switch(dialog.switches, free.sku.id)
        running.robot.click(dialog.update_button)
        await seen(
            lambda: [
                call for call in running.simulator.calls.recent if call.route == "/groups/{id}"
            ],
            "the names of groups are asked for",
        )
        await asyncio.sleep(0.6)
        assert dialog.busy, "a second click could send the change again"
        await running.robot.closed(ManageLicensesDialog)
        assert len(running.writes()) == 1
