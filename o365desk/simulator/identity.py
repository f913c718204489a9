"""The sign-in face: Microsoft's paths of the identity platform, v2.0.

Pages followed: v2-protocols-oidc, v2-oauth2-auth-code-flow, v2-oauth2-device-code, v2-permissions,
v2-admin-consent, claims-challenge (learn.microsoft.com/entra/identity-platform).
"""

import os
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl

from o365desk.simulator import identity_pages as pages
from o365desk.simulator.fault_answers import general_fault
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.simulator.identity_claims import demand_of
from o365desk.simulator.identity_errors import (
    StsError,
    Trace,
    error_answer,
    redirect_fields,
)
from o365desk.simulator.identity_grants import DEVICE_GRANT, TokenEndpoint
from o365desk.simulator.identity_sign_in import COOKIE, Ask, SignInPages, answer_to
from o365desk.simulator.identity_state import (
    DEVICE_LIFE,
    DeviceFlow,
    Identity,
    Wanted,
    mfa_refusal,
)
from o365desk.simulator.identity_tokens import public_keys, secret
from o365desk.simulator.messages import HttpRequest, HttpResponse, dump, http_date
from o365desk.simulator.routes import Match, Routes
from o365desk.simulator.scopes import GRAPH

_JSON = ("Content-Type", "application/json; charset=utf-8")
_CLOUDS: Final = (
    ("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"),
    ("login.partner.microsoftonline.cn", "login.chinacloudapi.cn"),
    ("login.microsoftonline.us", "login.usgovcloudapi.net"),
)
"""Preferred host first, then its other names (instance discovery's metadata)."""
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
_MODES = frozenset({"query", "fragment", "form_post"})

Handler = Callable[..., HttpResponse]


class IdentityFace:
    """Serves the sign-in service's paths."""

    name = "identity"

    def __init__(self, identity: Identity) -> None:
        self.state = identity
        self.tokens = TokenEndpoint(identity)
        self.browser_base = ""
        """Where a browser finds the pages, when not under the host that the client calls."""
        self._pages = SignInPages(identity)
        self._served = 0
        self._routes: Routes[Handler] = Routes(
            ("GET", "/common/discovery/instance", self._instance),
            ("GET", "/common/oauth2/deviceauth", self._device_page),
            ("POST", "/common/oauth2/deviceauth", self._device_page),
            ("GET", "/{tenant}/v2.0/.well-known/openid-configuration", self._configuration),
            ("GET", "/{tenant}/discovery/v2.0/keys", self._keys),
            ("GET", "/{tenant}/oauth2/v2.0/authorize", self._authorize),
            ("POST", "/{tenant}/oauth2/v2.0/authorize", self._authorize),
            ("POST", "/{tenant}/oauth2/v2.0/token", self._token),
            ("POST", "/{tenant}/oauth2/v2.0/devicecode", self._device_start),
            ("GET", "/{tenant}/oauth2/v2.0/logout", self._sign_out),
            ("GET", "/{tenant}/adminconsent", self._admin_consent),
            ("POST", "/{tenant}/adminconsent", self._admin_consent),
            ("GET", "/{tenant}/v2.0/adminconsent", self._admin_consent),
            ("POST", "/{tenant}/v2.0/adminconsent", self._admin_consent),
        )

    def resolve(self, request: HttpRequest) -> Match[Handler]:
        """The route of a request."""
        return self._routes.match(request.method, list(request.segments))

    def serve(self, request: HttpRequest, match: Match[Handler]) -> HttpResponse:
        """Answers one call."""
        if match.handler is None:
            return HttpResponse(405)
        try:
            return match.handler(request, *match.arguments)
        except StsError as error:
            return error_answer(error, self._trace(request))

    def dress(self, answer: HttpResponse, request: HttpRequest) -> HttpResponse:
        """Adds the headers every answer has."""
        trace = self._trace(request)
        answer.headers += [
            ("x-ms-request-id", trace.trace_id),
            ("client-request-id", trace.correlation_id),
            ("Date", http_date(self.state.directory.now())),
        ]
        if "set-cookie" not in {name.lower() for name, _value in answer.headers} and (
            answer.header("content-type").startswith("text/html") or answer.status == 302
        ):
            cookie = f"{COOKIE}={_cookie(request)}; Path=/; HttpOnly; SameSite=Lax"
            answer.headers.append(("Set-Cookie", cookie))
        self._served += 1
        return answer

    def faulted_any(self, fault: Fault, request: HttpRequest) -> HttpResponse | None:
        """The answer a fault puts in place of the real one; None when it does not."""
        general = general_fault(fault)
        if general is not None or fault.kind is FaultKind.MALFORMED_NEXT:
            return general
        if fault.kind is FaultKind.EXPIRED_TOKEN:
            error = StsError(700082, issued=f"{self.state.directory.now():%F}", idle="90.00:00:00")
        elif fault.kind is FaultKind.CLAIMS:
            error = mfa_refusal(GRAPH.app_id, has_method=True)
        elif fault.kind is FaultKind.MISSING_ROLE:
            error = StsError(53003)
        else:
            error = StsError(90055 if fault.kind is FaultKind.THROTTLED else 90033)
        answer = error_answer(error, self._trace(request))
        if fault.kind is FaultKind.UNAVAILABLE:
            answer.status = fault.status
        retry_after = fault.retry_after_text()
        if retry_after is not None:
            answer.headers.append(("Retry-After", retry_after))
        return answer

    def _trace(self, request: HttpRequest) -> Trace:
        correlation = request.header("client-request-id")
        return Trace.of(self._served, correlation, self.state.directory.now())

    # Discovery

    def _instance(self, request: HttpRequest) -> HttpResponse:
        parameters = dict(request.parameters)
        asked = parameters.get("authorization_endpoint", "")
        host, _slash, rest = asked.removeprefix("https://").partition("/")
        known = {name for cloud in _CLOUDS for name in cloud} | {request.host}
        if host.lower() not in known:
            raise StsError(50049)
        tenant = rest.partition("/")[0] or "common"
        own = f"https://{host}/{tenant}/v2.0/.well-known/openid-configuration"
        metadata = [
            {"preferred_network": cloud[0], "preferred_cache": cloud[1], "aliases": list(cloud)}
            for cloud in _CLOUDS
        ]
        body = {"tenant_discovery_endpoint": own, "api-version": "1.1", "metadata": metadata}
        return _json(body)

    def _issuer(self, request: HttpRequest) -> str:
        """With a gap for the tenant; Microsoft's host, whatever host the practice one has."""
        host = request.host.lower()
        cloud = next((cloud[0] for cloud in _CLOUDS if host in cloud), _CLOUDS[0][0])
        return f"https://{cloud}/{{tenantid}}/v2.0"

    def _configuration(self, request: HttpRequest, authority: str) -> HttpResponse:
        tenant = self.state.tenant_of(authority)
        place = tenant.tenant_id if tenant is not None else authority.lower()
        base = f"{request.base}/{place}"
        seen = f"{self.browser_base or request.base}/{place}"
        issuer = self._issuer(request)
        return _json(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_modes_supported": sorted(_MODES),
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "issuer": issuer.format(tenantid=tenant.tenant_id) if tenant else issuer,
                "request_uri_parameter_supported": False,
                "authorization_endpoint": f"{seen}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "http_logout_supported": True,
                "end_session_endpoint": f"{seen}/oauth2/v2.0/logout",
                "claims_supported": [
                    "sub",
                    "iss",
                    "aud",
                    "exp",
                    "iat",
                    "nonce",
                    "preferred_username",
                    "name",
                    "tid",
                    "ver",
                ],
                "tenant_region_scope": "EU",
                "cloud_instance_name": "microsoftonline.com",
                "msgraph_host": GRAPH.hosts[0],
            }
        )

    def _keys(self, _request: HttpRequest, authority: str) -> HttpResponse:
        self.state.tenant_of(authority)
        return _json(public_keys())

    # Tokens

    def _token(self, request: HttpRequest, authority: str) -> HttpResponse:
        form = _form(request)
        try:
            body = self.tokens.redeem(authority, form, self._issuer(request))
        except StsError as error:
            waits = form.get("grant_type") == DEVICE_GRANT and error.code == 70016
            if not waits:
                grant = form.get("grant_type", "")
                self.state.note(grant, form.get("client_id", ""), code=error.code)
            raise
        answer = _json(body)
        answer.headers += [("Cache-Control", "no-store, no-cache"), ("Pragma", "no-cache")]
        return answer

    def _device_start(self, request: HttpRequest, authority: str) -> HttpResponse:
        state, form = self.state, _form(request)
        client_id = form.get("client_id", "")
        tenant = state.tenant_of(authority, client_id)
        client = state.client_of(client_id, tenant)
        wanted, openid = state.wanted_of(form.get("scope", ""), tenant, client)
        try:
            demand = demand_of(form.get("claims", ""))
        except ValueError:
            raise StsError(70011, scope="claims") from None
        user_code = "".join(_LETTERS[byte % len(_LETTERS)] for byte in os.urandom(9))
        flow = DeviceFlow(
            client, tenant, user_code, wanted, openid, demand, state.directory.now() + DEVICE_LIFE
        )
        where = f"{self.browser_base or request.base}/common/oauth2/deviceauth"
        return _json(
            {
                "user_code": user_code,
                "device_code": state.new_device(flow),
                "verification_uri": where,
                "expires_in": int(DEVICE_LIFE.total_seconds()),
                "interval": self.tokens.interval,
                "message": f"To sign in, use a web browser to open the page {where} and enter the "
                f"code {user_code} to authenticate.",
            }
        )

    # Pages

    def _device_page(self, request: HttpRequest) -> HttpResponse:
        form = _form(request)
        cookie = _cookie(request)
        if "sitting" in form:
            return self._pages.step(form, cookie, self._trace(request))
        typed = form.get("user_code", "")
        if request.method == "GET" or not typed:
            return pages.device_code()
        flow = self.state.device_by_user_code(typed)
        if flow is None:
            return pages.device_code(f"That code didn’t work. {StsError(70018).sentence}")
        ask = Ask(flow.client, flow.tenant, flow.wanted, flow.openid, flow.demand, device=flow)
        return self._pages.start(ask, cookie, self._trace(request))

    def _authorize(self, request: HttpRequest, authority: str) -> HttpResponse:
        form = _form(request)
        if "sitting" in form:
            return self._pages.step(form, _cookie(request), self._trace(request))
        return self._begin(request, authority, dict(request.parameters) | form)

    def _admin_consent(self, request: HttpRequest, authority: str) -> HttpResponse:
        form = _form(request)
        if "sitting" in form:
            return self._pages.step(form, _cookie(request), self._trace(request))
        scope = f"https://{GRAPH.hosts[0]}/.default"
        fields = {"scope": scope, "response_type": "code"} | dict(request.parameters)
        return self._begin(request, authority, fields, is_admin_consent=True)

    def _begin(
        self,
        request: HttpRequest,
        authority: str,
        fields: dict[str, str],
        *,
        is_admin_consent: bool = False,
    ) -> HttpResponse:
        """What is wrong with the application itself stays on the page; all else goes back."""
        trace = self._trace(request)
        client_id, redirect = fields.get("client_id", ""), fields.get("redirect_uri", "")
        try:
            tenant = self.state.tenant_of(authority, client_id)
            client = self.state.client_of(client_id, tenant)
            if not client.accepts(redirect):
                raise StsError(50011, redirect=redirect, client=client_id)
        except StsError as error:
            self.state.note("interactive", client_id, code=error.code)
            return pages.broken(error.sentence, trace.describe("").strip())
        mode = fields.get("response_mode", "query")
        state = fields.get("state", "")
        try:
            if mode not in _MODES:
                raise StsError(70007, mode=mode)
            if fields.get("response_type", "") != "code":
                raise StsError(70005)
            method = fields.get("code_challenge_method", "S256")
            if fields.get("code_challenge") and method != "S256":
                raise StsError(501481)
            wanted, openid = self.state.wanted_of(fields.get("scope", ""), tenant, client)
            demand = _demand(fields)
        except StsError as error:
            self.state.note("interactive", client_id, code=error.code)
            mode = mode if mode in _MODES else "query"
            return answer_to(redirect, mode, state, redirect_fields(error, trace))
        ask = Ask(
            client,
            tenant,
            wanted or (Wanted(GRAPH, "", frozenset({"User.Read"})),),
            openid,
            demand,
            redirect,
            mode,
            state,
            fields.get("nonce", ""),
            fields.get("code_challenge", ""),
            fields.get("prompt", ""),
            fields.get("login_hint", ""),
            fields.get("domain_hint", ""),
            has_client_info=fields.get("client_info") == "1",
            is_admin_consent=is_admin_consent,
        )
        return self._pages.start(ask, _cookie(request), trace)

    def _sign_out(self, request: HttpRequest, _authority: str) -> HttpResponse:
        self._pages.sign_out(_cookie(request))
        answer = pages.done("You signed out of your account", "You may now close this window.")
        answer.headers.append(("Set-Cookie", f"{COOKIE}=; Path=/; Max-Age=0"))
        return answer


def _demand(fields: dict[str, str]) -> Any:
    try:
        return demand_of(
            fields.get("claims", ""), fields.get("amr_values", ""), fields.get("acr_values", "")
        )
    except ValueError:
        raise StsError(70011, scope="claims") from None


def _form(request: HttpRequest) -> dict[str, str]:
    if request.method != "POST":
        return {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _cookie(request: HttpRequest) -> str:
    """The browser's name; a new browser gets one."""
    for part in request.header("cookie").split(";"):
        name, _sign, value = part.strip().partition("=")
        if name == COOKIE and value:
            return value
    return secret(16)


def _json(body: object) -> HttpResponse:
    return HttpResponse(200, [_JSON], dump(body))
