"""The practice directory's sign-in service over TLS, a browser before it, and a connection."""

import asyncio
import contextlib
import functools
import json
import ssl
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import keyring.backend
import trustme

from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.services.keyring_keys import KeyringKeys
from o365desk.services.sign_in import MsalSignIn
from o365desk.services.token_cache import TokenFile
from o365desk.simulator import Simulator, build_world
from o365desk.simulator.identity_accounts import CLIENT_ID
from o365desk.simulator.messages import HttpRequest
from o365desk.simulator.server import Server
from o365desk.wire.clouds import CLOUDS, CloudAddresses

PASSWORD = "canary-password"


@functools.cache
def server_certificate_authority() -> trustme.CA:
    return trustme.CA()


@functools.cache
def trusting() -> ssl.SSLContext:
    """Of a client that knows the test's certificate authority, and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server_certificate_authority().configure_trust(context)
    return context


@functools.cache
def server_context() -> ssl.SSLContext:
    """Of a server that is `localhost`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_certificate().configure_cert(context)
    return context


@functools.cache
def server_certificate() -> trustme.LeafCert:
    return server_certificate_authority().issue_cert("localhost")


class MemoryStore(keyring.backend.KeyringBackend):
    """A store of secrets of a test: in memory, and shared like a real one."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.failure: Exception | None = None

    def _ask(self) -> None:
        if self.failure is not None:
            raise self.failure

    def get_password(self, service: str, username: str) -> str | None:
        self._ask()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._ask()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._ask()
        del self.entries[service, username]


@dataclass
class Form:
    """A form of a page, with what its fields hold."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = ""
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "main":
            self.page = found.get("data-page", "")
        elif tag == "form":
            self.forms.append(Form(found.get("action", "")))
        elif tag == "input" and self.forms and found.get("name"):
            self.forms[-1].fields[found["name"]] = found.get("value", "")
        elif tag == "button" and self.forms and found.get("name"):
            self.forms[-1].buttons.append((found["name"], found.get("value", "")))


Steps = Mapping[str, tuple[str, str]]
"""What is pressed or typed on each kind of page: name and value of a field."""


@dataclass(repr=False)
class Browser:
    """Walks the sign-in pages as a person would; remembers who is signed in."""

    client: httpx.AsyncClient
    pages: list[str] = field(default_factory=list)
    shown: str = ""
    """Text of the last page."""

    async def walk(self, address: str, steps: Steps) -> None:
        """Until a page has nothing to press, or `steps` has nothing for it."""
        answer = await self.client.get(address)
        while True:
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if urlsplit(address).netloc == "localhost":
                    self.shown = address  # where nobody of this test listens
                    return
                answer = await self.client.get(address)
                continue
            parser = _Forms()
            parser.feed(answer.text)
            self.shown = answer.text
            if parser.page:
                self.pages.append(parser.page)
            if not parser.forms:
                return
            if parser.page in steps:
                name, value = steps[parser.page]
                form = next(f for f in parser.forms if name in f.fields or _has(f, name))
                data = form.fields | {name: value}
            elif "state" in parser.forms[0].fields:
                form, data = parser.forms[0], parser.forms[0].fields
            else:
                return
            answer = await self.client.post(urljoin(str(answer.url), form.action), data=data)


def _has(form: Form, name: str) -> bool:
    return any(button == name for button, _ in form.buttons)


@dataclass(repr=False)
class SignInWorld:
    """What a test needs to sign in."""

    simulator: Simulator
    server: Server
    folder: Path
    browser: Browser
    loop: asyncio.AbstractEventLoop
    opened: list[str] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of what MSAL sent."""
    browser_opened: asyncio.Event = field(default_factory=asyncio.Event)
    token_asked: asyncio.Event = field(default_factory=asyncio.Event)
    token_answered: asyncio.Event = field(default_factory=asyncio.Event)
    steps: dict[str, tuple[str, str]] = field(default_factory=dict)
    walks: bool = True
    made: list[MsalSignIn] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def person(self, purpose: str, tenant: str = "") -> str:
        """The user name of an account."""
        home = self.simulator.directory.tenant(tenant or self.simulator.directory.partner.tenant_id)
        return home.users[home.notable[purpose]].upn

    def customer(self, purpose: str) -> str:
        return self.simulator.world.customer(purpose)

    def answers(self, purpose: str = "admin", tenant: str = "", more: Steps | None = None) -> None:
        """Who sits before the browser, and what is pressed."""
        self.steps = {
            "account": ("account", self.person(purpose, tenant)),
            "password": ("password", PASSWORD),
            "second-factor": ("factor", "approve"),
            "consent": ("consent", "accept"),
            "device-confirm": ("device", "continue"),
            **(more or {}),
        }

    def open_browser(self, address: str) -> None:
        self.opened.append(address)
        self.browser_opened.set()
        if self.walks:
            self.tasks.append(asyncio.create_task(self.browser.walk(address, self.steps)))

    def open_client(self, gate: threading.Event | None = None) -> httpx.Client:
        """`gate`: tokens arrive only when it opens."""

        def answered(answer: httpx.Response) -> None:
            if answer.request.url.path.endswith("/token"):
                self.loop.call_soon_threadsafe(self.token_answered.set)
                assert gate is None or gate.wait(20)

        return httpx.Client(
            verify=trusting(),
            trust_env=False,
            event_hooks={"request": [self._asked], "response": [answered]},
        )

    def _asked(self, request: httpx.Request) -> None:
        """In MSAL's thread."""
        self.calls.append((request.method, request.url.path))
        if request.url.path.endswith("/token"):
            self.loop.call_soon_threadsafe(self.token_asked.set)

    def tokens_asked(self) -> int:
        """Calls of the token endpoint, and forgets them."""
        count = sum(path.endswith("/token") for _, path in self.calls)
        self.calls.clear()
        return count

    @property
    def addresses(self) -> CloudAddresses:
        return replace(CLOUDS[Cloud.GLOBAL], authority=self.server.url)

    def connection(self, mode: Mode = Mode.RESELLER, **more: Any) -> Connection:
        tenant = (
            self.simulator.directory.partner.tenant_id
            if mode is Mode.RESELLER
            else self.customer("direct")
        )
        given: dict[str, Any] = {"id": "one", "name": "One", "tenant": tenant}
        return Connection(mode=mode, client_id=CLIENT_ID, **(given | more))

    def sign_in(self, connection: Connection | None = None, **more: Any) -> MsalSignIn:
        """A copy of the program: two of them share the folder."""
        connection = connection or self.connection()
        given: dict[str, Any] = {
            "open_client": self.open_client,
            "addresses": self.addresses,
            "sleep": lambda _seconds: asyncio.sleep(0),
        }
        made = MsalSignIn(
            connection,
            TokenFile(self.folder, connection.id, KeyringKeys(connection.id)),
            open_browser=self.open_browser,
            **(given | more),
        )
        self.made.append(made)
        return made

    def practice(self, name: str, body: Mapping[str, object]) -> None:
        """A call of the practice directory's control."""
        answer = self.simulator.handle(
            HttpRequest(
                "POST", f"/practice/{name}", "", {}, json.dumps(body).encode(), "https", "localhost"
            )
        )
        assert answer.status < 300, answer.body

    def graph(self, token: str, path: str = "/v1.0/organization") -> int:
        """The status with which Graph answers a token."""
        headers = {"authorization": f"Bearer {token}"}
        return self.simulator.handle(
            HttpRequest("GET", path, "", headers, b"", "https", "graph.microsoft.com")
        ).status


@contextlib.asynccontextmanager
async def sign_in_world(folder: Path) -> AsyncIterator[SignInWorld]:
    """Serves until the block ends."""
    simulator = Simulator(build_world("demo"))
    simulator.poll_device_codes(every=1)
    server = Server(simulator, host="localhost", tls=server_context())
    await server.start()
    async with httpx.AsyncClient(verify=trusting(), trust_env=False) as client:
        world = SignInWorld(
            simulator,
            server,
            folder,
            Browser(client),
            asyncio.get_running_loop(),
        )
        world.answers()
        try:
            yield world
        finally:
            for made in world.made:
                await made.aclose()
            for task in world.tasks:
                task.cancel()
            await asyncio.gather(*world.tasks, return_exceptions=True)
            await server.stop()
