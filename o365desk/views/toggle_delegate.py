"""Paints one licence line with a real on/off switch, and moves it by mouse and Space."""

from dataclasses import dataclass

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from o365desk.domain.licensing import LicenseLine, Lock
from o365desk.models.license_toggles import Index, ToggleText
from o365desk.models.roles import Role
from o365desk.views import theme
from o365desk.views.theme import GRID

_SWITCH = QSize(36, 20)
_KNOB = 14
_ICON = 16
_PAD = GRID + GRID // 2
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
_ONE_LINE = _LEFT | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_WRAPPED = _LEFT | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


@dataclass(frozen=True, slots=True)
class _Note:
    """A line under the count, wrapped where it must be."""

    text: str
    colour: str
    icon: str = ""


class ToggleDelegate(QStyledItemDelegate):
    """Delegate of LicenseToggleModel: one switch per row, no widget per row.

    A click anywhere on the row and Space move the switch; Enter is left to the dialog.
    """

    def __init__(self, parent: QObject | None = None, *, inset: int = 2 * GRID) -> None:
        super().__init__(parent)
        self._inset = inset

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        view = _view(option)
        width = view.viewport().width() if view is not None else option.rect.width()
        text = index.data(Role.ROW)
        metrics = QFontMetrics(option.font)
        height = 2 * _PAD + metrics.height()
        if text.available:
            height += metrics.height() + GRID // 4
        room = width - self._text_left(metrics) - self._inset
        for note in _notes(index, text):
            height += GRID // 4 + _note_height(metrics, note, room)
        return QSize(0, max(height, 7 * GRID))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        line: LicenseLine = index.data(Role.LINE)
        text: ToggleText = index.data(Role.ROW)
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, line)

        metrics = QFontMetrics(option.font)
        rect = option.rect
        top = rect.top() + _PAD
        first = QRect(rect.left(), top, rect.width(), metrics.height())
        switch = QRect(rect.left() + self._inset, 0, _SWITCH.width(), _SWITCH.height())
        switch.moveTop(first.center().y() - _SWITCH.height() // 2)
        movable = enabled and line.lock is Lock.NONE
        paint_switch(painter, switch, on=line.on, movable=movable, locked=_padlocked(line))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 2, -2, -3), 4, 4)

        strong = QColor(colours.text if enabled else colours.muted)
        quiet = QColor(colours.muted)
        painter.setFont(option.font)
        painter.setPen(strong if movable else quiet)
        word = QRect(switch.right() + 1 + GRID, top, _word_width(metrics), metrics.height())
        painter.drawText(word, _ONE_LINE, text.state)

        left = rect.left() + self._text_left(metrics)
        room = rect.right() - self._inset - left + 1
        faint = line.lock in (Lock.EXHAUSTED, Lock.INACTIVE)
        self._paint_name(painter, option, text, QRect(left, top, room, metrics.height()), faint)
        top += metrics.height() + GRID // 4
        painter.setFont(option.font)
        if text.available:
            self._paint_counts(
                painter, option, line, text, QRect(left, top, room, metrics.height())
            )
            top += metrics.height() + GRID // 4
        for note in _notes(index, text):
            height = _note_height(metrics, note, room)
            _paint_note(painter, metrics, note, QRect(left, top, room, height), enabled=enabled)
            top += height + GRID // 4
        painter.restore()

    def _text_left(self, metrics: QFontMetrics) -> int:
        """Where the texts begin, from the row's left edge."""
        return self._inset + _SWITCH.width() + GRID + _word_width(metrics) + 2 * GRID

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, line: LicenseLine
    ) -> None:
        colours = theme.current()
        rect = option.rect
        if option.state & QStyle.StateFlag.State_MouseOver and line.lock is Lock.NONE:
            painter.fillRect(rect, QColor(colours.hover))
        painter.fillRect(
            QRect(rect.left() + self._inset, rect.bottom(), rect.width() - 2 * self._inset, 1),
            QColor(colours.border),
        )
        if line.on is not (line.held is not None):
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height() - 1), colours.accent)

    def _paint_name(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        text: ToggleText,
        rect: QRect,
        faint: bool,
    ) -> None:
        """The product's name, and behind it the padlock with the group where there is one."""
        colours = theme.current()
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        metrics, plain = QFontMetrics(bold), QFontMetrics(option.font)
        source_width = 0
        if text.source:
            wanted = 2 * GRID + _ICON + GRID // 2 + plain.horizontalAdvance(text.source)
            name_width = metrics.horizontalAdvance(text.name)
            source_width = min(wanted, max(rect.width() - name_width, rect.width() * 2 // 5))
        name = metrics.elidedText(
            text.name, Qt.TextElideMode.ElideRight, rect.width() - source_width
        )
        painter.setFont(bold)
        painter.setPen(QColor(colours.muted if faint or not enabled else colours.text))
        painter.drawText(rect, _ONE_LINE, name)
        if not source_width:
            return
        muted = QColor(colours.muted)
        left = rect.left() + metrics.horizontalAdvance(name) + 2 * GRID
        icon = QRect(left, rect.center().y() - _ICON // 2, _ICON, _ICON)
        theme.paint_icon(
            painter, "users" if text.source.startswith("also") else "lock", icon, muted
        )
        left = icon.right() + 1 + GRID // 2
        painter.setFont(option.font)
        painter.setPen(muted)
        rest = QRect(left, rect.top(), rect.right() - left + 1, rect.height())
        shown = plain.elidedText(text.source, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, _ONE_LINE, shown)

    def _paint_counts(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        line: LicenseLine,
        text: ToggleText,
        rect: QRect,
    ) -> None:
        colours = theme.current()
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        metrics = QFontMetrics(option.font)
        over = line.available < 0 and enabled
        painter.setPen(QColor(colours.danger if over else colours.muted))
        painter.drawText(rect, _ONE_LINE, text.available)
        if text.projected:
            left = rect.left() + metrics.horizontalAdvance(text.available + " ")
            font = QFont(option.font)
            font.setWeight(QFont.Weight.DemiBold)
            painter.setFont(font)
            painter.setPen(QColor(colours.text if enabled else colours.muted))
            rest = QRect(left, rect.top(), rect.right() - left + 1, rect.height())
            painter.drawText(rest, _ONE_LINE, text.projected)
            painter.setFont(option.font)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """True for what moved, or would have moved, a switch; Enter is never among it."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() not in (Qt.Key.Key_Space, Qt.Key.Key_Select):
                return False
            return event.isAutoRepeat() or _toggle(model, index) or True
        if isinstance(event, QMouseEvent) and event.button() is Qt.MouseButton.LeftButton:
            inside = option.rect.contains(event.position().toPoint())
            if event.type() is QEvent.Type.MouseButtonRelease and inside:
                _toggle(model, index)
            return False
        return False

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """A tooltip with the whole line, only where a part of it did not fit."""
        if event.type() is not QEvent.Type.ToolTip or not index.isValid():
            return False
        text: ToggleText = index.data(Role.ROW)
        bold = QFont(view.font())
        bold.setWeight(QFont.Weight.DemiBold)
        wanted = QFontMetrics(bold).horizontalAdvance(f"{text.name} {text.source}") + 6 * GRID
        metrics = QFontMetrics(view.font())
        if wanted <= view.viewport().width() - self._text_left(metrics) - self._inset:
            QToolTip.hideText()
            return True
        said = f"{text.name}, {text.source}" if text.source else text.name
        QToolTip.showText(event.globalPos(), said, view)
        return True


def paint_switch(
    painter: QPainter, rect: QRect, *, on: bool, movable: bool, locked: bool = False
) -> None:
    """A switch: filled with the knob at the right for on, hollow with the knob at the left for
    off, faint when it cannot be moved, and with a padlock where that is Microsoft's rule."""
    colours = theme.current()
    track = QRectF(rect).adjusted(0.75, 0.75, -0.75, -0.75)
    centre = QPointF(
        track.right() - track.height() / 2 if on else track.left() + track.height() / 2,
        track.center().y(),
    )
    ink = QColor(colours.accent if on else colours.muted)
    if not movable:
        ink = QColor(colours.muted)
        ink.setAlphaF(1.0 if on else 0.45)
    radius = track.height() / 2
    painter.setPen(QPen(ink, 1.5))
    painter.setBrush(ink if on else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(track, radius, radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.base) if on else ink)
    knob = _KNOB / 2 if on else _KNOB / 2 - 1
    painter.drawEllipse(centre, knob, knob)
    if locked:
        side = _KNOB - 2
        spot = QRect(0, 0, side, side)
        spot.moveCenter(centre.toPoint())
        theme.paint_icon(painter, "lock", spot, ink)


def _padlocked(line: LicenseLine) -> bool:
    return line.lock is Lock.INHERITED


def _toggle(model: QAbstractItemModel, index: Index) -> bool:
    if not model.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
        return False
    role = Qt.ItemDataRole.CheckStateRole
    on = Qt.CheckState(index.data(role)) is Qt.CheckState.Checked
    wanted = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
    return model.setData(index, wanted, role)


def _view(option: QStyleOptionViewItem) -> QAbstractItemView | None:
    widget = option.widget
    return widget if isinstance(widget, QAbstractItemView) else None


def _word_width(metrics: QFontMetrics) -> int:
    return max(metrics.horizontalAdvance("On"), metrics.horizontalAdvance("Off"))


def _notes(index: Index, text: ToggleText) -> list[_Note]:
    colours = theme.current()
    notes = [_Note(note, colours.muted) for note in text.notes]
    if text.problem:
        notes.append(_Note(text.problem, colours.warning, "warning"))
    error = index.data(Role.ERROR)
    if error:
        notes.append(_Note(error, colours.danger, "warning"))
    return notes


def _note_height(metrics: QFontMetrics, note: _Note, room: int) -> int:
    if note.icon:
        room -= _ICON + GRID // 2
    box = metrics.boundingRect(QRect(0, 0, max(room, GRID), 10_000), _WRAPPED, note.text)
    return max(box.height(), metrics.height())


def _paint_note(
    painter: QPainter, metrics: QFontMetrics, note: _Note, rect: QRect, *, enabled: bool
) -> None:
    colour = QColor(note.colour if enabled else theme.current().muted)
    if note.icon:
        icon = QRect(rect.left(), rect.top(), _ICON, metrics.height())
        theme.paint_icon(painter, note.icon, icon, colour)
        rect = rect.adjusted(_ICON + GRID // 2, 0, 0, 0)
    painter.setPen(colour)
    painter.drawText(rect, _WRAPPED, note.text)
