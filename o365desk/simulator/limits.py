"""The published limits: counts every call as it arrives, and refuses what is beyond them.

`simulator.limits.enforce()` switches all on; `enforce(customer_calls=3)` changes one. Counted are
sliding windows, the strictest reading of "so many in so many seconds": a caller that no such
window refuses is not refused by a token bucket or by windows of the clock either. Refused calls
count, as both services say (learn.microsoft.com/graph/throttling,
learn.microsoft.com/partner-center/developer/api-throttling-guidance).
"""

import math
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from o365desk.simulator.messages import HttpRequest


@dataclass(frozen=True, slots=True)
class Published:
    """Amounts as published; the windows belong to them (learn.microsoft.com/graph/
    throttling-limits)."""

    customer_calls: int = 500
    """Partner Center, a minute and tenant: a customer's, or the partner's own."""
    calls: int = 2_000
    """Graph, a second and application."""
    small_units: int = 3_500
    """Resource units in 10 seconds, tenant of under 50 users."""
    medium_units: int = 5_000
    large_units: int = 8_000
    """Of more than 500 users."""
    units: int = 150_000
    """Resource units in 20 seconds and application."""
    tenant_writes: int = 3_000
    """In 150 seconds."""
    writes: int = 70_000
    """In 300 seconds and application."""
    reports: int = 5
    """In 10 seconds and tenant."""
    sign_ins: int = 10
    """Listings with signInActivity, which are reports too: a minute and application."""
    mails: int = 10_000
    """In 600 seconds and mailbox."""
    mails_at_once: int = 4
    mail_seconds: float = 0.0
    """How long the service works on one mail: for so long it is one of those at once."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A call beyond a limit."""

    retry_after: float
    scope: str = ""
    """First two parts of x-ms-throttle-scope."""
    information: str = ""
    tenant_id: str = ""


class _Window:
    """Amounts of the last so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: deque[tuple[float, int]] = deque()
        self._sum = 0
        self.total = 0

    def add(self, amount: int, now: float) -> int:
        """Counts, and says how much there is now."""
        while self._seen and self._seen[0][0] <= now - self._seconds:
            self._sum -= self._seen.popleft()[1]
        self._seen.append((now, amount))
        self._sum += amount
        self.total += amount
        return self._sum

    @property
    def used(self) -> int:
        """How much there was at the last call."""
        return self._sum

    def room(self, amount: int, limit: int, now: float) -> float:
        """Seconds until so much more is within the limit."""
        over = self._sum + amount - limit
        for when, seen in self._seen:
            over -= seen
            if over <= 0:
                return when + self._seconds - now
        return self._seconds


_UNITS = {
    "/users": 2,
    "/users/delta": 2,
    "/subscribedSkus": 3,
    "/contracts": 3,
    "/users/{id}/licenseDetails": 2,
    "/users/{id}/memberOf": 2,
    "/users/{id}/transitiveMemberOf": 2,
    "/users/{id}/memberOf/microsoft.graph.directoryRole": 2,
    "/users/{id}/transitiveMemberOf/microsoft.graph.directoryRole": 2,
    "/me/transitiveMemberOf": 2,
    "/groups/{id}/members": 3,
}
"""Reads that cost more than one resource unit, as in Microsoft's table."""

MAIL = "/me/sendMail"


def resource_units(request: HttpRequest, route: str) -> int:
    """What a call to Graph costs; batches cost what their items do."""
    units = 1
    if request.method == "GET":
        units = _UNITS.get(route, 1)
    elif route == "/directoryObjects/getByIds":
        units = 3
    for name, value in request.parameters:
        option = name.lower().lstrip("$")
        units -= option == "select" or (option == "top" and value.isdecimal() and int(value) < 20)
        units += option == "expand"
    return max(1, units)


class Limits:
    """What is counted and refused; off until `enforce`."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now`: practice time in seconds."""
        self._now = now
        self._published: Published | None = None
        self._windows: dict[tuple[str, str], _Window] = {}
        self._sending: list[float] = []
        self.beyond: Counter[str] = Counter()
        """Calls beyond each limit, by its name."""
        self.most: Counter[str] = Counter()
        """The fullest that a window of each limit ever was."""
        self.least_seconds = 0.0
        """The least time in which the limits allow what was called since `enforce`."""

    def enforce(self, published: Published | None = None, **amounts: float) -> None:
        """Switches the limits on, as published or with some amounts changed; counts anew."""
        known = published or Published()
        self._published = Published(**{**_amounts(known), **amounts})  # type: ignore[arg-type]
        self._windows.clear()
        self._sending.clear()
        self.beyond.clear()
        self.most.clear()
        self.least_seconds = 0.0

    def lift(self) -> None:
        """Switches the limits off; the counts stay."""
        self._published = None

    @property
    def mail_seconds(self) -> float:
        """How long the service works on one mail."""
        return self._published.mail_seconds if self._published else 0.0

    def partner_center(self, request: HttpRequest) -> Refused | None:
        """Counts one call of Partner Center."""
        if self._published is None:
            return None
        segments = request.segments
        customer = segments[2].lower() if len(segments) > 2 else ""
        if len(segments) < 2 or segments[1].lower() != "customers":
            customer = ""
        limit = self._published.customer_calls
        wait = self._count("customer_calls", customer, 60, 1, limit)
        return None if wait is None else Refused(max(1, round(wait)))

    def graph(
        self, request: HttpRequest, route: str, tenant_id: str, users: int
    ) -> Refused | float:
        """Counts one call of Graph, or one item of a batch: the refusal, or which part of the
        tenant's resource units is used. `users`: how many the tenant has."""
        known = self._published
        if known is None or route == "/$batch":
            return 0.0
        counts: list[tuple[str, str, float, int, int, str, str]] = [
            ("calls", "", 1, 1, known.calls, "Application/ReadWrite", "RequestLimitExceeded")
        ]
        if route == MAIL:
            counts.append(("mails", tenant_id, 600, 1, known.mails, "", ""))
            if not self._send(known):
                return Refused(math.ceil(max(1.0, known.mail_seconds)))
        else:
            units = resource_units(request, route)
            allowed = known.small_units if users < 50 else known.medium_units
            allowed = known.large_units if users > 500 else allowed
            why = "ResourceUnitLimitExceeded"
            pair = "Tenant_Application"
            counts.append(("tenant_units", tenant_id, 10, units, allowed, f"{pair}/ReadWrite", why))
            counts.append(("units", "", 20, units, known.units, "Application/ReadWrite", why))
            if request.method != "GET" and route != "/directoryObjects/getByIds":
                why = "WriteLimitExceeded"
                counts.append(
                    ("tenant_writes", tenant_id, 150, 1, known.tenant_writes, f"{pair}/Write", why)
                )
                counts.append(("writes", "", 300, 1, known.writes, "Application/Write", why))
        lists_sign_ins = "signinactivity" in request.query.lower()
        if lists_sign_ins:
            counts.append(("sign_ins", "", 60, 1, known.sign_ins, "", ""))
        if lists_sign_ins or route.lower().startswith(("/auditlogs", "/reports")):
            counts.append(("reports", tenant_id, 10, 1, known.reports, "", ""))
        refused: Refused | None = None
        for name, key, seconds, amount, limit, scope, why in counts:
            wait = self._count(name, key, seconds, amount, limit)
            if wait is not None and refused is None:
                refused = Refused(math.ceil(wait), scope, why, tenant_id)
        if refused is not None:
            return refused
        return self._part(tenant_id, counts)

    def told(self) -> dict[str, object]:
        """For /practice/limits."""
        return {
            "enforced": self._published is not None,
            "beyond": dict(self.beyond),
            "most": dict(self.most),
            "least_seconds": self.least_seconds,
        }

    def _count(self, name: str, key: str, seconds: float, amount: int, limit: int) -> float | None:
        """Seconds to wait when this was beyond the limit."""
        now = self._now()
        window = self._windows.setdefault((name, key), _Window(seconds))
        used = window.add(amount, now)
        self.most[name] = max(self.most[name], used)
        windows = math.ceil(window.total / limit) if limit else 1
        self.least_seconds = max(self.least_seconds, (windows - 1) * seconds)
        if used <= limit:
            return None
        self.beyond[name] += 1
        return window.room(0, limit, now)

    def _part(
        self, tenant_id: str, counts: list[tuple[str, str, float, int, int, str, str]]
    ) -> float:
        for name, _, _, _, limit, _, _ in counts:
            if name == "tenant_units":
                return min(1.8, self._windows[name, tenant_id].used / limit)
        return 0.0

    def _send(self, known: Published) -> bool:
        now = self._now()
        self._sending = [ends for ends in self._sending if ends > now]
        self._sending.append(now + known.mail_seconds)
        self.most["mails_at_once"] = max(self.most["mails_at_once"], len(self._sending))
        if len(self._sending) <= known.mails_at_once:
            return True
        self._sending.pop()
        self.beyond["mails_at_once"] += 1
        return False


def _amounts(published: Published) -> dict[str, float]:
    return {name: getattr(published, name) for name in Published.__slots__}
