"""Graph's view of the reseller's customers: GDAP relations and the old contracts."""

from typing import Any

from o365desk.simulator import roles
from o365desk.simulator.graph_answers import Call, access_denied, stamp
from o365desk.simulator.graph_lists import listing
from o365desk.simulator.ids import guid_of
from o365desk.simulator.messages import HttpResponse


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
    return listing(call, "delegatedAdminCustomers", items, 100, 300)


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
    return listing(call, "delegatedAdminRelationships", items, 300, 300)


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
    return listing(call, "contracts", items, 100, 999)
