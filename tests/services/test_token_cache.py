"""The encrypted file of a sign-in: what it shows, what damages it, and several copies at once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.errors
import pytest

from o365desk.services.keyring_keys import KeyringKeys
from o365desk.services.token_cache import State, TokenFile
from tests.services.sign_in_world import MemoryStore

SECRET = "canary-refresh-token"


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    before = keyring.get_keyring()
    memory = MemoryStore()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def entry(name: str = "one", secret: str = SECRET) -> State:
    return {"RefreshToken": {name: {"secret": secret}}}


def file(folder: Path, connection: str = "one") -> TokenFile:
    return TokenFile(folder, connection)


def put(tokens: TokenFile, name: str = "one") -> State | None:
    return tokens.update(lambda state: {**state, **entry(name)})


def contents(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_what_is_kept_comes_back_and_is_not_readable(tmp_path: Path, store: MemoryStore) -> None:
    folder = tmp_path / "made" / "when needed"
    first = file(folder)
    assert first.read() == {}
    assert put(first) == entry()
    assert file(folder).read() == entry()
    kept = folder / "one.sign-in"
    assert SECRET.encode() not in contents(folder)
    assert b"RefreshToken" not in contents(folder)
    if os.name == "posix":
        assert kept.stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
    before = kept.read_bytes()
    first.update(lambda state: {**state, "Account": {"a": {}}})
    first.update(lambda state: entry())
    assert kept.read_bytes() != before  # another nonce for the same content
    assert len(store.entries) == 1


def test_nothing_is_written_where_nothing_changed(tmp_path: Path, store: MemoryStore) -> None:
    tokens = file(tmp_path)
    put(tokens)
    before = (tmp_path / "one.sign-in").read_bytes()
    tokens.update(lambda state: state)
    assert (tmp_path / "one.sign-in").read_bytes() == before


@pytest.mark.parametrize("place", [0, 25, -1], ids=["format", "nonce or text", "end"])
def test_a_changed_byte_sets_the_file_aside(tmp_path: Path, store: MemoryStore, place: int) -> None:
    put(file(tmp_path))
    path = tmp_path / "one.sign-in"
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    tokens = file(tmp_path)
    assert tokens.read() == {}
    assert "damaged" in tokens.notice
    assert tokens.kept == ""
    assert not path.exists()
    assert (tmp_path / "one.damaged").exists()
    assert put(tokens) == entry()
    assert file(tmp_path).read() == entry()


@pytest.mark.parametrize("data", [b"", b"{}", b"o365desk sign-in 1\n", b"x" * 2_000_000], ids=len)
def test_a_foreign_file_is_set_aside(tmp_path: Path, store: MemoryStore, data: bytes) -> None:
    KeyringKeys("one").create()
    (tmp_path / "one.sign-in").write_bytes(data)
    tokens = file(tmp_path)
    assert tokens.read() == {}
    assert tokens.notice
    assert put(tokens) == entry()


def test_a_file_opens_for_its_own_connection_only(tmp_path: Path, store: MemoryStore) -> None:
    put(file(tmp_path, "one"))
    store.entries["o365desk", "two"] = store.entries["o365desk", "one"]
    (tmp_path / "two.sign-in").write_bytes((tmp_path / "one.sign-in").read_bytes())
    other = file(tmp_path, "two")
    assert other.read() == {}
    assert other.notice


@pytest.mark.parametrize("key", ["", "no key at all", "AAAA", "A" * 43 + "="])
def test_another_key_opens_nothing(tmp_path: Path, store: MemoryStore, key: str) -> None:
    put(file(tmp_path))
    store.entries["o365desk", "one"] = key
    tokens = file(tmp_path)
    assert tokens.read() == {}
    assert tokens.notice
    assert put(tokens) == entry()
    assert file(tmp_path).read() == entry()


@pytest.mark.parametrize(
    ("failure", "word"),
    [
        pytest.param(keyring.errors.NoKeyringError("x"), "no store", id="missing"),
        pytest.param(keyring.errors.KeyringLocked("x"), "locked", id="locked"),
        pytest.param(keyring.errors.PasswordSetError("x"), "did not accept", id="denied"),
        pytest.param(keyring.errors.InitError("x"), "did not accept", id="not started"),
        pytest.param(OSError(1783, "CredWrite"), "did not accept", id="of the system"),
    ],
)
def test_without_a_store_nothing_reaches_the_disk(
    tmp_path: Path, store: MemoryStore, failure: Exception, word: str
) -> None:
    store.failure = failure
    tokens = file(tmp_path)
    assert tokens.read() is None
    assert word in tokens.kept
    assert put(tokens) is None
    assert not tokens.changed()
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == []
    store.failure = None
    assert tokens.read() == {}
    assert tokens.kept == ""
    assert put(tokens) == entry()


def test_a_locked_store_leaves_the_file_where_it_is(tmp_path: Path, store: MemoryStore) -> None:
    put(file(tmp_path))
    store.failure = keyring.errors.KeyringLocked("x")
    tokens = file(tmp_path)
    assert tokens.read() is None
    assert (tmp_path / "one.sign-in").exists()
    store.failure = None
    assert tokens.read() == entry()


def test_a_store_that_keeps_nothing_is_found_out(
    tmp_path: Path, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "set_password", lambda *_args: None)
    tokens = file(tmp_path)
    assert tokens.read() == {}
    assert put(tokens) is None
    assert tokens.kept
    assert not (tmp_path / "one.sign-in").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a folder not writable")
def test_a_folder_that_cannot_be_written(tmp_path: Path, store: MemoryStore) -> None:
    tmp_path.chmod(0o500)
    tokens = file(tmp_path)
    tokens.read()
    assert put(tokens) is None
    assert "disk" in tokens.kept
    tmp_path.chmod(0o700)


def test_a_file_in_place_of_the_folder(tmp_path: Path, store: MemoryStore) -> None:
    (tmp_path / "folder").write_text("x")
    tokens = file(tmp_path / "folder")
    tokens.read()
    assert put(tokens) is None
    assert tokens.kept


def test_removing_says_what_is_gone(tmp_path: Path, store: MemoryStore) -> None:
    tokens = file(tmp_path)
    put(tokens)
    (tmp_path / "one.sign-in.99.new").write_bytes(b"left by a copy that was killed")
    said = tokens.remove()
    assert len(said) == 2
    assert store.entries == {}
    assert {path.suffix for path in tmp_path.iterdir()} <= {".lock"}
    assert tokens.remove() == []
    put(tokens)
    store.failure = keyring.errors.KeyringLocked("x")
    assert "could not be deleted" in tokens.remove()[-1]


def test_a_copy_notices_what_the_other_did(tmp_path: Path, store: MemoryStore) -> None:
    here, there = file(tmp_path), file(tmp_path)
    here.read()
    there.read()
    put(here)
    assert there.changed()
    assert there.read() == entry()
    assert not there.changed()
    there.remove()
    assert here.changed()
    assert here.read() == {}
    # The other signs in again, under a new key; and once more, unnoticed between the two.
    put(there, "two")
    assert here.read() == entry("two")
    there.remove()
    put(there, "three")
    assert here.read() == entry("three")
    assert not here.notice


WORKER = """
import sys, keyring
from pathlib import Path
from tests.services.token_cache_copy import FileStore
keyring.set_keyring(FileStore(Path(sys.argv[1])))
from o365desk.services.token_cache import TokenFile
tokens = TokenFile(Path(sys.argv[1]), "one")
tokens.read()
print("ready", flush=True)
sys.stdin.readline()
for turn in range(int(sys.argv[3])):
    def change(state):
        state.setdefault("RefreshToken", {})[f"{sys.argv[2]}-{turn}"] = {"secret": "x" * 2000}
        return state
    assert tokens.update(change) is not None, tokens.kept
print("done", flush=True)
"""


def copy(folder: Path, name: str, turns: int) -> "subprocess.Popen[str]":
    """Another process that writes to the same file as soon as it is told."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder), name, str(turns)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_two_processes_lose_nothing_of_each_other(tmp_path: Path) -> None:
    from tests.services.token_cache_copy import FileStore

    turns = 25
    copies = [copy(tmp_path, name, turns) for name in ("left", "right")]
    for process in copies:
        go(process)
    for process in copies:
        assert process.wait() == 0
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()
    before = keyring.get_keyring()
    keyring.set_keyring(FileStore(tmp_path))
    try:
        state = file(tmp_path).read()
    finally:
        keyring.set_keyring(before)
    assert state is not None
    assert set(state["RefreshToken"]) == {
        f"{name}-{turn}" for name in ("left", "right") for turn in range(turns)
    }


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_copy_killed_while_writing_harms_nobody(tmp_path: Path) -> None:
    """Killed at any moment of some thousand writes: what lies there is whole, and not locked."""
    from tests.services.token_cache_copy import FileStore

    before = keyring.get_keyring()
    keyring.set_keyring(FileStore(tmp_path))
    try:
        tokens = file(tmp_path)
        tokens.read()
        assert put(tokens) == entry()
        for round_ in range(4):
            process = copy(tmp_path, f"killed-{round_}", 100_000)
            go(process)
            while f"killed-{round_}-0" not in (file(tmp_path).read() or {}).get("RefreshToken", {}):
                assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                pipe.close()
            again = file(tmp_path)
            state = again.read()
            assert not again.notice
            assert state is not None
            assert state["RefreshToken"]["one"] == {"secret": SECRET}
            assert again.update(lambda _state: entry()) == entry()
        assert [path.name for path in tmp_path.iterdir() if path.suffix == ".new"] == []
    finally:
        keyring.set_keyring(before)


def test_the_canary_is_in_no_repr(tmp_path: Path, store: MemoryStore) -> None:
    tokens = file(tmp_path)
    put(tokens)
    key = next(iter(store.entries.values()))
    assert key not in repr(vars(tokens))
    assert json.dumps(entry()) not in repr(vars(tokens))
