"""Partner Center v1: paging, customers, and what a customer owns.

Every builder and parser names the page it follows, all under
learn.microsoft.com/partner-center/developer.
"""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from o365desk.domain.access import Service
from o365desk.domain.directory import Domain, Tenant, TenantId
from o365desk.domain.licensing import (
    PlanId,
    ServicePlan,
    Sku,
    SkuId,
    Subscription,
    SubscriptionState,
)
from o365desk.wire.codec import (
    Count,
    JsonBody,
    decode,
    encode,
    moment,
    segment,
    sku_id,
    unexpected,
)
from o365desk.wire.messages import ApiRequest, ApiResponse, Page, Safety
from o365desk.wire.operations import Operation

PAGE = ("size", "500")
LICENSE_GROUPS = (("licenseGroupIds", "Group1"), ("licenseGroupIds", "Group2"))
"""Without these only group 1 is listed (get-a-list-of-available-licenses-by-license-group)."""

JSON = (("content-type", "application/json"),)

_SEPARATOR = re.compile(r"[&?](?=[\w.$-]+=)")
_NO_SKU = "00000000-0000-0000-0000-000000000000"


def get(operation: Operation, path: str, *query: tuple[str, str]) -> ApiRequest:
    return ApiRequest(Service.PARTNER_CENTER, "GET", path, operation, query)


def write(operation: Operation, method: str, path: str, body: Any = None) -> ApiRequest:
    """A request that changes something; never repeated when its outcome is unknown."""
    content = None if body is None else encode(body)
    headers = () if body is None else JSON
    return ApiRequest(
        Service.PARTNER_CENTER, method, path, operation, (), headers, content, safety=Safety.WRITE
    )


def customer_path(tenant: TenantId) -> str:
    return f"/customers/{segment(tenant)}"


# ---- paging ----------------------------------------------------------------------------------


class _Header(JsonBody):
    key: str
    value: str | None = None


class _Link(JsonBody):
    uri: str | None = None
    method: str | None = None
    headers: list[_Header] | None = None


class _Links(JsonBody):
    next: _Link | None = None


class Collection(JsonBody, kw_only=True):
    """What all collections share. totalCount stays unread: published ones are wrong."""

    links: _Links | None = None


def follow(request: ApiRequest, page: Collection) -> ApiRequest | None:
    """The request for the next page: its URI and every header Microsoft asks for, among them
    MS-ContinuationToken. URIs are relative, with or without /v1, and a published one
    (get-invoiceline-items) joins its last parameter with a second question mark."""
    link = page.links.next if page.links else None
    if link is None:
        return None
    if not link.uri:
        raise unexpected("next link without address")
    if (link.method or "GET").upper() != "GET":
        raise unexpected("next link that does not read")
    path, _, rest = link.uri.partition("?")
    if "://" not in path:
        path = "/" + path.removeprefix("/").removeprefix("v1/")
    pairs = (pair.partition("=") for pair in _SEPARATOR.split(rest) if pair)
    wanted = tuple((header.key, header.value or "") for header in link.headers or ())
    names = {name.lower() for name, _ in wanted}
    kept = tuple(pair for pair in request.headers if pair[0].lower() not in names)
    return replace(
        request,
        method="GET",
        path=path,
        query=tuple((unquote(name), unquote(value)) for name, _, value in pairs),
        headers=kept + wanted,
    )


class _AnyPage(Collection):
    items: list[Any]


def parse_any(response: ApiResponse, request: ApiRequest) -> Page[Any]:
    """A page of things this program has no words for."""
    page = decode(response.body, _AnyPage)
    return Page(tuple(page.items), follow(request, page))


# ---- customers -------------------------------------------------------------------------------


class _CompanyProfile(JsonBody):
    company_name: str | None = None
    domain: str | None = None


class _Customer(JsonBody):
    id: str
    company_profile: _CompanyProfile | None = None
    custom_domains: list[str] | None = None


class _Customers(Collection):
    items: list[_Customer]


def customers() -> ApiRequest:
    """get-a-list-of-customers: `size` is required."""
    return get(Operation.LIST_CUSTOMERS, "/customers", PAGE)


def parse_customers(response: ApiResponse, request: ApiRequest) -> Page[Tenant]:
    """Customers; `id` is the tenant, whatever the profile says."""
    page = decode(response.body, _Customers)
    return Page(tuple(_to_tenant(found) for found in page.items), follow(request, page))


def customer(tenant: TenantId) -> ApiRequest:
    """get-a-customer-by-id: rate-limited."""
    return get(Operation.GET_CUSTOMER, customer_path(tenant))


def parse_customer(response: ApiResponse) -> Tenant:
    return _to_tenant(decode(response.body, _Customer))


def parse_customer_domains(response: ApiResponse) -> tuple[Domain, ...]:
    """Names under which users can be made: the customer's first domain leads and counts as the
    default, since Partner Center tells neither which is, nor which are federated."""
    found = decode(response.body, _Customer)
    first = found.company_profile.domain if found.company_profile else None
    names = [name for name in (first, *(found.custom_domains or ())) if name]
    unique = {name.lower(): name for name in reversed(names)}
    ordered = sorted(unique.values(), key=names.index)
    return tuple(Domain(name, default=place == 0) for place, name in enumerate(ordered))


def _to_tenant(found: _Customer) -> Tenant:
    profile = found.company_profile or _CompanyProfile()
    id_, domain = TenantId(found.id.lower()), profile.domain or ""
    # A customer without a name must be told from the others all the same.
    return Tenant(id_, (profile.company_name or "").strip() or domain or id_, domain)


def domain_taken(name: str) -> ApiRequest:
    """verify-domain-availability: 200 when somebody has it, 404 (NotFound) when it is free."""
    path = f"/domains/{segment(name)}"
    return ApiRequest(Service.PARTNER_CENTER, "HEAD", path, Operation.TEST_DOMAIN)


# ---- counters --------------------------------------------------------------------------------


class ProductSku(JsonBody):
    """Shared by SubscribedSku and License."""

    id: str
    name: str | None = None
    sku_part_number: str | None = None
    target_type: str | None = None
    license_group_id: str | None = None


class Plan(JsonBody):
    """ServicePlan; shared likewise."""

    id: str | None = None
    display_name: str | None = None
    service_name: str | None = None
    capability_status: str | None = None


class _Sku(JsonBody):
    product_sku: ProductSku
    available_units: Count | None = None
    active_units: Count | None = None
    consumed_units: Count | None = None
    suspended_units: Count | None = None
    warning_units: Count | None = None
    service_plans: list[Plan] | None = None
    capability_status: str | None = None


class _Skus(Collection):
    items: list[_Sku]


def subscribed_skus(tenant: TenantId) -> ApiRequest:
    """get-a-list-of-available-licenses, of both licence groups."""
    path = f"{customer_path(tenant)}/subscribedskus"
    return get(Operation.LIST_SKUS, path, *LICENSE_GROUPS)


def parse_subscribed_skus(response: ApiResponse, request: ApiRequest) -> Page[Sku]:
    """SKUs with the counters as Microsoft gives them (license-resources); a name may be missing."""
    page = decode(response.body, _Skus)
    return Page(tuple(_to_sku(found) for found in page.items), follow(request, page))


def _to_sku(found: _Sku) -> Sku:
    product = found.product_sku
    part_number = product.sku_part_number or ""
    return Sku(
        id=sku_id(product.id),
        part_number=part_number,
        name=product.name or "",
        active=found.active_units or 0,
        assigned=found.consumed_units or 0,
        available=found.available_units or 0,
        suspended=found.suspended_units or 0,
        warning=found.warning_units or 0,
        assignable=(product.target_type or "").lower() != "tenant",
        status=found.capability_status or "",
        plans=tuple(
            ServicePlan(PlanId(plan.id.lower()), plan.service_name or "", plan.display_name or "")
            for plan in found.service_plans or ()
            if plan.id
        ),
        group=(product.license_group_id or "group1").lower(),
    )


# ---- subscriptions ---------------------------------------------------------------------------


class _Subscription(JsonBody):
    id: str
    offer_name: str | None = None
    friendly_name: str | None = None
    quantity: Count | None = None
    unit_type: str | None = None
    creation_date: str | None = None
    commitment_end_date: str | None = None
    status: str | None = None
    auto_renew_enabled: bool | None = None
    billing_type: str | None = None
    term_duration: str | None = None
    is_trial: bool | None = None
    is_microsoft_product: bool | None = None


class _Subscriptions(Collection):
    items: list[_Subscription]


_STATES = {state.value: state for state in SubscriptionState}


def subscriptions(tenant: TenantId) -> ApiRequest:
    """get-all-of-a-customer-s-subscriptions."""
    return get(Operation.LIST_SUBSCRIPTIONS, f"{customer_path(tenant)}/subscriptions")


def parse_subscriptions(response: ApiResponse, request: ApiRequest) -> Page[Subscription]:
    """Purchases, not yet tied to SKUs: a subscription names its offer only."""
    page = decode(response.body, _Subscriptions)
    return Page(tuple(_to_subscription(found) for found in page.items), follow(request, page))


def subscription(tenant: TenantId, subscription: str) -> ApiRequest:
    """get-a-subscription-by-id: rate-limited."""
    path = f"{customer_path(tenant)}/subscriptions/{segment(subscription)}"
    return get(Operation.GET_SUBSCRIPTION, path)


def parse_subscription(response: ApiResponse) -> Subscription:
    return _to_subscription(decode(response.body, _Subscription))


def _to_subscription(found: _Subscription) -> Subscription:
    by_usage = "usage" in ((found.billing_type or "").lower(), (found.unit_type or "").lower()[:5])
    return Subscription(
        id=found.id,
        sku_id=None,
        name=found.offer_name or "",
        state=_STATES.get((found.status or "").lower(), SubscriptionState.UNKNOWN),
        quantity=found.quantity or 0,
        friendly_name=found.friendly_name or "",
        term_end=moment(found.commitment_end_date),
        created=moment(found.creation_date),
        trial=bool(found.is_trial),
        auto_renew=found.auto_renew_enabled,
        term=found.term_duration or "",
        # Absent in older answers, all of which are Microsoft's.
        licensable=not by_usage and found.is_microsoft_product is not False,
    )


class _Provisioning(JsonBody):
    sku_id: str | None = None


def provisioning_status(tenant: TenantId, subscription: str) -> ApiRequest:
    """get-subscription-provisioning-status: the only tie from a subscription to a SKU."""
    path = f"{customer_path(tenant)}/subscriptions/{segment(subscription)}/provisioningstatus"
    return get(Operation.GET_PROVISIONING, path)


def parse_provisioning_status(response: ApiResponse) -> SkuId | None:
    """The SKU, or None while provisioning is pending: Microsoft looks every 15 minutes."""
    found = decode(response.body, _Provisioning).sku_id
    return sku_id(found) if found and found != _NO_SKU else None
