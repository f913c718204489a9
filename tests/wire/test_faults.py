"""Every row of the facts sheet's section 13.2 becomes a typed error in the operator's words."""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.access import Service
from o365desk.domain.errors import (
    AccessDenied,
    Conflict,
    DeskError,
    NotFound,
    OutcomeUnknown,
    Refusal,
    ServerFault,
    SignInRequired,
    Throttled,
    UnexpectedReply,
)
from o365desk.wire.faults import Fail, Ok, error_for, verdict
from o365desk.wire.messages import ApiRequest, ApiResponse, Safety
from o365desk.wire.operations import Operation

GRAPH = Service.GRAPH
PC = Service.PARTNER_CENTER

NAME = "Zephyrine"
UPN = "zephyrine.quux@adatum.example"
PERSON = f" {NAME} <{UPN}> Pa55-w0rd-Canary eyJ0eXAi.canary.token"
"""Appended to every text of Microsoft's: nothing of it may reach the error."""

SKU = "f245ecc8-75af-4f8e-b61f-27d8114de5f3"
USER = "2f6ddaa1-8a46-4d29-8b1b-0a5f4e0f0a5e"


@dataclass(frozen=True)
class Row:
    """One row: the answer, and what must come of it."""

    operation: Operation
    status: int
    code: object
    text: str
    kind: type[DeskError]
    refusal: Refusal = Refusal.OTHER
    says: str = ""
    """Words that must occur in the sentence or the next step."""
    service: Service = GRAPH
    details: tuple[tuple[str, str], ...] = ()
    data: tuple[object, ...] = ()
    sku_ids: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.service}-{self.operation}-{self.status}-{self.code}-{self.text[:40]}"

    def body(self, tail: str = PERSON) -> bytes:
        if self.service is PC:
            return json.dumps(
                {
                    "code": self.code,
                    "description": self.text + tail,
                    "data": list(self.data),
                    "source": "PartnerFD",
                }
            ).encode()
        error: dict[str, Any] = {"code": self.code, "message": self.text + tail}
        if self.details:
            error["details"] = [
                {"code": code, "message": self.text + tail, "target": target}
                for code, target in self.details
            ]
        error["innerError"] = {"request-id": "rid-1", "client-request-id": "cid-1"}
        return json.dumps({"error": error}).encode()


def pc(operation: Operation, status: int, code: object, text: str, *rest: Any, **more: Any) -> Row:
    return replace(Row(operation, status, code, text, *rest, **more), service=PC)


UPDATE = Operation.UPDATE_LICENSES
ASSIGN = Operation.ASSIGN_LICENSE
CREATE = Operation.CREATE_USER
EDIT = Operation.UPDATE_USER
RESET = Operation.RESET_PASSWORD
LIST = Operation.LIST_USERS
MAIL = Operation.SEND_MAIL
BAD = "Request_BadRequest"
TAKEN = "Another object with the same value for property userPrincipalName already exists."
GONE = f"Resource '{USER}' does not exist or one of its queried reference-property objects are"

PARTNER_CENTER = [
    pc(
        UPDATE,
        400,
        60012,
        "We&#39;re sorry, it looks like you've run out of licenses.",
        Conflict,
        Refusal.NO_SEAT,
        "seat",
        data=(
            "LicenseQuotaExceededException : Subscription with Account "
            f"0c39d6d5-c70d-4c55-bc02-f620844f3fd1 and SKU {SKU.upper()} does not have any"
            " available licenses left.",
        ),
        sku_ids=(SKU,),
    ),
    pc(
        UPDATE,
        400,
        2000,
        "License assignment cannot be done for user with invalid usage location.",
        Conflict,
        Refusal.USAGE_LOCATION,
        "location",
    ),
    pc(EDIT, 404, 60002, "User object id not found", NotFound, says="Refresh"),
    pc(LIST, 404, 60003, "Tenant not found", NotFound, says="customer"),
    pc(EDIT, 404, 1000, "Not found", NotFound, says="Refresh"),
    pc(EDIT, 404, 3000, "Resource not found", NotFound, says="Refresh"),
    pc(EDIT, 400, 3000, "Invalid property", Conflict, Refusal.OUR_REQUEST, "Report"),
    pc(EDIT, 400, 2000, "Tenant Id must be a GUID.", Conflict, Refusal.OUR_REQUEST, "Report"),
    pc(EDIT, 400, 2000, "Account Id has to be set.", Conflict, Refusal.OUR_REQUEST, "Report"),
    pc(
        LIST, 403, 20002, "No commerce relationship", AccessDenied, Refusal.RELATIONSHIP, "customer"
    ),
    pc(Operation.GET_SUBSCRIPTION, 404, 20003, "Not found", NotFound, says="subscription"),
    pc(LIST, 401, 400, "Access denied", SignInRequired, says="Sign in"),
    pc(LIST, 403, 2032, "Access denied", AccessDenied, Refusal.ROLE_MISSING, "GDAP"),
    pc(LIST, 403, 900150, "Supplied role", AccessDenied, Refusal.ROLE_MISSING, "GDAP"),
    pc(LIST, 401, 900421, "MFA", SignInRequired, Refusal.MFA, "factor"),
    pc(LIST, 401, 800001, "Partner token missing", SignInRequired, says="Sign in"),
    pc(LIST, 400, 800002, "Invalid request input", Conflict, Refusal.OUR_REQUEST, "Report"),
    pc(LIST, 400, 900118, "Invalid customer id", Conflict, Refusal.STALE, "customer"),
    pc(LIST, 400, 900127, "Not supported", Conflict, Refusal.UNSUPPORTED, "admin center"),
    pc(LIST, 400, 900141, "Not supported", Conflict, Refusal.UNSUPPORTED, "admin center"),
    pc(LIST, 403, 900123, "Agreement", AccessDenied, Refusal.AGREEMENT, "partner administrator"),
    pc(LIST, 403, 900124, "Agreement", AccessDenied, Refusal.AGREEMENT, "partner administrator"),
    pc(LIST, 403, 900149, "Programme", AccessDenied, Refusal.AGREEMENT, "status"),
    pc(LIST, 403, 800039, "Reseller", AccessDenied, Refusal.AGREEMENT, "status"),
    pc(LIST, 403, 800073, "Review", AccessDenied, says="Wait"),
    pc(LIST, 403, 800074, "Review", AccessDenied, says="Wait"),
    pc(EDIT, 400, 2055, "ETag", Conflict, Refusal.STALE, "Refresh"),
    pc(UPDATE, 400, 60000, "Migration failed", Conflict, says="again"),
    pc(LIST, 500, 800003, "Unexpected", ServerFault, says="again"),
    pc(LIST, 501, 0, "Not defined", ServerFault, Refusal.UNSUPPORTED, "admin center"),
    pc(LIST, 429, None, "Rate limit is exceeded. Try again in 57 seconds.", Throttled, says="57"),
]

LICENSES = [
    Row(ASSIGN, 400, BAD, text, Conflict, refusal, says, sku_ids=skus)
    for text, refusal, says, skus in [
        (
            f"Subscription with SKU {SKU} does not have any available licenses.",
            Refusal.NO_SEAT,
            "seat",
            (SKU,),
        ),
        (
            "License assignment cannot be done for user with invalid usage location.",
            Refusal.USAGE_LOCATION,
            "location",
            (),
        ),
        (
            "User license is inherited from a group membership and it cannot be removed directly"
            " from the user.",
            Refusal.INHERITED,
            "group",
            (),
        ),
        ("User does not have a corresponding license.", Refusal.NOT_HELD, "Refresh", ()),
        (
            f"License {SKU} does not correspond to a valid company License.",
            Refusal.SKU_GONE,
            "own",
            (SKU,),
        ),
        (
            "License assignment failed because service plan 4de31727-a228-4ec3-a5bf-8e45b5ca48cc"
            " depends on the service plan(s) 9aaf7827-d63c-4b61-89c3-182f06f82e5c",
            Refusal.DEPENDENCY,
            "needs",
            (),
        ),
        (
            "License assignment failed because service plans 4de31727-a228-4ec3-a5bf-8e45b5ca48cc,"
            " 9aaf7827-d63c-4b61-89c3-182f06f82e5c are mutually exclusive",
            Refusal.EXCLUSIVE,
            "exclude",
            (),
        ),
        (
            "License assignment failed because service plan EXCHANGE_S_ENTERPRISE conflicts with"
            " service plan EXCHANGE_S_STANDARD.",
            Refusal.EXCLUSIVE,
            "exclude",
            (),
        ),
        (
            "One or more parameters of the operation 'assignLicense' are missing from the request"
            " payload. The missing parameters are: removeLicenses.",
            Refusal.OUR_REQUEST,
            "Report",
            (),
        ),
        (
            "Cannot convert a primitive value to the expected type 'Edm.Guid'.",
            Refusal.OUR_REQUEST,
            "Report",
            (),
        ),
        (
            "Another user has the same proxy address already in use.",
            Refusal.ADDRESS_TAKEN,
            "address",
            (),
        ),
    ]
]

USERS = [
    Row(Operation.GET_USER, 404, "Request_ResourceNotFound", GONE, NotFound, says="created"),
    Row(
        EDIT,
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
        AccessDenied,
        Refusal.ROLE_MISSING,
        "administrator",
    ),
    Row(
        RESET,
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
        AccessDenied,
        Refusal.ROLE_MISSING,
        "reset",
    ),
    Row(
        RESET,
        403,
        "Authorization_RequestDenied",
        "Access to change password operation is denied.",
        AccessDenied,
        Refusal.OUR_REQUEST,
        "Report",
    ),
    *[
        Row(LIST, 401, "InvalidAuthenticationToken", text, SignInRequired, says="Sign in")
        for text in (
            "Access token is empty.",
            "Access token has expired.",
            "CompactToken parsing failed with error code: 80049217",
        )
    ],
    Row(
        CREATE,
        400,
        BAD,
        TAKEN,
        Conflict,
        Refusal.NAME_TAKEN,
        "deleted",
        details=(("ObjectConflict", "userPrincipalName"),),
    ),
    Row(CREATE, 400, BAD, TAKEN, Conflict, Refusal.NAME_TAKEN, "another"),
    Row(
        CREATE,
        400,
        BAD,
        "One or more properties contains invalid values.",
        Conflict,
        Refusal.INVALID_NAME,
        "domain",
    ),
    Row(
        CREATE,
        400,
        BAD,
        "Property userPrincipalName is invalid.",
        Conflict,
        Refusal.INVALID_NAME,
        "username",
    ),
    Row(
        CREATE,
        400,
        BAD,
        "Invalid value specified for property 'mailNickname' of resource 'User'.",
        Conflict,
        Refusal.INVALID_NAME,
        "username",
    ),
    Row(
        CREATE,
        400,
        BAD,
        "A password must be specified to create a new user.",
        Conflict,
        Refusal.PASSWORD,
        "password",
    ),
    *[
        Row(
            operation,
            400,
            BAD,
            "The specified password does not comply with password complexity requirements."
            " Please provide a different password.",
            Conflict,
            Refusal.PASSWORD,
            "another password",
        )
        for operation in (CREATE, RESET)
    ],
    *[
        Row(
            operation,
            400,
            BAD,
            "Unable to update the specified properties for on-premises mastered Directory Sync"
            " objects or objects currently undergoing migration.",
            Conflict,
            Refusal.SYNCED,
            "on premises",
        )
        for operation in (EDIT, RESET)
    ],
    Row(
        EDIT,
        400,
        BAD,
        "Unable to update the specified properties for objects that have originated within an"
        " external service.",
        Conflict,
        Refusal.EXTERNAL,
        "where the user comes from",
    ),
    Row(
        EDIT,
        400,
        BAD,
        "Property 'onPremisesSyncEnabled' is read-only and cannot be set.",
        Conflict,
        Refusal.OUR_REQUEST,
        "Report",
    ),
    Row(
        EDIT,
        422,
        "Request_UnprocessableEntity",
        "Validation errors.",
        Conflict,
        says="Check",
        details=(("PropertyConflict", "department"),),
    ),
    Row(
        LIST,
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
        AccessDenied,
        Refusal.NOT_PREMIUM,
        "column",
    ),
    Row(LIST, 501, "", "Property is not available.", ServerFault, Refusal.OUR_REQUEST, "Report"),
    Row(
        Operation.RESTORE_USER,
        404,
        "Request_ResourceNotFound",
        GONE,
        NotFound,
        says="restored",
    ),
    *[
        Row(
            Operation.RESTORE_USER,
            status,
            code,
            text,
            Conflict,
            refusal,
            says,
            details=details,
        )
        for status in (400, 409)
        for code, text, details, refusal, says in [
            (
                BAD,
                TAKEN,
                (("ObjectConflict", "userPrincipalName"),),
                Refusal.NAME_TAKEN,
                "Restore the user under another",
            ),
            (BAD, TAKEN, (), Refusal.NAME_TAKEN, "Restore the user under another"),
            (
                "ObjectConflict",
                "Conflicting object",
                (("ObjectConflict", "proxyAddresses"),),
                Refusal.ADDRESS_TAKEN,
                "address",
            ),
        ]
    ],
    Row(Operation.LIST_CHANGES, 410, "resyncRequired", "", Conflict, Refusal.STALE, "Load"),
    Row(Operation.LIST_CHANGES, 410, "syncStateNotFound", "", Conflict, Refusal.STALE, "Load"),
    Row(LIST, 429, "TooManyRequests", "Please retry again later.", Throttled, says="again"),
    Row(LIST, 503, "serviceNotAvailable", "", ServerFault, says="again"),
    Row(LIST, 504, "UnknownError", "", ServerFault, says="again"),
]

FURTHER = [
    Row(
        CREATE,
        400,
        BAD,
        "Another object with the same value for property proxyAddresses already exists.",
        Conflict,
        Refusal.ADDRESS_TAKEN,
        "Exchange",
    ),
    Row(
        EDIT,
        400,
        BAD,
        "Invalid value specified for property 'usageLocation' of resource 'User'.",
        Conflict,
        Refusal.USAGE_LOCATION,
        "location",
    ),
    Row(
        EDIT,
        400,
        BAD,
        "Invalid value specified for property 'displayName' of resource 'User'.",
        Conflict,
        says="Check the fields",
    ),
    pc(CREATE, 409, 999, "The user already exists", Conflict, Refusal.NAME_TAKEN, "another"),
]
"""Not in the table, yet seen."""

MAILS = [
    Row(
        MAIL,
        400,
        "ErrorMimeContentInvalidBase64String",
        "",
        Conflict,
        Refusal.OUR_REQUEST,
        "Report",
    ),
    Row(MAIL, 400, "ErrorInvalidRecipients", "", Conflict, says="address"),
    Row(MAIL, 403, "ErrorSendAsDenied", "", AccessDenied, Refusal.MAILBOX, "right"),
    Row(MAIL, 403, "ErrorAccessDenied", "Access is denied", AccessDenied, Refusal.MAILBOX, "SMTP"),
    Row(MAIL, 404, "MailboxNotEnabledForRESTAPI", "", NotFound, Refusal.MAILBOX, "mailbox"),
    Row(MAIL, 404, "MailboxNotSupportedForRESTAPI", "", NotFound, Refusal.MAILBOX, "mailbox"),
    Row(MAIL, 429, "ApplicationThrottled", "over its MailboxConcurrency limit", Throttled),
]

BY_TEXT = [
    Row(
        operation,
        status,
        "",
        "Unable to initialize the authorization context",
        AccessDenied,
        Refusal.ROLE_MISSING,
        "GDAP",
        service=service,
    )
    for service in (GRAPH, PC)
    for operation, status in ((LIST, 500), (ASSIGN, 400), (EDIT, 403))
] + [
    Row(LIST, status, "", "User was not found.", AccessDenied, Refusal.RELATIONSHIP, "relationship")
    for status in (400, 404, 500)
]

ROWS = [*PARTNER_CENTER, *LICENSES, *USERS, *FURTHER, *MAILS, *BY_TEXT]


def request_for(row: Row) -> ApiRequest:
    return ApiRequest(row.service, "GET", f"/users/{USER}", row.operation)


def leaks(error: DeskError) -> list[str]:
    shown = " ".join(
        (str(error), repr(error), error.sentence, error.next_step, error.support_ids)
    ).lower()
    return [
        word for word in PERSON.lower().replace("<", " ").replace(">", " ").split() if word in shown
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_of_the_facts_sheet(row: Row) -> None:
    error = error_for(request_for(row), ApiResponse(row.status, {}, row.body()))
    assert type(error) is row.kind
    assert error.refusal is row.refusal
    assert error.sku_ids == row.sku_ids
    assert error.status == row.status
    assert error.sentence.endswith((".", "?"))
    assert error.next_step.endswith((".", "?"))
    assert row.says.lower() in f"{error.sentence} {error.next_step}".lower()
    assert not leaks(error)
    assert error.code == ("" if row.code is None else str(row.code))


@pytest.mark.parametrize("row", [*LICENSES, *USERS, *MAILS], ids=lambda row: row.name)
def test_an_item_of_a_batch_is_judged_alike(row: Row) -> None:
    """Its body is the same, its headers spell Retry-After as they like."""
    alone = error_for(request_for(row), ApiResponse(row.status, {}, row.body()))
    item = {"id": "1", "status": row.status, "body": json.loads(row.body())}
    body = json.dumps(item["body"], indent=1).encode()
    inside = error_for(request_for(row), ApiResponse(row.status, {"retry-after": "2.5"}, body))
    assert (type(inside), inside.refusal, inside.sku_ids) == (
        type(alone),
        alone.refusal,
        alone.sku_ids,
    )
    if isinstance(inside, Throttled):
        assert inside.retry_after == 2.5


@pytest.mark.parametrize("spelling", ["innerError", "innererror"])
def test_ids_are_read_from_the_inner_error(spelling: str) -> None:
    body = {"error": {"code": "", "message": "", spelling: {"request-id": "a", "code": "429"}}}
    error = error_for(
        ApiRequest(GRAPH, "GET", "/users", LIST),
        ApiResponse(403, {"client-request-id": "b"}, json.dumps(body).encode()),
    )
    assert (error.request_id, error.correlation_id) == ("a", "b")
    assert "request-id a, correlation-id b" in error.support_ids


def test_ids_of_partner_center_come_from_the_headers() -> None:
    error = error_for(
        ApiRequest(PC, "GET", "/customers", Operation.LIST_CUSTOMERS),
        ApiResponse(404, {"ms-requestid": "r-1", "ms-correlationid": "c-1"}, b""),
    )
    assert type(error) is NotFound
    assert (error.request_id, error.correlation_id) == ("r-1", "c-1")


def test_the_gateway_before_partner_center_has_a_shape_of_its_own() -> None:
    body = {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds."}
    error = error_for(
        ApiRequest(PC, "GET", "/customers", LIST), ApiResponse(429, {}, json.dumps(body).encode())
    )
    assert isinstance(error, Throttled)
    assert error.retry_after == 57


def test_json_in_a_string_is_read_too() -> None:
    inner = json.dumps({"code": "60012", "reason": "You&#39;ve run out of licenses"})
    body = {"code": 2007, "description": inner, "data": [], "source": "PartnerFD"}
    error = error_for(
        ApiRequest(PC, "POST", "/x", UPDATE, safety=Safety.WRITE),
        ApiResponse(400, {}, b"\xef\xbb\xbf" + json.dumps(body).encode()),
    )
    assert error.refusal is Refusal.NO_SEAT
    assert error.code == "2007"


def test_data_may_hold_objects() -> None:
    body = {
        "code": 999,
        "description": "",
        "data": [{"name": "LicenseQuotaExceededException", "parts": [{"sku": f"SKU {SKU}"}]}],
    }
    error = error_for(
        ApiRequest(PC, "POST", "/x", UPDATE), ApiResponse(400, {}, json.dumps(body).encode())
    )
    assert error.refusal is Refusal.NO_SEAT
    assert error.sku_ids == (SKU,)


@pytest.mark.parametrize(
    ("service", "body", "text", "named"),
    [
        (
            GRAPH,
            {"addLicenses": [], "removeLicenses": [SKU.upper()]},
            "User does not have a corresponding license.",
            (SKU,),
        ),
        (
            GRAPH,
            {"addLicenses": [{"skuId": USER, "disabledPlans": []}], "removeLicenses": [SKU]},
            "User license is inherited from a group membership",
            (SKU,),
        ),
        (
            GRAPH,
            {"addLicenses": [], "removeLicenses": [SKU, USER]},
            "User does not have a corresponding license.",
            (),
        ),
        (
            PC,
            {"licensesToAssign": [{"skuId": "CFQ7TTC0K5DR/0002"}], "licensesToRemove": None},
            "We&#39;re sorry, it looks like you&#39;ve run out of licenses",
            ("CFQ7TTC0K5DR/0002",),
        ),
    ],
)
def test_a_refusal_that_names_no_product_is_about_the_only_one_asked_for(
    service: Service, body: dict[str, Any], text: str, named: tuple[str, ...]
) -> None:
    request = ApiRequest(
        service, "POST", "/x", ASSIGN, body=json.dumps(body).encode(), safety=Safety.WRITE
    )
    reply = (
        {"code": 1, "description": text}
        if service is PC
        else {"error": {"code": BAD, "message": text}}
    )
    error = error_for(request, ApiResponse(400, {}, json.dumps(reply).encode()))
    assert error.sku_ids == named


CLAIMS = (
    'Bearer realm="", authorization_uri="https://login.example/authorize",'
    ' error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ"'
)


@pytest.mark.parametrize("status", [401, 403])
def test_a_claims_challenge_asks_for_a_sign_in_whatever_the_status(status: int) -> None:
    error = error_for(
        ApiRequest(GRAPH, "GET", "/users", LIST),
        ApiResponse(status, {"www-authenticate": CLAIMS}, b""),
    )
    assert isinstance(error, SignInRequired)
    assert error.claims == '{"access_token":{}}'


@pytest.mark.parametrize("status", [200, 302, 400, 403, 404, 407, 511])
def test_a_page_is_not_microsofts_word(status: int) -> None:
    """A hotspot's sign-in page or a filter's block page must not pass for "user is gone"."""
    error = error_for(
        ApiRequest(GRAPH, "GET", "/users", LIST),
        ApiResponse(status, {"content-type": "text/html"}, b"<html>Please log in</html>"),
    )
    assert type(error) is UnexpectedReply
    assert "between here and Microsoft" in error.sentence


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Conflict),
        (401, SignInRequired),
        (403, AccessDenied),
        (404, NotFound),
        (405, Conflict),
        (409, Conflict),
        (410, Conflict),
        (412, Conflict),
        (418, Conflict),
        (422, Conflict),
        (424, Conflict),
        (429, Throttled),
        (500, ServerFault),
        (501, ServerFault),
        (502, ServerFault),
        (503, ServerFault),
        (504, ServerFault),
        (301, UnexpectedReply),
        (100, UnexpectedReply),
    ],
)
@pytest.mark.parametrize("service", [GRAPH, PC])
def test_an_empty_body_is_judged_by_its_status(
    service: Service, status: int, kind: type[DeskError]
) -> None:
    error = error_for(ApiRequest(service, "GET", "/x", EDIT), ApiResponse(status, {}, b""))
    assert type(error) is kind
    assert error.sentence
    assert error.next_step


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_lost_a_write_leaves_it_open(status: int) -> None:
    request = ApiRequest(GRAPH, "POST", "/x", ASSIGN, safety=Safety.WRITE)
    assert type(error_for(request, ApiResponse(status, {}, b""))) is OutcomeUnknown


@pytest.mark.parametrize("body", [b'{"value": [{"id": "7e', b"\x00\x01"], ids=["cut", "no text"])
def test_a_write_with_a_garbled_answer_is_not_called_done(body: bytes) -> None:
    request = ApiRequest(GRAPH, "POST", "/x", ASSIGN, safety=Safety.WRITE)
    outcome = verdict(request, ApiResponse(200, {"request-id": "rid-1"}, body), 1)
    assert isinstance(outcome, Fail)
    assert type(outcome.error) is OutcomeUnknown


@pytest.mark.parametrize("body", [b"", b"{}", b"\xef\xbb\xbf[1]"], ids=["none", "object", "mark"])
def test_a_write_with_a_readable_answer_or_none_is_done(body: bytes) -> None:
    request = ApiRequest(GRAPH, "POST", "/x", ASSIGN, safety=Safety.WRITE)
    assert verdict(request, ApiResponse(200, {}, body), 1) == Ok()


def test_a_failed_write_says_to_look_first() -> None:
    request = ApiRequest(GRAPH, "POST", "/x", ASSIGN, safety=Safety.WRITE)
    error = error_for(request, ApiResponse(500, {}, b""))
    assert type(error) is ServerFault
    assert "Refresh" in error.next_step


def test_a_text_behind_a_telling_code_changes_nothing() -> None:
    """Somebody may be called what a refusal says."""
    body = {
        "error": {
            "code": "Request_ResourceNotFound",
            "message": "Resource 'does not have any available licenses' does not exist",
        }
    }
    error = error_for(
        ApiRequest(GRAPH, "GET", "/x", EDIT), ApiResponse(404, {}, json.dumps(body).encode())
    )
    assert type(error) is NotFound


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("error", "code", "message", "description", "data", "statusCode", "source"), JSON
        ),
    ).map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("code", "message", "details", "innerError", "innererror"), JSON),
    ).map(lambda value: json.dumps({"error": value}).encode()),
)


@given(
    status=st.integers(100, 599),
    body=BODIES,
    service=st.sampled_from(Service),
    operation=st.sampled_from(list(Operation)) | st.text(max_size=5),
    safety=st.sampled_from(Safety),
    header=st.text(max_size=80),
)
def test_no_answer_makes_it_stumble(
    status: int, body: bytes, service: Service, operation: str, safety: Safety, header: str
) -> None:
    headers = {"www-authenticate": header, "retry-after": header, "content-type": header}
    request = ApiRequest(service, "POST", "/x", operation, body=body, safety=safety)
    error = error_for(request, ApiResponse(status, headers, body))
    assert isinstance(error, DeskError)
    assert error.sentence
    assert error.next_step


def test_a_deeply_nested_or_huge_body_is_survived() -> None:
    request = ApiRequest(GRAPH, "GET", "/x", LIST)
    for body in (b"[" * 100_000, b'{"error":' * 100_000, b"x" * 3_000_000, b"\xff\xfe\x00"):
        assert isinstance(error_for(request, ApiResponse(400, {}, body)), Conflict)
