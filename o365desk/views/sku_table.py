"""The table of the Licenses section, with an information button at the end of every name."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHeaderView,
    QMenu,
    QStyleOptionHeader,
    QTableView,
    QWidget,
)

from o365desk.domain.licensing import SkuId
from o365desk.domain.monitoring import Availability
from o365desk.models.sku_columns import SKU_COLUMNS
from o365desk.models.skus import SkuTableModel
from o365desk.views import parts, theme
from o365desk.views.sku_actions import INTENT_OF, SKU_ACTIONS, SkuIntent
from o365desk.views.sku_delegate import (
    ASSIGNED,
    AVAILABLE,
    ICON,
    NAME,
    Index,
    SkuDelegate,
    info_rect,
)

if TYPE_CHECKING:
    from o365desk.domain.snapshots import CounterSeries
    from o365desk.views.sparkline import Sparklines

_NAME_WIDTH = 18 * theme.GRID
"""The name's column is never narrower: a narrow window scrolls sideways instead."""
_NAME_COMFORT = 30 * theme.GRID
"""What the name's column keeps before the little lines get any room."""

_LINE_ROOM = 11 * theme.GRID
_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
"""Press the button of the current cell: the number of assigned licenses, else the name's."""


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
    """Products with their counters. Emits `intended(SkuIntent, SkuId)`: by the button of a name,
    the number of assigned licenses, the menu of a row, and the keys of `SKU_ACTIONS`."""

    intended = Signal(object, object)
    refused = Signal(str)
    """Something that cannot be done was asked for: the reason."""

    def __init__(self, model: SkuTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._delegate = SkuDelegate(model, self)
        self._pressed = QPersistentModelIndex()
        self._reasons: dict[SkuIntent, str] = {}
        self._sparklines: Sparklines | None = None
        self._line_room = 0
        """By how much Available is wider than it was made, for the little lines."""
        self._available_width = 0
        self.setHorizontalHeader(_Header())
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Licenses")
        keys = (f"{QKeySequence(key).toString()}: {intent}" for intent, _, key in SKU_ACTIONS)
        self.setAccessibleDescription("; ".join(keys))
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
            if number == AVAILABLE:
                over = metrics.horizontalAdvance(f"{Availability.OVER}-000")
                words = max(words, over + ICON + 4 * theme.GRID)
                self._available_width = words
            header.resizeSection(number, words)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Fixed)
        header.sectionResized.connect(self._fit_name)
        self.setSortingEnabled(True)
        self.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)

    def _fit_name(self) -> None:
        """The name takes what the numbers leave, as a stretching column would, but not less than
        it needs."""
        self._fit_lines()
        header = self.horizontalHeader()
        others = header.length() - header.sectionSize(NAME)
        width = max(_NAME_WIDTH, self.viewport().width() - others)
        if width != header.sectionSize(NAME):
            header.resizeSection(NAME, width)

    def _fit_lines(self) -> None:
        """The little lines have room where the names keep enough, and Available all its words."""
        header = self.horizontalHeader()
        names = self.viewport().width() - header.length() + header.sectionSize(NAME)
        available = header.sectionSize(AVAILABLE) - self._line_room
        fits = (
            self._sparklines is not None
            and names + self._line_room - _LINE_ROOM >= _NAME_COMFORT
            and available >= self._available_width
        )
        self._delegate.sparklines = self._sparklines if fits else None
        self._give_lines(_LINE_ROOM if fits else 0)

    def _give_lines(self, room: int) -> None:
        more, self._line_room = room - self._line_room, room
        if more:
            header = self.horizontalHeader()
            header.resizeSection(AVAILABLE, header.sectionSize(AVAILABLE) + more)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Before Qt works out the scroll bars, or one would flash.
        self._fit_name()
        super().resizeEvent(event)

    # State that is remembered

    @contextmanager
    def _own_widths(self) -> Iterator[QHeaderView]:
        """The header as the operator has set it: without the room for the little lines."""
        header = self.horizontalHeader()
        header.sectionResized.disconnect(self._fit_name)
        self._give_lines(0)
        yield header
        header.sectionResized.connect(self._fit_name)
        self._fit_name()

    def save_state(self) -> bytes:
        """Widths and sort of the columns."""
        with self._own_widths() as header:
            return bytes(header.saveState().data())

    def restore_state(self, state: bytes) -> None:
        """Takes back what `save_state` gave; ignores what does not fit."""
        with self._own_widths() as header:
            if state and header.restoreState(QByteArray(state)):
                self.sortByColumn(header.sortIndicatorSection(), header.sortIndicatorOrder())

    # What the pane tells and asks

    def set_dimmed(self, dimmed: bool) -> None:
        self._delegate.dimmed = dimmed
        self._model.set_dimmed(dimmed)
        self.viewport().update()

    def set_series(self, series: "Mapping[SkuId, CounterSeries]") -> None:
        """How the counters of products moved; empty for no little lines."""
        if self._sparklines is not None:
            self._sparklines.deleteLater()
            self._sparklines = None
        if series:
            from o365desk.views.sparkline import Sparklines

            self._sparklines = Sparklines(series.values(), self)
            self._sparklines.ready.connect(self.viewport().update)
        self._model.set_series(series)
        self._fit_name()
        self.viewport().update()

    def current_sku(self) -> SkuId | None:
        sku = self._model.sku_at(self.currentIndex())
        return None if sku is None else sku.id

    def info_point(self, sku_id: SkuId) -> QPoint | None:
        """Where on the screen the pop-up of a product belongs: under its button."""
        index = self._index_of(sku_id)
        if not index.isValid():
            return None
        return self.viewport().mapToGlobal(info_rect(self.visualRect(index)).bottomLeft())

    def select_sku(self, sku_id: SkuId) -> bool:
        """Makes a product current and visible; False when it is not listed."""
        index = self._index_of(sku_id)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)
        return index.isValid()

    def _index_of(self, sku_id: SkuId) -> QModelIndex:
        for row in range(self._model.rowCount()):
            if self._model.row_at(row).sku.id == sku_id:
                return self._model.index(row, NAME)
        return QModelIndex()

    def refuse(self, intent: SkuIntent, reason: str) -> None:
        """Why something cannot be done with any product; empty when it can."""
        self._reasons[intent] = reason

    def _intend(self, intent: SkuIntent, index: Index) -> None:
        sku = self._model.sku_at(index)
        reason = self._reasons.get(intent, "")
        if sku is not None and reason:
            self.refused.emit(reason)
        elif sku is not None:
            self.intended.emit(intent, sku.id)

    def _press(self, index: QModelIndex) -> None:
        on_assigned = index.column() == ASSIGNED
        self._intend(SkuIntent.HOLDERS if on_assigned else SkuIntent.INFORMATION, index)

    def _open_menu(self, index: QModelIndex, where: QPoint, *, by_keyboard: bool = False) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(f"Actions for {self._model.row_at(index.row()).name}")
        row = QPersistentModelIndex(index)
        for intent, icon, key in SKU_ACTIONS:
            action = QAction(theme.icon(icon), intent.value, menu)
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # shown, not doubled
            # What is refused is not disabled: the answer to it says why.
            action.triggered.connect(lambda _checked=False, asked=intent: self._intend(asked, row))
            menu.addAction(action)
        menu.popup(where)
        if by_keyboard:
            menu.setActiveAction(menu.actions()[0])

    # Events

    def _button_under(self, where: QPoint) -> QModelIndex:
        """The cell whose button is at `where`; invalid for none."""
        index = self.indexAt(where)
        if index.isValid() and index.column() == ASSIGNED:
            return index
        if not index.isValid() or index.column() != NAME:
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
            self._press(under)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        if index.isValid():
            self.setCurrentIndex(index)
            self._open_menu(index, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        plain = modifiers == Qt.KeyboardModifier.NoModifier
        shift = modifiers == Qt.KeyboardModifier.ShiftModifier
        index, key = self.currentIndex(), event.key()
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy_row()
        elif index.isValid() and (key == Qt.Key.Key_Menu or (shift and key == Qt.Key.Key_F10)):
            below = self.visualRect(index.siblingAtColumn(NAME)).bottomLeft()
            self._open_menu(index, self.viewport().mapToGlobal(below), by_keyboard=True)
        elif index.isValid() and plain and key in _KEYS:
            self._press(index)
        elif index.isValid() and plain and key in INTENT_OF:
            self._intend(INTENT_OF[key], index)
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
        under = self._button_under(where)
        self._hover(index.row() if index.isValid() else -1, under.column())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1, -1)

    def _hover(self, row: int, pressable: int) -> None:
        if (row, pressable) == (self._delegate.hovered, self._delegate.pressable):
            return
        self._delegate.hovered, self._delegate.pressable = row, pressable
        hand = pressable >= 0
        shape = Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        self.viewport().update()
