"""MSAL's HTTP: how a connection breaks, what it is told, and that nothing hangs on the error."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import trustme

from o365desk.services import msal_http
from o365desk.services.msal_http import LineBroken, MsalHttp, open_msal_http, through_loop
from o365desk.wire.faults import Break
from tests.services.connect_proxy import ConnectProxy
from tests.services.loopback import Answer, Cut, Loopback, answers
from tests.services.sign_in_world import server_context, trusting

TOKEN = "canary-refresh-token"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def client(**more: object) -> httpx.Client:
    return httpx.Client(verify=trusting(), trust_env=False, **more)  # type: ignore[arg-type]


async def post(http: MsalHttp, url: str) -> object:
    """As MSAL does, in a thread."""
    return await asyncio.to_thread(
        http.post, url, data={"refresh_token": TOKEN}, headers={"client-request-id": "x"}
    )


async def broken(made: Callable[[], AbstractContextManager[httpx.Client]], url: str) -> Break:
    with made() as one, pytest.raises(LineBroken) as raised:
        await post(MsalHttp(one), url)
    error: BaseException | None = raised.value
    assert isinstance(error, LineBroken)
    fault = error.fault
    while error is not None:
        assert TOKEN not in repr(vars(error))
        assert not isinstance(error, httpx.HTTPError)
        error = error.__cause__ or error.__context__
    return fault


async def test_a_form_goes_out_and_an_answer_comes_back() -> None:
    reply = Answer(200, b'{"a": "\xc3\xa4"}', (("Content-Type", "application/json"), ("X-A", "b")))
    async with Loopback(answers(reply), tls=server_context()) as server:
        with client() as one:
            http = MsalHttp(one)
            await asyncio.to_thread(http.get, f"{server.origin}/a", params={"q": "1 2"})
            answer = await post(http, f"{server.origin}/token")
            await asyncio.to_thread(http.post, f"{server.origin}/b", data="a=b&c=d")
    assert answer == http.last or http.last is not None
    got, form, plain = server.seen
    assert (got.method, got.target) == ("GET", "/a?q=1+2")
    assert form.body == f"refresh_token={TOKEN}".encode()
    assert form.headers["client-request-id"] == "x"
    assert plain.body == b"a=b&c=d"
    assert plain.headers["content-type"] == "application/x-www-form-urlencoded"
    assert http.last is not None
    assert http.last.headers["x-a"] == "b"
    assert http.refusal() == {"a": "ä"}
    assert "ä" not in repr(http.last)


async def test_a_refusal_is_told_not_to_be_remembered() -> None:
    script = answers(
        Answer(400, b"{}"),
        Answer(400, b"{}", (("Retry-After", "7"),)),
        Answer(429, b"[]", (("Retry-After", "2.5"),)),
        Answer(503, b"<html>"),
    )
    async with Loopback(script, tls=server_context()) as server:
        with client() as one:
            http = MsalHttp(one)
            told = []
            for _ in range(4):
                await post(http, f"{server.origin}/token")
                assert http.last is not None
                told.append((http.last.headers.get("retry-after"), http.retry_after(NOW)))
                assert http.refusal() == {}
    assert told == [("0", 0.0), ("7", 7.0), ("2.5", 2.5), (None, None)]


async def test_an_answer_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network's own page, or a line that plays a trick."""
    monkeypatch.setattr(msal_http, "_LARGEST", 10_000)
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        while len(read) < 1000:
            read.append(1)
            yield b"x" * 1000

    line = httpx.MockTransport(lambda _request: httpx.Response(200, content=endless()))
    with httpx.Client(transport=line) as one:
        http = MsalHttp(one)
        assert await post(http, "https://localhost/token") == http.last
        assert http.refusal() == {}
    assert len(read) == 11


async def test_no_refresh_token_follows_a_redirect() -> None:
    asked: list[str] = []

    def astray(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://elsewhere.example/"})

    with open_msal_http(httpx.MockTransport(astray)) as one:
        await post(MsalHttp(one), "https://login.example/token")
    assert asked == ["login.example"]


async def test_each_way_in_which_a_connection_breaks() -> None:
    authority = trustme.CA()
    expired = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", not_after=NOW - timedelta(days=3650)).configure_cert(expired)
    knowing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(knowing)
    cut = answers(Answer(cut=Cut.BEFORE_ANSWER))
    async with Loopback(cut, tls=server_context()) as server:
        assert await broken(client, f"{server.origin}/token") is Break.NO_ANSWER
        gone = f"{server.origin}/token"
        stranger = lambda: httpx.Client(verify=knowing, trust_env=False)  # noqa: E731
        assert await broken(stranger, gone) is Break.UNTRUSTED
    assert await broken(client, gone) is Break.REFUSED
    async with Loopback(cut, tls=expired) as server:
        assert await broken(stranger, f"{server.origin}/token") is Break.CERTIFICATE_DATE
    assert await broken(client, "https://nobody.invalid/token") is Break.NO_NAME
    gate = asyncio.Event()
    slow = answers(Answer(gate=gate))
    async with Loopback(slow, tls=server_context()) as server:
        hasty = lambda: client(timeout=0.2)  # noqa: E731
        assert await broken(hasty, f"{server.origin}/token") is Break.SLOW_ANSWER
        gate.set()


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        pytest.param({}, None, id="through"),
        pytest.param({"credentials": "ann:secret"}, Break.PROXY_SIGN_IN, id="407"),
        pytest.param({"refusal": "403 Forbidden"}, Break.PROXY_REFUSED, id="403"),
        pytest.param({"refusal": "502 Bad Gateway"}, Break.PROXY_FAILED, id="502"),
    ],
)
async def test_the_systems_proxy_and_the_systems_trust(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], fault: Break | None
) -> None:
    for name in ("https_proxy", "all_proxy", "no_proxy", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    company = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    company.issue_cert("login.example").configure_cert(tls)
    with company.cert_pem.tempfile() as path:
        monkeypatch.setenv("SSL_CERT_FILE", path)
        async with (
            Loopback(tls=tls) as server,
            ConnectProxy(server.port, **settings) as proxy,  # type: ignore[arg-type]
        ):
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            if fault is None:
                with open_msal_http() as one:
                    await post(MsalHttp(one), "https://login.example/token")
                assert server.seen[0].body == f"refresh_token={TOKEN}".encode()
            else:
                assert await broken(open_msal_http, "https://login.example/token") is fault
            assert proxy.asked == ["login.example:443"]
        assert await broken(open_msal_http, "https://login.example/token") is Break.PROXY_GONE


async def test_a_proxy_that_is_set_up_later_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with open_msal_http() as one:
        same = lambda: contextlib.nullcontext(one)  # noqa: E731
        assert await broken(same, "https://nobody.invalid/token") is Break.NO_NAME
        async with ConnectProxy(1, refusal="403 Forbidden") as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            assert await broken(same, "https://nobody.invalid/token") is Break.PROXY_REFUSED
        monkeypatch.delenv("HTTPS_PROXY")
        assert await broken(same, "https://nobody.invalid/token") is Break.NO_NAME


async def test_a_transport_on_the_loop_serves_threads() -> None:
    async def app(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=request.read()[::-1])

    through = through_loop(httpx.MockTransport(app), asyncio.get_running_loop())
    with open_msal_http(through) as one:
        http = MsalHttp(one)
        await post(http, "https://login.microsoftonline.com/token")
    assert http.last is not None
    assert http.last.text == f"refresh_token={TOKEN}"[::-1]
