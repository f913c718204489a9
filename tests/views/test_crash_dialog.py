"""After a crash: nothing is shown before it is asked for."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from o365desk.views.crash_dialog import CrashDialog
from tests.views.access_samples import nameless
from tests.views.dialogs import Key, click, focus, host, opened, press

REPORT = "o365desk 0.1\nValueError in app/desk.py, line 7"


def test_later_asks_for_nothing(qtbot: QtBot) -> None:
    dialog = opened(qtbot, CrashDialog(host(qtbot)))
    shown, discarded = QSignalSpy(dialog.show_requested), QSignalSpy(dialog.discard_requested)
    assert not dialog.report.isVisible()
    assert not dialog.copy_button.isVisible()
    assert "without personal data" in dialog.accessibleDescription()
    press(dialog, Key.Key_Escape)
    assert not dialog.isVisible()
    assert shown.count() == discarded.count() == 0


def test_the_report_is_shown_on_request_and_copied(qtbot: QtBot) -> None:
    dialog = opened(qtbot, CrashDialog(host(qtbot)))
    shown = QSignalSpy(dialog.show_requested)
    assert focus(dialog) is dialog.show_button
    press(dialog, Key.Key_Return)
    assert shown.count() == 1
    assert dialog.report.toPlainText() == ""
    dialog.set_report(REPORT)
    assert dialog.report.isVisible()
    assert dialog.report.isReadOnly()
    assert nameless(dialog) == []
    press(dialog, Key.Key_Return)
    assert QGuiApplication.clipboard().text() == REPORT
    assert dialog.isVisible()


def test_discard_closes(qtbot: QtBot) -> None:
    dialog = opened(qtbot, CrashDialog(host(qtbot)))
    discarded = QSignalSpy(dialog.discard_requested)
    click(dialog.discard_button)
    assert discarded.count() == 1
    assert not dialog.isVisible()
