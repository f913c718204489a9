"""Compares two snapshots of a tenant by reading of its users only those who may differ."""

from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Connection, and_, select, union

from o365desk.domain.comparison import Comparison, compare
from o365desk.domain.directory import TenantId
from o365desk.domain.snapshots import TenantState
from o365desk.services.store import reading, selects
from o365desk.services.store.driver import raw
from o365desk.services.store.reading import Place
from o365desk.services.store.schema import holding_version, license_set, user_version

_PIECE = 1_000
"""Users that are let go at once."""


def comparison(
    connection: Connection, tenant: TenantId, earlier: datetime, later: datetime
) -> Comparison:
    """Raises NotFound."""
    driver = raw(connection)
    before = reading.place(driver, tenant, earlier)
    after = reading.place(driver, tenant, later)
    some = _differing(before.tenant_id, before.number, after.number)
    states = [_state(connection, where, some) for where in (before, after)]
    told = compare(*states)
    users = [user for state in states for user in state.users]
    states.clear()
    while users:  # all at once would hold up every other thread
        del users[-_PIECE:]
    return told


def _differing(tenant_id: int, *numbers: int) -> CompoundSelect[Any]:
    """Users with a version that only one of two snapshots has seen, and those of whom neither of
    them saw the licences: that is told, too."""
    first, last = sorted(numbers)
    parts = []
    for versions in (user_version, holding_version):
        ended = and_(
            versions.c.valid_from <= first, versions.c.valid_to > first, versions.c.valid_to <= last
        )
        begun = and_(
            versions.c.valid_from > first, versions.c.valid_from <= last, versions.c.valid_to > last
        )
        parts += [
            select(versions.c.user_id).where(versions.c.tenant_id == tenant_id, condition)
            for condition in (ended, begun)
        ]
    unknown = select(license_set.c.id).where(license_set.c.size.is_(None))
    parts.append(
        select(holding_version.c.user_id).where(
            holding_version.c.tenant_id == tenant_id,
            holding_version.c.valid_from <= last,
            holding_version.c.valid_to > last,
            holding_version.c.license_set_id.in_(unknown),
        )
    )
    return union(*parts)


def _state(connection: Connection, where: Place, some: CompoundSelect[Any]) -> TenantState:
    """With these users only."""
    licenses = reading.licenses_of(connection.execute(selects.LICENSE_SETS, where.span))
    holdings = selects.HOLDINGS.where(holding_version.c.user_id.in_(some))
    held = reading.holdings_of(connection.execute(holdings, where.span), licenses)
    users = selects.USERS.where(user_version.c.user_id.in_(some))
    return TenantState(
        tenant=where.tenant,
        at=where.at,
        users=reading.users_of(connection.execute(users, where.span), held),
        skus=reading.skus(raw(connection), where),
        subscriptions=reading.subscriptions(raw(connection), where),
        blocked_known=where.blocked_known,
    )
