"""The adapter behind `domain.history.History`: what is asked of the snapshots, and in which thread.

SQLAlchemy is imported by the first question that needs it, in the thread that answers it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from o365desk.domain.directory import Tenant, TenantId, UserId
from o365desk.domain.licensing import SkuId
from o365desk.domain.snapshots import (
    CounterSeries,
    DeletedUser,
    SearchHit,
    Snapshot,
    StoreFacts,
    TenantFacts,
    TenantState,
)
from o365desk.services.store import reading, upkeep
from o365desk.services.store.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from o365desk.domain.comparison import Comparison
    from o365desk.domain.retention import Retention
    from o365desk.services.store.search import Step

_BATCH = 25
"""Hits that are told at once: as many as a screen shows."""


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

    async def comparison(
        self, tenant: TenantId, earlier: datetime, later: datetime
    ) -> "Comparison":
        def work(connection: "Connection") -> "Comparison":
            from o365desk.services.store import comparing

            return comparing.comparison(connection, tenant, earlier, later)

        return await self._database.read(work)

    async def counters(self, tenant: TenantId, sku: SkuId) -> CounterSeries:
        def work(connection: "Connection") -> CounterSeries:
            from o365desk.services.store import counting

            return counting.counters(connection, tenant, sku)

        return await self._database.read(work)

    async def all_counters(self, tenant: TenantId) -> Sequence[CounterSeries]:
        def work(connection: "Connection") -> Sequence[CounterSeries]:
            from o365desk.services.store import counting

            return counting.all_counters(connection, tenant)

        return await self._database.read(work)

    async def search(self, text: str) -> AsyncIterator[Sequence[SearchHit]]:
        def begin(connection: "Connection") -> "Sequence[Step]":
            from o365desk.services.store.search import Search

            return Search(text).steps(connection)

        for step in await self._database.read(begin):
            hits = await self._database.read(step)
            for start in range(0, len(hits), _BATCH):
                yield hits[start : start + _BATCH]

    async def deleted_users(self) -> Sequence[DeletedUser]:
        def work(connection: "Connection") -> Sequence[DeletedUser]:
            from o365desk.services.store import portfolio

            return portfolio.deleted_users(connection)

        return await self._database.read(work)

    async def facts(self) -> Sequence[TenantFacts]:
        def work(connection: "Connection") -> Sequence[TenantFacts]:
            from o365desk.services.store import portfolio

            return portfolio.facts(connection)

        return await self._database.read(work)

    async def forget(self, tenant: TenantId) -> None:
        await upkeep.forget(self._database, tenant)

    async def thin_out(self, retention: "Retention", now: datetime) -> int:
        return await upkeep.thin_out(self._database, retention, now)

    async def store_facts(self) -> StoreFacts:
        return await upkeep.store_facts(self._database)

    async def check(self) -> str:
        return await upkeep.check(self._database)

    async def aclose(self) -> None:
        await self._database.aclose()
