"""Writes down what has changed of the users of a tenant since its snapshot before.

All users go into a table in the memory of this connection first. What has changed is then found and
written by the database, in a few statements that leave the interpreter to others meanwhile.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.schema import CreateTable

from o365desk.domain.directory import User, UserId
from o365desk.services.store import values
from o365desk.services.store.driver import bulk_insert, interned, next_id
from o365desk.services.store.schema import (
    OPEN,
    holding_version,
    known_user,
    license_set,
    user_version,
)
from o365desk.services.store.search_index import index_users

_memory = MetaData()

_reading = Table(
    "reading",
    _memory,
    Column("user_id", Integer, primary_key=True),
    Column("display_name", Text),
    Column("username", Text),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("state", Text),
    Column("location", Text),
    Column("deleted_at", BigInteger),
    Column("synced", Integer),
    Column("guest", Integer),
    Column("mail", Text),
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

_CREATE = [
    str(CreateTable(table, if_not_exists=True).compile(dialect=dialect()))
    for table in (_reading, _changed)
]
_CLEAR = [delete(_reading), delete(_changed)]


def record_users(
    connection: Connection, tenant_id: int, number: int, users: Mapping[UserId, User]
) -> None:
    """As what snapshot `number` of the tenant has seen, which is its newest."""
    ids = _user_ids(connection, tenant_id, users)
    sets = _license_sets(connection, {user.licenses for user in users.values()})
    for text in _CREATE:
        connection.exec_driver_sql(text)
    bulk_insert(connection, _reading, _rows(users, ids, sets))
    _PROFILES.succeed(connection, tenant_id, number)
    index_users(connection, tenant_id, select(_changed.c.user_id))
    _HOLDINGS.succeed(connection, tenant_id, number)
    for statement in _CLEAR:
        connection.execute(statement)


def _user_ids(connection: Connection, tenant_id: int, users: Iterable[UserId]) -> dict[UserId, int]:
    """The numbers by which the tables know the users of a tenant; new ones are given theirs."""
    known = select(known_user.c.guid, known_user.c.id).where(known_user.c.tenant_id == tenant_id)
    ids = {UserId(guid): id_ for guid, id_ in connection.execute(known)}
    new = [guid for guid in users if guid not in ids]
    if new:
        numbered = [*enumerate(new, next_id(connection, known_user))]
        bulk_insert(connection, known_user, ((id_, tenant_id, guid) for id_, guid in numbered))
        ids.update((guid, id_) for id_, guid in numbered)
    return ids


def _license_sets(
    connection: Connection, combinations: Iterable[values.Licenses]
) -> dict[values.Licenses, int]:
    """The ids under which combinations of licences are kept; new ones are added."""
    digests, rows = {}, {}
    for licenses in combinations:
        content = values.licenses_text(licenses)
        digests[licenses] = digest = values.digest(content)
        rows[digest] = (content, None if licenses is None else len(licenses))
    ids = interned(connection, license_set, rows)
    return {licenses: ids[digest] for licenses, digest in digests.items()}


def _rows(
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
            state,
            location,
            None if deleted_at is None else values.micros(deleted_at),
            1 if synced else 0,
            1 if guest else 0,
            mail,
            sets[licenses],
        )


class _Succession:
    """Ends the versions of users that are not what was read, and begins the new ones."""

    def __init__(self, versions: Table, *names: str) -> None:
        """`names`: the columns that both `versions` and `_reading` have."""
        tenant_id: BindParameter[int] = bindparam("of_tenant", type_=Integer)
        number: BindParameter[int] = bindparam("from_now", type_=Integer)
        columns = [_reading.c[name] for name in names]
        now = and_(versions.c.tenant_id == tenant_id, versions.c.valid_to == OPEN)
        same_user = versions.c.user_id == _reading.c.user_id
        differs = [versions.c[column.name].is_distinct_from(column) for column in columns]
        new = (
            select(_reading.c.user_id)
            .select_from(_reading.outerjoin(versions, and_(now, same_user)))
            .where(or_(*differs))  # so does what has no version
        )
        gone = (
            select(versions.c.user_id)
            .select_from(versions.outerjoin(_reading, same_user))
            .where(now, _reading.c.user_id.is_(None))
        )
        changed = select(_changed.c.user_id)
        row = select(tenant_id, literal(OPEN), _reading.c.user_id, number, *columns)
        self._statements = (
            delete(_changed),
            insert(_changed).from_select(["user_id"], new.union_all(gone)),
            update(versions).where(now, versions.c.user_id.in_(changed)).values(valid_to=number),
            insert(versions).from_select(
                [*versions.c.keys()], row.where(_reading.c.user_id.in_(changed))
            ),
        )

    def succeed(self, connection: Connection, tenant_id: int, number: int) -> None:
        """`_changed` then has whom this was about."""
        for statement in self._statements:
            connection.execute(statement, {"of_tenant": tenant_id, "from_now": number})


_PROFILES = _Succession(
    user_version,
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
_HOLDINGS = _Succession(holding_version, "license_set_id")
