"""The table of the Licenses section, with an information button at the end of every name."""

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionHeader,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from o365desk.domain.licensing import SkuId
from o365desk.domain.monitoring import Availability
from o365desk.models.sku_columns import COLUMN, INFORMATION, SKU_COLUMNS, SkuRow
from o365desk.models.skus import SkuTableModel
from o365desk.views import parts, theme

Index = QModelIndex | QPersistentModelIndex

_NAME = COLUMN["name"]
_AVAILABLE = COLUMN["available"]
_SUSPENDED = COLUMN["suspended"]
_ICON = 16
_NAME_WIDTH = 18 * theme.GRID
"""The name's column is never narrower: a narrow window scrolls sideways instead."""
_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_I)


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
        self.on_info = False
        """The mouse is over the information button of that row."""
        self.dimmed = False

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
        if column == _NAME:
            self._paint_name(painter, option, index, row, text)
        elif column == _AVAILABLE and row.standing is not Availability.OK:
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

    def _paint_button(
        self, painter: QPainter, palette: QPalette, button: QRect, index: Index
    ) -> None:
        under = index.row() == self.hovered and self.on_info
        current = self._view.currentIndex()
        focused = self._view.hasFocus() and current.isValid() and current.row() == index.row()
        if under or focused:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            accent = palette.color(QPalette.ColorRole.Accent)
            painter.setPen(QPen(accent, 2) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.Base))
            frame = button.toRectF().adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
            painter.restore()
        role = QPalette.ColorRole.Accent if under or focused else QPalette.ColorRole.Dark
        inset = (button.width() - _ICON) // 2
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
            and index.column() == _NAME
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
    if (word or icon) and rect.width() >= _ICON:
        sign = QRect(rect.right() - _ICON + 1, rect.top(), _ICON, rect.height())
        theme.paint_icon(painter, "warning", sign, colour)


class _Header(QHeaderView):
    """Puts the sort arrow before a title that is aligned right, where Qt would paint it over the
    title's end."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setSectionsClickable(True)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, section: int) -> None:
        super().initStyleOptionForIndex(option, section)
        if SKU_COLUMNS[section].right and section == self.sortIndicatorSection():
            up = self.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
            option.sortIndicator = QStyleOptionHeader.SortIndicator.None_
            option.text = f"{'▴' if up else '▾'} {option.text}"


class SkuTable(QTableView):
    """Products with their counters. Emits `information_requested(SkuId)` on a click on a name's
    button, and on I, Space or Enter for the current row."""

    information_requested = Signal(object)

    def __init__(self, model: SkuTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._delegate = SkuDelegate(model, self)
        self._pressed = QPersistentModelIndex()
        self.setHorizontalHeader(_Header())
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Licenses")
        self.setAccessibleDescription(f"Press I for {INFORMATION.lower()}")
        parts.plain_table(self)
        self.setMouseTracking(True)
        font = self.font()
        font.setFeature(QFont.Tag("tnum"), 1)
        self.setFont(font)
        self._set_up_header()

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(8 * theme.GRID)
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(bold)
        for number, column in enumerate(SKU_COLUMNS):
            # Room for the title, the sort arrow and, in Available, the longest word.
            words = metrics.horizontalAdvance(column.title) + 15 * theme.GRID // 4
            if number == _AVAILABLE:
                over = metrics.horizontalAdvance(f"{Availability.OVER}-000")
                words = max(words, over + _ICON + 4 * theme.GRID)
            header.resizeSection(number, words)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Fixed)
        header.sectionResized.connect(self._fit_name)
        self.setSortingEnabled(True)
        self.sortByColumn(_NAME, Qt.SortOrder.AscendingOrder)

    def _fit_name(self) -> None:
        """The name takes what the numbers leave, as a stretching column would, but not less than
        it needs."""
        header = self.horizontalHeader()
        others = header.length() - header.sectionSize(_NAME)
        width = max(_NAME_WIDTH, self.viewport().width() - others)
        if width != header.sectionSize(_NAME):
            header.resizeSection(_NAME, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Before Qt works out the scroll bars, or one would flash.
        self._fit_name()
        super().resizeEvent(event)

    # State that is remembered

    def save_state(self) -> bytes:
        """Widths and sort of the columns."""
        return bytes(self.horizontalHeader().saveState().data())

    def restore_state(self, state: bytes) -> None:
        """Takes back what `save_state` gave; ignores what does not fit."""
        header = self.horizontalHeader()
        if state and header.restoreState(QByteArray(state)):
            self.sortByColumn(header.sortIndicatorSection(), header.sortIndicatorOrder())
            self._fit_name()

    # What the pane tells and asks

    def set_dimmed(self, dimmed: bool) -> None:
        self._delegate.dimmed = dimmed
        self._model.set_dimmed(dimmed)
        self.viewport().update()

    def current_sku(self) -> SkuId | None:
        sku = self._model.sku_at(self.currentIndex())
        return None if sku is None else sku.id

    def info_point(self, sku_id: SkuId) -> QPoint | None:
        """Where on the screen the pop-up of a product belongs: under its button."""
        for row in range(self._model.rowCount()):
            if self._model.row_at(row).sku.id == sku_id:
                cell = self.visualRect(self._model.index(row, _NAME))
                return self.viewport().mapToGlobal(info_rect(cell).bottomLeft())
        return None

    def _request(self, index: Index) -> None:
        sku = self._model.sku_at(index)
        if sku is not None:
            self.information_requested.emit(sku.id)

    # Events

    def _button_under(self, where: QPoint) -> QModelIndex:
        """The name's cell whose button is at `where`; invalid for none."""
        index = self.indexAt(where)
        if not index.isValid() or index.column() != _NAME:
            return QModelIndex()
        return index if info_rect(self.visualRect(index)).contains(where) else QModelIndex()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        left = event.button() is Qt.MouseButton.LeftButton
        under = self._button_under(event.position().toPoint()) if left else QModelIndex()
        self._pressed = QPersistentModelIndex(under)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, QPersistentModelIndex()
        under = self._button_under(event.position().toPoint())
        if pressed.isValid() and under.isValid() and pressed == under:
            self._request(under)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        plain = modifiers == Qt.KeyboardModifier.NoModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy_row()
        elif plain and event.key() in _KEYS and self.currentIndex().isValid():
            self._request(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _copy_row(self) -> None:
        row = self.currentIndex().row()
        if row >= 0:
            cells = [str(self._model.index(row, c).data()) for c in range(len(SKU_COLUMNS))]
            QGuiApplication.clipboard().setText("\t".join(cells))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        where = event.position().toPoint()
        index = self.indexAt(where)
        self._hover(index.row() if index.isValid() else -1, self._button_under(where).isValid())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1, False)

    def _hover(self, row: int, on_info: bool) -> None:
        if (row, on_info) == (self._delegate.hovered, self._delegate.on_info):
            return
        self._delegate.hovered, self._delegate.on_info = row, on_info
        shape = Qt.CursorShape.PointingHandCursor if on_info else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        self.viewport().update()
