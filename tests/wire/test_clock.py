"""The service's clock against ours: who is wrong, by how much, and what follows."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from o365desk.domain.access import Service
from o365desk.domain.errors import Refusal, SignInRequired, Throttled
from o365desk.wire.clock import clock_error, clock_words, service_time
from o365desk.wire.faults import Fail, Retry, verdict
from o365desk.wire.messages import ApiRequest, ApiResponse

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
READ = ApiRequest(Service.GRAPH, "GET", "/users", "listUsers")


def dated(minutes: float) -> dict[str, str]:
    """Headers of a service whose clock is ahead of ours by so many minutes."""
    return {"date": format_datetime(NOW + timedelta(minutes=minutes), usegmt=True)}


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, ""),
        (4.9, ""),
        (-4.9, ""),
        (42, "this computer's clock is 42 minutes slow"),
        (-6, "this computer's clock is 6 minutes fast"),
        (-180, "this computer's clock is 3 hours fast"),
        (60 * 24 * 400, "this computer's clock is 400 days slow"),
    ],
)
def test_a_wrong_clock_is_told_in_words(minutes: float, words: str) -> None:
    assert clock_words(dated(minutes), NOW) == words
    assert clock_error(dated(minutes), NOW) == timedelta(minutes=-minutes)


@pytest.mark.parametrize("text", ["", "yesterday", "Sun, 99 Nov 2026 12:00:00 GMT", "0"])
def test_no_date_is_no_error(text: str) -> None:
    assert service_time({"date": text}) is None
    assert clock_error({"date": text}, NOW) is None
    assert clock_words({}, NOW) == ""


def test_a_token_refused_while_the_clock_is_wrong_names_the_clock() -> None:
    body = b'{"error": {"code": "InvalidAuthenticationToken", "message": "Lifetime ..."}}'
    wrong = verdict(READ, ApiResponse(401, dated(42), body), 1, now=NOW)
    right = verdict(READ, ApiResponse(401, dated(1), body), 1, now=NOW)
    assert isinstance(wrong, Fail)
    assert type(wrong.error) is SignInRequired
    assert "42 minutes slow" in wrong.error.sentence
    assert "Set the clock" in wrong.error.next_step
    assert isinstance(right, Fail)
    assert "clock" not in right.error.sentence


def test_a_missing_second_factor_is_no_matter_of_the_clock() -> None:
    partner = ApiRequest(Service.PARTNER_CENTER, "GET", "/customers", "listCustomers")
    answer = ApiResponse(401, dated(42), b'{"code": 900421, "description": "x"}')
    outcome = verdict(partner, answer, 1, now=NOW)
    assert isinstance(outcome, Fail)
    assert outcome.error.refusal is Refusal.MFA


def test_a_wait_until_a_moment_is_counted_on_the_services_clock() -> None:
    until = format_datetime(NOW + timedelta(minutes=42, seconds=20), usegmt=True)
    answer = ApiResponse(429, {**dated(42), "retry-after": until}, b"")
    outcome = verdict(READ, answer, 1, now=NOW)
    assert isinstance(outcome, Retry)
    assert outcome.after == 20.0
    assert isinstance(outcome.error, Throttled)
    assert outcome.error.retry_after == 20.0
