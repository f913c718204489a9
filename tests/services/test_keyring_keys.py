"""Keys in stores of secrets: stores that refuse, and a real Secret Service on a bus of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest

from o365desk.services.keyring_keys import KeyringKeys, KeyStoreRefused, key_bytes
from tests.services.sign_in_world import MemoryStore


@pytest.fixture(autouse=True)
def _store_of_before() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def test_a_key_is_made_read_and_deleted() -> None:
    keyring.set_keyring(MemoryStore())
    keys, other = KeyringKeys("one"), KeyringKeys("two")
    assert keys.read() is None
    made = keys.create()
    assert keys.read() == made
    assert len(key_bytes(made)) == 32
    assert len(made.reveal()) < 1280  # Windows takes no more
    assert made.reveal() not in repr(made)
    assert other.read() is None
    assert other.create() != made
    assert keys.delete()
    assert not keys.delete()
    assert other.read() is not None


class Plain(MemoryStore):
    """As keyrings.alt has it: a readable file in the home folder."""


Plain.__module__ = "keyrings.alt.file"


@pytest.mark.parametrize(
    ("store", "word"),
    [
        pytest.param(keyring.backends.fail.Keyring, "no store", id="none"),
        pytest.param(keyring.backends.null.Keyring, "no store", id="null"),
        pytest.param(Plain, "readable", id="plain text"),
    ],
)
def test_stores_that_keep_nothing_or_keep_it_in_clear(
    store: type[keyring.backend.KeyringBackend], word: str
) -> None:
    backend = store()
    keyring.set_keyring(backend)
    for act in (KeyringKeys("one").read, KeyringKeys("one").create, KeyringKeys("one").delete):
        with pytest.raises(KeyStoreRefused, match=word):
            act()
    assert getattr(backend, "entries", {}) == {}


def test_of_several_stores_the_first_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    good, lesser = MemoryStore(), Plain()
    monkeypatch.setattr(keyring.backends.chainer.ChainerBackend, "backends", [good, lesser])
    keyring.set_keyring(keyring.backends.chainer.ChainerBackend())  # type: ignore[no-untyped-call]
    KeyringKeys("one").create()
    assert good.entries
    good.failure = keyring.errors.KeyringLocked("x")
    with pytest.raises(KeyStoreRefused, match="locked"):
        KeyringKeys("two").create()
    assert lesser.entries == {}


SCRIPT = """
import keyring
from o365desk.services.keyring_keys import KeyringKeys, KeyStoreRefused
backend = keyring.get_keyring()
print(type(backend).__module__)
keys = KeyringKeys("one")
try:
    made = keys.create()
    assert keys.read() == made
    assert keyring.get_password("o365desk", "one") == made.reveal()
    assert keys.delete() and not keys.delete()
    print("kept")
except KeyStoreRefused as refused:
    print(refused.reason)
"""

NEEDED = ("dbus-run-session", "gnome-keyring-daemon")
MISSING = [name for name in NEEDED if shutil.which(name) is None]


def on_a_bus(folder: Path, before: str, script: str = SCRIPT) -> str:
    """What a script prints on a private bus, after `before` has run on it."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY")
    }
    environment |= {
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_RUNTIME_DIR": str(folder),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    folder.chmod(0o700)
    command = f"{before} {sys.executable} -c '{script}'"
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_a_real_secret_service(tmp_path: Path) -> None:
    """Unlocked it keeps a key; locked, with nobody to type the password, it is said; and one that
    was never set up cannot be set up without a person either."""
    unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null;"
    start = "gnome-keyring-daemon --start --components=secrets >/dev/null;"
    service = "keyring.backends.SecretService\n"
    assert on_a_bus(tmp_path, unlock) == f"{service}kept\n"
    locked = on_a_bus(tmp_path, start)
    assert locked.startswith(f"{service}The computer's store of secrets is locked")
    (tmp_path / "new").mkdir()
    refused = on_a_bus(tmp_path / "new", start)
    assert refused.startswith(f"{service}The computer's store of secrets did not accept")
