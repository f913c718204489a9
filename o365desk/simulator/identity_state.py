"""What the sign-in service remembers: accounts, sessions, codes, refresh tokens, consents."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from o365desk.simulator import roles
from o365desk.simulator.identity_accounts import (
    CLIENTS,
    DECLARED,
    UNCONSENTED,
    Account,
    ClientApp,
    MfaRule,
    Policy,
    employ,
)
from o365desk.simulator.identity_claims import Demand
from o365desk.simulator.identity_errors import StsError
from o365desk.simulator.identity_tokens import secret
from o365desk.simulator.ids import guid_of, is_guid
from o365desk.simulator.scopes import (
    GRAPH,
    PARTNER_CENTER,
    RESOURCES,
    Resource,
    needs_admin,
    offered,
)
from o365desk.simulator.state import AccessToken, Audience, Directory, Tenant, User

T = TypeVar("T")

CODE_LIFE: Final = timedelta(minutes=10)
DEVICE_LIFE: Final = timedelta(minutes=15)
REFRESH_LIFE: Final = timedelta(days=90)
"""Unused for longer, a refresh token is dead (refresh-tokens, token lifetime)."""
TRIES: Final = 10
"""Wrong passwords until an account is locked (smart lockout's default)."""
_KEPT: Final = 20_000
"""Tokens and codes of a kind that are remembered."""
_CONSENTERS: Final = frozenset({roles.GLOBAL, roles.PRIVILEGED_ROLE})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Permissions of one service that a client asked for."""

    resource: Resource
    prefix: str
    """How the client wrote the service: with a URL and a slash, or not at all."""
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of a person; refresh tokens descend from it."""

    home_id: str
    user_id: str
    has_mfa: bool
    serial: int
    at: datetime


@dataclass(slots=True)
class Code:
    """An authorization code."""

    client: ClientApp
    tenant: Tenant
    session: Session
    redirect: str
    challenge: str
    nonce: str
    wanted: tuple[Wanted, ...]
    openid: frozenset[str]
    expires: datetime
    is_used: bool = False


@dataclass(slots=True)
class Refresh:
    """A refresh token: good for every service and tenant that the account may enter."""

    client: ClientApp
    session: Session
    issued: datetime


@dataclass(slots=True)
class DeviceFlow:
    """A device code sign-in under way."""

    client: ClientApp
    tenant: Tenant | None
    user_code: str
    wanted: tuple[Wanted, ...]
    openid: frozenset[str]
    demand: Demand
    expires: datetime
    session: Session | None = None
    chosen: Tenant | None = None
    refusal: StsError | None = None
    polled: datetime | None = None
    is_used: bool = False


@dataclass(slots=True)
class Identity:
    """The state, and the rules that hold for every way to a token."""

    directory: Directory
    purposes: dict[str, str]
    codes: dict[str, Code] = field(default_factory=dict)
    refreshes: dict[str, Refresh] = field(default_factory=dict)
    devices: dict[str, DeviceFlow] = field(default_factory=dict)
    grants: dict[tuple[str, str, Audience, str], set[str]] = field(default_factory=dict)
    """Consents by tenant, client, service and user id; empty user id: for everyone."""
    sign_ins: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=2000))
    _accounts: dict[str, Account] | None = None

    @property
    def accounts(self) -> dict[str, Account]:
        """How sign-in goes, by user id; made at first touch, as the tenants are."""
        if self._accounts is None:
            self._accounts = employ(self.directory, self.purposes)
        return self._accounts

    def account(self, user: User) -> Account:
        """How sign-in goes for one user."""
        return self.accounts.setdefault(user.user_id, Account())

    def find(self, upn: str) -> tuple[Tenant, User] | None:
        """A user by UPN in whatever tenant has the domain."""
        domain = upn.strip().rpartition("@")[2]
        for tenant in self.directory.tenants.values():
            if domain and tenant.domain(domain) is not None:
                user = self.directory.tenant(tenant.tenant_id).find(upn.strip())
                return (tenant, user) if user is not None else None
        return None

    def tenant_of(self, name: str, client_id: str = "") -> Tenant | None:
        """The tenant of an authority; None where the account's own is meant."""
        low = name.lower()
        if low in {"common", "organizations"}:
            return None
        if low == "consumers":
            raise StsError(9002332, client=client_id)
        if low in self.directory.tenants:
            return self.directory.tenant(low)
        for tenant in self.directory.tenants.values():
            domain = tenant.domain(low)
            if domain is not None and domain.is_verified:
                return self.directory.tenant(tenant.tenant_id)
        raise StsError(90002 if is_guid(low) or "." in low else 900023, tenant=name)

    def client_of(self, client_id: str, tenant: Tenant | None) -> ClientApp:
        """A registered application, usable at this authority."""
        if not client_id:
            raise StsError(900144, parameter="client_id")
        client = CLIENTS.get(client_id.lower())
        home = self.directory.partner.tenant_id
        if client is None or (
            not client.multi_tenant and tenant is not None and tenant.tenant_id != home
        ):
            name = tenant.name if tenant is not None else "Microsoft Accounts"
            raise StsError(700016, client=client_id, tenant=name)
        if not client.multi_tenant and tenant is None:
            raise StsError(50194, client=client_id)
        return client

    def wanted_of(
        self, text: str, tenant: Tenant | None, client: ClientApp
    ) -> tuple[tuple[Wanted, ...], frozenset[str]]:
        """Takes a scope parameter apart: by service, and the OpenID words."""
        openid = frozenset(text.split()) & {"openid", "profile", "email", "offline_access"}
        found: dict[tuple[Resource, str], set[str]] = {}
        for scope in sorted(set(text.split()) - openid):
            prefix, name = _split(scope)
            resource = _resource(prefix)
            if resource is None:
                where = tenant.name if tenant is not None else "common"
                raise StsError(500011, resource=prefix, tenant=where)
            if name != ".default" and name not in offered(resource):
                raise StsError(650053, name=client.name, scope=name, resource=resource.app_id)
            found.setdefault((resource, prefix), set()).add(name)
        for names in found.values():
            if len(names) > 1 and ".default" in names:
                # A static and a dynamic request do not mix (v2-permissions: .default).
                raise StsError(70011, scope=text)
        wanted = tuple(
            Wanted(resource, prefix, frozenset(names))
            for (resource, prefix), names in found.items()
        )
        return wanted, openid

    # Entry: may this account come in here?

    def admit(self, tenant: Tenant, home: Tenant, user: User, client: ClientApp) -> None:
        """Lets an account into a tenant: its own, or a customer's through a GDAP relation."""
        if tenant is home:
            return
        words = {
            "account": user.upn,
            "home": home.tenant_id,
            "tenant": tenant.name,
            "client": client.client_id,
        }
        relation = self.directory.gdap(tenant)
        groups = self.directory.agents.get(user.user_id, frozenset())
        if tenant.tenant_id in self.account(user).guest_of:
            raise StsError(50177, **words)
        if relation is None or home is not self.directory.partner or not relation.of_groups(groups):
            raise StsError(50020, **words)

    def check_account(self, user: User, *, silent: bool) -> None:
        """Refuses an account that cannot be used at all."""
        account = self.account(user)
        if account.is_locked:
            raise StsError(50053)
        if not user.enabled:
            raise StsError(50057)
        if account.password_expired and not silent:
            raise StsError(50055)
        if account.policy is Policy.BLOCK:
            raise StsError(53003, claims=_policy_claims("block"))
        if account.policy is Policy.EXTERNAL:
            raise StsError(50158, claims=_policy_claims("external"))

    def asks_mfa(
        self, user: User, home: Tenant, tenant: Tenant, wanted: Iterable[Wanted], demand: Demand
    ) -> bool:
        """Whether a second factor is needed for this."""
        rule = self.account(user).rule
        if demand.mfa or rule is MfaRule.ALWAYS:
            return True
        is_beyond = tenant is not home or any(want.resource is PARTNER_CENTER for want in wanted)
        return rule is MfaRule.BEYOND_HOME and is_beyond

    # Consent

    def granted(
        self, tenant: Tenant, client: ClientApp, resource: Resource, user_id: str = ""
    ) -> frozenset[str]:
        """What an application may do in a tenant for a user."""
        key = (tenant.tenant_id, client.client_id, resource.audience)
        own = self.grants.get((*key, user_id), set()) if user_id else set()
        return frozenset(self._for_everyone(tenant, client, resource) | own)

    def _for_everyone(self, tenant: Tenant, client: ClientApp, resource: Resource) -> set[str]:
        key = (tenant.tenant_id, client.client_id, resource.audience, "")
        if key not in self.grants:
            is_partner = tenant is self.directory.partner
            has_none = tenant.tenant_id == self.purposes.get(UNCONSENTED)
            given = is_partner or (resource is GRAPH and not has_none)
            self.grants[key] = set(DECLARED[resource.audience]) if given else set()
        return self.grants[key]

    def missing(
        self, tenant: Tenant, client: ClientApp, user: User, wanted: Iterable[Wanted]
    ) -> dict[Resource, frozenset[str]]:
        """What still needs consent, by service."""
        lacks: dict[Resource, frozenset[str]] = {}
        for want in wanted:
            has = self.granted(tenant, client, want.resource, user.user_id)
            if ".default" in want.scopes:
                left = frozenset() if has else frozenset(DECLARED[want.resource.audience])
            else:
                left = want.scopes - has
            if left:
                lacks[want.resource] = lacks.get(want.resource, frozenset()) | left
        return lacks

    def may_consent(
        self, tenant: Tenant, user: User, lacks: dict[Resource, frozenset[str]]
    ) -> bool:
        """An administrator may grant all, a user what needs none, a visitor nothing."""
        if user.user_id not in tenant.users:
            return False
        needs = any(needs_admin(scope) for scopes in lacks.values() for scope in scopes)
        return self.is_consenter(user) or not needs

    def is_consenter(self, user: User) -> bool:
        """Who may grant for the whole organisation."""
        return bool(_CONSENTERS & set(user.roles))

    def consent(
        self,
        tenant: Tenant,
        client: ClientApp,
        scopes: dict[Resource, frozenset[str]],
        user: User | None = None,
    ) -> None:
        """Grants, to one user or to everyone."""
        for resource, names in scopes.items():
            everyone = self._for_everyone(tenant, client, resource)
            if user is None:
                everyone |= names
            else:
                key = (tenant.tenant_id, client.client_id, resource.audience, user.user_id)
                self.grants.setdefault(key, set()).update(names)

    def withdraw(self, tenant: Tenant, client: ClientApp) -> None:
        """Takes all consents of an application in a tenant back."""
        for resource in RESOURCES:
            self._for_everyone(tenant, client, resource).clear()
        for key in [key for key in self.grants if key[:2] == (tenant.tenant_id, client.client_id)]:
            self.grants[key].clear()

    # Making things

    def start_session(self, home: Tenant, user: User, *, has_mfa: bool) -> Session:
        """A person has just signed in."""
        user.signed_in = self.directory.now()
        return Session(
            home.tenant_id,
            user.user_id,
            has_mfa,
            self.directory.next_serial(),
            self.directory.now(),
        )

    def person(self, session: Session) -> tuple[Tenant, User]:
        """Whose session it is; refused when the account is gone or was signed out everywhere."""
        home = self.directory.tenant(session.home_id)
        user = home.users.get(session.user_id)
        if user is None:
            gone = home.deleted.get(session.user_id)
            raise StsError(50034, account=gone.upn if gone else session.user_id, tenant=home.name)
        return home, user

    def check_session(self, session: Session, issued: datetime) -> None:
        """Refuses a session that was ended: by an administrator, or by a new password."""
        user = self.person(session)[1]
        event = self.directory.revoked.get(session.user_id)
        since = event.at if event is not None and event.serial > session.serial else None
        changed = user.password_changed
        if changed is not None and changed > session.at:
            since = changed
        if since is not None:
            raise StsError(50173, issued=_long(issued), since=_long(since))

    def new_code(self, code: Code) -> str:
        """Keeps a code under a name nobody can guess."""
        name = f"1.{secret(48)}"
        _remember(self.codes, name, code)
        return name

    def new_refresh(self, client: ClientApp, session: Session) -> str:
        """A further refresh token; the older ones stay good, as Microsoft's do."""
        name = f"1.{secret(64)}"
        now = self.directory.now()
        _remember(self.refreshes, name, Refresh(client, session, now))
        return name

    def new_access(self, token: str, access: AccessToken) -> None:
        """An access token that the services shall know."""
        _remember(self.directory.access_tokens, token, access)

    def new_device(self, flow: DeviceFlow) -> str:
        """Keeps a device sign-in."""
        name = f"1.{secret(48)}"
        _remember(self.devices, name, flow)
        return name

    def device_by_user_code(self, typed: str) -> DeviceFlow | None:
        """The open sign-in behind a code that a person typed; blanks and dashes do not count."""
        wanted = "".join(letter for letter in typed.upper() if letter.isalnum())
        now = self.directory.now()
        for flow in self.devices.values():
            is_open = flow.session is None and flow.refusal is None and flow.expires > now
            if is_open and flow.user_code == wanted:
                return flow
        return None

    def note(
        self,
        how: str,
        client_id: str,
        *,
        tenant: str = "",
        account: str = "",
        scopes: str = "",
        code: int = 0,
        has_mfa: bool = False,
    ) -> None:
        """Writes the sign-in log: error code 0 is a success."""
        self.sign_ins.append(
            {
                "at": _long(self.directory.now()),
                "how": how,
                "client": client_id,
                "tenant": tenant,
                "account": account,
                "scopes": scopes,
                "errorCode": code,
                "mfa": has_mfa,
            }
        )


def _remember(store: dict[str, T], name: str, value: T) -> None:
    """Keeps the newest, so that a simulator can run for days."""
    store[name] = value
    while len(store) > _KEPT:
        del store[next(iter(store))]


def _long(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.0000000Z"


def _split(scope: str) -> tuple[str, str]:
    """`https://graph.microsoft.com/User.Read` to its service and its name."""
    service, slash, name = scope.rpartition("/")
    # A service may be written with its own closing slash: https://host//.default.
    return (service.removesuffix("/"), name) if slash else ("", scope)


def _resource(prefix: str) -> Resource | None:
    if not prefix:
        return GRAPH
    host = prefix.removeprefix("https://").removeprefix("api://").lower()
    return next((res for res in RESOURCES if host in {*res.hosts, res.app_id}), None)


def _policy_claims(name: str) -> str:
    """The claims that come with a Conditional Access refusal: the policy to satisfy."""
    policy = guid_of("conditional access", name)
    return f'{{"access_token":{{"capolids":{{"essential":true,"values":["{policy}"]}}}}}}'


def mfa_refusal(resource: str, *, has_method: bool) -> StsError:
    """The second factor is missing, or there is none to give."""
    return StsError(50076 if has_method else 50079, resource=resource, claims=_policy_claims("mfa"))
