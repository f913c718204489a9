"""Permissions of each kind of connection, against Microsoft's reference, row by row."""

import pytest

from o365desk.domain.access import Access, Service
from o365desk.domain.connections import Connection, Mode
from o365desk.domain.permissions import permissions, scopes

READING = {"Organization.Read.All", "Domain.Read.All", "GroupMember.Read.All"}
WRITING = {
    "User.ReadWrite.All",
    "LicenseAssignment.ReadWrite.All",
    "User-PasswordProfile.ReadWrite.All",
    "RoleManagement.Read.Directory",
}
RELATIONS = {"DelegatedAdminRelationship.Read.All", "User.Read"}


def connection(mode: Mode, *, graph: bool = True, write: bool = True) -> Connection:
    return Connection("one", "One", mode, "contoso.example", "client", graph=graph, write=write)


RESELLER = connection(Mode.RESELLER)
DIRECT = connection(Mode.DIRECT)


@pytest.mark.parametrize(
    ("whose", "expected"),
    [
        pytest.param(
            RESELLER,
            {"user_impersonation", "AuditLog.Read.All", "Mail.Send"}
            | READING
            | WRITING
            | RELATIONS,
            id="reseller",
        ),
        pytest.param(
            connection(Mode.RESELLER, graph=False),
            {"user_impersonation", "Mail.Send"},
            id="reseller without Graph",
        ),
        pytest.param(
            connection(Mode.RESELLER, write=False),
            {"user_impersonation", "AuditLog.Read.All", "User.Read.All"} | READING | RELATIONS,
            id="reseller who reads",
        ),
        pytest.param(
            DIRECT, {"AuditLog.Read.All", "Mail.Send"} | READING | WRITING, id="own organization"
        ),
        pytest.param(
            connection(Mode.DIRECT, write=False),
            {"AuditLog.Read.All", "User.Read.All"} | READING,
            id="own organization, reading",
        ),
    ],
)
def test_a_connection_registers_what_it_needs(whose: Connection, expected: set[str]) -> None:
    names = [permission.scope for permission in permissions(whose)]
    assert set(names) == expected
    assert len(names) == len(expected)
    assert all(permission.reason.endswith(".") for permission in permissions(whose))


def test_a_reading_connection_asks_for_no_scope_that_writes() -> None:
    for mode in Mode:
        for permission in permissions(connection(mode, write=False)):
            assert "Write" not in permission.scope
            assert permission.access is not Access.MAIL


@pytest.mark.parametrize(
    ("whose", "service", "access", "own", "expected"),
    [
        pytest.param(
            RESELLER,
            Service.PARTNER_CENTER,
            Access.DIRECTORY,
            True,
            {"user_impersonation"},
            id="Partner Center",
        ),
        pytest.param(
            RESELLER, Service.GRAPH, Access.DIRECTORY, False, READING | WRITING, id="a customer"
        ),
        pytest.param(
            RESELLER, Service.GRAPH, Access.RELATIONS, True, RELATIONS, id="GDAP relationships"
        ),
        pytest.param(
            RESELLER, Service.GRAPH, Access.RELATIONS, False, set(), id="none at a customer"
        ),
        pytest.param(DIRECT, Service.GRAPH, Access.RELATIONS, True, set(), id="no reseller"),
        pytest.param(DIRECT, Service.PARTNER_CENTER, Access.DIRECTORY, True, set(), id="nor there"),
        pytest.param(DIRECT, Service.GRAPH, Access.MAIL, True, {"Mail.Send"}, id="mail"),
        pytest.param(
            RESELLER, Service.GRAPH, Access.MAIL, False, set(), id="no mail from a customer"
        ),
        pytest.param(
            connection(Mode.RESELLER, graph=False),
            Service.GRAPH,
            Access.DIRECTORY,
            False,
            set(),
            id="Graph switched off",
        ),
        pytest.param(
            DIRECT,
            Service.GRAPH,
            Access.SIGN_INS,
            True,
            {"AuditLog.Read.All", "User.ReadWrite.All"},
            id="sign-ins",
        ),
        pytest.param(
            connection(Mode.DIRECT, write=False),
            Service.GRAPH,
            Access.SIGN_INS,
            True,
            {"AuditLog.Read.All", "User.Read.All"},
            id="sign-ins, reading",
        ),
    ],
)
def test_a_token_carries_what_its_calls_need(
    whose: Connection, service: Service, access: Access, own: bool, expected: set[str]
) -> None:
    found = scopes(whose, service, access, own)
    assert set(found) == expected
    registered = {permission.scope for permission in permissions(whose)}
    assert set(found) <= registered
