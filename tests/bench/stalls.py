"""The longest stall of the window while 100,000 users stream in and the user goes on working; then
while they are kept as a snapshot, shown as one, and compared with another day."""

import asyncio
import statistics
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from o365desk.app.config import Settings
from o365desk.app.connection_book import PRACTICE_DIRECT
from o365desk.app.front import make_front
from o365desk.app.options import Options
from o365desk.app.program import Program
from o365desk.app.report import Reporter
from o365desk.domain.licensing import LicenseAssignment, SkuId
from o365desk.services.product_names import ProductNames
from o365desk.views import theme
from o365desk.views.compare_page import ComparePage
from o365desk.views.rail import Place
from o365desk.views.user_table import UserTableView
from tests.bench.figures import Figure, Goal, by_itself
from tests.bench.screen import application, run, until
from tests.bench.world import Site, Size, all_users

BEAT_MS = 1
ACT_MS = 40


@dataclass
class Heart:
    """A timer that should beat every millisecond: when it is late, the window stood still."""

    gaps: list[float] = field(default_factory=list)
    _last: float = 0.0

    def __post_init__(self) -> None:
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self.gaps = []
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> float:
        """Milliseconds of the longest stall since `start`."""
        self._beat()
        self._timer.stop()
        return max(self.gaps) * 1000 - BEAT_MS

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self._last)
        self._last = now


class Hand:
    """Somebody who scrolls and selects all the time: wheel, clicks, arrow and page keys."""

    def __init__(self, table: UserTableView) -> None:
        self._table = table
        self._count = 0
        self.timer = QTimer()
        self.timer.setInterval(ACT_MS)
        self.timer.timeout.connect(self._act)

    def _act(self) -> None:
        table, viewport = self._table, self._table.viewport()
        self._count += 1
        step = self._count % 8
        if step == 3:
            spot = QPoint(90, 20 + 37 * (self._count % 7))
            QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=spot)
        elif step == 5:
            QTest.keyClick(table, Qt.Key.Key_Down)
        elif step == 7:
            page_down = self._count % 16 != 15
            QTest.keyClick(table, Qt.Key.Key_PageDown if page_down else Qt.Key.Key_PageUp)
        else:
            where = QPointF(viewport.rect().center())
            QApplication.sendEvent(
                viewport,
                QWheelEvent(
                    where,
                    viewport.mapToGlobal(where),
                    QPoint(),
                    QPoint(0, -120 if step < 6 else 120),
                    Qt.MouseButton.NoButton,
                    Qt.KeyboardModifier.NoModifier,
                    Qt.ScrollPhase.NoScrollPhase,
                    False,
                ),
            )


def measure(site: Site, size: Size) -> list[Figure]:
    while_loading: list[float] = []
    afterwards: list[float] = []
    past: dict[str, float] = {}

    async def main() -> int:
        await all_users(site)
        app = application()
        theme.apply(app, theme.LIGHT)
        options = Options(server=site.url, tenant=site.tenant)
        names, reporter = ProductNames(), Reporter()
        front = make_front(PRACTICE_DIRECT, Settings(), names)
        window, model = front.window, front.users
        window.show()
        program = Program(app, front, names, reporter, options)
        async with AsyncExitStack() as stack:
            await program.start(stack)
            session, heart, hand = program.desk.session, Heart(), Hand(window.users.table)

            def complete() -> bool:
                return session.work is not None and session.work.complete

            await until(complete)
            tenant = program.controller.tenants[0]
            for _ in range(size.rounds):
                program.controller.open_tenant(tenant)
                heart.start()
                hand.timer.start()
                await until(complete)
                while_loading.append(heart.stop())
                assert model.total >= site.users
                heart.start()
                await asyncio.sleep(size.seconds)
                afterwards.append(heart.stop())
                hand.timer.stop()
            past.update(await _with_snapshots(program, size))
            await program.finish()
        assert reporter.bugs == 0
        window.deleteLater()
        return 0

    run(main)
    return [
        by_itself(
            f"longest stall while {site.users:,} users stream in, over that of a full list",
            statistics.median(while_loading),
            "ms",
            statistics.median(afterwards),
            Goal(16, " ms", at_most=48),
        ),
        *(
            by_itself(
                f"longest stall while {site.users:,} users are {what}",
                stall,
                "ms",
                statistics.median(afterwards),
                Goal(16, " ms", at_most=48),
            )
            for what, stall in past.items()
        ),
    ]


async def _with_snapshots(program: Program, size: Size) -> dict[str, float]:
    """Milliseconds, the median of some rounds, by what is done with the users meanwhile."""
    await until(lambda: program.past is not None)
    past, session, heart = program.past, program.desk.session, Heart()
    assert past is not None
    window, history = program.window, past.history
    kept: list[object] = []
    past.recorder.on_recorded.append(lambda: kept.append(None))
    await until(lambda: bool(past.time_line.snapshots))

    async def stall(begin: Callable[[], object], ended: Callable[[], bool]) -> float:
        await asyncio.sleep(size.seconds / 10)
        heart.start()
        begin()
        await until(ended)
        await asyncio.sleep(size.seconds / 10)
        return heart.stop()

    def complete() -> bool:
        return session.work is not None and session.work.complete

    async def keep() -> float:
        count = len(kept)
        work = session.work
        assert work is not None
        return await stall(lambda: past.recorder.readings_ended(work), lambda: len(kept) > count)

    async def show() -> float:
        newest = past.time_line.snapshots[0].at
        return await stall(lambda: past.time_line.show(newest), complete)

    found: dict[str, list[float]] = {
        "kept as a snapshot": [await keep() for _ in range(size.rounds)]
    }
    found["shown as a snapshot"] = [await show() for _ in range(size.rounds)]
    # Everybody moves to another product.
    state = await history.state(program.controller.tenants[0].id)
    product = (LicenseAssignment(SkuId("another")),)
    users = tuple(user._replace(licenses=product) for user in state.users)
    await history.record(replace(state, at=session.now(), users=users))
    del state, users
    past.time_line.changed()
    count = len(past.time_line.snapshots)
    await until(lambda: len(past.time_line.snapshots) > count)
    window.go_to(Place.COMPARE)
    page = window.findChild(ComparePage)
    assert isinstance(page, ComparePage)
    moved, same, first = (one.at for one in past.time_line.snapshots[:3])

    async def compare() -> float:
        past.compare.show(first, same)
        await until(lambda: not page.changes.total and page.pair == (first, same))
        return await stall(
            lambda: past.compare.show(first, moved),
            lambda: page.changes.total > 0 and not page.changes.working,
        )

    found["compared with a day when all held something else"] = [
        await compare() for _ in range(size.rounds)
    ]
    return {what: statistics.median(stalls) for what, stalls in found.items()}
