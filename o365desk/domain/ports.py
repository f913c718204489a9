"""Doors through which the program sees the world: what an adapter must offer, and no more."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from o365desk.domain.access import Access, Service
from o365desk.domain.acts import Act as Act  # noqa: PLC0414 (a word of the ports)
from o365desk.domain.changes import ChangeMark, Changes
from o365desk.domain.creation import NewUser
from o365desk.domain.directory import Domain, Tenant, TenantId, User, UserEdit, UserId
from o365desk.domain.errors import DeskError
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
from o365desk.domain.permissions import Permission
from o365desk.domain.rights import Holder, TenantRights


class TokenProvider(Protocol):
    """Gives access tokens; the only door to sign-in."""

    async def token(
        self,
        service: Service,
        tenant: TenantId | None,
        *,
        access: Access = Access.DIRECTORY,
        claims: str = "",
        fresh: bool = False,
    ) -> str:
        """A bearer token for `service`; for Graph, one issued by `tenant` (None: the operator's
        own). `claims` answers a challenge and bypasses the cache; so does `fresh`, after the
        service refused the token at hand. Never asks the operator: raises SignInRequired, which
        says in `need` what an interactive sign-in has to bring."""
        ...


class CustomerCatalog(Protocol):
    """Tenants, and what they own."""

    def tenants(self) -> AsyncIterator[Sequence[Tenant]]:
        """All tenants the operator may work on, page by page. Raises DeskError."""
        ...

    async def skus(self, tenant: TenantId) -> Sequence[Sku]:
        """One entry per product with its counters, exactly as Microsoft gives them."""
        ...

    async def subscriptions(self, tenant: TenantId) -> Sequence[Subscription]:
        """Every purchase, each tied to its SKU where Microsoft tells (S54, S55)."""
        ...

    async def domains(self, tenant: TenantId) -> Sequence[Domain]:
        """Domains under which a username can be made, the default one first."""
        ...


class UserDirectory(Protocol):
    """The users of a tenant. Every method raises DeskError and nothing else."""

    def users(self, tenant: TenantId) -> AsyncIterator[Sequence[User]]:
        """Users who are not deleted, page by page, in the service's order. A failed page raises:
        an iterator that ends normally has given every user."""
        ...

    def deleted_users(self, tenant: TenantId) -> AsyncIterator[Sequence[User]]:
        """Users who can still be restored, page by page."""
        ...

    async def user(self, tenant: TenantId, user: UserId) -> User:
        """One user who is not deleted, licences included."""
        ...

    async def licenses(self, tenant: TenantId, user: UserId) -> tuple[LicenseAssignment, ...]:
        """What one user holds now, straight from Microsoft."""
        ...

    async def group_names(self, tenant: TenantId, groups: Sequence[GroupId]) -> dict[GroupId, str]:
        """Names of groups; those that cannot be read are left out."""
        ...

    async def update_licenses(
        self, tenant: TenantId, user: UserId, change: LicenseChange
    ) -> tuple[LicenseAssignment, ...]:
        """Makes one change in one call, reads back, and answers what Microsoft then says.
        Raises OutcomeUnknown when no answer came; the call is never repeated then."""
        ...

    async def create_user(self, tenant: TenantId, new: NewUser) -> User:
        """Creates the user without licences (`new.licenses` is the caller's next call)."""
        ...

    async def edit_user(self, tenant: TenantId, user: UserId, edit: UserEdit) -> User: ...

    async def delete_user(self, tenant: TenantId, user: UserId) -> None: ...

    async def restore_user(self, tenant: TenantId, user: UserId, new_username: str = "") -> User:
        """Brings a deleted user back, with the licences Microsoft gives back. `new_username` is
        for a username taken meanwhile, where `Capabilities.restore_rename` allows it."""
        ...

    async def reset_password(self, tenant: TenantId, user: UserId, new: NewPassword) -> None:
        """Sets the password alone; sends no mail."""
        ...


class ChangeReader(Protocol):
    """The cheap second refresh: what changed among the users since they were listed."""

    async def mark(self, tenant: TenantId) -> ChangeMark | None:
        """This moment, to ask for changes since; taken before a listing, so that nothing falls
        between the two. None where the service that serves the tenant cannot tell changes."""
        ...

    async def changes(self, tenant: TenantId, since: ChangeMark) -> Changes:
        """What happened to the users since a mark. Raises ChangesLost when the service has
        forgotten it: list everything anew then."""
        ...


class SignInReader(Protocol):
    """When the users of a tenant signed in last. A luxury: it needs a permission, and a license of
    the tenant, that nothing else needs."""

    def sign_ins(self, tenant: TenantId) -> AsyncIterator[Sequence[tuple[UserId, datetime | None]]]:
        """Page by page, behind all other calls; None for who never did. Deleted users are not
        among them. Raises DeskError: above all Refusal.NOT_PREMIUM, and SignInRequired with the
        need for the permission when it is asked for first."""
        ...


class RightsReader(Protocol):
    """What the operator may do in a tenant, and whom to be careful with there."""

    def known(self, tenant: Tenant) -> TenantRights:
        """What has been found out so far, at worst nothing."""
        ...

    async def read(self, tenant: Tenant, *, fresh: bool = False) -> TenantRights:
        """Finds out what can be: behind all other calls, and once unless `fresh`. Never raises
        DeskError: what cannot be read is not known."""
        ...

    async def holder(self, tenant: TenantId, user: UserId) -> Holder:
        """One account, looked up singly where the role holders are not known. Raises DeskError."""
        ...

    def denied(self, tenant: Tenant, act: Act) -> TenantRights:
        """Microsoft has refused an act for want of a role, which nobody could foresee."""
        ...


class ConsentGranter(Protocol):
    """Why Graph does not serve a customer, and how this program comes by its permissions there."""

    def refusal(self, tenant: TenantId) -> DeskError | None:
        """For which error Graph does not serve the tenant, so that Partner Center has to; with
        Refusal.CONSENT it is the permissions that are missing. None where nothing is wrong."""
        ...

    def forgive(self, tenant: TenantId) -> None:
        """Lets the next listing of users try Graph again."""
        ...

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """What has to be granted at a customer."""
        ...

    def address(self, tenant: TenantId) -> str:
        """The page on which an administrator of the customer grants the permissions."""
        ...

    async def grant(self, tenant: TenantId) -> None:
        """Grants them on the customer's behalf, and forgives. Raises DeskError."""
        ...


class MailSender(Protocol):
    """Hands mails over. Accepted is not delivered: say "sent", never "received"."""

    async def send(self, mail: Mail) -> None:
        """Raises MailFailed, or SignInRequired where a sign-in would help."""
        ...


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What can be done in one tenant, through the services that serve it."""

    write: bool = True
    reason: str = ""
    """Why writing is not possible, for the tooltip of the disabled actions."""
    refused: Mapping[Act, str] = field(default_factory=dict)
    """What cannot be done although other things can, each with the reason: the role or the GDAP
    relationship that is missing, or what this cloud does not offer."""
    licenses_listed: bool = True
    """The listing of users holds their licences; else each user's must be read singly."""
    sources_known: bool = True
    """Direct and inherited licences can be told apart."""
    blocked_known: bool = True
    """Users blocked from signing in can be told from active ones."""
    sign_ins_known: bool = True
    """It is told when users signed in last, where tenant and permissions allow."""
    restore_rename: bool = True
    """A user can be restored under another username."""

    def reason_against(self, act: Act) -> str:
        """Why an act is not possible in this tenant; empty when it is, as far as is known."""
        if not self.write:
            return self.reason or "The data on screen cannot be changed."
        return self.refused.get(act, "")


class Origin(StrEnum):
    """Where the data on screen comes from."""

    LIVE = "live"
    PRACTICE = "practice"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class Backend:
    """The whole world as the program sees it: one of these is made at start, and passed around."""

    origin: Origin
    customers: CustomerCatalog
    users: UserDirectory
    mail: MailSender
    capabilities: Callable[[TenantId], Capabilities]
    product_name: Callable[[SkuId], str]
    """Readable name of any SKU, owned or not: Partner Center's, else Microsoft's product-name
    table, else the id itself."""
    changes: ChangeReader | None = None
    """None where every refresh is a listing of everything."""
    sign_ins: SignInReader | None = None
    """None where nobody tells when users signed in last."""
    rights: RightsReader | None = None
    """None where nothing can be found out about roles."""
    consents: ConsentGranter | None = None
    """None where no customer has to grant this program anything."""
    prepare: Callable[[], Awaitable[None]] | None = None
    """What is better read while the operator still chooses a tenant; never raises DeskError."""
    single_tenant: bool = False
    """A direct customer: one organisation, no picker (S3)."""
    as_of: Callable[[TenantId], datetime | None] | None = None
    """Time of the snapshot that was read of a tenant; None when the data is read now."""
