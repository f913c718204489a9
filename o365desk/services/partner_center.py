"""The ports served by Partner Center: all customers of a reseller, and what they own."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial

from o365desk.domain.creation import NewUser
from o365desk.domain.directory import Domain, Tenant, TenantId, User, UserEdit, UserId, UserState
from o365desk.domain.errors import (
    AccessDenied,
    Conflict,
    DeskError,
    NotFound,
    OutcomeUnknown,
    Refusal,
    ServerFault,
    UnexpectedReply,
)
from o365desk.domain.licensing import (
    GroupId,
    LicenseAssignment,
    LicenseChange,
    Sku,
    SkuId,
    Subscription,
)
from o365desk.domain.passwords import NewPassword
from o365desk.domain.ports import Capabilities
from o365desk.services.adapters import (
    Clock,
    Licenses,
    Newborns,
    Sleep,
    collect,
    each,
    edited,
    one_each,
    read_back,
    written,
)
from o365desk.services.api_client import ApiClient
from o365desk.services.product_names import ProductNames
from o365desk.wire import partner_center, partner_center_users

PARTNER_CENTER_CAPABILITIES = Capabilities(
    licenses_listed=False,
    sources_known=False,
    blocked_known=False,
    sign_ins_known=False,
    restore_rename=False,
)

_AT_ONCE = 8


class PartnerCenterCatalog:
    """CustomerCatalog over Partner Center."""

    def __init__(self, client: ApiClient, names: ProductNames) -> None:
        self._client = client
        self._names = names
        self._sku_of: dict[tuple[TenantId, str], SkuId] = {}

    def tenants(self) -> AsyncIterator[Sequence[Tenant]]:
        return self._client.pages(partner_center.customers(), partner_center.parse_customers)

    async def skus(self, tenant: TenantId) -> Sequence[Sku]:
        request = partner_center.subscribed_skus(tenant)
        found = await collect(self._client.pages(request, partner_center.parse_subscribed_skus))
        self._names.learn(found)
        return one_each(
            replace(sku, name=sku.name or self._names.name(sku.id, sku.part_number))
            for sku in found
        )

    async def subscriptions(self, tenant: TenantId) -> Sequence[Subscription]:
        """Each tied to its SKU by one more call, which is not repeated once it has answered: a
        subscription never changes its SKU."""
        request = partner_center.subscriptions(tenant)
        found = await collect(self._client.pages(request, partner_center.parse_subscriptions))

        async def tied(subscription: Subscription) -> Subscription:
            return replace(subscription, sku_id=await self._sku(tenant, subscription))

        return await each(found, tied, at_once=_AT_ONCE)

    async def _sku(self, tenant: TenantId, subscription: Subscription) -> SkuId | None:
        """None where Microsoft does not tell (yet): usage-billed ones have none, new ones get
        theirs within 15 minutes. What concerns one subscription must not hide the others."""
        if not subscription.licensable:
            return None
        known = self._sku_of.get((tenant, subscription.id))
        if known is not None:
            return known
        try:
            response = await self._client.send(
                partner_center.provisioning_status(tenant, subscription.id)
            )
            sku = partner_center.parse_provisioning_status(response)
        except (NotFound, AccessDenied, Conflict, ServerFault, UnexpectedReply):
            return None
        if sku is not None:
            self._sku_of[tenant, subscription.id] = sku
        return sku

    async def domains(self, tenant: TenantId) -> Sequence[Domain]:
        response = await self._client.send(partner_center.customer(tenant))
        return partner_center.parse_customer_domains(response)


class PartnerCenterUserDirectory:
    """UserDirectory over Partner Center: users are listed without licences, sources are hidden."""

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
        self._group_of: dict[SkuId, str] = {}

    def users(self, tenant: TenantId) -> AsyncIterator[Sequence[User]]:
        request = partner_center_users.users(tenant)
        return self._client.pages(request, partner_center_users.parse_users)

    def deleted_users(self, tenant: TenantId) -> AsyncIterator[Sequence[User]]:
        request = partner_center_users.deleted_users(tenant)
        return self._client.pages(request, partner_center_users.parse_users)

    async def user(self, tenant: TenantId, user: UserId) -> User:
        found = await self._profile(tenant, user)
        return found._replace(licenses=await self.licenses(tenant, user))

    async def _profile(self, tenant: TenantId, user: UserId) -> User:
        async def read() -> User:
            response = await self._client.send(partner_center_users.user(tenant, user))
            return partner_center_users.parse_user(response)

        return await self._newborns.patiently(user, read)

    async def licenses(self, tenant: TenantId, user: UserId) -> Licenses:
        request = partner_center_users.licenses(tenant, user)

        async def read() -> list[LicenseAssignment]:
            return await collect(self._client.pages(request, partner_center_users.parse_licenses))

        return tuple(await self._newborns.patiently(user, read))

    async def group_names(self, tenant: TenantId, groups: Sequence[GroupId]) -> dict[GroupId, str]:
        """Partner Center knows no groups."""
        return {}

    async def update_licenses(
        self, tenant: TenantId, user: UserId, change: LicenseChange
    ) -> Licenses:
        """One call, or two where the change touches both licence groups: they cannot be one."""
        await self._learn_groups(tenant, change)
        requests = partner_center_users.license_updates(tenant, user, change, self._group_of)
        for place, request in enumerate(requests):
            try:
                await self._newborns.patiently(user, partial(self._client.send, request))
            except DeskError as error:
                if place == 0:
                    raise
                raise _half_done(error) from error
        if not requests:
            return await self.licenses(tenant, user)
        return await read_back(lambda: self.licenses(tenant, user), change, self._sleep)

    async def _learn_groups(self, tenant: TenantId, change: LicenseChange) -> None:
        """Reads the licence groups, unless they are known or cannot matter: a single SKU is in
        one group, whichever."""
        if len(change.sku_ids) > 1 and not change.sku_ids <= self._group_of.keys():
            request = partner_center.subscribed_skus(tenant)
            pages = self._client.pages(request, partner_center.parse_subscribed_skus)
            self._group_of.update((sku.id, sku.group) for sku in await collect(pages))

    async def create_user(self, tenant: TenantId, new: NewUser) -> User:
        try:
            response = await self._client.send(partner_center_users.create_user(tenant, new))
        except Conflict as error:
            raise _incomplete(error, new) or error from None
        made = written(lambda: partner_center_users.parse_user(response))
        self._newborns.born(made.id)
        return made._replace(location=made.location or new.location, licenses=())

    async def edit_user(self, tenant: TenantId, user: UserId, edit: UserEdit) -> User:
        # Read first: after the write, a read that fails or is stale would hide what was done.
        before = await self.user(tenant, user)
        if edit:
            await self._client.send(partner_center_users.edit_user(tenant, user, edit))
        return edited(before, edit)

    async def delete_user(self, tenant: TenantId, user: UserId) -> None:
        await self._client.send(partner_center_users.delete_user(tenant, user))

    async def restore_user(self, tenant: TenantId, user: UserId, new_username: str = "") -> User:
        if new_username:
            raise Conflict(
                "Through Partner Center a user can be restored under the old username only.",
                next_step="Rename the account that holds the username now, then restore again.",
                refusal=Refusal.UNSUPPORTED,
            )
        response = await self._client.send(partner_center_users.restore_user(tenant, user))
        answered = written(lambda: partner_center_users.parse_user(response))
        restored = answered._replace(state=UserState.ACTIVE, deleted_at=None)
        self._newborns.born(user)
        try:
            return restored._replace(licenses=await self.licenses(tenant, user))
        except DeskError:
            # Restored all the same; the licences that came back are simply not read yet.
            return restored

    async def reset_password(self, tenant: TenantId, user: UserId, new: NewPassword) -> None:
        request = partner_center_users.reset_password(tenant, user, new)
        await self._newborns.patiently(user, lambda: self._client.send(request))


def _incomplete(error: Conflict, new: NewUser) -> Conflict | None:
    """Partner Center may insist on what Graph and this program can do without; it then speaks of
    a malformed request."""
    wanted = {"a location": new.location, "a first name": new.first_name}
    wanted["a last name"] = new.last_name
    missing = [what for what, text in wanted.items() if not text]
    if error.refusal is not Refusal.OUR_REQUEST or not missing:
        return None
    return Conflict(
        "Partner Center did not take the new user, who has not everything it may ask for.",
        next_step=f"Enter {' and '.join(missing)}, then try again.",
        refusal=Refusal.OTHER if new.location else Refusal.USAGE_LOCATION,
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        correlation_id=error.correlation_id,
    )


def _half_done(error: DeskError) -> OutcomeUnknown:
    other = "is not known" if isinstance(error, OutcomeUnknown) else "was not"
    return OutcomeUnknown(
        f"One part of the change was made, the other {other}: {error.sentence}",
        next_step=error.next_step,
        refusal=error.refusal,
        sku_ids=error.sku_ids,
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        correlation_id=error.correlation_id,
    )
