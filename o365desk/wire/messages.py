"""Requests and responses as plain values, between the parsers and the one client that sends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from o365desk.domain.access import Access, Service

T = TypeVar("T")


class Safety(StrEnum):
    """Whether a request may be sent again when nobody knows what became of it."""

    READ = "read"
    """Changes nothing: repeatable after any fault of the connection."""
    WRITE = "write"
    """Repeatable only after an answer that says it was not processed: 429, 503 + Retry-After."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One call to a service.

    `path` is relative to the service's base and starts with a slash ("/users"), or, for Graph's
    opaque next links, an absolute URL whose host the client checks before it sends a token.
    """

    service: Service
    method: str
    path: str
    operation: str
    """Microsoft's name of the operation ("assignLicense"), by which refusals are explained."""
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)
    """JSON; kept out of repr because it may hold a password or a name."""
    safety: Safety = Safety.READ
    access: Access = Access.DIRECTORY
    """Which permission the token must carry."""


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """One answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a collection, and the request for the next one (None: this was the last)."""

    items: tuple[T, ...]
    next: ApiRequest | None = None
