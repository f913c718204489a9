"""SkuTableModel: five columns, one row a product, typed sorting."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QLocale, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from o365desk.domain.licensing import Sku, SkuId
from o365desk.domain.monitoring import merged
from o365desk.domain.text import fold
from o365desk.models.roles import Role
from o365desk.models.skus import SkuTableModel

ASCENDING = Qt.SortOrder.AscendingOrder
DESCENDING = Qt.SortOrder.DescendingOrder


@pytest.fixture(autouse=True)
def british() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(before)


def sku(key: str, name: str = "", **counters: int) -> Sku:
    return replace(Sku(SkuId(key), f"PART_{key}", name or f"Product {key}"), **counters)  # type: ignore[arg-type]


def made(*skus: Sku) -> SkuTableModel:
    model = SkuTableModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.set_skus(skus)
    return model


def column(model: SkuTableModel, number: int) -> list[str]:
    return [str(model.index(row, number).data()) for row in range(model.rowCount())]


def cell(model: SkuTableModel, number: int, role: int, row: int = 0) -> object:
    return model.index(row, number).data(role)


def test_exactly_the_five_columns() -> None:
    model = made()
    titles = [
        model.headerData(section, Qt.Orientation.Horizontal)
        for section in range(model.columnCount())
    ]
    assert titles == [
        "Product Name",
        "Active Licenses",
        "Assigned Licenses",
        "Available Licenses",
        "Suspended License",
    ]


def test_figures_as_microsoft_gives_them_in_the_locale() -> None:
    model = made(sku("a", active=1_200_000, assigned=1234, available=-2, suspended=25))
    assert [cell(model, n, Qt.ItemDataRole.DisplayRole) for n in range(5)] == [
        "Product a",
        "1,200,000",
        "1,234",
        "-2",
        "25",
    ]
    QLocale.setDefault(QLocale("de_DE"))
    model.set_skus([sku("a", active=1_200_000)])
    assert column(model, 1) == ["1.200.000"]


def test_numbers_stand_right_and_names_left() -> None:
    model = made(sku("a"))
    for number in range(5):
        for flags in (
            cell(model, number, Qt.ItemDataRole.TextAlignmentRole),
            model.headerData(number, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole),
        ):
            assert isinstance(flags, Qt.AlignmentFlag)
            assert bool(flags & Qt.AlignmentFlag.AlignRight) == (number > 0)


def test_one_row_a_product() -> None:
    model = made(sku("a", active=5), sku("a", active=5), sku("a", active=7), sku("b"))
    assert column(model, 0) == ["Product a", "Product b"]
    assert column(model, 1) == ["12", "0"]


def test_a_product_without_a_name_shows_its_part_number_and_never_nothing() -> None:
    model = made(Sku(SkuId("a"), "PART", ""), Sku(SkuId("guid"), "", ""))
    assert column(model, 0) == ["guid", "PART"]


def test_numbers_sort_as_numbers_and_names_as_people_read_them() -> None:
    skus = [sku("a", "Édition", available=-10), sku("b", "edge", available=9), sku("c", "Zoo")]
    model = made(*skus, sku("d", "Access", available=100))
    assert column(model, 0) == ["Access", "edge", "Édition", "Zoo"]
    model.sort(3, ASCENDING)
    assert column(model, 3) == ["-10", "0", "9", "100"]
    model.sort(3, DESCENDING)
    assert column(model, 3) == ["100", "9", "0", "-10"]
    model.sort(0, DESCENDING)
    assert column(model, 0) == ["Zoo", "Édition", "edge", "Access"]


@pytest.mark.parametrize(
    ("counters", "number", "expected"),
    [
        ({"available": -2}, 3, "Available Licenses: -2, over-allocated"),
        ({"available": 0}, 3, "Available Licenses: 0, none left"),
        ({"available": 1, "assigned": 4, "active": 5}, 3, "Available Licenses: 1, low"),
        ({"available": 9, "active": 9}, 3, "Available Licenses: 9"),
        ({"active": 3, "warning": 25}, 1, "Active Licenses: 3, 25 more in grace period"),
        ({"suspended": 25}, 4, "Suspended License: 25"),
    ],
)
def test_spoken_words(counters: dict[str, int], number: int, expected: str) -> None:
    model = made(replace(sku("a"), **counters))  # type: ignore[arg-type]
    assert cell(model, number, Qt.ItemDataRole.AccessibleTextRole) == expected


def test_tooltips_explain() -> None:
    model = made(sku("a", active=3, warning=25, available=-2, suspended=25, assigned=1))
    tip = Qt.ItemDataRole.ToolTipRole
    assert "Part number PART_a" in str(cell(model, 0, tip))
    assert "25 more in grace period" in str(cell(model, 1, tip))
    assert cell(model, 2, tip) == "1 license assigned to users\nClick to see who holds them."
    assert "Over-allocated: 2 more licenses" in str(cell(model, 3, tip))
    assert "Suspended: 25" in str(cell(model, 4, tip))
    model.set_skus([sku("a")])
    assert "grace" not in str(cell(model, 1, tip))


def test_filter_over_name_and_part_number() -> None:
    model = made(sku("a", "Visio Plan 2"), sku("b", "Édition"))
    model.set_filter("visio 2")
    assert column(model, 0) == ["Visio Plan 2"]
    model.set_filter("edi")
    assert column(model, 0) == ["Édition"]
    model.set_filter("part_a")
    assert column(model, 0) == ["Visio Plan 2"]
    assert (model.total, model.shown) == (2, 1)
    model.clear()
    assert (model.total, model.rowCount()) == (0, 0)
    model.set_skus([sku("b", "Édition")])
    assert column(model, 0) == ["Édition"], "clear() forgets the filter"


keys = st.sampled_from("abcdefgh")
counts = st.integers(-5, 40)
lists = st.lists(
    st.builds(lambda key, n, m: sku(key, active=n, available=m), keys, counts, counts), max_size=8
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("set"), lists),
        st.tuples(st.just("sort"), st.tuples(st.integers(0, 4), st.booleans())),
        st.tuples(st.just("filter"), st.sampled_from(["", "product", "a", "zz"])),
    ),
    max_size=10,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_any_steps_against_a_plain_list(script: list[tuple[str, object]]) -> None:
    model = made()
    plain: list[Sku] = []
    text, number, descending = "", 0, False
    for what, value in script:
        kept = [
            (QPersistentModelIndex(model.index(row, 1)), model.index(row, 0).data(Role.ROW).id)
            for row in range(model.rowCount())
        ]
        if what == "set":
            assert isinstance(value, list)
            plain = list(merged(value))
            model.set_skus(value)
        elif what == "sort":
            assert isinstance(value, tuple)
            number, descending = value
            model.sort(number, DESCENDING if descending else ASCENDING)
        else:
            text = str(value)
            model.set_filter(text)
        expected = [one for one in plain if fold(text) in fold(f"{one.name}\n{one.part_number}")]
        shown = [model.index(row, 0).data(Role.ROW) for row in range(model.rowCount())]
        assert sorted(shown, key=lambda one: one.id) == sorted(expected, key=lambda one: one.id)
        typed = {0: "name", 1: "active", 2: "assigned", 3: "available", 4: "suspended"}[number]
        values = [getattr(one, typed) for one in shown]
        assert values == sorted(values, reverse=descending)
        for index, before in kept:
            if before in {one.id for one in expected}:
                assert index.data(Role.ROW).id == before
                assert index.column() == 1
            else:
                assert index == QModelIndex()
