"""The whole program on the practice directory, for tests: real window, real HTTP code."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QApplication

from o365desk.app.config import Settings
from o365desk.app.connection_book import PRACTICE, PRACTICE_DIRECT, load
from o365desk.app.front import make_front
from o365desk.app.options import Options
from o365desk.app.profile import Profile
from o365desk.app.program import Program
from o365desk.app.report import Reporter
from o365desk.app.robot import Robot, seen
from o365desk.domain.connections import Connection
from o365desk.domain.directory import TenantId
from o365desk.services.product_names import ProductNames
from o365desk.simulator import HttpRequest, Simulator
from o365desk.views import theme


@dataclass
class Running:
    """A program that runs, the hand and eye at its window, and the truth behind it."""

    program: Program
    robot: Robot
    simulator: Simulator

    def tenant_id(self, purpose: str) -> TenantId:
        return TenantId(self.simulator.world.customer(purpose))

    def tenant_name(self, purpose: str) -> str:
        """Name of the customer that shows a trouble (see simulator/worlds.py)."""
        wanted = self.tenant_id(purpose)
        return next(t.name for t in self.simulator.world.customers if t.tenant_id == wanted)

    async def open(self, purpose: str) -> None:
        """Opens a customer through the picker and waits for its users and products."""
        await self.robot.open_tenant(self.tenant_name(purpose))
        await seen(lambda: self.work.subscriptions is not None, "the subscriptions are read")

    @property
    def work(self) -> Any:
        work = self.program.desk.session.work
        assert work is not None
        return work

    def truth(self, purpose: str) -> dict[str, Any]:
        """Users, licences and counters of a tenant as the directory itself has them."""
        answer = self.simulator.handle(
            HttpRequest("GET", f"/practice/truth/{self.tenant_id(purpose)}", "", {}, b"")
        )
        found: dict[str, Any] = json.loads(answer.body)
        return found

    def writes(self) -> list[tuple[str, str]]:
        """Method and route of every call that may change something, in order."""
        return [
            (call.method, call.route)
            for call in self.simulator.calls.recent
            if call.method not in ("GET", "HEAD")
            and call.face != "identity"
            and not call.route.endswith(("getByIds", "$batch"))  # its items are noted too
        ]


@asynccontextmanager
async def desk(
    purpose: str = "",
    *,
    direct: bool = False,
    connection: Connection | None = None,
    profile: Profile | None = None,
    make: Callable[..., Program] = Program,
) -> AsyncIterator[Running]:
    """The whole program, started and (with `purpose`) with a customer opened; closed in order
    after. `connection`: another one than the practice directory without a sign-in. `make`: what
    takes the place of Program."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)  # as the program does
    theme.apply(app, theme.LIGHT)
    names, reporter = ProductNames(), Reporter()
    chosen = connection or (PRACTICE_DIRECT if direct else PRACTICE)
    front = make_front(chosen, Settings(), names)
    front.window.show()
    program = make(app, front, names, reporter, Options(), profile, load(profile))
    async with AsyncExitStack() as stack:
        await program.start(stack)
        simulator = program.world.simulator
        assert simulator is not None
        running = Running(program, Robot(front.window), simulator)
        if direct:
            await running.robot.loaded()
        elif purpose:
            await seen(lambda: program.controller.tenants, "the customers are read")
            await running.open(purpose)
        try:
            yield running
        finally:
            await program.finish()
    front.window.deleteLater()
    await asyncio.sleep(0)  # a window that lingers would be found by the next test
    assert reporter.bugs == 0, "the program reported a bug of its own"
