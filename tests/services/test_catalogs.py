"""What every CustomerCatalog must do, whichever service is behind it (domain/ports.py)."""

from collections.abc import Iterator

import pytest

from o365desk.domain.directory import Domain, TenantId
from o365desk.domain.errors import DeskError, NotFound, ServerFault, Throttled
from o365desk.domain.licensing import Sku, SubscriptionState
from o365desk.services.adapters import one_each
from o365desk.simulator import Fault, FaultKind
from tests.services.practice import CATALOGS, Practice, check_requests, fails_with, practice, sku
from tests.services.signed_in import with_and_without_sign_in


@pytest.fixture(params=with_and_without_sign_in(CATALOGS))
def desk(request: pytest.FixtureRequest) -> Iterator[Practice]:
    name, signs_in = request.param
    made = practice(name, request.getfixturevalue("signed_in") if signs_in else None)
    yield made
    check_requests(made.calls())


async def test_tenants(desk: Practice) -> None:
    found = [tenant async for page in desk.catalog.tenants() for tenant in page]
    customers = {tenant.tenant_id: tenant for tenant in desk.simulator.world.customers}
    if desk.name == "graph direct":
        (own,) = found
        assert own.id == desk.tenant("direct")
        assert own.domain == customers[own.id].default_domain
        assert own.name == customers[own.id].name
    else:
        assert {tenant.id: tenant.name for tenant in found} == {
            id_: tenant.name for id_, tenant in customers.items()
        }
        assert all(tenant.domain for tenant in found)


@pytest.mark.parametrize(
    "purpose",
    ["well_stocked", "suspended", "two_subscriptions", "over_allocated", "group_licensed"],
)
async def test_counters_are_microsofts(desk: Practice, purpose: str) -> None:
    """S43 to S51: one entry a product, its figures summed over the subscriptions."""
    found = await desk.catalog.skus(desk.tenant(purpose))
    truth = desk.truth(purpose)["counts"]
    assert len({entry.id for entry in found}) == len(found)
    assert {entry.id for entry in found} == set(truth)
    for entry in found:
        told = truth[entry.id]
        assert entry.part_number == told["partNumber"]
        assert entry.active == told["enabled"]
        assert entry.assigned == told["consumed"]
        assert entry.available == told["available"]
        assert entry.suspended == told["suspended"]
        assert entry.warning == told["warning"]
        assert entry.name not in ("", entry.part_number, entry.id)


async def test_names_are_those_of_partner_center(desk: Practice) -> None:
    names = {entry.id: entry.name for entry in await desk.catalog.skus(desk.tenant("well_stocked"))}
    assert names[sku("O365_BUSINESS_ESSENTIALS")] == "Microsoft 365 Business Basic"


async def test_skus_for_the_whole_organisation(desk: Practice) -> None:
    found = {entry.id: entry for entry in await desk.catalog.skus(desk.tenant("well_stocked"))}
    assert not found[sku("SHAREPOINTSTORAGE")].assignable
    assert found[sku("SPE_E3")].assignable
    assert found[sku("SPE_E3")].plans


async def test_subscriptions_tied_to_skus(desk: Practice) -> None:
    """S54, S55: all of a product's subscriptions, under the ids Partner Center shows."""
    purpose = "two_subscriptions"
    found = await desk.catalog.subscriptions(desk.tenant(purpose))
    desk.truth(purpose)
    told = desk.simulator.directory.tenant(desk.tenant(purpose)).subscriptions
    assert {s.id.lower(): s.sku_id for s in found} == {t.commerce_id: t.sku_id for t in told}
    business = [s for s in found if s.sku_id == sku("SPB")]
    assert sorted(s.quantity for s in business) == [6, 20]
    assert {s.name for s in business} == {"Microsoft 365 Business Premium"}
    states = {s.state for s in found}
    assert SubscriptionState.ACTIVE in states
    assert all(s.created and s.term_end and s.licensable for s in found)


async def test_s43_azure_and_marketplace_are_marked(desk: Practice) -> None:
    found = await desk.catalog.subscriptions(desk.tenant("well_stocked"))
    apart = [s for s in found if not s.licensable]
    if desk.name == "graph direct":
        assert apart == []  # Graph lists what has a SKU only
    else:
        assert {s.name for s in apart} == {"Azure plan", "Leafcount Inventory"}
        assert {s.sku_id for s in apart} == {None}


async def test_s47_friendly_names_are_kept_apart(desk: Practice) -> None:
    found = await desk.catalog.subscriptions(desk.tenant("well_stocked"))
    assert "Head office suite" not in {s.name for s in found}
    if desk.name != "graph direct":
        assert "Head office suite" in {s.friendly_name for s in found}


async def test_domains(desk: Practice) -> None:
    """The default one first, no unverified ones."""
    purpose = "synced"
    found = list(await desk.catalog.domains(desk.tenant(purpose)))
    told = desk.simulator.directory.tenant(desk.tenant(purpose)).domains
    verified = {domain.name for domain in told if domain.is_verified}
    assert {domain.name for domain in found} == verified
    assert [domain.default for domain in found] == [True] + [False] * (len(found) - 1)
    if desk.name != "partner center":
        default = next(domain.name for domain in told if domain.is_default)
        federated = {domain.name for domain in told if domain.is_federated}
        assert found[0] == Domain(default, default=True)
        assert {domain.name for domain in found if domain.federated} == federated


async def test_unknown_tenant(desk: Practice) -> None:
    nowhere = TenantId("00000000-0000-4000-8000-000000000000")
    with pytest.raises(DeskError):
        await desk.catalog.skus(nowhere)


async def test_faults_pass_through(desk: Practice) -> None:
    tenant = desk.tenant("well_stocked")
    await desk.routes.load()
    desk.fault(Fault(FaultKind.UNAVAILABLE, status=500, times=None))
    await fails_with(desk.catalog.skus(tenant), ServerFault)
    await fails_with(desk.catalog.subscriptions(tenant), ServerFault)
    await fails_with(desk.catalog.domains(tenant), ServerFault)


# ---- Partner Center: one more call a subscription --------------------------------------------


async def test_ties_are_asked_for_once_and_a_few_at_a_time() -> None:
    desk = practice("partner center")
    tenant = desk.tenant("two_subscriptions")
    await desk.catalog.subscriptions(tenant)
    asked = [c for c in desk.calls() if c.path.endswith("provisioningstatus")]
    assert len(asked) == 7
    again = await desk.catalog.subscriptions(tenant)
    assert all(s.sku_id for s in again)
    assert len([c for c in desk.calls() if c.path.endswith("provisioningstatus")]) == 7


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.ANSWER, status=404, body=None, path="*/provisioningstatus"),
        Fault(
            FaultKind.ANSWER, status=200, body={"status": "pending"}, path="*/provisioningstatus"
        ),
        Fault(FaultKind.MISSING_ROLE, path="*/provisioningstatus"),
        Fault(FaultKind.WRONG_JSON, path="*/provisioningstatus"),
        Fault(FaultKind.UNAVAILABLE, status=500, path="*/provisioningstatus", times=None),
    ],
)
async def test_one_subscription_without_a_tie_hides_no_other(fault: Fault) -> None:
    desk = practice("partner center")
    tenant = desk.tenant("two_subscriptions")
    desk.fault(fault)
    found = await desk.catalog.subscriptions(tenant)
    missing = [s for s in found if s.sku_id is None]
    assert len(missing) == (7 if fault.times is None else 1)
    desk.simulator.faults.clear()
    assert all(s.sku_id for s in await desk.catalog.subscriptions(tenant))


async def test_a_throttled_tie_is_told() -> None:
    """Half a table must not look like a whole one because of haste."""
    desk = practice("partner center")
    desk.fault(Fault(FaultKind.THROTTLED, path="*/provisioningstatus", times=None, retry_after=900))
    await fails_with(desk.catalog.subscriptions(desk.tenant("two_subscriptions")), Throttled)


async def test_customer_gone() -> None:
    desk = practice("partner center")
    desk.fault(
        Fault(
            FaultKind.ANSWER,
            status=404,
            path="/customers/*",
            body={"code": 60003, "description": "Tenant not found.", "source": "PartnerFD"},
        )
    )
    await fails_with(desk.catalog.skus(desk.tenant("tiny")), NotFound)


def test_accounts_of_one_sku_are_summed() -> None:
    a = Sku(sku("SPB"), "SPB", "A", 5, 2, 3, 1, 1, subscription_ids=("1", "2"))
    b = Sku(sku("SPB"), "SPB", "A", 7, 3, 4, 0, 2, subscription_ids=("2", "3"))
    other = Sku(sku("SPE_E3"), "SPE_E3", "B")
    assert one_each([a, other, b]) == (
        Sku(sku("SPB"), "SPB", "A", 12, 5, 7, 1, 3, subscription_ids=("1", "2", "3")),
        other,
    )
