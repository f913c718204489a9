"""Random keys in the system's own store of secrets; the files under them lie elsewhere.

A key fits every store: Windows takes no more than 1,280 characters in one entry, a token cache has
more. Every function blocks, and may wait for a prompt of the system: call them in a thread.
"""

import base64
import binascii
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from o365desk.domain.passwords import Secret
from o365desk.services.aside import begin

T = TypeVar("T")

SERVICE = "o365desk"
"""Under which the keys are kept; the account beside it is the connection's id."""

KEY_BYTES = 32

PATIENCE = 120.0
"""Seconds for a prompt of the store to be answered. A store that hangs would otherwise keep the
operator from signing in at all."""

_NO_STORE = "This computer has no store for secrets (on Linux GNOME Keyring or KWallet)"
_PLAIN_STORE = "This computer's store for secrets would keep them readable for everybody"
_LOCKED = "The computer's store of secrets is locked"
_DENIED = "The computer's store of secrets did not accept this program's key"
_SILENT = "The computer's store of secrets did not answer"


class KeyStoreRefused(Exception):
    """No key can be had or kept; `cause` is the first half of a sentence for the operator."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause

    @property
    def reason(self) -> str:
        """The whole sentence, for a sign-in."""
        return f"{self.cause}, so the sign-in is forgotten when the program ends."


class KeyringKeys:
    """One key by name. Holds nothing itself; every call asks the store anew."""

    def __init__(self, name: str, service: str = SERVICE, patience: float = PATIENCE) -> None:
        """`patience`: seconds to wait for the store."""
        self._name = name
        self._service = service
        self._patience = patience

    def read(self) -> Secret | None:
        """The key, as text; None when there is none. Raises KeyStoreRefused."""
        text = self._ask(lambda store: store.get_password(self._service, self._name))
        return Secret(text) if text and _is_key(text) else None

    def create(self) -> Secret:
        """A new key, kept: read back, because some stores take everything and keep nothing.
        Raises KeyStoreRefused."""
        text = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")

        def keep(store: Any) -> bool:
            store.set_password(self._service, self._name, text)
            return bool(store.get_password(self._service, self._name) == text)

        if not self._ask(keep):
            raise KeyStoreRefused(_DENIED)
        return Secret(text)

    def delete(self) -> bool:
        """True when there was a key to delete. Raises KeyStoreRefused."""

        def forget(store: Any) -> bool:
            if store.get_password(self._service, self._name) is None:
                return False
            store.delete_password(self._service, self._name)
            return True

        return self._ask(forget)

    def _ask(self, question: Callable[[Any], T]) -> T:
        """What the store says to a question, in a thread that is left to itself when it says
        nothing. Raises KeyStoreRefused."""

        def ask() -> T:
            with _refusals():
                return question(_backend())

        try:
            return begin(ask).result(self._patience)
        except TimeoutError:
            raise KeyStoreRefused(_SILENT) from None


def _is_key(text: str) -> bool:
    """What is not a key counts as none: it cannot open anything."""
    try:
        return len(base64.urlsafe_b64decode(text)) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def key_bytes(key: Secret) -> bytes:
    return base64.urlsafe_b64decode(key.reveal())


def _backend() -> Any:
    """The store in use. Raises KeyStoreRefused for those that keep nothing, or keep it in clear.

    Of several stores the first alone is used: the others may be of a lesser kind.
    """
    import keyring

    # At DEBUG it writes which backends it tries; Secret Service's bus library whole messages.
    for name in ("keyring", "jeepney", "secretstorage"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    backend: Any = keyring.get_keyring()
    if type(backend).__module__ == "keyring.backends.chainer":
        backends = list(backend.backends)
        backend = backends[0] if backends else None
    module = type(backend).__module__
    if backend is None or module in ("keyring.backends.null", "keyring.backends.fail"):
        raise KeyStoreRefused(_NO_STORE)
    if module.startswith("keyrings.alt"):
        raise KeyStoreRefused(_PLAIN_STORE)
    return backend


@contextmanager
def _refusals() -> Iterator[None]:
    """Turns what a store raises into KeyStoreRefused, without the store's own text."""
    import keyring.errors

    reason = ""
    try:
        yield
    except keyring.errors.NoKeyringError:
        reason = _NO_STORE
    except keyring.errors.KeyringLocked:
        reason = _LOCKED
    except store_errors():
        reason = _DENIED
    if reason:
        raise KeyStoreRefused(reason)


def store_errors() -> tuple[type[Exception], ...]:
    """keyring's own errors, and what its backends let through: a bus that goes away, a prompt that
    was dismissed, a Windows error code."""
    import keyring.errors

    found: list[type[Exception]] = [keyring.errors.KeyringError, keyring.errors.InitError]
    found += [OSError, RuntimeError, ValueError]
    for finder in (_secret_service_errors, _windows_errors):
        try:
            found.extend(finder())
        except (ImportError, AttributeError):
            continue
    return tuple(found)


def _secret_service_errors() -> tuple[type[Exception], ...]:
    from keyring.backends import SecretService

    module: Any = SecretService
    return (module.exceptions.SecretStorageException, module.secretstorage.util.DBusErrorResponse)


def _windows_errors() -> tuple[type[Exception], ...]:
    from keyring.backends import Windows

    module: Any = Windows
    return (module.pywintypes.error,)
