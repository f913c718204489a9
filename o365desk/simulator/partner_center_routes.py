"""Partner Center's partner, customers and products, and the table of all its paths."""

from o365desk.simulator import catalog, licensing, roles
from o365desk.simulator import partner_center_consents as consents
from o365desk.simulator import partner_center_shapes as shapes
from o365desk.simulator import partner_center_users as people
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.partner_center import Handler, PartnerCall, PartnerCenterError, answer
from o365desk.simulator.partner_center_paging import filter_of, page_of, size_of, start_of
from o365desk.simulator.routes import Routes
from o365desk.simulator.state import (
    Subscription,
    SubscriptionKind,
    SubscriptionStatus,
    Tenant,
)

_READ_SKUS = frozenset(
    {roles.GLOBAL, roles.READERS, roles.GLOBAL_READER, roles.USER, roles.LICENSE}
)


def profile(call: PartnerCall) -> HttpResponse:
    """GET /profiles/organization: the reseller itself."""
    tenant = call.directory.partner
    return answer(
        {
            "id": tenant.tenant_id,
            "companyName": tenant.name,
            "defaultAddress": {
                "country": tenant.country,
                "city": tenant.city,
                "addressLine1": tenant.street,
                "postalCode": tenant.postal_code,
            },
            "tenantId": tenant.tenant_id,
            "domain": tenant.default_domain,
            "email": f"operations@{tenant.default_domain}",
            "language": tenant.language,
            "culture": f"{tenant.language}-{tenant.country}",
            "links": {"self": shapes.link("/profiles/organization")},
            "attributes": {"objectType": "OrganizationProfile"},
        }
    )


def customers(call: PartnerCall) -> HttpResponse:
    """GET /customers: filter by the start of a name, a domain, or by indirect reseller."""
    field, value, operator = filter_of(call)
    found = list(call.directory.customers.values())
    if field:
        wanted = value.lower()
        if operator.lower() != "starts_with":
            raise PartnerCenterError(400, 800002, "The filter operator is not supported.")
        if field.lower() == "companyname":
            found = [item for item in found if item.name.lower().startswith(wanted)]
        elif field.lower() == "domain":
            found = [
                item
                for item in found
                if any(domain.name.startswith(wanted) for domain in item.domains)
            ]
        elif field.lower() == "indirectreseller":
            found = [item for item in found if item.indirect_reseller.lower() == wanted]
        else:
            raise PartnerCenterError(400, 800002, "The filter field is not supported.")
    size, start = size_of(call), start_of(call)
    page = [shapes.customer_short(item) for item in found[start : start + size]]
    return page_of(call, page, start + size if start + size < len(found) else None)


def customer(call: PartnerCall, tenant_id: str) -> HttpResponse:
    """GET /customers/{c}."""
    return answer(shapes.customer_full(call.customer(tenant_id)))


def subscribed_skus(call: PartnerCall, tenant_id: str) -> HttpResponse:
    """GET …/subscribedskus."""
    tenant = call.customer(tenant_id, _READ_SKUS)
    wanted = people.groups_of(call)
    consumed = licensing.shown_consumed(tenant, call.directory.now())
    items = [
        shapes.sku_json(tenant, sku, held, consumed)
        for sku, held in licensing.owned(tenant).items()
        if catalog.products()[sku].license_group in wanted
    ]
    return answer(shapes.collection(items))


def subscriptions(call: PartnerCall, tenant_id: str) -> HttpResponse:
    """GET …/subscriptions: seats, Azure usage and third parties' software alike."""
    tenant = call.customer(tenant_id)
    items = [shapes.subscription_json(tenant, item) for item in tenant.subscriptions]
    return answer(shapes.collection(items))


def _subscription(tenant: Tenant, key: str) -> Subscription:
    for item in tenant.subscriptions:
        if item.commerce_id == key.lower():
            return item
    raise PartnerCenterError(404, 20003, "The subscription was not found.")


def subscription(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """GET …/subscriptions/{s}."""
    tenant = call.customer(tenant_id)
    return answer(shapes.subscription_json(tenant, _subscription(tenant, key)))


def provisioning_status(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """GET …/provisioningstatus: the only tie from a subscription to its SKU."""
    tenant = call.customer(tenant_id)
    item = _subscription(tenant, key)
    if item.kind is not SubscriptionKind.LICENSE:
        raise PartnerCenterError(400, 900127, "The operation is not supported for this resource.")
    age = call.directory.now() - item.created
    status = "pending" if age.total_seconds() < 900 else "success"
    if item.status is SubscriptionStatus.DELETED:
        status = "failed"
    return answer(
        {
            "skuId": item.sku_id,
            "status": status,
            "quantity": item.quantity,
            "endDate": shapes.moment(item.ends),
            "attributes": {"objectType": "SubscriptionProvisioningStatus"},
        }
    )


def domain(call: PartnerCall, name: str) -> HttpResponse:
    """HEAD /domains/{name}: 200 taken, 404 free, nothing else said."""
    low = name.lower()
    taken = any(tenant.domain(low) is not None for tenant in call.directory.tenants.values())
    return HttpResponse(200 if taken else 404)


ROUTES: Routes[Handler] = Routes(
    ("GET", "/profiles/organization", profile),
    ("GET", "/customers", customers),
    ("GET", "/customers/{c}", customer),
    ("GET", "/customers/{c}/users", people.users),
    ("POST", "/customers/{c}/users", people.create_user),
    ("GET", "/customers/{c}/users/{u}", people.user),
    ("PATCH", "/customers/{c}/users/{u}", people.patch_user),
    ("DELETE", "/customers/{c}/users/{u}", people.delete_user),
    ("GET", "/customers/{c}/users/{u}/licenses", people.licenses),
    ("POST", "/customers/{c}/users/{u}/licenseupdates", people.license_updates),
    ("GET", "/customers/{c}/users/{u}/directoryroles", people.directory_roles),
    ("GET", "/customers/{c}/subscribedskus", subscribed_skus),
    ("GET", "/customers/{c}/subscriptions", subscriptions),
    ("GET", "/customers/{c}/subscriptions/{s}", subscription),
    ("GET", "/customers/{c}/subscriptions/{s}/provisioningstatus", provisioning_status),
    ("POST", "/customers/{c}/applicationconsents", consents.grant),
    ("DELETE", "/customers/{c}/applicationconsents/{a}", consents.withdraw),
    ("HEAD", "/domains/{d}", domain),
)
