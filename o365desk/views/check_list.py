"""The steps of a connection check, each with sign, word, finding and what to do about it."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from o365desk.domain.diagnostics import CheckStep, StepState
from o365desk.models.check_steps import STATE_WORDS, CheckStepModel, duration_text, step_text
from o365desk.models.roles import Role
from o365desk.views import theme
from o365desk.views.theme import GRID

SIGNS: dict[StepState, tuple[str, Callable[[theme.Theme], str]]] = {
    StepState.GOOD: ("check", lambda look: look.good),
    StepState.WARNING: ("warning", lambda look: look.warning),
    StepState.FAILED: ("close", lambda look: look.danger),
    StepState.SKIPPED: ("minus", lambda look: look.muted),
}

_ICON = 16
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
_WRAPPED = _LEFT | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap

Index = QModelIndex | QPersistentModelIndex


class _Delegate(QStyledItemDelegate):
    """One step: the sign and its word at the left, name and texts beside them."""

    def __init__(self, view: "CheckStepList") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        rect = QRect(0, 0, self._view.viewport().width(), 1 << 20)
        lines = self._lines(option, rect, index.data(Role.ROW))
        return QSize(0, lines[-1][0].bottom() + 1 + GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look = theme.current()
        rect: QRect = option.rect
        step: CheckStep = index.data(Role.ROW)
        icon, colour = SIGNS[step.state]
        painter.save()
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(look.accent), 2))
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -2), 4, 4)
        metrics = QFontMetrics(option.font)
        top = rect.top() + GRID
        sign = QRect(rect.left() + self._view.inset, top, _ICON, metrics.height())
        theme.paint_icon(painter, icon, sign, QColor(colour(look)))
        painter.setFont(option.font)
        painter.setPen(QColor(colour(look)))
        word = QRect(sign.right() + 1 + GRID, top, _word_width(metrics), metrics.height())
        painter.drawText(word, _LEFT, STATE_WORDS[step.state])
        took = duration_text(step.milliseconds)
        painter.setPen(QColor(look.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute
        painter.drawText(
            QRect(rect.left(), top, rect.width() - self._view.inset, metrics.height()), right, took
        )
        colours = (look.text, look.text, look.text, look.muted)
        lines = self._lines(option, rect, step)
        for (where, font, text), ink in zip(lines, colours, strict=True):
            painter.setFont(font)
            painter.setPen(QColor(ink))
            painter.drawText(where, _WRAPPED, text)
        painter.fillRect(
            rect.adjusted(self._view.inset, rect.height() - 1, -self._view.inset, 0),
            QColor(look.border),
        )
        painter.restore()

    def _lines(
        self, option: QStyleOptionViewItem, rect: QRect, step: CheckStep
    ) -> list[tuple[QRect, QFont, str]]:
        """Where each text of a step stands: name, finding, next step, ids; an empty text takes no
        height."""
        metrics = QFontMetrics(option.font)
        left = rect.left() + self._view.inset + _ICON + GRID + _word_width(metrics) + 2 * GRID
        took = metrics.horizontalAdvance("10,000 ms") + GRID
        width = max(rect.right() - self._view.inset - left, 10 * GRID)
        strong, fixed = QFont(option.font), _fixed_font(option.font)
        strong.setWeight(QFont.Weight.DemiBold)
        top = rect.top() + GRID
        lines = []
        for text, font, room in (
            (step.name, strong, max(width - took, 10 * GRID)),
            (step.detail, option.font, width),
            (step.next_step, option.font, width),
            (step.support_ids, fixed, width),
        ):
            place = QRect(left, top, room, 1 << 16)
            height = QFontMetrics(font).boundingRect(place, _WRAPPED, text).height() if text else 0
            lines.append((QRect(left, top, room, height), font, text))
            top += height + (GRID // 4 if height else 0)
        return lines


class CheckStepList(QListView):
    """Steps below each other; new ones come at the end and stay in sight. Ctrl+C copies one.

    `inset` is left at both sides; `as_high_as_content` is for a page that scrolls by itself.
    """

    def __init__(self, *, inset: int = GRID, as_high_as_content: bool = False) -> None:
        super().__init__()
        self.inset = inset
        self._as_high = as_high_as_content
        self.steps = CheckStepModel(self)
        self.setModel(self.steps)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName("Steps of the check")
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        if as_high_as_content:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.hide()  # without steps it would take the keyboard unseen

    def add(self, steps: Iterable[CheckStep]) -> None:
        self.steps.append(steps)
        self._fit()
        self.scrollToBottom()

    def clear(self) -> None:
        self.steps.clear()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.currentIndex().isValid():
            step: CheckStep = self.currentIndex().data(Role.ROW)
            text = "\n".join(filter(None, (step_text(step), step.support_ids)))
            QGuiApplication.clipboard().setText(text)
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        if not self._as_high:
            return
        self.setVisible(bool(self.steps.rowCount()))
        height = sum(self.sizeHintForRow(row) for row in range(self.steps.rowCount()))
        if height != self.height():
            self.setFixedHeight(height)


def _word_width(metrics: QFontMetrics) -> int:
    return max(metrics.horizontalAdvance(word) for word in STATE_WORDS.values())


def _fixed_font(like: QFont) -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(like.pointSizeF())
    return font
