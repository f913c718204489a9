"""Paints the rows of the Licenses section: numbers that speak up, and what can be pressed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from o365desk.domain.monitoring import Availability
from o365desk.models.sku_columns import COLUMN, INFORMATION, SKU_COLUMNS, SkuRow
from o365desk.models.skus import SkuTableModel
from o365desk.views import theme

if TYPE_CHECKING:
    from o365desk.views.sparkline import Sparklines

Index = QModelIndex | QPersistentModelIndex

NAME = COLUMN["name"]
ASSIGNED = COLUMN["assigned"]
AVAILABLE = COLUMN["available"]
_SUSPENDED = COLUMN["suspended"]
ICON = 16


def info_rect(cell: QRect) -> QRect:
    """Where in a name's cell the information button is: a square of 24."""
    side = 3 * theme.GRID
    left = cell.right() - side - theme.GRID // 2 + 1
    return QRect(left, cell.center().y() - side // 2 + 1, side, side)


class SkuDelegate(QStyledItemDelegate):
    """Paints a product's cells straight from the model's rows: Qt's own painting asks for seven
    roles a cell."""

    def __init__(self, model: SkuTableModel, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self.hovered = -1
        """Row under the mouse; -1 for none."""
        self.pressable = -1
        """Column of that row whose button is under the mouse; -1 for none."""
        self.dimmed = False
        self.sparklines: Sparklines | None = None
        """None while there is no history, or no room to show it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = self._model.row_at(index.row())
        column = index.column()
        rect: QRect = option.rect
        palette: QPalette = option.palette
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or index.row() == self.hovered:
            role = QPalette.ColorRole.Highlight if selected else QPalette.ColorRole.Midlight
            painter.fillRect(rect, palette.color(role))
        dim = self.dimmed
        text = palette.color(QPalette.ColorRole.Dark if dim else QPalette.ColorRole.Text)
        painter.setFont(option.font)
        if column == AVAILABLE and self.sparklines is not None:
            place = rect.adjusted(2 * theme.GRID, 0, 0, 0)
            self.sparklines.paint(painter, place, row.sku.id, palette)
        if column == NAME:
            self._paint_name(painter, option, index, row, text)
        elif column == ASSIGNED:
            self._paint_assigned(painter, option, index, row, text)
        elif column == AVAILABLE and row.standing is not Availability.OK:
            loud = text if dim else _standing_colour(row.standing)
            _paint_number(painter, option, row.available, loud, row.standing.value, bold=True)
        elif column == _SUSPENDED and row.sku.suspended > 0:
            loud = text if dim else QColor(theme.current().warning)
            _paint_number(painter, option, row.suspended, loud, "", bold=True, icon=True)
        else:
            _paint_number(painter, option, SKU_COLUMNS[column].text(row), text)

    def _paint_name(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: Index,
        row: SkuRow,
        text: QColor,
    ) -> None:
        button = info_rect(option.rect)
        words = QRect(option.rect)
        words.setLeft(words.left() + theme.GRID)
        words.setRight(button.left() - theme.GRID // 2)
        painter.setPen(text)
        shown = painter.fontMetrics().elidedText(
            row.name, Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, _LEFT, shown)
        self._paint_button(painter, option.palette, button, index)

    def _paint_assigned(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: Index,
        row: SkuRow,
        text: QColor,
    ) -> None:
        """The number is the way to the users behind it: a link under the mouse, framed when the
        keys are on it."""
        if self._focused(index):
            width = painter.fontMetrics().horizontalAdvance(row.assigned) + 2 * theme.GRID
            button = QRect(option.rect)
            button.setLeft(button.right() - width + 1)
            _paint_frame(painter, option.palette, button.adjusted(0, 4, 0, -4), focused=True)
        if index.row() == self.hovered and self.pressable == ASSIGNED:
            font = QFont(option.font)
            font.setUnderline(True)
            painter.setFont(font)
            text = option.palette.color(QPalette.ColorRole.Link)
        _paint_number(painter, option, row.assigned, text)

    def _focused(self, index: Index) -> bool:
        """The keys press the button of this cell."""
        current = self._view.currentIndex()
        if not self._view.hasFocus() or not current.isValid() or current.row() != index.row():
            return False
        return (current.column() == ASSIGNED) == (index.column() == ASSIGNED)

    def _paint_button(
        self, painter: QPainter, palette: QPalette, button: QRect, index: Index
    ) -> None:
        under = index.row() == self.hovered and self.pressable == NAME
        focused = self._focused(index)
        if under or focused:
            _paint_frame(painter, palette, button, focused=focused)
        role = QPalette.ColorRole.Accent if under or focused else QPalette.ColorRole.Dark
        inset = (button.width() - ICON) // 2
        theme.paint_icon(
            painter,
            "info",
            button.adjusted(inset, inset, -inset, -inset),
            palette.color(role),
        )

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        if (
            event.type() is QEvent.Type.ToolTip
            and index.isValid()
            and index.column() == NAME
            and info_rect(option.rect).contains(event.pos())
        ):
            QToolTip.showText(event.globalPos(), INFORMATION, view)
            return True
        return super().helpEvent(event, view, option, index)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
_RIGHT = (
    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
)


def _standing_colour(standing: Availability) -> QColor:
    look = theme.current()
    return QColor(look.warning if standing is Availability.LOW else look.danger)


def _paint_frame(painter: QPainter, palette: QPalette, button: QRect, *, focused: bool) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    accent = palette.color(QPalette.ColorRole.Accent)
    painter.setPen(QPen(accent, 2) if focused else Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(QPalette.ColorRole.Base))
    frame = button.toRectF().adjusted(1, 1, -1, -1)
    painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
    painter.restore()


def _paint_number(
    painter: QPainter,
    option: QStyleOptionViewItem,
    number: str,
    colour: QColor,
    word: str = "",
    *,
    bold: bool = False,
    icon: bool = False,
) -> None:
    """The number at the column's right edge, all digits below each other; before it a word, and
    before that a sign."""
    grid = theme.GRID
    rect = option.rect.adjusted(grid, 0, -grid, 0)
    painter.setPen(colour)
    if bold:
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
    painter.drawText(rect, _RIGHT, number)
    rect.setRight(rect.right() - painter.fontMetrics().horizontalAdvance(number) - grid)
    if word:
        painter.setFont(option.font)
        painter.drawText(rect, _RIGHT, word)
        rect.setRight(rect.right() - painter.fontMetrics().horizontalAdvance(word) - grid // 2)
    if (word or icon) and rect.width() >= ICON:
        sign = QRect(rect.right() - ICON + 1, rect.top(), ICON, rect.height())
        theme.paint_icon(painter, "warning", sign, colour)
