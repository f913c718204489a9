"""Active, assigned and available licenses of a product over time, painted as step lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from PySide6.QtCore import QEvent, QLine, QLocale, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QBrush,
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from o365desk.domain.snapshots import CounterPoint, CounterSeries
from o365desk.models.chart_scale import NumberAxis, number_axis, step_line, time_ticks
from o365desk.models.counter_history import LINES, Counter, CounterHistory, Span, read_out
from o365desk.models.words import moment_text
from o365desk.views import theme
from o365desk.views.theme import GRID

NONE = "No snapshot has seen this product yet."

_PEN = 2
_MARKED = 16
"""So many changes can each have a marker without hiding the line; of more, some have."""

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
_RIGHT = (
    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
)
_CENTRE = Qt.AlignmentFlag.AlignCenter

_DASHES: dict[Counter, list[float]] = {
    Counter.ACTIVE: [],
    Counter.ASSIGNED: [5, 3],
    Counter.AVAILABLE: [1, 2],
}
_MARKERS = {
    Counter.ACTIVE: QPolygonF([QPointF(-4, -4), QPointF(4, -4), QPointF(4, 4), QPointF(-4, 4)]),
    Counter.ASSIGNED: QPolygonF([QPointF(0, -5), QPointF(5, 4), QPointF(-5, 4)]),
    Counter.AVAILABLE: QPolygonF([QPointF(0, -5), QPointF(5, 0), QPointF(0, 5), QPointF(-5, 0)]),
}
"""Square, triangle, diamond: with the dashes, colour is never all that tells two lines apart."""


def line_colour(counter: Counter, palette: QPalette) -> QColor:
    """The colour of a line; as dark on a light theme, and as light on a dark one, as text is."""
    if counter is Counter.ACTIVE:
        return palette.color(QPalette.ColorRole.Dark)
    if counter is Counter.ASSIGNED:
        return palette.color(QPalette.ColorRole.Accent)
    return QColor(theme.current().good)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where on the widget the lines are, and what the axes show."""

    plot: QRect
    numbers: NumberAxis
    start: float
    end: float

    def x(self, at: float) -> int:
        return self.columns([at])[0]

    def y(self, value: float) -> int:
        return self.rows([value])[0]

    def columns(self, times: Sequence[float]) -> list[int]:
        """Where moments are, those before the first at the left edge: thousands at a time."""
        left, start = self.plot.left(), self.start
        scale = (self.plot.width() - 1) / (self.end - start)
        return [left + round((at - start) * scale) if at > start else left for at in times]

    def rows(self, values: Sequence[float]) -> list[int]:
        """Where numbers are."""
        bottom, low = self.plot.bottom(), self.numbers.low
        scale = (self.plot.height() - 1) / (self.numbers.high - low)
        return [bottom - round((value - low) * scale) for value in values]

    def time(self, x: float) -> float:
        part = (x - self.plot.left()) / max(self.plot.width() - 1, 1)
        return self.start + part * (self.end - self.start)


class StepChart(QWidget):
    """A read-out of one snapshot above the lines, moved by the mouse, the arrow keys (from change
    to change), Home and End. The lines end at the last snapshot: of later nothing is known."""

    moved = Signal(object)
    """The read-out shows the snapshot of this time (datetime)."""

    span_changed = Signal(object)
    """The chart shows another Span, as it had to show a moment beyond the one before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history: CounterHistory | None = None
        self._name = ""
        self._seen = -1
        """Number of the snapshot that is read out; -1 for none."""
        self._span = Span.ALL
        self._empty = NONE
        self._painted: QPixmap | None = None
        """Everything but the read-out, as it takes long."""
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        font = QFont(self.font())
        font.setFeature(QFont.Tag("tnum"), 1)
        self.setFont(font)
        self._tell()

    # What the dialog tells and asks

    def set_series(self, series: CounterSeries | None, empty: str = NONE) -> None:
        """Another product, or None; `empty`: what then stands in the place of the lines."""
        known = series is not None and series.points
        self._history = CounterHistory(series) if series is not None and known else None
        self._empty = empty
        self._name = "" if series is None else series.name
        self._seen = -1 if self._history is None else len(self._history.seen) - 1
        # Without lines there is nothing for the keys to do.
        focus = Qt.FocusPolicy.NoFocus if self._history is None else Qt.FocusPolicy.StrongFocus
        self.setFocusPolicy(focus)
        self._repaint()
        self._tell()

    @property
    def history(self) -> CounterHistory | None:
        return self._history

    @property
    def span(self) -> Span:
        return self._span

    def set_span(self, span: Span) -> None:
        """How far back the chart shows; what is read out stays, or comes into view."""
        if span is self._span:
            return
        self._span = span
        if self._history is not None:
            start = self._history.window(span)[0]
            first = next(n for n, at in enumerate(self._history.seen) if at >= start)
            if self._seen < first:
                self._read(first)
        self._repaint()
        self.span_changed.emit(span)

    def show_at(self, at: datetime) -> None:
        """Reads out the snapshot of a moment; shows all when that is out of view."""
        if self._history is None:
            return
        if at.timestamp() < self._history.window(self._span)[0]:
            self.set_span(Span.ALL)
        self._read(self._history.nearest_seen(at.timestamp()))

    @property
    def read_at(self) -> datetime | None:
        """The snapshot that is read out."""
        if self._history is None:
            return None
        return self._history.moments[self._seen]

    # The read-out

    def _read(self, seen: int) -> None:
        if seen == self._seen:
            return
        self._seen = seen
        self._tell()
        if self.hasFocus() and QAccessible.isActive():
            said = self.accessibleDescription()
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))
        self.update()
        self.moved.emit(self.read_at)

    def _tell(self) -> None:
        """The same for who does not see it."""
        self.setAccessibleName(f"Licenses of {self._name} over time" if self._name else "Licenses")
        at = self.read_at
        text = self._empty
        if self._history is not None and at is not None:
            text = read_out(at, self._history.point(at), QLocale())
        self.setAccessibleDescription(text)
        changed = QAccessible.Event.DescriptionChanged
        QAccessible.updateAccessibility(QAccessibleEvent(self, changed))

    def _step(self, by: int) -> None:
        """To the next change before or after what is read out."""
        at = self.read_at
        if self._history is None or at is None:
            return
        stops = self._history.stops
        number = self._history.stop_number(at)
        if by < 0 <= number and stops[number].at < at:
            by = 0  # from between two changes to the one before
        self.show_at(stops[min(max(number + by, 0), len(stops) - 1)].at)

    # Events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        history = self._history
        if history is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Left:
            self._step(-1)
        elif event.key() == Qt.Key.Key_Right:
            self._step(+1)
        elif event.key() == Qt.Key.Key_Home:
            self.show_at(history.stops[0].at)
        elif event.key() == Qt.Key.Key_End:
            self.show_at(history.stops[-1].at)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        history = self._history
        if history is None:
            return
        frame = self.frame(history)
        if frame.plot.adjusted(-GRID, 0, GRID, 2 * GRID).contains(event.position().toPoint()):
            at = min(max(frame.time(event.position().x()), frame.start), frame.end)
            self._read(history.nearest_seen(at))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._repaint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self._repaint()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80 * GRID, 36 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(40 * GRID, 20 * GRID)

    # Geometry

    def _line(self) -> int:
        """Height of a line of text."""
        return self.fontMetrics().height() + GRID // 2

    def frame(self, history: CounterHistory) -> Frame:
        """Where on the widget a history is."""
        head = 2 * self._line() + 5 * GRID // 2
        foot = self._line() + 5 * GRID // 2
        height = max(self.height() - head - foot, 4 * GRID)
        start, end = history.window(self._span)
        low, high = history.extremes(start)
        axis = number_axis(low, high, height // (4 * GRID) + 1)
        locale, metrics = QLocale(), self.fontMetrics()
        label = max(metrics.horizontalAdvance(locale.toString(tick)) for tick in axis.ticks)
        left = label + self._line() + GRID
        width = max(self.width() - left - 2 * GRID, 4 * GRID)
        return Frame(QRect(left, head, width, height), axis, start, end)

    # Painting

    def _repaint(self) -> None:
        self._painted = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        history = self._history
        if history is None:
            painter.setPen(self._colour(QPalette.ColorRole.Dark))
            painter.drawText(self.rect(), _CENTRE | Qt.TextFlag.TextWordWrap, self._empty)
        else:
            frame = self.frame(history)
            ratio = self.devicePixelRatioF()
            if self._painted is None or self._painted.devicePixelRatioF() != ratio:
                self._painted = self._paint_all(history, frame, ratio)
            painter.drawPixmap(0, 0, self._painted)
            self._paint_read_out(painter, history, frame)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._colour(QPalette.ColorRole.Accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            edge = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(edge, theme.RADIUS, theme.RADIUS)
        painter.end()

    def _colour(self, role: QPalette.ColorRole) -> QColor:
        return self.palette().color(role)

    def _paint_all(self, history: CounterHistory, frame: Frame, ratio: float) -> QPixmap:
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setFont(self.font())
        self._paint_numbers(painter, frame)
        self._paint_times(painter, frame)
        self._paint_marks(painter, history, frame)
        self._paint_lines(painter, history, frame)
        painter.end()
        return pixmap

    def _paint_numbers(self, painter: QPainter, frame: Frame) -> None:
        locale, plot = QLocale(), frame.plot
        muted = self._colour(QPalette.ColorRole.Dark)
        for tick in frame.numbers.ticks:
            y = frame.y(tick)
            painter.setPen(muted if tick == 0 else self._colour(QPalette.ColorRole.Mid))
            painter.drawLine(plot.left(), y, plot.right(), y)
            painter.setPen(muted)
            label = QRect(0, y - 2 * GRID, plot.left() - GRID, 4 * GRID)
            painter.drawText(label, _RIGHT, locale.toString(tick))
        painter.save()
        painter.rotate(-90)
        painter.drawText(QRect(-plot.bottom(), 0, plot.height(), self._line()), _CENTRE, "licenses")
        painter.restore()

    def _paint_times(self, painter: QPainter, frame: Frame) -> None:
        plot, metrics = frame.plot, painter.fontMetrics()
        usual = metrics.horizontalAdvance("30 Sept 2026") + 2 * GRID
        top, free = plot.bottom() + 2 * GRID, 0
        ticks = time_ticks(frame.start, frame.end, max(plot.width() // usual, 2), QLocale())
        for tick in ticks:
            x, width = frame.x(tick.at), metrics.horizontalAdvance(tick.text)
            painter.setPen(self._colour(QPalette.ColorRole.Mid))
            painter.drawLine(x, plot.top(), x, plot.bottom())
            left = min(max(x - width // 2, 0), self.width() - width - 1)
            if left >= free:
                painter.setPen(self._colour(QPalette.ColorRole.Dark))
                painter.drawText(QRect(left, top, width + 1, self._line()), _LEFT, tick.text)
                free = left + width + GRID

    def _paint_marks(self, painter: QPainter, history: CounterHistory, frame: Frame) -> None:
        """One below the lines for every snapshot, so that it shows when nobody looked."""
        painter.setPen(self._colour(QPalette.ColorRole.Dark))
        top = frame.plot.bottom() + GRID // 2
        seen = [at for at in history.seen if at >= frame.start]
        for x in set(frame.columns(seen)):
            painter.drawLine(x, top, x, top + GRID)

    def _paint_lines(self, painter: QPainter, history: CounterHistory, frame: Frame) -> None:
        part = history.shown(frame.start)
        columns, end = frame.columns(history.times[part]), frame.x(history.seen[-1])
        if len(columns) > frame.plot.width() // _PEN:
            # Steps that lie closer than the line is thick cannot be told apart.
            columns = [x - x % _PEN for x in columns]
        marked = slice(None, None, -(-len(columns) // _MARKED))
        for counter in LINES:
            values = history.values[counter][part]
            corners = step_line(columns, values, end)
            places = zip(corners, frame.rows([value for _x, value in corners]), strict=True)
            treads: list[QLine] = []
            risers: list[QLine] = []
            for (one, above), (other, below) in pairwise((x, y) for (x, _value), y in places):
                (treads if above == below else risers).append(QLine(one, above, other, below))
            if counter is Counter.AVAILABLE:
                self._paint_shortage(painter, treads, frame.y(0))
            # Thin and whole where it rises: the dashes then begin anew on every step.
            painter.setPen(line_colour(counter, self.palette()))
            painter.drawLines(risers)
            painter.setPen(_pen(counter, self.palette()))
            painter.drawLines(treads)
            for x, y in zip(columns[marked], frame.rows(values[marked]), strict=True):
                self._paint_marker(painter, QPoint(x, y), counter)

    def _paint_shortage(self, painter: QPainter, treads: list[QLine], zero: int) -> None:
        """Hatches what lies between zero and the line where more was assigned than there is."""
        brush = QBrush(QColor(theme.current().danger), Qt.BrushStyle.BDiagPattern)
        for tread in treads:
            if tread.y1() > zero:
                below = QRect(tread.x1(), zero, tread.x2() - tread.x1(), tread.y1() - zero)
                painter.fillRect(below, brush)

    def _paint_marker(self, painter: QPainter, where: QPoint, counter: Counter) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._colour(QPalette.ColorRole.Base), 1))
        painter.setBrush(line_colour(counter, self.palette()))
        painter.drawPolygon(_MARKERS[counter].translated(QPointF(where)))
        painter.restore()

    def _paint_read_out(self, painter: QPainter, history: CounterHistory, frame: Frame) -> None:
        at = history.moments[self._seen]
        point = history.point(at)
        x, plot = frame.x(at.timestamp()), frame.plot
        painter.setPen(self._colour(QPalette.ColorRole.Text))
        painter.drawLine(x, plot.top(), x, plot.bottom() + GRID // 2)
        if point is not None:
            for counter in LINES:
                self._paint_marker(painter, QPoint(x, frame.y(counter.of(point))), counter)
        self._paint_head(painter, at, point)

    def _paint_head(self, painter: QPainter, at: datetime, point: CounterPoint | None) -> None:
        """When, and what the lines were then: the legend tells the numbers as well."""
        line = self._line()
        metrics = painter.fontMetrics()
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(self._colour(QPalette.ColorRole.Text))
        when = moment_text(at)
        width = painter.fontMetrics().horizontalAdvance(when)
        painter.drawText(QRect(GRID, GRID, width + 1, line), _LEFT, when)
        painter.setFont(self.font())
        painter.setPen(self._colour(QPalette.ColorRole.Dark))
        room = QRect(2 * GRID + width, GRID, self.width() - width - 3 * GRID, line)
        said = metrics.elidedText(_since(at, point), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _LEFT, said)
        row = QRect(GRID, GRID + line, self.width() - 2 * GRID, line)
        for counter in LINES:
            row.setLeft(row.left() + self._paint_legend(painter, row, counter, point))
        painter.setPen(self._colour(QPalette.ColorRole.Dark))
        middle = row.center().y()
        painter.drawLine(row.left(), middle - GRID // 2, row.left(), middle + GRID // 2)
        painter.drawText(row.adjusted(GRID, 0, 0, 0), _LEFT, "snapshot")

    def _paint_legend(
        self, painter: QPainter, row: QRect, counter: Counter, point: CounterPoint | None
    ) -> int:
        """One line's sample, name and number; answers how wide that is."""
        sample, middle = 4 * GRID, row.center().y()
        painter.setPen(_pen(counter, self.palette()))
        painter.drawLine(row.left(), middle, row.left() + sample, middle)
        self._paint_marker(painter, QPoint(row.left() + sample // 2, middle), counter)
        painter.setPen(self._colour(QPalette.ColorRole.Text))
        number = "–" if point is None else QLocale().toString(counter.of(point))
        text = f"{counter.value} {number}"
        painter.drawText(row.adjusted(sample + GRID // 2, 0, 0, 0), _LEFT, text)
        return sample + 3 * GRID + painter.fontMetrics().horizontalAdvance(text)


def _pen(counter: Counter, palette: QPalette) -> QPen:
    pen = QPen(line_colour(counter, palette), _PEN, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
    if _DASHES[counter]:
        pen.setDashPattern(_DASHES[counter])
    return pen


def _since(at: datetime, point: CounterPoint | None) -> str:
    if point is None:
        return "the product was not there yet"
    return "" if point.at == at else f"unchanged since {moment_text(point.at)}"
