"""SimulatorTransport: puts a Simulator behind httpx, in process, with a real line's failures.

`ThreadTransport` is the same for `httpx.Client`, which a sign-in library takes as its HTTP client.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx

from o365desk.simulator.core import Simulator
from o365desk.simulator.messages import HttpRequest, HttpResponse

_CHUNK = 64 * 1024


class SimulatorTransport(httpx.AsyncBaseTransport):
    """All hosts in one: /v1.0 is Graph, /v1 is Partner Center, whatever host is called.

    `latency` is the time in seconds before each answer, so that a demo feels like a line.
    """

    def __init__(self, simulator: Simulator, *, latency: float = 0.0) -> None:
        self.simulator = simulator
        self.latency = latency

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Serves one request."""
        answer = self.simulator.handle(_plain(request, await request.aread()))
        wait = self.latency + answer.delay
        await _wait(wait, request)
        if answer.cut:
            raise httpx.ReadError("The connection was closed.", request=request)
        return httpx.Response(
            answer.status,
            headers=_headers(answer, request.method),
            stream=_Body(answer, request),
            request=request,
        )


class ThreadTransport(httpx.BaseTransport):
    """The same from a thread, without waiting: httpx.Client(transport=ThreadTransport(simulator))
    has all that MSAL asks of an `http_client`."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Serves one request."""
        answer = self.simulator.handle(_plain(request, request.read()))
        if answer.cut:
            raise httpx.ReadError("The connection was closed.", request=request)
        return httpx.Response(
            answer.status,
            headers=_headers(answer, request.method),
            stream=_Body(answer, request),
            request=request,
        )


def _plain(request: httpx.Request, body: bytes) -> HttpRequest:
    path, _mark, query = request.url.raw_path.decode("ascii").partition("?")
    return HttpRequest(
        request.method,
        path,
        query,
        {name.lower(): value for name, value in request.headers.items()},
        body,
        request.url.scheme,
        request.url.netloc.decode("ascii"),
    )


async def _wait(seconds: float, request: httpx.Request) -> None:
    """Waits as a slow line would; the client's own read time-out still ends it."""
    limit = (request.extensions.get("timeout") or {}).get("read")
    if limit is not None and seconds > limit:
        await asyncio.sleep(limit)
        raise httpx.ReadTimeout("The answer did not come in time.", request=request)
    # Even a quick answer lets other tasks run, as a real line does.
    await asyncio.sleep(seconds)


def _headers(answer: HttpResponse, method: str) -> list[tuple[str, str]]:
    if answer.status == 204 or method == "HEAD":
        return [*answer.headers, ("Content-Length", "0")]
    return [*answer.headers, ("Content-Length", str(len(answer.body)))]


class _Body(httpx.AsyncByteStream, httpx.SyncByteStream):
    """The body in pieces; ends too early when the fault says so."""

    def __init__(self, answer: HttpResponse, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def __iter__(self) -> Iterator[bytes]:
        body, sent = self._answer.body, self._answer.sent
        end = len(body) if sent is None else sent
        for start in range(0, end, _CHUNK):
            yield body[start : min(start + _CHUNK, end)]
        if sent is not None:
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {end} bytes, expected {len(body)})",
                request=self._request,
            )
