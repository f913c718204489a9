"""TenantPicker by keyboard and mouse, in both themes, and while customers stream in."""

import sys
import uuid
from collections.abc import Callable
from types import FrameType

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from o365desk.domain.directory import Tenant, TenantId
from o365desk.models.tenants import TenantListModel
from o365desk.views import theme
from o365desk.views.tenant_list import TenantTable
from o365desk.views.tenant_picker import TenantPicker

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Key = Qt.Key


def tenant(number: int, name: str = "") -> Tenant:
    made = TenantId(str(uuid.UUID(int=number)))
    return Tenant(made, name or f"Customer {number:04}", f"c{number}.example")


TENANTS = [tenant(n) for n in range(12)]


class Desk(QWidget):
    """A window with a button that opens the picker and another field that has the focus."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        self.search = QLineEdit()
        self.button = QPushButton("Contoso")
        column.addWidget(self.button)
        column.addWidget(self.search)
        self.picker = TenantPicker(self)
        self.chosen: list[Tenant] = []
        self.pins: list[tuple[TenantId, ...]] = []
        self.picker.tenant_chosen.connect(self.chosen.append)
        self.picker.pins_changed.connect(self.pins.append)
        self.resize(900, 600)

    @property
    def field(self) -> QLineEdit:
        return self.picker.findChild(QLineEdit)  # type: ignore[return-value]

    @property
    def table(self) -> TenantTable:
        return self.picker.findChild(TenantTable)  # type: ignore[return-value]

    @property
    def current(self) -> str:
        index = self.table.currentIndex()
        return str(index.data()) if index.isValid() else ""

    @property
    def texts(self) -> list[str]:
        labels = self.picker.findChildren(QLabel)
        return [label.text() for label in labels if label.isVisible() and label.text()]

    def rows(self) -> list[str]:
        model = self.table.model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    def row(self, name: str) -> QRect:
        return self.table.visualRect(self.table.model().index(self.rows().index(name), 0))

    def press(self, *keys: Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        """Keys go where the focus is, as they do for a person."""
        for key in keys:
            focus = QApplication.focusWidget()
            assert focus is self.field, "the field keeps the focus"
            QTest.keyClick(focus, key, modifier or Qt.KeyboardModifier.NoModifier)

    def type(self, text: str) -> None:
        assert QApplication.focusWidget() is self.field
        QTest.keyClicks(self.field, text)

    def open(self) -> None:
        self.picker.popup_below(self.button)


@pytest.fixture
def desk(qtbot: QtBot, look: theme.Theme) -> Desk:
    made = Desk()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.search.setFocus()
    qtbot.waitUntil(made.search.hasFocus)
    return made


def test_type_and_enter(desk: Desk) -> None:
    desk.picker.set_tenants([*TENANTS, tenant(99, "Café Čermák")])
    desk.open()
    desk.type("cermak")
    assert desk.rows() == ["Café Čermák"]
    assert "1 of 13" in desk.texts
    desk.press(Key.Key_Return)
    assert desk.chosen == [tenant(99, "Café Čermák")]
    assert not desk.picker.isVisible()


def test_escape_closes_and_gives_the_focus_back(desk: Desk, qtbot: QtBot) -> None:
    desk.picker.set_tenants(TENANTS)
    desk.open()
    desk.press(Key.Key_Escape)
    assert not desk.picker.isVisible()
    qtbot.waitUntil(desk.search.hasFocus)
    assert desk.chosen == []


def test_moving_in_the_list_from_the_field(desk: Desk) -> None:
    desk.picker.set_tenants([tenant(n) for n in range(100)])
    desk.open()
    assert desk.current == "Customer 0000"
    desk.press(Key.Key_Down, Key.Key_Down, Key.Key_Up)
    assert desk.current == "Customer 0001"
    desk.press(Key.Key_End)
    assert desk.current == "Customer 0099"
    assert desk.table.visualRect(desk.table.currentIndex()).intersects(desk.table.viewport().rect())
    desk.press(Key.Key_Down)
    assert desk.current == "Customer 0099"
    desk.press(Key.Key_Home)
    assert desk.current == "Customer 0000"
    desk.press(Key.Key_PageDown)
    page = int(desk.current.split()[1])
    assert 3 < page <= desk.table.viewport().height() // theme.ROW_HEIGHT
    desk.press(Key.Key_PageUp)
    assert desk.current == "Customer 0000"
    desk.press(Key.Key_Enter)
    assert desk.chosen == [tenant(0)]


def test_sections_are_passed_over(desk: Desk) -> None:
    desk.picker.set_tenants(TENANTS)
    desk.picker.set_pinned([tenant(7).id])
    desk.picker.set_recent([tenant(5).id])
    desk.open()
    assert desk.rows()[:5] == [
        "Pinned",
        "Customer 0007",
        "Recent",
        "Customer 0005",
        "Other customers",
    ]
    assert desk.current == "Customer 0007"
    desk.press(Key.Key_Down)
    assert desk.current == "Customer 0005"
    desk.press(Key.Key_Down)
    assert desk.current == "Customer 0000"
    desk.press(Key.Key_End)
    assert desk.row("Pinned").top() < 0
    desk.press(Key.Key_Home)
    assert desk.current == "Customer 0007"
    assert desk.row("Pinned").top() >= 0, "the title of the first section is seen"


def test_opens_on_the_customer_shown_now_when_it_is_near_the_top(desk: Desk) -> None:
    desk.picker.set_tenants([tenant(n) for n in range(100)])
    desk.picker.set_recent([tenant(5).id, tenant(6).id])
    desk.picker.set_current(tenant(6).id)
    desk.open()
    assert desk.current == "Customer 0006"
    desk.picker.close()
    desk.picker.set_current(tenant(90).id)
    desk.open()
    assert desk.current == "Customer 0005"


def test_opens_with_an_empty_field(desk: Desk) -> None:
    desk.picker.set_tenants(TENANTS)
    desk.open()
    desk.type("0003")
    desk.press(Key.Key_Escape)
    desk.open()
    assert desk.field.text() == ""
    assert len(desk.rows()) == len(TENANTS)


def test_pin_by_key_keeps_the_customer_current(desk: Desk) -> None:
    desk.picker.set_tenants(TENANTS)
    desk.open()
    desk.press(Key.Key_Down)
    desk.press(Key.Key_P, modifier=Qt.KeyboardModifier.ControlModifier)
    assert desk.pins == [(tenant(1).id,)]
    assert desk.rows()[:3] == ["Pinned", "Customer 0001", "Other customers"]
    assert desk.current == "Customer 0001"
    desk.press(Key.Key_P, modifier=Qt.KeyboardModifier.ControlModifier)
    assert desk.pins[-1] == ()
    assert desk.field.text() == ""


def test_the_windows_shortcuts_sleep_while_it_is_open(desk: Desk) -> None:
    fired: list[bool] = []
    shortcut = QShortcut(QKeySequence("Ctrl+P"), desk)
    shortcut.activated.connect(lambda: fired.append(True))
    desk.picker.set_tenants(TENANTS)
    desk.open()
    desk.press(Key.Key_P, modifier=Qt.KeyboardModifier.ControlModifier)
    assert desk.pins == [(tenant(0).id,)]
    assert fired == []


def test_pin_by_mouse_never_chooses(desk: Desk) -> None:
    desk.picker.set_tenants(TENANTS)
    desk.open()
    left = Qt.MouseButton.LeftButton
    viewport = desk.table.viewport()

    def pin(name: str) -> QPoint:
        return desk.table.delegate.pin_rect(desk.row(name)).center()

    QTest.mouseClick(viewport, left, pos=pin("Customer 0003"))
    assert desk.pins == [(tenant(3).id,)]
    assert desk.picker.isVisible()
    # Qt remembers the row pressed before: choose one, open again, pin the same one where it
    # does not move.
    desk.type("0003")
    QTest.mouseClick(viewport, left, pos=desk.row("Customer 0003").center())
    assert desk.chosen == [tenant(3)]
    desk.open()
    desk.type("0003")
    QTest.mouseClick(viewport, left, pos=pin("Customer 0003"))
    assert desk.pins[-1] == ()
    assert desk.chosen == [tenant(3)]
    assert desk.picker.isVisible()


def test_click_chooses_and_a_title_does_not(desk: Desk) -> None:
    desk.picker.set_tenants(TENANTS)
    desk.picker.set_pinned([tenant(7).id])
    desk.open()
    viewport = desk.table.viewport()
    for where in (desk.row("Pinned").center(), desk.row("Pinned").topRight() + QPoint(-9, 9)):
        QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=where)
    assert desk.chosen == []
    assert desk.pins == []
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=desk.row("Customer 0002").center())
    assert desk.chosen == [tenant(2)]


def test_a_list_that_moves_under_the_mouse_chooses_nothing_else(desk: Desk) -> None:
    desk.picker.set_tenants([tenant(n) for n in range(10, 20)])
    desk.open()
    viewport = desk.table.viewport()
    where = desk.row("Customer 0013").center()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=where)
    desk.picker.set_pinned([tenant(19).id])
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=where)
    assert desk.chosen in ([], [tenant(13)])


def test_streaming_keeps_the_current_customer_where_it_is(desk: Desk) -> None:
    desk.picker.set_state(True)
    desk.picker.set_tenants([tenant(n) for n in range(500, 600)])
    desk.open()
    desk.press(Key.Key_Down, Key.Key_Down, Key.Key_Down)
    top = desk.table.visualRect(desk.table.currentIndex()).top()
    for start in (400, 300, 0):
        desk.picker.append_tenants([tenant(n) for n in range(start, start + 100)])
        assert desk.current == "Customer 0503"
        assert desk.table.visualRect(desk.table.currentIndex()).top() == top
    desk.press(Key.Key_Return)
    assert desk.chosen == [tenant(503)]


def test_the_first_answer_that_arrives_becomes_current(desk: Desk) -> None:
    desk.picker.set_state(True)
    desk.open()
    desk.type("zava")
    assert desk.current == ""
    desk.press(Key.Key_Return)
    assert desk.chosen == []
    desk.picker.append_tenants([tenant(1), tenant(2, "Zava")])
    assert desk.current == "Zava"


@pytest.mark.parametrize(
    ("prepare", "text"),
    [
        (lambda p: None, "No customers yet."),
        (lambda p: p.set_state(True), "Reading customers…"),
        (lambda p: (p.set_tenants(TENANTS), p.set_state(True)), "Reading customers… 12 so far"),
        (lambda p: p.set_tenants(TENANTS), "12 customers"),
        (lambda p: p.set_tenants(TENANTS[:1]), "1 customer"),
        (lambda p: p.set_state(False, "It failed."), "It failed."),
        (lambda p: (p.set_tenants(TENANTS), p.set_state(False, "It failed.")), "It failed."),
    ],
)
def test_states_say_what_they_are(
    desk: Desk, prepare: Callable[[TenantPicker], object], text: str
) -> None:
    prepare(desk.picker)
    desk.open()
    assert any(shown.startswith(text) for shown in desk.texts), desk.texts


def test_nothing_found_says_what_was_looked_for(desk: Desk) -> None:
    desk.picker.set_tenants(TENANTS)
    desk.open()
    desk.type("xyz")
    assert "No customer matches “xyz”." in desk.texts
    assert "0 of 12" in desk.texts
    desk.press(Key.Key_Return, Key.Key_Down)
    assert desk.chosen == []


@pytest.mark.parametrize("some", [[], TENANTS])
def test_retry_after_an_error(desk: Desk, qtbot: QtBot, some: list[Tenant]) -> None:
    desk.picker.set_tenants(some)
    desk.picker.set_state(False, "It failed.")
    desk.open()
    buttons = [b for b in desk.picker.findChildren(QPushButton) if b.isVisible()]
    assert [b.text() for b in buttons] == ["Try again"]
    with qtbot.waitSignal(desk.picker.retry_requested, timeout=1000):
        QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is desk.field
    desk.picker.set_state(True)
    assert not buttons[0].isVisible()


def test_a_screen_reader_hears_the_current_customer(desk: Desk) -> None:
    desk.picker.set_tenants(TENANTS)
    desk.picker.set_current(tenant(0).id)
    desk.open()
    assert desk.field.accessibleDescription() == "Customer 0000, c0.example, shown now"
    desk.press(Key.Key_Down)
    assert desk.field.accessibleDescription() == "Customer 0001, c1.example"


def test_letters_of_other_scripts_reach_the_field(desk: Desk) -> None:
    desk.picker.set_tenants([tenant(1, "Σίγμα")])
    desk.open()
    # Qt.Key has no name for these: looking the key up must not fail.
    QTest.sendKeyEvent(
        QTest.KeyAction.Click, desk.field, Key(Key.Key_unknown), "σ", Qt.KeyboardModifier.NoModifier
    )
    assert desk.field.text() == "σ"
    assert desk.current == "Σίγμα"


def test_stays_on_its_screen(desk: Desk) -> None:
    area = desk.screen().availableGeometry()
    desk.move(area.right() - 100, area.bottom() - 100)
    desk.open()
    assert area.contains(desk.picker.geometry())


def test_five_thousand_customers_ask_the_model_for_what_is_seen_only(desk: Desk) -> None:
    """Counts calls instead of milliseconds, which flake."""
    desk.picker.set_tenants([tenant(n) for n in range(5000)])
    desk.open()
    calls: list[str] = []

    def profile(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and isinstance(frame.f_locals.get("self"), TenantListModel):
            calls.append(frame.f_code.co_name)

    sys.setprofile(profile)
    try:
        desk.type("1")
        desk.picker.grab()
    finally:
        sys.setprofile(None)
    assert desk.table.model().rowCount() > 1000
    seen = desk.table.viewport().height() // theme.ROW_HEIGHT + 2
    assert 0 < calls.count("title_at") <= 4 * seen, "the delegate asks this once a row it paints"
    assert calls.count("data") < 8 * seen
    assert calls.count("rowCount") < 100
