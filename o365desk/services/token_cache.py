"""The encrypted file that keeps a connection's sign-in, shared by all running copies.

AES-256-GCM with a new nonce for each writing; format and connection are authenticated too. Only
what a sign-in consists of lies in it: account and refresh token. Access tokens stay in memory.
Every method blocks (disk, lock, the system's store of secrets): call them in a thread.
"""

import contextlib
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from o365desk.domain.passwords import Secret
from o365desk.services.keyring_keys import KeyringKeys, KeyStoreRefused, key_bytes

State = dict[str, dict[str, dict[str, Any]]]
"""Entries by type and key, in the schema that Microsoft's libraries share."""

_MAGIC = b"o365desk sign-in 1\n"
_NONCE = 12
_LARGEST = 1024 * 1024
"""Bytes; a sign-in has some thousand."""
_LOCK_PATIENCE = 10.0
"""Seconds to wait for another copy, which needs some milliseconds."""

_NOT_WRITTEN = (
    "The sign-in could not be written to the disk, so it is forgotten when the program ends."
)
_SET_ASIDE = (
    "The kept sign-in was damaged or could not be decrypted; it was set aside, and you have to sign"
    " in anew."
)


class TokenFile:
    """One connection's sign-in on the disk, or nowhere when it cannot be kept safely."""

    def __init__(self, folder: Path, connection_id: str, keys: KeyringKeys | None = None) -> None:
        """`folder` is made when first written to. `connection_id`: letters, digits, hyphens."""
        self._path = folder / f"{connection_id}.sign-in"
        self._bound = _MAGIC + connection_id.encode("utf-8")
        self._keys = keys or KeyringKeys(connection_id)
        self._key: Secret | None = None
        self._stamp: tuple[int, ...] | None = None
        self._guard = threading.RLock()
        self.kept = ""
        """Why the sign-in lives in memory only; empty when it is kept. Known after `read`."""
        self.notice = ""
        """What happened to a file that could not be read; empty when nothing did."""

    def changed(self) -> bool:
        """Another copy has written, or removed, the file since it was last read here."""
        return not self.kept and self._stamp_now() != self._stamp

    def read(self) -> State | None:
        """What is kept; empty when nothing is. None when it lives in memory only (`kept`)."""
        with self._guard, self._locked():
            self.kept = ""
            try:
                return self._load()
            except KeyStoreRefused as refused:
                self.kept = refused.reason
            except OSError:
                self.kept = _NOT_WRITTEN
            return None

    def update(self, change: Callable[[State], State]) -> State | None:
        """Reads, changes and writes, while no other copy does; answers what is then kept. None
        when it lives in memory only."""
        with self._guard:
            if self.kept:
                return None
            try:
                with self._locked(writing=True):
                    state = self._load()
                    wanted = change(json.loads(json.dumps(state)))
                    if wanted != state:
                        self._write(wanted)
                    return wanted
            except KeyStoreRefused as refused:
                self.kept = refused.reason
            except OSError:
                self.kept = _NOT_WRITTEN
            return None

    def remove(self) -> list[str]:
        """Deletes file and key; one sentence for each thing that is gone, or that is not."""
        said = []
        with self._guard, self._locked():
            try:
                for path in (self._path, self._aside):
                    if path.exists():
                        path.unlink()
                        said.append("The encrypted file with the sign-in was deleted.")
                self._sweep()
            except OSError:
                said.append(
                    "The encrypted file with the sign-in could not be deleted; without its key"
                    " nobody can read it."
                )
            try:
                if self._keys.delete():
                    said.append("Its key was deleted from the computer's store of secrets.")
            except KeyStoreRefused:
                if said:
                    said.append(
                        "Its key could not be deleted: the computer's store of secrets does not"
                        " answer. The file that it opened is gone."
                    )
            self._key = None
            self._stamp = self._stamp_now()
        return list(dict.fromkeys(said))

    @property
    def _aside(self) -> Path:
        return self._path.with_suffix(".damaged")

    @contextlib.contextmanager
    def _locked(self, *, writing: bool = False) -> Iterator[None]:
        """Keeps other copies out. One that hangs does not stop this one: writing replaces the
        file as a whole, so the worst is that the other's last change is lost. Where there is no
        file yet, and none is made, there is nothing to lock: no trace is left on the disk."""
        import filelock

        if not writing and not self._path.exists():
            yield
            return
        self._make_folder()
        # Not thread-local: `_guard` has let one thread in.
        lock = filelock.FileLock(self._path.with_suffix(".lock"), mode=0o600, thread_local=False)
        held = False
        with contextlib.suppress(filelock.Timeout, OSError, NotImplementedError):
            lock.acquire(timeout=_LOCK_PATIENCE, poll_interval=0.01)
            held = True
        try:
            yield
        finally:
            if held:
                lock.release()

    def _make_folder(self) -> None:
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _load(self) -> State:
        """Raises KeyStoreRefused where the store of secrets is to blame, OSError for the disk."""
        try:
            with self._path.open("rb") as file:
                self._stamp = _stamp(os.fstat(file.fileno()))
                data = file.read(_LARGEST + 1)
        except FileNotFoundError:
            self._stamp = None
            self._key = None  # removed by a copy that signed out, and the key with it
            # Asked for all the same, so that a store that does not work is known before sign-in.
            self._key = self._keys.read()
            return {}
        # The key at hand may be that of before another copy signed out and in again.
        for key in (self._key, None):
            tried = key or self._keys.read()
            state = self._decrypted(data, tried) if tried is not None else None
            if state is not None:
                self._key = tried
                return state
        self._key = None
        os.replace(self._path, self._aside)
        self._stamp = None
        self.notice = _SET_ASIDE
        return {}

    def _decrypted(self, data: bytes, key: Secret) -> State | None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not data.startswith(_MAGIC) or len(data) > _LARGEST:
            return None
        start = len(_MAGIC) + _NONCE
        nonce, sealed = data[len(_MAGIC) : start], data[start:]
        try:
            state = json.loads(AESGCM(key_bytes(key)).decrypt(nonce, sealed, self._bound))
        except (InvalidTag, ValueError):
            return None
        return state if isinstance(state, dict) else None

    def _write(self, state: State) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if self._key is None:
            self._key = self._keys.read() or self._keys.create()
        nonce = secrets.token_bytes(_NONCE)
        plain = json.dumps(state).encode("utf-8")
        sealed = AESGCM(key_bytes(self._key)).encrypt(nonce, plain, self._bound)
        self._sweep()
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + nonce + sealed)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._path)
        self._stamp = self._stamp_now()

    def _sweep(self) -> None:
        """What a copy left that was killed while writing: ciphertext, and of no use."""
        for left in self._path.parent.glob(f"{self._path.name}.*.new"):
            left.unlink(missing_ok=True)

    def _stamp_now(self) -> tuple[int, ...] | None:
        try:
            return _stamp(self._path.stat())
        except OSError:
            return None


class NoTokenFile(TokenFile):
    """Keeps nothing, on purpose: the sign-in lives in memory only."""

    def __init__(self, reason: str) -> None:
        """`reason` tells the operator why."""
        super().__init__(Path(), "")
        self.kept = reason

    def read(self) -> State | None:
        return None

    def remove(self) -> list[str]:
        return []


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_mtime_ns, status.st_size, status.st_ino
