"""The connection check: against the practice directory over TLS, and against every kind of no."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import keyring
import pytest

from o365desk.domain.access import Service, SignInNeed
from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.domain.diagnostics import CheckStep, StepState
from o365desk.domain.directory import utc_now
from o365desk.domain.permissions import permissions
from o365desk.services.api_client import ApiClient
from o365desk.services.connection_check import Granted, MicrosoftCheck
from o365desk.services.line_check import Stopwatch
from o365desk.services.network import Proxies
from o365desk.services.sign_in import MsalSignIn
from o365desk.services.tokens import FixedTokenProvider
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.wire.clouds import CLOUDS, CloudAddresses, hosts
from tests.services.loopback import Answer, Loopback
from tests.services.sign_in_world import MemoryStore, SignInWorld, sign_in_world, trusting

GOOD, WARNING = StepState.GOOD, StepState.WARNING
FAILED, SKIPPED = StepState.FAILED, StepState.SKIPPED

ALL = Service.GRAPH, Service.PARTNER_CENTER


def trusted_http() -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=trusting(), trust_env=False)


@contextlib.asynccontextmanager
async def prepared(
    folder: Path, mode: Mode = Mode.RESELLER, *, signed_in: bool = True
) -> AsyncIterator[tuple[SignInWorld, Callable[..., MicrosoftCheck]]]:
    """A world, and a function that makes the check of its connection."""
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryStore())
    try:
        async with sign_in_world(folder) as world, contextlib.AsyncExitStack() as stack:
            connection = world.connection(mode)
            account = world.sign_in(connection)
            if mode is Mode.DIRECT:
                world.answers("admin", connection.tenant)
            if signed_in:
                for service in ALL if mode is Mode.RESELLER else ALL[:1]:
                    await account.sign_in(SignInNeed(service), show_code=print)

            def check(**more: Any) -> MicrosoftCheck:
                return made(stack, world, connection, account, **more)

            yield world, check
    finally:
        keyring.set_keyring(before)


def made(
    stack: contextlib.AsyncExitStack,
    world: SignInWorld,
    connection: Connection,
    account: MsalSignIn,
    **more: Any,
) -> MicrosoftCheck:
    url = world.server.url
    addresses = more.pop("addresses", CloudAddresses(url, url, url, url))
    client = ApiClient(
        trusted_http, account, hosts=hosts(CloudAddresses(url, url, url, url)), attempts=1
    )
    stack.push_async_callback(client.aclose)
    given: dict[str, Any] = {"open_http": trusted_http, "proxies": Proxies}
    return MicrosoftCheck(connection, addresses, client, account, **(given | more))


def every(connection: Connection) -> Granted:
    """All permissions, spelled as a token answer spells them."""

    def granted(service: Service) -> frozenset[str]:
        scopes = (one.scope for one in permissions(connection) if one.service is service)
        return frozenset(f"https://graph.microsoft.com/{scope}" for scope in scopes)

    return granted


async def run(check: MicrosoftCheck) -> dict[str, CheckStep]:
    found = [step async for step in check.steps()]
    texts = " ".join(f"{one.name} {one.detail} {one.next_step}" for one in found)
    assert "@" not in texts
    assert all(one.next_step for one in found if one.state is FAILED), texts
    assert all(one.at is not None for one in found)
    return {one.name: one for one in found}


@pytest.mark.parametrize("mode", Mode)
async def test_everything_is_there(tmp_path: Path, mode: Mode) -> None:
    async with prepared(tmp_path, mode) as (world, make):
        steps = await run(make(granted=every(world.connection(mode))))
    # The practice directory's certificate comes from an authority of its own, as that of a
    # company that opens encrypted connections would.
    strange = {name: one for name, one in steps.items() if one.state is not GOOD}
    elsewhere = {one.scope for one in permissions(world.connection(mode)) if not one.own_tenant}
    customers = {f"Permission {scope} (Microsoft Graph)" for scope in elsewhere}
    assert set(strange) == {
        "Certificate of localhost",
        *(customers if mode is Mode.RESELLER else ()),
    }
    assert strange["Certificate of localhost"].state is WARNING
    assert "trustme" in strange["Certificate of localhost"].detail
    writing = steps["Permission User.ReadWrite.All (Microsoft Graph)"]
    assert writing.state is (SKIPPED if mode is Mode.RESELLER else GOOD)
    assert steps["Clock of this computer"].detail == "Agrees with Microsoft's."
    second_factor = "Partner Center: multi-factor authentication"
    assert (second_factor in steps) is (mode is Mode.RESELLER)
    relations = "Microsoft Graph: Read GDAP relationships"
    assert (relations in steps) is (mode is Mode.RESELLER)


async def test_nobody_has_signed_in(tmp_path: Path) -> None:
    async with prepared(tmp_path, signed_in=False) as (_, make):
        steps = await run(make())
    token = steps["Token for Microsoft Graph"]
    assert token.state is SKIPPED
    assert "ign in" in token.next_step
    rest = [one for name, one in steps.items() if name.startswith("Microsoft Graph:")]
    assert {one.state for one in rest} == {SKIPPED}
    assert "no token for Microsoft Graph" in rest[0].detail


async def test_a_wrong_clock_an_unread_permission_and_a_refusal(tmp_path: Path) -> None:
    async with prepared(tmp_path, Mode.DIRECT) as (world, make):
        missing = every(world.connection(Mode.DIRECT))(Service.GRAPH) or frozenset()
        missing = frozenset(one for one in missing if not one.endswith(("Send", "Domain.Read.All")))
        world.simulator.faults.add(
            Fault(FaultKind.MISSING_ROLE, path="/subscribedSkus"),
        )
        wrong = Stopwatch(now=lambda: utc_now() + timedelta(minutes=42))
        steps = await run(make(granted=lambda service: missing, watch=wrong))
    clock = steps["Clock of this computer"]
    assert clock.state is FAILED
    assert clock.detail.startswith("This computer's clock is 42 minutes fast.")
    assert steps["Permission Domain.Read.All (Microsoft Graph)"].state is FAILED
    assert "administrator" in steps["Permission Domain.Read.All (Microsoft Graph)"].next_step
    assert steps["Permission Mail.Send (Microsoft Graph)"].state is WARNING
    refused = steps["Microsoft Graph: Read licenses"]
    assert refused.state is FAILED
    assert "request-id" in refused.support_ids
    assert steps["Microsoft Graph: Read users"].state is GOOD


async def test_an_organization_nobody_knows(tmp_path: Path) -> None:
    async with prepared(tmp_path) as (_, make):
        check = make()
        check.connection = replace(check.connection, tenant="nobody.example")
        steps = await run(check)
    assert steps["Sign-in service"].state is FAILED
    assert "Connections page" in steps["Sign-in service"].next_step
    assert steps["Token for Partner Center"].state is SKIPPED
    assert "Sign-in service failed" in steps["Token for Partner Center"].detail


async def test_a_service_without_a_line_ends_only_its_own_steps(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"https://127.0.0.1:{closed.getsockname()[1]}"
        async with prepared(tmp_path) as (world, make):
            url = world.server.url
            steps = await run(make(addresses=CloudAddresses(url, dead, url, url)))
    assert steps["Name lookup of 127.0.0.1"].state is GOOD
    assert steps["Connection to 127.0.0.1"].state is FAILED
    assert steps["Certificate of 127.0.0.1"].state is SKIPPED
    assert steps["Token for Microsoft Graph"].state is SKIPPED
    assert "Connection to 127.0.0.1 failed" in steps["Token for Microsoft Graph"].detail
    assert steps["Partner Center: Read customers"].state is GOOD


async def test_a_name_that_is_not_found(tmp_path: Path) -> None:
    async with prepared(tmp_path) as (world, make):
        url = world.server.url
        gone = "https://graph.invalid"
        steps = await run(make(addresses=CloudAddresses(url, gone, url, url)))
    assert steps["Name lookup of graph.invalid"].state is FAILED
    assert "not found" in steps["Name lookup of graph.invalid"].detail
    assert steps["Connection to graph.invalid"].state is SKIPPED


async def test_the_sign_in_page_of_a_network(tmp_path: Path) -> None:
    page = Answer(200, b"<html>Welcome to the hotel</html>", (("content-type", "text/html"),))
    async with Loopback(lambda seen: page) as portal, prepared(tmp_path) as (world, make):
        url = world.server.url
        there = f"http://localhost:{portal.port}"
        steps = await run(make(addresses=CloudAddresses(there, url, url, url)))
    assert steps["Sign-in service"].state is FAILED
    assert "sign-in page" in steps["Sign-in service"].detail
    assert steps["Clock of this computer"].state is SKIPPED


async def test_a_proxy_that_is_not_there_and_one_of_another_kind(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        proxies = Proxies({"https": f"http://ann:CANARY@127.0.0.1:{port}"})
        far = "https://graph.invalid"
        async with prepared(tmp_path) as (_, make):
            check = make(addresses=CloudAddresses(far, far, far, far), proxies=lambda: proxies)
            steps = await run(check)
            socks = make(proxies=lambda: Proxies({"all": "socks5://127.0.0.1:1"}))
            strange = await run(socks)
    assert steps["Proxy"].detail == f"127.0.0.1:{port} is used."
    assert steps["Connection to the proxy for graph.invalid"].state is FAILED
    assert "proxy could not be reached" in steps["Connection to the proxy for graph.invalid"].detail
    assert "CANARY" not in json.dumps([one.detail for one in steps.values()])
    assert strange["Proxy"].state is WARNING
    assert strange["Partner Center: Read customers"].state is GOOD


async def test_a_practice_directory_inside_the_program_has_no_line(tmp_path: Path) -> None:
    async with prepared(tmp_path) as (_, make):
        steps = await run(make(network=False))
    assert next(iter(steps)) == "Token for Partner Center"
    assert {one.state for one in steps.values()} == {GOOD, SKIPPED}  # nobody told the permissions


@pytest.mark.parametrize(
    ("said", "state"), [("true", GOOD), ("False", FAILED), ("", SKIPPED)], ids=str
)
async def test_what_partner_center_says_of_the_second_factor(said: str, state: StepState) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={}, headers={"isMfaCompliant": said} if said else {})

    tokens = FixedTokenProvider(lambda service, tenant: "token")
    client = ApiClient(httpx.AsyncClient(transport=httpx.MockTransport(answer)), tokens)
    connection = Connection("one", "One", Mode.RESELLER, "partner.example", "id", graph=False)
    check = MicrosoftCheck(connection, CLOUDS[Cloud.GLOBAL], client, tokens, network=False)
    steps = await run(check)
    await client.aclose()
    assert steps["Partner Center: multi-factor authentication"].state is state
    assert [one.headers.get("validatemfa") for one in asked] == [None, "true"]
    assert not any("Microsoft Graph" in name for name in steps)


async def test_it_can_be_cancelled_half_way(tmp_path: Path) -> None:
    async with prepared(tmp_path) as (_, make):
        steps = make().steps()
        assert isinstance(steps, AsyncIterator)
        first = await anext(steps)
        assert first.name == "Proxy"
        task = asyncio.ensure_future(anext(steps))
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await steps.aclose()  # type: ignore[attr-defined]
