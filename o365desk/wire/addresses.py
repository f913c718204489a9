"""Addresses of the services, and the check that a link given by one leads back to it."""

from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from o365desk.domain.access import Service
from o365desk.domain.errors import UnexpectedReply
from o365desk.wire.messages import ApiRequest

PUBLIC_CLOUD: Mapping[Service, str] = {
    Service.GRAPH: "https://graph.microsoft.com/v1.0",
    Service.PARTNER_CENTER: "https://api.partnercenter.microsoft.com/v1",
}
"""learn.microsoft.com/graph/deployments, learn.microsoft.com/partner-center/developer/headers"""

_LONGEST = 32_768
_DEFAULT_PORTS = {"https": 443, "http": 80}


def address(request: ApiRequest, hosts: Mapping[Service, str]) -> str:
    """The whole address of a request; call it before a token is so much as asked for.

    An absolute path (Graph's next link) must have the scheme, host and port of the service's base,
    and is put together anew from that base, so that no spelling of it can lead elsewhere. Raises
    UnexpectedReply.
    """
    base = hosts[request.service].rstrip("/")
    path = request.path
    if not path.isprintable() or len(path) > _LONGEST:
        raise _refused()
    if not path.startswith("/"):
        try:
            link, own = urlsplit(path), urlsplit(base)
            same = _origin(link) == _origin(own)
        except ValueError:
            raise _refused() from None
        if not same or "@" in link.netloc:
            raise _refused()
        path = link.path + (f"?{link.query}" if link.query else "")
        base = f"{own.scheme}://{own.netloc}"
        if not path.startswith("/"):
            raise _refused()
    if request.query:
        path += "&" if "?" in path else "?"
        path += urlencode(request.query, safe="$,:", quote_via=quote)
    return base + path


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _refused() -> UnexpectedReply:
    return UnexpectedReply(
        "Microsoft's answer pointed to an address outside Microsoft's service; it was not called.",
        next_step="Try again; if it stays, check the network and report it.",
    )
