"""Which products the Licenses section lists, and how its counters are to be read."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum

from o365desk.domain.licensing import Sku, SkuId, Subscription, SubscriptionState

LOW_SEATS = 2
LOW_SHARE = 0.05


class Availability(StrEnum):
    """How the free seats of a product stand; the words are shown beside the number."""

    OK = ""
    LOW = "low"
    NONE = "none left"
    OVER = "over-allocated"


def availability(sku: Sku) -> Availability:
    """Judges Microsoft's own figure; nothing is recomputed (S33).

    Low: two seats or fewer, or less than 5 % of those that can be assigned (active and in grace),
    and somebody uses the product: two seats bought today and not given yet are no shortage.
    """
    if sku.available < 0:
        return Availability.OVER
    if sku.available == 0:
        return Availability.NONE
    few = sku.available <= LOW_SEATS or sku.available < LOW_SHARE * (sku.active + sku.warning)
    return Availability.LOW if few and sku.assigned > 0 else Availability.OK


def monitored(skus: Iterable[Sku], subscriptions: Iterable[Subscription]) -> tuple[Sku, ...]:
    """The products of the Licenses section: one entry per SKU id (S43, S45).

    Left out is a product of which every known subscription is billed by usage or sold by a third
    party. A product without a known subscription stays: trials and free products have none.
    Products for the whole organisation are left out as well: nobody is given one, so there is
    nothing to monitor about whom they are assigned to (S43).
    """
    known: dict[SkuId, bool] = {}
    for subscription in subscriptions:
        if subscription.sku_id is not None:
            before = known.get(subscription.sku_id, False)
            known[subscription.sku_id] = before or subscription.licensable
    return tuple(sku for sku in merged(skus) if sku.assignable and known.get(sku.id, True))


def merged(skus: Iterable[Sku]) -> tuple[Sku, ...]:
    """One entry per SKU id, in order of arrival.

    Microsoft gives one entry already, summed over the subscriptions. Should it give several that
    differ, they are parts and are added up (S46); the very same entry twice counts once.
    """
    parts: dict[SkuId, list[Sku]] = {}
    for sku in skus:
        entries = parts.setdefault(sku.id, [])
        if sku not in entries:
            entries.append(sku)
    return tuple(_sum(entries) for entries in parts.values())


def _sum(entries: list[Sku]) -> Sku:
    first = entries[0]
    if len(entries) == 1:
        return first
    ids = dict.fromkeys(known for entry in entries for known in entry.subscription_ids)
    return replace(
        first,
        active=sum(entry.active for entry in entries),
        assigned=sum(entry.assigned for entry in entries),
        available=sum(entry.available for entry in entries),
        suspended=sum(entry.suspended for entry in entries),
        warning=sum(entry.warning for entry in entries),
        assignable=any(entry.assignable for entry in entries),
        subscription_ids=tuple(ids),
    )


_LIFE = (
    SubscriptionState.ACTIVE,
    SubscriptionState.WARNING,
    SubscriptionState.PENDING,
    SubscriptionState.SUSPENDED,
    SubscriptionState.UNKNOWN,
    SubscriptionState.DELETED,
)


def subscriptions_of(sku: Sku, subscriptions: Iterable[Subscription]) -> tuple[Subscription, ...]:
    """Every subscription behind a product, living ones first, each once (S55).

    Where none is tied to the product, the ids that came with its counters are given instead, with
    all else unknown: an id must never be hidden.
    """
    found = {
        subscription.id: subscription
        for subscription in subscriptions
        if subscription.sku_id == sku.id
        or (subscription.sku_id is None and subscription.id in sku.subscription_ids)
    }
    if not found:
        found = {known: _only_id(known, sku) for known in dict.fromkeys(sku.subscription_ids)}
    return tuple(sorted(found.values(), key=_by_life))


def _by_life(subscription: Subscription) -> tuple[int, datetime, str]:
    end = subscription.term_end or datetime.max.replace(tzinfo=UTC)
    return _LIFE.index(subscription.state), end, subscription.id


def _only_id(known: str, sku: Sku) -> Subscription:
    return Subscription(
        id=known,
        sku_id=sku.id,
        name="",
        state=SubscriptionState.UNKNOWN,
        quantity=0,
    )
