"""What Create User and Reset Password share: after success, the password is shown once."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QVBoxLayout, QWidget

from o365desk.domain.passwords import Secret
from o365desk.views import parts
from o365desk.views.desk_dialog import MARGIN, DeskDialog
from o365desk.views.password_panel import PasswordPanel
from o365desk.views.password_result import CLEAR_AFTER, PasswordResult
from o365desk.views.theme import GRID

RESULT_WIDTH = 70 * GRID


class PasswordDialog(DeskDialog):
    """A dialog with a PasswordPanel, whose content gives way to a PasswordResult.

    However it closes, every password text is dropped from its fields (N14).
    """

    def __init__(
        self,
        title: str,
        heading: str,
        subheading: str,
        tenant_name: str,
        parent: QWidget | None,
        *,
        size: QSize,
        mail_required: bool,
        done: str,
        flush: bool = False,
    ) -> None:
        """`done` is what is said above the result."""
        super().__init__(title, heading, subheading, tenant_name, parent, size=size, flush=flush)
        self._done = done
        self.panel = PasswordPanel(mail_required)
        self.form = QWidget()
        self.form_layout = QVBoxLayout(self.form)
        self.form_layout.setContentsMargins(0, 0, 0, 0)
        self.form_layout.setSpacing(2 * GRID)
        self.content_layout.addWidget(self.form)
        self.result_panel: PasswordResult | None = None
        self.clear_after = CLEAR_AFTER
        """Milliseconds after which a copied password leaves the clipboard."""
        self.finished.connect(lambda _result: self._forget())

    def set_generated(self, password: Secret) -> None:
        """The answer to the panel's `generate_requested`."""
        self.panel.set_generated(password)

    def show_result(self, username: str, password: Secret, mail_text: str) -> None:
        """It is done: the password once, and what became of the mail. Only Close is left."""
        self.set_idle()
        self.clear_error()
        self.panel.forget()
        self.form.hide()
        self.result_panel = PasswordResult(
            self._done, username, password, mail_text, clear_after=self.clear_after
        )
        self.content_layout.setContentsMargins(MARGIN, 0, MARGIN, 2 * GRID)
        self.content_layout.addWidget(self.result_panel)
        self.result_panel.show()
        self.set_summary("")
        for button in self.take_buttons():
            button.hide()
        close = self.add_button(parts.button("Close", self.accept, kind="primary", default=True))
        self.close_button = close
        self.result_panel.copy_button.setFocus()
        self.shrink(min(self.width(), RESULT_WIDTH))

    def _forget(self) -> None:
        self.panel.forget()
        if self.result_panel is not None:
            self.result_panel.forget()
