"""Error bodies of both services, their gateways and strangers, read into one shape."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from o365desk.wire.messages import ApiResponse

_LONGEST_ERROR_BODY = 1 << 20
_SAFE_ID = re.compile(r"[A-Za-z0-9._{}-]{1,100}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What an error body says. Its text is compared and never shown."""

    code: str = ""
    codes: tuple[str, ...] = ()
    """`code`, then those of the inner error and the details."""
    targets: tuple[str, ...] = ()
    text: str = ""
    request_id: str = ""
    correlation_id: str = ""


def is_page(response: ApiResponse) -> bool:
    """HTML where only JSON (or a bare number) is ever sent."""
    kind = response.headers.get("content-type", "")
    return bool(response.body) and (
        "html" in kind.lower() or response.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
    )


def read_error(response: ApiResponse) -> Reply:
    """What an error answer says; empty where it says nothing readable. Never raises.

    learn.microsoft.com/graph/errors, learn.microsoft.com/partner-center/developer/error-codes
    """
    if len(response.body) > _LONGEST_ERROR_BODY:
        return Reply()
    if is_page(response):
        return Reply()
    value = json_value(response.body.decode("utf-8-sig", "replace"))
    if not isinstance(value, dict):
        return Reply()
    error = value.get("error")
    return _read_graph(error) if isinstance(error, dict) else _read_partner_center(value)


def _read_graph(error: Mapping[str, Any]) -> Reply:
    spellings = (error.get("innerError"), error.get("innererror"))
    inner: Mapping[str, Any] = next((each for each in spellings if isinstance(each, dict)), {})
    items = objects(error.get("details"))
    codes = [_word(error.get("code")), _word(inner.get("code"))]
    codes += [_word(item.get("code")) for item in items]
    texts = [error.get("message"), inner.get("message"), *(item.get("message") for item in items)]
    return Reply(
        code=codes[0],
        codes=tuple(codes),
        targets=tuple(str(item.get("target", "")).lower() for item in items),
        text=_plain(texts),
        request_id=safe_id(inner.get("request-id")),
        correlation_id=safe_id(inner.get("client-request-id")),
    )


def _read_partner_center(value: Mapping[str, Any]) -> Reply:
    """The service's own shape and that of the gateway before it (statusCode, message)."""
    code = _word(value.get("code"))
    codes = [code]
    texts: list[Any] = [
        value.get("description"),
        value.get("message"),
        *_strings(value.get("data")),
    ]
    # Some descriptions are JSON in a string, with a code and a reason of their own.
    nested = json_value(value["description"]) if _is_json_text(value.get("description")) else None
    if isinstance(nested, dict):
        codes.append(_word(nested.get("code")))
        texts += _strings(nested)
    return Reply(code=code, codes=tuple(codes), text=_plain(texts))


def json_value(text: str) -> Any:
    """`text` as JSON; None when it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list; none when it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_json_text(value: object) -> bool:
    return isinstance(value, str) and value.lstrip().startswith("{")


def _strings(value: Any, depth: int = 4) -> Iterator[str]:
    """All texts inside a JSON value, a few levels deep."""
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner, depth - 1)
    elif depth and isinstance(value, list):
        for inner in value:
            yield from _strings(inner, depth - 1)


def _plain(texts: list[Any]) -> str:
    """Comparable text: entities resolved, lower case, single blanks."""
    joined = " ".join(text for text in texts if isinstance(text, str))
    return " ".join(html.unescape(joined).lower().replace("\u2019", "'").split())


def _word(value: object) -> str:
    """A code as text: documented as a string, sent as a number by Partner Center. Anything that
    does not look like a code could be a text with a name in it, and is dropped."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return safe_id(str(value) if isinstance(value, str) or -(10**9) < value < 10**9 else "")


def safe_id(*candidates: object) -> str:
    """The first that looks like an id or a code; anything else could hold a name."""
    for candidate in candidates:
        if isinstance(candidate, str) and _SAFE_ID.fullmatch(candidate.strip()):
            return candidate.strip()
    return ""
