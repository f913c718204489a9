"""The made-up past: counters that fit the users, and trouble that has a reason."""

import pytest

from o365desk.app.connection_book import PRACTICE
from o365desk.app.options import Options
from o365desk.app.practice_past import AGES, past
from o365desk.app.worlds import Means, open_world
from o365desk.domain.comparison import compare
from o365desk.domain.reconciliation import seats
from o365desk.domain.snapshots import TenantState
from o365desk.domain.trail import Cause, CauseKind, causes
from o365desk.services.adapters import collect
from o365desk.services.product_names import ProductNames
from o365desk.services.sweep import TenantReading, sweep


async def states(customer: str) -> list[TenantState]:
    """What is made up of a customer, oldest first, and what was read."""
    world = await open_world(PRACTICE, Means(Options(demo="reseller"), ProductNames()))
    try:
        tenants = await collect(world.backend.customers.tenants())
        chosen = [tenant for tenant in tenants if tenant.name == customer]
        readings = [one async for one in sweep(world.backend, chosen)]
        assert isinstance(readings[0], TenantReading)
        now = readings[0].state(world.now())
    finally:
        await world.close()
    return [*past(now), now]


def reasons(found: list[TenantState]) -> dict[str, list[Cause]]:
    """Of each product that lacks seats now: between which two states it came to that, and why."""
    told = {}
    for sku in found[-1].skus:
        if sku.available >= 0:
            continue
        available = [next(s.available for s in one.skus if s.id == sku.id) for one in found]
        last = max(place for place, seats_left in enumerate(available) if seats_left >= 0)
        told[sku.name] = [*causes(compare(found[last], found[last + 1]), sku.id).causes]
    return told


@pytest.mark.parametrize("customer", ["Tall Pine Furniture", "Copper Kettle Brewing"])
async def test_counters_move_as_the_users_do(customer: str) -> None:
    found = await states(customer)
    assert len(found) == len(AGES) + 1
    held_now = seats(found[-1].users)
    now = {sku.id: sku for sku in found[-1].skus}
    for state in found[:-1]:
        held = seats(state.users)
        for sku in state.skus:
            assert sku.assigned - now[sku.id].assigned == held[sku.id] - held_now[sku.id]
            assert sku.active + sku.warning - sku.assigned == sku.available
    assert any(compare(one, found[-1]).changes for one in found[:-1])


async def test_what_is_suspended_has_been_so_for_some_days_and_took_the_seats() -> None:
    told = reasons(await states("Copper Kettle Brewing"))
    assert len(told) == 2
    for found in told.values():
        lost = next(cause for cause in found if cause.kind is CauseKind.CAPACITY_LOST)
        assert "was suspended" in lost.sentence
        assert all(cause.kind is not CauseKind.UNEXPLAINED for cause in found)


async def test_who_took_the_last_seat_is_told() -> None:
    (found,) = reasons(await states("Old Mill Press")).values()
    assert [cause.kind for cause in found] == [CauseKind.ASSIGNED]
