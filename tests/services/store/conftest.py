"""A store of secrets and a place for a file, for tests of the snapshots' safety."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from tests.services.sign_in_world import MemoryStore


@pytest.fixture
def secrets_store() -> Iterator[MemoryStore]:
    before = keyring.get_keyring()
    memory = MemoryStore()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the snapshots of a test lie; the folder is not there yet."""
    return tmp_path / "data" / "snapshots.db"
