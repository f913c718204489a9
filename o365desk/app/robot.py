"""A hand and an eye at the window: real mouse and key events, and waiting until a thing is seen.

The tour walks with it, and so do the tests that drive the whole program.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu, QPushButton, QWidget

from o365desk.domain.directory import User
from o365desk.domain.licensing import SkuId
from o365desk.models.user_rows import COLUMN
from o365desk.views.main_window import MainWindow
from o365desk.views.protection import ProtectionPart
from o365desk.views.switch_list import SwitchList

W = TypeVar("W", bound=QWidget)
T = TypeVar("T")

_LEFT = Qt.MouseButton.LeftButton
_NONE = Qt.KeyboardModifier.NoModifier

PATIENCE = 20.0
"""Seconds to wait for something to be seen before it counts as missing."""


class NotSeenError(AssertionError):
    """What should have happened on the screen did not."""


async def seen(condition: Callable[[], T | None], what: str, patience: float = PATIENCE) -> T:
    """Waits until `condition()` is true, and answers its value."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise NotSeenError(f"not seen: {what}")
        await asyncio.sleep(0.005)


class Robot:
    """Works one main window as a person would."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.table = window.users.table

    # The eye

    def user(self, name: str) -> User | None:
        """The user shown in the table under a display name."""
        index = self.row(name)
        return self.table.user_of(index)

    def row(self, name: str) -> QModelIndex:
        """The row of a display name; invalid when it is not shown."""
        model = self.table.model()
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            if index.data() == name:
                return index
        return QModelIndex()

    def cell(self, name: str, column: str) -> str:
        """What a cell of the Users' List says; column by key."""
        return str(self.row(name).siblingAtColumn(COLUMN[column]).data() or "")

    def dialog(self, kind: type[W]) -> W | None:
        """The dialog or pop-up of a kind that is open now."""
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, kind) and widget.isVisible():
                return widget
        return None

    async def opened(self, kind: type[W]) -> W:
        """Waits for a dialog or pop-up, until it knows who it is about."""
        await seen(lambda: self.dialog(kind) is not None, f"{kind.__name__} opens")
        found = self.dialog(kind)
        assert found is not None  # noqa: S101 (seen the line above)
        protection = found.findChild(ProtectionPart)
        if protection is not None:
            await seen(lambda: not protection.looking, "it is known who the user is")
        return found

    async def closed(self, kind: type[QWidget]) -> None:
        await seen(lambda: self.dialog(kind) is None, f"{kind.__name__} closes")

    # The hand

    def click(self, widget: QWidget, where: QPoint | None = None) -> None:
        """The left mouse button."""
        if isinstance(widget, QPushButton) and not widget.isEnabled():
            raise NotSeenError(f"“{widget.text()}” is disabled")
        QTest.mouseClick(widget, _LEFT, _NONE, where or widget.rect().center())

    def key(self, widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = _NONE) -> None:
        QTest.keyClick(widget, key, modifiers)

    def type(self, widget: QWidget, text: str) -> None:
        """Types text into a field, over what is in it."""
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.keys(widget, text)

    def keys(self, widget: QWidget, text: str) -> None:
        """Key after key; letters no key gives come as from an input method."""
        if text.isascii():
            QTest.keyClicks(widget, text)
            return
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(widget, event)

    def press(self, inside: QWidget, text: str) -> None:
        """A click on the button of that text, anywhere in a page or dialog."""
        for button in inside.findChildren(QPushButton):
            if button.text() == text and button.isVisible():
                self.click(button)
                return
        raise NotSeenError(f"there is no “{text}”")

    def click_cell(self, view: QAbstractItemView, index: QModelIndex) -> None:
        """A click into the middle of a cell, scrolled to first."""
        view.scrollTo(index)
        rect: QRect = view.visualRect(index)
        self.click(view.viewport(), rect.center())

    def manage_licenses(self, name: str) -> None:
        """The "Manage Licenses" button of a row."""
        self.click_cell(self.table, self.row(name).siblingAtColumn(COLUMN["manage"]))

    async def menu(self, name: str) -> QMenu:
        """The ".." button of a row, and the menu it opens."""
        self.click_cell(self.table, self.row(name).siblingAtColumn(COLUMN["more"]))
        return await self.opened(QMenu)

    def choose(self, menu: QMenu, text: str) -> None:
        """An entry of an open menu."""
        for action in menu.actions():
            if action.text() == text:
                if not action.isEnabled():
                    raise NotSeenError(f"“{text}” is disabled")
                self.click(menu, menu.actionGeometry(action).center())
                return
        raise NotSeenError(f"the menu has no “{text}”")

    async def act(self, name: str, action: str) -> None:
        """An entry of a row's ".." menu."""
        self.choose(await self.menu(name), action)

    def switch(self, switches: SwitchList, sku_id: SkuId) -> None:
        """Moves a switch with the mouse."""
        model = switches.model
        if model is None or model.row_of(sku_id) < 0:
            raise NotSeenError(f"no switch for {sku_id}")
        index = model.index(model.row_of(sku_id))
        switches.view.scrollTo(index)
        rect = switches.view.visualRect(index)
        self.click(switches.view.viewport(), QPoint(rect.left() + 40, rect.top() + 24))

    async def in_front(self) -> None:
        """Shortcuts need the active window; without a window manager nobody makes it so again
        after a dialog has closed, and on X11 no window is active behind a pop-up."""
        if (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        self.window.activateWindow()
        await seen(self.window.isActiveWindow, "the window is in front")

    async def open_tenant(self, name: str) -> None:
        """Ctrl+K, the name, Enter; waits until the users are there."""
        await self.in_front()
        self.key(self.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        picker = self.window.picker
        await seen(picker.isVisible, "the customers open")
        field = await seen(QApplication.focusWidget, "a field has the focus")
        self.keys(field, name)
        await asyncio.sleep(0.05)
        self.key(field, Qt.Key.Key_Return)
        await seen(lambda: self.window.windowTitle().startswith(name), f"{name} opens")
        await self.loaded()

    async def loaded(self) -> None:
        """Waits until no progress is shown any more, and it is known what can be done."""
        panel = self.window.users
        await seen(
            lambda: not panel.cancel_button.isVisible() and " read " in panel.counts.text(),
            "the users are read",
        )
        await seen(lambda: self.window.offers_settled, "the rights are looked up")

    async def search(self, text: str) -> None:
        """Ctrl+F and a text."""
        await self.in_front()
        self.key(self.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        self.type(self.window.search, text)
        await seen(lambda: self.table.query.text == text, "the search applies")
