"""What is found out of the operator's rights, against the practice directory's real roles."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from o365desk.domain import roles
from o365desk.domain.access import Service
from o365desk.domain.acts import Act
from o365desk.domain.directory import Tenant, TenantId, UserId
from o365desk.domain.errors import AccessDenied
from o365desk.domain.ports import Capabilities, RightsReader
from o365desk.domain.rights import NOBODY_SPECIAL, Holder, Source, TenantRights
from o365desk.services.tenant_rights import MOST_GROUPS, CustomerRights, OwnRights
from o365desk.simulator import Fault, FaultKind
from o365desk.simulator.state import AgentGroup, Gdap, Group
from o365desk.simulator.state import Tenant as Org
from tests.services.practice import Practice, practice

ASSIGNMENTS = "/roleManagement/directory/roleAssignments"
ACCESS = "/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments"
ALL = frozenset(Act)


@dataclass
class Desk:
    """A reseller's rights reader in front of the practice directory."""

    practice: Practice
    reader: CustomerRights

    def tenant(self, purpose: str) -> Tenant:
        return Tenant(self.practice.tenant(purpose), self.org(purpose).name, "")

    def org(self, purpose: str) -> Org:
        return self.practice.simulator.directory.tenant(self.practice.tenant(purpose))

    def relation(self, purpose: str) -> Gdap:
        relation = self.org(purpose).gdap
        assert relation is not None
        return relation

    async def read(self, purpose: str, *, fresh: bool = False) -> TenantRights:
        await self.practice.routes.load()
        return await self.reader.read(self.tenant(purpose), fresh=fresh)

    def asked(self, route: str) -> int:
        return self.practice.simulator.calls.count(route=route)


@pytest.fixture
def desk() -> Desk:
    found = practice("reseller")
    now = found.simulator.directory.now
    return Desk(found, CustomerRights(found.client, found.routes, now=now))


def possible(rights: TenantRights) -> set[Act]:
    return set(ALL - rights.refused.keys())


async def test_the_relationship_says_what_is_possible(desk: Desk) -> None:
    full = await desk.read("well_stocked")
    assert full.roles == desk.relation("well_stocked").roles
    assert (full.service, full.source) == (Service.GRAPH, Source.RELATION)
    assert possible(full) == ALL
    helpdesk = await desk.read("read_only_gdap")
    assert possible(helpdesk) == {Act.RESET_PASSWORD}
    assert helpdesk.refused[Act.LICENSE].startswith(
        "License Administrator is missing for Quarry Road Garage. "
    )
    desk.relation("tiny").roles = frozenset({roles.READERS})
    assert possible(await desk.read("tiny")) == set()


async def test_role_holders_are_everybody_the_directory_says(desk: Desk) -> None:
    rights = await desk.read("mixed")
    assert rights.holders is not None
    truth = desk.org("mixed")
    held = {user: holder.roles for user, holder in rights.holders.items() if user in truth.users}
    assert held == {
        user.user_id: frozenset(user.roles) for user in truth.users.values() if user.roles
    }
    plain = UserId(truth.notable["licensed"])
    assert rights.holder(plain) == NOBODY_SPECIAL


async def test_groups_give_their_roles_to_members_and_mark_owners(desk: Desk) -> None:
    tenant = desk.org("group_licensed")
    admins = next(group for group in tenant.groups.values() if group.role_assignable)
    owner = next(user for user in tenant.users.values() if not user.roles and not user.groups)
    admins.roles, admins.owners = (roles.PRIVILEGED_ROLE,), (owner.user_id,)
    rights = await desk.read("group_licensed")
    member = UserId(tenant.notable["role_group_member"])
    assert rights.holder(member) == Holder(frozenset({roles.PRIVILEGED_ROLE}), in_role_group=True)
    assert rights.holder(UserId(owner.user_id)) == Holder(in_role_group=True)
    assert UserId(admins.group_id) not in (rights.holders or {})


async def test_the_operators_own_groups_narrow_what_the_relationship_gives(desk: Desk) -> None:
    admin = desk.practice.simulator.world.partner.notable
    desk.practice.simulator.directory.tenant(desk.practice.simulator.world.partner.tenant_id)
    agents = desk.practice.simulator.directory.agents
    agents[admin["admin"]] = frozenset({AgentGroup.HELPDESK})
    desk.relation("well_stocked").helpers = frozenset({roles.HELPDESK})
    rights = await desk.read("well_stocked")
    assert rights.roles == frozenset({roles.HELPDESK})
    assert possible(rights) == {Act.RESET_PASSWORD}
    assert "none of your security groups" in rights.refused[Act.LICENSE]
    agents[admin["admin"]] = frozenset({AgentGroup.ADMIN})
    assert possible(await desk.read("well_stocked")) == {Act.RESET_PASSWORD}
    assert possible(await desk.read("well_stocked", fresh=True)) == ALL


async def test_groups_that_cannot_be_read_leave_what_the_relationship_gives(desk: Desk) -> None:
    desk.practice.fault(Fault(FaultKind.MISSING_ROLE, path="*accessAssignments"))
    rights = await desk.read("read_only_gdap")
    assert rights.roles == desk.relation("read_only_gdap").roles


async def test_everything_is_asked_once_until_refresh(desk: Desk) -> None:
    await desk.read("well_stocked")
    await desk.read("well_stocked")
    await desk.read("tiny")
    assert desk.asked(ASSIGNMENTS) == 2
    assert desk.asked("/me/transitiveMemberOf") == 1
    await desk.read("well_stocked", fresh=True)
    assert desk.asked(ASSIGNMENTS) == 3
    assert desk.asked("/me/transitiveMemberOf") == 2


async def test_a_relationship_that_ends_soon_is_told(desk: Desk) -> None:
    now = desk.practice.simulator.directory.now()
    rights = await desk.read("read_only_gdap")
    assert rights.ends == desk.relation("read_only_gdap").ends
    assert "in 5 days." in rights.ending(now)
    assert (await desk.read("well_stocked")).ending(now) == ""


def end(desk: Desk, purpose: str) -> None:
    desk.relation(purpose).ends = desk.practice.simulator.directory.now() - timedelta(days=3)


async def test_nothing_is_possible_after_the_relationship_ended(desk: Desk) -> None:
    end(desk, "tiny")
    rights = await desk.read("tiny")
    assert rights.ended == desk.relation("tiny").ends
    assert possible(rights) == set()
    assert rights.refused[Act.EDIT].startswith("The GDAP relationship with Fern & Finch ended on ")


async def test_old_delegated_administration_outlives_the_relationship(desk: Desk) -> None:
    end(desk, "tiny")
    desk.org("tiny").delegated_access = True
    assert possible(await desk.read("tiny")) == ALL


async def test_without_any_relationship_nothing_is_known(desk: Desk) -> None:
    rights = await desk.read("partner_center_only")
    assert (rights.service, rights.roles, rights.holders) == (Service.PARTNER_CENTER, None, None)
    assert possible(rights) == ALL
    assert desk.asked(ASSIGNMENTS) == 0


@pytest.mark.parametrize(
    "faults",
    [
        (Fault(FaultKind.MISSING_ROLE, path="/roleManagement*", times=None),),
        (Fault(FaultKind.MISSING_ROLE, path="/groups*", times=None),),
        (Fault(FaultKind.UNAVAILABLE, path="/roleManagement*", status=500, times=None),),
        (Fault(FaultKind.EXPIRED_TOKEN, path="/roleManagement*", times=None),),
    ],
    ids=["no role", "no permission", "fault", "no sign-in"],
)
async def test_holders_that_cannot_be_read_are_looked_up_singly(
    desk: Desk, faults: tuple[Fault, ...]
) -> None:
    desk.practice.fault(*faults)
    rights = await desk.read("mixed")
    admin = UserId(desk.org("mixed").notable["user_admin"])
    assert rights.holders is None
    assert rights.holder(admin) is None
    assert possible(rights) == ALL
    found = await desk.reader.holder(desk.practice.tenant("mixed"), admin)
    assert found.roles == {roles.USER}


async def test_nothing_readable_leaves_everything_open(desk: Desk) -> None:
    await desk.practice.routes.load()
    desk.practice.fault(Fault(FaultKind.MISSING_ROLE, path="*", times=None))
    assert await desk.read("read_only_gdap") == TenantRights(
        "Quarry Road Garage", source=Source.RELATION
    )


async def test_very_many_role_groups_are_not_read(desk: Desk) -> None:
    tenant = desk.org("tiny")
    for number in range(MOST_GROUPS + 1):
        id_ = f"00000000-0000-4000-8000-{number:012}"
        tenant.groups[id_] = Group(id_, f"Admins {number}", role_assignable=True)
    assert (await desk.read("tiny")).holders is None
    assert desk.asked("/groups/{id}/members") == 0


@pytest.mark.parametrize("purpose", ["mixed", "partner_center_only"])
async def test_one_account_is_looked_up_through_the_service_that_serves(
    desk: Desk, purpose: str
) -> None:
    await desk.practice.routes.load()
    tenant, note = desk.practice.tenant(purpose), desk.org(purpose).notable
    admin = await desk.reader.holder(tenant, UserId(note["admin"]))
    assert admin.roles == {roles.GLOBAL}
    assert await desk.reader.holder(tenant, UserId(note["plain"])) == NOBODY_SPECIAL
    graph = desk.asked("/users/{id}/transitiveMemberOf")
    assert graph == (2 if purpose == "mixed" else 0)


async def test_a_member_of_a_role_group_is_found_singly(desk: Desk) -> None:
    await desk.practice.routes.load()
    member = UserId(desk.org("group_licensed").notable["role_group_member"])
    found = await desk.reader.holder(desk.practice.tenant("group_licensed"), member)
    assert found == Holder(in_role_group=True)


async def test_a_look_up_that_is_refused_says_so(desk: Desk) -> None:
    await desk.practice.routes.load()
    desk.practice.fault(Fault(FaultKind.MISSING_ROLE, path="*transitiveMemberOf"))
    with pytest.raises(AccessDenied):
        await desk.reader.holder(desk.practice.tenant("mixed"), UserId("x"))


async def test_a_refusal_that_nobody_foresaw_is_remembered_until_refresh(desk: Desk) -> None:
    desk.practice.fault(Fault(FaultKind.MISSING_ROLE, path="*elationship*", times=None))
    tenant = desk.tenant("read_only_gdap")
    capabilities = desk.reader.over(lambda _tenant: Capabilities(refused={Act.EDIT: "cloud"}))
    assert capabilities(tenant.id).refused == {Act.EDIT: "cloud"}
    await desk.read("read_only_gdap")
    desk.reader.denied(tenant, Act.LICENSE)
    refused = capabilities(tenant.id).refused
    assert refused.keys() == {Act.EDIT, Act.LICENSE}
    assert refused[Act.EDIT] == "cloud"
    await desk.read("read_only_gdap", fresh=True)
    assert capabilities(tenant.id).refused == {Act.EDIT: "cloud"}


# ---- the own organisation ----------------------------------------------------------------------

Operator = Callable[[], UserId | None]


async def own(who: str) -> tuple[TenantRights, Practice]:
    """What somebody of the own organisation may do there; "" when nobody knows who it is."""
    found = practice("graph direct")
    tenant = Tenant(found.tenant("direct"), "Tall Pine Furniture", "")
    operator = found.notable("direct", who) if who else None
    reader: RightsReader = OwnRights(found.client, lambda: operator)
    assert reader.known(tenant) == TenantRights(tenant.name)
    return await reader.read(tenant), found


@pytest.mark.parametrize(
    ("who", "expected"),
    [("admin", ALL), ("helpdesk", {Act.RESET_PASSWORD}), ("plain", set()), ("", ALL)],
)
async def test_own_roles_are_those_of_the_own_account(who: str, expected: set[Act]) -> None:
    rights, found = await own(who)
    assert possible(rights) == expected
    assert rights.source is Source.OWN
    admin = found.notable("direct", "admin")
    assert rights.holder(admin) == Holder(frozenset({roles.GLOBAL}))
    helpdesk = rights.forbidden(Act.DELETE, "Bo", rights.holder(admin))
    assert bool(helpdesk) is (who in ("helpdesk", "plain"))


async def test_a_tenant_that_was_never_opened_is_not_known(desk: Desk) -> None:
    stranger = Tenant(TenantId("00000000-0000-4000-8000-000000000000"), "Nobody", "")
    assert desk.reader.known(stranger).refused == {}
