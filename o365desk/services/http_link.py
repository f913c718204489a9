"""The one place that touches HTTP: bytes out, an answer or the way it broke back.

httpx is imported on first use only (it costs 100 ms of the program's start), and its exceptions
never leave this module: they hold the request, and with it the token.
"""

import asyncio
import contextlib
import logging
import ssl
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from o365desk.services.http_trace import Trace, break_of
from o365desk.services.network import Proxies, WakeWatch, system_proxies, tls_context
from o365desk.wire.faults import NOT_SENT, Break
from o365desk.wire.messages import ApiResponse

if TYPE_CHECKING:
    import httpx

HttpFactory = Callable[[], "httpx.AsyncClient"]

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes, decompressed. A page of 999 users has about 1 MB."""

_TALKATIVE = ("httpx", "httpcore", "hpack", "h2", "h11")


TICK = 5.0
"""Seconds between two looks at the clocks while something is read."""

_READS = frozenset({"GET", "HEAD"})
_NOT_REACHED = NOT_SENT - {Break.STALE}


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
            if isinstance(trace, Trace):
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
    of before are dead, and would only be found out by a time-out of a minute. So it does after
    the service was not reached.
    """

    def __init__(
        self,
        http: "httpx.AsyncClient | HttpFactory" = open_http,
        wake: WakeWatch | None = None,
        tick: float = TICK,
    ) -> None:
        self._make: HttpFactory | None = None
        self._line: _Line | None = None
        if callable(http):
            self._make = http
        else:
            self._line = _Line(http)
        self._making = asyncio.Lock()
        self._wake = wake or WakeWatch()
        self._anew = False
        """The next exchange starts anew: the computer has slept, or nothing was reached."""
        self._tick = tick
        self._timer: asyncio.TimerHandle | None = None
        self._reads: set[asyncio.Timeout] = set()

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
        anew, self._anew = self._wake.woke() or self._anew, False
        stale = anew or (
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
            if method not in _READS:
                answer = await _exchange(line, method, url, headers, body, on_sent)
            else:
                async with asyncio.timeout(None) as limit, self._awake(limit):
                    answer = await _exchange(line, method, url, headers, body, on_sent)
            if isinstance(answer, Break) and answer in _NOT_REACHED:
                # Perhaps the network is another one by now, or its settings have been corrected:
                # proxies and trusted certificates are read with each new client.
                self._anew = True
            return answer
        except TimeoutError:  # the computer slept meanwhile
            return Break.NO_ANSWER
        finally:
            line.busy -= 1
            await _close_if_done(line)

    @contextlib.asynccontextmanager
    async def _awake(self, limit: asyncio.Timeout) -> AsyncIterator[None]:
        """Ends a read under way when the computer wakes: its answer will hardly come any more,
        and it can be repeated. A write is left to its time-out: it may have been done."""
        self._reads.add(limit)
        self._look_later()
        try:
            yield
        finally:
            self._reads.discard(limit)
            if not self._reads and self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _look_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._tick, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._wake.woke():
            self._anew = True
            now = asyncio.get_running_loop().time()
            reads, self._reads = self._reads, set()
            for limit in reads:
                limit.reschedule(now)
        elif self._reads:
            self._look_later()

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

    trace = Trace(on_sent)
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
            return break_of(error, trace, answered=status > 0)
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
