"""Partner Center's pages: size, filter, and the continuation token that travels as a header."""

import base64
import binascii
import json
from typing import Any

from o365desk.simulator import partner_center_shapes as shapes
from o365desk.simulator.ids import guid_of
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.partner_center import PartnerCall, PartnerCenterError, answer

MOST = 500
"""Largest page; the real limit is not published [K]."""


def size_of(call: PartnerCall) -> int:
    text = call.first("size") or "0"
    if not text.isdecimal():
        raise PartnerCenterError(400, 800002, "The request input is invalid.")
    # 0 is published and means no wish of one's own.
    return min(int(text) or MOST, MOST)


def filter_of(call: PartnerCall) -> tuple[str, str, str]:
    """Field, value and operator of the filter object; empty when there is none."""
    text = call.first("filter")
    if not text:
        return "", "", ""
    try:
        value = json.loads(text)
        folded = {str(name).lower(): item for name, item in value.items()}
        return str(folded["field"]), str(folded["value"]), str(folded["operator"])
    except (ValueError, KeyError, AttributeError):
        raise PartnerCenterError(400, 800002, "The filter is invalid.") from None


def start_of(call: PartnerCall) -> int:
    """Where the page begins: behind the continuation token, which travels as a header."""
    if call.first("seekoperation").lower() != "next":
        return 0
    token = call.request.header("ms-continuationtoken")
    try:
        kind, place, _rest = base64.b64decode(token, validate=True).decode().split("|")
    except (ValueError, binascii.Error):
        raise PartnerCenterError(
            400, 2000, "The continuation token is missing or invalid."
        ) from None
    if kind != call.request.path.lower():
        raise PartnerCenterError(400, 2000, "The continuation token is missing or invalid.")
    return int(place)


def page_of(call: PartnerCall, items: list[dict[str, Any]], place: int | None) -> HttpResponse:
    """One page; a `place` makes a next link with its header."""
    path = call.request.path.removeprefix("/v1")
    query = "&".join(
        part
        for part in call.request.query.split("&")
        if part and "seekoperation" not in part.lower()
    )
    uri = f"{path}?{query}" if query else path
    if call.request.segments[-1].lower() == "customers":
        # The published self link of customers has the version, that of users has not.
        body = shapes.collection(items, f"/v1{uri}")
    else:
        # The published self link says UserStatus where the request said UserState.
        body = shapes.collection(items, uri.replace("UserState", "UserStatus"))
    if place is not None:
        token = base64.b64encode(
            f"{call.request.path.lower()}|{place}|{guid_of('token', place)}".encode()
        ).decode()
        body["continuationToken"] = token
        joined = f"{uri}{'&' if '?' in uri else '?'}seekOperation=Next"
        # With and without the version, as it comes: clients have to cope.
        prefix = "/v1" if place % 2 else ""
        body["links"]["next"] = {
            "uri": prefix + joined,
            "method": "GET",
            "headers": [{"key": "MS-ContinuationToken", "value": token}],
        }
    return answer(body)
