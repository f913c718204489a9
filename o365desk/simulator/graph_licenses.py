"""Graph's licence operations: assignLicense, licenseDetails, subscribedSkus, subscriptions."""

import base64
from typing import Any

from o365desk.simulator import accounts, catalog, licensing, roles
from o365desk.simulator.graph_answers import Call, GraphError, bad_request, json_answer, stamp
from o365desk.simulator.graph_schema import no_property
from o365desk.simulator.graph_users import single
from o365desk.simulator.ids import is_guid
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.refusals import not_found
from o365desk.simulator.state import Subscription, SubscriptionKind, SubscriptionStatus, Tenant

_MISSING = (
    "One or more parameters of the operation 'assignLicense' are missing from the request payload. "
    "The missing parameters are: {}."
)
_GUID = (
    "Cannot convert a primitive value to the expected type 'Edm.Guid'. "
    "See the inner exception for more details."
)


def _guid(value: object) -> str:
    if not isinstance(value, str) or not is_guid(value):
        raise bad_request(_GUID)
    return value.lower()


def assign_license(call: Call, key: str) -> HttpResponse:
    """POST /users/{id}/assignLicense: both arrays always, one step, all or nothing."""
    call.require(roles.CAN_LICENSE)
    body = {name.lower(): value for name, value in call.json_object().items()}
    missing = [name for name in ("addLicenses", "removeLicenses") if name.lower() not in body]
    if missing:
        raise bad_request(_MISSING.format(", ".join(missing)))
    additions, removals = body["addlicenses"], body["removelicenses"]
    if not isinstance(additions, list) or not isinstance(removals, list):
        raise bad_request(_MISSING.format("addLicenses, removeLicenses"))
    add: dict[str, tuple[str, ...]] = {}
    for entry in additions:
        if not isinstance(entry, dict) or entry.keys() - {"skuId", "disabledPlans", "@odata.type"}:
            raise bad_request("One or more properties contains invalid values.")
        plans = entry.get("disabledPlans", [])
        if not isinstance(plans, list):
            raise bad_request(_GUID)
        add[_guid(entry.get("skuId"))] = tuple(_guid(plan) for plan in plans)
    remove = [_guid(value) for value in removals]
    user = accounts.find(call.tenant, key, call.now)
    licensing.assign(call.tenant, user, add, remove, call.now, call.lag)
    return json_answer(single(call, user))


def reprocess(call: Call, key: str) -> HttpResponse:
    """POST /users/{id}/reprocessLicenseAssignment."""
    call.require(roles.CAN_LICENSE)
    user = accounts.find(call.tenant, key, call.now)
    licensing.reprocess(call.tenant, user, call.now, call.lag)
    return json_answer(single(call, user))


def license_details(call: Call, key: str) -> HttpResponse:
    """GET /users/{id}/licenseDetails: one entry a SKU, plans with their provisioning state."""
    call.require(roles.CAN_READ)
    tenant = call.tenant
    user = accounts.find(tenant, key, call.now)
    off: dict[str, tuple[set[str], bool]] = {}
    for sku, _group, held, error in tenant.held(user):
        if error:
            continue
        fresh = (call.now - held.updated).total_seconds() < 300
        seen = off.get(sku)
        plans = set(held.disabled)
        off[sku] = (plans if seen is None else plans & seen[0], fresh)
    value = []
    for sku, (disabled, fresh) in off.items():
        product = catalog.products()[sku]
        if product.license_group != "group1":
            continue
        raw = bytes.fromhex((tenant.tenant_id + sku).replace("-", ""))
        value.append(
            {
                "id": base64.urlsafe_b64encode(raw).decode().rstrip("="),
                "skuId": sku,
                "skuPartNumber": product.part_number,
                "servicePlans": [
                    {
                        "servicePlanId": plan.plan_id,
                        "servicePlanName": plan.name,
                        "provisioningStatus": "Disabled"
                        if plan.plan_id in disabled
                        else "PendingProvisioning"
                        if fresh
                        else "Success",
                        "appliesTo": plan.applies_to,
                    }
                    for plan in product.plans
                ],
            }
        )
    fragment = f"users('{user.user_id}')/licenseDetails"
    return json_answer({"@odata.context": f"{call.root}/$metadata#{fragment}", "value": value})


def _sku_json(
    tenant: Tenant, sku: str, subscriptions: list[Subscription], consumed: dict[str, int]
) -> dict[str, Any]:
    figures = licensing.counts(tenant, sku, subscriptions, consumed)
    product = catalog.products()[sku]
    usable = figures.enabled or figures.warning
    return {
        "accountName": tenant.initial_domain.partition(".")[0],
        "accountId": tenant.tenant_id,
        "appliesTo": product.applies_to,
        "capabilityStatus": figures.capability,
        "consumedUnits": figures.consumed,
        "id": f"{tenant.tenant_id}_{sku}",
        "skuId": sku,
        "skuPartNumber": product.part_number,
        "subscriptionIds": [item.subscription_id for item in subscriptions],
        "prepaidUnits": {
            "enabled": figures.enabled,
            "suspended": figures.suspended,
            "warning": figures.warning,
            "lockedOut": figures.locked_out,
        },
        "servicePlans": [
            {
                "servicePlanId": plan.plan_id,
                "servicePlanName": plan.name,
                "provisioningStatus": "Success" if usable else "Disabled",
                "appliesTo": plan.applies_to,
            }
            for plan in product.plans
        ],
    }


def _skus(tenant: Tenant) -> dict[str, list[Subscription]]:
    products = catalog.products()
    return {
        sku: subscriptions
        for sku, subscriptions in licensing.owned(tenant).items()
        if products[sku].license_group == "group1"
    }


def _select(call: Call, item: dict[str, Any], type_name: str) -> dict[str, Any]:
    select = call.options.get("$select")
    if select is None:
        return item
    known = {name.lower(): name for name in item}
    result = {}
    for part in select.split(","):
        name = known.get(part.strip().lower())
        if name is None:
            raise no_property(part.strip(), type_name, "Parsing OData Select and Expand failed")
        result[name] = item[name]
    return result


def _context(call: Call, entity_set: str) -> str:
    select = call.options.get("$select")
    return entity_set if select is None else f"{entity_set}({select.replace(' ', '')})"


def list_skus(call: Call) -> HttpResponse:
    """GET /subscribedSkus: $select is all it takes (G:subscribedsku-list)."""
    call.require(roles.CAN_READ)
    for name in call.options:
        if name in {"$filter", "$top", "$orderby", "$search", "$skip", "$count"}:
            raise bad_request(f"The query option '{name}' is not supported.", "Request_BadRequest")
    consumed = licensing.shown_consumed(call.tenant, call.now)
    value = [
        _select(call, _sku_json(call.tenant, sku, subscriptions, consumed), "subscribedSku")
        for sku, subscriptions in _skus(call.tenant).items()
    ]
    return json_answer(
        {
            "@odata.context": f"{call.root}/$metadata#{_context(call, 'subscribedSkus')}",
            "value": value,
        }
    )


def get_sku(call: Call, key: str) -> HttpResponse:
    """GET /subscribedSkus/{tenant id}_{SKU id}."""
    call.require(roles.CAN_READ)
    tenant_id, _line, sku = key.lower().partition("_")
    mine = _skus(call.tenant)
    if tenant_id != call.tenant.tenant_id or sku not in mine:
        raise not_found(key)
    consumed = licensing.shown_consumed(call.tenant, call.now)
    item = _select(call, _sku_json(call.tenant, sku, mine[sku], consumed), "subscribedSku")
    context = f"{call.root}/$metadata#{_context(call, 'subscribedSkus')}/$entity"
    return json_answer({"@odata.context": context, **item})


def _subscription_json(call: Call, item: Subscription) -> dict[str, Any]:
    product = catalog.products()[item.sku_id]
    works = item.status in {SubscriptionStatus.ENABLED, SubscriptionStatus.WARNING}
    return {
        "id": item.subscription_id,
        "commerceSubscriptionId": item.commerce_id,
        "createdDateTime": stamp(item.created),
        "isTrial": item.trial,
        "nextLifecycleDateTime": stamp(item.ends),
        "skuId": item.sku_id,
        "skuPartNumber": product.part_number,
        "status": str(item.status),
        "totalLicenses": item.quantity,
        "ownerId": None,
        "ownerTenantId": call.directory.partner.tenant_id,
        "ownerType": None,
        "serviceStatus": [
            {
                "appliesTo": plan.applies_to,
                "provisioningStatus": "Success" if works else "Disabled",
                "servicePlanId": plan.plan_id,
                "servicePlanName": plan.name,
            }
            for plan in product.plans
        ],
    }


def list_subscriptions(call: Call) -> HttpResponse:
    """GET /directory/subscriptions: seat subscriptions only, deleted ones still named."""
    call.require(roles.CAN_READ)
    value = [
        _select(call, _subscription_json(call, item), "companySubscription")
        for item in call.tenant.subscriptions
        if item.kind is SubscriptionKind.LICENSE
        and catalog.products()[item.sku_id].license_group == "group1"
    ]
    context = f"{call.root}/$metadata#{_context(call, 'directory/subscriptions')}"
    return json_answer({"@odata.context": context, "value": value})


def get_subscription(call: Call, key: str) -> HttpResponse:
    """GET /directory/subscriptions/{id}."""
    call.require(roles.CAN_READ)
    for item in call.tenant.subscriptions:
        if item.subscription_id == key.lower() and item.kind is SubscriptionKind.LICENSE:
            context = f"{call.root}/$metadata#directory/subscriptions/$entity"
            return json_answer({"@odata.context": context, **_subscription_json(call, item)})
    raise GraphError(404, "Request_ResourceNotFound", not_found(key).text)
