"""Writes a finished load down as what differs from the snapshot before.

The users go into a table of this connection's memory first; what has changed of them is then found
and written by the database, in a few statements that leave the interpreter to others meanwhile.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from o365desk.domain.directory import Tenant, TenantId, User, UserId
from o365desk.domain.errors import DeskError, NotFound
from o365desk.domain.licensing import Sku, Subscription
from o365desk.domain.monitoring import merged
from o365desk.domain.snapshots import Snapshot, TenantState
from o365desk.services.store import values
from o365desk.services.store.driver import bulk_insert
from o365desk.services.store.schema import (
    OPEN,
    holding_version,
    known_user,
    last_sign_in,
    license_set,
    product,
    sku_version,
    snapshot,
    subscription_version,
    tenant,
    user_version,
)
from o365desk.services.store.search_index import index_users

_SLACK = 1_000_000
"""Microseconds by which the clock may have been set back between two snapshots."""

_AT_ONCE = 500
"""Values in one question; databases set a limit."""

_PROFILE = (
    "display_name",
    "username",
    "first_name",
    "last_name",
    "state",
    "location",
    "deleted_at",
    "synced",
    "guest",
    "mail",
)

_memory = MetaData()

_reading = Table(
    "reading",
    _memory,
    Column("user_id", Integer, primary_key=True),
    *(Column(name, user_version.c[name].type) for name in _PROFILE),
    Column("license_set_id", Integer),
    prefixes=["TEMPORARY"],
)
"""The users of the load that is being recorded."""

_changed = Table(
    "changed",
    _memory,
    Column("user_id", Integer, primary_key=True),
    prefixes=["TEMPORARY"],
)
"""Those of whom something is new, or who are not there any more."""


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
                "A later snapshot of this tenant is kept already, so this one was left out.",
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
    _record_users(connection, tenant_id, number, users)
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
        raise NotFound("There is no snapshot of this tenant.")
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
        tenant_id = _next_id(connection, tenant)
        connection.execute(insert(tenant).values(id=tenant_id, guid=seen.id, newest=1, **row))
        return tenant_id, 0
    connection.execute(
        update(tenant).where(tenant.c.id == known.id).values(newest=known.newest + 1, **row)
    )
    return known.id, known.newest


def _record_users(
    connection: Connection, tenant_id: int, number: int, users: Mapping[UserId, User]
) -> None:
    ids = _user_ids(connection, tenant_id, users)
    sets = _license_sets(connection, {user.licenses for user in users.values()})
    _memory.create_all(connection, checkfirst=False)
    bulk_insert(connection, _reading, _reading_rows(users, ids, sets))
    profile = [_reading.c[name] for name in _PROFILE]
    _succeed(connection, user_version, tenant_id, number, profile)
    index_users(connection, tenant_id, select(_changed.c.user_id))
    _succeed(connection, holding_version, tenant_id, number, [_reading.c.license_set_id])
    _memory.drop_all(connection, checkfirst=False)


def _user_ids(connection: Connection, tenant_id: int, users: Iterable[UserId]) -> dict[UserId, int]:
    """The numbers by which the tables know the users of a tenant; new ones are given theirs."""
    known = select(known_user.c.guid, known_user.c.id).where(known_user.c.tenant_id == tenant_id)
    ids = {UserId(guid): id_ for guid, id_ in connection.execute(known)}
    new = [guid for guid in users if guid not in ids]
    numbered = [*enumerate(new, _next_id(connection, known_user))]
    bulk_insert(connection, known_user, ((id_, tenant_id, guid) for id_, guid in numbered))
    ids.update((guid, id_) for id_, guid in numbered)
    return ids


def _reading_rows(
    users: Mapping[UserId, User], ids: Mapping[UserId, int], sets: Mapping[values.Licenses, int]
) -> Iterator[tuple[Any, ...]]:
    for (
        guid,
        display_name,
        username,
        first_name,
        last_name,
        state,
        location,
        licenses,
        deleted_at,
        synced,
        guest,
        mail,
    ) in users.values():
        yield (
            ids[guid],
            display_name,
            username,
            first_name,
            last_name,
            state.value,
            location,
            None if deleted_at is None else values.micros(deleted_at),
            synced,
            guest,
            mail,
            sets[licenses],
        )


def _succeed(
    connection: Connection,
    versions: Table,
    tenant_id: int,
    number: int,
    columns: Sequence[Column[Any]],
) -> None:
    """Ends the versions of users that are not what was read, and begins the new ones. `_changed`
    then has whom this was about."""
    now = and_(versions.c.tenant_id == tenant_id, versions.c.valid_to == OPEN)
    differs: ColumnElement[bool] = or_(
        *(versions.c[column.name].is_distinct_from(column) for column in columns)
    )
    same_user = versions.c.user_id == _reading.c.user_id
    new = (
        select(_reading.c.user_id)
        .select_from(_reading.outerjoin(versions, and_(now, same_user)))
        .where(or_(versions.c.user_id.is_(None), differs))
    )
    gone = (
        select(versions.c.user_id)
        .select_from(versions.outerjoin(_reading, same_user))
        .where(now, _reading.c.user_id.is_(None))
    )
    connection.execute(delete(_changed))
    connection.execute(insert(_changed).from_select(["user_id"], new.union_all(gone)))
    changed = select(_changed.c.user_id)
    connection.execute(
        update(versions).where(now, versions.c.user_id.in_(changed)).values(valid_to=number)
    )
    row = select(
        literal(tenant_id), literal(OPEN), _reading.c.user_id, literal(number), *columns
    ).where(_reading.c.user_id.in_(changed))
    connection.execute(insert(versions).from_select([*versions.c.keys()], row))


def _license_sets(
    connection: Connection, combinations: Iterable[values.Licenses]
) -> dict[values.Licenses, int]:
    """The ids under which combinations of licences are kept; new ones are added."""
    digests, rows = {}, {}
    for licenses in combinations:
        content = values.licenses_text(licenses)
        digests[licenses] = digest = values.digest(content)
        rows[digest] = (content, None if licenses is None else len(licenses))
    ids = _interned(connection, license_set, rows)
    return {licenses: ids[digest] for licenses, digest in digests.items()}


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
    ids = _interned(connection, product, dict(zip(digests, contents, strict=True)))
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


def _interned(
    connection: Connection, table: Table, rows: Mapping[bytes, tuple[Any, ...]]
) -> dict[bytes, int]:
    """The ids of contents, by digest; those that are new are added."""
    digests, ids = [*rows], dict[bytes, int]()
    for start in range(0, len(digests), _AT_ONCE):
        some = table.c.digest.in_(digests[start : start + _AT_ONCE])
        found = connection.execute(select(table.c.digest, table.c.id).where(some))
        ids.update((digest, id_) for digest, id_ in found)
    new = [digest for digest in digests if digest not in ids]
    numbered = [*enumerate(new, _next_id(connection, table))]
    bulk_insert(connection, table, ((id_, digest, *rows[digest]) for id_, digest in numbered))
    ids.update((digest, id_) for id_, digest in numbered)
    return ids


def _next_id(connection: Connection, table: Table) -> int:
    return (connection.scalar(select(func.max(table.c.id))) or 0) + 1
