"""Delete and Restore: exact words, safe defaults, busy and refused."""

import pytest
from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from o365desk.domain.errors import Refusal, Unreachable
from o365desk.views.confirm import DeleteUserDialog, RestoreUserDialog
from o365desk.views.desk_dialog import FINISHING
from tests.views.dialogs import TENANT, Key, adele, click, host, opened, press, refusal, type_keys


def delete(qtbot: QtBot, **changes: object) -> DeleteUserDialog:
    return opened(qtbot, DeleteUserDialog(TENANT, adele(**changes), host(qtbot)))


def restore(
    qtbot: QtBot, *, days_left: int | None = 18, rename_allowed: bool = True
) -> RestoreUserDialog:
    window = host(qtbot)
    return opened(qtbot, RestoreUserDialog(TENANT, adele(), days_left, rename_allowed, window))


def test_delete_text_is_exact(qtbot: QtBot) -> None:
    """S23, letter for letter; the title line names the user, the corner the customer."""
    dialog = delete(qtbot)
    assert dialog.text.text() == (
        "Are you sure you want to delete this user? You will have 30 days to restore the user "
        "and retrieve their data. After the 30 days, the data of this user will be completely "
        "lost."
    )
    assert dialog.windowTitle() == "Delete Adele Vance?"
    assert dialog.heading.text() == "Delete Adele Vance?"
    assert dialog.tenant.text() == TENANT
    assert dialog.accessibleDescription() == dialog.text.text()


def test_delete_is_never_the_default(qtbot: QtBot) -> None:
    """S22: Enter, Escape and Cancel delete nobody."""
    for key in (Key.Key_Return, Key.Key_Escape):
        dialog = delete(qtbot)
        confirmed = QSignalSpy(dialog.confirmed)
        finished = QSignalSpy(dialog.finished)
        assert dialog.focusWidget() is dialog.cancel_button
        assert dialog.cancel_button.isDefault()
        press(dialog, key)
        assert confirmed.count() == 0
        assert finished.count() == 1
    dialog = delete(qtbot)
    confirmed = QSignalSpy(dialog.confirmed)
    finished = QSignalSpy(dialog.finished)
    dialog.cancel_button.clearFocus()
    QTest.keyClick(dialog, Key.Key_Return)
    assert confirmed.count() == 0
    assert finished.count() == 1, "Enter means Cancel wherever the keyboard stands"


def test_delete_by_mouse_and_by_keyboard(qtbot: QtBot) -> None:
    dialog = delete(qtbot)
    confirmed = QSignalSpy(dialog.confirmed)
    click(dialog.delete_button)
    assert confirmed.count() == 1
    assert dialog.isVisible(), "it stays until Microsoft has answered"
    dialog.cancel_button.setFocus()
    press(dialog, Key.Key_Tab)
    assert dialog.focusWidget() is dialog.delete_button
    press(dialog, Key.Key_Return)
    assert confirmed.count() == 2


def test_delete_busy_refuses_to_close_and_to_repeat(qtbot: QtBot) -> None:
    dialog = delete(qtbot)
    confirmed = QSignalSpy(dialog.confirmed)
    finished = QSignalSpy(dialog.finished)
    dialog.set_busy("Deleting the user…")
    click(dialog.delete_button)
    click(dialog.cancel_button)
    QTest.keyClick(dialog, Key.Key_Escape)
    assert not dialog.close()
    assert dialog.summary.full() == FINISHING
    assert confirmed.count() == 0
    assert finished.count() == 0
    dialog.show_refusal(Unreachable("Microsoft cannot be reached.", next_step="Try again."))
    assert dialog.errors.isVisible()
    assert dialog.errors.sentence.text() == "Microsoft cannot be reached."
    assert dialog.delete_button.isEnabled()
    assert dialog.summary.full() == ""
    dialog.accept()
    assert finished.count() == 1


def test_delete_warns_for_synced_users(qtbot: QtBot) -> None:
    assert delete(qtbot, synced=True).warning.isVisible()
    assert not delete(qtbot).warning.isVisible()


def test_restore_text_and_buttons_are_exact(qtbot: QtBot) -> None:
    """S37, S38, letter for letter."""
    dialog = restore(qtbot)
    assert dialog.text.text() == (
        "Before you restore this O365 user you need to make sure you have a product license "
        "available. Restoring the user will restore all associated data, assign product "
        "licenses, and give access to all services they could access before they were deleted."
    )
    assert dialog.cancel_button.text() == "Cancel"
    assert dialog.restore_button.text() == "Restore"
    assert dialog.windowTitle() == "Restore Adele Vance?"
    assert dialog.isModal()


@pytest.mark.parametrize(
    ("left", "said"),
    [(18, "18 days left"), (2, "2 days left"), (1, "The last day")],
)
def test_restore_tells_the_days_left(qtbot: QtBot, left: int, said: str) -> None:
    assert restore(qtbot, days_left=left).days.text().startswith(said)
    assert not restore(qtbot, days_left=None).days.isVisible()


def test_restore_by_keyboard_and_cancel(qtbot: QtBot) -> None:
    dialog = restore(qtbot)
    confirmed: list[str] = []
    dialog.confirmed.connect(confirmed.append)
    press(dialog, Key.Key_Return)
    assert confirmed == [""]
    finished = QSignalSpy(dialog.finished)
    click(dialog.cancel_button)
    assert finished.count() == 1
    assert confirmed == [""]


@pytest.mark.parametrize("kind", [Refusal.NAME_TAKEN, Refusal.ADDRESS_TAKEN])
def test_restore_asks_for_another_username_in_place(qtbot: QtBot, kind: Refusal) -> None:
    dialog = restore(qtbot)
    confirmed: list[str] = []
    dialog.confirmed.connect(confirmed.append)
    assert not dialog.new_username.isVisible()
    dialog.set_busy("Restoring the user…")
    dialog.show_refusal(refusal(kind, "Another user has this username."))
    assert dialog.new_username.isVisible()
    assert dialog.new_username_field.caption.text() == "New username"
    assert dialog.new_username_field.problem.text().startswith("Another user has this username.")
    assert dialog.focusWidget() is dialog.new_username
    assert not dialog.restore_button.isEnabled(), "the same name again would be refused again"
    QTest.keyClicks(dialog.new_username, "adele.v")
    assert dialog.new_username.text() == "adele.v@contoso.com"
    assert dialog.restore_button.isEnabled()
    press(dialog, Key.Key_Return)
    assert confirmed == ["adele.v@contoso.com"]


def test_restore_checks_the_new_username(qtbot: QtBot) -> None:
    dialog = restore(qtbot)
    dialog.show_refusal(refusal(Refusal.NAME_TAKEN))
    dialog.new_username.selectAll()
    QTest.keyClicks(dialog.new_username, "adele")
    assert dialog.new_username_field.problem.text() == "A username looks like name@example.com."
    assert not dialog.restore_button.isEnabled()
    type_keys(dialog.new_username, "2é@contoso.com")
    assert "accents" in dialog.new_username_field.problem.text()
    assert not dialog.restore_button.isEnabled()


def test_restore_without_rename_only_says_why(qtbot: QtBot) -> None:
    dialog = restore(qtbot, rename_allowed=False)
    dialog.show_refusal(refusal(Refusal.NAME_TAKEN, "Another user has this username."))
    assert not dialog.new_username.isVisible()
    assert dialog.errors.sentence.text() == "Another user has this username."
    assert dialog.restore_button.isEnabled()


def test_long_names_and_errors_fit(qtbot: QtBot) -> None:
    """Nothing is cut off: the window grows with its wrapped texts."""
    dialog = delete(qtbot, display_name="Владимир Константинопольский-Рождественский " * 3)
    dialog.show_error(refusal(Refusal.OTHER, "A long sentence about what went wrong. " * 4))
    qtbot.wait(20)
    for label in (dialog.heading, dialog.text, dialog.errors.sentence):
        assert label.height() >= label.heightForWidth(label.width())
