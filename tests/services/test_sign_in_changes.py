"""What is under way while the account changes, the connection changes, or the program ends."""

import asyncio
import base64
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import keyring
import keyring.errors
import pytest

from o365desk.domain.access import Service, SignInNeed
from o365desk.domain.connections import Mode, SignInMethod
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import SignInRequired, Unreachable
from o365desk.domain.sign_in import DeviceCode
from o365desk.services import msal_apps
from o365desk.services.aside import aside
from o365desk.services.keyring_keys import KeyringKeys, KeyStoreRefused
from o365desk.services.msal_cache import SharedCache
from o365desk.services.sign_in import MsalSignIn
from o365desk.services.token_cache import TokenFile
from tests.services.sign_in_world import MemoryStore, SignInWorld, sign_in_world, trusting

PARTNER = SignInNeed(Service.PARTNER_CENTER)


class Prompting(MemoryStore):
    """A store that waits for its prompt to be answered."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.answered = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.set()
        self.answered.wait(60)
        return super().get_password(service, username)


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    before = keyring.get_keyring()
    memory = MemoryStore()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def prompting() -> Iterator[Prompting]:
    before = keyring.get_keyring()
    made = Prompting()
    keyring.set_keyring(made)
    yield made
    made.answered.set()
    keyring.set_keyring(before)


def nobody(_code: object) -> None:
    raise AssertionError("no code was asked for")


def whose(token: str) -> str:
    """The account that a token stands for."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["upn"])


class Slow:
    """A line on which the tokens of one organization take their time."""

    def __init__(self, tenant: str) -> None:
        self._tenant = tenant
        self.reached = threading.Event()
        self.gate = threading.Event()

    def client(self) -> httpx.Client:
        hooks = {"response": [self._hold]}
        return httpx.Client(verify=trusting(), trust_env=False, event_hooks=hooks)

    def _hold(self, answer: httpx.Response) -> None:
        if answer.request.url.path == f"/{self._tenant}/oauth2/v2.0/token":
            self.reached.set()
            assert self.gate.wait(20)


@contextlib.asynccontextmanager
async def token_under_way(
    folder: Path,
) -> AsyncIterator[tuple[SignInWorld, MsalSignIn, TenantId, "asyncio.Task[str]", Slow]]:
    """Signed in, and a customer's token is on its way."""
    async with sign_in_world(folder) as world:
        tenant = TenantId(world.customer("well_stocked"))
        line = Slow(tenant)
        desk = world.sign_in(open_client=line.client)
        await desk.sign_in(PARTNER, show_code=nobody)
        early = asyncio.create_task(desk.token(Service.GRAPH, tenant))
        assert await aside(line.reached.wait, 20)
        yield world, desk, tenant, early, line
        line.gate.set()


# Another account, or none


async def test_a_token_of_the_account_before_is_given_to_nobody(
    tmp_path: Path, store: MemoryStore
) -> None:
    async with token_under_way(tmp_path) as (world, desk, tenant, early, line):
        world.answers("helpdesk")
        await desk.sign_in(PARTNER, show_code=nobody, choose_account=True)
        late = asyncio.create_task(desk.token(Service.GRAPH, tenant))
        await asyncio.sleep(0)
        line.gate.set()
        tokens = await asyncio.gather(early, late)
        assert {whose(token) for token in tokens} == {world.person("helpdesk")}


async def test_a_token_that_comes_after_the_sign_out_is_given_to_nobody(
    tmp_path: Path, store: MemoryStore
) -> None:
    async with token_under_way(tmp_path) as (_, desk, tenant, early, line):
        await desk.sign_out()
        line.gate.set()
        with pytest.raises(SignInRequired):
            await early
        assert desk.account is None
        with pytest.raises(SignInRequired):
            await desk.token(Service.GRAPH, tenant)


# Another connection under the same id


@pytest.mark.parametrize("by_domain", [False, True], ids=["by id", "by domain"])
@pytest.mark.parametrize("mode", list(Mode))
async def test_a_sign_in_does_not_serve_another_organization(
    tmp_path: Path, store: MemoryStore, mode: Mode, by_domain: bool
) -> None:
    """The operator, or an administrator's file, has led the connection elsewhere meanwhile."""
    async with sign_in_world(tmp_path) as world:
        desk = world.sign_in()
        await desk.sign_in(PARTNER, show_code=nobody)
        service = Service.GRAPH if mode is Mode.DIRECT else Service.PARTNER_CENTER

        async def led_to(tenant_id: str) -> MsalSignIn:
            domains = world.simulator.directory.tenant(tenant_id).domains
            where = domains[0].name if by_domain else tenant_id
            led = world.sign_in(world.connection(mode, tenant=where))
            assert by_domain or (await led.restore() is None) == (tenant_id != own)
            return led

        own = world.simulator.directory.partner.tenant_id
        elsewhere = await led_to(world.customer("well_stocked"))
        with pytest.raises(SignInRequired, match="not signed in"):
            await elsewhere.token(service, None)
        assert elsewhere.account is None
        world.tokens_asked()
        assert whose(await (await led_to(own)).token(service, None)) == world.person("admin")


async def test_what_another_copy_kept_is_known_once_the_store_is_unlocked(
    tmp_path: Path, store: MemoryStore
) -> None:
    def account(name: str) -> dict[str, str]:
        return {"home_account_id": f"{name}.home", "environment": "cloud", "realm": "home"}

    def accounts(cache: SharedCache) -> set[str]:
        return {entry["home_account_id"] for entry in cache.search("Account", query={})}

    store.failure = keyring.errors.KeyringLocked("x")
    here = SharedCache(TokenFile(tmp_path, "one"))
    here.modify("Account", account("here"), account("here"))
    here.sync()
    store.failure = None
    there = SharedCache(TokenFile(tmp_path, "one"))
    there.modify("Account", account("there"), account("there"))
    there.sync()
    here.reread()
    assert accounts(here) == {"here.home", "there.home"}


# The end


async def test_a_prompt_that_nobody_answers_keeps_no_program_open(
    tmp_path: Path, prompting: Prompting
) -> None:
    async with sign_in_world(tmp_path) as world:
        desk = world.sign_in()
        restoring = asyncio.create_task(desk.restore())
        assert await aside(prompting.asked.wait, 20)
        restoring.cancel()
        await desk.aclose()
        assert not prompting.answered.is_set()
        with pytest.raises(Unreachable):
            await desk.token(Service.PARTNER_CENTER, None)


def test_a_store_that_says_nothing_counts_as_none(prompting: Prompting) -> None:
    with pytest.raises(KeyStoreRefused, match="did not answer"):
        KeyringKeys("one", patience=0.01).read()


async def test_a_device_code_ends_when_it_runs_out_whatever_the_service_says(
    tmp_path: Path, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sign_in_world(tmp_path) as world:
        desk = world.sign_in(world.connection(method=SignInMethod.DEVICE_CODE))

        def show(code: DeviceCode) -> None:
            later = SimpleNamespace(time=lambda: code.expires_at.timestamp() + 1)
            monkeypatch.setattr(msal_apps, "time", later)

        with pytest.raises(SignInRequired, match="not used in time"):
            await desk.sign_in(PARTNER, show_code=show)


async def test_work_aside_answers_fails_and_is_left() -> None:
    assert await aside(int, "12", base=3) == 5
    with pytest.raises(ValueError, match="invalid literal"):
        await aside(int, "x")
    gate = threading.Event()
    left = asyncio.create_task(aside(gate.wait, 20))
    await asyncio.sleep(0)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    gate.set()
