"""A scheduler's `o365desk sync` beside an open window: both work on the same snapshots."""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from o365desk.app.options import ExitStatus
from o365desk.app.profile import Profile, in_folder
from o365desk.app.robot import seen
from o365desk.views.portfolio_page import PortfolioPage
from o365desk.views.rail import Place
from tests.app.kept_desk import kept_desk, secrets_in
from tests.app.past_sight import choose, go_to, kept, past_of, read_again
from tests.services.sign_in_world import MemoryStore


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return in_folder(tmp_path / "profile")


@contextmanager
def sync(profile: Profile, store: MemoryStore, *, slow: float = 0) -> Iterator["Popen[str]"]:
    """The process; killed at the end if it still runs. `slow`: seconds for each customer."""
    process = Popen(
        [sys.executable, "-m", "tests.app.sync_start", str(profile.settings), str(slow)],
        stdin=PIPE,
        stderr=PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps([[*one, key] for one, key in store.entries.items()]) + "\n")
    process.stdin.flush()
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def lines(process: "Popen[str]", count: int) -> list[str]:
    """The next lines of progress."""
    assert process.stderr is not None
    return [await asyncio.to_thread(process.stderr.readline) for _ in range(count)]


async def test_a_window_reads_while_a_sync_beside_it_keeps_every_customer(
    profile: Profile,
) -> None:
    with secrets_in(MemoryStore()) as store:
        async with kept_desk(profile, "tiny") as running:
            first, history = await kept(running), (await past_of(running)).history
            tenant, total = running.work.tenant.id, len(running.program.controller.tenants)
            with sync(profile, store) as process:
                ending = asyncio.ensure_future(asyncio.to_thread(process.communicate))
                while not ending.done():
                    assert (await history.state(tenant, first.at)).users
                    await asyncio.sleep(0.02)
                told = (await ending)[1]
                assert process.returncode == ExitStatus.DONE, told
            assert f"{total} of {total} customers read, 0 failed." in told
            page = await go_to(running, Place.PORTFOLIO)
            assert isinstance(page, PortfolioPage)
            await seen(lambda: page.model.rowCount() == total, "all customers are known here")
            await go_to(running, Place.USERS)
            await read_again(running, 3)
            between = (await past_of(running)).time_line.snapshots[1]
            await choose(running, between.at)
            simulator = running.simulator
        async with kept_desk(profile, offline=True, simulator=simulator) as running:
            await seen(lambda: len(running.program.controller.tenants) == total, "and offline")


async def test_a_sync_that_is_stopped_keeps_whom_it_has_read(profile: Profile) -> None:
    with secrets_in(MemoryStore()) as store:
        async with kept_desk(profile, "tiny") as running:
            await kept(running)
            history = (await past_of(running)).history
            with sync(profile, store, slow=0.2) as process:
                said = await lines(process, 3)
                process.send_signal(signal.SIGINT)
                rest = (await asyncio.to_thread(process.communicate))[1]
                assert process.returncode == ExitStatus.SOME_FAILED
                assert rest.splitlines()[-1] == "Stopped."
            names = {one.name for one in await history.tenants()}
            assert {one.split("  ")[1].split(":")[0] for one in said} <= names
            assert await history.check() == ""
