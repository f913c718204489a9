"""The one place that touches HTTP: bytes out, an answer or the way it broke back.

httpx is imported on first use only (it costs 100 ms of the program's start), and its exceptions
never leave this module: they hold the request, and with it the token.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from o365desk.services.network import Proxies, WakeWatch, system_proxies, tls_context
from o365desk.wire.faults import Break
from o365desk.wire.messages import ApiResponse

if TYPE_CHECKING:
    import httpx

HttpFactory = Callable[[], "httpx.AsyncClient"]

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes, decompressed. A page of 999 users has about 1 MB."""

_TALKATIVE = ("httpx", "httpcore", "hpack", "h2", "h11")


_READS = frozenset({"GET", "HEAD"})
_OUT_OF_DATE = frozenset({9, 10})
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


def open_http(transport: "httpx.AsyncBaseTransport | None" = None) -> "httpx.AsyncClient":
    """The program's HTTP client: HTTP/2 where offered, certificates checked against the system's
    store, through the system's proxy, connections kept.

    Takes 100 to 200 ms the first time (import and TLS context): call it off the event loop.
    `transport` replaces the network, for the practice directory.
    """
    import http.cookiejar

    import httpx

    hush()
    return httpx.AsyncClient(
        transport=_system_routes() if transport is None else transport,
        timeout=timeouts(),
        trust_env=False,  # read by system_proxies() and tls_context()
        # The token would travel with a redirect, and cookies would tie tenants together.
        follow_redirects=False,
        cookies=http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=())),
    )


def _system_routes() -> "httpx.AsyncBaseTransport":
    """One pool of connections for each proxy, and one for direct calls; made when first used."""
    import httpx

    class Routes(httpx.AsyncBaseTransport):
        def __init__(self, context: ssl.SSLContext, proxies: Proxies) -> None:
            self._context = context
            self._proxies = proxies
            self._pools: dict[str | None, httpx.AsyncHTTPTransport] = {}

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            address = self._proxies.for_url(str(request.url))
            trace = request.extensions.get("trace")
            if isinstance(trace, _Trace):
                trace.proxied = address is not None
            if address not in self._pools:
                self._pools[address] = self._pool(address)
            return await self._pools[address].handle_async_request(request)

        def _pool(self, address: str | None) -> httpx.AsyncHTTPTransport:
            secure = address is not None and address.startswith("https:")
            proxy = address and httpx.Proxy(address, ssl_context=self._context if secure else None)
            return httpx.AsyncHTTPTransport(
                verify=self._context,
                http2=True,
                trust_env=False,
                limits=httpx.Limits(
                    max_connections=16, max_keepalive_connections=16, keepalive_expiry=60
                ),
                proxy=proxy or None,
            )

        async def aclose(self) -> None:
            for pool in self._pools.values():
                await pool.aclose()

    # A context made here, in this thread, and used for every connection.
    return Routes(tls_context(), system_proxies())


def timeouts() -> "httpx.Timeout":
    """Seconds: 10 to connect, 60 between bytes of an answer, 30 to hand over a request. Waiting
    for a free connection has no limit: the client's own bound on calls at once does that."""
    import httpx

    return httpx.Timeout(connect=10.0, read=60.0, write=30.0, pool=None)


def hush() -> None:
    """Silences the HTTP libraries' loggers: at INFO they write addresses, at DEBUG headers."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


@dataclass(slots=True, eq=False)
class _Line:
    """A client, and what is known about its connections."""

    client: "httpx.AsyncClient"
    busy: int = 0
    """Exchanges under way."""
    retired: bool = False
    """Takes no new exchange, and is closed when the last one has ended."""
    latest: Any = None
    """The connection of the latest answer."""
    streams: list[Any] = field(default_factory=list)
    """Its HTTP/2 connections, as httpx shows them (www.python-httpx.org/advanced/extensions)."""

    def keep(self, response: "httpx.Response") -> None:
        self.latest = stream = response.extensions.get("network_stream")
        if response.http_version == "HTTP/2" and stream is not None and stream not in self.streams:
            self.streams.append(stream)

    def spoken_to(self) -> bool:
        """The service said something on an idle connection: most likely that it is closing it.
        httpx notices that itself for HTTP/1.1 only."""
        if self.busy:
            return False
        self.streams = [one for one in self.streams if _open(one)]
        return any(one.get_extra_info("is_readable") for one in self.streams)


class HttpLink:
    """Sends one request over a client that is made on first use, off the event loop.

    Given a function that makes clients, it starts anew after the computer has slept: connections
    of before are dead, and would only be found out by a time-out of a minute.
    """

    def __init__(
        self,
        http: "httpx.AsyncClient | HttpFactory" = open_http,
        wake: WakeWatch | None = None,
    ) -> None:
        self._make: HttpFactory | None = None
        self._line: _Line | None = None
        if callable(http):
            self._make = http
        else:
            self._line = _Line(http)
        self._making = asyncio.Lock()
        self._wake = wake or WakeWatch()

    async def _current(self) -> _Line | None:
        """The client, made now if need be; None once closed."""
        async with self._making:
            if self._line is None and self._make is not None:
                self._line = _Line(await asyncio.to_thread(self._make))
            return self._line

    async def exchange(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        on_sent: Callable[[], None] | None = None,
    ) -> ApiResponse | Break:
        """The answer, read whole, or how the connection failed. `on_sent` is called as soon as
        the request has been handed to the network."""
        stale = self._wake.woke() or (
            # What became of a write that nobody answers is not known: none goes out on a
            # connection that may be closing. Reads are simply repeated.
            method not in _READS and self._line is not None and self._line.spoken_to()
        )
        if stale:
            await self.renew()
        line = await self._current()
        if line is None or line.client.is_closed:
            return Break.REFUSED
        line.busy += 1
        try:
            return await _exchange(line, method, url, headers, body, on_sent)
        finally:
            line.busy -= 1
            await _close_if_done(line)

    async def renew(self) -> None:
        """Sends what comes now over new connections; what is under way keeps its own. Does
        nothing for a client that was given."""
        if self._make is None or self._line is None:
            return
        line, self._line = self._line, None
        line.retired = True
        await _close_if_done(line)

    async def aclose(self) -> None:
        """Closes all connections; nothing can be sent afterwards."""
        async with self._making:
            self._make = None
            line, self._line = self._line, None
        if line is not None:
            await line.client.aclose()


async def probe(client: "httpx.AsyncClient", url: str) -> tuple[ApiResponse | Break, bytes]:
    """The answer to a GET without a token, or how the connection failed; and the certificate that
    the other side showed (DER), empty without one."""
    line = _Line(client)
    answer = await _exchange(line, "GET", url, {"Accept": "application/json"}, None, None)
    secured = line.latest.get_extra_info("ssl_object") if line.latest is not None else None
    return answer, (secured.getpeercert(True) or b"") if secured is not None else b""


async def _close_if_done(line: _Line) -> None:
    if line.retired and not line.busy:
        await line.client.aclose()


async def _exchange(
    line: _Line,
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes | None,
    on_sent: Callable[[], None] | None,
) -> ApiResponse | Break:
    import httpx

    trace = _Trace(on_sent)
    status = 0
    try:
        request = line.client.build_request(
            method, url, headers=headers, content=body, extensions={"trace": trace}
        )
        response = await line.client.send(request, stream=True)
        status = response.status_code
        line.keep(response)
        async with contextlib.aclosing(response):
            content = await _content(response)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
        if status < 400:
            return _break(error, trace, answered=status > 0)
        # The status alone tells that the request was refused.
        content = b""
    if isinstance(content, Break):
        if status < 400:
            return content
        content = b""
    return ApiResponse(status, _lower(response.headers), content)


def _open(stream: Any) -> bool:
    found = stream.get_extra_info("socket")
    return found is not None and found.fileno() >= 0


async def _content(response: "httpx.Response") -> bytes | Break:
    """The body, decompressed; the last thing done with a response.

    Decompressed here and not by httpx, because an error inside its chain of generators leaves
    them to the garbage collector, which cannot wait for the connection to close.
    """
    if response.is_stream_consumed:
        return response.content  # made by a transport that keeps no stream
    unpack = _Unpacker(response.headers.get("content-encoding", ""))
    chunks: list[bytes] = []
    size = 0
    stream = response.aiter_raw()
    async for packed in stream:
        chunk = unpack(packed, LARGEST_ANSWER - size)
        if isinstance(chunk, Break):
            # In this order, for the same reason.
            await response.aclose()
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()
            return chunk
        size += len(chunk)
        chunks.append(chunk)
    return b"".join(chunks) if unpack.complete else Break.HALF_ANSWER


class _Unpacker:
    """Decompresses piece by piece, up to a bound."""

    def __init__(self, encoding: str) -> None:
        packed = encoding.strip().lower() in {"gzip", "x-gzip", "deflate"}
        # 32: finds out by itself whether it is gzip or zlib.
        self._zlib = zlib.decompressobj(32 + zlib.MAX_WBITS) if packed else None
        self._begun = False

    def __call__(self, data: bytes, room: int) -> bytes | Break:
        if self._zlib is not None:
            self._begun = True
            try:
                # One byte more than there is room for tells that there is not room enough.
                data = self._zlib.decompress(data, room + 1)
            except zlib.error:
                return Break.HALF_ANSWER
        return data if len(data) <= room else Break.TOO_LARGE

    @property
    def complete(self) -> bool:
        return self._zlib is None or self._zlib.eof or not self._begun


def _lower(headers: "httpx.Headers") -> dict[str, str]:
    """Header names in lower case; repeated ones are joined by commas, as RFC 9110 has it."""
    return dict(headers.items())


class _Trace:
    """How far a request came, as httpcore tells (www.encode.io/httpcore/extensions)."""

    def __init__(self, on_sent: Callable[[], None] | None) -> None:
        self._on_sent = on_sent
        self.tunnel = False
        """What is sent at the moment is a request to the proxy, not to the service."""
        self.seen = False
        """False with a transport that tells nothing."""
        self.left = False
        """Some of the request itself may have left this computer."""
        self.stale = False
        """The connection was gone before anything of the request was taken."""
        self.proxied = False
        self.connected = False
        """There is a connection, to the service or to its proxy."""

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        self.seen = True
        _, _, step = event.partition(".")
        if step == "connect_tcp.complete":
            self.connected = True
        elif step == "send_request_headers.started":
            self.tunnel = info["request"].method == b"CONNECT"
            self.left = not self.tunnel
            self.stale = False
        elif step == "send_request_headers.failed":
            # The first write to a connection that is gone: nothing of it was taken. A write that
            # takes too long (WriteTimeout) may still leave.
            if type(info["exception"]).__name__ == "WriteError":
                self.left, self.stale = False, True
        elif step == "send_request_body.complete" and self._on_sent and not self.tunnel:
            self._on_sent()


def _break(error: Exception, trace: _Trace, *, answered: bool) -> Break:
    import httpx

    if answered:
        slow = isinstance(error, httpx.TimeoutException)
        return Break.SLOW_ANSWER if slow else Break.HALF_ANSWER
    never_left = (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ProxyError,
        httpx.UnsupportedProtocol,
        httpx.InvalidURL,
    )
    if isinstance(error, never_left) or (trace.seen and not trace.left):
        return _not_sent(error, trace)
    if isinstance(error, httpx.TimeoutException):
        return Break.SLOW_ANSWER
    return Break.NO_ANSWER


def _not_sent(error: Exception, trace: _Trace) -> Break:
    import httpx

    causes = tuple(_chain(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            dated = getattr(cause, "verify_code", 0) in _OUT_OF_DATE
            return Break.CERTIFICATE_DATE if dated else Break.UNTRUSTED
    if isinstance(error, httpx.ProxyError):  # "403 Forbidden"
        said = str(error)
        if said.startswith("407"):
            return Break.PROXY_SIGN_IN
        return Break.PROXY_REFUSED if said.startswith("4") else Break.PROXY_FAILED
    if trace.proxied and not trace.connected:
        return Break.PROXY_GONE
    if isinstance(error, httpx.TimeoutException):
        return Break.SLOW_CONNECT
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Break.NO_NAME
    return Break.STALE if trace.stale else Break.REFUSED


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
