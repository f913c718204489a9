"""Who can sign in to the practice directory, how it goes for whom, and with which applications.

Every user of every tenant can sign in with any password but `wrong`. The reseller's tenant holds
one account for each trouble besides: TROUBLES, made by `hire` when the tenant is filled.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from o365desk.simulator import roles
from o365desk.simulator.ids import guid_of
from o365desk.simulator.scopes import GRAPH_SCOPES, PARTNER_CENTER_SCOPES
from o365desk.simulator.state import AgentGroup, Directory, Tenant, User
from o365desk.simulator.world import Builder

CLIENT_ID: Final = "0365de5c-0001-4000-8000-000000000001"
"""The practice client: multi-tenant, public client flows on."""
NO_PUBLIC_FLOWS_ID: Final = "0365de5c-0002-4000-8000-000000000002"
"""The same, but "Allow public client flows" is off: no device code."""
SINGLE_TENANT_ID: Final = "0365de5c-0003-4000-8000-000000000003"
"""Registered for the reseller's own tenant only."""
ASKED_LATER: Final = frozenset({"Mail.Send", "AuditLog.Read.All"})
"""Granted nowhere at the start, so that a client has to ask for them when first needed."""
UNCONSENTED: Final = "mixed"
"""The customer whose administrator granted nothing yet, by its purpose in the world."""
HELPDESK_CUSTOMERS: Final = ("well_stocked", "no_seats", "two_subscriptions", "group_licensed")
"""Customers whose relation names the helpdesk's security group too, by purpose."""
GUEST_CUSTOMER: Final = "tiny"
"""The customer that has invited the helpdesk operator as a guest, which spoils GDAP."""


_LOOPBACK = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d{1,5})?/?")


@dataclass(frozen=True, slots=True)
class ClientApp:
    """An application registration."""

    client_id: str
    name: str
    multi_tenant: bool = True
    public_flows: bool = True

    def accepts(self, redirect: str) -> bool:
        """Whether a redirect URI is registered; on loopback any port is (RFC 8252 7.3)."""
        return _LOOPBACK.fullmatch(redirect) is not None or redirect in {
            "https://login.microsoftonline.com/common/oauth2/nativeclient",
            f"ms-appx-web://Microsoft.AAD.BrokerPlugin/{self.client_id}",
        }


CLIENTS: Final = {
    client.client_id: client
    for client in (
        ClientApp(CLIENT_ID, "o365desk (practice)"),
        ClientApp(NO_PUBLIC_FLOWS_ID, "o365desk without public client flows", public_flows=False),
        ClientApp(SINGLE_TENANT_ID, "o365desk for one tenant", multi_tenant=False),
    )
}
DECLARED: Final = {
    "graph": GRAPH_SCOPES - ASKED_LATER,
    "partner center": PARTNER_CENTER_SCOPES,
}
"""What `.default` means, and what is granted at the start, by audience."""


class MfaRule(StrEnum):
    """When the second factor is asked for without the client demanding it."""

    ALWAYS = "always"
    BEYOND_HOME = "beyond home"
    """For Partner Center and for other tenants: a Conditional Access policy on those."""
    ON_DEMAND = "on demand"


class Policy(StrEnum):
    """What Conditional Access says about an account beside its MFA rule."""

    NONE = "none"
    BLOCK = "block"
    EXTERNAL = "external"


@dataclass(slots=True)
class Account:
    """How a sign-in goes for a user; the default is that of a plain user."""

    about: str = ""
    rule: MfaRule = MfaRule.ON_DEMAND
    has_method: bool = True
    policy: Policy = Policy.NONE
    is_locked: bool = False
    password_expired: bool = False
    wrong_tries: int = 0
    guest_of: set[str] = field(default_factory=set)
    """Tenants that have invited it as a guest."""


TROUBLES: Final[dict[str, str]] = {
    "single_factor": "Single Factor",
    "mfa_by_policy": "Mfa By Policy",
    "no_mfa_method": "No Mfa Method",
    "blocked_by_policy": "Blocked By Policy",
    "external_challenge": "External Challenge",
    "expired_password": "Expired Password",
    "locked": "Locked Account",
    "disabled": "Disabled Account",
}
"""Purpose to display name of the reseller's accounts that show a trouble; the user name is
the purpose with dots, at the reseller's default domain."""


def hire(builder: Builder) -> None:
    """Adds the accounts of TROUBLES to the reseller's tenant."""
    tenant = builder.tenant
    for purpose, name in TROUBLES.items():
        given, _blank, surname = name.partition(" ")
        seq = tenant.next_seq()
        user = User(
            guid_of(tenant.tenant_id, "account", purpose),
            seq,
            f"{purpose.replace('_', '.')}@{tenant.default_domain}",
            name,
            given,
            surname,
            tenant.country,
            builder.start,
            {},
            enabled=purpose != "disabled",
        )
        if purpose in {"single_factor", "mfa_by_policy"}:
            user.roles = (roles.GLOBAL,)
        tenant.add(user)
        tenant.notable[purpose] = user.user_id


def name_helpdesk(tenant: Tenant, purpose: str) -> None:
    """Puts the helpdesk's group into the relations that know it."""
    if tenant.gdap is not None and purpose in HELPDESK_CUSTOMERS:
        tenant.gdap.helpers = tenant.gdap.roles & {roles.HELPDESK, roles.READERS}


def employ(directory: Directory, purposes: dict[str, str]) -> dict[str, Account]:
    """Puts the reseller's people into their groups; how sign-in goes, by user id."""
    home = directory.tenant(directory.partner.tenant_id)
    note = home.notable
    admin, helpdesk = frozenset({AgentGroup.ADMIN}), frozenset({AgentGroup.HELPDESK})
    directory.agents.update({note[purpose]: admin for purpose in ("admin", *TROUBLES)})
    directory.agents[note["helpdesk"]] = helpdesk
    guest_of = {purposes[GUEST_CUSTOMER]} if GUEST_CUSTOMER in purposes else set()
    always = MfaRule.ALWAYS
    return {
        note["admin"]: Account("Admin agent, signs in with a second factor", always),
        note["helpdesk"]: Account(
            "Helpdesk agent, for some customers only", always, guest_of=guest_of
        ),
        note["single_factor"]: Account("Admin agent, asked for a password alone"),
        note["mfa_by_policy"]: Account(
            "Second factor for Partner Center and customers", MfaRule.BEYOND_HOME
        ),
        note["no_mfa_method"]: Account("No second factor set up", always, has_method=False),
        note["blocked_by_policy"]: Account("Blocked by Conditional Access", policy=Policy.BLOCK),
        note["external_challenge"]: Account(
            "Needs another provider's check", policy=Policy.EXTERNAL
        ),
        note["expired_password"]: Account("Password has expired", password_expired=True),
        note["locked"]: Account("Locked after wrong passwords", is_locked=True),
        note["disabled"]: Account("Sign-in is blocked"),
    }


_TITLES: Final = {
    "admin": "Global Administrator",
    "user_admin": "User Administrator",
    "license_admin": "License Administrator",
    "helpdesk": "Helpdesk Administrator",
    "plain": "No administrator role",
}


def listed(tenant: Tenant, accounts: dict[str, Account]) -> list[tuple[str, User, str]]:
    """Purpose, user and description of the accounts worth offering on the sign-in page."""
    found = []
    for purpose in (*_TITLES, *TROUBLES):
        user = tenant.users.get(tenant.notable.get(purpose, ""))
        if user is not None:
            account = accounts.get(user.user_id)
            found.append((purpose, user, account.about if account else _TITLES[purpose]))
    return found
