"""What this computer's owner set up for going out: whom it trusts, its proxies, its clock."""

import contextlib
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, Red Hat
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine, Arch
)
"""Where a Linux system keeps its certificates; an OpenSSL built elsewhere does not know."""

_USABLE = ("http", "https")
_NEARBY = frozenset({"localhost", "127.0.0.1", "::1"})

JUMP = 30.0
"""Seconds by which the two clocks drift apart when a computer sleeps; less is time service."""


_NATIVE = ("win32", "darwin")


def tls_context(system: str = sys.platform) -> ssl.SSLContext:
    """A context that trusts what the system trusts: the authority of a company that opens
    connections is in the system's store, and in no list that comes with Python.

    Takes 20 ms or more: call it off the event loop, once for all connections of a client. On
    Linux SSL_CERT_FILE and SSL_CERT_DIR are heeded. truststore is for Windows and macOS only,
    where it asks the system itself; on Linux it would read the whole store anew for every
    connection (sethmlarson/truststore issue 212).
    """
    if system in _NATIVE:
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):
        import certifi  # comes with httpx

        found = (name for name in _BUNDLES if Path(name).is_file())
        context.load_verify_locations(cafile=next(found, certifi.where()))
    return context


@dataclass(frozen=True, slots=True)
class Proxies:
    """Which proxy leads to which address. Addresses may hold a password: never in repr or log."""

    by_scheme: Mapping[str, str] = field(default_factory=dict, repr=False)
    """"https", "http" or "all" to the address of a proxy."""
    excepted: str = field(default="", repr=False)
    """Hosts to be called directly, as in NO_PROXY."""

    def for_url(self, url: str) -> str | None:
        """Address of the proxy for a URL; None when it is called directly. Proxies that are not
        HTTP (SOCKS) are left out: see `unusable`."""
        from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

        parts = urlsplit(url)
        host = parts.hostname or ""
        if host in _NEARBY or proxy_bypass_environment(host, {"no": self.excepted}):
            return None
        for scheme in (parts.scheme, "all"):
            address = self.by_scheme.get(scheme, "")
            if address and urlsplit(address).scheme in _USABLE:
                return address
        return None

    @property
    def unusable(self) -> bool:
        """A proxy is set up, but of a kind that this program cannot use."""
        addresses = [self.by_scheme.get(scheme, "") for scheme in ("https", "all")]
        return any(addresses) and not any(urlsplit(one).scheme in _USABLE for one in addresses)


def system_proxies() -> Proxies:
    """HTTPS_PROXY, ALL_PROXY and NO_PROXY; without them the settings of Windows or macOS. A
    script that chooses proxies (PAC) is not run."""
    from urllib.request import getproxies

    found = getproxies()
    return Proxies(
        {
            scheme: address if "://" in address else f"http://{address}"
            for scheme in ("https", "http", "all")
            if (address := found.get(scheme, ""))
        },
        found.get("no") or exceptions(_windows_setting()),
    )


def exceptions(override: str) -> str:
    """Windows' list of hosts that no proxy leads to ("*.contoso.com;10.*;<local>"), as NO_PROXY
    has it. What is not a name is left out: it would not match a service of Microsoft's."""
    names = (one.strip().removeprefix("*").lstrip(".") for one in override.split(";"))
    return ",".join(one for one in names if one and not set(one) & set("*<>"))


def _windows_setting() -> str:
    """The part of the system's proxy settings that getproxies() leaves out."""
    if sys.platform == "win32":
        import winreg

        path = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
        with (
            contextlib.suppress(OSError),
            winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key,
        ):
            return str(winreg.QueryValueEx(key, "ProxyOverride")[0])
    return ""


def proxy_name(address: str) -> str:
    """Host and port of a proxy, without the name and password in its address."""
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = None
    return f"{parts.hostname or ''}:{port or (443 if parts.scheme == 'https' else 80)}"


class WakeWatch:
    """Notices that the computer has slept since it was last asked.

    On Linux and macOS the steady clock stands still in sleep, so the two clocks part; on Windows
    it goes on, and connections left idle for long are dropped for their age. A clock that was set
    by hand looks the same, and does no harm.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._apart = wall() - steady()

    def woke(self) -> bool:
        """True once after each sleep."""
        apart = self._wall() - self._steady()
        jumped = abs(apart - self._apart) > JUMP
        self._apart = apart
        return jumped
