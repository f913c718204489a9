"""The password panel and what is shown afterwards: choices, policy, masking, clipboard."""

import gc

import pytest
import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from o365desk.domain.passwords import NewPassword, PasswordKind, Secret
from o365desk.views.create_user import CreateUserDialog
from o365desk.views.form import SecretField
from o365desk.views.password_panel import PasswordPanel
from o365desk.views.password_result import ClipboardGuard, PasswordResult
from o365desk.views.reset_password import ResetPasswordDialog
from tests.views.dialogs import TENANT, Key, adele, click, host

STRONG = "Rk7!vexo-PLum"
MASKED = QLineEdit.EchoMode.Password


@pytest.fixture
def panel(qtbot: QtBot) -> PasswordPanel:
    return shown(qtbot, PasswordPanel(mail_required=False))


def shown(qtbot: QtBot, made: PasswordPanel) -> PasswordPanel:
    qtbot.addWidget(made)
    made.set_username("adele@contoso.com")
    made.show()
    qtbot.waitExposed(made)
    return made


def everything_said(root: QObject) -> str:
    """All that a screen reader, a log of the widget tree or a tooltip could give away."""
    said = []
    for widget in [root, *root.findChildren(QWidget)]:
        if isinstance(widget, QWidget):
            said += [
                widget.objectName(),
                widget.accessibleName(),
                widget.accessibleDescription(),
                widget.toolTip(),
                widget.windowTitle(),
            ]
        if isinstance(widget, QLabel | QAbstractButton):
            said.append(widget.text())
        if isinstance(widget, QLineEdit):
            said.append(widget.displayText())
    return "\n".join(said)


def test_same_controls_on_reset_and_create(qtbot: QtBot) -> None:
    """S39: one class, one set of controls, in one order; S40: only the mail's duty differs."""
    window = host(qtbot)
    reset = ResetPasswordDialog(TENANT, adele(), window).panel
    create = CreateUserDialog(TENANT, window).panel
    assert type(reset) is type(create) is PasswordPanel

    def controls(made: PasswordPanel) -> list[tuple[str, str]]:
        kinds = (QAbstractButton, QLineEdit)
        return [
            (type(child).__name__, child.accessibleName().partition(",")[0])
            for child in made.findChildren(QWidget)
            if isinstance(child, kinds)
        ]

    assert controls(reset) == controls(create)
    assert reset.mail_field.caption.text() == "Send Password in Email Upon Completion"
    assert create.mail_field.caption.text() == "Send Password in Email Upon Completion"
    assert reset.mail_field.mark.text() == ""
    assert create.mail_field.mark.text() == "required"


def test_asks_for_a_password_when_shown_and_on_click(qtbot: QtBot) -> None:
    """P11: characters or a passphrase, another one on every click."""
    made = PasswordPanel(mail_required=False)
    asked: list[PasswordKind] = []
    made.generate_requested.connect(asked.append)
    shown(qtbot, made)
    assert asked == [PasswordKind.CHARACTERS]
    assert made.answer() is None
    assert made.problem() == "The password is being generated."
    made.set_generated(Secret(STRONG))
    assert made.problem() == ""
    click(made.kinds[PasswordKind.PASSPHRASE])
    click(made.another_button)
    assert asked[1:] == [PasswordKind.PASSPHRASE, PasswordKind.PASSPHRASE]
    made.hide()
    made.show()
    assert len(asked) == 3, "showing again keeps the password"


def test_generated_password_is_masked_and_handed_over(panel: PasswordPanel) -> None:
    panel.set_generated(Secret(STRONG))
    assert panel.generated.edit.echoMode() is MASKED
    assert panel.generated.edit.isReadOnly()
    assert panel.answer() == NewPassword(Secret(STRONG), must_change=True, send_to="")
    click(panel.generated.eye)
    assert panel.generated.edit.echoMode() is QLineEdit.EchoMode.Normal
    assert panel.generated.eye.accessibleName() == "Hide the password"
    click(panel.generated.eye)
    assert panel.generated.edit.echoMode() is MASKED


def test_masked_password_is_said_nowhere(panel: PasswordPanel) -> None:
    """N14: no name, description, tooltip or label holds it while it is masked."""
    panel.set_generated(Secret(STRONG))
    click(panel.type_choice)
    QTest.keyClicks(panel.typed.edit, "Typed-One-77")
    said = everything_said(panel)
    assert STRONG not in said
    assert "Typed-One-77" not in said


def test_own_password_is_checked_while_typing(panel: PasswordPanel) -> None:
    """P11: each rule tells by mark and by word whether it is met, never by colour alone."""
    click(panel.type_choice)
    assert panel.typed.isVisible()
    assert not panel.generated.isVisible()
    assert panel.problem() == "Type a password, or let it be generated."
    QTest.keyClicks(panel.typed.edit, "adele1")
    assert panel.problem() == "The password does not meet every rule."
    assert [rule.met for rule in panel.rule_labels] == [False, False, False, True]
    assert panel.rule_labels[0].text.accessibleName() == "Not met: 8 to 256 characters"
    panel.typed.edit.selectAll()
    QTest.keyClicks(panel.typed.edit, "Kasimir-77")
    assert all(rule.met for rule in panel.rule_labels)
    assert panel.rule_labels[0].text.accessibleName() == "Met: 8 to 256 characters"
    answer = panel.answer()
    assert answer is not None
    assert answer.password == Secret("Kasimir-77")


def test_rule_marks_differ_in_shape(panel: PasswordPanel) -> None:
    click(panel.type_choice)
    rule = panel.rule_labels[0]
    cross = rule._mark.pixmap().toImage()
    QTest.keyClicks(panel.typed.edit, "Kasimir-77")
    assert rule._mark.pixmap().toImage() != cross


def test_username_may_not_be_in_the_password(panel: PasswordPanel) -> None:
    click(panel.type_choice)
    QTest.keyClicks(panel.typed.edit, "Kasimir-77")
    panel.set_username("kasimir@contoso.com")
    assert panel.answer() is None


def test_change_at_next_sign_in_is_on_by_default(panel: PasswordPanel) -> None:
    panel.set_generated(Secret(STRONG))
    assert panel.must_change.text() == "Require a change at the next sign-in"
    assert panel.must_change.isChecked()
    panel.must_change.setFocus()
    QTest.keyClick(panel.must_change, Key.Key_Space)
    answer = panel.answer()
    assert answer is not None
    assert not answer.must_change


def test_mail_is_optional_on_reset(panel: PasswordPanel) -> None:
    """S40, S41: empty is fine, and the hint says who gets the notice."""
    panel.set_generated(Secret(STRONG))
    assert panel.answer() is not None
    assert "a notice without the password goes to adele@contoso.com" in panel.mail_field.hint.text()
    QTest.keyClicks(panel.mail, "boss@")
    assert panel.answer() is None
    QTest.keyClicks(panel.mail, "contoso.com")
    answer = panel.answer()
    assert answer is not None
    assert answer.send_to == "boss@contoso.com"


def test_mail_is_compulsory_on_create(qtbot: QtBot) -> None:
    """S40: invalid until it holds an address."""
    panel = shown(qtbot, PasswordPanel(mail_required=True))
    panel.set_generated(Secret(STRONG))
    assert panel.answer() is None
    assert panel.problem() == "Enter the address that shall receive the password."
    assert "required" in panel.mail.accessibleName()
    QTest.keyClicks(panel.mail, "nonsense")
    panel.must_change.setFocus()
    panel.mail.editingFinished.emit()
    assert panel.mail_field.problem.isVisible()
    assert panel.mail.property("invalid") is True
    panel.mail.setText("boss@contoso.com")
    assert not panel.mail_field.problem.isVisible()
    assert panel.mail.property("invalid") is False
    assert panel.answer() is not None


def test_enter_in_the_panel_asks_for_another_password(panel: PasswordPanel) -> None:
    """Enter on a button of the panel presses that button and no other."""
    asked = QSignalSpy(panel.generate_requested)
    panel.another_button.setFocus()
    QTest.keyClick(panel.another_button, Key.Key_Return)
    assert asked.count() == 1
    panel.generated.eye.setFocus()
    QTest.keyClick(panel.generated.eye, Key.Key_Return)
    assert not panel.generated.masked


def test_refused_password_is_explained_until_it_changes(panel: PasswordPanel) -> None:
    panel.set_generated(Secret(STRONG))
    panel.show_refusal("Microsoft refused the password.")
    assert panel._refusal.isVisible()
    panel.set_generated(Secret("Other-One-88"))
    assert not panel._refusal.isVisible()


def test_forget_leaves_nothing_to_undo(panel: PasswordPanel) -> None:
    """N14: the fields are empty afterwards, and undo does not bring the text back."""
    panel.set_generated(Secret(STRONG))
    click(panel.type_choice)
    QTest.keyClicks(panel.typed.edit, "Typed-One-77")
    click(panel.typed.eye)
    panel.forget()
    for field in (panel.generated, panel.typed):
        assert field.text() == ""
        assert field.masked
        field.edit.undo()
        assert field.text() == ""


def test_secret_field_forgets_what_was_typed(qtbot: QtBot) -> None:
    field = SecretField("Password")
    qtbot.addWidget(field)
    QTest.keyClicks(field.edit, "abc")
    field.clear_secret()
    assert field.text() == ""
    assert not field.edit.isUndoAvailable()
    assert not field.edit.isRedoAvailable()


def result(qtbot: QtBot, *, clear_after: int = 60_000) -> PasswordResult:
    made = PasswordResult(
        "The password was reset.",
        "adele@contoso.com",
        Secret(STRONG),
        "Sent to a@b.c.",
        clear_after=clear_after,
    )
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_result_is_masked_until_asked(qtbot: QtBot) -> None:
    """N14: shown once, behind the eye, with an honest line about the mail."""
    made = result(qtbot)
    assert made.password.edit.echoMode() is MASKED
    assert STRONG not in everything_said(made)
    click(made.password.eye)
    assert made.password.edit.displayText() == STRONG
    assert made.mail.text() == "Sent to a@b.c."
    assert made.username.text() == "adele@contoso.com"
    made.forget()
    assert made.password.text() == ""


def test_copy_clears_the_clipboard_after_a_while(qtbot: QtBot) -> None:
    made = result(qtbot, clear_after=500)
    click(made.copy_button)
    assert clipboard() == STRONG
    qtbot.waitUntil(lambda: clipboard() == "", timeout=8000)
    assert made.status.text() == "The clipboard no longer holds the password."


def test_says_how_long_the_copy_stays(qtbot: QtBot) -> None:
    made = result(qtbot)
    click(made.copy_button)
    assert made.status.text() == "Copied. The clipboard is cleared in 60 seconds."
    made.clear_clipboard()
    assert clipboard() == ""


def test_other_text_on_the_clipboard_is_left_alone(qtbot: QtBot) -> None:
    made = result(qtbot, clear_after=30)
    click(made.copy_button)
    QGuiApplication.clipboard().setText("something else")
    qtbot.waitUntil(lambda: "no longer" in made.status.text(), timeout=8000)
    assert clipboard() == "something else"
    QGuiApplication.clipboard().clear()


def test_clipboard_is_cleared_though_the_dialog_is_gone(qtbot: QtBot) -> None:
    """The copy outlives the dialog, the promise to clear it does too."""
    made = result(qtbot, clear_after=700)
    click(made.copy_button)
    made.close()
    shiboken6.delete(made)
    del made
    gc.collect()
    assert clipboard() == STRONG
    qtbot.waitUntil(lambda: clipboard() == "", timeout=8000)


def test_clipboard_is_cleared_when_the_program_ends(qtbot: QtBot) -> None:
    made = result(qtbot)
    click(made.copy_button)
    assert clipboard() == STRONG
    application = QGuiApplication.instance()
    assert application is not None
    guards = application.findChildren(ClipboardGuard)
    application.aboutToQuit.emit()
    assert clipboard() == ""
    assert guards, "the guard belongs to the application"


def test_clipboard_histories_are_asked_to_look_away(qtbot: QtBot) -> None:
    made = result(qtbot)
    click(made.copy_button)
    formats = QGuiApplication.clipboard().mimeData().formats()
    assert "x-kde-passwordManagerHint" in formats
    made.clear_clipboard()


def test_copying_twice_clears_once(qtbot: QtBot) -> None:
    made = result(qtbot, clear_after=500)
    click(made.copy_button)
    click(made.copy_button)
    assert clipboard() == STRONG
    qtbot.waitUntil(lambda: clipboard() == "", timeout=8000)
