"""The world as it was seen: every port of a backend over snapshots, and nothing that writes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from o365desk.domain.directory import TenantId, UserEdit, UserId, UserState
from o365desk.domain.errors import DeskError, NotFound, ReadOnly
from o365desk.domain.history import History
from o365desk.domain.licensing import LicenseAssignment, LicenseChange
from o365desk.domain.ports import Backend, Origin
from o365desk.domain.snapshots import TenantState
from o365desk.services.adapters import collect
from o365desk.services.snapshot_backend import PAGE, SnapshotWorld, snapshot_backend
from o365desk.services.store.history import SnapshotHistory
from tests.services.store.states import (
    CONTOSO,
    E3,
    FABRIKAM,
    RICH,
    day,
    in_memory,
    sku,
    state,
    subscription,
    user,
)

ANNA = user("Anna", LicenseAssignment(E3))
BERT = user("Bert")._replace(state=UserState.DELETED, deleted_at=day(1))


async def seen(at: datetime | None = None, *states: TenantState) -> tuple[SnapshotHistory, Backend]:
    history = await in_memory()
    for one in states or (
        state(day(1), ANNA, BERT, skus=(sku(),), subscriptions=(subscription(),)),
        state(day(3), ANNA._replace(display_name="Anna Lee"), subscriptions=None),
    ):
        await history.record(one)
    return history, snapshot_backend(history, str, at=at)


async def test_the_newest_snapshot_or_the_last_before_a_moment() -> None:
    history, newest = await seen()
    assert newest.origin is Origin.SNAPSHOT
    assert await collect(newest.customers.tenants()) == [CONTOSO]
    (anna,) = await collect(newest.users.users(CONTOSO.id))
    assert anna.display_name == "Anna Lee"
    assert newest.as_of is not None
    assert newest.as_of(CONTOSO.id) == day(3)
    assert newest.as_of(TenantId("another")) is None
    earlier = snapshot_backend(history, str, at=day(2))
    assert await collect(earlier.users.users(CONTOSO.id)) == [ANNA]
    assert await collect(earlier.users.deleted_users(CONTOSO.id)) == [BERT]
    assert [one.id for one in await earlier.customers.skus(CONTOSO.id)] == [E3]
    assert await earlier.customers.subscriptions(CONTOSO.id) == (subscription(),)
    assert await earlier.users.licenses(CONTOSO.id, ANNA.id) == (LicenseAssignment(E3),)
    too_early = snapshot_backend(history, str, at=day(0))
    with pytest.raises(NotFound):
        await collect(too_early.users.users(CONTOSO.id))
    with pytest.raises(NotFound, match="could not be read when this snapshot was made"):
        await newest.customers.subscriptions(CONTOSO.id)
    with pytest.raises(NotFound):
        await newest.users.user(CONTOSO.id, UserId("nobody"))


async def test_large_tenants_come_in_pages() -> None:
    many = [user(f"User {number}") for number in range(PAGE + 1)]
    _history, backend = await seen(None, state(day(1), *many, BERT))
    pages = [page async for page in backend.users.users(CONTOSO.id)]
    assert [len(page) for page in pages] == [PAGE, 1]
    assert {one.id for page in pages for one in page} == {one.id for one in many}


async def test_blocked_and_sign_ins_as_far_as_they_were_known() -> None:
    history, backend = await seen(None, state(day(1), ANNA, blocked_known=False))
    await collect(backend.users.users(CONTOSO.id))
    assert not backend.capabilities(CONTOSO.id).blocked_known
    await history.record_sign_ins(CONTOSO.id, {ANNA.id: day(0)})
    assert backend.sign_ins is not None
    await collect(backend.users.users(CONTOSO.id))
    assert await collect(backend.sign_ins.sign_ins(CONTOSO.id)) == [(ANNA.id, day(0))]


WRITES: dict[str, Callable[[Backend], Awaitable[Any]]] = {
    "licenses": lambda b: b.users.update_licenses(CONTOSO.id, ANNA.id, LicenseChange(remove=(E3,))),
    "edit": lambda b: b.users.edit_user(CONTOSO.id, ANNA.id, UserEdit(location="GB")),
    "delete": lambda b: b.users.delete_user(CONTOSO.id, ANNA.id),
    "restore": lambda b: b.users.restore_user(CONTOSO.id, BERT.id),
}


@pytest.mark.parametrize("name", WRITES)
async def test_nothing_can_be_changed(name: str) -> None:
    _history, backend = await seen()
    assert not backend.capabilities(CONTOSO.id).write
    assert "Go back to live data" in backend.capabilities(CONTOSO.id).reason
    with pytest.raises(ReadOnly) as refused:
        await WRITES[name](backend)
    assert isinstance(refused.value, DeskError)
    assert refused.value.next_step == "Go back to live data first."


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


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has one zone for all programs")
async def test_the_day_of_another_customer_ends_at_midnight_though_the_clocks_are_put_forward(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history = await in_memory()
    night = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # an hour and a half before that
    await history.record(state(night, user("Anna")))
    for hours, who in ((22, "Ben"), (23, "Ben of tomorrow")):
        at = night + timedelta(hours=hours)
        await history.record(state(at, user(who), tenant=FABRIKAM))
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        world = SnapshotWorld(cast(History, history), night, of=CONTOSO.id)
        found = await collect(world.users(FABRIKAM.id))
    time.tzset()
    assert [one.display_name for one in found] == ["Ben"]
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
