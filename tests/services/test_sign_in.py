"""Signing in with real MSAL against the practice directory's sign-in service, over TLS."""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import keyring
import keyring.errors
import pytest

from o365desk.domain.access import Access, Service, SignInNeed
from o365desk.domain.connections import Mode, SignInMethod
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import (
    AccessDenied,
    DeskError,
    NotFound,
    Refusal,
    ServerFault,
    SignInRequired,
    Throttled,
    Unreachable,
)
from o365desk.domain.sign_in import DeviceCode
from o365desk.services.msal_apps import Cancelled
from o365desk.services.sign_in import MsalSignIn
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.simulator.identity_accounts import NO_PUBLIC_FLOWS_ID
from o365desk.wire.clouds import admin_consent_address
from tests.services.sign_in_world import MemoryStore, SignInWorld, sign_in_world

PARTNER = SignInNeed(Service.PARTNER_CENTER)
OWN_GRAPH = SignInNeed(Service.GRAPH)

World = Callable[[], AbstractAsyncContextManager[SignInWorld]]


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    before = keyring.get_keyring()
    memory = MemoryStore()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def opened(tmp_path: Path, store: MemoryStore) -> World:
    return lambda: sign_in_world(tmp_path)


def nobody(_code: DeviceCode) -> None:
    raise AssertionError("no code was asked for")


@contextlib.asynccontextmanager
async def signed_in(opened: World) -> AsyncIterator[tuple[SignInWorld, MsalSignIn]]:
    """A reseller who has signed in through the browser."""
    async with opened() as world:
        desk = world.sign_in()
        await desk.restore()
        await desk.sign_in(PARTNER, show_code=nobody)
        world.calls.clear()
        yield world, desk


async def refusal(awaitable: Any) -> DeskError:
    with pytest.raises(DeskError) as raised:
        await awaitable
    return raised.value


async def required(awaitable: Any) -> SignInRequired:
    error = await refusal(awaitable)
    assert isinstance(error, SignInRequired), error
    return error


# The browser


async def test_the_browser_signs_in_and_a_customer_needs_no_second_sign_in(opened: World) -> None:
    async with opened() as world:
        desk = world.sign_in()
        assert await desk.restore() is None
        assert desk.kept == ""
        account = await desk.sign_in(PARTNER, show_code=nobody)
        assert account == desk.account
        assert account.username == world.person("admin")
        assert account.tenant == world.simulator.directory.partner.tenant_id
        assert world.browser.pages == ["account", "password", "second-factor", "form-post"]
        await asyncio.gather(*world.tasks)
        assert "You are signed in" in world.browser.shown
        world.calls.clear()
        token = await desk.token(Service.PARTNER_CENTER, None)
        assert world.calls == []
        assert await desk.token(Service.PARTNER_CENTER, TenantId("whatever")) == token
        customers = [world.customer("well_stocked"), world.customer("no_seats")]
        for customer in customers:
            mine = await desk.token(Service.GRAPH, TenantId(customer))
            assert world.graph(mine) == 200
            assert world.calls[-1][1].startswith(f"/{customer}/")
        assert len(world.opened) == 1


async def test_own_organization(opened: World) -> None:
    async with opened() as world:
        tenant = world.customer("direct")
        world.answers("admin", tenant)
        desk = world.sign_in(world.connection(Mode.DIRECT))
        account = await desk.sign_in(OWN_GRAPH, show_code=nobody)
        assert account.tenant == tenant
        assert world.graph(await desk.token(Service.GRAPH, None)) == 200
        assert world.graph(await desk.token(Service.GRAPH, TenantId(tenant))) == 200
        error = await refusal(desk.token(Service.PARTNER_CENTER, None))
        assert "not set up" in error.sentence


async def test_a_reading_connection_gets_no_token_that_writes(opened: World) -> None:
    async with opened() as world:
        world.answers("admin", world.customer("direct"))
        desk = world.sign_in(world.connection(Mode.DIRECT, write=False))
        await desk.sign_in(OWN_GRAPH, show_code=nobody)
        assert "ReadWrite" not in world.opened[0]
        assert "User.Read.All" in world.opened[0]


async def test_scopes_are_asked_for_when_first_needed(opened: World) -> None:
    async with signed_in(opened) as (world, desk):
        error = await required(desk.token(Service.GRAPH, None, access=Access.MAIL))
        assert error.refusal is Refusal.CONSENT
        assert error.need == SignInNeed(Service.GRAPH, None, Access.MAIL)
        await desk.sign_in(error.need, show_code=nobody)
        assert world.browser.pages[-2:] == ["consent", "form-post"]
        assert await desk.token(Service.GRAPH, None, access=Access.MAIL)


async def test_the_account_can_be_chosen_anew(opened: World) -> None:
    async with signed_in(opened) as (world, desk):
        before = desk.account
        await desk.sign_in(PARTNER, show_code=nobody)
        assert "login_hint=" in world.opened[-1]
        assert world.browser.pages[-1] == "form-post"
        assert len(world.browser.pages) == 5  # the browser knew who it was
        world.answers("helpdesk")
        after = await desk.sign_in(PARTNER, show_code=nobody, choose_account=True)
        assert "prompt=select_account" in world.opened[-1]
        assert after != before
        assert after.username == world.person("helpdesk")
        again = world.sign_in()
        assert await again.restore() == after  # one account at a time


@pytest.mark.parametrize("page", ["account", "password", "second-factor", "consent"])
async def test_declining_is_explained_on_both_sides(opened: World, page: str) -> None:
    async with opened() as world:
        no = {
            "account": ("do", "cancel"),
            "password": ("do", "cancel"),
            "second-factor": ("factor", "deny"),
            "consent": ("consent", "decline"),
        }
        world.answers("admin", more={page: no[page], "refused": ("do", "return")})
        need = SignInNeed(Service.GRAPH, None, Access.MAIL)
        desk = world.sign_in()
        error = await refusal(desk.sign_in(need, show_code=nobody))
        assert error.code.startswith("AADSTS")
        assert "correlation-id" in error.support_ids
        await asyncio.gather(*world.tasks)
        assert "did not work" in world.browser.shown
        assert desk.account is None
        assert await world.sign_in().restore() is None


async def test_another_organization_is_not_kept(opened: World, store: MemoryStore) -> None:
    async with opened() as world:
        tenant = world.customer("direct")
        world.steps["account"] = ("typed", world.person("admin", tenant))
        desk = world.sign_in(world.connection(tenant="common"))
        error = await refusal(desk.sign_in(PARTNER, show_code=nobody))
        assert isinstance(error, AccessDenied)
        assert "another organization" in error.sentence
        assert desk.account is None
        assert await world.sign_in().restore() is None


async def test_a_browser_that_never_comes_back(opened: World) -> None:
    async with opened() as world:
        world.walks = False
        desk = world.sign_in(patience=0.01)
        error = await required(desk.sign_in(PARTNER, show_code=nobody))
        assert "in time" in error.sentence
        assert error.need is None
        assert desk.account is None


# The device code


async def test_a_device_code_signs_in(opened: World) -> None:
    async with opened() as world:
        shown: list[DeviceCode] = []

        def show(code: DeviceCode) -> None:
            shown.append(code)
            steps = {**world.steps, "device-code": ("user_code", code.code)}
            world.tasks.append(asyncio.create_task(world.browser.walk(code.address, steps)))

        desk = world.sign_in(world.connection(method=SignInMethod.DEVICE_CODE))
        account = await desk.sign_in(PARTNER, show_code=show)
        assert account.username == world.person("admin")
        assert world.opened == []
        assert shown[0].code not in repr(shown[0])
        polls = [path for method, path in world.calls if path.endswith("/token")]
        assert len(polls) > 1
        assert await desk.token(Service.PARTNER_CENTER, None)


async def test_a_device_code_that_runs_out(opened: World) -> None:
    async with opened() as world:
        desk = world.sign_in(world.connection(method=SignInMethod.DEVICE_CODE))
        error = await required(
            desk.sign_in(PARTNER, show_code=lambda _code: world.simulator.advance(days=1))
        )
        assert "not used in time" in error.sentence


async def test_public_flows_switched_off_is_explained(opened: World) -> None:
    async with opened() as world:
        off = world.connection(method=SignInMethod.DEVICE_CODE)
        desk = world.sign_in(replace(off, client_id=NO_PUBLIC_FLOWS_ID))
        error = await refusal(desk.sign_in(PARTNER, show_code=lambda _code: None))
        assert "Allow public client flows" in error.next_step


async def test_a_broken_line_does_not_end_the_waiting_for_a_code(opened: World) -> None:
    async with opened() as world:
        world.simulator.faults.add(
            Fault(FaultKind.CUT_BEFORE, method="POST", path="*/token", times=2)
        )

        def show(code: DeviceCode) -> None:
            steps = {**world.steps, "device-code": ("user_code", code.code)}
            world.tasks.append(asyncio.create_task(world.browser.walk(code.address, steps)))

        desk = world.sign_in(world.connection(method=SignInMethod.DEVICE_CODE))
        account = await desk.sign_in(PARTNER, show_code=show)
        assert account == desk.account


async def test_no_broker_is_said(opened: World) -> None:
    async with opened() as world:
        desk = world.sign_in(world.connection(method=SignInMethod.BROKER))
        error = await refusal(desk.sign_in(PARTNER, show_code=nobody))
        assert "browser or the device code" in error.next_step


# Renewal, challenges, refusals


async def test_many_calls_ask_once_and_one_that_is_cancelled_takes_nothing(opened: World) -> None:
    async with signed_in(opened) as (world, desk):
        tenant = TenantId(world.customer("well_stocked"))
        asked = [asyncio.create_task(desk.token(Service.GRAPH, tenant)) for _ in range(8)]
        await asyncio.sleep(0)
        asked[0].cancel()
        tokens = await asyncio.gather(*asked[1:])
        assert len(set(tokens)) == 1
        assert world.tokens_asked() == 1
        with pytest.raises(asyncio.CancelledError):
            await asked[0]
        refused = [desk.token(Service.GRAPH, tenant, fresh=True) for _ in range(8)]
        (renewed,) = set(await asyncio.gather(*refused))
        assert renewed not in tokens
        assert world.tokens_asked() == 1


async def test_a_token_is_renewed_silently_when_it_grows_old_or_is_refused(opened: World) -> None:
    async with signed_in(opened) as (world, desk):
        first = await desk.token(Service.PARTNER_CENTER, None)
        assert world.tokens_asked() == 0
        second = await desk.token(Service.PARTNER_CENTER, None, fresh=True)
        assert world.tokens_asked() == 1
        assert second != first
        assert await desk.token(Service.PARTNER_CENTER, None) == second
        world.simulator.advance(days=2)
        fresh = await desk.token(Service.GRAPH, TenantId(world.customer("no_seats")), fresh=True)
        assert world.graph(fresh) == 200


async def test_a_challenge_is_answered_silently_then_by_sign_in(opened: World) -> None:
    async with signed_in(opened) as (world, desk):
        tenant = TenantId(world.customer("well_stocked"))
        token = await desk.token(Service.GRAPH, tenant)
        world.practice("revoke", {"account": world.person("admin"), "sessions": False})
        assert world.graph(token) == 401
        claims = json.dumps({"access_token": {"nbf": {"essential": True, "value": "1"}}})
        renewed = await desk.token(Service.GRAPH, tenant, claims=claims)
        assert world.graph(renewed) == 200
        world.practice("revoke", {"account": world.person("admin")})
        error = await required(desk.token(Service.GRAPH, tenant, claims=claims))
        assert error.need == SignInNeed(Service.GRAPH, tenant, Access.DIRECTORY, claims)
        await desk.sign_in(error.need, show_code=nobody)
        assert world.graph(await desk.token(Service.GRAPH, tenant)) == 200
        assert len(world.opened) == 2


async def test_revocation_ends_the_sign_in(opened: World) -> None:
    async with signed_in(opened) as (world, desk):
        world.practice("revoke", {"account": world.person("admin")})
        error = await required(desk.token(Service.PARTNER_CENTER, None, fresh=True))
        assert error.code == "AADSTS50173"
        assert error.need == PARTNER
        # Once more at once: MSAL must not answer from its memory what could have changed.
        world.calls.clear()
        await required(desk.token(Service.PARTNER_CENTER, None, fresh=True))
        assert world.tokens_asked() == 1


async def test_a_second_factor_is_demanded_where_no_policy_does(opened: World) -> None:
    """Partner Center's 900421: the sign-in is asked for one, and gets it."""
    async with opened() as world:
        world.answers("single_factor")
        desk = world.sign_in()
        await desk.sign_in(PARTNER, show_code=nobody)
        assert "second-factor" not in world.browser.pages
        need = SignInNeed(Service.PARTNER_CENTER, mfa=True)
        await desk.sign_in(need, show_code=nobody)
        assert "second-factor" in world.browser.pages
        assert await desk.token(Service.PARTNER_CENTER, None)


async def test_a_second_factor_by_policy(opened: World) -> None:
    async with opened() as world:
        world.answers("single_factor")
        desk = world.sign_in()
        await desk.sign_in(PARTNER, show_code=nobody)
        world.practice(
            "conditional-access", {"account": world.person("single_factor"), "mfa": "always"}
        )
        error = await required(desk.token(Service.PARTNER_CENTER, None, fresh=True))
        assert error.refusal is Refusal.MFA
        assert error.need is not None
        assert error.need.mfa
        await desk.sign_in(error.need, show_code=nobody)
        assert await desk.token(Service.PARTNER_CENTER, None, fresh=True)


async def test_a_customer_without_consent_and_one_who_granted_it(opened: World) -> None:
    async with signed_in(opened) as (world, desk):
        tenant = TenantId(world.customer("mixed"))
        error = await refusal(desk.token(Service.GRAPH, tenant))
        assert isinstance(error, AccessDenied)
        assert error.refusal is Refusal.CONSENT
        world.practice("consent", {"tenant": tenant})
        # Seen at once: MSAL remembers a refusal for a minute, unless told otherwise.
        assert world.graph(await desk.token(Service.GRAPH, tenant)) == 200


async def test_the_consent_link_leads_to_where_it_is_granted(opened: World) -> None:
    async with signed_in(opened) as (world, desk):
        tenant = TenantId(world.customer("mixed"))
        assert (await refusal(desk.token(Service.GRAPH, tenant))).refusal is Refusal.CONSENT
        link = admin_consent_address(world.connection(), tenant, world.addresses)
        world.answers("admin", tenant)
        world.browser.client.cookies.clear()
        await world.browser.walk(link, world.steps)
        assert world.browser.pages[-1] == "consent"
        assert world.browser.shown.startswith("http://localhost")
        assert world.graph(await desk.token(Service.GRAPH, tenant)) == 200


async def test_a_customer_beyond_the_relation(opened: World) -> None:
    async with opened() as world:
        world.answers("helpdesk")
        desk = world.sign_in()
        await desk.sign_in(PARTNER, show_code=nobody)
        error = await refusal(desk.token(Service.GRAPH, TenantId(world.customer("mixed"))))
        assert error.refusal is Refusal.RELATIONSHIP
        error = await refusal(desk.token(Service.GRAPH, TenantId(world.customer("tiny"))))
        assert error.refusal is Refusal.RELATIONSHIP


@pytest.mark.parametrize(
    ("purpose", "word"),
    [
        ("no_mfa_method", "none yet"),
        ("blocked_by_policy", "Conditional Access"),
        ("external_challenge", "another provider"),
        ("expired_password", "expired"),
        ("locked", "locked"),
        ("disabled", "blocked"),
    ],
)
async def test_each_trouble_of_an_account(opened: World, purpose: str, word: str) -> None:
    async with opened() as world:
        world.answers(purpose, more={"refused": ("do", "return")})
        error = await refusal(world.sign_in().sign_in(PARTNER, show_code=nobody))
        assert word in error.sentence


async def test_an_organization_that_does_not_exist(opened: World) -> None:
    async with opened() as world:
        for tenant, code in (
            ("nobody.example", "AADSTS90002"),
            ("not a tenant", "AADSTS900023"),
        ):
            desk = world.sign_in(world.connection(tenant=tenant))
            error = await refusal(desk.sign_in(PARTNER, show_code=nobody))
            assert isinstance(error, NotFound)
            assert error.code == code


@pytest.mark.parametrize("known", [False, True], ids=["a customer's first", "a customer's next"])
@pytest.mark.parametrize(
    ("fault", "make"),
    [
        (Fault(FaultKind.CUT_BEFORE, path="*", times=9), Unreachable),
        (Fault(FaultKind.UNAVAILABLE, path="*", times=9), ServerFault),
        (Fault(FaultKind.HALF_BODY, path="*", times=9), Unreachable),
        (Fault(FaultKind.THROTTLED, path="*", times=9, retry_after=30), Throttled),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Fault) else None,
)
async def test_the_service_fails(
    opened: World, fault: Fault, make: type[DeskError], known: bool
) -> None:
    """At the first call the authority's addresses are asked for, later a token alone. MSAL keeps
    away from a service in trouble, and says so in the same words."""
    async with signed_in(opened) as (world, desk):
        tenant = TenantId(world.customer("no_seats"))
        if known:
            await desk.token(Service.GRAPH, tenant)
        world.simulator.faults.add(replace(fault))
        for _ in range(2):
            error = await refusal(desk.token(Service.GRAPH, tenant, fresh=True))
            assert type(error) is make
        assert desk.account is not None


async def test_without_a_sign_in_it_is_said_what_is_needed(opened: World) -> None:
    async with opened() as world:
        error = await required(world.sign_in().token(Service.PARTNER_CENTER, None))
        assert error.need == PARTNER
        assert "not signed in" in error.sentence
        assert world.calls == []


# Cancelling


async def test_cancelled_while_the_browser_is_open(opened: World) -> None:
    async with opened() as world:
        world.walks = False
        desk = world.sign_in()
        task = asyncio.create_task(desk.sign_in(PARTNER, show_code=nobody))
        await world.browser_opened.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The port is closed: whoever finishes in the browser now reaches nobody.
        with pytest.raises(Exception, match="connect"):
            await world.browser.walk(world.opened[0], world.steps)
        assert desk.account is None
        world.walks = True
        assert await desk.sign_in(PARTNER, show_code=nobody) == desk.account


async def test_cancelled_while_the_code_is_shown(opened: World) -> None:
    async with opened() as world:
        desk = world.sign_in(world.connection(method=SignInMethod.DEVICE_CODE))
        shown = asyncio.Event()
        task = asyncio.create_task(desk.sign_in(PARTNER, show_code=lambda _code: shown.set()))
        await shown.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert desk.account is None


async def test_cancelled_while_the_answer_is_redeemed(opened: World) -> None:
    """The thread cannot be stopped, but keeps nothing."""
    async with opened() as world:
        gate = threading.Event()
        desk = world.sign_in(open_client=lambda: world.open_client(gate))
        task = asyncio.create_task(desk.sign_in(PARTNER, show_code=nobody))
        await world.token_answered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (left,) = desk._left_alone
        gate.set()
        assert await left == Cancelled()
        assert desk.account is None
        assert await desk.restore() is None
        assert await world.sign_in().restore() is None


# What is kept


async def test_a_later_run_needs_no_sign_in(opened: World) -> None:
    async with signed_in(opened) as (world, desk):
        await desk.aclose()
        later = world.sign_in()
        assert await later.restore() == desk.account
        assert world.calls == []
        token = await later.token(Service.GRAPH, TenantId(world.customer("well_stocked")))
        assert world.graph(token) == 200
        kept = (world.folder / "one.sign-in").read_bytes()
        assert token.encode() not in kept


async def test_signing_out_removes_everything_here_and_in_the_other_copy(
    opened: World, store: MemoryStore
) -> None:
    async with signed_in(opened) as (world, desk):
        other = world.sign_in()
        await other.restore()
        await other.token(Service.PARTNER_CENTER, None)
        said = await desk.sign_out()
        assert len(said) == 3
        assert all(sentence.endswith(".") for sentence in said)
        assert desk.account is None
        assert store.entries == {}
        assert {path.suffix for path in world.folder.iterdir()} == {".lock"}
        await required(desk.token(Service.PARTNER_CENTER, None))
        await required(other.token(Service.PARTNER_CENTER, None, fresh=True))
        assert other.account is None
        assert not (world.folder / "one.sign-in").exists()
        assert await desk.sign_out() == []


async def test_one_copy_signs_in_for_the_other(opened: World) -> None:
    async with opened() as world:
        here, there = world.sign_in(), world.sign_in()
        await there.restore()
        await required(there.token(Service.PARTNER_CENTER, None))
        await here.sign_in(PARTNER, show_code=nobody)
        assert await there.token(Service.PARTNER_CENTER, None)
        assert there.account == here.account
        # Both renew in turn: neither loses the other's refresh token.
        for desk in (here, there, here, there):
            assert await desk.token(Service.PARTNER_CENTER, None, fresh=True)


async def test_a_renewal_under_way_does_not_undo_the_other_copys_sign_out(
    opened: World, store: MemoryStore
) -> None:
    async with signed_in(opened) as (world, desk):
        gate = threading.Event()
        other = world.sign_in(open_client=lambda: world.open_client(gate))
        await other.restore()
        world.token_answered.clear()
        asked = asyncio.create_task(other.token(Service.PARTNER_CENTER, None))
        await world.token_answered.wait()
        await desk.sign_out()
        gate.set()
        await asyncio.gather(asked, return_exceptions=True)
        await required(other.token(Service.PARTNER_CENTER, None, fresh=True))
        assert not (world.folder / "one.sign-in").exists()
        assert store.entries == {}


async def test_a_refusal_is_not_believed_when_the_other_copy_has_signed_in_anew(
    opened: World,
) -> None:
    async with signed_in(opened) as (world, desk):
        gate = threading.Event()
        other = world.sign_in(open_client=lambda: world.open_client(gate))
        await other.restore()
        world.practice("revoke", {"account": world.person("admin")})
        world.token_answered.clear()
        asked = asyncio.create_task(other.token(Service.PARTNER_CENTER, None))
        await world.token_answered.wait()
        await desk.sign_in(PARTNER, show_code=nobody)
        gate.set()
        assert await asked


async def test_without_a_store_of_secrets_it_lasts_until_the_end(
    opened: World, store: MemoryStore
) -> None:
    async with opened() as world:
        store.failure = keyring.errors.NoKeyringError("x")
        desk = world.sign_in()
        await desk.restore()
        assert "no store" in desk.kept
        await desk.sign_in(PARTNER, show_code=nobody)
        assert await desk.token(Service.PARTNER_CENTER, None, fresh=True)
        assert {path.suffix for path in world.folder.iterdir()} <= {".lock"}
        assert await world.sign_in().restore() is None
        # Unlocked in the meantime: the next sign-in is kept, and so is this one.
        store.failure = None
        await desk.restore()
        assert desk.kept == ""
        assert await world.sign_in().restore() == desk.account
