"""The Partner Center face: paging, rights, idempotency, limits and error shapes."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from o365desk.simulator import roles
from tests.simulator.desk import PARTNER, Desk, partner_error, partner_json, sku


def follow(desk: Desk, path: str, *, with_headers: bool = True) -> list[httpx.Response]:
    """All pages of a collection; relative links with and without the version."""
    answers = [desk.partner("GET", path)]
    while True:
        following = answers[-1].json().get("links", {}).get("next")
        if following is None:
            return answers
        uri = following["uri"].removeprefix("/v1")
        headers = {item["key"]: item["value"] for item in following["headers"]}
        answers.append(desk.partner("GET", uri, headers=headers if with_headers else {}))


def json_filter(field: str, value: str, operator: str) -> str:
    return quote(json.dumps({"Field": field, "Value": value, "Operator": operator}))


def test_customers_in_pages() -> None:
    desk = Desk()
    pages = follow(desk, "/customers?size=5")
    ids = [item["id"] for page in pages for item in page.json()["items"]]
    assert len(ids) == len(set(ids)) == 13
    assert [page.json()["totalCount"] for page in pages] == [5, 5, 3]
    uris = [page.json()["links"]["next"]["uri"] for page in pages[:-1]]
    assert {uri.startswith("/v1/") for uri in uris} == {True, False}
    assert all("seekOperation=Next" in uri for uri in uris)
    assert pages[0].json()["attributes"] == {"objectType": "Collection"}


def test_a_forgotten_continuation_token_is_found_out() -> None:
    desk = Desk()
    following = desk.partner("GET", "/customers?size=5").json()["links"]["next"]
    answer = desk.partner("GET", following["uri"].removeprefix("/v1"))
    assert partner_error(answer)[:2] == (400, 2000)


def test_customer_filters() -> None:
    desk = Desk()
    found = desk.partner(
        "GET", f"/customers?size=0&filter={json_filter('CompanyName', 'cop', 'starts_with')}"
    ).json()["items"]
    assert [item["companyProfile"]["companyName"] for item in found] == ["Copper Kettle Brewing"]
    by_domain = desk.partner(
        "GET", f"/customers?size=40&filter={json_filter('Domain', 'AURORA', 'starts_with')}"
    ).json()["items"]
    assert [item["id"] for item in by_domain] == [desk.world.customer("large")]
    wrong = desk.partner(
        "GET", f"/customers?size=40&filter={json_filter('City', 'x', 'starts_with')}"
    )
    assert partner_error(wrong)[:2] == (400, 800002)


def test_users_in_pages_and_only_active_ones() -> None:
    desk = Desk()
    path = f"/customers/{desk.world.customer('large')}/users"
    pages = follow(desk, path + "?size=300")
    ids = [item["id"] for page in pages for item in page.json()["items"]]
    assert len(ids) == len(set(ids)) == 2497
    assert len(desk.partner("GET", path).json()["items"]) == 500
    assert len(desk.partner("GET", path + "?size=9999").json()["items"]) == 500
    assert {item["state"] for page in pages for item in page.json()["items"]} == {"active"}


def test_deleted_users_want_user_state() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("deleted")
    path = f"/customers/{tenant_id}/users?size=500&filter="
    found = desk.partner("GET", path + json_filter("UserState", "Inactive", "equals")).json()
    assert {item["state"] for item in found["items"]} == {"inactive"}
    assert len(found["items"]) == 4
    assert "UserStatus" in found["links"]["self"]["uri"]
    wrong = desk.partner("GET", path + json_filter("UserStatus", "Inactive", "equals"))
    assert partner_error(wrong)[0] == 400


def test_absent_not_null() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("mixed")
    user = desk.user("mixed", "no_location").user_id
    shown = partner_json(desk.partner("GET", f"/customers/{tenant_id}/users/{user}"))
    assert "usageLocation" not in shown
    assert "softDeletionTime" not in shown
    assert None not in shown.values()


def test_byte_order_marks_where_published() -> None:
    desk = Desk()
    tenant_id, user = desk.world.customer("direct"), desk.user("direct", "plain").user_id
    path = f"/customers/{tenant_id}/users"
    for marked in (f"{path}/{user}", f"{path}/{user}/licenses"):
        assert desk.partner("GET", marked).content.startswith(b"\xef\xbb\xbf{")
    assert desk.partner("GET", path).content.startswith(b"{")


def test_licences_do_not_tell_where_they_come_from() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("group_licensed")
    user = desk.user("group_licensed", "inherited").user_id
    body = partner_json(desk.partner("GET", f"/customers/{tenant_id}/users/{user}/licenses"))
    assert sku("SPE_E3") in {item["productSku"]["id"] for item in body["items"]}
    assert "targetType" not in body["items"][0]["productSku"]
    assert body["items"][0]["servicePlans"][0]["capabilityStatus"] == "Assigned"


def test_product_names_are_readable_and_friendly_names_are_others() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("direct")
    skus = desk.partner("GET", f"/customers/{tenant_id}/subscribedskus").json()["items"]
    names = {item["productSku"]["id"]: item["productSku"]["name"] for item in skus}
    assert names[sku("SPE_E3")] == "Microsoft 365 E3"
    sold = desk.partner("GET", f"/customers/{tenant_id}/subscriptions").json()["items"]
    suite = next(item for item in sold if item["offerName"] == "Microsoft 365 E3")
    assert suite["friendlyName"] == "Head office suite"
    assert suite["id"] == suite["id"].upper()


def test_azure_and_marketplace_subscriptions_are_told_apart() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("direct")
    sold = desk.partner("GET", f"/customers/{tenant_id}/subscriptions").json()["items"]
    azure = next(item for item in sold if item["billingType"] == "usage")
    assert (azure["unitType"], azure["isMicrosoftProduct"]) == ("Usage-based", True)
    other = next(item for item in sold if not item["isMicrosoftProduct"])
    assert other["publisherName"] == "Leafcount Software"
    skus = desk.partner("GET", f"/customers/{tenant_id}/subscribedskus").json()["items"]
    assert not {azure["offerName"], other["offerName"]} & {
        item["productSku"]["name"] for item in skus
    }
    status = f"/customers/{tenant_id}/subscriptions/{azure['id']}/provisioningstatus"
    assert partner_error(desk.partner("GET", status))[:2] == (400, 900127)


def test_provisioning_status_ties_a_subscription_to_its_sku() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("two_subscriptions")
    sold = desk.partner("GET", f"/customers/{tenant_id}/subscriptions").json()["items"]
    tied: dict[str, list[str]] = {}
    for item in sold:
        path = f"/customers/{tenant_id}/subscriptions/{item['id']}"
        assert desk.partner("GET", path).json() == item
        body = desk.partner("GET", path + "/provisioningstatus").json()
        tied.setdefault(body["skuId"], []).append(item["id"])
    assert len(tied[sku("SPB")]) == 2
    assert len(tied[sku("VISIOCLIENT")]) == 2


def test_profile_roles_and_domains() -> None:
    desk = Desk()
    body = desk.partner("GET", "/profiles/organization").json()
    assert body["companyName"] == "Brightwater Cloud Services"
    tenant_id, user = desk.world.customer("mixed"), desk.user("mixed", "user_admin").user_id
    held = desk.partner("GET", f"/customers/{tenant_id}/users/{user}/directoryroles").json()
    assert [item["name"] for item in held["items"]] == ["User Administrator"]
    taken = desk.partner("HEAD", "/domains/tallpine.onmicrosoft.com")
    assert (taken.status_code, taken.content) == (200, b"")
    assert desk.partner("HEAD", "/domains/free.onmicrosoft.com").status_code == 404


def test_errors() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("direct")
    unknown = "00000000-0000-4000-8000-000000000000"
    cases = {
        "/customers/not-a-guid/users": (400, 2000),
        f"/customers/{unknown}/users": (404, 60003),
        f"/customers/{desk.world.partner.tenant_id}": (403, 20002),
        f"/customers/{tenant_id}/users/{unknown}": (404, 60002),
        f"/customers/{tenant_id}/subscriptions/{unknown}": (404, 20003),
    }
    for path, expected in cases.items():
        assert partner_error(desk.partner("GET", path))[:2] == expected, path
    assert desk.partner("GET", "/nothing/here").status_code == 404


def test_descriptions_hold_html_entities() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("direct")
    body = {
        "userPrincipalName": "a@tallpine.example",
        "usageLocation": "Britain",
        "displayName": "A",
        "firstName": "A",
        "lastName": "B",
        "passwordProfile": {"password": "Tr4velling-Otter"},
    }
    answer = desk.partner("POST", f"/customers/{tenant_id}/users", body=body)
    assert "&#39;usageLocation&#39;" in partner_error(answer)[2]


def test_tokens() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("direct")
    url = PARTNER + "/customers"
    for token, code in (
        ("", 800001),
        ("expired", 400),
        (f"tenant:{tenant_id}", 400),
        ("partner-nomfa", 900421),
    ):
        assert partner_error(desk.call("GET", url, token=token))[:2] == (401, code), token
    answer = desk.partner("GET", "/customers", headers={"ValidateMfa": "true"})
    assert answer.headers["ismfacompliant"] == "true"


def test_rights_without_a_relation() -> None:
    desk = Desk()
    tenant = desk.tenant("tiny")
    tenant.gdap = None
    path = f"/customers/{tenant.tenant_id}"
    assert partner_error(desk.partner("GET", path + "/users"))[:2] == (403, 2032)
    # Customers and subscriptions go by the partner's own role.
    assert desk.partner("GET", path).status_code == 200
    assert desk.partner("GET", path + "/subscriptions").status_code == 200
    assert desk.partner("GET", path).json()["allowDelegatedAccess"] is False
    old = desk.world.customer("partner_center_only")
    assert desk.partner("GET", f"/customers/{old}/users").status_code == 200


def test_password_reset_wants_a_user_administrator() -> None:
    desk = Desk()
    tenant = desk.tenant("tiny")
    assert tenant.gdap is not None
    tenant.gdap.roles = frozenset({roles.READERS, roles.HELPDESK})
    path = f"/customers/{tenant.tenant_id}/users/{tenant.notable['plain']}"
    body = {"passwordProfile": {"password": "Tr4velling-Otter"}}
    assert partner_error(desk.partner("PATCH", path, body=body))[:2] == (403, 900150)


def test_a_repeated_request_id_is_not_done_twice() -> None:
    desk = Desk()
    tenant = desk.tenant("tiny")
    path = f"/customers/{tenant.tenant_id}/users"
    body: dict[str, Any] = {
        "usageLocation": "IS",
        "userPrincipalName": f"twice@{tenant.default_domain}",
        "firstName": "Twice",
        "lastName": "Asked",
        "displayName": "Twice Asked",
        "passwordProfile": {"password": "Tr4velling-Otter"},
    }
    headers = {"MS-RequestId": "11111111-2222-4333-8444-555555555555"}
    first = desk.partner("POST", path, body=body, headers=headers)
    again = desk.partner("POST", path, body=body, headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert len(tenant.users) == 4
    assert again.headers["ms-requestid"] == headers["MS-RequestId"]
    other = desk.partner("POST", path, body=body, headers={"MS-RequestId": "another"})
    assert other.status_code == 400
    gone = f"{path}/{partner_json(first)['id']}"
    for _turn in range(2):
        deleted = desk.partner("DELETE", gone, headers={"MS-RequestId": "third"})
        assert (deleted.status_code, deleted.content) == (204, b"")


def test_headers() -> None:
    desk = Desk()
    answer = desk.partner("GET", "/customers?size=1", headers={"MS-CorrelationId": "corr"})
    assert answer.headers["ms-correlationid"] == "corr"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    for name in ("ms-requestid", "ms-cv", "ms-serverid", "date"):
        assert answer.headers[name]


def test_published_rate_limit() -> None:
    desk = Desk()
    desk.simulator.limits.enforce(customer_calls=3)
    tenant_id = desk.world.customer("tiny")
    path = f"/customers/{tenant_id}"
    assert [desk.partner("GET", path).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = desk.partner("GET", path)
    assert refused.json() == {
        "statusCode": 429,
        "message": "Rate limit is exceeded. Try again in 60 seconds.",
    }
    assert refused.headers["retry-after"] == "60"
    assert desk.partner("GET", f"/customers/{desk.world.customer('direct')}").status_code == 200
    desk.clock.advance(seconds=61)
    assert desk.partner("GET", path).status_code == 200


@pytest.mark.parametrize("body", ["[]", "nonsense", '"text"'])
def test_bodies_that_are_no_object(body: str) -> None:
    desk = Desk()
    tenant_id = desk.world.customer("tiny")
    simulator = desk.simulator
    from o365desk.simulator import HttpRequest

    request = HttpRequest(
        "POST",
        f"/v1/customers/{tenant_id}/users",
        headers={"authorization": "Bearer partner"},
        body=body.encode(),
    )
    answer = simulator.handle(request)
    assert (answer.status, answer.json()["code"]) == (400, 800002)
