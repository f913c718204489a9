"""ComparePage: two dates, the lines between them, and what stands there instead."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import FrameType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from o365desk.domain.comparison import (
    ChangeKind,
    Comparison,
    CounterChange,
    SubscriptionChange,
    UserChange,
)
from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.errors import Unreachable
from o365desk.domain.licensing import Sku, Subscription, SubscriptionState
from o365desk.domain.snapshots import Snapshot
from o365desk.models.changes import ChangeTableModel
from o365desk.models.compared_moments import Period
from o365desk.models.moved import COUNTER_MORE
from o365desk.models.table_export import TableRows
from o365desk.views import theme
from o365desk.views.change_table import FEW as FEW_SELECTED
from o365desk.views.compare_page import ComparePage
from o365desk.views.export_menu import exported_columns
from o365desk.views.snapshot_calendar import SnapshotCalendar
from tests.models.compared import E5, FEW, TENANT, many, product_name

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.usefixtures("british"),
]

LEFT = Qt.MouseButton.LeftButton
ERROR = Unreachable("The snapshots cannot be read.", next_step="Close other copies.")
SKU = Sku(E5, "SPE_E5", "Microsoft 365 E5", 10, 8, 2)
MOVED = (CounterChange(E5, SKU.name, SKU, replace(SKU, active=12, available=4)),)
SUBSCRIPTION = Subscription("s-1", E5, SKU.name, SubscriptionState.ACTIVE, 10)
BOUGHT = (SubscriptionChange("s-1", SKU.name, None, SUBSCRIPTION),)


@pytest.fixture(scope="module")
def look(qapp: QApplication) -> None:
    """One theme: what is tested here looks at no colour."""
    theme.apply(qapp, theme.LIGHT)


def noon(month: int, day: int) -> datetime:
    """Noon where the test runs, in UTC."""
    return datetime(2026, month, day, 12).astimezone(UTC)


TIMES = (noon(11, 21), noon(11, 20), noon(11, 13), noon(10, 20))


def kept(*times: datetime) -> list[Snapshot]:
    return [Snapshot(TENANT.id, at, 10, 0) for at in times]


@pytest.fixture
def page(qtbot: QtBot, look: None) -> ComparePage:
    made = ComparePage(product_name)
    qtbot.addWidget(made)
    made.resize(1200, 640)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


@pytest.fixture
def asking(page: ComparePage) -> tuple[ComparePage, list[tuple[datetime, datetime]]]:
    """The page of a customer with snapshots, and what it has asked for."""
    asked: list[tuple[datetime, datetime]] = []
    page.comparison_requested.connect(lambda earlier, later: asked.append((earlier, later)))
    page.set_tenant(TENANT)
    page.set_snapshots(kept(*TIMES))
    page._choose_period(list(Period).index(Period.PREVIOUS))
    del asked[:-1]
    return page, asked


def answer(
    page: ComparePage,
    changes: Sequence[UserChange] = FEW,
    counters: Sequence[CounterChange] = (),
    subscriptions: Sequence[SubscriptionChange] = (),
    unknown: int = 0,
) -> None:
    assert page.pair is not None
    page.set_comparison(
        Comparison(
            TENANT, *page.pair, tuple(changes), tuple(counters), tuple(subscriptions), unknown
        )
    )


def said(page: ComparePage) -> list[str]:
    return [one.text() for one in page.findChildren(QLabel) if one.isVisible() and one.text()]


def buttons(page: ComparePage) -> dict[str, QPushButton]:
    return {one.text(): one for one in page.findChildren(QPushButton) if one.isVisible()}


def names(page: ComparePage) -> list[str]:
    model = page.table.model()
    return [str(model.index(row, 1).data()) for row in range(model.rowCount())]


# Which two moments


def test_asks_for_what_changed_in_the_last_month(page: ComparePage, qtbot: QtBot) -> None:
    page.set_tenant(TENANT)
    with qtbot.waitSignal(page.comparison_requested) as asked:
        page.set_snapshots(kept(*TIMES))
    assert asked.args == [TIMES[-1], TIMES[0]], "the one a month ago, or the oldest"


def test_asks_for_what_changed_since_the_snapshot_before(
    asking: tuple[ComparePage, list[tuple[datetime, datetime]]],
) -> None:
    page, asked = asking
    assert asked == [(TIMES[1], TIMES[0])]
    assert page.period.currentText() == "Since the previous snapshot"
    assert page.earlier_button.text() == "20 Nov 2026, 12:00"
    assert page.later_button.text() == "21 Nov 2026, 12:00"
    page.set_snapshots(kept(*TIMES))
    assert len(asked) == 1, "nothing is asked for twice"
    page.set_snapshots(kept(noon(11, 22), *TIMES))
    assert asked[1:] == [(TIMES[0], noon(11, 22))]


def test_periods(asking: tuple[ComparePage, list[tuple[datetime, datetime]]]) -> None:
    page, asked = asking
    page.period.setFocus()
    for _ in range(2):
        QTest.keyClick(page.period, Qt.Key.Key_Down)
    assert asked[1:] == [(TIMES[2], TIMES[0]), (TIMES[3], TIMES[0])]
    assert page.period.currentText() == "Last month"


def test_either_date_is_chosen_in_the_calendar(
    asking: tuple[ComparePage, list[tuple[datetime, datetime]]],
) -> None:
    page, asked = asking
    QTest.mouseClick(page.earlier_button, LEFT)
    calendar = page.findChild(SnapshotCalendar)
    assert isinstance(calendar, SnapshotCalendar)
    assert calendar.isVisible()
    assert calendar.times.item(0).text() == "12:00 · 10 users · on screen"
    QTest.keyClick(calendar.grid, Qt.Key.Key_Home)
    QTest.keyClick(calendar.grid, Qt.Key.Key_Return)
    assert asked[1:] == [(TIMES[3], TIMES[0])]
    assert page.period.currentText() == Period.ANY
    QTest.mouseClick(page.later_button, LEFT)
    QTest.keyClick(calendar.grid, Qt.Key.Key_Left)
    QTest.keyClick(calendar.grid, Qt.Key.Key_Return)
    assert asked[2:] == [(TIMES[3], TIMES[1])]
    assert not calendar.isVisible()


def test_answers_to_older_questions_are_left_aside(
    asking: tuple[ComparePage, list[tuple[datetime, datetime]]],
) -> None:
    page, _ = asking
    page.set_comparison(Comparison(TENANT, TIMES[3], TIMES[0], FEW, (), ()))
    page.set_comparison(
        Comparison(Tenant(TenantId("other"), "", ""), TIMES[1], TIMES[0], FEW, (), ())
    )
    assert names(page) == []
    answer(page)
    assert len(names(page)) == len(FEW)


# Lines and totals


@pytest.fixture
def filled(asking: tuple[ComparePage, list[tuple[datetime, datetime]]]) -> ComparePage:
    page, _ = asking
    answer(page, FEW, MOVED, BOUGHT)
    return page


def test_totals_filter(filled: ComparePage) -> None:
    assert filled.counts.text() == "5 changes"
    offered = buttons(filled)
    assert "License gained 2" in offered
    assert "Blocked 0" not in offered
    QTest.mouseClick(offered["License gained 2"], LEFT)
    assert names(filled) == ["Adele Vance", "Bo Berg"]
    assert filled.counts.text() == "2 of 5 changes shown"
    QTest.mouseClick(offered["Created 1"], LEFT)
    assert names(filled) == ["Adele Vance", "Bo Berg", "محمد"]
    filled.filter.setText("bo")
    QTest.keyClick(filled.filter, Qt.Key.Key_Space)
    filled._pause.timeout.emit()
    assert names(filled) == ["Bo Berg"]
    assert filled.counts.text() == "1 of 5 changes shown"
    QTest.mouseClick(filled.clear_link, LEFT)
    assert filled.counts.text() == "5 changes"
    assert not filled.clear_link.isVisible()
    assert not any(one.isChecked() for text, one in offered.items() if "License" in text)


def test_net_per_product(filled: ComparePage) -> None:
    assert "Licenses, gained less lost: Microsoft 365 E5 +2 · Visio Plan 2 -1" in said(filled)


def test_counters_and_subscriptions_that_moved(filled: ComparePage) -> None:
    assert filled.moved.counter_table.isVisible()
    assert filled.moved.counters.index(0, 1).data() == "10 → 12 (+2)"
    QTest.mouseClick(buttons(filled)["Subscriptions 1"], LEFT)
    assert filled.moved.subscription_table.isVisible()
    assert filled.moved.subscriptions.index(0, 1).data() == "New"
    answer(filled, FEW, MOVED)
    assert filled.moved.counter_table.isVisible(), "there is nothing to see of subscriptions"
    assert "Subscriptions 0" not in buttons(filled)
    answer(filled, FEW)
    assert not filled.moved.counter_table.isVisible()


def test_a_line_leads_to_its_user(filled: ComparePage, qtbot: QtBot) -> None:
    table = filled.table
    table.setCurrentIndex(table.model().index(1, 0))
    with qtbot.waitSignal(filled.user_requested) as asked:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert asked.args == [FEW[1].user_id]
    where = table.visualRect(table.model().index(3, 2)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=where)
    with qtbot.waitSignal(filled.user_requested, timeout=500) as asked:
        QTest.mouseDClick(table.viewport(), LEFT, pos=where)
    assert asked.args == [FEW[3].user_id]


def test_copies_what_is_selected(filled: ComparePage) -> None:
    table = filled.table
    table.setCurrentIndex(table.model().index(0, 0))
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == (
        "License gained\tAdele Vance\tadele@contoso.com\tMicrosoft 365 E5\t\tdirect\n"
        "License gained\tBo Berg\tbo@contoso.com\tMicrosoft 365 E5\t\t1 group"
    )
    filled.moved.counter_table.selectAll()
    QTest.keyClick(filled.moved.counter_table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == (
        "Microsoft 365 E5\t10 → 12 (+2)\t8\t2 → 4 (+2)\t0\t0\t"
    )


def test_a_large_selection_does_not_go_through_a_sort(
    asking: tuple[ComparePage, list[tuple[datetime, datetime]]],
) -> None:
    page, _ = asking
    answer(page, many(FEW_SELECTED + 1))
    page.table.selectRow(3)
    page.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert page.table.selected_ranges(), "a small one does"
    page.table.selectAll()
    page.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert page.table.selected_ranges() == []


def test_a_repaint_asks_no_more_than_it_shows(
    asking: tuple[ComparePage, list[tuple[datetime, datetime]]],
) -> None:
    """With all lines selected, a header would ask of each whether it is, at each paint."""
    page, _ = asking
    answer(page, many(2000))
    page.table.selectAll()
    page.table.grab()
    calls: list[str] = []

    def profile(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and isinstance(frame.f_locals.get("self"), ChangeTableModel):
            calls.append(frame.f_code.co_name)

    sys.setprofile(profile)
    try:
        page.table.grab()
    finally:
        sys.setprofile(None)
    cells = 6 * (page.table.viewport().height() // theme.ROW_HEIGHT + 1)
    assert 0 < calls.count("data") <= cells, "nothing but the text of each cell"
    assert len(calls) < 2000


def test_the_review_sheet_is_of_the_two_times(filled: ComparePage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(filled.review_requested) as asked:
        QTest.mouseClick(buttons(filled)["License review sheet…"], LEFT)
    assert asked.args == [TIMES[1], TIMES[0]]


def test_what_leaves_says_between_which_two_moments_it_is(filled: ComparePage) -> None:
    about = filled.describe()
    assert (about.customer, about.as_of) == (TENANT.name, TIMES[0])
    assert dict(about.facts)["From"] == TIMES[1]
    rows = TableRows(filled.changes, exported_columns(filled.table, everything=True), about.more)
    exported = [row for piece in rows.pieces() for row in piece]
    assert [row[1] for row in exported] == [
        filled.changes.index(row, 1).data() for row in range(filled.changes.rowCount())
    ]
    assert exported[0][-2] == filled.changes.rows.changes[0].user_id


def test_counters_leave_as_they_are_written_and_as_numbers(filled: ComparePage) -> None:
    moved, table = filled.moved, filled.moved.counter_table
    shown = [button.isVisible() for button in moved.export_buttons]
    assert shown == [True, False]
    rows = TableRows(moved.counters, exported_columns(table, everything=True), COUNTER_MORE)
    (row,) = (row for piece in rows.pieces() for row in piece)
    told = dict(zip(rows.titles, row, strict=True))
    assert told["Active"] == moved.counters.index(0, 1).data()
    assert (told["Active before"], told["Active after"]) == (SKU.active, SKU.active + 2)


# What stands there instead


def test_why_there_is_nothing_to_compare(page: ComparePage, qtbot: QtBot) -> None:
    assert said(page)[-1].startswith("Choose a customer")
    page.set_tenant(TENANT)
    assert "Reading…" in said(page)
    page.set_snapshots(())
    assert "No snapshot of Contoso Ltd yet. One is kept after every finished load." in said(page)
    page.set_snapshots(kept(TIMES[0]))
    assert (
        "Compare needs two snapshots. There is one of Contoso Ltd, of 21 Nov 2026, 12:00; "
        "the next finished load keeps another."
    ) in said(page)
    assert buttons(page) == {}
    page.show_error(ERROR)
    assert "The snapshots cannot be read. Close other copies." in said(page)
    with qtbot.waitSignal(page.snapshots_requested):
        QTest.mouseClick(buttons(page)["Try again"], LEFT)


def test_a_comparison_that_fails_can_be_asked_for_again(
    asking: tuple[ComparePage, list[tuple[datetime, datetime]]],
) -> None:
    page, asked = asking
    page.set_loading("Comparing…")
    assert "Comparing…" in said(page)
    page.show_error(ERROR)
    QTest.mouseClick(buttons(page)["Try again"], LEFT)
    assert asked == [(TIMES[1], TIMES[0])] * 2
    page.set_loading("Comparing…")
    assert "Try again" not in buttons(page)
    answer(page)
    assert page.counts.text() == "5 changes"


def test_nothing_changed(asking: tuple[ComparePage, list[tuple[datetime, datetime]]]) -> None:
    page, _ = asking
    between = "between 20 Nov 2026, 12:00 and 21 Nov 2026, 12:00."
    answer(page, ())
    assert f"Nothing changed {between}" in said(page)
    assert not page.filter.isVisible()
    answer(page, (), MOVED)
    assert f"No user changed {between}" in said(page)
    answer(page, (), (), (), unknown=1200)
    assert (
        "The licenses of 1,200 users were not read at one of the two times: "
        "what changed about them is not known."
    ) in said(page)


def test_no_line_matches(filled: ComparePage) -> None:
    filled.filter.setText("nobody")
    filled._pause.timeout.emit()
    assert "No change matches the filter." in said(filled)
    assert filled.counts.text() == "0 of 5 changes shown"
    QTest.mouseClick(buttons(filled)["Show all changes"], LEFT)
    assert len(names(filled)) == 5
    assert filled.filter.text() == ""


def test_old_lines_stay_while_the_next_are_compared(filled: ComparePage) -> None:
    filled.set_loading("Comparing…")
    assert len(names(filled)) == 5
    assert filled.counts.text() == "Comparing…"
    filled.set_loading("")
    assert filled.counts.text() == "5 changes"


def test_another_customer_leaves_nothing_of_the_last_one(filled: ComparePage) -> None:
    filled.filter.setText("adele")
    filled._pause.timeout.emit()
    filled.set_tenant(Tenant(TenantId("o"), "Fabrikam", "fabrikam.com"))
    assert names(filled) == []
    assert filled.pair is None
    assert filled.filter.text() == ""
    assert not filled.moved.counter_table.isVisible()
    assert filled.moved.counters.rowCount() == 0
    shown = [text for text in said(filled) if "Vance" in text or "E5" in text]
    assert shown == []


def test_many_lines_come_to_rest(
    asking: tuple[ComparePage, list[tuple[datetime, datetime]]], qtbot: QtBot
) -> None:
    page, _ = asking
    answer(page, many(30_000))
    qtbot.waitUntil(lambda: not page.changes.working)
    assert page.counts.text() == "30,000 changes"
    assert "Created 10,000" in buttons(page)
    QTest.mouseClick(buttons(page)["Created 10,000"], LEFT)
    qtbot.waitUntil(lambda: page.counts.text() == "10,000 of 30,000 changes shown")
    assert {page.changes.change_at(page.changes.index(row, 0)).kind for row in (0, 9_999)} == {  # type: ignore[union-attr]
        ChangeKind.CREATED
    }


def test_everything_fits_a_small_window(filled: ComparePage, qtbot: QtBot) -> None:
    filled.resize(720, 480)
    qtbot.waitUntil(lambda: filled.width() == 720)
    assert filled.table.height() >= 3 * theme.ROW_HEIGHT
    for button in buttons(filled).values():
        left, right = (
            button.mapTo(filled, corner).x()
            for corner in (button.rect().topLeft(), button.rect().topRight())
        )
        assert 0 <= left < right < filled.width(), button.text()


def test_the_page_hands_the_keyboard_on_to_the_changes(filled: ComparePage) -> None:
    filled.setFocus()
    assert filled.table.hasFocus()
    filled.set_tenant(Tenant(TenantId("o"), "Fabrikam", "fabrikam.com"))
    filled.filter.setFocus()
    filled.setFocus()
    assert not filled.table.hasFocus(), "there are no changes to go through"


def test_the_filter_hands_the_keyboard_on_as_on_other_pages(filled: ComparePage) -> None:
    every = filled.changes.rowCount()
    filled.focus_filter()
    QTest.keyClicks(filled.filter, "visio")
    QTest.keyClick(filled.filter, Qt.Key.Key_Down)
    assert filled.table.hasFocus()
    assert 0 < filled.changes.rowCount() < every
    filled.focus_filter()
    QTest.keyClick(filled.filter, Qt.Key.Key_Escape)
    assert filled.table.hasFocus()
    assert filled.changes.rowCount() == every
