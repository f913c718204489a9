"""Writes a finished load down as what differs from the snapshot before."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    and_,
    bindparam,
    insert,
    select,
    update,
)

from o365desk.domain.directory import Tenant, TenantId, UserId
from o365desk.domain.errors import DeskError, NotFound
from o365desk.domain.licensing import Sku, Subscription
from o365desk.domain.monitoring import merged
from o365desk.domain.snapshots import Snapshot, TenantState
from o365desk.services.store import values
from o365desk.services.store.driver import bulk_insert, interned, next_id
from o365desk.services.store.schema import (
    OPEN,
    known_user,
    last_sign_in,
    product,
    sku_version,
    snapshot,
    subscription_version,
    tenant,
)
from o365desk.services.store.user_recording import record_users

_SLACK = 60_000_000
"""Microseconds by which the clock may have been set back between two snapshots, or another copy of
the program been faster to the disk."""


def record(connection: Connection, state: TenantState) -> Snapshot:
    """Keeps a finished load. Users, products and subscriptions that come twice are kept once.

    Raises DeskError when a later snapshot is there already."""
    tenant_id, newest = _tenant(connection, state.tenant)
    number, at = newest + 1, values.micros(state.at)
    last = connection.scalar(
        select(snapshot.c.at).where(snapshot.c.tenant_id == tenant_id, snapshot.c.number == newest)
    )
    if last is not None and at <= last:
        if at < last - _SLACK:
            raise DeskError(
                "A later snapshot of this customer is kept already, so this one was left out.",
                next_step="Check this computer's clock: it may have been set back.",
            )
        at = last + 1
    users = {user.id: user for user in state.users}
    deleted = sum(user.deleted for user in users.values())
    entry = {
        "tenant_id": tenant_id,
        "number": number,
        "at": at,
        "users": len(users) - deleted,
        "deleted": deleted,
        "subscriptions_known": int(state.subscriptions is not None),
        "blocked_known": int(state.blocked_known),
    }
    connection.execute(insert(snapshot).values(entry))
    record_users(connection, tenant_id, number, users)
    _record_skus(connection, tenant_id, number, merged(state.skus))
    if state.subscriptions is not None:
        _record_subscriptions(connection, tenant_id, number, state.subscriptions)
    _record_sign_ins(connection, tenant_id, state.sign_ins)
    return Snapshot(state.tenant.id, values.moment(at), len(users) - deleted, deleted)


def record_sign_ins(
    connection: Connection, guid: TenantId, times: Mapping[UserId, datetime | None]
) -> None:
    """Raises NotFound where the tenant has no snapshot. Users whom none has seen are left out."""
    tenant_id = connection.scalar(select(tenant.c.id).where(tenant.c.guid == guid))
    if tenant_id is None:
        raise NotFound("There is no snapshot of this customer.")
    _record_sign_ins(connection, tenant_id, times)


def _tenant(connection: Connection, seen: Tenant) -> tuple[int, int]:
    """Notes the tenant's newest name and its next snapshot; answers its id and the number of the
    snapshot before, 0 where there is none."""
    row = {
        "name": seen.name,
        "domain": seen.domain,
        "search": values.search_text(seen.name, seen.domain, seen.id),
    }
    known = connection.execute(
        select(tenant.c.id, tenant.c.newest).where(tenant.c.guid == seen.id)
    ).one_or_none()
    if known is None:
        tenant_id = next_id(connection, tenant)
        connection.execute(insert(tenant).values(id=tenant_id, guid=seen.id, newest=1, **row))
        return tenant_id, 0
    connection.execute(
        update(tenant).where(tenant.c.id == known.id).values(newest=known.newest + 1, **row)
    )
    return known.id, known.newest


def _record_skus(connection: Connection, tenant_id: int, number: int, skus: Sequence[Sku]) -> None:
    contents = [
        (
            sku.id,
            sku.part_number,
            sku.name,
            int(sku.assignable),
            sku.group,
            values.plans_text(sku.plans),
            values.search_text(sku.name, sku.part_number, sku.id),
        )
        for sku in skus
    ]
    digests = [values.digest(*map(str, content)) for content in contents]
    ids = interned(connection, product, dict(zip(digests, contents, strict=True)))
    rows = dict.fromkeys(
        (
            ids[digest],
            sku.active,
            sku.assigned,
            sku.available,
            sku.suspended,
            sku.warning,
            sku.status,
            values.ids_text(sku.subscription_ids),
        )
        for sku, digest in zip(skus, digests, strict=True)
    )
    _replace(connection, sku_version, "product_id", tenant_id, number, rows)


def _record_subscriptions(
    connection: Connection, tenant_id: int, number: int, subscriptions: Iterable[Subscription]
) -> None:
    rows = dict.fromkeys(
        (
            one.id,
            one.sku_id,
            one.name,
            one.state.value,
            one.quantity,
            one.friendly_name,
            values.micros_or_none(one.term_end),
            values.micros_or_none(one.created),
            int(one.trial),
            None if one.auto_renew is None else int(one.auto_renew),
            one.term,
            int(one.licensable),
            values.search_text(one.name, one.id),
        )
        for one in subscriptions
    )
    _replace(connection, subscription_version, "id", tenant_id, number, rows)


def _replace(
    connection: Connection,
    versions: Table,
    key: str,
    tenant_id: int,
    number: int,
    rows: Mapping[tuple[Any, ...], None],
) -> None:
    """Ends the versions that are not among the rows, and begins those that are new: few enough to
    be compared here. `key` names the column that tells those apart."""
    span = {"tenant_id": tenant_id, "valid_to": OPEN, "valid_from": number}
    columns = [column for column in versions.c if column.name not in {"id", *span}]
    now = and_(versions.c.tenant_id == tenant_id, versions.c.valid_to == OPEN)
    known = {
        tuple(row): id_
        for id_, *row in connection.execute(select(versions.c[key], *columns).where(now))
    }
    ended = [id_ for row, id_ in known.items() if row not in rows]
    if ended:
        connection.execute(
            update(versions).where(now, versions.c[key].in_(ended)).values(valid_to=number)
        )
    new = [
        {**span, **{column.name: value for column, value in zip(columns, row, strict=True)}}
        for row in rows
        if row not in known
    ]
    if new:
        connection.execute(insert(versions), new)


def _record_sign_ins(
    connection: Connection, tenant_id: int, times: Mapping[UserId, datetime | None]
) -> None:
    if not times:
        return
    known = (
        select(known_user.c.guid, known_user.c.id, last_sign_in.c.user_id, last_sign_in.c.at)
        .select_from(known_user.outerjoin(last_sign_in))
        .where(known_user.c.tenant_id == tenant_id)
    )
    new, old = [], []
    for guid, user_id, listed, before in connection.execute(known):
        if guid in times:
            at = values.micros_or_none(times[guid])
            if listed is None:
                new.append((user_id, at))
            elif at != before:
                old.append({"id": user_id, "moved": at})
    bulk_insert(connection, last_sign_in, new)
    if old:
        change = update(last_sign_in).where(last_sign_in.c.user_id == bindparam("id"))
        connection.execute(change.values(at=bindparam("moved")), old)
