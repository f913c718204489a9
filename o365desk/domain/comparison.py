"""What changed in a tenant between two snapshots: the monthly question, answered line by line."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from o365desk.domain.directory import Tenant, UserId
from o365desk.domain.licensing import Sku, SkuId, Subscription


class ChangeKind(StrEnum):
    """What happened, in the order in which the groups stand on the screen."""

    LICENSE_GAINED = "License gained"
    LICENSE_LOST = "License lost"
    LICENSE_CHANGED = "License changed"
    """The same product, but through other groups, with other service plans, or with an error."""
    CREATED = "Created"
    DELETED = "Deleted"
    RESTORED = "Restored"
    PURGED = "Removed for good"
    """Was there, deleted or not, and is not even among the deleted users any more."""
    RENAMED = "Renamed"
    """Display name, first or last name, username or mail address."""
    BLOCKED = "Blocked"
    UNBLOCKED = "Unblocked"
    LOCATION = "Location changed"


@dataclass(frozen=True, slots=True)
class UserChange:
    """One line: one user, one thing that is different."""

    kind: ChangeKind
    user_id: UserId
    display_name: str
    """As it is at the later moment, or was at the earlier one for who is gone."""
    username: str
    sku_id: SkuId | None = None
    before: str = ""
    """What it was and is now, where that says more: a name, a location, "direct", "2 groups"."""
    after: str = ""


@dataclass(frozen=True, slots=True)
class CounterChange:
    """A product of which a counter moved; None where the tenant did not have it."""

    sku_id: SkuId
    name: str
    before: Sku | None
    after: Sku | None


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """A subscription that came, went, or differs in quantity, state or term."""

    id: str
    name: str
    before: Subscription | None
    after: Subscription | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two moments of one tenant. Every total is counted from the lines, so that they agree."""

    tenant: Tenant
    earlier: datetime
    later: datetime
    changes: tuple[UserChange, ...]
    """Grouped by kind, by name within."""
    counters: tuple[CounterChange, ...]
    subscriptions: tuple[SubscriptionChange, ...]
    """Empty where one of the moments does not know them."""
    unknown: int = 0
    """Users whose licenses one of the two moments does not know: no line says anything of them."""

    @property
    def totals(self) -> Counter[ChangeKind]:
        return Counter(change.kind for change in self.changes)

    @property
    def net(self) -> Counter[SkuId]:
        """Seats gained less seats lost, per product, as the lines say."""
        net: Counter[SkuId] = Counter()
        for change in self.changes:
            if change.sku_id is not None and change.kind is ChangeKind.LICENSE_GAINED:
                net[change.sku_id] += 1
            elif change.sku_id is not None and change.kind is ChangeKind.LICENSE_LOST:
                net[change.sku_id] -= 1
        return net
