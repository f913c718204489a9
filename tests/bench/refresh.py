"""The second refresh of 100,000 users of whom 100 have changed, over listing all of them."""

import asyncio
import statistics
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx

from o365desk.app.config import Settings
from o365desk.app.connection_book import PRACTICE_DIRECT
from o365desk.app.front import make_front
from o365desk.app.options import Options
from o365desk.app.program import Program
from o365desk.app.report import Reporter
from o365desk.domain.directory import UserEdit, UserId
from o365desk.services.product_names import ProductNames
from o365desk.views import theme
from o365desk.wire import graph_user_writes
from tests.bench.figures import Figure, Goal, against_floor, by_itself
from tests.bench.screen import application, run, until
from tests.bench.stalls import Heart
from tests.bench.world import Site, Size, all_users, client_of

CHANGES = 100
AT_ONCE = 8


@dataclass
class _Taken:
    """What each round of one kind took."""

    seconds: list[float] = field(default_factory=list)
    trips: list[float] = field(default_factory=list)
    counted: list[float] = field(default_factory=list)
    """Requests as Microsoft counts them: the items of a batch one by one."""
    stalls: list[float] = field(default_factory=list)


def measure(site: Site, size: Size) -> list[Figure]:
    refreshed, listed = _Taken(), _Taken()

    async def main() -> int:
        users = [user.id for user in await all_users(site)]
        app = application()
        theme.apply(app, theme.LIGHT)
        options = Options(server=site.url, tenant=site.tenant)
        names, reporter = ProductNames(), Reporter()
        front = make_front(PRACTICE_DIRECT, Settings(), names)
        front.window.show()
        program = Program(app, front, names, reporter, options)
        async with AsyncExitStack() as stack, httpx.AsyncClient(trust_env=False) as http:
            await program.start(stack)
            await until(lambda: program.desk.session.work is not None)
            await _ended(program)
            for number in range(size.rounds):
                changed = users[number * CHANGES : (number + 1) * CHANGES]
                await _change(site, changed, f"Round {number}")
                await _take(http, site, program, program.controller.refresh, refreshed)
                shown = [program.desk.users.user(user) for user in changed]
                assert all(u is not None and u.display_name == f"Round {number}" for u in shown)
                await all_users(site)  # the server has its pages ready again
                everything = program.front.window.everything_requested.emit
                await _take(http, site, program, everything, listed)
            await program.finish()
        assert reporter.bugs == 0
        front.window.deleteLater()
        return 0

    run(main)
    what = f"{CHANGES} changes among {site.users:,} users"
    return [
        against_floor(
            f"time to read {what}, over listing everybody",
            statistics.median(refreshed.seconds),
            "s",
            statistics.median(listed.seconds),
            Goal(0.1, at_most=0.25),
        ),
        against_floor(
            f"round trips to read {what}, over listing everybody",
            statistics.median(refreshed.trips),
            "",
            statistics.median(listed.trips),
            Goal(0.15),
        ),
        by_itself(
            "the same, the items of a batch counted one by one",
            statistics.median(refreshed.counted),
            "",
            statistics.median(listed.counted),
        ),
        by_itself(
            "longest stall while the changes are read and shown, over that of a listing",
            statistics.median(refreshed.stalls),
            "ms",
            statistics.median(listed.stalls),
            Goal(16, " ms", at_most=48),
        ),
    ]


async def _change(site: Site, users: list[UserId], name: str) -> None:
    """Somebody else gives users another name."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(user: UserId) -> None:
        async with gate:
            edit = UserEdit(display_name=name)
            await client.send(graph_user_writes.edit_user(user, edit), site.tenant)

    async with client_of(site) as client:
        await asyncio.gather(*map(one, users))


async def _take(
    http: httpx.AsyncClient,
    site: Site,
    program: Program,
    start: Callable[[], object],
    taken: _Taken,
) -> None:
    work = program.desk.session.work
    assert work is not None
    before, read_at = await _calls(http, site), work.read_at
    loop, heart = asyncio.get_running_loop(), Heart()
    heart.start()
    begun = loop.time()
    start()
    await until(lambda: work.read_at != read_at)
    taken.seconds.append(loop.time() - begun)
    taken.stalls.append(heart.stop())
    await _ended(program)
    calls = await _calls(http, site)
    counted = sum(calls.values()) - sum(before.values())
    # The program reads single users in batches only: what else is noted of them are the items.
    items = calls.get("/users/{id}", 0) - before.get("/users/{id}", 0)
    envelopes = calls.get("/$batch", 0) - before.get("/$batch", 0)
    taken.counted.append(counted - envelopes)
    taken.trips.append(counted - items)


async def _ended(program: Program) -> None:
    """Everything is read, and nothing is under way."""
    work = program.desk.session.work
    assert work is not None
    await until(lambda: work.complete and work.subscriptions is not None)
    await until(lambda: not work.scope.busy)


async def _calls(http: httpx.AsyncClient, site: Site) -> dict[str, int]:
    """Reads that the server has noted, by route."""
    answer = await http.get(f"{site.url}/practice/calls")
    return {
        row["route"]: row["count"]
        for row in answer.json()["calls"]
        if row["method"] == "GET" or row["route"] == "/$batch"
    }
