"""MSAL's token cache over the encrypted file. Imports MSAL: import this module in a thread only."""

import json
from typing import Any

import msal  # type: ignore[import-untyped]

from o365desk.services.token_cache import State, TokenFile

_ACCOUNT = "Account"
_REFRESH_TOKEN = "RefreshToken"
_LASTING = frozenset({_ACCOUNT, _REFRESH_TOKEN, "AppMetadata"})
"""What is kept. Access and id tokens are not: a refresh token brings new ones in one call."""

_Changes = dict[tuple[str, str], dict[str, Any] | None]
"""Type and key to the new entry (None: removed)."""


class SharedCache(msal.SerializableTokenCache):  # type: ignore[misc]
    """Collects what MSAL changes; `sync` brings it to the file, and others' changes back."""

    def __init__(self, file: TokenFile) -> None:
        super().__init__()
        self._file = file
        self._changes: _Changes = {}
        self._take(file.read())

    def modify(
        self,
        credential_type: str,
        old_entry: dict[str, Any],
        new_key_value_pairs: dict[str, Any] | None = None,
    ) -> None:
        """The one method through which MSAL adds, changes and removes."""
        with self._lock:
            super().modify(credential_type, old_entry, new_key_value_pairs)
            if credential_type in _LASTING:
                key = self.key_makers[credential_type](**old_entry)
                entry = {**old_entry, **new_key_value_pairs} if new_key_value_pairs else None
                self._changes[credential_type, key] = entry

    def sync(self) -> bool:
        """True when another copy of the program had changed something."""
        # MSAL's own lock: no thread may add between the reading and the taking over.
        with self._lock:
            foreign = self._file.changed()
            if self._changes:
                state = self._keep()
                if foreign:
                    self._take(state)
            elif foreign:
                self._take(self._file.read())
            return foreign

    def reread(self) -> None:
        """Asks disk and store of secrets anew, for example after they were unlocked."""
        with self._lock:
            state = self._file.read()
            self._take(self._keep() if self._changes else state)

    def _keep(self) -> State | None:
        """Brings the changes to the file; what it then holds, None when they stay in memory."""
        state = self._file.update(lambda state: _merged(state, self._changes))
        if state is not None:
            self._changes = {}
        return state

    def wipe(self) -> None:
        """Forgets everything in memory; the file is removed by whoever calls this."""
        with self._lock:
            self._changes = {}
            self.deserialize("")

    def _take(self, state: State | None) -> None:
        """Puts what is kept in place of what was known; tokens of accounts that are gone go."""
        if state is None:
            return
        known: State = json.loads(self.serialize())
        at_home = {entry.get("home_account_id") for entry in state.get(_ACCOUNT, {}).values()}
        merged = {
            kind: {k: e for k, e in entries.items() if e.get("home_account_id") in at_home}
            for kind, entries in known.items()
            if kind not in _LASTING
        }
        self.deserialize(json.dumps(merged | state))


def _merged(state: State, changes: _Changes) -> State:
    """The changes upon what is kept now.

    A renewed token of an account that another copy has signed out meanwhile is not kept, or the
    sign-out would be undone; of two renewed tokens the later one stays.
    """
    arriving = {
        e.get("home_account_id") for (kind, _), e in changes.items() if kind == _ACCOUNT and e
    }
    known = {e.get("home_account_id") for e in state.get(_ACCOUNT, {}).values()}
    for (kind, key), entry in changes.items():
        entries = state.setdefault(kind, {})
        if entry is None:
            entries.pop(key, None)
        elif kind != _REFRESH_TOKEN:
            if kind == _ACCOUNT or known | arriving:
                entries[key] = entry
        elif entry.get("home_account_id") in known | arriving and _time(entry) >= _time(
            entries.get(key, {})
        ):
            entries[key] = entry
    return {kind: entries for kind, entries in state.items() if entries}


def _time(entry: dict[str, Any]) -> int:
    text = str(entry.get("last_modification_time", ""))
    return int(text) if text.isdecimal() else 0
