"""The Partner Center v1 face: routes, rights, idempotent writes, paging headers, error shapes."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from o365desk.simulator.actors import TokenFault, TokenRefused, partner_center_roles, reseller
from o365desk.simulator.fault_answers import general_fault
from o365desk.simulator.faults import Fault, FaultKind, Faults
from o365desk.simulator.identity_state import Identity
from o365desk.simulator.ids import guid_of, is_guid
from o365desk.simulator.limits import Limits
from o365desk.simulator.messages import HttpRequest, HttpResponse, dump, http_date
from o365desk.simulator.refusals import Reason, Refusal
from o365desk.simulator.routes import Match, Routes
from o365desk.simulator.state import AgentGroup, Directory, Tenant

BOM = b"\xef\xbb\xbf"
_REMEMBERED = 5000
_JSON = ("Content-Type", "application/json; charset=utf-8")


class PartnerCenterError(Exception):
    """An error answer in the making."""

    def __init__(
        self, status: int, code: int, description: str, data: list[str] | None = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description
        self.data = data or []


def escape(text: str) -> str:
    """Descriptions come with HTML entities (PC error samples)."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )


@dataclass(frozen=True, slots=True)
class PartnerCall:
    """All that a handler needs to know of one call."""

    request: HttpRequest
    directory: Directory
    lag: Faults
    groups: frozenset[AgentGroup]
    """The caller's groups in the reseller's tenant."""
    identity: Identity

    def customer(self, tenant_id: str, needs: frozenset[str] | None = None) -> Tenant:
        """The customer of a path; with `needs`, one of these roles must be held there."""
        if not is_guid(tenant_id):
            raise PartnerCenterError(400, 2000, "Tenant Id must be a GUID.")
        key = tenant_id.lower()
        if key not in self.directory.customers:
            if key in self.directory.tenants:
                raise PartnerCenterError(
                    403, 20002, "There is no commerce relationship with the customer."
                )
            raise PartnerCenterError(404, 60003, "The tenant was not found.")
        tenant = self.directory.tenant(key)
        if needs is not None:
            held = self.rights(tenant)
            if not held:
                raise PartnerCenterError(403, 2032, "Access denied.")
            if not held & needs:
                raise PartnerCenterError(
                    403, 900150, "The supplied role does not have the right to do this."
                )
        return tenant

    def rights(self, tenant: Tenant) -> frozenset[str]:
        """The caller's roles at a customer."""
        return partner_center_roles(self.directory, tenant, self.groups)

    def first(self, name: str) -> str:
        """A query parameter in any case, empty when absent."""
        low = name.lower()
        return next((value for key, value in self.request.parameters if key.lower() == low), "")

    def every(self, name: str) -> list[str]:
        """A repeated query parameter."""
        low = name.lower()
        return [value for key, value in self.request.parameters if key.lower() == low]

    def body(self) -> dict[str, Any]:
        """The JSON body; names are taken in any case, so they come back lower."""
        try:
            value = self.request.json()
        except ValueError:
            raise PartnerCenterError(400, 800002, "The request input is invalid.") from None
        if not isinstance(value, dict):
            raise PartnerCenterError(400, 800002, "The request input is invalid.")
        return {str(name).lower(): item for name, item in value.items()}


Handler = Callable[..., HttpResponse]


def answer(value: object, status: int = 200, *, bom: bool = False) -> HttpResponse:
    """A JSON answer, with the byte order mark where Microsoft's own has one."""
    body = dump(value)
    return HttpResponse(status, [_JSON], BOM + body if bom else body)


def of_refusal(refusal: Refusal, tenant_id: str) -> PartnerCenterError:
    """Dresses a rule's refusal as Partner Center does; codes not in 13.2 are assumed [K]."""
    if refusal.reason is Reason.NOT_FOUND:
        return PartnerCenterError(404, 60002, "The user object id was not found.")
    if refusal.reason is Reason.DENIED:
        return PartnerCenterError(
            403, 900150, "The supplied role does not have the right to do this."
        )
    if refusal.reason is Reason.NO_SEAT:
        return PartnerCenterError(
            400,
            60012,
            "We're sorry, it looks like you've run out of licenses. Buy more licenses, and then "
            "try again.",
            [
                f"LicenseQuotaExceededException : Subscription with Account {tenant_id} and SKU "
                f"{refusal.sku} does not have any available licenses left."
            ],
        )
    if refusal.reason in {Reason.USAGE_LOCATION, Reason.LICENSE}:
        return PartnerCenterError(400, 2000, refusal.text)
    return PartnerCenterError(400, 3000, refusal.text)


class PartnerCenterFace:
    """Serves requests whose path begins with /v1."""

    name = "partner_center"

    def __init__(
        self,
        directory: Directory,
        faults: Faults,
        limits: Limits,
        routes: Routes[Handler],
        identity: Identity,
    ) -> None:
        self._directory = directory
        self._faults = faults
        self._limits = limits
        self._routes = routes
        self._identity = identity
        self._served = 0
        self._remembered: OrderedDict[tuple[str, str, str], HttpResponse] = OrderedDict()

    def resolve(self, request: HttpRequest) -> Match[Handler]:
        """The route of a request."""
        return self._routes.match(request.method, list(request.segments[1:]))

    def serve(self, request: HttpRequest, match: Match[Handler]) -> HttpResponse:
        """Answers one call; a write with a known MS-RequestId is not done again."""
        refused = self._limits.partner_center(request)
        if refused is not None:
            return _throttled(f"{refused.retry_after:.0f}")
        key = (request.method, request.path.lower(), request.header("ms-requestid").lower())
        is_write = request.method in {"POST", "PATCH", "PUT", "DELETE"} and bool(key[2])
        if is_write and key in self._remembered:
            known = self._remembered[key]
            return HttpResponse(known.status, [*known.headers], known.body)
        response = self._serve(request, match)
        if is_write and response.status not in {401, 429} and response.status < 500:
            self._remembered[key] = HttpResponse(
                response.status, [*response.headers], response.body
            )
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return response

    def _serve(self, request: HttpRequest, match: Match[Handler]) -> HttpResponse:
        try:
            groups = reseller(self._directory, request)
            if match.handler is None:
                return HttpResponse(405 if match.route else 404)
            call = PartnerCall(request, self._directory, self._faults, groups, self._identity)
            return match.handler(call, *match.arguments)
        except TokenRefused as refused:
            return self._token_refused(refused.fault, refused.claims)
        except PartnerCenterError as error:
            return self._error(error)
        except Refusal as refusal:
            return self._error(of_refusal(refusal, match.arguments[0] if match.arguments else ""))

    def _token_refused(self, fault: TokenFault, claims: str = "") -> HttpResponse:
        if fault is TokenFault.NO_MFA:
            error = PartnerCenterError(401, 900421, "Multi-factor authentication is required.")
        elif fault is TokenFault.EMPTY:
            error = PartnerCenterError(401, 800001, "The partner token is missing.")
        elif fault is TokenFault.NO_RELATION:
            error = PartnerCenterError(403, 2032, "Access denied.")
        else:
            error = PartnerCenterError(401, 400, "Access denied.")
        response = self._error(error)
        if claims:
            challenge = f'Bearer realm="", error="insufficient_claims", claims="{claims}"'
            response.headers.append(("WWW-Authenticate", challenge))
        return response

    def _error(self, error: PartnerCenterError) -> HttpResponse:
        description = escape(error.description)
        if error.code == 60012:
            # Published half escaped: samples/partner-center/licenseupdates-no-seats-400.json.
            description = description.replace("you&#39;ve", "you've")
        body = {
            "code": error.code,
            "description": description,
            "data": error.data,
            "source": "PartnerFD",
        }
        return HttpResponse(error.status, [_JSON], dump(body))

    def faulted_any(self, fault: Fault, _request: HttpRequest) -> HttpResponse | None:
        """The answer a fault puts in place of the real one; None when it does not."""
        general = general_fault(fault)
        if general is not None or fault.kind is FaultKind.MALFORMED_NEXT:
            return general
        if fault.kind is FaultKind.THROTTLED:
            return _throttled(fault.retry_after_text())
        if fault.kind is FaultKind.UNAVAILABLE:
            response = HttpResponse(fault.status, [("Content-Type", "text/html")], b"")
            if fault.retry_after is not None:
                response.headers.append(("Retry-After", f"{fault.retry_after}"))
            return response
        if fault.kind is FaultKind.EXPIRED_TOKEN:
            return self._token_refused(TokenFault.EXPIRED)
        if fault.kind is FaultKind.CLAIMS:
            return self._token_refused(TokenFault.REVOKED, fault.claims)
        return self._error(PartnerCenterError(403, 2032, "Access denied."))

    def dress(self, response: HttpResponse, request: HttpRequest) -> HttpResponse:
        """Adds the headers every answer has."""
        self._served += 1
        made = guid_of("pc", self._served)
        response.headers += [
            ("MS-RequestId", request.header("ms-requestid") or made),
            ("MS-CorrelationId", request.header("ms-correlationid") or made),
            ("MS-CV", f"{made[:8]}{made[9:13]}q7Ek.0"),
            ("MS-ServerId", "101112012"),
            ("Date", http_date(self._directory.now())),
        ]
        if request.header("validatemfa").lower() == "true":
            response.headers.append(
                ("isMfaCompliant", "true" if self._has_mfa(request) else "false")
            )
        return response

    def _has_mfa(self, request: HttpRequest) -> bool:
        token = request.header("authorization").rpartition(" ")[2]
        access = self._directory.access_tokens.get(token)
        return access.has_mfa if access is not None else token != "partner-nomfa"


def _throttled(retry_after: str | None) -> HttpResponse:
    # Another shape than all other errors: samples/partner-center/throttled-429.json.
    seconds = retry_after if retry_after is not None and retry_after.isdecimal() else "30"
    body = {
        "statusCode": 429,
        "message": f"Rate limit is exceeded. Try again in {seconds} seconds.",
    }
    response = HttpResponse(429, [("Content-Type", "application/json")], dump(body))
    if retry_after is not None:
        response.headers.append(("Retry-After", retry_after))
    return response
