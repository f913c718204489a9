"""Reading all customers once: behind the operator's calls, and no longer than somebody listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from o365desk.app.connection_book import PRACTICE
from o365desk.app.options import Options
from o365desk.app.worlds import Means, World, open_world
from o365desk.domain.directory import Tenant, UserState
from o365desk.services.adapters import closing, collect
from o365desk.services.product_names import ProductNames
from o365desk.services.sweep import TenantReading, sweep
from o365desk.simulator.calls import CallRecord
from tests.services.store.states import CONTOSO, day, user


@asynccontextmanager
async def practice() -> AsyncIterator[tuple[World, list[Tenant]]]:
    world = await open_world(PRACTICE, Means(Options(), ProductNames()))
    tenants = await collect(world.backend.customers.tenants())
    assert world.simulator is not None
    world.simulator.calls.clear()
    yield world, tenants
    await world.close()


def priorities(world: World) -> set[str]:
    """Of Graph's calls since the customers were listed."""
    assert world.simulator is not None
    calls: list[CallRecord] = [c for c in world.simulator.calls.recent if c.face == "graph"]
    return {call.headers["x-ms-throttle-priority"] for call in calls if not call.in_batch}


async def test_a_sweep_stays_behind_what_its_reader_asks_meanwhile() -> None:
    async with practice() as (world, tenants):
        async for reading in sweep(world.backend, tenants[:4]):
            assert isinstance(reading, TenantReading)
        assert priorities(world) == {"low"}
        async for _ in sweep(world.backend, tenants[:1]):
            await collect(world.backend.users.users(tenants[0].id))
        assert priorities(world) == {"low", "high"}


async def test_a_sweep_that_is_left_leaves_nothing_running() -> None:
    async with practice() as (world, tenants):
        before = asyncio.all_tasks()
        async with closing(sweep(world.backend, tenants)) as readings:
            await anext(readings)
            assert len(asyncio.all_tasks()) > len(before)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() <= before


def test_who_cannot_be_restored_any_more_is_in_no_snapshot() -> None:
    """As in a window, so that a comparison of the two does not tell of a user who came and went."""
    gone = user("Ann", state=UserState.DELETED, deleted_at=day(-31))
    left = user("Ben", state=UserState.DELETED, deleted_at=day(-29))
    reading = TenantReading(CONTOSO, (user("Carl"),), (gone, left), (), None)
    assert reading.state(day(0)).users == (user("Carl"), left)
