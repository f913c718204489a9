"""Cells of small tables: text with the same distance from the edge as the titles above it."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from o365desk.views.theme import GRID

Index = QModelIndex | QPersistentModelIndex


class TextCells(QStyledItemDelegate):
    """Paints what the model shows; `loud` names the rows that stand out."""

    def __init__(
        self, view: QAbstractItemView, loud: Callable[[int], bool] = lambda _row: False
    ) -> None:
        super().__init__(view)
        self._loud = loud

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette: QPalette = option.palette
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Highlight))
        font = QFont(option.font)
        if self._loud(index.row()):
            font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        room = option.rect.adjusted(GRID, 0, -GRID, 0)
        shown = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, room.width()
        )
        side = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
        painter.drawText(room, side | Qt.AlignmentFlag.AlignAbsolute, shown)
