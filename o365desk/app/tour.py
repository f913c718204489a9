"""Scripts that stand in for a person at the window: a picture of it, and a tour of the program."""

import asyncio
from pathlib import Path

from o365desk.app.desk import Desk
from o365desk.app.picture import picture
from o365desk.app.robot import Robot, seen
from o365desk.app.tour_day import CUSTOMER, PERSON, DaySteps
from o365desk.app.tour_past import PastSteps
from o365desk.app.walk import Walk, everything_read
from o365desk.domain.ports import Origin


async def take_screenshot(desk: Desk, path: Path) -> int:
    """Waits until a customer is read and kept, and writes a picture of the window. Exit status."""
    robot = Robot(desk.window)
    await seen(lambda: desk.session.tenants, "the customers are read")
    if desk.session.work is None:
        await robot.open_tenant(CUSTOMER)
    await everything_read(desk, robot)
    await seen(desk.window.rail.search.isVisible, "the snapshots have joined")
    if desk.session.backend.origin is not Origin.SNAPSHOT:
        await seen(lambda: desk.window.freshness.kept_text, "it is known whether it is kept")
    work = desk.session.work
    await seen(lambda: work is not None and not work.scope.busy, "what was seen before is read")
    await asyncio.sleep(0.05)
    shown = robot.user(PERSON)
    if shown is not None:
        robot.table.select_user(shown.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    return 0 if picture(desk.window).save(str(path)) else 1


async def walk(desk: Desk, folder: Path) -> int:
    """The tour: a reseller's day in numbered pictures, files and a transcript. Exit status 0 only
    when every step was seen to work."""
    through = Walk(desk, folder)
    day, past = DaySteps(through), PastSteps(through)
    dark = [("The same in the dark theme", day.dark), ("Other places in it", past.dark)]
    return await through.through([*day.steps(), *past.steps(), *dark])
