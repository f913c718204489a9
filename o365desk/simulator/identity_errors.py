"""The sign-in service's errors: AADSTS numbers with Microsoft's words and the shape they come in.

Numbers and texts: learn.microsoft.com/entra/identity-platform/reference-error-codes and published
answers; texts are shortened where Microsoft goes on for long. The `error` word beside a number is
what decides for a client (v2-oauth2-auth-code-flow, v2-oauth2-device-code).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from o365desk.simulator.ids import guid_of
from o365desk.simulator.messages import HttpResponse, dump


@dataclass(frozen=True, slots=True)
class Sts:
    """One row of the table."""

    error: str
    text: str
    suberror: str = ""
    status: int = 400


_MFA = (
    "Due to a configuration change made by your administrator, or because you moved to a new "
    "location, you must "
)
_NOT_HERE = (
    "User account '{account}' from identity provider 'https://sts.windows.net/{home}/' does not "
    "exist in tenant '{tenant}' and cannot access the application '{client}' in that tenant. The "
    "account needs to be added as an external user in the tenant first. Sign out and sign in "
    "again with a different Azure Active Directory user account."
)

TABLE: Final[dict[int, Sts]] = {
    28000: Sts(
        "invalid_request",
        "Provided value for the input parameter scope is not valid because it contains more than "
        "one resource. Scope {scope} is not valid.",
    ),
    28003: Sts(
        "invalid_request",
        "Provided value for the input parameter scope cannot be empty when requesting an access "
        "token using the provided authorization code. Please specify a valid scope.",
    ),
    50011: Sts(
        "invalid_request",
        "The redirect URI '{redirect}' specified in the request does not match the redirect URIs "
        "configured for the application '{client}'. Make sure the redirect URI sent in the request "
        "matches one added to your application in the Azure portal.",
    ),
    50020: Sts("invalid_grant", _NOT_HERE),
    50034: Sts(
        "invalid_grant",
        "The user account {account} does not exist in the {tenant} directory. To sign into this "
        "application, the account must be added to the directory.",
    ),
    50049: Sts("invalid_instance", "Unknown or invalid instance."),
    50053: Sts(
        "invalid_grant",
        "The account is locked, you've tried to sign in too many times with an incorrect user ID "
        "or password.",
    ),
    50055: Sts("invalid_grant", "The password is expired.", "user_password_expired"),
    50057: Sts("invalid_grant", "The user account is disabled."),
    50058: Sts(
        "login_required",
        "A silent sign-in request was sent but no user is signed in.",
    ),
    50074: Sts(
        "interaction_required",
        "Strong Authentication is required.",
        "basic_action",
    ),
    50076: Sts(
        "interaction_required",
        _MFA + "use multi-factor authentication to access '{resource}'.",
        "basic_action",
    ),
    50079: Sts(
        "interaction_required",
        _MFA + "enroll in multi-factor authentication to access '{resource}'.",
        "basic_action",
    ),
    50126: Sts(
        "invalid_grant", "Error validating credentials due to invalid username or password."
    ),
    50158: Sts(
        "interaction_required",
        "External security challenge not satisfied. User will be redirected to another page or "
        "authentication provider to satisfy additional authentication challenges.",
        "additional_action",
    ),
    50173: Sts(
        "invalid_grant",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The "
        "user might have changed or reset their password. The grant was issued on '{issued}' and "
        "the TokensValidFrom date (before which tokens are not valid) for this user is '{since}'.",
        "bad_token",
    ),
    50177: Sts("invalid_grant", _NOT_HERE),
    50194: Sts(
        "invalid_request",
        "Application '{client}' is not configured as a multi-tenant application. Usage of the "
        "/common endpoint is not supported for such applications. Use a tenant-specific endpoint "
        "or configure the application to be multi-tenant.",
    ),
    53003: Sts(
        "interaction_required",
        "Access has been blocked by Conditional Access policies. The access policy does not allow "
        "token issuance.",
        "message_only",
    ),
    54005: Sts(
        "invalid_grant",
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use "
        "an existing refresh token.",
    ),
    65001: Sts(
        "invalid_grant",
        "The user or administrator has not consented to use the application with ID '{client}' "
        "named '{name}'. Send an interactive authorization request for this user and resource.",
        "consent_required",
    ),
    65004: Sts("access_denied", "User declined to consent to access the app."),
    650053: Sts(
        "invalid_client",
        "The application '{name}' asked for scope '{scope}' that doesn't exist on the resource "
        "'{resource}'. Contact the app vendor.",
    ),
    70000: Sts("invalid_grant", "The provided value for the input parameter is not valid."),
    70003: Sts("unsupported_grant_type", "The app requested an unsupported grant type '{grant}'."),
    70005: Sts(
        "unsupported_response_type",
        "The app requested an unsupported response type when requesting a token.",
    ),
    70007: Sts(
        "unsupported_response_mode",
        "'{mode}' is not a supported value of 'response_mode' when requesting a token.",
    ),
    70008: Sts(
        "invalid_grant",
        "The provided authorization code or refresh token has expired due to inactivity. Send a "
        "new interactive authorization request for this user and resource.",
    ),
    70011: Sts(
        "invalid_scope",
        "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not "
        "valid.",
    ),
    70016: Sts(
        "authorization_pending",
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    ),
    70018: Sts("bad_verification_code", "Invalid verification code."),
    70020: Sts(
        "expired_token",
        "The provided value for the input parameter 'device_code' is not valid. This device code "
        "has expired.",
    ),
    90002: Sts(
        "invalid_request",
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are "
        "signing into the correct cloud. Check with your subscription administrator, this may "
        "happen if there are no active subscriptions for the tenant.",
    ),
    90033: Sts(
        "temporarily_unavailable", "A transient error has occurred. Please try again.", status=503
    ),
    90055: Sts("temporarily_unavailable", "There are too many incoming requests.", status=429),
    90094: Sts("access_denied", "The grant requires admin permission."),
    90099: Sts(
        "access_denied",
        "The application '{client}' ({name}) has not been authorized in the tenant '{tenant}'. "
        "Applications must be authorized to access the external tenant before partner delegated "
        "administrators can use them. Provide pre-consent or execute the appropriate Partner "
        "Center API to authorize the application.",
    ),
    500011: Sts(
        "invalid_resource",
        "The resource principal named {resource} was not found in the tenant named {tenant}. This "
        "can happen if the application has not been installed by the administrator of the tenant "
        "or consented to by any user in the tenant.",
    ),
    501481: Sts(
        "invalid_grant",
        "The Code_Verifier does not match the code_challenge supplied in the authorization "
        "request.",
    ),
    700005: Sts(
        "invalid_grant",
        "Provided Authorization Code is intended to use against other tenant, thus rejected.",
    ),
    700016: Sts(
        "unauthorized_client",
        "Application with identifier '{client}' was not found in the directory '{tenant}'. This "
        "can happen if the application has not been installed by the administrator of the tenant "
        "or consented to by any user in the tenant. You may have sent your authentication request "
        "to the wrong tenant.",
    ),
    700082: Sts(
        "invalid_grant",
        "The refresh token has expired due to inactivity. The token was issued on {issued} and was "
        "inactive for {idle}.",
        "bad_token",
    ),
    900023: Sts(
        "invalid_request",
        "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external "
        "domain.",
    ),
    900144: Sts(
        "invalid_request", "The request body must contain the following parameter: '{parameter}'."
    ),
    7000218: Sts(
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or "
        "'client_secret'.",
        status=401,
    ),
    9002332: Sts(
        "invalid_request",
        "Application '{client}' is configured for use by Microsoft Entra users only. Please do not "
        "use the /consumers endpoint to serve this request.",
    ),
}


class StsError(Exception):
    """A refusal of the sign-in service; the words fill the text's gaps."""

    def __init__(self, code: int, *, error: str = "", claims: str = "", **words: str) -> None:
        self.code = code
        self.row = TABLE[code]
        self.error = error or self.row.error
        self.claims = claims
        self.sentence = f"AADSTS{code}: {self.row.text.format(**words)}"
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class Trace:
    """What identifies one answer for Microsoft's support."""

    trace_id: str
    correlation_id: str
    at: datetime

    @classmethod
    def of(cls, number: int, correlation_id: str, at: datetime) -> "Trace":
        """The answer with this number; the client's own correlation id comes back."""
        trace_id = guid_of("sts", number)
        return cls(trace_id, correlation_id or trace_id, at)

    @property
    def stamp(self) -> str:
        """The time as these answers print it."""
        return f"{self.at:%Y-%m-%d %H:%M:%S}Z"

    def describe(self, sentence: str) -> str:
        """A sentence with the ids behind it, as error_description has them."""
        return (
            f"{sentence} Trace ID: {self.trace_id} Correlation ID: {self.correlation_id} "
            f"Timestamp: {self.stamp}"
        )


def error_body(error: StsError, trace: Trace) -> dict[str, Any]:
    """The token endpoint's error."""
    body: dict[str, Any] = {
        "error": error.error,
        "error_description": trace.describe(error.sentence),
        "error_codes": [error.code],
        "timestamp": trace.stamp,
        "trace_id": trace.trace_id,
        "correlation_id": trace.correlation_id,
        "error_uri": f"https://login.microsoftonline.com/error?code={error.code}",
    }
    if error.row.suberror:
        body["suberror"] = error.row.suberror
    if error.claims:
        body["claims"] = error.claims
    return body


def error_answer(error: StsError, trace: Trace) -> HttpResponse:
    """The same as an answer."""
    headers = [("Content-Type", "application/json; charset=utf-8")]
    return HttpResponse(error.row.status, headers, dump(error_body(error, trace)))


def redirect_fields(error: StsError, trace: Trace) -> dict[str, str]:
    """What goes back to the application's redirect URI."""
    fields = {
        "error": error.error,
        "error_description": trace.describe(error.sentence),
        "error_uri": f"https://login.microsoftonline.com/error?code={error.code}",
    }
    if error.row.suberror:
        fields["error_subcode"] = error.row.suberror
    if error.claims:
        fields["claims"] = error.claims
    return fields
