"""Sent mail: what would have gone out, on the practice directory only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from o365desk.views import parts
from o365desk.views.desk_dialog import MARGIN, DeskDialog
from o365desk.views.theme import GRID


@dataclass(frozen=True, slots=True)
class SentMail:
    """One mail of the practice directory. Its body is shown plainly: it went nowhere."""

    sent_at: datetime
    to: str
    subject: str
    body: str


class SentMailDialog(DeskDialog):
    """A list of mails and the text of the chosen one."""

    refresh_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Sent mail",
            "Sent mail",
            "Mails of the practice directory. None of them left this computer.",
            "Practice directory",
            parent,
            size=QSize(720, 480),
            flush=True,
        )
        self._mails: tuple[SentMail, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName("Sent mails")
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setProperty("kind", "inset")
        self.body = QPlainTextEdit()
        self.body.setReadOnly(True)
        self.body.setAccessibleName("Text of the mail")
        self.body.setTabChangesFocus(True)
        self._headline = parts.label(kind="heading", wrap=True)
        self._to = parts.label(kind="muted", wrap=True)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(2 * GRID, 0, MARGIN, 2 * GRID)
        column.setSpacing(GRID // 2)
        column.addWidget(self._headline)
        column.addWidget(self._to)
        column.addSpacing(GRID // 2)
        column.addWidget(self.body, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.addWidget(self.list)
        self._split.addWidget(right)
        self._split.setStretchFactor(0, 2)
        self._split.setStretchFactor(1, 3)
        self._split.setSizes([288, 432])
        self._split.setChildrenCollapsible(False)
        self.empty = parts.label(
            "No mail yet. Passwords sent by Create User and Reset Password, and notices about a "
            "reset, appear here.",
            "muted",
            wrap=True,
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.content_layout.addWidget(self.empty, 1)
        self.content_layout.addWidget(self._split, 1)
        self.refresh_button = self.add_button(
            parts.button("Refresh", self.refresh_requested.emit, icon="refresh")
        )
        self.close_button = self.add_button(
            parts.button("Close", self.accept, kind="primary", default=True)
        )
        self.list.currentRowChanged.connect(self._show)
        self.close_button.setFocus()
        self.set_mails(())

    def set_mails(self, mails: Sequence[SentMail]) -> None:
        """Newest first; the chosen mail stays chosen."""
        chosen = self._chosen()
        self._mails = tuple(sorted(mails, key=lambda mail: mail.sent_at, reverse=True))
        self.list.blockSignals(True)
        self.list.clear()
        for mail in self._mails:
            item = QListWidgetItem(f"{mail.subject}\n{mail.to}\n{_when(mail.sent_at)}")
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                f"{mail.subject}, to {mail.to}, {_when(mail.sent_at)}",
            )
            item.setToolTip(mail.to)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.empty.setVisible(not self._mails)
        self._split.setVisible(bool(self._mails))
        count = len(self._mails)
        self.set_summary(f"{count} {'mail' if count == 1 else 'mails'}" if count else "")
        row = self._mails.index(chosen) if chosen in self._mails else 0
        self.list.setCurrentRow(row if self._mails else -1)
        self._show(self.list.currentRow())

    def _chosen(self) -> SentMail | None:
        row = self.list.currentRow()
        return self._mails[row] if 0 <= row < len(self._mails) else None

    def _show(self, row: int) -> None:
        mail = self._mails[row] if 0 <= row < len(self._mails) else None
        self._headline.setText(mail.subject if mail else "")
        self._to.setText(f"To {mail.to}, {_when(mail.sent_at)}" if mail else "")
        self.body.setPlainText(mail.body if mail else "")


def _when(moment: datetime) -> str:
    local = QDateTime.fromMSecsSinceEpoch(round(moment.timestamp() * 1000))
    return QLocale().toString(local, "d MMM, HH:mm")
