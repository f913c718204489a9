"""A real HTTP/1.1 keep-alive server for a Simulator, on loopback, with asyncio and h11."""

import asyncio
import ssl
from collections.abc import Iterator
from http import HTTPStatus

import h11

from o365desk.simulator.core import Simulator
from o365desk.simulator.messages import HttpRequest, HttpResponse, dump

_CHUNK = 256 * 1024
_BODY_LIMIT = 4 * 1024 * 1024
_IDLE_SECONDS = 120
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class _TooLarge(Exception):
    """The request body is longer than any of Microsoft's calls."""


class Server:
    """Serves one Simulator; `port` 0 picks a free one, told by `url` after `start`.

    With a TLS context it speaks https: sign-in libraries take no other authority.
    """

    def __init__(
        self,
        simulator: Simulator,
        *,
        port: int = 0,
        latency: float = 0.0,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._simulator = simulator
        self._latency = latency
        self._host = host
        self._port = port
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"{self._scheme}://{self._host}:{self._port}"

    @property
    def _scheme(self) -> str:
        return "http" if self._tls is None else "https"

    async def start(self) -> None:
        """Begins to listen."""
        self._server = await asyncio.start_server(
            self._accept, self._host, self._port, ssl=self._tls
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes the port, then the connections."""
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = h11.Connection(h11.SERVER)
        while True:
            try:
                head, body = await _read_request(line, reader, writer)
            except _TooLarge:
                await _write_bare(line, writer, 413)
                return
            except h11.RemoteProtocolError as error:
                await _write_bare(line, writer, error.error_status_hint)
                return
            if head is None:
                return
            answer = self._simulator.handle(_plain(head, body, self._host, self._scheme))
            if self._latency or answer.delay:
                await asyncio.sleep(self._latency + answer.delay)
            if answer.cut:
                writer.transport.abort()
                return
            if not await _write(line, writer, answer, head.method == b"HEAD"):
                return
            if line.our_state is not h11.DONE or line.their_state is not h11.DONE:
                return
            line.start_next_cycle()


async def _read_request(
    line: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[h11.Request | None, bytes]:
    head: h11.Request | None = None
    parts: list[bytes] = []
    size = 0
    while True:
        event = line.next_event()
        if event is h11.NEED_DATA:
            if line.they_are_waiting_for_100_continue:
                go_on = line.send(h11.InformationalResponse(status_code=100, headers=[]))
                writer.write(go_on)
            line.receive_data(await asyncio.wait_for(reader.read(65536), _IDLE_SECONDS))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            parts.append(bytes(event.data))
            size += len(event.data)
            if size > _BODY_LIMIT:
                raise _TooLarge
        elif isinstance(event, h11.EndOfMessage):
            return head, b"".join(parts)
        else:
            return None, b""


def _plain(head: h11.Request, body: bytes, host: str, scheme: str) -> HttpRequest:
    headers = {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers}
    path, _mark, query = head.target.decode("ascii").partition("?")
    return HttpRequest(
        head.method.decode("ascii"),
        path,
        query,
        headers,
        body,
        scheme,
        headers.get("host", host),
    )


def _chunks(body: bytes, end: int) -> Iterator[memoryview]:
    view = memoryview(body)
    for start in range(0, end, _CHUNK):
        yield view[start : min(start + _CHUNK, end)]


async def _write(
    line: h11.Connection, writer: asyncio.StreamWriter, answer: HttpResponse, is_head: bool
) -> bool:
    """Sends an answer; false when it was cut short on purpose."""
    headers = list(answer.headers)
    if answer.status != 204:
        headers.append(("Content-Length", "0" if is_head else str(len(answer.body))))
    reason = _PHRASES.get(answer.status, "")
    start = line.send(h11.Response(status_code=answer.status, headers=headers, reason=reason))
    end = len(answer.body) if answer.sent is None else answer.sent
    if is_head or answer.status == 204:
        end = 0
    # The body does not pass through h11 piece by piece: one page is 900 KB, and a copy less of
    # it is a third of the time. h11 still counts the bytes.
    if end and answer.sent is None:
        line.send_with_data_passthrough(h11.Data(data=answer.body))
    writer.write(start)
    for chunk in _chunks(answer.body, end):
        writer.write(chunk)
        await writer.drain()
    if answer.sent is not None:
        await writer.drain()
        return False
    line.send(h11.EndOfMessage())
    await writer.drain()
    return True


async def _write_bare(line: h11.Connection, writer: asyncio.StreamWriter, status: int) -> None:
    body = dump({"error": {"code": "BadRequest", "message": "The request cannot be read."}})
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    try:
        writer.write(line.send(h11.Response(status_code=status, headers=headers)) or b"")
    except h11.LocalProtocolError:
        return
    writer.write(body)
    await writer.drain()
