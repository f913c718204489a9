"""A process that is killed, or meets a full disk, while it records: what was kept before stays."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from o365desk.domain.directory import User
from o365desk.domain.snapshots import TenantState
from o365desk.services.store.database import Database, files
from o365desk.services.store.history import SnapshotHistory
from tests.services.store.pages import key
from tests.services.store.recorder import big_state
from tests.services.store.states import CONTOSO, day

ROOT = Path(__file__).parents[3]


def recorder(path: Path, act: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.services.store.recorder", act, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def read_until(process: "subprocess.Popen[str]", word: str, number: int) -> None:
    assert process.stdout is not None
    while process.stdout.readline() != f"{word} {number}\n":
        assert process.poll() is None


def size(path: Path) -> int:
    return path.stat().st_size


def written(path: Path) -> int:
    return path.stat().st_mtime_ns


def when(process: "subprocess.Popen[str]", changed: Callable[[], bool]) -> None:
    while not changed():
        assert process.poll() is None


def in_a_transaction(process: "subprocess.Popen[str]", path: Path) -> None:
    read_until(process, "writing", 2)


def at_the_start_of_a_commit(process: "subprocess.Popen[str]", path: Path) -> None:
    read_until(process, "kept", 1)
    before = size(files(path)[1])
    when(process, lambda: size(files(path)[1]) != before)


def in_a_commit(process: "subprocess.Popen[str]", path: Path) -> None:
    read_until(process, "kept", 1)
    before = size(files(path)[1])
    when(process, lambda: size(files(path)[1]) > before + 200_000)


def in_a_checkpoint(process: "subprocess.Popen[str]", path: Path) -> None:
    """While the journal is moved into the file."""
    read_until(process, "kept", 1)
    before = written(path)
    when(process, lambda: written(path) != before)


def after_a_commit(process: "subprocess.Popen[str]", path: Path) -> None:
    read_until(process, "kept", 2)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize(
    "moment",
    [in_a_transaction, at_the_start_of_a_commit, in_a_commit, in_a_checkpoint, after_a_commit],
    ids=lambda moment: moment.__name__.replace("_", " "),
)
async def test_killed(path: Path, moment: Callable[["subprocess.Popen[str]", Path], None]) -> None:
    with recorder(path, "record") as process:
        moment(process, path)
        process.send_signal(signal.SIGKILL)
        assert process.stdout is not None
        said = process.stdout.read().splitlines()
    kept = [int(line.split()[1]) for line in said if line.startswith("kept")]
    database = Database(path, key())
    database.prepare()
    assert not await database.damaged()
    history = SnapshotHistory(database)
    times = [one.at for one in await history.snapshots(CONTOSO.id)]
    # What was said to be kept is; one more may have been, of which nobody could tell any more.
    newest = len(times)
    assert newest >= max(kept, default=2 if moment is after_a_commit else 1)
    assert times == [day(number) for number in range(newest, 0, -1)]
    for number in {newest, 1}:
        assert by_id(await history.state(CONTOSO.id, day(number))) == by_id(big_state(number))
    await history.record(big_state(newest + 1))
    assert by_id(await history.state(CONTOSO.id)) == by_id(big_state(newest + 1))
    await history.aclose()


def by_id(state: TenantState) -> dict[str, User]:
    return {user.id: user for user in state.users}


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
async def test_a_disk_that_is_full_in_the_middle_of_a_snapshot(path: Path) -> None:
    """The process goes on, and the next snapshot that fits is kept."""
    with recorder(path, "fill") as process:
        assert process.stdout is not None
        said = process.stdout.read()
    assert process.returncode == 0
    assert said.startswith("The disk failed, or is full: the snapshots were left as they were.")
    assert "Check the disk and its free space" in said
    database = Database(path, key())
    history = SnapshotHistory(database)
    assert not await database.damaged()
    assert [one.at for one in await history.snapshots(CONTOSO.id)] == [day(3), day(1)]
    await history.aclose()


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_disk_that_is_full_when_the_file_is_made(path: Path) -> None:
    """Wherever it stops, the program works in memory, and the next start begins anew."""
    with recorder(path, "begin") as process:
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
    assert len(lines) == 6
    for line in lines:
        assert line.startswith("False True The disk failed, or is full: ")
        assert line.endswith(" Snapshots are kept for this run only. None")


async def test_a_journal_that_a_power_cut_has_cut_off(path: Path, tmp_path: Path) -> None:
    """What is whole of it counts; the rest was never there."""
    database = Database(path, key())
    database.prepare()
    history = SnapshotHistory(database)
    for number in (1, 2, 3):
        await history.record(big_state(number, 30))
    journal = files(path)[1]
    counts = []
    for cut in range(0, size(journal), 9_000):
        copy = tmp_path / str(cut) / path.name
        shutil.copytree(path.parent, copy.parent)
        os.truncate(files(copy)[1], cut)
        left = Database(copy, key())
        left.prepare()
        assert not await left.damaged()
        past = SnapshotHistory(left)
        counts.append(len(await past.snapshots(CONTOSO.id)))
        if counts[-1]:
            assert by_id(await past.state(CONTOSO.id)) == by_id(big_state(counts[-1], 30))
        await past.aclose()
    assert counts == sorted(counts)
    assert {0, 1, 2} <= set(counts)
    await history.aclose()
