"""The rules of licences, on both faces, each refusal with its exact text."""

from typing import Any

import pytest

from o365desk.simulator.catalog import by_part_number
from o365desk.simulator.state import Group, SubscriptionStatus
from tests import csdl
from tests.simulator.desk import Desk, graph_error, partner_error, partner_json, sku

NOBODY = "00000000-0000-4000-8000-000000000001"


def assign(
    desk: Desk,
    purpose: str,
    user_id: str,
    add: list[dict[str, Any]] | None = None,
    remove: list[str] | None = None,
    *,
    token: str = "",
) -> Any:
    body = {"addLicenses": add or [], "removeLicenses": remove or []}
    path = f"/users/{user_id}/assignLicense"
    csdl.check_path("POST", path, "", body)
    return desk.graph("POST", path, purpose, body=body, token=token)


def give(part: str, *disabled: str) -> dict[str, Any]:
    plans = {plan.name: plan.plan_id for plan in by_part_number()[part].plans}
    return {"skuId": sku(part), "disabledPlans": [plans[name] for name in disabled]}


def update(desk: Desk, purpose: str, user_id: str, body: dict[str, Any], **more: Any) -> Any:
    tenant_id = desk.world.customer(purpose)
    path = f"/customers/{tenant_id}/users/{user_id}/licenseupdates"
    return desk.partner("POST", path, body=body, **more)


def held(desk: Desk, purpose: str, user_id: str) -> dict[str, Any]:
    users = {user["id"]: user for user in desk.truth(purpose)["users"]}
    result: dict[str, Any] = users[user_id]["licenses"]
    return result


def free_user(desk: Desk, purpose: str, part: str) -> str:
    tenant = desk.tenant(purpose)
    return next(
        user.user_id
        for user in tenant.users.values()
        if sku(part) not in tenant.seats(user) and user.usage_location and not user.direct
    )


def bare_user(desk: Desk, purpose: str) -> str:
    """Somebody whose licences have just been taken away."""
    user = desk.user(purpose, "plain")
    assert assign(desk, purpose, user.user_id, remove=list(user.direct)).status_code == 200
    return user.user_id


def test_give_and_take_moves_the_counters_on_both_faces() -> None:
    desk = Desk()
    user = free_user(desk, "direct", "SPE_E3")
    before = desk.counts("direct", "SPE_E3")
    answer = assign(desk, "direct", user, [give("SPE_E3")])
    assert answer.status_code == 200
    assert answer.json()["id"] == user
    assert desk.counts("direct", "SPE_E3")["available"] == before["available"] - 1
    tenant_id = desk.world.customer("direct")
    skus = desk.partner("GET", f"/customers/{tenant_id}/subscribedskus").json()["items"]
    e3 = next(item for item in skus if item["productSku"]["id"] == sku("SPE_E3"))
    assert e3["availableUnits"] == before["available"] - 1
    taken = update(desk, "direct", user, {"licensesToRemove": [sku("SPE_E3")]})
    assert taken.status_code == 201
    assert desk.counts("direct", "SPE_E3") == before


def test_a_mailbox_plan_gives_an_address() -> None:
    desk = Desk()
    user = desk.tenant("direct").users[free_user(desk, "direct", "SPE_E3")]
    assert user.mail is None
    assign(desk, "direct", user.user_id, [give("SPE_E3")])
    body = desk.graph("GET", f"/users/{user.user_id}?$select=mail,proxyAddresses").json()
    assert body["mail"] == user.upn
    assert body["proxyAddresses"] == [f"SMTP:{user.upn}"]


def test_no_free_seat() -> None:
    desk = Desk()
    user = desk.user("no_seats", "unlicensed").user_id
    assert graph_error(assign(desk, "no_seats", user, [give("SPB")])) == (
        400,
        "Request_BadRequest",
        f"Subscription with SKU {sku('SPB')} does not have any available licenses.",
    )
    answer = update(desk, "no_seats", user, {"LicensesToAssign": [{"SkuId": sku("SPB")}]})
    assert partner_error(answer) == (
        400,
        60012,
        "We&#39;re sorry, it looks like you've run out of licenses. Buy more licenses, and then "
        "try again.",
    )
    assert partner_json(answer)["data"] == [
        f"LicenseQuotaExceededException : Subscription with Account "
        f"{desk.world.customer('no_seats')} and SKU {sku('SPB')} does not have any available "
        "licenses left."
    ]


def test_the_last_seat_can_be_swapped_in_one_call() -> None:
    desk = Desk()
    user = bare_user(desk, "suspended")
    part = "DYN365_BUSCENTRAL_PREMIUM"
    for subscription in desk.tenant("suspended").subscriptions:
        if subscription.sku_id == sku(part):
            subscription.quantity = desk.counts("suspended", part)["consumed"] + 1
    assert assign(desk, "suspended", user, [give(part)]).status_code == 200
    assert desk.counts("suspended", part)["available"] == 0
    swap = assign(desk, "suspended", user, [give("O365_BUSINESS_PREMIUM")], [sku(part)])
    assert swap.status_code == 200
    assert list(held(desk, "suspended", user)) == [sku("O365_BUSINESS_PREMIUM")]


def test_suspended_units_cannot_be_given_and_warning_units_can() -> None:
    desk = Desk()
    user = bare_user(desk, "suspended")
    refused = assign(desk, "suspended", user, [give("VISIOCLIENT")])
    assert "does not have any available licenses" in graph_error(refused)[2]
    assert assign(desk, "suspended", user, [give("EXCHANGESTANDARD")]).status_code == 200


def test_usage_location_first() -> None:
    desk = Desk()
    user = desk.user("mixed", "no_location").user_id
    text = "License assignment cannot be done for user with invalid usage location."
    refused = assign(desk, "mixed", user, [give("ENTERPRISEPACK")])
    assert graph_error(refused) == (400, "Request_BadRequest", text)
    answer = update(desk, "mixed", user, {"licensesToAssign": [{"skuId": sku("ENTERPRISEPACK")}]})
    assert partner_error(answer)[::2] == (400, text)
    desk.graph("PATCH", f"/users/{user}", "mixed", body={"usageLocation": "VN"})
    assert assign(desk, "mixed", user, [give("ENTERPRISEPACK")]).status_code == 200


def test_inherited_licences_cannot_be_removed() -> None:
    desk = Desk()
    user = desk.user("group_licensed", "inherited").user_id
    refused = assign(desk, "group_licensed", user, remove=[sku("SPE_E3")])
    assert graph_error(refused) == (
        400,
        "Request_BadRequest",
        "User license is inherited from a group membership and it cannot be removed directly "
        "from the user.",
    )


def test_direct_beside_inherited_is_removable_and_the_seat_stays_taken() -> None:
    desk = Desk()
    user = desk.user("group_licensed", "direct_and_group").user_id
    before = desk.counts("group_licensed", "POWER_BI_PRO")
    assert assign(desk, "group_licensed", user, remove=[sku("POWER_BI_PRO")]).status_code == 200
    assert desk.counts("group_licensed", "POWER_BI_PRO") == before
    assert not held(desk, "group_licensed", user)[sku("POWER_BI_PRO")]["direct"]
    again = assign(desk, "group_licensed", user, [give("POWER_BI_PRO")])
    assert again.status_code == 200  # no free seat is needed: it is held by group already
    assert desk.counts("group_licensed", "POWER_BI_PRO") == before


def test_removing_what_is_not_held() -> None:
    desk = Desk()
    user = free_user(desk, "direct", "SPE_E3")
    refused = assign(desk, "direct", user, remove=[sku("SPE_E3")])
    assert graph_error(refused)[2] == "User does not have a corresponding license."


def test_a_sku_not_owned_and_a_company_sku() -> None:
    desk = Desk()
    user = free_user(desk, "direct", "SPE_E3")
    for wrong in (sku("SPE_E5"), NOBODY, sku("SHAREPOINTSTORAGE")):
        refused = assign(desk, "direct", user, [{"skuId": wrong, "disabledPlans": []}])
        text = f"License {wrong} does not correspond to a valid company License."
        assert graph_error(refused)[2] == text


def test_an_orphaned_licence_can_be_taken_away() -> None:
    desk = Desk()
    user = desk.user("mixed", "orphaned_sku").user_id
    assert list(held(desk, "mixed", user)) == [sku("TEAMS_EXPLORATORY")]
    listed = desk.graph("GET", "/subscribedSkus", "mixed").json()["value"]
    assert sku("TEAMS_EXPLORATORY") not in {item["skuId"] for item in listed}
    assert assign(desk, "mixed", user, remove=[sku("TEAMS_EXPLORATORY")]).status_code == 200
    assert held(desk, "mixed", user) == {}


def test_mutually_exclusive_plans() -> None:
    desk = Desk()
    tenant = desk.tenant("direct")
    holder = next(user for user in tenant.users.values() if sku("SPE_E3") in user.direct)
    refused = assign(desk, "direct", holder.user_id, [give("O365_BUSINESS_ESSENTIALS")])
    status, code, text = graph_error(refused)
    assert (status, code) == (400, "Request_BadRequest")
    assert text == (
        "License assignment failed because service plans 9aaf7827-d63c-4b61-89c3-182f06f82e5c, "
        "efb87545-963c-4e0d-99df-69c6916d9eb0 are mutually exclusive."
    )
    swap = assign(
        desk,
        "direct",
        holder.user_id,
        [give("O365_BUSINESS_ESSENTIALS")],
        list(holder.direct),
    )
    assert swap.status_code == 200


def test_dependent_plans() -> None:
    desk = Desk()
    user = free_user(desk, "direct", "MCOEV")
    text = (
        "License assignment failed because service plan 4828c8ec-dc2e-4779-b502-87ac9ce28ab7 "
        "depends on the service plan(s) 0feaeb32-d00e-4d66-bd5a-43b5b83db82c"
    )
    assert graph_error(assign(desk, "direct", user, [give("MCOEV")]))[2] == text
    both = assign(desk, "direct", user, [give("MCOEV"), give("SPE_E3")])
    assert both.status_code == 200
    # Removing the base plan under an add-on fails as well.
    assert graph_error(assign(desk, "direct", user, remove=[sku("SPE_E3")]))[2] == text
    off = assign(desk, "direct", user, [give("SPE_E3", "MCOSTANDARD")])
    assert graph_error(off)[2] == text
    done = assign(desk, "direct", user, remove=[sku("MCOEV"), sku("SPE_E3")])
    assert done.status_code == 200


def test_published_dependency_of_project() -> None:
    desk = Desk()
    user = free_user(desk, "direct", "PROJECTPROFESSIONAL")
    refused = assign(desk, "direct", user, [give("PROJECTPROFESSIONAL", "SHAREPOINTENTERPRISE")])
    assert graph_error(refused)[2] == (
        "License assignment failed because service plan fe71d6c3-a2ea-4499-9778-da042bf08063 "
        "depends on the service plan(s) 5dbe027f-2339-4123-9542-606e4d348a72"
    )


def test_adding_a_held_sku_replaces_the_disabled_plans() -> None:
    desk = Desk()
    user = desk.user("direct", "plans_off").user_id
    e3 = sku("SPE_E3")
    assert len(held(desk, "direct", user)[e3]["disabled"]) == 2
    assign(desk, "direct", user, [give("SPE_E3", "SWAY")])
    assert len(held(desk, "direct", user)[e3]["disabled"]) == 1
    update(desk, "direct", user, {"licensesToAssign": [{"skuId": e3, "excludedPlans": None}]})
    assert held(desk, "direct", user)[e3]["disabled"] == []


def test_other_licences_keep_their_disabled_plans() -> None:
    desk = Desk()
    user = desk.user("direct", "plans_off").user_id
    before = held(desk, "direct", user)[sku("SPE_E3")]
    part = next(
        part for part in ("VISIOCLIENT", "FLOW_FREE") if sku(part) not in held(desk, "direct", user)
    )
    assert assign(desk, "direct", user, [give(part)]).status_code == 200
    assert held(desk, "direct", user)[sku("SPE_E3")] == before


def test_one_call_is_all_or_nothing() -> None:
    desk = Desk()
    user = free_user(desk, "no_seats", "SPB")
    before = desk.truth("no_seats")["counts"]
    refused = assign(desk, "no_seats", user, [give("VISIOONLINE_PLAN1"), give("SPB")])
    assert refused.status_code == 400
    assert held(desk, "no_seats", user) == {}
    assert desk.truth("no_seats")["counts"] == before


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"addLicenses": []}, "The missing parameters are: removeLicenses."),
        ({}, "The missing parameters are: addLicenses, removeLicenses."),
        ({"addLicenses": [{"skuId": None}], "removeLicenses": []}, "'Edm.Guid'"),
        ({"addLicenses": [], "removeLicenses": [None]}, "'Edm.Guid'"),
        ({"addLicenses": [{"skuId": "abc"}], "removeLicenses": []}, "'Edm.Guid'"),
    ],
)
def test_both_arrays_and_real_guids(body: dict[str, Any], text: str) -> None:
    desk = Desk()
    user = free_user(desk, "direct", "SPE_E3")
    status, code, message = graph_error(
        desk.graph("POST", f"/users/{user}/assignLicense", body=body)
    )
    assert (status, code) == (400, "Request_BadRequest")
    assert text in message


def test_guids_in_upper_case_are_the_same() -> None:
    desk = Desk()
    user = free_user(desk, "direct", "SPE_E3")
    body = {"addLicenses": [{"skuId": sku("SPE_E3").upper()}], "removeLicenses": []}
    answer = desk.graph("POST", f"/users/{user.upper()}/assignLicense", body=body)
    assert answer.status_code == 200
    assert list(held(desk, "direct", user)) == [sku("SPE_E3")]


def test_roles_that_may_assign() -> None:
    desk = Desk()
    user = free_user(desk, "read_only_gdap", "O365_BUSINESS")
    tenant_id = desk.world.customer("read_only_gdap")
    for token in (f"partner:{tenant_id}", f"helpdesk:{tenant_id}"):
        refused = assign(desk, "read_only_gdap", user, [give("O365_BUSINESS")], token=token)
        assert graph_error(refused) == (
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    listed = desk.graph("GET", "/users", token=f"partner:{tenant_id}")
    assert listed.status_code == 200
    answer = update(
        desk, "read_only_gdap", user, {"licensesToAssign": [{"skuId": sku("O365_BUSINESS")}]}
    )
    assert partner_error(answer)[:2] == (403, 900150)


def test_group_two_goes_by_itself() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("mixed")
    minecraft = sku("CFQ7TTC0K5DR/0002")
    plain = desk.partner("GET", f"/customers/{tenant_id}/subscribedskus").json()["items"]
    both = desk.partner(
        "GET",
        f"/customers/{tenant_id}/subscribedskus?licenseGroupIds=Group1&licenseGroupIds=Group2",
    ).json()["items"]
    assert {item["productSku"]["id"] for item in both} - {
        item["productSku"]["id"] for item in plain
    } == {minecraft}
    user = desk.user("mixed", "licensed").user_id
    mixed = {"licensesToAssign": [{"skuId": minecraft}], "licensesToRemove": [sku("EMS")]}
    assert partner_error(update(desk, "mixed", user, mixed))[0] == 400
    alone = update(desk, "mixed", user, {"licensesToAssign": [{"skuId": minecraft}]})
    assert alone.status_code == 201


def test_reprocessing_heals_a_group_licence_once_a_seat_is_free() -> None:
    desk = Desk()
    tenant = desk.tenant("group_licensed")
    user = desk.user("group_licensed", "count_violation")
    path = f"/users/{user.user_id}/reprocessLicenseAssignment"
    assert desk.graph("POST", path, "group_licensed").status_code == 200
    assert tenant.group_errors
    for subscription in tenant.subscriptions:
        if subscription.sku_id == sku("POWER_BI_PRO"):
            subscription.quantity += 1
    desk.graph("POST", path, "group_licensed")
    assert not tenant.group_errors
    assert tenant.consumed == tenant.recount()
    assert desk.counts("group_licensed", "POWER_BI_PRO")["available"] == 0


def test_locked_out_units_count_nowhere() -> None:
    desk = Desk()
    tenant = desk.tenant("tiny")
    tenant.subscriptions[0].status = SubscriptionStatus.LOCKED_OUT
    skus = desk.graph("GET", "/subscribedSkus", "tiny").json()["value"]
    assert skus[0]["capabilityStatus"] == "LockedOut"
    assert skus[0]["prepaidUnits"] == {"enabled": 0, "suspended": 0, "warning": 0, "lockedOut": 4}


def test_groups_may_be_made_for_a_test() -> None:
    desk = Desk()
    tenant = desk.tenant("tiny")
    group = Group("11111111-2222-4333-8444-555555555555", "Pilots")
    tenant.groups[group.group_id] = group
    names = desk.graph("GET", "/groups", "tiny").json()["value"]
    assert [item["displayName"] for item in names] == ["Pilots"]
