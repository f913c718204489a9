"""What a person types or pastes into a connection, understood or refused with a sentence."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from o365desk.domain.connections import Cloud, Connection, Mode

LONGEST_NAME = 100

NO_TENANT = "Enter the tenant id or a domain of your organization."
BAD_TENANT = (
    "This is neither a tenant id nor a domain. A domain looks like contoso.com, a tenant id like "
    "aaaabbbb-0000-cccc-1111-dddd2222eeee."
)
NO_ORGANIZATION = (
    "This address names no organization. Enter a domain, or the Tenant ID from the Overview page "
    "of entra.microsoft.com."
)
NO_CLIENT = "Enter the Application (client) ID of the registered app."
BAD_CLIENT = (
    "This is not an Application (client) ID. It looks like 00001111-aaaa-2222-bbbb-3333cccc4444 "
    "and stands on the app's Overview page."
)
TENANT_AS_CLIENT = (
    "This is the tenant id. The Application (client) ID stands above it on the app's Overview page."
)

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DOMAIN = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}"
)
_FIRST_NAME = re.compile(r"[a-z0-9]{1,27}")
"""The part of a tenant's first domain that its organization chose."""

_FIRST_DOMAIN = {
    Cloud.GCC_HIGH: "onmicrosoft.us",
    Cloud.DOD: "onmicrosoft.us",
    Cloud.CHINA: "partner.onmschina.cn",
}
"""Where tenants get their first domain, if not in onmicrosoft.com
(learn.microsoft.com/entra/identity-platform/authentication-national-cloud)."""

_LOGIN_HOSTS = frozenset(
    {
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.chinacloudapi.cn",
        "login.windows.net",
        "sts.windows.net",
    }
)
"""Their addresses begin with the tenant."""

_PORTALS = (
    "microsoft.com",
    "microsoft.us",
    "microsoftonline.com",
    "microsoftonline.us",
    "microsoftonline.cn",
    "azure.com",
    "azure.us",
    "azure.cn",
    "office.com",
    "office365.us",
    "live.com",
    "windows.net",
    "chinacloudapi.cn",
)
"""Microsoft's own: never the operator's domain."""

_NOBODY = frozenset({"common", "organizations", "consumers"})


def tenant_of(text: str, cloud: Cloud = Cloud.GLOBAL) -> str:
    """The tenant id or domain in a text: typed, or inside a web or mail address. "contoso" alone
    stands for the first domain of that name in the cloud. Empty when there is none."""
    word = text.strip().strip("\"'<>{}").strip().lower()
    if "://" in word or "/" in word:
        return _tenant_of_address(word if "://" in word else f"https://{word}", cloud)
    word = word.rpartition("@")[2].rstrip(".")
    if _GUID.fullmatch(word):
        return word
    if _FIRST_NAME.fullmatch(word) and word not in _NOBODY:
        return f"{word}.{_FIRST_DOMAIN.get(cloud, 'onmicrosoft.com')}"
    domain = _ascii(word)
    return domain if _DOMAIN.fullmatch(domain) and not _is_portal(domain) else ""


def tenant_problem(text: str) -> str:
    """What is wrong with a tenant as typed; empty when `tenant_of` understands it."""
    if not text.strip():
        return NO_TENANT
    if tenant_of(text):
        return ""
    word = text.strip().lower()
    if "/" in word or word in _NOBODY or _is_portal(word):
        return NO_ORGANIZATION
    return BAD_TENANT


def client_id_of(text: str) -> str:
    """The application id in a text; empty when it is none."""
    word = text.strip().strip("\"'{}").strip().lower()
    return word if _GUID.fullmatch(word) else ""


def client_id_problem(text: str, tenant: str) -> str:
    """What is wrong with an application id as typed; empty when nothing is."""
    if not text.strip():
        return NO_CLIENT
    found = client_id_of(text)
    if not found:
        return BAD_CLIENT
    return TENANT_AS_CLIENT if found == tenant else ""


def name_of(text: str) -> str:
    """The name without spaces that nobody sees."""
    return " ".join(text.split())


def name_problem(text: str, others: Iterable[Connection]) -> str:
    """What is wrong with the name of a connection; empty when nothing is."""
    name = name_of(text)
    if not name:
        return "Enter a name by which you will know this connection."
    taken = {other.name.casefold() for other in others}
    return "Another connection has this name." if name.casefold() in taken else ""


def suggested_name(tenant: str, mode: Mode, others: Iterable[Connection]) -> str:
    """A name for a new connection that no other one has; empty while the tenant is unknown."""
    if not tenant:
        return ""
    base = f"Customers of {tenant}" if mode is Mode.RESELLER else tenant
    return free_name(base[: LONGEST_NAME - 5], others)


def free_name(base: str, others: Iterable[Connection]) -> str:
    """`base`, with a number behind it where another connection has that name."""
    taken = {other.name.casefold() for other in others}
    number, name = 1, base
    while name.casefold() in taken:
        number += 1
        name = f"{base} {number}"
    return name


def _tenant_of_address(typed: str, cloud: Cloud) -> str:
    try:
        address = urlsplit(typed)
        host = address.hostname or ""
    except ValueError:
        return ""
    if host in _LOGIN_HOSTS:
        first = address.path.strip("/").partition("/")[0]
        return "" if first in _NOBODY else tenant_of(first, cloud)
    if address.fragment.startswith("@"):  # portal.azure.com/#@contoso.onmicrosoft.com/resource/…
        return tenant_of(address.fragment[1:].partition("/")[0], cloud)
    for query in (address.query, address.fragment.partition("?")[2]):
        values = parse_qs(query)
        for key in ("tenantid", "tid", "ctid", "tenant"):
            if key in values:
                return tenant_of(values[key][0], cloud)
    name, _, domain = host.partition(".")
    if domain in ("sharepoint.com", "sharepoint.us", "sharepoint.cn"):
        return tenant_of(name.removesuffix("-my").removesuffix("-admin"), cloud)
    return "" if "." not in host else tenant_of(host.removeprefix("www."), cloud)


def _is_portal(host: str) -> bool:
    return any(host == portal or host.endswith(f".{portal}") for portal in _PORTALS)


def _ascii(domain: str) -> str:
    """A domain as the name system writes it; as it was where that cannot be."""
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain
