"""Microsoft Graph v1.0: what all its calls share, and organisation, domains, relations, batch.

Every builder and parser names the page it follows, all under learn.microsoft.com/graph/api.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from o365desk.domain.access import Access, Service
from o365desk.domain.directory import Domain, Tenant, TenantId
from o365desk.domain.errors import DeskError
from o365desk.domain.licensing import (
    GroupId,
)
from o365desk.wire.codec import (
    JsonBody,
    decode,
    encode,
    segment,
    unexpected,
)
from o365desk.wire.messages import ApiRequest, ApiResponse, Page, Safety
from o365desk.wire.operations import Operation

T = TypeVar("T")

JSON = (("content-type", "application/json"),)

_NEXT_LINK = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\{(?:\s*"@odata\.(?!nextLink)[A-Za-z]+"\s*:\s*(?:"(?:[^"\\]|\\.)*"|\d+)\s*,)*'
    rb'\s*"@odata\.nextLink"\s*:\s*("(?:[^"\\]|\\.)*")'
)
BATCH_LIMIT = 20
"""Requests in one batch (learn.microsoft.com/graph/json-batching)."""

_BASE = re.compile(r"https?://[^/]+/(?:v1\.0|beta)(?=/)", re.IGNORECASE)
_IN_BATCH = frozenset({"/$batch", "/%24batch"})


_ACCESS = {
    Operation.LIST_RELATIONS: Access.RELATIONS,
    Operation.LIST_SIGN_INS: Access.SIGN_INS,
    Operation.SEND_MAIL: Access.MAIL,
}


def get(
    operation: Operation,
    path: str,
    *query: tuple[str, str],
    headers: tuple[tuple[str, str], ...] = (),
) -> ApiRequest:
    access = _ACCESS.get(operation, Access.DIRECTORY)
    return ApiRequest(Service.GRAPH, "GET", path, operation, query, headers, access=access)


def write(operation: Operation, method: str, path: str, body: Any = None) -> ApiRequest:
    """A request that changes something; never repeated when its outcome is unknown."""
    content = None if body is None else encode(body)
    headers = () if body is None else JSON
    access = _ACCESS.get(operation, Access.DIRECTORY)
    return ApiRequest(
        Service.GRAPH, method, path, operation, (), headers, content, Safety.WRITE, access
    )


def follow(request: ApiRequest, link: str | None) -> ApiRequest | None:
    """The request for the page behind `@odata.nextLink`, an opaque absolute URL.

    Headers are sent again: ConsistencyLevel must accompany each page
    (learn.microsoft.com/graph/paging).
    """
    return replace(request, path=link, query=()) if link else None


def peek_next(body: bytes, request: ApiRequest) -> ApiRequest | None:
    """The next page's request, found without parsing the page; None where that is not safe.

    Looks only through the annotations that stand before "value", so nothing in an item can be
    taken for a link. The page that the real parser sees later has the last word.
    """
    match = _NEXT_LINK.match(body)
    if match is None:
        return None
    try:
        return follow(request, decode(match[1], str))
    except DeskError:
        return None


class Collection(JsonBody, kw_only=True):
    """What all OData collections share; an empty page may still have a next link."""

    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")


# ---- organisation, domains, relations ------------------------------------------------------


class _VerifiedDomain(JsonBody):
    name: str | None = None
    is_default: bool | None = None
    is_initial: bool | None = None


class _Organization(JsonBody):
    id: str
    display_name: str | None = None
    verified_domains: list[_VerifiedDomain] | None = None


class _Organizations(Collection):
    value: list[_Organization]


def organization() -> ApiRequest:
    """organization-get: answers a collection of one."""
    return get(
        Operation.GET_ORGANIZATION, "/organization", ("$select", "id,displayName,verifiedDomains")
    )


def parse_organization(response: ApiResponse) -> Tenant:
    """The operator's own organisation, under its default verified domain."""
    found = decode(response.body, _Organizations).value
    if len(found) != 1:
        raise unexpected("organization: not one")
    domains = [d for d in found[0].verified_domains or () if d.name]
    domains.sort(key=lambda d: (not d.is_default, not d.is_initial))
    id_ = TenantId(found[0].id.lower())
    domain = (domains[0].name or "") if domains else ""
    return Tenant(id_, (found[0].display_name or "").strip() or domain or id_, domain)


class _Domain(JsonBody):
    id: str
    authentication_type: str | None = None
    is_default: bool | None = None
    is_verified: bool | None = None


class _Domains(Collection):
    value: list[_Domain]


def domains() -> ApiRequest:
    """domain-list."""
    return get(Operation.LIST_DOMAINS, "/domains")


def parse_domains(response: ApiResponse, request: ApiRequest) -> Page[Domain]:
    """Verified domains; absent `isVerified` (older answers) counts as verified."""
    page = decode(response.body, _Domains)
    return Page(
        tuple(
            Domain(
                name=found.id,
                default=bool(found.is_default),
                federated=(found.authentication_type or "").lower() == "federated",
            )
            for found in page.value
            if found.id and found.is_verified is not False
        ),
        follow(request, page.next_link),
    )


class _Relation(JsonBody):
    id: str
    tenant_id: str | None = None
    display_name: str | None = None


class _Relations(Collection):
    value: list[_Relation]


def delegated_admin_customers() -> ApiRequest:
    """tenantrelationship-list-delegatedadmincustomers: tenants with a GDAP relationship."""
    return get(
        Operation.LIST_RELATIONS,
        "/tenantRelationships/delegatedAdminCustomers",
        ("$top", "300"),
    )


def parse_delegated_admin_customers(response: ApiResponse, request: ApiRequest) -> Page[Tenant]:
    """Tenants without a domain: this list names none."""
    page = decode(response.body, _Relations)
    return Page(
        tuple(
            Tenant(TenantId((found.tenant_id or found.id).lower()), found.display_name or "", "")
            for found in page.value
        ),
        follow(request, page.next_link),
    )


class _Contract(JsonBody):
    customer_id: str
    display_name: str | None = None
    default_domain_name: str | None = None


class _Contracts(Collection):
    value: list[_Contract]


def contracts() -> ApiRequest:
    """contract-list: the relations that GDAP replaces."""
    return get(Operation.LIST_CONTRACTS, "/contracts")


def parse_contracts(response: ApiResponse, request: ApiRequest) -> Page[Tenant]:
    page = decode(response.body, _Contracts)
    return Page(
        tuple(
            Tenant(
                TenantId(found.customer_id.lower()),
                found.display_name or "",
                found.default_domain_name or "",
            )
            for found in page.value
        ),
        follow(request, page.next_link),
    )


class _Group(JsonBody):
    id: str
    display_name: str | None = None


def group(group: GroupId) -> ApiRequest:
    """group-get, for the name alone."""
    return get(Operation.GET_GROUP, f"/groups/{segment(group)}", ("$select", "id,displayName"))


def parse_group(response: ApiResponse) -> str:
    """A group's name, possibly empty; also what directory-deleteditems-restore answers for one."""
    return decode(response.body, _Group).display_name or ""


# ---- batch ---------------------------------------------------------------------------------


class _BatchAnswer(JsonBody):
    id: str
    status: int
    headers: dict[str, Any] | None = None
    body: msgspec.Raw = msgspec.Raw(b"null")


class _Batch(JsonBody):
    responses: list[_BatchAnswer]


def batch(requests: Mapping[str, ApiRequest]) -> ApiRequest:
    """learn.microsoft.com/graph/json-batching: reads only, each under an id of the caller's.

    URLs in it are relative and without version, those of next links too. A batch holds no batch.
    """
    if not 0 < len(requests) <= BATCH_LIMIT or not all(map(_batchable, requests.values())):
        raise ValueError("a batch holds 1 to 20 reads")
    items = [
        {"id": id_, "method": r.method, "url": _url(r), "headers": dict(r.headers)}
        for id_, r in requests.items()
    ]
    body = encode({"requests": items})
    return ApiRequest(Service.GRAPH, "POST", "/$batch", Operation.BATCH, (), JSON, body)


def _batchable(request: ApiRequest) -> bool:
    return (
        request.service is Service.GRAPH
        and request.safety is Safety.READ
        and request.body is None
        and request.path.lower() not in _IN_BATCH
    )


def _url(request: ApiRequest) -> str:
    path = request.path if request.path.startswith("/") else _BASE.sub("", request.path, count=1)
    query = "&".join(f"{name}={segment(value)}" for name, value in request.query)
    return f"{path}?{query}" if query else path


def parse_batch(response: ApiResponse) -> dict[str, ApiResponse]:
    """Each answer by its id: they come in any order, and each has a status of its own."""
    return {
        answer.id: ApiResponse(
            status=answer.status,
            headers={name.lower(): str(text) for name, text in (answer.headers or {}).items()},
            body=b"" if bytes(answer.body) == b"null" else bytes(answer.body),
        )
        for answer in decode(response.body, _Batch).responses
    }
