"""Thinning out, forgetting and checking: what goes, what stays, and what the file then holds."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from o365desk.domain.directory import TenantId, User, UserState
from o365desk.domain.errors import DeskError
from o365desk.domain.licensing import LicenseAssignment
from o365desk.domain.retention import Retention
from o365desk.services.store import upkeep
from o365desk.services.store.database import Database, files
from o365desk.services.store.history import SnapshotHistory
from o365desk.services.store.schema import metadata
from tests.services.store.pages import NAMES, decrypted, flip_a_bit, key, traces
from tests.services.store.states import (
    CONTOSO,
    E3,
    E5,
    FABRIKAM,
    RICH,
    day,
    sku,
    state,
    subscription,
    user,
)

T = TypeVar("T")

RULE = Retention(all_days=10, daily_days=40)

UNSEEN = """
SELECT count(*) FROM {0} WHERE NOT EXISTS (
    SELECT 1 FROM snapshot WHERE snapshot.tenant_id = {0}.tenant_id
    AND number >= valid_from AND number < valid_to)
"""
ORPHANS = """
SELECT (SELECT count(*) FROM known_user WHERE id NOT IN (SELECT user_id FROM user_version))
     + (SELECT count(*) FROM holding_version WHERE user_id NOT IN (SELECT id FROM known_user))
     + (SELECT count(*) FROM last_sign_in WHERE user_id NOT IN (SELECT id FROM known_user))
     + (SELECT count(*) FROM user_search WHERE user_id NOT IN (SELECT id FROM known_user))
     + (SELECT count(*) FROM license_set WHERE id NOT IN
        (SELECT license_set_id FROM holding_version))
     + (SELECT count(*) FROM product WHERE id NOT IN (SELECT product_id FROM sku_version))
"""


def left_over(raw: Any) -> int:
    """Rows that no snapshot has seen, or that belong to nobody."""
    tables = ("user_version", "holding_version", "sku_version", "subscription_version")
    counts = [raw.execute(UNSEEN.format(table)).fetchone()[0] for table in tables]
    return int(sum(counts) + raw.execute(ORPHANS).fetchone()[0])


def sizes(raw: Any) -> dict[str, int]:
    tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    return {t: raw.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables}  # noqa: S608


@pytest.fixture
def database(path: Path) -> Database:
    database = Database(path, key())
    database.prepare()
    return database


def people(number: int) -> Sequence[User]:
    """Somebody stays, is renamed, changes licences, comes, goes, and comes back."""
    licenses = [LicenseAssignment(E3)] if number % 3 else [LicenseAssignment(E5)]
    return [
        user("Anna"),
        user("Ben", display_name=f"Ben {number // 4}"),
        user("Carl", *licenses),
        user("Dora", LicenseAssignment(E3, disabled_plans=(f"plan {number}",))),  # type: ignore[arg-type]
        *([user(f"Guest {number}")] if number % 5 == 0 else []),
        *([user("Emil")] if number % 7 < 3 else []),
    ]


def owned(number: int) -> dict[str, Any]:
    return {
        "skus": (sku(assigned=number // 2), sku(E5, f"Product {number // 6}")),
        "subscriptions": None if number % 11 == 0 else (subscription(quantity=number // 5),),
        "sign_ins": {user("Anna").id: day(number)},
    }


async def test_what_stays_is_unchanged_and_the_rest_is_gone(database: Database) -> None:
    history = SnapshotHistory(database)
    for number in range(90):
        at = day(number / 1.3)
        await history.record(state(at, *people(number), **owned(number)))
        if number % 9 == 0:
            await history.record(
                state(at, *people(number + 1), tenant=FABRIKAM, **owned(number + 3))
            )
    now = day(70)
    before = {
        (tenant, one.at): await history.state(tenant, one.at)
        for tenant in (CONTOSO.id, FABRIKAM.id)
        for one in await history.snapshots(tenant)
    }
    removed = await history.thin_out(RULE, now)
    stay = {
        (tenant, one.at)
        for tenant in (CONTOSO.id, FABRIKAM.id)
        for one in await history.snapshots(tenant)
    }
    assert removed == len(before) - len(stay) > 20
    for tenant in (CONTOSO.id, FABRIKAM.id):
        times = [at for whose, at in before if whose == tenant]
        assert {at for whose, at in stay if whose == tenant} == RULE.kept(times, now, None)
    for tenant, at in stay:
        assert await history.state(tenant, at) == before[tenant, at]
    assert await database.read_raw(left_over) == 0
    assert await history.thin_out(RULE, now) == 0
    # What comes after goes on from there.
    again = state(day(71), *people(3), **owned(3))
    await history.record(again)
    assert Counter((await history.state(CONTOSO.id)).users) == Counter(again.users)
    assert await history.check() == ""
    await history.aclose()


async def test_nobody_is_found_by_a_name_that_no_snapshot_tells(database: Database) -> None:
    history = SnapshotHistory(database)
    for number, name in enumerate(("Maiden", "Married", "Married")):
        await history.record(state(day(30 * number), user("Anna", display_name=name)))
    former = "SELECT former FROM user_search"
    assert await database.read_raw(lambda raw: raw.execute(former).fetchall()) == [("Maiden",)]
    rule = Retention(all_days=10, daily_days=20, monthly=False)
    assert await history.thin_out(rule, day(61)) == 2
    assert await database.read_raw(lambda raw: raw.execute(former).fetchall()) == [("",)]
    await history.aclose()


async def test_forgetting_leaves_no_trace_in_the_file(database: Database, path: Path) -> None:
    """Not in its rows, not in what is free of its pages, and not in the journal."""
    history = SnapshotHistory(database)
    crowd = [
        user(f"{name} {number}", state=UserState.DELETED if number % 5 == 0 else UserState.ACTIVE)
        for number in range(400)
        for name in NAMES
    ]
    for turn in range(3):  # renamed, so that there are ended versions and former names
        renamed = [one._replace(display_name=f"{one.display_name}, {turn}") for one in crowd]
        await history.record(state(day(turn), *renamed, skus=(sku(E5, "Fabrikam's own"),)))
        stays = user("Stays Here", LicenseAssignment(E3))
        await history.record(state(day(turn), stays, tenant=FABRIKAM, skus=(sku(),)))
    before = database.size()
    names = (*NAMES, CONTOSO.id, CONTOSO.domain.upper(), "Fabrikam's own", "Stays Here")
    await database.shrink()  # the journal is empty now: the file has it all
    assert set(traces(decrypted(path, key()), names)) == {*names} - {CONTOSO.domain.upper()}
    await history.forget(CONTOSO.id)
    assert traces(decrypted(path, key()), names) == ["Stays Here"]
    assert files(path)[1].stat().st_size == 0
    assert database.size() < before / 4
    assert [tenant.id for tenant in await history.tenants()] == [FABRIKAM.id]
    assert (await history.state(FABRIKAM.id)).users == (stays,)
    assert await database.read_raw(left_over) == 0
    await history.forget(FABRIKAM.id)
    rows = await database.read_raw(sizes)
    assert {table for table, count in rows.items() if count} == {"alembic_version"}
    await history.forget(TenantId("never seen"))
    await history.aclose()


async def test_a_copy_that_reads_meanwhile_keeps_traces_in_the_journal(path: Path) -> None:
    database, other = Database(path, key(), patience=0.05), Database(path, key())
    database.prepare()
    history = SnapshotHistory(database)
    await history.record(RICH)
    reading, go_on = threading.Event(), threading.Event()

    def hold(raw: Any) -> None:
        raw.execute("SELECT count(*) FROM tenant").fetchone()
        reading.set()
        assert go_on.wait(20)

    held = asyncio.ensure_future(other.read_raw(hold))
    assert await asyncio.to_thread(reading.wait, 20)
    with pytest.raises(DeskError, match="until it ends, traces stay"):
        await history.forget(CONTOSO.id)
    assert await history.tenants() == []
    go_on.set()
    await held
    await history.forget(CONTOSO.id)
    await history.aclose()
    await other.aclose()


class Slow(Database):
    """In memory; whoever asks which snapshots need not be kept is answered late."""

    async def read_raw(self, work: Callable[[Any], T]) -> T:
        answer = await super().read_raw(work)
        if isinstance(answer, list) and len(answer) > 1:
            history = SnapshotHistory(self)
            await self.write(partial(upkeep._forget, CONTOSO.id))
            await history.record(state(day(9), user("Ben"), tenant=FABRIKAM))
        return answer


async def test_a_tenant_that_takes_the_number_of_a_forgotten_one_keeps_its_snapshots() -> None:
    database = Slow()
    await database.write(metadata.create_all)
    history = SnapshotHistory(database)
    for number in range(4):
        await history.record(state(day(number), user("Anna")))
    assert await history.thin_out(Retention(0, 0, monthly=False), day(9)) == 0
    assert (await history.state(FABRIKAM.id)).users == (user("Ben"),)
    await history.aclose()


async def test_in_memory_everything_works_as_well() -> None:
    database = Database()
    await database.write(metadata.create_all)
    history = SnapshotHistory(database)
    await history.record(RICH)
    await history.record(state(day(1), user("Anna")))
    assert await history.thin_out(Retention(0, 0, monthly=False), day(9)) == 1
    assert await history.check() == ""
    facts = await history.store_facts()
    assert (facts.on_disk, facts.path, facts.snapshots) == (False, "", 1)
    await history.forget(CONTOSO.id)
    assert await history.tenants() == []
    await history.aclose()


async def test_facts_of_the_store(database: Database, path: Path) -> None:
    history = SnapshotHistory(database)
    empty = await history.store_facts()
    assert (empty.tenants, empty.snapshots, empty.oldest, empty.newest) == (0, 0, None, None)
    times: list[datetime] = [day(number) for number in range(3)]
    for at in times:
        await history.record(state(at, user("Anna")))
    await history.record(state(day(5), user("Ben"), tenant=FABRIKAM))
    facts = await history.store_facts()
    assert (facts.tenants, facts.snapshots) == (2, 4)
    assert (facts.oldest, facts.newest) == (day(0), day(5))
    assert facts.on_disk
    assert facts.path == str(path)
    assert facts.size == sum(file.stat().st_size for file in path.parent.iterdir())
    await history.aclose()


async def test_a_check_finds_damage(database: Database, path: Path) -> None:
    history = SnapshotHistory(database)
    await history.record(RICH)
    assert await history.check() == ""
    await database.shrink()
    flip_a_bit(path, -1)
    assert (await history.check()).startswith("The file with the snapshots is damaged.")
    await history.aclose()
