"""What is written of a finished load: what is new, and nothing else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from o365desk.domain.directory import Tenant, TenantId, UserId
from o365desk.domain.errors import DeskError, NotFound
from o365desk.domain.licensing import GroupId, LicenseAssignment, PlanId
from o365desk.domain.snapshots import Snapshot, TenantState
from o365desk.services.store import recording, schema
from o365desk.services.store.database import Database
from o365desk.services.store.driver import raw
from o365desk.services.store.history import SnapshotHistory
from tests.services.store.states import (
    CONTOSO,
    E3,
    E5,
    FABRIKAM,
    RICH,
    day,
    in_memory,
    sku,
    state,
    subscription,
    user,
)


async def test_everything_comes_back_as_it_was() -> None:
    history = await in_memory()
    assert await history.record(RICH) == Snapshot(CONTOSO.id, day(0), users=3, deleted=1)
    assert await history.state(CONTOSO.id) == RICH
    assert await history.tenants() == [CONTOSO]
    await history.aclose()


async def test_unknown_is_not_none_at_all() -> None:
    history = await in_memory()
    await history.record(state(day(0), user("Anna"), subscriptions=(subscription(),)))
    await history.record(state(day(1), user("Anna", licenses=None), subscriptions=None))
    await history.record(state(day(2), user("Anna")))
    found = [await history.state(CONTOSO.id, day(number)) for number in range(3)]
    assert [one.users[0].licenses for one in found] == [(), None, ()]
    assert [one.subscriptions for one in found] == [(subscription(),), None, ()]
    await history.aclose()


async def test_snapshots_are_listed_newest_first_and_read_at_any_time_between() -> None:
    history = await in_memory()
    for number, names in enumerate((["Anna"], ["Anna", "Ben"], ["Ben"])):
        await history.record(state(day(number), *map(user, names)))
    assert [(one.at, one.users) for one in await history.snapshots(CONTOSO.id)] == [
        (day(2), 1),
        (day(1), 2),
        (day(0), 1),
    ]
    assert (await history.state(CONTOSO.id, day(1.9))).at == day(1)
    assert [one.display_name for one in (await history.state(CONTOSO.id, day(9))).users] == ["Ben"]
    with pytest.raises(NotFound):
        await history.state(CONTOSO.id, day(0) - timedelta(microseconds=1))
    with pytest.raises(NotFound):
        await history.state(FABRIKAM.id)
    assert await history.snapshots(FABRIKAM.id) == []
    await history.aclose()


async def test_time_goes_on_or_nothing_is_kept() -> None:
    history = await in_memory()
    await history.record(state(day(1), user("Anna")))
    second = await history.record(state(day(1), user("Ben")))
    assert day(1) < second.at < day(1) + timedelta(milliseconds=1)
    assert (await history.state(CONTOSO.id, day(1))).users == (user("Anna"),)
    with pytest.raises(DeskError):
        await history.record(state(day(0), user("Carl")))
    assert len(await history.snapshots(CONTOSO.id)) == 2
    assert (await history.state(CONTOSO.id)).users == (user("Ben"),)
    await history.aclose()


async def test_a_tenant_has_the_name_it_was_given_last() -> None:
    history = await in_memory()
    await history.record(state(day(0), user("Anna")))
    renamed = replace(CONTOSO, name="Ärzte am Markt", domain="markt.example")
    await history.record(state(day(1), user("Anna"), tenant=renamed))
    await history.record(state(day(0), tenant=replace(FABRIKAM, name="zebra")))
    await history.record(state(day(0), tenant=Tenant(TenantId("other"), "Bravo", "")))
    assert [tenant.name for tenant in await history.tenants()] == [
        "Ärzte am Markt",
        "Bravo",
        "zebra",
    ]
    assert (await history.state(CONTOSO.id, day(0))).tenant == renamed
    await history.aclose()


async def test_users_of_two_tenants_may_have_the_same_id() -> None:
    history = await in_memory()
    here, there = user("Anna"), user("Anna", location="FR")
    await history.record(state(day(0), here))
    await history.record(state(day(0), there, tenant=FABRIKAM))
    await history.record(state(day(1), tenant=FABRIKAM))
    assert (await history.state(CONTOSO.id)).users == (here,)
    assert (await history.state(FABRIKAM.id)).users == ()
    assert (await history.state(FABRIKAM.id, day(0))).users == (there,)
    await history.aclose()


async def test_of_a_last_sign_in_the_latest_is_kept() -> None:
    history = await in_memory()
    anna, ben = user("Anna"), user("Ben")
    with pytest.raises(NotFound):
        await history.record_sign_ins(CONTOSO.id, {anna.id: None})
    await history.record(state(day(0), anna, ben, sign_ins={anna.id: None}))
    await history.record(state(day(2), anna, ben))
    await history.record_sign_ins(
        CONTOSO.id, {anna.id: day(3), ben.id: day(-1), UserId("nobody we know"): day(1)}
    )
    assert (await history.state(CONTOSO.id)).sign_ins == {anna.id: day(3), ben.id: day(-1)}
    assert (await history.state(CONTOSO.id, day(0))).sign_ins == {ben.id: day(-1)}, "not yet"
    await history.aclose()


class Counting:
    """How many rows a load writes, temporary ones aside."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, state: TenantState) -> dict[str, int]:
        def work(connection: Connection) -> dict[str, int]:
            before = self._rows(connection)
            recording.record(connection, state)
            after = self._rows(connection)
            return {
                name: after[name] - before[name] for name in after if after[name] > before[name]
            }

        return await self._database.write(work)

    @staticmethod
    def _rows(connection: Connection) -> dict[str, int]:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in schema.metadata.tables.items()
        }


@pytest.mark.parametrize(
    ("after", "written"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"location": "FR"}, {"user_version": 1}, id="a location"),
        pytest.param(
            {"licenses": (LicenseAssignment(E5),)},
            {"holding_version": 1, "license_set": 1},
            id="a license",
        ),
        pytest.param(
            {"id": UserId("another")},
            {"known_user": 1, "user_version": 1, "holding_version": 1},
            id="another user",
        ),
    ],
)
async def test_only_what_is_new_costs_a_row(after: dict[str, Any], written: dict[str, int]) -> None:
    database = Database()
    await database.write(schema.metadata.create_all)
    users = [user(f"User {number}", LicenseAssignment(E3)) for number in range(50)]
    more: dict[str, Any] = {"skus": (sku(),), "subscriptions": (subscription(),)}
    counting = Counting(database)
    await counting.record(state(day(0), *users, **more))
    users[7] = users[7]._replace(**after)
    assert await counting.record(state(day(1), *users, **more)) == {"snapshot": 1, **written}
    await database.aclose()


async def test_the_order_in_which_licenses_come_says_nothing() -> None:
    database = Database()
    await database.write(schema.metadata.create_all)
    plans, groups = (PlanId("a"), PlanId("b")), (GroupId("c"), GroupId("d"))
    first = user("Anna", LicenseAssignment(E3, True, groups, plans), LicenseAssignment(E5))
    turned = LicenseAssignment(E3, True, groups[::-1], plans[::-1])
    counting = Counting(database)
    await counting.record(state(day(0), first))
    written = await counting.record(
        state(day(1), first._replace(licenses=(LicenseAssignment(E5), turned)))
    )
    assert written == {"snapshot": 1}
    await database.aclose()


async def test_what_comes_twice_is_kept_once() -> None:
    history = await in_memory()
    twice = state(
        day(0),
        user("Anna", location="FR"),
        user("Anna"),
        skus=(sku(active=2), sku(active=3)),
        subscriptions=(subscription(), subscription()),
    )
    assert (await history.record(twice)).users == 1
    found = await history.state(CONTOSO.id)
    assert found.users == (user("Anna"),)
    assert found.skus == (sku(active=5),)
    assert found.subscriptions == (subscription(),)
    await history.aclose()


async def test_users_who_hold_the_same_share_it() -> None:
    history = await in_memory()
    await history.record(
        state(day(0), *(user(f"User {n}", LicenseAssignment(E3)) for n in range(3)))
    )
    found = await history.state(CONTOSO.id)
    assert len({id(one.licenses) for one in found.users}) == 1
    await history.aclose()


async def test_nothing_is_left_of_a_load_that_is_not_kept() -> None:
    database = Database()
    await database.write(schema.metadata.create_all)
    history = SnapshotHistory(database)
    broken = state(day(0), user("Anna", location="FR"))

    def spoiled(connection: Connection) -> None:
        recording.record(connection, broken)
        raise DeskError("The disk is full.")

    with pytest.raises(DeskError):
        await database.write(spoiled)
    assert await history.tenants() == []
    await history.record(RICH)
    left = await database.read(
        lambda connection: raw(connection).execute("SELECT count(*) FROM reading").fetchone()
    )
    assert left == (0,)
    await history.aclose()


async def test_a_clock_that_was_set_back_a_little_does_not_stop_the_history() -> None:
    """Nor another copy of the program that was faster to the disk; more than that is told."""
    history = await in_memory()
    first = await history.record(state(day(1), user("Anna")))
    behind = state(day(1) - timedelta(seconds=40), user("Anna"), user("Ben"))
    second = await history.record(behind)
    assert second.at == first.at + timedelta(microseconds=1)
    assert len((await history.state(CONTOSO.id)).users) == 2
    with pytest.raises(DeskError, match="A later snapshot"):
        await history.record(state(day(0.9), user("Carl")))
    assert [one.at for one in await history.snapshots(CONTOSO.id)] == [second.at, first.at]
    await history.aclose()
