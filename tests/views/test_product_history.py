"""The history of a product: chart and table in step, every state, and the over-allocation."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from o365desk.domain.errors import DeskError, NotFound
from o365desk.domain.trail import causes
from o365desk.models.counter_history import Span
from o365desk.views import theme
from o365desk.views.product_history import FAILED, LOADING, ProductHistoryDialog
from o365desk.views.step_chart import NONE
from o365desk.views.trail_page import LOADING as COMPARING
from o365desk.views.trail_page import NOTHING, UNKNOWN
from tests.models.counters import VISIO, day, long_series, point, series
from tests.models.test_trail_lines import COMPARISON
from tests.views.access_samples import LONG, RIGHT_TO_LEFT, nameless
from tests.views.dialogs import Key, click, focus, host, opened, press, tab_order

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.usefixtures("british"),
]

ERROR = DeskError("The snapshots cannot be read.", next_step="Check them in Settings.")
TRAIL = causes(COMPARISON, VISIO.sku_id)
WELL = series(point(0, 20, 10), point(10, 20, 12))


@pytest.fixture
def dialog(qtbot: QtBot) -> ProductHistoryDialog:
    return opened(qtbot, ProductHistoryDialog("Visio Plan 2", "Contoso Ltd", host(qtbot)))


def tab(dialog: ProductHistoryDialog, text: str) -> None:
    """Turns to a page by its button."""
    (button,) = (one for one in dialog.findChildren(type(dialog.copy_button)) if one.text() == text)
    click(button)


def test_chart_and_table_are_always_at_the_same_moment(dialog: ProductHistoryDialog) -> None:
    dialog.set_series(VISIO)
    assert focus(dialog) is dialog.chart
    assert dialog.table.currentIndex().row() == 0
    press(dialog, Key.Key_Left)
    press(dialog, Key.Key_Left)
    assert dialog.chart.read_at == day(10)
    assert dialog.table.currentIndex().row() == 2
    press(dialog, Key.Key_End)
    dialog.chart.show_at(day(20))
    assert dialog.table.currentIndex().row() == 2, "what was true then"
    assert dialog.chart.read_at == day(20), "and the chart stays where it was put"
    dialog.table.setFocus()
    press(dialog, Key.Key_Down)
    assert dialog.chart.read_at == day(0)
    assert dialog.chart.accessibleDescription().startswith("1 Sept 2026, ")


def test_before_the_product_was_there_no_row_is_current(dialog: ProductHistoryDialog) -> None:
    dialog.set_series(series(point(30, 20, 10), seen=(day(0), day(30))))
    dialog.chart.show_at(day(0))
    assert not dialog.table.currentIndex().isValid()
    press(dialog, Key.Key_Right)
    assert dialog.table.currentIndex().row() == 0


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_every_state_says_what_it_is(
    dialog: ProductHistoryDialog, qapp: QApplication, look: theme.Theme
) -> None:
    theme.apply(qapp, look)
    assert dialog.chart.accessibleDescription() == LOADING
    assert dialog.progress.isVisible()
    assert not dialog.table.isVisible()
    assert not dialog.copy_button.isEnabled()
    dialog.show_error(ERROR)
    assert dialog.chart.accessibleDescription() == FAILED
    assert dialog.errors.sentence.text() == ERROR.sentence
    assert not dialog.progress.isVisible()
    asked = QSignalSpy(dialog.retry_requested)
    click(dialog.retry_button)
    assert asked.count() == 1
    dialog.set_loading()
    assert not dialog.errors.isVisible()
    assert not dialog.retry_button.isVisible()
    dialog.set_series(series())
    assert dialog.chart.accessibleDescription() == NONE
    assert not dialog.table.isVisible()
    dialog.set_series(series(point(0, 5, 5)))
    assert dialog.summary.full() == "1 snapshot so far. The next one begins the line."
    assert dialog.model.rowCount() == 1
    dialog.set_series(VISIO)
    assert dialog.summary.full().startswith("2 changes in 6 snapshots since 1 Sept 2026, ")
    dialog.set_series(long_series(2000))
    assert dialog.summary.full().startswith("1,999 changes in 2,000 snapshots since ")
    assert dialog.model.rowCount() == 2000


def test_a_product_that_no_snapshot_has_is_no_failure(dialog: ProductHistoryDialog) -> None:
    dialog.show_error(NotFound("No snapshot has this product."))
    assert dialog.chart.accessibleDescription() == "No snapshot has this product."
    assert not dialog.errors.isVisible()
    assert not dialog.retry_button.isVisible()
    assert not dialog.progress.isVisible()


def test_the_numbers_can_be_let_out(dialog: ProductHistoryDialog) -> None:
    asked = QSignalSpy(dialog.export_button.export_requested)
    assert not dialog.export_button.isEnabled()
    dialog.set_series(VISIO)
    QTest.keyClick(dialog.chart, Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    (menu,) = dialog.export_button.findChildren(QMenu)
    (everything,) = (one for one in menu.actions() if one.text() == "All columns: CSV…")
    everything.trigger()
    wish = asked.at(0)[0]
    about = wish.describe()
    assert (about.title, about.customer) == ("History of Visio Plan 2", "Contoso Ltd")
    assert about.as_of == day(60)
    assert dict(about.facts)["Counts"].startswith("2 changes in 6 snapshots since ")
    assert wish.rows.titles[-1] == "In grace period"
    (rows,) = wish.rows.pieces()
    assert rows[1][0] == day(40)
    assert rows[1][1:5] == (20, 23, -3, 5)
    assert rows[1][-1] == 0


def test_the_span_is_chosen_and_shown(dialog: ProductHistoryDialog) -> None:
    dialog.set_series(VISIO)
    chosen = QSignalSpy(dialog.chart.span_changed)
    tab(dialog, Span.MONTH.value)
    dialog.table.setFocus()
    for _row in range(3):
        press(dialog, Key.Key_Down)
    assert dialog.chart.read_at == day(0)
    shown = [chosen.at(number)[0] for number in range(chosen.count())]
    assert shown == [Span.MONTH, Span.ALL], "what the table shows comes into view"
    (button,) = (
        one.text()
        for one in dialog.findChildren(type(dialog.copy_button))
        if one.isChecked() and one.text() in {span.value for span in Span}
    )
    assert button == "All"


@pytest.mark.parametrize("by", ["button", "keys"])
def test_all_numbers_are_copied(dialog: ProductHistoryDialog, by: str) -> None:
    dialog.set_series(VISIO)
    if by == "button":
        click(dialog.copy_button)
        assert dialog.summary.full() == "Table copied"
    else:
        QTest.keySequence(dialog.table, QKeySequence(QKeySequence.StandardKey.Copy))
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0].startswith("Seen\tActive\tAssigned\tAvailable\t")
    assert len(lines) == 5


def test_enough_licenses_need_no_trail(dialog: ProductHistoryDialog) -> None:
    dialog.set_series(VISIO)
    assert dialog.since.isVisible()
    dialog.set_series(WELL)
    assert not dialog.since.isVisible()
    assert not dialog.compare_button.isVisible()


def test_the_trail_is_asked_for_when_it_is_looked_at(dialog: ProductHistoryDialog) -> None:
    asked = QSignalSpy(dialog.trail_requested)
    compared = QSignalSpy(dialog.compare_requested)
    dialog.set_series(VISIO)
    assert dialog.since.text().startswith("Became over-allocated between 21 Sept 2026, ")
    assert asked.count() == 0
    assert not dialog.compare_button.isVisible()
    tab(dialog, "What made it over-allocated")
    assert [asked.at(0)] == [[day(20), day(40)]]
    assert dialog.trail.note.text() == COMPARING
    dialog.set_trail(TRAIL)
    assert dialog.trail.note.text() == COMPARING, "of two other snapshots: too late"
    dialog.set_series(series(*VISIO.points, seen=(day(0), day(10), day(40))))
    tab(dialog, "What made it over-allocated")
    dialog.set_trail(TRAIL)
    assert dialog.trail.table.isVisible()
    assert dialog.trail.model.rowCount() == 6
    click(dialog.compare_button)
    assert [compared.at(0)] == [[day(10), day(40)]]
    click(dialog.copy_button)
    assert "山田太郎, u2@contoso.com" in QGuiApplication.clipboard().text()
    tab(dialog, "Numbers")
    tab(dialog, "What made it over-allocated")
    assert asked.count() == 2, "not for the same two again"


def test_a_trail_that_cannot_be_had_says_so(dialog: ProductHistoryDialog) -> None:
    asked = QSignalSpy(dialog.trail_requested)
    dialog.set_series(VISIO)
    tab(dialog, "What made it over-allocated")
    dialog.show_trail_error(ERROR)
    assert dialog.trail.note.text() == f"{ERROR.sentence} {ERROR.next_step}"
    assert dialog.model.rowCount() == 4, "the chart and its numbers stay"
    click(dialog.trail.retry_button)
    assert asked.count() == 2
    assert not dialog.trail.retry_button.isVisible()
    silent = replace(COMPARISON, earlier=day(20), changes=(), counters=())
    dialog.set_trail(causes(silent, VISIO.sku_id))
    assert dialog.trail.note.text() == NOTHING


def test_over_allocated_from_the_first_snapshot(dialog: ProductHistoryDialog) -> None:
    asked = QSignalSpy(dialog.trail_requested)
    dialog.set_series(series(point(0, 5, 9)))
    assert "first snapshot already" in dialog.since.text()
    tab(dialog, "What made it over-allocated")
    assert asked.count() == 0
    assert dialog.trail.note.text() == UNKNOWN
    assert not dialog.compare_button.isVisible()


def test_every_control_has_a_name_and_is_reached(dialog: ProductHistoryDialog) -> None:
    dialog.set_series(VISIO)
    assert nameless(dialog) == []
    reached = tab_order(dialog)
    for one in (dialog.chart, dialog.table, dialog.copy_button, dialog.close_button):
        assert one in reached
    assert focus(dialog) is dialog.chart
    press(dialog, Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.parametrize("name", [LONG, RIGHT_TO_LEFT], ids=["long", "right-to-left"])
def test_it_fits_a_small_screen(qtbot: QtBot, name: str) -> None:
    made = opened(qtbot, ProductHistoryDialog(name, name, host(qtbot)))
    made.set_series(VISIO)
    made.resize(768, 552)
    assert made.size().width() == 768
    assert made.size().height() <= 552
    assert made.table.horizontalScrollBar().maximum() == 0
    qtbot.waitUntil(lambda: made.chart.height() >= made.chart.minimumSizeHint().height())
    assert made.table.height() >= 3 * theme.ROW_HEIGHT
