"""Graph's delta query: from now on, pages that repeat, tokens that end, untold changes."""

from typing import Any

import pytest

from o365desk.simulator import Fault, FaultKind
from tests.simulator.desk import GRAPH, Desk, graph_error, sku

FROM_NOW = "/users/delta?$select=displayName,assignedLicenses&$deltatoken=latest"


def mark(desk: Desk, purpose: str) -> str:
    body = desk.graph("GET", FROM_NOW, purpose).json()
    assert body["value"] == []
    assert body["@odata.context"] == f"{GRAPH}/$metadata#users(displayName,assignedLicenses)"
    assert "@odata.nextLink" not in body
    return str(body["@odata.deltaLink"])


def told(desk: Desk, link: str, purpose: str) -> list[list[dict[str, Any]]]:
    """The items behind a link, page by page."""
    pages: list[list[dict[str, Any]]] = []
    while True:
        answer = desk.graph("GET", link, purpose, headers={"Prefer": "return=minimal"})
        assert answer.headers["preference-applied"] == "return=minimal"
        body = answer.json()
        pages.append(body["value"])
        if "@odata.deltaLink" in body:
            return pages
        link = body["@odata.nextLink"]


def rename(desk: Desk, purpose: str, count: int) -> list[str]:
    ids = [*desk.tenant(purpose).users][:count]
    for number, user_id in enumerate(ids):
        desk.graph("PATCH", f"/users/{user_id}", purpose, body={"displayName": f"N {number}"})
    return ids


def test_changes_are_told_in_the_order_they_happened() -> None:
    desk = Desk()
    link = mark(desk, "large")
    first, second, third = rename(desk, "large", 3)
    desk.graph("DELETE", f"/users/{second}", "large")
    desk.graph("PATCH", f"/users/{first}", "large", body={"displayName": "Again"})
    (page,) = told(desk, link, "large")
    assert [item["id"] for item in page] == [third, second, first]
    assert page[1]["@removed"] == {"reason": "changed"}
    assert told(desk, link, "large") == [page], "a link can be followed twice"


def test_the_next_page_repeats_the_last_item() -> None:
    desk = Desk()
    link = mark(desk, "large")
    ids = rename(desk, "large", 250)
    first, second = told(desk, link, "large")
    assert first[-1] == second[0]
    assert [item["id"] for item in first + second[1:]] == ids


def test_a_change_between_two_pages_is_told_in_this_round_or_the_next() -> None:
    desk = Desk()
    link = mark(desk, "large")
    ids = rename(desk, "large", 250)
    body = desk.graph("GET", link, "large").json()
    late = ids[0]
    desk.graph("DELETE", f"/users/{late}", "large")
    body = desk.graph("GET", body["@odata.nextLink"], "large").json()
    following = desk.graph("GET", body["@odata.deltaLink"], "large").json()
    assert {"id": late, "@removed": {"reason": "changed"}} in following["value"]


@pytest.mark.parametrize(("days", "code"), [(7, None), (7.01, "syncStateNotFound")])
def test_a_token_lives_seven_days(days: float, code: str | None) -> None:
    desk = Desk()
    link = mark(desk, "tiny")
    desk.clock.advance(days=days)
    answer = desk.graph("GET", link, "tiny")
    assert answer.status_code == (200 if code is None else 400)
    if code is not None:
        assert graph_error(answer)[1] == code


def test_a_token_of_another_tenant_or_none_at_all() -> None:
    desk = Desk()
    link = mark(desk, "tiny")
    assert graph_error(desk.graph("GET", link, "large"))[:2] == (410, "resyncRequired")
    malformed = desk.graph("GET", "/users/delta?$deltatoken=RFNwdAxyz", "tiny")
    assert graph_error(malformed)[:2] == (400, "BadRequest")


@pytest.mark.parametrize("told_of", [True, False])
def test_licences_may_change_untold(told_of: bool) -> None:
    desk = Desk()
    link = mark(desk, "well_stocked")
    if not told_of:
        desk.faults.add(Fault(FaultKind.UNTOLD_LICENSES))
    user = next(u for u in desk.tenant("well_stocked").users.values() if u.usage_location)
    change = {
        "addLicenses": [{"skuId": sku("FLOW_FREE"), "disabledPlans": []}],
        "removeLicenses": [],
    }
    answer = desk.graph("POST", f"/users/{user.user_id}/assignLicense", "well_stocked", body=change)
    assert answer.status_code == 200, answer.text
    (page,) = told(desk, link, "well_stocked")
    assert [item["id"] for item in page] == ([user.user_id] if told_of else [])
    # A later change of something else brings them along.
    desk.graph("PATCH", f"/users/{user.user_id}", "well_stocked", body={"displayName": "Told"})
    (page,) = told(desk, link, "well_stocked")
    assert sku("FLOW_FREE") in {held["skuId"] for held in page[0]["assignedLicenses"]}
