"""The worlds the window can stand before: Microsoft, or the practice directory."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from o365desk.app.backends import backend_for, mail_sender
from o365desk.app.config import SmtpSettings
from o365desk.app.options import Options
from o365desk.app.profile import Profile
from o365desk.domain.access import Service, SignInNeed
from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.domain.diagnostics import ConnectionCheck
from o365desk.domain.directory import TenantId, UserId, utc_now
from o365desk.domain.errors import DeskError, Unreachable
from o365desk.domain.ports import Backend, TokenProvider
from o365desk.services.desk_log import DeskLog
from o365desk.services.product_names import ProductNames

if TYPE_CHECKING:
    import httpx

    from o365desk.services.api_client import ApiClient
    from o365desk.services.http_link import HttpFactory
    from o365desk.services.scheduler import Scheduler
    from o365desk.services.sign_in import MsalSignIn, OnRefusal
    from o365desk.services.token_cache import TokenFile
    from o365desk.simulator import Simulator
    from o365desk.views.sent_mail import SentMail
    from o365desk.wire.call_record import CallRecord

PRACTICE_HOST = "https://graph.microsoft.com"
"""Host under which the practice directory inside the program is called; nothing is looked up."""

AT_ONCE = 12
"""Requests under way at a time; more gain nothing, for each costs the processor a millisecond."""

PRACTICE_IS_NEW = "The practice directory is new at every start: you sign in to it each time."
NOTHING_KEPT = "This sign-in is for once: it is forgotten when the window closes."

OpenBrowser = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Means:
    """What the program gives to every world it opens."""

    options: Options
    names: ProductNames
    smtp: SmtpSettings | None = None
    profile: Profile | None = None
    """None: nothing is kept."""
    open_browser: OpenBrowser = lambda address: None
    on_call: "Callable[[CallRecord], None] | None" = None
    """Is told every attempt at every call, for the log."""
    log: DeskLog | None = None
    """Is told of tokens that could not be had."""
    clock: Callable[[], float] = time.monotonic
    """Counts the seconds by which calls are paced; a test lets them pass at once."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class World:
    """A backend, and what stands beside it."""

    connection: Connection
    make_backend: Callable[[], Backend]
    """A new one knows nothing of what was read before: what somebody else may see, above all."""
    backend: Backend
    scheduler: "Scheduler | None"
    """None, as the check, where the network is not touched."""
    check: Callable[[], ConnectionCheck] | None
    close: Callable[[], Awaitable[None]]
    now: Callable[[], datetime] = utc_now
    sign_in: "MsalSignIn | None" = None
    """None where no sign-in is needed."""
    sent_mail: "Callable[[], Awaitable[Sequence[SentMail]]] | None" = None
    """What the practice directory was asked to send; None for Microsoft."""
    simulator: "Simulator | None" = None
    """The practice directory itself where it runs inside; None behind a server."""


async def open_world(connection: Connection, means: Means) -> World:
    """Builds the world of a connection. What is imported for it takes 200 ms, in a thread."""
    await asyncio.to_thread(_import_all, practice=connection.cloud is Cloud.PRACTICE)
    if connection.cloud is Cloud.PRACTICE:
        return await _open_practice(connection, means)
    return await _open_microsoft(connection, means)


def offline_world(connection: Connection, make_backend: Callable[[], Backend]) -> World:
    """What was seen before, and nothing that could reach the network."""

    async def close() -> None:
        """There is no line to close."""

    return World(connection, make_backend, make_backend(), None, None, close)


async def _open_microsoft(connection: Connection, means: Means) -> World:
    from o365desk.services.connection_check import MicrosoftCheck
    from o365desk.services.http_link import open_http
    from o365desk.wire.clouds import CLOUDS, hosts

    async with AsyncExitStack() as stack:
        sign_in = make_sign_in(connection, means.profile, means.open_browser, means.log)
        stack.push_async_callback(sign_in.aclose)
        addresses = CLOUDS[connection.cloud]
        client, scheduler = _client(connection, open_http, sign_in, hosts(addresses), means, stack)
        make_backend = partial(
            backend_for,
            connection,
            client,
            means.names,
            mail_sender(client, means.smtp),
            operator=lambda: sign_in.account.user_id if sign_in.account is not None else None,
        )
        return World(
            connection,
            make_backend,
            make_backend(),
            scheduler,
            lambda: MicrosoftCheck(connection, addresses, client, sign_in, sign_in.granted),
            stack.pop_all().aclose,
            sign_in=sign_in,
        )


def _client(
    connection: Connection,
    http: "httpx.AsyncClient | HttpFactory",
    tokens: TokenProvider,
    hosts: Mapping[Service, str],
    means: Means,
    stack: AsyncExitStack,
) -> "tuple[ApiClient, Scheduler]":
    """The client of a world and the scheduler before it; both end with the stack."""
    from o365desk.services.api_client import ApiClient
    from o365desk.services.scheduler import Scheduler

    scheduler = Scheduler(concurrency=AT_ONCE, clock=means.clock, sleep=means.sleep)
    stack.callback(scheduler.close)
    client = ApiClient(
        http,
        tokens,
        hosts=hosts,
        scheduler=scheduler,
        app=connection.client_id,
        clock=means.clock,
        sleep=means.sleep,
        on_call=means.on_call,
    )
    stack.push_async_callback(client.aclose)
    return client, scheduler


def make_sign_in(
    connection: Connection,
    profile: Profile | None,
    open_browser: OpenBrowser,
    log: DeskLog | None = None,
) -> "MsalSignIn":
    """The sign-in of a connection that leads to Microsoft."""
    from o365desk.services.sign_in import MsalSignIn

    return MsalSignIn(
        connection,
        _cache(connection, profile),
        open_browser=open_browser,
        on_refusal=_noting(connection, log),
    )


def _noting(connection: Connection, log: DeskLog | None) -> "OnRefusal":
    def note(need: SignInNeed, error: DeskError, silent: bool) -> None:
        if log is not None:
            log.refusal(connection.method, need, error, silent=silent)

    return note


async def _open_practice(connection: Connection, means: Means) -> World:
    """The practice world: the same adapters, sign-in and HTTP code as for Microsoft, in front of
    the simulator."""
    from o365desk.services.connection_check import MicrosoftCheck
    from o365desk.services.http_link import open_http
    from o365desk.services.tokens import FixedTokenProvider
    from o365desk.wire.clouds import CLOUDS, hosts

    options = means.options
    async with AsyncExitStack() as stack:
        sign_in: MsalSignIn | None = None
        tokens: TokenProvider
        addresses = pages = CLOUDS[Cloud.PRACTICE]
        if options.server:
            base = options.server.rstrip("/")
            bases = {Service.GRAPH: f"{base}/v1.0", Service.PARTNER_CENTER: f"{base}/v1"}
            http, now, simulator = await asyncio.to_thread(open_http), utc_now, None
            tokens = FixedTokenProvider(_token(connection, TenantId(options.tenant.lower())))
            admin = None
        else:
            simulator = await asyncio.to_thread(_simulator, options)
            base, bases, now = PRACTICE_HOST, hosts(addresses), simulator.directory.now
            http = await asyncio.to_thread(open_http, _transport(simulator))
            own = TenantId(simulator.world.customer("direct"))
            tokens = FixedTokenProvider(_token(connection, own))
            admin = UserId(simulator.directory.tenant(own).notable["admin"])
            if connection.sign_in:
                connection = replace(connection, tenant=simulator.world.partner.tenant_id)
                sign_in = await _practise_signing_in(connection, simulator, means, stack)
                tokens = sign_in
                pages = replace(addresses, authority=simulator.browser_base)
        client, scheduler = _client(connection, http, tokens, bases, means, stack)
        make_backend = partial(
            backend_for,
            connection,
            client,
            means.names,
            mail_sender(client, means.smtp),
            now=now,
            operator=lambda: admin,
            addresses=pages,
        )
        granted = sign_in.granted if sign_in is not None else lambda service: None
        return World(
            connection,
            make_backend,
            make_backend(),
            scheduler,
            lambda: MicrosoftCheck(connection, addresses, client, tokens, granted, network=False),
            stack.pop_all().aclose,
            now,
            sign_in,
            lambda: _outbox(http, base),
            simulator,
        )


async def _practise_signing_in(
    connection: Connection, simulator: "Simulator", means: Means, stack: AsyncExitStack
) -> "MsalSignIn":
    """Microsoft's sign-in, played by the practice directory: MSAL is answered inside the program,
    and only the browser needs pages at a real address."""
    from o365desk.services.msal_http import open_msal_http, through_loop
    from o365desk.services.sign_in import MsalSignIn
    from o365desk.simulator.server import Server

    server = Server(simulator)
    await server.start()
    stack.push_async_callback(server.stop)
    simulator.browser_base = server.url
    inside = through_loop(_transport(simulator), asyncio.get_running_loop())
    sign_in = MsalSignIn(
        connection,
        _cache(connection, None),
        open_browser=means.open_browser,
        open_client=lambda: open_msal_http(inside),
        on_refusal=_noting(connection, means.log),
    )
    stack.push_async_callback(sign_in.aclose)
    return sign_in


def _cache(connection: Connection, profile: Profile | None) -> "TokenFile":
    """Where the sign-in is kept, encrypted. Not that of the practice directory, which is new at
    every start, nor that of a run or a connection that nothing is kept of."""
    from o365desk.services.keyring_keys import KeyringKeys
    from o365desk.services.token_cache import NoTokenFile, TokenFile

    if connection.cloud is Cloud.PRACTICE:
        return NoTokenFile(PRACTICE_IS_NEW)
    if profile is None or not connection.id:
        return NoTokenFile(NOTHING_KEPT)
    return TokenFile(profile.data, connection.id, KeyringKeys(f"{connection.id} {profile.name}"))


def _token(connection: Connection, own: TenantId) -> Callable[[Service, TenantId | None], str]:
    """Tokens by which the practice directory knows its callers without a sign-in."""

    def token(service: Service, tenant: TenantId | None) -> str:
        if connection.mode is Mode.DIRECT:
            return f"tenant:{own}"
        if service is Service.GRAPH and tenant is not None:
            return f"partner:{tenant}"
        return "partner"

    return token


def _simulator(options: Options) -> "Simulator":
    from o365desk.simulator import Simulator, build_world

    simulator = Simulator(build_world("demo"))
    if options.faults is not None:
        simulator.faults.load(options.faults.read_text(encoding="utf-8"))
    return simulator


def _transport(simulator: "Simulator") -> "httpx.AsyncBaseTransport":
    from o365desk.simulator.transport import SimulatorTransport

    return SimulatorTransport(simulator)


def _import_all(*, practice: bool) -> None:
    """What is slow to import, off the event loop."""
    import o365desk.services.api_client
    import o365desk.services.http_link
    import o365desk.services.reseller
    import o365desk.services.tokens

    if practice:
        import o365desk.simulator.transport
    else:
        import o365desk.services.sign_in  # noqa: F401


async def _outbox(http: "httpx.AsyncClient", base: str) -> "list[SentMail]":
    """What the practice directory was asked to send, newest first."""
    import httpx

    from o365desk.views.sent_mail import SentMail

    mails: list[dict[str, Any]] | None = None
    with contextlib.suppress(httpx.HTTPError, ValueError, LookupError):
        answer = await http.get(f"{base}/practice/outbox")
        answer.raise_for_status()
        mails = answer.json()["messages"]
    if mails is None:
        raise Unreachable(
            "The practice directory did not answer.", next_step="Start it, then refresh."
        )
    return [
        SentMail(
            sent_at=datetime.fromisoformat(mail["sent"]),
            to=", ".join(mail["to"]),
            subject=mail["subject"],
            body=mail["content"],
        )
        for mail in reversed(mails)
    ]
