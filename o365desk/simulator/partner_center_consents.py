"""Partner Center's consents: an application's permissions at a customer, granted by the reseller.

Paths, bodies and answers: PC:control-panel-vendor-apis. Who may do it, "Exchange Online PowerShell
with GDAP and app consent": an admin agent with one of three roles at the customer; Application
Administrator is a fourth that the role's own page allows. 409 for a consent that exists and 204
for one that leaves are what clients report; the page names 200 and 201 only [K].
"""

from typing import Any, Final

from o365desk.simulator import roles
from o365desk.simulator.identity_accounts import CLIENTS, ClientApp
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.partner_center import PartnerCall, PartnerCenterError, answer
from o365desk.simulator.scopes import RESOURCES, Resource, offered
from o365desk.simulator.state import AgentGroup, Tenant

_CONSENTERS: Final = frozenset(
    {roles.GLOBAL, roles.PRIVILEGED_ROLE, roles.APPLICATION, roles.CLOUD_APPLICATION}
)


def grant(call: PartnerCall, tenant_id: str) -> HttpResponse:
    """POST …/applicationconsents."""
    tenant = _customer(call, tenant_id)
    body = call.body()
    client = CLIENTS.get(str(body.get("applicationid", "")).lower())
    wanted = _wanted(body.get("applicationgrants"))
    if client is None or not client.multi_tenant or not wanted:
        raise _invalid()
    if _consented(call, tenant, client):
        raise PartnerCenterError(409, 409, "Permission entry already exists.")
    call.identity.consent(tenant, client, wanted)
    consent = {
        "applicationId": client.client_id,
        "displayName": client.name,
        "applicationGrants": [
            {"enterpriseApplicationId": resource.app_id, "scope": ",".join(sorted(names))}
            for resource, names in wanted.items()
        ],
        "attributes": {"objectType": "ApplicationConsent"},
    }
    return answer(consent, 201)


def withdraw(call: PartnerCall, tenant_id: str, application_id: str) -> HttpResponse:
    """DELETE …/applicationconsents/{a}: the application leaves with all that it was granted."""
    tenant = _customer(call, tenant_id)
    client = CLIENTS.get(application_id.lower())
    if client is None or not _consented(call, tenant, client):
        raise PartnerCenterError(404, 1000, "The resource was not found.")
    call.identity.withdraw(tenant, client)
    return HttpResponse(204)


def _customer(call: PartnerCall, tenant_id: str) -> Tenant:
    tenant = call.customer(tenant_id, _CONSENTERS)
    if AgentGroup.ADMIN not in call.groups:
        raise PartnerCenterError(403, 2032, "Access denied.")
    return tenant


def _consented(call: PartnerCall, tenant: Tenant, client: ClientApp) -> bool:
    return any(call.identity.granted(tenant, client, resource) for resource in RESOURCES)


def _wanted(grants: Any) -> dict[Resource, frozenset[str]]:
    """What is asked for, by service; names of permissions are separated by commas."""
    wanted: dict[Resource, frozenset[str]] = {}
    for item in grants if isinstance(grants, list) else ():
        if not isinstance(item, dict):
            raise _invalid()
        found = {str(name).lower(): str(value) for name, value in item.items()}
        app_id = found.get("enterpriseapplicationid", "").lower()
        resource = next((one for one in RESOURCES if one.app_id == app_id), None)
        names = frozenset(name.strip() for name in found.get("scope", "").split(",")) - {""}
        if resource is None or not names or not names <= offered(resource):
            raise _invalid()
        wanted[resource] = wanted.get(resource, frozenset()) | names
    return wanted


def _invalid() -> PartnerCenterError:
    return PartnerCenterError(400, 800002, "The request input is invalid.")
