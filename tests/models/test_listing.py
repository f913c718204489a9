"""ListingModel: rows made, sorted and searched in pieces, and indexes that stay with their row."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from pytestqt.qtbot import QtBot

from o365desk.models import pieces
from o365desk.models.columns import Column
from o365desk.models.listing import ListingModel
from o365desk.models.roles import Role

ASCENDING = Qt.SortOrder.AscendingOrder
DESCENDING = Qt.SortOrder.DescendingOrder


class Line(NamedTuple):
    key: str
    number: float | None
    haystack: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return self.key, str(self.number)


COLUMNS: tuple[Column[Line], ...] = (
    Column("name", "Name", lambda row: row.texts[0]),
    Column(
        "number",
        "Seats used by nobody",
        lambda row: row.texts[1],
        lambda row: row.number,
        right=True,
    ),
)


class Model(ListingModel[Line]):
    least: float | None = None

    @property
    def filters(self) -> bool:
        return self.least is not None

    def admits(self, row: Line) -> bool:
        return self.least is None or (row.number or 0) >= self.least


@pytest.fixture(autouse=True)
def in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine would leave work for the event loop."""
    monkeypatch.setattr(pieces, "BUDGET", 60)


def made(*rows: Line) -> Model:
    model = Model(COLUMNS)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.load(rows)
    return model


def names(model: Model) -> list[str]:
    return [row.key for row in model.shown_rows()]


def line(key: str, number: float | None = 0) -> Line:
    return Line(key, number, key.lower())


def test_what_is_unknown_stands_last_whichever_way_is_sorted_and_equals_stay_in_order() -> None:
    model = made(line("a", 2), line("b", None), line("c", 2), line("d", 9))
    model.sort(1, ASCENDING)
    assert names(model) == ["a", "c", "d", "b"]
    model.sort(1, DESCENDING)
    assert names(model) == ["d", "a", "c", "b"]


def test_texts_are_sorted_as_people_read_them() -> None:
    model = made(line("Zoo"), line("Édition"), line("edge"))
    assert names(model) == ["edge", "Édition", "Zoo"]
    model.sort(0, DESCENDING)
    assert names(model) == ["Zoo", "Édition", "edge"]


def test_numbers_leave_the_table_as_numbers() -> None:
    model = made(line("a", 2), line("b", None))
    assert [model.index(row, 1).data(Role.VALUE) for row in range(2)] == [2, None]
    assert model.index(0, 0).data(Role.VALUE) is None


def test_a_replaced_row_moves_where_it_belongs_now() -> None:
    model = made(line("a", 1), line("b", 2))
    model.sort(1, ASCENDING)
    kept = QPersistentModelIndex(model.index_of("a"))
    model.replace(line("a", 3))
    assert names(model) == ["b", "a"]
    assert (kept.row(), kept.data(Role.ROW).number) == (1, 3)
    model.replace(line("unknown", 3))
    assert model.total == 2


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step ends in the event loop."""
    monkeypatch.setattr(pieces, "BUDGET", 0)


def test_old_rows_stay_until_the_new_ones_are_ready(qtbot: QtBot, slow: None) -> None:
    model = made(line("old"))
    qtbot.waitUntil(lambda: not model.busy)

    def making() -> Iterator[Line | None]:
        yield line("b")
        yield None
        yield line("a")

    settled = QSignalSpy(model.settled)
    model.load(making())
    assert (names(model), model.making) == (["old"], True)
    model.sort(0, DESCENDING)
    qtbot.waitUntil(lambda: not model.busy)
    assert names(model) == ["b", "a"], "in the order that was asked for meanwhile"
    assert settled.count() >= 1


def test_rows_that_are_being_made_are_shown_before_newer_ones(qtbot: QtBot, slow: None) -> None:
    model = made()
    qtbot.waitUntil(lambda: not model.busy)
    seen: list[list[str]] = []
    model.settled.connect(lambda: seen.append(names(model)))
    for key in ("first", "left out", "newest"):
        model.load([line(key), line(f"{key} too")])
    qtbot.waitUntil(lambda: not model.busy)
    assert seen == [["first", "first too"], ["newest", "newest too"]]


keys = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)
numbers = st.none() | st.integers(-3, 3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("load"), keys, st.lists(numbers, min_size=8, max_size=8)),
        st.tuples(st.just("sort"), st.integers(0, 1), st.booleans()),
        st.tuples(st.just("text"), st.sampled_from(["", "a", "z"]), st.none()),
        st.tuples(st.just("least"), st.none() | st.integers(-1, 3), st.none()),
        st.tuples(st.just("replace"), st.sampled_from("abc"), st.integers(-3, 3)),
    ),
    max_size=10,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_any_steps_against_a_plain_list(script: list[tuple[str, object, object]]) -> None:
    model = made()
    plain: dict[str, Line] = {}
    number, descending, text = 0, False, ""
    for what, first, second in script:
        kept = {
            row.key: QPersistentModelIndex(model.index(place, 1))
            for place, row in enumerate(model.shown_rows())
        }
        if what == "load":
            assert isinstance(first, list)
            assert isinstance(second, list)
            plain = {key: line(key, one) for key, one in zip(first, second, strict=False)}
            model.load(list(plain.values()))
        elif what == "sort":
            assert isinstance(first, int)
            number, descending = first, bool(second)
            model.sort(number, DESCENDING if descending else ASCENDING)
        elif what == "text":
            text = str(first)
            model.set_text(text)
        elif what == "least":
            assert first is None or isinstance(first, int)
            model.least = first
            model.rearrange()
        elif str(first) in plain:
            assert isinstance(second, int)
            plain[str(first)] = line(str(first), second)
            model.replace(plain[str(first)])
        shown = list(model.shown_rows())
        expected = [row for row in plain.values() if text in row.key and model.admits(row)]
        assert sorted(row.key for row in shown) == sorted(row.key for row in expected)
        if number == 0:
            assert [row.key for row in shown] == sorted(
                (row.key for row in shown), reverse=descending
            )
        else:
            known = [row.number for row in shown if row.number is not None]
            assert known == sorted(known, reverse=descending)
            assert all(row.number is None for row in shown[len(known) :])
        for key, index in kept.items():
            if key in {row.key for row in shown}:
                assert index.data(Role.ROW) == plain[key]
                assert index.column() == 1
            else:
                assert index == QModelIndex()
