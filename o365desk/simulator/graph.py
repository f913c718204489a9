"""The Microsoft Graph v1.0 face: routes, tokens, scripted faults and standard headers."""

import re
from collections.abc import Callable

from o365desk.simulator import (
    graph_batch,
    graph_deleted,
    graph_delta,
    graph_directory,
    graph_licenses,
    graph_mail,
    graph_relations,
    graph_roles,
    graph_users,
)
from o365desk.simulator.actors import Actor, TokenFault, TokenRefused, graph_actor
from o365desk.simulator.fault_answers import general_fault
from o365desk.simulator.faults import Fault, FaultKind, Faults
from o365desk.simulator.graph_answers import (
    Call,
    GraphError,
    access_denied,
    bad_request,
    error_answer,
    of_refusal,
)
from o365desk.simulator.ids import guid_of
from o365desk.simulator.limits import Limits, Refused, resource_units
from o365desk.simulator.messages import HttpRequest, HttpResponse, http_date
from o365desk.simulator.refusals import Refusal
from o365desk.simulator.routes import Match, Routes
from o365desk.simulator.scopes import SIGN_IN_ACTIVITY, lacking
from o365desk.simulator.state import Directory

_AUTHORIZE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
    ', client_id="00000003-0000-0000-c000-000000000000"'
)
_PASSWORD_METHOD = "28c10230-6103-485e-b985-444c60001490"
"""Id of every user's password method (G:authentication-methods)."""
_TOKEN_TEXTS = {
    TokenFault.EMPTY: "Access token is empty.",
    TokenFault.EXPIRED: "Access token has expired or is not yet valid.",
    # As in samples/graph/error-401-invalid-token.json.
    TokenFault.AUDIENCE: "Access token validation failure. Invalid audience.",
    TokenFault.UNKNOWN: "CompactToken parsing failed with error code: 80049217",
    TokenFault.NO_MFA: "CompactToken parsing failed with error code: 80049217",
}
_KEYED = re.compile(r"^(\w+)\('(.*)'\)$")

Handler = Callable[..., HttpResponse]

_ROUTES: Routes[Handler] = Routes(
    ("GET", "/users", graph_users.list_users),
    ("POST", "/users", graph_users.create_user),
    ("GET", "/users/$count", graph_users.count_users),
    ("GET", "/users/delta", graph_delta.delta),
    ("GET", "/users/{id}", graph_users.get_user),
    ("PATCH", "/users/{id}", graph_users.patch_user),
    ("DELETE", "/users/{id}", graph_users.delete_user),
    ("POST", "/users/{id}/assignLicense", graph_licenses.assign_license),
    ("POST", "/users/{id}/reprocessLicenseAssignment", graph_licenses.reprocess),
    ("GET", "/users/{id}/licenseDetails", graph_licenses.license_details),
    ("POST", "/users/{id}/revokeSignInSessions", graph_users.revoke_sessions),
    ("GET", "/users/{id}/memberOf", graph_directory.member_of),
    ("GET", "/users/{id}/transitiveMemberOf", graph_directory.member_of),
    ("GET", "/users/{id}/memberOf/microsoft.graph.directoryRole", graph_directory.roles_of),
    (
        "GET",
        "/users/{id}/transitiveMemberOf/microsoft.graph.directoryRole",
        graph_directory.roles_of,
    ),
    (
        "POST",
        f"/users/{{id}}/authentication/methods/{_PASSWORD_METHOD}/resetPassword",
        graph_users.reset_synced,
    ),
    ("GET", "/users/{id}/authentication/operations/{op}", graph_users.reset_operation),
    ("GET", "/me", graph_users.get_me),
    ("GET", "/me/transitiveMemberOf", graph_roles.own_memberships),
    ("POST", "/me/sendMail", graph_mail.send_mail),
    ("GET", "/directory/deletedItems", graph_deleted.list_deleted_uncast),
    ("GET", "/directory/deletedItems/microsoft.graph.user", graph_deleted.list_deleted),
    ("GET", "/directory/deletedItems/{id}", graph_deleted.get_deleted),
    ("DELETE", "/directory/deletedItems/{id}", graph_deleted.purge),
    ("POST", "/directory/deletedItems/{id}/restore", graph_deleted.restore),
    ("GET", "/directory/subscriptions", graph_licenses.list_subscriptions),
    ("GET", "/directory/subscriptions/{id}", graph_licenses.get_subscription),
    ("GET", "/directoryRoles", graph_directory.list_roles),
    ("GET", "/directoryRoles/{id}/members", graph_directory.role_members),
    ("POST", "/directoryObjects/getByIds", graph_directory.get_by_ids),
    ("GET", "/subscribedSkus", graph_licenses.list_skus),
    ("GET", "/subscribedSkus/{id}", graph_licenses.get_sku),
    ("GET", "/domains", graph_directory.list_domains),
    ("GET", "/domains/{id}", graph_directory.get_domain),
    ("GET", "/organization", graph_directory.list_organization),
    ("GET", "/groups", graph_directory.list_groups),
    ("GET", "/groups/{id}", graph_directory.get_group),
    ("GET", "/groups/{id}/members", graph_roles.list_members),
    ("GET", "/groups/{id}/owners", graph_roles.list_owners),
    ("GET", "/roleManagement/directory/roleAssignments", graph_roles.list_role_assignments),
    (
        "GET",
        "/tenantRelationships/delegatedAdminCustomers",
        graph_relations.list_gdap_customers,
    ),
    (
        "GET",
        "/tenantRelationships/delegatedAdminRelationships",
        graph_relations.list_gdap_relations,
    ),
    (
        "GET",
        "/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments",
        graph_roles.list_access_assignments,
    ),
    ("GET", "/contracts", graph_relations.list_contracts),
)


def _segments(request: HttpRequest) -> list[str]:
    """Path segments after the version; `users('x')` is taken apart, `delta()` made plain."""
    result: list[str] = []
    for segment in request.segments[1:]:
        keyed = _KEYED.match(segment)
        if keyed is not None:
            result += [keyed.group(1), keyed.group(2).replace("''", "'")]
        else:
            result.append(segment.removesuffix("()"))
    return result


def _challenge(claims: str) -> str:
    """As in samples/graph/error-401-cae-claims.json."""
    return f'{_AUTHORIZE}, error="insufficient_claims", claims="{claims}"'


def _challenged() -> GraphError:
    return GraphError(
        401,
        "InvalidAuthenticationToken",
        "Continuous access evaluation resulted in challenge with result: "
        "InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
    )


def _out_of_scope(route: str, lacks: frozenset[str]) -> GraphError:
    """The token has none of the permissions that the call needs."""
    if route == "/me/sendMail":
        return GraphError(
            403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."
        )
    if lacks is SIGN_IN_ACTIVITY:
        return GraphError(
            403,
            "Authentication_MSGraphPermissionMissing",
            "Calling principal does not have required MSGraph permissions AuditLog.Read.All",
        )
    return access_denied()


class GraphFace:
    """Serves requests whose path begins with /v1.0."""

    name = "graph"

    def __init__(
        self, directory: Directory, faults: Faults, limits: Limits, log: Callable[..., None]
    ) -> None:
        self._directory = directory
        self._faults = faults
        self._limits = limits
        self._log = log
        self._served = 0

    def resolve(self, request: HttpRequest) -> Match[Handler]:
        """The route of a request."""
        segments = _segments(request)
        if segments == ["$batch"]:
            return Match("/$batch", self._batch if request.method == "POST" else None, ())
        return _ROUTES.match(request.method, segments)

    def faulted(self, fault: Fault, request: HttpRequest) -> HttpResponse:
        """The answer of a scripted fault, in Graph's shape."""
        headers: list[tuple[str, str]] = []
        retry_after = fault.retry_after_text()
        if retry_after is not None:
            headers.append(("Retry-After", retry_after))
        if fault.kind is FaultKind.THROTTLED:
            headers += [
                ("x-ms-throttle-scope", "Tenant_Application/ReadWrite/sample/sample"),
                ("x-ms-throttle-information", "ResourceUnitLimitExceeded"),
            ]
            error = GraphError(429, "TooManyRequests", "Please retry again later.")
        elif fault.kind is FaultKind.UNAVAILABLE:
            error = GraphError(
                fault.status, "serviceNotAvailable", "The service is temporarily unavailable."
            )
        elif fault.kind is FaultKind.EXPIRED_TOKEN:
            return self._refused(TokenRefused(TokenFault.EXPIRED), request)
        elif fault.kind is FaultKind.CLAIMS:
            challenge = _challenge(fault.claims)
            headers.append(("WWW-Authenticate", challenge))
            error = _challenged()
        else:
            error = GraphError(
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            )
        answer = self._error(error, request)
        answer.headers += headers
        return answer

    def serve(self, request: HttpRequest, match: Match[Handler]) -> HttpResponse:
        """Answers one call, standard headers included."""
        try:
            answer = self._serve(request, match)
        except GraphError as error:
            answer = self._error(error, request)
        except Refusal as refusal:
            answer = self._error(of_refusal(refusal), request)
        except TokenRefused as refused:
            return self._refused(refused, request)
        units = resource_units(request, match.route)
        answer.headers.append(("x-ms-resource-unit", str(units)))
        return answer

    def _serve(self, request: HttpRequest, match: Match[Handler]) -> HttpResponse:
        actor = graph_actor(self._directory, request)
        counted = self._limits.graph(
            request, match.route, actor.tenant.tenant_id, len(actor.tenant.users)
        )
        if isinstance(counted, Refused):
            return self._throttled(counted, request)
        answer = self._carried_out(request, match, actor)
        if counted >= 0.8:
            answer.headers.append(("x-ms-throttle-limit-percentage", f"{counted:.2f}"))
        return answer

    def _throttled(self, refused: Refused, request: HttpRequest) -> HttpResponse:
        # As in samples/graph/throttled-429.json; Outlook says it in its own words.
        mail = not refused.scope
        code = "ApplicationThrottled" if mail else "TooManyRequests"
        answer = self._error(GraphError(429, code, "Please retry again later."), request)
        answer.headers.append(("Retry-After", f"{refused.retry_after:.0f}"))
        if refused.scope:
            scope = f"{refused.scope}/{guid_of('application', 0)}/{refused.tenant_id}"
            answer.headers.append(("x-ms-throttle-scope", scope))
            answer.headers.append(("x-ms-throttle-information", refused.information))
        return answer

    def _carried_out(
        self, request: HttpRequest, match: Match[Handler], actor: Actor
    ) -> HttpResponse:
        if match.handler is None:
            if match.route:
                # As in samples/graph/batch-mixed.json, item 4.
                raise GraphError(
                    405,
                    "Request_BadRequest",
                    "Specified HTTP method is not allowed for the request target.",
                )
            name = (_segments(request) or [""])[-1]
            raise bad_request(f"Resource not found for the segment '{name}'.", "BadRequest")
        lacks = lacking(actor.scopes, request, match.route)
        if lacks is not None:
            raise _out_of_scope(match.route, lacks)
        options = {key.lower(): value for key, value in request.parameters if key.startswith("$")}
        call = Call(request, self._directory, actor, self._faults, self._directory.now(), options)
        return match.handler(call, *match.arguments)

    def dress(self, answer: HttpResponse, request: HttpRequest) -> HttpResponse:
        """Adds the headers every answer has."""
        request_id, client_id = self._ids(request)
        answer.headers += [
            ("Cache-Control", "no-cache"),
            ("Strict-Transport-Security", "max-age=31536000"),
            ("request-id", request_id),
            ("client-request-id", client_id),
            (
                "x-ms-ags-diagnostic",
                '{"ServerInfo":{"DataCenter":"West Europe","Slice":"E","Ring":"5",'
                '"ScaleUnit":"001","RoleInstance":"AM2PEPF0001"}}',
            ),
            ("Date", http_date(self._directory.now())),
        ]
        self._served += 1
        return answer

    def _ids(self, request: HttpRequest) -> tuple[str, str]:
        request_id = guid_of("request", self._served)
        return request_id, request.header("client-request-id") or request_id

    def _error(self, error: GraphError, request: HttpRequest) -> HttpResponse:
        return error_answer(error, *self._ids(request), self._directory.now())

    def _refused(self, refused: TokenRefused, request: HttpRequest) -> HttpResponse:
        if refused.fault is TokenFault.NO_RELATION:
            # Microsoft gives no token without a relation; one that died meanwhile opens
            # nothing [K].
            return self._error(
                GraphError(
                    403,
                    "Authorization_RequestDenied",
                    "Insufficient privileges to complete the operation.",
                ),
                request,
            )
        if refused.fault is TokenFault.REVOKED:
            answer = self._error(_challenged(), request)
            answer.headers.append(("WWW-Authenticate", _challenge(refused.claims)))
            return answer
        text = _TOKEN_TEXTS[refused.fault]
        answer = self._error(GraphError(401, "InvalidAuthenticationToken", text), request)
        answer.headers.append(("WWW-Authenticate", _AUTHORIZE))
        return answer

    def _batch(self, call: Call) -> HttpResponse:
        def serve(item: HttpRequest) -> HttpResponse:
            match = self.resolve(item)
            path = "/" + "/".join(item.segments[1:])
            struck = self._faults.strike(self.name, item.method, path, in_batch=True)
            answer: HttpResponse | None = None
            for fault in struck:
                answer = self.faulted_any(fault, item)
            answer = answer or self.serve(item, match)
            self._log(self.name, item, match.route, answer.status, in_batch=True)
            return answer

        return graph_batch.batch(call, serve)

    def faulted_any(self, fault: Fault, request: HttpRequest) -> HttpResponse | None:
        """The answer a fault puts in place of the real one; None when it does not."""
        general = general_fault(fault)
        if general is not None:
            return general
        if fault.kind is FaultKind.MALFORMED_NEXT:
            return None
        return self.faulted(fault, request)
