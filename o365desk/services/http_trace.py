"""How far a request came, and from that what a failure of its connection means."""

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from o365desk.wire.faults import Break

_OUT_OF_DATE = frozenset({9, 10})
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


class Trace:
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


def break_of(error: Exception, trace: Trace, *, answered: bool) -> Break:
    """How a connection failed, by an error of httpx; `answered`: the answer had begun."""
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


def _not_sent(error: Exception, trace: Trace) -> Break:
    import httpx

    causes = tuple(chain(error))
    distrust = certificate_break(causes)
    if distrust is not None:
        return distrust
    if isinstance(error, httpx.ProxyError):
        return proxy_break(str(error))
    if trace.proxied and not trace.connected:
        return Break.PROXY_GONE
    if isinstance(error, httpx.TimeoutException):
        return Break.SLOW_CONNECT
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Break.NO_NAME
    return Break.STALE if trace.stale else Break.REFUSED


def certificate_break(causes: Iterable[BaseException]) -> Break | None:
    """What was wrong with the other side's certificate; None when that was not it."""
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            dated = getattr(cause, "verify_code", 0) in _OUT_OF_DATE
            return Break.CERTIFICATE_DATE if dated else Break.UNTRUSTED
    return None


def proxy_break(said: str) -> Break:
    """What a proxy's refusal means ("403 Forbidden")."""
    if said.startswith("407"):
        return Break.PROXY_SIGN_IN
    return Break.PROXY_REFUSED if said.startswith("4") else Break.PROXY_FAILED


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came of."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
