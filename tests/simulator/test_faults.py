"""Scripted faults: each kind on the faces where it can happen."""

import json
from base64 import b64decode
from typing import Any

import httpx
import pytest

from o365desk.simulator import Fault, FaultKind
from tests.simulator.desk import Desk, graph_error, partner_error, sku


def test_throttled_with_every_kind_of_retry_after() -> None:
    desk = Desk()
    for value, text in ((3, "3"), (2.128, "2.128"), ("Sun, 01 Nov 2026 12:00:05 GMT",) * 2):
        desk.faults.clear()
        desk.faults.add(Fault(FaultKind.THROTTLED, path="/users", retry_after=value))
        answer = desk.graph("GET", "/users")
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == text
        assert answer.json()["error"]["innerError"]["code"] == "429"
        assert desk.graph("GET", "/users").status_code == 200
    desk.faults.clear()
    desk.faults.add(Fault(FaultKind.THROTTLED))
    assert "retry-after" not in desk.graph("GET", "/users").headers
    desk.faults.add(Fault(FaultKind.THROTTLED, face="partner_center", retry_after=57))
    answer = desk.partner("GET", "/customers")
    assert answer.json() == {
        "statusCode": 429,
        "message": "Rate limit is exceeded. Try again in 57 seconds.",
    }


def test_which_calls_are_hit() -> None:
    desk = Desk()
    desk.faults.add(
        Fault(FaultKind.UNAVAILABLE, face="graph", method="GET", path="/users/*", after=1, times=2)
    )
    one = desk.user("direct", "plain").user_id
    assert desk.graph("GET", "/users").status_code == 200
    statuses = [desk.graph("GET", f"/users/{one}").status_code for _ in range(4)]
    assert statuses == [200, 503, 503, 200]
    assert desk.faults.hits == 2


def test_throttled_inside_a_batch() -> None:
    desk = Desk()
    desk.faults.add(
        Fault(FaultKind.THROTTLED, path="/users", inside_batch=True, retry_after=4, times=1)
    )
    requests = [{"id": str(n), "method": "GET", "url": "/users?$top=1"} for n in range(2)]
    assert desk.graph("GET", "/users").status_code == 200
    answer = desk.graph("POST", "/$batch", body={"requests": requests})
    assert answer.status_code == 200
    items = {item["id"]: item for item in answer.json()["responses"]}
    assert items["0"]["status"] == 429
    assert items["0"]["headers"]["Retry-After"] == "4"
    assert items["1"]["status"] == 200


def test_delay_and_the_clients_time_out() -> None:
    desk = Desk()
    desk.faults.add(Fault(FaultKind.DELAY, path="/users", seconds=0.05, times=None))
    url = "https://graph.microsoft.com/v1.0/users"
    token = f"tenant:{desk.world.customer('direct')}"
    assert desk.call("GET", url, token=token).elapsed.total_seconds() >= 0.05
    with pytest.raises(httpx.ReadTimeout):
        desk.call("GET", url, token=token, timeout=0.01)


def test_cut_before_and_after() -> None:
    desk = Desk()
    tenant = desk.tenant("direct")
    user = desk.user("direct", "plain")
    desk.faults.add(
        Fault(FaultKind.CUT_BEFORE, method="PATCH"), Fault(FaultKind.CUT_AFTER, method="PATCH")
    )
    with pytest.raises(httpx.ReadError):
        desk.graph("PATCH", f"/users/{user.user_id}", body={"department": "First"})
    assert user.department != "First"
    with pytest.raises(httpx.ReadError):
        desk.graph("PATCH", f"/users/{user.user_id}", body={"department": "Second"})
    assert tenant.users[user.user_id].department == "Second"


def test_an_ambiguous_partner_center_write_is_safe_with_its_request_id() -> None:
    desk = Desk()
    tenant = desk.tenant("tiny")
    user = next(user for user in tenant.users.values() if user.direct)
    path = f"/customers/{tenant.tenant_id}/users/{user.user_id}/licenseupdates"
    body = {"licensesToRemove": [sku("O365_BUSINESS_PREMIUM")]}
    desk.faults.add(Fault(FaultKind.CUT_AFTER, face="partner_center", method="POST"))
    headers = {"MS-RequestId": "same"}
    with pytest.raises(httpx.ReadError):
        desk.partner("POST", path, body=body, headers=headers)
    assert not user.direct
    assert desk.partner("POST", path, body=body, headers=headers).status_code == 201
    assert desk.partner("POST", path, body=body, headers={"MS-RequestId": "x"}).status_code == 400


def test_half_a_body() -> None:
    desk = Desk()
    desk.faults.add(Fault(FaultKind.HALF_BODY, path="/users", fraction=0.3))
    with pytest.raises(httpx.RemoteProtocolError):
        desk.graph("GET", "/users")


def test_wrong_json_and_captive_portal() -> None:
    desk = Desk()
    desk.faults.add(Fault(FaultKind.WRONG_JSON), Fault(FaultKind.CAPTIVE_PORTAL))
    token = f"tenant:{desk.world.customer('direct')}"
    url = "https://graph.microsoft.com/v1.0/users"
    with pytest.raises(json.JSONDecodeError):
        desk.call("GET", url, token=token).json()
    page = desk.call("GET", url, token=token)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_expired_token_claims_and_missing_role() -> None:
    desk = Desk()
    desk.faults.add(
        Fault(FaultKind.EXPIRED_TOKEN), Fault(FaultKind.CLAIMS), Fault(FaultKind.MISSING_ROLE)
    )
    assert graph_error(desk.graph("GET", "/users"))[:2] == (401, "InvalidAuthenticationToken")
    challenge = desk.graph("GET", "/users")
    header = challenge.headers["www-authenticate"]
    assert challenge.status_code == 401
    assert 'error="insufficient_claims"' in header
    encoded = header.partition('claims="')[2].partition('"')[0]
    assert "access_token" in json.loads(b64decode(encoded + "=" * (-len(encoded) % 4)))
    assert graph_error(desk.graph("GET", "/users"))[:2] == (403, "Authorization_RequestDenied")
    desk.faults.clear()
    desk.faults.add(
        Fault(FaultKind.EXPIRED_TOKEN), Fault(FaultKind.CLAIMS), Fault(FaultKind.MISSING_ROLE)
    )
    assert partner_error(desk.partner("GET", "/customers"))[0] == 401
    assert "insufficient_claims" in desk.partner("GET", "/customers").headers["www-authenticate"]
    assert partner_error(desk.partner("GET", "/customers"))[:2] == (403, 2032)


def test_any_answer_can_be_scripted() -> None:
    desk = Desk()
    body = {"code": 900149, "description": "Not active", "data": [], "source": "PartnerFD"}
    desk.faults.add(Fault(FaultKind.ANSWER, status=403, body=body, headers={"X-Test": "1"}))
    answer = desk.partner("GET", "/customers")
    assert (answer.status_code, answer.json(), answer.headers["x-test"]) == (403, body, "1")
    desk.faults.add(Fault(FaultKind.ANSWER, status=502, body="<html>"))
    assert desk.partner("GET", "/customers").text == "<html>"
    desk.faults.add(Fault(FaultKind.ANSWER, status=500))
    assert desk.partner("GET", "/customers").content == b""


def test_malformed_next_link() -> None:
    desk = Desk()
    desk.faults.add(Fault(FaultKind.MALFORMED_NEXT))
    uri = desk.partner("GET", "/customers?size=5").json()["links"]["next"]["uri"]
    assert uri.endswith("/customers?size=5?seekOperation=Next")


def create(desk: Desk) -> str:
    body = {
        "accountEnabled": True,
        "displayName": "New Person",
        "mailNickname": "new",
        "userPrincipalName": f"new@{desk.tenant('direct').default_domain}",
        "passwordProfile": {"password": "Tr4velling-Otter"},
    }
    made: str = desk.graph("POST", "/users", body=body).json()["id"]
    return made


def test_a_new_user_is_not_found_for_some_reads() -> None:
    desk = Desk()
    desk.faults.add(Fault(FaultKind.NEW_USER_LAG, reads=2))
    user = create(desk)
    listed = {item["id"] for item in desk.pages("/users?$top=999", "direct")}
    assert user not in listed
    tenant_id = desk.world.customer("direct")
    assert desk.graph("GET", f"/users/{user}").status_code == 404
    assert desk.partner("GET", f"/customers/{tenant_id}/users/{user}").status_code == 404
    body: dict[str, Any] = {"addLicenses": [], "removeLicenses": []}
    assert desk.graph("POST", f"/users/{user}/assignLicense", body=body).status_code == 200
    assert user in {item["id"] for item in desk.pages("/users?$top=999", "direct")}


def test_a_new_user_is_not_found_for_some_time() -> None:
    desk = Desk()
    desk.faults.add(Fault(FaultKind.NEW_USER_LAG, seconds=10))
    user = create(desk)
    assert desk.graph("GET", f"/users/{user}").status_code == 404
    assert desk.graph("GET", f"/users/{user}").status_code == 404
    desk.clock.advance(seconds=10)
    assert user in {item["id"] for item in desk.pages("/users?$top=999", "direct")}
    assert desk.graph("GET", f"/users/{user}").status_code == 200


def test_counters_lag() -> None:
    desk = Desk()
    desk.faults.add(Fault(FaultKind.COUNTS_LAG, reads=2))
    user = next(user for user in desk.tenant("tiny").users.values() if user.direct)

    def shown() -> int:
        skus = desk.graph("GET", "/subscribedSkus", "tiny").json()["value"]
        consumed: int = skus[0]["consumedUnits"]
        return consumed

    before = shown()
    assert desk.graph("DELETE", f"/users/{user.user_id}", "tiny").status_code == 204
    assert [shown(), shown(), shown()] == [before, before, before - 1]


def test_file_format_and_practice_face() -> None:
    desk = Desk()
    rules = [
        {"kind": "throttled", "face": "graph", "path": "/users*", "retry_after": 2.5},
        {"kind": "delay", "path": "*subscribed*", "seconds": 0.0, "times": None},
    ]
    url = "http://practice/practice/faults"
    assert desk.call("POST", url, token="", body=rules).status_code == 200
    assert len(desk.call("GET", url, token="").json()["rules"]) == 2
    assert desk.graph("GET", "/users").status_code == 429
    assert desk.call("DELETE", url, token="").status_code == 200
    assert desk.graph("GET", "/users").status_code == 200
    for wrong in ({"kind": "meteor"}, {"kind": "delay", "secs": 1}, {"path": "/users"}):
        assert desk.call("POST", url, token="", body=wrong).status_code == 400


def test_calls_are_counted_by_route() -> None:
    desk = Desk()
    user = desk.user("direct", "plain").user_id
    for _turn in range(2):
        desk.graph("GET", f"/users/{user}/licenseDetails")
    desk.graph("POST", "/$batch", body={"requests": [{"id": "1", "method": "GET", "url": "/me"}]})
    calls = desk.simulator.calls
    assert calls.count("graph", "GET", "/users/{id}/licenseDetails") == 2
    assert calls.count("graph", "GET", "/me") == 1
    assert calls.count("graph") == 4
    assert calls.recent[-2].in_batch
    assert all("authorization" not in record.headers for record in calls.recent)
    shown = desk.call("GET", "http://practice/practice/calls", token="").json()["calls"]
    assert {"face": "graph", "method": "GET", "route": "/me", "count": 1} in shown
