"""Every refusal of the sign-in service, row by row, as token endpoint or redirect says it."""

import json

import pytest

from o365desk.domain.access import Access, Service, SignInNeed
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import (
    AccessDenied,
    DeskError,
    NotFound,
    Refusal,
    ServerFault,
    SignInRequired,
    Throttled,
    UnexpectedReply,
)
from o365desk.wire.sign_in_refusals import explain, is_pending, is_spent, read_refusal
from o365desk.wire.sign_in_rules import BY_CODE, BY_ERROR, RULES

TRACE = "0a1b2c3d-0001-4000-8000-00000000aaaa"
CORRELATION = "0a1b2c3d-0002-4000-8000-00000000bbbb"
CANARY = "canary.person@contoso.example"
NEED = SignInNeed(Service.GRAPH, TenantId("customer"), Access.DIRECTORY)


def body(code: int, error: str = "invalid_grant", **more: object) -> dict[str, object]:
    """As the token endpoint answers; the text names a person."""
    return {
        "error": error,
        "error_description": f"AADSTS{code}: User account '{CANARY}' is in trouble. "
        f"Trace ID: {TRACE} Correlation ID: {CORRELATION} Timestamp: 2026-11-22 10:00:00Z",
        "error_codes": [code],
        "trace_id": TRACE,
        "correlation_id": CORRELATION,
        **more,
    }


S, A = SignInRequired, AccessDenied
# AADSTS number: error where the own organization refuses, error at a customer, a word of each
# sentence, and what the screen can help with.
TABLE: dict[int, tuple[type[DeskError], type[DeskError], str, str, Refusal]] = {
    50011: (A, A, "http://localhost", "http://localhost", Refusal.OTHER),
    50020: (A, A, "another organization", "GDAP", Refusal.OTHER),
    50034: (S, S, "no such account", "no such account", Refusal.OTHER),
    50053: (A, A, "locked", "locked", Refusal.OTHER),
    50055: (S, S, "expired", "expired", Refusal.OTHER),
    50057: (A, A, "blocked", "blocked", Refusal.OTHER),
    50058: (S, S, "run out", "run out", Refusal.OTHER),
    50074: (S, S, "second factor", "second factor", Refusal.MFA),
    50076: (S, S, "second factor", "second factor", Refusal.MFA),
    50079: (S, S, "none yet", "none yet", Refusal.MFA),
    50097: (A, A, "managed computers", "managed computers", Refusal.OTHER),
    50105: (A, A, "assigned", "assigned", Refusal.OTHER),
    50126: (S, S, "password was wrong", "password was wrong", Refusal.OTHER),
    50158: (S, S, "another provider", "another provider", Refusal.OTHER),
    50173: (S, S, "withdrawn", "withdrawn", Refusal.OTHER),
    50177: (A, A, "another organization", "guest", Refusal.OTHER),
    50194: (A, A, "own organization only", "own organization only", Refusal.OTHER),
    50196: (Throttled, Throttled, "busy", "busy", Refusal.OTHER),
    50199: (S, S, "sign in again", "sign in again", Refusal.OTHER),
    53000: (A, A, "managed computers", "managed computers", Refusal.OTHER),
    53001: (A, A, "domain", "domain", Refusal.OTHER),
    53002: (A, A, "approved applications", "approved applications", Refusal.OTHER),
    53003: (A, A, "Conditional Access", "Conditional Access", Refusal.OTHER),
    53004: (A, A, "set up first", "set up first", Refusal.OTHER),
    53011: (A, A, "at risk", "at risk", Refusal.OTHER),
    54005: (S, S, "sign in again", "sign in again", Refusal.OTHER),
    65001: (S, A, "not been granted", "not granted", Refusal.CONSENT),
    65004: (A, A, "declined", "declined", Refusal.CONSENT),
    70000: (S, S, "sign in again", "sign in again", Refusal.OTHER),
    70008: (S, S, "run out", "run out", Refusal.OTHER),
    70011: (UnexpectedReply, UnexpectedReply, "permission", "permission", Refusal.OUR_REQUEST),
    70018: (S, S, "does not know the code", "does not know the code", Refusal.OTHER),
    70019: (S, S, "not used in time", "not used in time", Refusal.OTHER),
    70020: (S, S, "not used in time", "not used in time", Refusal.OTHER),
    70043: (S, S, "run out", "run out", Refusal.OTHER),
    80002: (A, A, "sign-in server", "sign-in server", Refusal.OTHER),
    90002: (NotFound, NotFound, "in this cloud", "customer", Refusal.OTHER),
    90033: (ServerFault, ServerFault, "passing fault", "passing fault", Refusal.OTHER),
    90072: (A, A, "another organization", "GDAP", Refusal.OTHER),
    90094: (A, A, "Only an administrator", "Only an administrator", Refusal.CONSENT),
    90099: (S, A, "not been granted", "not granted", Refusal.CONSENT),
    500011: (A, A, "does not know the service", "not granted", Refusal.CONSENT),
    500113: (A, A, "http://localhost", "http://localhost", Refusal.OTHER),
    500121: (S, S, "not confirmed", "not confirmed", Refusal.MFA),
    650052: (A, A, "switched off", "switched off", Refusal.OTHER),
    700016: (A, A, "no application", "not granted", Refusal.CONSENT),
    700082: (S, S, "run out", "run out", Refusal.OTHER),
    700084: (S, S, "run out", "run out", Refusal.OTHER),
    900023: (NotFound, NotFound, "in this cloud", "customer", Refusal.OTHER),
    900144: (UnexpectedReply, UnexpectedReply, "request", "request", Refusal.OUR_REQUEST),
    900971: (A, A, "http://localhost", "http://localhost", Refusal.OTHER),
    7000112: (A, A, "disabled", "disabled", Refusal.OTHER),
    7000218: (A, A, "without a secret", "without a secret", Refusal.OTHER),
}


@pytest.mark.parametrize("code", sorted(TABLE), ids=lambda code: f"AADSTS{code}")
def test_each_number_has_its_sentence(code: int) -> None:
    own, there, own_word, there_word, refusal = TABLE[code]
    for own_tenant, make, word in ((True, own, own_word), (False, there, there_word)):
        error = explain(read_refusal(body(code)), NEED, own_tenant=own_tenant)
        assert type(error) is make
        assert word in error.sentence
        assert error.next_step.endswith((".", "below."))
        assert error.code == f"AADSTS{code}"
        assert TRACE in error.support_ids
        assert CORRELATION in error.support_ids
        assert CANARY not in repr(error) + error.sentence + error.next_step
        if make is SignInRequired:
            assert isinstance(error, SignInRequired)
            assert error.need is not None
            assert error.need.tenant == NEED.tenant
            assert error.need.mfa is (error.refusal is Refusal.MFA)
    assert refusal in {
        explain(read_refusal(body(code)), NEED, own_tenant=own).refusal for own in (True, False)
    }


def test_a_customer_without_relation_says_so() -> None:
    there = explain(read_refusal(body(50020)), NEED, own_tenant=False)
    assert there.refusal is Refusal.RELATIONSHIP
    assert explain(read_refusal(body(50020)), NEED, own_tenant=True).refusal is Refusal.OTHER


@pytest.mark.parametrize(
    ("error", "make", "word"),
    [
        ("access_denied", AccessDenied, "cancelled"),
        ("authorization_declined", AccessDenied, "cancelled"),
        ("consent_required", SignInRequired, "granted"),
        ("interaction_required", SignInRequired, "sign in again"),
        ("invalid_grant", SignInRequired, "sign in again"),
        ("login_required", SignInRequired, "run out"),
        ("expired_token", SignInRequired, "not used in time"),
        ("code_expired", SignInRequired, "not used in time"),
        ("bad_verification_code", SignInRequired, "code"),
        ("temporarily_unavailable", ServerFault, "passing fault"),
        ("server_error", ServerFault, "passing fault"),
        ("unauthorized_client", AccessDenied, "application"),
        ("invalid_client", AccessDenied, "application"),
        ("invalid_request", UnexpectedReply, "request"),
        ("invalid_scope", UnexpectedReply, "permission"),
        ("invalid_resource", AccessDenied, "service"),
        ("something_new", AccessDenied, "refused"),
        ("", UnexpectedReply, "does not understand"),
    ],
    ids=lambda value: (value or "nothing") if isinstance(value, str) else None,
)
def test_each_word_of_the_protocol_has_its_sentence(
    error: str, make: type[DeskError], word: str
) -> None:
    answer = {"error": error, "error_description": f"{CANARY} AADSTS999999999: new"}
    found = explain(read_refusal(answer if error else {}), NEED, own_tenant=True)
    assert type(found) is make
    assert word in found.sentence
    assert CANARY not in repr(found) + found.support_ids


def test_the_status_decides_where_nothing_else_is_said() -> None:
    busy = explain(read_refusal({}, status=429, retry_after=7.5), NEED, own_tenant=True)
    assert isinstance(busy, Throttled)
    assert busy.retry_after == 7.5
    assert type(explain(read_refusal({}, status=502), NEED, own_tenant=True)) is ServerFault
    page = explain(read_refusal({}, status=200), NEED, own_tenant=True)
    assert "network" in page.next_step


def test_a_challenge_goes_into_the_need() -> None:
    claims = json.dumps({"access_token": {"capolids": {"essential": True, "values": ["x"]}}})
    error = explain(read_refusal(body(50076, claims=claims)), NEED, own_tenant=True)
    assert isinstance(error, SignInRequired)
    assert error.need == SignInNeed(NEED.service, NEED.tenant, NEED.access, claims, mfa=True)
    kept = SignInNeed(NEED.service, None, NEED.access, claims)
    again = explain(read_refusal(body(50173)), kept, own_tenant=True)
    assert isinstance(again, SignInRequired)
    assert again.need == kept


def test_who_was_just_asked_is_not_asked_again() -> None:
    error = explain(read_refusal(body(50126)), NEED, own_tenant=True, asked=True)
    assert isinstance(error, SignInRequired)
    assert error.need is None


def test_the_redirect_has_the_number_in_its_text_only() -> None:
    answer = body(65004, "access_denied")
    for name in ("error_codes", "trace_id", "correlation_id"):
        del answer[name]
    refusal = read_refusal(answer)
    assert (refusal.code, refusal.trace_id, refusal.correlation_id) == (65004, TRACE, CORRELATION)
    assert CANARY not in repr(refusal)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"error": f"{CANARY} was here"}, id="a text for an error"),
        pytest.param({"error": "x", "trace_id": CANARY, "correlation_id": CANARY}, id="ids"),
        pytest.param({"error": ["x"], "error_codes": "50076", "claims": {}}, id="other types"),
        pytest.param({"error_description": None, "error_codes": [None, "5"]}, id="nothing in it"),
    ],
)
def test_what_is_malformed_shows_nothing_of_itself(answer: dict[str, object]) -> None:
    error = explain(read_refusal(answer), NEED, own_tenant=False)
    assert CANARY not in repr(error) + error.support_ids + error.sentence


def test_waiting_and_spent_tokens_are_told_apart() -> None:
    assert is_pending(read_refusal(body(70016, "authorization_pending")))
    assert is_pending(read_refusal({"error": "slow_down"}))
    assert not is_pending(read_refusal(body(70020, "expired_token")))
    assert is_spent(read_refusal(body(700082)))
    assert not is_spent(read_refusal(body(65001)))
    assert not is_spent(read_refusal(body(50076, "interaction_required")))


def test_no_row_hides_behind_another() -> None:
    for rules in (*BY_CODE.values(), *BY_ERROR.values()):
        wheres = [rule.own_tenant for rule in rules]
        assert len(wheres) == len(set(wheres))
        assert None not in wheres or len(wheres) == 1 or wheres[-1] is None
    assert all(rule.codes or rule.errors for rule in RULES)
