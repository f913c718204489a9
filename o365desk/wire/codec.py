"""The JSON edge: bodies to typed values and back, and the small conversions both services need."""

import re
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import quote

import msgspec

from o365desk.domain.errors import Conflict, DeskError, Refusal, UnexpectedReply
from o365desk.domain.licensing import SkuId

T = TypeVar("T")

Count = Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)]
"""A number of units. Bounded: what is beyond is no counter, and Qt's integers would overflow."""

_BOM = b"\xef\xbb\xbf"
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?"
)


class JsonBody(msgspec.Struct, rename="camel", gc=False):
    """Base of all answer shapes: camelCase names, unknown members ignored."""


@cache
def _decoder(shape: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


def decode(body: bytes, shape: type[T]) -> T:
    """`body` as `shape`, whatever bytes arrive: raises UnexpectedReply and nothing else.

    Several published Partner Center answers begin with a byte order mark
    (learn.microsoft.com/partner-center/developer/get-a-user-account-by-id).
    """
    if body.startswith(_BOM):
        body = body[3:]
    try:
        decoded: T = _decoder(cast(Hashable, shape)).decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        # ValueError: bytes that are not UTF-8, and numbers of thousands of digits. The text of the
        # error is left out because it may quote the body.
        raise unexpected(type(error).__name__) from None
    return decoded


def unexpected(what: str) -> DeskError:
    """The error for an answer that is not what Microsoft documents."""
    return UnexpectedReply(
        "Microsoft's answer could not be understood.",
        next_step="Try again; if it stays, report it with the details below.",
        code=what,
    )


def encode(value: Any) -> bytes:
    """A request body; refuses text that no encoding can carry (half of a surrogate pair)."""
    try:
        return msgspec.json.encode(value)
    except UnicodeError:
        raise Conflict(
            "One of the texts holds a character that cannot be sent.", refusal=Refusal.OUR_REQUEST
        ) from None


def sku_id(text: str) -> SkuId:
    """A GUID in lower case; part numbers of licence group 2 ("CFQ7TTC0K5DR/0002") as they are."""
    return SkuId(text.lower() if is_guid(text) else text)


def is_guid(text: str) -> bool:
    return _GUID.fullmatch(text) is not None


def segment(text: str) -> str:
    """One segment of a path, so that an id can never lead to another address."""
    return quote(text, safe="")


def moment(text: str | None) -> datetime | None:
    """A date of either service in UTC; None for none, for nonsense and for .NET's year 1.

    Both send 0 to 7 decimals; published Partner Center answers hold stray blanks
    (learn.microsoft.com/partner-center/developer/get-all-of-a-customer-s-subscriptions).
    """
    match = _TIME.fullmatch("".join(text.split())) if text else None
    if match is None:
        return None
    year, month, day, hour, minute, second, decimals, _, sign, hours, minutes = match.groups()
    micros = int((decimals or "")[:6].ljust(6, "0"))
    zone = UTC
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        if offset >= timedelta(days=1):
            return None
        zone = timezone(offset if sign == "+" else -offset)
    try:
        when = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micros, zone
        )
        return when.astimezone(UTC) if int(year) > 1 else None
    except (ValueError, OverflowError):
        return None
