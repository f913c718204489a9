"""What the operator works on at this moment: the backend, the tenant, and what was read of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from o365desk.app.config import Settings
from o365desk.app.tasks import Scope
from o365desk.domain.directory import Tenant, User, UserId, utc_now
from o365desk.domain.licensing import Sku, Subscription
from o365desk.domain.ports import Backend, Capabilities
from o365desk.domain.trust import Trust


@dataclass
class TenantWork:
    """Everything of one tenant; thrown away as a whole when another is opened."""

    tenant: Tenant
    scope: Scope = field(default_factory=Scope)
    """Reads of this tenant: cancelled when it is left."""
    skus: tuple[Sku, ...] = ()
    subscriptions: tuple[Subscription, ...] | None = None
    trust: Trust = field(default_factory=Trust)
    read_at: datetime | None = None
    """When every user was listed the last time; None as long as none of the loads was whole."""

    @property
    def complete(self) -> bool:
        return self.read_at is not None


@dataclass
class Session:
    """The backend, and the tenant that is open in it."""

    backend: Backend
    settings: Settings
    now: Callable[[], datetime] = utc_now
    tenants: list[Tenant] = field(default_factory=list)
    """Every tenant read so far."""
    work: TenantWork | None = None

    def capabilities(self) -> Capabilities:
        if self.work is None:
            return Capabilities(write=False, reason="Choose a customer first.")
        return self.backend.capabilities(self.work.tenant.id)

    def trusted(self, user: User) -> User:
        """A user as last written here, for as long as listings may lag behind that write."""
        if self.work is None:
            return user
        return self.work.trust.user(user, self.now())

    def remember(self, user: User) -> None:
        """A write has answered: believe it for a while."""
        if self.work is not None:
            self.work.trust.remember(user, self.now())

    def is_gone(self, user_id: UserId) -> bool:
        """Deleted or restored a moment ago: a listing of the other kind may still show it."""
        return self.work is not None and self.work.trust.knows(user_id, self.now())
