"""Sums below the columns of a table."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from o365desk.views import theme
from o365desk.views.row_table import RowTable


class TotalsStrip(QWidget):
    """One line under a RowTable, each text below its column, wherever that is scrolled to."""

    def __init__(self, table: RowTable) -> None:
        super().__init__()
        self._table = table
        self._texts: Sequence[str] = ()
        self.setFixedHeight(theme.ROW_HEIGHT)
        table.horizontalHeader().sectionResized.connect(lambda *_: self.update())
        table.horizontalScrollBar().valueChanged.connect(lambda _: self.update())

    def set_texts(self, texts: Sequence[str]) -> None:
        """One for each column; the first says what is summed up."""
        self._texts = texts
        columns = self._table.listing.columns
        self.setAccessibleName(
            ", ".join(
                text if number == 0 else f"{columns[number].title}: {text}"
                for number, text in enumerate(texts)
                if text
            )
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.surface))
        painter.fillRect(0, 0, self.width(), 1, QColor(look.border))
        font = QFont(self._table.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(look.text))
        header = self._table.horizontalHeader()
        beside = Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        for number, text in enumerate(self._texts):
            left, width = header.sectionViewportPosition(number), header.sectionSize(number)
            words = self.rect().adjusted(left + theme.GRID, 0, 0, 0)
            words.setWidth(width - 2 * theme.GRID)
            right = self._table.listing.columns[number].right
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            shown = painter.fontMetrics().elidedText(
                text, Qt.TextElideMode.ElideRight, words.width()
            )
            painter.drawText(words, side | beside, shown)
        painter.end()
