"""Tenants and users as the program knows them, whichever service they came from."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, NewType

from o365desk.domain.licensing import LicenseAssignment, SkuId

TenantId = NewType("TenantId", str)
"""Entra tenant id: a GUID in lower case. Partner Center calls it the customer id."""

UserId = NewType("UserId", str)
"""Object id of a user: a GUID in lower case."""

RESTORE_WINDOW = timedelta(days=30)
"""How long Microsoft keeps a deleted user
(learn.microsoft.com/graph/api/resources/directory)."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One organisation: a customer of the reseller, or the operator's own."""

    id: TenantId
    name: str
    domain: str


class UserState(StrEnum):
    """What the Status column tells."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    DELETED = "deleted"


class User(NamedTuple):
    """One user of a tenant.

    A named tuple, not a dataclass: 100,000 of them are made in one load, and a frozen dataclass
    costs several times as much to build.
    """

    id: UserId
    display_name: str
    username: str
    """User principal name, without the object id that Microsoft prefixes on deletion."""
    first_name: str
    last_name: str
    state: UserState
    location: str
    """Usage location, ISO 3166 alpha-2 in upper case; empty when Microsoft has none."""
    licenses: tuple[LicenseAssignment, ...] | None
    """Licence assignments; None = not read yet (Partner Center lists users without them)."""
    deleted_at: datetime | None = None
    """When the user was deleted (UTC); None for a user who is not, or when Microsoft is silent."""
    synced: bool = False
    """Mastered by an on-premises directory: most changes must be made there."""
    guest: bool = False
    mail: str = ""

    @property
    def deleted(self) -> bool:
        return self.state is UserState.DELETED

    def holds(self, sku_id: SkuId) -> bool:
        return any(held.sku_id == sku_id for held in self.licenses or ())


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain name of a tenant under which usernames can be made."""

    name: str
    default: bool = False
    federated: bool = False
    """Passwords of a federated domain live elsewhere: none can be set here."""


@dataclass(frozen=True, slots=True)
class UserEdit:
    """New values for an existing user; None leaves a property as it is."""

    first_name: str | None = None
    last_name: str | None = None
    display_name: str | None = None
    location: str | None = None

    def __bool__(self) -> bool:
        return any(
            value is not None
            for value in (self.first_name, self.last_name, self.display_name, self.location)
        )


def days_left(deleted_at: datetime | None, now: datetime) -> int | None:
    """Whole days, rounded up, in which a user deleted at `deleted_at` can still be restored.

    0 means the window has passed; None that Microsoft did not say when the user was deleted.
    At exactly 30 days the user is still restorable and 1 is answered: never "0 days left" while
    Restore is on offer.
    """
    if deleted_at is None:
        return None
    remaining = deleted_at + RESTORE_WINDOW - now
    if remaining < timedelta(0):
        return 0
    return min(max(1, math.ceil(remaining / timedelta(days=1))), RESTORE_WINDOW.days)


def purged(user: User, now: datetime) -> bool:
    """True when a deleted user is past the restore window and must not be shown any more."""
    return user.deleted and days_left(user.deleted_at, now) == 0


def utc_now() -> datetime:
    """The default clock of the program."""
    return datetime.now(UTC)
