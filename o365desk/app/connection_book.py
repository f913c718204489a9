"""The list of connections: the operator's own, those an administrator set, and the practice ones.

The file is meant to be read, copied to colleagues and put on computers by an administrator: JSON,
one object a connection, nothing secret in it.

    {"connections": [{"name": "Fabrikam", "mode": "reseller", "tenant": "fabrikam.example",
                      "client_id": "00000000-0000-0000-0000-000000000000"}]}
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from o365desk.app.profile import Profile, write_whole
from o365desk.domain.connections import Cloud, Connection, Mode, SignInMethod
from o365desk.models.connection_entry import LONGEST_NAME, client_id_of, name_of, tenant_of

LARGEST_FILE = 1024 * 1024
"""Bytes; a file of a hundred connections has 30 thousand."""

PRACTICE_CLIENT = "0365de5c-0001-4000-8000-000000000001"
"""Application id under which the practice directory knows this program."""

PRACTICE = Connection(
    "practice",
    "Practice directory, as a reseller",
    Mode.RESELLER,
    "",
    PRACTICE_CLIENT,
    Cloud.PRACTICE,
    sign_in=False,
)
PRACTICE_DIRECT = Connection(
    "practice-direct",
    "Practice directory, as one organization",
    Mode.DIRECT,
    "",
    PRACTICE_CLIENT,
    Cloud.PRACTICE,
    sign_in=False,
)
PRACTICE_SIGN_IN = Connection(
    "practice-sign-in",
    "Practice directory, signing in",
    Mode.RESELLER,
    "",
    PRACTICE_CLIENT,
    Cloud.PRACTICE,
)
BUILT_IN = (PRACTICE, PRACTICE_DIRECT, PRACTICE_SIGN_IN)

_Choice = TypeVar("_Choice", bound=StrEnum)
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NOT_IDS = frozenset(
    {
        *("connections", "machine"),  # files of the profile itself
        *("con", "prn", "aux", "nul"),  # no file on Windows can be called so, whatever its ending
        *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
    }
)
"""Ids name files: these would name others than those of a connection."""


class BadConnection(ValueError):
    """An entry that cannot be used; the text is a sentence for whoever wrote it."""


@dataclass
class ConnectionBook:
    """Every connection that can be opened, in the order of the Connections page."""

    path: Path | None = None
    """The operator's file; None keeps everything in memory."""
    own: list[Connection] = field(default_factory=list)
    managed: tuple[Connection, ...] = ()
    last: str = ""
    """Id of the connection that was opened last."""
    problems: list[str] = field(default_factory=list)
    """Sentences about files and entries that could not be used."""

    @property
    def all(self) -> tuple[Connection, ...]:
        return (*self.managed, *self.own, *BUILT_IN)

    @property
    def real(self) -> tuple[Connection, ...]:
        """Those that lead to Microsoft."""
        return (*self.managed, *self.own)

    def find(self, wanted: str) -> Connection | None:
        """By id, or by name in any case."""
        for connection in self.all:
            if wanted == connection.id or wanted.casefold() == connection.name.casefold():
                return connection
        return None

    def to_open(self) -> Connection | None:
        """The one opened last; the first one when none was; None when none is set up."""
        last = self.find(self.last) if self.last else None
        return last or next(iter(self.real), None)

    def new_id(self, name: str) -> str:
        """An id like the name, which no other connection has."""
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "connection"
        taken = {connection.id for connection in self.all} | _NOT_IDS
        number, made = 1, base
        while made in taken:
            number += 1
            made = f"{base}-{number}"
        return made

    def put(self, connection: Connection) -> None:
        """Adds a connection, or replaces the one with its id. Raises OSError when the file cannot
        be written; the list is then as it was before."""
        before = list(self.own)
        for index, one in enumerate(self.own):
            if one.id == connection.id:
                self.own[index] = connection
                break
        else:
            self.own.append(connection)
        self._save_or_restore(before)

    def remove(self, connection_id: str) -> None:
        """Takes one of the operator's own out. Raises OSError, as `put` does."""
        before = list(self.own)
        self.own = [one for one in self.own if one.id != connection_id]
        self._save_or_restore(before)

    def opened(self, connection: Connection) -> None:
        """Remembers what to open the next time; a disk that refuses is no reason to stop work."""
        if self.last != connection.id:
            self.last = connection.id
            try:
                self.save()
            except OSError:
                return

    def save(self) -> None:
        """Writes the operator's file. Raises OSError."""
        if self.path is None:
            return
        content = {"connections": [as_entry(one) for one in self.own], "last": self.last}
        write_whole(self.path, _text(content))

    def _save_or_restore(self, before: list[Connection]) -> None:
        try:
            self.save()
        except OSError:
            self.own = before
            raise

    def export(self, connections: Iterable[Connection], path: Path) -> None:
        """Writes a file for colleagues or for an administrator's roll-out. Raises OSError."""
        content = {"connections": [as_entry(one) for one in connections]}
        write_whole(path, _text(content), mode=0o644)

    def take(self, path: Path) -> tuple[list[Connection], list[str]]:
        """Adds the connections of a file that a colleague exported; those that are there already
        are left as they are. Answers the new ones, and sentences about the rest."""
        entries, problems = read_entries(path)
        known = {_sameness(one) for one in self.all}
        added = []
        for entry in entries:
            if _sameness(entry) in known:
                problems.append(f"“{entry.name}” is here already.")
                continue
            made = replace(entry, id=self.new_id(entry.name), managed=False)
            self.put(made)
            known.add(_sameness(made))
            added.append(made)
        return added, problems


def load(profile: Profile | None) -> ConnectionBook:
    """Reads the operator's file and the machine-wide one; whatever is missing or cannot be used is
    left out, and said in `problems`. Never raises."""
    if profile is None:
        return ConnectionBook()
    book = ConnectionBook(profile.connections)
    if profile.machine is not None and profile.machine.exists():
        entries, problems = read_entries(profile.machine)
        book.managed = tuple(_with_ids(entries, book, managed=True))
        book.problems += problems
    if profile.connections.exists():
        entries, problems = read_entries(profile.connections)
        book.own = list(_with_ids(entries, book, managed=False))
        book.last = _last(profile.connections)
        if problems:
            book.problems += problems
            # The next save would lose what could not be read: the file as it was stays beside it.
            _keep_aside(profile.connections)
    return book


def read_entries(path: Path) -> tuple[list[Connection], list[str]]:
    """The connections of a file, ids as they stand there (perhaps empty), and what is wrong."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            return [], [f"{path} is too large for a file of connections."]
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return [], [f"{path} cannot be read as a file of connections."]
    entries = content.get("connections") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        return [], [f"{path} holds no list of connections."]
    found, problems = [], []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(from_entry(entry))
        except BadConnection as bad:
            problems.append(f"Entry {number} of {path.name} cannot be used: {bad}")
    return found, problems


def from_entry(entry: Any) -> Connection:
    """A connection as a file has it. Raises BadConnection, with what is wrong."""
    if not isinstance(entry, dict):
        raise BadConnection("it is not an object.")
    cloud = _choice(entry, "cloud", Cloud, Cloud.GLOBAL)
    if cloud is Cloud.PRACTICE:
        raise BadConnection("the practice directory is always there and needs no entry.")
    tenant = tenant_of(_word(entry, "tenant"), cloud)
    if not tenant:
        raise BadConnection("“tenant” is neither a tenant id nor a domain.")
    client_id = client_id_of(_word(entry, "client_id"))
    if not client_id:
        raise BadConnection("“client_id” is not an application id.")
    name = name_of(_word(entry, "name"))[:LONGEST_NAME] or tenant
    id_ = _word(entry, "id")
    return Connection(
        id=id_ if _ID.fullmatch(id_) else "",
        name=name,
        mode=_choice(entry, "mode", Mode, None),
        tenant=tenant,
        client_id=client_id,
        cloud=cloud,
        graph=_flag(entry, "graph"),
        write=_flag(entry, "write"),
        method=_choice(entry, "method", SignInMethod, SignInMethod.BROWSER),
    )


def as_entry(connection: Connection) -> dict[str, Any]:
    """A connection as the file has it."""
    entry = asdict(connection)
    for key in ("managed", "sign_in"):
        del entry[key]
    return entry


def _with_ids(
    entries: Iterable[Connection], book: ConnectionBook, *, managed: bool
) -> Iterable[Connection]:
    taken = {connection.id for connection in book.all} | _NOT_IDS
    for entry in entries:
        made = entry.id if entry.id and entry.id not in taken else ""
        number = 1
        while not made:
            wanted = book.new_id(entry.name if number == 1 else f"{entry.name} {number}")
            made = "" if wanted in taken else wanted
            number += 1
        taken.add(made)
        yield replace(entry, id=made, managed=managed)


def _sameness(connection: Connection) -> tuple[object, ...]:
    return (
        connection.mode,
        connection.tenant,
        connection.client_id,
        connection.cloud,
        connection.graph,
        connection.write,
    )


def _word(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key, "")
    return value.strip() if isinstance(value, str) else ""


def _flag(entry: Mapping[str, Any], key: str) -> bool:
    value = entry.get(key, True)
    if not isinstance(value, bool):
        raise BadConnection(f"“{key}” is neither true nor false.")
    return value


def _choice(
    entry: Mapping[str, Any], key: str, kind: type[_Choice], default: _Choice | None
) -> _Choice:
    value = entry.get(key, default)
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(f"“{one}”" for one in kind if one is not Cloud.PRACTICE)
        raise BadConnection(f"“{key}” is none of {known}.") from None


def _last(path: Path) -> str:
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig")).get("last", "")
    except (OSError, ValueError, AttributeError):
        return ""
    return value if isinstance(value, str) else ""


def _keep_aside(path: Path) -> None:
    aside = path.with_suffix(".unread.json")
    try:
        if not aside.exists():
            aside.write_bytes(path.read_bytes())
    except OSError:
        return


def _text(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
