"""Delegated permissions: what the services offer, which need an administrator, which call needs
which. From the permission tables of Microsoft Graph's pages (permissions-reference.md); a wider
permission covers a narrower one.
"""

from dataclasses import dataclass
from typing import Final

from o365desk.simulator.messages import HttpRequest
from o365desk.simulator.state import Audience

OPENID: Final = frozenset({"openid", "profile", "email", "offline_access"})


@dataclass(frozen=True, slots=True)
class Resource:
    """A service that tokens are for."""

    audience: Audience
    app_id: str
    hosts: tuple[str, ...]
    name: str


GRAPH: Final = Resource(
    Audience.GRAPH,
    "00000003-0000-0000-c000-000000000000",
    (
        "graph.microsoft.com",
        "graph.microsoft.us",
        "dod-graph.microsoft.us",
        "microsoftgraph.chinacloudapi.cn",
    ),
    "Microsoft Graph",
)
PARTNER_CENTER: Final = Resource(
    Audience.PARTNER_CENTER,
    "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd",
    ("api.partnercenter.microsoft.com", "partner.partnercenterapi.microsoftonline.cn"),
    "Microsoft Partner Center",
)
RESOURCES: Final = (GRAPH, PARTNER_CENTER)


def _any(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DIRECTORY = "Directory.Read.All Directory.ReadWrite.All Directory.AccessAsUser.All"
_WRITE = "Directory.ReadWrite.All Directory.AccessAsUser.All"
_READ_USERS = _any(f"User.Read.All User.ReadWrite.All {_DIRECTORY}")
_WRITE_USERS = _any(f"User.ReadWrite.All {_WRITE}")
_PASSWORDS = _any("User-PasswordProfile.ReadWrite.All Directory.AccessAsUser.All")
_DELETED = _any(f"User.DeleteRestore.All User.ReadWrite.All {_WRITE}")
_LICENSE = _any(f"LicenseAssignment.ReadWrite.All User.ReadWrite.All {_WRITE}")
_READ_LICENSES = _any("LicenseAssignment.Read.All LicenseAssignment.ReadWrite.All")
_READ_SKUS = _READ_LICENSES | _any(f"Organization.Read.All Organization.ReadWrite.All {_DIRECTORY}")
_GROUPS = _any(f"Group.Read.All GroupMember.Read.All Group.ReadWrite.All {_DIRECTORY}")
_ROLES = _any(f"RoleManagement.Read.Directory RoleManagement.Read.All {_DIRECTORY}")
_METHODS = _any("UserAuthenticationMethod.ReadWrite.All")
_RELATIONS = _any("DelegatedAdminRelationship.Read.All DelegatedAdminRelationship.ReadWrite.All")
_MAIL = _any("Mail.Send")
SIGN_IN_ACTIVITY: Final = _any("AuditLog.Read.All")
_DOMAINS = _any(f"Domain.Read.All Domain.ReadWrite.All {_DIRECTORY}")
_ORGANIZATION = _READ_SKUS - _READ_LICENSES | _any("User.Read User.Read.All User.ReadWrite.All")

_NEEDS: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("POST", "/users"): _WRITE_USERS,
    ("DELETE", "/users/{id}"): _WRITE_USERS,
    ("POST", "/users/{id}/assignLicense"): _LICENSE,
    ("POST", "/users/{id}/reprocessLicenseAssignment"): _LICENSE,
    ("GET", "/users/{id}/licenseDetails"): _READ_LICENSES | _READ_USERS,
    ("POST", "/users/{id}/revokeSignInSessions"): _any("User.RevokeSessions.All") | _WRITE_USERS,
    ("GET", "/users/{id}/authentication/operations/{op}"): _METHODS,
    ("GET", "/me"): _any("User.Read User.ReadWrite") | _READ_USERS,
    ("GET", "/me/transitiveMemberOf"): _any("User.Read") | _READ_USERS | _GROUPS,
    ("POST", "/me/sendMail"): _MAIL,
    ("DELETE", "/directory/deletedItems/{id}"): _DELETED,
    ("POST", "/directory/deletedItems/{id}/restore"): _DELETED,
    ("GET", "/contracts"): _any(_DIRECTORY),
    ("POST", "/directoryObjects/getByIds"): _READ_USERS | _GROUPS,
    ("POST", "/$batch"): frozenset(),
}
_BY_START: Final = (
    ("/users/{id}/memberOf/microsoft.graph.directoryRole", _ROLES),
    ("/users/{id}/transitiveMemberOf/microsoft.graph.directoryRole", _ROLES),
    ("/users/{id}/memberOf", _GROUPS | _any("User.Read.All User.ReadWrite.All")),
    ("/users/{id}/transitiveMemberOf", _GROUPS | _any("User.Read.All User.ReadWrite.All")),
    ("/users/{id}/authentication/methods/", _METHODS),
    ("/users", _READ_USERS),
    ("/directory/deletedItems", _DELETED | _READ_USERS),
    ("/directory/subscriptions", _READ_SKUS),
    ("/directoryRoles", _ROLES),
    ("/roleManagement", _ROLES),
    ("/subscribedSkus", _READ_SKUS),
    ("/domains", _DOMAINS),
    ("/organization", _ORGANIZATION),
    ("/groups", _GROUPS),
    ("/tenantRelationships", _RELATIONS),
)
_EXTRA = _any("User.ReadBasic.All User.ReadWrite User-PasswordProfile.ReadWrite.All")
GRAPH_SCOPES: Final = frozenset().union(
    *_NEEDS.values(), *(needs for _start, needs in _BY_START), _PASSWORDS, SIGN_IN_ACTIVITY, _EXTRA
)
"""All delegated permissions that the practice Graph knows by name."""
PARTNER_CENTER_SCOPES: Final = _any("user_impersonation")
_OPEN_TO_USERS: Final = OPENID | _any("User.Read User.ReadWrite User.ReadBasic.All Mail.Send")
"""What a user may grant alone; all else needs an administrator (permissions-reference.md)."""


def offered(resource: Resource) -> frozenset[str]:
    """The permissions that a service has."""
    return GRAPH_SCOPES if resource is GRAPH else PARTNER_CENTER_SCOPES


def needs_admin(scope: str) -> bool:
    """True when only an administrator may grant it."""
    return scope not in _OPEN_TO_USERS | PARTNER_CENTER_SCOPES


def _of_patch(request: HttpRequest) -> list[frozenset[str]]:
    try:
        body = request.json()
    except ValueError:
        return [_WRITE_USERS]
    if not isinstance(body, dict) or "passwordProfile" not in body:
        return [_WRITE_USERS]
    return [_PASSWORDS] if len(body) == 1 else [_PASSWORDS, _WRITE_USERS]


def of_route(route: str) -> frozenset[str]:
    """Permissions any one of which opens a route, where the method does not matter."""
    return next((need for start, need in _BY_START if route.startswith(start)), frozenset())


def lacking(
    scopes: frozenset[str] | None, request: HttpRequest, route: str
) -> frozenset[str] | None:
    """The permissions of which a token lacks every one for this call; None when it has enough."""
    if scopes is None or not route:
        return None
    needs = []
    exact = _NEEDS.get((request.method, route))
    if (request.method, route) == ("PATCH", "/users/{id}"):
        needs += _of_patch(request)
    elif exact is not None:
        needs.append(exact)
    else:
        needs.append(of_route(route))
    if "signinactivity" in request.query.lower():
        needs.append(SIGN_IN_ACTIVITY)
    return next((need for need in needs if need and not need & scopes), None)
