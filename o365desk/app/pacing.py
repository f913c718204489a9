"""Keeping background calls within a service's published limit."""

import asyncio
from collections.abc import Awaitable, Callable


class Pace:
    """Lets `burst` calls through at once and `per_minute` after that.

    Partner Center answers 500 requests a minute and tenant
    (learn.microsoft.com/partner-center/developer/api-throttling-guidance).
    """

    def __init__(
        self,
        per_minute: int = 420,
        burst: int = 60,
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval = 60 / per_minute
        self._allowance = burst * self._interval
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._sleep = sleep
        self._next = float("-inf")

    async def turn(self) -> None:
        """Returns when the next call may be made."""
        now = self._clock()
        self._next = max(self._next, now - self._allowance) + self._interval
        if self._next > now:
            await self._sleep(self._next - now)
