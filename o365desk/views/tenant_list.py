"""The list of the tenant picker: painted rows, a pin at the end of each, and a steady hand."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from o365desk.models.tenants import TenantListModel
from o365desk.views import theme

_ICON = 16
_PIN_CELL = 4 * theme.GRID
_NAME_SHARE = 0.56
"""Of the width that name and domain share."""

Index = QModelIndex | QPersistentModelIndex


class TenantDelegate(QStyledItemDelegate):
    """Paints a customer's name, its domain and its pin, or the title of a section."""

    def __init__(self, model: TenantListModel, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self.hovered = -1
        """Row under the mouse; -1 for none."""

    def pin_rect(self, cell: QRect) -> QRect:
        return QRect(cell.right() - _PIN_CELL + 1, cell.top(), _PIN_CELL, cell.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.row()
        title = self._model.title_at(row)
        if title:
            self._paint_title(painter, option, title)
            return
        tenant = self._model.tenant_at(row)
        if tenant is None:
            return
        palette: QPalette = option.palette
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = row == self.hovered
        if selected or hovered:
            role = QPalette.ColorRole.Highlight if selected else QPalette.ColorRole.Midlight
            painter.fillRect(rect, palette.color(role))
        text = palette.color(QPalette.ColorRole.Text)
        muted = palette.color(QPalette.ColorRole.Dark)
        grid = theme.GRID
        mark = QRect(rect.left() + grid, rect.top(), _ICON, rect.height())
        current = self._model.is_current(row)
        if current:
            theme.paint_icon(painter, "check", mark, palette.color(QPalette.ColorRole.Accent))
        words = QRect(rect)
        words.setLeft(mark.right() + grid)
        words.setRight(self.pin_rect(rect).left() - grid)
        name = QRect(words)
        name.setWidth(int(words.width() * _NAME_SHARE))
        detail = QRect(words)
        detail.setLeft(name.right() + 2 * grid)
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold if current else QFont.Weight.Normal)
        _draw(painter, font, text, name, tenant.name, Qt.TextElideMode.ElideRight)
        shown = self._model.detail_at(row)
        _draw(painter, option.font, muted, detail, shown, Qt.TextElideMode.ElideMiddle)
        pinned = self._model.is_pinned(row)
        if pinned or selected or hovered:
            colour = palette.color(QPalette.ColorRole.Accent) if pinned else muted
            pin = self.pin_rect(rect)
            pin = QRect(pin.x() + (pin.width() - _ICON) // 2, pin.y(), _ICON, pin.height())
            theme.paint_icon(painter, "pin-filled" if pinned else "pin", pin, colour)

    def _paint_title(self, painter: QPainter, option: QStyleOptionViewItem, title: str) -> None:
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * 0.85)
        font.setWeight(QFont.Weight.DemiBold)
        rect = option.rect.adjusted(theme.GRID, theme.GRID, -theme.GRID, 0)
        muted = option.palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Dark)
        _draw(painter, font, muted, rect, title, Qt.TextElideMode.ElideRight)


def _draw(
    painter: QPainter,
    font: QFont,
    colour: QColor,
    rect: QRect,
    text: str,
    elide: Qt.TextElideMode,
) -> None:
    painter.setFont(font)
    painter.setPen(colour)
    shown = painter.fontMetrics().elidedText(text, elide, rect.width())
    # Absolute: a right-to-left name stands in the same column as all others.
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
    painter.drawText(rect, flags | Qt.AlignmentFlag.AlignVCenter, shown)


class TenantTable(QTableView):
    """The list of the picker. A table view, because a list view asks the model for every one of
    5,000 rows whenever the order changes. Never has the focus: the field keeps it."""

    pin_clicked = Signal(int)

    def __init__(self, model: TenantListModel) -> None:
        super().__init__()
        self._pressed_pin = False
        self.delegate = TenantDelegate(model, self)
        self.setModel(model)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName("Customers")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        columns = self.horizontalHeader()
        columns.hide()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(theme.ROW_HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._pin_under(event)
        self._pressed_pin = row >= 0
        if row >= 0:
            self.pin_clicked.emit(row)
        else:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        # Qt remembers the index of the press before: a release after a pin must not reach it.
        if not self._pressed_pin:
            super().mouseReleaseEvent(event)
        self._pressed_pin = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # Two quick clicks on a pin are two clicks; elsewhere the first has chosen already.
        if self._pin_under(event) >= 0:
            self.mousePressEvent(event)

    def _pin_under(self, event: QMouseEvent) -> int:
        """Row of the customer whose pin is under the mouse; -1 for none."""
        where = event.position().toPoint()
        index = self.indexAt(where)
        if event.button() is not Qt.MouseButton.LeftButton or not index.isValid():
            return -1
        if not index.flags() & Qt.ItemFlag.ItemIsEnabled:
            return -1
        on_pin = self.delegate.pin_rect(self.visualRect(index)).contains(where)
        return index.row() if on_pin else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self.hover(index.row() if index.isValid() else -1)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hover(-1)

    def hover(self, row: int) -> None:
        if row != self.delegate.hovered:
            self.delegate.hovered = row
            self.viewport().update()


class Anchor:
    """Keeps the current customer where it is on the screen while rows come in around it."""

    def __init__(self, table: TenantTable) -> None:
        self._table = table
        self._top = 0
        self._follow = False

    def __enter__(self) -> None:
        rect = self._table.visualRect(self._table.currentIndex())
        self._top = rect.top()
        seen = rect.intersects(self._table.viewport().rect())
        self._follow = seen and self._table.isVisible()

    def __exit__(self, *_exc: object) -> None:
        index = self._table.currentIndex()
        if self._follow and index.isValid():
            moved = self._table.visualRect(index).top() - self._top
            self._table.updateGeometries()
            bar = self._table.verticalScrollBar()
            bar.setValue(bar.value() + moved)
