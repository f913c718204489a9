"""Role management and GDAP groups of the practice directory, in Microsoft's shapes."""

import pytest

from o365desk.simulator import roles
from o365desk.simulator.graph_roles import agent_group
from o365desk.simulator.state import AgentGroup, Gdap, Tenant
from tests import csdl
from tests.simulator.desk import Desk, graph_error
from tests.simulator.test_samples import names, sample

ASSIGNMENTS = "/roleManagement/directory/roleAssignments"
RELATIONS = "/tenantRelationships/delegatedAdminRelationships"


def relation_of(tenant: Tenant) -> Gdap:
    assert tenant.gdap is not None
    return tenant.gdap


def test_assignments_are_those_of_users_groups_and_the_partner() -> None:
    desk = Desk()
    tenant = desk.tenant("group_licensed")
    admins = next(group for group in tenant.groups.values() if group.role_assignable)
    admins.roles = (roles.EXCHANGE,)
    found = desk.graph("GET", ASSIGNMENTS, "group_licensed").json()["value"]
    held = {(item["principalId"], item["roleDefinitionId"]) for item in found}
    users = {(u.user_id, role) for u in tenant.users.values() for role in u.roles}
    assert users
    assert held >= users | {(admins.group_id, roles.EXCHANGE)}
    partner = agent_group(desk.simulator.directory, AgentGroup.ADMIN)
    assert {role for who, role in held if who == partner} == set(relation_of(tenant).roles)
    published = sample("graph/roleassignments-list")["response"]["body"]["value"]
    # resourceScope is printed in the examples and in no table of properties.
    assert names(found) == names(published) - {"resourceScope"}


def test_people_of_a_group() -> None:
    desk = Desk()
    tenant = desk.tenant("group_licensed")
    admins = next(group for group in tenant.groups.values() if group.role_assignable)
    owner = next(iter(tenant.users))
    admins.owners = (owner,)
    found = desk.graph("GET", "/groups?$filter=isAssignableToRole eq true", "group_licensed")
    assert [group["id"] for group in found.json()["value"]] == [admins.group_id]
    for who, expected in (("members", tenant.notable["role_group_member"]), ("owners", owner)):
        path = f"/groups/{admins.group_id}/{who}"
        people = desk.graph("GET", path, "group_licensed").json()
        assert [person["id"] for person in people["value"]] == [expected]
        csdl.check_answer(path, people)


def test_an_owner_is_as_protected_as_a_member() -> None:
    desk = Desk()
    tenant = desk.tenant("group_licensed")
    admins = next(group for group in tenant.groups.values() if group.role_assignable)
    plain = tenant.notable["inherited"]
    body = {"passwordProfile": {"password": "Correct-Horse-91-Battery"}}
    token = f"partner:{tenant.tenant_id}"  # a User Administrator, not a global one
    assert desk.graph("PATCH", f"/users/{plain}", token=token, body=body).status_code == 204
    admins.owners = (plain,)
    assert desk.graph("PATCH", f"/users/{plain}", token=token, body=body).status_code == 403


def test_access_assignments_say_which_group_has_which_roles() -> None:
    desk = Desk()
    tenant = desk.tenant("well_stocked")
    relation = relation_of(tenant)
    relation.helpers = frozenset({roles.HELPDESK})
    path = f"{RELATIONS}/{relation.relationship_id}/accessAssignments"
    found = desk.graph("GET", path, token="partner").json()
    csdl.check_answer(path, found)
    given = {
        item["accessContainer"]["accessContainerId"]: {
            role["roleDefinitionId"] for role in item["accessDetails"]["unifiedRoles"]
        }
        for item in found["value"]
    }
    directory = desk.simulator.directory
    assert given == {
        agent_group(directory, AgentGroup.ADMIN): set(relation.roles),
        agent_group(directory, AgentGroup.HELPDESK): {roles.HELPDESK},
    }
    published = sample("graph/accessassignments-list")["response"]["body"]["value"]
    assert names(found["value"]) == names(published) - {"@odata.etag"}
    assert desk.graph("GET", path, "direct").status_code == 403


@pytest.mark.parametrize(
    ("agents", "expected"),
    [(None, 2), (frozenset({AgentGroup.HELPDESK}), 1), (frozenset[AgentGroup](), 0)],
    ids=["unsaid", "helpdesk", "none"],
)
def test_own_memberships(agents: frozenset[AgentGroup] | None, expected: int) -> None:
    desk = Desk()
    partner = desk.simulator.directory.tenant(desk.world.partner.tenant_id)
    if agents is not None:
        desk.simulator.directory.agents[partner.notable["admin"]] = agents
    found = desk.graph("GET", "/me/transitiveMemberOf?$select=id", token="partner").json()["value"]
    assert len(found) == expected
    assert all(item.keys() == {"@odata.type", "id"} for item in found)


def test_relations_of_one_customer() -> None:
    desk = Desk()
    tenant = desk.tenant("tiny")
    one = f"{RELATIONS}?$filter=customer/tenantId eq '{tenant.tenant_id}'"
    found = desk.graph("GET", one, token="partner")
    (only,) = found.json()["value"]
    assert only["customer"]["tenantId"] == tenant.tenant_id
    given = {role["roleDefinitionId"] for role in only["accessDetails"]["unifiedRoles"]}
    assert given == set(relation_of(tenant).roles)
    wrong = desk.graph("GET", f"{RELATIONS}?$filter=nothing/tenantId eq 'x'", token="partner")
    assert graph_error(wrong)[0] == 400
