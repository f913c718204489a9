"""How Partner Center prints its resources: camelCase, absent instead of null, links, types."""

from datetime import datetime
from typing import Any

from o365desk.simulator import catalog, licensing
from o365desk.simulator.ids import guid_of
from o365desk.simulator.state import (
    Subscription,
    SubscriptionKind,
    SubscriptionStatus,
    Tenant,
    User,
)


def moment(value: datetime, *, fraction: bool = False) -> str:
    """UTC; fractions of a second come and go in the published answers."""
    text = value.isoformat()[:19]
    return f"{text}.693Z" if fraction else f"{text}Z"


def link(uri: str) -> dict[str, Any]:
    """A link as every resource carries it."""
    return {"uri": uri, "method": "GET", "headers": []}


def collection(items: list[dict[str, Any]], self_uri: str = "") -> dict[str, Any]:
    """A collection that comes in one piece, or one page of it."""
    body: dict[str, Any] = {"totalCount": len(items), "items": items}
    if self_uri:
        body["links"] = {"self": link(self_uri)}
    body["attributes"] = {"objectType": "Collection"}
    return body


def customer_short(tenant: Tenant) -> dict[str, Any]:
    """A customer as in the list (samples/partner-center/customers-of-indirect-reseller.json)."""
    key = tenant.tenant_id
    return {
        "id": key,
        "companyProfile": {
            "tenantId": key,
            "domain": tenant.initial_domain,
            "companyName": tenant.name,
            "links": {"self": link(f"/customers/{key}/profiles/company")},
            "attributes": {"objectType": "CustomerCompanyProfile"},
        },
        "relationshipToPartner": "reseller",
        "links": {"self": link(f"/customers/{key}")},
        "attributes": {"objectType": "Customer"},
    }


def customer_full(tenant: Tenant) -> dict[str, Any]:
    """One customer (samples/partner-center/customer-get.json)."""
    key = tenant.tenant_id
    mail = f"billing@{tenant.default_domain}"
    address = {
        "country": tenant.country,
        "city": tenant.city,
        "addressLine1": tenant.street,
        "postalCode": tenant.postal_code,
        "phoneNumber": "2079460000",
    }
    body = customer_short(tenant)
    body["commerceId"] = guid_of(key, "commerce id")
    body["companyProfile"] |= {
        "address": {**address, "region": tenant.city[:2].lower()},
        "email": mail,
    }
    body["billingProfile"] = {
        "id": guid_of(key, "billing"),
        "firstName": "Accounts",
        "lastName": "Payable",
        "email": mail,
        "culture": f"{tenant.language}-{tenant.country}",
        "language": tenant.language,
        "companyName": tenant.name,
        "defaultAddress": {**address, "firstName": "Accounts", "lastName": "Payable"},
        "links": {"self": link(f"/customers/{key}/profiles/billing")},
        "attributes": {
            "etag": str(-int(guid_of(key, "etag")[:8], 16)),
            "objectType": "CustomerBillingProfile",
        },
    }
    body["allowDelegatedAccess"] = tenant.delegated_access
    body["customDomains"] = [domain.name for domain in tenant.domains if domain.is_verified]
    return body


def user_json(tenant: Tenant, user: User) -> dict[str, Any]:
    """A user as in the lists: what is not set is left out."""
    body: dict[str, Any] = {}
    if user.usage_location:
        body["usageLocation"] = user.usage_location
    body["id"] = user.user_id
    body["userPrincipalName"] = user.upn
    if user.given_name:
        body["firstName"] = user.given_name
    if user.surname:
        body["lastName"] = user.surname
    body["displayName"] = user.display_name
    if user.immutable_id:
        body["immutableId"] = user.immutable_id
    if user.phone:
        body["phoneNumber"] = user.phone
    if user.synced:
        body["lastDirectorySyncTime"] = moment(user.signed_in or user.created)
    domain = tenant.domain(user.upn.rpartition("@")[2])
    # Every published managed user says none.
    body["userDomainType"] = "federated" if domain is not None and domain.is_federated else "none"
    body["state"] = "active" if user.deleted_at is None else "inactive"
    if user.deleted_at is not None:
        body["softDeletionTime"] = moment(user.deleted_at)
    body["links"] = {"self": link(f"/customers/{tenant.tenant_id}/users/{user.user_id}")}
    body["attributes"] = {"objectType": "CustomerUser"}
    return body


def user_with_password(
    tenant: Tenant, user: User, password: str, *, force_change: bool
) -> dict[str, Any]:
    """After create and reset: the password in clear, and nulls that the lists leave out."""
    body = user_json(tenant, user)
    tail = {name: body.pop(name) for name in ("userDomainType", "state", "links", "attributes")}
    body["passwordProfile"] = {"forceChangePassword": force_change, "password": password}
    body.setdefault("lastDirectorySyncTime", None)
    body["softDeletionTime"] = None
    return {**body, **tail}


def _target(applies_to: str) -> str:
    return "User" if applies_to == "User" else "Tenant"


def sku_json(
    tenant: Tenant, sku: str, subscriptions: list[Subscription], consumed: dict[str, int]
) -> dict[str, Any]:
    """A product with its counters (samples/partner-center/subscribedskus.json)."""
    figures = licensing.counts(tenant, sku, subscriptions, consumed)
    product = catalog.products()[sku]
    return {
        "availableUnits": figures.available,
        "activeUnits": figures.enabled,
        "consumedUnits": figures.consumed,
        "suspendedUnits": figures.suspended,
        "totalUnits": figures.enabled + figures.warning,
        "warningUnits": figures.warning,
        "productSku": {
            "id": sku,
            "name": product.name,
            "skuPartNumber": product.part_number,
            "targetType": _target(product.applies_to),
            "licenseGroupId": product.license_group,
        },
        "servicePlans": [
            {
                "displayName": plan.friendly,
                "serviceName": plan.name,
                "id": plan.plan_id,
                "capabilityStatus": figures.capability,
                "targetType": _target(plan.applies_to),
            }
            for plan in product.plans
        ],
        "capabilityStatus": figures.capability,
        "attributes": {"objectType": "SubscribedSku"},
    }


def license_json(sku: str, disabled: set[str]) -> dict[str, Any]:
    """A licence a user holds; direct and inherited look alike here."""
    product = catalog.products()[sku]
    return {
        "servicePlans": [
            {
                "displayName": plan.friendly,
                "serviceName": plan.name,
                "id": plan.plan_id,
                # The word for a plan that is off is not published [K].
                "capabilityStatus": "Disabled" if plan.plan_id in disabled else "Assigned",
                "targetType": _target(plan.applies_to),
            }
            for plan in product.plans
        ],
        "productSku": {
            "id": sku,
            "name": product.name,
            "skuPartNumber": product.part_number,
            "licenseGroupId": product.license_group,
        },
        "attributes": {"objectType": "License"},
    }


_STATUS = {
    # The grace period has no word of its own here [K]; the term end lies in the past.
    SubscriptionStatus.ENABLED: "active",
    SubscriptionStatus.WARNING: "active",
    SubscriptionStatus.SUSPENDED: "suspended",
    SubscriptionStatus.LOCKED_OUT: "suspended",
    SubscriptionStatus.DELETED: "deleted",
}


def subscription_json(tenant: Tenant, item: Subscription) -> dict[str, Any]:
    """A subscription (samples/partner-center/subscription-addon.json): ids in upper case."""
    key = item.commerce_id.upper()
    path = f"/customers/{tenant.tenant_id}/subscriptions/"
    offer_id = guid_of("offer", item.sku_id or item.offer_name).upper()
    azure = item.kind is SubscriptionKind.AZURE
    body: dict[str, Any] = {
        "id": key,
        "offerId": offer_id,
        "offerName": item.offer_name,
        "friendlyName": item.friendly_name,
        "quantity": item.quantity,
        "unitType": "Usage-based" if azure else "Licenses",
    }
    if azure:
        body["entitlementId"] = guid_of(item.commerce_id, "entitlement")
    links = {"offer": link(f"/offers/{offer_id}?country={tenant.country}")}
    if item.parent:
        body["parentSubscriptionId"] = item.parent.upper()
        links["parentSubscription"] = link(path + item.parent.upper())
    body |= {
        "creationDate": moment(item.created, fraction=True),
        "effectiveStartDate": moment(item.created.replace(hour=0, minute=0, second=0)),
        "commitmentEndDate": moment(item.ends),
        "status": _STATUS[item.status],
        "autoRenewEnabled": item.auto_renew,
        "billingType": "usage" if azure else "license",
        "billingCycle": "monthly" if item.term == "P1M" else "annual",
        "termDuration": item.term,
        "isTrial": item.trial,
        "isMicrosoftProduct": item.kind is not SubscriptionKind.MARKETPLACE,
        "publisherName": item.publisher,
    }
    if item.status is SubscriptionStatus.SUSPENDED:
        body["suspensionReasons"] = ["CustomerCancellation"]
    links["self"] = link(path + key)
    body |= {
        "contractType": "subscription",
        "links": links,
        "orderId": guid_of(item.commerce_id, "order").upper(),
        "attributes": {
            "etag": guid_of(item.commerce_id, "etag", item.quantity).replace("-", ""),
            "objectType": "Subscription",
        },
    }
    return body
