"""The limits that Microsoft publishes, as the budgets that each request meets.

learn.microsoft.com/graph/throttling-limits,
learn.microsoft.com/partner-center/developer/customer-resources (500 requests a minute)
"""

import math
from collections.abc import Iterator, Mapping

from o365desk.domain.access import Service
from o365desk.domain.directory import TenantId
from o365desk.services.budgets import Budget, Limit
from o365desk.services.waiters import Line
from o365desk.wire.costs import Cost, cost_of
from o365desk.wire.messages import ApiRequest

_GRAPH_CALLS = Limit(2_000, 1, "limit of 2,000 requests a second")
_GRAPH_UNITS = Limit(150_000, 20, "limit of 150,000 resource units in 20 seconds")
_GRAPH_WRITES = Limit(70_000, 300, "limit of 70,000 changes in 5 minutes")
_TENANT_WRITES = Limit(3_000, 150, "limit of 3,000 changes in 150 seconds for this customer")
_REPORTS = Limit(5, 10, "limit of 5 reports in 10 seconds for this customer")
_SIGN_INS = Limit(10, 60, "limit of 10 readings of last sign-ins a minute")
"""Of all tenants together: the same number as for each, so the stricter one."""

_MAILS = Limit(10_000, 600, "limit of 10,000 mails in 10 minutes")
_MAILS_AT_ONCE = Limit(4, 0, "limit of 4 mails at once")
_CUSTOMER_CALLS = Limit(500, 60, "limit of 500 requests a minute for this customer")
_PARTNER_CALLS = Limit(500, 60, "limit of 500 requests a minute")
_PARTNER_CENTER = Limit(math.inf, 60)
"""Partner Center as a whole publishes no limit, but may ask for a pause."""

_SIZES = tuple(
    (users, Limit(units, 10, f"limit of {units:,} resource units in 10 seconds for this customer"))
    for users, units in ((0, 3_500), (50, 5_000), (500, 8_000))
)
"""Resource units of a tenant with more than so many users
(learn.microsoft.com/graph/throttling-limits)."""

Costs = tuple[tuple[Budget, int], ...]
"""The budgets that a request meets, and what it takes out of each. The first is the narrowest:
the one that most refusals mean. The second is the whole service."""


class Budgets:
    """All budgets of one program, made when first needed."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Budget] = {}
        self._refused: dict[Budget, Budget] = {}
        """Per partner, the customer for whom Partner Center asked for a pause last."""

    def __iter__(self) -> Iterator[Budget]:
        return iter(self._known.values())

    def of(self, request: ApiRequest, app: str, tenant: TenantId | None) -> Costs:
        """`tenant`: whose token the request carries; `app`: whose limits count."""
        cost = cost_of(request)
        if request.service is Service.GRAPH:
            return self._graph(cost, app, tenant)
        return self._partner_center(cost, app, tenant)

    def larger(self, app: str, tenant: TenantId | None, users: int) -> Budget | None:
        """A tenant has at least so many users: its resource units, if that is news to them."""
        units = self._known.get(("units", app, tenant, ""))
        limit = next((limit for most, limit in reversed(_SIZES) if users > most), _SIZES[0][1])
        if units is None or limit.amount <= units.limit.amount:
            return None
        units.limit = limit
        return units

    def meant(self, costs: Costs, answer: Mapping[str, str], now: float) -> list[Budget]:
        """Whom a refusal holds back, from its headers.

        Without x-ms-throttle-scope Graph means the tenant. Partner Center counts some things per
        customer and others per partner and does not say which: it is left alone for the customer,
        and altogether once a second customer is refused meanwhile.
        """
        first, whole = costs[0][0], costs[1][0]
        if first.service is Service.PARTNER_CENTER:
            before = self._refused.get(whole, first)
            self._refused[whole] = first
            another = before is not first and before.held_until > now
            return [whole] if another or first.tenant is None else [first]
        scope, _, rest = answer.get("x-ms-throttle-scope", "").lower().partition("/")
        if scope == "application":
            return [whole]
        narrow = (_TENANT_WRITES,) if rest.startswith("write/") else (_MAILS, _SIGN_INS, _REPORTS)
        return [budget for budget, _ in costs if budget.limit in narrow][:1] or [first]

    def _graph(self, cost: Cost, app: str, tenant: TenantId | None) -> Costs:
        def of(name: str, limit: Limit, whose: TenantId | None = tenant, more: str = "") -> Budget:
            return self._budget((name, app, whose, more), Service.GRAPH, whose, limit)

        costs = [
            (of("units", _SIZES[0][1]), cost.units),
            (of("calls", _GRAPH_CALLS, None), cost.requests),
        ]
        if cost.units:
            costs.append((of("all units", _GRAPH_UNITS, None), cost.units))
        if cost.writes:
            costs.append((of("writes", _TENANT_WRITES), cost.writes))
            costs.append((of("all writes", _GRAPH_WRITES, None), cost.writes))
        if cost.sign_ins:
            costs.append((of("sign-ins", _SIGN_INS, None), cost.sign_ins))
        if cost.reports:
            costs.append((of("reports", _REPORTS), cost.reports))
        if cost.mails:
            costs.append((of("mails", _MAILS, more=cost.mailbox), cost.mails))
            costs.append((of("mails at once", _MAILS_AT_ONCE, more=cost.mailbox), cost.mails))
        return tuple(costs)

    def _partner_center(self, cost: Cost, app: str, tenant: TenantId | None) -> Costs:
        customer = TenantId(cost.customer) if cost.customer else None
        limit = _CUSTOMER_CALLS if customer else _PARTNER_CALLS
        service = Service.PARTNER_CENTER
        return (
            (self._budget((service, app, tenant, customer), service, customer, limit), 1),
            (self._budget((service, app, tenant), service, None, _PARTNER_CENTER), 1),
        )

    def _budget(
        self, key: tuple[object, ...], service: Service, tenant: TenantId | None, limit: Limit
    ) -> Budget:
        budget = self._known.get(key)
        if budget is None:
            budget = self._known[key] = Budget(service, tenant, limit, Line())
        return budget
