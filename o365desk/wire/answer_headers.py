"""Answer headers that take some reading: how long to wait, and what a new token must claim."""

import base64
import binascii
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

LONGEST_WAIT = 3600.0
"""Seconds. A longer wish (a year, a wrong clock) is cut to this: no caller waits that long, but
the operator is told the truth as far as it makes sense."""

_SECONDS = re.compile(r"\+?\d{1,18}(?:\.\d*)?|\.\d+")
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = re.compile(rf'({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_SCHEME = re.compile(rf"({_TOKEN})(?=[\s,]|$)")
_LONGEST_HEADER = 65_536


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait, from a Retry-After header; None when it is missing or makes no sense.

    Takes whole seconds, decimals (Graph's throttling page prints 2.128) and HTTP dates, of which
    one in the past means 0. `now` is the time of the answer, in UTC.
    learn.microsoft.com/graph/throttling, RFC 9110 section 10.2.3.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_WAIT)
    if not any(character.isalpha() for character in text):
        return None
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        wait = (moment - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(0.0, wait), LONGEST_WAIT) if math.isfinite(wait) else None


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge of a WWW-Authenticate header; parameter names are lower case."""

    scheme: str
    parameters: Mapping[str, str]


def challenges(header: str) -> tuple[Challenge, ...]:
    """The challenges of a WWW-Authenticate header, however many and in whatever order.

    Never raises: what cannot be read is skipped. RFC 9110 section 11.6.1.
    """
    found: list[tuple[str, dict[str, str]]] = []
    header = header[:_LONGEST_HEADER]
    position = 0
    while position < len(header):
        parameter = _PARAMETER.match(header, position)
        if parameter is not None:
            name, quoted, bare = parameter.groups()
            text = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
            if found:
                found[-1][1].setdefault(name.lower(), text)
            position = parameter.end()
            continue
        scheme = _SCHEME.match(header, position)
        if scheme is not None:
            found.append((scheme[1].lower(), {}))
            position = scheme.end()
            continue
        position += 1
    return tuple(Challenge(scheme, parameters) for scheme, parameters in found)


def claims_challenge(headers: Mapping[str, str]) -> str:
    """The claims a new token must satisfy, as JSON text; empty when nothing (sane) is asked.

    learn.microsoft.com/entra/identity-platform/claims-challenge: `claims` is base64url, its
    padding may be missing, and the challenge may be one of several.
    """
    bearer = [
        challenge.parameters
        for challenge in challenges(headers.get("www-authenticate", ""))
        if challenge.scheme == "bearer" and challenge.parameters.get("claims")
    ]
    bearer.sort(key=lambda parameters: parameters.get("error") != "insufficient_claims")
    for parameters in bearer:
        claims = _decoded(parameters["claims"])
        if claims:
            return claims
    return ""


def _decoded(claims: str) -> str:
    """JSON text of an object, or empty."""
    if not claims.lstrip().startswith("{"):
        raw = claims.strip().rstrip("=").translate(str.maketrans("+/", "-_"))
        try:
            claims = base64.b64decode(
                raw + "=" * (-len(raw) % 4), altchars=b"-_", validate=True
            ).decode()
        except (binascii.Error, ValueError):
            return ""
    try:
        value = msgspec.json.decode(claims)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    return claims if isinstance(value, dict) else ""
