"""The program's own log: JSON lines of known fields, in rotating files that only their owner reads.

Nothing free-form gets in. Every field of an event has a rule that its value must fit, so a name,
a mail address or a token has no place to stand; what looks like one all the same ends the record.
Ids of customers stay: without them no throttling and no refusal can be told apart, and they name
an organization, never a person. The log of any other library does not come here.
"""

import json
import logging
import logging.handlers
import os
import queue
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from o365desk.domain import errors
from o365desk.domain.access import Service, SignInNeed
from o365desk.domain.connections import Cloud, Mode, SignInMethod
from o365desk.domain.directory import utc_now
from o365desk.wire.operations import Operation

if TYPE_CHECKING:  # what calls are made of is loaded when one is written down
    from o365desk.wire.call_record import CallRecord

FILE = "o365desk.log"
FILE_BYTES = 1_000_000
OLD_FILES = 4
RECENT = 200
"""Records kept in memory, for support and for crash reports."""

Value = str | int | float | bool
Rule = Callable[[Value], bool]


class Event(StrEnum):
    """What is written down."""

    START = "start"
    END = "end"
    CALL = "call"
    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    SWEEP = "sweep"
    CHECK = "check"
    BUG = "bug"


def _one_of(*words: str) -> Rule:
    known = frozenset(words)
    return lambda value: value in known


def _like(pattern: str) -> Rule:
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value))


def _number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e12


def _flag(value: Value) -> bool:
    return isinstance(value, bool)


def _guid(value: Value) -> bool:
    from o365desk.wire.call_record import GUID

    return isinstance(value, str) and bool(GUID.fullmatch(value))


def _path(value: Value) -> bool:
    from o365desk.wire.call_record import path_template

    return isinstance(value, str) and value == path_template(value)


def _trouble(value: Value) -> bool:
    from o365desk.wire.faults import Break

    return value in frozenset(Break)


def _throttle_reason(value: Value) -> bool:
    from o365desk.wire.call_record import THROTTLE_REASONS

    return value in THROTTLE_REASONS


_ERRORS = tuple(
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.DeskError)
)
_OUTCOME = _one_of("ok", "cancelled", *_ERRORS, *(f"retry after {name}" for name in _ERRORS))
_SYSTEM = _like(r"[A-Za-z0-9._+-]{1,40}( [A-Za-z0-9._+-]{1,40})?")

SCHEMA: Mapping[Event, Mapping[str, Rule]] = {
    Event.START: {
        "version": _like(r"\d+\.\d+\.\d+[a-z0-9.+]*"),
        "system": _SYSTEM,
        "python": _like(r"\d+\.\d+\.\d+\S{0,8}"),
        "qt": _like(r"\d+\.\d+\.\d+"),
        "mode": _one_of(*Mode),
        "cloud": _one_of(*Cloud),
        "method": _one_of(*SignInMethod),
        "graph": _flag,
        "write": _flag,
    },
    Event.END: {"status": _number},
    Event.CALL: {
        "service": _one_of(*Service),
        "operation": _one_of(*Operation),
        "method": _one_of("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"),
        "path": _path,
        "tenant": _guid,
        "attempt": _number,
        "milliseconds": _number,
        "status": _number,
        "outcome": _OUTCOME,
        "trouble": _trouble,
        "code": _like(r"[A-Za-z0-9_.]{1,80}"),
        "request_id": _guid,
        "correlation_id": _guid,
        "throttle_percent": _number,
        "resource_units": _number,
        "throttle_reason": _throttle_reason,
        "retry_after": _number,
    },
    Event.SIGN_IN: {
        "service": _one_of(*Service),
        "method": _one_of(*SignInMethod),
        "silent": _flag,
        "outcome": _OUTCOME,
        "code": _like(r"AADSTS\d{2,8}"),
        "request_id": _guid,
        "correlation_id": _guid,
        "milliseconds": _number,
    },
    Event.SIGN_OUT: {"outcome": _OUTCOME},
    Event.SWEEP: {
        "tenants": _number,
        "failed": _number,
        "milliseconds": _number,
        "outcome": _OUTCOME,
    },
    Event.CHECK: {
        "good": _number,
        "warnings": _number,
        "failed": _number,
        "skipped": _number,
    },
    Event.BUG: {"type": _like(r"[A-Za-z_][A-Za-z0-9_]{0,60}")},
}
"""The fields of each event, each with what its value must be."""

_LONGEST = 64
"""Characters of a value; a token is longer."""
_FORBIDDEN = re.compile(r"@|%40|[eE][yY]J|[bB]earer")
"""A mail address, a username, the start of a token."""


def _suspect(record: Mapping[str, Value], line: str) -> bool:
    """A finished record that must not be written: some rule above was too wide."""
    return (
        not (line.isascii() and line.isprintable())  # a name in any other script
        or _FORBIDDEN.search(line) is not None
        or any(isinstance(value, str) and len(value) >= _LONGEST for value in record.values())
    )


class DeskLog:
    """Takes records on any thread and writes them on one of its own. Call `close` at the end."""

    def __init__(self, folder: Path | None = None, now: Callable[[], datetime] = utc_now) -> None:
        """`folder`: made when first written to; None keeps the recent records in memory only."""
        self.folder = folder
        self._now = now
        self._recent: deque[dict[str, Value]] = deque(maxlen=RECENT)
        self._failures: deque[dict[str, Value]] = deque(maxlen=50)
        # Made by hand: a logger that has a name can be found and written to by anybody.
        self._logger = logging.Logger("o365desk", logging.INFO)  # noqa: LOG001
        self._listener: logging.handlers.QueueListener | None = None
        if folder is not None:
            lines: queue.SimpleQueue[Any] = queue.SimpleQueue()
            self._logger.addHandler(logging.handlers.QueueHandler(lines))
            self._listener = logging.handlers.QueueListener(lines, _PrivateFiles(folder / FILE))
            self._listener.start()

    def call(self, record: "CallRecord") -> None:
        """One attempt at one call."""
        values = {one.name: getattr(record, one.name) for one in fields(record)}
        kept = self._write(Event.CALL, values, values.pop("at"))
        if kept and record.failed:
            self._failures.append(kept)

    def refusal(
        self, method: SignInMethod, need: SignInNeed, error: errors.DeskError, *, silent: bool
    ) -> None:
        """A token that could not be had; `silent`: without asking the operator."""
        values: dict[str, Value] = {
            "service": need.service,
            "method": method,
            "silent": silent,
            "outcome": type(error).__name__,
            "code": error.code,
            "request_id": error.request_id,
            "correlation_id": error.correlation_id,
        }
        kept = self._write(Event.SIGN_IN, values, self._now())
        if kept:
            self._failures.append(kept)

    def event(self, event: Event, **values: Value) -> None:
        """Anything else; fields that the schema does not know, or whose value does not fit, are
        left out."""
        self._write(event, values, self._now())

    @property
    def recent(self) -> tuple[Mapping[str, Value], ...]:
        """The latest records, oldest first: as they were written, and no more."""
        return tuple(self._recent)

    def for_support(self) -> str:
        """Ids and times of the latest calls and sign-ins that failed, newest first; empty without
        any."""
        return "\n".join(_support_line(one) for one in reversed(self._failures))

    def close(self) -> None:
        """Waits until everything is on the disk. Blocks: call it off the event loop."""
        if self._listener is not None:
            self._listener.stop()
            for handler in self._listener.handlers:
                handler.close()
            self._listener = None
        self._logger.handlers.clear()

    def _write(
        self, event: Event, values: Mapping[str, Value], at: datetime
    ) -> dict[str, Value] | None:
        rules = SCHEMA[event]
        record: dict[str, Value] = {
            "at": at.isoformat(timespec="milliseconds"),
            "event": event.value,
        }
        for name, value in values.items():
            if name in rules and value not in ("", None) and rules[name](value):
                record[name] = value.value if isinstance(value, StrEnum) else value
        line = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
        if _suspect(record, line):
            return None
        self._recent.append(record)
        self._logger.info("%s", line)
        return record


class _PrivateFiles(logging.handlers.RotatingFileHandler):
    """Rotating files with mode 0600; a disk that refuses is no reason to stop work, nor one to
    print a record elsewhere."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path, maxBytes=FILE_BYTES, backupCount=OLD_FILES, encoding="ascii", delay=True
        )

    def _open(self) -> IO[Any]:  # type: ignore[override]
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=_private)

    def handleError(self, record: logging.LogRecord) -> None:
        return


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _support_line(record: Mapping[str, Value]) -> str:
    parts = [str(record["at"]), f"{record.get('service')} {record.get('operation', 'sign-in')}"]
    if record.get("status"):
        parts.append(f"HTTP {record['status']}")
    names = ("code", "trouble", "request_id", "correlation_id", "tenant")
    parts += [f"{name.replace('_', '-')} {record[name]}" for name in names if name in record]
    return ", ".join(parts)
