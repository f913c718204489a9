"""The frame all dialogs share: customer, errors, busy state, footer."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from o365desk.domain.errors import Refusal
from o365desk.views import parts
from o365desk.views.desk_dialog import FINISHING, DeskDialog
from tests.views.dialogs import Key, click, host, opened, press, refusal


def frame(qtbot: QtBot, tenant: str = "Contoso Ltd") -> DeskDialog:
    return DeskDialog(
        "Title", "Adele Vance", "adele@contoso.com", tenant, host(qtbot), size=QSize(520, 240)
    )


def test_customer_stands_at_the_right(qtbot: QtBot) -> None:
    """Acting on the wrong customer is the costliest mistake: it is named on every dialog."""
    for name in ("Contoso Ltd", "شركة كونتوسو"):
        dialog = opened(qtbot, frame(qtbot, name))
        assert dialog.tenant.text() == name
        assert dialog.tenant.accessibleName() == f"Customer {name}"
        assert dialog.tenant.geometry().left() > dialog.heading.geometry().left()
        flags = dialog.tenant.alignment()
        assert flags & Qt.AlignmentFlag.AlignRight
        assert flags & Qt.AlignmentFlag.AlignAbsolute, "right in every script"


def test_errors_are_plain_selectable_and_reachable(qtbot: QtBot) -> None:
    dialog = opened(qtbot, frame(qtbot))
    dialog.show_error(refusal(Refusal.OTHER, "Microsoft says no."))
    strip = dialog.errors
    assert strip.sentence.text() == "Microsoft says no."
    assert strip.next_step.text() == "Do something else."
    assert strip.ids.text() == "HTTP 400, code Request_BadRequest, request-id r-1"
    assert strip.ids.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard
    assert strip.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert strip.accessibleDescription() == "Microsoft says no. Do something else."
    dialog.clear_error()
    assert strip.isHidden()
    assert strip.accessibleDescription() == ""
    dialog.show_error("Only a sentence.", "And a step.")
    assert strip.sentence.text() == "Only a sentence."
    assert not strip.ids.isVisible()


def test_markup_in_names_and_errors_stays_text(qtbot: QtBot) -> None:
    """What Microsoft or a person wrote is never taken for markup."""
    dialog = opened(qtbot, frame(qtbot, "<b>Contoso</b>"))
    dialog.show_error("<img src=x>")
    for label in (dialog.tenant, dialog.errors.sentence, dialog.heading, dialog.summary):
        assert label.textFormat() is Qt.TextFormat.PlainText


def test_busy_keeps_the_window_and_the_focus(qtbot: QtBot) -> None:
    dialog = frame(qtbot)
    ok = dialog.add_button(parts.button("OK", dialog.accept, kind="primary", default=True))
    opened(qtbot, dialog)
    dialog.set_summary("ready")
    finished = QSignalSpy(dialog.finished)
    ok.setFocus()
    dialog.set_busy("Working…")
    assert dialog.summary.full() == "Working…"
    assert not dialog.content.isEnabled()
    assert dialog.progress.isVisible()
    dialog.set_summary("later")
    assert dialog.summary.full() == "Working…"
    click(ok)
    press(dialog, Key.Key_Escape)
    assert dialog.summary.full() == FINISHING
    assert not dialog.close()
    dialog.set_idle()
    assert dialog.summary.full() == "later"
    assert dialog.focusWidget() is ok
    assert not dialog.progress.isVisible()
    assert finished.count() == 0
    press(dialog, Key.Key_Return)
    assert finished.count() == 1


def test_progress_takes_no_room_away(qtbot: QtBot) -> None:
    """Nothing moves when the thin bar comes and goes."""
    dialog = frame(qtbot)
    button = dialog.add_button(parts.button("OK", default=True))
    opened(qtbot, dialog)
    before = button.mapTo(dialog, button.rect().topLeft())
    dialog.set_busy("Working…")
    qtbot.wait(10)
    assert button.mapTo(dialog, button.rect().topLeft()) == before


@pytest.mark.parametrize("width", [440, 800])
def test_grows_with_wrapped_text(qtbot: QtBot, width: int) -> None:
    dialog = opened(qtbot, frame(qtbot))
    dialog.resize(width, 200)
    dialog.show_error("A sentence about what went wrong. " * 12)
    qtbot.waitUntil(
        lambda: (
            dialog.errors.sentence.height()
            >= dialog.errors.sentence.heightForWidth(dialog.errors.sentence.width())
        )
    )


def test_a_name_wraps_only_where_there_is_no_room(qtbot: QtBot) -> None:
    dialog = DeskDialog(
        "Title",
        "Restore Amelia Carmichael?",
        "amelia@tallpine.example",
        "Tall Pine",
        host(qtbot),
        size=QSize(520, 280),
    )
    opened(qtbot, dialog)
    for text in (dialog.heading, dialog.tenant):
        assert text.height() < 2 * text.fontMetrics().lineSpacing(), text.text()
    dialog.heading.setText("Restore Bartholomew Maximilian Featherstonehaugh-Cholmondeley?")
    dialog.tenant.setText("The International Society for Technical Cooperation and Development")
    dialog.resize(521, 280)
    for text in (dialog.heading, dialog.tenant):
        assert text.height() >= text.heightForWidth(text.width()), text.text()
        assert text.width() > dialog.width() // 3
