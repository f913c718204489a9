"""What deserves a look among all customers: seats, terms and deletions, judged customer by customer
from what was last seen of each."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import IntEnum, StrEnum
from typing import NamedTuple

from o365desk.domain.directory import RESTORE_WINDOW, TenantId, days_left
from o365desk.domain.licensing import Sku, SkuId, Subscription, SubscriptionState
from o365desk.domain.monitoring import Availability, availability, monitored
from o365desk.domain.snapshots import TenantFacts

FREE_ALLOTMENTS = frozenset((10_000, 1_000_000))
"""Seats that Microsoft counts for products that cost nothing (Power Automate Free, Fabric Free):
nobody saves by returning them."""


class FindingKind(StrEnum):
    """What can be found, in the order of the portfolio's columns."""

    OVER = "Over-allocated"
    NONE_LEFT = "No seats left"
    SUSPENDED = "Suspended"
    EXPIRING = "Expiring"
    UNUSED = "Unused seats"
    BLOCKED = "Licensed but blocked"
    PURGE = "Purged soon"


class Severity(IntEnum):
    """How much it presses; the worst first."""

    HIGH = 0
    MEDIUM = 1
    LOW = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is a finding; what Settings shows and the operator may change."""

    expiring_days: int = 30
    unused_seats: int = 5
    """Free seats from this number on, and ..."""
    unused_share: float = 0.1
    """... from this share on of all that can be assigned."""
    purge_days: int = 5


class Finding(NamedTuple):
    """One line about one customer. A named tuple: there may be 50,000 at once."""

    kind: FindingKind
    tenant: TenantId
    sku_id: SkuId | None
    """None for what is about users, and for a subscription without a product."""
    product: str
    number: int
    """Seats, or users; for NONE_LEFT those that are all taken."""
    sentence: str
    """What it means. Holds neither number nor date: the screen writes those its own way."""
    severity: Severity
    until: datetime | None = None
    """When it is too late: the end of a term, the purge of the first of the users."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Findings that the operator does not want to be warned of; None stands for any."""

    tenant: TenantId
    sku_id: SkuId | None = None
    kind: FindingKind | None = None


class Coverage(NamedTuple):
    """How much of the customers a table over all of them speaks of (N8)."""

    customers: int | None
    """In the list of customers; None while that is not known."""
    read: int
    never: int
    left: int
    """Read once, but in the list of customers no more."""
    earlier: int
    """Read before today."""
    oldest: datetime | None


def findings(facts: TenantFacts, now: datetime, limits: Limits) -> tuple[Finding, ...]:
    """What there is to say of one customer, the most pressing first."""
    products = monitored(facts.skus, facts.subscriptions or ())
    found = [
        *_seats(facts, products, limits),
        *_suspended(facts, products),
        *_expiring(facts, products, now, limits),
        *_users(facts, now, limits),
    ]
    return tuple(sorted(found, key=_pressing))


def _pressing(finding: Finding) -> tuple[Severity, str, str]:
    return finding.severity, finding.product.casefold(), finding.kind


def _seats(facts: TenantFacts, products: Iterable[Sku], limits: Limits) -> Iterator[Finding]:
    tenant = facts.tenant.id
    for sku in products:
        seats = sku.active + sku.warning
        standing = availability(sku)
        if standing is Availability.OVER:
            yield Finding(
                FindingKind.OVER,
                tenant,
                sku.id,
                _name(sku),
                -sku.available,
                "More seats are assigned than can be used. Free some, or order more.",
                Severity.HIGH,
            )
        elif standing is Availability.NONE and seats > 0:
            yield Finding(
                FindingKind.NONE_LEFT,
                tenant,
                sku.id,
                _name(sku),
                sku.assigned,
                "Every seat is assigned.",
                Severity.MEDIUM,
            )
        elif (
            sku.available >= max(1, limits.unused_seats)
            and sku.available >= limits.unused_share * seats
            and seats not in FREE_ALLOTMENTS
        ):
            yield Finding(
                FindingKind.UNUSED,
                tenant,
                sku.id,
                _name(sku),
                sku.available,
                "Nobody uses these seats." if sku.assigned else "Nobody uses this product.",
                Severity.LOW,
            )


def _suspended(facts: TenantFacts, products: Iterable[Sku]) -> Iterator[Finding]:
    """By the counter, which is of today; by the subscriptions where the counter says nothing."""
    sentence = "Cannot be used until the subscription is reactivated."
    counted = set()
    for sku in products:
        if sku.suspended > 0:
            counted.add(sku.id)
            yield Finding(
                FindingKind.SUSPENDED,
                facts.tenant.id,
                sku.id,
                _name(sku),
                sku.suspended,
                sentence,
                Severity.HIGH,
            )
    names = {sku.id: _name(sku) for sku in products}
    for held in facts.subscriptions or ():
        if (
            held.state is SubscriptionState.SUSPENDED
            and held.licensable
            and held.sku_id not in counted
        ):
            yield Finding(
                FindingKind.SUSPENDED,
                facts.tenant.id,
                held.sku_id,
                _subscription_name(held, names),
                held.quantity,
                sentence,
                Severity.HIGH,
            )


def _expiring(
    facts: TenantFacts, products: Iterable[Sku], now: datetime, limits: Limits
) -> Iterator[Finding]:
    names = {sku.id: _name(sku) for sku in products}
    last = now + timedelta(days=limits.expiring_days)
    for held in facts.subscriptions or ():
        if not held.licensable or not _ends(held, facts.at, last):
            continue
        grace = held.state is SubscriptionState.WARNING
        past = held.term_end is not None and held.term_end < now
        yield Finding(
            FindingKind.EXPIRING,
            facts.tenant.id,
            held.sku_id,
            _subscription_name(held, names),
            held.quantity,
            _ending(held, past=past),
            Severity.HIGH if grace or past else Severity.MEDIUM,
            held.term_end,
        )


def _ends(held: Subscription, read_at: datetime, last: datetime) -> bool:
    """Whether a subscription ends within the term, as far as anybody knows. An end that had passed
    when Microsoft still called it active was none."""
    if held.state is SubscriptionState.WARNING:
        return True
    return (
        held.state in (SubscriptionState.ACTIVE, SubscriptionState.PENDING)
        and held.auto_renew is not True
        and held.term_end is not None
        and read_at <= held.term_end <= last
    )


def _ending(held: Subscription, *, past: bool) -> str:
    if held.state is SubscriptionState.WARNING:
        return "Has expired and is in its grace period: renew it before that ends."
    if past:
        return "Has ended since it was read, unless it was renewed."
    trial = "Trial. " if held.trial else ""
    if held.auto_renew is None:
        return f"{trial}Whether it renews by itself is not told."
    return f"{trial}Auto-renew is off."


def _users(facts: TenantFacts, now: datetime, limits: Limits) -> Iterator[Finding]:
    if facts.blocked_holders > 0:
        yield Finding(
            FindingKind.BLOCKED,
            facts.tenant.id,
            None,
            "",
            facts.blocked_holders,
            "Users who are blocked from signing in hold seats all the same.",
            Severity.LOW,
        )
    purged = [at for at in facts.deletions if _near(at, now, limits.purge_days)]
    if purged:
        first = min(purged)
        yield Finding(
            FindingKind.PURGE,
            facts.tenant.id,
            None,
            "",
            len(purged),
            "Deleted users are soon removed for good. Restore whoever is still needed.",
            Severity.HIGH if days_left(first, now) == 1 else Severity.MEDIUM,
            first + RESTORE_WINDOW,
        )


def _name(sku: Sku) -> str:
    return sku.name or sku.part_number or sku.id


def _subscription_name(held: Subscription, names: Mapping[SkuId, str]) -> str:
    known = names.get(held.sku_id) if held.sku_id is not None else None
    return known or held.name or held.id


def soon(deletions: Iterable[datetime | None], now: datetime, days: int = 5) -> int:
    """How many deleted users have at most so many days left, by `domain.directory.days_left`;
    quick, for the deleted users of all customers at once."""
    return sum(at is not None and _near(at, now, days) for at in deletions)


def _near(deleted_at: datetime, now: datetime, days: int) -> bool:
    return now - RESTORE_WINDOW <= deleted_at <= now - RESTORE_WINDOW + timedelta(days=days)


# Hidden findings


def hides(hidden: AbstractSet[Hidden], finding: Finding) -> bool:
    """Whether the operator does not want to be warned of it."""
    tenant, sku_id, kind = finding.tenant, finding.sku_id, finding.kind
    return (
        Hidden(tenant, sku_id, kind) in hidden
        or Hidden(tenant, sku_id) in hidden
        or Hidden(tenant, None, kind) in hidden
        or Hidden(tenant) in hidden
    )


def shown_again(hidden: AbstractSet[Hidden], finding: Finding) -> frozenset[Hidden]:
    """What stays hidden when a finding is to be shown again."""
    return frozenset(one for one in hidden if not hides({one}, finding))


def saved(hidden: Iterable[Hidden]) -> list[list[str]]:
    """For a settings file: plain lists of text, in a stable order."""
    return sorted([one.tenant, one.sku_id or "", one.kind or ""] for one in hidden)


def restored(values: object) -> frozenset[Hidden]:
    """Takes back what `saved` gave; leaves out what does not fit."""
    entries = values if isinstance(values, list) else []
    return frozenset(hidden for entry in entries if (hidden := _restored(entry)) is not None)


def _restored(entry: object) -> Hidden | None:
    match entry:
        case [str(tenant), str(sku_id), str(kind)] if tenant and (not kind or kind in _KINDS):
            return Hidden(
                TenantId(tenant),
                SkuId(sku_id) if sku_id else None,
                FindingKind(kind) if kind else None,
            )
    return None


_KINDS = frozenset(kind.value for kind in FindingKind)


# How much of it all has been read


def covering(
    listed: Iterable[TenantId] | None,
    read: Iterable[tuple[TenantId, datetime]],
    now: datetime,
    zone: tzinfo | None = None,
) -> Generator[None, None, Coverage]:
    """Counts the customers, one a step: `listed` as Microsoft lists them (None: not known), `read`
    with the time of each one's newest snapshot. Days are counted in `zone`; None is that of this
    computer."""
    # Not the offset of this moment: the clocks may have been put forward since midnight.
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    today = midnight.astimezone(UTC)
    known: set[TenantId] = set()
    for tenant in listed or ():
        known.add(tenant)
        yield
    count = left = earlier = 0
    oldest: datetime | None = None
    for tenant, at in read:
        if listed is not None and tenant not in known:
            left += 1
        else:
            count += 1
            earlier += at < today
            oldest = at if oldest is None else min(oldest, at)
        yield
    customers = None if listed is None else len(known)
    never = 0 if customers is None else customers - count
    return Coverage(customers, count, never, left, earlier, oldest)
