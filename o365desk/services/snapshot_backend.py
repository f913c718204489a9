"""The world as it was seen: a read-only backend over the history, of the newest moment or a past
one. Touches no network."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import NoReturn

from o365desk.domain.creation import NewUser
from o365desk.domain.directory import Domain, Tenant, TenantId, User, UserEdit, UserId
from o365desk.domain.errors import NotFound, ReadOnly
from o365desk.domain.history import History
from o365desk.domain.licensing import (
    GroupId,
    LicenseAssignment,
    LicenseChange,
    Sku,
    SkuId,
    Subscription,
)
from o365desk.domain.mail import Mail
from o365desk.domain.passwords import NewPassword
from o365desk.domain.ports import Backend, Capabilities, Origin
from o365desk.domain.snapshots import TenantState

PAGE = 1000
"""Users given at a time, as a page of Microsoft's: the window takes in one between two frames."""

REASON = "A snapshot shows what was, so nothing can be changed in it."
NEXT_STEP = "Go back to live data first."
NEXT_STEP_OFFLINE = "Start o365desk without --offline first."


class SnapshotWorld:
    """Every port of a backend. One state is held at a time: that of the open tenant."""

    def __init__(
        self,
        history: History,
        at: datetime | None = None,
        of: TenantId | None = None,
        *,
        offline: bool = False,
    ) -> None:
        self._history = history
        self._of = of
        self._next_step = NEXT_STEP_OFFLINE if offline else NEXT_STEP
        self._at = at
        """None: the newest snapshot of each tenant."""
        self._state: TenantState | None = None
        self._reading = asyncio.Lock()

    def as_of(self, tenant: TenantId) -> datetime | None:
        """Time of the snapshot that was read last, if it was one of this tenant."""
        state = self._state
        return state.at if state is not None and state.tenant.id == tenant else None

    def capabilities(self, tenant: TenantId) -> Capabilities:
        known = self._state is None or self._state.tenant.id != tenant or self._state.blocked_known
        return Capabilities(write=False, reason=f"{REASON} {self._next_step}", blocked_known=known)

    async def read(self, tenant: TenantId, *, anew: bool = False) -> TenantState:
        """Raises NotFound when nothing was kept of that moment."""
        async with self._reading:  # who asks for a part meanwhile waits for the same state
            state = self._state
            if state is None or state.tenant.id != tenant or anew:
                self._state = None  # two states of 100,000 users are not held at once
                self._state = state = await self._history.state(tenant, self._moment(tenant))
            return state

    def _moment(self, tenant: TenantId) -> datetime | None:
        """Tenants are read one after the other: what one was at noon, others were a little later.
        Of those the whole day counts, as days are here."""
        if self._at is None or self._of in (None, tenant):
            return self._at
        # Without the offset of that moment: the clocks may be changed before the day ends.
        day = self._at.astimezone().replace(tzinfo=None)
        return day.replace(hour=23, minute=59, second=59, microsecond=999_999).astimezone()

    # CustomerCatalog

    async def tenants(self) -> AsyncIterator[Sequence[Tenant]]:
        yield await self._history.tenants()

    async def skus(self, tenant: TenantId) -> Sequence[Sku]:
        return (await self.read(tenant)).skus

    async def subscriptions(self, tenant: TenantId) -> Sequence[Subscription]:
        subscriptions = (await self.read(tenant)).subscriptions
        if subscriptions is None:
            raise NotFound("The subscriptions could not be read when this snapshot was made.")
        return subscriptions

    async def domains(self, tenant: TenantId) -> Sequence[Domain]:
        self._refuse()

    # UserDirectory

    async def users(self, tenant: TenantId) -> AsyncIterator[Sequence[User]]:
        users = (await self.read(tenant, anew=True)).users
        for start in range(0, len(users), PAGE):
            yield [user for user in users[start : start + PAGE] if not user.deleted]

    async def deleted_users(self, tenant: TenantId) -> AsyncIterator[Sequence[User]]:
        users = (await self.read(tenant)).users
        for start in range(0, len(users), PAGE):
            await asyncio.sleep(0)  # most pages have nobody to give
            deleted = [user for user in users[start : start + PAGE] if user.deleted]
            if deleted:
                yield deleted

    async def user(self, tenant: TenantId, user: UserId) -> User:
        for one in (await self.read(tenant)).users:
            if one.id == user and not one.deleted:
                return one
        raise NotFound("This user is not in the snapshot.")

    async def licenses(self, tenant: TenantId, user: UserId) -> tuple[LicenseAssignment, ...]:
        return (await self.user(tenant, user)).licenses or ()

    async def group_names(self, tenant: TenantId, groups: Sequence[GroupId]) -> dict[GroupId, str]:
        return {}

    async def update_licenses(
        self, tenant: TenantId, user: UserId, change: LicenseChange
    ) -> tuple[LicenseAssignment, ...]:
        self._refuse()

    async def create_user(self, tenant: TenantId, new: NewUser) -> User:
        self._refuse()

    async def edit_user(self, tenant: TenantId, user: UserId, edit: UserEdit) -> User:
        self._refuse()

    async def delete_user(self, tenant: TenantId, user: UserId) -> None:
        self._refuse()

    async def restore_user(self, tenant: TenantId, user: UserId, new_username: str = "") -> User:
        self._refuse()

    async def reset_password(self, tenant: TenantId, user: UserId, new: NewPassword) -> None:
        self._refuse()

    # SignInReader

    async def sign_ins(
        self, tenant: TenantId
    ) -> AsyncIterator[Sequence[tuple[UserId, datetime | None]]]:
        known = list((await self.read(tenant)).sign_ins.items())
        for start in range(0, len(known), PAGE):
            yield known[start : start + PAGE]

    # MailSender

    async def send(self, mail: Mail) -> None:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise ReadOnly(REASON, next_step=self._next_step)


def snapshot_backend(
    history: History,
    product_name: Callable[[SkuId], str],
    *,
    at: datetime | None = None,
    of: TenantId | None = None,
    single_tenant: bool = False,
    offline: bool = False,
) -> Backend:
    """What was seen of every tenant at `at` or last before it; None: at last. `of`: the tenant
    whose snapshot that is; of every other the last one until the end of that day is shown.
    `offline`: there is no live data to go back to."""
    world = SnapshotWorld(history, at, of, offline=offline)
    return Backend(
        origin=Origin.SNAPSHOT,
        customers=world,
        users=world,
        mail=world,
        capabilities=world.capabilities,
        product_name=product_name,
        sign_ins=world,
        single_tenant=single_tenant,
        as_of=world.as_of,
    )
