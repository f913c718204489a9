"""Reset Password: the panel of Create User, with the mail optional (S39, S40)."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from o365desk.domain.directory import User
from o365desk.domain.errors import DeskError, Refusal
from o365desk.views import parts
from o365desk.views.password_dialog import PasswordDialog
from o365desk.views.protection import ProtectionPart


class ResetPasswordDialog(PasswordDialog):
    """Asks for a new password and hands it over as a NewPassword; shows it once afterwards."""

    generate_requested = Signal(object)
    """PasswordKind: answer with `set_generated`."""
    reset_requested = Signal(object)
    """NewPassword."""

    def __init__(self, tenant_name: str, user: User, parent: QWidget | None = None) -> None:
        super().__init__(
            "Reset Password",
            user.display_name or user.username,
            user.username,
            tenant_name,
            parent,
            size=QSize(560, 480),
            mail_required=False,
            done="The password was reset.",
        )
        self.protection = ProtectionPart()
        self.form_layout.addWidget(self.protection)
        self.panel.set_username(user.username)
        self.form_layout.addWidget(self.panel)
        self.form_layout.addStretch(1)
        self.cancel_button = self.add_button(parts.button("Cancel", self.reject))
        self.reset_button = self.add_button(
            parts.button("Reset Password", self._reset, kind="primary", default=True)
        )
        self.panel.generate_requested.connect(self.generate_requested)
        self.panel.changed.connect(self.refresh)
        self.protection.changed.connect(self.refresh)
        self.panel.generate_choice.setFocus()
        self.refresh()

    def refresh(self) -> None:
        """The button is there only when the answer is complete; else the line says what is not."""
        if self.result_panel is not None:
            return
        problem = self.panel.problem() or self.protection.reason
        self.set_summary(problem)
        self.allow(self.reset_button, not problem, problem)

    def show_refusal(self, error: DeskError) -> None:
        """An objection to the password stands beside it, everything else in the strip."""
        if error.refusal is not Refusal.PASSWORD:
            self.show_error(error)
            return
        self.set_idle()
        self.clear_error()
        self.panel.show_refusal(f"{error.sentence} {error.next_step}".strip())

    def _reset(self) -> None:
        answer = self.panel.answer()
        if answer is not None and not self.busy:
            self.reset_requested.emit(answer)
