"""Directory roles and GDAP relationships: what is asked, and the corners of what comes back."""

import json
from typing import Any

import pytest

from o365desk.domain import roles
from o365desk.domain.access import Access
from o365desk.domain.directory import TenantId, UserId
from o365desk.domain.licensing import GroupId
from o365desk.domain.rights import Holder, RelationState
from o365desk.domain.roles import UNNAMED
from o365desk.wire import directory_roles as wire
from o365desk.wire.messages import ApiRequest, ApiResponse, Safety
from tests import csdl

TENANT = TenantId("52eaad04-13a2-4a2f-9ce8-93a294fadf36")
USER = UserId("f1847572-48aa-47aa-96a3-2ec61904f41f")
GROUP = GroupId("227a2f44-2682-4831-a021-f8d69a34bcba")
REQUESTS = {
    "groups": wire.role_groups(),
    "members": wire.group_members(GROUP),
    "owners": wire.group_owners(GROUP),
    "memberships": wire.memberships(USER),
    "own groups": wire.own_groups(),
    "relationships": wire.relationships(TENANT),
    "access assignments": wire.access_assignments("5d027261-8777b240"),
}


def answer(body: Any) -> ApiResponse:
    return ApiResponse(200, {}, json.dumps(body).encode())


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_are_those_of_the_metadata(name: str) -> None:
    request = REQUESTS[name]
    assert (request.method, request.safety) == ("GET", Safety.READ)
    query = "&".join(f"{key}={value}" for key, value in request.query if "/" not in value)
    csdl.check_path("GET", request.path, query)


def test_role_management_is_not_in_the_extract_and_is_asked_for_as_documented() -> None:
    request = wire.role_assignments()
    assert request.path == "/roleManagement/directory/roleAssignments"
    assert dict(request.query) == {"$select": "id,principalId,roleDefinitionId,directoryScopeId"}


@pytest.mark.parametrize("name", REQUESTS)
def test_relations_are_read_with_their_own_permission(name: str) -> None:
    relations = {"own groups", "relationships", "access assignments"}
    expected = Access.RELATIONS if name in relations else Access.DIRECTORY
    assert REQUESTS[name].access is expected


def test_an_id_cannot_lead_elsewhere() -> None:
    assert wire.memberships(UserId("../me")).path == "/users/..%2Fme/transitiveMemberOf"
    assert "%2F" in wire.access_assignments("a/b").path


def parse(body: Any, request: ApiRequest = REQUESTS["memberships"]) -> Holder:
    return wire.holder_of(wire.parse_memberships(answer(body), request).items)


def test_memberships_make_a_holder() -> None:
    held = parse(
        {
            "value": [
                {
                    "@odata.type": "#microsoft.graph.directoryRole",
                    "roleTemplateId": roles.GLOBAL.upper(),
                },
                {"@odata.type": "#microsoft.graph.group", "isAssignableToRole": True},
                {"@odata.type": "#microsoft.graph.administrativeUnit"},
            ]
        }
    )
    assert held == Holder(frozenset({roles.GLOBAL}), in_role_group=True)
    plain = {"value": [{"@odata.type": "#microsoft.graph.group", "isAssignableToRole": None}]}
    assert parse(plain) == Holder()
    assert parse({"value": []}) == Holder()


def test_a_role_that_may_not_be_read_is_a_role_all_the_same() -> None:
    limited = {"@odata.type": "#microsoft.graph.directoryRole", "id": "x", "roleTemplateId": None}
    assert parse({"value": [limited]}).roles == {UNNAMED}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("created", RelationState.COMING),
        ("approvalPending", RelationState.COMING),
        ("approved", RelationState.COMING),
        ("activating", RelationState.CHANGING),
        ("active", RelationState.ACTIVE),
        ("expiring", RelationState.CHANGING),
        ("terminationRequested", RelationState.CHANGING),
        ("terminating", RelationState.CHANGING),
        ("expired", RelationState.OVER),
        ("terminated", RelationState.OVER),
        ("unknownFutureValue", RelationState.CHANGING),
        (None, RelationState.CHANGING),
    ],
)
def test_states_of_a_relationship(status: str | None, state: RelationState) -> None:
    body = {"value": [{"id": "r", "status": status}]}
    (found,) = wire.parse_relationships(answer(body), REQUESTS["relationships"]).items
    assert (found.state, found.roles, found.ends) == (state, frozenset(), None)


@pytest.mark.parametrize(
    ("duration", "extends"),
    [("P180D", True), ("PT0S", False), ("P0D", False), (None, False), ("", False)],
)
def test_whether_a_relationship_extends_itself(duration: str | None, extends: bool) -> None:
    body = {"value": [{"id": "r", "autoExtendDuration": duration}]}
    (found,) = wire.parse_relationships(answer(body), REQUESTS["relationships"]).items
    assert found.extends is extends


def test_an_assignment_that_is_ended_gives_nothing() -> None:
    def one(status: str) -> dict[str, Any]:
        return {
            "status": status,
            "accessContainer": {"accessContainerId": GROUP.upper()},
            "accessDetails": {"unifiedRoles": [{"roleDefinitionId": roles.USER}]},
        }

    states = ("pending", "active", "deleting", "deleted", "error")
    body = {"value": [*(one(state) for state in states), {"status": "active"}]}
    found = wire.parse_access_assignments(answer(body), REQUESTS["access assignments"]).items
    assert [(grant.group, grant.roles) for grant in found] == [(GROUP, frozenset({roles.USER}))] * 2


def test_an_assignment_for_a_part_of_the_tenant_is_told_apart() -> None:
    def one(scope: str | None) -> dict[str, Any]:
        return {"principalId": USER, "roleDefinitionId": roles.USER, "directoryScopeId": scope}

    scopes = ("/", "/administrativeUnits/5d107bba", None)
    body = {"value": [*map(one, scopes), {"roleDefinitionId": roles.USER}]}
    found = wire.parse_role_assignments(answer(body), wire.role_assignments()).items
    assert [assignment.everywhere for assignment in found] == [True, False, False]


def test_pages_are_followed() -> None:
    link = "https://graph.microsoft.com/v1.0/me/transitiveMemberOf?$skiptoken=x"
    page = wire.parse_ids(
        answer({"value": [{"id": "A"}, {}], "@odata.nextLink": link}), REQUESTS["own groups"]
    )
    assert page.items == ("a",)
    assert page.next is not None
    assert (page.next.path, page.next.access) == (link, Access.RELATIONS)


@pytest.mark.parametrize("told", [True, False, None])
def test_old_delegated_administration(told: bool | None) -> None:
    assert wire.parse_delegated_access(answer({"allowDelegatedAccess": told})) is told
