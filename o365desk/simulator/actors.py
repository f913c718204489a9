"""Who calls: bearer tokens of the practice directory and the rights they carry.

| token | on Graph | on Partner Center |
|---|---|---|
| `partner` | an operator in the reseller's own tenant | the reseller |
| `partner:<tenant id>` | the reseller at a customer, with the roles of its GDAP relation | - |
| `tenant:<tenant id>` | a Global Administrator of that tenant | refused |
| `helpdesk:<tenant id>` | a Helpdesk Administrator of that tenant | refused |
| `partner-nomfa` | - | the reseller without an MFA claim: 401, error 900421 |
| `expired`, or `expired:` before any of these | 401 | 401 |
| one that the sign-in service gave (identity.py) | as account, tenant and scopes allow | same |
"""

import base64
from dataclasses import dataclass
from enum import StrEnum

from o365desk.simulator import roles
from o365desk.simulator.messages import HttpRequest, dump
from o365desk.simulator.state import AccessToken, AgentGroup, Audience, Directory, Tenant

_BOTH_GROUPS = frozenset(AgentGroup)
_HELPDESK_DAP = frozenset({roles.HELPDESK, roles.READERS})
"""A helpdesk agent's rights under the old delegated administration (PC:permissions overview)."""


class TokenFault(StrEnum):
    """What is wrong with a token."""

    EMPTY = "empty"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    AUDIENCE = "audience"
    REVOKED = "revoked"
    NO_MFA = "no mfa"
    NO_RELATION = "no relation"


class TokenRefused(Exception):
    """The token opens nothing; each face words it."""

    def __init__(self, fault: TokenFault, claims: str = "") -> None:
        super().__init__(str(fault))
        self.fault = fault
        self.claims = claims
        """What a new token must have, as base64url: a claims challenge."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller: which directory it works in, with which roles, as whom."""

    tenant: Tenant
    roles: frozenset[str]
    user_id: str = ""
    """The caller's own account in that directory; empty for a GDAP visitor."""
    is_reseller: bool = False
    scopes: frozenset[str] | None = None
    """The delegated permissions of the token; None: whatever the call needs."""


def bearer(request: HttpRequest) -> str:
    """The token of a request; raises TokenRefused when there is none."""
    scheme, _blank, token = request.header("authorization").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise TokenRefused(TokenFault.EMPTY)
    if token == "expired" or token.startswith("expired:"):
        raise TokenRefused(TokenFault.EXPIRED)
    return token


def reseller(directory: Directory, request: HttpRequest) -> frozenset[AgentGroup]:
    """Admits the reseller to Partner Center, and nobody else; the caller's agent groups."""
    token = bearer(request)
    if token == "partner-nomfa":
        raise TokenRefused(TokenFault.NO_MFA)
    if token == "partner":
        return _BOTH_GROUPS
    access = _signed_in(directory, token, Audience.PARTNER_CENTER)
    if access.tenant_id != directory.partner.tenant_id or access.home_id != access.tenant_id:
        raise TokenRefused(TokenFault.UNKNOWN)
    if not access.has_mfa:
        raise TokenRefused(TokenFault.NO_MFA)
    groups = directory.agents.get(access.user_id, frozenset())
    if not groups:
        raise TokenRefused(TokenFault.NO_RELATION)
    return groups


def graph_actor(directory: Directory, request: HttpRequest) -> Actor:
    """The caller of Graph."""
    token = bearer(request)
    if token == "partner":
        home = directory.tenant(directory.partner.tenant_id)
        return Actor(home, frozenset({roles.GLOBAL}), home.notable["admin"], is_reseller=True)
    kind, colon, tenant_id = token.partition(":")
    if not colon:
        return _signed_in_actor(directory, _signed_in(directory, token, Audience.GRAPH))
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


def _signed_in(directory: Directory, token: str, audience: Audience) -> AccessToken:
    """A token of the sign-in service, if it is good now."""
    access = directory.access_tokens.get(token)
    if access is None:
        raise TokenRefused(TokenFault.UNKNOWN)
    if access.audience is not audience:
        raise TokenRefused(TokenFault.AUDIENCE)
    if access.expires <= directory.now():
        raise TokenRefused(TokenFault.EXPIRED)
    if access.is_cae:
        # Without cp1 the services do not ask again: such a token lives to its end.
        _evaluate(directory, access)
    return access


def _evaluate(directory: Directory, access: AccessToken) -> None:
    """Continuous access evaluation: critical events end a token at once."""
    user = directory.tenant(access.home_id).users.get(access.user_id)
    since = directory.now() if user is None or not user.enabled else None
    for event in (
        directory.revoked.get(access.user_id),
        directory.challenged.get(access.user_id),
    ):
        if event is not None and event.serial > access.serial:
            since = event.at
    if since is not None:
        nbf = {"essential": True, "value": str(int(since.timestamp()))}
        claims = base64.urlsafe_b64encode(dump({"access_token": {"nbf": nbf}})).rstrip(b"=")
        raise TokenRefused(TokenFault.REVOKED, claims.decode())


def _signed_in_actor(directory: Directory, access: AccessToken) -> Actor:
    tenant = directory.tenant(access.tenant_id)
    groups = directory.agents.get(access.user_id, frozenset())
    if access.home_id == access.tenant_id:
        user = tenant.users.get(access.user_id)
        held = frozenset(user.roles) if user is not None else frozenset()
        is_reseller = tenant is directory.partner and bool(groups)
        return Actor(tenant, held, access.user_id, is_reseller, access.scopes)
    relation = directory.gdap(tenant)
    held = relation.of_groups(groups) if relation is not None else frozenset()
    if not held:
        raise TokenRefused(TokenFault.NO_RELATION)
    return Actor(tenant, held, scopes=access.scopes)


def partner_center_roles(
    directory: Directory, tenant: Tenant, groups: frozenset[AgentGroup] = _BOTH_GROUPS
) -> frozenset[str]:
    """What an employee of the reseller may do for a customer: DAP gives all to an admin agent,
    else the roles that the GDAP relation gives the groups."""
    if tenant.delegated_access:
        return frozenset({roles.GLOBAL}) if AgentGroup.ADMIN in groups else _HELPDESK_DAP
    relation = directory.gdap(tenant)
    return relation.of_groups(groups) if relation is not None else frozenset()
