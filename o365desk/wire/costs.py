"""What a request costs in each of Microsoft's published limits, batch items counted singly.

learn.microsoft.com/graph/throttling-limits (identity and access, Outlook, reports),
learn.microsoft.com/partner-center/developer/api-throttling-guidance
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

import msgspec

from o365desk.domain.access import Service
from o365desk.wire.messages import ApiRequest

_BASE = {
    ("GET", "applications"): 2,
    ("GET", "contracts"): 3,
    ("GET", "domains", "*", "domainnamereferences"): 4,
    ("GET", "groups", "*", "members"): 3,
    ("GET", "groups", "*", "transitivemembers"): 5,
    ("GET", "oauth2permissiongrants"): 2,
    ("GET", "serviceprincipals", "*", "approleassignments"): 2,
    ("GET", "subscribedskus"): 3,
    ("GET", "users"): 2,
    ("GET", "users", "delta"): 2,
    ("GET", "users", "*", "licensedetails"): 2,
    ("GET", "users", "*", "memberof"): 2,
    ("GET", "users", "*", "ownedobjects"): 2,
    ("GET", "users", "*", "transitivememberof"): 2,
}
"""Resource units where they are not 1. `me` stands for a user; the delta function is not in
Microsoft's table and counted as the list it belongs to."""

_READING_POSTS = {
    ("directoryobjects", "getbyids"): 3,
    ("users", "*", "checkmembergroups"): 4,
    ("users", "*", "checkmemberobjects"): 4,
    ("users", "*", "getmembergroups"): 2,
    ("users", "*", "getmemberobjects"): 2,
}
"""Posts that change nothing: no write is counted for them."""

_REPORTS = frozenset({"auditlogs", "reports"})
_SMALL_PAGE = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request takes out of the limits of its service."""

    requests: int = 1
    """Calls that the service counts: more than one for a batch."""
    units: int = 0
    """Graph's resource units of identity and access."""
    writes: int = 0
    reports: int = 0
    sign_ins: int = 0
    """Listings of users with signInActivity."""
    mails: int = 0
    mailbox: str = ""
    """Who sends the mails: a user's id, or "me"."""
    customer: str = ""
    """Partner Center: the customer that the call is counted for; empty: the partner itself."""


class _Item(msgspec.Struct):
    method: str = "GET"
    url: str = "/"


class _Items(msgspec.Struct):
    requests: list[_Item]


def cost_of(request: ApiRequest) -> Cost:
    """The cost of a request, never less than Microsoft's table says. Never raises: a batch whose
    body cannot be read costs as much as the largest one."""
    if request.service is Service.PARTNER_CENTER:
        return Cost(customer=_customer(request.path))
    path, _, inner = _relative(request.path).partition("?")
    if path.lower() == "/$batch":
        return _batch(request.body or b"")
    query = [f"{name}={value}" for name, value in request.query]
    return _single(request.method, path, [*inner.split("&"), *query])


def _single(method: str, path: str, query: Iterable[str]) -> Cost:
    parts = [part for part in path.lower().split("/") if part]
    if parts[:1] == ["me"]:
        parts[:1] = ["users", "me"]
    if parts[:1] == ["users"] and parts[-1] == "sendmail":
        return Cost(mails=1, mailbox=parts[1])
    if parts and parts[0] in _REPORTS:
        return Cost(units=1, reports=1)
    pattern = _pattern(parts)
    write = method not in {"GET", "HEAD"}
    base = _BASE.get((method, *pattern), 1)
    if write and pattern in _READING_POSTS:
        write, base = False, _READING_POSTS[pattern]
    options = [unquote(option).lower().partition("=") for option in query]
    units = max(1, base + _options(options))
    listed = int(any(n == "$select" and "signinactivity" in value for n, _, value in options))
    return Cost(units=units, writes=int(write), reports=listed, sign_ins=listed)


def _pattern(parts: list[str]) -> tuple[str, ...]:
    """The path with its id replaced, and without what only narrows the last collection."""
    collection = tuple(part.removesuffix("()") for part in parts[:3])
    if len(collection) == 3:
        return collection[0], "*", collection[2]
    return collection


def _options(options: Iterable[tuple[str, str, str]]) -> int:
    change = 0
    for name, _, value in options:
        match name:
            case "$select":
                change -= 1
            case "$expand":
                change += 1
            case "$top" if value.isdecimal() and int(value) < _SMALL_PAGE:
                change -= 1
    return change


def _batch(body: bytes) -> Cost:
    try:
        items = msgspec.json.decode(body, type=_Items).requests
    except msgspec.MsgspecError:
        items = [_Item("POST")] * _SMALL_PAGE
    costs = [
        _single(item.method.upper(), path, query.split("&"))
        for item in items
        for path, _, query in [item.url.partition("?")]
    ]
    return Cost(
        requests=max(1, len(costs)),
        units=sum(cost.units for cost in costs),
        writes=sum(cost.writes for cost in costs),
        reports=sum(cost.reports for cost in costs),
        sign_ins=sum(cost.sign_ins for cost in costs),
        mails=sum(cost.mails for cost in costs),
        mailbox=next((cost.mailbox for cost in costs if cost.mails), ""),
    )


def _customer(path: str) -> str:
    parts = _relative(path).partition("?")[0].lower().split("/")
    return parts[2] if len(parts) > 2 and parts[1] == "customers" else ""


def _relative(path: str) -> str:
    """The path behind the version, for links that come as whole addresses too."""
    if path.startswith("/"):
        return path
    rest = path.partition("://")[2].partition("/")[2]
    return "/" + rest.partition("/")[2]
