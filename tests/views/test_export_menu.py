"""The export button: what the menu offers, which columns it takes, and the keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from o365desk.models.table_export import ExportFormat, ExportWish, MoreColumn, TableAbout
from o365desk.models.user_rows import COLUMN
from o365desk.models.users import UserTableModel
from o365desk.views.export_menu import ExportButton, exported_columns
from o365desk.views.user_table import UserTableView
from tests.models.people import now, product_name, user


class Page(QWidget):
    """A table with its button, as every page has one."""

    def __init__(self) -> None:
        super().__init__()
        self.model = UserTableModel(product_name, now, self)
        self.table = UserTableView(self.model)
        self.button = ExportButton(self.table, self.describe, self)
        self.wishes: list[ExportWish] = []
        self.button.export_requested.connect(self.wishes.append)
        layout = QVBoxLayout(self)
        layout.addWidget(self.button)
        layout.addWidget(self.table)

    def describe(self) -> TableAbout:
        return TableAbout("T", more=(MoreColumn("Length", lambda one: len(one.display_name)),))


@pytest.fixture
def page(qtbot: QtBot) -> Page:
    made = Page()
    qtbot.addWidget(made)
    made.model.append([user("Zoe"), user("Adele")])
    made.model.settle()
    made.show()
    qtbot.waitExposed(made)
    return made


def menu(page: Page) -> QMenu:
    page.button.click()
    found = QApplication.activePopupWidget()
    assert isinstance(found, QMenu)
    return found


def choose(page: Page, text: str) -> ExportWish:
    opened = menu(page)
    next(action for action in opened.actions() if action.text() == text).trigger()
    opened.close()
    return page.wishes[-1]


def test_the_menu_offers_every_format_twice(page: Page) -> None:
    opened = menu(page)
    assert [action.text() for action in opened.actions() if action.text()] == [
        "As shown: CSV…",
        "As shown: Excel workbook…",
        "As shown: copy to clipboard",
        "All columns: CSV…",
        "All columns: Excel workbook…",
        "All columns: copy to clipboard",
        "CSV with byte order mark, for Excel",
    ]
    opened.close()
    assert choose(page, "All columns: Excel workbook…").format is ExportFormat.XLSX
    assert choose(page, "As shown: copy to clipboard").format is ExportFormat.CLIPBOARD


def test_columns_leave_as_they_stand(page: Page) -> None:
    header = page.table.horizontalHeader()
    header.moveSection(header.visualIndex(COLUMN["location"]), 0)
    page.table.setColumnHidden(COLUMN["status"], True)
    page.table.setColumnHidden(COLUMN["mail"], False)
    wish = choose(page, "As shown: CSV…")
    assert wish.rows.titles == ("Location", "Display name", "Username", "Assign", "Mail")
    rows = [row for piece in wish.rows.pieces() for row in piece]
    assert [row[1] for row in rows] == ["Adele", "Zoe"]
    every = choose(page, "All columns: CSV…").rows
    assert every.titles[0] == "Location"
    assert {"Status", "User ID", "Last sign-in"} < {*every.titles}
    assert every.titles[-1] == "Length"
    assert [row[-1] for piece in every.pieces() for row in piece] == [5, 3]
    buttons = {COLUMN["manage"], COLUMN["more"]}
    assert not buttons & {*exported_columns(page.table, everything=True)}


def test_the_mark_stays_as_it_was_set(page: Page) -> None:
    told: list[bool] = []
    page.button.mark_changed.connect(told.append)
    assert choose(page, "As shown: CSV…").mark
    opened = menu(page)
    opened.actions()[-1].trigger()
    opened.close()
    assert told == [False]
    assert not choose(page, "As shown: CSV…").mark


def test_ctrl_e_opens_it_from_the_table_unless_there_is_nothing(page: Page) -> None:
    page.activateWindow()
    page.table.setFocus()
    assert page.button.isEnabled()
    QTest.keyClick(page.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    opened = QApplication.activePopupWidget()
    assert isinstance(opened, QMenu)
    assert opened.activeAction() is opened.actions()[0]
    opened.close()
    page.model.clear()
    assert not page.button.isEnabled()
    QTest.keyClick(page.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.activePopupWidget() is None
