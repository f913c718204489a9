"""Counters and subscriptions that moved: words, differences, order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QAbstractItemModelTester

from o365desk.domain.comparison import CounterChange, SubscriptionChange
from o365desk.domain.licensing import Sku, Subscription, SubscriptionState
from o365desk.models.listing import Tone
from o365desk.models.moved import (
    COUNTER_CELLS,
    COUNTER_MORE,
    SUBSCRIPTION_CELLS,
    MovedTableModel,
)
from o365desk.models.table_export import TableRows
from o365desk.models.words import signed
from tests.models.compared import E5, VISIO

OLD = Sku(E5, "SPE_E5", "Microsoft 365 E5", 1118, 118, 1000)
COUNTERS = (
    CounterChange(E5, OLD.name, OLD, replace(OLD, active=1130, available=1012, status="Enabled")),
    CounterChange(VISIO, "Visio", None, Sku(VISIO, "", "Visio", 25, 21, 4)),
    CounterChange(E5, "Access", replace(OLD, name="Access"), None),
)
BOUGHT = Subscription(
    "s-1",
    E5,
    "Microsoft 365 E5",
    SubscriptionState.ACTIVE,
    10,
    term_end=datetime(2026, 11, 1, tzinfo=UTC),
)
RENEWED = replace(BOUGHT, quantity=8, term_end=datetime(2027, 11, 1, tzinfo=UTC))


@pytest.fixture(autouse=True)
def british() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def counters() -> MovedTableModel:
    made = MovedTableModel(COUNTER_CELLS)
    made.set_changes(COUNTERS)
    return made


def texts(model: MovedTableModel, row: int) -> list[str]:
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


def test_counters_before_and_after(counters: MovedTableModel) -> None:
    assert texts(counters, 1) == [
        "Microsoft 365 E5",
        "1,118 → 1,130 (+12)",
        "118",
        "1,000 → 1,012 (+12)",
        "0",
        "0",
        "Enabled",
    ]
    assert texts(counters, 2)[:4] == ["Visio, new", "25 (+25)", "21 (+21)", "4 (+4)"]
    assert texts(counters, 0)[:4] == [
        "Access, gone",
        "1,118 → 0 (-1,118)",
        "118 → 0 (-118)",
        "1,000 → 0 (-1,000)",
    ]


def test_a_number_that_stayed_is_quiet(counters: MovedTableModel) -> None:
    tones = [counters.tone(counters.rows[0], column) for column in range(7)]
    assert [tone is Tone.MUTED for tone in tones] == [False, False, True, False, True, True, False]


def test_counters_are_sorted_by_how_far_they_moved(counters: MovedTableModel) -> None:
    QAbstractItemModelTester(counters, QAbstractItemModelTester.FailureReportingMode.Fatal)
    counters.sort(1, Qt.SortOrder.DescendingOrder)
    assert [row.change for row in counters.shown_rows()] == [COUNTERS[1], COUNTERS[0], COUNTERS[2]]
    counters.sort(0)
    assert [row.change.name for row in counters.shown_rows()] == ["Access", OLD.name, "Visio"]


def test_exports_have_numbers(counters: MovedTableModel) -> None:
    rows = TableRows(counters, [0], COUNTER_MORE)
    assert rows.titles[:4] == ("Product Name", "Active before", "Active after", "Assigned before")
    (piece,) = rows.pieces()
    assert piece[1][:3] == ("Microsoft 365 E5", 1118, 1130)
    assert piece[2][:3] == ("Visio, new", "", 25)
    assert piece[1][-1] == E5


def test_subscriptions_before_and_after() -> None:
    model = MovedTableModel(SUBSCRIPTION_CELLS)
    model.set_changes(
        [
            SubscriptionChange("s-1", BOUGHT.name, BOUGHT, RENEWED),
            SubscriptionChange("s-1", BOUGHT.name, None, BOUGHT),
            SubscriptionChange("s-1", "", BOUGHT, None),
            SubscriptionChange(
                "s-1", BOUGHT.name, BOUGHT, replace(BOUGHT, state=SubscriptionState.SUSPENDED)
            ),
        ]
    )
    rows = [[str(model.index(row, column).data()) for column in range(5)] for row in range(4)]
    assert rows == [
        [BOUGHT.name, "Changed", "10 → 8 (-2)", "Active", "1 Nov 2026 → 1 Nov 2027"],
        [BOUGHT.name, "New", "10 (+10)", "Active", "1 Nov 2026"],
        [BOUGHT.name, "Changed", "10", "Active → Suspended", "1 Nov 2026"],
        ["s-1", "Gone", "10 → 0 (-10)", "Active", "1 Nov 2026"],
    ]


@pytest.mark.parametrize(
    ("difference", "text"),
    [(1200, "+1,200"), (-3, "-3"), (0, "0")],
    ids=["more", "less", "the same"],
)
def test_signed(difference: int, text: str) -> None:
    assert signed(difference) == text
