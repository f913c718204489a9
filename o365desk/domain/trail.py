"""How a product came to be over-allocated: between which two snapshots, and through what (N15)."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from o365desk.domain.comparison import ChangeKind, Comparison, SubscriptionChange, UserChange
from o365desk.domain.licensing import Sku, SkuId, Subscription, SubscriptionState
from o365desk.domain.snapshots import CounterSeries

NAMED = 3
"""How many users a sentence names before it counts the rest."""


class CauseKind(StrEnum):
    """What moves the available licences of a product, in the order in which it is told."""

    RESTORED = "restored"
    CREATED = "created"
    ASSIGNED = "assigned"
    CAPACITY_LOST = "capacity lost"
    DELETED = "deleted"
    UNASSIGNED = "unassigned"
    CAPACITY_ADDED = "capacity added"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that moved the available licences."""

    kind: CauseKind
    seats: int
    """By how much: negative where seats were taken or lost."""
    sentence: str
    users: tuple[UserChange, ...] = ()
    """Who took or freed them, one line each."""


@dataclass(frozen=True, slots=True)
class Trail:
    """Why the available licences of a product moved; the causes add up to the whole move."""

    sku_id: SkuId
    earlier: datetime
    later: datetime
    before: Sku | None
    """Its counters at the earlier moment; None where the tenant did not have it, and, as with
    `after`, where no counter moved."""
    after: Sku | None
    causes: tuple[Cause, ...]

    @property
    def moved(self) -> int:
        """By how much Microsoft's figure of available licences moved (S33: nothing corrected)."""
        return _available(self.after) - _available(self.before)

    @property
    def unexplained(self) -> int:
        """How much of it nothing that was seen explains."""
        return sum(c.seats for c in self.causes if c.kind is CauseKind.UNEXPLAINED)


def over_allocated_since(
    series: CounterSeries, at: datetime | None = None
) -> tuple[datetime | None, datetime] | None:
    """The two neighbouring snapshots between which a product became over-allocated that was so
    at `at`, or at the end; None if it was not. The earlier one is None where the first snapshot
    of all says so already."""
    since = None
    for point in series.points:
        if at is not None and point.at > at:
            break
        if point.available >= 0:
            since = None
        elif since is None:
            since = point.at
    if since is None:
        return None
    # The snapshot with which a point began may have been thinned out: the next one says the same.
    place = bisect_left(series.seen, since)
    return series.seen[place - 1] if place else None, series.seen[place]


def causes(comparison: Comparison, sku_id: SkuId) -> Trail:
    """What moved the available licences of a product between the two moments."""
    counters = next((c for c in comparison.counters if c.sku_id == sku_id), None)
    before, after = (counters.before, counters.after) if counters else (None, None)
    order = list(CauseKind)
    found = [*_by_users(comparison, sku_id), *_by_capacity(comparison, sku_id, before, after)]
    found.sort(key=lambda cause: order.index(cause.kind))
    rest = _available(after) - _available(before) - sum(cause.seats for cause in found)
    if rest:
        found.append(_unexplained(rest, comparison.unknown))
    return Trail(sku_id, comparison.earlier, comparison.later, before, after, tuple(found))


def _available(sku: Sku | None) -> int:
    return sku.available if sku else 0


def _by_users(comparison: Comparison, sku_id: SkuId) -> Iterator[Cause]:
    occasions = comparison.occasions
    groups: dict[CauseKind, list[UserChange]] = {}
    for change in comparison.changes:
        if change.sku_id == sku_id and change.kind in _GIVEN_OR_TAKEN:
            kind = _KINDS[occasions.get(change.user_id, change.kind)]
            groups.setdefault(kind, []).append(change)
    for kind, changes in groups.items():
        one = len(changes) == 1
        sentence = _SENTENCES[kind].format(who=_who(changes), were="was" if one else "were")
        takes = changes[0].kind is ChangeKind.LICENSE_GAINED
        yield Cause(kind, -len(changes) if takes else len(changes), sentence, tuple(changes))


_GIVEN_OR_TAKEN = (ChangeKind.LICENSE_GAINED, ChangeKind.LICENSE_LOST)
_KINDS = {
    ChangeKind.RESTORED: CauseKind.RESTORED,
    ChangeKind.CREATED: CauseKind.CREATED,
    ChangeKind.LICENSE_GAINED: CauseKind.ASSIGNED,
    ChangeKind.DELETED: CauseKind.DELETED,
    ChangeKind.PURGED: CauseKind.DELETED,
    ChangeKind.LICENSE_LOST: CauseKind.UNASSIGNED,
}
_SENTENCES = {
    CauseKind.RESTORED: "{who} {were} restored with this product.",
    CauseKind.CREATED: "{who} {were} created with this product.",
    CauseKind.ASSIGNED: "{who} {were} given this product.",
    CauseKind.DELETED: "{who} {were} deleted, which freed what they held.",
    CauseKind.UNASSIGNED: "This product was taken from {who}.",
}


def _who(changes: list[UserChange]) -> str:
    """ "Adele Vance", "Adele Vance and Alex Wilber", "Adele, Alex, Anna and 12 more"."""
    names = [change.display_name or change.username for change in changes]
    if len(names) > NAMED + 1:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _by_capacity(
    comparison: Comparison, sku_id: SkuId, before: Sku | None, after: Sku | None
) -> Iterator[Cause]:
    """What the subscriptions say, then what the counters say beyond that."""
    ids = {one for sku in (before, after) if sku for one in sku.subscription_ids}
    rest = _seats(after) - _seats(before)
    for change in comparison.subscriptions:
        bought = change.after or change.before
        if bought and (bought.sku_id == sku_id or (bought.sku_id is None and bought.id in ids)):
            seats = _given(change.after) - _given(change.before)
            if seats:
                rest -= seats
                yield _capacity(seats, _subscription_words(change))
    if rest:
        suspended = (after.suspended if after else 0) - (before.suspended if before else 0)
        known = rest == -suspended < 0
        yield _capacity(rest, "they are suspended now" if known else "no subscription says why")


def _seats(sku: Sku | None) -> int:
    """Seats that can be assigned, those of an expired subscription in its grace period too."""
    return sku.active + sku.warning if sku else 0


def _given(bought: Subscription | None) -> int:
    """The same of one subscription."""
    return bought.quantity if bought and bought.state in _ASSIGNABLE else 0


_ASSIGNABLE = {SubscriptionState.ACTIVE, SubscriptionState.WARNING}


def _capacity(seats: int, why: str) -> Cause:
    if seats < 0:
        return Cause(CauseKind.CAPACITY_LOST, seats, f"{_count(-seats)} lost: {why}.")
    return Cause(CauseKind.CAPACITY_ADDED, seats, f"{_count(seats)} added: {why}.")


def _subscription_words(change: SubscriptionChange) -> str:
    before, after = change.before, change.after
    words = "is gone"
    if after and before is None:
        words = "is new"
    elif after and before and _given(after) and _given(before):
        words = f"went from {before.quantity} to {after.quantity} seats"
    elif after:
        words = _BECAME[after.state]
    return f"subscription “{change.name or change.id}” {words}"


_BECAME = {
    SubscriptionState.ACTIVE: "is active again",
    SubscriptionState.WARNING: "is in its grace period again",
    SubscriptionState.SUSPENDED: "was suspended",
    SubscriptionState.DELETED: "was deleted",
    SubscriptionState.PENDING: "is pending",
    SubscriptionState.UNKNOWN: "is in a state that is not known",
}


def _unexplained(seats: int, unknown: int) -> Cause:
    words = f"{_count(abs(seats))} {'taken' if seats < 0 else 'freed'} beyond what was seen."
    if unknown:
        whom = "1 user" if unknown == 1 else f"{unknown} users"
        words += f" It is not known what {whom} held at both moments."
    return Cause(CauseKind.UNEXPLAINED, seats, words)


def _count(seats: int) -> str:
    return "1 seat was" if seats == 1 else f"{seats} seats were"
