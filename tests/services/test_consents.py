"""Consent at a customer through Partner Center, as Microsoft's page has it."""

import json

import pytest

from o365desk.domain.connections import Connection, Mode
from o365desk.domain.errors import AccessDenied, DeskError
from o365desk.services.api_client import ApiClient
from o365desk.services.consents import CustomerConsents
from o365desk.services.reseller import GraphRoutes
from tests.services.clients import TENANT, client
from tests.services.loopback import Answer, Loopback, answers

APPLICATION = "11111111-2222-4333-8444-555555555555"


def connection(mode: Mode = Mode.RESELLER, *, graph: bool = True, write: bool = True) -> Connection:
    return Connection("one", "One", mode, "t", APPLICATION, graph=graph, write=write)


def consents(desk: ApiClient, connection: Connection) -> CustomerConsents:
    return CustomerConsents(desk, connection, GraphRoutes(desk))


async def granted(*script: Answer, write: bool = True) -> list[tuple[str, str, bytes]]:
    async with Loopback(answers(*script)) as server:
        desk = client(server.hosts)
        try:
            await consents(desk, connection(write=write)).grant(TENANT)
        finally:
            await desk.aclose()
        return [(seen.method, seen.target, seen.body) for seen in server.seen]


async def test_a_customer_grants_what_the_connection_needs_there() -> None:
    (call,) = await granted(Answer(201))
    method, target, body = call
    assert (method, target) == ("POST", f"/v1/customers/{TENANT}/applicationconsents")
    sent = json.loads(body)
    assert sent["applicationId"] == APPLICATION
    (grant,) = sent["applicationGrants"]
    assert grant["enterpriseApplicationId"] == "00000003-0000-0000-c000-000000000000"
    scopes = grant["scope"].split(",")
    assert "LicenseAssignment.ReadWrite.All" in scopes
    assert {"Mail.Send", "DelegatedAdminRelationship.Read.All"}.isdisjoint(scopes)


async def test_a_reading_connection_grants_nothing_that_writes() -> None:
    ((_, _, body),) = await granted(Answer(201), write=False)
    assert b"Write" not in body


async def test_a_consent_of_before_is_replaced() -> None:
    calls = await granted(Answer(409), Answer(204, b""), Answer(201))
    assert [method for method, _, _ in calls] == ["POST", "DELETE", "POST"]
    assert calls[1][1].endswith(f"/applicationconsents/{APPLICATION}")
    assert calls[0][2] == calls[2][2]


async def test_a_refusal_is_passed_on() -> None:
    with pytest.raises(DeskError) as raised:
        await granted(Answer(403))
    assert raised.value.status == 403


@pytest.mark.parametrize("mode", [Mode.RESELLER, Mode.DIRECT])
async def test_there_must_be_something_to_grant(mode: Mode) -> None:
    async with Loopback() as server:
        desk = client(server.hosts)
        with pytest.raises(AccessDenied):
            await consents(desk, connection(mode, graph=False)).grant(TENANT)
        await desk.aclose()
        assert server.seen == []
