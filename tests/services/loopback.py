"""A real HTTP server on loopback that answers, breaks and dawdles as a test asks."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Self

import h11

from o365desk.domain.access import Service


class Cut(StrEnum):
    """Where the server drops the connection."""

    NOWHERE = "nowhere"
    BEFORE_ANSWER = "before the answer"
    IN_HEADERS = "in the headers"
    IN_BODY = "in the body"


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. Header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: Sequence[tuple[str, str]] = (("content-type", "application/json"),)
    cut: Cut = Cut.NOWHERE
    gate: asyncio.Event | None = None
    """Waited for before the answer."""


Script = Callable[[Seen], Answer | Awaitable[Answer]]


def answers(*script: Answer) -> Script:
    """One after the other; the last one for ever."""
    left = list(script)

    def next_answer(_seen: Seen) -> Answer:
        return left.pop(0) if len(left) > 1 else left[0]

    return next_answer


@dataclass
class Loopback:
    """`async with Loopback(script) as server:` serves until the block ends."""

    script: Script = field(default_factory=lambda: answers(Answer()))
    tls: ssl.SSLContext | None = None
    host: str = "localhost"
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    drop_first_connections: int = 0
    """So many connections are closed as soon as they are made."""
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    @property
    def hosts(self) -> dict[Service, str]:
        return {
            Service.GRAPH: f"{self.origin}/v1.0",
            Service.PARTNER_CENTER: f"{self.origin}/v1",
        }

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.tls)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def hang_up(self) -> None:
        """Drops every connection without a word; new ones are still taken."""
        for writer in self._writers:
            writer.transport.abort()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        number = self.connections
        self._writers.append(writer)
        try:
            if number > self.drop_first_connections:
                await self._talk(reader, writer, number)
        except (ConnectionError, h11.RemoteProtocolError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError, ssl.SSLError):
                await writer.wait_closed()
            self._tasks.discard(task)

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        line = h11.Connection(h11.SERVER)
        while True:
            seen = await _read(line, reader, number)
            if seen is None:
                return
            self.seen.append(seen)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                made = self.script(seen)
                answer = made if isinstance(made, Answer) else await made
                if answer.gate is not None:
                    await answer.gate.wait()
            finally:
                self.at_once -= 1
            data = b"".join(_bytes(line, answer))
            if answer.cut is Cut.BEFORE_ANSWER:
                return
            if answer.cut is Cut.IN_HEADERS:
                data = data[:20]
            elif answer.cut is Cut.IN_BODY:
                data = data[: len(data) - len(answer.body) // 2]
            writer.write(data)
            await writer.drain()
            if answer.cut is not Cut.NOWHERE:
                return
            line.start_next_cycle()


async def _read(line: h11.Connection, reader: asyncio.StreamReader, number: int) -> Seen | None:
    request: h11.Request | None = None
    body = b""
    while True:
        event = line.next_event()
        if event is h11.NEED_DATA:
            line.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            assert request is not None
            headers = {name.decode(): value.decode() for name, value in request.headers}
            return Seen(request.method.decode(), request.target.decode(), headers, body, number)
        else:
            return None


def _bytes(line: h11.Connection, answer: Answer) -> Iterator[bytes]:
    length = (("content-length", str(len(answer.body))),)
    headers = [*answer.headers, *(() if answer.status == 204 else length)]
    for event in (
        h11.Response(status_code=answer.status, headers=headers),
        h11.Data(data=answer.body),
        h11.EndOfMessage(),
    ):
        if isinstance(event, h11.Data) and not answer.body:
            continue
        yield line.send(event) or b""


class Elsewhere:
    """The same server on a loop of its own in a thread: it works while a test's loop is busy."""

    def __init__(self, script: Script) -> None:
        self.server = Loopback(script)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        async def serve() -> None:
            async with self.server:
                self._ready.set()
                await self._stop.wait()

        self._loop.run_until_complete(serve())
        self._loop.close()

    def __enter__(self) -> Loopback:
        self._thread.start()
        assert self._ready.wait(10)
        return self.server

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
