"""The practice directory keeps the published limits, when told to."""

from typing import Any

import pytest

from tests.simulator.desk import Desk


def batch(count: int, url: str = "/users/1?$select=id") -> dict[str, Any]:
    return {"requests": [{"id": str(n), "method": "GET", "url": url} for n in range(count)]}


def test_nothing_is_refused_before_it_is_switched_on() -> None:
    desk = Desk()
    for _ in range(6):
        assert desk.partner("GET", "/customers?size=1").status_code == 200
    assert not desk.simulator.limits.beyond


def test_partner_center_counts_per_tenant_and_refused_calls_too() -> None:
    desk = Desk()
    limits = desk.simulator.limits
    limits.enforce(customer_calls=2)
    path = f"/customers/{desk.world.customer('tiny')}"
    assert [desk.partner("GET", path).status_code for _ in range(3)] == [200, 200, 429]
    assert [desk.partner("GET", "/customers?size=1").status_code for _ in range(2)] == [200, 200]
    desk.clock.advance(seconds=59)
    assert desk.partner("GET", path).status_code == 429
    assert limits.beyond == {"customer_calls": 2}
    desk.clock.advance(seconds=2)
    assert desk.partner("GET", path).status_code == 200
    limits.lift()
    assert [desk.partner("GET", path).status_code for _ in range(3)] == [200] * 3


def test_resource_units_of_a_tenant() -> None:
    desk = Desk()
    desk.simulator.limits.enforce(small_units=10, medium_units=10, large_units=10)
    tenant = desk.world.customer("direct")
    answers = [desk.graph("GET", "/subscribedSkus", "direct") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["x-ms-resource-unit"] for answer in answers] == ["3"] * 4
    used = [answer.headers.get("x-ms-throttle-limit-percentage") for answer in answers]
    assert used == [None, None, "0.90", None]
    refused = answers[-1]
    scope = refused.headers["x-ms-throttle-scope"].split("/")
    assert (scope[:2], scope[3]) == (["Tenant_Application", "ReadWrite"], tenant)
    assert refused.headers["x-ms-throttle-information"] == "ResourceUnitLimitExceeded"
    assert refused.headers["retry-after"] == "10"
    assert refused.json()["error"]["code"] == "TooManyRequests"
    assert desk.graph("GET", "/users", "tiny").status_code == 200
    desk.clock.advance(seconds=10)
    assert desk.graph("GET", "/subscribedSkus", "direct").status_code == 200


@pytest.mark.parametrize(
    ("query", "units"),
    [("", 2), ("?$select=id", 1), ("?$top=5", 1), ("?$top=20", 2), ("?$top=5&$select=id", 1)],
)
def test_what_a_listing_costs(query: str, units: int) -> None:
    desk = Desk()
    answer = desk.graph("GET", f"/users{query}", "direct")
    assert answer.headers["x-ms-resource-unit"] == str(units)


def test_items_of_a_batch_are_counted_singly() -> None:
    desk = Desk()
    desk.simulator.limits.enforce(small_units=10, medium_units=10, large_units=10)
    answer = desk.graph("POST", "/$batch", "direct", body=batch(12))
    assert answer.status_code == 200
    statuses = [item["status"] for item in answer.json()["responses"]]
    assert (statuses.count(429), len(statuses)) == (2, 12)
    assert desk.simulator.limits.beyond == {"tenant_units": 2}
    assert desk.simulator.limits.most["tenant_units"] == 12


def test_writes() -> None:
    desk = Desk()
    desk.simulator.limits.enforce(tenant_writes=1)
    tenant = desk.world.customer("direct")
    user = next(iter(desk.simulator.directory.tenant(tenant).users))
    answers = [
        desk.graph("PATCH", f"/users/{user}", "direct", body={"city": "Bonn"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers][1] == 429
    assert answers[1].headers["x-ms-throttle-scope"].startswith("Tenant_Application/Write/")
    assert answers[1].headers["x-ms-throttle-information"] == "WriteLimitExceeded"
    assert desk.graph("GET", f"/users/{user}", "direct").status_code == 200


def test_four_mails_at_once() -> None:
    desk = Desk()
    desk.simulator.limits.enforce(mail_seconds=2)
    message = {"toRecipients": [{"emailAddress": {"address": "a@contoso.example"}}]}
    mail = {"message": {"subject": "x", "body": {"content": "y"}, **message}}
    answers = [desk.graph("POST", "/me/sendMail", "direct", body=mail) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202] * 4 + [429]
    assert answers[-1].json()["error"]["code"] == "ApplicationThrottled"
    desk.clock.advance(seconds=2)
    assert desk.graph("POST", "/me/sendMail", "direct", body=mail).status_code == 202


def test_who_has_no_token_costs_nothing() -> None:
    desk = Desk()
    desk.simulator.limits.enforce(calls=0)
    assert desk.graph("GET", "/users", token="expired").status_code == 401
    assert not desk.simulator.limits.most


def test_the_counts_can_be_read_from_outside() -> None:
    desk = Desk()
    desk.simulator.limits.enforce(customer_calls=1)
    for _ in range(3):
        desk.partner("GET", "/customers?size=1")
    told = desk.call("GET", "https://x/practice/limits", token="").json()
    assert told == {
        "enforced": True,
        "beyond": {"customer_calls": 2},
        "most": {"customer_calls": 3},
        "least_seconds": 120.0,
    }
