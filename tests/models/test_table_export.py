"""What comes out of a table equals the screen: any columns, any order, any filter."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtCore import QAbstractTableModel, QLocale, Qt
from pytestqt.qtbot import QtBot

from o365desk.domain.licensing import Sku, SkuId, Subscription, SubscriptionState
from o365desk.domain.query import UserQuery
from o365desk.domain.tables import Cell
from o365desk.models import table_export
from o365desk.models.portfolio import PortfolioModel
from o365desk.models.purge import PurgeModel
from o365desk.models.skus import SkuTableModel
from o365desk.models.subscriptions import SubscriptionTableModel
from o365desk.models.table_export import (
    PORTFOLIO_MORE,
    PURGE_MORE,
    SKU_MORE,
    USER_MORE,
    TableChanged,
    TableRows,
)
from o365desk.models.user_rows import COLUMN
from o365desk.models.users import UserTableModel
from o365desk.models.words import moment_text
from tests.models.customers import DAY, facts, gone, tenant
from tests.models.people import BOTH, E5, NOW, deleted, now, product_name, user


@pytest.fixture(autouse=True)
def british() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(before)


def users() -> UserTableModel:
    model = UserTableModel(product_name, now)
    model.append(
        [
            user("山田 太郎", licenses=BOTH),
            user("Ελένη", licenses=E5),
            user("علي", location=""),
            deleted("Anna", 12),
        ]
    )
    return model


def read(rows: TableRows) -> list[tuple[Cell, ...]]:
    return [row for piece in rows.pieces() for row in piece]


def shown(model: QAbstractTableModel, columns: Sequence[int]) -> list[tuple[str, ...]]:
    rows = range(model.rowCount())
    return [tuple(str(model.index(row, one).data() or "") for one in columns) for row in rows]


@pytest.mark.parametrize("cells", [1, 7, 2000])
def test_texts_stand_as_on_the_screen_in_its_order(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_export, "CELLS", cells)
    model = users()
    columns = [COLUMN[key] for key in ("status", "name", "assign", "id")]
    rows = TableRows(model, columns)
    assert rows.titles == ("Status", "Display name", "Assign", "User ID")
    assert read(rows) == shown(model, columns)
    model.set_query(UserQuery(text="e5", sort="name", descending=True))
    found = read(rows)
    assert found == shown(model, columns)
    assert (len(found), rows.count) == (2, 2)


def test_a_time_is_a_time_and_what_is_none_is_told_in_words() -> None:
    model = users()
    at = datetime(2026, 9, 3, 8, 15, tzinfo=UTC)
    model.begin_sign_ins()
    model.take_sign_ins([(model.users[0].id, at), (model.users[1].id, None)])
    column = COLUMN["sign_in"]
    found = [row[0] for row in read(TableRows(model, [column]))]
    assert set(found) == {at, "never", "not read yet"}
    assert moment_text(at) in [row[0] for row in shown(model, [column])]


def test_all_columns_hold_the_ids() -> None:
    model = users()
    rows = TableRows(model, [COLUMN["name"], COLUMN["id"]], USER_MORE)
    assert rows.titles == ("Display name", "User ID", "Deleted", "Product SKU IDs")
    found = {row[0]: row for row in read(rows)}
    assert found["山田 太郎"] == ("山田 太郎", "山田.太郎", "", "e5; visio")
    assert found["Anna"] == ("Anna", "anna", NOW - timedelta(days=12), "")


def test_counters_are_numbers() -> None:
    model = SkuTableModel()
    model.set_skus([Sku(SkuId("e5"), "SPE_E5", "Microsoft 365 E5", 1_200, 1_202, -2, warning=5)])
    assert shown(model, range(5)) == [("Microsoft 365 E5", "1,200", "1,202", "-2", "0")]
    assert read(TableRows(model, range(5), SKU_MORE)) == [
        ("Microsoft 365 E5", 1_200, 1_202, -2, 0, 5, "SPE_E5", "e5", "")
    ]


def test_a_term_ends_on_a_day_and_what_is_not_told_is_told_so() -> None:
    model = SubscriptionTableModel()
    end = datetime(2027, 3, 12, 23, 59, tzinfo=UTC)
    known = Subscription("s1", SkuId("e5"), "E5", SubscriptionState.ACTIVE, 1_200, term_end=end)
    bare = Subscription("s2", SkuId("e5"), "", SubscriptionState.UNKNOWN, 0)
    model.set_subscriptions([known, bare], NOW)
    found = read(TableRows(model, range(4)))
    assert found[0] == ("s1", "Active", 1_200, date(2027, 3, 12))
    assert found[1] == shown(model, range(4))[1]


def test_rows_that_move_meanwhile_are_not_mixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_export, "CELLS", 2)
    model = users()
    rows = TableRows(model, [0])
    pieces = rows.pieces()
    next(pieces)
    model.set_stale(True)
    next(pieces)  # dimmed rows are the same rows
    pieces = rows.pieces()
    next(pieces)
    model.append([user("Zoe")])
    with pytest.raises(TableChanged):
        next(pieces)
    pieces = rows.pieces()
    next(pieces)
    model.put([model.users[0]._replace(location="FR")])
    with pytest.raises(TableChanged):
        next(pieces)
    assert len(read(rows)) == 5


def test_nothing_is_left_connected() -> None:
    model = users()
    signal = "2dataChanged(QModelIndex,QModelIndex,QList<int>)"
    before = model.receivers(signal)
    rows = TableRows(model, [0])
    next(rows.pieces())
    read(rows)
    assert model.receivers(signal) == before
    assert model.headerData(0, Qt.Orientation.Horizontal) == rows.titles[0]


def test_customers_and_their_deleted_users_as_numbers_days_and_times(qtbot: QtBot) -> None:
    customers, gone_ones = PortfolioModel(), PurgeModel()
    known = [facts("Contoso", at=NOW - 2 * DAY)]
    with qtbot.waitSignals([customers.settled, gone_ones.settled]):
        customers.take([tenant("Contoso"), tenant("Fabrikam")], known, NOW)
        gone_ones.take([gone("Adele", "Contoso", 29)], known, NOW)
    rows = TableRows(customers, range(customers.columnCount()), PORTFOLIO_MORE)
    assert not any("\n" in title for title in rows.titles)
    read_one, never = read(rows)
    assert read_one[1] == known[0].users
    assert read_one[customers.columnCount() - 1 :] == (NOW - 2 * DAY, *_ids("Contoso"))
    assert never[1:3] == ("", "")
    assert never[customers.columnCount() - 1 :] == ("never read", *_ids("Fabrikam"))
    adele = read(TableRows(gone_ones, range(gone_ones.columnCount()), PURGE_MORE))[0]
    assert adele[:2] == (1, "Adele")
    assert (NOW - timedelta(days=29)).date() in adele
    assert adele[-1] == tenant("Contoso").id


def _ids(name: str) -> tuple[str, str]:
    return tenant(name).domain, tenant(name).id
