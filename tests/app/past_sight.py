"""What a person does and sees with snapshots, for tests: days are chosen in the calendar."""

from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt

from o365desk.app.past import Past
from o365desk.app.robot import seen
from o365desk.domain.snapshots import Snapshot
from o365desk.views.banner import FreshnessBar
from o365desk.views.customer_search import CustomerSearch
from o365desk.views.rail import Place
from o365desk.views.snapshot_calendar import SnapshotCalendar
from tests.app.harness import Running
from tests.seed.sight import in_front

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def freshness(running: Running) -> FreshnessBar:
    return running.program.window.freshness


async def past_of(running: Running) -> Past:
    """What the window does with snapshots, once they are open."""
    await seen(lambda: running.program.past is not None, "the snapshots are open")
    assert running.program.past is not None
    return running.program.past


async def kept(running: Running, count: int = 1) -> Snapshot:
    """Waits until the open customer has so many snapshots; the newest."""
    past = await past_of(running)
    what = f"{count} snapshots of the customer"
    await seen(lambda: len(past.time_line.snapshots) == count, what)
    return past.time_line.snapshots[0]


async def read_again(running: Running, count: int, *, everything: bool = False) -> Snapshot:
    """F5 or Shift+F5, and waits for the snapshot that comes of it, which is the `count`th."""
    await in_front(running)
    before = running.work.read_at
    modifiers = SHIFT if everything else Qt.KeyboardModifier.NoModifier
    running.robot.key(running.program.window, Qt.Key.Key_F5, modifiers)
    await seen(lambda: running.work.read_at != before, "the users are read again")
    return await kept(running, count)


async def opened_calendar(running: Running) -> SnapshotCalendar:
    """The pop-up with the days, from its button."""
    button = freshness(running).snapshots_button
    await seen(button.isVisible, "snapshots are offered")
    running.robot.click(button)
    return await running.robot.opened(SnapshotCalendar)


async def choose(running: Running, at: datetime) -> None:
    """Shows a snapshot: opens the days and goes to its day with the arrow keys, then to its
    time."""
    calendar, robot = await opened_calendar(running), running.robot
    day = at.astimezone().date()
    robot.key(calendar.grid, Qt.Key.Key_End)
    for _ in range(500):
        if calendar._day == day:
            break
        robot.key(calendar.grid, Qt.Key.Key_Left)
    assert calendar._day == day, "the day has no snapshot"
    of_day = [one.at for one in calendar._model.of_day(day)]
    calendar.times.setCurrentRow(of_day.index(at))
    robot.key(calendar.times, Qt.Key.Key_Return)
    await robot.closed(SnapshotCalendar)
    await shown(running, at)


async def shown(running: Running, at: datetime) -> None:
    """Waits until the whole window shows a snapshot."""
    await seen(lambda: running.work.read_at == at, "the users are those of that day")
    await seen(lambda: running.work.subscriptions is not None, "so are the licenses")
    await running.robot.loaded()


async def back_to_live(running: Running) -> None:
    running.robot.click(freshness(running).live_button)
    await seen(lambda: "snapshot" not in freshness(running).text.lower(), "the window is live")
    await running.robot.loaded()
    await seen(lambda: running.work.subscriptions is not None, "the subscriptions are read")


async def go_to(running: Running, place: Place) -> Any:
    """The page of a place, by its shortcut."""
    await in_front(running)
    key = Qt.Key(Qt.Key.Key_1 + list(Place).index(place))
    running.robot.key(running.program.window, key, CONTROL)
    await seen(lambda: running.program.window.place is place, f"{place} is shown")
    return running.program.window._stack.currentWidget()


async def open_search(running: Running) -> CustomerSearch:
    """Ctrl+Shift+F."""
    await in_front(running)
    running.robot.key(running.program.window, Qt.Key.Key_F, CONTROL | SHIFT)
    return await running.robot.opened(CustomerSearch)


async def search_all(running: Running, text: str) -> CustomerSearch:
    """Types a text there; the pop-up, once everything that is found is listed."""
    search = await open_search(running)
    running.robot.type(search._field, text)
    await seen(
        lambda: (
            search._model.total
            and not (search._model.old or search._searching or search._pause.isActive())
        ),
        "something is found",
    )
    return search


def on_screen(running: Running) -> tuple[dict[str, tuple[bool, frozenset[str]]], Any]:
    """Users (deleted or not, SKU ids) and counters as the window holds them."""
    users = {
        str(user.id): (
            user.deleted,
            frozenset(str(one.sku_id) for one in user.licenses or ())
            if not user.deleted
            else frozenset(),
        )
        for user in running.program.desk.users.users
    }
    counters = {str(sku.id): (sku.active, sku.assigned, sku.available) for sku in running.work.skus}
    return users, counters


def in_truth(running: Running, purpose: str) -> tuple[dict[str, tuple[bool, frozenset[str]]], Any]:
    """The same as the directory itself has it now."""
    truth = running.truth(purpose)
    users = {one["id"]: (False, frozenset(one["licenses"])) for one in truth["users"]}
    users |= {one["id"]: (True, frozenset[str]()) for one in truth["deleted"]}
    counters = {
        sku_id: (one["enabled"] + one["warning"], one["consumed"], one["available"])
        for sku_id, one in truth["counts"].items()
    }
    return users, counters
