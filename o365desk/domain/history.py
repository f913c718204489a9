"""The door to what was seen before: snapshots of every tenant, kept on this computer or for a run.

Not in `ports.py`: nothing of this is needed for the first window.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

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

if TYPE_CHECKING:  # a start without the network waits for this module
    from o365desk.domain.comparison import Comparison
    from o365desk.domain.retention import Retention


class History(Protocol):
    """What was seen of every tenant that one connection leads to, on this computer or for this run
    only. Never asks Microsoft; works off the event loop; raises DeskError and nothing else."""

    @property
    def on_disk(self) -> bool:
        """False: what is recorded is gone when the program ends."""
        ...

    async def record(self, state: TenantState) -> Snapshot:
        """Keeps a finished load, whole or not at all, and answers what stands in the list; its
        time is a little later than `state.at` where another snapshot has that already."""
        ...

    async def record_sign_ins(
        self, tenant: TenantId, times: Mapping[UserId, datetime | None]
    ) -> None:
        """Keeps when users signed in last, in place of what was known of them."""
        ...

    async def tenants(self) -> Sequence[Tenant]:
        """Those with a snapshot, by name."""
        ...

    async def snapshots(self, tenant: TenantId) -> Sequence[Snapshot]:
        """Newest first."""
        ...

    async def state(self, tenant: TenantId, at: datetime | None = None) -> TenantState:
        """The newest snapshot that is not later than `at`. Raises NotFound when there is none."""
        ...

    async def comparison(
        self, tenant: TenantId, earlier: datetime, later: datetime
    ) -> "Comparison":
        """What differs between the states at two moments. Raises NotFound."""
        ...

    async def counters(self, tenant: TenantId, sku: SkuId) -> CounterSeries:
        """How one product's counters moved, over all snapshots. Raises NotFound."""
        ...

    async def all_counters(self, tenant: TenantId) -> Sequence[CounterSeries]:
        """The same of every product at once, for the sparklines."""
        ...

    def search(self, text: str) -> AsyncIterator[Sequence[SearchHit]]:
        """Finds in the newest snapshots of all tenants, a few hits at a time, the best first. All
        words of `text` must be in a name, username, earlier username or name, mail address,
        product name, part number, SKU id, subscription id or tenant (name, domain, id)."""
        ...

    async def deleted_users(self) -> Sequence[DeletedUser]:
        """Of all tenants, in no order; those past the restore window included."""
        ...

    async def facts(self) -> Sequence[TenantFacts]:
        """Of every tenant, by name."""
        ...

    async def forget(self, tenant: TenantId) -> None:
        """Removes everything of a tenant, from the file as well."""
        ...

    async def thin_out(self, retention: "Retention", now: datetime) -> int:
        """Removes the snapshots that need not be kept; answers how many."""
        ...

    async def store_facts(self) -> StoreFacts: ...

    async def check(self) -> str:
        """Reads the whole file; answers what is wrong with it as a sentence, or nothing."""
        ...

    async def aclose(self) -> None:
        """Ends after everything that was handed over has been written."""
        ...
