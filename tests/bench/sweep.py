"""Every customer of a reseller read once, in the background, over the least time that the line
and the published limits allow."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
from PySide6.QtWidgets import QApplication

from o365desk.app import loop
from o365desk.domain.access import Service
from o365desk.domain.directory import TenantId
from o365desk.services.api_client import ApiClient
from o365desk.services.graph import GraphCatalog, GraphUserDirectory
from o365desk.services.http_link import open_http
from o365desk.services.partner_center import PartnerCenterCatalog, PartnerCenterUserDirectory
from o365desk.services.product_names import ProductNames
from o365desk.services.reseller import GraphRoutes, ResellerCatalog, ResellerDirectory
from o365desk.services.scheduler import Scheduler, background
from o365desk.services.tokens import FixedTokenProvider
from tests.bench.figures import Figure, Goal, against_floor, by_itself
from tests.bench.world import Site, Size, environment

LATENCY = 0.08
PLACES = 12
"""Requests at once, of which two are kept for the user: the ten others make 125 calls a second,
which is far below what Graph allows an application, and about what one processor can do."""

AT_ONCE = 16
"""Tenants read at the same time: enough to keep every place on the line taken."""


def measure(_site: Site, size: Size) -> list[Figure]:
    """Its directory is its own: that of the other measurements answers at once."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    found: list[Figure] = []

    async def once() -> int:
        with directory(size.tenants) as url:
            found.extend(await _sweep(url, size.tenants))
        return 0

    loop.run(app, once)
    return found


@contextmanager
def directory(tenants: int) -> Iterator[str]:
    """The address of the directory, which runs in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.sweep_server", str(tenants), str(LATENCY)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=environment(), **pipes) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


async def _sweep(url: str, tenants: int) -> list[Figure]:
    scheduler = Scheduler(concurrency=PLACES)
    hosts = {Service.GRAPH: f"{url}/v1.0", Service.PARTNER_CENTER: f"{url}/v1"}
    client = ApiClient(open_http, FixedTokenProvider(_token), hosts=hosts, scheduler=scheduler)
    try:
        start = time.perf_counter()
        with background():
            users = await _read_all(client)
        taken = time.perf_counter() - start
    finally:
        await client.aclose()
        scheduler.close()
    assert len(users) == tenants
    assert all(users)
    async with httpx.AsyncClient(trust_env=False) as plain:
        calls = (await plain.get(f"{url}/practice/calls")).json()["calls"]
        limits = (await plain.get(f"{url}/practice/limits")).json()
    assert limits["enforced"]
    requests = sum(call["count"] for call in calls)
    # Every request takes one place for one latency, there are so many places; and what was
    # counted in one limit needs so many windows of it, whoever sends it.
    line = requests * LATENCY / scheduler.most_background
    floor = max(line, limits["least_seconds"])
    what = f"a sweep of {tenants:,} tenants ({requests:,} requests)"
    beyond = sum(limits["beyond"].values())
    return [
        against_floor(f"{what}, over the least time allowed", taken, "s", floor, Goal(1.25)),
        by_itself(f"requests beyond the published limits in {what}", beyond, "", None, Goal(0)),
    ]


async def _read_all(client: ApiClient) -> list[int]:
    """Reads users, deleted users, products and subscriptions of every customer; how many users
    each has."""
    names = ProductNames()
    routes = GraphRoutes(client)
    people = ResellerDirectory(
        routes, GraphUserDirectory(client), PartnerCenterUserDirectory(client)
    )
    owned = ResellerCatalog(
        routes, GraphCatalog(client, names), PartnerCenterCatalog(client, names)
    )
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(tenant: TenantId) -> int:
        async with gate:
            users, _, skus, subscriptions = await asyncio.gather(
                _count(people.users(tenant)),
                _count(people.deleted_users(tenant)),
                owned.skus(tenant),
                owned.subscriptions(tenant),
            )
        assert all(subscription.sku_id for subscription in subscriptions)
        assert skus
        return users

    found = [tenant.id async for page in owned.tenants() for tenant in page]
    return await asyncio.gather(*(one(tenant) for tenant in found))


async def _count(pages: AsyncIterator[Sequence[object]]) -> int:
    return sum([len(page) async for page in pages])


def _token(service: Service, tenant: TenantId | None) -> str:
    if service is Service.GRAPH and tenant is not None:
        return f"partner:{tenant}"
    return "partner"
