"""Retry-After in all its forms, and challenges in any order."""

import base64
import json
import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.wire.answer_headers import (
    LONGEST_WAIT,
    challenges,
    claims_challenge,
    retry_after,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("57", 57.0),
        (" 57 ", 57.0),
        ("2.128", 2.128),
        (".5", 0.5),
        ("0", 0.0),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60.0),
        ("Sunday, 22-Nov-26 12:01:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 13:01:00 +0100", 60.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2099 11:00:00 GMT", LONGEST_WAIT),
        ("999999999", LONGEST_WAIT),
        (None, None),
        ("", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("soon", None),
        ("57 seconds", None),
        ("5, 7", None),
        ("Sun, 99 Nov 2026 12:01:00 GMT", None),
        ("9" * 400, None),
    ],
)
def test_known_forms(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text(max_size=60))
def test_any_text_gives_a_sane_wait_or_none(text: str) -> None:
    wait = retry_after(text, NOW)
    assert wait is None or (math.isfinite(wait) and 0 <= wait <= LONGEST_WAIT)


@given(st.floats(0, LONGEST_WAIT))
def test_decimals_are_kept(seconds: float) -> None:
    text = f"{seconds:.3f}"
    assert retry_after(text, NOW) == min(float(text), LONGEST_WAIT)


@given(st.integers(-100_000, 100_000))
def test_dates_are_measured_from_the_time_of_the_answer(seconds: int) -> None:
    moment = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after(moment, NOW) == min(max(0, seconds), LONGEST_WAIT)


CLAIMS = {"access_token": {"nbf": {"essential": True, "value": "1604106651"}}}


def encoded(value: object, *, padded: bool = False) -> str:
    raw = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    return raw if padded else raw.rstrip("=")


@pytest.mark.parametrize(
    "header",
    [
        f'Bearer realm="", error="insufficient_claims", claims="{encoded(CLAIMS)}"',
        f'Bearer claims="{encoded(CLAIMS, padded=True)}", error="insufficient_claims"',
        f'bearer CLAIMS={encoded(CLAIMS)},error=insufficient_claims, realm=""',
        f'Bearer realm="a, b", Bearer error="insufficient_claims", claims="{encoded(CLAIMS)}"',
        f'Bearer error="insufficient_claims", claims="{encoded(CLAIMS)}", Bearer realm="x"',
        f'Negotiate, Basic abc==, Bearer claims="{encoded(CLAIMS)}", PoP nonce="n"',
        f'Bearer claims="{encoded({"other": 1})}", Bearer error="insufficient_claims",'
        f' claims="{encoded(CLAIMS)}"',
        f'Bearer error="invalid_token", error_description="It was \\"revoked\\", sorry",'
        f' claims="{encoded(CLAIMS)}"',
    ],
)
def test_the_claims_are_found(header: str) -> None:
    assert json.loads(claims_challenge({"www-authenticate": header})) == CLAIMS


@pytest.mark.parametrize(
    "header",
    [
        "",
        'Bearer realm=""',
        'PoP claims="e30"',
        'Bearer claims="!!!"',
        'Bearer claims="AAAA"',
        f'Bearer claims="{encoded([1])}"',
        'Bearer claims="e30x',
        "=" * 5000,
        'a"' * 5000,
    ],
)
def test_nonsense_asks_for_nothing(header: str) -> None:
    assert claims_challenge({"www-authenticate": header}) == ""


def test_challenges_keep_their_order_and_parameters() -> None:
    found = challenges('Bearer realm="x", b=c, Basic realm="a \\" b"')
    assert [(each.scheme, dict(each.parameters)) for each in found] == [
        ("bearer", {"realm": "x", "b": "c"}),
        ("basic", {"realm": 'a " b'}),
    ]


@given(st.text(max_size=200))
def test_any_header_is_survived(text: str) -> None:
    challenges(text)
    assert claims_challenge({"www-authenticate": text}) in {"", text} or "{" in claims_challenge(
        {"www-authenticate": text}
    )
