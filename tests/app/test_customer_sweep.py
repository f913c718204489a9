"""Refresh of all customers: whole readings are kept one after the other, failures are counted."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest
from PySide6.QtWidgets import QPushButton

from o365desk.app import customer_sweep, headless
from o365desk.app.connection_book import PRACTICE, PRACTICE_SIGN_IN
from o365desk.app.customer_sweep import CustomerSweep, Stage
from o365desk.app.options import Options
from o365desk.app.robot import seen
from o365desk.app.worlds import Means, open_world
from o365desk.domain.connections import Connection
from o365desk.domain.directory import Tenant
from o365desk.domain.errors import DeskError, SignInRequired, Unreachable
from o365desk.domain.history import History
from o365desk.domain.snapshots import TenantState
from o365desk.services.adapters import collect
from o365desk.services.product_names import ProductNames
from o365desk.services.sweep import AT_ONCE
from o365desk.simulator import Fault, FaultKind, HttpRequest
from o365desk.views.portfolio_page import PortfolioPage
from o365desk.views.rail import Place
from tests.app.browsing import browsing
from tests.app.harness import Running, desk
from tests.app.test_signing_in import signed_in
from tests.services.store.states import in_memory
from tests.simulator.browser import Browser


@dataclass
class Refresh:
    """A sweep over the practice directory, and what it has told."""

    running: Running
    history: History
    told: list[tuple[int, int, int]] = field(default_factory=list)
    sweep: CustomerSweep = field(init=False)

    def __post_init__(self) -> None:
        desk = self.running.program.desk
        self.sweep = CustomerSweep(desk, desk.session.backend, self.history, self.changed)

    def changed(self) -> None:
        self.told.append((self.sweep.kept, self.sweep.total, self.sweep.failed))

    @property
    def tenants(self) -> list[Tenant]:
        return self.running.program.controller.tenants

    async def ended(self, stage: Stage) -> None:
        await seen(lambda: self.sweep.stage is stage, f"the refresh is {stage}")

    def fault(self, number: int, kind: FaultKind, path: str = "*", **more: object) -> None:
        """Something goes wrong for one customer, always."""
        tenant = self.tenants[number].id
        rule = Fault(kind, path=f"/customers/{tenant}/{path}", times=None, **more)  # type: ignore[arg-type]
        self.running.simulator.faults.add(rule)

    async def kept(self) -> list[str]:
        return [one.name for one in await self.history.tenants()]


@asynccontextmanager
async def refresh(
    connection: Connection = PRACTICE, disk: "type[FullDisk] | None" = None
) -> AsyncIterator[Refresh]:
    """`disk`: what stands before the history."""
    history = cast(History, await in_memory())
    async with desk(connection=connection) as running:
        if connection is PRACTICE:
            await seen(lambda: running.program.controller.tenants, "the customers are read")
        yield Refresh(running, history if disk is None else cast(History, disk(history)))
    await history.aclose()


async def test_every_customer_is_kept_as_the_directory_has_it() -> None:
    async with refresh() as made:
        made.sweep.start(made.tenants)
        await made.ended(Stage.DONE)
        total = len(made.tenants)
        assert (made.sweep.kept, made.sweep.total, made.sweep.failures) == (total, total, [])
        assert made.sweep.summary == f"{total} of {total} customers read."
        assert sorted(await made.kept()) == sorted(one.name for one in made.tenants)
        tenant = made.running.tenant_id("well_stocked")
        state = await made.history.state(tenant)
        truth = made.running.truth("well_stocked")
        assert {user.id for user in state.users if not user.deleted} == {
            user["id"] for user in truth["users"]
        }
        assert {user.id for user in state.users if user.deleted} == {
            user["id"] for user in truth["deleted"]
        }
        assert state.subscriptions
        assert [done for done, _, _ in made.told][:3] == [0, 1, 2]
        assert made.told[-1] == (total, total, 0)


async def test_a_customer_that_fails_is_counted_and_nothing_of_it_is_kept() -> None:
    async with refresh() as made:
        made.fault(2, FaultKind.UNAVAILABLE, status=500)
        made.sweep.start(made.tenants)
        await made.ended(Stage.DONE)
        broken, total = made.tenants[2].name, len(made.tenants)
        assert broken not in await made.kept()
        assert [one.tenant.name for one in made.sweep.failures] == [broken]
        assert made.sweep.summary == (
            f"{total - 1} of {total} customers read, 1 failed: Microsoft's service failed (1)."
        )
        made.running.simulator.faults.clear()
        made.running.simulator.calls.clear()
        made.sweep.resume()
        await made.ended(Stage.DONE)
        assert made.sweep.summary == f"{total} of {total} customers read."
        assert {len(await made.history.snapshots(one.id)) for one in made.tenants} == {1}


async def test_subscriptions_that_may_not_be_read_are_not_known_but_others_fail() -> None:
    async with refresh() as made:
        made.fault(0, FaultKind.MISSING_ROLE, "subscriptions*")
        made.fault(1, FaultKind.UNAVAILABLE, "subscriptions*", status=500)
        made.sweep.start(made.tenants[:3])
        await made.ended(Stage.DONE)
        assert [one.tenant for one in made.sweep.failures] == [made.tenants[1]]
        assert (await made.history.state(made.tenants[0].id)).subscriptions is None
        assert (await made.history.state(made.tenants[2].id)).subscriptions is not None


async def test_cancelled_it_keeps_what_it_has_and_goes_on_with_the_rest() -> None:
    async with refresh() as made:
        total = len(made.tenants)
        assert total > AT_ONCE
        made.sweep.start(made.tenants)
        await seen(lambda: made.sweep.kept >= 2, "two are kept")
        made.sweep.cancel()
        await made.ended(Stage.PAUSED)
        before = made.sweep.kept
        assert before < total
        assert made.sweep.error is None
        assert made.sweep.summary == f"{before} of {total} customers read."
        made.sweep.resume()
        assert made.sweep.stage is Stage.RUNNING
        await made.ended(Stage.DONE)
        assert made.sweep.kept == total
        assert len(await made.kept()) == total


async def test_a_customer_that_is_opened_meanwhile_is_no_conflict() -> None:
    async with refresh() as made:
        made.sweep.start(made.tenants)
        await made.running.open("well_stocked")
        await made.ended(Stage.DONE)
        assert made.sweep.failures == []
        assert made.running.robot.table.model().rowCount() > 0


async def test_who_works_elsewhere_meanwhile_is_told_how_it_went() -> None:
    async with desk("well_stocked") as running:
        window = running.program.window
        await seen(window.rail.places[Place.PORTFOLIO].isVisible, "the snapshots are open")
        window.go_to(Place.PORTFOLIO)
        page = window.findChildren(PortfolioPage)[0]
        await seen(page.refresh_button.isEnabled, "they can be refreshed")
        running.robot.click(page.refresh_button)
        window.go_to(Place.USERS)
        total = len(running.program.controller.tenants)
        words = f"{total} of {total} customers read."
        await seen(lambda: words in [one.sentence for one in window.banner.messages], words)
        running.robot.click(
            next(one for one in window.banner.findChildren(QPushButton) if one.text() == "Show")
        )
        assert window.place is Place.PORTFOLIO


class FullDisk:
    """A history that takes two customers, and no more until there is room."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.room = 2

    async def record(self, state: TenantState) -> None:
        if not self.room:
            raise DeskError("The disk is full.", next_step="Free some space.")
        self.room -= 1
        await self._history.record(state)


async def test_a_full_disk_stops_it_and_a_button_lets_it_go_on() -> None:
    async with refresh(disk=FullDisk) as made:
        disk = cast(FullDisk, made.history)
        made.sweep.start(made.tenants)
        await made.ended(Stage.PAUSED)
        banner = made.running.program.window.banner
        assert made.sweep.kept == 2
        assert banner.messages[0].sentence == "The disk is full."
        assert f"after 2 of {len(made.tenants)}" in banner.messages[0].next_step
        disk.room = len(made.tenants)
        button = next(
            one
            for one in banner.findChildren(QPushButton)
            if one.text() == "Resume" and one.isVisibleTo(banner)
        )
        made.running.robot.click(button)
        await made.ended(Stage.DONE)
        assert made.sweep.kept == len(made.tenants)


async def test_without_the_network_the_others_are_not_tried_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(customer_sweep, "UNREACHABLE", 2)
    async with refresh() as made:
        made.running.simulator.faults.add(Fault(FaultKind.CUT_BEFORE, times=None))
        made.sweep.start(made.tenants)
        await made.ended(Stage.PAUSED)
        assert isinstance(made.sweep.error, Unreachable)
        assert made.sweep.failed == 2
        made.running.simulator.faults.clear()
        made.sweep.resume()
        await made.ended(Stage.DONE)
        assert made.sweep.kept == len(made.tenants)


async def test_a_sign_in_that_ends_meanwhile_pauses_it_until_somebody_signs_in() -> None:
    browser = Browser()
    with browsing(browser):
        async with refresh(PRACTICE_SIGN_IN) as made:
            await signed_in(made.running, browser)
            made.sweep.start(made.tenants)
            await seen(lambda: made.sweep.kept, "the first customer is kept")
            body = json.dumps({"account": browser.account}).encode()
            made.running.simulator.handle(HttpRequest("POST", "/practice/revoke", "", {}, body))
            await made.ended(Stage.PAUSED)
            assert isinstance(made.sweep.error, SignInRequired)
            assert 0 < made.sweep.kept < len(made.tenants)
            banner = made.running.program.window.banner
            assert "Sign in, and it goes on." in banner.messages[0].next_step
            button = next(
                one for one in banner.findChildren(QPushButton) if one.text() == "Sign in"
            )
            made.running.robot.click(button)
            await made.ended(Stage.DONE)
            assert made.sweep.kept == len(made.tenants)


async def test_sync_keeps_what_it_reads_and_counts_what_it_cannot(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = await open_world(PRACTICE, Means(Options(), ProductNames()))
    tenants = (await collect(world.backend.customers.tenants()))[:4]
    history = cast(History, await in_memory())
    disk = FullDisk(history)
    _, failures = await headless._read(world, tenants, cast(History, disk), keep=False)
    assert len(failures) == 2
    assert len(await history.tenants()) == 2
    assert capsys.readouterr().err.count("The disk is full.") == 2
    await history.aclose()
    await world.close()
