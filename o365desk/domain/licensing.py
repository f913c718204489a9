"""Licences: what a tenant owns, what a user holds, and the algebra of changing it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, NewType

SkuId = NewType("SkuId", str)
"""Product SKU id: a GUID in lower case, or a part number for Partner Center's licence group 2."""

PlanId = NewType("PlanId", str)
"""Service plan id: a GUID in lower case."""

GroupId = NewType("GroupId", str)
"""Object id of a group through which licences are inherited: a GUID in lower case."""


class LicenseAssignment(NamedTuple):
    """One SKU held by one user. A named tuple for the reason given at `User`; shared when equal."""

    sku_id: SkuId
    direct: bool = True
    """Assigned to the user itself, hence removable here."""
    groups: tuple[GroupId, ...] = ()
    """Groups that also (or only) give it. Empty where the service does not tell: Capabilities."""
    disabled_plans: tuple[PlanId, ...] = ()
    """Service plans an administrator has switched off inside the direct assignment."""
    error: str = ""
    """Microsoft's word for a failed (group) assignment, e.g. CountViolation; empty when none."""


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """One service inside a SKU."""

    id: PlanId
    name: str
    """Microsoft's identifier, e.g. EXCHANGE_S_ENTERPRISE."""
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class Sku:
    """A product a tenant owns, with its counters summed by Microsoft over its subscriptions.

    Counters follow learn.microsoft.com/partner-center/developer/license-resources; from Graph,
    `available` is enabled + warning - consumed, and may be negative.
    """

    id: SkuId
    part_number: str
    name: str
    active: int = 0
    assigned: int = 0
    available: int = 0
    suspended: int = 0
    warning: int = 0
    """Units of an expired subscription in its grace period: still assignable."""
    assignable: bool = True
    """False for SKUs that apply to the whole organisation: never offered to a user."""
    status: str = ""
    """Microsoft's capability status (Enabled, Warning, Suspended, Deleted, LockedOut), as sent."""
    plans: tuple[ServicePlan, ...] = ()
    subscription_ids: tuple[str, ...] = ()
    """Ids the counters' own answer ties to this SKU; see Subscription for the rest."""
    group: str = "group1"
    """Partner Center's licence group: one licence update may name SKUs of one group only."""

    def with_assigned(self, more: int) -> "Sku":
        """The counters after `more` further users hold the SKU (negative: fewer)."""
        return replace(self, assigned=self.assigned + more, available=self.available - more)


class SubscriptionState(StrEnum):
    """Life of a subscription in the words both services share."""

    ACTIVE = "active"
    WARNING = "warning"
    SUSPENDED = "suspended"
    DELETED = "deleted"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One purchase behind a SKU."""

    id: str
    """Microsoft subscription id as Partner Center shows it (Graph: commerceSubscriptionId)."""
    sku_id: SkuId | None
    name: str
    """Offer name; never the friendly name somebody gave it (S47)."""
    state: SubscriptionState
    quantity: int
    friendly_name: str = ""
    term_end: datetime | None = None
    created: datetime | None = None
    trial: bool = False
    auto_renew: bool | None = None
    term: str = ""
    """ISO 8601 duration of the term (P1M, P1Y, P3Y); empty when unknown."""
    licensable: bool = True
    """False for usage-billed (Azure) and third-party marketplace subscriptions (S43)."""


class LicenseGrant(NamedTuple):
    """A SKU to assign, with the service plans to leave switched off (N12)."""

    sku_id: SkuId
    disabled_plans: tuple[PlanId, ...] = ()


@dataclass(frozen=True, slots=True)
class LicenseChange:
    """What one Update does: sent as one call, so that it succeeds or fails as a whole."""

    add: tuple[LicenseGrant, ...] = ()
    remove: tuple[SkuId, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)

    @property
    def sku_ids(self) -> frozenset[SkuId]:
        return frozenset((*(grant.sku_id for grant in self.add), *self.remove))


class Lock(StrEnum):
    """Why a switch of the Manage Licenses dialog cannot be moved."""

    NONE = ""
    INHERITED = "inherited"
    """Held through a group only: leave the group to remove it."""
    EXHAUSTED = "exhausted"
    """Not held, and no seat is free."""
    INACTIVE = "inactive"
    """Not held, and the product is suspended: no seat can be given."""


@dataclass(frozen=True, slots=True)
class LicenseLine:
    """One row of the Manage Licenses dialog."""

    sku: Sku
    on: bool
    """Where the switch stands now."""
    held: LicenseAssignment | None
    lock: Lock
    available: int
    """Free seats as Microsoft gives them now; may be negative."""
    projected: int
    """Free seats after Update."""
    owned: bool = True
    """False when the user holds a SKU that the tenant no longer owns."""

    @property
    def changed(self) -> bool:
        return self.projected != self.available


@dataclass(frozen=True, slots=True)
class LicenseDraft:
    """The operator's wish for one user's licences, beside what Microsoft last said.

    Immutable: every step gives a new draft. `chosen` holds the SKUs that shall be assigned to the
    user itself; inherited ones are never in it unless they are direct as well.
    """

    skus: tuple[Sku, ...]
    held: tuple[LicenseAssignment, ...]
    chosen: frozenset[SkuId]
    remembered: Mapping[SkuId, tuple[PlanId, ...]] = field(default_factory=dict)
    """Disabled service plans of every direct assignment seen while drafting, so that a licence
    taken away and given back keeps them (N12)."""

    @classmethod
    def begin(cls, skus: Iterable[Sku], held: Iterable[LicenseAssignment]) -> "LicenseDraft":
        held = tuple(held)
        return cls(
            skus=tuple(skus),
            held=held,
            chosen=_direct(held),
            remembered={a.sku_id: a.disabled_plans for a in held if a.direct},
        )

    def lines(self) -> tuple[LicenseLine, ...]:
        """Held products first, then those with free seats, then exhausted ones; by name within.

        The order depends on `held` only, so that nothing moves while the operator toggles.
        """
        held = {assignment.sku_id: assignment for assignment in self.held}
        owned = {sku.id: sku for sku in self.skus}
        shown = [sku for sku in self.skus if sku.assignable]
        shown += [
            Sku(id=sku_id, part_number="", name="", available=0)
            for sku_id in held
            if sku_id not in owned
        ]
        lines = [self._line(sku, held.get(sku.id), sku.id in owned) for sku in shown]
        return tuple(sorted(lines, key=_line_order))

    def _line(self, sku: Sku, held: LicenseAssignment | None, owned: bool) -> LicenseLine:
        on = sku.id in self.chosen or (held is not None and not held.direct)
        lock = Lock.NONE
        if held is not None and not held.direct:
            lock = Lock.INHERITED
        elif not on and held is None and sku.available <= 0:
            inactive = sku.active + sku.warning == 0 and sku.suspended > 0
            lock = Lock.INACTIVE if inactive else Lock.EXHAUSTED
        return LicenseLine(
            sku=sku,
            on=on,
            held=held,
            lock=lock,
            available=sku.available,
            projected=sku.available + self._seats_freed(sku.id, held),
            owned=owned,
        )

    def _seats_freed(self, sku_id: SkuId, held: LicenseAssignment | None) -> int:
        """+1, 0 or -1. Direct and inherited together use one seat, so removing the direct
        assignment of such a SKU frees none."""
        if held is None:
            return -1 if sku_id in self.chosen else 0
        if not held.direct or held.groups:
            return 0
        return 0 if sku_id in self.chosen else 1

    def toggled(self, sku_id: SkuId) -> "LicenseDraft":
        """The draft with one switch moved; unchanged when that switch is locked or unknown."""
        line = next((line for line in self.lines() if line.sku.id == sku_id), None)
        if line is None or line.lock is not Lock.NONE:
            return self
        return replace(self, chosen=self.chosen ^ {sku_id})

    def change(self) -> LicenseChange:
        """What Update has to send: only what differs, in a stable order."""
        direct = _direct(self.held)
        add = tuple(
            LicenseGrant(sku_id, self.remembered.get(sku_id, ()))
            for sku_id in sorted(self.chosen - direct)
        )
        return LicenseChange(add=add, remove=tuple(sorted(direct - self.chosen)))

    def rebased(self, skus: Iterable[Sku], held: Iterable[LicenseAssignment]) -> "LicenseDraft":
        """The same wish over fresh facts: switches the operator moved keep where they were put,
        all others follow Microsoft. What has happened meanwhile drops out of `change()`."""
        held = tuple(held)
        moved = self.chosen ^ _direct(self.held)
        wanted = self.chosen & moved
        chosen = (_direct(held) - moved) | wanted
        remembered = {**self.remembered, **{a.sku_id: a.disabled_plans for a in held if a.direct}}
        return LicenseDraft(tuple(skus), held, frozenset(chosen), remembered)

    def applied(self) -> tuple[LicenseAssignment, ...]:
        """What the user will hold if Microsoft does exactly as asked."""
        kept = []
        for assignment in self.held:
            if not assignment.direct or assignment.sku_id in self.chosen:
                kept.append(assignment)
            elif assignment.groups:
                kept.append(assignment._replace(direct=False, disabled_plans=()))
        direct = _direct(self.held)
        kept += [
            LicenseAssignment(sku_id, disabled_plans=self.remembered.get(sku_id, ()))
            for sku_id in sorted(self.chosen - direct)
        ]
        return tuple(kept)


def _direct(held: Iterable[LicenseAssignment]) -> frozenset[SkuId]:
    return frozenset(assignment.sku_id for assignment in held if assignment.direct)


def _line_order(line: LicenseLine) -> tuple[int, str, str]:
    rank = 0 if line.held is not None else (1 if line.available > 0 else 2)
    return rank, line.sku.name.casefold(), line.sku.id
