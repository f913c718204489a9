"""Which service serves a tenant of a reseller, and what happens when Graph says no."""

import pytest

from o365desk.domain.directory import UserId, UserState
from o365desk.domain.errors import AccessDenied, OutcomeUnknown, Refusal, SignInRequired, Throttled
from o365desk.domain.licensing import LicenseChange, LicenseGrant
from o365desk.services.graph import GRAPH_CAPABILITIES
from o365desk.services.partner_center import PARTNER_CENTER_CAPABILITIES
from o365desk.services.reseller import PAUSE
from o365desk.simulator import Fault, FaultKind
from tests.services.practice import Practice, fails_with, practice, sku

RELATIONS = "/tenantRelationships/delegatedAdminCustomers"


@pytest.fixture
def desk() -> Practice:
    return practice("reseller")


def asked(desk: Practice, face: str, ending: str) -> int:
    return sum(call.face == face and call.path.endswith(ending) for call in desk.calls())


async def test_gdap_tenants_go_through_graph(desk: Practice) -> None:
    tenant = desk.tenant("well_stocked")
    assert desk.capabilities(tenant) == PARTNER_CENTER_CAPABILITIES  # nothing known yet
    users = await desk.everyone("well_stocked")
    assert all(user.licenses is not None for user in users)
    assert desk.capabilities(tenant) == GRAPH_CAPABILITIES
    assert asked(desk, "partner_center", "/users") == 0


async def test_others_go_through_partner_center(desk: Practice) -> None:
    tenant = desk.tenant("partner_center_only")
    users = await desk.everyone("partner_center_only")
    assert {user.licenses for user in users} == {None}
    deleted = await desk.everyone_deleted("partner_center_only")
    assert [user.state for user in deleted] == [UserState.DELETED]
    assert desk.capabilities(tenant) == PARTNER_CENTER_CAPABILITIES
    assert asked(desk, "graph", "/users") == 0
    one = await desk.directory.user(tenant, users[3].id)
    assert one.licenses is not None
    names = {domain.name for domain in await desk.catalog.domains(tenant)}
    assert "blueheron.example" in names


async def test_relations_are_read_once(desk: Practice) -> None:
    await desk.everyone("well_stocked")
    await desk.everyone("tiny")
    await desk.catalog.domains(desk.tenant("tiny"))
    assert asked(desk, "graph", RELATIONS) == 1


async def test_no_relation_is_asked_for_before_it_matters(desk: Practice) -> None:
    assert [tenant async for page in desk.catalog.tenants() for tenant in page]
    await desk.catalog.skus(desk.tenant("tiny"))
    assert asked(desk, "graph", RELATIONS) == 0


async def test_refused_relations_mean_partner_center(desk: Practice) -> None:
    desk.fault(Fault(FaultKind.MISSING_ROLE, path=RELATIONS, times=None))
    assert {user.licenses for user in await desk.everyone("tiny")} == {None}
    await desk.everyone("tiny")
    assert asked(desk, "graph", RELATIONS) == 1
    assert asked(desk, "graph", "/users") == 0


async def test_relations_are_asked_for_again_after_a_passing_fault(desk: Practice) -> None:
    """After a pause: else whatever is done for any customer waits for the same fault first."""
    desk.fault(Fault(FaultKind.UNAVAILABLE, status=500, path=RELATIONS, times=None))
    for purpose in ("tiny", "well_stocked"):
        assert {user.licenses for user in await desk.everyone(purpose)} == {None}
    assert asked(desk, "graph", RELATIONS) == 1
    desk.simulator.faults.clear()
    desk.passed.append(PAUSE)
    assert all(user.licenses is not None for user in await desk.everyone("tiny"))


@pytest.mark.parametrize("kind", [FaultKind.MISSING_ROLE, FaultKind.EXPIRED_TOKEN])
async def test_graph_refuses_the_first_page(desk: Practice, kind: FaultKind) -> None:
    tenant = desk.tenant("tiny")
    desk.fault(Fault(kind, face="graph", path="/users", times=None))
    users = await desk.everyone("tiny")
    assert len(users) == len(desk.truth("tiny")["users"])
    assert {user.licenses for user in users} == {None}
    assert desk.capabilities(tenant) == PARTNER_CENTER_CAPABILITIES
    desk.simulator.faults.clear()
    desk.simulator.calls.clear()
    await desk.everyone("tiny")
    await desk.directory.licenses(tenant, users[0].id)
    assert asked(desk, "graph", "/users") == 0, "for the session"
    assert all(user.licenses is not None for user in await desk.everyone("well_stocked"))


async def test_both_refuse(desk: Practice) -> None:
    """Nothing is remembered of a session that has ended altogether."""
    desk.fault(Fault(FaultKind.EXPIRED_TOKEN, times=None))
    await fails_with(desk.everyone("tiny"), SignInRequired)
    desk.simulator.faults.clear()
    routes_known = desk.capabilities(desk.tenant("tiny"))
    assert routes_known in (GRAPH_CAPABILITIES, PARTNER_CENTER_CAPABILITIES)


async def test_an_expired_session_does_not_cost_the_tenant_its_graph(desk: Practice) -> None:
    await desk.routes.load()
    desk.fault(Fault(FaultKind.EXPIRED_TOKEN, times=None))
    await fails_with(desk.everyone("tiny"), SignInRequired)
    desk.simulator.faults.clear()
    assert all(user.licenses is not None for user in await desk.everyone("tiny"))


async def test_a_later_page_refused_is_no_reason_to_start_over(desk: Practice) -> None:
    desk.fault(Fault(FaultKind.MISSING_ROLE, face="graph", path="/users", after=1, times=None))
    await fails_with(desk.everyone("large"), AccessDenied)
    assert asked(desk, "partner_center", "/users") == 0


async def test_throttling_is_no_refusal(desk: Practice) -> None:
    await desk.routes.load()
    desk.fault(Fault(FaultKind.THROTTLED, face="graph", path="/users", times=None, retry_after=900))
    await fails_with(desk.everyone("tiny"), Throttled)
    assert desk.capabilities(desk.tenant("tiny")) == GRAPH_CAPABILITIES


async def test_refused_deleted_users_leave_the_tenant_to_graph(desk: Practice) -> None:
    tenant = desk.tenant("deleted")
    desk.fault(Fault(FaultKind.MISSING_ROLE, face="graph", path="/directory/deletedItems*"))
    assert await desk.everyone_deleted("deleted")
    assert asked(desk, "partner_center", "/users") == 1
    assert desk.capabilities(tenant) == GRAPH_CAPABILITIES


async def test_domains_fall_back(desk: Practice) -> None:
    desk.fault(Fault(FaultKind.MISSING_ROLE, face="graph", path="/domains"))
    found = await desk.catalog.domains(desk.tenant("tiny"))
    assert {domain.name for domain in found} >= {"fernandfinch.example"}


async def test_a_load_left_at_once_leaves_nothing_running(desk: Practice) -> None:
    pages = desk.directory.users(desk.tenant("large"))
    assert await anext(pages)
    await pages.aclose()  # type: ignore[attr-defined]
    before = len(desk.calls())
    await desk.directory.licenses(desk.tenant("large"), desk.notable("large", "plain"))
    assert len(desk.calls()) <= before + 2


# ---- Partner Center's licence groups -----------------------------------------------------------


BOTH_GROUPS = LicenseChange(add=(LicenseGrant(sku("EMS")), LicenseGrant(sku("CFQ7TTC0K5DR/0002"))))


def unlicensed(desk: Practice) -> UserId:
    users = desk.truth("mixed")["users"]
    plain = [u for u in users if not u["licenses"] and not u["roles"] and u["usageLocation"]]
    return UserId(plain[0]["id"])


async def test_two_license_groups_are_two_calls() -> None:
    desk = practice("partner center")
    tenant, user = desk.tenant("mixed"), unlicensed(desk)
    after = await desk.directory.update_licenses(tenant, user, BOTH_GROUPS)
    assert {a.sku_id for a in after} == BOTH_GROUPS.sku_ids
    assert len(desk.writes()) == 2
    desk.simulator.calls.clear()
    back = LicenseChange(remove=tuple(BOTH_GROUPS.sku_ids))
    assert await desk.directory.update_licenses(tenant, user, back) == ()
    assert len(desk.calls()) == 3, "the groups are known by now"


async def test_half_of_an_update_over_two_groups() -> None:
    desk = practice("partner center")
    tenant, user = desk.tenant("mixed"), unlicensed(desk)
    desk.fault(
        Fault(
            FaultKind.ANSWER,
            status=400,
            path="*/licenseupdates",
            after=1,
            body={
                "code": 60012,
                "description": "We&#39;re sorry, it looks like you've run out of licenses.",
                "data": ["LicenseQuotaExceededException : no licenses left."],
            },
        )
    )
    error = await fails_with(
        desk.directory.update_licenses(tenant, user, BOTH_GROUPS), OutcomeUnknown
    )
    assert error.refusal is Refusal.NO_SEAT
    assert error.support_ids
    assert sku("EMS") in desk.true_user("mixed", user)["licenses"]


async def test_half_of_an_update_over_two_groups_and_silence_about_the_other() -> None:
    desk = practice("partner center")
    tenant, user = desk.tenant("mixed"), unlicensed(desk)
    desk.fault(Fault(FaultKind.CUT_AFTER, path="*/licenseupdates", after=1))
    error = await fails_with(
        desk.directory.update_licenses(tenant, user, BOTH_GROUPS), OutcomeUnknown
    )
    assert error.sentence.startswith("One part of the change was made, the other is not known")
