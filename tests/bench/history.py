"""Snapshots in their encrypted file: what a year of them takes, and how fast they are written, read
and searched."""

import asyncio
import base64
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from o365desk.app.garbage import GarbageTimer
from o365desk.domain.directory import Tenant, TenantId, User, UserState
from o365desk.domain.passwords import Secret
from o365desk.domain.snapshots import TenantState
from o365desk.services.store import reading
from o365desk.services.store.database import Database
from o365desk.services.store.history import SnapshotHistory
from tests.bench.figures import Figure, Goal, against_floor, by_itself, medians
from tests.bench.screen import run
from tests.bench.stalls import Heart
from tests.bench.world import Site, Size, all_users

DAYS = 365
A_YEAR_AGO = datetime(2026, 1, 1, 20, 0, tzinfo=UTC)
CHANGING = 0.01
"""Users of whom something changes in a day: half of them licenses, the others state, name or
location."""

CHANGES = 100
"""Among all users of the large tenant."""

EACH = 200
"""Users of each of many tenants."""


def measure(site: Site, size: Size) -> list[Figure]:
    users: list[User] = []
    figures: list[Figure] = []

    async def main() -> int:
        users.extend(await all_users(site))
        # The program does not let Python look for garbage in a worker thread, or during a load.
        garbage = GarbageTimer()
        garbage.start()
        for part in (_year, _large, _search):
            with garbage.held():
                figures.extend(await part(users, size))
        garbage.stop()
        return 0

    run(main)
    return figures


async def _year(users: list[User], size: Size) -> list[Figure]:
    """A snapshot a day of a tenant of a tenth of the users."""
    now = users[: size.users // 10]
    held = sorted({user.licenses or () for user in users})
    chance = random.Random(1)
    async with _history() as (history, database):
        await history.record(_state(now, 0))
        await database.shrink()
        first = database.size()
        for day in range(1, DAYS):
            for index in chance.sample(range(len(now)), int(len(now) * CHANGING)):
                now[index] = _changed(now[index], chance, held)
            await history.record(_state(now, day))
        await database.shrink()
        year = database.size()

        days = [day * (DAYS - 1) // 8 for day in range(9)]
        *past, latest = medians(
            [[await _opening(history, day) for day in days] for _ in range(size.rounds)]
        )
    return [
        against_floor(
            f"{DAYS} daily snapshots of {len(now):,} users of whom 1 % change a day, over one",
            year / 1024**2,
            "MiB",
            first / 1024**2,
            Goal(5),
        ),
        against_floor(
            "opening the slowest of those days, over opening the latest",
            max(past) * 1000,
            "ms",
            latest * 1000,
            Goal(2),
        ),
    ]


async def _opening(history: SnapshotHistory, day: int) -> float:
    return await _seconds(1, lambda: history.state(TENANT.id, A_YEAR_AGO + timedelta(days=day)))


def _changed(user: User, chance: random.Random, held: list[Any]) -> User:
    match chance.randrange(6):
        case 0 | 1 | 2:
            return user._replace(licenses=chance.choice(held))
        case 3:
            blocked = user.state is UserState.BLOCKED
            return user._replace(state=UserState.ACTIVE if blocked else UserState.BLOCKED)
        case 4:
            return user._replace(last_name=f"{user.last_name[:12]} {chance.randrange(1000)}")
        case _:
            return user._replace(location=chance.choice(("DE", "FR", "AT", "CH")))


async def _large(users: list[User], size: Size) -> list[Figure]:
    """One tenant of all users: written whole, then as what has changed; read."""
    async with _history() as (history, database):
        heart = Heart()
        heart.start()
        begun = time.perf_counter()
        await history.record(_state(users, 0))
        whole = time.perf_counter() - begun
        stall = heart.stop()
        changing: list[float] = []
        for number in range(size.rounds):
            some = slice(number * CHANGES, (number + 1) * CHANGES)
            users[some] = [user._replace(location=f"{number}") for user in users[some]]
            begun = time.perf_counter()
            await history.record(_state(users, number + 1))
            changing.append(time.perf_counter() - begun)
        heart.start()
        read = await _seconds(size.rounds, lambda: history.state(TENANT.id))
        read_stall = heart.stop()
        bare_read = await _seconds(size.rounds, lambda: database.read_raw(_rows))
        bare_write = await _bare_write(database)
    count = f"{len(users):,} users"
    return [
        against_floor(
            f"first snapshot of {count}, over inserting as many plain rows",
            whole,
            "s",
            bare_write,
            Goal(6),
        ),
        by_itself(
            f"snapshot of {count} of whom {CHANGES} changed, over the first",
            statistics.median(changing),
            "s",
            whole,
        ),
        against_floor(
            f"opening a snapshot of {count}, over reading the rows", read, "s", bare_read, Goal(3)
        ),
        by_itself(
            f"longest stall of the window while {count} are written, over while they are read",
            stall,
            "ms",
            read_stall,
            Goal(16, " ms", at_most=48),
        ),
    ]


def _rows(raw: Any) -> int:
    asked = {"tenant_id": 1, "number": 1}
    return len(raw.execute(reading.USERS, asked).fetchall())


async def _bare_write(database: Database) -> float:
    """Seconds to insert the same rows into a table of which nobody asks anything."""

    def copied(raw: Any) -> list[tuple[Any, ...]]:
        return raw.execute("SELECT * FROM user_version").fetchall()  # type: ignore[no-any-return]

    rows = await database.read_raw(copied)

    def work(connection: Any) -> None:
        raw = connection.connection.driver_connection
        marks = ", ".join("?" * len(rows[0]))
        raw.execute("CREATE TABLE plain AS SELECT * FROM user_version LIMIT 0")
        raw.executemany(f"INSERT INTO plain VALUES ({marks})", rows)  # noqa: S608 - marks only

    begun = time.perf_counter()
    await database.write(work)
    return time.perf_counter() - begun


async def _search(users: list[User], size: Size) -> list[Figure]:
    """A name that few have, one that many begin with, and one that nobody has."""
    async with _history() as (history, database):
        for number in range(size.tenants):
            some = [users[(number * EACH + i) % len(users)] for i in range(EACH)]
            tenant = Tenant(TenantId(f"{number:032}"), f"Customer {number}", f"{number}.example")
            await history.record(replace(_state(some, 0), tenant=tenant))
        rare = users[len(users) // 3].username
        texts = (rare, users[5].display_name[:2], "no-such-name")

        async def first(text: str) -> float:
            begun = time.perf_counter()
            async for _ in history.search(text):
                break
            return time.perf_counter() - begun

        *found, nobody = [
            statistics.median([await first(text) for _ in range(size.rounds)]) for text in texts
        ]

        def scan(raw: Any) -> None:
            raw.execute("SELECT count(*) FROM user_search WHERE instr(text, ?)", (rare,)).fetchall()

        bare = await _seconds(size.rounds, lambda: database.read_raw(scan))
        facts = await _seconds(1, history.facts)
        deleted = await _seconds(1, history.deleted_users)
    what = f"{size.tenants:,} tenants with {size.tenants * EACH:,} users"
    return [
        by_itself(
            f"first find in {what}, over reading their names once",
            max(found) * 1000,
            "ms",
            bare * 1000,
            Goal(100, " ms"),
        ),
        by_itself(
            "the whole search for a name that nobody has, over the same",
            nobody * 1000,
            "ms",
            bare * 1000,
        ),
        by_itself(
            f"portfolio of {size.tenants:,} tenants, over the deleted users of all",
            facts,
            "s",
            deleted,
            Goal(1, " s"),
        ),
    ]


TENANT = Tenant(TenantId("00000000-0000-0000-0000-00000000000a"), "Contoso", "contoso.example")


def _state(users: list[User], day: int) -> TenantState:
    return TenantState(TENANT, A_YEAR_AGO + timedelta(days=day), tuple(users), (), ())


@asynccontextmanager
async def _history() -> AsyncIterator[tuple[SnapshotHistory, Database]]:
    """One over a new encrypted file."""
    with tempfile.TemporaryDirectory() as folder:
        key = Secret(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
        database = Database(Path(folder) / "snapshots.db", key)
        await asyncio.to_thread(database.prepare)
        history = SnapshotHistory(database)
        try:
            yield history, database
        finally:
            await history.aclose()


async def _seconds(rounds: int, ask: Callable[[], Coroutine[Any, Any, Any]]) -> float:
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await ask()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
