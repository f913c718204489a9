"""Reset Password from opening to the one time the password is shown."""

from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from o365desk.domain.errors import AccessDenied, Refusal
from o365desk.domain.passwords import NewPassword, PasswordKind, Secret
from o365desk.views.reset_password import ResetPasswordDialog
from tests.views.dialogs import TENANT, Key, adele, click, host, opened, press, refusal, tab_order

STRONG = "Rk7!vexo-PLum"


def ready(qtbot: QtBot) -> ResetPasswordDialog:
    dialog = ResetPasswordDialog(TENANT, adele(), host(qtbot))
    dialog.generate_requested.connect(lambda _kind: dialog.set_generated(Secret(STRONG)))
    return opened(qtbot, dialog)


def test_names_user_and_customer(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    assert dialog.windowTitle() == "Reset Password"
    assert dialog.heading.text() == "Adele Vance"
    assert dialog.tenant.text() == TENANT


def test_asks_for_a_password_at_once(qtbot: QtBot) -> None:
    dialog = ResetPasswordDialog(TENANT, adele(), host(qtbot))
    asked: list[PasswordKind] = []
    dialog.generate_requested.connect(asked.append)
    opened(qtbot, dialog)
    assert asked == [PasswordKind.CHARACTERS]
    assert not dialog.reset_button.isEnabled()
    dialog.set_generated(Secret(STRONG))
    assert dialog.reset_button.isEnabled()


def test_enter_resets(qtbot: QtBot) -> None:
    """Keyboard only: the generated password and Enter are enough."""
    dialog = ready(qtbot)
    asked: list[NewPassword] = []
    dialog.reset_requested.connect(asked.append)
    press(dialog, Key.Key_Return)
    assert asked == [NewPassword(Secret(STRONG), must_change=True, send_to="")]


def test_enter_waits_for_a_good_password(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    asked = QSignalSpy(dialog.reset_requested)
    press(dialog, Key.Key_Down)
    assert dialog.panel.type_choice.isChecked()
    assert dialog.focusWidget() is dialog.panel.type_choice, "arrows stay among the choices"
    press(dialog, Key.Key_Tab)
    assert dialog.focusWidget() is dialog.panel.typed.edit
    QTest.keyClicks(dialog.panel.typed.edit, "short")
    press(dialog, Key.Key_Return)
    assert asked.count() == 0
    assert dialog.summary.full() == "The password does not meet every rule."
    QTest.keyClicks(dialog.panel.typed.edit, "-Enough-77")
    press(dialog, Key.Key_Return)
    assert asked.count() == 1


def test_tab_order_follows_the_eye(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    panel = dialog.panel
    assert tab_order(dialog) == [
        panel.generate_choice,
        panel.kinds[PasswordKind.CHARACTERS],
        panel.another_button,
        panel.generated.edit,
        panel.generated.eye,
        panel.must_change,
        panel.mail,
        dialog.cancel_button,
        dialog.reset_button,
    ]


def test_refusal_of_the_password_stands_beside_it(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    dialog.set_busy("Resetting the password…")
    assert not dialog.reset_button.isEnabled()
    dialog.show_refusal(refusal(Refusal.PASSWORD, "Too common."))
    assert dialog.panel._refusal.text() == "Too common. Do something else."
    assert dialog.errors.isHidden()
    assert dialog.reset_button.isEnabled()


def test_other_refusals_stand_in_the_strip(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    dialog.set_busy("Resetting the password…")
    dialog.show_refusal(AccessDenied("Your role may not do this.", next_step="Ask.", status=403))
    assert dialog.errors.sentence.text() == "Your role may not do this."
    assert dialog.errors.ids.text() == "HTTP 403"
    assert dialog.errors.accessibleDescription() == "Your role may not do this. Ask."
    assert dialog.panel.answer() is not None, "what was chosen stays"


def test_result_is_shown_once_and_only_close_is_left(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    finished = QSignalSpy(dialog.finished)
    dialog.set_busy("Resetting the password…")
    dialog.show_result("adele@contoso.com", Secret(STRONG), "Sent to boss@contoso.com.")
    shown = dialog.result_panel
    assert shown is not None
    assert shown.isVisible()
    assert not dialog.panel.isVisible()
    assert not dialog.cancel_button.isVisible()
    assert not dialog.reset_button.isVisible()
    assert dialog.panel.generated.text() == ""
    assert dialog.focusWidget() is shown.copy_button
    press(dialog, Key.Key_Return)
    assert finished.count() == 0, "Enter copies first"
    shown.clear_clipboard()
    click(dialog.close_button)
    assert finished.count() == 1
    assert shown.password.text() == ""


def test_closing_drops_every_password(qtbot: QtBot) -> None:
    """N14: nothing is left in the fields once the dialog is closed."""
    dialog = ready(qtbot)
    dialog.panel.type_choice.click()
    QTest.keyClicks(dialog.panel.typed.edit, "Typed-One-77")
    dialog.reject()
    assert dialog.panel.generated.text() == ""
    assert dialog.panel.typed.text() == ""
