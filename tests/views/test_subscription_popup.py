"""SubscriptionPopup: ids to select and copy, states, keyboard, place on the screen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontInfo, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from o365desk.domain.errors import Unreachable
from o365desk.domain.licensing import Sku, SkuId, Subscription, SubscriptionState
from o365desk.views import theme
from o365desk.views.subscription_popup import (
    EMPTY,
    MAX_ROWS,
    SubscriptionPopup,
    SubscriptionTable,
    copy_rect,
)

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.usefixtures("british"),
]

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
SKU = Sku(SkuId("06ebc4ee-1bb5-47dd-8120-11324bc54e06"), "SPE_E5", "Microsoft 365 E5")
FIRST = Subscription(
    id="5fb0c0d5-0000-4000-8000-000000000001",
    sku_id=SKU.id,
    name="Microsoft 365 E5",
    state=SubscriptionState.ACTIVE,
    quantity=60,
    term_end=NOW + timedelta(days=110),
    auto_renew=True,
)
SECOND = replace(
    FIRST,
    id="5fb0c0d5-0000-4000-8000-000000000002",
    state=SubscriptionState.SUSPENDED,
    term_end=None,
)
FOREIGN = replace(FIRST, id="another", sku_id=SkuId("visio"))
ERROR = Unreachable("Microsoft cannot be reached.", next_step="Check the connection.", status=503)


class Opened:
    """A pop-up over a window that had the focus."""

    def __init__(self, qtbot: QtBot, sku: Sku = SKU) -> None:
        self.window = QWidget()
        self.field = QLineEdit()
        QVBoxLayout(self.window).addWidget(self.field)
        self.window.resize(700, 500)
        qtbot.addWidget(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        self.field.setFocus()
        qtbot.waitUntil(self.field.hasFocus)
        self.popup = SubscriptionPopup(sku, "Contoso Ltd", self.window)
        self.popup.popup_at(QPoint(20, 20))
        self.finished: list[int] = []
        self.gone: list[bool] = []
        self.popup.finished.connect(self.finished.append)
        self.popup.destroyed.connect(lambda: self.gone.append(True))

    @property
    def table(self) -> SubscriptionTable:
        return self.popup.findChild(SubscriptionTable)  # type: ignore[return-value]

    @property
    def texts(self) -> list[str]:
        labels = self.popup.findChildren(QLabel)
        return [label.text() for label in labels if label.isVisible() and label.text()]

    def label(self, text: str) -> QLabel:
        return next(one for one in self.popup.findChildren(QLabel) if one.text() == text)

    def row(self, number: int) -> list[str]:
        model = self.table.model()
        return [str(model.index(number, c).data()) for c in range(model.columnCount())]

    def tool(self, name: str) -> QToolButton:
        buttons = self.popup.findChildren(QToolButton)
        return next(one for one in buttons if one.accessibleName() == name)

    def visible_buttons(self) -> list[QPushButton]:
        return [one for one in self.popup.findChildren(QPushButton) if one.isVisible()]


@pytest.fixture
def opened(qtbot: QtBot, look: theme.Theme) -> Opened:
    QGuiApplication.clipboard().clear()
    return Opened(qtbot)


def test_names_product_customer_and_sku_id(opened: Opened) -> None:
    for text in ("Microsoft 365 E5", "Contoso Ltd", "Product SKU ID", SKU.id, "SPE_E5"):
        assert text in opened.texts
    label = opened.label(SKU.id)
    assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard
    assert QFontInfo(label.font()).fixedPitch()


def test_one_line_a_subscription_of_this_product_only(opened: Opened) -> None:
    opened.popup.set_subscriptions([SECOND, FOREIGN, FIRST], NOW)
    header = opened.table.model().headerData(0, Qt.Orientation.Horizontal)
    assert header == "Microsoft Subscription IDs"
    assert opened.table.model().rowCount() == 2
    assert opened.row(0) == [FIRST.id, "Active", "60", "12 Mar 2027, in 110 days", "No", "On", ""]
    assert opened.row(1)[:4] == [SECOND.id, "Suspended", "60", "not told"]


def test_the_friendly_name_has_a_column_only_when_there_is_one(opened: Opened) -> None:
    opened.popup.set_subscriptions([FIRST], NOW)
    assert opened.table.isColumnHidden(6)
    opened.popup.set_subscriptions([FIRST, replace(SECOND, friendly_name="Lyon")], NOW)
    assert not opened.table.isColumnHidden(6)


def test_copying_by_mouse(opened: Opened) -> None:
    clipboard = QGuiApplication.clipboard()
    QTest.mouseClick(opened.tool("Copy Product SKU ID"), LEFT)
    assert clipboard.text() == SKU.id
    assert f"Copied {SKU.id}" in opened.texts
    QTest.mouseClick(opened.tool("Copy part number"), LEFT)
    assert clipboard.text() == "SPE_E5"
    opened.popup.set_subscriptions([FIRST, SECOND], NOW)
    cell = opened.table.visualRect(opened.table.model().index(1, 0))
    QTest.mouseClick(opened.table.viewport(), LEFT, pos=cell.center())
    assert clipboard.text() == "SPE_E5", "a click beside the button copies nothing"
    QTest.mouseClick(opened.table.viewport(), LEFT, pos=copy_rect(cell).center())
    assert clipboard.text() == SECOND.id
    (everything,) = opened.visible_buttons()
    QTest.mouseClick(everything, LEFT)
    assert clipboard.text() == f"{FIRST.id}\n{SECOND.id}"
    assert "Copied 2 lines" in opened.texts


def test_copying_and_selecting_a_piece_by_keyboard(opened: Opened, qtbot: QtBot) -> None:
    opened.popup.set_subscriptions([FIRST, SECOND], NOW)
    assert QApplication.focusWidget() is opened.table
    QTest.keyClick(opened.table, Qt.Key.Key_Down)
    QTest.keyClick(opened.table, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == SECOND.id
    QTest.keyClick(opened.table, Qt.Key.Key_A, CONTROL)
    QTest.keyClick(opened.table, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text().splitlines()[1].split("\t")[:2] == [
        SECOND.id,
        "Suspended",
    ]


def test_a_cell_opens_for_selecting_and_cannot_be_changed(opened: Opened) -> None:
    opened.popup.set_subscriptions([FIRST], NOW)
    QTest.keyClick(opened.table, Qt.Key.Key_Return)
    editor = opened.table.viewport().findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    assert editor.text() == FIRST.id
    assert editor.isReadOnly()
    QTest.keyClicks(editor, "x")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert opened.row(0)[0] == FIRST.id


def test_loading_then_nothing(opened: Opened) -> None:
    bar = opened.popup.findChild(QProgressBar)
    assert isinstance(bar, QProgressBar)
    assert bar.isVisible()
    assert "Reading subscriptions…" in opened.texts
    opened.popup.set_subscriptions([FOREIGN], NOW)
    assert not bar.isVisible()
    assert EMPTY in opened.texts
    assert not opened.table.isVisible()
    assert opened.visible_buttons() == []


def test_error_and_retry(opened: Opened, qtbot: QtBot) -> None:
    opened.popup.show_error(ERROR)
    assert "Microsoft cannot be reached. Check the connection." in opened.texts
    assert EMPTY not in opened.texts
    (retry,) = opened.visible_buttons()
    with qtbot.waitSignal(opened.popup.retry_requested, timeout=1000):
        QTest.keyClick(retry, Qt.Key.Key_Space)
    assert "Reading subscriptions…" in opened.texts
    opened.popup.set_subscriptions([FIRST], NOW)
    assert opened.row(0)[0] == FIRST.id
    assert not retry.isVisible()


def test_escape_closes_once_and_gives_the_focus_back(opened: Opened, qtbot: QtBot) -> None:
    opened.popup.set_subscriptions([FIRST], NOW)
    QTest.keyClick(opened.table, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: bool(opened.gone))
    assert opened.finished == [0]
    qtbot.waitUntil(opened.field.hasFocus)


def test_the_close_button_and_a_click_outside(opened: Opened, qtbot: QtBot) -> None:
    QTest.mouseClick(opened.tool("Close"), LEFT)
    qtbot.waitUntil(lambda: bool(opened.gone))
    other = Opened(qtbot)
    QTest.mouseClick(other.popup, LEFT, pos=QPoint(other.popup.width() + 40, 5))
    qtbot.waitUntil(lambda: bool(other.gone))
    assert other.finished == [0]


def test_the_focus_is_inside_while_loading(opened: Opened) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    assert opened.popup.isAncestorOf(focus)


@pytest.mark.parametrize("corner", ["bottomRight", "bottomLeft", "topRight"])
@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_all_of_it_stays_on_the_screen(opened: Opened, corner: str, count: int) -> None:
    area = opened.window.screen().availableGeometry()
    opened.popup.popup_at(getattr(area, corner)())
    found = [replace(FIRST, id=f"{FIRST.id[:-4]}{n:04}") for n in range(count)]
    opened.popup.set_subscriptions(found, NOW)
    assert area.contains(opened.popup.geometry())
    if count:
        shown = opened.table.viewport().height() // theme.ROW_HEIGHT
        assert shown == min(count, MAX_ROWS), "every line is seen whole, up to the most"


def test_a_product_without_a_name_is_never_nameless(qtbot: QtBot, look: theme.Theme) -> None:
    opened = Opened(qtbot, Sku(SkuId("guid"), "", ""))
    assert opened.texts.count("guid") == 2
    assert "Part number" not in opened.texts
