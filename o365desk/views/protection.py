"""The part of a dialog that keeps administrators from being changed by mistake (P16)."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from o365desk.domain.rights import Caution, Protection
from o365desk.views import parts
from o365desk.views.theme import GRID


class ProtectionPart(QWidget):
    """Says what makes an account special, and asks once more where that is called for.

    Takes no room for an ordinary account. While it is being looked up whether this is one, the
    dialog waits. Owned by its dialog.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._reason = ""
        self.looking = False
        """It is not known yet whether the account is an administrator's."""
        self._shown = Protection()
        self.text = parts.label(wrap=True)
        self.confirmation = parts.CheckBox()
        self.confirmation.toggled.connect(lambda _checked: self.changed.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.text)
        column.addWidget(self.confirmation)
        self.confirmation.hide()
        self.hide()

    @property
    def reason(self) -> str:
        """Why the act has to wait or cannot be; empty when it may go."""
        if self._shown.caution is Caution.CONFIRM and not self.confirmation.isChecked():
            return "Confirm first that this account is meant."
        return self._reason

    def set_looking(self, name: str) -> None:
        self.looking = True
        text = f"Looking up whether {name} is an administrator…"
        self._show(Protection(), text, "muted", reason=text)

    def set_unknown(self, name: str, sentence: str) -> None:
        """It could not be found out: that forbids nothing."""
        self.looking = False
        text = f"Whether {name} is an administrator could not be read: {sentence}"
        self._show(Protection(), text, "muted")

    def set_protection(self, protection: Protection) -> None:
        """What is known now; a confirmation that was given for the same stays."""
        self.looking = False
        forbidden = protection.caution is Caution.FORBIDDEN
        reason = protection.sentence if forbidden else ""
        self._show(protection, protection.sentence, "warning", reason=reason)

    def _show(self, protection: Protection, text: str, kind: str, reason: str = "") -> None:
        if protection != self._shown:
            self.confirmation.setChecked(False)
        self._shown = protection
        self._reason = reason
        self.text.setText(text)
        parts.set_kind(self.text, kind)
        self.confirmation.setText(protection.intent)
        self.confirmation.setAccessibleName(f"{text} {protection.intent}".strip())
        self.confirmation.setVisible(protection.caution is Caution.CONFIRM)
        self.setVisible(bool(text))
        self.changed.emit()
