"""The encrypted file: transactions, threads, what lies on the disk, and errors in plain words."""

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from o365desk.domain.errors import DeskError
from o365desk.services.keyring_keys import key_bytes
from o365desk.services.store.database import Database, files, suspicion
from o365desk.services.store.failures import StoreDamaged
from tests.services.store.pages import NAMES, PAGE, contents, decrypted, flip_a_bit, key, traces

ROOT = Path(__file__).parents[3]


def add(*names: str) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE IF NOT EXISTS person (name TEXT)"))
        for name in names:
            connection.execute(text("INSERT INTO person VALUES (:name)"), {"name": name})

    return work


def count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM person")).scalar_one())


def count_raw(raw: Any) -> int:
    return int(raw.execute("SELECT count(*) FROM person").fetchone()[0])


@pytest.fixture(params=["file", "memory"])
def database(request: pytest.FixtureRequest, path: Path) -> Database:
    return Database(path, key()) if request.param == "file" else Database()


async def test_a_write_is_whole_or_not_at_all(database: Database) -> None:
    await database.write(add("one", "two"))

    def fails(connection: Connection) -> None:
        add("three")(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fails)
    assert await database.read(count) == 2
    assert await database.read_raw(count_raw) == 2
    await database.write(add("three"))
    assert await database.read(count) == 3
    await database.aclose()
    with pytest.raises(DeskError, match="closed"):
        await database.read(count)


async def test_reading_does_not_wait_for_a_write(path: Path) -> None:
    database = Database(path, key())
    await database.write(add("one"))
    written, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        add("two")(connection)
        written.set()
        assert go_on.wait(20)

    writing = asyncio.ensure_future(database.write(slow))
    assert await asyncio.to_thread(written.wait, 20)
    assert await database.read(count) == 1
    assert await database.read_raw(count_raw) == 1
    go_on.set()
    await writing
    assert await database.read(count) == 2
    await database.aclose()


async def test_what_reads_cannot_write(path: Path) -> None:
    database = Database(path, key())
    await database.write(add("one"))
    with pytest.raises(DeskError):
        await database.read(add("two"))
    assert await database.read(count) == 1
    await database.aclose()


async def test_a_cancelled_write_is_done_and_a_cancelled_read_is_not(path: Path) -> None:
    database = Database(path, key())
    go_on, read = threading.Event(), threading.Event()

    def wait(raw: Any) -> None:
        assert go_on.wait(20)

    tasks = [
        asyncio.ensure_future(database.read_raw(wait)),
        asyncio.ensure_future(database.read_raw(lambda raw: read.set())),
        asyncio.ensure_future(database.write(lambda connection: wait(None))),
        asyncio.ensure_future(database.write(add("one"))),
    ]
    await asyncio.sleep(0)
    for task in tasks[1:]:
        task.cancel()
    assert [type(r) for r in await asyncio.gather(*tasks[1:], return_exceptions=True)] == [
        asyncio.CancelledError
    ] * 3
    go_on.set()
    await database.aclose()
    assert not read.is_set()
    again = Database(path, key())
    assert await again.read(count) == 1
    await again.aclose()


async def test_nothing_on_the_disk_is_readable(path: Path) -> None:
    """Neither while it is open, with a journal, nor after; nor does the key lie beside it."""
    database = Database(path, key())
    await database.write(add(*NAMES * 300))

    # Sorting, too, writes nothing in clear.
    assert await database.read_raw(lambda raw: raw.execute("PRAGMA temp_store").fetchone()) == (2,)
    assert {file.name for file in path.parent.iterdir()} == {f.name for f in files(path)}
    secret = key_bytes(key())
    forms = (secret, secret.hex().encode(), key().reveal().encode())
    for closed in (False, True):
        if closed:
            await database.aclose()
            assert [file.name for file in path.parent.iterdir()] == [path.name]
        data = contents(path.parent)
        assert len(data) > 10 * PAGE
        assert traces(data) == []
        assert b"SQLite format 3" not in data
        assert b"person" not in data
        assert [form for form in forms if form in data] == []
        if os.name == "posix":
            assert {f.stat().st_mode & 0o777 for f in path.parent.iterdir()} == {0o600}
            assert path.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(path).execute("SELECT * FROM sqlite_master")
    assert traces(decrypted(path, key())) == list(NAMES)  # this test can see


def test_the_key_is_in_no_repr(path: Path) -> None:
    database = Database(path, key())
    assert key().reveal() not in repr(vars(database))
    assert key_bytes(key()).hex() not in repr(vars(database))


async def test_space_is_given_back_and_freed_pages_are_wiped(path: Path) -> None:
    database = Database(path, key())
    await database.write(add(*NAMES * 3000))
    await database.write(add("stays"))
    before = database.size()
    await database.write(lambda c: c.execute(text("DELETE FROM person WHERE name != 'stays'")))
    await database.shrink()
    assert database.size() < before / 5
    assert files(path)[1].stat().st_size == 0
    clear = decrypted(path, key())
    assert traces(clear, ("stays", *NAMES)) == ["stays"]
    await database.aclose()


async def test_rewriting_wipes_what_moved_rows_have_left(path: Path) -> None:
    """Where pages were divided, copies of rows stay in them, deleted or not."""
    database = Database(path, key())
    chance = random.Random(2)

    def some(connection: Connection) -> None:
        for _ in range(300):
            name = "x" * chance.randint(0, 400) + chance.choice(["stays", NAMES[0]])
            row = {"place": chance.randrange(10**4), "name": name}
            connection.execute(text("INSERT OR REPLACE INTO person VALUES (:place, :name)"), row)

    table = "CREATE TABLE person (place INTEGER PRIMARY KEY, name TEXT)"
    await database.write(lambda connection: connection.execute(text(table)))
    for _ in range(6):
        await database.write(some)
    gone = "DELETE FROM person WHERE name NOT LIKE '%stays'"
    await database.write(lambda connection: connection.execute(text(gone)))
    await database.rewrite()
    assert traces(decrypted(path, key()), ("stays", *NAMES)) == ["stays"]
    assert files(path)[1].stat().st_size == 0
    await database.aclose()


async def test_an_error_tells_no_name(path: Path) -> None:
    database = Database(path, key())

    def wrong(connection: Connection) -> None:
        connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": NAMES[0]})

    def wrong_raw(raw: Any) -> None:
        raw.execute(f"SELECT * FROM '{NAMES[0]}'")  # noqa: S608 - meant to fail

    for ask, work in (
        (database.write, wrong),
        (database.read, wrong),
        (database.read_raw, wrong_raw),
    ):
        with pytest.raises(DeskError, match="mistake in this program") as caught:
            await ask(work)
        assert caught.value.code == "SQLITE_ERROR"
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None
        assert work.__name__ in {entry.name for entry in caught.traceback}
    await database.aclose()


async def test_a_full_disk(path: Path) -> None:
    database = Database(path, key())
    await database.write(add("one"))

    def fill(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 20")
        add(*NAMES * 1000)(connection)

    with pytest.raises(DeskError, match="disk is full") as caught:
        await database.write(fill)
    assert "Free some space" in caught.value.next_step
    assert await database.read(count) == 1
    await database.write(add("two"))
    assert await database.read(count) == 2
    await database.aclose()


async def test_another_copy_that_does_not_end(path: Path) -> None:
    one, other = Database(path, key()), Database(path, key(), patience=0.05)
    held, go_on = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        add("one")(connection)
        held.set()
        assert go_on.wait(20)

    writing = asyncio.ensure_future(one.write(hold))
    assert await asyncio.to_thread(held.wait, 20)
    with pytest.raises(DeskError, match="Another copy"):
        await other.write(add("two"))
    go_on.set()
    await writing
    await other.write(add("two"))
    assert await one.read(count) == 2
    await one.aclose()
    await other.aclose()


async def test_a_place_that_cannot_be_written(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    with pytest.raises(DeskError, match="cannot be opened") as caught:
        await Database(path, key()).write(add("one"))
    assert str(path.parent) not in f"{caught.value} {caught.value.next_step}"


@pytest.mark.parametrize("place", [0, 20, 3 * PAGE + 50, -1], ids=["salt", "top", "middle", "end"])
async def test_a_changed_bit_is_noticed(path: Path, place: int) -> None:
    database = Database(path, key())
    await database.write(add(*NAMES * 1000))
    assert not await database.damaged()
    await database.aclose()
    assert not suspicion(path).exists()
    flip_a_bit(path, place)
    again = Database(path, key())
    assert await again.damaged()
    with pytest.raises(StoreDamaged, match="is damaged"):
        await again.read(lambda c: c.execute(text("SELECT name FROM person")).all())
    assert suspicion(path).exists()
    await again.aclose()


IMPORTS = """
import asyncio, sys
from pathlib import Path
from o365desk.services.store.database import Database
from tests.services.store.pages import key

async def main():
    database = Database(Path(sys.argv[1]), key())
    assert await database.read_raw(lambda raw: raw.execute("SELECT 1").fetchone()) == (1,)
    await database.aclose()
    assert "sqlalchemy" not in sys.modules
    assert "alembic" not in sys.modules

asyncio.run(main())
"""

HANGS = """
import asyncio, sys, threading
from pathlib import Path
from o365desk.services.store.database import Database
from tests.services.store.pages import key

async def main():
    database = Database(Path(sys.argv[1]), key())
    started = threading.Event()
    task = asyncio.ensure_future(
        database.write(lambda connection: (started.set(), threading.Event().wait()))
    )
    while not started.is_set():
        await asyncio.sleep(0.001)

asyncio.run(main())
print("over")
"""


@pytest.mark.parametrize("script", [IMPORTS, HANGS], ids=["imports", "ends although a write hangs"])
def test_in_a_process_of_its_own(path: Path, script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, check=False, timeout=60
    )
    assert done.returncode == 0
