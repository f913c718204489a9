"""Diagnostics: a check that runs, ends, fails or is stopped, and what can be copied of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from o365desk.domain.diagnostics import CheckStep, StepState
from o365desk.domain.errors import DeskError
from o365desk.models.check_steps import STATE_WORDS
from o365desk.views import theme
from o365desk.views.check_list import SIGNS
from o365desk.views.diagnostics_dialog import NO_IDS, DiagnosticsDialog
from tests.views.access_samples import LONG, nameless
from tests.views.dialogs import Key, click, focus, host, opened, press, tab_order

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
GOOD = CheckStep("Name lookup of graph.microsoft.com", StepState.GOOD, milliseconds=12)
DENIED = CheckStep(
    "Permission User.Read.All",
    StepState.FAILED,
    "Not granted.",
    "Ask an administrator to grant it.",
    AT,
    84,
    "HTTP 403, request-id r-1",
)


@pytest.fixture
def dialog(qtbot: QtBot) -> DiagnosticsDialog:
    return opened(qtbot, DiagnosticsDialog(LONG, host(qtbot)))


def test_nothing_runs_before_it_is_asked_for(dialog: DiagnosticsDialog) -> None:
    asked = QSignalSpy(dialog.run_requested)
    assert dialog.empty.isVisible()
    assert not dialog.copy_button.isEnabled()
    assert dialog.support_button.toolTip() == NO_IDS
    assert focus(dialog) is dialog.run_button
    press(dialog, Key.Key_Return)
    assert asked.count() == 1
    assert not dialog.running, "the controller says when it has begun"


def test_steps_come_as_they_end(dialog: DiagnosticsDialog) -> None:
    dialog.set_running()
    assert dialog.progress.isVisible()
    assert dialog.run_button.text() == "Cancel"
    dialog.add_steps([GOOD])
    assert dialog.summary.full() == "Checking… 1 step done"
    dialog.add_steps([DENIED])
    dialog.set_done()
    assert dialog.summary.full() == "1 failed, 1 OK"
    assert not dialog.progress.isVisible()
    assert dialog.run_button.text() == "Run again"
    dialog.set_running()
    assert dialog.list.steps.rowCount() == 0


def test_the_result_is_copied(dialog: DiagnosticsDialog) -> None:
    dialog.set_running()
    dialog.add_steps([GOOD, DENIED])
    dialog.set_done()
    click(dialog.copy_button)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("Connection check of o365desk ")
    assert "OK: Name lookup of graph.microsoft.com (12 ms)" in copied
    assert LONG not in copied, "a name may be a person's"
    click(dialog.support_button)
    copied = QGuiApplication.clipboard().text()
    assert "2026-11-22 09:30:00 UTC  Failed: Permission User.Read.All" in copied
    assert "Name lookup" not in copied
    assert dialog.summary.full() == "Ids and times copied"


@pytest.mark.parametrize("by", ["button", "escape"])
def test_a_running_check_can_be_stopped(dialog: DiagnosticsDialog, by: str) -> None:
    stopped = QSignalSpy(dialog.cancel_requested)
    dialog.set_running()
    dialog.add_steps([GOOD])
    if by == "button":
        click(dialog.run_button)
        assert dialog.summary.full() == "Cancelled."
        assert dialog.list.steps.steps == (GOOD,)
        press(dialog, Key.Key_Escape)
    else:
        press(dialog, Key.Key_Escape)
    assert stopped.count() == 1
    assert not dialog.isVisible()


def test_a_check_that_fails_keeps_its_steps(dialog: DiagnosticsDialog) -> None:
    dialog.set_running()
    dialog.add_steps([GOOD])
    dialog.show_error(DeskError("Something went wrong.", next_step="Run it again."))
    assert dialog.errors.isVisible()
    assert dialog.summary.full() == "The check could not be finished."
    assert dialog.copy_button.isEnabled()
    assert not dialog.support_button.isEnabled()
    assert dialog.run_button.isEnabled()
    dialog.set_running()
    assert not dialog.errors.isVisible()


def test_the_log_is_one_click_away(dialog: DiagnosticsDialog) -> None:
    asked = QSignalSpy(dialog.log_requested)
    click(dialog.log_button)
    assert asked.count() == 1


def test_one_step_is_copied_by_keyboard(dialog: DiagnosticsDialog) -> None:
    dialog.set_running()
    dialog.add_steps([GOOD, DENIED])
    dialog.set_done()
    dialog.list.setFocus()
    press(dialog, Key.Key_End)
    QTest.keySequence(dialog.list, QKeySequence(QKeySequence.StandardKey.Copy))
    assert QGuiApplication.clipboard().text() == (
        "Failed: Permission User.Read.All. Not granted. Ask an administrator to grant it.\n"
        "HTTP 403, request-id r-1"
    )


def test_long_texts_wrap_and_follow_the_width(dialog: DiagnosticsDialog) -> None:
    dialog.set_running()
    dialog.add_steps([replace(DENIED, detail=f"{LONG}. {LONG}. {LONG}.")])
    view = dialog.list
    index = view.steps.index(0)
    wide = view.visualRect(index).height()
    dialog.resize(dialog.minimumWidth(), dialog.height())
    view.doItemsLayout()
    assert view.visualRect(index).height() > wide
    assert view.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("state", list(StepState), ids=lambda state: state.name.lower())
def test_a_state_is_a_word_and_a_sign(
    dialog: DiagnosticsDialog, qapp: QApplication, look: theme.Theme, state: StepState
) -> None:
    theme.apply(qapp, look)
    dialog.set_running()
    dialog.add_steps([replace(DENIED, state=state)])
    cell = dialog.list.visualRect(dialog.list.steps.index(0))
    word = QRect(cell.left(), cell.top(), 160, 24)
    image = dialog.list.viewport().grab(word).toImage()
    wanted = QColor(SIGNS[state][1](look))
    inks = [image.pixelColor(x, y) for x in range(160) for y in range(24)]
    # Thin lines are blended with what lies under them, more or less so by the font.
    assert min(_apart(ink, wanted) for ink in inks) < 48
    spoken = dialog.list.steps.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith(f"{STATE_WORDS[state]}: ")


def test_every_control_has_a_name_and_is_reached(dialog: DiagnosticsDialog) -> None:
    dialog.set_running()
    dialog.add_steps([DENIED])
    dialog.set_done()
    assert nameless(dialog) == []
    reached = tab_order(dialog)
    wanted = (dialog.list, dialog.copy_button, dialog.support_button, dialog.log_button)
    assert [one for one in wanted if one not in reached] == []


def test_words_and_signs_differ_for_each_state() -> None:
    assert len(set(STATE_WORDS.values())) == len({sign for sign, _ in SIGNS.values()}) == 4


def _apart(one: QColor, other: QColor) -> int:
    return (
        abs(one.red() - other.red())
        + abs(one.green() - other.green())
        + abs(one.blue() - other.blue())
    )
