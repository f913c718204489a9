"""What is sent again, and above all what is not."""

from datetime import UTC, datetime
from unittest.mock import ANY

import pytest

from o365desk.domain.access import Service
from o365desk.domain.errors import OutcomeUnknown, ServerFault, Throttled, Unreachable
from o365desk.wire.faults import (
    NOT_SENT,
    Break,
    Fail,
    Ok,
    Retry,
    connection_verdict,
    verdict,
)
from o365desk.wire.messages import ApiRequest, ApiResponse, Safety

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
READ = ApiRequest(Service.GRAPH, "GET", "/users", "listUsers")
WRITE = ApiRequest(Service.GRAPH, "POST", "/x", "assignLicense", safety=Safety.WRITE)
BUSY = b'{"code": 1, "description": "Resource temporarily unavailable"}'


def judged(
    request: ApiRequest, status: int, wait: str = "", body: bytes = b"", attempt: int = 1
) -> object:
    headers = {"retry-after": wait} if wait else {}
    return verdict(request, ApiResponse(status, headers, body), attempt, attempts=4, now=NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("request_", [READ, WRITE])
def test_a_success(request_: ApiRequest, status: int) -> None:
    assert judged(request_, status) == Ok()


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_a_read_is_repeated_after_what_passes(status: int) -> None:
    assert isinstance(judged(READ, status), Retry)
    assert isinstance(judged(READ, status, attempt=4), Fail)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 500, 501, 511, 302])
def test_a_read_is_not_repeated_after_what_stays(status: int) -> None:
    assert isinstance(judged(READ, status), Fail)


def test_a_read_is_repeated_when_only_the_text_says_busy() -> None:
    outcome = judged(READ, 400, body=BUSY)
    assert isinstance(outcome, Retry)
    assert isinstance(outcome.error, Throttled)
    assert isinstance(judged(WRITE, 400, body=BUSY), Fail)


def test_a_write_is_repeated_only_when_it_was_not_processed() -> None:
    assert isinstance(judged(WRITE, 429), Retry)
    assert isinstance(judged(WRITE, 503, "3"), Retry)
    for status in (400, 408, 500, 502, 503, 504):
        assert isinstance(judged(WRITE, status), Fail)
    assert isinstance(judged(WRITE, 503, "nonsense"), Fail)


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [("2.128", 2.128), ("7", 7.0), ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0), ("", None)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_services_wish_is_passed_on(status: int, wait: str, seconds: float | None) -> None:
    outcome = judged(READ, status, wait)
    assert isinstance(outcome, Retry)
    assert outcome.after == seconds
    assert isinstance(outcome.error, Throttled if status == 429 else ServerFault)


@pytest.mark.parametrize("fault", [fault for fault in Break if fault is not Break.STALE])
def test_a_write_is_never_repeated_after_a_broken_connection(fault: Break) -> None:
    outcome = connection_verdict(WRITE, fault, 1)
    assert isinstance(outcome, Fail)
    expected = Unreachable if fault in NOT_SENT else OutcomeUnknown
    assert type(outcome.error) is expected
    assert outcome.error.next_step


@pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])
def test_a_connection_found_gone_before_anything_left_is_replaced_at_once(
    request_: ApiRequest,
) -> None:
    assert connection_verdict(request_, Break.STALE, 1) == Retry(0.0, ANY)
    assert isinstance(connection_verdict(request_, Break.STALE, 4), Fail)


@pytest.mark.parametrize(
    ("fault", "tries"),
    [
        (Break.NO_NAME, 4),
        (Break.REFUSED, 4),
        (Break.NO_ANSWER, 4),
        (Break.HALF_ANSWER, 4),
        (Break.SLOW_CONNECT, 2),
        (Break.SLOW_ANSWER, 2),
        (Break.PROXY_GONE, 4),
        (Break.PROXY_FAILED, 4),
        (Break.PROXY_SIGN_IN, 1),
        (Break.PROXY_REFUSED, 1),
        (Break.UNTRUSTED, 1),
        (Break.CERTIFICATE_DATE, 1),
        (Break.TOO_LARGE, 1),
    ],
)
def test_a_read_is_tried_as_often_as_it_may_help(fault: Break, tries: int) -> None:
    outcomes = [connection_verdict(READ, fault, attempt) for attempt in range(1, 5)]
    assert [isinstance(outcome, Retry) for outcome in outcomes] == [
        attempt < tries for attempt in range(1, 5)
    ]
    assert all(outcome.error.sentence and outcome.error.next_step for outcome in outcomes)


def test_a_password_without_an_answer_is_set_again_because_no_refresh_shows_it() -> None:
    reset = ApiRequest(Service.GRAPH, "PATCH", "/x", "resetPassword", safety=Safety.WRITE)
    for request_, word in ((reset, "again"), (WRITE, "Refresh")):
        lost = connection_verdict(request_, Break.NO_ANSWER, 1)
        late = judged(request_, 504)
        assert isinstance(lost, Fail)
        assert isinstance(late, Fail)
        assert word in lost.error.next_step
        assert word in late.error.next_step
