"""What is always told under the window's header: how fresh the data is, and what went wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.errors import DeskError, SignInRequired
from o365desk.models.words import age_text, clock_text, full_text, moment_text
from o365desk.views import parts, theme

if TYPE_CHECKING:
    from o365desk.views.window_edge import WindowEdge

MAX_MESSAGES = 3


AGED = timedelta(days=1)
"""Snapshots older than this are tinted more strongly."""

OLD = timedelta(days=35)
"""Of snapshots older than this it is said that much may have changed."""

_TINTS: dict[str, Callable[[theme.Theme], str]] = {
    "banner-practice": lambda look: look.practice_edge,
    "banner-snapshot": lambda look: look.snapshot_edge,
    "banner-snapshot-aged": lambda look: look.snapshot_edge,
}
"""Colours of the window's edge."""


class FreshnessBar(QFrame):
    """One line, always there: where the data comes from and when it was read (N8).

    Practice data and snapshots tint it, and the edge of the window (`tint_edge_of`). It is as high
    while loading as when done, so that nothing below it moves.
    """

    snapshots_requested = Signal()
    """To be answered with the time line, below `snapshots_button`."""
    live_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = parts.Sign("dot")
        self._text = parts.ElidedLabel()
        self._text.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._kept = parts.label(name="What is kept of it")
        self._kept.hide()
        self._loading = parts.label()
        self._loading_words = self._waiting_words = ""
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Loading")
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._edge: WindowEdge | None = None
        self._edged: QWidget | None = None
        self._offered = False
        self._dated = False
        """A snapshot is shown, so there is at least one."""
        self.snapshots_button = parts.button(
            "Snapshots",
            self.snapshots_requested.emit,
            kind="bar",
            icon="chevron-down",
            name="Choose a snapshot",
        )
        self.snapshots_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.snapshots_button.setToolTip("Show this customer as it was at an earlier time")
        policy = self.snapshots_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.snapshots_button.setSizePolicy(policy)
        self.live_button = parts.button("Back to live", self.live_requested.emit, kind="bar")
        self.live_button.setToolTip("Read this customer from Microsoft again")
        grid = theme.GRID
        line = QHBoxLayout()
        line.setContentsMargins(2 * grid, 3, 2 * grid, 0)
        line.setSpacing(grid)
        line.addWidget(self._sign)
        line.addWidget(self._text)
        line.addWidget(self._kept)
        line.addWidget(self.snapshots_button)
        line.addWidget(self.live_button)
        line.addStretch()
        line.addWidget(self._loading)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(line)
        whole.addWidget(self._bar)
        self.set_loading("")
        self.set_live(None)

    @property
    def text(self) -> str:
        return self._text.full()

    @property
    def loading_text(self) -> str:
        return self._loading.text()

    def set_live(self, read_at: datetime | None) -> None:
        """Straight from Microsoft; None while nothing has been read."""
        known = read_at is not None
        self._show(
            "banner-live",
            "dot",
            lambda look: look.good if known else look.muted,
            "Live" if known else "",
            read_at,
        )

    def set_practice(self, text: str, read_at: datetime | None, note: str = "") -> None:
        """The practice directory; `text` says so, e.g. "Practice directory", `note` what it is."""
        self._show("banner-practice", "info", lambda look: look.on_practice, text, read_at)
        if note:
            self._tell(f"{self.text}: {note}")

    def set_snapshot(
        self, at: datetime, now: datetime, can_go_live: bool = False, *, source: str = ""
    ) -> None:
        """A snapshot of the time `at`, which looks the older the older it is; call again as time
        passes. `can_go_live`: live data can be asked for; `source`: of what it is a snapshot,
        where that is not Microsoft, e.g. "Practice directory"."""
        age = now - at
        if age > AGED:
            kind, colour = "banner-snapshot-aged", lambda look: look.on_snapshot_aged
        else:
            kind, colour = "banner-snapshot", lambda look: look.on_snapshot
        self._show(kind, "warning" if age > OLD else "offline", colour, "", None)
        told = f"{source}, snapshot" if source else "Snapshot"
        old = ": much may have changed since" if age > OLD else ""
        self._tell(f"{told} of {moment_text(at)} · {age_text(age)} ago{old}")
        self.setToolTip(full_text(at))
        self._dated = True
        self.snapshots_button.show()
        self.live_button.setVisible(can_go_live)

    def set_snapshot_awaited(self, can_go_live: bool = False, *, source: str = "") -> None:
        """A snapshot is being read: nothing of what was shown before is said of it."""
        told = f"{source}, snapshot" if source else "Snapshot"
        self._show("banner-snapshot", "offline", lambda look: look.on_snapshot, told, None)
        self.live_button.setVisible(can_go_live)

    def set_snapshots_offered(self, offered: bool) -> None:
        """There are snapshots to go back to; while one is shown they always are."""
        self._offered = offered
        self.snapshots_button.setVisible(offered or self._dated)

    def set_kept(self, text: str, why: str = "") -> None:
        """Whether what is shown has become a snapshot, in a few words, and `why` not; empty while
        that is not known."""
        self._kept.setText(f"· {text}" if text else "")
        self._kept.setToolTip(why)
        self._kept.setAccessibleDescription(why)
        self._kept.setVisible(bool(text))

    @property
    def kept_text(self) -> str:
        return self._kept.text()

    def tint_edge_of(self, window: QWidget) -> None:
        """Gives the edge of `window` the tint of the line, so that a glance tells."""
        self._edged = window
        self._tint_edge()

    def set_loading(self, text: str) -> None:
        """What is being read right now; empty when it is done."""
        self._loading_words = text
        self._show_loading()

    def set_waiting(self, text: str) -> None:
        """Why it takes so long: "Microsoft asked to wait 20 s"; empty when nothing waits."""
        self._waiting_words = text
        self._show_loading()

    def _show_loading(self) -> None:
        words = " ".join(filter(None, (self._loading_words, self._waiting_words)))
        self._loading.setText(words)
        self._bar.setVisible(bool(words))

    def _show(
        self,
        kind: str,
        icon: str,
        colour: Callable[[theme.Theme], str],
        text: str,
        read_at: datetime | None,
    ) -> None:
        parts.set_kind(self, kind)
        for part in (
            self._text,
            self._kept,
            self._loading,
            self.snapshots_button,
            self.live_button,
        ):
            # A rule that names the bar's kind is looked up anew for each of them.
            part.style().unpolish(part)
            part.style().polish(part)
        self._dated = False
        self.snapshots_button.setVisible(self._offered)
        self.live_button.hide()
        self._tint_edge()
        self._sign.show_icon(icon, colour)
        read = f"read {clock_text(read_at)}" if read_at is not None else "not read yet"
        told = ", ".join(filter(None, (text, read)))
        self._tell(f"{told[:1].upper()}{told[1:]}")
        self.setToolTip(full_text(read_at) if read_at is not None else "")

    def _tell(self, text: str) -> None:
        self._text.set_full(text)
        self._text.updateGeometry()

    def _tint_edge(self) -> None:
        kind = self.property("kind")
        tinted = _TINTS.get(kind)
        if self._edge is not None:
            self._edge.set_colour(tinted)
        elif tinted is not None and self._edged is not None:
            from o365desk.views.window_edge import WindowEdge  # live data needs none

            self._edge = WindowEdge(self._edged)
            self._edge.set_colour(tinted)


class MessageKind(StrEnum):
    """How a message looks; the words have to tell it too."""

    ERROR = "error"
    WARNING = "warning"
    """Nothing went wrong, but the operator should know: the sign-in will not be kept."""
    NOTICE = "notice"
    """What has happened as it was asked for."""


_SIGNS: dict[MessageKind, tuple[str, Callable[[theme.Theme], str]]] = {
    MessageKind.ERROR: ("warning", lambda look: look.danger),
    MessageKind.WARNING: ("warning", lambda look: look.warning),
    MessageKind.NOTICE: ("info", lambda look: look.accent),
}


@dataclass(frozen=True, slots=True)
class Message:
    """What went wrong in the session, or is to be known, in the operator's words."""

    sentence: str
    next_step: str = ""
    support_ids: str = ""
    action: str = ""
    """Text of a button that helps; empty for none."""
    kind: MessageKind = MessageKind.ERROR
    of_customer: bool = False
    """Is about the customer on screen, and goes with it."""

    @property
    def merges_with(self) -> tuple[str, str, str]:
        """Messages that differ in support ids only are the same trouble again."""
        return self.sentence, self.next_step, self.action


class MessageBanner(QWidget):
    """Messages of the session, newest on top; the same one twice is one, counted. At most three
    errors, which push out no notice.

    Takes no room while there is nothing to say.
    """

    sign_in_requested = Signal(object)
    """The operator wants to sign in; carries the SignInNeed of the error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[_Item] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self.setVisible(False)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What is shown now, newest first."""
        return tuple(item.message for item in self._items)

    def show_error(
        self,
        error: DeskError,
        action: str = "",
        on_action: Callable[[], object] | None = None,
    ) -> None:
        """Shows an error; `on_action` is called by a button with the text `action`. An error that
        a sign-in would mend brings its own button."""
        need = error.need if isinstance(error, SignInRequired) else None
        if need is not None and not action:
            action, on_action = "Sign in", lambda: self.sign_in_requested.emit(need)
        message = Message(error.sentence, error.next_step, error.support_ids, action)
        self.show_message(message, on_action)

    def show_message(self, message: Message, on_action: Callable[[], object] | None = None) -> None:
        times = 1
        for item in self._items:
            if item.message.merges_with == message.merges_with:
                times = item.times + 1
                self._remove(item)
                break
        made = _Item(message, times, on_action, self._remove)
        self._items.insert(0, made)
        self._column.insertWidget(0, made)
        made.show()
        of_a_kind = [item for item in self._items if item.is_error == made.is_error]
        for old in of_a_kind[MAX_MESSAGES:]:
            self._remove(old)
        self.setVisible(True)
        QAccessible.updateAccessibility(QAccessibleEvent(made, QAccessible.Event.Alert))

    def show_notice(
        self,
        sentence: str,
        next_step: str = "",
        action: str = "",
        on_action: Callable[[], object] | None = None,
        *,
        warning: bool = False,
    ) -> None:
        """Tells what is no error. Stays until it is dismissed or `clear_notices`."""
        kind = MessageKind.WARNING if warning else MessageKind.NOTICE
        self.show_message(Message(sentence, next_step, action=action, kind=kind), on_action)

    def take_back(self, message: Message) -> None:
        """What a message said is over; nothing happens when it is not shown any more."""
        for item in tuple(self._items):
            if item.message == message:
                self._remove(item)

    def clear(self) -> None:
        """Another reading, or another sign-in: old trouble is over. Notices stay."""
        for item in tuple(self._items):
            if item.is_error:
                self._remove(item)

    def leave_customer(self) -> None:
        """Another customer: nothing that was said about the last one stays."""
        self.clear()
        for item in tuple(self._items):
            if item.message.of_customer:
                self._remove(item)

    def clear_notices(self) -> None:
        """Another connection, or another sign-in: what was said of the last one is over."""
        for item in tuple(self._items):
            if not item.is_error:
                self._remove(item)

    def _remove(self, item: "_Item") -> None:
        if item in self._items:
            self._items.remove(item)
            self._column.removeWidget(item)
            item.hide()
            item.deleteLater()
        self.setVisible(bool(self._items))


class _Item(QFrame):
    """One message of the banner."""

    def __init__(
        self,
        message: Message,
        times: int,
        on_action: Callable[[], object] | None,
        remove: Callable[["_Item"], None],
    ) -> None:
        super().__init__()
        self.message = message
        self.times = times
        self._on_action = on_action
        self._remove = remove
        self.setProperty("kind", f"banner-{message.kind}")
        self.setAccessibleName(f"{message.sentence} {message.next_step}".strip())
        grid = theme.GRID
        line = QHBoxLayout(self)
        line.setContentsMargins(2 * grid - 4, grid, grid, grid)
        line.setSpacing(grid)
        sign = QVBoxLayout()
        sign.setContentsMargins(0, 3 * grid // 4, 0, 0)
        sign.addWidget(parts.Sign(*_SIGNS[message.kind]))
        sign.addStretch()
        line.addLayout(sign)
        line.addLayout(self._texts(), 1)
        if message.action:
            act = parts.button(message.action, self._act)
            line.addWidget(act, 0, Qt.AlignmentFlag.AlignTop)
        dismiss = parts.icon_button("close", "Dismiss this message", self._dismiss, tip="Dismiss")
        line.addWidget(dismiss, 0, Qt.AlignmentFlag.AlignTop)

    @property
    def is_error(self) -> bool:
        return self.message.kind is MessageKind.ERROR

    def _texts(self) -> QVBoxLayout:
        message = self.message
        column = QVBoxLayout()
        # The first line stands level with the sign and the buttons.
        column.setContentsMargins(0, 3 * theme.GRID // 4, 0, theme.GRID // 2)
        column.setSpacing(theme.GRID // 2)
        again = f"  ({self.times} times)" if self.times > 1 else ""
        sentence = _selectable(f"{message.sentence}{again}", "")
        column.addWidget(sentence)
        if message.next_step:
            column.addWidget(_selectable(message.next_step, ""))
        if message.support_ids:
            column.addWidget(_selectable(message.support_ids, "muted", "For Microsoft support"))
        column.addStretch()
        return column

    def _act(self) -> None:
        # The message first: what the action does may bring a message of its own.
        self._remove(self)
        if self._on_action is not None:
            self._on_action()

    def _dismiss(self) -> None:
        self._remove(self)


def _selectable(text: str, kind: str, name: str = "") -> QLabel:
    made = parts.label(text, kind, wrap=True, name=name)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return made
