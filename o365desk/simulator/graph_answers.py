"""How Microsoft Graph words its answers: JSON, contexts, errors and headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from o365desk.simulator.actors import Actor
from o365desk.simulator.messages import HttpRequest, HttpResponse, dump
from o365desk.simulator.refusals import Reason, Refusal
from o365desk.simulator.state import Directory, LagPolicy, Tenant

JSON_TYPE = (
    "application/json;odata.metadata=minimal;odata.streaming=true;"
    "IEEE754Compatible=false;charset=utf-8"
)


class GraphError(Exception):
    """An error answer in the making."""

    def __init__(
        self, status: int, code: str, message: str, details: list[dict[str, str]] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details


@dataclass(frozen=True, slots=True)
class Call:
    """All that a handler needs to know of one call."""

    request: HttpRequest
    directory: Directory
    actor: Actor
    lag: LagPolicy
    now: datetime
    options: Mapping[str, str]
    """System query options, names in lower case with their $."""

    @property
    def tenant(self) -> Tenant:
        """The directory that the token opens."""
        return self.actor.tenant

    @property
    def root(self) -> str:
        """Where links of the answer must point: the host that was called."""
        return f"{self.request.base}/v1.0"

    @property
    def eventual(self) -> bool:
        """True when the caller accepts the index that lags: advanced queries need it."""
        return self.request.header("consistencylevel").lower() == "eventual"

    def require(self, allowed: frozenset[str]) -> None:
        """Refuses callers without any of these roles."""
        if not self.actor.roles & allowed:
            raise access_denied()

    def json_object(self) -> dict[str, Any]:
        """The request body, which must be a JSON object (or nothing)."""
        if not self.request.body.strip():
            return {}
        try:
            value = self.request.json()
        except ValueError:
            raise bad_request("Unable to read JSON request payload.", "BadRequest") from None
        if not isinstance(value, dict):
            raise bad_request("Unable to read JSON request payload.", "BadRequest")
        return value


def access_denied() -> GraphError:
    """403 of samples/graph/error-403-reset-password.json."""
    return GraphError(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


def bad_request(message: str, code: str = "Request_BadRequest") -> GraphError:
    """400 with one of the many codes Graph uses."""
    return GraphError(400, code, message)


def unsupported(message: str) -> GraphError:
    """400 of a query the directory cannot run."""
    return GraphError(400, "Request_UnsupportedQuery", message)


def of_refusal(refusal: Refusal) -> GraphError:
    """Dresses a rule's refusal as Graph does (section 13.2)."""
    if refusal.reason is Reason.NOT_FOUND:
        return GraphError(404, "Request_ResourceNotFound", refusal.text)
    if refusal.reason is Reason.DENIED:
        return GraphError(403, "Authorization_RequestDenied", refusal.text)
    details = None
    if refusal.reason is Reason.CONFLICT:
        details = [{"code": "ObjectConflict", "message": refusal.text, "target": refusal.target}]
    return GraphError(400, "Request_BadRequest", refusal.text, details)


def stamp(moment: datetime | None) -> str | None:
    """A moment as Graph prints it."""
    return None if moment is None else moment.isoformat()[:19] + "Z"


def json_answer(
    value: object, status: int = 200, headers: list[tuple[str, str]] | None = None
) -> HttpResponse:
    """A JSON answer."""
    return raw_answer(dump(value), status, headers)


def raw_answer(
    body: bytes, status: int = 200, headers: list[tuple[str, str]] | None = None
) -> HttpResponse:
    """An answer whose JSON is rendered already."""
    return HttpResponse(
        status, [("Content-Type", JSON_TYPE), ("OData-Version", "4.0"), *(headers or [])], body
    )


def empty_answer(status: int = 204) -> HttpResponse:
    """An answer without a body."""
    return HttpResponse(status)


def error_answer(error: GraphError, request_id: str, client_id: str, now: datetime) -> HttpResponse:
    """An error in Graph's shape; the inner date has no zone, as published."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.details:
        body["details"] = error.details
    body["innerError"] = {
        "date": now.isoformat()[:19],
        "request-id": request_id,
        "client-request-id": client_id,
    }
    if error.status == 429:
        # As in samples/graph/throttled-429.json.
        body["innerError"] |= {"code": "429", "message": "Please retry after", "status": "429"}
    return HttpResponse(error.status, [("Content-Type", "application/json")], dump({"error": body}))
