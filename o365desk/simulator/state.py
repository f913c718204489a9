"""What the practice directory holds: tenants with users, groups, subscriptions and counters."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

RETENTION = timedelta(days=30)
"""A deleted user is restorable for 30 days and 0 seconds, then gone for good (ENTRA)."""

Populate = Callable[["Tenant"], None]


class SubscriptionStatus(StrEnum):
    """Life of a subscription, in Graph's words (CSDL companySubscription.status)."""

    ENABLED = "Enabled"
    WARNING = "Warning"
    SUSPENDED = "Suspended"
    LOCKED_OUT = "LockedOut"
    DELETED = "Deleted"


class SubscriptionKind(StrEnum):
    """What is bought: seats, Azure usage, or a third party's software."""

    LICENSE = "license"
    AZURE = "azure"
    MARKETPLACE = "marketplace"


@dataclass(slots=True)
class Subscription:
    """One purchase; several may share a SKU."""

    subscription_id: str
    """Graph's id; unlike the Partner Center id of the same purchase."""
    commerce_id: str
    """Partner Center's id, printed upper case there and lower case in Graph."""
    sku_id: str
    """Empty when nothing is assigned to users."""
    quantity: int
    status: SubscriptionStatus
    offer_name: str
    friendly_name: str
    created: datetime
    ends: datetime
    term: str = "P1Y"
    trial: bool = False
    kind: SubscriptionKind = SubscriptionKind.LICENSE
    publisher: str = "Microsoft Corporation"
    auto_renew: bool = True
    parent: str = ""
    """Commerce id of the base subscription of an add-on."""


@dataclass(frozen=True, slots=True, eq=False)
class AssignedLicense:
    """A licence as held: the plans switched off and when it was last changed.

    Many users share one object; it is compared by identity, which hashes fast.
    """

    disabled: tuple[str, ...]
    updated: datetime


@dataclass(slots=True)
class Group:
    """A group; its licences flow to the members."""

    group_id: str
    display_name: str
    licenses: dict[str, AssignedLicense] = field(default_factory=dict)
    role_assignable: bool = False
    roles: tuple[str, ...] = ()
    """Directory roles that every member has."""
    owners: tuple[str, ...] = ()
    """Ids of users."""
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """A DNS name of a tenant."""

    name: str
    is_default: bool = False
    is_initial: bool = False
    is_verified: bool = True
    is_federated: bool = False


@dataclass(slots=True, eq=False)
class User:
    """One account; positional construction keeps 100,000 of them cheap."""

    user_id: str
    seq: int
    """Place in listings; a restored user moves to the end."""
    upn: str
    display_name: str
    given_name: str | None
    surname: str | None
    usage_location: str | None
    created: datetime
    direct: dict[str, AssignedLicense]
    """Licences held directly, by SKU id."""
    enabled: bool = True
    mail: str | None = None
    job_title: str | None = None
    department: str | None = None
    office: str | None = None
    mobile: str | None = None
    language: str | None = None
    country: str | None = None
    city: str | None = None
    phone: str | None = None
    signed_in: datetime | None = None
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    user_type: str = "Member"
    nickname: str | None = None
    """mailNickname where it is not the part of the UPN before the @."""
    proxies: tuple[str, ...] = ()
    """Addresses beside the primary one, with their smtp: prefix."""
    other_mails: tuple[str, ...] = ()
    synced: bool = False
    immutable_id: str | None = None
    company: str | None = None
    deleted_at: datetime | None = None
    password: str | None = None
    force_change: bool = False
    password_changed: datetime | None = None
    version: int = 0
    """The tenant's version at this user's last change: drives delta queries."""

    def addresses(self) -> tuple[str, ...]:
        """proxyAddresses as Graph prints them, the primary one first."""
        if self.mail is None or self.user_type == "Guest":
            return self.proxies
        return (f"SMTP:{self.mail}", *self.proxies)

    def mail_nickname(self) -> str:
        """The alias; by default the part of the UPN before the @."""
        return self.nickname or self.upn.partition("@")[0]


class AgentGroup(StrEnum):
    """The reseller's security groups that Partner Center makes, and GDAP relations name."""

    ADMIN = "AdminAgents"
    HELPDESK = "HelpdeskAgents"


class Audience(StrEnum):
    """The service a token is for."""

    GRAPH = "graph"
    PARTNER_CENTER = "partner center"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What an access token of the practice sign-in service says."""

    home_id: str
    """The tenant that keeps the account."""
    user_id: str
    """The account's object id there."""
    tenant_id: str
    """The tenant that the token opens."""
    audience: Audience
    scopes: frozenset[str]
    has_mfa: bool
    is_cae: bool
    """The client declared cp1: the token lives long, and dies at once when revoked."""
    serial: int
    expires: datetime


@dataclass(frozen=True, slots=True)
class Revocation:
    """Tokens of an account with a lower serial are void."""

    serial: int
    at: datetime


@dataclass(slots=True)
class Gdap:
    """The reseller's granular delegated admin relation to one customer."""

    relationship_id: str
    display_name: str
    roles: frozenset[str]
    starts: datetime
    ends: datetime
    status: str = "active"
    helpers: frozenset[str] = frozenset()
    """What its helpdesk security group got of these roles; the admin agents' group has all."""

    def of_groups(self, groups: frozenset[AgentGroup]) -> frozenset[str]:
        """The roles of a partner's employee who is in these groups."""
        if AgentGroup.ADMIN in groups:
            return self.roles
        return self.helpers if AgentGroup.HELPDESK in groups else frozenset()


class LagPolicy(Protocol):
    """How far the directory's copies run behind; scripted through the faults."""

    def new_user(self) -> tuple[int, float]:
        """Reads and seconds for which a new user is not yet found."""

    def counts(self) -> tuple[int, float]:
        """Reads and seconds for which the counters stay old."""

    def untold_licenses(self) -> bool:
        """Whether a change of licences escapes delta queries."""


@dataclass(slots=True)
class Lag:
    """One thing not yet visible: for so many reads, or until a moment."""

    reads: int
    until: datetime

    @classmethod
    def start(cls, reads: int, seconds: float, now: datetime) -> "Lag":
        """A delay that begins now."""
        return cls(reads, now + timedelta(seconds=seconds))

    def over(self, now: datetime) -> bool:
        """Counts one read; true when the delay has passed."""
        if self.reads > 0:
            self.reads -= 1
            return False
        return now >= self.until


@dataclass(slots=True)
class Tombstone:
    """A user that left the user list, for delta queries."""

    version: int
    reason: str
    """`changed` after a soft delete, `deleted` when gone for good (G:delta-query-users)."""


@dataclass(eq=False)
class Tenant:
    """One organisation. Users and products are made at first touch, to keep the start fast."""

    tenant_id: str
    name: str
    domains: tuple[Domain, ...]
    country: str
    city: str
    postal_code: str
    street: str
    populate: Populate | None = None
    language: str = "en"
    is_customer: bool = True
    delegated_access: bool = True
    """The old delegated admin privileges (DAP); full rights in Partner Center, none in Graph."""
    gdap: Gdap | None = None
    indirect_reseller: str = ""
    banned_words: tuple[str, ...] = ()
    created: datetime | None = None
    version: int = 0
    users: dict[str, User] = field(default_factory=dict, init=False)
    deleted: dict[str, User] = field(default_factory=dict, init=False)
    upns: dict[str, str] = field(default_factory=dict, init=False)
    """Lower-case UPN to id, active users only."""
    groups: dict[str, Group] = field(default_factory=dict, init=False)
    subscriptions: list[Subscription] = field(default_factory=list, init=False)
    consumed: dict[str, int] = field(default_factory=dict, init=False)
    """Seats taken, by SKU id; kept in step by the rules, recountable."""
    group_errors: dict[tuple[str, str, str], str] = field(default_factory=dict, init=False)
    """(user, group, SKU) to the error of background group licensing; no seat is taken then."""
    tombstones: dict[str, Tombstone] = field(default_factory=dict, init=False)
    notable: dict[str, str] = field(default_factory=dict, init=False)
    """Purpose to user id, for tests and demonstrations."""
    hidden: dict[str, Lag] = field(default_factory=dict, init=False)
    """New users that other copies of the directory do not know yet."""
    stale: tuple[Lag, dict[str, int]] | None = field(default=None, init=False)
    """Old counters still shown, and for how long."""
    pages: dict[object, tuple[int, bytes]] = field(default_factory=dict, init=False)
    """Rendered answers with the version they show."""
    last_seq: int = field(default=0, init=False)

    @property
    def default_domain(self) -> str:
        """The domain new users get."""
        return next(domain.name for domain in self.domains if domain.is_default)

    @property
    def initial_domain(self) -> str:
        """The onmicrosoft.com name the tenant was born with."""
        return next(domain.name for domain in self.domains if domain.is_initial)

    def domain(self, name: str) -> Domain | None:
        """A domain by name, in either case."""
        low = name.lower()
        return next((domain for domain in self.domains if domain.name == low), None)

    def fill(self) -> None:
        """Makes the content at first touch."""
        if self.populate is not None:
            populate, self.populate = self.populate, None
            populate(self)

    def add(self, user: User) -> None:
        """Enters a user that takes no part in counting yet."""
        self.users[user.user_id] = user
        self.upns[user.upn.lower()] = user.user_id
        self.last_seq = max(self.last_seq, user.seq)

    def next_seq(self) -> int:
        """A place at the end of listings."""
        self.last_seq += 1
        return self.last_seq

    def changed(self, user: User | None = None) -> None:
        """Notes a change: rendered pages become void, delta queries will tell it."""
        self.version += 1
        self.pages.clear()
        if user is not None:
            user.version = self.version

    def find(self, key: str) -> User | None:
        """An active user by id or UPN, in either case."""
        user = self.users.get(key) or self.users.get(key.lower())
        if user is None:
            user_id = self.upns.get(key.lower())
            user = self.users[user_id] if user_id else None
        return user

    def held(self, user: User) -> Iterator[tuple[str, str, AssignedLicense, str]]:
        """Every licence of a user: SKU, group (empty = direct), licence, error (empty = none)."""
        for sku_id, license_ in user.direct.items():
            yield sku_id, "", license_, ""
        for group_id in user.groups:
            group = self.groups.get(group_id)
            if group is not None:
                for sku_id, license_ in group.licenses.items():
                    error = self.group_errors.get((user.user_id, group_id, sku_id), "")
                    yield sku_id, group_id, license_, error

    def seats(self, user: User) -> set[str]:
        """SKUs of which the user takes a seat: direct and by group together take one."""
        if not user.groups:
            return set(user.direct)
        return {sku_id for sku_id, _group, _license, error in self.held(user) if not error}

    def recount(self) -> dict[str, int]:
        """Counts the seats anew from the users; equal to `consumed` unless the rules are wrong."""
        result: dict[str, int] = {}
        for user in self.users.values():
            for sku_id in self.seats(user) if user.groups else user.direct:
                result[sku_id] = result.get(sku_id, 0) + 1
        return result

    def purge(self, now: datetime) -> None:
        """Forgets users deleted more than 30 days ago."""
        if not self.deleted:
            return
        for user in [u for u in self.deleted.values() if u.deleted_at is not None]:
            if user.deleted_at is not None and now - user.deleted_at > RETENTION:
                self.drop(user)

    def drop(self, user: User) -> None:
        """Forgets a deleted user for good."""
        del self.deleted[user.user_id]
        self.changed()
        self.tombstones[user.user_id] = Tombstone(self.version, "deleted")
        for key in [key for key in self.group_errors if key[0] == user.user_id]:
            del self.group_errors[key]


class Directory:
    """All tenants, the reseller's own included, and the clock they share."""

    def __init__(
        self, partner: Tenant, customers: list[Tenant], clock: Callable[[], datetime]
    ) -> None:
        self.partner = partner
        self.customers = {tenant.tenant_id: tenant for tenant in customers}
        self.tenants = {partner.tenant_id: partner, **self.customers}
        self._clock = clock
        self._ahead = timedelta()
        self.outbox: list[dict[str, object]] = []
        """What sendMail accepted, oldest first."""
        self.access_tokens: dict[str, AccessToken] = {}
        """Every access token given out; what is not in here is forged."""
        self.agents: dict[str, frozenset[AgentGroup]] = {}
        """The reseller's employees by object id."""
        self.revoked: dict[str, Revocation] = {}
        """By object id: sessions revoked, refresh tokens and all."""
        self.challenged: dict[str, Revocation] = {}
        """By object id: access tokens to be renewed, the session lives (CAE critical event)."""
        self._serial = 0

    def next_serial(self) -> int:
        """Orders tokens and revocations, also while the clock stands still."""
        self._serial += 1
        return self._serial

    def revoke_sessions(self, user_id: str) -> None:
        """Voids all that the account was given so far."""
        self.revoked[user_id] = Revocation(self.next_serial(), self.now())

    def now(self) -> datetime:
        """The practice time, aware UTC."""
        return self._clock() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Moves the practice time on."""
        self._ahead += by

    def tenant(self, tenant_id: str) -> Tenant:
        """A tenant with its content made and its expired users purged; KeyError when unknown."""
        tenant = self.tenants[tenant_id.lower()]
        tenant.fill()
        tenant.purge(self.now())
        return tenant

    def gdap(self, tenant: Tenant) -> Gdap | None:
        """The living GDAP relation to a tenant, if any."""
        relation = tenant.gdap
        if relation is None or relation.status != "active" or relation.ends <= self.now():
            return None
        return relation
