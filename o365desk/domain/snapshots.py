"""Snapshots: what was seen of a tenant at one moment, kept to be looked at again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from o365desk.domain.directory import Tenant, TenantId, User, UserId
from o365desk.domain.licensing import Sku, SkuId, Subscription


@dataclass(frozen=True, slots=True)
class TenantState:
    """Everything of one tenant as it was seen at one moment: what a finished load gives."""

    tenant: Tenant
    at: datetime
    """When the reading ended (UTC)."""
    users: tuple[User, ...]
    """Deleted ones included. Licences that could not be read are None."""
    skus: tuple[Sku, ...]
    subscriptions: tuple[Subscription, ...] | None
    """None where they could not be read."""
    blocked_known: bool = True
    """False: the service could not tell who was blocked, and nobody is shown as such."""
    sign_ins: Mapping[UserId, datetime | None] = field(default_factory=dict)
    """When users signed in last, as far as that was ever read; None for who never did. Not part
    of the history: of each user only the latest value is kept."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One finished load in the list of those that are kept."""

    tenant: TenantId
    at: datetime
    users: int
    """Users who were not deleted."""
    deleted: int


@dataclass(frozen=True, slots=True)
class CounterPoint:
    """Counters of one product from one snapshot on, until the next point or the last snapshot."""

    at: datetime
    active: int
    assigned: int
    available: int
    suspended: int = 0
    warning: int = 0


@dataclass(frozen=True, slots=True)
class CounterSeries:
    """How the counters of one product have moved: a step line."""

    tenant: Tenant
    sku_id: SkuId
    name: str
    points: tuple[CounterPoint, ...]
    """Oldest first; one wherever a counter moved."""
    seen: tuple[datetime, ...]
    """The snapshots that say so, oldest first: between two of them nobody looked."""


class HitKind(StrEnum):
    """What a search over all customers has found."""

    TENANT = "customer"
    USER = "user"
    DELETED_USER = "deleted user"
    PRODUCT = "product"
    SUBSCRIPTION = "subscription"


MOST_USERS_FOUND = 300
"""Users that one search gives; who has more typed too little."""

MOST_OTHERS_FOUND = 100
"""Tenants, products and subscriptions that one search gives, of each."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One find, in the newest snapshot of its tenant."""

    kind: HitKind
    tenant: Tenant
    at: datetime
    """Time of that snapshot."""
    title: str
    """Name of the user, product or subscription."""
    detail: str
    """Username, SKU id or subscription id."""
    former: str = ""
    """An earlier username or name, where it is that which matched."""
    user_id: UserId | None = None
    sku_id: SkuId | None = None


@dataclass(frozen=True, slots=True)
class DeletedUser:
    """A deleted user of any tenant, for the purge clock."""

    tenant: Tenant
    at: datetime
    """Time of the snapshot that says so."""
    user: User


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """What the portfolio shows of one tenant, from its newest snapshot."""

    tenant: Tenant
    at: datetime
    users: int
    skus: tuple[Sku, ...]
    """Without service plans: 5,000 tenants are in one table."""
    subscriptions: tuple[Subscription, ...] | None
    blocked_holders: int
    """Users who are blocked from signing in and hold a seat all the same."""
    deletions: tuple[datetime, ...]
    """When the deleted users were deleted, as far as Microsoft said so."""


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What the snapshots take on this computer."""

    on_disk: bool
    """False: kept for this run only."""
    path: str
    size: int
    """Bytes, journal included."""
    tenants: int
    snapshots: int
    oldest: datetime | None
    newest: datetime | None
    stalest: datetime | None
    """Of the newest snapshots of all tenants the oldest: what is shown of all is as old as this."""
