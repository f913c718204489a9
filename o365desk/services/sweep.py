"""Reading many customers once, a few at a time: what a refresh of all customers is made of."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from o365desk.domain.directory import Tenant, User, UserId, purged
from o365desk.domain.errors import AccessDenied, DeskError, NotFound
from o365desk.domain.licensing import Sku, Subscription
from o365desk.domain.ports import Backend
from o365desk.domain.snapshots import TenantState
from o365desk.services.adapters import Licenses, collect, each
from o365desk.services.scheduler import background

T = TypeVar("T")

SINGLE_AT_ONCE = 4
AT_ONCE = 6
"""Customers that are read at the same time; each makes up to four calls at once."""


@dataclass(frozen=True, slots=True)
class TenantReading:
    """Everything of one customer, read as a whole: a reading that failed half way is none."""

    tenant: Tenant
    users: tuple[User, ...]
    deleted_users: tuple[User, ...]
    skus: tuple[Sku, ...]
    subscriptions: tuple[Subscription, ...] | None
    """None where the operator has no right to read them."""
    blocked_known: bool = True
    """Users who are blocked can be told from others."""

    def state(self, at: datetime) -> TenantState:
        """The same for the history, as a window would show it; `at`: when the reading ended
        (UTC)."""
        return TenantState(
            self.tenant,
            at,
            (*self.users, *(user for user in self.deleted_users if not purged(user, at))),
            self.skus,
            self.subscriptions,
            blocked_known=self.blocked_known,
        )


@dataclass(frozen=True, slots=True)
class TenantFailure:
    """A customer that could not be read, and why."""

    tenant: Tenant
    error: DeskError


async def read_tenant(backend: Backend, tenant: Tenant) -> TenantReading:
    """All users with their licenses, all counters and subscriptions of one customer. Raises
    DeskError."""
    reads = (
        asyncio.create_task(_users(backend, tenant)),
        asyncio.create_task(collect(backend.users.deleted_users(tenant.id))),
        asyncio.create_task(_listed(backend.customers.skus(tenant.id))),
        asyncio.create_task(_subscriptions(backend, tenant)),
    )
    try:
        users, deleted, skus, subscriptions = await asyncio.gather(*reads)
    finally:
        for read in reads:
            read.cancel()
        await asyncio.wait(reads)
    known = backend.capabilities(tenant.id).blocked_known
    return TenantReading(
        tenant, tuple(users), tuple(deleted), tuple(skus), subscriptions, blocked_known=known
    )


async def _subscriptions(backend: Backend, tenant: Tenant) -> tuple[Subscription, ...] | None:
    try:
        return tuple(await backend.customers.subscriptions(tenant.id))
    except AccessDenied:
        return None  # the counters stand on their own


async def _users(backend: Backend, tenant: Tenant) -> list[User]:
    """Where the listing does not tell the licenses, each user's are read singly."""
    users = await collect(backend.users.users(tenant.id))
    unread = [user for user in users if user.licenses is None]
    if not unread:
        return users  # as they are: 100,000 would hold up a window

    async def licenses(user: User) -> tuple[UserId, Licenses | None]:
        try:
            return user.id, await backend.users.licenses(tenant.id, user.id)
        except NotFound:
            return user.id, None  # deleted since the listing

    read = dict(await each(unread, licenses, at_once=SINGLE_AT_ONCE))
    return [
        user if user.licenses is not None else user._replace(licenses=read[user.id])
        for user in users
        if user.licenses is not None or read[user.id] is not None
    ]


async def _listed(reading: Awaitable[Sequence[T]]) -> list[T]:
    return list(await reading)


async def sweep(
    backend: Backend, tenants: Iterable[Tenant], *, at_once: int = AT_ONCE
) -> AsyncIterator[TenantReading | TenantFailure]:
    """Reads the customers at background priority, and gives each as soon as it is done.

    A failure is one customer's alone. A consumer that stops ends every reading under way.
    """
    left = iter(tenants)
    running: set[asyncio.Task[TenantReading | TenantFailure]] = set()

    def start() -> None:
        # Here and not around the whole: a generator runs in the context of its consumer, whose
        # own calls are not in the background.
        with background():
            for tenant in itertools.islice(left, at_once - len(running)):
                running.add(asyncio.create_task(_reading(backend, tenant)))

    try:
        start()
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            start()
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)


async def _reading(backend: Backend, tenant: Tenant) -> TenantReading | TenantFailure:
    try:
        return await read_tenant(backend, tenant)
    except DeskError as error:
        return TenantFailure(tenant, error)
