"""The JSON edge: dates, ids, and bodies that are not what they should be."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.errors import Conflict, UnexpectedReply
from o365desk.wire.codec import Count, JsonBody, decode, encode, moment, segment, sku_id


class Counted(JsonBody):
    unit_count: Count | None = None
    name: str | None = None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2017-01-20T00:33:34Z", datetime(2017, 1, 20, 0, 33, 34, tzinfo=UTC)),
        ("2017-01-25T23:01:08.6Z", datetime(2017, 1, 25, 23, 1, 8, 600000, UTC)),
        ("2017-01-25T23:01:08.693Z", datetime(2017, 1, 25, 23, 1, 8, 693000, UTC)),
        ("2018-02-08T22:31:42.9397946Z", datetime(2018, 2, 8, 22, 31, 42, 939794, UTC)),
        ("2015-11-25T06: 41: 12Z", datetime(2015, 11, 25, 6, 41, 12, tzinfo=UTC)),
        ("2019-01-03T19:53:55.1292512+02:00", datetime(2019, 1, 3, 17, 53, 55, 129251, UTC)),
        ("2020-08-18T12:51:51", datetime(2020, 8, 18, 12, 51, 51, tzinfo=UTC)),
        ("2020-08-18T12:51Z", datetime(2020, 8, 18, 12, 51, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("2020-02-30T00:00:00Z", None),
        ("2020-01-01T00:00:00+99:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_moment(text: str | None, expected: datetime | None) -> None:
    assert moment(text) == expected


@given(st.datetimes(min_value=datetime(2, 1, 2)), st.integers(0, 7))  # noqa: DTZ001
def test_moment_of_any_precision(when: datetime, decimals: int) -> None:
    fraction = f"{when.microsecond:06}0"[:decimals]
    text = when.strftime("%Y-%m-%dT%H:%M:%S").zfill(19) + (f".{fraction}" if decimals else "") + "Z"
    found = moment(text)
    assert found is not None
    assert found.replace(microsecond=0) == when.replace(microsecond=0, tzinfo=UTC)
    assert f"{found.microsecond:06}0"[:decimals] == fraction


@given(st.text(max_size=40))
def test_moment_of_anything(text: str) -> None:
    moment(text)


def test_sku_ids() -> None:
    assert sku_id("0118A350-71FC-4EC3-8F0C-6A1CB8867561") == "0118a350-71fc-4ec3-8f0c-6a1cb8867561"
    assert sku_id("CFQ7TTC0K5DR/0002") == "CFQ7TTC0K5DR/0002"


def test_segments_cannot_leave_their_place() -> None:
    assert segment("../x?y#z/") == "..%2Fx%3Fy%23z%2F"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"unitCount": 1',
        b'{"unitCount": 1} more',
        b'{"unitCount": "1"}',
        b'{"unitCount": 1000000000001}',
        b'{"unitCount": 1' + b"0" * 60 + b"}",
        b'{"unitCount": 1' + b"0" * 6000 + b"}",
        b'{"unitCount": 1e999}',
        b'{"name": 5}',
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        '{"name": "ä"}'.encode("latin-1"),
        '{"name": "ä"}'.encode("utf-16"),
        b'{"x": ' + b"[" * 100_000,
        b'{"x": ' + b'{"a":' * 100_000,
        b"<html>502 Bad Gateway</html>",
    ],
)
def test_broken_bodies(body: bytes) -> None:
    with pytest.raises(UnexpectedReply) as caught:
        decode(body, Counted)
    assert caught.value.__suppress_context__, "the decoder's own error may quote the body"


def test_byte_order_mark_and_unknown_members() -> None:
    body = b'\xef\xbb\xbf{"unitCount": 3, "later": {"a": [1]}, "name": null}'
    assert decode(body, Counted) == Counted(unit_count=3)


def test_unsendable_text() -> None:
    with pytest.raises(Conflict):
        encode({"name": "\ud800"})


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    shape: Any = Counted
    with contextlib.suppress(UnexpectedReply):
        decode(body, shape)
