"""The pop-up in which another customer is chosen: a search field over a list, keyboard first."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import (
    QEvent,
    QLocale,
    QModelIndex,
    QObject,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.directory import Tenant, TenantId
from o365desk.models.tenants import TenantListModel
from o365desk.views import parts, theme
from o365desk.views.tenant_list import Anchor, TenantTable

WIDTH = 640
HEIGHT = 480

_EMPTY = (
    "No customers yet. A customer appears here once it has accepted your reseller relationship."
)


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
        self._nobody = ""
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
        self._retry = parts.button("Try again", self._ask_again, icon="refresh")
        self._retry_rest = parts.button("Try again", self._ask_again, icon="refresh")
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
        with Anchor(self._table):
            self._model.set_tenants(tenants)
        self._settle()

    def append_tenants(self, tenants: Iterable[Tenant]) -> None:
        """One more page of customers."""
        with Anchor(self._table):
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

    def set_nobody(self, text: str) -> None:
        """Why no customer can be read yet; empty once one can."""
        self._nobody = text
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
            with Anchor(self._table):
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
        unknown = not total and (failed or (bool(self._nobody) and not self._loading))
        self._count.setText("" if unknown else count)

    def _empty_text(self) -> str:
        wanted = self._model.text.strip()
        if self._error and not self._loading and not self._model.total:
            return self._error
        if wanted and self._model.total:
            still = " so far" if self._loading else ""
            return f"No customer matches “{wanted}”{still}."
        return "Reading customers…" if self._loading else self._nobody or _EMPTY

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
        pressed = event.type() is QEvent.Type.KeyPress and watched is self._field
        if pressed and isinstance(event, QKeyEvent):
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
