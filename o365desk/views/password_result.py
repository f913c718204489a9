"""What is shown after a password was set: once, masked, with a copy that does not stay (N14)."""

import atexit

from PySide6.QtCore import QCoreApplication, QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from o365desk.domain.passwords import Secret
from o365desk.views import parts
from o365desk.views.form import Field, SecretField, text_field
from o365desk.views.theme import GRID

CLEAR_AFTER = 60_000
"""Milliseconds a copied password stays on the clipboard."""

_NO_HISTORY = (
    ("x-kde-passwordManagerHint", b"secret"),
    (
        'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"',
        b"\0\0\0\0",
    ),
)
"""Asks clipboard histories to leave a copied password out
(learn.microsoft.com/windows/win32/dataxchg/clipboard-formats; KDE's Klipper does the same)."""


class ClipboardGuard(QObject):
    """Puts a password on the clipboard and takes it off again, unless something else is there by
    then. Belongs to the application, since the dialog may be closed long before the time is up;
    clears at the program's end as well, and goes when its work is done."""

    cleared = Signal()

    def __init__(self, password: Secret, clear_after: int) -> None:
        application = QCoreApplication.instance()
        super().__init__(application)
        self._password = password
        data = QMimeData()
        data.setText(password.reveal())
        for hint, value in _NO_HISTORY:
            data.setData(hint, value)
        QGuiApplication.clipboard().setMimeData(data)
        if application is not None:
            application.aboutToQuit.connect(self.clear)
        # Left on the clipboard, the data would outlive Python and crash Qt's own clean-up.
        atexit.register(self.clear)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        self._timer.start(clear_after)

    def clear(self) -> None:
        """Takes the password off the clipboard if it is still there."""
        atexit.unregister(self.clear)
        if not self._password or QCoreApplication.instance() is None:
            return
        self._timer.stop()
        clipboard = QGuiApplication.clipboard()
        if clipboard.text() == self._password.reveal():
            clipboard.clear()
        self._password = Secret("")
        self.cleared.emit()
        self.deleteLater()


class PasswordResult(QWidget):
    """The account, its new password behind an eye, a copy button, and what became of the mail.

    Owned by the dialog that set the password; `forget` on close.
    """

    def __init__(
        self,
        done: str,
        username: str,
        password: Secret,
        mail_text: str,
        *,
        clear_after: int = CLEAR_AFTER,
    ) -> None:
        """`done` says what has happened; `mail_text` what became of the mail."""
        super().__init__()
        self._clear_after = clear_after
        self._guard: ClipboardGuard | None = None

        self.username = text_field()
        self.username.setText(username)
        self.username.setReadOnly(True)
        self.username.setCursorPosition(0)
        self.password = SecretField("Password", read_only=True)
        self.password.set_text(password.reveal())
        self.copy_button = parts.button("Copy", self._copy, icon="copy", name="Copy the password")
        self.copy_button.setAutoDefault(True)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        line.addWidget(self.password, 1)
        line.addWidget(self.copy_button)
        self.status = parts.label("Shown this once: it is stored nowhere.", "muted", wrap=True)
        self.mail = parts.label(mail_text, wrap=True)
        parts.hide_unless(self.mail, bool(mail_text))

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        self.done = parts.label(done, "good", wrap=True)
        layout.addWidget(self.done)
        layout.addWidget(Field("Username", self.username))
        password_field = Field("Password", self.password.edit, row=row)
        layout.addWidget(password_field)
        layout.addWidget(self.status)
        layout.addWidget(self.mail)
        layout.addStretch(1)

    def clear_clipboard(self) -> None:
        """Takes the password off the clipboard now, if it is still there."""
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.clear()

    def forget(self) -> None:
        """Drops the password text; a copy on the clipboard keeps its own time."""
        self.password.clear_secret()

    def _copy(self) -> None:
        self.clear_clipboard()
        self._guard = ClipboardGuard(Secret(self.password.text()), self._clear_after)
        self._guard.cleared.connect(self._cleared)
        seconds = round(self._clear_after / 1000)
        self.status.setText(f"Copied. The clipboard is cleared in {seconds} seconds.")

    def _cleared(self) -> None:
        self._guard = None
        self.status.setText("The clipboard no longer holds the password.")
