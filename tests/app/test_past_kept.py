"""What stays on the disk from one start to the next, and for how long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from o365desk.app.keeping import Keeping
from o365desk.app.profile import Profile, in_folder
from o365desk.app.robot import seen
from o365desk.domain.retention import Retention
from tests.app.kept_desk import OWN, kept_desk, secrets_in
from tests.app.past_sight import kept, past_of
from tests.services.sign_in_world import MemoryStore


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return in_folder(tmp_path / "profile")


AGES = (900, 880, 500, 499.9, 399, 100.2, 100, 36, 34.2, 34, 1)
"""Days before today of the snapshots of earlier runs."""


async def test_the_first_reading_of_a_start_thins_out_what_is_old(profile: Profile) -> None:
    with secrets_in(MemoryStore()):
        async with kept_desk(profile, "tiny") as running:
            await kept(running)
            tenant = running.work.tenant.id
            history = (await past_of(running)).history
            state = await history.state(tenant)
            await history.forget(tenant)
        keeping = Keeping(OWN, profile)
        history = await keeping.open()
        noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        times = [noon - timedelta(days=age) for age in AGES]
        for at in times:
            await history.record(replace(state, at=at))
        await keeping.aclose()
        async with kept_desk(profile) as running:
            past = await past_of(running)
            await seen(
                lambda: (
                    past.time_line.snapshots
                    and past.time_line.snapshots[0].at > noon - timedelta(hours=20)
                ),
                "it is read",
            )
            now = past.time_line.snapshots[0].at
            wanted = Retention().kept([*times, now], now, None)
            assert len(wanted) < len(times)
            await seen(
                lambda: {one.at for one in past.time_line.snapshots} == wanted,
                "what need not be kept is gone",
            )
