"""Removes snapshots, and every row that no remaining snapshot has seen."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, exists, select

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

_VERSIONS = (user_version, holding_version, sku_version, subscription_version)

_SHARED = (
    (license_set, holding_version.c.license_set_id),
    (product, sku_version.c.product_id),
)
"""What tenants have in common, and where they refer to it."""


def remove(connection: Connection, tenant_id: int, numbers: Sequence[int]) -> None:
    """Removes snapshots of a tenant, never its newest."""
    of_tenant = snapshot.c.tenant_id == tenant_id
    connection.execute(
        delete(snapshot).where(of_tenant, snapshot.c.number == bindparam("gone")),
        [{"gone": number} for number in numbers],
    )
    for versions in _VERSIONS:
        seen = exists().where(
            of_tenant,
            snapshot.c.number >= versions.c.valid_from,
            snapshot.c.number < versions.c.valid_to,
        )
        ended = versions.c.tenant_id == tenant_id, versions.c.valid_to < OPEN
        connection.execute(delete(versions).where(*ended, ~seen))
    seen = exists().where(user_version.c.user_id == known_user.c.id)
    connection.execute(delete(known_user).where(known_user.c.tenant_id == tenant_id, ~seen))


def sweep(connection: Connection) -> None:
    """Removes what no tenant refers to any more."""
    for shared, reference in _SHARED:
        connection.execute(delete(shared).where(shared.c.id.not_in(select(reference))))


def forget(connection: Connection, guid: TenantId) -> None:
    """Removes a tenant, and by that all rows that hang on it."""
    connection.execute(delete(tenant).where(tenant.c.guid == guid))
    sweep(connection)
