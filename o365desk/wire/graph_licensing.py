"""Microsoft Graph v1.0: what a tenant owns, as SKUs with counters and as subscriptions.

Every builder and parser names the page it follows, all under learn.microsoft.com/graph/api.
"""

from collections.abc import Callable, Mapping

from o365desk.domain.licensing import (
    PlanId,
    ServicePlan,
    Sku,
    SkuId,
    Subscription,
    SubscriptionState,
)
from o365desk.wire.codec import Count, JsonBody, decode, moment, sku_id
from o365desk.wire.graph import Collection, follow, get
from o365desk.wire.messages import ApiRequest, ApiResponse, Page
from o365desk.wire.operations import Operation

SkuName = Callable[[SkuId, str], str]
"""Readable name of a SKU given its id and part number: Graph sends no product names."""


class _Units(JsonBody):
    enabled: Count | None = None
    suspended: Count | None = None
    warning: Count | None = None
    locked_out: Count | None = None


class Plan(JsonBody):
    """servicePlanInfo."""

    service_plan_id: str | None = None
    service_plan_name: str | None = None
    provisioning_status: str | None = None


class _Sku(JsonBody):
    sku_id: str
    sku_part_number: str | None = None
    applies_to: str | None = None
    capability_status: str | None = None
    consumed_units: Count | None = None
    prepaid_units: _Units | None = None
    service_plans: list[Plan] | None = None
    subscription_ids: list[str] | None = None


class _Skus(Collection):
    value: list[_Sku]


def subscribed_skus() -> ApiRequest:
    """subscribedsku-list: takes `$select` only, and does not page."""
    return get(Operation.LIST_SKUS, "/subscribedSkus")


def parse_subscribed_skus(
    response: ApiResponse, request: ApiRequest, name_of: SkuName
) -> Page[Sku]:
    page = decode(response.body, _Skus)
    return Page(
        tuple(_to_sku(found, name_of) for found in page.value), follow(request, page.next_link)
    )


def parse_subscribed_sku(response: ApiResponse, name_of: SkuName) -> Sku:
    """subscribedsku-get."""
    return _to_sku(decode(response.body, _Sku), name_of)


def _to_sku(found: _Sku, name_of: SkuName) -> Sku:
    """Warning units are still assignable (learn.microsoft.com/graph/api/resources/
    licenseunitsdetail), hence part of what is available."""
    id_ = sku_id(found.sku_id)
    units = found.prepaid_units or _Units()
    part_number = found.sku_part_number or ""
    active, warning, assigned = units.enabled or 0, units.warning or 0, found.consumed_units or 0
    return Sku(
        id=id_,
        part_number=part_number,
        name=name_of(id_, part_number),
        active=active,
        assigned=assigned,
        available=active + warning - assigned,
        suspended=units.suspended or 0,
        warning=warning,
        assignable=(found.applies_to or "").lower() != "company",
        status=found.capability_status or "",
        plans=tuple(
            ServicePlan(PlanId(plan.service_plan_id.lower()), plan.service_plan_name or "")
            for plan in found.service_plans or ()
            if plan.service_plan_id
        ),
        subscription_ids=tuple(found.subscription_ids or ()),
    )


class _Subscription(JsonBody):
    id: str
    commerce_subscription_id: str | None = None
    created_date_time: str | None = None
    is_trial: bool | None = None
    next_lifecycle_date_time: str | None = None
    sku_id: str | None = None
    sku_part_number: str | None = None
    status: str | None = None
    total_licenses: Count | None = None


class _Subscriptions(Collection):
    value: list[_Subscription]


_STATES: Mapping[str, SubscriptionState] = {
    "enabled": SubscriptionState.ACTIVE,
    "warning": SubscriptionState.WARNING,
    "suspended": SubscriptionState.SUSPENDED,
    # The customer cancelled it: like a suspended one it gives no seats, but is still there.
    "lockedout": SubscriptionState.SUSPENDED,
    "deleted": SubscriptionState.DELETED,
}


def subscriptions() -> ApiRequest:
    """directory-list-subscriptions."""
    return get(Operation.LIST_SUBSCRIPTIONS, "/directory/subscriptions")


def parse_subscriptions(
    response: ApiResponse, request: ApiRequest, name_of: SkuName
) -> Page[Subscription]:
    """Purchases under their commerce id, which is the one Partner Center shows."""
    page = decode(response.body, _Subscriptions)
    return Page(
        tuple(_to_subscription(found, name_of) for found in page.value),
        follow(request, page.next_link),
    )


def _to_subscription(found: _Subscription, name_of: SkuName) -> Subscription:
    sku = sku_id(found.sku_id) if found.sku_id else None
    part_number = found.sku_part_number or ""
    return Subscription(
        id=found.commerce_subscription_id or found.id,
        sku_id=sku,
        name=name_of(sku, part_number) if sku else part_number,
        state=_STATES.get((found.status or "").lower(), SubscriptionState.UNKNOWN),
        quantity=found.total_licenses or 0,
        term_end=moment(found.next_lifecycle_date_time),
        created=moment(found.created_date_time),
        trial=bool(found.is_trial),
    )
