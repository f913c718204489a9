"""When the snapshots join a window: behind the first customer, for whom its operator waits."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from o365desk.app.desk import Desk
from o365desk.app.keeping import Keeping
from o365desk.domain.errors import DeskError, Unreachable
from o365desk.domain.history import History

if TYPE_CHECKING:
    from o365desk.app.past import Past

PATIENCE = 5.0
"""Seconds that they wait for the first customer to be read."""

AT_LAST = 2 * PATIENCE
"""Seconds after which an error is told all the same: a prompt of the store of secrets may stand
for minutes."""

PAINT = 0.1
"""Seconds within which the window has painted what was read."""


async def open_behind(keeping: Keeping, desk: Desk) -> "tuple[History, type[Past]]":
    """What is needed for them takes half a second to load, and the store of secrets may ask the
    operator something."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await desk.settled.wait()
    await asyncio.sleep(PAINT)
    history = await keeping.open()
    return history, await asyncio.to_thread(_import_past)


def tell_when_joined(desk: Desk, joining: "asyncio.Task[None]") -> None:
    """Has an error wait until it is known whether there are snapshots to show instead."""

    def away(error: DeskError, retry: Callable[[], object]) -> bool:
        if isinstance(error, Unreachable):
            desk.tasks.read(tell(error, retry), name="wait for the snapshots")
        return isinstance(error, Unreachable)

    async def tell(error: DeskError, retry: Callable[[], object]) -> None:
        await asyncio.wait([joining], timeout=AT_LAST)
        if desk.on_away is away or not desk.on_away(error, retry):
            desk.window.banner.show_error(error, "Try again", retry)

    desk.on_away = away


def _import_past() -> "type[Past]":
    """In a thread: it brings many pages, of which none is shown yet."""
    from o365desk.app.past import Past

    return Past
