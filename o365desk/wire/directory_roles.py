"""Who holds which directory role, and which roles a GDAP relationship gives, in both services.

Every builder and parser names the page it follows: under learn.microsoft.com/graph/api, or, of
Partner Center, under learn.microsoft.com/partner-center/developer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec

from o365desk.domain.access import Access
from o365desk.domain.directory import TenantId, UserId
from o365desk.domain.licensing import GroupId
from o365desk.domain.rights import Grant, Holder, Relation, RelationState
from o365desk.domain.roles import RoleId
from o365desk.wire import partner_center
from o365desk.wire.codec import JsonBody, decode, moment, segment
from o365desk.wire.graph import Collection, follow, get
from o365desk.wire.messages import ApiRequest, ApiResponse, Page
from o365desk.wire.operations import Operation

_PAGE = ("$top", "999")
_RELATIONS_PAGE = ("$top", "300")
_STATES = {
    "created": RelationState.COMING,
    "approvalpending": RelationState.COMING,
    "approved": RelationState.COMING,
    "active": RelationState.ACTIVE,
    "expired": RelationState.OVER,
    "terminated": RelationState.OVER,
}
"""Of all others (activating, expiring, terminationRequested, terminating, and what is to come)
nothing is certain."""

_ENDED_GRANTS = frozenset({"deleting", "deleted", "error"})


def _role(text: str | None) -> RoleId:
    """UNNAMED for none."""
    return RoleId((text or "").lower())


# ---- role holders, Graph -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """A role given to a user, to a group or to an application."""

    principal: str
    """Object id, lower case."""
    role: RoleId
    everywhere: bool
    """For the whole tenant; else for an administrative unit or one object."""


class _Assignment(JsonBody):
    principal_id: str | None = None
    role_definition_id: str | None = None
    directory_scope_id: str | None = None


class _Assignments(Collection):
    value: list[_Assignment]


def role_assignments() -> ApiRequest:
    """rbacapplication-list-roleassignments: who holds what, in the whole tenant.

    Needs RoleManagement.Read.Directory; through GDAP a role that reads the directory. Of built-in
    roles roleDefinitionId is the template id.
    """
    return get(
        Operation.LIST_ROLE_ASSIGNMENTS,
        "/roleManagement/directory/roleAssignments",
        ("$select", "id,principalId,roleDefinitionId,directoryScopeId"),
    )


def parse_role_assignments(response: ApiResponse, request: ApiRequest) -> Page[RoleAssignment]:
    page = decode(response.body, _Assignments)
    return Page(
        tuple(
            RoleAssignment(
                found.principal_id.lower(),
                _role(found.role_definition_id),
                everywhere=found.directory_scope_id == "/",
            )
            for found in page.value
            if found.principal_id
        ),
        follow(request, page.next_link),
    )


class _Object(JsonBody):
    """directoryObject. Properties of what may not be read are null; id and type are always there
    (learn.microsoft.com/graph/permissions-overview)."""

    id: str | None = None
    type: str = msgspec.field(default="", name="@odata.type")
    role_template_id: str | None = None
    is_assignable_to_role: bool | None = None


class _Objects(Collection):
    value: list[_Object]


def role_groups() -> ApiRequest:
    """group-list: the groups that roles can be assigned to; few, and never nested
    (learn.microsoft.com/entra/identity/role-based-access-control/groups-concept)."""
    return get(
        Operation.LIST_ROLE_GROUPS,
        "/groups",
        ("$filter", "isAssignableToRole eq true"),
        ("$select", "id"),
        _PAGE,
    )


def group_members(group: GroupId) -> ApiRequest:
    """group-list-members, their ids alone."""
    return _people(group, "members")


def group_owners(group: GroupId) -> ApiRequest:
    """group-list-owners, their ids alone."""
    return _people(group, "owners")


def _people(group: GroupId, who: str) -> ApiRequest:
    path = f"/groups/{segment(group)}/{who}"
    return get(Operation.LIST_GROUP_PEOPLE, path, ("$select", "id"), _PAGE)


def own_groups() -> ApiRequest:
    """user-list-transitivememberof: the operator's own memberships, in the own tenant."""
    path = "/me/transitiveMemberOf"
    request = get(Operation.LIST_OWN_GROUPS, path, ("$select", "id"), _PAGE)
    return replace(request, access=Access.RELATIONS)


def parse_ids(response: ApiResponse, request: ApiRequest) -> Page[str]:
    """Object ids in lower case."""
    page = decode(response.body, _Objects)
    ids = tuple(found.id.lower() for found in page.value if found.id)
    return Page(ids, follow(request, page.next_link))


def memberships(user: UserId) -> ApiRequest:
    """user-list-transitivememberof of one user. Without the cast to roles: that would be answered
    from an index that lags, and would leave the groups out."""
    return get(Operation.LIST_MEMBERSHIPS, f"/users/{segment(user)}/transitiveMemberOf", _PAGE)


def parse_memberships(response: ApiResponse, request: ApiRequest) -> Page[Holder]:
    """What each membership makes of the user; `holder_of` puts them together."""
    page = decode(response.body, _Objects)
    holders = []
    for found in page.value:
        if found.type.endswith(".directoryRole"):
            holders.append(Holder(frozenset({_role(found.role_template_id)})))
        elif found.is_assignable_to_role:
            holders.append(Holder(in_role_group=True))
    return Page(tuple(holders), follow(request, page.next_link))


def holder_of(parts: Iterable[Holder]) -> Holder:
    """Several parts of what is known of one account as one."""
    known = tuple(parts)
    return Holder(
        frozenset().union(*(part.roles for part in known)),
        any(part.in_role_group for part in known),
    )


# ---- GDAP relationships, Graph in the partner's own tenant -------------------------------------


class _Role(JsonBody):
    role_definition_id: str | None = None


class _Details(JsonBody):
    unified_roles: list[_Role] | None = None


class _Relationship(JsonBody):
    id: str
    status: str | None = None
    end_date_time: str | None = None
    auto_extend_duration: str | None = None
    access_details: _Details | None = None


class _Relationships(Collection):
    value: list[_Relationship]


def relationships(tenant: TenantId) -> ApiRequest:
    """tenantrelationship-list-delegatedadminrelationships with one customer, ended ones too."""
    request = get(
        Operation.LIST_RELATIONSHIPS,
        "/tenantRelationships/delegatedAdminRelationships",
        ("$filter", f"customer/tenantId eq '{tenant}'"),
        _RELATIONS_PAGE,
    )
    return replace(request, access=Access.RELATIONS)


def parse_relationships(response: ApiResponse, request: ApiRequest) -> Page[Relation]:
    page = decode(response.body, _Relationships)
    return Page(
        tuple(
            Relation(
                found.id,
                _roles(found.access_details),
                _STATES.get((found.status or "").lower(), RelationState.CHANGING),
                moment(found.end_date_time),
                extends=_lasts(found.auto_extend_duration),
            )
            for found in page.value
        ),
        follow(request, page.next_link),
    )


def _roles(details: _Details | None) -> frozenset[RoleId]:
    unified = details.unified_roles if details is not None else None
    return frozenset(_role(found.role_definition_id) for found in unified or ())


def _lasts(duration: str | None) -> bool:
    """P0D, PT0S and the like mean that nothing is extended
    (learn.microsoft.com/graph/api/resources/delegatedadminrelationship)."""
    return any(digit in "123456789" for digit in duration or "")


class _Container(JsonBody):
    access_container_id: str | None = None


class _AccessAssignment(JsonBody):
    status: str | None = None
    access_container: _Container | None = None
    access_details: _Details | None = None


class _AccessAssignments(Collection):
    value: list[_AccessAssignment]


def access_assignments(relation: str) -> ApiRequest:
    """delegatedadminrelationship-list-accessassignments: which security group has which roles."""
    request = get(
        Operation.LIST_ACCESS_ASSIGNMENTS,
        f"/tenantRelationships/delegatedAdminRelationships/{segment(relation)}/accessAssignments",
        _RELATIONS_PAGE,
    )
    return replace(request, access=Access.RELATIONS)


def parse_access_assignments(response: ApiResponse, request: ApiRequest) -> Page[Grant]:
    """What groups have or are about to have."""
    page = decode(response.body, _AccessAssignments)
    return Page(
        tuple(
            Grant(
                GroupId(found.access_container.access_container_id.lower()),
                _roles(found.access_details),
            )
            for found in page.value
            if found.access_container is not None
            and found.access_container.access_container_id
            and (found.status or "").lower() not in _ENDED_GRANTS
        ),
        follow(request, page.next_link),
    )


# ---- Partner Center ----------------------------------------------------------------------------


class _DirectoryRole(JsonBody):
    id: str | None = None


class _DirectoryRoles(partner_center.Collection):
    items: list[_DirectoryRole]


def user_roles(tenant: TenantId, user: UserId) -> ApiRequest:
    """get-user-roles-for-a-customer, of one user."""
    path = f"{partner_center.customer_path(tenant)}/users/{segment(user)}/directoryroles"
    return partner_center.get(Operation.LIST_USER_ROLES, path)


def parse_user_roles(response: ApiResponse, request: ApiRequest) -> Page[Holder]:
    """Ids are template ids; names are old ones ("User Account Administrator") and stay unread."""
    page = decode(response.body, _DirectoryRoles)
    holders = tuple(Holder(frozenset({_role(found.id)})) for found in page.items)
    return Page(holders, partner_center.follow(request, page))


class _Customer(JsonBody):
    allow_delegated_access: bool | None = None


def parse_delegated_access(response: ApiResponse) -> bool | None:
    """get-a-customer-by-id: whether the old delegated administration (DAP) is still there."""
    return decode(response.body, _Customer).allow_delegated_access
