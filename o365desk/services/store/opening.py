"""Opens the snapshots of this computer, or says why they are kept for this run only.

The key lies in the system's store of secrets. Beside the file lies a check of the key: a random
salt, and the key's HMAC over it. It tells another key from a damaged file, which SQLCipher cannot;
it tells nothing about the key, which is 32 random bytes. A file is never deleted or written over:
what cannot be used is set aside under a dated name.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from o365desk.domain.directory import utc_now
from o365desk.domain.errors import DeskError
from o365desk.domain.passwords import Secret
from o365desk.services.aside import aside
from o365desk.services.keyring_keys import KeyringKeys, KeyStoreRefused, key_bytes
from o365desk.services.store.database import Database, files, suspicion
from o365desk.services.store.failures import StoreDamaged, StoreNewer, damaged, plain

if TYPE_CHECKING:
    from sqlalchemy import Connection

READ_WHOLE = 64 * 1024 * 1024
"""Bytes up to which a file is read as a whole when it is opened: a fraction of a second. A larger
one only after damage was met in it."""

_MAGIC = b"o365desk snapshots 1\n"
_SALT = 16
_LOCK_PATIENCE = 60.0
"""Seconds to wait for another copy, which may be bringing the tables up to date."""

_THIS_RUN = "Snapshots are kept for this run only"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the operator has to know about the snapshots of this run."""

    sentence: str
    next_step: str = ""
    in_the_way: bool = False
    """A file is there that cannot be used; `set_aside` makes room for a new one."""


@dataclass(frozen=True, slots=True)
class OpenedStore:
    """A database with all its tables, ready for a SnapshotHistory."""

    database: Database
    path: Path | None
    """Where the file is, or would be; None where none was asked for."""
    notice: Notice | None = None

    @property
    def on_disk(self) -> bool:
        """False: what is recorded is gone when the program ends."""
        return self.database.path is not None


async def open_store(path: Path | None, keys: KeyringKeys) -> OpenedStore:
    """Opens the file, or makes it with a new key. Where that cannot be, the store is in memory and
    the notice says why; without a path that is what was asked for. `keys` names the key of this
    profile's snapshots. Raises nothing expected.
    """
    database, notice = None, None
    if path is not None:
        database, notice = await aside(_open, path, keys)
    if database is None:
        database = Database()
        await database.write(_make_tables)
    return OpenedStore(database, path, notice)


async def set_aside(path: Path) -> Path:
    """Renames a file that is in the way, and what belongs to it; answers its new name. The next
    opening begins a new one. Raises DeskError."""
    try:
        return await aside(_set_aside_locked, path)
    except OSError as error:
        failure = plain(error)
    raise failure


async def remove_store(path: Path, keys: KeyringKeys) -> bool:
    """Deletes the file, what belongs to it, and its key; True when there was one. What was set
    aside stays. Raises DeskError."""
    try:
        return await aside(_removed, path, keys)
    except OSError as error:
        failure = plain(error)
    raise failure


def _removed(path: Path, keys: KeyringKeys) -> bool:
    there = _is_there(path)
    if not there and not _check_path(path).exists():
        return False
    with _locked(path):
        for file in (*files(path), _check_path(path), suspicion(path)):
            file.unlink(missing_ok=True)
    # Without its file the key opens nothing; a store that refuses keeps it.
    with suppress(KeyStoreRefused):
        keys.delete()
    return there


def _make_tables(connection: "Connection") -> None:
    from o365desk.services.store.schema import metadata  # in the thread that needs it

    metadata.create_all(connection)


def _open(path: Path, keys: KeyringKeys) -> tuple[Database | None, Notice | None]:
    try:
        # First of all: where the store of secrets refuses, nothing gets on the disk.
        return _open_locked(path, keys, keys.read())
    except KeyStoreRefused as refused:
        return None, Notice(
            f"{_THIS_RUN}: {refused.cause[0].lower()}{refused.cause[1:]}.",
            "Unlock or set up the store of secrets, then start the program again.",
        )
    except StoreNewer as newer:
        return None, Notice(f"{newer.sentence} {_THIS_RUN}.", newer.next_step, in_the_way=True)
    except DeskError as error:
        return None, Notice(f"{error.sentence} {_THIS_RUN}.", error.next_step)
    except OSError as error:
        said = plain(error)
        return None, Notice(f"{said.sentence} {_THIS_RUN}.", said.next_step)


def _open_locked(
    path: Path, keys: KeyringKeys, key: Secret | None
) -> tuple[Database | None, Notice | None]:
    with _locked(path):
        there = _is_there(path)
        key = key or keys.read()  # another copy may just have made both
        if key is None and there:
            return None, _KEY_GONE
        key = key or keys.create()
        fits = _fits(path, key)
        if there and fits is False:
            return None, _OTHER_KEY
        database = Database(path, key)
        notice = None
        if not there and fits is not None:
            notice = _FILE_GONE
        try:
            _prepare(database, path)
        except StoreDamaged:
            if fits is None:
                return None, _UNREADABLE
            new_name = _set_aside(path).name
            database.prepare()
            notice = Notice(
                "The file with the snapshots was damaged. It was set aside as"
                f" {new_name}, and a new one was begun.",
                "Have the disk checked. If you have a copy of the file, put it back in place.",
            )
        if not fits or notice is not None:
            _write_check(path, key)
        return database, notice


def _prepare(database: Database, path: Path) -> None:
    """Raises DeskError; StoreDamaged after reading the whole file, where that is called for."""
    database.prepare()
    suspect = suspicion(path)
    if (suspect.exists() or database.size() <= READ_WHOLE) and database.is_damaged():
        raise damaged()
    suspect.unlink(missing_ok=True)


_KEY_GONE = Notice(
    "The snapshots on this computer cannot be opened: their key is no longer in the computer's"
    f" store of secrets. {_THIS_RUN}.",
    "Restore the store of secrets from a backup, then start the program again. Or set the old file"
    " aside and begin a new one.",
    in_the_way=True,
)
_OTHER_KEY = Notice(
    "The snapshots on this computer cannot be opened: the key in the computer's store of secrets is"
    f" not the one that they were written with. {_THIS_RUN}.",
    _KEY_GONE.next_step,
    in_the_way=True,
)
_UNREADABLE = Notice(
    "The snapshots on this computer cannot be opened: their file is damaged, or was written with"
    f" another key. {_THIS_RUN}.",
    "Restore the file or the store of secrets from a backup, then start the program again. Or set"
    " the old file aside and begin a new one.",
    in_the_way=True,
)
_FILE_GONE = Notice(
    "The file with the snapshots of earlier runs is gone, or was emptied; a new one was begun.",
    "If you have a copy of it, put it back in place and start the program again.",
)


def _is_there(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _check_path(path: Path) -> Path:
    return path.with_suffix(".key-check")


def _fits(path: Path, key: Secret) -> bool | None:
    """Whether it is the key that the file was written with; None when nothing tells."""
    try:
        data = _check_path(path).read_bytes()
    except FileNotFoundError:
        return None
    salt, said = data[len(_MAGIC) :][:_SALT], data[len(_MAGIC) + _SALT :]
    if not data.startswith(_MAGIC) or len(said) != hashlib.sha256().digest_size:
        return None
    return hmac.compare_digest(said, _hmac(key, salt))


def _hmac(key: Secret, salt: bytes) -> bytes:
    return hmac.digest(key_bytes(key), _MAGIC + salt, "sha256")


def _write_check(path: Path, key: Secret) -> None:
    salt = secrets.token_bytes(_SALT)
    beside = path.with_suffix(".key-check.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(_MAGIC + salt + _hmac(key, salt))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(_check_path(path))


def _set_aside_locked(path: Path) -> Path:
    with _locked(path):
        return _set_aside(path)


def _set_aside(path: Path) -> Path:
    """The journal goes first: left behind, it would be taken for that of the new file."""
    stem = f"{path.stem}-set-aside-{utc_now().astimezone():%Y-%m-%d}"
    taken = {found.stem for found in path.parent.iterdir()}
    numbered = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    new = path.with_name(next(name for name in numbered if name not in taken) + path.suffix)
    moves = [*zip(files(path), files(new), strict=True), (_check_path(path), _check_path(new))]
    for old, renamed in (moves[1], moves[2], moves[0], moves[3]):
        with suppress(FileNotFoundError):
            old.rename(renamed)
    suspicion(path).unlink(missing_ok=True)
    return new


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keeps other copies from opening, making or renaming the file meanwhile."""
    import filelock

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = filelock.FileLock(path.with_suffix(".lock"), mode=0o600)
    held = False
    try:
        with suppress(NotImplementedError):  # a network folder that knows no locks
            lock.acquire(timeout=_LOCK_PATIENCE, poll_interval=0.01)
            held = True
        yield
    except filelock.Timeout:
        raise DeskError(
            "Another copy of the program is opening the snapshots, and has not finished.",
            next_step="Close it, then start this one again.",
        ) from None
    finally:
        if held:
            lock.release()
