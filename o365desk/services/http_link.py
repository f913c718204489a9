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
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

from o365desk.wire.faults import Break
from o365desk.wire.messages import ApiResponse

if TYPE_CHECKING:
    import httpx

HttpFactory = Callable[[], "httpx.AsyncClient"]

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes, decompressed. A page of 999 users has about 1 MB."""

_TALKATIVE = ("httpx", "httpcore", "hpack", "h2", "h11")


def open_http(transport: "httpx.AsyncBaseTransport | None" = None) -> "httpx.AsyncClient":
    """The program's HTTP client: HTTP/2 where offered, certificates checked, connections kept.

    Takes 100 to 200 ms the first time (import and TLS context): call it off the event loop.
    `transport` replaces the network, for the practice directory.
    """
    import http.cookiejar

    import httpx

    hush()
    return httpx.AsyncClient(
        # A context made here, in this thread, and used for every connection.
        verify=httpx.create_ssl_context() if transport is None else False,
        http2=transport is None,
        transport=transport,
        timeout=timeouts(),
        limits=httpx.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=60),
        # The token would travel with a redirect, and cookies would tie tenants together.
        follow_redirects=False,
        cookies=http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=())),
    )


def timeouts() -> "httpx.Timeout":
    """Seconds: 10 to connect, 60 between bytes of an answer, 30 to hand over a request. Waiting
    for a free connection has no limit: the client's own bound on calls at once does that."""
    import httpx

    return httpx.Timeout(connect=10.0, read=60.0, write=30.0, pool=None)


def hush() -> None:
    """Silences the HTTP libraries' loggers: at INFO they write addresses, at DEBUG headers."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class HttpLink:
    """Sends one request over a client that is made on first use, off the event loop."""

    def __init__(self, http: "httpx.AsyncClient | HttpFactory" = open_http) -> None:
        self._made: httpx.AsyncClient | None = None
        self._make: HttpFactory | None = None
        if callable(http):
            self._make = http
        else:
            self._made = http
        self._making = asyncio.Lock()

    async def client(self) -> "httpx.AsyncClient | None":
        """The client, made now if need be; None once closed."""
        if self._made is None:
            async with self._making:
                if self._make is not None:
                    self._made = await asyncio.to_thread(self._make)
                    self._make = None
        return self._made

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
        client = await self.client()
        if client is None or client.is_closed:
            return Break.REFUSED
        import httpx

        extensions = {"trace": _tracer(on_sent)} if on_sent is not None else {}
        status = 0
        try:
            request = client.build_request(
                method, url, headers=headers, content=body, extensions=extensions
            )
            response = await client.send(request, stream=True)
            status = response.status_code
            async with contextlib.aclosing(response):
                content = await _content(response)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            if status < 400:
                return _break(error, answered=status > 0)
            # The status alone tells that the request was refused.
            content = b""
        if isinstance(content, Break):
            if status < 400:
                return content
            content = b""
        return ApiResponse(status, _lower(response.headers), content)

    async def aclose(self) -> None:
        """Closes all connections; nothing can be sent afterwards."""
        async with self._making:
            self._make = None
            made, self._made = self._made, None
        if made is not None:
            await made.aclose()


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


def _tracer(on_sent: Callable[[], None]) -> Callable[[str, dict[str, Any]], Awaitable[None]]:
    async def trace(event: str, _info: dict[str, Any]) -> None:
        if event.endswith("send_request_body.complete"):
            on_sent()

    return trace


def _break(error: Exception, *, answered: bool) -> Break:
    import httpx

    causes = tuple(_chain(error))
    if answered:
        slow = isinstance(error, httpx.TimeoutException)
        return Break.SLOW_ANSWER if slow else Break.HALF_ANSWER
    if isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout)):
        return Break.SLOW_CONNECT
    never_left = (
        httpx.ConnectError,
        httpx.ProxyError,
        httpx.UnsupportedProtocol,
        httpx.InvalidURL,
    )
    if isinstance(error, never_left):
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            return Break.UNTRUSTED
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return Break.NO_NAME
        return Break.REFUSED
    if isinstance(error, httpx.TimeoutException):
        return Break.SLOW_ANSWER
    return Break.NO_ANSWER


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
