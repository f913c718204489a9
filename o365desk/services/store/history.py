"""The adapter behind `domain.history.History`: what is asked of the snapshots, and in which thread.

SQLAlchemy is imported by the first question that needs it, in the thread that answers it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from o365desk.domain.directory import Tenant, TenantId, UserId
from o365desk.domain.snapshots import Snapshot, TenantState
from o365desk.services.store import reading
from o365desk.services.store.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection


class SnapshotHistory:
    """What was seen of every tenant, in a database that it closes at the end."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def on_disk(self) -> bool:
        return self._database.path is not None

    async def record(self, state: TenantState) -> Snapshot:
        def work(connection: "Connection") -> Snapshot:
            from o365desk.services.store import recording

            return recording.record(connection, state)

        return await self._database.write(work)

    async def record_sign_ins(
        self, tenant: TenantId, times: Mapping[UserId, datetime | None]
    ) -> None:
        def work(connection: "Connection") -> None:
            from o365desk.services.store import recording

            recording.record_sign_ins(connection, tenant, times)

        await self._database.write(work)

    async def tenants(self) -> Sequence[Tenant]:
        return await self._database.read_raw(reading.tenants)

    async def snapshots(self, tenant: TenantId) -> Sequence[Snapshot]:
        return await self._database.read_raw(lambda raw: reading.snapshots(raw, tenant))

    async def state(self, tenant: TenantId, at: datetime | None = None) -> TenantState:
        return await self._database.read_raw(lambda raw: reading.state(raw, tenant, at))

    async def aclose(self) -> None:
        await self._database.aclose()
