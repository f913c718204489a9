"""A scheduler in counted time, and a line of random delays behind it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from o365desk.domain.access import Service
from o365desk.domain.directory import TenantId
from o365desk.services.scheduler import Scheduler, background
from o365desk.wire.messages import ApiRequest, ApiResponse
from tests.services.virtual_time import VirtualLoop, run

PC = Service.PARTNER_CENTER
ONE, TWO = TenantId("11111111-0000-4000-8000-000000000000"), TenantId("2" * 36)


def customer(tenant: TenantId = ONE) -> ApiRequest:
    return ApiRequest(PC, "GET", f"/customers/{tenant}/subscriptions", "x")


def users() -> ApiRequest:
    return ApiRequest(Service.GRAPH, "GET", "/users", "listUsers")


def write() -> ApiRequest:
    return ApiRequest(Service.GRAPH, "PATCH", "/users/1", "updateUser")


@dataclass
class Line:
    """Calls over a line of random delays, and when each arrived at the service."""

    scheduler: Scheduler
    random: Random = field(default_factory=lambda: Random(1))
    slowest: float = 0.5
    arrived: list[tuple[float, str]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def call(
        self,
        request: ApiRequest,
        name: str = "",
        tenant: TenantId | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        place = self.scheduler.place(request, tenant)
        async with self.scheduler.turn(place) as turn:
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
            try:
                await asyncio.sleep(self.random.random() * self.slowest)
                self.arrived.append((now(), name))
                await asyncio.sleep(self.random.random() * self.slowest)
                turn.heard(ApiResponse(200, headers or {}, b""))
            finally:
                self.at_once -= 1

    async def low(self, request: ApiRequest, name: str = "low") -> None:
        with background():
            await self.call(request, name)

    def fullest(self, seconds: float, name: str = "") -> int:
        """The most arrivals in any window of so many seconds."""
        times = [time for time, one in self.arrived if not name or one == name]
        return max(sum(start <= t < start + seconds for t in times) for start in times)


def now() -> float:
    return asyncio.get_running_loop().time()


def scheduler(loop: VirtualLoop, concurrency: int = 8, seed: int = 1) -> Scheduler:
    return Scheduler(concurrency=concurrency, random=Random(seed).random, clock=loop.time)


def in_time(test: Callable[[Scheduler, Line], Awaitable[None]], **options: int) -> float:
    """Runs a coroutine function in counted time; the seconds it took there."""
    loop = VirtualLoop()

    async def main() -> None:
        made = scheduler(loop, **options)
        await test(made, Line(made))
        assert not made.waiting

    run(main(), loop)
    return loop.time()
