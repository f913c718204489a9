"""What every SignInReader must do, over Graph direct and through GDAP, and what can go wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from o365desk.domain.directory import UserId
from o365desk.domain.errors import (
    AccessDenied,
    Conflict,
    Refusal,
    ServerFault,
)
from o365desk.domain.ports import SignInReader
from o365desk.services.last_sign_ins import GraphSignIns, ResellerSignIns
from o365desk.simulator import Fault, FaultKind
from tests.services.practice import Practice, check_requests, fails_with, practice

READERS = ("graph direct", "graph gdap", "reseller")
PREMIUM = "well_stocked"


@pytest.fixture(params=READERS)
def desk(request: pytest.FixtureRequest) -> Iterator[Practice]:
    made = practice(request.param)
    yield made
    check_requests(made.calls())


def reader(desk: Practice) -> SignInReader:
    graph = GraphSignIns(desk.client)
    return ResellerSignIns(desk.routes, graph) if desk.name == "reseller" else graph


async def read(desk: Practice, purpose: str) -> dict[UserId, datetime | None]:
    found: dict[UserId, datetime | None] = {}
    async for page in reader(desk).sign_ins(desk.tenant(purpose)):
        assert not found.keys() & dict(page).keys()
        found.update(page)
    return found


def listings(desk: Practice) -> list[str]:
    return [call.query for call in desk.calls() if "signInActivity" in call.query]


async def test_everybody_is_told_of_and_some_never_signed_in(desk: Practice) -> None:
    found = await read(desk, PREMIUM)
    tenant = desk.simulator.directory.tenant(desk.tenant(PREMIUM))
    assert found == {
        UserId(user.user_id): user.signed_in and user.signed_in.replace(microsecond=0)
        for user in tenant.users.values()
    }
    assert None in found.values()
    noted = datetime(2023, 12, 1, tzinfo=UTC)
    assert any(when is not None and when < noted for when in found.values()), "no success noted"


async def test_a_large_tenant_comes_in_pages_of_500(desk: Practice) -> None:
    found = await read(desk, "large")
    assert len(found) == len(desk.truth("large")["users"])
    assert len(listings(desk)) == -(-len(found) // 500)


async def test_without_premium_it_is_refused_and_the_users_are_not(desk: Practice) -> None:
    error = await fails_with(read(desk, "tiny"), AccessDenied)
    assert error.refusal is Refusal.NOT_PREMIUM
    assert await desk.everyone("tiny")


async def test_a_page_that_fails_for_good_raises(desk: Practice) -> None:
    desk.fault(Fault(FaultKind.UNAVAILABLE, path="*/users", after=1, times=None))
    pages = aiter(reader(desk).sign_ins(desk.tenant("large")))
    assert len(await anext(pages)) == 500
    await fails_with(anext(pages), ServerFault)


async def test_partner_center_tells_none() -> None:
    desk = practice("reseller")
    tenant = desk.tenant("partner_center_only")
    error = await fails_with(read(desk, "partner_center_only"), Conflict)
    assert error.refusal is Refusal.UNSUPPORTED
    assert not desk.capabilities(tenant).sign_ins_known
    assert listings(desk) == []


async def test_only_its_own_calls_are_in_the_background() -> None:
    desk = practice("graph direct")
    async for _ in reader(desk).sign_ins(desk.tenant(PREMIUM)):
        await desk.catalog.skus(desk.tenant(PREMIUM))
    assert [(call.route, call.headers["x-ms-throttle-priority"]) for call in desk.calls()] == [
        ("/users", "low"),
        ("/subscribedSkus", "high"),
    ]
