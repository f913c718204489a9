"""Signing in: what is being waited for, the device code, and what went wrong."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QSize, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from o365desk.domain.directory import utc_now
from o365desk.domain.errors import DeskError
from o365desk.domain.sign_in import DeviceCode
from o365desk.views import parts
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.theme import GRID

CODE_TEXT = "On any device, open this address and type the code:"
EXPIRED = "This code has expired."


class SignInDialog(DeskDialog):
    """Waits, shows a code or an error; closes on `show_done`. It can be cancelled at any time.

    The controller tells it how things stand: `show_waiting`, `show_code`, `show_error`,
    `show_done`. It never holds a password or a token.
    """

    cancelled = Signal()
    """The operator gave up; the dialog is gone."""
    retry_requested = Signal()
    another_account_requested = Signal()
    new_code_requested = Signal()
    open_link_requested = Signal(str)

    def __init__(
        self,
        connection_name: str,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(
            "Sign in", "Sign in to Microsoft", connection_name, "", parent, size=QSize(520, 288)
        )
        self._clock = clock
        self._since = clock()
        self._link = ""
        self._code: DeviceCode | None = None
        self._expired = False
        self.text = parts.label(wrap=True, name="What is being waited for")
        self.elapsed = parts.label(kind="muted")
        self.link_row, self.open_button, self.copy_link_button = self._make_link_row()
        self.code_box = self._make_code_box()
        for widget in (self.text, self.code_box, self.link_row, self.elapsed):
            self.content_layout.addWidget(widget)
        self.content_layout.addStretch(1)
        self.content_layout.setSpacing(GRID)
        self.another_button = self._footer("Use another account", self.another_account_requested)
        self.retry_button = self._footer("Try again", self.retry_requested)
        self.cancel_button = self.add_button(parts.button("Cancel", self.reject))
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)
        self.show_waiting("Asking Microsoft…")

    # States

    def show_waiting(self, text: str, link: str = "") -> None:
        """Something is under way; `link` is the address of a page that was opened for it."""
        self._begin()
        self.text.setText(text)
        self._set_link(link)
        self.cancel_button.setFocus()

    def show_code(self, code: DeviceCode) -> None:
        """The operator types a code on another device."""
        self._begin()
        self._code = code
        self.text.setText(CODE_TEXT)
        self._set_link(code.address)
        self.code.setText(code.code)
        self.code.setAccessibleName(f"Code: {' '.join(code.code)}")
        self.code.setEnabled(True)
        self.copy_code_button.show()
        self.new_code_button.hide()
        self.code_box.show()
        self._tick()
        self.copy_code_button.setFocus()

    def show_error(self, error: DeskError | str, next_step: str = "") -> None:
        """It did not work; the operator may try again, or as somebody else. Once a code has
        expired, a new one is offered already: Microsoft's saying so changes nothing."""
        if self._expired:
            return
        self._end()
        if isinstance(error, DeskError):
            # Its own way to sign in is left out: that is what Try again does.
            self.errors.show_error(error.sentence, next_step or error.next_step, error.support_ids)
        else:
            self.errors.show_error(error, next_step, "")
        self.text.setText("You are not signed in.")
        self.retry_button.show()
        self.another_button.show()
        self.retry_button.setDefault(True)
        self.retry_button.setFocus()

    def show_done(self) -> None:
        """Signed in: there is nothing more to say here."""
        self._end()
        self.accept()

    def reject(self) -> None:
        self._end()
        super().reject()
        self.cancelled.emit()

    # Parts

    def _make_link_row(self) -> tuple[QWidget, QPushButton, QPushButton]:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        open_button = parts.button("Open the page again", self._open_link, icon="external")
        copy_button = parts.button("Copy link", self._copy_link, icon="copy")
        for one in (open_button, copy_button):
            one.setAutoDefault(True)
            layout.addWidget(one)
        layout.addStretch(1)
        return row, open_button, copy_button

    def _make_code_box(self) -> QWidget:
        box = QWidget()
        selectable = (
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.address = parts.label(kind="code", wrap=True)
        self.address.setTextInteractionFlags(selectable)
        self.code = parts.label(kind="device-code")
        self.code.setTextInteractionFlags(selectable)
        self.copy_code_button = parts.button("Copy", self._copy_code, icon="copy", name="Copy code")
        self.new_code_button = parts.button("Get a new code", self._get_new_code, icon="refresh")
        self.countdown = parts.label(kind="muted")
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(self.code)
        for one in (self.copy_code_button, self.new_code_button):
            one.setAutoDefault(True)
            row.addWidget(one)
        row.addStretch(1)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.address)
        column.addLayout(row)
        column.addWidget(self.countdown)
        box.hide()
        return box

    def _footer(self, text: str, asks: SignalInstance) -> QPushButton:
        made = self.add_button(parts.button(text))
        made.clicked.connect(lambda _checked=False: self._ask(asks))
        made.hide()
        return made

    # What happens

    def _begin(self) -> None:
        self.clear_error()
        self._code = None
        self._expired = False
        self.code_box.hide()
        self.retry_button.hide()
        self.another_button.hide()
        self.progress.show()
        self._since = self._clock()
        self._timer.start()
        self.elapsed.show()
        self._tick()

    def _end(self) -> None:
        self._timer.stop()
        self._code = None
        self.code_box.hide()
        self.progress.hide()
        self.elapsed.hide()
        self._set_link("")

    def _set_link(self, link: str) -> None:
        self._link = link
        self.address.setText(link)
        self.open_button.setText("Open the page" if self._code else "Open the page again")
        self.link_row.setVisible(bool(link))

    def _tick(self) -> None:
        now = self._clock()
        self.elapsed.setText(f"Waiting for {_clock((now - self._since).total_seconds())}")
        if self._code is None:
            return
        left = (self._code.expires_at - now).total_seconds()
        if left <= 0:
            self._expire()
            return
        self.countdown.setText(f"Valid for {_clock(left)}")
        self.countdown.setAccessibleName(f"The code is valid for {_spoken(left)}")

    def _expire(self) -> None:
        self._expired = True
        self._timer.stop()
        self.progress.hide()
        self.elapsed.hide()
        self.link_row.hide()
        self.code.setEnabled(False)
        self.countdown.setText(EXPIRED)
        self.countdown.setAccessibleName(EXPIRED)
        self.copy_code_button.hide()
        self.new_code_button.show()
        self.new_code_button.setFocus()
        QAccessible.updateAccessibility(QAccessibleEvent(self.countdown, QAccessible.Event.Alert))

    def _ask(self, signal: SignalInstance) -> None:
        self.show_waiting("Asking Microsoft…")
        signal.emit()

    def _get_new_code(self) -> None:
        self._ask(self.new_code_requested)

    def _open_link(self) -> None:
        self.open_link_requested.emit(self._link)

    def _copy_link(self) -> None:
        QGuiApplication.clipboard().setText(self._link)
        self.set_summary("Link copied")

    def _copy_code(self) -> None:
        QGuiApplication.clipboard().setText(self.code.text())
        self.set_summary("Code copied")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes}:{rest:02}"


def _spoken(seconds: float) -> str:
    """By the minute, so that a screen reader is not kept busy."""
    minutes = int(seconds) // 60
    if not minutes:
        return "less than a minute"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
