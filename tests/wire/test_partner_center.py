"""Partner Center: what is sent, and the corners of what comes back."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from o365desk.domain.access import Service
from o365desk.domain.creation import NewUser
from o365desk.domain.directory import Domain, TenantId, UserEdit, UserId, UserState
from o365desk.domain.errors import UnexpectedReply
from o365desk.domain.licensing import (
    LicenseAssignment,
    LicenseChange,
    LicenseGrant,
    PlanId,
    SkuId,
    Subscription,
    SubscriptionState,
)
from o365desk.domain.passwords import NewPassword, Secret
from o365desk.wire import partner_center, partner_center_users
from o365desk.wire.messages import ApiRequest, ApiResponse, Safety
from tests.wire.samples import sample

TENANT = TenantId("0c39d6d5-c70d-4c55-bc02-f620844f3fd1")
USER = UserId("554526aa-cf5e-46fa-95df-98dbc55d8a1e")
SKU = SkuId("f8a1db68-be16-40ed-86d5-cb42ce701560")
MINECRAFT = SkuId("CFQ7TTC0K5DR/0002")
PLAN = PlanId("8c098270-9dd4-4350-9b30-ba4703f3b36b")


def answer(body: Any) -> ApiResponse:
    return ApiResponse(200, {}, json.dumps(body).encode())


def body_of(request: ApiRequest) -> Any:
    return msgspec.json.decode(request.body or b"null")


def same(ours: Any, published: Any) -> bool:
    """Requests are accepted in either case of names, and published in both."""
    if isinstance(published, dict):
        published = {name[0].lower() + name[1:]: inner for name, inner in published.items()}
        return set(ours) == set(published) and all(
            same(ours[name], inner) for name, inner in published.items()
        )
    return bool(ours == published)


# ---- requests --------------------------------------------------------------------------------


def test_password_reset_is_the_published_request() -> None:
    s = sample("partner-center/user-reset-password")
    new = NewPassword(Secret("Renew456*"))
    request = partner_center_users.reset_password(TENANT, USER, new)
    assert request.method == s.request.method
    assert request.path == f"/customers/{TENANT}/users/{USER}"
    assert body_of(request) == s.sent
    assert "Renew456*" not in repr(request)


def test_restore_is_the_published_request() -> None:
    s = sample("partner-center/user-restore")
    request = partner_center_users.restore_user(TENANT, USER)
    assert (request.method, request.safety) == (s.request.method, Safety.WRITE)
    assert same(body_of(request), s.sent)


def test_create_is_the_published_request() -> None:
    s = sample("partner-center/user-create")
    password = NewPassword(Secret("abCD123*"))
    new = NewUser("First", "Last", "User name", "userid@domain.onmicrosoft.com", "DE", password)
    expected = {**s.sent, "usageLocation": "DE"}
    del expected["immutableId"]
    assert body_of(partner_center_users.create_user(TENANT, new)) == expected
    without = partner_center_users.create_user(TENANT, replace(new, location=""))
    assert "usageLocation" not in body_of(without)


def test_edit_sends_changed_fields() -> None:
    request = partner_center_users.edit_user(TENANT, USER, UserEdit(display_name="Ann"))
    assert body_of(request) == {
        "displayName": "Ann",
        "attributes": {"objectType": "CustomerUser"},
    }


def test_delete_is_the_published_request() -> None:
    s = sample("partner-center/user-delete")
    request = partner_center_users.delete_user(
        TenantId("4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04"),
        UserId("a45f1416-3300-4f65-9e8d-f123b397a4ea"),
    )
    assert (request.method, request.path) == (s.request.method, s.request.path)
    assert request.body is None


def test_license_update_is_one_call_a_group() -> None:
    change = LicenseChange(
        add=(LicenseGrant(SKU, (PLAN,)), LicenseGrant(MINECRAFT)), remove=(SkuId("A/1"),)
    )
    one, two = partner_center_users.license_updates(TENANT, USER, change, {})
    assert one.path == sample("partner-center/licenseupdates-assign").request.path
    assert body_of(one) == {
        "licensesToAssign": [{"skuId": SKU, "excludedPlans": [PLAN]}],
        "licensesToRemove": [],
        "attributes": {"objectType": "LicenseUpdate"},
    }
    assert body_of(two)["licensesToAssign"] == [{"skuId": MINECRAFT, "excludedPlans": []}]
    assert body_of(two)["licensesToRemove"] == ["A/1"]
    assert {one.safety, two.safety} == {Safety.WRITE}


def test_license_update_of_one_group_is_one_call() -> None:
    change = LicenseChange(remove=(SKU,))
    (only,) = partner_center_users.license_updates(TENANT, USER, change, {})
    assert body_of(only)["licensesToRemove"] == [SKU]
    assert partner_center_users.license_updates(TENANT, USER, LicenseChange(), {}) == ()


def test_license_groups_of_guids() -> None:
    """Group 2 is not told by the look of its ids alone."""
    other = SkuId("984df360-9a74-4647-8cf8-696749f6247a")
    change = LicenseChange(add=(LicenseGrant(other),), remove=(SKU,))
    groups = {SKU: "group1", other: "group2"}
    one, two = partner_center_users.license_updates(TENANT, USER, change, groups)
    assert (body_of(one)["licensesToAssign"], body_of(one)["licensesToRemove"]) == ([], [SKU])
    assert body_of(two)["licensesToAssign"] == [{"skuId": other, "excludedPlans": []}]
    assert len(partner_center_users.license_updates(TENANT, USER, change, {})) == 1


def test_deleted_users_filter_is_the_published_one() -> None:
    published = sample("partner-center/users-list-deleted").request.path
    request = partner_center_users.deleted_users(TENANT)
    query = dict(request.query)
    assert json.loads(query["filter"]) == {
        "Field": "UserState",
        "Value": "Inactive",
        "Operator": "equals",
    }
    assert f"size={query['size']}" in published


def test_reads_are_reads() -> None:
    for request in (
        partner_center.customers(),
        partner_center.customer(TENANT),
        partner_center.subscribed_skus(TENANT),
        partner_center.subscriptions(TENANT),
        partner_center.subscription(TENANT, "A"),
        partner_center.provisioning_status(TENANT, "A"),
        partner_center_users.users(TENANT),
        partner_center_users.user(TENANT, USER),
        partner_center_users.licenses(TENANT, USER),
    ):
        assert (request.method, request.safety) == ("GET", Safety.READ)
        assert request.service is Service.PARTNER_CENTER


# ---- paging ----------------------------------------------------------------------------------


def follow(link: Any) -> ApiRequest | None:
    body = {"items": [], "links": {"next": link}}
    request = replace(partner_center.customers(), headers=(("MS-ContinuationToken", "old"),))
    return partner_center.parse_customers(answer(body), request).next


@pytest.mark.parametrize(
    "uri",
    [
        "/customers?size=40&seekOperation=Next",
        "customers?size=40&seekOperation=Next",
        "/v1/customers?size=40&seekOperation=Next",
        "v1/customers?size=40&seekOperation=Next",
        "/customers?size=40?seekOperation=Next",
    ],
)
def test_next_addresses(uri: str) -> None:
    found = follow({"uri": uri, "method": "GET", "headers": [{"key": "MS-X", "value": "y"}]})
    assert found is not None
    assert found.path == "/customers"
    assert found.query == (("size", "40"), ("seekOperation", "Next"))
    assert found.headers == (("MS-ContinuationToken", "old"), ("MS-X", "y"))


def test_next_token_replaces_the_last_one() -> None:
    header = {"key": "ms-continuationtoken", "value": "new"}
    found = follow({"uri": "/customers", "headers": [header]})
    assert found is not None
    assert found.headers == (("ms-continuationtoken", "new"),)
    assert found.method == "GET"


def test_next_query_is_decoded_once() -> None:
    uri = "/customers?filter=%7B%22Value%22%3A%22a%2Bb%2520c%22%7D&x=a?b"
    found = follow({"uri": uri, "headers": None})
    assert found is not None
    assert found.query == (("filter", '{"Value":"a+b%20c"}'), ("x", "a?b"))


def test_next_elsewhere_keeps_its_host_for_the_client_to_judge() -> None:
    found = follow({"uri": "https://elsewhere.example/v1/customers?a=1"})
    assert found is not None
    assert found.path.startswith("https://elsewhere.example/")


@pytest.mark.parametrize("link", [{}, {"uri": ""}, {"uri": None, "method": "GET"}])
def test_next_without_address_is_not_taken_for_the_end(link: Any) -> None:
    with pytest.raises(UnexpectedReply):
        follow(link)


@pytest.mark.parametrize("method", ["DELETE", "patch", "POST"])
def test_no_link_makes_a_listing_write(method: str) -> None:
    with pytest.raises(UnexpectedReply):
        follow({"uri": "/customers/1/users/2", "method": method})


@pytest.mark.parametrize("body", [{"items": []}, {"items": [], "links": None}])
def test_last_page(body: Any) -> None:
    request = partner_center.customers()
    assert partner_center.parse_customers(answer(body), request).next is None


# ---- answers ---------------------------------------------------------------------------------


def user(**fields: Any) -> Any:
    return partner_center_users.parse_user(answer({"id": USER.upper(), **fields}))


def test_user_with_hardly_anything() -> None:
    found = user()
    assert (found.id, found.state, found.licenses) == (USER, UserState.ACTIVE, None)
    assert (found.location, found.synced, found.guest) == ("", False, False)


def test_synced_and_guest() -> None:
    assert user(lastDirectorySyncTime="2017-01-20T00:33:34Z").synced
    assert not user(lastDirectorySyncTime="0001-01-01T00:00:00Z").synced
    assert user(userPrincipalName="a_b.com#EXT#@contoso.com").guest


def test_deleted_user() -> None:
    name = USER.replace("-", "") + "ann@contoso.com"
    found = user(state="Inactive", userPrincipalName=name, softDeletionTime=None)
    assert (found.state, found.username) == (UserState.DELETED, "ann@contoso.com")
    assert found.deleted_at is None
    assert user(userPrincipalName=name).username == name
    assert user(state="somethingNew").state is UserState.ACTIVE


def test_plans_switched_off() -> None:
    body = {
        "items": [
            {
                "productSku": {"id": SKU.upper()},
                "servicePlans": [
                    {"id": PLAN.upper(), "capabilityStatus": "Disabled"},
                    {"id": "b", "capabilityStatus": "Assigned"},
                    {"id": None, "capabilityStatus": "Disabled"},
                ],
            },
            {"productSku": {"id": MINECRAFT}, "servicePlans": None},
        ]
    }
    request = partner_center_users.licenses(TENANT, USER)
    assert partner_center_users.parse_licenses(answer(body), request).items == (
        LicenseAssignment(SKU, disabled_plans=(PLAN,)),
        LicenseAssignment(MINECRAFT),
    )


def test_sku_for_the_whole_tenant_and_of_group_two() -> None:
    product = {"id": MINECRAFT, "targetType": "Tenant", "licenseGroupId": "Group2"}
    body = {"items": [{"productSku": product, "availableUnits": -2, "totalUnits": None}]}
    request = partner_center.subscribed_skus(TENANT)
    (sku,) = partner_center.parse_subscribed_skus(answer(body), request).items
    assert (sku.id, sku.group, sku.assignable) == (MINECRAFT, "group2", False)
    assert (sku.available, sku.active, sku.name) == (-2, 0, "")


def subscription(**fields: Any) -> Subscription:
    return partner_center.parse_subscription(answer({"id": "968BA1CF", **fields}))


@pytest.mark.parametrize(
    ("fields", "licensable"),
    [
        ({}, True),
        ({"billingType": "license", "unitType": "Licenses", "isMicrosoftProduct": True}, True),
        ({"billingType": "usage"}, False),
        ({"unitType": "Usage-based"}, False),
        ({"isMicrosoftProduct": False}, False),
        ({"billingType": "none", "unitType": "none", "isMicrosoftProduct": None}, True),
    ],
)
def test_s43_product_types(fields: dict[str, Any], licensable: bool) -> None:
    assert subscription(**fields).licensable is licensable


def test_s47_offer_name_not_friendly_name() -> None:
    found = subscription(offerName="Microsoft 365 E3", friendlyName="Bob's")
    assert (found.name, found.friendly_name) == ("Microsoft 365 E3", "Bob's")


def test_subscription_states() -> None:
    assert subscription(status="Suspended").state is SubscriptionState.SUSPENDED
    assert subscription(status="none").state is SubscriptionState.UNKNOWN
    assert subscription(status="expiredLater").state is SubscriptionState.UNKNOWN


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"skuId": SKU.upper(), "status": "success"}, SKU),
        ({"status": "pending"}, None),
        ({"skuId": None}, None),
        ({"skuId": "00000000-0000-0000-0000-000000000000"}, None),
    ],
)
def test_provisioning_status(body: Any, expected: str | None) -> None:
    assert partner_center.parse_provisioning_status(answer(body)) == expected


def test_domains_of_a_customer() -> None:
    body = {
        "id": TENANT,
        "companyProfile": {"domain": "x.onmicrosoft.com"},
        "customDomains": ["x.com", "X.onmicrosoft.com", "y.com"],
    }
    assert partner_center.parse_customer_domains(answer(body)) == (
        Domain("x.onmicrosoft.com", default=True),
        Domain("x.com"),
        Domain("y.com"),
    )
    assert partner_center.parse_customer_domains(answer({"id": TENANT})) == ()


def test_license_warnings() -> None:
    body = {"licenseWarnings": [{"code": 5, "message": "Mind the gap"}, {"code": "6"}]}
    assert partner_center_users.parse_license_update(answer(body)) == ("Mind the gap",)


def test_a_customer_without_a_name_is_told_by_its_domain_or_id() -> None:
    def named(**profile: Any) -> str:
        return partner_center.parse_customer(answer({"id": "AB", "companyProfile": profile})).name

    assert named(companyName="Contoso", domain="contoso.com") == "Contoso"
    assert named(companyName=" ", domain="contoso.com") == "contoso.com"
    assert named(companyName=None) == "ab"
