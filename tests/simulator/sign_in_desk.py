"""A practice sign-in service on a real https port, with a real MSAL client in front of it."""

import asyncio
import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import msal  # type: ignore[import-untyped]
import trustme

from o365desk.simulator import Simulator, build_world
from o365desk.simulator.identity_accounts import CLIENT_ID
from o365desk.simulator.server import Server
from o365desk.simulator.state import Tenant
from tests.simulator.browser import Browser, Walk
from tests.simulator.desk import START, StoppedClock

PARTNER_SCOPE = "https://api.partnercenter.microsoft.com/user_impersonation"
REDIRECT = "http://localhost:53127"
"""Where nobody listens: these tests read the answer off the redirect."""


@contextmanager
def carried(server: Server) -> Iterator[Server]:
    """Runs a server on a loop and in a thread of its own, since MSAL and the browser block."""
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        await server.start()
        ready.set()
        await stop.wait()
        await server.stop()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@dataclass
class SignInDesk:
    """The simulator, where it listens, and how to trust it."""

    simulator: Simulator
    clock: StoppedClock
    server: Server
    trust: ssl.SSLContext
    http: httpx.Client

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def partner(self) -> Tenant:
        """The reseller's tenant."""
        return self.simulator.directory.tenant(self.simulator.world.partner.tenant_id)

    def tenant(self, purpose: str) -> Tenant:
        """A customer by purpose."""
        return self.simulator.directory.tenant(self.simulator.world.customer(purpose))

    def upn(self, note: str, purpose: str = "") -> str:
        """The user name of a notable account: the reseller's, or a customer's."""
        tenant = self.tenant(purpose) if purpose else self.partner
        return tenant.users[tenant.notable[note]].upn

    def app(
        self,
        tenant: str = "organizations",
        *,
        client_id: str = CLIENT_ID,
        cp1: bool = False,
        cache: msal.TokenCache | None = None,
    ) -> msal.PublicClientApplication:
        """Real MSAL; only its documented hooks point it here."""
        return msal.PublicClientApplication(
            client_id,
            authority=f"{self.url}/{tenant}",
            instance_discovery=False,
            http_client=self.http,
            client_capabilities=["CP1"] if cp1 else None,
            token_cache=cache,
        )

    def sign_in(
        self,
        app: msal.PublicClientApplication,
        scopes: list[str],
        browser: Browser,
        **options: Any,
    ) -> dict[str, Any]:
        """The interactive flow from beginning to end: MSAL's result."""
        flow = app.initiate_auth_code_flow(
            scopes, redirect_uri=REDIRECT, response_mode="form_post", **options
        )
        walked = self.walk(flow["auth_uri"], browser)
        result: dict[str, Any] = app.acquire_token_by_auth_code_flow(flow, dict(walked.answer))
        return result

    def walk(self, url: str, browser: Browser) -> Walk:
        """A walk that stops before the application's own address."""
        browser.verify, browser.deliver = self.trust, False
        return browser.visit(url)

    def silent(
        self, app: msal.PublicClientApplication, scopes: list[str], **options: Any
    ) -> dict[str, Any]:
        """Without a person; MSAL's result with its error."""
        result: dict[str, Any] = app.acquire_token_silent_with_error(
            scopes, app.get_accounts()[0], **options
        )
        return result

    def graph(self, token: str, path: str, method: str = "GET", **options: Any) -> httpx.Response:
        """One call of Graph."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.request(method, f"{self.url}/v1.0{path}", headers=headers, **options)

    def partner_center(self, token: str, path: str) -> httpx.Response:
        """One call of Partner Center, which tells about the second factor too."""
        headers = {"Authorization": f"Bearer {token}", "ValidateMfa": "true"}
        return self.http.get(f"{self.url}/v1{path}", headers=headers)

    def practice(self, name: str, **body: Any) -> Any:
        """One call of the control face: POST when there is something to say."""
        url = f"{self.url}/practice/{name}"
        answer = self.http.post(url, json=body) if body else self.http.get(url)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def sign_in_desk(world: str = "demo") -> Iterator[SignInDesk]:
    """A desk for one test."""
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    clock = StoppedClock()
    simulator = Simulator(build_world(world, start=START), clock)
    simulator.poll_device_codes(every=1)
    with (
        carried(Server(simulator, tls=tls)) as server,
        httpx.Client(verify=trust, trust_env=False) as http,
    ):
        yield SignInDesk(simulator, clock, server, trust, http)


def claims_of(answer: httpx.Response) -> str:
    """The claims of a challenge, decoded, as MSAL wants them."""
    header = answer.headers["www-authenticate"]
    text = header.partition('claims="')[2].partition('"')[0]
    decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    assert "access_token" in json.loads(decoded)
    return decoded
