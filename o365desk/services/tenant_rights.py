"""Reads what the operator may do in a tenant, and who there is to be careful with.

Nothing here is needed to show the users, so it runs behind all other calls; and whatever cannot be
read stays unknown, which forbids nothing.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

from o365desk.domain.access import Service
from o365desk.domain.acts import Act
from o365desk.domain.directory import Tenant, TenantId, UserId, utc_now
from o365desk.domain.errors import DeskError
from o365desk.domain.licensing import GroupId
from o365desk.domain.ports import Capabilities
from o365desk.domain.rights import (
    Holder,
    Roles,
    Source,
    TenantRights,
    all_roles,
    ended,
    ends_soon,
    merged_refusals,
)
from o365desk.services.adapters import collect, each
from o365desk.services.api_client import ApiClient
from o365desk.services.scheduler import background
from o365desk.wire import directory_roles, partner_center
from o365desk.wire.directory_roles import RoleAssignment

T = TypeVar("T")
P = ParamSpec("P")

MOST_GROUPS = 40
"""Role-assignable groups whose people are read: each costs two calls. Microsoft allows 500."""

_AT_ONCE = 3


class Routes(Protocol):
    """Whether Graph serves a tenant; GraphRoutes does it."""

    def lead(self, tenant: TenantId) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Holdings:
    """Role assignments of a tenant, groups resolved."""

    holders: dict[UserId, Holder]
    elsewhere: frozenset[UserId]
    """Who also holds a role for a part of the tenant only."""


@dataclass(frozen=True, slots=True)
class _Given:
    """What GDAP relationships give; all of it unknown when they cannot be read."""

    roles: Roles | None = None
    offered: Roles = frozenset()
    ended: datetime | None = None
    ends: datetime | None = None


class _Reader(ABC):
    """Keeps what was read of each tenant, until it is read anew."""

    def __init__(self, client: ApiClient, *, now: Callable[[], datetime] = utc_now) -> None:
        self._client = client
        self._now = now
        self._known: dict[TenantId, TenantRights] = {}

    def known(self, tenant: Tenant) -> TenantRights:
        """What is known now, at worst nothing."""
        return self._known.get(tenant.id) or TenantRights(tenant.name, self._service(tenant.id))

    async def read(self, tenant: Tenant, *, fresh: bool = False) -> TenantRights:
        """What can be known, from memory unless `fresh`; never raises DeskError."""
        if fresh or tenant.id not in self._known:
            with background():
                self._known[tenant.id] = await self._read(tenant, fresh=fresh)
        return self._known[tenant.id]

    async def holder(self, tenant: TenantId, user: UserId) -> Holder:
        """One account looked up singly. Raises DeskError."""
        if self._service(tenant) is Service.GRAPH:
            request, parse = directory_roles.memberships(user), directory_roles.parse_memberships
            parts = await collect(self._client.pages(request, parse, tenant))
        else:
            roles = directory_roles.user_roles(tenant, user)
            parts = await collect(self._client.pages(roles, directory_roles.parse_user_roles))
        return directory_roles.holder_of(parts)

    def denied(self, tenant: Tenant, act: Act) -> TenantRights:
        """Microsoft has refused an act for want of a role, whatever was thought to be known."""
        self._known[tenant.id] = self.known(tenant).without(act)
        return self._known[tenant.id]

    def over(
        self, capabilities: Callable[[TenantId], Capabilities]
    ) -> Callable[[TenantId], Capabilities]:
        """The same capabilities, less what the operator's roles do not allow."""

        def less(tenant: TenantId) -> Capabilities:
            found = capabilities(tenant)
            rights = self._known.get(tenant)
            if rights is None:
                return found
            return replace(found, refused=merged_refusals(found.refused, rights.refused))

        return less

    @abstractmethod
    def _service(self, tenant: TenantId) -> Service:
        """Through which the users of a tenant are managed."""

    @abstractmethod
    async def _read(self, tenant: Tenant, *, fresh: bool) -> TenantRights:
        """Never raises DeskError. `fresh`: nothing remembered may be used."""

    # Role holders

    async def _holdings(self, tenant: TenantId) -> _Holdings | None:
        """Everybody in the tenant who holds a role or could be given one through a group."""
        assigned, groups = await asyncio.gather(
            _unless_refused(self._assignments, tenant), _unless_refused(self._role_groups, tenant)
        )
        if assigned is None or groups is None or len(groups) > MOST_GROUPS:
            return None
        reading = partial(each, groups, partial(self._people, tenant), at_once=_AT_ONCE)
        people = await _unless_refused(reading)
        if people is None:
            return None
        return _resolved(assigned, dict(zip(groups, people, strict=True)))

    async def _assignments(self, tenant: TenantId) -> list[RoleAssignment]:
        request = directory_roles.role_assignments()
        parse = directory_roles.parse_role_assignments
        return await collect(self._client.pages(request, parse, tenant))

    async def _role_groups(self, tenant: TenantId) -> list[GroupId]:
        request = directory_roles.role_groups()
        found = await collect(self._client.pages(request, directory_roles.parse_ids, tenant))
        return [GroupId(id_) for id_ in found]

    async def _people(self, tenant: TenantId, group: GroupId) -> tuple[set[str], set[str]]:
        """Members, and owners."""
        parse = directory_roles.parse_ids
        members = self._client.pages(directory_roles.group_members(group), parse, tenant)
        owners = self._client.pages(directory_roles.group_owners(group), parse, tenant)
        return set(await collect(members)), set(await collect(owners))


class OwnRights(_Reader):
    """Of the operator's own organisation: what the directory says of his own account."""

    def __init__(
        self,
        client: ApiClient,
        operator: Callable[[], UserId | None],
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(client, now=now)
        self._operator = operator

    def _service(self, tenant: TenantId) -> Service:
        return Service.GRAPH

    async def _read(self, tenant: Tenant, *, fresh: bool) -> TenantRights:
        holdings = await self._holdings(tenant.id)
        operator = self._operator()
        roles: Roles | None = None
        if holdings is not None and operator is not None and operator not in holdings.elsewhere:
            roles = holdings.holders.get(operator, Holder()).roles
        return TenantRights(
            tenant.name, roles=roles, holders=holdings.holders if holdings is not None else None
        )


class CustomerRights(_Reader):
    """Of a reseller's customers: what GDAP relationships give to the operator's groups."""

    def __init__(
        self, client: ApiClient, routes: Routes, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__(client, now=now)
        self._routes = routes
        self._groups: frozenset[str] | None = None

    def _service(self, tenant: TenantId) -> Service:
        return Service.GRAPH if self._routes.lead(tenant) else Service.PARTNER_CENTER

    async def _read(self, tenant: Tenant, *, fresh: bool) -> TenantRights:
        if fresh:
            self._groups = None
        service = self._service(tenant.id)
        given, holdings = await asyncio.gather(
            _unless_refused(self._given, tenant.id),
            self._holdings(tenant.id) if service is Service.GRAPH else _nothing(),
        )
        given = given or _Given()
        return TenantRights(
            tenant.name,
            service,
            Source.RELATION,
            given.roles,
            given.offered,
            given.ended,
            given.ends,
            holdings.holders if holdings is not None else None,
        )

    async def _given(self, tenant: TenantId) -> _Given:
        request = directory_roles.relationships(tenant)
        found = await collect(self._client.pages(request, directory_roles.parse_relationships))
        now = self._now()
        giving = [relation for relation in found if relation.may_give(now)]
        if not giving:
            over = ended(found, now)
            # The old delegated administration may go on without GDAP.
            if over is not None and await self._delegated(tenant) is False:
                return _Given(ended=over)
            return _Given()
        offered = all_roles(giving)
        own = await _unless_refused(self._of_own_groups, [relation.id for relation in giving])
        return _Given(
            roles=offered if own is None else own & offered,
            offered=offered,
            ends=ends_soon(found, now),
        )

    async def _delegated(self, tenant: TenantId) -> bool | None:
        response = await self._client.send(partner_center.customer(tenant))
        return directory_roles.parse_delegated_access(response)

    async def _of_own_groups(self, relations: Iterable[str]) -> Roles:
        """The roles that the operator's security groups have in some relationships."""
        if self._groups is None:
            pages = self._client.pages(directory_roles.own_groups(), directory_roles.parse_ids)
            self._groups = frozenset(await collect(pages))
        parse = directory_roles.parse_access_assignments
        grants = [
            grant
            for relation in relations
            for grant in await collect(
                self._client.pages(directory_roles.access_assignments(relation), parse)
            )
        ]
        return all_roles(grant for grant in grants if grant.group in self._groups)


def _resolved(
    assigned: Iterable[RoleAssignment], groups: dict[GroupId, tuple[set[str], set[str]]]
) -> _Holdings:
    """Principals by user: a role of a group is one of its members."""
    parts: dict[UserId, list[Holder]] = defaultdict(list)
    elsewhere: set[UserId] = set()
    for assignment in assigned:
        members, _ = groups.get(GroupId(assignment.principal), ({assignment.principal}, set()))
        for member in members:
            parts[UserId(member)].append(Holder(frozenset({assignment.role})))
            if not assignment.everywhere:
                elsewhere.add(UserId(member))
    for members, owners in groups.values():
        for person in members | owners:
            parts[UserId(person)].append(Holder(in_role_group=True))
    holders = {user: directory_roles.holder_of(known) for user, known in parts.items()}
    return _Holdings(holders, frozenset(elsewhere))


async def _unless_refused(
    read: Callable[P, Awaitable[T]], *args: P.args, **more: P.kwargs
) -> T | None:
    """None for what cannot be read, whatever the reason: then it is not known. Begins only when it
    is awaited itself: a coroutine made earlier would be left lying when that is cancelled."""
    try:
        return await read(*args, **more)
    except DeskError:
        return None


async def _nothing() -> None:
    return None
