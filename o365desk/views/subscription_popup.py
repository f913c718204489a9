"""The pop-up behind a product's information button: its SKU id and the subscriptions behind it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QFont,
    QFontDatabase,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPalette,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.errors import DeskError
from o365desk.domain.licensing import Sku, Subscription
from o365desk.domain.monitoring import subscriptions_of
from o365desk.models.roles import Role
from o365desk.models.subscriptions import COLUMN, SUBSCRIPTION_COLUMNS, SubscriptionTableModel
from o365desk.views import parts, theme
from o365desk.views.export_menu import ExportButton

if TYPE_CHECKING:
    from o365desk.models.table_export import TableAbout

EMPTY = "Microsoft names no subscription for this product."
MAX_ROWS = 8
"""More subscriptions than this scroll."""

_ID = COLUMN["id"]
_FRIENDLY = COLUMN["name"]
_ICON = 16

Index = QModelIndex | QPersistentModelIndex


def copy_rect(cell: QRect) -> QRect:
    """Where in an id's cell its copy button is: a square of 24."""
    side = 3 * theme.GRID
    return QRect(cell.right() - side + 1, cell.center().y() - side // 2 + 1, side, side)


class _Delegate(QStyledItemDelegate):
    """Ids in a fixed-width face with a copy button; a read-only editor to select a piece."""

    def __init__(self, view: "SubscriptionTable") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        font = _fixed_font(option.font) if index.column() == _ID else option.font
        width = QFontMetrics(font).horizontalAdvance(str(index.data() or "")) + 2 * theme.GRID
        more = 3 * theme.GRID if index.column() == _ID else theme.GRID
        return QSize(width + more, theme.ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette: QPalette = option.palette
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = self._view.hovered == index.row()
        if selected or hovered:
            role = QPalette.ColorRole.Highlight if selected else QPalette.ColorRole.Midlight
            painter.fillRect(option.rect, palette.color(role))
        is_id = index.column() == _ID
        rect: QRect = option.rect.adjusted(theme.GRID, 0, -theme.GRID, 0)
        if is_id:
            button = copy_rect(option.rect)
            rect.setRight(button.left() - 1)
            inset = (button.width() - _ICON) // 2
            role = QPalette.ColorRole.Accent if selected or hovered else QPalette.ColorRole.Dark
            place = button.adjusted(inset, inset, -inset, -inset)
            theme.paint_icon(painter, "copy", place, palette.color(role))
        dimmed = bool(index.data(Role.DIMMED))
        role = QPalette.ColorRole.Dark if dimmed else QPalette.ColorRole.Text
        painter.setPen(palette.color(role))
        painter.setFont(_fixed_font(option.font) if is_id else option.font)
        right = SUBSCRIPTION_COLUMNS[index.column()].right
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        elide = Qt.TextElideMode.ElideMiddle if is_id else Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(str(index.data() or ""), elide, rect.width())
        painter.drawText(rect, flags, text)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setReadOnly(True)
        if index.column() == _ID:
            editor.setFont(_fixed_font(editor.font()))
        return editor

    def setModelData(self, editor: QWidget, model: object, index: Index) -> None:
        """Nothing is edited here."""


def _fixed_font(like: QFont) -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(like.pointSizeF())
    return font


class SubscriptionTable(QTableView):
    """One line a subscription. Ctrl+C copies the selected cells; Enter or a double click opens
    a cell for selecting a piece of it. Emits `copied(str)`."""

    copied = Signal(str)

    def __init__(self, model: SubscriptionTableModel) -> None:
        super().__init__()
        self.hovered = -1
        self.setModel(model)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName("Subscriptions")
        parts.plain_table(self)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)

    def copy_selection(self) -> None:
        """The selected cells, as a spreadsheet takes them."""
        rows: dict[int, list[str]] = {}
        for index in sorted(self.selectedIndexes(), key=lambda at: (at.row(), at.column())):
            rows.setdefault(index.row(), []).append(str(index.data() or ""))
        if rows:
            self._copy("\n".join("\t".join(cells) for cells in rows.values()))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(text)

    def _button_under(self, event: QMouseEvent) -> QModelIndex:
        where = event.position().toPoint()
        index = self.indexAt(where)
        if not index.isValid() or index.column() != _ID:
            return QModelIndex()
        return index if copy_rect(self.visualRect(index)).contains(where) else QModelIndex()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        under = self._button_under(event)
        left = event.button() is Qt.MouseButton.LeftButton
        if left and under.isValid() and under == self.currentIndex():
            self._copy(str(under.data()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and not self._button_under(event).isValid():
            self.edit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        on_button = self._button_under(event).isValid()
        shape = Qt.CursorShape.PointingHandCursor if on_button else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        row = self.indexAt(event.position().toPoint()).row()
        if row != self.hovered:
            self.hovered = row
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            # The Enter that closes an editor comes by here, too.
            if self.state() is not QAbstractItemView.State.EditingState:
                self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class SubscriptionPopup(QFrame):
    """Information on one product of one tenant (S52 to S55); deletes itself when closed.

    Opens at once in its loading state; `set_subscriptions` or `show_error` follow. Emits
    `retry_requested()`, and `finished(0)` once when it closes, as a dialog does.
    """

    retry_requested = Signal()
    finished = Signal(int)

    def __init__(self, sku: Sku, tenant_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("kind", "popup")
        self._sku = sku
        self._tenant_name = tenant_name
        self._at: QPoint | None = None
        self._name = sku.name or sku.part_number or sku.id
        self.setAccessibleName(f"Subscription information of {self._name}")
        self._model = SubscriptionTableModel(self)
        self._table = SubscriptionTable(self._model)
        self._state = parts.label("Reading subscriptions…", "muted", wrap=True)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Reading subscriptions")
        self._retry = parts.button("Try again", self._ask_again, icon="refresh")
        self._retry.hide()
        self._copied = parts.label(kind="muted")
        self._copy_all = parts.button("Copy all IDs", self._copy_ids, icon="copy")
        self.export_button = ExportButton(self._table, self.describe, self, passing=True)
        # Nothing that is opened now could be used while this is in front of it.
        self.export_button.export_requested.connect(lambda _wish: self.close())
        self._close = parts.icon_button("close", "Close", self.close, tip="Close (Esc)")
        self._copy_sku = parts.icon_button(
            "copy", "Copy Product SKU ID", lambda: self._copy(sku.id)
        )
        self._lay_out(tenant_name)
        self._table.copied.connect(self._say_copied)
        self._table.hide()
        self._copy_all.hide()
        self.export_button.hide()

    def _lay_out(self, tenant_name: str) -> None:
        grid = theme.GRID
        head = QHBoxLayout()
        head.setSpacing(grid)
        title = parts.label(self._name, "heading", wrap=True)
        head.addWidget(title, 1)
        head.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        facts = QGridLayout()
        facts.setHorizontalSpacing(2 * grid)
        facts.setVerticalSpacing(0)
        facts.setColumnStretch(3, 1)
        facts.addWidget(parts.label("Product SKU ID", "muted"), 0, 0)
        facts.addWidget(_selectable(self._sku.id, "Product SKU ID"), 0, 1)
        facts.addWidget(self._copy_sku, 0, 2)
        if self._sku.part_number:
            part = self._sku.part_number
            facts.addWidget(parts.label("Part number", "muted"), 1, 0)
            facts.addWidget(_selectable(part, "Part number"), 1, 1)
            copy_part = parts.icon_button("copy", "Copy part number", lambda: self._copy(part))
            facts.addWidget(copy_part, 1, 2)
        state = QHBoxLayout()
        state.addWidget(self._state, 1)
        state.addWidget(self._retry)
        foot = QHBoxLayout()
        foot.addWidget(self._copied)
        foot.addStretch()
        foot.addWidget(self.export_button)
        foot.addWidget(self._copy_all)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2 * grid, grid, 2 * grid, 2 * grid)
        whole.setSpacing(grid // 2)
        whole.addLayout(head)
        whole.addWidget(parts.label(tenant_name, "muted"))
        whole.addSpacing(grid // 2)
        whole.addLayout(facts)
        whole.addSpacing(grid // 2)
        whole.addWidget(self._bar)
        whole.addLayout(state)
        whole.addWidget(self._table, 1)
        whole.addLayout(foot)
        self.setMinimumWidth(60 * grid)

    # What the window tells

    def set_subscriptions(self, subscriptions: Sequence[Subscription], now: datetime) -> None:
        """All subscriptions of the tenant, or those of the product: it takes what is its own."""
        found = subscriptions_of(self._sku, subscriptions)
        self._model.set_subscriptions(found, now)
        self._bar.hide()
        self._retry.hide()
        parts.set_kind(self._state, "muted")
        self._state.setText(EMPTY)
        self._state.setVisible(not found)
        self._table.setVisible(bool(found))
        self._copy_all.setVisible(bool(found))
        self.export_button.setVisible(bool(found))
        if found:
            self._fit_table(len(found))
            self._table.setCurrentIndex(self._model.index(0, _ID))
        self._place()
        if found and self.isVisible():
            self._table.setFocus(Qt.FocusReason.PopupFocusReason)

    def describe(self) -> "TableAbout":
        """What the table is, for exports."""
        from o365desk.models.table_export import SUBSCRIPTION_MORE, TableAbout

        facts = (("Product", self._name), ("Product SKU ID", self._sku.id))
        return TableAbout(
            f"Subscriptions of {self._name}", self._tenant_name, facts=facts, more=SUBSCRIPTION_MORE
        )

    def show_error(self, error: DeskError) -> None:
        """The subscriptions could not be read."""
        self._bar.hide()
        parts.set_kind(self._state, "error")
        said = " ".join(text for text in (error.sentence, error.next_step) if text)
        self._state.setText(said)
        self._state.setToolTip(error.support_ids)
        self._state.show()
        self._retry.show()
        self._place()

    def popup_at(self, where: QPoint) -> None:
        """Opens with its corner at `where` (on the screen), moved so that all of it is seen."""
        self._at = where
        self._place()
        self.show()
        first = self._table if self._table.isVisible() else self._copy_sku
        first.setFocus(Qt.FocusReason.PopupFocusReason)

    def _ask_again(self) -> None:
        self._retry.hide()
        self._bar.show()
        parts.set_kind(self._state, "muted")
        self._state.setText("Reading subscriptions…")
        self._copy_sku.setFocus()
        self.retry_requested.emit()

    def _fit_table(self, rows: int) -> None:
        """As large as what it shows: the pop-up has no other size."""
        table = self._table
        table.setColumnHidden(_FRIENDLY, not self._model.has_friendly_names)
        table.resizeColumnsToContents()
        width = table.horizontalHeader().length()
        height = table.horizontalHeader().sizeHint().height()
        height += min(rows, MAX_ROWS) * theme.ROW_HEIGHT
        off, needed = (
            Qt.ScrollBarPolicy.ScrollBarAlwaysOff,
            Qt.ScrollBarPolicy.ScrollBarAsNeeded,
        )
        many = rows > MAX_ROWS
        if many:
            width += table.verticalScrollBar().sizeHint().width()
        room = self._area().width() - 4 * theme.GRID - 2
        wide = width > room
        if wide:
            height += table.horizontalScrollBar().sizeHint().height()
        table.setVerticalScrollBarPolicy(needed if many else off)
        table.setHorizontalScrollBarPolicy(needed if wide else off)
        table.setMinimumWidth(min(width, room))
        table.setFixedHeight(height)

    def _area(self) -> QRect:
        """The screen the pop-up is on."""
        screen = QGuiApplication.screenAt(self._at) if self._at is not None else None
        return (screen or self.screen()).availableGeometry()

    def _place(self) -> None:
        """As large as its content, inside its screen."""
        self._copied.setVisible(bool(self._copied.text()))
        layout = self.layout()
        if layout is None:
            return
        layout.activate()
        area = self._area()
        width = max(self.sizeHint().width(), self.minimumWidth())
        height = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else -1
        size = QSize(width, height if height > 0 else self.sizeHint().height())
        size = size.boundedTo(area.size())
        at = self._at if self._at is not None else area.topLeft()
        x = max(area.left(), min(at.x(), area.right() - size.width() + 1))
        y = max(area.top(), min(at.y(), area.bottom() - size.height() + 1))
        self.setGeometry(QRect(QPoint(x, y), size))

    # Copying

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._say_copied(text)

    def _copy_ids(self) -> None:
        self._copy("\n".join(self._model.ids))

    def _say_copied(self, text: str) -> None:
        lines = text.count("\n") + 1
        self._copied.setText(f"Copied {text}" if lines == 1 else f"Copied {lines} lines")
        if not self._copied.isVisible():
            self._place()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.finished.emit(0)


def _selectable(text: str, name: str) -> QLabel:
    made = parts.label(text, "code", name=name)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return made
