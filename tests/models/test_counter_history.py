"""Counters over time: what is true when, in words, and as rows of a table."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from o365desk.domain.snapshots import CounterPoint, CounterSeries
from o365desk.models.counter_history import (
    Counter,
    CounterHistory,
    CounterTableModel,
    Span,
    change_text,
    trend_text,
)
from o365desk.models.roles import Role
from tests.models.counters import VISIO, day, long_series, point, series

BRITISH = QLocale("en_GB")


@pytest.fixture(autouse=True)
def british(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(BRITISH)
    yield
    QLocale.setDefault(before)


def test_the_last_snapshot_is_a_stop_of_its_own() -> None:
    history = CounterHistory(VISIO)
    assert [stop.at for stop in history.stops] == [day(0), day(10), day(40), day(60)]
    assert [change_text(stop, BRITISH) for stop in history.stops] == [
        "First seen",
        "Assigned +8, Available -8",
        "Assigned +5, Available -5, Suspended +5",
        "No change",
    ]
    one = CounterHistory(series(point(0, 5, 5)))
    assert [stop.at for stop in one.stops] == [day(0)]


def test_what_was_true_when() -> None:
    history = CounterHistory(series(point(5, 20, 10), point(10, 20, 18), seen=(day(0), day(30))))
    assert history.point(day(4)) is None
    assert history.point(day(9)) == point(5, 20, 10)
    assert history.point(day(25)) == point(10, 20, 18)
    assert history.moments == (day(0), day(5), day(10), day(30)), "thinned out, but seen once"


@pytest.mark.parametrize(
    ("at", "nearest"), [(-3, 0), (2, 0), (3, 5), (14, 10), (16, 20), (300, 60)]
)
def test_only_snapshots_are_read_out(at: int, nearest: int) -> None:
    history = CounterHistory(VISIO)
    assert history.moments[history.nearest_seen(day(at).timestamp())] == day(nearest)


@pytest.mark.parametrize(
    ("span", "first"), [(Span.MONTH, 30), (Span.QUARTER, 0), (Span.YEAR, 0), (Span.ALL, 0)]
)
def test_a_span_ends_with_the_last_snapshot(span: Span, first: int) -> None:
    start, end = CounterHistory(VISIO).window(span)
    assert (start, end) == (day(first).timestamp(), day(60).timestamp())


def test_a_single_snapshot_is_in_the_middle() -> None:
    start, end = CounterHistory(series(point(0, 5, 5))).window(Span.MONTH)
    assert (start + end) / 2 == day(0).timestamp()
    assert start < end


def test_extremes_are_those_in_view() -> None:
    history = CounterHistory(VISIO)
    assert history.extremes(day(0).timestamp()) == (-3, 23)
    assert history.extremes(day(12).timestamp()) == (-3, 23)
    falling = CounterHistory(series(point(0, 900, 0), point(10, 20, 0), point(20, 10, 0)))
    assert falling.extremes(day(12).timestamp()) == (0, 20)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (VISIO, "Available from 10 to -3 in 60 days, 1 Sept 2026 to 31 Oct 2026"),
        (series(point(0, 1500, 0)), "Available 1,500 on 1 Sept 2026"),
        (series(), ""),
    ],
    ids=["moved", "one", "none"],
)
def test_a_trend_in_words(made: CounterSeries, text: str) -> None:
    assert trend_text(made, BRITISH) == text


def test_every_counter_is_read_from_its_field() -> None:
    all_different = CounterPoint(day(0), 1, 2, 3, 4, 5)
    assert [counter.of(all_different) for counter in Counter] == [1, 2, 3, 4, 5]


def made(of: CounterSeries) -> CounterTableModel:
    model = CounterTableModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.set_history(CounterHistory(of))
    return model


def test_the_table_has_the_numbers_newest_first() -> None:
    model = made(VISIO)
    titles = [
        model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())
    ]
    assert titles == ["Seen", "Active", "Assigned", "Available", "Suspended", "Change"]
    rows = [[model.index(row, column).data() for column in range(6)] for row in range(4)]
    assert [row[1:] for row in rows] == [
        ["20", "23", "-3", "5", "No change"],
        ["20", "23", "-3", "5", "Assigned +5, Available -5, Suspended +5"],
        ["20", "18", "2", "0", "Assigned +8, Available -8"],
        ["20", "10", "10", "0", "First seen"],
    ]
    assert rows[0][0].startswith("31 Oct 2026, ")
    assert model.row_of(0) == 3
    assert model.stop_at(3).at == day(0)
    spoken = model.index(0, 3).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Available: -3"
    assert model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole).startswith("Saturday, 31 October")
    values = [model.index(1, column).data(Role.VALUE) for column in range(6)]
    assert values == [day(40), 20, 23, -3, 5, None]
    model.set_history(None)
    assert model.rowCount() == 0


def test_rows_are_copied_with_their_titles() -> None:
    lines = made(VISIO).copied([1, 3]).split("\n")
    assert lines[0] == "Seen\tActive\tAssigned\tAvailable\tSuspended\tChange"
    assert [line.split("\t")[2] for line in lines[1:]] == ["23", "10"]


def test_texts_of_many_rows_are_made_ahead(qtbot: QtBot) -> None:
    model = CounterTableModel()
    model.set_history(CounterHistory(long_series(2000)))
    assert model.waiting == 2000
    qtbot.waitUntil(lambda: model.waiting == 0)
    model.set_history(CounterHistory(VISIO))
    assert model.waiting == 4
    assert model.copied([0]).endswith("No change")
