"""Damaged answers: whatever is cut, retyped, emptied or blown up, only a DeskError comes out."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from o365desk.domain.errors import DeskError, UnexpectedReply
from o365desk.wire import (
    faults,
    graph,
    graph_changes,
    graph_licensing,
    graph_users,
    partner_center,
    partner_center_users,
)
from o365desk.wire.messages import ApiRequest, ApiResponse
from tests.wire.samples import names, sample

Parser = Callable[[ApiResponse, ApiRequest], object]


def name_of(sku_id: str, part_number: str) -> str:
    return part_number or sku_id


PARSERS: dict[str, Parser] = {
    "graph organization": lambda a, r: graph.parse_organization(a),
    "graph domains": graph.parse_domains,
    "graph relations": graph.parse_delegated_admin_customers,
    "graph contracts": graph.parse_contracts,
    "graph group": lambda a, r: graph.parse_group(a),
    "graph batch": lambda a, r: graph.parse_batch(a),
    "graph skus": lambda a, r: graph_licensing.parse_subscribed_skus(a, r, name_of),
    "graph sku": lambda a, r: graph_licensing.parse_subscribed_sku(a, name_of),
    "graph subscriptions": lambda a, r: graph_licensing.parse_subscriptions(a, r, name_of),
    "graph users": graph_users.UserPages(),
    "graph deleted users": graph_users.DeletedUserPages(),
    "graph user": lambda a, r: graph_users.parse_user(a),
    "graph licenses": lambda a, r: graph_users.parse_licenses(a),
    "graph license details": lambda a, r: graph_users.parse_license_details(a),
    "graph changes": graph_changes.parse_changes,
    "graph peek": lambda a, r: graph.peek_next(a.body, r),
    "partner customers": partner_center.parse_customers,
    "partner customer": lambda a, r: partner_center.parse_customer(a),
    "partner domains": lambda a, r: partner_center.parse_customer_domains(a),
    "partner any": partner_center.parse_any,
    "partner skus": partner_center.parse_subscribed_skus,
    "partner subscriptions": partner_center.parse_subscriptions,
    "partner subscription": lambda a, r: partner_center.parse_subscription(a),
    "partner provisioning": lambda a, r: partner_center.parse_provisioning_status(a),
    "partner users": partner_center_users.parse_users,
    "partner user": lambda a, r: partner_center_users.parse_user(a),
    "partner licenses": partner_center_users.parse_licenses,
    "partner update": lambda a, r: partner_center_users.parse_license_update(a),
}

ODD: list[Any] = [
    None,
    True,
    -1,
    10**19,
    10**400,
    1e300,
    "",
    "None",
    "é\u0000\U0001f600",
    "x" * 5000,
    [],
    [None],
    [[]],
    {},
    {"a": None},
    {"next": {}},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a decoded body."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """`value` with another thing at `path`."""
    if not path:
        return new
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], new)
    return copy


def survives(answer: ApiResponse, request: ApiRequest) -> None:
    for parse in PARSERS.values():
        with contextlib.suppress(UnexpectedReply):
            parse(answer, request)
    assert isinstance(faults.error_for(request, replace(answer, status=400)), DeskError)


EXCHANGES = [name for name in names() if sample(name).answered is not None]


@pytest.mark.parametrize("name", EXCHANGES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_retyped(name: str, data: st.DataObject) -> None:
    """One to three places hold something else, nothing, or far too much."""
    s = sample(name)
    body = s.answered
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(body))))
        body = changed(body, path, data.draw(st.sampled_from(ODD)))
    survives(replace(s.response, body=json.dumps(body).encode()), s.request)


@pytest.mark.parametrize("name", EXCHANGES)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_bytes(name: str, data: st.DataObject) -> None:
    """Cut anywhere, with bytes flipped, or encoded otherwise."""
    s = sample(name)
    body = json.dumps(s.answered, ensure_ascii=False).replace("o", "ø").encode()
    kind = data.draw(st.sampled_from(["cut", "flip", "utf-16", "latin-1"]))
    if kind == "cut":
        body = body[: data.draw(st.integers(0, len(body)))]
    elif kind == "flip":
        at = data.draw(st.integers(0, len(body) - 1))
        body = body[:at] + bytes([data.draw(st.integers(0, 255))]) + body[at + 1 :]
    else:
        body = body.decode().encode(kind, "replace")
    survives(replace(s.response, body=body), s.request)


@pytest.mark.parametrize("name", EXCHANGES)
def test_nested_beyond_reason(name: str) -> None:
    s = sample(name)
    deep = b"[" * 20_000 + b"]" * 20_000
    for key in (b"value", b"items", b"links", b"error", b"unheardOf"):
        survives(replace(s.response, body=b'{"%s": %s}' % (key, deep)), s.request)


@pytest.mark.parametrize("name", EXCHANGES)
def test_byte_order_mark_changes_nothing(name: str) -> None:
    s = sample(name)
    for parse in PARSERS.values():
        marked = replace(s.response, body=b"\xef\xbb\xbf" + s.response.body)
        assert outcome(parse, marked, s.request) == outcome(parse, s.response, s.request)


def outcome(parse: Parser, answer: ApiResponse, request: ApiRequest) -> object:
    try:
        return parse(answer, request)
    except UnexpectedReply as error:
        return error.code
