"""The backend over the snapshots: one state is read for all that asks at once."""

import asyncio
from datetime import datetime
from typing import cast

from o365desk.domain.directory import TenantId
from o365desk.domain.history import History
from o365desk.domain.snapshots import TenantState
from o365desk.services.adapters import collect
from o365desk.services.snapshot_backend import SnapshotWorld
from tests.services.store.states import CONTOSO, FABRIKAM, RICH, day, in_memory, state, user


class Counted:
    """Counts the states that are read of a history."""

    def __init__(self, history: object) -> None:
        self._history = cast(History, history)
        self.read: list[TenantId] = []

    async def state(self, tenant: TenantId, at: datetime | None = None) -> TenantState:
        self.read.append(tenant)
        return await self._history.state(tenant, at)


async def test_all_parts_of_a_customer_come_from_one_reading() -> None:
    history = await in_memory()
    await history.record(RICH)
    counted = Counted(history)
    world = SnapshotWorld(cast(History, counted))
    users, skus, bought = await asyncio.gather(
        collect(world.users(CONTOSO.id)), world.skus(CONTOSO.id), world.subscriptions(CONTOSO.id)
    )
    assert counted.read == [CONTOSO.id]
    assert (len(users), len(skus), len(bought)) == (3, 2, 2)
    await collect(world.users(CONTOSO.id))
    assert counted.read == [CONTOSO.id] * 2, "a refresh reads anew"
    await history.aclose()


async def test_whoever_leaves_a_reading_does_not_take_it_from_the_others() -> None:
    history = await in_memory()
    await history.record(RICH)
    await history.record(state(day(0), user("Ann"), tenant=FABRIKAM))
    world = SnapshotWorld(cast(History, history))
    left = asyncio.ensure_future(collect(world.users(CONTOSO.id)))
    await asyncio.sleep(0)
    listed = asyncio.ensure_future(collect(world.users(FABRIKAM.id)))
    await asyncio.sleep(0)
    left.cancel()
    assert [one.display_name for one in await listed] == ["Ann"]
    assert world.as_of(FABRIKAM.id) == day(0)
    await history.aclose()
