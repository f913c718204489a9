"""Labelled fields that say what is wrong with them, and a field for passwords."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from o365desk.views import parts, theme
from o365desk.views.theme import GRID


class Field(QWidget):
    """A caption above a control, and below it the problem or the hint.

    `control` gets the accessible name; the problem becomes its accessible description.
    """

    def __init__(
        self,
        caption: str,
        control: QWidget,
        *,
        hint: str = "",
        mark: str = "",
        row: QWidget | None = None,
    ) -> None:
        """`mark` stands small beside the caption ("required"); `row` holds `control` where it
        shares its line with others."""
        super().__init__()
        self.control = control
        self.caption = parts.label(caption)
        self.caption.setBuddy(control)
        self.mark = parts.label(mark, "muted")
        parts.hide_unless(self.mark, bool(mark))
        control.setAccessibleName(f"{caption}, {mark}" if mark else caption)
        self.hint = parts.label(hint, "muted", wrap=True)
        parts.hide_unless(self.hint, bool(hint))
        self.problem = parts.label(kind="error", wrap=True)
        self.problem.hide()
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(self.caption)
        head.addWidget(self.mark)
        head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addLayout(head)
        layout.addWidget(row or control)
        layout.addWidget(self.hint)
        layout.addWidget(self.problem)

    def set_problem(self, sentence: str) -> None:
        """Shows what is wrong; "" takes it away."""
        if sentence == self.problem.text():
            return
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self.hint.setVisible(bool(self.hint.text()) and not sentence)
        self.control.setAccessibleDescription(sentence)
        self.control.setProperty("invalid", bool(sentence))
        self.control.style().unpolish(self.control)
        self.control.style().polish(self.control)

    def set_hint(self, hint: str) -> None:
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint) and not self.problem.text())


class SecretField(QWidget):
    """A line for a password: masked until the eye is pressed. `clear_secret` leaves nothing
    behind, not even in the undo history."""

    changed = Signal()

    def __init__(self, name: str, *, read_only: bool = False) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setAccessibleName(name)
        self.edit.setReadOnly(read_only)
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self.edit.setDragEnabled(False)
        self.eye = parts.button("", kind="quiet", icon="eye", name="Show the password")
        self.eye.setAutoDefault(True)  # Enter looks, and does not press the dialog's own button
        self.eye.setToolTip("Show the password")
        self.eye.setCheckable(True)
        self.eye.setIconSize(QSize(2 * GRID, 2 * GRID))
        self.eye.toggled.connect(self._show)
        self.edit.textChanged.connect(lambda _text: self.changed.emit())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.eye)
        self.setFocusProxy(self.edit)

    @property
    def masked(self) -> bool:
        return not self.eye.isChecked()

    def text(self) -> str:
        return self.edit.text()

    def set_text(self, text: str) -> None:
        """Replaces the text; setText, unlike clear(), also forgets what could be undone."""
        self.edit.setText(text)
        self.edit.setCursorPosition(0)

    def clear_secret(self) -> None:
        self.eye.setChecked(False)
        self.edit.setText("")

    def _show(self, shown: bool) -> None:
        echo = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.edit.setEchoMode(echo)
        name = "Hide the password" if shown else "Show the password"
        self.eye.setIcon(QIcon(theme.icon("eye-off" if shown else "eye")))
        self.eye.setAccessibleName(name)
        self.eye.setToolTip(name)


def text_field(*, limit: int = 256, placeholder: str = "") -> QLineEdit:
    """A plain line edit."""
    made = QLineEdit()
    made.setMaxLength(limit)
    made.setPlaceholderText(placeholder)
    return made
