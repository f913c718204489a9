"""The way to one host, step by step: proxy, name, connection, certificate, clock."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from o365desk.domain.access import Service
from o365desk.domain.diagnostics import CheckStep, StepState
from o365desk.domain.directory import utc_now
from o365desk.domain.errors import DeskError
from o365desk.services.http_link import probe
from o365desk.services.network import Proxies, proxy_name
from o365desk.wire.clock import clock_words, service_time
from o365desk.wire.faults import Break, connection_verdict
from o365desk.wire.messages import ApiRequest, ApiResponse

if TYPE_CHECKING:
    import httpx

PATIENCE = 10.0
"""Seconds for a name lookup, and as many for a connection."""

_USUAL = frozenset({"Microsoft Corporation", "DigiCert Inc", "DigiCert, Inc.", "DigiCert China"})
"""Organizations that issue the certificates of Microsoft's services."""

_ASKING = ApiRequest(Service.GRAPH, "GET", "/", "check")


@dataclass
class Stopwatch:
    """Gives steps their time of day and how long they took."""

    now: Callable[[], datetime] = utc_now
    clock: Callable[[], float] = time.monotonic
    _since: float = 0.0

    def start(self) -> None:
        self._since = self.clock()

    def step(
        self,
        name: str,
        state: StepState,
        detail: str = "",
        next_step: str = "",
        support_ids: str = "",
    ) -> CheckStep:
        """A step that took from `start` until now."""
        took = round((self.clock() - self._since) * 1000)
        return CheckStep(name, state, detail, next_step, self.now(), took, support_ids)

    def skipped(self, name: str, detail: str, next_step: str = "") -> CheckStep:
        return CheckStep(name, StepState.SKIPPED, detail, next_step, self.now())

    def failed(self, name: str, error: DeskError) -> CheckStep:
        return self.step(name, StepState.FAILED, error.sentence, error.next_step, error.support_ids)


@dataclass
class LineCheck:
    """Checks the way to one address; `answer` is what came back in the end."""

    client: "httpx.AsyncClient"
    proxies: Proxies
    url: str
    watch: Stopwatch
    answer: ApiResponse | None = field(default=None, init=False)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    async def steps(self) -> AsyncIterator[CheckStep]:
        """Name lookup, connection and certificate; the rest is skipped after a failure."""
        proxy = self.proxies.for_url(self.url)
        names = [f"Name lookup of {self.host}", f"Connection to {self.host}"]
        certificate = f"Certificate of {self.host}"
        if proxy is not None:
            names[0] = "Name lookup of the proxy"
            names[1] = f"Connection to the proxy for {self.host}"
        to = urlsplit(proxy or self.url)
        for name, what in zip(names, (self._look_up, self._connect), strict=True):
            self.watch.start()
            step = await what(name, to.hostname or "", to.port or _port(to.scheme))
            yield step
            if step.state is StepState.FAILED:
                left = [*names[names.index(name) + 1 :], certificate]
                for one in left:
                    yield self.watch.skipped(one, f"Not tried: {name} failed.")
                return
        self.watch.start()
        yield await self._certificate(certificate)

    async def _look_up(self, name: str, host: str, port: int) -> CheckStep:
        try:
            async with asyncio.timeout(PATIENCE):
                found = await asyncio.get_running_loop().getaddrinfo(
                    host, port, type=socket.SOCK_STREAM
                )
        except (OSError, UnicodeError):
            return self.watch.failed(name, _broken(Break.NO_NAME))
        kinds = {family for family, *_ in found}
        words = [
            word
            for family, word in ((socket.AF_INET, "IPv4"), (socket.AF_INET6, "IPv6"))
            if family in kinds
        ]
        return self.watch.step(name, StepState.GOOD, f"Found by {' and '.join(words)}.")

    async def _connect(self, name: str, host: str, port: int) -> CheckStep:
        try:
            async with asyncio.timeout(PATIENCE):
                _, writer = await asyncio.open_connection(host, port, happy_eyeballs_delay=0.25)
        except OSError:
            proxied = self.proxies.for_url(self.url) is not None
            fault = Break.PROXY_GONE if proxied else Break.REFUSED
            return self.watch.failed(name, _broken(fault))
        address = str(writer.get_extra_info("peername", ("",))[0])
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        kind = "IPv6" if ":" in address else "IPv4"
        return self.watch.step(name, StepState.GOOD, f"Connected over {kind}.")

    async def _certificate(self, name: str) -> CheckStep:
        answer, certificate = await probe(self.client, self.url)
        if isinstance(answer, Break):
            return self.watch.failed(name, _broken(answer))
        self.answer = answer
        if not certificate:
            return self.watch.skipped(name, "The connection is not encrypted.")
        organization = await asyncio.to_thread(_issuer, certificate)
        if organization in _USUAL:
            return self.watch.step(name, StepState.GOOD, f"Issued by {organization}.")
        return self.watch.step(
            name,
            StepState.WARNING,
            f"Issued by {organization or 'nobody named'}, which does not usually issue Microsoft's:"
            " this network seems to open encrypted connections.",
            "If that is not your company's wish, do not sign in from this network.",
        )

    def clock(self) -> CheckStep:
        """This computer's clock against the service's, from the answer that came."""
        name = "Clock of this computer"
        headers = self.answer.headers if self.answer is not None else {}
        if service_time(headers) is None:
            return self.watch.skipped(name, "Microsoft did not tell its time.")
        wrong = clock_words(headers, self.watch.now())
        step = self.watch.step(name, StepState.GOOD, "Agrees with Microsoft's.")
        if wrong:
            step = self.watch.step(
                name,
                StepState.FAILED,
                f"{wrong[0].upper()}{wrong[1:]}. Sign-in fails with a wrong clock.",
                "Set the clock, or let it be set automatically.",
            )
        return replace(step, milliseconds=None)


def proxy_step(proxies: Proxies, url: str, watch: Stopwatch) -> CheckStep:
    """Which way out the system names."""
    address = proxies.for_url(url)
    if address is not None:
        return watch.step("Proxy", StepState.GOOD, f"{proxy_name(address)} is used.")
    if proxies.unusable:
        return watch.step(
            "Proxy",
            StepState.WARNING,
            "The system names a proxy that is not an HTTP proxy; Microsoft is called directly.",
            "If nothing is reached, name an HTTP proxy in HTTPS_PROXY.",
        )
    return watch.step("Proxy", StepState.GOOD, "None is set up: Microsoft is called directly.")


def _port(scheme: str) -> int:
    return 80 if scheme == "http" else 443


def _broken(fault: Break) -> DeskError:
    return connection_verdict(_ASKING, fault, 1, attempts=1).error


def _issuer(certificate: bytes) -> str:
    """The organization that issued a certificate, else its common name."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        issuer = x509.load_der_x509_certificate(certificate).issuer
    except ValueError:
        return ""
    for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for attribute in issuer.get_attributes_for_oid(oid):
            text = str(attribute.value)
            if text.isprintable():
                return text[:60]
    return ""
