"""Reads what a snapshot has seen of a tenant, without SQLAlchemy: the offline window starts here,
and importing it takes longer than reading 20,000 users.

The statements are what SQLAlchemy makes of the schema; a test compares them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from o365desk.domain.directory import Tenant, TenantId, User, UserId, UserState
from o365desk.domain.errors import NotFound
from o365desk.domain.licensing import ServicePlan, Sku, SkuId, Subscription, SubscriptionState
from o365desk.domain.snapshots import Snapshot, TenantState
from o365desk.domain.text import fold
from o365desk.services.store import values

_PIECE = 1_000
"""Rows taken at once: about 1 ms, then others have their turn."""

TENANTS = "SELECT tenant.guid, tenant.name, tenant.domain FROM tenant"

TENANT = """
SELECT tenant.id, tenant.newest, tenant.guid, tenant.name, tenant.domain
FROM tenant
WHERE tenant.guid = :guid
"""

SNAPSHOTS = """
SELECT snapshot.at, snapshot.users, snapshot.deleted
FROM snapshot
WHERE snapshot.tenant_id = :tenant_id
ORDER BY snapshot.number DESC
"""

SNAPSHOT = """
SELECT snapshot.number, snapshot.at, snapshot.subscriptions_known, snapshot.blocked_known
FROM snapshot
WHERE snapshot.tenant_id = :tenant_id AND snapshot.at <= :at
ORDER BY snapshot.number DESC
"""

LICENSE_SETS = """
SELECT license_set.id, license_set.content
FROM license_set
WHERE license_set.id IN (
SELECT holding_version.license_set_id
FROM holding_version
WHERE holding_version.tenant_id = :tenant_id
AND holding_version.valid_to > :number AND holding_version.valid_from <= :number)
"""

HOLDINGS = """
SELECT holding_version.user_id, holding_version.license_set_id
FROM holding_version
WHERE holding_version.tenant_id = :tenant_id
AND holding_version.valid_to > :number AND holding_version.valid_from <= :number
"""

USERS = """
SELECT known_user.guid, user_version.display_name, user_version.username,
user_version.first_name, user_version.last_name, user_version.state, user_version.location,
user_version.user_id, user_version.deleted_at, user_version.synced, user_version.guest,
user_version.mail
FROM user_version JOIN known_user ON known_user.id = user_version.user_id
WHERE user_version.tenant_id = :tenant_id
AND user_version.valid_to > :number AND user_version.valid_from <= :number
"""

SKUS = """
SELECT product.sku_id, product.part_number, product.name, sku_version.active,
sku_version.assigned, sku_version.available, sku_version.suspended, sku_version.warning,
product.assignable, sku_version.status, sku_version.subscription_ids, product.license_group,
product.plans
FROM sku_version JOIN product ON product.id = sku_version.product_id
WHERE sku_version.tenant_id = :tenant_id
AND sku_version.valid_to > :number AND sku_version.valid_from <= :number
"""

SUBSCRIPTIONS = """
SELECT subscription_version.guid, subscription_version.sku_id, subscription_version.name,
subscription_version.state, subscription_version.quantity, subscription_version.friendly_name,
subscription_version.term_end, subscription_version.created, subscription_version.trial,
subscription_version.auto_renew, subscription_version.term, subscription_version.licensable
FROM subscription_version
WHERE subscription_version.tenant_id = :tenant_id
AND subscription_version.valid_to > :number AND subscription_version.valid_from <= :number
"""

SIGN_INS = """
SELECT known_user.guid, last_sign_in.at
FROM known_user JOIN last_sign_in ON known_user.id = last_sign_in.user_id
WHERE known_user.tenant_id = :tenant_id
"""

_NONE = "There is no snapshot of this customer."
_NONE_SO_EARLY = "There is no snapshot of this customer from that time or before."
_LATER = "Choose a later one."

_EVER = 2**63 - 1
"""Later than any time."""

_STATES = {state.value: state for state in UserState}
_LIVES = {state.value: state for state in SubscriptionState}


@dataclass(frozen=True, slots=True)
class Place:
    """A snapshot of one tenant, by the numbers of the tables."""

    tenant: Tenant
    tenant_id: int
    number: int
    at: datetime
    newest: bool
    subscriptions_known: bool
    blocked_known: bool

    @property
    def span(self) -> dict[str, int]:
        """What the statements that read it ask for."""
        return {"tenant_id": self.tenant_id, "number": self.number}


def tenants(connection: Any) -> list[Tenant]:
    """Those with a snapshot, by name."""
    found = [tenant_of(*row) for row in connection.execute(TENANTS)]
    return sorted(found, key=lambda tenant: (fold(tenant.name), tenant.domain, tenant.id))


def snapshots(connection: Any, tenant: TenantId) -> list[Snapshot]:
    """Newest first; none of a tenant that nobody has seen."""
    for tenant_id, *_ in connection.execute(TENANT, {"guid": tenant}).fetchall():
        rows = connection.execute(SNAPSHOTS, {"tenant_id": tenant_id})
        return [Snapshot(tenant, values.moment(at), *counts) for at, *counts in rows]
    return []


def place(connection: Any, tenant: TenantId, at: datetime | None) -> Place:
    """The newest snapshot that is not later than `at`. Raises NotFound."""
    known = connection.execute(TENANT, {"guid": tenant}).fetchone()
    if known is None:
        raise NotFound(_NONE)
    tenant_id, newest, *names = known
    latest = _EVER if at is None else values.micros(at)
    asked = {"tenant_id": tenant_id, "at": latest}
    row = connection.execute(SNAPSHOT, asked).fetchone()
    if row is None:
        raise NotFound(_NONE_SO_EARLY, next_step=_LATER)
    number, seen_at, subscriptions_known, blocked_known = row
    return Place(
        tenant_of(*names),
        tenant_id,
        number,
        values.moment(seen_at),
        number == newest,
        bool(subscriptions_known),
        bool(blocked_known),
    )


def state(connection: Any, tenant: TenantId, at: datetime | None) -> TenantState:
    """All that the newest snapshot not later than `at` has seen. Raises NotFound."""
    where = place(connection, tenant, at)
    asked = where.span
    licenses = licenses_of(connection.execute(LICENSE_SETS, asked))
    held = holdings_of(connection.execute(HOLDINGS, asked), licenses)
    users = users_of(connection.execute(USERS, asked), held)
    return TenantState(
        tenant=where.tenant,
        at=where.at,
        users=users,
        skus=skus(connection, where),
        subscriptions=subscriptions(connection, where),
        blocked_known=where.blocked_known,
        sign_ins=_sign_ins(connection, where, users),
    )


def skus(connection: Any, where: Place) -> tuple[Sku, ...]:
    rows = connection.execute(SKUS, where.span)
    return tuple(sku_of(values.plans_of(plans), *row) for *row, plans in rows)


def subscriptions(connection: Any, where: Place) -> tuple[Subscription, ...] | None:
    if not where.subscriptions_known:
        return None
    return tuple(subscription_of(*row) for row in connection.execute(SUBSCRIPTIONS, where.span))


def tenant_of(guid: str, name: str, domain: str) -> Tenant:
    return Tenant(TenantId(guid), name, domain)


def licenses_of(rows: Iterable[tuple[int, str]]) -> dict[int, values.Licenses]:
    """Each combination decoded once, so that users share it."""
    return {id_: values.licenses_of(content) for id_, content in rows}


def holdings_of(cursor: Any, licenses: Mapping[int, values.Licenses]) -> dict[int, values.Licenses]:
    """What each user holds."""
    return {user_id: licenses[set_id] for part in _pieces(cursor) for user_id, set_id in part}


def users_of(cursor: Any, held: Mapping[int, values.Licenses]) -> tuple[User, ...]:
    """Users from the rows of `USERS`."""
    users: list[User] = []
    for part in _pieces(cursor):
        users += users_from(part, held)
    return tuple(users)


def users_from(rows: Iterable[Sequence[Any]], held: Mapping[int, values.Licenses]) -> list[User]:
    return [
        User(
            guid,
            display_name,
            username,
            first_name,
            last_name,
            _STATES[state],
            location,
            held[user_id],
            None if deleted_at is None else values.moment(deleted_at),
            synced == 1,
            guest == 1,
            mail,
        )
        for (
            guid,
            display_name,
            username,
            first_name,
            last_name,
            state,
            location,
            user_id,
            deleted_at,
            synced,
            guest,
            mail,
        ) in rows
    ]


def sku_of(
    plans: tuple[ServicePlan, ...],
    sku_id: str,
    part_number: str,
    name: str,
    active: int,
    assigned: int,
    available: int,
    suspended: int,
    warning: int,
    assignable: int,
    status: str,
    subscription_ids: str,
    group: str,
) -> Sku:
    return Sku(
        id=SkuId(sku_id),
        part_number=part_number,
        name=name,
        active=active,
        assigned=assigned,
        available=available,
        suspended=suspended,
        warning=warning,
        assignable=bool(assignable),
        status=status,
        plans=plans,
        subscription_ids=values.ids_of(subscription_ids),
        group=group,
    )


def subscription_of(
    guid: str,
    sku_id: str | None,
    name: str,
    state: str,
    quantity: int,
    friendly_name: str,
    term_end: int | None,
    created: int | None,
    trial: int,
    auto_renew: int | None,
    term: str,
    licensable: int,
) -> Subscription:
    return Subscription(
        id=guid,
        sku_id=None if sku_id is None else SkuId(sku_id),
        name=name,
        state=_LIVES[state],
        quantity=quantity,
        friendly_name=friendly_name,
        term_end=values.moment_or_none(term_end),
        created=values.moment_or_none(created),
        trial=bool(trial),
        auto_renew=None if auto_renew is None else bool(auto_renew),
        term=term,
        licensable=bool(licensable),
    )


def _sign_ins(
    connection: Any, where: Place, users: Iterable[User]
) -> dict[UserId, datetime | None]:
    """Of the past, what may have been known then: the latest sign-in if it was before."""
    times = {
        guid: values.moment_or_none(at)
        for part in _pieces(connection.execute(SIGN_INS, {"tenant_id": where.tenant_id}))
        for guid, at in part
    }
    if not times:
        return {}
    known = {user.id: times[user.id] for user in users if user.id in times}
    if where.newest:
        return known
    return {user: at for user, at in known.items() if at is None or at <= where.at}


def _pieces(cursor: Any) -> Iterator[list[tuple[Any, ...]]]:
    while part := cursor.fetchmany(_PIECE):
        yield part
