"""An error that came before the snapshots had joined the window is never lost."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from o365desk.app import joining
from o365desk.app.joining import tell_when_joined
from o365desk.app.robot import seen
from o365desk.domain.errors import AccessDenied, DeskError, Unreachable
from tests.app.harness import Running, desk

AWAY = Unreachable("Microsoft cannot be reached.", next_step="Check the connection.")


async def never() -> None:
    await asyncio.Event().wait()


async def broken() -> None:
    raise DeskError("The snapshots cannot be opened.")


def told(running: Running) -> list[tuple[str, str]]:
    return [(one.sentence, one.action) for one in running.program.window.banner.messages]


@pytest.mark.parametrize("join", [never, broken], ids=["never", "failed"])
async def test_an_error_is_told_although_the_snapshots_do_not_come(
    join: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "AT_LAST", 0.05)
    async with desk("tiny") as running:
        await seen(lambda: running.program.past, "the snapshots have joined")
        task = asyncio.ensure_future(join())
        tell_when_joined(running.program.desk, task)
        retried: list[int] = []
        away = running.program.desk.on_away
        assert not away(AccessDenied("No."), lambda: None), "of no use where the network is there"
        assert away(AWAY, lambda: retried.append(1))
        await seen(lambda: (AWAY.sentence, "Try again") in told(running), "it is told")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
