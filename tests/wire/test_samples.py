"""Every published sample is understood, or refused with the right error."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from o365desk.domain import roles
from o365desk.domain.directory import Domain, Tenant, TenantId, UserState
from o365desk.domain.errors import (
    AccessDenied,
    Conflict,
    DeskError,
    NotFound,
    Refusal,
    SignInRequired,
    Throttled,
    UnexpectedReply,
)
from o365desk.domain.licensing import LicenseAssignment, PlanId, SkuId, SubscriptionState
from o365desk.domain.rights import RelationState
from o365desk.wire import (
    directory_roles,
    faults,
    graph,
    graph_changes,
    graph_licensing,
    graph_sign_ins,
    graph_users,
    partner_center,
    partner_center_users,
)
from tests.wire.samples import FOLDER, Sample, names, sample


def by_part(sku_id: SkuId, part_number: str) -> str:
    return part_number


CHECKS: dict[str, Callable[[Sample], None]] = {}


def check(name: str) -> Callable[[Callable[[Sample], None]], Callable[[Sample], None]]:
    def keep(function: Callable[[Sample], None]) -> Callable[[Sample], None]:
        CHECKS[name] = function
        return function

    return keep


def refusal(
    name: str, kind: type[DeskError], reason: Refusal = Refusal.OTHER, **facts: Any
) -> None:
    """The sample must become this error, with these attributes, and show nobody's name."""

    def function(s: Sample) -> None:
        error = faults.error_for(s.request, s.response)
        assert type(error) is kind
        assert error.refusal is reason
        assert error.sentence
        for attribute, expected in facts.items():
            assert getattr(error, attribute) == expected

    CHECKS[name] = function


def empty(name: str, status: int) -> None:
    """A success without a body: there is nothing to parse."""

    def function(s: Sample) -> None:
        assert (s.response.status, s.response.body) == (status, b"")

    CHECKS[name] = function


@check("graph/roleassignments-list")
def _role_assignments(s: Sample) -> None:
    page = directory_roles.parse_role_assignments(s.response, s.request)
    who = "f1847572-48aa-47aa-96a3-2ec61904f41f"
    assert [(one.principal, one.role, one.everywhere) for one in page.items] == [
        (who, roles.GLOBAL, True),
        (who, "f2ef992c-3afb-46b9-b7cf-a126ee74c451", True),
    ]


@check("graph/delegatedadminrelationships-list")
def _relationships(s: Sample) -> None:
    page = directory_roles.parse_relationships(s.response, s.request)
    assert [one.state for one in page.items] == [
        RelationState.ACTIVE,
        RelationState.OVER,
        RelationState.COMING,
    ]
    assert [one.extends for one in page.items] == [True, False, False]
    assert page.items[0].ends == datetime(2024, 2, 10, 11, 24, 42, 314826, UTC)
    assert page.items[2].ends is None
    assert {roles.USER, roles.LICENSE, roles.WRITERS} < page.items[2].roles


@check("graph/accessassignments-list")
def _access_assignments(s: Sample) -> None:
    page = directory_roles.parse_access_assignments(s.response, s.request)
    first, second = page.items
    assert first.group == "227a2f44-2682-4831-a021-f8d69a34bcba"
    assert roles.GLOBAL in first.roles
    assert roles.HELPDESK in second.roles
    assert len(first.roles) == len(second.roles) == 4


@check("partner-center/user-directoryroles")
def _user_roles(s: Sample) -> None:
    page = directory_roles.parse_user_roles(s.response, s.request)
    held = directory_roles.holder_of(page.items).roles
    assert held == {roles.HELPDESK, roles.USER}


@pytest.mark.parametrize("name", names())
def test_sample(name: str) -> None:
    assert name in CHECKS, "a sample nobody has looked at"
    CHECKS[name](sample(name))


def test_no_check_without_sample() -> None:
    assert set(CHECKS) == set(names())


def test_other_files() -> None:
    """What is no exchange has its own reader: tests/csdl.py and wire/product_names.py."""
    others = {p.name for p in FOLDER.rglob("*") if p.is_file() and p.suffix != ".json"}
    assert others == {"graph-metadata.csdl", "product-names.csv"}


# ---- Graph -----------------------------------------------------------------------------------


@check("graph/batch-mixed")
def _(s: Sample) -> None:
    answers = graph.parse_batch(s.response)
    assert {id_: a.status for id_, a in answers.items()} == {
        "1": 200,
        "2": 403,
        "3": 403,
        "4": 405,
        "5": 200,
    }
    assert answers["1"].headers["odata-version"] == "4.0"
    assert msgspec.json.decode(answers["5"].body)["@odata.count"] == 36
    assert isinstance(faults.error_for(s.request, answers["2"]), AccessDenied)
    page = graph_users.UserPages()(answers["5"], graph_users.users())
    assert [user.username for user in page.items] == ["LynneR@contoso.com"]


@check("graph/contracts-list")
def _(s: Sample) -> None:
    page = graph.parse_contracts(s.response, s.request)
    assert page.items == (
        Tenant(TenantId("customerid-value"), "displayName-value", "defaultDomainName-value"),
    )
    assert page.next is None


@check("graph/delegatedadmincustomers-list")
def _(s: Sample) -> None:
    page = graph.parse_delegated_admin_customers(s.response, s.request)
    assert page.items == (
        Tenant(TenantId("4fdbff88-9d6b-42e0-9713-45c922ba8001"), "Contoso Inc", ""),
        Tenant(TenantId("1c0fa218-5dec-49db-8247-cfa457af8116"), "Contoso subsidiary Inc", ""),
    )


@check("graph/deleted-users-items")
def _(s: Sample) -> None:
    # Only the items are published: as they stand they are no answer of the service.
    with pytest.raises(UnexpectedReply):
        graph_users.DeletedUserPages()(s.response, s.request)
    body = b'{"value": ' + s.response.body + b"}"
    page = graph_users.DeletedUserPages()(replace(s.response, body=body), s.request)
    (user,) = page.items
    assert user.state is UserState.DELETED
    assert user.username == "john@contoso.com"
    assert user.deleted_at is None


refusal("graph/deleteditem-restore-404", NotFound, code="Request_ResourceNotFound")


@check("graph/deleteditem-restore-group-200")
def _(s: Sample) -> None:
    assert graph.parse_group(s.response) == "SampleGroup"


@check("graph/deleteditems-list-groups-count")
def _(s: Sample) -> None:
    # Published for groups; deleted users come in the same envelope.
    page = graph_users.DeletedUserPages()(s.response, s.request)
    assert [user.deleted_at for user in page.items] == [
        datetime(2021, 10, 26, 16, 56, 36, tzinfo=UTC),
        datetime(2021, 10, 26, 16, 58, 37, tzinfo=UTC),
    ]


@check("graph/directory-subscriptions")
def _(s: Sample) -> None:
    (found,) = graph_licensing.parse_subscriptions(s.response, s.request, by_part).items
    assert found.id == "f9c1ea2d-2c6e-4717-8c3b-7130812d70ba"
    assert found.sku_id == "0816ccb9-3785-4d19-bf78-6c53e2106509"
    assert (found.name, found.quantity) == ("MyPartNumber", 25)
    assert found.state is SubscriptionState.ACTIVE
    assert found.term_end == datetime(2023, 2, 1, tzinfo=UTC)
    assert found.licensable


@check("graph/domains-list")
def _(s: Sample) -> None:
    page = graph.parse_domains(s.response, s.request)
    assert page.items == (Domain("contoso.com", default=True),)


refusal("graph/error-400-create-user-invalid-values", Conflict, Refusal.INVALID_NAME)
refusal("graph/error-400-license-dependency", Conflict, Refusal.DEPENDENCY)
refusal("graph/error-400-read-only-property", Conflict, Refusal.OUR_REQUEST)
refusal("graph/error-400-remove-license-not-held", Conflict, Refusal.NOT_HELD)
refusal("graph/error-401-cae-claims", SignInRequired, claims='{"access_token": {"foo": "bar"}}')
refusal("graph/error-401-invalid-token", SignInRequired)
refusal("graph/error-403-non-premium-signinactivity", AccessDenied, Refusal.NOT_PREMIUM)
refusal("graph/error-403-reset-password", AccessDenied, Refusal.ROLE_MISSING)


@check("graph/organization-get")
def _(s: Sample) -> None:
    # Shortened by the publisher, down to an organisation without an id: none to work on.
    with pytest.raises(UnexpectedReply):
        graph.parse_organization(s.response)
    whole = {**s.answered["value"][0], "id": "ABC", "verifiedDomains": None}
    body = msgspec.json.encode({"value": [whole]})
    tenant = graph.parse_organization(replace(s.response, body=body))
    assert tenant == Tenant(TenantId("abc"), "Contoso", "")


empty("graph/sendmail-202", 202)


@check("graph/subscribedsku-get")
def _(s: Sample) -> None:
    sku = graph_licensing.parse_subscribed_sku(s.response, by_part)
    assert sku.id == "c7df2760-2c81-4ef7-b578-5b5392b571df"
    assert (sku.active, sku.assigned, sku.available) == (25, 14, 11)
    assert [plan.name for plan in sku.plans] == ["ADALLOM_S_O365", "LOCKBOX_ENTERPRISE"]
    assert sku.subscription_ids == ()


@check("graph/subscribedskus-list")
def _(s: Sample) -> None:
    first, suspended = graph_licensing.parse_subscribed_skus(s.response, s.request, by_part).items
    assert first.subscription_ids == ("43d26afe-cb98-48b9-acc4-ae3ef2ac6c51",)
    assert first.assignable
    assert (suspended.active, suspended.suspended, suspended.assigned) == (0, 25, 14)
    assert (suspended.available, suspended.status) == (-14, "Suspended")


refusal("graph/throttled-429", Throttled, retry_after=2.128)


@check("graph/user-assignlicense-200")
def _(s: Sample) -> None:
    assert graph_users.parse_licenses(s.response) == (
        LicenseAssignment(
            SkuId("0118a350-71fc-4ec3-8f0c-6a1cb8867561"),
            disabled_plans=(PlanId("11b0131d-43c8-4bbb-b2c8-e80f9a50834a"),),
        ),
    )


@check("graph/user-create-201")
def _(s: Sample) -> None:
    user = graph_users.parse_user(s.response)
    assert user.id == "87d349ed-44d7-43e1-9a83-5f2406dee5bd"
    assert (user.first_name, user.last_name) == ("Adele", "Vance")
    assert user.licenses is None


refusal("graph/user-create-upn-conflict-400", Conflict, Refusal.NAME_TAKEN)
empty("graph/user-delete-204", 204)


@check("graph/user-get")
def _(s: Sample) -> None:
    user = graph_users.parse_user(s.response)
    assert user.username == "AdeleV@contoso.onmicrosoft.com"
    assert user.state is UserState.ACTIVE


@check("graph/user-get-external")
def _(s: Sample) -> None:
    user = graph_users.parse_user(s.response)
    assert user.username == "john.doe_microsoft.com#EXT#@contoso.com"
    assert user.mail == ""


@check("graph/user-licensedetails")
def _(s: Sample) -> None:
    assert graph_users.parse_license_details(s.response) == (
        LicenseAssignment(
            SkuId("c42b9cae-ea4f-4ab7-9717-81576235ccac"),
            disabled_plans=(PlanId("eec0eb4f-6444-4f95-aba0-50c24d67f998"),),
        ),
    )


refusal("graph/user-not-found-404", NotFound)
empty("graph/user-reset-password-204", 204)


@check("graph/users-delta-first-page")
def _(s: Sample) -> None:
    page = graph_changes.parse_changes(s.response, graph_changes.changes_from_now())
    assert page.changed == (
        "ffff7b1a-13b6-477b-8c0c-380905cd99f7",
        "605d1257-ffff-40b6-8e6f-528a53f5dc55",
    )
    assert page.next is not None
    assert page.next.path == s.answered["@odata.nextLink"]
    assert page.next.query == ()
    assert page.later is None


@check("graph/users-delta-last-page")
def _(s: Sample) -> None:
    page = graph_changes.parse_changes(s.response, graph_changes.changes_from_now())
    assert page.next is None
    assert page.later is not None
    assert page.later.path == s.answered["@odata.deltaLink"]


@check("graph/users-delta-removed")
def _(s: Sample) -> None:
    page = graph_changes.parse_changes(s.response, graph_changes.changes_from_now())
    assert page.changed == ("25dcffff-959e-4ece-9973-e5d9b800e8cc",)
    assert page.removed == ("8ffff70c-1c63-4860-b963-e34ec660931d",)


@check("graph/users-filter-top-count")
def _(s: Sample) -> None:
    # Shortened by the publisher: a user without an id, whom nothing could be done to. Leaving it
    # out would show fewer users than there are.
    with pytest.raises(UnexpectedReply):
        graph_users.UserPages()(s.response, s.request)


@check("graph/users-signinactivity")
def _(s: Sample) -> None:
    # No success noted, and year 1 for what never was: what is left counts.
    page = graph_sign_ins.parse_sign_ins(s.response, s.request)
    assert [when for _, when in page.items] == [
        datetime(2021, 6, 17, 16, 41, 33, tzinfo=UTC),
        datetime(2021, 7, 29, 17, 53, 42, tzinfo=UTC),
    ]


@check("graph/users-list")
def _(s: Sample) -> None:
    page = graph_users.UserPages()(s.response, graph_users.users())
    assert [user.display_name for user in page.items] == ["Conf Room Adams", "MOD Administrator"]
    assert page.items[0].first_name == ""
    assert page.next is None


# ---- Partner Center --------------------------------------------------------------------------


@check("partner-center/customer-get")
def _(s: Sample) -> None:
    assert partner_center.parse_customer(s.response) == Tenant(
        TenantId("eebd1b55-5360-4438-a11d-5c06918c3014"), "1kl as kjk", "abcdefgh1234.ccsctp.net"
    )
    assert partner_center.parse_customer_domains(s.response) == (
        Domain("abcdefgh1234.ccsctp.net", default=True),
    )


@check("partner-center/customers-list")
def _(s: Sample) -> None:
    page = partner_center.parse_customers(s.response, partner_center.customers())
    assert page.items[0] == Tenant(
        TenantId("b44bb1fb-c595-45b0-9e09-d657365580bf"), "companyName", "domain"
    )
    assert page.next is None


@check("partner-center/customers-of-indirect-reseller")
def _(s: Sample) -> None:
    page = partner_center.parse_customers(s.response, s.request)
    assert [tenant.name for tenant in page.items] == [
        "FourthCoffee137",
        "Wingtip Toys1254789149",
    ]


@check("partner-center/domain-in-use-200-empty")
def _(s: Sample) -> None:
    request = partner_center.domain_taken("contoso.onmicrosoft.com")
    assert (request.method, request.path) == (s.request.method, s.request.path)
    assert s.response.body == b""


refusal("partner-center/error-400-nested-json-description", Conflict)


@check("partner-center/licenseupdates-assign")
def _(s: Sample) -> None:
    assert partner_center_users.parse_license_update(s.response) == ()


refusal(
    "partner-center/licenseupdates-no-seats-400",
    Conflict,
    Refusal.NO_SEAT,
    code="60012",
    sku_ids=("f8a1db68-be16-40ed-86d5-cb42ce701560",),
)


@check("partner-center/paging-links-next")
def _(s: Sample) -> None:
    page = partner_center.parse_any(s.response, s.request)
    assert len(page.items) == 2
    assert page.next is not None
    assert page.next.path == "/invoices/G000024135/lineitems"
    assert page.next.query == (
        ("provider", "OneTime"),
        ("nvoicelineitemtype", "BillingLineItems"),
        ("size", "2"),
        ("seekOperation", "Next"),
    )
    token = s.answered["continuationToken"]
    assert page.next.headers == (("MS-ContinuationToken", token),)


@check("partner-center/subscribedskus")
def _(s: Sample) -> None:
    ems, power_bi = partner_center.parse_subscribed_skus(s.response, s.request).items
    assert (ems.id, ems.name) == (
        "efccb6f7-5641-4e0e-bd10-b4976e1bf68e",
        "Enterprise Mobility + Security E3",
    )
    assert (ems.active, ems.assigned, ems.available, ems.suspended) == (5, 1, 4, 0)
    assert (power_bi.available, power_bi.group, power_bi.assignable) == (0, "group1", True)
    assert ems.plans[0].display_name == "Azure Information Protection Premium P1"


@check("partner-center/subscribedskus-empty")
def _(s: Sample) -> None:
    assert partner_center.parse_subscribed_skus(s.response, s.request).items == ()


@check("partner-center/subscription-addon")
def _(s: Sample) -> None:
    found = partner_center.parse_subscription(s.response)
    assert found.id == "968BA1CF-C146-4ADF-A300-308DCF718EEE"
    assert found.name == "Exchange Online Archiving for Exchange Online"
    assert found.friendly_name == "Some friendly name"
    assert found.created == datetime(2017, 1, 25, 23, 1, 8, 693000, UTC)
    assert (found.quantity, found.auto_renew, found.licensable) == (2, True, True)


@check("partner-center/subscriptions-list")
def _(s: Sample) -> None:
    (found,) = partner_center.parse_subscriptions(s.response, s.request).items
    # Its dates are printed with stray blanks, and it names no offer.
    assert found.created == datetime(2015, 11, 25, 6, 41, 12, tzinfo=UTC)
    assert found.name == ""
    assert found.state is SubscriptionState.ACTIVE


refusal("partner-center/throttled-429", Throttled, retry_after=57.0)


@check("partner-center/user-create")
def _(s: Sample) -> None:
    user = partner_center_users.parse_user(s.response)
    assert user.id == "4b10bf41-ab11-40e3-8c53-cd67849b50de"
    assert not user.synced
    assert "abCD123*" not in repr(user)


empty("partner-center/user-delete", 204)


@check("partner-center/user-licenses")
def _(s: Sample) -> None:
    page = partner_center_users.parse_licenses(s.response, s.request)
    assert page.items == (LicenseAssignment(SkuId("efccb6f7-5641-4e0e-bd10-b4976e1bf68e")),)


@check("partner-center/user-licenses-empty")
def _(s: Sample) -> None:
    assert partner_center_users.parse_licenses(s.response, s.request).items == ()


@check("partner-center/user-reset-password")
def _(s: Sample) -> None:
    user = partner_center_users.parse_user(s.response)
    assert user.location == "AX"
    assert "Renew456*" not in repr((user, s.response))


@check("partner-center/user-restore")
def _(s: Sample) -> None:
    assert partner_center_users.parse_user(s.response).state is UserState.ACTIVE


@check("partner-center/users-list")
def _(s: Sample) -> None:
    page = partner_center_users.parse_users(s.response, s.request)
    assert [user.location for user in page.items] == ["US", ""]
    assert {user.licenses for user in page.items} == {None}


@check("partner-center/users-list-deleted")
def _(s: Sample) -> None:
    (user,) = partner_center_users.parse_users(s.response, s.request).items
    assert user.state is UserState.DELETED
    assert user.deleted_at == datetime(2017, 1, 20, 0, 33, 34, tzinfo=UTC)
    # The prefix of this name is some other object's id: it stays.
    assert user.username.startswith("e83763f7f2204ac384cfcd49f79f2749@")
