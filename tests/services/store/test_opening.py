"""Opening the snapshots: with a key, without one, with another one, and a file that is damaged."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keyring.errors
import pytest
from sqlalchemy import func, insert, select

from o365desk.domain.errors import DeskError
from o365desk.services.keyring_keys import KeyringKeys
from o365desk.services.store import schema
from o365desk.services.store.database import Database, files, suspicion
from o365desk.services.store.opening import OpenedStore, open_store, remove_store, set_aside
from tests.services.sign_in_world import MemoryStore
from tests.services.store.pages import NAMES, PAGE, contents, flip_a_bit, traces
from tests.services.test_keyring_keys import MISSING, on_a_bus
from tests.services.token_cache_copy import FileStore

pytestmark = pytest.mark.usefixtures("secrets_store")

ENTRY = ("o365desk", "snapshots")
ROOT = Path(__file__).parents[3]


async def opened(path: Path) -> OpenedStore:
    return await open_store(path, KeyringKeys("snapshots"))


async def fill(database: Database, rows: int = 1) -> None:
    """Some tenants, as the history would write them."""
    values = [
        {"guid": f"{number}", "name": name, "domain": "", "newest": 0, "search": "x" * 100}
        for number, name in enumerate(NAMES * rows)
    ]
    await database.write(lambda connection: connection.execute(insert(schema.tenant), values))


async def kept(store: OpenedStore) -> int:
    query = select(func.count()).select_from(schema.tenant)
    return await store.database.read(lambda connection: int(connection.scalar(query) or 0))


async def filled(path: Path, rows: int = 200) -> None:
    store = await opened(path)
    assert store.notice is None
    await fill(store.database, rows)
    await store.database.aclose()


async def works_in_memory(store: OpenedStore) -> None:
    """Everything goes on, and nothing of it gets on the disk."""
    assert store.path is not None
    before = contents(store.path.parent)
    assert not store.on_disk
    assert await kept(store) == 0
    await fill(store.database)
    assert await kept(store) == len(NAMES)
    await store.database.aclose()
    assert contents(store.path.parent) == before


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def data_of(path: Path) -> bytes:
    return path.read_bytes()


def said(store: OpenedStore) -> str:
    assert store.notice is not None
    assert store.notice.sentence.endswith(".")
    assert store.notice.next_step.endswith(".")
    return store.notice.sentence


async def test_the_first_start_makes_key_and_file(path: Path, secrets_store: MemoryStore) -> None:
    store = await opened(path)
    assert store.on_disk
    assert store.notice is None
    assert list(secrets_store.entries) == [ENTRY]
    await fill(store.database)
    await store.database.aclose()
    key = secrets_store.entries[ENTRY]
    again = await opened(path)
    assert again.notice is None
    assert await kept(again) == len(NAMES)
    assert secrets_store.entries == {ENTRY: key}
    await again.database.aclose()
    assert traces(contents(path.parent), (*NAMES, key)) == []
    if os.name == "posix":
        assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}
        assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("failure", "word"),
    [
        pytest.param(keyring.errors.NoKeyringError("x"), "no store for secrets", id="missing"),
        pytest.param(keyring.errors.KeyringLocked("x"), "is locked", id="locked"),
        pytest.param(keyring.errors.PasswordSetError("x"), "did not accept", id="denied"),
    ],
)
async def test_without_a_store_of_secrets(
    path: Path, secrets_store: MemoryStore, failure: Exception, word: str
) -> None:
    secrets_store.failure = failure
    store = await opened(path)
    assert said(store).startswith("Snapshots are kept for this run only: ")
    assert word in said(store)
    assert not store.notice.in_the_way  # type: ignore[union-attr]
    assert not path.parent.exists()
    await works_in_memory(store)
    secrets_store.failure = None
    await filled(path)
    secrets_store.failure = failure
    await works_in_memory(await opened(path))
    secrets_store.failure = None
    again = await opened(path)
    assert await kept(again) == 200 * len(NAMES)
    await again.database.aclose()


async def test_a_store_that_keeps_nothing(
    path: Path, secrets_store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets_store, "set_password", lambda *_args: None)
    store = await opened(path)
    assert "did not accept" in said(store)
    assert path.name not in names_in(path.parent)
    await works_in_memory(store)


async def test_the_key_is_gone(path: Path, secrets_store: MemoryStore) -> None:
    """The file waits for its key; or the operator sets it aside, and loses nothing by that."""
    await filled(path)
    key = secrets_store.entries.pop(ENTRY)
    before = data_of(path)
    store = await opened(path)
    assert "no longer in the computer's store of secrets" in said(store)
    assert store.notice.in_the_way  # type: ignore[union-attr]
    assert secrets_store.entries == {}
    await works_in_memory(store)
    aside = await set_aside(path)
    assert data_of(aside) == before
    anew = await opened(path)
    assert anew.on_disk
    assert anew.notice is None
    assert await kept(anew) == 0
    await anew.database.aclose()
    secrets_store.entries["o365desk", "old"] = key
    old = await open_store(aside, KeyringKeys("old"))
    assert old.notice is None
    assert await kept(old) == 200 * len(NAMES)
    await old.database.aclose()


async def test_another_key(path: Path, secrets_store: MemoryStore) -> None:
    await filled(path)
    right = secrets_store.entries[ENTRY]
    KeyringKeys("snapshots").create()
    before = contents(path.parent)
    store = await opened(path)
    assert "is not the one that they were written with" in said(store)
    assert store.notice.in_the_way  # type: ignore[union-attr]
    await works_in_memory(store)
    path.with_suffix(".key-check").unlink()
    assert "is damaged, or was written with another key" in said(await opened(path))
    secrets_store.entries[ENTRY] = right
    again = await opened(path)
    assert again.notice is None
    assert await kept(again) == 200 * len(NAMES)
    await again.database.aclose()
    assert len(contents(path.parent)) == len(before)  # the check was written anew


@pytest.mark.parametrize("check", [True, False], ids=["known to be another", "not known"])
async def test_another_key_leaves_the_journal_of_a_killed_copy(
    path: Path, tmp_path: Path, secrets_store: MemoryStore, check: bool
) -> None:
    running = await opened(path)
    await fill(running.database, 200)
    copy = tmp_path / "as a killed copy leaves it" / path.name
    shutil.copytree(path.parent, copy.parent)
    await running.database.aclose()
    assert files(copy)[1].stat().st_size > 100_000
    if not check:
        copy.with_suffix(".key-check").unlink()
    right = secrets_store.entries[ENTRY]
    KeyringKeys("snapshots").create()
    assert not (await opened(copy)).on_disk
    secrets_store.entries[ENTRY] = right
    again = await opened(copy)
    assert again.notice is None
    assert await kept(again) == 200 * len(NAMES)
    await again.database.aclose()


def cut(path: Path, size: int) -> None:
    os.truncate(path, size)


def overwrite(path: Path) -> None:
    path.write_bytes(b"not at all what was here" * 1000)


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda path: flip_a_bit(path, 3), id="salt"),
        pytest.param(lambda path: flip_a_bit(path, 40), id="first page"),
        pytest.param(lambda path: flip_a_bit(path, 12 * PAGE + 7), id="middle"),
        pytest.param(lambda path: flip_a_bit(path, -1), id="end"),
        pytest.param(lambda path: cut(path, 100), id="cut to less than a page"),
        pytest.param(lambda path: cut(path, 9 * PAGE), id="cut at a page"),
        pytest.param(lambda path: cut(path, 9 * PAGE + 11), id="cut in a page"),
        pytest.param(overwrite, id="something else"),
    ],
)
async def test_a_damaged_file_is_set_aside(path: Path, harm: Callable[[Path], None]) -> None:
    await filled(path)
    harm(path)
    before = data_of(path)
    store = await opened(path)
    assert store.on_disk
    assert "was damaged" in said(store)
    (aside,) = path.parent.glob("snapshots-set-aside-*.db")
    assert aside.name in said(store)
    assert data_of(aside) == before
    assert await kept(store) == 0
    await fill(store.database)
    await store.database.aclose()
    again = await opened(path)
    assert again.notice is None
    assert await kept(again) == len(NAMES)
    await again.database.aclose()


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: cut(path, 0)], ids=["gone", "empty"])
async def test_a_file_that_vanished_is_not_passed_over(
    path: Path, harm: Callable[[Path], None]
) -> None:
    await filled(path)
    harm(path)
    store = await opened(path)
    assert "is gone, or was emptied" in said(store)
    assert store.on_disk
    await store.database.aclose()
    again = await opened(path)
    assert again.notice is None
    await again.database.aclose()


async def test_damage_in_a_large_file_is_found_once_it_was_met(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("o365desk.services.store.opening.READ_WHOLE", 0)
    await filled(path)
    flip_a_bit(path, 12 * PAGE + 7)
    store = await opened(path)
    assert store.notice is None  # its beginning is all right
    assert await store.database.damaged()
    await store.database.aclose()
    assert suspicion(path).exists()
    again = await opened(path)
    assert "was damaged" in said(again)
    assert not suspicion(path).exists()
    await again.database.aclose()


async def test_a_file_of_a_newer_program(path: Path) -> None:
    await filled(path)
    store = await opened(path)
    await store.database.write(
        lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    )
    await store.database.aclose()
    before = contents(path.parent)
    newer = await opened(path)
    assert "newer version" in said(newer)
    await works_in_memory(newer)
    assert contents(path.parent) == before


async def test_a_place_that_cannot_be_written(path: Path, tmp_path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    store = await opened(path)
    assert "cannot be opened" in said(store)
    assert str(tmp_path) not in said(store)
    assert not store.on_disk
    assert await kept(store) == 0
    await store.database.aclose()
    with pytest.raises(DeskError, match="cannot be opened"):
        await set_aside(path)


async def test_a_name_for_every_file_that_is_set_aside(path: Path) -> None:
    names = set()
    for _ in range(3):
        await filled(path, 1)
        files(path)[1].write_bytes(b"a journal that a killed copy left")
        aside = await set_aside(path)
        assert files(aside)[1].read_bytes() == b"a journal that a killed copy left"
        names.add(aside.name)
    assert len(names) == 3
    assert names_in(path.parent) & {file.name for file in files(path)} == set()


COPY = """
import asyncio, sys, keyring
from pathlib import Path
from tests.services.token_cache_copy import FileStore
keyring.set_keyring(FileStore(Path(sys.argv[1])))
from o365desk.services.keyring_keys import KeyringKeys
from o365desk.services.store.opening import open_store
from sqlalchemy import text

ADD = "INSERT INTO tenant (guid, name, domain, newest, search) VALUES (:guid, 'n', 'd', 0, '')"

async def main():
    sys.stdin.readline()
    store = await open_store(Path(sys.argv[1]) / "data" / "snapshots.db", KeyringKeys("snapshots"))
    assert store.notice is None, store.notice
    for turn in range(50):
        values = {"guid": f"{sys.argv[2]}-{turn}"}
        await store.database.write(lambda connection: connection.execute(text(ADD), values))
    await store.database.aclose()

asyncio.run(main())
"""


def test_two_copies_begin_at_once(tmp_path: Path) -> None:
    """Both make key, file and tables at the same moment, and then write beside each other."""
    copies = [
        subprocess.Popen(
            [sys.executable, "-c", COPY, str(tmp_path), name], stdin=subprocess.PIPE, cwd=ROOT
        )
        for name in ("left", "right")
    ]
    for process in copies:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.close()
    assert [process.wait(60) for process in copies] == [0, 0]
    keyring.set_keyring(FileStore(tmp_path))
    store = asyncio.run(opened(tmp_path / "data" / "snapshots.db"))
    assert store.notice is None
    assert asyncio.run(kept(store)) == 100
    asyncio.run(store.database.aclose())


ON_A_BUS = """
import asyncio, sys
from pathlib import Path
from o365desk.services.keyring_keys import KeyringKeys
from o365desk.services.store.opening import open_store

async def main():
    store = await open_store(Path.home() / "data" / "snapshots.db", KeyringKeys("snapshots"))
    print(store.on_disk, store.notice.sentence if store.notice else "")
    await store.database.aclose()

asyncio.run(main())
"""


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_with_a_real_secret_service(tmp_path: Path) -> None:
    unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null;"
    start = "gnome-keyring-daemon --start --components=secrets >/dev/null;"
    assert on_a_bus(tmp_path, unlock, ON_A_BUS) == "True \n"
    locked = on_a_bus(tmp_path, start, ON_A_BUS)
    assert locked == (
        "False Snapshots are kept for this run only: the computer's store of secrets is locked.\n"
    )
    assert on_a_bus(tmp_path, unlock, ON_A_BUS) == "True \n"


async def test_a_store_that_is_removed_leaves_nothing(
    tmp_path: Path, secrets_store: MemoryStore
) -> None:
    path = tmp_path / "snapshots.db"
    keys = KeyringKeys("snapshots")
    assert not await remove_store(path, keys), "there was none"
    await filled(path)
    aside = await set_aside(path)
    await filled(path)
    assert await remove_store(path, keys)
    left = names_in(tmp_path) - {"snapshots.lock"}
    assert left, "what was set aside stays"
    assert all(name.startswith(aside.stem) for name in left)
    assert ENTRY not in secrets_store.entries
    await filled(path)
