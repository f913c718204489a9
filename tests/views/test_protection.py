"""Dialogs that may not, must wait, or ask once more before they let an act go."""

from collections.abc import Callable

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from o365desk.domain.rights import Caution, Protection
from o365desk.views.confirm import DeleteUserDialog, RestoreUserDialog
from o365desk.views.create_user import CreateUserDialog
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.edit_user import EditUserDialog
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.reset_password import ResetPasswordDialog
from tests.views.dialogs import TENANT, Key, adele, click, focus, host, opened, press, tab_order

ADMIN = Protection(
    Caution.CONFIRM, "Adele Vance is a Global Administrator.", "I mean to delete this account."
)
FORBIDDEN = Protection(Caution.FORBIDDEN, "Adele Vance is a Global Administrator. It takes more.")
REASON = "User Administrator is missing for Contoso Ltd. Ask Contoso Ltd."


def delete(qtbot: QtBot) -> DeleteUserDialog:
    return opened(qtbot, DeleteUserDialog(TENANT, adele(), host(qtbot)))


def test_an_ordinary_account_takes_no_room_and_no_confirmation(qtbot: QtBot) -> None:
    dialog = delete(qtbot)
    assert not dialog.protection.isVisible()
    assert dialog.delete_button.isEnabled()
    assert dialog.protection.confirmation not in tab_order(dialog)


def test_the_button_works_while_the_confirmation_is_given_and_only_then(qtbot: QtBot) -> None:
    dialog = delete(qtbot)
    confirmed = QSignalSpy(dialog.confirmed)
    dialog.protection.set_protection(ADMIN)
    click(dialog.delete_button)
    assert confirmed.count() == 0
    assert dialog.delete_button.accessibleDescription() == dialog.delete_button.toolTip() != ""
    for _ in range(10):
        if focus(dialog) is dialog.protection.confirmation:
            break
        press(dialog, Key.Key_Tab)
    press(dialog, Key.Key_Space)
    assert dialog.delete_button.isEnabled()
    assert dialog.delete_button.toolTip() == ""
    press(dialog, Key.Key_Space)
    assert not dialog.delete_button.isEnabled()
    dialog.protection.confirmation.click()
    click(dialog.delete_button)
    assert confirmed.count() == 1


def test_a_confirmation_is_for_what_was_said_and_nothing_else(qtbot: QtBot) -> None:
    dialog = delete(qtbot)
    dialog.protection.set_protection(ADMIN)
    dialog.protection.confirmation.click()
    dialog.protection.set_protection(ADMIN)
    assert dialog.protection.confirmation.isChecked(), "the same is no news"
    more = Protection(Caution.CONFIRM, "Adele Vance holds the roles A and B.", ADMIN.intent)
    dialog.protection.set_protection(more)
    assert not dialog.protection.confirmation.isChecked()
    assert not dialog.delete_button.isEnabled()
    name = dialog.protection.confirmation.accessibleName()
    assert name == "Adele Vance holds the roles A and B. I mean to delete this account."


def test_what_is_forbidden_cannot_be_confirmed(qtbot: QtBot) -> None:
    dialog = delete(qtbot)
    dialog.protection.set_protection(FORBIDDEN)
    assert dialog.protection.text.text() == FORBIDDEN.sentence
    assert not dialog.protection.confirmation.isVisible()
    assert not dialog.delete_button.isEnabled()
    assert dialog.delete_button.toolTip() == FORBIDDEN.sentence


def test_the_dialog_waits_for_the_look_up_and_not_for_ever(qtbot: QtBot) -> None:
    dialog = delete(qtbot)
    dialog.protection.set_looking("Adele Vance")
    assert dialog.protection.looking
    assert not dialog.delete_button.isEnabled()
    assert dialog.protection.text.text() == "Looking up whether Adele Vance is an administrator…"
    dialog.protection.set_unknown("Adele Vance", "Your role is not enough.")
    assert dialog.delete_button.isEnabled()
    assert "could not be read: Your role is not enough." in dialog.protection.text.text()
    dialog.protection.set_looking("Adele Vance")
    dialog.protection.set_protection(Protection())
    assert dialog.delete_button.isEnabled()
    assert not dialog.protection.isVisible()


def test_a_write_under_way_is_not_unlocked_by_news(qtbot: QtBot) -> None:
    dialog = delete(qtbot)
    dialog.set_busy("Deleting the user…")
    dialog.protection.set_protection(Protection())
    dialog.set_refused("")
    assert not dialog.delete_button.isEnabled()


def restoring(qtbot: QtBot) -> tuple[DeskDialog, QPushButton]:
    dialog = RestoreUserDialog(TENANT, adele(), 18, True, host(qtbot))
    return opened(qtbot, dialog), dialog.restore_button


def deleting(qtbot: QtBot) -> tuple[DeskDialog, QPushButton]:
    dialog = delete(qtbot)
    return dialog, dialog.delete_button


def resetting(qtbot: QtBot) -> tuple[DeskDialog, QPushButton]:
    dialog = opened(qtbot, ResetPasswordDialog(TENANT, adele(), host(qtbot)))
    dialog.panel.type_choice.click()
    dialog.panel.typed.set_text("Correct-Horse-91-Battery")
    return dialog, dialog.reset_button


def editing(qtbot: QtBot) -> tuple[DeskDialog, QPushButton]:
    dialog = opened(qtbot, EditUserDialog(TENANT, adele(), host(qtbot)))
    dialog.first_name.setText("Adela")
    dialog.refresh()
    return dialog, dialog.update_button


def licensing(qtbot: QtBot) -> tuple[DeskDialog, QPushButton]:
    dialog = opened(qtbot, ManageLicensesDialog(TENANT, adele(), host(qtbot)))
    return dialog, dialog.update_button


def creating(qtbot: QtBot) -> tuple[DeskDialog, QPushButton]:
    dialog = opened(qtbot, CreateUserDialog(TENANT, host(qtbot)))
    return dialog, dialog.create_button


@pytest.mark.parametrize(
    "make", [restoring, deleting, resetting, editing, licensing, creating], ids=lambda f: f.__name__
)
def test_what_is_refused_here_is_said_at_the_button_and_in_the_dialog(
    qtbot: QtBot, make: Callable[[QtBot], tuple[DeskDialog, QPushButton]]
) -> None:
    dialog, button = make(qtbot)
    before = button.isEnabled()
    assert not dialog.refusal.isVisible()
    dialog.set_refused(REASON)
    assert not button.isEnabled()
    assert button.toolTip() == button.accessibleDescription() == REASON
    assert dialog.refusal.isVisible()
    assert dialog.refusal.text() == REASON
    dialog.set_refused("")
    assert button.isEnabled() is before
    assert not dialog.refusal.isVisible()
