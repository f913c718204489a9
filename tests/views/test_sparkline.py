"""The little lines of the Licenses section: where they go, when there is room, and in words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from o365desk.domain.licensing import Sku, SkuId
from o365desk.domain.snapshots import CounterSeries
from o365desk.models.skus import SkuTableModel
from o365desk.views import theme
from o365desk.views.licenses_pane import LicensesPane
from o365desk.views.sku_table import SkuTable
from o365desk.views.sparkline import HEIGHT, WIDTH, Sparklines
from tests.models.counters import VISIO, day, long_series, point, series

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.usefixtures("british"),
]

AVAILABLE = 3
SKUS = [
    Sku(VISIO.sku_id, "VISIO", "Visio Plan 2", 20, 23, -3),
    Sku(SkuId("e5"), "SPE_E5", "Microsoft 365 E5", 120, 20, 100),
]


@pytest.fixture(params=[theme.LIGHT, theme.DARK], ids=["light", "dark"])
def look(qapp: QApplication, request: pytest.FixtureRequest) -> theme.Theme:
    found: theme.Theme = request.param
    theme.apply_colours(qapp, found)
    return found


@pytest.fixture
def pane(qtbot: QtBot) -> LicensesPane:
    made = LicensesPane()
    qtbot.addWidget(made)
    made.resize(1200, 300)
    made.show()
    qtbot.waitExposed(made)
    made.set_skus(SKUS, datetime.now(UTC))
    return made


def table(pane: LicensesPane) -> SkuTable:
    return pane.findChild(SkuTable)  # type: ignore[return-value]


def line_place(view: SkuTable) -> QRect:
    """Where the line of the second row goes."""
    cell = view.visualRect(view.model().index(1, AVAILABLE))
    return QRect(cell.left(), cell.top(), 3 * theme.GRID + WIDTH, cell.height())


def painted(qtbot: QtBot, qapp: QApplication, one: CounterSeries) -> QImage:
    """The little rectangle of a series."""
    lines = Sparklines([one], qapp)
    with qtbot.waitSignal(lines.ready):
        pass  # it begins when the event loop runs
    palette = QApplication.palette()
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(palette.color(palette.ColorRole.Base))
    painter = QPainter(image)
    lines.paint(painter, QRect(0, 0, 3 * WIDTH, HEIGHT), one.sku_id, palette)
    painter.end()
    lines.deleteLater()
    return image


def heights(image: QImage, x: int, colour: str) -> list[int]:
    return [y for y in range(HEIGHT) if image.pixelColor(x, y).name() == colour]


def test_the_line_goes_in_steps(qtbot: QtBot, qapp: QApplication, look: theme.Theme) -> None:
    """10 available for ten days, 2 for thirty, then 3 less than none for twenty."""
    image = painted(qtbot, qapp, VISIO)
    first, second, third = (heights(image, x, look.muted) for x in (5, 25, 50))
    assert [len(one) for one in (first, second, third)] == [1, 1, 1]
    assert first < second < third
    assert (second[0] - first[0]) / (third[0] - second[0]) == pytest.approx(8 / 5, abs=0.4)
    zero = heights(image, 5, look.border)
    assert second[0] < zero[0] < third[0], "it goes below zero, which is marked"
    assert look.danger in {image.pixelColor(WIDTH - 2, y).name() for y in range(HEIGHT)}


@pytest.mark.parametrize(
    "one",
    [
        series(point(0, 0, 0), seen=(day(0), day(9))),
        series(point(0, 1_000_000, 0), point(1, 1_000_000, 1_000_000)),
        long_series(2000),
    ],
    ids=["zeros", "huge", "many"],
)
def test_every_history_stays_within(
    qtbot: QtBot, qapp: QApplication, look: theme.Theme, one: CounterSeries
) -> None:
    image = painted(qtbot, qapp, one)
    assert all(heights(image, x, look.muted) for x in range(1, WIDTH - 1))
    assert not heights(image, 0, look.muted)


@pytest.mark.parametrize("one", [series(), series(point(0, 5, 5))], ids=["none", "one"])
def test_one_snapshot_is_no_line(qtbot: QtBot, qapp: QApplication, one: CounterSeries) -> None:
    image = painted(qtbot, qapp, one)
    assert len({image.pixel(x, y) for x in range(WIDTH) for y in range(HEIGHT)}) == 1


def test_the_pane_works_with_and_without(pane: LicensesPane, qtbot: QtBot) -> None:
    view = table(pane)
    without = view.viewport().grab().toImage()
    pane.set_series({VISIO.sku_id: VISIO})
    empty = view.viewport().grab(line_place(view)).toImage()
    qtbot.waitUntil(lambda: view.viewport().grab(line_place(view)).toImage() != empty)
    assert view.horizontalHeader().length() == view.viewport().width()
    pane.set_series({})
    assert view.viewport().grab().toImage() == without


def test_it_is_told_in_words(pane: LicensesPane) -> None:
    cell = table(pane).model().index(1, AVAILABLE)
    before = [cell.data(role) for role in (Qt.ItemDataRole.ToolTipRole, _SPOKEN)]
    pane.set_series({VISIO.sku_id: VISIO})
    trend = "Available from 10 to -3 in 60 days, 1 Sept 2026 to 31 Oct 2026"
    assert cell.data(Qt.ItemDataRole.ToolTipRole) == f"{before[0]}\n{trend}"
    assert cell.data(_SPOKEN) == f"{before[1]}. {trend}"
    for other in (cell.siblingAtRow(0), cell.siblingAtColumn(AVAILABLE - 1)):
        assert trend not in other.data(_SPOKEN)
    pane.clear()
    pane.set_skus(SKUS, datetime.now(UTC))
    assert [cell.data(role) for role in (Qt.ItemDataRole.ToolTipRole, _SPOKEN)] == before


def test_another_tenant_has_the_same_products_and_another_history() -> None:
    model = SkuTableModel()
    for _tenant in range(2):
        model.set_skus(SKUS)
        assert "60 days" not in model.index(1, AVAILABLE).data(_SPOKEN)
        model.set_series({VISIO.sku_id: VISIO})
        assert "60 days" in model.index(1, AVAILABLE).data(_SPOKEN)
        model.clear()


_SPOKEN = Qt.ItemDataRole.AccessibleTextRole


def test_a_narrow_window_has_no_room_for_lines(pane: LicensesPane) -> None:
    view = table(pane)
    header = view.horizontalHeader()
    width = header.sectionSize(AVAILABLE)
    pane.set_series({VISIO.sku_id: VISIO})
    more = header.sectionSize(AVAILABLE) - width
    assert more > WIDTH
    numbers = sum(header.sectionSize(column) for column in range(1, 5))
    frame = pane.width() - view.viewport().width()
    pane.resize(numbers - more + 144 + frame, 300)
    assert header.sectionSize(AVAILABLE) == width
    assert view.horizontalScrollBar().maximum() == 0
    pane.resize(1200, 300)
    assert header.sectionSize(AVAILABLE) == width + more


def test_remembered_widths_do_not_count_the_lines(pane: LicensesPane, qtbot: QtBot) -> None:
    header = table(pane).horizontalHeader()
    width = header.sectionSize(AVAILABLE)
    without = pane.save_state()
    pane.set_series({VISIO.sku_id: VISIO})
    with_lines = header.sectionSize(AVAILABLE)
    state = pane.save_state()
    assert header.sectionSize(AVAILABLE) == with_lines
    for _again in range(2):
        pane.restore_state(state)
        assert header.sectionSize(AVAILABLE) == with_lines
    pane.restore_state(b"broken")
    assert header.sectionSize(AVAILABLE) == with_lines
    pane.set_series({})
    assert header.sectionSize(AVAILABLE) == width
    for one in (state, without):
        pane.restore_state(one)
        assert header.sectionSize(AVAILABLE) == width


def test_many_long_histories_are_made_a_few_at_a_time(qtbot: QtBot, qapp: QApplication) -> None:
    many = [replace(long_series(1500), sku_id=SkuId(str(number))) for number in range(5)]
    lines = Sparklines(many, qapp)
    steps: list[int] = []
    lines.ready.connect(lambda: steps.append(1))
    qtbot.waitUntil(lambda: len(steps) == 3)
    lines.deleteLater()


def test_columns_are_the_five_that_were_asked_for(pane: LicensesPane) -> None:
    pane.set_series({VISIO.sku_id: VISIO})
    assert table(pane).model().columnCount() == 5
