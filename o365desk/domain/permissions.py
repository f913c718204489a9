"""The delegated permissions of each connection: no more than what it is set up to do.

Least privileged ones of learn.microsoft.com/graph/permissions-reference and of the pages of the
calls; Partner Center has one permission for everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from o365desk.domain.access import Access, Service
from o365desk.domain.connections import Connection, Mode


@dataclass(frozen=True, slots=True)
class Permission:
    """One delegated permission that the registered application needs."""

    service: Service
    scope: str
    """Microsoft's name of it, without the address of the service."""
    access: Access
    """With which need it is asked for."""
    reason: str
    """What the program does with it, for the person who grants it."""
    admin_consent: bool = True
    """Only an administrator can grant it."""
    own_tenant: bool = False
    """Asked for in the operator's own organization only, never at a customer."""


_PARTNER_CENTER = Permission(
    Service.PARTNER_CENTER,
    "user_impersonation",
    Access.DIRECTORY,
    "Work in Partner Center as you: customers, their users, licenses and subscriptions.",
    admin_consent=False,
    own_tenant=True,
)
_ORGANIZATION = Permission(
    Service.GRAPH,
    "Organization.Read.All",
    Access.DIRECTORY,
    "Read the organization's name, its licenses and its subscriptions.",
)
_DOMAINS = Permission(
    Service.GRAPH, "Domain.Read.All", Access.DIRECTORY, "Read the domains that usernames can have."
)
_GROUP_NAMES = Permission(
    Service.GRAPH,
    "GroupMember.Read.All",
    Access.DIRECTORY,
    "Read the name of the group that gives a user a license.",
)
_READ_USERS = Permission(
    Service.GRAPH,
    "User.Read.All",
    Access.DIRECTORY,
    "Read users, deleted ones too, and the licenses they hold.",
)
_WRITE_USERS = Permission(
    Service.GRAPH,
    "User.ReadWrite.All",
    Access.DIRECTORY,
    "Read users and the licenses they hold; create, edit, delete and restore users.",
)
_LICENSES = Permission(
    Service.GRAPH,
    "LicenseAssignment.ReadWrite.All",
    Access.DIRECTORY,
    "Give licenses to users and take them away.",
)
_PASSWORDS = Permission(
    Service.GRAPH,
    "User-PasswordProfile.ReadWrite.All",
    Access.DIRECTORY,
    "Reset passwords; the permission to change users does not include that.",
)
_ROLES = Permission(
    Service.GRAPH,
    "RoleManagement.Read.Directory",
    Access.DIRECTORY,
    "Know administrators, so that nobody changes one by mistake.",
)
_RELATIONS = Permission(
    Service.GRAPH,
    "DelegatedAdminRelationship.Read.All",
    Access.RELATIONS,
    "Read your GDAP relationships: which customers, which roles, until when.",
    own_tenant=True,
)
_OWN_GROUPS = Permission(
    Service.GRAPH,
    "User.Read",
    Access.RELATIONS,
    "Know which of your security groups those relationships give their roles to.",
    admin_consent=False,
    own_tenant=True,
)
_MAIL = Permission(
    Service.GRAPH,
    "Mail.Send",
    Access.MAIL,
    "Send new passwords from your own mailbox; asked for with the first such mail.",
    admin_consent=False,
    own_tenant=True,
)
_SIGN_INS = Permission(
    Service.GRAPH,
    "AuditLog.Read.All",
    Access.SIGN_INS,
    "Read when users signed in last; asked for when that column is shown first.",
)


def permissions(connection: Connection) -> tuple[Permission, ...]:
    """All delegated permissions to register for a connection, in the order to show them."""
    return tuple(_permissions(connection))


def _permissions(connection: Connection) -> Iterator[Permission]:
    if connection.mode is Mode.RESELLER:
        yield _PARTNER_CENTER
    if connection.mode is Mode.DIRECT or connection.graph:
        if connection.mode is Mode.RESELLER:
            yield from (_RELATIONS, _OWN_GROUPS)
        yield from (_ORGANIZATION, _DOMAINS, _GROUP_NAMES)
        if connection.write:
            # The permission to write users includes reading them.
            yield from (_WRITE_USERS, _LICENSES, _PASSWORDS, _ROLES)
        else:
            yield _READ_USERS
        yield _SIGN_INS
    if connection.write:
        yield _MAIL


def scopes(
    connection: Connection, service: Service, access: Access, own_tenant: bool
) -> tuple[str, ...]:
    """Names of the permissions that a token for one kind of call must carry.

    `own_tenant`: the token is for the operator's own organization, not for a customer's. Empty
    when the connection has no use for such a call there, and so may not make it.
    """
    found = tuple(
        permission.scope
        for permission in _permissions(connection)
        if permission.service is service
        and permission.access is access
        and (own_tenant or not permission.own_tenant)
    )
    if access is Access.SIGN_INS and found:
        # user-list with signInActivity needs the permission to read users as well.
        users = _WRITE_USERS if connection.write else _READ_USERS
        return (*found, users.scope)
    return found
