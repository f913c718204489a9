"""The rules of licences: seats counted over subscriptions, and what may be given or taken."""

from dataclasses import dataclass
from datetime import datetime

from o365desk.simulator import catalog
from o365desk.simulator.refusals import (
    INHERITED_TEXT,
    LOCATION_TEXT,
    NOT_HELD_TEXT,
    Reason,
    Refusal,
)
from o365desk.simulator.state import (
    AssignedLicense,
    Lag,
    LagPolicy,
    Subscription,
    SubscriptionKind,
    SubscriptionStatus,
    Tenant,
    User,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of one SKU in one tenant (PC:license-resources, G:licenseunitsdetail)."""

    enabled: int
    warning: int
    suspended: int
    locked_out: int
    consumed: int

    @property
    def available(self) -> int:
        """Free seats: those in their grace period still count. Negative after some restores."""
        return self.enabled + self.warning - self.consumed

    @property
    def capability(self) -> str:
        """The SKU's state as both services name it."""
        if self.enabled:
            return "Enabled"
        if self.warning:
            return "Warning"
        if self.suspended:
            return "Suspended"
        return "LockedOut" if self.locked_out else "Enabled"


def owned(tenant: Tenant) -> dict[str, list[Subscription]]:
    """Living subscriptions by SKU id; a SKU whose last one is deleted is owned no longer."""
    result: dict[str, list[Subscription]] = {}
    for subscription in tenant.subscriptions:
        if (
            subscription.kind is SubscriptionKind.LICENSE
            and subscription.status is not SubscriptionStatus.DELETED
        ):
            result.setdefault(subscription.sku_id, []).append(subscription)
    return result


def counts(
    tenant: Tenant, sku_id: str, subscriptions: list[Subscription], consumed: dict[str, int]
) -> Counts:
    """Sums one SKU's subscriptions by status."""
    sums = dict.fromkeys(SubscriptionStatus, 0)
    for subscription in subscriptions:
        sums[subscription.status] += subscription.quantity
    return Counts(
        sums[SubscriptionStatus.ENABLED],
        sums[SubscriptionStatus.WARNING],
        sums[SubscriptionStatus.SUSPENDED],
        sums[SubscriptionStatus.LOCKED_OUT],
        consumed.get(sku_id, 0),
    )


def all_counts(tenant: Tenant) -> dict[str, Counts]:
    """The truth for every SKU owned."""
    return {
        sku_id: counts(tenant, sku_id, subscriptions, tenant.consumed)
        for sku_id, subscriptions in owned(tenant).items()
    }


def shown_consumed(tenant: Tenant, now: datetime) -> dict[str, int]:
    """The consumed figures a reader gets: old ones while a scripted lag lasts."""
    if tenant.stale is not None:
        lag, old = tenant.stale
        if not lag.over(now):
            return old
        tenant.stale = None
    return tenant.consumed


def note_counts(tenant: Tenant, now: datetime, lag: LagPolicy) -> None:
    """Keeps today's figures for readers that shall see them late; call before changing."""
    reads, seconds = lag.counts()
    if (reads or seconds) and tenant.stale is None:
        tenant.stale = (Lag.start(reads, seconds, now), dict(tenant.consumed))


def take_seats(tenant: Tenant, skus: set[str]) -> None:
    """Counts a user's seats in; never refuses, so that a restore may over-allocate."""
    for sku_id in skus:
        tenant.consumed[sku_id] = tenant.consumed.get(sku_id, 0) + 1


def free_seats(tenant: Tenant, skus: set[str]) -> None:
    """Counts a user's seats out."""
    for sku_id in skus:
        tenant.consumed[sku_id] -= 1


def _license_refusal(text: str, sku: str) -> Refusal:
    return Refusal(Reason.LICENSE, text, sku=sku)


def _check_removals(tenant: Tenant, user: User, remove: list[str]) -> None:
    for sku_id in remove:
        if sku_id in user.direct:
            continue
        by_group = any(sku == sku_id for sku, group, _license, _error in tenant.held(user) if group)
        raise _license_refusal(INHERITED_TEXT if by_group else NOT_HELD_TEXT, sku_id)


def _check_additions(
    tenant: Tenant, add: dict[str, tuple[str, ...]], seats: set[str], remove: list[str]
) -> None:
    mine = owned(tenant)
    for sku_id, disabled in add.items():
        product = catalog.products().get(sku_id)
        # Tenant-wide SKUs hold nothing a user could be given; the text is assumed [K].
        if sku_id not in mine or product is None or product.applies_to != "User":
            raise _license_refusal(
                f"License {sku_id} does not correspond to a valid company License.", sku_id
            )
        if not product.plan_ids.issuperset(disabled):
            raise _license_refusal(
                f"License assignment failed because one or more disabled plans do not belong "
                f"to license {sku_id}.",
                sku_id,
            )
        if sku_id in remove:
            raise _license_refusal(
                f"License {sku_id} cannot be both added and removed in one request.", sku_id
            )
    for sku_id in add:
        if sku_id not in seats:
            figures = counts(tenant, sku_id, mine[sku_id], tenant.consumed)
            if figures.available <= 0:
                raise Refusal(
                    Reason.NO_SEAT,
                    f"Subscription with SKU {sku_id} does not have any available licenses.",
                    sku=sku_id,
                )


def enabled_plans(held: list[tuple[str, tuple[str, ...]]]) -> set[str]:
    """The plans that can quarrel and are on, in a set of (SKU, disabled plans)."""
    result: set[str] = set()
    products = catalog.products()
    for sku_id, disabled in held:
        product = products.get(sku_id)
        if product is not None:
            result |= (product.plan_ids & catalog.SENSITIVE).difference(disabled)
    return result


def _check_plans(held: list[tuple[str, tuple[str, ...]]]) -> None:
    enabled = enabled_plans(held)
    both = catalog.exclusion_violation(enabled)
    if both is not None:
        raise _license_refusal(
            f"License assignment failed because service plans {', '.join(both)} "
            "are mutually exclusive.",
            "",
        )
    lacking = catalog.dependency_violation(enabled)
    if lacking is not None:
        plan_id, needed = lacking
        # Text of samples/graph/error-400-license-dependency.json.
        raise _license_refusal(
            f"License assignment failed because service plan {plan_id} depends on the service "
            f"plan(s) {', '.join(needed)}",
            "",
        )


def assign(
    tenant: Tenant,
    user: User,
    add: dict[str, tuple[str, ...]],
    remove: list[str],
    now: datetime,
    lag: LagPolicy,
) -> None:
    """Gives and takes licences in one step: all of it, or a Refusal and nothing."""
    _check_removals(tenant, user, remove)
    if add and not user.usage_location:
        raise Refusal(Reason.USAGE_LOCATION, LOCATION_TEXT)
    before = tenant.seats(user)
    _check_additions(tenant, add, before, remove)
    direct = {sku: held for sku, held in user.direct.items() if sku not in remove}
    for sku_id, disabled in add.items():
        # Replaces the disabled plans of a SKU already held, as the service does.
        direct[sku_id] = AssignedLicense(disabled, now)
    by_group = [
        (sku, license_.disabled)
        for sku, group, license_, error in tenant.held(user)
        if group and not error
    ]
    _check_plans([(sku, held.disabled) for sku, held in direct.items()] + by_group)
    if not add and not remove:
        return
    note_counts(tenant, now, lag)
    free_seats(tenant, before)
    user.direct = direct
    take_seats(tenant, tenant.seats(user))
    grant_mailbox(tenant, user)
    told = user.version
    tenant.changed(user)
    if lag.untold_licenses():
        user.version = told


def grant_mailbox(tenant: Tenant, user: User) -> None:
    """A mailbox plan gives an address: licences recalculate mail and proxyAddresses (ENTRA)."""
    held = [(sku, license_.disabled) for sku, _g, license_, error in tenant.held(user) if not error]
    if user.mail is None and enabled_plans(held) & catalog.MAILBOX_PLANS:
        user.mail = user.upn


def has_mailbox(tenant: Tenant, user: User) -> bool:
    """True when a mailbox plan is on."""
    held = [(sku, license_.disabled) for sku, _g, license_, error in tenant.held(user) if not error]
    return bool(enabled_plans(held) & catalog.MAILBOX_PLANS)


def reprocess(tenant: Tenant, user: User, now: datetime, lag: LagPolicy) -> None:
    """Tries group licences in error again: those with a seat by now become active."""
    before = tenant.seats(user)
    mine = owned(tenant)
    healed = False
    for sku_id, group, _license, error in list(tenant.held(user)):
        if error == "CountViolation" and sku_id in mine:
            figures = counts(tenant, sku_id, mine[sku_id], tenant.consumed)
            if sku_id in before or figures.available > 0:
                if not healed:
                    note_counts(tenant, now, lag)
                del tenant.group_errors[user.user_id, group, sku_id]
                fresh = tenant.seats(user)
                take_seats(tenant, fresh - before)
                before, healed = fresh, True
    if healed:
        grant_mailbox(tenant, user)
        tenant.changed(user)


def is_premium(tenant: Tenant) -> bool:
    """True when the tenant owns Entra ID P1 or P2, alone or inside a suite."""
    products = catalog.products()
    return any(
        products[sku_id].plan_ids & catalog.PREMIUM_PLANS
        for sku_id, subscriptions in owned(tenant).items()
        if sku_id in products
        and any(
            subscription.status in {SubscriptionStatus.ENABLED, SubscriptionStatus.WARNING}
            for subscription in subscriptions
        )
    )
