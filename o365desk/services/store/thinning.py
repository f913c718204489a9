"""Removes snapshots, and every row that no remaining snapshot has seen."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, exists, select

from o365desk.domain.directory import TenantId
from o365desk.services.store.schema import (
    OPEN,
    holding_version,
    known_user,
    license_set,
    product,
    sku_version,
    snapshot,
    subscription_version,
    tenant,
    user_version,
)
from o365desk.services.store.search_index import index_users

_AT_ONCE = 500
"""Values in one question; databases set a limit."""

_VERSIONS = (user_version, holding_version, sku_version, subscription_version)

_SHARED = (
    (license_set, holding_version.c.license_set_id),
    (product, sku_version.c.product_id),
)
"""What tenants have in common, and where they refer to it."""


def remove(connection: Connection, tenant_id: int, numbers: Sequence[int]) -> None:
    """Removes snapshots of a tenant, never its newest."""
    one = snapshot.c.tenant_id == tenant_id, snapshot.c.number == bindparam("gone")
    connection.execute(
        delete(snapshot).where(*one),
        [{"gone": number} for number in numbers],
    )
    named = _unseen(user_version, tenant_id)
    users = set(connection.scalars(select(user_version.c.user_id).where(named)))
    for versions in _VERSIONS:
        connection.execute(delete(versions).where(_unseen(versions, tenant_id)))
    left = exists().where(user_version.c.user_id == known_user.c.id)
    connection.execute(delete(known_user).where(known_user.c.tenant_id == tenant_id, ~left))
    for some in _portions(users):
        # Nobody is found any more by a name of which no snapshot tells.
        index_users(connection, tenant_id, select(known_user.c.id).where(known_user.c.id.in_(some)))


def _unseen(versions: Table, tenant_id: int) -> ColumnElement[bool]:
    """Of the versions that have ended, those between whose numbers no snapshot is left."""
    seen = exists().where(
        snapshot.c.tenant_id == tenant_id,
        snapshot.c.number >= versions.c.valid_from,
        snapshot.c.number < versions.c.valid_to,
    )
    return and_(versions.c.tenant_id == tenant_id, versions.c.valid_to < OPEN, ~seen)


def _portions(ids: Iterable[int]) -> Iterator[list[int]]:
    every = sorted(ids)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]


def sweep(connection: Connection) -> None:
    """Removes what no tenant refers to any more."""
    for shared, reference in _SHARED:
        connection.execute(delete(shared).where(shared.c.id.not_in(select(reference))))


def forget(connection: Connection, guid: TenantId) -> None:
    """Removes a tenant, and by that all rows that hang on it."""
    connection.execute(delete(tenant).where(tenant.c.guid == guid))
    sweep(connection)
