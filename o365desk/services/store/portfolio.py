"""What is asked of all tenants at once, from the newest snapshot of each."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from o365desk.domain.directory import UserState
from o365desk.domain.licensing import Sku, Subscription
from o365desk.domain.snapshots import DeletedUser, TenantFacts
from o365desk.domain.text import fold
from o365desk.services.store import reading, selects, values
from o365desk.services.store.schema import (
    NOT_ACTIVE,
    OPEN,
    holding_version,
    license_set,
    product,
    sku_version,
    snapshot,
    subscription_version,
    tenant,
    user_version,
)

_NEWEST = tenant.join(
    snapshot, and_(snapshot.c.tenant_id == tenant.c.id, snapshot.c.number == tenant.c.newest)
)

_HOLDING = and_(
    holding_version.c.tenant_id == user_version.c.tenant_id,
    holding_version.c.valid_to == OPEN,
    holding_version.c.user_id == user_version.c.user_id,
)
"""What a user holds now."""


def facts(connection: Connection) -> list[TenantFacts]:
    """Of every tenant, by name."""
    skus: defaultdict[int, list[Sku]] = defaultdict(list)
    for tenant_id, *row in connection.execute(_SKUS):
        skus[tenant_id].append(reading.sku_of((), *row))
    subscriptions: defaultdict[int, list[Subscription]] = defaultdict(list)
    for tenant_id, *row in connection.execute(_SUBSCRIPTIONS):
        subscriptions[tenant_id].append(reading.subscription_of(*row))
    blocked: dict[int, int] = dict(connection.execute(_BLOCKED_HOLDERS).all())
    deletions: defaultdict[int, list[datetime]] = defaultdict(list)
    for tenant_id, at in connection.execute(_DELETIONS):
        deletions[tenant_id].append(values.moment(at))
    found = [
        TenantFacts(
            tenant=reading.tenant_of(*names),
            at=values.moment(at),
            users=users,
            skus=tuple(skus[id_]),
            subscriptions=tuple(subscriptions[id_]) if subscriptions_known else None,
            blocked_holders=blocked.get(id_, 0),
            deletions=tuple(deletions[id_]),
        )
        for id_, *names, at, users, subscriptions_known in connection.execute(_TENANTS)
    ]
    return sorted(found, key=lambda one: (fold(one.tenant.name), one.tenant.domain, one.tenant.id))


def deleted_users(connection: Connection) -> list[DeletedUser]:
    """Of all tenants, as they were when last seen."""
    tenants = {
        id_: (reading.tenant_of(*names), values.moment(at))
        for id_, *names, at, _, _ in connection.execute(_TENANTS)
    }
    licenses = reading.licenses_of(connection.execute(_SETS_OF_DELETED))
    held = reading.holdings_of(connection.execute(_HOLDINGS_OF_DELETED), licenses)
    found = []
    for part in connection.execute(_DELETED).partitions(1_000):
        users = reading.users_from((row[1:] for row in part), held)
        found += [
            DeletedUser(*tenants[row[0]], user) for row, user in zip(part, users, strict=True)
        ]
    return found


_TENANTS = select(
    tenant.c.id,
    tenant.c.guid,
    tenant.c.name,
    tenant.c.domain,
    snapshot.c.at,
    snapshot.c.users,
    snapshot.c.subscriptions_known,
).select_from(_NEWEST)

_SKUS = select(tenant.c.id, *selects.SKU).select_from(
    tenant.join(
        sku_version,
        and_(sku_version.c.tenant_id == tenant.c.id, sku_version.c.valid_to == OPEN),
    ).join(product, product.c.id == sku_version.c.product_id)
)

_SUBSCRIPTIONS = select(tenant.c.id, *selects.SUBSCRIPTION).select_from(
    tenant.join(
        subscription_version,
        and_(
            subscription_version.c.tenant_id == tenant.c.id,
            subscription_version.c.valid_to == OPEN,
        ),
    )
)

_BLOCKED_HOLDERS = (
    select(user_version.c.tenant_id, func.count())
    .select_from(
        user_version.join(holding_version, _HOLDING).join(
            license_set, license_set.c.id == holding_version.c.license_set_id
        )
    )
    .where(*NOT_ACTIVE, user_version.c.state == UserState.BLOCKED, license_set.c.size > 0)
    .group_by(user_version.c.tenant_id)
)

_IS_DELETED = (*NOT_ACTIVE, user_version.c.state == UserState.DELETED)

_DELETIONS = select(user_version.c.tenant_id, user_version.c.deleted_at).where(
    *_IS_DELETED, user_version.c.deleted_at.is_not(None)
)

_DELETED = (
    select(user_version.c.tenant_id, *selects.USER)
    .select_from(selects.IDENTIFIED)
    .where(*_IS_DELETED)
)

_HELD = user_version.join(holding_version, _HOLDING)

_HOLDINGS_OF_DELETED = (
    select(holding_version.c.user_id, holding_version.c.license_set_id)
    .select_from(_HELD)
    .where(*_IS_DELETED)
)

_SETS_OF_DELETED = select(license_set.c.id, license_set.c.content).where(
    license_set.c.id.in_(
        select(holding_version.c.license_set_id).select_from(_HELD).where(*_IS_DELETED)
    )
)
