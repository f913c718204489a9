"""Microsoft Graph: what is sent, and the corners of what comes back."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.access import Service
from o365desk.domain.creation import NewUser
from o365desk.domain.directory import Domain, User, UserEdit, UserId, UserState
from o365desk.domain.licensing import (
    GroupId,
    LicenseAssignment,
    LicenseChange,
    LicenseGrant,
    PlanId,
    SkuId,
    SubscriptionState,
)
from o365desk.domain.passwords import NewPassword, Secret
from o365desk.wire import (
    graph,
    graph_changes,
    graph_licensing,
    graph_user_writes,
    graph_users,
)
from o365desk.wire.messages import ApiRequest, ApiResponse, Safety
from o365desk.wire.operations import Operation
from tests.wire.samples import sample

ID = UserId("7e06b566-15f3-4013-8bf8-79874d52e68a")
SKU = SkuId("c7df2760-2c81-4ef7-b578-5b5392b571df")
OTHER = SkuId("d17b27af-3f49-4822-99f9-56a661538792")
PLAN = PlanId("8c098270-9dd4-4350-9b30-ba4703f3b36b")
SALES = GroupId("0e226165-c685-41ce-8bfc-df8360ab325d")
STAFF = GroupId("46cc6179-19d0-473e-97ad-6ff84347bbbb")
PASSWORD = NewPassword(Secret("xWwvJ]6NMw+bWH-d"), must_change=True)


def answer(body: Any) -> ApiResponse:
    return ApiResponse(200, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


def body_of(request: ApiRequest) -> Any:
    return msgspec.json.decode(request.body or b"null")


def name_of(sku_id: str, part_number: str) -> str:
    return part_number or sku_id


# ---- requests --------------------------------------------------------------------------------


def test_password_reset_is_the_published_request() -> None:
    s = sample("graph/user-reset-password-204")
    request = graph_user_writes.reset_password(ID, replace(PASSWORD, must_change=False))
    assert (request.method, request.path) == (s.request.method, f"/users/{ID}")
    assert body_of(request) == s.sent
    assert request.safety is Safety.WRITE


def test_create_is_the_published_request_and_more() -> None:
    s = sample("graph/user-create-201")
    new = NewUser("Adele", "Vance", "Adele Vance", "AdeleV@contoso.onmicrosoft.com", "US", PASSWORD)
    body = body_of(graph_user_writes.create_user(new))
    extra = {"givenName": "Adele", "surname": "Vance", "usageLocation": "US"}
    assert body == {**s.sent, **extra}


def test_create_leaves_out_what_is_empty() -> None:
    new = NewUser("", "", "Desk", "desk@contoso.com", "", PASSWORD)
    body = body_of(graph_user_writes.create_user(new))
    assert set(body) == set(sample("graph/user-create-201").sent)


def test_passwords_stay_out_of_repr() -> None:
    new = NewUser("A", "B", "C", "a@contoso.com", "US", PASSWORD)
    for request in (
        graph_user_writes.create_user(new),
        graph_user_writes.reset_password(ID, PASSWORD),
    ):
        assert PASSWORD.password.reveal() not in repr(request)
        assert PASSWORD.password.reveal() in (request.body or b"").decode()


@pytest.mark.parametrize(
    "change",
    [
        LicenseChange(add=(LicenseGrant(SKU, (PLAN,)),), remove=(OTHER,)),
        LicenseChange(add=(LicenseGrant(SKU),)),
        LicenseChange(remove=(OTHER,)),
    ],
)
def test_assign_license_always_sends_both_arrays(change: LicenseChange) -> None:
    body = body_of(graph_user_writes.assign_license(ID, change))
    assert body == {
        "addLicenses": [
            {"skuId": grant.sku_id, "disabledPlans": list(grant.disabled_plans)}
            for grant in change.add
        ],
        "removeLicenses": list(change.remove),
    }
    assert set(body) == set(sample("graph/user-assignlicense-200").sent)


def test_edit_sends_changed_fields_and_clears_by_null() -> None:
    edit = UserEdit(first_name="Ann", last_name="", location=None)
    request = graph_user_writes.edit_user(ID, edit)
    assert body_of(request) == {"givenName": "Ann", "surname": None}
    assert request.method == "PATCH"


def test_restore_sends_a_body_only_with_a_new_name() -> None:
    plain = graph_user_writes.restore_user(ID)
    assert plain.path == f"/directory/deletedItems/{ID}/restore"
    assert (plain.body, plain.headers) == (None, ())
    renamed = graph_user_writes.restore_user(ID, "new@contoso.com")
    assert body_of(renamed) == {
        "newUserPrincipalName": "new@contoso.com",
        "autoReconcileProxyConflict": True,
    }


def test_listing_selects_what_is_shown() -> None:
    query = dict(graph_users.users().query)
    assert query["$top"] == "999"
    selected = query["$select"].split(",")
    assert {"id", "accountEnabled", "assignedLicenses", "licenseAssignmentStates"} <= set(selected)
    assert len(selected) == len(set(selected)) <= 14
    assert "deletedDateTime" in dict(graph_users.deleted_users().query)["$select"]


def test_reads_are_reads() -> None:
    for request in (
        graph.organization(),
        graph.domains(),
        graph.delegated_admin_customers(),
        graph.contracts(),
        graph.group(SALES),
        graph_licensing.subscribed_skus(),
        graph_licensing.subscriptions(),
        graph_users.users(),
        graph_users.user(ID),
        graph_users.licenses(ID),
        graph_users.license_details(ID),
        graph_changes.changes_from_now(),
        graph_changes.changes_since("https://graph.microsoft.com/v1.0/users/delta"),
    ):
        assert (request.method, request.safety) == ("GET", Safety.READ)
        assert request.service is Service.GRAPH
    assert graph_licensing.subscribed_skus().query == ()


def test_batch() -> None:
    request = graph.batch({"1": graph_users.user(ID), "2": graph.domains()})
    items = body_of(request)["requests"]
    assert [item["url"].partition("?")[0] for item in items] == [f"/users/{ID}", "/domains"]
    assert "$select=" in items[0]["url"]
    assert request.safety is Safety.READ


def test_next_links_in_a_batch_lose_host_and_version() -> None:
    """CIPP does the same: an item's address is relative."""
    following = graph.follow(
        graph.domains(), "https://graph.microsoft.com/v1.0/domains?$skip=a%2Bb"
    )
    assert following is not None
    items = body_of(graph.batch({"1": following}))["requests"]
    assert items[0]["url"] == "/domains?$skip=a%2Bb"


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {str(n): graph.domains() for n in range(21)},
        {"1": graph.batch({"1": graph.domains()})},
        {"1": graph.write(Operation.DELETE_USER, "DELETE", "/users/1")},
        {"1": ApiRequest(Service.PARTNER_CENTER, "GET", "/customers", Operation.LIST_CUSTOMERS)},
    ],
    ids=["empty", "too many", "nested", "a write", "another service"],
)
def test_what_a_batch_does_not_take(bad: dict[str, ApiRequest]) -> None:
    with pytest.raises(ValueError, match="1 to 20 reads"):
        graph.batch(bad)


# ---- licences --------------------------------------------------------------------------------


def licenses(assigned: Any, states: Any) -> tuple[LicenseAssignment, ...]:
    return graph_users.parse_licenses(
        answer({"assignedLicenses": assigned, "licenseAssignmentStates": states})
    )


def given_(sku: str = SKU, plans: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"skuId": sku, "disabledPlans": list(plans)}


def state(
    sku: str = SKU,
    group: str | None = None,
    plans: tuple[str, ...] = (),
    error: str | None = "None",
    word: str = "Active",
) -> dict[str, Any]:
    return {
        "skuId": sku,
        "assignedByGroup": group,
        "disabledPlans": list(plans),
        "error": error,
        "state": word,
        "lastUpdatedDateTime": "2021-01-01T00:00:00Z",
    }


def test_direct() -> None:
    assert licenses([given_(plans=(PLAN,))], [state(plans=(PLAN,))]) == (
        LicenseAssignment(SKU, disabled_plans=(PLAN,)),
    )


def test_by_groups_only() -> None:
    held = licenses([given_()], [state(group=SALES, plans=(PLAN,)), state(group=STAFF)])
    assert held == (LicenseAssignment(SKU, direct=False, groups=(SALES, STAFF)),)


def test_direct_and_by_group() -> None:
    held = licenses([given_()], [state(group=SALES), state(plans=(PLAN,))])
    assert held == (LicenseAssignment(SKU, groups=(SALES,), disabled_plans=(PLAN,)),)


@pytest.mark.parametrize("states", [None, []])
def test_older_answers_without_states(states: Any) -> None:
    assert licenses([given_(plans=(PLAN,)), given_(OTHER)], states) == (
        LicenseAssignment(SKU, disabled_plans=(PLAN,)),
        LicenseAssignment(OTHER),
    )


def test_failed_group_assignment_is_told() -> None:
    held = licenses([], [state(group=SALES, error="CountViolation", word="Error")])
    assert held == (LicenseAssignment(SKU, direct=False, groups=(SALES,), error="CountViolation"),)


@pytest.mark.parametrize("error", ["None", "none", "", None])
def test_words_for_no_error(error: str | None) -> None:
    assert licenses([given_()], [state(error=error)])[0].error == ""


@pytest.mark.parametrize("error", ["Others", "Unknown", "SomethingNew"])
def test_unknown_errors_are_errors(error: str) -> None:
    assert licenses([given_()], [state(group=SALES, error=error)])[0].error == error


def test_lingering_state_of_a_group_left() -> None:
    assert licenses([], [state(group=SALES)]) == ()


def test_states_alone() -> None:
    held = licenses(None, [state(), state(OTHER, SALES)])
    assert [(a.sku_id, a.direct) for a in held] == [(SKU, True), (OTHER, False)]


def test_ids_in_either_case() -> None:
    held = licenses([given_(SKU.upper())], [state(SKU, SALES.upper(), word="NewWord")])
    assert held == (LicenseAssignment(SKU, direct=False, groups=(SALES,)),)


def test_null_disabled_plans() -> None:
    held = licenses([{"skuId": SKU, "disabledPlans": None}], None)
    assert held == (LicenseAssignment(SKU),)


# ---- users -----------------------------------------------------------------------------------


def test_user_in_full() -> None:
    body = {
        "value": [
            {
                "id": ID.upper(),
                "displayName": "Ann",
                "userPrincipalName": "ann@contoso.com",
                "givenName": "A",
                "surname": "N",
                "accountEnabled": False,
                "usageLocation": "de",
                "userType": "Guest",
                "onPremisesSyncEnabled": True,
                "mail": "ann@contoso.com",
                "assignedLicenses": [given_()],
                "licenseAssignmentStates": [state()],
                "unheardOf": {"x": []},
            },
            {"id": "B", "userType": "SomethingNew", "assignedLicenses": []},
        ]
    }
    page = graph_users.UserPages()(answer(body), graph_users.users())
    assert page.items == (
        User(
            id=ID,
            display_name="Ann",
            username="ann@contoso.com",
            first_name="A",
            last_name="N",
            state=UserState.BLOCKED,
            location="DE",
            licenses=(LicenseAssignment(SKU),),
            synced=True,
            guest=True,
            mail="ann@contoso.com",
        ),
        User(UserId("b"), "", "", "", "", UserState.ACTIVE, "", ()),
    )
    assert {type(user) for user in page.items} == {User}


def test_combinations_are_shared_over_pages() -> None:
    parse = graph_users.UserPages()
    users = [
        {"id": str(n), "assignedLicenses": [given_()], "licenseAssignmentStates": [state()]}
        for n in range(3)
    ]
    pages = [parse(answer({"value": users}), graph_users.users()) for _ in range(2)]
    assert len({id(user.licenses) for page in pages for user in page.items}) == 1


@pytest.mark.parametrize(
    ("username", "shown"),
    [
        (ID.replace("-", "") + "john@contoso.com", "john@contoso.com"),
        (ID.replace("-", "").upper() + "john@contoso.com", "john@contoso.com"),
        ("0" * 32 + "john@contoso.com", "0" * 32 + "john@contoso.com"),
        ("john@contoso.com", "john@contoso.com"),
    ],
)
def test_name_of_a_deleted_user(username: str, shown: str) -> None:
    item = {"id": ID, "userPrincipalName": username, "deletedDateTime": "2021-10-26T16:56:36Z"}
    page = graph_users.DeletedUserPages()(answer({"value": [item]}), graph_users.deleted_users())
    (user,) = page.items
    assert (user.username, user.state) == (shown, UserState.DELETED)
    assert user.deleted_at is not None


def test_name_of_an_active_user_is_never_shortened() -> None:
    username = ID.replace("-", "") + "@contoso.com"
    user = graph_users.parse_user(answer({"id": ID, "userPrincipalName": username}))
    assert user.username == username


# ---- paging ----------------------------------------------------------------------------------

LINK = "https://graph.microsoft.com/v1.0/users?$skiptoken=a%2Fb"


def test_next_link_is_opaque_and_keeps_headers() -> None:
    request = replace(graph_users.users(), headers=(("consistencylevel", "eventual"),))
    page = graph_users.UserPages()(answer({"value": [], "@odata.nextLink": LINK}), request)
    assert page.items == ()
    assert page.next == replace(request, path=LINK, query=())


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"@odata.context":"x","@odata.nextLink":"%s","value":[]}', True),
        (b'  { "@odata.count" : 12 , "@odata.nextLink" : "%s" , "value" : [] }', True),
        (b'\xef\xbb\xbf{"@odata.nextLink":"%s","value":[]}', True),
        (b'{"@odata.context":"a\\"b\\\\","@odata.nextLink":"%s","value":[]}', True),
        (b'{"value":[],"@odata.nextLink":"%s"}', False),
        (b'{"value":[{"@odata.nextLink":"%s"}]}', False),
        (b'{"@odata.context":"x","other":{"@odata.nextLink":"%s"},"value":[]}', False),
        (b'{"@odata.context":"\\"@odata.nextLink\\":\\"%s","value":[]}', False),
        (b"", False),
        (b"[]", False),
    ],
)
def test_peek(body: bytes, found: bool) -> None:
    request = graph_users.users()
    body = body.replace(b"%s", LINK.encode())
    expected = replace(request, path=LINK, query=()) if found else None
    assert graph.peek_next(body, request) == expected


def test_peek_decodes_escapes() -> None:
    body = b'{"@odata.nextLink":"https:\\/\\/host\\/?a\\u0026b","value":[]}'
    peeked = graph.peek_next(body, graph_users.users())
    assert peeked is not None
    assert peeked.path == "https://host/?a&b"


@given(st.text(max_size=30), st.text(max_size=30), st.booleans())
def test_peek_agrees_with_the_parser(context: str, name: str, first: bool) -> None:
    """What is peeked is what the page says, whatever stands in its texts."""
    users = [{"id": "1", "displayName": name + '"@odata.nextLink":"https://evil"'}]
    body: dict[str, Any] = {"@odata.context": context + '","@odata.nextLink":"x'}
    parts = {"@odata.nextLink": LINK, "value": users}
    for key in parts if first else reversed(parts):
        body[key] = parts[key]
    answered = answer(msgspec.json.encode(body))
    page = graph_users.UserPages()(answered, graph_users.users())
    peeked = graph.peek_next(answered.body, graph_users.users())
    assert peeked == (page.next if first else None)


# ---- what a tenant owns ------------------------------------------------------------------------


def skus(**changes: Any) -> Any:
    item = {"skuId": SKU, "skuPartNumber": "SPB", **changes}
    response = answer({"value": [item]})
    page = graph_licensing.parse_subscribed_skus(
        response, graph_licensing.subscribed_skus(), name_of
    )
    return page.items[0]


def test_warning_units_are_available() -> None:
    sku = skus(consumedUnits=9, prepaidUnits={"enabled": 5, "warning": 3, "suspended": 7})
    assert (sku.active, sku.warning, sku.suspended) == (5, 3, 7)
    assert (sku.assigned, sku.available) == (9, -1)


@pytest.mark.parametrize(
    ("word", "assignable"), [("User", True), ("Company", False), (None, True), ("New", True)]
)
def test_company_skus_are_for_nobody(word: str | None, assignable: bool) -> None:
    assert skus(appliesTo=word).assignable is assignable


def test_absent_counters() -> None:
    sku = skus(consumedUnits=None)
    assert (sku.active, sku.assigned, sku.available) == (0, 0, 0)
    assert sku.name == "SPB"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Enabled", SubscriptionState.ACTIVE),
        ("Warning", SubscriptionState.WARNING),
        ("LockedOut", SubscriptionState.SUSPENDED),
        ("Deleted", SubscriptionState.DELETED),
        ("New", SubscriptionState.UNKNOWN),
        (None, SubscriptionState.UNKNOWN),
    ],
)
def test_subscription_states(word: str | None, expected: SubscriptionState) -> None:
    body = {"value": [{"id": "1", "status": word}]}
    page = graph_licensing.parse_subscriptions(
        answer(body), graph_licensing.subscriptions(), name_of
    )
    (found,) = page.items
    assert (found.id, found.sku_id, found.state) == ("1", None, expected)


def test_domains_are_verified_ones() -> None:
    body = {
        "value": [
            {"id": "a.com", "isVerified": True, "authenticationType": "Federated"},
            {"id": "b.com", "isVerified": False},
            {"id": "c.com", "isDefault": True, "authenticationType": "New"},
        ]
    }
    page = graph.parse_domains(answer(body), graph.domains())
    assert page.items == (Domain("a.com", federated=True), Domain("c.com", default=True))


def test_organization_under_its_default_domain() -> None:
    domains = [
        {"name": "x.onmicrosoft.com", "isInitial": True, "isDefault": False},
        {"name": "x.com", "isInitial": False, "isDefault": True},
    ]
    found = graph.parse_organization(
        answer({"value": [{"id": "X", "displayName": "X", "verifiedDomains": domains}]})
    )
    assert (found.id, found.domain) == ("x", "x.com")
