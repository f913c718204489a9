"""The rules of accounts, on both faces: create, change, delete, restore, purge, passwords."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from o365desk.simulator import roles
from o365desk.simulator.roles import may_reset
from tests import csdl
from tests.simulator.desk import Desk, graph_error, partner_error, partner_json, sku

INACTIVE = quote(json.dumps({"Field": "UserState", "Value": "Inactive", "Operator": "equals"}))
GOOD = "Tr4velling-Otter"
COMPLEXITY = (
    "The specified password does not comply with password complexity requirements. "
    "Please provide a different password."
)
SYNCED = (
    "Unable to update the specified properties for on-premises mastered Directory Sync objects "
    "or objects currently undergoing migration."
)
DENIED = (
    403,
    "Authorization_RequestDenied",
    "Insufficient privileges to complete the operation.",
)


def new_user(desk: Desk, purpose: str = "direct", **changes: Any) -> dict[str, Any]:
    domain = desk.tenant(purpose).default_domain
    body: dict[str, Any] = {
        "accountEnabled": True,
        "displayName": "Adele Vance",
        "mailNickname": "AdeleV",
        "userPrincipalName": f"AdeleV@{domain}",
        "usageLocation": "GB",
        "passwordProfile": {"forceChangePasswordNextSignIn": True, "password": GOOD},
    }
    body.update(changes)
    return {name: value for name, value in body.items() if value is not ...}


def create(desk: Desk, purpose: str = "direct", **changes: Any) -> Any:
    body = new_user(desk, purpose, **changes)
    return desk.graph("POST", "/users", purpose, body=body)


def reset(desk: Desk, purpose: str, user_id: str, password: str = GOOD, token: str = "") -> Any:
    body = {"passwordProfile": {"password": password, "forceChangePasswordNextSignIn": True}}
    csdl.check_path("PATCH", f"/users/{user_id}", "", body)
    return desk.graph("PATCH", f"/users/{user_id}", purpose, body=body, token=token)


def test_create_through_graph_shows_in_partner_center() -> None:
    desk = Desk()
    answer = create(desk)
    assert answer.status_code == 201
    assert "passwordProfile" not in answer.json()
    assert answer.json()["id"] in answer.headers["location"]
    tenant_id = desk.world.customer("direct")
    seen = desk.partner("GET", f"/customers/{tenant_id}/users/{answer.json()['id']}")
    assert partner_json(seen)["displayName"] == "Adele Vance"
    assert partner_json(seen)["state"] == "active"


def test_create_through_partner_center_shows_in_graph() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("tiny")
    domain = desk.tenant("tiny").default_domain
    body = {
        "usageLocation": "IS",
        "userPrincipalName": f"first.last@{domain}",
        "firstName": "First",
        "lastName": "Last",
        "displayName": "User name",
        "passwordProfile": {"password": GOOD, "forceChangePassword": True},
        "attributes": {"objectType": "CustomerUser"},
    }
    answer = desk.partner("POST", f"/customers/{tenant_id}/users", body=body)
    assert answer.status_code == 200
    made = partner_json(answer)
    assert made["passwordProfile"] == {"forceChangePassword": True, "password": GOOD}
    seen = desk.graph("GET", f"/users/{made['id']}?$select=givenName,usageLocation", "tiny").json()
    assert (seen["givenName"], seen["usageLocation"]) == ("First", "IS")


INVALID = "One or more properties contains invalid values."
UPN = "Property userPrincipalName is invalid."
BAD_VALUE = "Invalid value specified for property '{}' of resource 'User'."


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("userPrincipalName", "adele@unowned.example", INVALID),
        ("userPrincipalName", "adele@tallpine-new.example", INVALID),
        ("userPrincipalName", "adéle@tallpine.example", UPN),
        ("userPrincipalName", "no spaces@tallpine.example", UPN),
        ("userPrincipalName", "nobody", UPN),
        ("mailNickname", "a b", BAD_VALUE.format("mailNickname")),
        ("usageLocation", "Britain", BAD_VALUE.format("usageLocation")),
        ("passwordProfile", ..., "A password must be specified to create a new user."),
        ("passwordProfile", {"password": "short1A"}, COMPLEXITY),
        ("displayName", ..., "A value is required for property 'displayName' of resource 'User'."),
        (
            "onPremisesSyncEnabled",
            True,
            "Property 'onPremisesSyncEnabled' is read-only and cannot be set.",
        ),
        (
            "accountEnabled",
            "yes",
            "Cannot convert a primitive value to the expected type 'Edm.Boolean'. "
            "See the inner exception for more details.",
        ),
    ],
)
def test_refused_creations(name: str, value: Any, text: str) -> None:
    desk = Desk()
    answer = create(desk, **{name: value})
    assert graph_error(answer) == (400, "Request_BadRequest", text)
    assert "details" not in answer.json()["error"]


def test_user_name_taken() -> None:
    desk = Desk()
    taken = desk.user("direct", "plain").upn
    answer = create(desk, userPrincipalName=taken.upper())
    text = "Another object with the same value for property userPrincipalName already exists."
    assert graph_error(answer) == (400, "Request_BadRequest", text)
    assert answer.json()["error"]["details"] == [
        {"code": "ObjectConflict", "message": text, "target": "userPrincipalName"}
    ]


def test_user_name_held_by_a_deleted_users_alias() -> None:
    desk = Desk()
    gone = desk.user("direct", "deleted")
    gone.proxies = ("smtp:kept@tallpine.example",)
    assert create(desk, userPrincipalName=gone.upn).status_code == 201
    refused = create(desk, userPrincipalName="kept@tallpine.example", mailNickname="kept")
    assert graph_error(refused)[0] == 400


def test_edit() -> None:
    desk = Desk()
    user = desk.user("direct", "plain")
    body = {"givenName": "Zoë", "surname": "Ünal", "displayName": "Zoë Ünal", "usageLocation": "FR"}
    csdl.check_path("PATCH", f"/users/{user.user_id}", "", body)
    assert desk.graph("PATCH", f"/users/{user.user_id}", body=body).status_code == 204
    path = f"/users/{user.user_id}?$select=givenName,surname,displayName,usageLocation"
    shown = desk.graph("GET", path).json()
    assert {name: shown[name] for name in body} == body
    tenant_id = desk.world.customer("direct")
    answer = desk.partner(
        "PATCH",
        f"/customers/{tenant_id}/users/{user.user_id}",
        body={"DisplayName": "Again", "Attributes": {"ObjectType": "CustomerUser"}},
    )
    assert (answer.status_code, partner_json(answer)["displayName"]) == (200, "Again")


def test_renaming_keeps_the_old_address() -> None:
    desk = Desk()
    user = next(user for user in desk.tenant("direct").users.values() if user.mail)
    old, new = user.upn, f"renamed@{desk.tenant('direct').default_domain}"
    desk.graph("PATCH", f"/users/{user.user_id}", body={"userPrincipalName": new})
    assert desk.graph("GET", f"/users/{new}").json()["id"] == user.user_id
    assert desk.graph("GET", f"/users/{old}").status_code == 404
    shown = desk.graph("GET", f"/users/{new}?$select=proxyAddresses").json()["proxyAddresses"]
    assert shown == [f"SMTP:{new}", f"smtp:{old}"]


def test_delete_frees_seats_at_once_and_prefixes_the_name() -> None:
    desk = Desk()
    tenant = desk.tenant("direct")
    user = next(user for user in tenant.users.values() if sku("SPE_E3") in user.direct)
    before = desk.counts("direct", "SPE_E3")["available"]
    assert desk.graph("DELETE", f"/users/{user.user_id}").status_code == 204
    assert desk.counts("direct", "SPE_E3")["available"] == before + 1
    path = "/directory/deletedItems/microsoft.graph.user"
    items = desk.graph("GET", path + "?$select=id,userPrincipalName,deletedDateTime").json()[
        "value"
    ]
    mine = next(item for item in items if item["id"] == user.user_id)
    assert mine["userPrincipalName"] == user.user_id.replace("-", "") + user.upn
    assert mine["deletedDateTime"] == "2026-11-01T12:00:00Z"
    # The alias of the metadata's namespace, as Microsoft's own SDKs write it.
    alias = desk.graph("GET", path.replace("microsoft.graph.user", "graph.user"))
    assert alias.json()["value"] == desk.graph("GET", path).json()["value"]
    one = desk.graph("GET", f"/directory/deletedItems/{user.user_id}").json()
    assert one["@odata.type"] == "#microsoft.graph.user"
    assert graph_error(desk.graph("GET", f"/users/{user.user_id}"))[0] == 404
    assert graph_error(desk.graph("GET", "/directory/deletedItems"))[0] == 400
    tenant_id = desk.world.customer("direct")
    query = f"?size=500&filter={INACTIVE}"
    listed = desk.partner("GET", f"/customers/{tenant_id}/users{query}").json()["items"]
    shown = next(item for item in listed if item["id"] == user.user_id)
    assert (shown["state"], shown["userPrincipalName"]) == ("inactive", user.upn)
    assert shown["softDeletionTime"] == "2026-11-01T12:00:00Z"


def test_restore_over_allocates() -> None:
    desk = Desk()
    user = desk.user("over_allocated", "deleted")
    before = desk.counts("over_allocated", "O365_BUSINESS_PREMIUM")["available"]
    assert before <= 0
    path = f"/directory/deletedItems/{user.user_id}/restore"
    answer = desk.graph("POST", path, "over_allocated")
    assert answer.status_code == 200
    assert answer.json()["userPrincipalName"] == user.upn
    assert answer.json()["@odata.type"] == "#microsoft.graph.user"
    after = desk.counts("over_allocated", "O365_BUSINESS_PREMIUM")["available"]
    assert after == before - 1
    skus = desk.partner(
        "GET", f"/customers/{desk.world.customer('over_allocated')}/subscribedskus"
    ).json()["items"]
    assert min(item["availableUnits"] for item in skus) == after
    assert graph_error(desk.graph("POST", path, "over_allocated"))[0] == 404


def test_restore_through_partner_center() -> None:
    desk = Desk()
    user = desk.user("partner_center_only", "deleted")
    path = f"/customers/{desk.world.customer('partner_center_only')}/users/{user.user_id}"
    body = {"State": "active", "Attributes": {"ObjectType": "CustomerUser"}}
    answer = desk.partner("PATCH", path, body=body)
    assert (answer.status_code, partner_json(answer)["state"]) == (200, "active")
    assert "softDeletionTime" not in partner_json(answer)
    assert partner_json(desk.partner("GET", path))["state"] == "active"


def test_restore_with_a_taken_name() -> None:
    desk = Desk()
    user = desk.user("deleted", "deleted_upn_taken")
    path = f"/directory/deletedItems/{user.user_id}/restore"
    refused = desk.graph("POST", path, "deleted")
    assert graph_error(refused)[0] == 400
    assert refused.json()["error"]["details"][0]["code"] == "ObjectConflict"
    tenant_id = desk.world.customer("deleted")
    again = desk.partner(
        "PATCH", f"/customers/{tenant_id}/users/{user.user_id}", body={"state": "active"}
    )
    assert partner_error(again)[0] == 400
    body: dict[str, Any] = {"newUserPrincipalName": "came.back@lanternworks.example"}
    csdl.check_path("POST", path, "", body)
    # The old name was an address as well, and that is taken too.
    refused = desk.graph("POST", path, "deleted", body=body)
    assert refused.json()["error"]["details"][0]["target"] == "proxyAddresses"
    body["autoReconcileProxyConflict"] = True
    answer = desk.graph("POST", path, "deleted", body=body)
    assert answer.json()["mail"] == "came.back@lanternworks.example"
    assert answer.json()["userPrincipalName"] == "came.back@lanternworks.example"


def test_restore_with_a_taken_address_needs_reconciling() -> None:
    desk = Desk()
    gone = desk.user("direct", "deleted")
    gone.proxies = ("smtp:shared@tallpine.example",)
    other = desk.user("direct", "plain")
    other.proxies = ("smtp:shared@tallpine.example",)
    path = f"/directory/deletedItems/{gone.user_id}/restore"
    refused = desk.graph("POST", path)
    assert refused.json()["error"]["details"][0]["target"] == "proxyAddresses"
    body = {"autoReconcileProxyConflict": True}
    csdl.check_path("POST", path, "", body)
    assert desk.graph("POST", path, body=body).status_code == 200
    assert not gone.proxies


def test_thirty_days_to_the_second() -> None:
    desk = Desk()
    user = desk.user("deleted", "deleted_29_days")
    path = f"/directory/deletedItems/{user.user_id}"
    desk.clock.advance(days=1)
    assert desk.graph("GET", path, "deleted").status_code == 200
    desk.clock.advance(seconds=1)
    assert desk.graph("GET", path, "deleted").status_code == 404
    assert graph_error(desk.graph("POST", path + "/restore", "deleted"))[:2] == (
        404,
        "Request_ResourceNotFound",
    )


def test_practice_clock_moves_time() -> None:
    desk = Desk()
    url = "http://practice/practice/clock"
    desk.call("POST", url, token="", body={"advance_days": 5})
    left = desk.graph("GET", "/directory/deletedItems/microsoft.graph.user", "deleted").json()
    assert len(left["value"]) == 2


def test_purge_for_good() -> None:
    desk = Desk()
    user = desk.user("direct", "deleted")
    path = f"/directory/deletedItems/{user.user_id}"
    assert desk.graph("DELETE", path).status_code == 204
    assert desk.graph("POST", path + "/restore").status_code == 404


def test_reset_password() -> None:
    desk = Desk()
    user = desk.user("direct", "plain")
    answer = reset(desk, "direct", user.user_id)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (user.password, user.force_change) == (GOOD, True)
    tenant_id = desk.world.customer("direct")
    path = f"/customers/{tenant_id}/users/{user.user_id}"
    body = {"passwordProfile": {"password": GOOD + "2", "forceChangePassword": True}}
    shown = partner_json(desk.partner("PATCH", path, body=body))
    assert shown["passwordProfile"] == {"password": GOOD + "2", "forceChangePassword": False}
    assert user.password == GOOD + "2"


def test_force_change_defaults_to_false() -> None:
    desk = Desk()
    user = desk.user("direct", "plain")
    user.force_change = True
    body = {"passwordProfile": {"password": GOOD}}
    desk.graph("PATCH", f"/users/{user.user_id}", body=body)
    assert not user.force_change


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("Sh0rt!a", False),
        ("alllowercaseletters", False),
        ("lower123456", False),
        ("Lower123456", True),
        ("P@ssw0rd1", False),
        ("Tallpine26!", False),
        ("A1" + "b" * 254, True),
        ("A1" + "b" * 255, False),
        ("correct horse Battery 1", True),
    ],
)
def test_password_policy(password: str, accepted: bool) -> None:
    desk = Desk()
    user = desk.user("direct", "plain")
    answer = reset(desk, "direct", user.user_id, password)
    if accepted:
        assert answer.status_code == 204
    else:
        assert graph_error(answer) == (400, "Request_BadRequest", COMPLEXITY)
    tenant_id = desk.world.customer("direct")
    body = {"passwordProfile": {"password": password}}
    other = desk.partner("PATCH", f"/customers/{tenant_id}/users/{user.user_id}", body=body)
    assert other.status_code == (200 if accepted else 400)


def test_password_must_not_hold_the_user_name() -> None:
    desk = Desk()
    user = desk.user("direct", "plain")
    local = user.upn.partition("@")[0]
    assert graph_error(reset(desk, "direct", user.user_id, f"X1{local}"))[2] == COMPLEXITY


def test_password_and_other_fields_are_refused_together() -> None:
    desk = Desk()
    user = desk.user("direct", "plain")
    body = {"displayName": "Not this", "passwordProfile": {"password": "short"}}
    assert desk.graph("PATCH", f"/users/{user.user_id}", body=body).status_code == 400
    assert user.display_name != "Not this"


def test_synced_and_federated_users_are_mastered_elsewhere() -> None:
    desk = Desk()
    for note in ("synced", "federated"):
        user = desk.user("synced", note)
        for answer in (
            reset(desk, "synced", user.user_id),
            desk.graph("PATCH", f"/users/{user.user_id}", "synced", body={"displayName": "X"}),
            desk.graph("DELETE", f"/users/{user.user_id}", "synced"),
        ):
            assert graph_error(answer) == (400, "Request_BadRequest", SYNCED)
        location = desk.graph(
            "PATCH", f"/users/{user.user_id}", "synced", body={"usageLocation": "PL"}
        )
        assert location.status_code == 204
    tenant_id = desk.world.customer("synced")
    user = desk.user("synced", "federated")
    shown = partner_json(desk.partner("GET", f"/customers/{tenant_id}/users/{user.user_id}"))
    assert shown["userDomainType"] == "federated"
    assert shown["lastDirectorySyncTime"]


def test_write_back_reset_of_a_synced_user() -> None:
    desk = Desk()
    user = desk.user("synced", "synced")
    path = (
        f"/users/{user.user_id}/authentication/methods/"
        "28c10230-6103-485e-b985-444c60001490/resetPassword"
    )
    answer = desk.graph("POST", path, "synced", body={"newPassword": GOOD})
    assert answer.status_code == 202
    followed = desk.graph("GET", answer.headers["location"], "synced")
    assert followed.json()["status"] == "succeeded"
    assert user.force_change
    made = desk.graph("POST", path, "synced", body={}).json()
    assert made["newPassword"]


def test_guests_have_no_password_here() -> None:
    desk = Desk()
    assert graph_error(reset(desk, "mixed", desk.user("mixed", "guest").user_id)) == DENIED


def test_helpdesk_may_not_reset_role_holders() -> None:
    desk = Desk()
    token = f"helpdesk:{desk.world.customer('mixed')}"
    for note, allowed in (
        ("licensed", True),
        ("reader", True),
        ("user_admin", False),
        ("exchange_admin", False),
        ("admin", False),
    ):
        answer = reset(desk, "mixed", desk.user("mixed", note).user_id, token=token)
        if allowed:
            assert answer.status_code == 204, note
        else:
            assert graph_error(answer) == DENIED, note
    body = {"displayName": "X"}
    user = desk.user("mixed", "licensed").user_id
    assert graph_error(desk.graph("PATCH", f"/users/{user}", body=body, token=token)) == DENIED
    assert graph_error(desk.graph("DELETE", f"/users/{user}", token=token)) == DENIED


def test_members_of_role_groups_are_protected() -> None:
    desk = Desk()
    user = desk.user("group_licensed", "role_group_member")
    tenant_id = desk.world.customer("group_licensed")
    refused = reset(desk, "group_licensed", user.user_id, token=f"helpdesk:{tenant_id}")
    assert graph_error(refused) == DENIED
    assert reset(desk, "group_licensed", user.user_id).status_code == 204


def test_gdap_user_administrator_may_not_delete_a_global_one() -> None:
    desk = Desk()
    tenant_id = desk.world.customer("mixed")
    token = f"partner:{tenant_id}"
    admin = desk.user("mixed", "admin").user_id
    assert graph_error(desk.graph("DELETE", f"/users/{admin}", token=token)) == DENIED
    answer = desk.partner("DELETE", f"/customers/{tenant_id}/users/{admin}")
    assert partner_error(answer)[:2] == (403, 900150)
    plain = desk.user("mixed", "licensed").user_id
    assert desk.graph("DELETE", f"/users/{plain}", token=token).status_code == 204


TABLE = """
none: yes yes yes yes yes yes
READERS: yes yes yes yes yes yes
GUEST_INVITER: yes yes yes yes yes yes
PASSWORD: yes yes yes yes yes yes
MESSAGE_READER: no yes yes yes yes yes
REPORTS_READER: no yes yes yes yes yes
USAGE_READER: no yes yes yes yes yes
HELPDESK: no yes no yes yes yes
AUTHENTICATION: no no yes no yes yes
GROUPS: no no no yes yes yes
USER: no no no yes yes yes
PRIVILEGED_AUTHENTICATION: no no no no yes yes
PRIVILEGED_ROLE: no no no no yes yes
GLOBAL: no no no no yes yes
"""


def test_who_may_reset_whom_is_the_published_table() -> None:
    actors = [
        "PASSWORD",
        "HELPDESK",
        "AUTHENTICATION",
        "USER",
        "PRIVILEGED_AUTHENTICATION",
        "GLOBAL",
    ]
    for line in TABLE.strip().splitlines():
        name, _colon, cells = line.partition(":")
        target = [] if name == "none" else [getattr(roles, name)]
        for actor, cell in zip(actors, cells.split(), strict=True):
            held = frozenset({getattr(roles, actor)})
            allowed = may_reset(held, target, role_assignable=False)
            assert allowed is (cell == "yes"), (actor, name)
    for actor in actors:
        held = frozenset({getattr(roles, actor)})
        expected = actor in {"PRIVILEGED_AUTHENTICATION", "GLOBAL"}
        assert may_reset(held, [], role_assignable=True) is expected
