"""The little lines in the Licenses section: how many licenses were available, over time."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, QRect, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPalette

from o365desk.domain.licensing import SkuId
from o365desk.domain.snapshots import CounterSeries
from o365desk.models.chart_scale import step_line
from o365desk.views import theme
from o365desk.views.theme import GRID

WIDTH, HEIGHT = 8 * GRID, 2 * GRID

_AT_ONCE = 2000
"""Points for which there is time before the window has to answer again."""


@dataclass(frozen=True, slots=True)
class _Line:
    """Corners within the little rectangle, and where zero is if the line goes below it."""

    corners: list[QPoint]
    zero: int | None
    over: bool
    """Over-allocated at the end."""


class Sparklines(QObject):
    """A line for each product that was seen more than once, as wide as the product's own history
    and as high as its own numbers, zero included. They are made a few at a time, and painting
    only looks them up."""

    ready = Signal()
    """There are more lines than before."""

    def __init__(self, series: Iterable[CounterSeries], parent: QObject) -> None:
        super().__init__(parent)
        self._waiting = [one for one in series if one.points and len(one.seen) > 1]
        self._lines: dict[SkuId, _Line] = {}
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)
        self._timer.start(0)

    def paint(self, painter: QPainter, place: QRect, sku_id: SkuId, palette: QPalette) -> None:
        """Draws the line of a product, if there is one, in the middle of the left of `place`."""
        line = self._lines.get(sku_id)
        if line is None:
            return
        left, top = place.left(), place.center().y() - HEIGHT // 2 + 1
        painter.translate(left, top)
        if line.zero is not None:
            painter.setPen(palette.color(QPalette.ColorRole.Mid))
            painter.drawLine(0, line.zero, WIDTH, line.zero)
        painter.setPen(palette.color(QPalette.ColorRole.Dark))
        painter.drawPolyline(line.corners)
        end = line.corners[-1]
        dot = QColor(theme.current().danger) if line.over else painter.pen().color()
        painter.fillRect(end.x() - 1, end.y() - 1, 3, 3, dot)
        painter.translate(-left, -top)

    def _go_on(self) -> None:
        points = 0
        while self._waiting and points < _AT_ONCE:
            series = self._waiting.pop()
            points += len(series.points)
            self._lines[series.sku_id] = _line(series)
        if not self._waiting:
            self._timer.stop()
        self.ready.emit()


def _line(series: CounterSeries) -> _Line:
    times = [point.at.timestamp() for point in series.points]
    values = [point.available for point in series.points]
    start, end, last = times[0], series.seen[-1].timestamp(), WIDTH - 2
    across = (WIDTH - 3) / max(end - start, 1)
    low, high = min(0, *values), max(0, *values)
    up = (HEIGHT - 3) / max(high - low, 1)
    columns = [1 + round((at - start) * across) for at in times]
    corners = [
        QPoint(x, HEIGHT - 2 - round((value - low) * up))
        for x, value in step_line(columns, values, last)
    ]
    zero = HEIGHT - 2 - round(-low * up) if low < 0 else None
    return _Line(corners, zero, values[-1] < 0)
