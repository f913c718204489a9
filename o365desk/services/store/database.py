"""The encrypted file of the snapshots: its connections, their threads, and errors in plain words.

The only module that speaks SQLite's dialect. One connection writes and another reads, each in a
thread of its own that ends with the process. The file is a write-ahead log's: reading never waits
for writing, and what was committed survives a killed process. A power cut may lose what was
committed in the last minutes, never damage what was there before (sqlite.org/pragma.html,
synchronous NORMAL).
"""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from o365desk.domain.errors import DeskError
from o365desk.domain.passwords import Secret
from o365desk.services.aside import Told, aside
from o365desk.services.keyring_keys import key_bytes
from o365desk.services.store import migrations
from o365desk.services.store.failures import StoreDamaged, damaged, expected, plain

if TYPE_CHECKING:
    import sqlalchemy

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds to wait for another copy that writes; it needs some seconds for 100,000 users."""

PIECE = 256
"""Pages that are given back in one transaction: 1 MiB."""

_OPENING = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",  # sorting would write names into files that nobody encrypts
    "PRAGMA cache_size = -32000",  # KiB: the inner pages of every index of a big tenant
    "PRAGMA secure_delete = ON",  # what is forgotten is overwritten
)
_FILE = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA journal_size_limit = 16000000",  # bytes the journal keeps after a big tenant
)


class Database:
    """Where snapshots are kept: an encrypted file, or this process's memory."""

    def __init__(
        self, path: Path | None = None, key: Secret | None = None, *, patience: float = PATIENCE
    ) -> None:
        """Opens nothing yet. `key` is that of KeyringKeys, and belongs to `path`; without a path
        everything is in memory. `patience`: seconds to wait for another copy that writes."""
        self.path = path
        self._key = key
        self._patience = patience
        self._writer = _Line("snapshots-writer", self._connect, self._plain)
        self._reader = self._writer
        if path is not None:
            self._reader = _Line("snapshots-reader", self._connect_to_read, self._plain)

    async def write(self, work: "Callable[[sqlalchemy.Connection], T]") -> T:
        """Does the work in one transaction: all of it is kept, or nothing. Cancelled, it is done
        all the same. Raises DeskError."""
        return await asyncio.wrap_future(self._writer.hand_over(partial(_written, work)))

    async def read(self, work: "Callable[[sqlalchemy.Connection], T]") -> T:
        """Does the work on what is committed now, whatever is written meanwhile. Raises
        DeskError."""
        return await asyncio.wrap_future(self._reader.ask(partial(_read, work)))

    async def read_raw(self, work: Callable[[Any], T]) -> T:
        """The same with the driver's own connection, before SQLAlchemy is there. Raises
        DeskError."""
        return await asyncio.wrap_future(self._reader.ask(partial(_read_raw, work)))

    async def aclose(self) -> None:
        """Waits for all that was handed over, and closes the file."""
        for line in (self._reader, self._writer):
            await asyncio.wrap_future(line.end())

    async def shrink(self) -> None:
        """Gives the space of what was deleted back to the disk, a piece at a time, so that other
        writing comes between; then empties the journal. Raises DeskError."""
        while await asyncio.wrap_future(self._writer.hand_over(_gave_back)):
            pass
        await asyncio.wrap_future(self._writer.hand_over(_empty_journal))

    async def rewrite(self) -> None:
        """Writes the whole file anew, without what was deleted: within its pages, too, moved rows
        may have left copies. Needs as much memory as the file is large. Raises DeskError."""
        if not await asyncio.wrap_future(self._writer.hand_over(_rewritten)):
            raise DeskError(
                "It was removed, but another copy of the program reads the snapshots: until it"
                " ends, traces stay in the encrypted journal.",
                next_step="Close the other copy.",
            )

    async def damaged(self) -> bool:
        """Reads the whole file, in a connection of its own: whether anything in it is not what was
        written. Raises DeskError when it cannot be read at all."""
        return self.path is not None and await aside(self.is_damaged)

    def is_damaged(self) -> bool:
        """The same in this thread, which is not that of a window."""
        try:
            self._at_once(_verify)
        except StoreDamaged:
            return True
        return False

    def prepare(self) -> None:
        """Makes a new file, or brings an older one up to date, whole or not at all; in this thread,
        which is not that of a window. Raises DeskError, StoreDamaged and StoreNewer among them."""
        self._at_once(_migrate)

    def size(self) -> int:
        """Bytes on the disk, journal included; in memory none."""
        if self.path is None:
            return 0
        total = 0
        for path in files(self.path):
            with suppress(OSError):
                total += path.stat().st_size
        return total

    def _connect(self) -> Any:
        if self.path is not None:
            make_private(self.path)
        connection = self._driver_connection()
        try:
            if self.path is not None:
                # Reads the first page, and so tries the key. Only in a new file there is something
                # to set, and in any other it would wait for whoever writes.
                if connection.execute("PRAGMA page_count").fetchone() == (0,):
                    connection.execute("PRAGMA auto_vacuum = INCREMENTAL").fetchall()
                connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            for setting in (_FILE if self.path is not None else ()) + _OPENING:
                connection.execute(setting).fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect_to_read(self) -> Any:
        connection = self._connect()
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _driver_connection(self) -> Any:
        from sqlcipher3 import dbapi2

        name = ":memory:" if self.path is None else str(self.path)
        connection = dbapi2.connect(name, timeout=self._patience, isolation_level=None)
        # It would write about a wrong key on the standard error stream.
        connection.execute("PRAGMA cipher_log_level = NONE").fetchall()
        if self.path is not None and self._key is not None:
            # A raw key: 32 random bytes need no derivation.
            # https://www.zetetic.net/sqlcipher/sqlcipher-api/#key
            connection.execute(f"PRAGMA key = \"x'{key_bytes(self._key).hex()}'\"").fetchall()
        return connection

    def _at_once(self, work: "Callable[[_Open], T]") -> T:
        """Does the work in this thread, with a connection for this once. Raises DeskError."""
        try:
            with closing(_Open(self._connect())) as line:
                return work(line)
        except expected() as error:
            failure = self._plain(error)
        raise failure

    def _plain(self, error: BaseException) -> BaseException:
        """The error as it is told; damage is remembered for the next opening, if the disk lets."""
        failure = plain(error)
        if isinstance(failure, StoreDamaged) and self.path is not None:
            with suppress(OSError):
                suspicion(self.path).touch()
        return failure


def files(path: Path) -> tuple[Path, Path, Path]:
    """The file of the snapshots, its journal, and the journal's index."""
    return path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def suspicion(path: Path) -> Path:
    """An empty file beside one in which damage was met: the next opening reads it all."""
    return path.with_name(f"{path.name}-damaged")


def make_private(path: Path) -> None:
    """Makes an empty file that only this person can read; SQLite gives journal and index the same
    rights."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


class _Line:
    """One thread with one connection, which does what is handed over in that order."""

    def __init__(
        self,
        name: str,
        connect: Callable[[], Any],
        say: Callable[[BaseException], BaseException],
    ) -> None:
        self._name = name
        self._connect = connect
        self._say = say
        self._waiting: SimpleQueue[Callable[[], bool]] = SimpleQueue()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._open: _Open | None = None
        self._end: Future[None] = Future()
        self._ending = False

    def hand_over(self, work: "Callable[[_Open], T]") -> "Future[T]":
        """The answer cannot be cancelled: what was handed over is done."""
        answer: Future[T] = Future()
        answer.set_running_or_notify_cancel()
        self._put(work, answer)
        return answer

    def ask(self, work: "Callable[[_Open], T]") -> "Future[T]":
        """Cancelled before its turn, it is not done."""
        answer: Future[T] = Future()
        self._put(work, answer)
        return answer

    def end(self) -> "Future[None]":
        """Closes the connection after everything before it; more is refused from now on."""
        with self._guard:
            if not self._ending:
                self._ending = self._end.set_running_or_notify_cancel()
                if self._thread is None:
                    self._end.set_result(None)
                self._waiting.put(self._close)
            return self._end

    def _put(self, work: "Callable[[_Open], T]", answer: "Future[T]") -> None:
        def turn() -> bool:
            if answer.running() or answer.set_running_or_notify_cancel():
                with Told(answer, self._say):
                    answer.set_result(work(self._opened()))
            return True

        with self._guard:
            if self._ending:
                raise DeskError("The snapshots are closed: the program is about to end.")
            self._waiting.put(turn)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._waiting.get()():
            pass

    def _opened(self) -> "_Open":
        if self._open is None:
            self._open = _Open(self._connect())
        return self._open

    def _close(self) -> bool:
        with Told(self._end, self._say):
            if self._open is not None:
                self._open.close()
            self._end.set_result(None)
        return False


class _Open:
    """A connection of the driver; SQLAlchemy's is laid over it when first asked for."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self._engine: sqlalchemy.Engine | None = None

    @contextmanager
    def transaction(self, begin: str) -> "Iterator[sqlalchemy.Connection]":
        """Committed at the end, rolled back by an error. Raises the driver's errors, without the
        statement and its values that SQLAlchemy would name."""
        import sqlalchemy
        import sqlalchemy.exc
        from sqlcipher3 import dbapi2

        if self._engine is None:
            self._engine = sqlalchemy.create_engine(
                "sqlite://",
                module=dbapi2,
                creator=lambda: self.raw,
                poolclass=sqlalchemy.StaticPool,
                hide_parameters=True,
            )
        try:
            with self._engine.begin() as connection:
                connection.exec_driver_sql(begin)
                yield connection
        except sqlalchemy.exc.DBAPIError as error:
            if error.orig is None:
                raise
            raise error.orig.with_traceback(error.__traceback__) from None

    def close(self) -> None:
        self.raw.close()


def _written(work: "Callable[[sqlalchemy.Connection], T]", line: _Open) -> T:
    with line.transaction("BEGIN IMMEDIATE") as connection:
        return work(connection)


def _read(work: "Callable[[sqlalchemy.Connection], T]", line: _Open) -> T:
    with line.transaction("BEGIN") as connection:
        return work(connection)


def _read_raw(work: Callable[[Any], T], line: _Open) -> T:
    line.raw.execute("BEGIN")
    try:
        return work(line.raw)
    finally:
        line.raw.rollback()


def _migrate(line: _Open) -> None:
    if migrations.is_due(line.raw):
        with line.transaction("BEGIN IMMEDIATE") as connection:
            if migrations.is_due(line.raw):  # no other copy was faster
                migrations.upgrade(connection)


def _verify(line: _Open) -> None:
    """Raises StoreDamaged."""
    # A row for each page that was not written with this key. It reads past all locks: a page that
    # somebody writes at this moment may be among them, but not twice.
    broken = set(line.raw.execute("PRAGMA cipher_integrity_check"))
    if broken:
        broken &= set(line.raw.execute("PRAGMA cipher_integrity_check"))
    # Then what the pages say of each other.
    if broken or line.raw.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
        raise damaged()


def _gave_back(line: _Open) -> bool:
    """False when there was nothing left to give back."""
    free = line.raw.execute("PRAGMA freelist_count").fetchone()[0]
    line.raw.execute(f"PRAGMA incremental_vacuum({PIECE})").fetchall()
    return bool(line.raw.execute("PRAGMA freelist_count").fetchone()[0] < free)


def _rewritten(line: _Open) -> bool:
    line.raw.execute("VACUUM")
    return _empty_journal(line)


def _empty_journal(line: _Open) -> bool:
    """False while somebody reads what only the journal has."""
    busy = line.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy
