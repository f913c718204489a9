"""Who calls: bearer tokens of the practice directory and the rights they carry.

| token | on Graph | on Partner Center |
|---|---|---|
| `partner` | an operator in the reseller's own tenant | the reseller |
| `partner:<tenant id>` | the reseller at a customer, with the roles of its GDAP relation | - |
| `tenant:<tenant id>` | a Global Administrator of that tenant | refused |
| `helpdesk:<tenant id>` | a Helpdesk Administrator of that tenant | refused |
| `partner-nomfa` | - | the reseller without an MFA claim: 401, error 900421 |
| `expired`, or `expired:` before any of these | 401 | 401 |
"""

from dataclasses import dataclass
from enum import StrEnum

from o365desk.simulator import roles
from o365desk.simulator.messages import HttpRequest
from o365desk.simulator.state import Directory, Tenant


class TokenFault(StrEnum):
    """What is wrong with a token."""

    EMPTY = "empty"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    NO_MFA = "no mfa"
    NO_RELATION = "no relation"


class TokenRefused(Exception):
    """The token opens nothing; each face words it."""

    def __init__(self, fault: TokenFault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller: which directory it works in, with which roles, as whom."""

    tenant: Tenant
    roles: frozenset[str]
    user_id: str = ""
    """The caller's own account in that directory; empty for a GDAP visitor."""
    is_reseller: bool = False


def bearer(request: HttpRequest) -> str:
    """The token of a request; raises TokenRefused when there is none."""
    scheme, _blank, token = request.header("authorization").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise TokenRefused(TokenFault.EMPTY)
    if token == "expired" or token.startswith("expired:"):
        raise TokenRefused(TokenFault.EXPIRED)
    return token


def reseller(request: HttpRequest) -> None:
    """Admits the reseller to Partner Center, and nobody else."""
    token = bearer(request)
    if token == "partner-nomfa":
        raise TokenRefused(TokenFault.NO_MFA)
    if token != "partner":
        raise TokenRefused(TokenFault.UNKNOWN)


def graph_actor(directory: Directory, request: HttpRequest) -> Actor:
    """The caller of Graph."""
    token = bearer(request)
    if token == "partner":
        home = directory.tenant(directory.partner.tenant_id)
        return Actor(home, frozenset({roles.GLOBAL}), home.notable["admin"], is_reseller=True)
    kind, _colon, tenant_id = token.partition(":")
    if kind not in {"partner", "tenant", "helpdesk"} or tenant_id.lower() not in directory.tenants:
        raise TokenRefused(TokenFault.UNKNOWN)
    tenant = directory.tenant(tenant_id)
    if kind == "tenant" or (kind == "partner" and tenant is directory.partner):
        return Actor(tenant, frozenset({roles.GLOBAL}), tenant.notable["admin"])
    if kind == "helpdesk":
        return Actor(tenant, frozenset({roles.HELPDESK}), tenant.notable.get("helpdesk", ""))
    relation = directory.gdap(tenant)
    if relation is None:
        raise TokenRefused(TokenFault.NO_RELATION)
    return Actor(tenant, relation.roles)


def partner_center_roles(directory: Directory, tenant: Tenant) -> frozenset[str]:
    """What the reseller may do for a customer: DAP gives all, else the GDAP roles."""
    if tenant.delegated_access:
        return frozenset({roles.GLOBAL})
    relation = directory.gdap(tenant)
    return relation.roles if relation is not None else frozenset()
