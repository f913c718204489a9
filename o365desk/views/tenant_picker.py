"""The pop-up in which another customer is chosen: a search field over a list, keyboard first."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import (
    QEvent,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QProgressBar,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.directory import Tenant, TenantId
from o365desk.models.tenants import TenantListModel
from o365desk.views import parts, theme

WIDTH = 640
HEIGHT = 480

_ICON = 16
_PIN_CELL = 4 * theme.GRID
_NAME_SHARE = 0.56
"""Of the width that name and domain share."""

_EMPTY = (
    "No customers yet. A customer appears here once it has accepted your reseller relationship."
)

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


class TenantPicker(QFrame):
    """Pop-up of the main window, made once and shown by `popup_below`.

    Emits `tenant_chosen(Tenant)`, `pins_changed(tuple[TenantId, ...])` and `retry_requested()`.
    The text field keeps the focus; Up, Down, Page Up, Page Down, Home and End move in the list.
    """

    tenant_chosen = Signal(object)
    pins_changed = Signal(object)
    retry_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("kind", "popup")
        self.setAccessibleName("Choose a customer")
        self._loading = False
        self._error = ""
        self._current: TenantId | None = None
        self._model = TenantListModel(self)
        self._field = QLineEdit()
        self._field.setPlaceholderText("Find a customer by name, domain or id")
        self._field.setAccessibleName("Find a customer")
        self._field.setClearButtonEnabled(True)
        self._field.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._table = TenantTable(self._model)
        self._note = parts.label(kind="muted", wrap=True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._retry = parts.button("Retry", self._ask_again, icon="refresh")
        self._retry_rest = parts.button("Retry", self._ask_again, icon="refresh")
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Reading customers")
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._count = parts.label(kind="muted")
        self._problem = parts.label(kind="error", wrap=True)
        self._hint = parts.label("Enter opens   Ctrl+P pins", kind="muted")
        self._pages = QStackedWidget()
        self._lay_out()
        self._field.installEventFilter(self)
        self._field.textChanged.connect(self._search)
        self._table.clicked.connect(lambda index: self._choose(index.row()))
        self._table.pin_clicked.connect(self._toggle_pin)
        self._table.selectionModel().currentChanged.connect(lambda _new, _old: self._announce())
        self.resize(WIDTH, HEIGHT)
        self._show_state()

    def _lay_out(self) -> None:
        grid = theme.GRID
        note = QWidget()
        column = QVBoxLayout(note)
        column.setContentsMargins(4 * grid, grid, 4 * grid, grid)
        column.addStretch(2)
        column.addWidget(self._note)
        column.addSpacing(grid)
        column.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self._pages.addWidget(self._table)
        self._pages.addWidget(note)
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * grid, 0, 2 * grid, grid)
        foot.setSpacing(2 * grid)
        foot.addWidget(self._count)
        foot.addWidget(self._problem, 1)
        foot.addWidget(self._retry_rest)
        foot.addStretch()
        foot.addWidget(self._hint)
        head = QHBoxLayout()
        head.setContentsMargins(grid, grid, grid, 0)
        head.addWidget(self._field)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(grid // 2)
        whole.addLayout(head)
        whole.addWidget(self._bar)
        whole.addWidget(self._pages, 1)
        whole.addLayout(foot)

    # What the window tells

    def set_tenants(self, tenants: Iterable[Tenant]) -> None:
        """All customers known now. May be called again and again while they stream in."""
        with _Anchor(self._table):
            self._model.set_tenants(tenants)
        self._settle()

    def append_tenants(self, tenants: Iterable[Tenant]) -> None:
        """One more page of customers."""
        with _Anchor(self._table):
            self._model.append_tenants(tenants)
        self._settle()

    def set_pinned(self, pinned: Sequence[TenantId]) -> None:
        self._model.set_pinned(pinned)
        self._settle()

    def set_recent(self, recent: Sequence[TenantId]) -> None:
        """Customers shown lately, the latest first."""
        self._model.set_recent(recent)
        self._settle()

    def set_current(self, tenant: TenantId | None) -> None:
        """The customer on screen in the window."""
        self._current = tenant
        self._model.set_current(tenant)
        self._announce()

    def set_state(self, loading: bool, error: str = "") -> None:
        """Whether customers are being read, and the sentence to show when that failed."""
        self._loading = loading
        self._error = error
        self._show_state()

    def popup_below(self, widget: QWidget) -> None:
        """Opens under `widget`, inside its screen, with an empty search field."""
        self._field.clear()
        self._model.set_query("")
        area = widget.screen().availableGeometry()
        size = self.size().boundedTo(area.size())
        corner = widget.mapToGlobal(QPoint(0, widget.height() + theme.GRID // 2))
        corner.setX(max(area.left(), min(corner.x(), area.right() - size.width() + 1)))
        corner.setY(max(area.top(), min(corner.y(), area.bottom() - size.height() + 1)))
        self.setGeometry(QRect(corner, size))
        self.show()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)
        self._go_home()

    # The list

    def _search(self, text: str) -> None:
        self._model.set_query(text)
        if text.strip():
            self._go_to(self._model.step(-1, 1))
        else:
            self._go_home()
        self._show_state()

    def _go_home(self) -> None:
        """Where the list starts: on the customer shown now if it is near the top, so that Enter
        changes nothing by accident; else on the first."""
        first = self._model.step(-1, 1)
        row = self._model.row_of(self._current) if self._current is not None else -1
        near = 0 <= row < self._page()
        self._go_to(row if near else first)
        self._table.scrollToTop()

    def _settle(self) -> None:
        """After customers came or left: the current row stays with its customer, and there is
        one whenever there is a customer to choose."""
        if not self._table.currentIndex().isValid():
            self._go_to(self._model.step(-1, 1))
        self._show_state()

    def _go_to(self, row: int) -> None:
        index = self._model.index(row, 0) if row >= 0 else QModelIndex()
        self._table.setCurrentIndex(index)
        if index.isValid():
            self._table.scrollTo(index)
            if row == self._model.step(-1, 1):
                self._table.scrollToTop()

    def _page(self) -> int:
        return max(1, self._table.viewport().height() // theme.ROW_HEIGHT)

    def _move(self, by: int) -> None:
        self._go_to(self._model.step(self._table.currentIndex().row(), by))

    def _choose(self, row: int) -> None:
        tenant = self._model.tenant_at(row)
        if tenant is not None:
            self.close()
            self.tenant_chosen.emit(tenant)

    def _toggle_pin(self, row: int) -> None:
        tenant = self._model.tenant_at(row)
        if tenant is not None:
            with _Anchor(self._table):
                self._model.toggle_pin(tenant.id)
            self._announce()
            self.pins_changed.emit(self._model.pinned)

    def _ask_again(self) -> None:
        self._field.setFocus()
        self.retry_requested.emit()

    # What is written around the list

    def _show_state(self) -> None:
        model, locale = self._model, QLocale()
        total, shown = model.total, model.shown
        self._bar.setVisible(self._loading)
        self._pages.setCurrentIndex(0 if shown else 1)
        failed = bool(self._error) and not self._loading
        self._note.setText(self._empty_text())
        parts.set_kind(self._note, "error" if failed and not total else "muted")
        self._problem.setText(self._error)
        self._problem.setVisible(failed and total > 0)
        self._retry.setVisible(failed and not total)
        self._retry_rest.setVisible(failed and total > 0)
        self._hint.setVisible(not failed and shown > 0)
        if self._loading:
            so_far = f" {locale.toString(total)} so far" if total else ""
            found = f"{locale.toString(shown)} found.  " if model.text.strip() else ""
            count = f"{found}Reading customers…{so_far}"
        elif model.text.strip():
            count = f"{locale.toString(shown)} of {locale.toString(total)}"
        else:
            count = f"{locale.toString(total)} {'customer' if total == 1 else 'customers'}"
        self._count.setText("" if failed and not total else count)

    def _empty_text(self) -> str:
        wanted = self._model.text.strip()
        if self._error and not self._loading and not self._model.total:
            return self._error
        if wanted and self._model.total:
            still = " so far" if self._loading else ""
            return f"No customer matches “{wanted}”{still}."
        return "Reading customers…" if self._loading else _EMPTY

    def _announce(self) -> None:
        """The focus stays in the field: a screen reader learns of the current row from it."""
        index = self._table.currentIndex()
        spoken = index.data(Qt.ItemDataRole.AccessibleTextRole) if index.isValid() else ""
        self._field.setAccessibleDescription(spoken or "")

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._table.hover(-1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._field and isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.ShortcutOverride and self._action(event) is not None:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                action = self._action(event)
                if action is not None:
                    action()
                    return True
        return super().eventFilter(watched, event)

    def _action(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a key does here instead of in the field."""
        key, modifiers = event.key(), event.modifiers()
        modifiers &= ~Qt.KeyboardModifier.KeypadModifier
        row = self._table.currentIndex().row()
        if modifiers == Qt.KeyboardModifier.ControlModifier and key == Qt.Key.Key_P:
            return lambda: self._toggle_pin(row)
        if modifiers != Qt.KeyboardModifier.NoModifier:
            return None
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return lambda: self._choose(row)
        if key == Qt.Key.Key_Escape:
            return self.close
        steps: dict[int, int] = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -self._page(),
            Qt.Key.Key_PageDown: self._page(),
            Qt.Key.Key_Home: -self._model.total,
            Qt.Key.Key_End: self._model.total,
        }
        step = steps.get(key)
        return None if step is None else lambda: self._move(step)


class _Anchor:
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
