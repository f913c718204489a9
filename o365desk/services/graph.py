"""The ports served by Microsoft Graph: a direct customer's own tenant, or one reached by GDAP."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial

from o365desk.domain.creation import NewUser
from o365desk.domain.directory import Domain, Tenant, TenantId, User, UserEdit, UserId, UserState
from o365desk.domain.errors import DeskError, NotFound
from o365desk.domain.licensing import GroupId, LicenseChange, Sku, Subscription
from o365desk.domain.passwords import NewPassword
from o365desk.domain.ports import Capabilities
from o365desk.services.adapters import (
    Clock,
    Licenses,
    Newborns,
    Sleep,
    collect,
    edited,
    one_each,
    read_back,
    written,
)
from o365desk.services.api_client import ApiClient
from o365desk.services.batch import send_batch
from o365desk.services.product_names import ProductNames
from o365desk.wire import graph, graph_licensing, graph_user_writes, graph_users
from o365desk.wire.messages import ApiRequest, ApiResponse

GRAPH_CAPABILITIES = Capabilities()
"""Graph can do everything the screens offer."""


class GraphCatalog:
    """CustomerCatalog of one organisation: the operator's own, or that of a given tenant."""

    def __init__(self, client: ApiClient, names: ProductNames) -> None:
        self._client = client
        self._names = names

    async def tenants(self) -> AsyncIterator[Sequence[Tenant]]:
        response = await self._client.send(graph.organization())
        yield (graph.parse_organization(response),)

    async def skus(self, tenant: TenantId) -> Sequence[Sku]:
        parse = partial(graph_licensing.parse_subscribed_skus, name_of=self._names.name)
        pages = self._client.pages(graph_licensing.subscribed_skus(), parse, tenant)
        return one_each(await collect(pages))

    async def subscriptions(self, tenant: TenantId) -> Sequence[Subscription]:
        parse = partial(graph_licensing.parse_subscriptions, name_of=self._names.name)
        return await collect(self._client.pages(graph_licensing.subscriptions(), parse, tenant))

    async def domains(self, tenant: TenantId) -> Sequence[Domain]:
        found = await collect(self._client.pages(graph.domains(), graph.parse_domains, tenant))
        return sorted(found, key=lambda domain: not domain.default)


class GraphUserDirectory:
    """UserDirectory over Graph; one listing holds the licences of all users, and their sources."""

    def __init__(
        self,
        client: ApiClient,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client = client
        self._sleep = sleep
        self._newborns = Newborns(clock, sleep)
        self._group_names: dict[tuple[TenantId, GroupId], str] = {}

    def users(self, tenant: TenantId) -> AsyncIterator[Sequence[User]]:
        return self._listing(graph_users.users(), graph_users.UserPages(), tenant)

    def deleted_users(self, tenant: TenantId) -> AsyncIterator[Sequence[User]]:
        return self._listing(graph_users.deleted_users(), graph_users.DeletedUserPages(), tenant)

    def _listing(
        self, request: ApiRequest, parse: graph_users.UserPages, tenant: TenantId
    ) -> AsyncIterator[Sequence[User]]:
        peek = partial(graph.peek_next, request=request)
        return self._client.pages(request, parse, tenant, peek=peek)

    async def user(self, tenant: TenantId, user: UserId) -> User:
        async def read() -> User:
            response = await self._client.send(graph_users.user(user), tenant)
            return graph_users.parse_user(response)

        return await self._newborns.patiently(user, read)

    async def licenses(self, tenant: TenantId, user: UserId) -> Licenses:
        async def read() -> Licenses:
            response = await self._client.send(graph_users.licenses(user), tenant)
            return graph_users.parse_licenses(response)

        return await self._newborns.patiently(user, read)

    async def group_names(self, tenant: TenantId, groups: Sequence[GroupId]) -> dict[GroupId, str]:
        """One round trip for twenty groups: users hold licences through few, and names are
        remembered."""
        unknown = [g for g in dict.fromkeys(groups) if (tenant, g) not in self._group_names]
        requests = [graph.group(group) for group in unknown]
        answers = await send_batch(self._client, requests, tenant, sleep=self._sleep)
        for group, answer in zip(unknown, answers, strict=True):
            if isinstance(answer, NotFound):
                self._group_names[tenant, group] = ""
            elif isinstance(answer, ApiResponse):
                with contextlib.suppress(DeskError):
                    self._group_names[tenant, group] = graph.parse_group(answer)
        known = ((g, self._group_names.get((tenant, g), "")) for g in groups)
        return {g: name for g, name in known if name}

    async def update_licenses(
        self, tenant: TenantId, user: UserId, change: LicenseChange
    ) -> Licenses:
        if not change:
            return await self.licenses(tenant, user)
        request = graph_user_writes.assign_license(user, change)
        await self._newborns.patiently(user, lambda: self._client.send(request, tenant))
        return await read_back(lambda: self.licenses(tenant, user), change, self._sleep)

    async def create_user(self, tenant: TenantId, new: NewUser) -> User:
        response = await self._client.send(graph_user_writes.create_user(new), tenant)
        made = written(lambda: graph_users.parse_user(response))
        self._newborns.born(made.id)
        # The answer holds the default properties only: the location, for one, is not among them.
        return made._replace(
            display_name=made.display_name or new.display_name,
            username=made.username or new.username,
            first_name=made.first_name or new.first_name,
            last_name=made.last_name or new.last_name,
            location=made.location or new.location,
            licenses=(),
        )

    async def edit_user(self, tenant: TenantId, user: UserId, edit: UserEdit) -> User:
        # Read first: after the write, a read that fails or is stale would hide what was done.
        before = await self.user(tenant, user)
        if edit:
            await self._client.send(graph_user_writes.edit_user(user, edit), tenant)
        return edited(before, edit)

    async def delete_user(self, tenant: TenantId, user: UserId) -> None:
        await self._client.send(graph_user_writes.delete_user(user), tenant)

    async def restore_user(self, tenant: TenantId, user: UserId, new_username: str = "") -> User:
        request = graph_user_writes.restore_user(user, new_username)
        response = await self._client.send(request, tenant)
        answered = written(lambda: graph_users.parse_user(response))
        self._newborns.born(user)
        try:
            return await self.user(tenant, user)
        except DeskError:
            # Restored all the same; the licences that came back are simply not read yet.
            return answered._replace(state=UserState.ACTIVE, deleted_at=None)

    async def reset_password(self, tenant: TenantId, user: UserId, new: NewPassword) -> None:
        request = graph_user_writes.reset_password(user, new)
        await self._newborns.patiently(user, lambda: self._client.send(request, tenant))
