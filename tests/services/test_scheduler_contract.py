"""The client before a directory that keeps the published limits, in counted time: nothing is ever
refused, whatever is asked at once."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from random import Random

import httpx
import pytest

from o365desk.domain.access import Service
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import AccessDenied
from o365desk.domain.mail import Mail
from o365desk.domain.passwords import Secret
from o365desk.services.api_client import ApiClient
from o365desk.services.graph import GraphUserDirectory
from o365desk.services.mail import GraphMailSender
from o365desk.services.scheduler import Scheduler, background
from o365desk.services.tokens import FixedTokenProvider
from o365desk.simulator import Fault, FaultKind, Simulator, World, build_world
from o365desk.simulator.transport import SimulatorTransport
from o365desk.wire import graph, graph_licensing, graph_sign_ins, graph_users, partner_center
from o365desk.wire.messages import ApiResponse
from tests.services.virtual_time import VirtualLoop, run

START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world("scale", seed=1, start=START, tenants=12, users=60)


class Site:
    """A directory with its limits on, and a client, both living in counted time."""

    def __init__(self, world: World, concurrency: int = 64, *, own: bool = False) -> None:
        self.loop = VirtualLoop()
        self.simulator = Simulator(world, lambda: START + timedelta(seconds=self.loop.time()))
        self.simulator.limits.enforce(mail_seconds=1.5)
        self.own = own
        self.concurrency = concurrency
        self.tenants = [TenantId(customer.tenant_id) for customer in world.customers]

    def run(self, main: Coroutine[None, None, None]) -> float:
        """Seconds it took; afterwards nothing may have gone beyond a limit."""
        run(self._with_client(main), self.loop)
        assert not self.simulator.limits.beyond
        return self.loop.time()

    async def _with_client(self, main: Coroutine[None, None, None]) -> None:
        http = httpx.AsyncClient(transport=SimulatorTransport(self.simulator, latency=0.08))
        self.scheduler = Scheduler(
            concurrency=self.concurrency, random=Random(1).random, clock=self.loop.time
        )
        self.client = ApiClient(
            http,
            FixedTokenProvider(self._token),
            scheduler=self.scheduler,
            clock=self.loop.time,
            now=lambda: START + timedelta(seconds=self.loop.time()),
        )
        try:
            await main
        finally:
            await self.client.aclose()
            self.scheduler.close()

    def _token(self, service: Service, tenant: TenantId | None) -> str:
        if self.own or (service is Service.GRAPH and tenant is not None):
            return f"{'tenant' if self.own else 'partner'}:{tenant or self.tenants[0]}"
        return "partner"


def test_1100_calls_for_one_customer_take_two_windows(world: World) -> None:
    site = Site(world)

    async def ask() -> None:
        request = partner_center.subscriptions(site.tenants[0])
        await asyncio.gather(*(site.client.send(request) for _ in range(1100)))

    assert 120 < site.run(ask()) < 130
    assert site.simulator.limits.most["customer_calls"] == 500


def test_resource_units_in_batches_and_singly(world: World) -> None:
    site = Site(world, own=True)

    async def ask() -> None:
        skus = graph_licensing.subscribed_skus()
        batch = graph.batch({str(n): skus for n in range(20)})
        calls = [site.client.send(batch, site.tenants[1]) for _ in range(100)]
        calls += [site.client.send(skus, site.tenants[1]) for _ in range(500)]
        answers = await asyncio.gather(*calls)
        assert b'"status":429' not in b"".join(answer.body for answer in answers[:100])

    # 7,500 units of a small tenant, which has 3,500 in ten seconds.
    assert 20 < site.run(ask()) < 24
    assert site.simulator.limits.most["tenant_units"] > 3_300


def test_a_larger_tenant_is_known_by_its_listing(world: World) -> None:
    site = Site(world, own=True)

    async def ask() -> None:
        tenant = site.tenants[0]
        users = [u async for page in GraphUserDirectory(site.client).users(tenant) for u in page]
        assert len(users) > 50
        await asyncio.gather(
            *(site.client.send(graph_users.user(users[0].id), tenant) for _ in range(3_600))
        )

    assert site.run(ask()) < 10


def test_last_sign_ins_of_several_customers_share_ten_calls_a_minute(world: World) -> None:
    site = Site(world)

    async def ask() -> None:
        request = graph_sign_ins.sign_ins()
        calls = (site.client.send(request, site.tenants[n % 5]) for n in range(23))
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(one, AccessDenied | ApiResponse) for one in answers)

    assert 120 < site.run(ask()) < 130
    assert site.simulator.limits.most["sign_ins"] == 10
    assert site.simulator.limits.most["reports"] <= 5


def test_forty_mails_at_once(world: World) -> None:
    site = Site(world, own=True)

    async def ask() -> None:
        mail = Mail("ada@contoso.example", "Hello", Secret("World"))
        sender = GraphMailSender(site.client)
        await asyncio.gather(*(sender.send(mail) for _ in range(40)))

    assert 15 < site.run(ask()) < 18
    assert site.simulator.limits.most["mails_at_once"] == 4


def test_refusals_all_the_same_end_well_and_are_not_made_worse(world: World) -> None:
    """Others use the same budget, so the service refuses although this program kept to it."""
    site = Site(world)
    site.simulator.faults.add(
        Fault(FaultKind.THROTTLED, path="*/subscriptions", after=40, times=8, retry_after=4),
        Fault(FaultKind.THROTTLED, face="graph", after=20, times=8, retry_after=2.128),
    )

    async def ask() -> None:
        calls = []
        for tenant in site.tenants:
            for _ in range(20):
                calls.append(site.client.send(partner_center.subscriptions(tenant)))
                calls.append(site.client.send(graph_users.users(), tenant))
        await asyncio.gather(*calls)

    assert 4 < site.run(ask()) < 60
    assert site.simulator.faults.hits == 16


def test_the_user_is_served_within_a_second_while_everything_is_swept(world: World) -> None:
    site = Site(world, concurrency=8)

    async def ask() -> None:
        with background():
            sweep = [
                asyncio.create_task(site.client.send(graph_users.users(), tenant))
                for tenant in site.tenants
                for _ in range(100)
            ]
        await asyncio.sleep(3)
        begun = site.loop.time()
        await site.client.send(graph_users.users(), site.tenants[0])
        assert site.loop.time() - begun < 0.1
        assert not all(task.done() for task in sweep)
        await asyncio.gather(*sweep)

    site.run(ask())
    told = [call.headers.get("x-ms-throttle-priority") for call in site.simulator.calls.recent]
    assert (told.count("high"), told.count("low")) == (1, len(told) - 1)


def test_a_call_given_up_is_still_counted(world: World) -> None:
    """It may have arrived: sent once more at once, the two could be beyond the limit."""
    site = Site(world)

    async def ask() -> None:
        request = partner_center.subscriptions(site.tenants[2])
        calls = [asyncio.create_task(site.client.send(request)) for _ in range(60)]
        await asyncio.sleep(0.05)
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
        await asyncio.gather(*(site.client.send(request) for _ in range(500)))

    assert site.run(ask()) > 60
