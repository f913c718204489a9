"""A past for the practice directory, which is new at every start: earlier snapshots made up from
the first reading of a customer, so that the time line and Compare have something to practise on."""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from o365desk.domain.directory import User, UserState
from o365desk.domain.licensing import (
    LicenseAssignment,
    Sku,
    SkuId,
    Subscription,
    SubscriptionState,
)
from o365desk.domain.reconciliation import seats
from o365desk.domain.snapshots import TenantState

AGES = (400, 300, 200, 150, 120, 90, 60, 45, 30, 21, 14, 10, 7, 5, 4, 3, 2, 1)
"""Days before the reading of which there is a snapshot."""

_TROUBLE = 7
"""Days since which what is suspended is, and what lacks seats has lost some."""

_SPARE = 2
"""Seats that such a product would have had left."""


def past(now: TenantState) -> Iterator[TenantState]:
    """Earlier states, oldest first; the same for the same reading. Counters fit the users."""
    held_now = seats(now.users)
    lost = {sku.id: _lost(sku) for sku in now.skus if sku.available < 0}
    for age in AGES:
        at = now.at - timedelta(days=age)
        users = tuple(user for one in now.users if (user := _earlier(one, at, age)) is not None)
        held = seats(users)
        skus = tuple(_counters(sku, held[sku.id] - held_now[sku.id]) for sku in now.skus)
        subscriptions = _known(now.subscriptions, at)
        if age >= _TROUBLE:
            skus = tuple(_whole(sku, lost.get(sku.id, 0)) for sku in skus)
            subscriptions = _in_force(subscriptions, lost)
        yield replace(now, at=at, users=users, skus=skus, subscriptions=subscriptions)


def _earlier(user: User, at: datetime, age: int) -> User | None:
    """The user as he was then; None before he was created."""
    lot = zlib.crc32(user.id.encode())
    since = AGES[lot // 64 % len(AGES)]
    """Age from which on this user was otherwise than today."""
    if user.deleted:
        if user.deleted_at is None or user.deleted_at <= at:
            return user
        user = user._replace(state=UserState.ACTIVE, deleted_at=None)
    if age < since:
        return user
    match lot % 16:
        case 0 | 1:
            return None
        case 2 | 3 | 4 if user.licenses:
            return user._replace(licenses=user.licenses[1:])
        case 5 if user.licenses:
            return user._replace(licenses=_without_plans(user.licenses))
        case 6 if user.state is UserState.BLOCKED:
            return user._replace(state=UserState.ACTIVE)
        case 7 if user.username:
            name, at_sign, domain = user.username.partition("@")
            return user._replace(username=f"{name}.old{at_sign}{domain}")
    return user


def _without_plans(licenses: tuple[LicenseAssignment, ...]) -> tuple[LicenseAssignment, ...]:
    first, *rest = licenses
    return (first._replace(disabled_plans=()), *rest)


def _counters(sku: Sku, moved: int) -> Sku:
    """`moved`: how many seats more were held then."""
    return sku.with_assigned(max(moved, -sku.assigned))


def _lost(sku: Sku) -> int:
    """Seats that a product had before the trouble, beside those that are suspended now."""
    return max(0, _SPARE - sku.available - sku.suspended)


def _whole(sku: Sku, lost: int) -> Sku:
    """The product before the trouble."""
    more = sku.suspended + lost
    return replace(
        sku,
        active=sku.active + more,
        available=sku.available + more,
        suspended=0,
        status="Enabled" if sku.suspended else sku.status,
    )


def _in_force(
    subscriptions: tuple[Subscription, ...] | None, lost: dict[SkuId, int]
) -> tuple[Subscription, ...] | None:
    """What was bought, before the trouble; the first of a product had the seats that were lost."""
    if subscriptions is None:
        return None
    left = dict(lost)
    found = []
    for one in subscriptions:
        if one.state is SubscriptionState.SUSPENDED:
            one = replace(one, state=SubscriptionState.ACTIVE)
        if one.state is SubscriptionState.ACTIVE and one.sku_id is not None:
            one = replace(one, quantity=one.quantity + left.pop(one.sku_id, 0))
        found.append(one)
    return tuple(found)


def _known(
    subscriptions: tuple[Subscription, ...] | None, at: datetime
) -> tuple[Subscription, ...] | None:
    if subscriptions is None:
        return None
    return tuple(one for one in subscriptions if one.created is None or one.created <= at)
