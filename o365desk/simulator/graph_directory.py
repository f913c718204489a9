"""Graph's other directory reads: organisation, domains, groups and roles."""

from typing import Any

from o365desk.simulator import accounts, roles
from o365desk.simulator.graph_answers import Call, bad_request, json_answer, stamp
from o365desk.simulator.graph_lists import listing
from o365desk.simulator.graph_schema import DEFAULT, render
from o365desk.simulator.ids import guid_of
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.refusals import not_found
from o365desk.simulator.state import Domain, Group, Tenant


def _domain_json(domain: Domain) -> dict[str, Any]:
    services = ["Email", "OfficeCommunicationsOnline"] if domain.is_verified else []
    return {
        "authenticationType": "Federated" if domain.is_federated else "Managed",
        "availabilityStatus": None,
        "id": domain.name,
        "isAdminManaged": True,
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "isRoot": True,
        "isVerified": domain.is_verified,
        "supportedServices": services,
        "passwordValidityPeriodInDays": None if domain.is_federated else 2147483647,
        "passwordNotificationWindowInDays": None if domain.is_federated else 14,
        "state": None,
        "manufacturer": None,
        "model": None,
    }


def list_domains(call: Call) -> HttpResponse:
    """GET /domains, unverified ones included."""
    call.require(roles.CAN_READ)
    return listing(call, "domains", [_domain_json(item) for item in call.tenant.domains], 100, 999)


def get_domain(call: Call, key: str) -> HttpResponse:
    """GET /domains/{name}."""
    call.require(roles.CAN_READ)
    domain = call.tenant.domain(key)
    if domain is None:
        raise not_found(key)
    return json_answer(
        {"@odata.context": f"{call.root}/$metadata#domains/$entity", **_domain_json(domain)}
    )


def organization_json(tenant: Tenant) -> dict[str, Any]:
    """The tenant as an organization entity."""
    synced = any(user.synced for user in tenant.users.values()) or None
    return {
        "id": tenant.tenant_id,
        "deletedDateTime": None,
        "businessPhones": [],
        "city": tenant.city,
        "country": None,
        "countryLetterCode": tenant.country,
        "createdDateTime": stamp(tenant.created),
        "defaultUsageLocation": None,
        "displayName": tenant.name,
        "marketingNotificationEmails": [],
        "onPremisesLastSyncDateTime": None,
        "onPremisesSyncEnabled": synced,
        "partnerTenantType": None
        if tenant.is_customer
        else "valueAddedResellerPartnerDelegatedAdmin",
        "postalCode": tenant.postal_code,
        "preferredLanguage": tenant.language,
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "state": None,
        "street": tenant.street,
        "technicalNotificationMails": [f"admin@{tenant.initial_domain}"],
        "tenantType": "AAD",
        "privacyProfile": None,
        "assignedPlans": [],
        "provisionedPlans": [],
        "verifiedDomains": [
            {
                "capabilities": "Email, OfficeCommunicationsOnline",
                "isDefault": domain.is_default,
                "isInitial": domain.is_initial,
                "name": domain.name,
                "type": "Federated" if domain.is_federated else "Managed",
            }
            for domain in tenant.domains
            if domain.is_verified
        ],
    }


def list_organization(call: Call) -> HttpResponse:
    """GET /organization: a collection of one."""
    return listing(call, "organization", [organization_json(call.tenant)], 100, 999)


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "id": group.group_id,
        "deletedDateTime": None,
        "classification": None,
        "createdDateTime": None,
        "description": group.description,
        "displayName": group.display_name,
        "expirationDateTime": None,
        "groupTypes": [],
        "isAssignableToRole": True if group.role_assignable else None,
        "mail": None,
        "mailEnabled": False,
        "mailNickname": group.display_name.replace(" ", ""),
        "membershipRule": None,
        "membershipRuleProcessingState": None,
        "onPremisesSyncEnabled": None,
        "preferredDataLocation": None,
        "preferredLanguage": None,
        "proxyAddresses": [],
        "renewedDateTime": None,
        "resourceBehaviorOptions": [],
        "resourceProvisioningOptions": [],
        "securityEnabled": True,
        "theme": None,
        "visibility": None,
    }


def _group_full(group: Group) -> dict[str, Any]:
    licenses = [
        {"disabledPlans": list(held.disabled), "skuId": sku} for sku, held in group.licenses.items()
    ]
    return {**_group_json(group), "assignedLicenses": licenses}


def list_groups(call: Call) -> HttpResponse:
    """GET /groups; assignedLicenses only when selected."""
    call.require(roles.CAN_READ)
    wanted = call.options.get("$select", "").lower() + call.options.get("$filter", "").lower()
    shape = _group_full if "assignedlicenses" in wanted else _group_json
    return listing(call, "groups", [shape(item) for item in call.tenant.groups.values()], 100, 999)


def get_group(call: Call, key: str) -> HttpResponse:
    """GET /groups/{id}."""
    call.require(roles.CAN_READ)
    group = call.tenant.groups.get(key.lower())
    if group is None:
        raise not_found(key)
    item = _group_full(group)
    select = call.options.get("$select")
    if select is None:
        del item["assignedLicenses"]
        fragment = "groups"
    else:
        wanted = {part.strip().lower() for part in select.split(",")}
        item = {key: value for key, value in item.items() if key.lower() in wanted}
        fragment = f"groups({','.join(item)})"
    return json_answer({"@odata.context": f"{call.root}/$metadata#{fragment}/$entity", **item})


def get_by_ids(call: Call) -> HttpResponse:
    """POST /directoryObjects/getByIds: names of users and groups at one go."""
    call.require(roles.CAN_READ)
    body = call.json_object()
    ids, types = body.get("ids"), body.get("types")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 1000:
        raise bad_request("One or more properties contains invalid values.")
    value: list[dict[str, Any]] = []
    for item_id in ids:
        key = str(item_id).lower()
        user, group = call.tenant.users.get(key), call.tenant.groups.get(key)
        if user is not None and (not types or "user" in types):
            value.append(
                {"@odata.type": "#microsoft.graph.user", **render(user, call.tenant, DEFAULT)}
            )
        if group is not None and (not types or "group" in types):
            value.append({"@odata.type": "#microsoft.graph.group", **_group_json(group)})
    context = f"{call.root}/$metadata#directoryObjects"
    return json_answer({"@odata.context": context, "value": value})


def _role_json(tenant: Tenant, template: str) -> dict[str, Any]:
    return {
        "id": guid_of(tenant.tenant_id, "role", template),
        "deletedDateTime": None,
        "description": f"Can do what a {roles.NAMES[template]} does.",
        "displayName": roles.NAMES[template],
        "roleTemplateId": template,
    }


def member_of(call: Call, key: str) -> HttpResponse:
    """GET /users/{id}/memberOf and transitiveMemberOf: roles and groups together."""
    call.require(roles.CAN_READ)
    tenant = call.tenant
    user = accounts.find(tenant, key, call.now)
    items = [
        {"@odata.type": "#microsoft.graph.directoryRole", **_role_json(tenant, template)}
        for template in user.roles
    ]
    items += [
        {"@odata.type": "#microsoft.graph.group", **_group_json(tenant.groups[group_id])}
        for group_id in user.groups
    ]
    return listing(call, "directoryObjects", items, 100, 999)


def roles_of(call: Call, key: str) -> HttpResponse:
    """GET /users/{id}/memberOf/microsoft.graph.directoryRole, transitive or not."""
    call.require(roles.CAN_READ)
    user = accounts.find(call.tenant, key, call.now)
    items = [_role_json(call.tenant, template) for template in user.roles]
    return listing(call, "directoryRoles", items, 100, 999)


def list_roles(call: Call) -> HttpResponse:
    """GET /directoryRoles: roles that somebody holds."""
    call.require(roles.CAN_READ)
    held = dict.fromkeys(role for user in call.tenant.users.values() for role in user.roles)
    items = [_role_json(call.tenant, template) for template in held]
    return listing(call, "directoryRoles", items, 100, 999)


def role_members(call: Call, key: str) -> HttpResponse:
    """GET /directoryRoles/{id}/members."""
    call.require(roles.CAN_READ)
    tenant = call.tenant
    for template in roles.NAMES:
        if guid_of(tenant.tenant_id, "role", template) == key.lower():
            items = [
                {"@odata.type": "#microsoft.graph.user", **render(user, tenant, DEFAULT)}
                for user in tenant.users.values()
                if template in user.roles
            ]
            return listing(call, "directoryObjects", items, 100, 999)
    raise not_found(key)
