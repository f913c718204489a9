"""Paints the rows of the Users' List, their "Manage Licenses" and ".." buttons included."""

from collections.abc import Set as AbstractSet
from typing import NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QMouseEvent, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from o365desk.domain.directory import UserId
from o365desk.models.roles import Role
from o365desk.models.user_rows import ACTION_COLUMNS, COLUMN, NO_LICENSE
from o365desk.models.words import NOT_READ, NOT_TOLD
from o365desk.views import theme

Index = QModelIndex | QPersistentModelIndex

_NAME = COLUMN["name"]
_MANAGE = COLUMN["manage"]
_MORE = COLUMN["more"]
MANAGE_TEXT = "Manage Licenses"
_NO_FACTS = frozenset({NO_LICENSE, NOT_READ, NOT_TOLD})
"""What stands for a fact that is missing, in the muted colour."""

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


_SIGN = 14
"""Side of the sign beside a name."""

_MOST_FITTING = 4096
_MOST_BUTTONS = 64


class _Look(NamedTuple):
    """Everything that makes one painted button differ from another."""

    more: bool
    loud: bool
    focused: bool
    enabled: bool
    size: tuple[int, int]
    ratio: float
    palette: int


class UserDelegate(QStyledItemDelegate):
    """No widget per row: buttons are painted, and their clicks are read here.

    Buttons show in full on the hovered, focused and selected row, and quietly on the others.
    """

    manage_clicked = Signal(object)
    more_clicked = Signal(object)

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self.hovered = -1
        """Row under the mouse; -1 for none."""
        self._pressed: tuple[int, int] | None = None
        self.enabled = True
        """False when no license can be changed in this tenant: its button is painted disabled."""
        self.marked: AbstractSet[UserId] = frozenset()
        """Users whose names carry the sign of a role."""
        self._fitting: dict[tuple[str, int], str] = {}
        self._buttons: dict[_Look, QPixmap] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        # Painted here and not by Qt's own delegate, which asks the model for seven roles a cell.
        column = index.column()
        hovered = index.row() == self.hovered
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        rect: QRect = option.rect
        palette: QPalette = option.palette
        if selected or hovered:
            role = QPalette.ColorRole.Highlight if selected else QPalette.ColorRole.Midlight
            painter.fillRect(rect, palette.color(role))
        if column in ACTION_COLUMNS:
            user = index.data(Role.ROW)
            if column == _MORE or not user.deleted:
                focused = self._view.hasFocus() and self._view.currentIndex() == index
                loud = hovered or selected
                self._paint_button(painter, option, column, loud=loud, focused=focused)
            return
        if option.state & QStyle.StateFlag.State_HasFocus:
            _paint_focus(painter, rect, palette)
        text = index.data()
        if not text:
            return
        dimmed = index.data(Role.DIMMED) or text in _NO_FACTS
        painter.setPen(
            palette.color(QPalette.ColorRole.Dark if dimmed else QPalette.ColorRole.Text)
        )
        words = rect.adjusted(theme.GRID, 0, -theme.GRID, 0)
        if column == _NAME and self.marked and index.data(Role.ROW).id in self.marked:
            words.setRight(words.right() - _SIGN - theme.GRID // 2)
            shown = self._elided(text, words.width(), option)
            after = words.left() + option.fontMetrics.horizontalAdvance(shown) + theme.GRID // 2
            sign = QRect(after, rect.center().y() - _SIGN // 2, _SIGN, _SIGN)
            theme.paint_icon(painter, "shield", sign, painter.pen().color())
        painter.drawText(words, _LEFT, self._elided(text, words.width(), option))

    def _elided(self, text: str, width: int, option: QStyleOptionViewItem) -> str:
        """The text as it fits; measuring it is the dearest part of painting a cell, and most
        cells are painted again and again while somebody types or scrolls."""
        key = (text, width)
        shown = self._fitting.get(key)
        if shown is None:
            if len(self._fitting) > _MOST_FITTING:
                self._fitting.clear()
            fitted = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
            shown = self._fitting[key] = fitted
        return shown

    def button_rect(self, cell: QRect, column: int) -> QRect:
        """Where in its cell a button is."""
        margin = theme.GRID // 2
        if column == _MORE:
            side = cell.height() - margin
            return QRect(cell.center().x() - side // 2, cell.y() + margin // 2, side, side)
        return cell.adjusted(margin, margin // 2, -margin, -margin // 2)

    def _paint_button(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        column: int,
        *,
        loud: bool,
        focused: bool,
    ) -> None:
        rect = self.button_rect(option.rect, column)
        look = _Look(
            column == _MORE,
            loud,
            focused,
            self.enabled or column == _MORE,
            rect.size().toTuple(),
            painter.device().devicePixelRatio(),
            option.palette.cacheKey(),
        )
        pixmap = self._buttons.get(look)
        if pixmap is None:
            if len(self._buttons) > _MOST_BUTTONS:
                self._buttons.clear()
            pixmap = self._buttons[look] = _button(look, option)
        painter.drawPixmap(rect.topLeft(), pixmap)

    def editorEvent(
        self, event: QEvent, model: QObject, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """A click is a press and a release inside the same painted button."""
        column = index.column()
        if column not in ACTION_COLUMNS or not isinstance(event, QMouseEvent):
            return False
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        rect = self.button_rect(option.rect, column)
        inside = rect.contains(event.position().toPoint())
        where = (index.row(), column)
        if event.type() is QEvent.Type.MouseButtonPress:
            self._pressed = where if inside else None
            return False
        if event.type() is QEvent.Type.MouseButtonRelease and inside and self._pressed == where:
            self._pressed = None
            self.activate(index)
            return True
        return False

    def activate(self, index: Index) -> None:
        """What the button in a cell does, however it was reached."""
        user = index.data(Role.ROW)
        if user is None:
            return
        if index.column() == _MORE:
            self.more_clicked.emit(index)
        elif not user.deleted:
            self.manage_clicked.emit(index)


def _paint_focus(painter: QPainter, cell: QRect, palette: QPalette) -> None:
    """The frame of the cell that has the keyboard: what Ctrl+C copies."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    frame = cell.toRectF().adjusted(1, 1, -1, -1)
    painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
    painter.restore()


def _button(look: _Look, option: QStyleOptionViewItem) -> QPixmap:
    """Paints a button once; rows show the same few again and again."""
    palette: QPalette = option.palette
    width, height = look.size
    pixmap = QPixmap(round(width * look.ratio), round(height * look.ratio))
    pixmap.setDevicePixelRatio(look.ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setFont(option.font)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    text = palette.color(QPalette.ColorRole.Text if look.loud else QPalette.ColorRole.Dark)
    if not look.enabled:
        # Not that of the option: the style sheet has painted its disabled colours over.
        own = QGuiApplication.palette()
        text = own.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    if look.focused:
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 2))
    elif look.enabled and (look.loud or not look.more):
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    filled = look.loud and look.enabled
    painter.setBrush(palette.color(QPalette.ColorRole.Base) if filled else QColor(0, 0, 0, 0))
    whole = QRect(0, 0, width, height)
    edge = 1.0 if look.focused else 0.5  # half a pen inside, so that the line is crisp
    frame = whole.toRectF().adjusted(edge, edge, -edge, -edge)
    painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
    if look.more:
        theme.paint_icon(painter, "more", whole.adjusted(4, 4, -4, -4), text)
    else:
        painter.setPen(text)
        painter.drawText(whole, Qt.AlignmentFlag.AlignCenter, MANAGE_TEXT)
    painter.end()
    return pixmap
