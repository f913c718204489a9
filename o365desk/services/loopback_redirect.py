"""Where the browser brings the sign-in's answer: a port of this computer, for one answer only.

RFC 8252, section 7.3: the loopback interface in both versions, a free port, closed afterwards.
"""

import asyncio
import contextlib
import hmac
import html
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from o365desk.domain.errors import Unreachable

_LARGEST = 64 * 1024
"""Bytes of a request; an authorization code has 2 KB at most."""
_PATIENCE = 10.0
"""Seconds for a browser to send its request."""
_GOODBYE = 1.0
"""Seconds for a browser to take the last page."""
_TRIES = 8
"""Ports tried until one is free in both versions of the protocol."""

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 20vh auto 0; max-width: 30em;
padding: 0 1em; color: #1b1a19; background: #fff }}
h1 {{ font-size: 1.4em; font-weight: 600 }}
@media (prefers-color-scheme: dark) {{ body {{ color: #f3f2f1; background: #1b1a19 }} }}
</style>
<h1>{title}</h1>
<p>{text}</p>
</html>
"""
GOOD = ("You are signed in", "o365desk has what it needs. You can close this page.")
BAD = ("The sign-in did not work", "Go back to o365desk: it says why, and what to do.")
_ELSEWHERE = ("Nothing to see here", "This page belongs to o365desk's sign-in.")


class RedirectAnswer:
    """What the browser brought; holds an authorization code, so it never shows itself."""

    __slots__ = ("fields",)

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)

    def __repr__(self) -> str:
        return "RedirectAnswer(…)"


class LoopbackRedirect:
    """Listens while used as `async with`. The page in the browser waits for the outcome, so that
    it claims no success that there was not."""

    def __init__(self) -> None:
        self._servers: list[asyncio.Server] = []
        self._port = 0
        self._state = ""
        loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[RedirectAnswer] = loop.create_future()
        self._outcome: asyncio.Future[bool] = loop.create_future()
        self._connections: set[asyncio.Task[None]] = set()
        self._answering: set[asyncio.Task[None]] = set()
        """Those of them that show the outcome."""

    @property
    def address(self) -> str:
        """The redirect address. Microsoft takes any port of `localhost`, not of 127.0.0.1, for an
        application registered with http://localhost."""
        return f"http://localhost:{self._port}"

    async def __aenter__(self) -> Self:
        for attempt in range(_TRIES):
            try:
                await self._listen()
            except OSError:
                await self._close_servers()
                if attempt == _TRIES - 1:
                    break
            else:
                return self
        raise Unreachable(
            "No port of this computer is free for the browser's answer.",
            next_step="Choose the sign-in with a device code in Connections.",
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Shows the page of failure when nobody has said that it went well."""
        self.finish(False)
        await self._close_servers()
        if self._answering:
            await asyncio.wait(tuple(self._answering), timeout=_GOODBYE)
        # Browsers open connections in advance, which then say nothing.
        left = tuple(self._connections)
        for one in left:
            one.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        self._answer.cancel()

    async def answer(self, state: str) -> RedirectAnswer:
        """The first answer to the sign-in that `state` belongs to; others are turned away."""
        self._state = state
        return await self._answer

    def finish(self, good: bool) -> None:
        """What the browser's page shall say."""
        if not self._outcome.done():
            self._outcome.set_result(good)

    async def _listen(self) -> None:
        """Both versions on one port: a browser may take either for `localhost`."""
        first = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LARGEST)
        self._servers.append(first)
        self._port = first.sockets[0].getsockname()[1]
        if _has_ipv6():
            self._servers.append(
                await asyncio.start_server(self._serve, "::1", self._port, limit=_LARGEST)
            )

    async def _close_servers(self) -> None:
        servers, self._servers = self._servers, []
        for server in servers:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
            task.add_done_callback(self._answering.discard)
        with contextlib.suppress(OSError):
            try:
                # Not as a mapping: a loop that is being debugged writes the results of tasks.
                brought = await asyncio.wait_for(self._read(reader), _PATIENCE)
                page = _response(404, _ELSEWHERE)
                if brought is not None and self._is_ours(brought):
                    if task is not None:
                        self._answering.add(task)
                    if not self._answer.done():
                        self._answer.set_result(brought)
                    good = await asyncio.shield(self._outcome)
                    page = _response(200, GOOD if good else BAD)
                writer.write(page)
                await writer.drain()
            except (
                TimeoutError,
                asyncio.IncompleteReadError,
                asyncio.LimitOverrunError,
                ValueError,
            ):
                pass  # not what a browser sends
            finally:
                writer.close()

    def _is_ours(self, brought: RedirectAnswer) -> bool:
        """MSAL checks the state again; here it keeps other pages from ending the waiting."""
        state = brought.fields.get("state", "")
        return bool(self._state) and hmac.compare_digest(
            state.encode("utf-8"), self._state.encode("utf-8")
        )

    async def _read(self, reader: asyncio.StreamReader) -> RedirectAnswer | None:
        """The fields of a request to the redirect address; None for any other request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, _, rest = head.partition("\r\n")
        method, _, target = line.partition(" ")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (one.partition(":") for one in rest.split("\r\n"))
        }
        parts = urlsplit(target.partition(" ")[0])
        if parts.path != "/" or headers.get("host") not in self._names():
            return None
        if method == "GET":
            return RedirectAnswer(dict(parse_qsl(parts.query)))
        length = headers.get("content-length", "")
        if method != "POST" or not length.isdecimal() or int(length) > _LARGEST:
            return None
        body = await reader.readexactly(int(length))
        return RedirectAnswer(dict(parse_qsl(body.decode("utf-8", "replace"))))

    def _names(self) -> frozenset[str]:
        """A foreign name that was made to lead here would let its page read the answer."""
        return frozenset(f"{host}:{self._port}" for host in ("localhost", "127.0.0.1", "[::1]"))


def _has_ipv6() -> bool:
    if not socket.has_ipv6:
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


def _response(status: int, words: tuple[str, str]) -> bytes:
    title, text = (html.escape(word) for word in words)
    body = _PAGE.format(title=title, text=text).encode("utf-8")
    head = (
        f"HTTP/1.1 {status} {'OK' if status == 200 else 'Not Found'}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
