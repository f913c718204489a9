"""Graph's reads: selection, paging, filters, counts, and the refusals of bad queries."""

import pytest

from o365desk.simulator.graph_schema import DEFAULT, USER
from tests import csdl
from tests.simulator.desk import GRAPH, Desk, graph_error, sku

ROWS = (
    "id,displayName,userPrincipalName,accountEnabled,userType,usageLocation,"
    "onPremisesSyncEnabled,assignedLicenses,licenseAssignmentStates"
)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


def test_every_property_of_the_metadata_is_selectable(desk: Desk) -> None:
    names = [name for item in csdl.metadata().line("user") for name in item.properties]
    assert set(names) == set(USER)
    answer = desk.graph(
        "GET", f"/users/{desk.user('direct', 'admin').user_id}?$select={','.join(names)}"
    )
    assert set(answer.json()) == {"@odata.context", *names}


def test_eleven_default_properties(desk: Desk) -> None:
    body = desk.graph("GET", "/users").json()
    assert body["@odata.context"] == f"{GRAPH}/$metadata#users"
    assert all(set(item) == set(DEFAULT) for item in body["value"])
    assert len(DEFAULT) == 11


def test_selection_is_told_in_the_context_in_microsofts_case(desk: Desk) -> None:
    body = desk.graph("GET", "/users?$select=id,DisplayName&$top=1").json()
    assert body["@odata.context"] == f"{GRAPH}/$metadata#users(id,displayName)"
    assert set(body["value"][0]) == {"id", "displayName"}


def test_headers(desk: Desk) -> None:
    answer = desk.graph("GET", "/users?$top=1", headers={"client-request-id": "abc"})
    assert answer.headers["content-type"] == (
        "application/json;odata.metadata=minimal;odata.streaming=true;"
        "IEEE754Compatible=false;charset=utf-8"
    )
    assert answer.headers["client-request-id"] == "abc"
    assert answer.headers["request-id"]
    assert answer.headers["odata-version"] == "4.0"
    assert answer.headers["date"] == "Sun, 01 Nov 2026 12:00:00 GMT"


def test_paging_is_complete_and_links_point_to_the_host_called(desk: Desk) -> None:
    items = desk.pages(f"/users?$select={ROWS}&$top=999", "large")
    assert len(items) == len({item["id"] for item in items}) == 2497
    host = "https://elsewhere.example/v1.0/users?$top=5"
    link = desk.graph("GET", host, "large").json()["@odata.nextLink"]
    assert link.startswith("https://elsewhere.example/v1.0/users?$top=5&$skiptoken=")


def test_default_page_is_100_and_999_is_the_most(desk: Desk) -> None:
    assert len(desk.graph("GET", "/users", "large").json()["value"]) == 100
    assert len(desk.graph("GET", "/users?$top=999", "large").json()["value"]) == 999
    status, code, text = graph_error(desk.graph("GET", "/users?$top=1000", "large"))
    assert (status, code) == (400, "Request_UnsupportedQuery")
    assert text == "Invalid page size specified: '1000'. Must be between 1 and 999 inclusive."


def test_a_listing_survives_deletions_between_its_pages() -> None:
    desk = Desk()
    first = desk.graph("GET", "/users?$top=10", "synced").json()
    gone = desk.user("synced", "cloud_only")
    assert desk.graph("DELETE", f"/users/{gone.user_id}", "synced").status_code == 204
    rest = desk.pages(first["@odata.nextLink"], "synced")
    ids = [item["id"] for item in first["value"] + rest]
    assert len(ids) == len(set(ids)) == 40


def test_pages_are_fresh_after_a_change() -> None:
    desk = Desk()
    path = "/users?$select=id,displayName&$top=999"
    before = desk.graph("GET", path).content
    assert desk.graph("GET", path).content == before
    user = desk.user("direct", "plain")
    desk.graph("PATCH", f"/users/{user.user_id}", body={"displayName": "Renamed Entirely"})
    assert b"Renamed Entirely" in desk.graph("GET", path).content


def test_users_by_id_upn_and_key_syntax(desk: Desk) -> None:
    user = desk.user("mixed", "guest")
    upn = user.upn.replace("#", "%23")
    for path in (f"/users/{user.user_id}", f"/users/{upn}", f"/users('{upn}')"):
        assert desk.graph("GET", path, "mixed").json()["id"] == user.user_id
    assert "#EXT#" in user.upn


@pytest.mark.parametrize(
    ("text", "advanced"),
    [
        ("startswith(displayName,'a')", False),
        ("userPrincipalName eq 'nobody@nowhere.example'", False),
        ("accountEnabled eq true and userType eq 'Member'", False),
        (f"assignedLicenses/any(x:x/skuId eq {sku('SPE_E3')})", False),
        ("usageLocation in ('GB','US')", False),
        ("(startswith(givenName,'z') or surname eq 'Hadley')", False),
        ("endswith(userPrincipalName,'.example')", True),
        ("usageLocation ne 'GB'", True),
        ("not(accountEnabled eq false)", True),
        ("assignedLicenses/$count eq 0", True),
        ("createdDateTime ge 2025-01-01T00:00:00Z", False),
    ],
)
def test_filters(desk: Desk, text: str, advanced: bool) -> None:
    path = f"/users?$filter={text}&$select={ROWS},givenName,surname,createdDateTime&$top=999"
    csdl.check_path("GET", "/users", path.partition("?")[2])
    plain = desk.graph("GET", path)
    if advanced:
        assert graph_error(plain)[:2] == (400, "Request_UnsupportedQuery")
        plain = desk.graph("GET", path + "&$count=true", eventual=True)
        assert plain.json()["@odata.count"] == len(plain.json()["value"])
    assert plain.status_code == 200


def test_filter_finds_what_it_says(desk: Desk) -> None:
    e3 = sku("SPE_E3")
    path = f"/users?$filter=assignedLicenses/any(x:x/skuId eq {e3})&$select=id,assignedLicenses"
    found = desk.pages(path, "direct")
    assert len(found) == desk.counts("direct", "SPE_E3")["consumed"]
    bare = desk.pages(
        "/users?$filter=assignedLicenses/$count eq 0&$count=true&$select=assignedLicenses",
        "direct",
        eventual=True,
    )
    assert bare
    assert all(not item["assignedLicenses"] for item in bare)


def test_filtered_listing_has_next_links(desk: Desk) -> None:
    path = "/users?$filter=accountEnabled eq false&$top=7&$select=id,accountEnabled"
    items = desk.pages(path, "large")
    assert len(items) == len({item["id"] for item in items}) > 20
    assert not any(item["accountEnabled"] for item in items)


def test_search_and_order(desk: Desk) -> None:
    path = '/users?$search="displayName:hadley"&$top=999'
    assert graph_error(desk.graph("GET", path))[0] == 400
    assert desk.graph("GET", path, eventual=True).status_code == 200
    ordered = desk.graph("GET", "/users?$orderby=displayName desc&$top=999").json()["value"]
    names = [item["displayName"].casefold() for item in ordered]
    assert names == sorted(names, reverse=True)
    both = "/users?$filter=startswith(displayName,'a')&$orderby=displayName"
    assert graph_error(desk.graph("GET", both))[2] == "Sorting not supported for current query."
    assert desk.graph("GET", both + "&$count=true", eventual=True).status_code == 200


def test_count_needs_the_eventual_index(desk: Desk) -> None:
    assert graph_error(desk.graph("GET", "/users/$count"))[0] == 400
    answer = desk.graph("GET", "/users/$count", "large", eventual=True)
    assert answer.text == "2497"
    assert answer.headers["content-type"].startswith("text/plain")


def test_refused_queries(desk: Desk) -> None:
    assert graph_error(desk.graph("GET", "/users?$skip=5"))[0] == 400
    status, _code, text = graph_error(desk.graph("GET", "/users?$select=id,shoeSize"))
    assert status == 400
    assert "Could not find a property named 'shoeSize' on type 'microsoft.graph.user'" in text
    assert graph_error(desk.graph("GET", "/users?$select=aboutMe"))[0] == 501
    one = desk.user("direct", "admin").user_id
    assert desk.graph("GET", f"/users/{one}?$select=aboutMe").status_code == 200
    assert graph_error(desk.graph("GET", "/users?$filter=displayName eq"))[0] == 400
    assert graph_error(desk.graph("GET", "/users?$filter=shoeSize eq 4"))[0] == 400
    expired = graph_error(desk.graph("GET", "/users?$skiptoken=RFNwdAnonsense"))
    assert expired[:2] == (400, "Directory_ExpiredPageToken")
    assert graph_error(desk.graph("GET", "/nothing"))[:2] == (400, "BadRequest")
    assert graph_error(desk.graph("PUT", "/users"))[0] == 405


def test_sign_in_activity_needs_a_premium_tenant(desk: Desk) -> None:
    path = "/users?$select=id,signInActivity&$top=999"
    assert len(desk.graph("GET", path, "large").json()["value"]) == 500
    assert graph_error(desk.graph("GET", path, "tiny")) == (
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    )


def test_licence_states_say_direct_or_group(desk: Desk) -> None:
    user = desk.user("group_licensed", "direct_and_group")
    body = desk.graph(
        "GET",
        f"/users/{user.user_id}?$select=assignedLicenses,licenseAssignmentStates",
        "group_licensed",
    ).json()
    states = [
        item for item in body["licenseAssignmentStates"] if item["skuId"] == sku("POWER_BI_PRO")
    ]
    assert {item["assignedByGroup"] is None for item in states} == {True, False}
    assert all(item["state"] == "Active" and item["error"] == "None" for item in states)
    assert all(item["lastUpdatedDateTime"] for item in states)
    held = [item["skuId"] for item in body["assignedLicenses"]]
    assert held.count(sku("POWER_BI_PRO")) == 1
    waiting = desk.user("group_licensed", "count_violation")
    body = desk.graph(
        "GET", f"/users/{waiting.user_id}?$select=licenseAssignmentStates", "group_licensed"
    ).json()
    errors = {item["error"] for item in body["licenseAssignmentStates"]}
    assert errors == {"None", "CountViolation"}


def test_users_are_not_found_elsewhere(desk: Desk) -> None:
    stranger = desk.user("large", "plain").user_id
    assert graph_error(desk.graph("GET", f"/users/{stranger}")) == (
        404,
        "Request_ResourceNotFound",
        f"Resource '{stranger}' does not exist or one of its queried reference-property objects "
        "are not present.",
    )


def test_tokens(desk: Desk) -> None:
    tenant_id = desk.world.customer("direct")
    url = GRAPH + "/users"
    for token, text in (
        ("", "Access token is empty."),
        ("nonsense", "CompactToken parsing failed with error code: 80049217"),
        (f"expired:tenant:{tenant_id}", "Access token has expired or is not yet valid."),
    ):
        answer = desk.call("GET", url, token=token)
        assert graph_error(answer) == (401, "InvalidAuthenticationToken", text)
        assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert desk.call("GET", url, token=f"partner:{tenant_id}").status_code == 200
    no_gdap = desk.world.customer("partner_center_only")
    refused = desk.call("GET", url, token=f"partner:{no_gdap}")
    assert graph_error(refused)[:2] == (403, "Authorization_RequestDenied")
    own = desk.call("GET", GRAPH + "/organization", token="partner").json()["value"]
    assert [item["displayName"] for item in own] == ["Brightwater Cloud Services"]
