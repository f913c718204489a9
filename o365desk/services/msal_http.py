"""MSAL's requests over the program's own HTTP: its proxy, its trust, and nothing in the logs.

Used in threads only: MSAL blocks.
"""

import asyncio
import json
import logging
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from o365desk.services.http_link import hush
from o365desk.services.http_trace import certificate_break, chain, proxy_break
from o365desk.services.network import system_proxies, tls_context
from o365desk.wire.answer_headers import retry_after
from o365desk.wire.faults import Break

if TYPE_CHECKING:
    from datetime import datetime

    import httpx

OpenClient = Callable[[], "httpx.Client"]

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 30.0
_LARGEST = 1024 * 1024
"""Bytes of an answer, decompressed; what is larger is not Microsoft's, and is not read."""


class LineBroken(Exception):
    """The sign-in service was not reached. Holds no request, and so no token."""

    def __init__(self, fault: Break) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Answer:
    """As MSAL wants an answer (msal.oauth2cli.http.Response)."""

    status_code: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    def raise_for_status(self) -> None:
        """MSAL calls it for 5xx, which its own exception then stands for."""
        if self.status_code >= 400:
            raise ValueError(f"HTTP {self.status_code}")


class MsalHttp:
    """MSAL's http_client. `last` is what the latest answer was, for errors of which MSAL's own
    exceptions tell only in words."""

    def __init__(self, client: "httpx.Client") -> None:
        self._client = client
        self.last: Answer | None = None

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_ignored: Any,
    ) -> Answer:
        return self._send("GET", url, params, None, headers)

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_ignored: Any,
    ) -> Answer:
        return self._send("POST", url, params, data, headers)

    def close(self) -> None:
        """The client belongs to whoever made it."""

    def refusal(self) -> dict[str, Any]:
        """The latest answer's JSON object; empty when it has none."""
        try:
            body = json.loads(self.last.text) if self.last is not None else {}
        except ValueError:
            body = {}
        return body if isinstance(body, dict) else {}

    def retry_after(self, now: "datetime") -> float | None:
        return retry_after(self.last.headers.get("retry-after"), now) if self.last else None

    def _send(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        data: Mapping[str, str] | str | None,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        import httpx

        self.last = None
        sent = dict(headers or {})
        form: dict[str, Any] = {}
        if isinstance(data, str):
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
            form["content"] = data
        elif data is not None:
            form["data"] = dict(data)
        try:
            with self._client.stream(
                method, url, params=dict(params) if params else None, headers=sent, **form
            ) as answer:
                text = _text(answer)
            found = Answer(answer.status_code, text, _headers(answer))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            fault = _fault(error)
        else:
            self.last = found
            return found
        # Raised here: in the handler it would carry httpx's error, with the request, as context.
        raise LineBroken(fault)


def open_msal_http(transport: "httpx.BaseTransport | None" = None) -> "httpx.Client":
    """The HTTP client of the sign-in: certificates checked against the system's store, through
    the system's proxy. Takes 100 to 200 ms the first time. `transport` replaces the network, for
    the practice directory."""
    import http.cookiejar

    import httpx

    silence()
    return httpx.Client(
        transport=_system_routes() if transport is None else transport,
        timeout=httpx.Timeout(
            connect=_CONNECT_SECONDS, read=_ANSWER_SECONDS, write=_ANSWER_SECONDS, pool=None
        ),
        trust_env=False,  # read by system_proxies() and tls_context()
        follow_redirects=False,
        cookies=http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=())),
    )


def through_loop(
    transport: "httpx.AsyncBaseTransport", loop: asyncio.AbstractEventLoop
) -> "httpx.BaseTransport":
    """A transport for threads over one that lives on the event loop (the practice directory)."""
    import httpx

    class Through(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return asyncio.run_coroutine_threadsafe(_whole(request), loop).result()

    async def _whole(request: httpx.Request) -> httpx.Response:
        answer = await transport.handle_async_request(request)
        content = await answer.aread()
        await answer.aclose()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    return Through()


def silence() -> None:
    """Silences MSAL and what it sends with. At DEBUG MSAL writes names, claims and whole answers
    that are no JSON; its loggers pass everything to this one, which passes nothing on."""
    hush()
    logger = logging.getLogger("msal")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _system_routes() -> "httpx.BaseTransport":
    """One pool of connections for each proxy, and one for direct calls; made when first used.
    Which one it is, is looked up for each call: a laptop is carried from network to network."""
    import httpx

    context = tls_context()

    class Routes(httpx.BaseTransport):
        def __init__(self) -> None:
            self._pools: dict[str | None, httpx.HTTPTransport] = {}

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            address = system_proxies().for_url(str(request.url))
            request.extensions["proxied"] = address is not None
            if address not in self._pools:
                secure = address is not None and address.startswith("https:")
                proxy = address and httpx.Proxy(address, ssl_context=context if secure else None)
                self._pools[address] = httpx.HTTPTransport(
                    verify=context, trust_env=False, proxy=proxy or None
                )
            return self._pools[address].handle_request(request)

        def close(self) -> None:
            for pool in self._pools.values():
                pool.close()

    return Routes()


def _headers(answer: "httpx.Response") -> dict[str, str]:
    """MSAL repeats a refusal from its memory for a minute, so that a consent granted meanwhile
    would not be seen; told when to come again, it asks again."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if answer.status_code == 400:
        headers.setdefault("retry-after", "0")
    return headers


def _text(answer: "httpx.Response") -> str:
    """The body; empty when it is larger than any that Microsoft sends."""
    body = b""
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > _LARGEST:
            return ""
    return body.decode("utf-8", "replace")


def _fault(error: Exception) -> Break:
    import httpx

    causes = tuple(chain(error))
    if isinstance(error, httpx.ProxyError):
        return proxy_break(str(error))
    distrust = certificate_break(causes)
    if distrust is not None:
        return distrust
    if isinstance(error, httpx.ConnectError) and error.request.extensions.get("proxied"):
        return Break.PROXY_GONE
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Break.NO_NAME
    if isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout)):
        return Break.SLOW_CONNECT
    if isinstance(error, httpx.TimeoutException):
        return Break.SLOW_ANSWER
    if isinstance(error, (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL)):
        return Break.REFUSED
    return Break.NO_ANSWER
