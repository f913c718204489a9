"""ChangeTableModel: what Qt and the page see of a comparison's lines."""

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from o365desk.domain.comparison import ChangeKind
from o365desk.models import pieces
from o365desk.models.change_rows import PIECE
from o365desk.models.changes import CHANGE_MORE, ChangeTableModel
from o365desk.models.table_export import TableRows
from tests.models.compared import FEW, many, product_name

DESCENDING = Qt.SortOrder.DescendingOrder


@pytest.fixture
def model() -> ChangeTableModel:
    made = ChangeTableModel(product_name)
    made.set_changes(FEW)
    return made


def names(model: ChangeTableModel) -> list[str]:
    return [str(model.index(row, 1).data()) for row in range(model.rowCount())]


def test_qt_finds_nothing_to_complain_about(model: ChangeTableModel) -> None:
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_text("adele")
    model.sort(2, DESCENDING)
    model.set_kinds({ChangeKind.CREATED})
    model.set_kinds(())
    model.set_text("")
    model.set_changes(FEW[:2])
    assert model.rowCount() == 2


def test_groups_stand_in_their_order_until_another_is_asked_for(model: ChangeTableModel) -> None:
    assert names(model) == [one.display_name for one in FEW]
    model.sort(1)
    assert names(model) == ["Adele Vance", "Adele Vance", "Bo Berg", "محمد", "山田 太郎"]
    model.sort(1, DESCENDING)
    assert names(model)[0] == "山田 太郎"
    model.sort(0)
    assert names(model) == [one.display_name for one in FEW]


def test_filters_work_together_and_outlive_the_comparison(model: ChangeTableModel) -> None:
    model.set_kinds({ChangeKind.LICENSE_GAINED, ChangeKind.LICENSE_LOST})
    model.set_text("ADELE")
    assert (model.rowCount(), model.total) == (2, 5)
    model.set_changes(FEW[1:])
    assert names(model) == ["Adele Vance"]
    model.set_text("")
    model.set_kinds(())
    assert model.rowCount() == 4


def test_a_line_stays_the_same_through_sort_and_filter(model: ChangeTableModel) -> None:
    kept = QPersistentModelIndex(model.index(1, 3))
    other = QPersistentModelIndex(model.index(3, 0))
    model.sort(1, DESCENDING)
    assert model.change_at(kept) == FEW[1]
    assert kept.column() == 3
    model.set_text("bo")
    assert model.change_at(kept) == FEW[1]
    assert not other.isValid()


def test_a_cell_is_told_with_its_column(model: ChangeTableModel) -> None:
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.index(0, 3).data(role) == "Product: Microsoft 365 E5"
    assert model.index(0, 4).data(role) == "Before: none"


def test_copies_lines_in_the_order_shown(model: ChangeTableModel) -> None:
    model.sort(1, DESCENDING)
    taken: list[str] = []
    for _ in model.copying([range(2), range(4, 5)], taken.append):
        pass
    assert taken == [
        "Renamed\t山田 太郎\t山田@contoso.com\t\t山田 花子\t山田 太郎\n"
        "Created\tمحمد\tمحمد@contoso.com\t\t\t\n"
        "License gained\tAdele Vance\tadele@contoso.com\tMicrosoft 365 E5\t\tdirect"
    ]


def test_exports_have_the_ids(model: ChangeTableModel) -> None:
    rows = TableRows(model, [0, 1], CHANGE_MORE)
    assert rows.titles == ("What", "Display name", "User ID", "Product SKU ID")
    (piece,) = rows.pieces()
    assert piece[2] == ("License lost", "Adele Vance", "id-Adele Vance", "visio")
    assert piece[3] == ("Created", "محمد", "id-محمد", "")


def test_many_lines_are_shown_before_they_are_counted(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "BUDGET", 0.0)
    model, count = ChangeTableModel(product_name), 3 * PIECE
    with qtbot.waitSignal(model.arranged):
        model.set_changes(many(count))
        assert model.rowCount() == count
        assert model.total == count
        model.set_text("person that nobody is")
        model.set_text("adele")
        assert model.rowCount() == count, "what is shown stays until the next is there"
    assert model.rowCount() == count // 6
    assert model.rows.totals.total() == count
    with qtbot.waitSignal(model.arranged):
        model.set_text("")
        model.set_changes(FEW)
    assert names(model) == [one.display_name for one in FEW], "the old lines are given up"
