"""What every UserDirectory must do, whichever service is behind it (domain/ports.py)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from o365desk.domain.creation import NewUser
from o365desk.domain.directory import User, UserEdit, UserId, UserState
from o365desk.domain.errors import (
    AccessDenied,
    Conflict,
    DeskError,
    NotFound,
    OutcomeUnknown,
    Refusal,
    ServerFault,
    Throttled,
    UnexpectedReply,
)
from o365desk.domain.licensing import LicenseChange, LicenseGrant, PlanId
from o365desk.domain.passwords import NewPassword, Secret
from o365desk.simulator import Fault, FaultKind
from tests.services.practice import (
    DIRECTORIES,
    Practice,
    check_requests,
    fails_with,
    practice,
    sku,
)
from tests.services.signed_in import with_and_without_sign_in

PASSWORD = NewPassword(Secret("kite-Lantern-42"), must_change=True)
NOBODY = UserId("00000000-0000-4000-8000-000000000000")


@pytest.fixture(params=with_and_without_sign_in(DIRECTORIES))
def desk(request: pytest.FixtureRequest) -> Iterator[Practice]:
    """Every test runs over every directory; what it asked of Graph is checked against Microsoft's
    own metadata afterwards."""
    name, signs_in = request.param
    made = practice(name, request.getfixturevalue("signed_in") if signs_in else None)
    yield made
    check_requests(made.calls())


def knows(desk: Practice, purpose: str) -> bool:
    """Whether the service behind the tenant tells more than Partner Center does."""
    return desk.capabilities(desk.tenant(purpose)).sources_known


# ---- listing ---------------------------------------------------------------------------------


async def test_users_are_those_of_the_tenant(desk: Practice) -> None:
    users = await desk.everyone("well_stocked")
    truth = desk.truth("well_stocked")["users"]
    assert {user.id for user in users} == {told["id"] for told in truth}
    by_id = {user.id: user for user in users}
    for told in truth:
        user = by_id[told["id"]]
        assert user.username == told["userPrincipalName"]
        assert user.display_name == told["displayName"]
        assert user.location == (told["usageLocation"] or "")
        assert user.deleted_at is None
        if desk.capabilities(desk.tenant("well_stocked")).licenses_listed:
            assert {a.sku_id for a in user.licenses or ()} == set(told["licenses"])
        else:
            assert user.licenses is None


async def test_all_pages_in_order_and_once(desk: Practice) -> None:
    users = await desk.everyone("large")
    truth = desk.truth("large")["users"]
    assert [user.id for user in users] == [told["id"] for told in truth]
    assert len(users) > 2 * 999
    routes = [call for call in desk.calls() if call.route.endswith("/users")]
    assert len(routes) == (3 if desk.face == "graph" else 5)


async def test_a_failed_page_raises(desk: Practice) -> None:
    desk.fault(Fault(FaultKind.WRONG_JSON, path="*/users", after=1, times=None))
    seen: list[User] = []

    async def load() -> None:
        async for page in desk.directory.users(desk.tenant("large")):
            seen.extend(page)

    await fails_with(load(), UnexpectedReply)
    assert 0 < len(seen) < len(desk.truth("large")["users"])


async def test_throttled_pages_are_waited_for(desk: Practice) -> None:
    desk.fault(Fault(FaultKind.THROTTLED, path="*/users", after=1, retry_after=2.5))
    users = await desk.everyone("large")
    assert len(users) == len(desk.truth("large")["users"])
    assert 2.4 < max(desk.waits) < 3.5, "what was asked for, and a little more by chance"


async def test_a_load_can_be_left(desk: Practice) -> None:
    pages = desk.directory.users(desk.tenant("large"))
    first = await anext(pages)
    assert first
    await pages.aclose()  # type: ignore[attr-defined]


async def test_blocked_guests_and_missing_locations(desk: Practice) -> None:
    users = {user.id: user for user in await desk.everyone("mixed")}
    assert users[desk.notable("mixed", "guest")].guest
    assert users[desk.notable("mixed", "no_location")].location == ""
    blocked = users[desk.notable("mixed", "blocked")]
    known = desk.capabilities(desk.tenant("mixed")).blocked_known
    assert blocked.state is (UserState.BLOCKED if known else UserState.ACTIVE)


async def test_synced_users(desk: Practice) -> None:
    users = {user.id: user for user in await desk.everyone("synced")}
    assert users[desk.notable("synced", "synced")].synced
    assert not users[desk.notable("synced", "cloud_only")].synced


async def test_deleted_users(desk: Practice) -> None:
    deleted = {user.id: user for user in await desk.everyone_deleted("deleted")}
    truth = {told["id"]: told for told in desk.truth("deleted")["deleted"]}
    assert set(deleted) == set(truth)
    assert len(deleted) >= 4
    for user in deleted.values():
        told = truth[user.id]
        assert user.state is UserState.DELETED
        assert user.username == told["userPrincipalName"].removeprefix(user.id.replace("-", ""))
        assert user.deleted_at is not None
        assert f"{user.deleted_at:%Y-%m-%dT%H:%M:%S}Z" == told["deletedDateTime"]


# ---- one user --------------------------------------------------------------------------------


async def test_one_user_with_licenses(desk: Practice) -> None:
    id_ = desk.notable("well_stocked", "plans_off")
    user = await desk.directory.user(desk.tenant("well_stocked"), id_)
    told = desk.true_user("well_stocked", id_)
    assert user.username == told["userPrincipalName"]
    assert user.licenses is not None
    assert {a.sku_id: set(a.disabled_plans) for a in user.licenses} == {
        sku_id: set(entry["disabled"]) for sku_id, entry in told["licenses"].items()
    }


async def test_nobody(desk: Practice) -> None:
    tenant = desk.tenant("well_stocked")
    await fails_with(desk.directory.user(tenant, NOBODY), NotFound)
    await fails_with(desk.directory.licenses(tenant, NOBODY), NotFound)
    await fails_with(desk.directory.delete_user(tenant, NOBODY), NotFound)
    await fails_with(desk.directory.restore_user(tenant, NOBODY), NotFound)
    change = LicenseChange(remove=(sku("SPE_E3"),))
    await fails_with(desk.directory.update_licenses(tenant, NOBODY, change), NotFound)
    assert desk.waits == [], "only a user made here a moment ago is worth waiting for"


async def test_licenses_by_group(desk: Practice) -> None:
    tenant = desk.tenant("group_licensed")
    inherited = await desk.directory.licenses(tenant, desk.notable("group_licensed", "inherited"))
    both = await desk.directory.licenses(tenant, desk.notable("group_licensed", "direct_and_group"))
    failed = await desk.directory.licenses(
        tenant, desk.notable("group_licensed", "count_violation")
    )
    e3, power_bi = sku("SPE_E3"), sku("POWER_BI_PRO")
    assert {a.sku_id for a in inherited} >= {e3}
    if not knows(desk, "group_licensed"):
        assert all(a.direct and not a.groups for a in (*inherited, *both))
        return
    by_sku = {a.sku_id: a for a in inherited}
    assert not by_sku[e3].direct
    assert len(by_sku[e3].groups) == 1
    direct_too = {a.sku_id: a for a in both}[power_bi]
    assert direct_too.direct
    assert direct_too.groups
    assert {a.sku_id: a for a in failed}[power_bi].error == "CountViolation"

    names = await desk.directory.group_names(tenant, [*by_sku[e3].groups, *direct_too.groups])
    assert set(names.values()) == {"All staff", "BI team"}
    asked = len(desk.calls())
    assert await desk.directory.group_names(tenant, by_sku[e3].groups)
    assert len(desk.calls()) == asked, "names are remembered"


async def test_group_names_that_cannot_be_read(desk: Practice) -> None:
    tenant = desk.tenant("group_licensed")
    held = await desk.directory.licenses(tenant, desk.notable("group_licensed", "inherited"))
    groups = [group for a in held for group in a.groups]
    desk.fault(Fault(FaultKind.MISSING_ROLE, path="/groups/*", times=None))
    assert await desk.directory.group_names(tenant, groups) == {}
    assert await desk.directory.group_names(tenant, []) == {}


# ---- licences --------------------------------------------------------------------------------


async def test_update_is_one_call_and_reads_back(desk: Practice) -> None:
    tenant, user = desk.tenant("well_stocked"), desk.notable("well_stocked", "plans_off")
    before = await desk.directory.licenses(tenant, user)
    yammer_off = {a.sku_id: a.disabled_plans for a in before}[sku("SPE_E3")]
    assert yammer_off
    remove = tuple(a.sku_id for a in before if a.sku_id != sku("SPE_E3"))
    add = tuple(LicenseGrant(s) for s in (sku("D365_SALES_PRO"),) if s not in remove)
    desk.simulator.calls.clear()
    after = await desk.directory.update_licenses(tenant, user, LicenseChange(add, remove))

    assert len(desk.writes()) == 1
    reads = len(desk.calls()) - 1
    # Partner Center's licence groups are read before the first change of several products.
    assert reads == (2 if desk.face == "partner_center" and len(remove + add) > 1 else 1)
    held = {a.sku_id: a for a in after}
    assert held[sku("SPE_E3")].disabled_plans == yammer_off, "N12: untouched plans stay"
    assert set(held) == set(desk.true_user("well_stocked", user)["licenses"])
    assert not set(remove) & set(held)
    elsewhere = await desk.other.licenses(tenant, user)
    assert {a.sku_id for a in elsewhere} == set(held)


async def test_disabled_plans_travel_with_a_grant(desk: Practice) -> None:
    """N12: a licence taken and given back keeps the plans that were off."""
    tenant, user = desk.tenant("well_stocked"), desk.holder("well_stocked", "SPE_E3")
    e3, off = sku("SPE_E3"), desk.notable("well_stocked", "plans_off")
    plans = {a.sku_id: a for a in await desk.directory.licenses(tenant, off)}[e3].disabled_plans
    assert plans
    gone = await desk.directory.update_licenses(tenant, user, LicenseChange(remove=(e3,)))
    assert e3 not in {a.sku_id for a in gone}
    grant = LicenseGrant(e3, plans)
    back = await desk.directory.update_licenses(tenant, user, LicenseChange(add=(grant,)))
    assert set({a.sku_id: a for a in back}[e3].disabled_plans) == set(plans)
    told = desk.true_user("well_stocked", user)["licenses"][e3]
    assert set(told["disabled"]) == set(plans)
    listed = {u.id: u for u in await desk.everyone("well_stocked")}[user].licenses
    assert listed in (None, back)


async def test_both_arrays_are_always_sent(desk: Practice) -> None:
    tenant, user = desk.tenant("well_stocked"), desk.notable("well_stocked", "plain")
    held = {a.sku_id for a in await desk.directory.licenses(tenant, user)}
    free = next(
        s for s in (sku("FLOW_FREE"), sku("POWER_BI_STANDARD"), sku("VISIOCLIENT")) if s not in held
    )
    await desk.directory.update_licenses(tenant, user, LicenseChange(add=(LicenseGrant(free),)))
    await desk.directory.update_licenses(tenant, user, LicenseChange(remove=(free,)))
    bodies = [json.loads(call.body) for call in desk.writes()]
    names = (
        ("addLicenses", "removeLicenses")
        if desk.face == "graph"
        else ("licensesToAssign", "licensesToRemove")
    )
    for body in bodies:
        for name in names:
            assert isinstance(body[name], list)


async def test_nothing_to_change_writes_nothing(desk: Practice) -> None:
    tenant, user = desk.tenant("well_stocked"), desk.notable("well_stocked", "plans_off")
    held = await desk.directory.update_licenses(tenant, user, LicenseChange())
    assert held == await desk.directory.licenses(tenant, user)
    assert desk.writes() == []


@pytest.mark.parametrize(
    ("purpose", "who", "change", "reason"),
    [
        ("no_seats", "unlicensed", ("SPB", ""), Refusal.NO_SEAT),
        ("mixed", "no_location", ("EMS", ""), Refusal.USAGE_LOCATION),
        ("group_licensed", "inherited", ("", "SPE_E3"), Refusal.INHERITED),
        ("well_stocked", "guest", ("", "VISIOCLIENT"), Refusal.NOT_HELD),
        ("tiny", "admin", ("SPE_E5", ""), Refusal.SKU_GONE),
    ],
)
async def test_refused_updates(
    desk: Practice, purpose: str, who: str, change: tuple[str, str], reason: Refusal
) -> None:
    tenant, user = desk.tenant(purpose), desk.notable(purpose, who)
    before = desk.true_user(purpose, user)
    add = (LicenseGrant(sku(change[0])),) if change[0] else ()
    remove = (sku(change[1]),) if change[1] else ()
    error = await fails_with(
        desk.directory.update_licenses(tenant, user, LicenseChange(add, remove)), Conflict
    )
    assert error.refusal is reason
    assert desk.true_user(purpose, user) == before
    assert len(desk.writes()) == 1


async def test_an_ambiguous_update_is_never_repeated(desk: Practice) -> None:
    tenant, user = desk.tenant("well_stocked"), desk.notable("well_stocked", "guest")
    desk.simulator.directory.tenant(tenant).users[user].usage_location = "GB"
    desk.fault(
        Fault(FaultKind.CUT_AFTER, path="*/assignLicense"),
        Fault(FaultKind.CUT_AFTER, path="*/licenseupdates"),
    )
    change = LicenseChange(add=(LicenseGrant(sku("FLOW_FREE")),))
    await fails_with(desk.directory.update_licenses(tenant, user, change), OutcomeUnknown)
    assert len(desk.writes()) == 1
    assert sku("FLOW_FREE") in {a.sku_id for a in await desk.directory.licenses(tenant, user)}


async def test_an_update_whose_reading_back_fails_is_not_called_undone(desk: Practice) -> None:
    tenant, user = desk.tenant("well_stocked"), desk.notable("well_stocked", "plain")
    free = sku("FLOW_FREE")
    held = {a.sku_id for a in await desk.directory.licenses(tenant, user)}
    change = LicenseChange(remove=(free,)) if free in held else LicenseChange((LicenseGrant(free),))
    desk.fault(Fault(FaultKind.WRONG_JSON, method="GET", times=None))
    error = await fails_with(desk.directory.update_licenses(tenant, user, change), OutcomeUnknown)
    assert "accepted" in error.sentence


async def test_a_throttled_update_is_sent_again(desk: Practice) -> None:
    tenant, user = desk.tenant("well_stocked"), desk.notable("well_stocked", "guest")
    desk.simulator.directory.tenant(tenant).users[user].usage_location = "GB"
    desk.fault(Fault(FaultKind.THROTTLED, method="POST", retry_after=3))
    change = LicenseChange(add=(LicenseGrant(sku("FLOW_FREE")),))
    held = await desk.directory.update_licenses(tenant, user, change)
    assert [a.sku_id for a in held] == [sku("FLOW_FREE")]
    assert len(desk.writes()) == 2


# ---- create, edit, delete, restore, password ---------------------------------------------------


def newcomer(desk: Practice, purpose: str = "well_stocked", **changes: Any) -> NewUser:
    domain = desk.simulator.directory.tenant(desk.tenant(purpose)).default_domain
    new = NewUser("Zoë", "Quill", "Zoë Quill", f"zoe.quill@{domain}", "GB", PASSWORD)
    return replace(new, **changes)


async def test_create(desk: Practice) -> None:
    tenant = desk.tenant("well_stocked")
    new = newcomer(desk)
    made = await desk.directory.create_user(tenant, new)
    assert (made.display_name, made.username) == (new.display_name, new.username)
    assert (made.first_name, made.last_name, made.location) == ("Zoë", "Quill", "GB")
    assert (made.state, made.licenses) == (UserState.ACTIVE, ())
    told = desk.true_user("well_stocked", made.id)
    assert (told["password"], told["forceChange"]) == (PASSWORD.password.reveal(), True)
    assert told["usageLocation"] == "GB"
    assert len(desk.writes()) == 1
    assert (await desk.other.user(tenant, made.id)).username == new.username


async def test_licenses_for_someone_just_created(desk: Practice) -> None:
    """A new user is unknown for a while: waited for, and only for so long."""
    tenant = desk.tenant("well_stocked")
    desk.fault(Fault(FaultKind.NEW_USER_LAG, reads=2))
    made = await desk.directory.create_user(tenant, newcomer(desk))
    change = LicenseChange(add=(LicenseGrant(sku("O365_BUSINESS_ESSENTIALS")),))
    held = await desk.directory.update_licenses(tenant, made.id, change)
    assert [a.sku_id for a in held] == [sku("O365_BUSINESS_ESSENTIALS")]
    assert desk.waits == sorted(desk.waits)
    assert desk.waits


async def test_someone_created_who_never_appears(desk: Practice) -> None:
    tenant = desk.tenant("well_stocked")
    desk.fault(Fault(FaultKind.NEW_USER_LAG, reads=1000))
    made = await desk.directory.create_user(tenant, newcomer(desk))
    change = LicenseChange(add=(LicenseGrant(sku("O365_BUSINESS_ESSENTIALS")),))
    await fails_with(desk.directory.update_licenses(tenant, made.id, change), NotFound)
    assert 3 <= len(desk.waits) <= 6


async def test_refused_creations(desk: Practice) -> None:
    tenant = desk.tenant("well_stocked")
    taken = desk.truth("well_stocked")["users"][3]["userPrincipalName"]
    create = desk.directory.create_user
    error = await fails_with(create(tenant, newcomer(desk, username=taken)), Conflict)
    assert error.refusal is Refusal.NAME_TAKEN
    error = await fails_with(
        create(tenant, newcomer(desk, username="zoe@unverified.example")), Conflict
    )
    assert error.refusal is Refusal.INVALID_NAME
    weak = newcomer(desk, password=NewPassword(Secret("password")))
    error = await fails_with(create(tenant, weak), Conflict)
    assert error.refusal is Refusal.PASSWORD
    assert taken not in str(error)


async def test_create_without_location(desk: Practice) -> None:
    """Graph takes such a user; what Partner Center says to it is explained."""
    call = desk.directory.create_user(desk.tenant("well_stocked"), newcomer(desk, location=""))
    if desk.face == "partner_center":
        error = await fails_with(call, Conflict)
        assert error.refusal is Refusal.USAGE_LOCATION
        return
    made = await call
    assert made.location == ""
    assert desk.true_user("well_stocked", made.id)["usageLocation"] is None


@pytest.mark.parametrize("kind", [FaultKind.HALF_BODY, FaultKind.CUT_AFTER])
async def test_an_unread_creation_is_not_called_undone(desk: Practice, kind: FaultKind) -> None:
    desk.fault(Fault(kind, method="POST"))
    call = desk.directory.create_user(desk.tenant("well_stocked"), newcomer(desk))
    await fails_with(call, OutcomeUnknown)
    assert len(desk.writes()) == 1


async def test_edit(desk: Practice) -> None:
    tenant, user = desk.tenant("well_stocked"), desk.notable("well_stocked", "plain")
    before = await desk.directory.user(tenant, user)
    desk.simulator.calls.clear()
    edit = UserEdit(display_name="Renamed Person", location="IE")
    after = await desk.directory.edit_user(tenant, user, edit)
    assert after == before._replace(display_name="Renamed Person", location="IE")
    told = desk.true_user("well_stocked", user)
    assert (told["displayName"], told["usageLocation"]) == ("Renamed Person", "IE")
    (write,) = desk.writes()
    sent = json.loads(write.body)
    sent.pop("attributes", None)
    assert set(sent) == {"displayName", "usageLocation"}
    assert (await desk.other.user(tenant, user)).display_name == "Renamed Person"


async def test_edit_of_nothing(desk: Practice) -> None:
    tenant, user = desk.tenant("well_stocked"), desk.notable("well_stocked", "plain")
    await desk.directory.edit_user(tenant, user, UserEdit())
    assert desk.writes() == []


async def test_edit_of_a_synced_user_is_refused(desk: Practice) -> None:
    tenant, user = desk.tenant("synced"), desk.notable("synced", "synced")
    call = desk.directory.edit_user(tenant, user, UserEdit(display_name="X"))
    error = await fails_with(call, Conflict)
    assert error.refusal is Refusal.SYNCED


async def test_delete_and_restore(desk: Practice) -> None:
    """S24 to S31: the licences come back, whatever is free."""
    purpose = "well_stocked"
    tenant, id_ = desk.tenant(purpose), desk.holder(purpose, "SPE_E3")
    before = await desk.directory.user(tenant, id_)
    counts = desk.truth(purpose)["counts"][sku("SPE_E3")]["available"]

    await desk.directory.delete_user(tenant, id_)
    assert desk.truth(purpose)["counts"][sku("SPE_E3")]["available"] == counts + 1
    assert id_ not in {user.id for user in await desk.everyone(purpose)}
    gone = {user.id: user for user in await desk.everyone_deleted(purpose)}
    assert gone[id_].username == before.username
    assert gone[id_].deleted_at is not None
    others = [user async for page in desk.other.deleted_users(tenant) for user in page]
    assert id_ in {user.id for user in others}

    back = await desk.directory.restore_user(tenant, id_)
    assert back == before
    assert desk.truth(purpose)["counts"][sku("SPE_E3")]["available"] == counts


async def test_restore_over_the_limit_is_shown_as_it_is(desk: Practice) -> None:
    purpose = "over_allocated"
    tenant, id_ = desk.tenant(purpose), desk.notable(purpose, "deleted")
    back = await desk.directory.restore_user(tenant, id_)
    assert back.licenses
    counts = desk.truth(purpose)["counts"]
    assert any(counts[a.sku_id]["available"] < 0 for a in back.licenses)


async def test_restore_when_the_name_is_taken(desk: Practice) -> None:
    tenant, id_ = desk.tenant("deleted"), desk.notable("deleted", "deleted_upn_taken")
    error = await fails_with(desk.directory.restore_user(tenant, id_), Conflict)
    assert error.refusal in (Refusal.NAME_TAKEN, Refusal.ADDRESS_TAKEN)
    domain = desk.simulator.directory.tenant(tenant).default_domain
    again = desk.directory.restore_user(tenant, id_, f"back.again@{domain}")
    if desk.capabilities(tenant).restore_rename:
        back = await again
        assert back.username == f"back.again@{domain}"
        assert back.state is UserState.ACTIVE
    else:
        calls = len(desk.calls())
        error = await fails_with(again, Conflict)
        assert error.refusal is Refusal.UNSUPPORTED
        assert len(desk.calls()) == calls


async def test_restored_although_the_reading_fails(desk: Practice) -> None:
    tenant, id_ = desk.tenant("deleted"), desk.notable("deleted", "deleted_3_days")
    desk.fault(Fault(FaultKind.WRONG_JSON, method="GET", path="*/users/*", times=None))
    back = await desk.directory.restore_user(tenant, id_)
    assert (back.id, back.state, back.licenses) == (id_, UserState.ACTIVE, None)
    assert desk.true_user("deleted", id_)["state"] == "active"


async def test_reset_password(desk: Practice) -> None:
    tenant, user = desk.tenant("well_stocked"), desk.notable("well_stocked", "plain")
    new = NewPassword(Secret("Marble!river88"), must_change=False)
    await desk.directory.reset_password(tenant, user, new)
    told = desk.true_user("well_stocked", user)
    assert (told["password"], told["forceChange"]) == ("Marble!river88", False)
    (write,) = desk.writes()
    sent = json.loads(write.body)
    sent.pop("attributes", None)
    assert set(sent) == {"passwordProfile"}, "the password alone"


async def test_refused_resets(desk: Practice) -> None:
    reset = desk.directory.reset_password
    synced = desk.notable("synced", "synced")
    error = await fails_with(reset(desk.tenant("synced"), synced, PASSWORD), Conflict)
    assert error.refusal is Refusal.SYNCED
    weak = NewPassword(Secret("12345678"))
    plain = desk.notable("well_stocked", "plain")
    error = await fails_with(reset(desk.tenant("well_stocked"), plain, weak), Conflict)
    assert error.refusal is Refusal.PASSWORD
    assert "12345678" not in repr(error) + error.support_ids


# ---- rights and weather ------------------------------------------------------------------------


async def test_a_missing_role_is_named(desk: Practice) -> None:
    """Reading works with few roles, writing does not."""
    if desk.name == "graph direct":
        return  # an administrator of the organisation has them all
    purpose = "read_only_gdap"
    assert await desk.everyone(purpose)
    tenant, user = desk.tenant(purpose), desk.holder(purpose, "O365_BUSINESS_ESSENTIALS")
    change = LicenseChange(remove=(sku("O365_BUSINESS_ESSENTIALS"),))
    error = await fails_with(desk.directory.update_licenses(tenant, user, change), AccessDenied)
    assert error.refusal is Refusal.ROLE_MISSING
    assert error.next_step
    assert error.support_ids


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(FaultKind.UNAVAILABLE, status=500, times=None), ServerFault),
        (Fault(FaultKind.THROTTLED, times=None, retry_after=900), Throttled),
        (Fault(FaultKind.WRONG_JSON, times=None), UnexpectedReply),
        (Fault(FaultKind.CAPTIVE_PORTAL, times=None), UnexpectedReply),
        (
            Fault(FaultKind.ANSWER, status=200, body={"value": 5, "items": {}}, times=None),
            UnexpectedReply,
        ),
    ],
)
async def test_bad_weather(desk: Practice, fault: Fault, kind: type[DeskError]) -> None:
    """Whatever happens on the way, a port raises a DeskError."""
    tenant, user = desk.tenant("well_stocked"), desk.notable("well_stocked", "plain")
    await desk.routes.load()
    desk.fault(fault)
    await fails_with(desk.everyone("well_stocked"), kind)
    await fails_with(desk.everyone_deleted("well_stocked"), kind)
    await fails_with(desk.directory.user(tenant, user), kind)
    await fails_with(desk.directory.licenses(tenant, user), kind)


async def test_ids_in_capitals_and_plans_unheard_of(desk: Practice) -> None:
    """A plan that is not the product's is refused, and what was there stays."""
    tenant, user = desk.tenant("well_stocked"), desk.notable("well_stocked", "plans_off")
    grant = LicenseGrant(sku("VISIOCLIENT"), (PlanId(NOBODY),))
    call = desk.directory.update_licenses(tenant, user, LicenseChange(add=(grant,)))
    error = await fails_with(call, Conflict)
    assert error.sentence
