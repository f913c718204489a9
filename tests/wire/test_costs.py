"""Costs as in Microsoft's table (learn.microsoft.com/graph/throttling-limits)."""

import pytest

from o365desk.domain.access import Service
from o365desk.domain.directory import UserId
from o365desk.domain.licensing import LicenseChange
from o365desk.wire import graph, graph_licensing, graph_user_writes, graph_users
from o365desk.wire.costs import Cost, cost_of
from o365desk.wire.messages import ApiRequest

LINK = "https://graph.microsoft.com/v1.0"
USER = UserId("87d349ed-44d7-43e1-9a83-5f2406dee5bd")


def get(path: str, *query: tuple[str, str], method: str = "GET") -> ApiRequest:
    return ApiRequest(Service.GRAPH, method, path, "x", query)


@pytest.mark.parametrize(
    ("request_", "units", "writes"),
    [
        (get("/users"), 2, 0),
        (get("/users", ("$select", "id")), 1, 0),
        (get("/users", ("$expand", "manager")), 3, 0),
        (get("/users", ("$top", "19")), 1, 0),
        (get("/users", ("$top", "20")), 2, 0),
        (get("/users", ("$top", "5"), ("$select", "id")), 1, 0),
        (get(f"{LINK}/users?$select=id&$skiptoken=x"), 1, 0),
        (get(f"{LINK}/users?%24skiptoken=x"), 2, 0),
        (get(f"{LINK}/users?%24select=id&$expand=manager"), 2, 0),
        (get("/users/delta"), 2, 0),
        (get("/users/delta()"), 2, 0),
        (get("/users/1"), 1, 0),
        (get("/users/1/licenseDetails"), 2, 0),
        (get("/me/licenseDetails"), 2, 0),
        (get("/users/1/memberOf"), 2, 0),
        (get("/users/1/memberOf/microsoft.graph.directoryRole"), 2, 0),
        (get("/me/transitiveMemberOf/microsoft.graph.directoryRole"), 2, 0),
        (get("/groups/1/members"), 3, 0),
        (get("/groups/1"), 1, 0),
        (get("/subscribedSkus"), 3, 0),
        (get("/contracts"), 3, 0),
        (get("/directoryObjects/getByIds", method="POST"), 3, 0),
        (get("/users", method="POST"), 1, 1),
        (get("/users/1", method="PATCH"), 1, 1),
        (get("/users/1", method="DELETE"), 1, 1),
        (graph_users.users(), 1, 0),
        (graph_users.deleted_users(), 1, 0),
        (graph_licensing.subscribed_skus(), 3, 0),
        (graph_user_writes.assign_license(USER, LicenseChange()), 1, 1),
    ],
    ids=lambda value: f"{value.method} {value.path}" if isinstance(value, ApiRequest) else None,
)
def test_single_calls(request_: ApiRequest, units: int, writes: int) -> None:
    assert cost_of(request_) == Cost(units=units, writes=writes)


def test_a_batch_costs_what_its_items_do() -> None:
    items = {str(n): graph_users.license_details(USER) for n in range(19)}
    items["last"] = graph_licensing.subscribed_skus()
    assert cost_of(graph.batch(items)) == Cost(requests=20, units=19 * 2 + 3)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"requests": 1}'])
def test_a_batch_that_cannot_be_read_is_counted_as_the_largest(body: bytes) -> None:
    request = ApiRequest(Service.GRAPH, "POST", "/$batch", "batch", body=body)
    assert cost_of(request) == Cost(requests=20, units=20, writes=20)


def test_mails_and_reports_have_limits_of_their_own() -> None:
    assert cost_of(get("/me/sendMail", method="POST")) == Cost(mails=1, mailbox="me")
    assert cost_of(get("/users/7/sendMail", method="POST")) == Cost(mails=1, mailbox="7")
    assert cost_of(get("/auditLogs/signIns")) == Cost(units=1, reports=1)
    assert cost_of(get("/reports/getX(period='D7')")) == Cost(units=1, reports=1)


@pytest.mark.parametrize(
    ("path", "customer"),
    [
        ("/customers", ""),
        ("/customers/", ""),
        ("/customers/AB-1", "ab-1"),
        ("/customers/ab-1/users?size=500", "ab-1"),
        ("https://api.partnercenter.microsoft.com/v1/customers/ab-1/users", "ab-1"),
        ("/profiles/organization", ""),
    ],
)
def test_partner_center_counts_by_customer(path: str, customer: str) -> None:
    request = ApiRequest(Service.PARTNER_CENTER, "GET", path, "x")
    assert cost_of(request) == Cost(customer=customer)
