"""The part of the practice control face that is about signing in.

| call | does |
|---|---|
| GET /practice/sign-ins | the sign-in log, oldest first; errorCode 0 is a success |
| GET /practice/accounts | accounts worth trying: purpose, user name, tenant, what they show |
| POST /practice/revoke | `{"account"}` signs it out everywhere; with `"sessions": false` only its \
access tokens must be renewed (a CAE event that a refresh answers) |
| POST /practice/consent | `{"tenant", "scopes"?, "client"?, "grant"?}`: grants to everyone, all \
declared scopes when none are named; `"grant": false` takes all back |
| POST /practice/conditional-access | `{"account", "mfa"?, "policy"?, "locked"?, \
"password_expired"?, "has_method"?}`: what sign-in is like from now on |
| POST /practice/relation | `{"tenant", "status"}`: the GDAP relation is `active`, `expired` or \
`terminated` from now on |
| POST /practice/leave | `{"tenant"}`: the customer leaves the reseller |
"""

from collections.abc import Callable
from typing import Any

from o365desk.simulator.identity_accounts import (
    CLIENT_ID,
    CLIENTS,
    DECLARED,
    MfaRule,
    Policy,
    listed,
)
from o365desk.simulator.identity_state import Identity
from o365desk.simulator.messages import HttpRequest
from o365desk.simulator.scopes import PARTNER_CENTER_SCOPES, RESOURCES
from o365desk.simulator.state import Audience, Revocation, Tenant, User

_STATUSES = frozenset({"active", "expired", "terminated"})


class SignInPractice:
    """Changes what the sign-in service knows."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def served(self, request: HttpRequest) -> dict[tuple[str, str], Callable[[], object]]:
        """The calls, by method and name."""
        return {
            ("GET", "sign-ins"): lambda: {"signIns": list(self._identity.sign_ins)},
            ("GET", "accounts"): self._accounts,
            ("POST", "revoke"): lambda: self._revoke(request.json()),
            ("POST", "consent"): lambda: self._consent(request.json()),
            ("POST", "conditional-access"): lambda: self._conditional_access(request.json()),
            ("POST", "relation"): lambda: self._relation(request.json()),
            ("POST", "leave"): lambda: self._leave(request.json()),
        }

    def _user(self, body: dict[str, Any]) -> User:
        found = self._identity.find(body["account"])
        if found is None:
            raise LookupError("no such account")
        return found[1]

    def _tenant(self, body: dict[str, Any]) -> Tenant:
        return self._identity.directory.tenant(body["tenant"])

    def _accounts(self) -> dict[str, Any]:
        identity = self._identity
        return {
            "accounts": [
                {"purpose": purpose, "account": user.upn, "tenant": tenant_id, "about": about}
                for tenant_id in identity.directory.tenants
                for purpose, user, about in listed(
                    identity.directory.tenant(tenant_id), identity.accounts
                )
            ]
        }

    def _revoke(self, body: dict[str, Any]) -> None:
        directory, user = self._identity.directory, self._user(body)
        if body.get("sessions", True):
            directory.revoke_sessions(user.user_id)
        else:
            event = Revocation(directory.next_serial(), directory.now())
            directory.challenged[user.user_id] = event

    def _consent(self, body: dict[str, Any]) -> None:
        tenant, client = self._tenant(body), CLIENTS[body.get("client", CLIENT_ID)]
        if not body.get("grant", True):
            self._identity.withdraw(tenant, client)
            return
        named = frozenset(body.get("scopes") or ())
        scopes = {}
        for resource in RESOURCES:
            is_graph = resource.audience is Audience.GRAPH
            mine = named - PARTNER_CENTER_SCOPES if is_graph else named & PARTNER_CENTER_SCOPES
            scopes[resource] = mine if named else frozenset(DECLARED[resource.audience])
        self._identity.consent(tenant, client, scopes)

    def _conditional_access(self, body: dict[str, Any]) -> None:
        account = self._identity.account(self._user(body))
        account.rule = MfaRule(body.get("mfa", account.rule))
        account.policy = Policy(body.get("policy", account.policy))
        account.is_locked = bool(body.get("locked", account.is_locked))
        account.has_method = bool(body.get("has_method", account.has_method))
        account.password_expired = bool(body.get("password_expired", account.password_expired))

    def _relation(self, body: dict[str, Any]) -> None:
        tenant, status = self._tenant(body), body["status"]
        if tenant.gdap is None or status not in _STATUSES:
            raise ValueError("no relation, or no such status")
        tenant.gdap.status = status

    def _leave(self, body: dict[str, Any]) -> None:
        tenant = self._tenant(body)
        del self._identity.directory.customers[tenant.tenant_id]
        tenant.gdap, tenant.delegated_access = None, False
