"""The longest stall of the window while 100,000 users stream in and the user goes on working."""

import asyncio
import statistics
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

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
from o365desk.services.product_names import ProductNames
from o365desk.views import theme
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
        )
    ]
