"""Edit User Information: only what changed goes out."""

from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from o365desk.domain.directory import UserEdit
from o365desk.domain.errors import Refusal
from o365desk.views.edit_user import EditUserDialog
from tests.views.dialogs import TENANT, Key, adele, click, host, opened, press, refusal, type_into


def ready(qtbot: QtBot, **changes: object) -> EditUserDialog:
    return opened(qtbot, EditUserDialog(TENANT, adele(**changes), host(qtbot)))


def test_shows_the_user_and_two_buttons(qtbot: QtBot) -> None:
    """P5: Update and Close."""
    dialog = ready(qtbot)
    assert dialog.windowTitle() == "Edit User Information"
    assert dialog.update_button.text() == "Update"
    assert dialog.close_button.text() == "Close"
    assert dialog.first_name.text() == "Adele"
    assert dialog.location.code() == "GB"
    assert not dialog.update_button.isEnabled()
    assert not dialog.edit()


def test_only_changed_fields_go_out(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    edits: list[UserEdit] = []
    dialog.edit_requested.connect(edits.append)
    type_into(dialog.last_name, "Vance-Smith")
    assert dialog.update_button.isEnabled()
    press(dialog, Key.Key_Return)
    assert edits == [UserEdit(last_name="Vance-Smith")]
    type_into(dialog.last_name, "Vance ")
    assert not dialog.update_button.isEnabled(), "as it was: nothing to send"


def test_location_is_found_by_typing(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    edits: list[UserEdit] = []
    dialog.edit_requested.connect(edits.append)
    dialog.location.setFocus()
    dialog.location.lineEdit().selectAll()  # type: ignore[union-attr]
    QTest.keyClicks(dialog.location, "jp")
    assert dialog.location.code() == "JP"
    press(dialog, Key.Key_Tab)
    assert dialog.location.currentText() == "Japan (JP)"
    click(dialog.update_button)
    assert edits == [UserEdit(location="JP")]


def test_unclear_location_blocks(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    dialog.location.setFocus()
    dialog.location.lineEdit().selectAll()  # type: ignore[union-attr]
    QTest.keyClicks(dialog.location, "zzz")
    assert dialog.location_field.problem.text() == "Choose a location from the list."
    assert not dialog.update_button.isEnabled()


def test_display_name_cannot_be_empty(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    type_into(dialog.display_name, " ")
    assert dialog.display_name_field.problem.text() == "Enter a display name."
    assert not dialog.update_button.isEnabled()


def test_synced_users_keep_their_names_but_can_get_a_location(qtbot: QtBot) -> None:
    """Microsoft masters the usage location in the cloud: licenses could not be given without."""
    dialog = ready(qtbot, synced=True)
    assert dialog.explained.isVisible()
    assert "on-premises" in dialog.explained.text()
    for control in (dialog.first_name, dialog.last_name, dialog.display_name):
        assert not control.isEnabled()
    assert not dialog.update_button.isEnabled()
    assert dialog.focusWidget() is dialog.location
    dialog.location.lineEdit().selectAll()  # type: ignore[union-attr]
    QTest.keyClicks(dialog.location, "se")
    assert dialog.update_button.isEnabled()
    assert dialog.edit() == UserEdit(location="SE")


def test_refusal_keeps_what_was_typed(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    type_into(dialog.last_name, "Other")
    dialog.set_busy("Updating…")
    assert not dialog.last_name.isEnabled()
    dialog.show_refusal(refusal(Refusal.SYNCED, "Mastered elsewhere."))
    assert dialog.errors.sentence.text() == "Mastered elsewhere."
    assert dialog.last_name.text() == "Other"
    assert dialog.update_button.isEnabled()
    assert dialog.focusWidget() is dialog.last_name
    dialog.show_refusal(refusal(Refusal.USAGE_LOCATION, "No such location."))
    assert dialog.location_field.problem.text().startswith("No such location.")


def test_closing_sends_nothing(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    edits = QSignalSpy(dialog.edit_requested)
    type_into(dialog.last_name, "Other")
    press(dialog, Key.Key_Escape)
    assert edits.count() == 0
