"""F1: the keys, the same as in the README, beside the work and gone again."""

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from o365desk.models.users import UserTableModel
from o365desk.views.key_sheet import KEYS, KeySheet
from o365desk.views.main_window import MainWindow
from tests.models.people import now, product_name

README = Path(__file__).parents[2] / "README.md"


def window(qtbot: QtBot, *, single_tenant: bool = False) -> MainWindow:
    made = MainWindow(
        UserTableModel(product_name, now), single_tenant=single_tenant, practice=False
    )
    made.finish_closing()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def sheet(main: MainWindow) -> KeySheet:
    found = main.findChild(KeySheet)
    assert isinstance(found, KeySheet)
    return found


def test_the_sheet_says_what_the_readme_says() -> None:
    section = README.read_text("utf-8").partition("### Keys")[2].partition("\n### ")[0]
    lines = re.findall(r"^\| (`.+) \| (.+) \|$", section, re.MULTILINE)
    told = [(tuple(re.findall(r"`(.+?)`", keys)), does.replace("`", "")) for keys, does in lines]
    assert list(KEYS) == told


def test_f1_opens_and_closes_it(qtbot: QtBot) -> None:
    main = window(qtbot)
    main.activateWindow()
    qtbot.waitUntil(main.isActiveWindow)
    QTest.keyClick(main, Qt.Key.Key_F1)
    opened = sheet(main)
    assert opened.isVisible()
    assert not opened.isModal()
    qtbot.waitUntil(opened.isActiveWindow)
    QTest.keyClick(opened, Qt.Key.Key_F1)
    assert not opened.isVisible()
    main.activateWindow()
    qtbot.waitUntil(main.isActiveWindow)
    QTest.keyClick(main, Qt.Key.Key_F1)
    assert opened.isVisible()
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert not opened.isVisible()


def test_one_organization_has_no_customers_to_choose(qtbot: QtBot) -> None:
    main = window(qtbot, single_tenant=True)
    main.show_keys()
    said = {label.text() for label in sheet(main).findChildren(QLabel)}
    assert "choose a customer" not in said
    assert "Create User" in said


def test_it_never_outgrows_the_screen(qtbot: QtBot) -> None:
    main = window(qtbot)
    main.show_keys()
    opened = sheet(main)
    room = opened.screen().availableGeometry().size()
    (area,) = opened.findChildren(QScrollArea)
    for one in area.findChildren(QLabel):
        one.setMinimumHeight(room.height() // 20)
    opened.close()
    main.show_keys()
    assert opened.height() <= room.height()
    assert area.verticalScrollBar().maximum() > 0
    assert area.horizontalScrollBar().maximum() == 0
