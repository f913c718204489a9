"""100,000 users from the server into rows ready for the table, over receiving the same bytes."""

import os
import statistics
import subprocess
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from o365desk.app import loop
from o365desk.app.garbage import GarbageTimer
from o365desk.models.users import UserTableModel
from o365desk.services.api_client import ApiClient
from o365desk.services.product_names import ProductNames
from o365desk.wire import graph, graph_users
from o365desk.wire.messages import ApiRequest, ApiResponse, Page
from tests.bench.figures import Figure, Goal, against_floor
from tests.bench.world import Site, Size, all_users, client_of, listing

SDK_PYTHON = "O365DESK_BENCH_SDK_PYTHON"
"""Names a Python that has msgraph-sdk; without it that comparison is left out."""

SDK_USERS = 1_998
"""Two pages: the SDK needs some 15 seconds for each."""


def measure(site: Site, size: Size) -> list[Figure]:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    ours: list[float] = []
    floor: list[float] = []

    async def rounds() -> int:
        await all_users(site)
        async with client_of(site) as client:
            for _ in range(size.rounds):
                floor.append(await _receive(client, site))
                ours.append(await _list(client, site))
        return 0

    loop.run(app, rounds)
    value = statistics.median(ours)
    figures = [
        against_floor(
            f"list {site.users:,} users into rows, over receiving their bytes",
            value,
            "s",
            statistics.median(floor),
            Goal(2.0, at_most=3.0),
        )
    ]
    sdk = _sdk_rate(site)
    if sdk is not None:
        name = "users listed a second, over msgraph-sdk's"
        goal = Goal(100.0, at_least=True)
        figures.append(against_floor(name, site.users / value, "users/s", sdk, goal))
    return figures


async def _receive(client: ApiClient, site: Site) -> float:
    """The floor: every page arrives whole, only its next link is looked for."""
    request = listing()
    peek = partial(graph.peek_next, request=request)

    def unparsed(response: ApiResponse, request: ApiRequest) -> Page[int]:
        return Page((len(response.body),), graph.peek_next(response.body, request))

    start = time.perf_counter()
    async for _ in client.pages(request, unparsed, site.tenant, peek=peek):
        pass
    return time.perf_counter() - start


async def _list(client: ApiClient, site: Site) -> float:
    """What the program does, except for painting: texts, search texts and order included."""
    request = listing()
    model = UserTableModel(ProductNames().name)
    model.sort(0, Qt.SortOrder.AscendingOrder)
    garbage = GarbageTimer()
    garbage.start()
    start = time.perf_counter()
    with garbage.held():
        peek = partial(graph.peek_next, request=request)
        pages = client.pages(request, graph_users.UserPages(), site.tenant, peek=peek)
        async for page in pages:
            model.append(page)
        model.settle()
    taken = time.perf_counter() - start
    garbage.stop()
    assert model.rowCount() == site.users
    return taken


def _sdk_rate(site: Site) -> float | None:
    """Users a second of Microsoft's own library, over the same pages."""
    python = os.environ.get(SDK_PYTHON, "")
    if not python:
        print(f"skipped: msgraph-sdk ({SDK_PYTHON} names no Python that has it)", flush=True)
        return None
    script = Path(__file__).with_name("sdk_listing.py")
    count = min(SDK_USERS, site.users)
    done = subprocess.run(
        [python, str(script), site.url, site.tenant, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        print("skipped: msgraph-sdk (its listing failed)", flush=True)
        return None
    return float(done.stdout.split()[-1])
