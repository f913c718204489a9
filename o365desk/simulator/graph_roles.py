"""Graph's role management: assignments, role-assignable groups, and the partner's GDAP groups.

Written from rbacapplication-list-roleassignments, group-list-members, group-list-owners,
user-list-transitivememberof and delegatedadminrelationship-list-accessassignments.
"""

from typing import Any

from o365desk.simulator import graph_directory, roles
from o365desk.simulator.graph_answers import Call, access_denied, stamp
from o365desk.simulator.graph_lists import listing
from o365desk.simulator.graph_schema import DEFAULT, render
from o365desk.simulator.ids import guid_of
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.refusals import not_found
from o365desk.simulator.state import AgentGroup, Directory, Gdap, Group


def agent_group(directory: Directory, group: AgentGroup) -> str:
    """Object id of one of the reseller's security groups."""
    return guid_of(directory.partner.tenant_id, "agents", group)


def _assignment(principal: str, template: str) -> dict[str, Any]:
    return {
        "id": f"{guid_of(principal, template).replace('-', '')}-1",
        "principalId": principal,
        "directoryScopeId": "/",
        "roleDefinitionId": template,
    }


def list_role_assignments(call: Call) -> HttpResponse:
    """GET /roleManagement/directory/roleAssignments: users, groups and, through GDAP, groups of
    the partner."""
    call.require(roles.CAN_READ)
    tenant = call.tenant
    items = [
        _assignment(user.user_id, template)
        for user in tenant.users.values()
        for template in user.roles
    ]
    items += [
        _assignment(group.group_id, template)
        for group in tenant.groups.values()
        for template in group.roles
    ]
    relation = call.directory.gdap(tenant)
    for container, given in _granted(call.directory, relation) if relation else ():
        items += [_assignment(container, template) for template in sorted(given)]
    return listing(call, "roleManagement/directory/roleAssignments", items, 100, 999)


def _group(call: Call, key: str) -> Group:
    call.require(roles.CAN_READ)
    group = call.tenant.groups.get(key.lower())
    if group is None:
        raise not_found(key)
    return group


def list_members(call: Call, key: str) -> HttpResponse:
    """GET /groups/{id}/members."""
    group = _group(call, key)
    return _people(
        call, [u.user_id for u in call.tenant.users.values() if group.group_id in u.groups]
    )


def list_owners(call: Call, key: str) -> HttpResponse:
    """GET /groups/{id}/owners."""
    return _people(call, list(_group(call, key).owners))


def _people(call: Call, ids: list[str]) -> HttpResponse:
    tenant = call.tenant
    items = [
        {"@odata.type": "#microsoft.graph.user", **render(tenant.users[id_], tenant, DEFAULT)}
        for id_ in ids
        if id_ in tenant.users
    ]
    return listing(call, "directoryObjects", items, 100, 999)


def own_memberships(call: Call) -> HttpResponse:
    """GET /me/transitiveMemberOf: of an employee of the reseller, the agents' groups too."""
    actor = call.actor
    if actor.user_id not in actor.tenant.users:
        raise access_denied()
    if not actor.is_reseller:
        return graph_directory.member_of(call, actor.user_id)
    held = call.directory.agents.get(actor.user_id, frozenset(AgentGroup))
    items = [
        {
            "@odata.type": "#microsoft.graph.group",
            "id": agent_group(call.directory, group),
            "displayName": str(group),
            "securityEnabled": True,
        }
        for group in AgentGroup
        if group in held
    ]
    return listing(call, "directoryObjects", items, 100, 999)


def _granted(directory: Directory, relation: Gdap) -> list[tuple[str, frozenset[str]]]:
    """What each of the reseller's groups has of a relation."""
    given = [(group, relation.of_groups(frozenset({group}))) for group in AgentGroup]
    return [(agent_group(directory, group), held) for group, held in given if held]


def list_access_assignments(call: Call, key: str) -> HttpResponse:
    """GET …/delegatedAdminRelationships/{id}/accessAssignments."""
    if not call.actor.is_reseller:
        raise access_denied()
    relations = (tenant.gdap for tenant in call.directory.customers.values())
    relation = next((one for one in relations if one and one.relationship_id == key), None)
    if relation is None:
        raise not_found(key)
    items = [
        {
            "@odata.type": "#microsoft.graph.delegatedAdminAccessAssignment",
            "id": guid_of(relation.relationship_id, container),
            "status": "active",
            "createdDateTime": stamp(relation.starts),
            "lastModifiedDateTime": stamp(relation.starts),
            "accessContainer": {
                "accessContainerId": container,
                "accessContainerType": "securityGroup",
            },
            "accessDetails": {
                "unifiedRoles": [{"roleDefinitionId": role} for role in sorted(given)]
            },
        }
        for container, given in _granted(call.directory, relation)
    ]
    return listing(call, "delegatedAdminAccessAssignments", items, 300, 300)
