"""SnapshotMonthModel: weeks, days with snapshots, and the words for them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QAbstractItemModelTester

from o365desk.domain.directory import TenantId
from o365desk.domain.snapshots import Snapshot
from o365desk.models.snapshot_month import SnapshotMonthModel


@pytest.fixture(autouse=True)
def locale() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(before)


def kept(*times: datetime) -> list[Snapshot]:
    return [Snapshot(TenantId("t"), at, 10, 0) for at in times]


def noon(month: int, day: int, year: int = 2026) -> datetime:
    """Noon where the test runs, in UTC."""
    return datetime(year, month, day, 12).astimezone(UTC)


def cells(model: SnapshotMonthModel) -> list[list[str]]:
    return [[model.index(r, c).data() or "" for c in range(7)] for r in range(model.rowCount())]


@pytest.fixture
def model() -> SnapshotMonthModel:
    made = SnapshotMonthModel()
    made.set_snapshots(
        kept(noon(11, 20), noon(11, 21), noon(11, 21) + timedelta(hours=1), noon(3, 1)),
        noon(11, 20),
    )
    made.show_month(date(2026, 11, 5))
    return made


def test_weeks_begin_as_the_locale_does(model: SnapshotMonthModel) -> None:
    assert cells(model)[0] == ["", "", "", "", "", "", "1"]
    assert cells(model)[5] == ["30", "", "", "", "", "", ""]
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Mon"
    QLocale.setDefault(QLocale("en_US"))
    model.set_snapshots(kept(noon(11, 20)), None)
    assert cells(model)[0] == ["1", "2", "3", "4", "5", "6", "7"]
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Sun"


def test_only_days_with_snapshots_can_be_chosen(model: SnapshotMonthModel) -> None:
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    enabled = [
        model.day_at(index)
        for row in range(model.rowCount())
        for column in range(7)
        if (index := model.index(row, column)).flags() & Qt.ItemFlag.ItemIsEnabled
    ]
    assert enabled == [date(2026, 11, 20), date(2026, 11, 21)]


def test_a_day_is_told_in_words(model: SnapshotMonthModel) -> None:
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.index_of(date(2026, 11, 20)).data(role) == (
        "Friday, 20 November 2026: 1 snapshot, on screen"
    )
    assert model.index_of(date(2026, 11, 21)).data(role) == (
        "Saturday, 21 November 2026: 2 snapshots"
    )
    assert model.index_of(date(2026, 11, 22)).data(role) == (
        "Sunday, 22 November 2026: no snapshot"
    )
    assert not model.index_of(date(2026, 3, 1)).isValid(), "another month is shown"


def test_a_month_alone_is_no_month_of_a_date(model: SnapshotMonthModel) -> None:
    QLocale.setDefault(QLocale("el_GR"))
    model.set_snapshots([], None)
    model.show_month(date(2026, 11, 22))
    assert model.month_text() == "Νοέμβριος 2026"


def test_neighbours_of_any_day(model: SnapshotMonthModel) -> None:
    assert model.before(date(2026, 11, 19)) == date(2026, 3, 1)
    assert model.before(date(2026, 2, 28)) is None
    assert model.after(date(2026, 3, 2)) == date(2026, 11, 20)
    assert model.after(date(2026, 11, 22)) is None
    latest = [one.at for one in model.of_day(date(2026, 11, 21))]
    assert latest == sorted(latest, reverse=True)
    assert len(latest) == 2
