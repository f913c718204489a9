"""Rows in bulk, and what lies below SQLAlchemy where that is several times as fast."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.dialects.sqlite import dialect

_AT_ONCE = 500
"""Values in one question; databases set a limit."""


def raw(connection: Connection) -> Any:
    """The driver's own connection, in the same transaction."""
    return connection.connection.driver_connection


def bulk_insert(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Inserts rows of all columns as they come: no list of 100,000 is made."""
    raw(connection).executemany(_insertion(table), rows)


@cache
def _insertion(table: Table) -> str:
    return str(insert(table).compile(dialect=dialect()))


def interned(
    connection: Connection, table: Table, rows: Mapping[bytes, tuple[Any, ...]]
) -> dict[bytes, int]:
    """The ids of contents, by digest; those that are new are added."""
    digests, ids = [*rows], dict[bytes, int]()
    for start in range(0, len(digests), _AT_ONCE):
        some = table.c.digest.in_(digests[start : start + _AT_ONCE])
        found = connection.execute(select(table.c.digest, table.c.id).where(some))
        ids.update((digest, id_) for digest, id_ in found)
    new = [digest for digest in digests if digest not in ids]
    if new:
        numbered = [*enumerate(new, next_id(connection, table))]
        bulk_insert(connection, table, ((id_, digest, *rows[digest]) for id_, digest in numbered))
        ids.update((digest, id_) for id_, digest in numbered)
    return ids


def next_id(connection: Connection, table: Table) -> int:
    return (connection.scalar(select(func.max(table.c.id))) or 0) + 1
