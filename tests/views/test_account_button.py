"""The account at the top right: who it names, and what its menu offers."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from o365desk.models.users import UserTableModel
from o365desk.views.account_button import WIDEST, AccountButton
from o365desk.views.main_window import MainWindow
from tests.models.people import now, product_name

LONG = "internationale.gesellschaft.fuer.zusammenarbeit@contoso.onmicrosoft.com"
RIGHT_TO_LEFT = "شركة الاتصالات"


def window(qtbot: QtBot) -> MainWindow:
    made = MainWindow(UserTableModel(product_name, now), single_tenant=False, practice=True)
    made.finish_closing()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def menu_of(owner: AccountButton | MainWindow) -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.parent() is owner
    return menu


def choose(menu: QMenu, text: str) -> None:
    """With the arrow keys, as far as it takes, then Enter."""
    for _ in menu.actions():
        QTest.keyClick(menu, Qt.Key.Key_Down)
        if menu.activeAction().text() == text:
            QTest.keyClick(menu, Qt.Key.Key_Return)
            return
    raise AssertionError(f"no {text}")


def test_hidden_while_there_is_no_account_to_speak_of(qtbot: QtBot) -> None:
    main = window(qtbot)
    assert not main.account.isVisible()
    main.account.show_account("", "Contoso")
    assert main.account.isVisible()
    assert main.account.text() == "Not signed in"
    main.account.clear_account()
    assert not main.account.isVisible()


@pytest.mark.parametrize(
    ("entry", "signal"),
    [
        ("Sign out", "sign_out_requested"),
        ("Switch account…", "switch_requested"),
        ("Connections…", "connections_requested"),
    ],
)
def test_menu_by_keyboard(qtbot: QtBot, entry: str, signal: str) -> None:
    main = window(qtbot)
    main.account.show_account("ann@contoso.com", "A & B")
    asked = QSignalSpy(getattr(main.account, signal))
    main.account.setFocus()
    QTest.keyClick(main.account, Qt.Key.Key_Space)
    menu = menu_of(main.account)
    texts = [one.text() for one in menu.actions() if not one.isSeparator()]
    assert texts == [
        "ann@contoso.com",
        "A && B",
        "Sign out",
        "Switch account…",
        "Connections…",
    ]
    choose(menu, entry)
    assert asked.count() == 1
    assert not main.account.isDown()


def test_nobody_can_only_sign_in(qtbot: QtBot) -> None:
    main = window(qtbot)
    main.account.show_account("", RIGHT_TO_LEFT)
    QTest.mouseClick(main.account, Qt.MouseButton.LeftButton)
    menu = menu_of(main.account)
    enabled = [one.text() for one in menu.actions() if one.isEnabled() and one.text()]
    assert enabled == ["Sign in…", "Connections…"]
    assert RIGHT_TO_LEFT in main.account.accessibleName()
    QTest.keyClick(menu, Qt.Key.Key_Escape)


def test_a_long_username_is_cut_and_whole_in_the_tooltip(qtbot: QtBot) -> None:
    main = window(qtbot)
    main.account.show_account(LONG, "Contoso")
    qtbot.waitUntil(lambda: main.account.text().endswith("…"))
    assert main.account.width() <= WIDEST
    assert LONG in main.account.toolTip()
    assert LONG in main.account.accessibleName()


def test_help_leads_to_keys_and_diagnostics(qtbot: QtBot) -> None:
    main = window(qtbot)
    asked = QSignalSpy(main.diagnostics_requested)
    QTest.mouseClick(main.rail.help, Qt.MouseButton.LeftButton)
    choose(menu_of(main), "Diagnostics…")
    assert asked.count() == 1
    QTest.keySequence(main, QKeySequence("Shift+F1"))
    assert asked.count() == 2
    connections = QSignalSpy(main.connections_requested)
    QTest.keySequence(main, QKeySequence("Ctrl+O"))
    assert connections.count() == 1


def test_a_narrow_window_keeps_its_room_for_the_customer(qtbot: QtBot) -> None:
    main = window(qtbot)
    main.account.show_account("ann@contoso.com", "Contoso")
    main.resize(800, 600)
    qtbot.waitUntil(lambda: main.account.text() == "")
    assert main.account.toolTip() == "ann@contoso.com"
    main.resize(1280, 800)
    qtbot.waitUntil(lambda: main.account.text() == "ann@contoso.com")
