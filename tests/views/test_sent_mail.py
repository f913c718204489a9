"""The practice directory's Sent mail window."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from o365desk.views.sent_mail import SentMail, SentMailDialog
from tests.views.dialogs import Key, click, host, opened, press

FIRST = SentMail(datetime(2026, 1, 2, 9, 0, tzinfo=UTC), "boss@contoso.com", "Password", "abc")
SECOND = SentMail(datetime(2026, 1, 2, 10, 0, tzinfo=UTC), "adele@contoso.com", "Notice", "reset")


def test_empty_says_what_will_appear(qtbot: QtBot) -> None:
    dialog = opened(qtbot, SentMailDialog(host(qtbot)))
    assert dialog.empty.isVisible()
    assert not dialog.list.isVisible()
    assert "None of them left this computer" in dialog.subheading.text()


def test_newest_first_with_its_text(qtbot: QtBot) -> None:
    dialog = opened(qtbot, SentMailDialog(host(qtbot)))
    dialog.set_mails([FIRST, SECOND])
    assert not dialog.empty.isVisible()
    assert dialog.list.item(0).text().startswith("Notice\nadele@contoso.com")
    assert dialog.body.toPlainText() == "reset"
    spoken = dialog.list.item(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Password, to boss@contoso.com")
    dialog.list.setFocus()
    press(dialog, Key.Key_Down)
    assert dialog.body.toPlainText() == "abc"


def test_refresh_keeps_the_chosen_mail(qtbot: QtBot) -> None:
    dialog = opened(qtbot, SentMailDialog(host(qtbot)))
    asked = QSignalSpy(dialog.refresh_requested)
    dialog.set_mails([FIRST])
    click(dialog.refresh_button)
    assert asked.count() == 1
    dialog.set_mails([FIRST, SECOND])
    assert dialog.body.toPlainText() == "abc"
    assert dialog.list.currentRow() == 1
    dialog.set_mails([])
    assert dialog.empty.isVisible()
    assert dialog.body.toPlainText() == ""
