"""What the tests of the dialogs share: people, products, and opening a dialog."""

from typing import TypeVar

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from o365desk.domain.directory import User, UserId, UserState
from o365desk.domain.errors import Conflict, Refusal
from o365desk.domain.licensing import GroupId, LicenseAssignment, Sku, SkuId

D = TypeVar("D", bound=QDialog)
Key = Qt.Key
_WINDOW = pytest.StashKey[QWidget]()
TENANT = "Contoso Ltd"
BI_TEAM = GroupId("g-bi")


def adele(**changes: object) -> User:
    user = User(
        id=UserId("u-1"),
        display_name="Adele Vance",
        username="adele@contoso.com",
        first_name="Adele",
        last_name="Vance",
        state=UserState.ACTIVE,
        location="GB",
        licenses=(),
    )
    return user._replace(**changes)  # type: ignore[arg-type]


def sku(name: str, available: int, **more: object) -> Sku:
    values: dict[str, object] = {
        "id": SkuId(name.casefold().replace(" ", "-")),
        "part_number": name.upper(),
        "name": name,
        "active": 10,
        "available": available,
    }
    return Sku(**(values | more))  # type: ignore[arg-type]


E5 = sku("Microsoft 365 E5", 2)
VISIO = sku("Visio Plan 2", 4)
POWER_BI = sku("Power BI Pro", 0)
PROJECT = sku("Project Plan 3", 0)
PRODUCTS = (E5, VISIO, POWER_BI, PROJECT)
HELD = (
    LicenseAssignment(E5.id),
    LicenseAssignment(POWER_BI.id, direct=False, groups=(BI_TEAM,)),
)


def refusal(kind: Refusal, sentence: str = "Microsoft says no.", *skus: SkuId) -> Conflict:
    return Conflict(
        sentence,
        next_step="Do something else.",
        refusal=kind,
        sku_ids=skus,
        status=400,
        code="Request_BadRequest",
        request_id="r-1",
    )


def host(qtbot: QtBot) -> QWidget:
    """The window a dialog belongs to; the test's end takes both away."""
    window = QWidget()
    window.resize(1200, 800)
    qtbot.addWidget(window)
    qtbot._request.node.stash[_WINDOW] = window  # qtbot itself only keeps a weak reference
    window.show()
    return window


def opened(qtbot: QtBot, dialog: D) -> D:
    """Opens the dialog window-modal, never by a nested loop."""
    dialog.open()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def focus(dialog: QDialog) -> QWidget:
    """Where a key goes: an open pop-up takes them all, as it does on screen."""
    popup: QWidget | None = QApplication.activePopupWidget()
    if popup is not None:
        return popup
    widget: QWidget | None = dialog.focusWidget()
    return dialog if widget is None else widget


def press(dialog: QDialog, key: Qt.Key) -> None:
    """A key where the keyboard stands now."""
    QTest.keyClick(focus(dialog), key)


def click(widget: QWidget) -> None:
    """A click of the left mouse button in the middle of a widget."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def tab_order(dialog: QDialog) -> list[QWidget]:
    """What Tab reaches, in order, from the first control round to it again."""
    order: list[QWidget] = []
    while focus(dialog) not in order and len(order) < 60:
        order.append(focus(dialog))
        press(dialog, Key.Key_Tab)
    return order


def type_keys(widget: QWidget, text: str) -> None:
    """Types; QTest aborts at letters it has no key for, where people have an input method."""
    for letter in text:
        if letter.isascii():
            QTest.keyClicks(widget, letter)
        else:
            event = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
            QApplication.sendEvent(widget, event)


def type_into(edit: QLineEdit, text: str) -> None:
    """Replaces what stands in a field by typing."""
    edit.setFocus()
    edit.selectAll()
    type_keys(edit, text)
