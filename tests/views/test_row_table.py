"""RowTable: keys, copied rows, and remembered widths."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from o365desk.models import pieces
from o365desk.models.purge import PurgeModel
from o365desk.views.row_table import RowTable, in_two
from tests.models.customers import facts, gone
from tests.models.people import NOW

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def table(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[RowTable]:
    monkeypatch.setattr(pieces, "BUDGET", 60)  # in one go, on a slow machine too
    made = RowTable(PurgeModel(), "Deleted users", stretch="seats")
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    made.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    users = [gone("Adele Vance", "Contoso", 3), gone("田中 太郎", "Fabrikam", 5)]
    made.listing.load(())
    assert isinstance(made.listing, PurgeModel)
    made.listing.take(users, [facts("Contoso"), facts("Fabrikam")], NOW)
    yield made
    QGuiApplication.clipboard().clear()


def test_selected_rows_are_copied_as_a_spreadsheet_takes_them(table: RowTable) -> None:
    QTest.keyClick(table, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "", "nothing is selected"
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, CONTROL)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert [line[1] for line in lines] == ["田中 太郎", "Adele Vance"], "in the order of the table"
    assert {len(line) for line in lines} == {len(table.listing.columns)}


def test_enter_and_double_click_open_the_row(table: RowTable) -> None:
    asked = QSignalSpy(table.activated_row)
    table.setCurrentIndex(table.listing.index(0, 0))
    QTest.keyClick(table, Qt.Key.Key_Return)
    where = table.visualRect(table.listing.index(1, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    names = [asked.at(number)[0].texts[1] for number in range(asked.count())]
    assert names == ["田中 太郎", "Adele Vance"]


def test_widths_and_sort_are_remembered_and_foreign_ones_ignored(
    table: RowTable, qtbot: QtBot
) -> None:
    table.horizontalHeader().resizeSection(1, 222)
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    saved = table.save_state()
    other = RowTable(PurgeModel(), "Deleted users", stretch="seats")
    qtbot.addWidget(other)
    other.restore_state(saved)
    assert other.horizontalHeader().sectionSize(1) == 222
    assert other.horizontalHeader().sortIndicatorSection() == 1
    before = other.save_state()
    for wrong in (b"", b"nonsense", b"a,b\n" + saved.partition(b"\n")[2]):
        other.restore_state(wrong)
        assert other.save_state() == before


def test_very_many_selected_rows_are_let_go_before_rows_move(table: RowTable) -> None:
    assert isinstance(table.listing, PurgeModel)
    users = [gone(f"User {n}", "Contoso", 3) for n in range(250)]
    table.listing.take(users, [facts("Contoso")], NOW)
    table.setCurrentIndex(table.listing.index(7, 0))
    name = table.current_row().texts[1]
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert table.selectionModel().hasSelection(), "a few stay"
    table.selectAll()
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert not table.selectionModel().hasSelection()
    assert table.current_row().texts[1] == name


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Suspended", "Suspended"),
        ("No seats left", "No seats\nleft"),
        ("Licensed but blocked", "Licensed\nbut blocked"),
    ],
)
def test_titles_of_numbers_stand_in_two_lines(title: str, expected: str) -> None:
    assert in_two(title) == expected


def test_old_rows_are_painted_otherwise(table: RowTable) -> None:
    before = table.grab().toImage()
    table.set_dimmed(True)
    assert table.grab().toImage() != before
