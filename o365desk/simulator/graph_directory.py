"""Graph's other directory reads: deleted users, organisation, domains, groups, roles, relations."""

from collections.abc import Callable
from typing import Any

from o365desk.simulator import accounts, roles
from o365desk.simulator import graph_query as query
from o365desk.simulator.graph_answers import (
    Call,
    GraphError,
    access_denied,
    bad_request,
    empty_answer,
    json_answer,
    raw_answer,
    stamp,
)
from o365desk.simulator.graph_schema import DEFAULT, no_property, render, selected
from o365desk.simulator.graph_users import check_options, collection
from o365desk.simulator.ids import guid_of
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.refusals import not_found
from o365desk.simulator.state import Domain, Group, Tenant, User


def list_deleted(call: Call) -> HttpResponse:
    """GET /directory/deletedItems/microsoft.graph.user."""
    call.require(roles.CAN_READ)
    check_options(call.options)
    users = sorted(call.tenant.deleted.values(), key=lambda user: user.seq)
    return raw_answer(collection(call, users, "deleted", 100, 999))


def list_deleted_uncast(_call: Call) -> HttpResponse:
    """GET /directory/deletedItems without the type is not supported."""
    raise bad_request("The type of the deleted items must be named.", "Request_BadRequest")


def get_deleted(call: Call, key: str) -> HttpResponse:
    """GET /directory/deletedItems/{id}."""
    call.require(roles.CAN_READ)
    user = call.tenant.deleted.get(key.lower())
    if user is None:
        raise not_found(key)
    return json_answer(
        _as_object(call, user, selected(call.options.get("$select"), of_collection=False))
    )


def _as_object(call: Call, user: User, names: tuple[str, ...] = DEFAULT) -> dict[str, Any]:
    # As in samples/graph/deleteditem-restore-group-200.json, for a user.
    return {
        "@odata.context": f"{call.root}/$metadata#directoryObjects/$entity",
        "@odata.type": "#microsoft.graph.user",
        **render(user, call.tenant, names),
    }


def restore(call: Call, key: str) -> HttpResponse:
    """POST /directory/deletedItems/{id}/restore (parameters: CSDL)."""
    call.require(roles.CAN_RESTORE)
    body = call.json_object()
    new_upn, reconcile = body.get("newUserPrincipalName"), body.get("autoReconcileProxyConflict")
    if (
        body.keys() - {"newUserPrincipalName", "autoReconcileProxyConflict"}
        or not isinstance(new_upn, str | None)
        or not isinstance(reconcile, bool | None)
    ):
        raise bad_request("One or more properties contains invalid values.")
    user = accounts.restore(
        call.tenant, key, call.now, call.lag, new_upn=new_upn or None, reconcile=bool(reconcile)
    )
    return json_answer(_as_object(call, user))


def purge(call: Call, key: str) -> HttpResponse:
    """DELETE /directory/deletedItems/{id}: gone for good."""
    call.require(roles.CAN_WRITE_USERS)
    accounts.purge(call.tenant, key)
    return empty_answer()


def _collection(
    call: Call, fragment: str, items: list[dict[str, Any]], default: int, most: int
) -> HttpResponse:
    """A page of ready JSON objects, with $filter, $orderby, $select, $top and $count."""
    options = call.options

    def lookup(name: str) -> Callable[[Any], Any]:
        sample = items[0] if items else {}
        known = {key.lower(): key for key in sample}
        key = known.get(name.lower(), name)
        if sample and key not in sample:
            raise no_property(name, "entity", "Invalid filter clause")
        return lambda item: item.get(key)

    if "$skip" in options:
        raise bad_request("'$skip' is not supported by the service.")
    if "$filter" in options:
        test = query.Filter(options["$filter"], lookup).test
        items = [item for item in items if test(item)]
    if "$orderby" in options:
        items = query.order(options["$orderby"], lookup, items)
    size = query.top(options, default, most)
    token = options.get("$skiptoken")
    first = int(query.read_token(token, fragment)) if token is not None else 0
    body: dict[str, Any] = {"@odata.context": f"{call.root}/$metadata#{fragment}"}
    if fragment.startswith("delegatedAdmin"):
        body["@odata.context"] = f"{call.root}/tenantRelationships/$metadata#{fragment}"
    if options.get("$count", "").lower() == "true":
        body["@odata.count"] = len(items)
    if first + size < len(items):
        link = query.with_token(call.request.query, query.page_token(fragment, first + size))
        body["@odata.nextLink"] = f"{call.request.base}{call.request.path}?{link}"
    page = items[first : first + size]
    if "$select" in options:
        wanted = {part.strip().lower() for part in options["$select"].split(",")}
        for name in wanted:
            if page and name not in {key.lower() for key in page[0]}:
                raise no_property(name, "entity", "Parsing OData Select and Expand failed")
        page = [
            {key: value for key, value in item.items() if key[0] == "@" or key.lower() in wanted}
            for item in page
        ]
    body["value"] = page
    return json_answer(body)


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
    return _collection(
        call, "domains", [_domain_json(item) for item in call.tenant.domains], 100, 999
    )


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
    return _collection(call, "organization", [organization_json(call.tenant)], 100, 999)


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
    return _collection(
        call, "groups", [shape(item) for item in call.tenant.groups.values()], 100, 999
    )


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
    return _collection(call, "directoryObjects", items, 100, 999)


def roles_of(call: Call, key: str) -> HttpResponse:
    """GET /users/{id}/memberOf/microsoft.graph.directoryRole, transitive or not."""
    call.require(roles.CAN_READ)
    user = accounts.find(call.tenant, key, call.now)
    items = [_role_json(call.tenant, template) for template in user.roles]
    return _collection(call, "directoryRoles", items, 100, 999)


def list_roles(call: Call) -> HttpResponse:
    """GET /directoryRoles: roles that somebody holds."""
    call.require(roles.CAN_READ)
    held = dict.fromkeys(role for user in call.tenant.users.values() for role in user.roles)
    items = [_role_json(call.tenant, template) for template in held]
    return _collection(call, "directoryRoles", items, 100, 999)


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
            return _collection(call, "directoryObjects", items, 100, 999)
    raise not_found(key)


def _etag(*parts: int | str) -> str:
    return f'W/"{guid_of(*parts).replace("-", "")[:24]}"'


def list_gdap_customers(call: Call) -> HttpResponse:
    """GET /tenantRelationships/delegatedAdminCustomers: customers with a living relation."""
    if not call.actor.is_reseller:
        raise access_denied()
    items = [
        {
            "@odata.type": "#microsoft.graph.delegatedAdminCustomer",
            "@odata.etag": _etag(tenant.tenant_id, "customer"),
            "id": tenant.tenant_id,
            "tenantId": tenant.tenant_id,
            "displayName": tenant.name,
        }
        for tenant in call.directory.customers.values()
        if call.directory.gdap(tenant) is not None
    ]
    return _collection(call, "delegatedAdminCustomers", items, 100, 300)


def list_gdap_relations(call: Call) -> HttpResponse:
    """GET /tenantRelationships/delegatedAdminRelationships: expired ones too."""
    if not call.actor.is_reseller:
        raise access_denied()
    items: list[dict[str, Any]] = []
    for tenant in call.directory.customers.values():
        relation = tenant.gdap
        if relation is None:
            continue
        status = relation.status if relation.ends > call.now else "expired"
        items.append(
            {
                "@odata.type": "#microsoft.graph.delegatedAdminRelationship",
                "@odata.etag": _etag(relation.relationship_id),
                "id": relation.relationship_id,
                "displayName": relation.display_name,
                "duration": f"P{(relation.ends - relation.starts).days}D",
                "autoExtendDuration": "PT0S",
                "customer": {"tenantId": tenant.tenant_id, "displayName": tenant.name},
                "accessDetails": {
                    "unifiedRoles": [
                        {"roleDefinitionId": template} for template in sorted(relation.roles)
                    ]
                },
                "status": status,
                "createdDateTime": stamp(relation.starts),
                "lastModifiedDateTime": stamp(relation.starts),
                "activatedDateTime": stamp(relation.starts),
                "endDateTime": stamp(relation.ends),
            }
        )
    return _collection(call, "delegatedAdminRelationships", items, 300, 300)


def list_contracts(call: Call) -> HttpResponse:
    """GET /contracts: the reseller's customers, with GDAP or without."""
    call.require(roles.CAN_READ)
    items = [
        {
            "id": guid_of(tenant.tenant_id, "contract"),
            "deletedDateTime": None,
            "contractType": "ResellerPartnerContract",
            "customerId": tenant.tenant_id,
            "defaultDomainName": tenant.default_domain,
            "displayName": tenant.name,
        }
        for tenant in call.directory.customers.values()
        if call.actor.is_reseller
    ]
    return _collection(call, "contracts", items, 100, 999)


def unknown_segment(name: str) -> GraphError:
    """400 for a path that leads nowhere."""
    return bad_request(f"Resource not found for the segment '{name}'.", "BadRequest")
