"""LicensesPane: figures, states, the information button, and how little a repaint asks."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import FrameType

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QHelpEvent, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from o365desk.domain.errors import Unreachable
from o365desk.domain.licensing import Sku, SkuId
from o365desk.models.sku_columns import COLUMN
from o365desk.models.skus import SkuTableModel
from o365desk.views import theme
from o365desk.views.licenses_pane import FILTER_FROM, LicensesPane
from o365desk.views.sku_actions import SKU_ACTIONS
from o365desk.views.sku_delegate import info_rect
from o365desk.views.sku_table import SkuTable

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.usefixtures("british"),
]

NOW = datetime.now(UTC)
LEFT = Qt.MouseButton.LeftButton
SKUS = [
    Sku(SkuId("e5"), "SPE_E5", "Microsoft 365 E5", 120, 118, 2),
    Sku(SkuId("visio"), "VISIO", "Visio Plan 2", 25, 21, 4),
    Sku(SkuId("basic"), "BASIC", "Business Basic", 1200, 1200, 0),
    Sku(SkuId("bi"), "BI", "Power BI Pro", 50, 52, -2),
    Sku(SkuId("project"), "PROJECT", "Project Plan 3", 30, 0, 30, suspended=25),
]
ERROR = Unreachable("Microsoft cannot be reached.", next_step="Check the connection.", status=503)


@pytest.fixture
def pane(qtbot: QtBot, look: theme.Theme) -> LicensesPane:
    made = LicensesPane()
    qtbot.addWidget(made)
    made.resize(980, 400)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def table(pane: LicensesPane) -> SkuTable:
    return pane.findChild(SkuTable)  # type: ignore[return-value]


def texts(pane: LicensesPane) -> list[str]:
    return [one.text() for one in pane.findChildren(QLabel) if one.isVisible() and one.text()]


def names(pane: LicensesPane) -> list[str]:
    model = table(pane).model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def button_of(pane: LicensesPane, row: int) -> QPoint:
    view = table(pane)
    return info_rect(view.visualRect(view.model().index(row, 0))).center()


def colours(image: QImage) -> set[str]:
    return {
        QColor(image.pixel(x, y)).name()
        for x in range(image.width())
        for y in range(image.height())
    }


def cell_image(pane: LicensesPane, row: int, column: int) -> QImage:
    view = table(pane)
    return view.viewport().grab(view.visualRect(view.model().index(row, column))).toImage()


def test_lists_products_by_name_with_count_and_time(pane: LicensesPane) -> None:
    at = NOW - timedelta(days=400)
    pane.set_skus(SKUS, at)
    assert names(pane) == sorted(names(pane))
    assert len(names(pane)) == 5
    assert "Licenses" in texts(pane)
    day = at.astimezone()
    assert f"5 products · read {day.day} {day:%b %Y}, {day:%H:%M}" in texts(pane)
    pane.set_skus(SKUS[:1], at)
    assert any(text.startswith("1 product ·") for text in texts(pane))


@pytest.mark.parametrize(
    "key", [Qt.Key.Key_I, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter]
)
def test_information_by_keyboard_only(pane: LicensesPane, qtbot: QtBot, key: Qt.Key) -> None:
    asked: list[SkuId] = []
    pane.information_requested.connect(asked.append)
    pane.set_skus(SKUS, NOW)
    pane.focus_table()
    view = table(pane)
    qtbot.waitUntil(view.hasFocus)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert asked == []
    QTest.keyClick(view, key)
    assert asked == ["e5"]


def hover(widget: QWidget, where: QPoint) -> None:
    kind, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton
    at, modifiers = widget.mapToGlobal(where), Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QMouseEvent(kind, where, at, none, none, modifiers))


def asked_of(pane: LicensesPane) -> list[tuple[str, SkuId]]:
    """What the pane is asked for from now on, with the product."""
    asked: list[tuple[str, SkuId]] = []
    for name in ("information", "holders", "assign", "history"):
        signal = getattr(pane, f"{name}_requested")
        signal.connect(lambda sku, name=name: asked.append((name, sku)))
    return asked


def test_keys_and_menu_ask_the_same(pane: LicensesPane, qtbot: QtBot) -> None:
    asked = asked_of(pane)
    pane.set_skus(SKUS, NOW)
    pane.focus_table()
    view = table(pane)
    qtbot.waitUntil(view.hasFocus)
    QTest.keyClick(view, Qt.Key.Key_Down)
    for _, _, key in SKU_ACTIONS:
        QTest.keyClick(view, key)
    every = [("information", "e5"), ("holders", "e5"), ("assign", "e5"), ("history", "e5")]
    assert asked == every
    asked.clear()
    for down in range(len(SKU_ACTIONS)):
        QTest.keyClick(view, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
        (menu,) = [one for one in view.findChildren(QMenu) if one.isVisible()]
        assert menu.accessibleName() == "Actions for Microsoft 365 E5"
        for _ in range(down):
            QTest.keyClick(menu, Qt.Key.Key_Down)
        QTest.keyClick(menu, Qt.Key.Key_Return)
    assert asked == every


def test_the_number_of_assigned_licenses_leads_to_their_holders(
    pane: LicensesPane, qtbot: QtBot
) -> None:
    asked = asked_of(pane)
    pane.set_skus(SKUS, NOW)
    view = table(pane)
    number = view.visualRect(view.model().index(1, COLUMN["assigned"])).center()
    seen = []
    for where in (number - QPoint(view.columnWidth(COLUMN["assigned"]), 0), number):
        hover(view.viewport(), where)
        seen.append(cell_image(pane, 1, COLUMN["assigned"]))
    assert seen[0] != seen[1], "it looks like a link, elsewhere in its row it does not"
    QTest.mouseClick(view.viewport(), LEFT, pos=number)
    QTest.mouseClick(view.viewport(), LEFT, pos=number + QPoint(0, theme.ROW_HEIGHT))
    assert asked == [("holders", "e5"), ("holders", "bi")]
    asked.clear()
    pane.focus_table()
    qtbot.waitUntil(view.hasFocus)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert asked == [("holders", "bi")]


def test_what_is_refused_says_why(pane: LicensesPane) -> None:
    asked, said = asked_of(pane), list[str]()
    pane.refused.connect(said.append)
    pane.set_skus(SKUS, NOW)
    pane.focus_table()
    pane.set_assign_refused("License Administrator is missing.")
    QTest.keyClick(table(pane), Qt.Key.Key_A)
    assert (asked, said) == ([], ["License Administrator is missing."])
    pane.set_assign_refused("")
    QTest.keyClick(table(pane), Qt.Key.Key_A)
    assert asked == [("assign", "basic")]


def test_no_row_no_information(pane: LicensesPane) -> None:
    asked: list[SkuId] = []
    pane.information_requested.connect(asked.append)
    pane.set_skus([], NOW)
    QTest.keyClick(table(pane), Qt.Key.Key_I)
    assert asked == []


def test_information_by_mouse_on_the_button_alone(pane: LicensesPane) -> None:
    asked: list[SkuId] = []
    pane.information_requested.connect(asked.append)
    pane.set_skus(SKUS, NOW)
    viewport = table(pane).viewport()
    QTest.mouseClick(viewport, LEFT, pos=button_of(pane, 3))
    assert asked == ["project"]
    QTest.mouseClick(viewport, LEFT, pos=button_of(pane, 3) - QPoint(60, 0))
    QTest.mouseClick(viewport, Qt.MouseButton.RightButton, pos=button_of(pane, 2))
    QTest.mousePress(viewport, LEFT, pos=button_of(pane, 1))
    QTest.mouseRelease(viewport, LEFT, pos=button_of(pane, 2))
    assert asked == ["project"]
    point = pane.info_point(SkuId("project"))
    assert point is not None
    assert (viewport.mapFromGlobal(point) - button_of(pane, 3)).manhattanLength() < 40
    assert pane.info_point(SkuId("nothing")) is None


def test_the_button_says_what_it_is(pane: LicensesPane) -> None:
    pane.set_skus(SKUS, NOW)
    view = table(pane)
    for where, text in (
        (button_of(pane, 0), "Subscription information"),
        (button_of(pane, 0) - QPoint(60, 0), "Business Basic\nPart number BASIC"),
    ):
        event = QHelpEvent(QEvent.Type.ToolTip, where, view.viewport().mapToGlobal(where))
        QApplication.sendEvent(view.viewport(), event)
        assert QToolTip.text() == text
    QToolTip.hideText()


def test_the_button_is_painted_in_every_row(pane: LicensesPane) -> None:
    pane.set_skus(SKUS, NOW)
    view = table(pane)
    for row in range(5):
        place = info_rect(view.visualRect(view.model().index(row, 0)))
        assert len(colours(view.viewport().grab(place).toImage())) > 3


@pytest.mark.parametrize(("row", "colour"), [(0, "danger"), (1, "warning"), (2, "danger")])
def test_low_none_and_negative_have_colour_and_more(
    pane: LicensesPane, row: int, colour: str
) -> None:
    pane.set_skus(SKUS, NOW)
    assert names(pane)[:3] == ["Business Basic", "Microsoft 365 E5", "Power BI Pro"]
    loud = cell_image(pane, row, 3)
    assert getattr(theme.current(), colour) in colours(loud)

    # Not colour alone: a sign and a word make the painted part many times as wide as the number.
    def ink(image: QImage) -> int:
        base = image.pixel(0, 0)
        return sum(
            any(image.pixel(x, y) != base for y in range(image.height()))
            for x in range(image.width())
        )

    assert ink(loud) > 4 * ink(cell_image(pane, 4, 3))


def test_suspended_is_marked(pane: LicensesPane) -> None:
    pane.set_skus(SKUS, NOW)
    assert names(pane)[3] == "Project Plan 3"
    assert theme.current().warning in colours(cell_image(pane, 3, 4))
    assert theme.current().warning not in colours(cell_image(pane, 4, 4))


def test_loading_keeps_old_rows_dimmed(pane: LicensesPane) -> None:
    pane.set_loading(True)
    assert "Reading licenses…" in texts(pane)
    pane.set_skus(SKUS, NOW)
    assert theme.current().danger in colours(cell_image(pane, 0, 3))
    pane.set_loading(True)
    assert len(names(pane)) == 5
    assert any("reading again" in text for text in texts(pane))
    assert theme.current().danger not in colours(cell_image(pane, 0, 3))
    pane.set_skus(SKUS, NOW)
    assert theme.current().danger in colours(cell_image(pane, 0, 3))


def test_an_error_says_so_and_offers_to_retry(pane: LicensesPane, qtbot: QtBot) -> None:
    pane.set_skus(SKUS, NOW)
    pane.show_error(ERROR)
    assert "Microsoft cannot be reached. Check the connection." in texts(pane)
    assert len(names(pane)) == 5
    assert theme.current().danger not in colours(cell_image(pane, 0, 3)), "old figures are dimmed"
    (retry,) = [one for one in pane.findChildren(QPushButton) if one.isVisible()]
    with qtbot.waitSignal(pane.retry_requested, timeout=1000):
        QTest.keyClick(retry, Qt.Key.Key_Space)
    pane.set_loading(True)
    assert not retry.isVisible()


def test_an_error_before_anything_was_read_is_not_an_empty_customer(pane: LicensesPane) -> None:
    pane.set_loading(True)
    pane.show_error(ERROR)
    assert not any("no products" in text for text in texts(pane))
    pane.set_skus([], NOW)
    assert any(text.startswith("There are no products.") for text in texts(pane))


def test_stale_figures_say_so(pane: LicensesPane) -> None:
    pane.set_skus(SKUS, NOW)
    pane.set_stale("A change is not counted yet")
    assert "A change is not counted yet" in texts(pane)
    assert theme.current().danger not in colours(cell_image(pane, 0, 3))
    pane.set_skus(SKUS, NOW)
    assert "A change is not counted yet" not in texts(pane)


def test_another_tenant_starts_with_nothing(pane: LicensesPane) -> None:
    pane.set_skus(SKUS, NOW)
    pane.set_stale("old")
    pane.clear()
    assert names(pane) == []
    assert not any("product" in text for text in texts(pane))
    assert "old" not in texts(pane)


def test_refresh_keeps_the_current_product(pane: LicensesPane) -> None:
    pane.set_skus(SKUS, NOW)
    view = table(pane)
    view.selectRow(2)
    assert view.current_sku() == "bi"
    pane.set_skus([replace(SKUS[3], name="A new name"), *SKUS[:3]], NOW)
    assert view.current_sku() == "bi"
    assert view.currentIndex().row() == 0
    assert [index.row() for index in view.selectionModel().selectedRows()] == [0]


def test_header_sorts_and_state_is_remembered(pane: LicensesPane, qtbot: QtBot) -> None:
    pane.set_skus(SKUS, NOW)
    header = table(pane).horizontalHeader()
    where = QPoint(header.sectionViewportPosition(3) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), LEFT, pos=where)
    QTest.mouseClick(header.viewport(), LEFT, pos=where)
    descending = ["Project Plan 3", "Visio Plan 2", "Microsoft 365 E5", "Business Basic"]
    assert names(pane)[:4] == descending
    header.resizeSection(1, 155)
    state = pane.save_state()
    assert isinstance(state, bytes)
    other = LicensesPane()
    qtbot.addWidget(other)
    other.resize(980, 400)
    other.restore_state(state)
    other.set_skus(SKUS, NOW)
    assert names(other)[:4] == descending
    assert table(other).horizontalHeader().sectionSize(1) == 155
    for broken in (b"", b"x", state[: len(state) // 2]):
        other.restore_state(broken)
    assert names(other)[:4] == descending


@pytest.mark.parametrize(("more", "scrolls"), [(200, False), (0, False), (-60, True)])
def test_names_take_what_the_numbers_leave(pane: LicensesPane, more: int, scrolls: bool) -> None:
    pane.set_skus(SKUS, NOW)
    view = table(pane)
    pane.resize(980, 400)
    # The narrowest pane that shows everything depends on the font.
    numbers = sum(view.horizontalHeader().sectionSize(column) for column in range(1, 5))
    frame = pane.width() - view.viewport().width()
    pane.resize(numbers + 144 + frame + more, 400)
    assert view.horizontalHeader().sectionSize(0) >= 144
    assert (view.horizontalScrollBar().maximum() > 0) == scrolls
    if not scrolls:
        assert view.horizontalHeader().length() == view.viewport().width()


def test_many_products_can_be_filtered(pane: LicensesPane) -> None:
    field: QLineEdit = pane.findChild(QLineEdit)  # type: ignore[assignment]
    pane.set_skus(SKUS, NOW)
    assert not field.isVisible()
    many = [Sku(SkuId(str(n)), f"P{n}", f"Product {n:02}") for n in range(FILTER_FROM + 1)]
    pane.set_skus(many, NOW)
    assert field.isVisible()
    QTest.keyClicks(field, "03")
    assert names(pane) == ["Product 03"]
    assert any(text.startswith("1 of 16 products") for text in texts(pane))
    QTest.keyClicks(field, "x")
    assert "No product matches “03x”." in texts(pane)
    pane.clear()
    assert field.text() == ""
    pane.set_skus(many, NOW)
    assert len(names(pane)) == 16


def test_a_product_is_gone_to_past_the_filter(pane: LicensesPane, qtbot: QtBot) -> None:
    many = [Sku(SkuId(str(n)), f"P{n}", f"Product {n:02}") for n in range(60)]
    pane.set_skus(many, NOW)
    field: QLineEdit = pane.findChild(QLineEdit)  # type: ignore[assignment]
    QTest.keyClicks(field, "07")
    assert pane.select_product(SkuId("55"))
    view = table(pane)
    assert view.current_sku() == "55"
    assert view.viewport().rect().intersects(view.visualRect(view.currentIndex()))
    qtbot.waitUntil(view.hasFocus)
    assert not pane.select_product(SkuId("nothing"))
    assert view.current_sku() == "55"


def test_copy_gives_the_row(pane: LicensesPane) -> None:
    pane.set_skus(SKUS, NOW)
    pane.focus_table()
    QTest.keyClick(table(pane), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Business Basic\t1,200\t1,200\t0\t0"


def test_a_repaint_asks_once_a_cell(pane: LicensesPane) -> None:
    """The budget is calls, which do not flake; 910 of data() would be Qt's own way."""
    pane.set_skus([Sku(SkuId(str(n)), "", f"Product {n:02}") for n in range(60)], NOW)
    view = table(pane)
    view.grab()
    calls: list[str] = []

    def profile(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and isinstance(frame.f_locals.get("self"), SkuTableModel):
            calls.append(frame.f_code.co_name)

    sys.setprofile(profile)
    try:
        view.viewport().grab()
    finally:
        sys.setprofile(None)
    cells = 5 * (view.viewport().height() // theme.ROW_HEIGHT + 1)
    assert 0 < calls.count("row_at") <= cells
    assert calls.count("data") <= cells, "nothing but what Qt itself asks a cell"


def test_without_a_customer_none_is_blamed(qtbot: QtBot) -> None:
    pane = LicensesPane()
    qtbot.addWidget(pane)
    said = [label.text() for label in pane.findChildren(QLabel)]
    assert "Choose a customer to see its licenses." in said
    pane.set_tenant(True)
    said = [label.text() for label in pane.findChildren(QLabel)]
    assert "The licenses have not been read." in said
