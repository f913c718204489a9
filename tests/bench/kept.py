"""A profile with the snapshots of one customer, for what starts without the network.

    python -m tests.bench.kept FOLDER [--empty]

Its key lies in whatever store of secrets this process has.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from o365desk.app.connection_book import PRACTICE, ConnectionBook
from o365desk.app.keeping import Keeping
from o365desk.app.options import Options
from o365desk.app.practice_past import past
from o365desk.app.profile import Profile, in_folder
from o365desk.app.recorder import MadeUpPast, keep
from o365desk.app.worlds import Means, open_world
from o365desk.domain.connections import Connection, Mode
from o365desk.services.adapters import collect
from o365desk.services.product_names import ProductNames
from o365desk.services.sweep import TenantReading, sweep
from tests.bench.start_driver import CUSTOMER

CONNECTION = Connection("kept", "Kept", Mode.RESELLER, "kept.example", PRACTICE.client_id)
"""Leads to Microsoft, where it must never get to."""


async def fill(profile: Profile) -> None:
    """Reads the customer, makes up a past, and keeps both."""
    async with AsyncExitStack() as stack:
        world = await open_world(PRACTICE, Means(Options(demo="reseller"), ProductNames()))
        stack.push_async_callback(world.close)
        keeping = Keeping(CONNECTION, profile)
        stack.push_async_callback(keeping.aclose)
        history = await keeping.open()
        assert history.on_disk, keeping.notice
        tenants = await collect(world.backend.customers.tenants())
        chosen = [tenant for tenant in tenants if tenant.name == CUSTOMER]
        async for reading in sweep(world.backend, chosen):
            assert isinstance(reading, TenantReading), reading
            await keep(history, reading.state(world.now()), MadeUpPast(past))


def make(folder: str, *, empty: bool = False) -> None:
    profile = in_folder(Path(folder))
    ConnectionBook(profile.connections).put(CONNECTION)
    if not empty:
        asyncio.run(fill(profile))


if __name__ == "__main__":
    make(sys.argv[1], empty="--empty" in sys.argv)
