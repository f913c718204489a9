"""Proxies, certificates, both kinds of addresses and sleep, over real sockets."""

import asyncio
import contextlib
import hashlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import httpx
import pytest
import trustme
from cryptography import x509
from cryptography.x509.oid import NameOID

from o365desk.domain.access import Service
from o365desk.domain.errors import DeskError, OutcomeUnknown, Unreachable
from o365desk.services.http_link import HttpLink, open_http
from o365desk.services.network import (
    Proxies,
    WakeWatch,
    exceptions,
    proxy_name,
    system_proxies,
    tls_context,
)
from o365desk.wire.faults import Break
from o365desk.wire.messages import ApiResponse
from tests.services.clients import client, get, post, until
from tests.services.connect_proxy import ConnectProxy
from tests.services.loopback import Answer, Loopback, Seen

NAME = "graph.example"
PASSWORD = "Pr0xy p@ss"

_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """A server's context whose authority only the system's store knows."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(NAME, "localhost", "127.0.0.1").configure_cert(context)
    with ca.cert_pem.tempfile() as path:
        monkeypatch.setenv("SSL_CERT_FILE", path)
        yield context


def unused_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def call(name: str = NAME, port: int = 443, *, write: bool = False) -> int | DeskError:
    """One call through a client as the program makes it: the status, or how it ended."""
    hosts = dict.fromkeys(Service, f"https://{name}:{port}/v1.0")
    desk = client(hosts, http=open_http)
    try:
        return (await desk.send(post() if write else get())).status
    except DeskError as error:
        return error
    finally:
        await desk.aclose()


# Proxies


async def test_through_the_systems_proxy(
    monkeypatch: pytest.MonkeyPatch, company: ssl.SSLContext
) -> None:
    async with Loopback(tls=company) as server, ConnectProxy(server.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert await call() == 200
    assert proxy.asked == [f"{NAME}:443"]
    assert "proxy-authorization" not in server.seen[0].headers


async def test_a_proxy_gets_its_name_and_password_and_the_service_does_not(
    monkeypatch: pytest.MonkeyPatch, company: ssl.SSLContext
) -> None:
    async with (
        Loopback(tls=company) as server,
        ConnectProxy(server.port, credentials=f"ann:{PASSWORD}") as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://ann:Pr0xy%20p%40ss@127.0.0.1:{proxy.port}")
        assert await call() == 200
    assert "Pr0xy" not in repr(server.seen)


async def test_a_proxy_over_tls_is_trusted_as_the_system_does(
    monkeypatch: pytest.MonkeyPatch, company: ssl.SSLContext
) -> None:
    async with Loopback(tls=company) as server, ConnectProxy(server.port, tls=company) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{proxy.port}")
        assert await call() == 200
    assert proxy.asked == [f"{NAME}:443"]


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"credentials": f"ann:{PASSWORD}"}, "wants a name and a password"),
        ({"refusal": "403 Forbidden"}, "does not let this program through"),
    ],
    ids=["407", "403"],
)
async def test_a_proxy_that_refuses(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], sentence: str, write: bool
) -> None:
    async with ConnectProxy(1, **settings) as proxy:  # type: ignore[arg-type]
        monkeypatch.setenv("HTTPS_PROXY", f"http://ann:wrong-CANARY@127.0.0.1:{proxy.port}")
        error = await call(write=write)
    assert type(error) is Unreachable  # a write too: nothing of it left
    assert sentence in error.sentence
    assert "CANARY" not in f"{error.sentence} {error.next_step} {error!r}"
    assert len(proxy.asked) == 1  # it would say the same again


async def test_a_proxy_that_finds_no_way_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with ConnectProxy(1, refusal="502 Bad Gateway") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        error = await call()
        assert isinstance(error, Unreachable)
        assert "proxy could not connect" in error.sentence
        assert len(proxy.asked) == 4


async def test_what_is_set_up_after_a_failure_is_heeded(
    monkeypatch: pytest.MonkeyPatch, company: ssl.SSLContext
) -> None:
    """Each failure says what to correct; the program need not be started anew for that."""
    desk = client(dict.fromkeys(Service, f"https://{NAME}/v1.0"), http=open_http)
    with pytest.raises(Unreachable, match="address was not found"):
        await desk.send(post())
    async with Loopback(tls=company) as server, ConnectProxy(server.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert (await desk.send(post())).status == 200
    await desk.aclose()


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
async def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch, write: bool) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_port()}")
    error = await call(write=write)
    assert type(error) is Unreachable
    assert "proxy could not be reached" in error.sentence


async def test_no_proxy_is_heeded(monkeypatch: pytest.MonkeyPatch, company: ssl.SSLContext) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_port()}")
    monkeypatch.setenv("NO_PROXY", "example,127.0.0.2")
    error = await call("nobody.example")
    assert isinstance(error, Unreachable)
    assert "proxy" not in error.sentence
    async with Loopback(tls=company) as server:  # this computer itself is never behind a proxy
        assert await call("localhost", server.port) == 200


@pytest.mark.parametrize(
    ("settings", "url", "proxy"),
    [
        ({}, "https://a.example/", None),
        ({"https": "http://p:1"}, "https://a.example/", "http://p:1"),
        ({"https": "http://p:1"}, "http://a.example/", None),
        ({"all": "http://p:1"}, "http://a.example/", "http://p:1"),
        ({"https": "socks5://p:1", "all": "http://q:1"}, "https://a.example/", "http://q:1"),
        ({"all": "socks://p:1"}, "https://a.example/", None),
        ({"https": "http://p:1", "no": "example"}, "https://a.example/", None),
        ({"https": "http://p:1", "no": "*"}, "https://a.example/", None),
        ({"https": "http://p:1"}, "https://[::1]:8443/", None),
    ],
)
def test_which_proxy(settings: dict[str, str], url: str, proxy: str | None) -> None:
    excepted = settings.pop("no", "")
    proxies = Proxies(settings, excepted)
    assert proxies.for_url(url) == proxy
    assert proxies.unusable is (settings == {"all": "socks://p:1"})


@pytest.mark.parametrize(
    ("override", "excepted"),
    [("", ""), ("*.contoso.com;10.*; .a.example ;<local>", "contoso.com,a.example")],
)
def test_what_windows_excepts_from_its_proxy(override: str, excepted: str) -> None:
    assert exceptions(override) == excepted
    proxies = Proxies({"https": "http://p:1"}, exceptions(override))
    assert proxies.for_url("https://graph.microsoft.com/") == "http://p:1"
    assert (proxies.for_url("https://in.contoso.com/") is None) is bool(override)


def test_the_settings_are_read_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ann:CANARY@proxy.example:3128")
    address = system_proxies().for_url("https://graph.microsoft.com/")
    assert address == "http://ann:CANARY@proxy.example:3128"
    assert "CANARY" not in repr(system_proxies())
    assert proxy_name(address) == "proxy.example:3128"
    assert proxy_name("https://proxy.example") == "proxy.example:443"


# Certificates


def subject_hash(certificate: x509.Certificate) -> str:
    """The name under which OpenSSL looks an authority up in a folder (X509_NAME_hash): the start
    of a digest over the parts of the name, in lower case."""
    oids = {
        NameOID.ORGANIZATION_NAME: b"\x55\x04\x0a",
        NameOID.ORGANIZATIONAL_UNIT_NAME: b"U\x04\x0b",
    }
    parts = b""
    for attribute in certificate.subject:
        text = str(attribute.value).lower().encode()
        pair = tlv(0x06, oids[attribute.oid]) + tlv(0x0C, text)
        parts += tlv(0x31, tlv(0x30, pair))
    digest = hashlib.sha1(parts, usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}.0"


def tlv(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content


async def test_a_folder_of_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    pem = ca.cert_pem.bytes()
    (tmp_path / subject_hash(x509.load_pem_x509_certificate(pem))).write_bytes(pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    async with Loopback(tls=context) as server:
        assert await call("localhost", server.port) == 200


async def test_a_certificate_of_another_time_names_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    ca.issue_cert("localhost", not_after=past).configure_cert(context)
    with ca.cert_pem.tempfile() as path:
        monkeypatch.setenv("SSL_CERT_FILE", path)
        async with Loopback(tls=context) as server:
            error = await call("localhost", server.port)
    assert type(error) is Unreachable
    assert "this computer's clock" in error.sentence
    assert server.seen == []


def test_the_systems_own_check_is_used_on_windows_and_macos() -> None:
    import truststore

    for system in ("win32", "darwin"):
        context = tls_context(system)
        assert type(context) is truststore.SSLContext
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname


# Addresses of both kinds


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """The system's resolver answers NAME with these addresses."""
    system = socket.getaddrinfo

    def answer(host: object, *rest: object, **more: object) -> object:
        if host not in (NAME, NAME.encode()):
            return system(host, *rest, **more)  # type: ignore[arg-type]
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                socket.IPPROTO_TCP,
                "",
                (address, port, 0, 0) if ":" in address else (address, port),
            )
            for address, port in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def ipv6_works() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as one:
        one.bind(("::1", 0))
        return True
    return False


needs_ipv6 = pytest.mark.skipif(not ipv6_works(), reason="this computer has no IPv6 address ::1")


@contextlib.contextmanager
def silent_listener(address: str, port: int) -> Iterator[None]:
    """Takes no connection and refuses none, as a route that leads nowhere."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket(family))
        server.bind((address, port))
        server.listen(0)
        for _ in range(4):  # fills the queue of connections nobody accepts
            one = stack.enter_context(socket.socket(family))
            one.setblocking(False)
            one.connect_ex((address, port))
        yield


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
async def test_a_name_that_nobody_knows(write: bool) -> None:
    error = await call("graph.invalid", write=write)
    assert type(error) is Unreachable
    assert "address was not found" in error.sentence
    assert error.next_step == "Check the network, then try again."


@needs_ipv6
async def test_a_service_that_is_reached_by_ipv6_only(
    monkeypatch: pytest.MonkeyPatch, company: ssl.SSLContext
) -> None:
    async with Loopback(tls=company, host="::1") as server:
        resolve(monkeypatch, ("127.0.0.1", unused_port()), ("::1", server.port))
        assert await call(port=server.port) == 200


@needs_ipv6
@pytest.mark.parametrize("dead", ["::1", "127.0.0.1"])
async def test_a_route_that_leads_nowhere_does_not_hold_a_call_up(
    monkeypatch: pytest.MonkeyPatch, company: ssl.SSLContext, dead: str
) -> None:
    alive = "127.0.0.1" if dead == "::1" else "::1"
    async with Loopback(tls=company, host=alive) as server:
        with silent_listener(dead, server.port):
            resolve(monkeypatch, (dead, server.port), (alive, server.port))
            # Both are tried, a quarter of a second apart; one after the other would end in the
            # time-out for connecting.
            assert await call(port=server.port) == 200
    assert server.connections == 1


# Sleep


class Clocks:
    """The wall's and the steady one, moved by hand."""

    def __init__(self) -> None:
        self.wall = 1_000_000.0
        self.steady = 500.0

    def watch(self) -> WakeWatch:
        return WakeWatch(lambda: self.wall, lambda: self.steady)

    def work(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def sleep(self, seconds: float) -> None:
        self.wall += seconds


def test_sleep_is_noticed_once() -> None:
    clocks = Clocks()
    watch = clocks.watch()
    clocks.work(90_000)
    assert not watch.woke()
    clocks.sleep(2)  # the time service corrects by so much
    assert not watch.woke()
    clocks.sleep(8 * 3600)
    assert watch.woke()
    clocks.work(5)
    assert not watch.woke()
    clocks.sleep(-3600)  # somebody set the clock: looks the same, and does no harm
    assert watch.woke()


async def test_after_sleep_the_connections_of_before_are_not_used(company: ssl.SSLContext) -> None:
    clocks = Clocks()
    async with Loopback(tls=company) as server:
        link = HttpLink(open_http, clocks.watch())
        for _ in range(2):
            await link.exchange("GET", f"{server.origin}/a", {}, None)
        assert server.connections == 1
        clocks.sleep(3 * 3600)
        for _ in range(2):
            answer = await link.exchange("POST", f"{server.origin}/b", {}, b"{}")
            assert isinstance(answer, ApiResponse)
        await link.aclose()
    assert server.connections == 2
    assert [seen.connection for seen in server.seen] == [1, 1, 2, 2]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_read_under_way_ends_with_sleep_and_a_write_is_waited_for(
    company: ssl.SSLContext, method: str
) -> None:
    clocks, gate = Clocks(), asyncio.Event()
    first = Answer(gate=gate)

    def script(seen: Seen) -> Answer:
        return first if seen.target == "/slow" else Answer()

    async with Loopback(script, tls=company) as server:
        link = HttpLink(open_http, clocks.watch(), tick=0.005)
        slow = asyncio.ensure_future(link.exchange(method, f"{server.origin}/slow", {}, None))
        other = asyncio.ensure_future(link.exchange("GET", f"{server.origin}/slow", {}, None))
        await until(lambda: len(server.seen) == 2)
        clocks.sleep(3600)
        assert await other is Break.NO_ANSWER
        again = await link.exchange("GET", f"{server.origin}/new", {}, None)
        assert isinstance(again, ApiResponse)
        if method == "GET":
            assert await slow is Break.NO_ANSWER
        else:
            assert not slow.done()
            gate.set()
            assert isinstance(await slow, ApiResponse)
        await link.aclose()
    assert [seen.connection for seen in server.seen] == [1, 2, 3]


async def test_a_read_that_is_cancelled_leaves_no_timer(company: ssl.SSLContext) -> None:
    async with Loopback(lambda seen: Answer(gate=asyncio.Event()), tls=company) as server:
        link = HttpLink(open_http, tick=0.005)
        slow = asyncio.ensure_future(link.exchange("GET", f"{server.origin}/slow", {}, None))
        await until(lambda: bool(server.seen))
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert link._timer is None
        await link.aclose()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_connection_the_service_closed_meanwhile_is_not_used(
    company: ssl.SSLContext, method: str
) -> None:
    async with Loopback(tls=company) as server:
        link = HttpLink(open_http)
        await link.exchange("GET", f"{server.origin}/a", {}, None)
        await server.hang_up()
        answer = await link.exchange(method, f"{server.origin}/b", {}, None)
        await link.aclose()
    assert isinstance(answer, ApiResponse)
    assert len(server.seen) == 2


async def test_a_kept_connection_that_takes_nothing_any_more_is_replaced() -> None:
    """As httpcore tells it when the first write fails; a socket does so only by chance."""
    asked = 0

    async def gone(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        trace = request.extensions["trace"]
        await trace("http2.send_request_headers.started", {"request": request})
        if asked == 1:
            failure = httpx.WriteError("gone")
            await trace("http2.send_request_headers.failed", {"exception": failure})
            raise failure
        return httpx.Response(200, json={})

    desk = client(
        dict.fromkeys(Service, "https://x"), http=lambda: open_http(httpx.MockTransport(gone))
    )
    assert (await desk.send(post())).status == 200
    await desk.aclose()
    assert asked == 2


# HTTP/2: the service takes its leave (RFC 9113 section 6.8)


@dataclass
class Http2Server:
    """Answers 200, and from its second request on says goodbye on the first connection as told."""

    tls: ssl.SSLContext
    leave: str
    """"idle": after the first answer. "unseen": at the second request, which it does not look at.
    "late": at the second request, which it then answers."""
    done: list[str] = field(default_factory=list)
    """Paths of the requests that took effect."""
    connections: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        self.tls.set_alpn_protocols(["h2"])
        server = await asyncio.start_server(self._serve, "localhost", 0, ssl=self.tls)
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        first = self.connections == 1
        line = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        line.initiate_connection()
        paths: dict[int, str] = {}
        with contextlib.suppress(ConnectionError, h2.exceptions.ProtocolError):
            while data := await reader.read(65536):
                for event in line.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        paths[event.stream_id] = dict(event.headers)[b":path"].decode()
                    elif isinstance(event, h2.events.StreamEnded):
                        number = event.stream_id
                        if first and number > 1 and self.leave == "unseen":
                            line.close_connection(last_stream_id=1)
                            continue
                        self.done.append(paths[number])
                        if first and number > 1 and self.leave == "late":
                            writer.write(line.data_to_send() + goodbye(2**31 - 1))
                            await writer.drain()
                        line.send_headers(number, [(":status", "200")])
                        line.send_data(number, b"{}", end_stream=True)
                        if first and number == 1 and self.leave == "idle":
                            line.close_connection(last_stream_id=1)
                writer.write(line.data_to_send())
                await writer.drain()
                if line.state_machine.state is h2.connection.ConnectionState.CLOSED:
                    break
        writer.close()
        self.left.set()


def goodbye(last: int) -> bytes:
    """A GOAWAY frame without an error."""
    return b"\0\0\x08\x07\0\0\0\0\0" + last.to_bytes(4) + bytes(4)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("leave", ["idle", "unseen"])
async def test_a_service_that_takes_its_leave_is_asked_over_a_new_connection(
    company: ssl.SSLContext, leave: str, method: str
) -> None:
    server = Http2Server(company, leave)
    async with server.running() as origin:
        desk = client(dict.fromkeys(Service, origin), http=open_http)
        await desk.send(get("/first"))
        if leave == "idle":
            await server.left.wait()
        request = get("/second") if method == "GET" else post()
        assert (await desk.send(request)).status == 200
        await desk.aclose()
    assert server.done == ["/first", request.path]
    assert server.connections == 2


async def test_a_write_the_service_leaves_over_is_told_honestly(company: ssl.SSLContext) -> None:
    server = Http2Server(company, "late")
    async with server.running() as origin:
        desk = client(dict.fromkeys(Service, origin), http=open_http)
        await desk.send(get("/first"))
        with pytest.raises(OutcomeUnknown, match="before Microsoft confirmed"):
            await desk.send(post())
        await desk.aclose()
    assert server.done == ["/first", "/users/1/x"]  # done, and not done twice
