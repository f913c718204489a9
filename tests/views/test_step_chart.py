"""StepChart: steps where they must be, read by mouse, by keyboard and by screen readers."""

from datetime import datetime

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from o365desk.domain.snapshots import CounterSeries
from o365desk.models.counter_history import LINES, Counter, CounterHistory, Span
from o365desk.views import theme
from o365desk.views.step_chart import NONE, StepChart, line_colour
from tests.models.counters import VISIO, day, long_series, point, series

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.usefixtures("british"),
]

Key = Qt.Key


@pytest.fixture
def chart(qtbot: QtBot, look: theme.Theme) -> StepChart:
    made = StepChart()
    qtbot.addWidget(made)
    made.resize(640, 320)
    made.show()
    qtbot.waitExposed(made)
    made.set_series(VISIO)
    return made


def rows_of(image: QImage, x: int, colour: QColor) -> list[int]:
    """Where a column of pixels has a colour."""
    return [y for y in range(image.height()) if image.pixelColor(x, y).rgb() == colour.rgb()]


def height_of(chart: StepChart, at: datetime, counter: Counter) -> int:
    """Where the line of a counter is around a moment; dots leave gaps between them."""
    history = chart.history
    assert history is not None
    frame = chart.frame(history)
    middle = frame.x(at.timestamp())
    image = chart.grab().toImage()
    colour = line_colour(counter, chart.palette())
    plot = range(frame.plot.top(), frame.plot.bottom() + 1)
    found = {
        y for x in range(middle - 6, middle + 7) for y in rows_of(image, x, colour) if y in plot
    }
    assert found, "nothing is painted there"
    assert max(found) - min(found) <= 2, "a line that is level"
    return min(found)


@pytest.mark.parametrize("counter", [Counter.ASSIGNED, Counter.AVAILABLE])
def test_the_line_steps_where_the_counter_moved(chart: StepChart, counter: Counter) -> None:
    first, second, third = (height_of(chart, day(at), counter) for at in (6, 25, 50))
    up = counter is Counter.ASSIGNED
    assert (first > second > third) == up
    assert (first < second < third) == (not up)
    # 8 seats and then 5: the steps are as high as that.
    assert (second - first) / (third - second) == pytest.approx(8 / 5, abs=0.1)
    assert height_of(chart, day(35), counter) == second, "level until it was seen to move"


def test_zero_is_marked_and_what_is_below_it(chart: StepChart, look: theme.Theme) -> None:
    history = chart.history
    assert history is not None
    frame = chart.frame(history)
    image = chart.grab().toImage()
    zero = frame.y(0)
    x = frame.x(day(30).timestamp()) + 1
    assert image.pixelColor(x, zero).name() == look.muted
    below = image.copy(frame.x(day(45).timestamp()), zero + 1, 20, frame.y(-3) - zero - 3)
    assert rows_with(below, look.danger)
    before = image.copy(frame.x(day(25).timestamp()), zero + 1, 20, frame.y(-3) - zero - 3)
    assert not rows_with(before, look.danger)


def rows_with(image: QImage, colour: str) -> bool:
    wanted = QColor(colour)
    return any(rows_of(image, x, wanted) for x in range(image.width()))


def test_the_lines_end_with_the_last_snapshot(chart: StepChart) -> None:
    """And begin with the first that knew the product."""
    chart.set_series(series(point(30, 20, 12), seen=(day(0), day(30), day(60))))
    history = chart.history
    assert history is not None
    frame = chart.frame(history)
    image = chart.grab().toImage()
    level, assigned = frame.y(12), line_colour(Counter.ASSIGNED, chart.palette())
    inked = [x for x in range(8, image.width() - 8) if level in rows_of(image, x, assigned)]
    begin, end = (frame.x(day(at).timestamp()) for at in (30, 60))
    assert begin - 6 <= min(inked) <= begin + 6
    assert end - 10 <= max(inked) <= end + 6
    assert end == frame.plot.right()


def test_a_mark_for_every_snapshot_and_none_between(chart: StepChart, look: theme.Theme) -> None:
    history = chart.history
    assert history is not None
    frame = chart.frame(history)
    chart.show_at(day(0))
    image = chart.grab().toImage()
    y = frame.plot.bottom() + theme.GRID
    marked = [
        x
        for x in range(frame.plot.left() + 2, frame.plot.right() + 2)
        if image.pixelColor(x, y).name() == look.muted
    ]
    assert marked == [frame.x(day(at).timestamp()) for at in (5, 10, 20, 40, 60)]


def test_lines_are_told_apart_without_colour(chart: StepChart) -> None:
    """Thousands of steps leave nothing of the dashes: markers, each of its own shape, are what
    makes the line thick in places."""
    chart.set_series(series(*(point(n, 1000, 300 + n % 2) for n in range(2000))))
    history = chart.history
    assert history is not None
    frame = chart.frame(history)
    image = chart.grab().toImage()
    colour = line_colour(Counter.ACTIVE, chart.palette())
    level = frame.y(1000)
    thick = [
        x
        for x in range(frame.plot.left() + 8, frame.plot.right() - 8)
        if {level - 3, level + 2} <= set(rows_of(image, x, colour))
    ]
    marks = [x for x in thick if x - 1 not in thick]
    assert 6 <= len(marks) <= 16


def hover(chart: StepChart, where: QPoint) -> None:
    """The mouse comes there, whatever windows lie above."""
    place = QPointF(where)
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        place,
        chart.mapToGlobal(place),
        none,
        none,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(chart, event)


def contrast(one: QColor, other: QColor) -> float:
    """learn.microsoft.com/windows/apps/design/accessibility/accessible-text-requirements"""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("counter", LINES, ids=lambda counter: counter.value)
def test_lines_can_be_told_from_the_ground(chart: StepChart, counter: Counter) -> None:
    palette = chart.palette()
    assert contrast(line_colour(counter, palette), palette.color(palette.ColorRole.Base)) >= 4.5


def test_the_mouse_reads_the_nearest_snapshot(chart: StepChart) -> None:
    told = QSignalSpy(chart.moved)
    history = chart.history
    assert history is not None
    frame = chart.frame(history)
    where = QPoint(frame.x(day(18).timestamp()), frame.plot.center().y())
    hover(chart, where)
    assert chart.read_at == day(20)
    assert told.at(0) == [day(20)]
    assert chart.accessibleDescription().endswith(": Active 20, Assigned 18, Available 2")
    hover(chart, where + QPoint(2, 0))
    assert told.count() == 1, "still the same one"
    hover(chart, QPoint(frame.plot.left() + 2, 2))
    assert chart.read_at == day(20), "above the lines nothing is read"


def test_the_keyboard_goes_from_change_to_change(chart: StepChart) -> None:
    assert chart.read_at == day(60)
    read = []
    for key in (Key.Key_Left, Key.Key_Left, Key.Key_Right, Key.Key_Home, Key.Key_Left):
        QTest.keyClick(chart, key)
        read.append(chart.read_at)
    assert read == [day(40), day(10), day(40), day(0), day(0)]
    QTest.keyClick(chart, Key.Key_End)
    QTest.keyClick(chart, Key.Key_Right)
    assert chart.read_at == day(60)
    chart.show_at(day(20))
    QTest.keyClick(chart, Key.Key_Left)
    assert chart.read_at == day(10), "from between two changes to the one before"
    chart.show_at(day(20))
    QTest.keyClick(chart, Key.Key_Right)
    assert chart.read_at == day(40)


def test_the_read_out_is_spoken_and_moves_on_the_screen(chart: StepChart) -> None:
    assert chart.accessibleName() == "Licenses of Visio Plan 2 over time"
    before, said = chart.grab().toImage(), chart.accessibleDescription()
    assert said.endswith("Active 20, Assigned 23, Available -3")
    QTest.keyClick(chart, Key.Key_Home)
    assert chart.accessibleDescription().startswith("1 Sept 2026, ")
    assert chart.grab().toImage() != before


def test_a_span_keeps_the_read_out_in_view(chart: StepChart) -> None:
    chosen = QSignalSpy(chart.span_changed)
    chart.show_at(day(10))
    chart.set_span(Span.MONTH)
    assert chart.read_at == day(40), "the first snapshot of the last 30 days"
    QTest.keyClick(chart, Key.Key_Left)
    assert chart.read_at == day(10)
    assert chart.span is Span.ALL
    assert [chosen.at(number)[0] for number in range(chosen.count())] == [Span.MONTH, Span.ALL]


def test_a_snapshot_before_the_product_says_so(chart: StepChart) -> None:
    chart.set_series(series(point(30, 20, 10), seen=(day(0), day(30))))
    chart.show_at(day(0))
    assert chart.accessibleDescription().endswith(": the product was not there yet")
    QTest.keyClick(chart, Key.Key_Right)
    assert chart.read_at == day(30)


@pytest.mark.parametrize("made", [None, series()], ids=["no-series", "no-point"])
def test_nothing_to_show_says_so(chart: StepChart, made: CounterSeries | None) -> None:
    chart.set_series(made)
    assert chart.read_at is None
    assert chart.accessibleDescription() == NONE
    for key in (Key.Key_Left, Key.Key_Home):
        QTest.keyClick(chart, key)
    chart.show_at(day(3))
    chart.set_span(Span.MONTH)
    assert len({chart.grab().toImage().pixel(x, 160) for x in range(640)}) > 1


@pytest.mark.parametrize(
    "made",
    [
        series(point(0, 5, 7)),
        series(point(0, 0, 0), seen=(day(0), day(1))),
        series(point(0, 1_000_000, 0), point(1, 1_000_000, 1_000_500)),
        long_series(2000),
    ],
    ids=["one", "zeros", "huge", "many"],
)
def test_every_size_of_history_is_painted(chart: StepChart, made: CounterSeries) -> None:
    chart.set_series(made)
    for size in ((640, 320), (320, 192)):
        chart.resize(*size)
        image = chart.grab().toImage()
        frame = chart.frame(CounterHistory(made))
        x = frame.x(made.seen[-1].timestamp())
        for counter in LINES:
            drawn = rows_of(image, x, line_colour(counter, chart.palette()))
            hidden = {one.of(made.points[-1]) for one in LINES} == {0}
            assert drawn or hidden, counter
