"""The same sign-in against an OpenID provider that is not ours: a flow proven against our own
work alone would prove that both ends share their mistakes."""

import asyncio
import importlib.util
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import keyring
import pytest

from o365desk.domain.access import Service, SignInNeed
from o365desk.domain.connections import Connection, Mode
from o365desk.domain.errors import SignInRequired
from o365desk.domain.permissions import permissions
from o365desk.services.sign_in import MsalSignIn
from o365desk.services.token_cache import TokenFile
from o365desk.wire.clouds import CLOUDS, full_scopes
from tests.services.sign_in_world import Browser, MemoryStore, Steps, server_certificate, trusting

PROVIDER = """
import json, ssl, sys
from oidc_provider_mock import _app as foreign, app
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

# Programs without a secret (RFC 6749, section 2.1), and our scopes.
for grant in (foreign.AuthorizationCodeGrant, foreign.RefreshTokenGrant):
    grant.TOKEN_ENDPOINT_AUTH_METHODS = ["none"]
foreign.Client.SCOPES_SUPPORTED = ("openid", "profile", "offline_access", *json.loads(sys.argv[2]))

def elsewhere(_environment, start):
    start("404 Not Found", [])
    return []

tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(sys.argv[1])
server = make_server(
    "localhost",
    0,
    # MSAL wants a path in an authority.
    DispatcherMiddleware(elsewhere, {"/foreign": app()}),
    threaded=True,
    ssl_context=tls,
)
print(server.server_port, flush=True)
server.serve_forever()
"""

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("oidc_provider_mock") is None,
    reason="oidc-provider-mock is not installed",
)

NEED = SignInNeed(Service.GRAPH)
CONNECTION = Connection("foreign", "Foreign", Mode.DIRECT, "contoso.example", "any-client")
PERSON = "canary.person@contoso.example"


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[str]:
    """A provider over TLS, in a process of its own; its address."""
    certificate = tmp_path / "localhost.pem"
    server_certificate().private_key_and_cert_chain_pem.write_to_path(certificate)
    names = [permission.scope for permission in permissions(CONNECTION)]
    asked = full_scopes(CLOUDS[CONNECTION.cloud], Service.GRAPH, names)
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PROVIDER, str(certificate), json.dumps(asked)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as provider:
        assert provider.stdout is not None
        yield f"https://localhost:{int(provider.stdout.readline())}/foreign"
        provider.terminate()


@pytest.fixture(autouse=True)
def _store() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryStore())
    yield
    keyring.set_keyring(before)


@asynccontextmanager
async def desk(folder: Path, issuer: str, steps: Steps) -> AsyncIterator[MsalSignIn]:
    walks: list[asyncio.Task[None]] = []
    async with httpx.AsyncClient(verify=trusting(), trust_env=False) as client:
        browser = Browser(client)
        made = MsalSignIn(
            CONNECTION,
            TokenFile(folder, "foreign"),
            open_browser=lambda address: walks.append(
                asyncio.create_task(browser.walk(address, steps))
            ),
            open_client=lambda: httpx.Client(verify=trusting(), trust_env=False),
            oidc_authority=issuer,
        )
        yield made
        await asyncio.gather(*walks)
        await made.aclose()


def nobody(_code: object) -> None:
    raise AssertionError("no code was asked for")


async def test_a_foreign_provider_signs_in_renews_and_is_left(tmp_path: Path, issuer: str) -> None:
    async with desk(tmp_path, issuer, {"": ("sub", PERSON)}) as made:
        account = await made.sign_in(NEED, show_code=nobody)
        assert account.user_id == PERSON
        first = await made.token(Service.GRAPH, None)
        second = await made.token(Service.GRAPH, None, fresh=True)
        assert first != second
        userinfo = f"{issuer}/userinfo"
        async with httpx.AsyncClient(verify=trusting(), trust_env=False) as client:
            known = await client.get(userinfo, headers={"Authorization": f"Bearer {second}"})
        assert known.json()["sub"] == PERSON
    async with desk(tmp_path, issuer, {}) as later:
        assert await later.restore() == account
        assert await later.token(Service.GRAPH, None)
        assert len(await later.sign_out()) == 3
        with pytest.raises(SignInRequired):
            await later.token(Service.GRAPH, None)
