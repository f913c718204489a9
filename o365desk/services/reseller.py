"""The reseller's ports: customers from Partner Center, users through Graph where GDAP allows it.

Graph lists users with their licences, tells direct from inherited and blocked from active; Partner
Center costs a call a user for less. So Graph goes first wherever a relation gives it.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence

from o365desk.domain.changes import ChangeMark, Changes, ChangesLost
from o365desk.domain.creation import NewUser
from o365desk.domain.directory import Domain, Tenant, TenantId, User, UserEdit, UserId
from o365desk.domain.errors import (
    AccessDenied,
    Conflict,
    DeskError,
    NotFound,
    Refusal,
    SignInRequired,
)
from o365desk.domain.licensing import (
    GroupId,
    LicenseChange,
    Sku,
    Subscription,
)
from o365desk.domain.passwords import NewPassword
from o365desk.domain.ports import (
    Capabilities,
    ChangeReader,
    CustomerCatalog,
    UserDirectory,
)
from o365desk.services.adapters import Clock, Licenses, closing, collect
from o365desk.services.api_client import ApiClient
from o365desk.services.graph import GRAPH_CAPABILITIES
from o365desk.services.partner_center import PARTNER_CENTER_CAPABILITIES
from o365desk.wire import graph

_REFUSALS = (AccessDenied, SignInRequired)

PAUSE = 30.0
"""Seconds after a fault for which the relations are not asked for again: every call for every
customer would wait for that first, one after the other."""


class GraphRoutes:
    """For which tenants Graph is the way: known relations, less those Graph has refused."""

    def __init__(self, client: ApiClient, *, clock: Clock = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._not_before = -math.inf
        self._related: frozenset[TenantId] | None = None
        self._refused: dict[TenantId, DeskError] = {}
        self._forgiven: set[TenantId] = set()
        self._asking = asyncio.Lock()

    async def load(self) -> None:
        """Reads the list of GDAP relations unless it is known.

        A refusal (no consent, no partner role) means that there are none. After a passing fault,
        a sign-in that has run out among them, Partner Center serves, and the next call after a
        pause asks again.
        """
        async with self._asking:
            if self._related is not None or self._clock() < self._not_before:
                return
            request = graph.delegated_admin_customers()
            pages = self._client.pages(request, graph.parse_delegated_admin_customers)
            try:
                self._related = frozenset(tenant.id for tenant in await collect(pages))
            except (AccessDenied, NotFound, Conflict):
                self._related = frozenset()
            except DeskError as error:
                # A sign-in may bring them at any moment, unless an administrator has to consent.
                if not isinstance(error, SignInRequired) or error.refusal is Refusal.CONSENT:
                    self._not_before = self._clock() + PAUSE

    def lead(self, tenant: TenantId) -> bool:
        """True when Graph serves the tenant, as far as is known now."""
        return self._related is not None and tenant in self._related and tenant not in self._refused

    async def find(self, tenant: TenantId) -> bool:
        await self.load()
        return self.lead(tenant)

    async def try_again(self, tenant: TenantId) -> bool:
        """True when a listing shall begin with Graph: it serves the tenant, or was forgiven."""
        return await self.find(tenant) or tenant in self._forgiven

    def refuse(self, tenant: TenantId, error: DeskError) -> None:
        """No more Graph for this tenant, because of `error`, until it is forgiven."""
        self._refused[tenant] = error
        self._forgiven.discard(tenant)

    def refusal(self, tenant: TenantId) -> DeskError | None:
        """For which error Graph does not serve a tenant with whom there is a relation."""
        return self._refused.get(tenant)

    def forgive(self, tenant: TenantId) -> None:
        """The next listing asks Graph again; Partner Center serves until that has gone well."""
        if tenant in self._refused:
            self._forgiven.add(tenant)

    def accept(self, tenant: TenantId) -> None:
        """Graph has served the tenant."""
        self._refused.pop(tenant, None)
        self._forgiven.discard(tenant)


class ResellerCatalog:
    """CustomerCatalog of a reseller: Partner Center's, with domains from Graph where it can."""

    def __init__(
        self, routes: GraphRoutes, graph: CustomerCatalog, partner_center: CustomerCatalog
    ) -> None:
        self._routes = routes
        self._graph = graph
        self._partner_center = partner_center

    def tenants(self) -> AsyncIterator[Sequence[Tenant]]:
        return self._partner_center.tenants()

    async def skus(self, tenant: TenantId) -> Sequence[Sku]:
        return await self._partner_center.skus(tenant)

    async def subscriptions(self, tenant: TenantId) -> Sequence[Subscription]:
        return await self._partner_center.subscriptions(tenant)

    async def domains(self, tenant: TenantId) -> Sequence[Domain]:
        """Graph tells which domain is the default and which are federated; names alone will do."""
        if await self._routes.find(tenant):
            try:
                return await self._graph.domains(tenant)
            except _REFUSALS:
                pass
        return await self._partner_center.domains(tenant)


class ResellerDirectory:
    """UserDirectory of a reseller: per tenant Graph, or Partner Center where Graph is no way."""

    def __init__(
        self, routes: GraphRoutes, graph: UserDirectory, partner_center: UserDirectory
    ) -> None:
        self._routes = routes
        self._graph = graph
        self._partner_center = partner_center

    def capabilities(self, tenant: TenantId) -> Capabilities:
        """As far as is known now: ask again after the first page of users, which may have found
        out that Graph, or that only Partner Center, serves the tenant."""
        if self._routes.lead(tenant):
            return GRAPH_CAPABILITIES
        return PARTNER_CENTER_CAPABILITIES

    async def _serving(self, tenant: TenantId) -> UserDirectory:
        return self._graph if await self._routes.find(tenant) else self._partner_center

    async def users(self, tenant: TenantId) -> AsyncIterator[Sequence[User]]:
        """When Graph refuses the first page and Partner Center gives one, Partner Center serves
        the tenant from then on: the relation lacks a role, or this program has no consent."""
        pages = self._listing(tenant, lambda directory: directory.users(tenant), refuse=True)
        async with closing(pages):
            async for page in pages:
                yield page

    async def deleted_users(self, tenant: TenantId) -> AsyncIterator[Sequence[User]]:
        pages = self._listing(
            tenant, lambda directory: directory.deleted_users(tenant), refuse=False
        )
        async with closing(pages):
            async for page in pages:
                yield page

    async def _listing(
        self,
        tenant: TenantId,
        listing: Callable[[UserDirectory], AsyncIterator[Sequence[User]]],
        *,
        refuse: bool,
    ) -> AsyncIterator[Sequence[User]]:
        refused: DeskError | None = None
        if await self._routes.try_again(tenant):
            async with closing(listing(self._graph)) as pages:
                try:
                    first = await anext(pages, None)
                except _REFUSALS as error:
                    refused = error
                else:
                    if refuse:
                        self._routes.accept(tenant)
                    if first is not None:
                        yield first
                    async for page in pages:
                        yield page
                    return
        async with closing(listing(self._partner_center)) as pages:
            async for page in pages:
                if refused is not None and refuse:
                    self._routes.refuse(tenant, refused)
                yield page

    async def user(self, tenant: TenantId, user: UserId) -> User:
        return await (await self._serving(tenant)).user(tenant, user)

    async def licenses(self, tenant: TenantId, user: UserId) -> Licenses:
        return await (await self._serving(tenant)).licenses(tenant, user)

    async def group_names(self, tenant: TenantId, groups: Sequence[GroupId]) -> dict[GroupId, str]:
        return await (await self._serving(tenant)).group_names(tenant, groups)

    async def update_licenses(
        self, tenant: TenantId, user: UserId, change: LicenseChange
    ) -> Licenses:
        return await (await self._serving(tenant)).update_licenses(tenant, user, change)

    async def create_user(self, tenant: TenantId, new: NewUser) -> User:
        return await (await self._serving(tenant)).create_user(tenant, new)

    async def edit_user(self, tenant: TenantId, user: UserId, edit: UserEdit) -> User:
        return await (await self._serving(tenant)).edit_user(tenant, user, edit)

    async def delete_user(self, tenant: TenantId, user: UserId) -> None:
        await (await self._serving(tenant)).delete_user(tenant, user)

    async def restore_user(self, tenant: TenantId, user: UserId, new_username: str = "") -> User:
        return await (await self._serving(tenant)).restore_user(tenant, user, new_username)

    async def reset_password(self, tenant: TenantId, user: UserId, new: NewPassword) -> None:
        await (await self._serving(tenant)).reset_password(tenant, user, new)


class ResellerChanges:
    """ChangeReader of a reseller: Graph's where Graph serves the tenant. Partner Center tells no
    changes, and takes no condition (no ETag for users, licenses or products) either."""

    def __init__(self, routes: GraphRoutes, graph: ChangeReader) -> None:
        self._routes = routes
        self._graph = graph

    async def mark(self, tenant: TenantId) -> ChangeMark | None:
        """None where Graph refuses: the listing that follows finds out who serves the tenant."""
        if not await self._routes.try_again(tenant):
            return None
        try:
            return await self._graph.mark(tenant)
        except _REFUSALS:
            return None

    async def changes(self, tenant: TenantId, since: ChangeMark) -> Changes:
        """A mark is of no use once Graph has stopped to serve the tenant."""
        if await self._routes.find(tenant):
            try:
                return await self._graph.changes(tenant, since)
            except _REFUSALS as error:
                raise _unmarked() from error
        raise _unmarked()


def _unmarked() -> ChangesLost:
    return ChangesLost(
        "Graph no longer tells the changes of this customer.",
        next_step="Everything is read again.",
    )
