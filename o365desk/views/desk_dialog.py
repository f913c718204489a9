"""The frame of every dialog: whose data it is about, what went wrong, what is under way."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.access import SignInNeed
from o365desk.domain.errors import DeskError, SignInRequired
from o365desk.views import parts
from o365desk.views.theme import GRID

MARGIN = 3 * GRID

FINISHING = "Finishing… This window closes when Microsoft has answered."


class ErrorStrip(QFrame):
    """What went wrong, what to do next, and the ids for support. Reachable by keyboard; screen
    readers are alerted when it appears."""

    sign_in_requested = Signal(object)
    """Carries the SignInNeed of the error that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._need: SignInNeed | None = None
        self.setProperty("kind", "banner-error")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sentence = parts.label(kind="error", wrap=True)
        self.next_step = parts.label(wrap=True)
        self.ids = parts.label(kind="code", wrap=True)
        self.ids.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.ids.setAccessibleName("For Microsoft's support")
        self.sign_in = parts.button("Sign in", self._sign_in)
        self.sign_in.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN - 4, GRID, MARGIN, GRID)
        row.setSpacing(2 * GRID)
        layout = QVBoxLayout()
        layout.setSpacing(GRID // 2)
        for text in (self.sentence, self.next_step, self.ids):
            layout.addWidget(text)
        row.addLayout(layout, 1)
        row.addWidget(self.sign_in, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_error(
        self, sentence: str, next_step: str, ids: str, need: SignInNeed | None = None
    ) -> None:
        """`need`: a sign-in would mend it, and is offered."""
        self._need = need
        self.sign_in.setVisible(need is not None)
        for text, content in (
            (self.sentence, sentence),
            (self.next_step, next_step),
            (self.ids, ids),
        ):
            text.setText(content)
            text.setVisible(bool(content))
        self.setAccessibleName("Error")
        self.setAccessibleDescription(f"{sentence} {next_step}".strip())
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _sign_in(self) -> None:
        self.sign_in_requested.emit(self._need)

    def clear(self) -> None:
        self.hide()
        self._need = None
        for text in (self.sentence, self.next_step, self.ids):
            text.setText("")
        self.setAccessibleDescription("")


class DeskDialog(QDialog):
    """Window-modal frame: header with user and tenant, content, error strip, footer.

    Owned by the window it belongs to and deleted when closed. While a write runs (`set_busy`)
    nothing in it can be touched and it does not close: a write cannot be taken back.
    """

    sign_in_requested = Signal(object)
    """The operator wants to sign in, so that what was refused can be tried again; carries the
    SignInNeed."""

    def __init__(
        self,
        title: str,
        heading: str,
        subheading: str,
        tenant_name: str,
        parent: QWidget | None,
        *,
        size: QSize,
        flush: bool = False,
    ) -> None:
        """`flush` lets the content reach the dialog's edges, as lists do."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._busy = False
        self._focus_before: QWidget | None = None
        self._shown_summary = ""
        self._refusal = ""
        self._busy_words = ""

        self.heading = _wrapping(heading, "dialog-title")
        self.tenant = _wrapping(tenant_name, "heading")
        self.tenant.setAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignAbsolute
        )
        self.tenant.setAccessibleName(f"Customer {tenant_name}")
        parts.hide_unless(self.tenant, bool(tenant_name))
        self.subheading = _wrapping(subheading, "muted")
        parts.hide_unless(self.subheading, bool(subheading))
        header = QWidget()
        head = QGridLayout(header)
        head.setContentsMargins(MARGIN, 2 * GRID, MARGIN, 2 * GRID)
        head.setHorizontalSpacing(3 * GRID)
        head.setVerticalSpacing(0)
        head.addWidget(self.heading, 0, 0)
        head.addWidget(self.tenant, 0, 1)
        head.addWidget(self.subheading, 1, 0, 1, 2)
        head.setColumnStretch(0, 1)

        self.content = QWidget()
        self.content_layout = QVBoxLayout(self.content)
        side = 0 if flush else MARGIN
        self.content_layout.setContentsMargins(side, 0, side, 0 if flush else 2 * GRID)
        self.content_layout.setSpacing(2 * GRID)

        self.refusal = parts.label(kind="warning", wrap=True)
        self.refusal.setContentsMargins(MARGIN, GRID, MARGIN, GRID)
        self.refusal.hide()
        self.errors = ErrorStrip()
        self.errors.sign_in_requested.connect(self.sign_in_requested)
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Working")
        keep = self.progress.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(keep)
        self.progress.hide()
        self.summary = parts.ElidedLabel(kind="muted")
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(GRID)

        foot = QHBoxLayout()
        foot.setContentsMargins(MARGIN, GRID + GRID // 2, MARGIN, 2 * GRID)
        foot.setSpacing(2 * GRID)
        foot.addWidget(self.summary, 1)
        foot.addLayout(self._buttons)

        layout = self._frame = QVBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(header)
        layout.addWidget(self.content, 1)
        layout.addWidget(self.refusal)
        layout.addWidget(self.errors)
        layout.addWidget(self.progress)
        layout.addWidget(parts.line())
        layout.addLayout(foot)
        self._own_buttons: list[QPushButton] = []
        self.setLayout(layout)
        self.setMinimumWidth(min(size.width(), 440))
        self.resize(self._fitting(size))

    @property
    def busy(self) -> bool:
        """A write is under way: the dialog refuses to close."""
        return self._busy

    def add_button(self, button: QPushButton) -> QPushButton:
        """Adds a button to the footer. Enter presses the button that has the focus, else the
        default one."""
        button.setAutoDefault(True)
        self._buttons.addWidget(button)
        self._own_buttons.append(button)
        return button

    def take_buttons(self) -> list[QPushButton]:
        """Gives up the footer's buttons, for other ones to follow."""
        taken, self._own_buttons = self._own_buttons, []
        for button in taken:
            button.setDefault(False)
            self._buttons.removeWidget(button)
        return taken

    def set_refused(self, reason: str) -> None:
        """Why this cannot be done here at all; empty when it can."""
        if reason != self._refusal:
            self._refusal = reason
            self.refusal.setText(reason)
            self.refusal.setVisible(bool(reason))
            self.refresh()

    def allow(self, button: QPushButton, wanted: bool, why_not: str = "") -> None:
        """Enables a button that writes, or lets it say why it is not."""
        reason = self._refusal or ("" if wanted else why_not)
        button.setEnabled(wanted and not self._refusal and not self._busy)
        button.setToolTip(reason)
        button.setAccessibleDescription(reason)

    def set_summary(self, text: str) -> None:
        """The line beside the buttons; what the busy state says there comes first."""
        self._shown_summary = text
        if not self._busy:
            self.summary.set_full(text)

    def set_busy(self, text: str) -> None:
        """A write runs: everything is locked until `set_idle`, an error, or the end."""
        if not self._busy:
            focus = self.focusWidget()
            self._focus_before = focus if focus is not self else None
        self._busy = True
        self._busy_words = text
        self.clear_error()
        self.content.setEnabled(False)
        for button in self._own_buttons:
            button.setEnabled(False)
        self.progress.show()
        self.summary.set_full(text)
        self.setCursor(Qt.CursorShape.BusyCursor)

    def set_waiting(self, text: str) -> None:
        """Why a write takes so long; empty when nothing waits any more."""
        if self._busy:
            self.summary.set_full(" ".join(filter(None, (self._busy_words, text))))

    def set_idle(self) -> None:
        """Unlocks everything, as it was, with the keyboard where it was."""
        if not self._busy:
            return
        self._busy = False
        self.content.setEnabled(True)
        for button in self._own_buttons:
            button.setEnabled(True)
        self.progress.hide()
        self.summary.set_full(self._shown_summary)
        self.unsetCursor()
        self.refresh()
        focus, self._focus_before = self._focus_before, None
        if focus is not None and focus.isEnabled():
            focus.setFocus()

    def refresh(self) -> None:
        """Called after the busy state: each dialog sets its buttons by its own state again."""

    def show_error(self, error: DeskError | str, next_step: str = "") -> None:
        """Says what went wrong, at the foot of the content; the dialog is usable again."""
        self.set_idle()
        if isinstance(error, DeskError):
            need = error.need if isinstance(error, SignInRequired) else None
            self.errors.show_error(
                error.sentence, next_step or error.next_step, error.support_ids, need
            )
        else:
            self.errors.show_error(error, next_step, "")

    def show_refusal(self, error: DeskError) -> None:
        """Shows a refused write; dialogs that can place the sentence better do so."""
        self.show_error(error)

    def clear_error(self) -> None:
        self.errors.clear()

    def reject(self) -> None:
        """Cancel, Escape and the window's own close button all come here."""
        if self._busy:
            self.summary.set_full(FINISHING)
            return
        super().reject()

    def shrink(self, width: int) -> None:
        """Takes `width` and no more height than the content needs."""
        self.content_layout.activate()
        self._frame.activate()
        self.setMinimumHeight(0)
        self.resize(width, self._frame.minimumHeightForWidth(width) + 4 * GRID)

    def event(self, event: QEvent) -> bool:
        """Grows with its content: Qt gives a window's wrapped labels no height of their own."""
        handled = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show, QEvent.Type.Resize):
            self._share_head()
            self._grow()
        return handled

    def _share_head(self) -> None:
        """The customer's name takes what the heading leaves, and never less than two fifths where
        it needs that much: both wrap before either is cut."""
        room = self.width() - 2 * MARGIN - 3 * GRID
        heading, tenant = (
            text.fontMetrics().horizontalAdvance(text.text()) + 2
            for text in (self.heading, self.tenant)
        )
        width = min(tenant, max(room - heading, 2 * room // 5))
        if width != self.tenant.maximumWidth():
            self.tenant.setFixedWidth(width)

    def _grow(self) -> None:
        room = self.screen().availableSize().height() - 4 * GRID
        needed = min(self._frame.minimumHeightForWidth(self.width()), room)
        if needed != self.minimumHeight():
            self.setMinimumHeight(needed)

    def _fitting(self, size: QSize) -> QSize:
        """`size`, but never larger than the screen has room for."""
        room = self.screen().availableSize() - QSize(4 * GRID, 6 * GRID)
        return size.boundedTo(room)


def _wrapping(text: str, kind: str) -> QLabel:
    """A label for names: wraps, stays at its side of the window in every script."""
    made = parts.label(text, kind, wrap=True)
    made.setAlignment(
        Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignAbsolute
    )
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
