"""Keeps the file of the snapshots small, sound, and free of what has to be forgotten.

SQLAlchemy is imported in the thread that writes.
"""

import asyncio
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from o365desk.domain.directory import TenantId
from o365desk.domain.snapshots import StoreFacts
from o365desk.services.store.database import Database
from o365desk.services.store.values import moment, moment_or_none

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from o365desk.domain.retention import Retention


_REST = 0.002
"""Seconds between two tenants that are thinned out: a window has to get its turn."""


async def thin_out(database: Database, retention: "Retention", now: datetime) -> int:
    """Removes the snapshots that need not be kept, by the days of this computer's clock; answers
    how many. A tenant at a time, so that what is to be recorded comes between. Raises DeskError.
    """
    removed = 0
    for tenant_id in await database.read_raw(_tenant_ids):
        if await database.read_raw(partial(_superfluous, tenant_id, retention, now)):
            removed += await database.write(partial(_remove, tenant_id, retention, now))
        await asyncio.sleep(_REST)
    if removed:
        await database.write(_sweep)
        await database.shrink()
    return removed


async def forget(database: Database, tenant: TenantId) -> None:
    """Removes everything of a tenant; the file then holds no trace of it, not even in its unused
    parts. Raises DeskError."""
    await database.write(partial(_forget, tenant))
    await database.rewrite()


async def store_facts(database: Database) -> StoreFacts:
    """Raises DeskError."""
    tenants, snapshots, oldest, newest, stalest = await database.read_raw(_counts)
    return StoreFacts(
        on_disk=database.path is not None,
        path=str(database.path or ""),
        size=database.size(),
        tenants=tenants,
        snapshots=snapshots,
        oldest=moment_or_none(oldest),
        newest=moment_or_none(newest),
        stalest=moment_or_none(stalest),
    )


async def check(database: Database) -> str:
    """Reads the whole file; answers what is wrong with it as a sentence, or nothing. Raises
    DeskError when it cannot be read at all."""
    if not await database.damaged():
        return ""
    return (
        "The file with the snapshots is damaged. When the program starts again, it sets the file"
        " aside and begins a new one."
    )


def _tenant_ids(raw: Any) -> list[int]:
    return [id_ for (id_,) in raw.execute("SELECT id FROM tenant ORDER BY id")]


def _superfluous(tenant_id: int, retention: "Retention", now: datetime, raw: Any) -> list[int]:
    """Numbers of the snapshots of a tenant that need not be kept."""
    rows = raw.execute("SELECT at, number FROM snapshot WHERE tenant_id = ?", (tenant_id,))
    numbers = {moment(at): number for at, number in rows}
    kept = retention.kept(numbers, now, zone=None)
    return [number for at, number in numbers.items() if at not in kept]


def _counts(raw: Any) -> Any:
    return raw.execute(
        "SELECT (SELECT count(*) FROM tenant), count(*), min(at), max(at),"
        " (SELECT min(last.at) FROM tenant JOIN snapshot last"
        " ON last.tenant_id = tenant.id AND last.number = tenant.newest) FROM snapshot"
    ).fetchone()


def _remove(tenant_id: int, retention: "Retention", now: datetime, connection: "Connection") -> int:
    """Looks once more: since the question, the number may have become that of another tenant."""
    from o365desk.services.store import thinning
    from o365desk.services.store.driver import raw

    gone = _superfluous(tenant_id, retention, now, raw(connection))
    if gone:
        thinning.remove(connection, tenant_id, gone)
    return len(gone)


def _sweep(connection: "Connection") -> None:
    from o365desk.services.store import thinning

    thinning.sweep(connection)


def _forget(tenant: TenantId, connection: "Connection") -> None:
    from o365desk.services.store import thinning

    thinning.forget(connection, tenant)
