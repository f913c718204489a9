"""Calls with real tokens: ApiClient, MSAL and the practice directory, each over TLS."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import keyring
import pytest

from o365desk.domain.access import Access, Service, SignInNeed
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import AccessDenied, Refusal, SignInRequired
from o365desk.services.api_client import ApiClient
from o365desk.services.sign_in import MsalSignIn
from o365desk.wire import graph, partner_center
from tests.services.sign_in_world import MemoryStore, SignInWorld, sign_in_world, trusting

PARTNER = SignInNeed(Service.PARTNER_CENTER)


@pytest.fixture(autouse=True)
def _store() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryStore())
    yield
    keyring.set_keyring(before)


@asynccontextmanager
async def desk(
    folder: Path, purpose: str = "admin"
) -> AsyncIterator[tuple[SignInWorld, MsalSignIn, ApiClient]]:
    """Signed in, with a client before both services."""
    async with sign_in_world(folder) as world:
        world.answers(purpose)
        tokens = world.sign_in()
        await tokens.sign_in(PARTNER, show_code=lambda _code: None)
        hosts = {
            Service.GRAPH: f"{world.server.url}/v1.0",
            Service.PARTNER_CENTER: f"{world.server.url}/v1",
        }
        client = ApiClient(
            httpx.AsyncClient(verify=trusting(), trust_env=False), tokens, hosts=hosts
        )
        yield world, tokens, client
        await client.aclose()


async def test_customers_and_their_users_with_one_sign_in(tmp_path: Path) -> None:
    async with desk(tmp_path) as (world, _, client):
        await client.send(partner_center.customers())
        for purpose in ("well_stocked", "no_seats"):
            tenant = TenantId(world.customer(purpose))
            await client.send(graph.organization(), tenant)
        assert len(world.opened) == 1


async def test_a_challenge_is_answered_within_the_call(tmp_path: Path) -> None:
    async with desk(tmp_path) as (world, _, client):
        tenant = TenantId(world.customer("well_stocked"))
        await client.send(graph.organization(), tenant)
        world.practice("revoke", {"account": world.person("admin"), "sessions": False})
        world.tokens_asked()
        await asyncio.gather(*(client.send(graph.organization(), tenant) for _ in range(6)))
        assert world.tokens_asked() == 1
        world.practice("revoke", {"account": world.person("admin")})
        with pytest.raises(SignInRequired) as raised:
            await client.send(graph.organization(), tenant)
        assert raised.value.need is not None
        assert raised.value.need.tenant == tenant


async def test_partner_center_gets_its_second_factor(tmp_path: Path) -> None:
    """Error 900421: no policy asks for one, so the program does."""
    async with desk(tmp_path, "single_factor") as (world, tokens, client):
        with pytest.raises(SignInRequired) as raised:
            await client.send(partner_center.customers())
        assert raised.value.refusal is Refusal.MFA
        assert raised.value.need == SignInNeed(Service.PARTNER_CENTER, mfa=True)
        await tokens.sign_in(raised.value.need, show_code=lambda _code: None)
        assert "second-factor" in world.browser.pages
        await client.send(partner_center.customers())


async def test_a_customer_without_consent(tmp_path: Path) -> None:
    async with desk(tmp_path) as (world, _, client):
        with pytest.raises(AccessDenied) as raised:
            await client.send(graph.organization(), TenantId(world.customer("mixed")))
        assert raised.value.refusal is Refusal.CONSENT


async def test_relations_are_read_with_a_permission_of_their_own(tmp_path: Path) -> None:
    async with desk(tmp_path) as (world, tokens, _):
        token = await tokens.token(Service.GRAPH, None, access=Access.RELATIONS)
        assert world.graph(token, "/v1.0/tenantRelationships/delegatedAdminCustomers") == 200
