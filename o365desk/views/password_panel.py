"""The password panel, one and the same on Create User and on Reset Password (S39, S40, P11)."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.creation import email_problem
from o365desk.domain.passwords import NewPassword, PasswordKind, PasswordRule, Secret, acceptable
from o365desk.domain.passwords import check_password as check
from o365desk.views import parts, theme
from o365desk.views.form import Field, SecretField, text_field
from o365desk.views.theme import GRID

SEND_MAIL = "Send Password in Email Upon Completion"
_INDENT = 3 * GRID
_ICON = QSize(2 * GRID, 2 * GRID)


class PasswordPanel(QWidget):
    """Generated or typed password, change at next sign-in, and the address that receives it.

    The panel makes no password itself: it asks by `generate_requested` and is answered by
    `set_generated`. Passwords live in its fields only, until `forget`. Owned by its dialog.
    """

    generate_requested = Signal(object)
    """PasswordKind: a fresh one is wanted."""
    changed = Signal()

    def __init__(self, mail_required: bool) -> None:
        super().__init__()
        self._mail_required = mail_required
        self._username = ""
        self._asked = False
        self._typed_touched = False
        self._mail_touched = False

        self.generate_choice = QRadioButton("Generate automatically")
        self.type_choice = QRadioButton("Let me type the password")
        self.generate_choice.setChecked(True)
        self._choices = QButtonGroup(self)
        self._choices.addButton(self.generate_choice)
        self._choices.addButton(self.type_choice)

        self.kinds: dict[PasswordKind, QPushButton] = {}
        self._kind_group = QButtonGroup(self)
        self._kind_group.setExclusive(True)
        kinds = QHBoxLayout()
        kinds.setSpacing(GRID // 2)
        for kind, name in (
            (PasswordKind.CHARACTERS, "Characters"),
            (PasswordKind.PASSPHRASE, "Passphrase"),
        ):
            button = parts.button(name, kind="segment")
            button.setCheckable(True)
            button.setAutoDefault(True)
            button.clicked.connect(self._ask)
            self._kind_group.addButton(button)
            self.kinds[kind] = button
            kinds.addWidget(button)
        self.kinds[PasswordKind.CHARACTERS].setChecked(True)
        kinds.addStretch(1)
        self.another_button = parts.button(
            "Generate another", self._ask, kind="quiet", icon="refresh"
        )
        self.another_button.setAutoDefault(True)
        kinds.addWidget(self.another_button)
        self.generated = SecretField("Generated password", read_only=True)
        self._generated_part, generated = _indented()
        generated.addLayout(kinds)
        generated.addWidget(self.generated)

        self.typed = SecretField("Password")
        self._rules = QVBoxLayout()
        self._rules.setContentsMargins(0, 0, 0, 0)
        self._rules.setSpacing(GRID // 4)
        self.rule_labels: list[_Rule] = []
        for rule in check(""):
            line = _Rule(rule)
            self.rule_labels.append(line)
            self._rules.addWidget(line)
        self._refusal = parts.label(kind="error", wrap=True)
        self._refusal.hide()
        self._typed_part, typed = _indented()
        typed.addWidget(self.typed)
        typed.addLayout(self._rules)

        self.must_change = parts.CheckBox("Require a change at the next sign-in")
        self.must_change.setChecked(True)
        self.mail = text_field(limit=320, placeholder="name@example.com")
        self.mail_field = Field(SEND_MAIL, self.mail, mark="required" if mail_required else "")
        self._say_hint()

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.generate_choice, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._generated_part)
        layout.addWidget(self.type_choice, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._typed_part)
        layout.addWidget(self._refusal)
        layout.addSpacing(GRID)
        layout.addWidget(self.must_change, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(GRID)
        layout.addWidget(self.mail_field)

        self.type_choice.clicked.connect(self.typed.setFocus)
        self._choices.buttonToggled.connect(lambda *_: self._chosen())
        self.typed.changed.connect(self._typed_changed)
        self.mail.textChanged.connect(lambda _text: self._mail_changed())
        self.mail.editingFinished.connect(self._mail_left)
        self.must_change.toggled.connect(lambda _on: self.changed.emit())
        self._chosen()

    def kind(self) -> PasswordKind:
        """Which way of generating is chosen."""
        return next(kind for kind, button in self.kinds.items() if button.isChecked())

    def set_generated(self, password: Secret) -> None:
        """The answer to `generate_requested`."""
        self.generated.set_text(password.reveal())
        self.another_button.setEnabled(True)
        self._changed()

    def set_username(self, username: str) -> None:
        """The account the password is for: it must not appear in the password, and is told where
        the notice goes."""
        if username == self._username:
            return
        self._username = username
        self._say_hint()
        self._check()
        self.changed.emit()

    def answer(self) -> NewPassword | None:
        """What was chosen; None while something is missing or wrong."""
        if self.problem():
            return None
        return NewPassword(
            Secret(self._text()),
            must_change=self.must_change.isChecked(),
            send_to=self.mail.text().strip(),
        )

    def problem(self) -> str:
        """The first thing that is missing or wrong, as a sentence; empty when nothing is."""
        if self.generate_choice.isChecked():
            if not self.generated.text():
                return "The password is being generated."
        else:
            if not self.typed.text():
                return "Type a password, or let it be generated."
            if not acceptable(self.typed.text(), self._username):
                return "The password does not meet every rule."
        return self._mail_problem()

    def show_refusal(self, sentence: str) -> None:
        """Microsoft's objection to the password, beside it; it goes when the password changes."""
        self._refusal.setText(sentence)
        self._refusal.show()
        if self.type_choice.isChecked():
            self.typed.setFocus()
        else:
            self.another_button.setFocus()

    def forget(self) -> None:
        """Drops every password text; called when the dialog closes (N14)."""
        self.generated.clear_secret()
        self.typed.clear_secret()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._asked:
            self._ask()

    def _text(self) -> str:
        field = self.generated if self.generate_choice.isChecked() else self.typed
        return field.text()

    def _ask(self) -> None:
        self._asked = True
        self.generate_requested.emit(self.kind())

    def _chosen(self) -> None:
        generated = self.generate_choice.isChecked()
        self._generated_part.setVisible(generated)
        self._typed_part.setVisible(not generated)
        self._changed()

    def _typed_changed(self) -> None:
        self._check()
        self._changed()

    def _check(self) -> None:
        rules = check(self.typed.text(), self._username)
        for label, rule in zip(self.rule_labels, rules, strict=True):
            label.set_rule(rule)

    def _changed(self) -> None:
        self._refusal.hide()
        self.changed.emit()

    def _mail_problem(self) -> str:
        if not self.mail.text().strip() and not self._mail_required:
            return ""
        return email_problem(self.mail.text())

    def _mail_changed(self) -> None:
        if not self._mail_problem():
            self.mail_field.set_problem("")
        elif self._mail_touched:
            self.mail_field.set_problem(self._mail_problem())
        self.changed.emit()

    def _mail_left(self) -> None:
        self._mail_touched = self._mail_touched or bool(self.mail.text())
        if self._mail_touched:
            self.mail_field.set_problem(self._mail_problem())

    def _say_hint(self) -> None:
        if self._mail_required:
            self.mail_field.set_hint("An address that the user can read without this account.")
        else:
            whom = self._username or "the user's own address"
            self.mail_field.set_hint(
                f"Optional. When empty, a notice without the password goes to {whom}."
            )


class _Rule(QWidget):
    """One policy line: a check or a cross, and the same in words for a screen reader."""

    def __init__(self, rule: PasswordRule) -> None:
        super().__init__()
        self._mark = QLabel()
        self._mark.setFixedSize(_ICON)
        self.text = parts.label(kind="muted", wrap=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.text, 1)
        self.met = not rule.met
        self.set_rule(rule)

    def set_rule(self, rule: PasswordRule) -> None:
        changed = rule.met is not self.met
        self.met = rule.met
        self.text.setText(rule.text)
        self.text.setAccessibleName(f"{'Met' if rule.met else 'Not met'}: {rule.text}")
        if changed:
            icon = theme.icon("check" if rule.met else "close", QPalette.ColorRole.WindowText)
            self._mark.setPixmap(icon.pixmap(_ICON, self.devicePixelRatioF()))
            parts.set_kind(self.text, "" if rule.met else "muted")


def _indented() -> tuple[QWidget, QVBoxLayout]:
    made = QWidget()
    layout = QVBoxLayout(made)
    layout.setContentsMargins(_INDENT, 0, 0, GRID // 2)
    layout.setSpacing(GRID // 2)
    return made, layout
