"""What becomes a snapshot and what does not: only a whole reading, and the window says which."""

import asyncio
from dataclasses import replace
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from o365desk.app.practice_past import AGES, past
from o365desk.app.recorder import MadeUpPast, keep
from o365desk.app.robot import seen
from o365desk.domain.history import History
from o365desk.simulator.faults import Fault, FaultKind
from tests.app.harness import Running, desk
from tests.app.past_sight import (
    SHIFT,
    freshness,
    in_truth,
    kept,
    on_screen,
    past_of,
    read_again,
)
from tests.app.test_reading import start_opening
from tests.app.test_sign_in_column import toggle, told
from tests.seed.sight import flip, in_front, manage, sku, update
from tests.services.store.states import CONTOSO, RICH, day, in_memory

NOT_KEPT = "· not kept as a snapshot"


async def count(running: Running, purpose: str) -> int:
    history = (await past_of(running)).history
    return len(await history.snapshots(running.tenant_id(purpose)))


def why(running: Running) -> str:
    label = next(
        one
        for one in freshness(running).findChildren(QLabel)
        if one.text() == freshness(running).kept_text
    )
    return label.toolTip()


async def not_kept(running: Running) -> str:
    """Waits until the window says that this reading is no snapshot; the reason."""
    await seen(lambda: freshness(running).kept_text == NOT_KEPT, "it says that nothing was kept")
    return why(running)


PARTS = {
    "a page of users": ("large", "/users", 1, "The users could not be read."),
    "deleted users": ("tiny", "/directory/deletedItems/*", 0, "The deleted users could not be"),
    "counters": ("tiny", "/customers/*/subscribedskus", 0, "The licenses could not be read."),
    "subscriptions": ("tiny", "/customers/*/subscriptions", 0, "Microsoft's answer"),
}
"""Customer, path, how many calls succeed, and how the reason begins."""


@pytest.mark.parametrize("part", PARTS)
async def test_what_lacks_a_part_is_not_kept_until_all_of_it_is_read(part: str) -> None:
    purpose, path, after, reason = PARTS[part]
    async with desk(purpose) as running:
        first = await kept(running)
        running.simulator.faults.add(
            Fault(FaultKind.WRONG_JSON, path=path, after=after, times=None)
        )
        await in_front(running)
        running.robot.key(running.program.window, Qt.Key.Key_F5, SHIFT)
        assert (await not_kept(running)).startswith(reason)
        assert await count(running, purpose) == 1
        running.simulator.faults.clear()
        second = await read_again(running, 2, everything=True)
        assert freshness(running).kept_text == "· kept for this run"
        assert not why(running)
        assert second.at > first.at
        assert on_screen(running) == in_truth(running, purpose)


async def test_a_first_reading_that_is_cancelled_is_not_kept() -> None:
    async with desk() as running:
        await seen(lambda: running.program.controller.tenants, "the customers are read")
        await past_of(running)
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, face="graph", method="GET", path="/users", after=1, seconds=60)
        )
        await start_opening(running, "large")
        panel = running.program.window.users
        await seen(lambda: running.robot.table.model().rowCount(), "the first page is listed")
        running.robot.click(panel.cancel_button)
        assert await not_kept(running) == "The users could not be read."
        assert await count(running, "large") == 0
        assert not freshness(running).snapshots_button.isVisible()
        await read_again(running, 1)


async def test_a_customer_that_is_left_while_it_is_read_is_not_kept() -> None:
    async with desk() as running:
        await seen(lambda: running.program.controller.tenants, "the customers are read")
        await past_of(running)
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, face="graph", method="GET", path="/users", after=1, seconds=60)
        )
        await start_opening(running, "large")
        await seen(lambda: running.robot.table.model().rowCount(), "the first page is listed")
        await start_opening(running, "tiny")
        await kept(running)
        assert await count(running, "large") == 0
        await running.open("large")
        assert (await kept(running)).users == len(running.truth("large")["users"])


async def test_a_customer_without_graph_is_kept_once_its_licenses_are_filled_in() -> None:
    purpose = "partner_center_only"
    async with desk() as running:
        await seen(lambda: running.program.controller.tenants, "the customers are read")
        await past_of(running)
        licenses = f"/customers/{running.tenant_id(purpose)}/users/*/licenses"
        running.simulator.faults.add(Fault(FaultKind.DELAY, path=licenses, after=3, seconds=0.3))
        await running.open(purpose)
        snapshot = await kept(running)
        state = await (await past_of(running)).history.state(running.tenant_id(purpose))
        assert snapshot.users == len(running.truth(purpose)["users"])
        assert all(user.licenses is not None for user in state.users if not user.deleted)
        assert not state.blocked_known
        assert on_screen(running) == in_truth(running, purpose)


async def test_what_is_written_here_is_in_the_snapshot_that_follows() -> None:
    who, purpose = "Amelia Okafor", "well_stocked"
    async with desk(purpose) as running:
        await kept(running)
        dialog = await manage(running, who)
        flip(running, dialog, "VISIOCLIENT")
        await update(running, dialog)
        await read_again(running, 2)
        history, tenant = (await past_of(running)).history, running.tenant_id(purpose)
        later, earlier = await history.snapshots(tenant)
        found = await history.comparison(tenant, earlier.at, later.at)
        assert [(str(one.kind), one.display_name, one.sku_id) for one in found.changes] == [
            ("License gained", who, sku("VISIOCLIENT"))
        ]


async def test_sign_ins_that_come_before_the_snapshot_are_kept_with_it() -> None:
    purpose = "well_stocked"
    async with desk() as running:
        await seen(lambda: running.program.controller.tenants, "the customers are read")
        history = (await past_of(running)).history
        running.simulator.faults.add(
            Fault(FaultKind.WRONG_JSON, path="/customers/*/subscribedskus", times=None)
        )
        await start_opening(running, purpose)
        await not_kept(running)
        await toggle(running)
        await told(running)
        running.simulator.faults.clear()
        running.program.window.licenses.retry_requested.emit()
        await kept(running)
        found = await history.state(running.tenant_id(purpose))
        assert found.sign_ins == running.program.desk.users.sign_ins.at


async def test_a_past_is_made_up_once_though_two_read_a_customer_at_the_same_time() -> None:
    history = cast(History, await in_memory())
    made_up = MadeUpPast(past)
    state = replace(RICH, at=day(500))
    await asyncio.gather(*(keep(history, state, made_up) for _ in range(2)))
    assert len(await history.snapshots(CONTOSO.id)) == len(AGES) + 2
    await history.aclose()
