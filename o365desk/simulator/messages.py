"""The plain HTTP request and response values that both carriers (transport, server) adapt to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass(slots=False, frozen=True)
class HttpRequest:
    """One request as it came off the wire; header names are lower case."""

    method: str
    path: str
    """Raw path, still percent-encoded, so that an encoded slash cannot split a segment."""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    scheme: str = "https"
    host: str = "graph.microsoft.com"

    @property
    def base(self) -> str:
        """Scheme and host as the client called them: next links must point there."""
        return f"{self.scheme}://{self.host}"

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """Decoded path segments."""
        return tuple(unquote(part) for part in self.path.split("/") if part)

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """Decoded query parameters in order, repeated ones included."""
        return parse_qsl(self.query, keep_blank_values=True)

    def header(self, name: str) -> str:
        """A header's value, empty when absent."""
        return self.headers.get(name.lower(), "")

    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is none."""
        return json.loads(self.body.decode("utf-8-sig"))


@dataclass(slots=True)
class HttpResponse:
    """One answer, and what the carrier shall do to it on the way."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    delay: float = 0.0
    """Seconds the carrier waits before the first byte."""
    cut: bool = False
    """The carrier closes the connection and sends nothing at all."""
    sent: int | None = None
    """Bytes of the body really sent before the connection closes; Content-Length tells all."""

    def header(self, name: str) -> str:
        """First value of a header, empty when absent."""
        low = name.lower()
        return next((value for key, value in self.headers if key.lower() == low), "")

    def json(self) -> Any:
        """The body as JSON, with or without a byte order mark."""
        return json.loads(self.body.decode("utf-8-sig"))


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def http_date(moment: datetime) -> str:
    """A Date header's value; the standard library's way costs 9 ms of imports at the start."""
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02d} {month} {moment.year} {moment:%H:%M:%S} GMT"


def dump(value: object) -> bytes:
    """JSON as the services print it: no blanks, characters unescaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
