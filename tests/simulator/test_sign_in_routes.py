"""The sign-in service's other roads: inside the program, on a plain port, by the book."""

import base64
import json
import threading
import webbrowser
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import msal  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from o365desk.simulator import Simulator, build_world, graph
from o365desk.simulator.identity_accounts import CLIENT_ID, CLIENTS
from o365desk.simulator.messages import HttpRequest
from o365desk.simulator.scopes import lacking
from o365desk.simulator.server import Server
from o365desk.simulator.transport import ThreadTransport
from tests.simulator.browser import Browser, walk
from tests.simulator.desk import START, StoppedClock
from tests.simulator.sign_in_desk import SignInDesk, carried, sign_in_desk

READ = ["User.Read.All"]
GLOBAL = "https://login.microsoftonline.com"


@pytest.fixture
def desk() -> Iterator[SignInDesk]:
    with sign_in_desk() as made:
        yield made


@pytest.fixture
def caught() -> Iterator[tuple[str, list[bytes]]]:
    """A loopback address of an application, and what it was sent."""
    seen: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take(self.path.encode())

        def do_POST(self) -> None:
            self._take(self.rfile.read(int(self.headers["content-length"])))

        def _take(self, what: bytes) -> None:
            seen.append(what)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"You may close this window.")

        def log_message(self, *_words: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://localhost:{server.server_port}", seen
        server.shutdown()
        thread.join()


def test_msal_in_process_and_only_the_browser_on_a_port() -> None:
    simulator = Simulator(build_world("demo", start=START), StoppedClock())
    home = simulator.directory.tenant(simulator.world.partner.tenant_id)
    with carried(Server(simulator)) as server:
        simulator.browser_base = server.url
        with httpx.Client(transport=ThreadTransport(simulator)) as http:
            app = msal.PublicClientApplication(
                CLIENT_ID, authority=f"{GLOBAL}/{home.default_domain}", http_client=http
            )
            flow = app.initiate_auth_code_flow(
                READ, redirect_uri="http://localhost:1", response_mode="form_post"
            )
            assert flow["auth_uri"].startswith(f"{server.url}/{home.tenant_id}/oauth2/v2.0/")
            admin = home.users[home.notable["admin"]].upn
            walked = Browser(admin, deliver=False).visit(flow["auth_uri"])
            result = app.acquire_token_by_auth_code_flow(flow, dict(walked.answer))
            assert result["id_token_claims"]["iss"] == f"{GLOBAL}/{home.tenant_id}/v2.0"
            # The aliases of the cloud come from instance discovery, which is answered too.
            assert app.get_accounts(username=admin)
            device = app.initiate_device_flow(READ)
            assert device["verification_uri"].startswith(server.url)


@pytest.mark.parametrize("mode", ["query", "form_post", "fragment"])
async def test_the_answer_reaches_the_application(
    mode: str, caught: tuple[str, list[bytes]]
) -> None:
    redirect, seen = caught
    with sign_in_desk() as desk:
        url = (
            f"{desk.url}/common/oauth2/v2.0/authorize?client_id={CLIENT_ID}&response_type=code"
            f"&redirect_uri={redirect}&scope=User.Read.All&state=a%26b&response_mode={mode}"
        )
        walked = await walk(url, account=desk.upn("admin"), verify=desk.trust)
    assert walked.text.strip().endswith("You may close this window.")
    assert walked.answer["state"] == "a&b"
    assert (b"code=1." in seen[0]) is (mode != "fragment")


def test_the_browser_stands_in_for_the_real_one(
    desk: SignInDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(desk.upn("admin"), verify=desk.trust)
    monkeypatch.setattr(webbrowser, "open", browser.open)
    result = desk.app().acquire_token_interactive(READ, timeout=20)
    assert browser.join().pages == ("account", "password", "second-factor", "form-post")
    assert desk.graph(result["access_token"], "/me").status_code == 200


def test_an_oidc_authority_and_instance_discovery_by_url(desk: SignInDesk) -> None:
    tenant = desk.tenant("well_stocked").tenant_id
    by_oidc = msal.PublicClientApplication(
        CLIENT_ID, oidc_authority=f"{desk.url}/{tenant}/v2.0", http_client=desk.http
    )
    assert by_oidc.authority.token_endpoint == f"{desk.url}/{tenant}/oauth2/v2.0/token"
    discovered = f"{desk.url}/common/discovery/instance"
    by_url = msal.PublicClientApplication(
        CLIENT_ID,
        authority=f"{desk.url}/{tenant}",
        instance_discovery=discovered,
        http_client=_OnPort(desk),
    )
    assert by_url.authority.tenant == tenant
    unknown = {"authorization_endpoint": "https://evil.example/common/oauth2/v2.0/authorize"}
    refused = desk.http.get(discovered, params=unknown)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_instance")
    with pytest.raises(ValueError, match="invalid_instance"):
        msal.PublicClientApplication(
            CLIENT_ID,
            authority="https://evil.example/common",
            instance_discovery=discovered,
            http_client=desk.http,
        )


class _OnPort:
    """MSAL forgets the port of an authority when it asks for its discovery; this puts it back."""

    def __init__(self, desk: SignInDesk) -> None:
        self._desk = desk

    def get(self, url: str, params: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        port = self._desk.url.rpartition(":")[2]
        params = {
            name: value.replace("127.0.0.1/", f"127.0.0.1:{port}/")
            for name, value in (params or {}).items()
        }
        return self._desk.http.get(url, params=params, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        return self._desk.http.post(url, **options)

    def close(self) -> None:
        """The desk closes its own."""


def test_tokens_are_signed_with_the_published_key(desk: SignInDesk) -> None:
    result = desk.sign_in(desk.app(), READ, Browser(desk.upn("admin")))
    keys = desk.http.get(f"{desk.url}/common/discovery/v2.0/keys").json()["keys"]

    def raw(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    numbers = rsa.RSAPublicNumbers(
        int.from_bytes(raw(keys[0]["e"]), "big"), int.from_bytes(raw(keys[0]["n"]), "big")
    )
    for name in ("access_token", "id_token"):
        head, body, signature = result[name].split(".")
        assert json.loads(raw(head)) == {"typ": "JWT", "alg": "RS256", "kid": keys[0]["kid"]}
        numbers.public_key().verify(
            raw(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), SHA256()
        )


def test_single_sign_on_prompts_and_sign_out(desk: SignInDesk) -> None:
    browser, app = Browser(desk.upn("admin")), desk.app()
    desk.sign_in(app, READ, browser)
    seen = []
    for options in (
        {},
        {"prompt": "none"},
        {"prompt": "select_account"},
        {"prompt": "login", "login_hint": browser.account},
        {"prompt": "consent", "login_hint": browser.account},
    ):
        assert "access_token" in desk.sign_in(app, READ, browser, **options)
        seen.append(browser.walks[-1].pages[:-1])
    assert seen == [
        (),
        (),
        ("account", "password", "second-factor"),
        ("password", "second-factor"),
        ("consent",),
    ]
    first, browser.account = browser.account, desk.upn("single_factor")
    desk.sign_in(app, READ, browser, prompt="select_account")
    # Two accounts are known by now: the hint picks one, without a hint a person does.
    again = desk.sign_in(app, READ, browser, login_hint=first)
    assert again["id_token_claims"]["preferred_username"] == first
    desk.sign_in(app, READ, browser)
    assert [walk.pages for walk in browser.walks[-2:]] == [
        ("form-post",),
        ("account", "password", "form-post"),
    ]
    assert desk.walk(f"{desk.url}/common/oauth2/v2.0/logout", browser).pages == ("done",)
    assert desk.sign_in(app, READ, browser, prompt="none")["error"] == "login_required"


def test_pages_work_by_keyboard_and_without_script(desk: SignInDesk) -> None:
    asked = {
        "client_id": CLIENT_ID,
        "redirect_uri": "http://localhost:1",
        "response_type": "code",
        "scope": "User.Read.All",
        "domain_hint": "tallpine.example",
    }
    page = desk.http.get(f"{desk.url}/tallpine.example/oauth2/v2.0/authorize", params=asked).text
    assert "autofocus" in page
    assert "<script" not in page
    # Only that domain's accounts are offered, each with what it is.
    assert "Tall Pine Furniture: Global Administrator" in page
    assert "brightwater" not in page


def test_every_graph_route_needs_a_permission() -> None:
    free = {"/$batch"}
    for routes in graph._ROUTES._by_length.values():
        for _pattern, route, methods in routes:
            for method in methods:
                asked = HttpRequest(method, f"/v1.0{route}", body=b'{"department": "x"}')
                assert (lacking(frozenset(), asked, route) is None) is (route in free), route


@pytest.mark.parametrize(
    ("redirect", "accepted"),
    [
        ("http://localhost", True),
        ("http://localhost:8400", True),
        ("http://localhost:8400/", True),
        ("http://127.0.0.1:8400", True),
        ("http://localhost:8400/elsewhere", False),
        ("https://localhost:8400", False),
        ("http://localhost@evil.example", False),
        ("http://localhost8400", False),
        ("", False),
    ],
)
def test_redirect_uris(redirect: str, accepted: bool) -> None:
    assert CLIENTS[CLIENT_ID].accepts(redirect) is accepted
