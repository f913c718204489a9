"""The whole program with snapshots on the disk: a connection of one's own, behind which the
practice directory stands, or nothing at all."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace

import keyring
from PySide6.QtWidgets import QApplication

from o365desk.app.config import Settings
from o365desk.app.connection_book import PRACTICE, load
from o365desk.app.front import make_front, settings_of
from o365desk.app.options import Options
from o365desk.app.profile import Profile
from o365desk.app.program import Program
from o365desk.app.report import Reporter
from o365desk.app.robot import Robot, seen
from o365desk.app.worlds import open_world
from o365desk.domain.connections import Connection, Mode
from o365desk.services.product_names import ProductNames
from o365desk.simulator import Fault, FaultKind, Simulator
from o365desk.views import theme
from tests.app.harness import Running
from tests.services.sign_in_world import MemoryStore

CLIENT = "00001111-aaaa-2222-bbbb-3333cccc4444"
OWN = Connection("fabrikam", "Fabrikam", Mode.RESELLER, "fabrikam.example", CLIENT)


class Practising(Program):
    """Its connection is none of the practice directory, so that it keeps snapshots as it does of
    Microsoft; what answers is the practice directory all the same."""

    away = False
    """The directory cannot be reached."""

    async def start(self, stack: AsyncExitStack) -> None:
        if not self.options.offline:
            self._kept = replace(await open_world(PRACTICE, self.means), connection=OWN)
            simulator = self._kept.simulator
            if self.away and simulator is not None:
                simulator.faults.add(Fault(FaultKind.CUT_BEFORE, times=None))
        await super().start(stack)


@contextmanager
def secrets_in(store: MemoryStore) -> Iterator[MemoryStore]:
    """The computer's store of secrets is this one."""
    before = keyring.get_keyring()
    keyring.set_keyring(store)
    try:
        yield store
    finally:
        keyring.set_keyring(before)


@asynccontextmanager
async def kept_desk(
    profile: Profile,
    purpose: str = "",
    *,
    offline: bool = False,
    away: bool = False,
    simulator: Simulator | None = None,
    tenant: str = "",
    bugs: int = 0,
) -> AsyncIterator[Running]:
    """`purpose`: customer to open; `away`: nothing answers at first; `simulator`: the directory
    that was read before, for whoever is offline to be compared with; `bugs`: made on purpose."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    theme.apply(app, theme.LIGHT)
    names, reporter = ProductNames(), Reporter()
    settings: Settings = settings_of(OWN, profile)
    front = make_front(OWN, settings, names)
    front.window.show()
    options = Options(offline=offline, tenant=tenant)
    program = Practising(app, front, names, reporter, options, profile, load(profile))
    program.away = away
    async with AsyncExitStack() as stack:
        await program.start(stack)
        if not offline:
            simulator = program.world.simulator
        assert simulator is not None
        running = Running(program, Robot(front.window), simulator)
        await seen(lambda: program.past is not None, "the snapshots are open")
        if purpose:
            await seen(lambda: program.controller.tenants, "the customers are read")
            await running.open(purpose)
        try:
            yield running
        finally:
            await program.finish()
    front.window.deleteLater()
    await asyncio.sleep(0)
    assert reporter.bugs == bugs, "the program reported a bug of its own"
