"""What the operator works on at this moment: the backend, the tenant, and what was read of it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from o365desk.app.config import Settings
from o365desk.app.tasks import Scope
from o365desk.domain.changes import ChangeMark
from o365desk.domain.directory import Tenant, TenantId, UserId, utc_now
from o365desk.domain.licensing import Sku, SkuId, Subscription
from o365desk.domain.ports import Backend, Capabilities, Origin
from o365desk.domain.reconciliation import Balance
from o365desk.domain.trust import CounterTrust, Trust


class Part(StrEnum):
    """What is read of a tenant."""

    USERS = "users"
    COUNTERS = "licenses"
    SUBSCRIPTIONS = "subscriptions"


@dataclass
class Listed:
    """The last listing of every user, to which changes are added."""

    at: datetime
    mark: ChangeMark | None
    """From where changes are asked for; None where a refresh lists everything again."""
    caught_up: bool = False
    """Changes have been asked for since: counters read now say nothing about the listing."""
    balance: Balance | None = None
    """Users and counters as they stood; None until both have been read."""


@dataclass
class TenantWork:
    """Everything of one tenant; thrown away as a whole when another is opened."""

    tenant: Tenant
    scope: Scope = field(default_factory=Scope)
    """Reads of this tenant: cancelled when it is left."""
    skus: tuple[Sku, ...] = ()
    subscriptions: tuple[Subscription, ...] | None = None
    trust: Trust = field(default_factory=Trust)
    counters: CounterTrust = field(default_factory=CounterTrust)
    read_at: datetime | None = None
    """From when the rows are; None as long as none of the loads was whole."""
    listed: Listed | None = None
    counters_idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Not set while the counters are being read."""
    counters_read: int = 0
    """How often they have been."""
    assigned: Mapping[SkuId, int] = field(default_factory=dict)
    """Assigned licenses as Microsoft counted them at the last reading."""
    aged: dict[UserId, datetime] = field(default_factory=dict)
    """Users whose licenses are on the screen as they were read before this listing."""

    missing: dict[Part, str] = field(default_factory=dict)
    """What the last reading did not bring, and why, as a sentence. Empty only when everything has
    been read: a snapshot is made of nothing less."""

    def __post_init__(self) -> None:
        self.counters_idle.set()
        self.missing.update(dict.fromkeys(Part, "It was not read yet."))

    @property
    def complete(self) -> bool:
        return self.read_at is not None

    def counted(self, read: Iterable[Sku], now: datetime) -> tuple[Sku, ...]:
        """Counters as they were read, but for those that lag behind a write made here."""
        return tuple(self.counters.sku(sku, now) for sku in read)


@dataclass
class Session:
    """The backend, and the tenant that is open in it."""

    backend: Backend
    settings: Settings
    now: Callable[[], datetime] = utc_now
    tenants: list[Tenant] = field(default_factory=list)
    """Every tenant read so far."""
    tenants_known: bool = False
    """That is all of them, and Microsoft said so."""
    work: TenantWork | None = None
    _trust: dict[TenantId, tuple[Trust, CounterTrust]] = field(default_factory=dict)

    def open(self, tenant: Tenant) -> TenantWork:
        """Begins to work on a tenant. What was written in it a moment ago is still believed."""
        trust, counters = Trust(), CounterTrust()
        if self.backend.origin is not Origin.SNAPSHOT:  # what was written since is not in those
            trust, counters = self._trust.setdefault(tenant.id, (trust, counters))
        self.work = TenantWork(tenant, trust=trust, counters=counters)
        return self.work

    def as_of(self, work: TenantWork) -> datetime:
        """From when what has just been read is: from now, or when the snapshot was made."""
        as_of = self.backend.as_of
        return (as_of(work.tenant.id) if as_of is not None else None) or self.now()

    def moment(self) -> datetime:
        """The time of what is on the screen: days are counted from a snapshot's own."""
        return self.as_of(self.work) if self.work is not None else self.now()

    def capabilities(self) -> Capabilities:
        if self.work is None:
            return Capabilities(write=False, reason="Choose a customer first.")
        return self.backend.capabilities(self.work.tenant.id)
