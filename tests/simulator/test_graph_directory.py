"""Graph's other resources: products, groups, domains, relations, mail, batch and delta."""

from typing import Any

import pytest

from o365desk.simulator import roles
from tests import csdl
from tests.simulator.desk import GRAPH, Desk, graph_error, sku


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


def test_subscribed_skus(desk: Desk) -> None:
    tenant_id = desk.world.customer("two_subscriptions")
    items = desk.graph("GET", "/subscribedSkus", "two_subscriptions").json()["value"]
    spb = next(item for item in items if item["skuId"] == sku("SPB"))
    assert spb["id"] == f"{tenant_id}_{sku('SPB')}"
    assert len(spb["subscriptionIds"]) == 2
    assert spb["prepaidUnits"] == {"enabled": 26, "suspended": 0, "warning": 0, "lockedOut": 0}
    one = desk.graph("GET", f"/subscribedSkus/{spb['id']}", "two_subscriptions").json()
    assert one["consumedUnits"] == spb["consumedUnits"]
    chosen = desk.graph("GET", "/subscribedSkus?$select=skuId,consumedUnits").json()["value"]
    assert all(set(item) == {"skuId", "consumedUnits"} for item in chosen)
    for option in ("$filter=skuId eq 'x'", "$top=1", "$orderby=skuId"):
        assert graph_error(desk.graph("GET", f"/subscribedSkus?{option}"))[0] == 400


def test_suspended_sku_shows_its_state(desk: Desk) -> None:
    items = desk.graph("GET", "/subscribedSkus", "suspended").json()["value"]
    by_sku = {item["skuId"]: item for item in items}
    assert by_sku[sku("CRMSTANDARD")]["capabilityStatus"] == "Suspended"
    assert by_sku[sku("EXCHANGESTANDARD")]["capabilityStatus"] == "Warning"


def test_company_and_group_two_products(desk: Desk) -> None:
    items = desk.graph("GET", "/subscribedSkus", "direct").json()["value"]
    company = {item["skuPartNumber"] for item in items if item["appliesTo"] == "Company"}
    assert company == {"SHAREPOINTSTORAGE"}
    mixed = desk.graph("GET", "/subscribedSkus", "mixed").json()["value"]
    assert "CFQ7TTC0K5DR/0002" not in {item["skuPartNumber"] for item in mixed}


def test_directory_subscriptions_join_the_two_ids(desk: Desk) -> None:
    items = desk.graph("GET", "/directory/subscriptions", "two_subscriptions").json()["value"]
    skus = desk.graph("GET", "/subscribedSkus", "two_subscriptions").json()["value"]
    known = {one for item in skus for one in item["subscriptionIds"]}
    assert {item["id"] for item in items} == known
    tenant_id = desk.world.customer("two_subscriptions")
    sold = desk.partner("GET", f"/customers/{tenant_id}/subscriptions").json()["items"]
    commerce = {item["commerceSubscriptionId"] for item in items}
    assert {item["id"].lower() for item in sold} == commerce
    assert not commerce & known
    one = desk.graph("GET", f"/directory/subscriptions/{items[0]['id']}", "two_subscriptions")
    assert one.json()["totalLicenses"] == items[0]["totalLicenses"]


def test_licence_details(desk: Desk) -> None:
    user = desk.user("direct", "plans_off")
    items = desk.graph("GET", f"/users/{user.user_id}/licenseDetails").json()["value"]
    e3 = next(item for item in items if item["skuPartNumber"] == "SPE_E3")
    off = {
        plan["servicePlanName"]
        for plan in e3["servicePlans"]
        if plan["provisioningStatus"] == "Disabled"
    }
    assert off == {"YAMMER_ENTERPRISE", "SWAY"}


def test_organisation_domains_groups(desk: Desk) -> None:
    found = desk.graph("GET", "/organization", "synced").json()["value"]
    assert len(found) == 1
    assert found[0]["onPremisesSyncEnabled"] is True
    domains = desk.graph("GET", "/domains", "synced").json()["value"]
    assert {item["authenticationType"] for item in domains} == {"Managed", "Federated"}
    assert any(not item["isVerified"] for item in domains)
    groups = desk.graph(
        "GET", "/groups?$select=id,displayName,assignedLicenses", "group_licensed"
    ).json()["value"]
    names = {item["displayName"]: item for item in groups}
    assert names["BI team"]["assignedLicenses"][0]["skuId"] == sku("POWER_BI_PRO")
    one = desk.graph("GET", f"/groups/{names['BI team']['id']}", "group_licensed").json()
    assert one["displayName"] == "BI team"
    ids = [names["BI team"]["id"], desk.user("group_licensed", "inherited").user_id]
    both = desk.graph(
        "POST",
        "/directoryObjects/getByIds",
        "group_licensed",
        body={"ids": ids, "types": ["group"]},
    ).json()["value"]
    assert [item["displayName"] for item in both] == ["BI team"]


def test_roles_of_a_user(desk: Desk) -> None:
    user = desk.user("mixed", "user_admin")
    items = desk.graph("GET", f"/users/{user.user_id}/memberOf", "mixed").json()["value"]
    assert [item["@odata.type"] for item in items] == ["#microsoft.graph.directoryRole"]
    cast = f"/users/{user.user_id}/transitiveMemberOf/microsoft.graph.directoryRole"
    items = desk.graph("GET", cast, "mixed").json()["value"]
    assert [item["roleTemplateId"] for item in items] == [roles.USER]
    held = desk.graph("GET", "/directoryRoles", "mixed").json()["value"]
    of_users = next(item for item in held if item["roleTemplateId"] == roles.USER)
    members = desk.graph("GET", f"/directoryRoles/{of_users['id']}/members", "mixed").json()
    assert [item["id"] for item in members["value"]] == [user.user_id]


def test_gdap_relations_and_contracts(desk: Desk) -> None:
    url = "/tenantRelationships/delegatedAdminCustomers"
    first = desk.graph("GET", url + "?$top=5", token="partner").json()
    assert (
        first["@odata.context"] == f"{GRAPH}/tenantRelationships/$metadata#delegatedAdminCustomers"
    )
    second = desk.graph("GET", first["@odata.nextLink"], token="partner").json()
    third = desk.graph("GET", second["@odata.nextLink"], token="partner").json()
    found = {item["id"] for page in (first, second, third) for item in page["value"]}
    without = desk.world.customer("partner_center_only")
    assert found == set(desk.world.purposes.values()) - {without}
    assert all(item["@odata.etag"].startswith('W/"') for item in first["value"])
    assert graph_error(desk.graph("GET", url + "?$top=301", token="partner"))[0] == 400
    relations = desk.graph(
        "GET",
        "/tenantRelationships/delegatedAdminRelationships?$filter=status eq 'active'",
        token="partner",
    ).json()["value"]
    weak = next(
        item
        for item in relations
        if item["customer"]["tenantId"] == desk.world.customer("read_only_gdap")
    )
    granted = {item["roleDefinitionId"] for item in weak["accessDetails"]["unifiedRoles"]}
    assert granted == {roles.GLOBAL_READER, roles.HELPDESK}
    contracts = desk.graph("GET", "/contracts", token="partner").json()["value"]
    assert without in {item["customerId"] for item in contracts}
    assert graph_error(desk.graph("GET", url))[0] == 403


def test_a_relation_that_ends_opens_nothing() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("tiny")
    assert desk.graph("GET", "/users", token=f"partner:{tenant_id}").status_code == 200
    desk.clock.advance(days=431)
    assert graph_error(desk.graph("GET", "/users", token=f"partner:{tenant_id}"))[0] == 403


MAIL: dict[str, Any] = {
    "message": {
        "subject": "Your account",
        "body": {"contentType": "Text", "content": "Hello"},
        "toRecipients": [{"emailAddress": {"address": "someone@visitor.example"}}],
    },
    "saveToSentItems": False,
}


def test_send_mail() -> None:
    desk = Desk()
    csdl.check_path("POST", "/me/sendMail", "", MAIL)
    answer = desk.graph("POST", "/me/sendMail", token="partner", body=MAIL)
    assert (answer.status_code, answer.content) == (202, b"")
    sent = desk.call("GET", "http://practice/practice/outbox", token="").json()["messages"]
    assert sent[0]["to"] == ["someone@visitor.example"]
    assert sent[0]["saveToSentItems"] is False
    bad: dict[str, Any] = {**MAIL, "message": {**MAIL["message"], "toRecipients": []}}
    refused = graph_error(desk.graph("POST", "/me/sendMail", token="partner", body=bad))
    assert refused[:2] == (400, "ErrorInvalidRecipients")
    tenant_id = desk.world.customer("direct")
    visitor = desk.graph("POST", "/me/sendMail", token=f"partner:{tenant_id}", body=MAIL)
    assert graph_error(visitor)[:2] == (403, "ErrorAccessDenied")


def test_operator_without_mailbox() -> None:
    desk = Desk()
    admin = desk.user("mixed", "admin")
    admin.direct = {}
    refused = desk.graph("POST", "/me/sendMail", "mixed", body=MAIL)
    assert graph_error(refused)[:2] == (404, "MailboxNotEnabledForRESTAPI")


def item(name: str, method: str, url: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "method": method, "url": url, **more}


def test_batch_answers_each_for_itself_in_another_order() -> None:
    desk = Desk()
    user = desk.user("direct", "plain").user_id
    body = {
        "requests": [
            item("1", "GET", "/users?$select=id&$top=2"),
            item("2", "GET", "users/nobody@nowhere.example"),
            item("3", "DELETE", f"/users/{user}"),
            item("4", "GET", "/users/$count", headers={"ConsistencyLevel": "eventual"}),
            item(
                "5",
                "PATCH",
                f"/users/{user}",
                headers={"Content-Type": "application/json"},
                body={"department": "X"},
                dependsOn=["2"],
            ),
        ]
    }
    answer = desk.graph("POST", "/$batch", body=body)
    assert answer.status_code == 200
    items = answer.json()["responses"]
    assert [one["id"] for one in items] != ["1", "2", "3", "4", "5"]
    by_id = {one["id"]: one for one in items}
    statuses = {name: one["status"] for name, one in by_id.items()}
    assert statuses == {"1": 200, "2": 404, "3": 204, "4": 200, "5": 424}
    assert by_id["1"]["body"]["@odata.nextLink"].startswith(GRAPH)
    assert "body" not in by_id["3"]
    assert by_id["2"]["body"]["error"]["code"] == "Request_ResourceNotFound"


def test_malformed_batches() -> None:
    desk = Desk()
    many = [item(str(number), "GET", "/me") for number in range(21)]
    for requests in (
        many,
        [item("a", "GET", "/me"), item("A", "GET", "/me")],
        [item("1", "PATCH", "/users/x", body={})],
        [item("1", "GET", "https://graph.microsoft.com/v1.0/me")],
        [item("1", "POST", "/$batch", headers={"Content-Type": "application/json"}, body={})],
    ):
        answer = desk.graph("POST", "/$batch", body={"requests": requests})
        assert graph_error(answer)[0] == 400


def test_delta_tells_changes_deletions_and_purges() -> None:
    desk = Desk()
    start = "/users/delta?$select=displayName,givenName"
    pages: list[dict[str, Any]] = []
    url = start
    while True:
        body = desk.graph("GET", url, "large").json()
        pages.append(body)
        if "@odata.deltaLink" in body:
            break
        url = body["@odata.nextLink"]
    assert pages[0]["@odata.context"] == f"{GRAPH}/$metadata#users(displayName,givenName)"
    ids = [one["id"] for body in pages for one in body["value"]]
    assert len(ids) == len(set(ids)) == 2497
    link = pages[-1]["@odata.deltaLink"]
    assert desk.graph("GET", link, "large").json()["value"] == []
    user, other = ids[10], ids[11]
    desk.graph("PATCH", f"/users/{user}", "large", body={"displayName": "Changed"})
    desk.graph("DELETE", f"/users/{other}", "large")
    body = desk.graph("GET", link, "large").json()
    assert [one["displayName"] for one in body["value"] if "displayName" in one] == ["Changed"]
    removed = [one for one in body["value"] if "@removed" in one]
    assert removed == [{"id": other, "@removed": {"reason": "changed"}}]
    link = body["@odata.deltaLink"]
    desk.graph("DELETE", f"/directory/deletedItems/{other}", "large")
    body = desk.graph("GET", link, "large").json()
    assert body["value"] == [{"id": other, "@removed": {"reason": "deleted"}}]
