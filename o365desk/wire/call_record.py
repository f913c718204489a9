"""One attempt at one call, as far as it may be written down: ids, figures and known words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from o365desk.domain.access import Service
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import DeskError, Throttled
from o365desk.wire import graph_refusals, partner_center_refusals
from o365desk.wire.faults import Break, Fail, Ok, Retry
from o365desk.wire.messages import ApiRequest, ApiResponse

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION = re.compile(r"v\d(\.\d)?")
_KNOWN = """
    $batch $count agreements applicationconsents assignedlicenses assignlicense changes contracts
    customers delegatedadmincustomers delegatedadminrelationships delegatedadminserviceassignments
    deleteditems delta directory directoryroles domains getbyids groups items licensedetails
    licenses licenseupdates manager me members microsoft.graph.delta microsoft.graph.user
    mailboxsettings oauth2permissiongrants organization profiles provisioningstatus restore
    rolemanagement roleassignments roledefinitions sendmail subscribedskus subscriptions
    tenantrelationships transitivememberof users validate
"""
_WORDS = frozenset(_KNOWN.split())
"""Segments of addresses; whatever else stands in one could be an id or a name."""

THROTTLE_REASONS = frozenset(
    {"CPULimitExceeded", "WriteLimitExceeded", "ResourceUnitLimitExceeded"}
)
"""learn.microsoft.com/graph/throttling-limits"""

_CODES = frozenset(
    code
    for rules in (
        graph_refusals.ANY_STATUS,
        graph_refusals.CODES,
        graph_refusals.CONFLICTS,
        graph_refusals.LICENSES,
        graph_refusals.USERS,
        graph_refusals.CONFLICT_TEXTS,
        graph_refusals.STATUSES,
        graph_refusals.MAIL,
        partner_center_refusals.CODES,
        partner_center_refusals.GENERAL_CODES,
    )
    for rule in rules
    for code in rule.codes
)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What the log and Microsoft's support get to know about an attempt. No user, no name."""

    at: datetime
    """When the answer came or the connection broke, UTC."""
    service: Service
    operation: str
    method: str
    path: str
    """With placeholders: /users/{id}/assignLicense."""
    tenant: str
    """Id of the customer; empty for the operator's own."""
    attempt: int
    milliseconds: int
    status: int
    """0 without an answer."""
    outcome: str
    """"ok", "retry after " or nothing and the class of the error, such as "Conflict"."""
    trouble: str
    """How the connection broke; empty with an answer."""
    code: str
    """Microsoft's error code, if it is one this program knows."""
    request_id: str
    correlation_id: str
    throttle_percent: float
    """How much of a limit is used up, from 80 on; 0 while Graph does not say."""
    resource_units: float
    """What the call cost of Graph's budget."""
    throttle_reason: str
    """Which limit was passed, in Microsoft's word."""
    retry_after: float
    """Seconds Microsoft asked to wait; 0 when it did not."""

    @property
    def failed(self) -> bool:
        return self.outcome != "ok"


def call_record(
    request: ApiRequest,
    tenant: TenantId | None,
    answer: ApiResponse | Break,
    outcome: Ok | Retry | Fail,
    *,
    attempt: int,
    seconds: float,
    at: datetime,
    request_id: str = "",
    correlation_id: str = "",
) -> CallRecord:
    """The record of one attempt, judged; `seconds` from sending to the whole answer. The ids are
    those that were sent: the answer's own win."""
    headers = answer.headers if isinstance(answer, ApiResponse) else {}
    error = None if isinstance(outcome, Ok) else outcome.error
    reason = headers.get("x-ms-throttle-information", "")
    return CallRecord(
        at=at,
        service=request.service,
        operation=request.operation,
        method=request.method,
        path=path_template(request.path),
        tenant=_guid(tenant),
        attempt=attempt,
        milliseconds=round(seconds * 1000),
        status=answer.status if isinstance(answer, ApiResponse) else 0,
        outcome=_outcome(outcome, error),
        trouble=answer.value if isinstance(answer, Break) else "",
        code=error.code if error is not None and error.code in _CODES else "",
        request_id=_guid(headers.get("request-id"), headers.get("ms-requestid"), request_id),
        correlation_id=_guid(
            headers.get("client-request-id"), headers.get("ms-correlationid"), correlation_id
        ),
        throttle_percent=_figure(headers, "x-ms-throttle-limit-percentage") * 100,
        resource_units=_figure(headers, "x-ms-resource-unit"),
        throttle_reason=reason if reason in THROTTLE_REASONS else "",
        retry_after=(error.retry_after or 0.0) if isinstance(error, Throttled) else 0.0,
    )


def path_template(path: str) -> str:
    """A path with a placeholder for every part that is not a word of Microsoft's own: a user can
    be named by id, by username and by mail address."""
    if not path.startswith("/"):  # Graph's next links
        _, _, rest = path.partition("://")
        path = f"/{rest.partition('/')[2]}"
    segments = path.partition("?")[0].strip("/").split("/")
    return "/" + "/".join(
        one if one.lower() in _WORDS or _VERSION.fullmatch(one) else "{id}" for one in segments
    )


def _outcome(outcome: Ok | Retry | Fail, error: DeskError | None) -> str:
    if error is None:
        return "ok"
    name = type(error).__name__
    return f"retry after {name}" if isinstance(outcome, Retry) else name


def _guid(*candidates: object) -> str:
    """The first that is an id; another text could be anything."""
    for one in candidates:
        if isinstance(one, str) and GUID.fullmatch(one.strip()):
            return one.strip().lower()
    return ""


def _figure(headers: Mapping[str, str], name: str) -> float:
    text = headers.get(name, "")
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) else 0.0
