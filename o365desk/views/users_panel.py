"""The upper half of the main window: filters above the Users' List, counts and progress below."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.licensing import SkuId
from o365desk.domain.query import StatusFilter
from o365desk.models.users import UserTableModel
from o365desk.models.words import NOT_READ, clock_text
from o365desk.views import theme
from o365desk.views.export_menu import ExportButton
from o365desk.views.parts import button, icon_button, label
from o365desk.views.user_table import UserTableView

if TYPE_CHECKING:
    from o365desk.models.table_export import TableAbout

MANY_ROWS = 20_000
"""From this many rows on, a search waits until typing pauses."""

PAUSE_MS = 120


class UsersPanel(QWidget):
    """Users of the current tenant, with everything needed to find one.

    Emits what the operator wants; is told what to show by the window.
    """

    create_requested = Signal()
    cancel_requested = Signal()
    retry_requested = Signal()

    def __init__(self, model: UserTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self._model = model
        self._search = ""
        self._read_at: datetime | None = None
        self._changes: int | None = None
        self._loading = ""
        self._failure = ""
        self._tenant_name = ""
        self.nobody = "Choose a customer to see its users (Ctrl+K)."
        self._instead = ""
        """What is said while there is no customer."""
        self.table = UserTableView(model)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._apply_search)
        self._products_menu = QMenu(self)
        self._product: SkuId | None = None
        self._products: list[tuple[SkuId, str]] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._make_bar())
        layout.addWidget(self._make_body(), 1)
        layout.addWidget(self._make_progress())
        layout.addLayout(self._make_foot())
        for signal in (
            model.rowsInserted,
            model.layoutChanged,
            model.modelReset,
            model.dataChanged,
        ):
            signal.connect(self.update_counts)
        self.update_counts()

    def _make_bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(2 * theme.GRID, theme.GRID, 2 * theme.GRID, theme.GRID // 2)
        bar.setSpacing(theme.GRID // 2)
        bar.addWidget(label("Users' List", "heading"))
        bar.addSpacing(theme.GRID)
        self._segments = QButtonGroup(self)
        for status in StatusFilter:
            segment = button(status.value, kind="segment", name=f"Show: {status.value}")
            segment.setCheckable(True)
            segment.setChecked(status is StatusFilter.ALL)
            segment.clicked.connect(lambda _checked=False, status=status: self.set_status(status))
            self._segments.addButton(segment)
            segment.setProperty("status", status.value)
            bar.addWidget(segment)
        self._product_button = button(
            "Product", kind="quiet", icon="chevron-down", name="Filter by product"
        )
        self._product_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._product_button.setMenu(self._products_menu)
        self._product_button.setMaximumWidth(40 * theme.GRID)
        bar.addWidget(self._product_button)
        bar.addStretch(1)
        self._columns_button = icon_button("columns", "Choose columns", self._choose_columns)
        bar.addWidget(self._columns_button)
        self.export_button = ExportButton(self.table, self.describe, self)
        bar.addWidget(self.export_button)
        self.create_button = button(
            "Create user", self.create_requested.emit, kind="primary", icon="plus"
        )
        self.create_button.setToolTip("Create user (Ctrl+N)")
        bar.addWidget(self.create_button)
        return bar

    def _make_body(self) -> QStackedWidget:
        self._body = QStackedWidget()
        framed = QWidget()
        frame = QVBoxLayout(framed)
        frame.setContentsMargins(theme.GRID, 0, 0, 0)
        frame.addWidget(self.table)
        self._body.addWidget(framed)
        empty = QWidget()
        inside = QVBoxLayout(empty)
        inside.setSpacing(theme.GRID)
        inside.addStretch(1)
        self._empty_text = label("", "muted", wrap=True)
        self._empty_text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty_button = button("Show all users", self.clear_filters)
        self._empty_retry = button("Try again", self.retry_requested.emit, icon="refresh")
        self._empty_retry.setAccessibleDescription("Read the users again")
        inside.addWidget(self._empty_text)
        for offered in (self._empty_button, self._empty_retry):
            inside.addWidget(offered, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addStretch(2)
        self._body.addWidget(empty)
        return self._body

    def _make_progress(self) -> QProgressBar:
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Progress of reading users")
        self._progress.setRange(0, 1)
        return self._progress

    def _make_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * theme.GRID, 2, 2 * theme.GRID, 2)
        foot.setSpacing(theme.GRID)
        self.counts = label("", "foot", name="Users shown")
        self._state = label("", "foot")
        self.cancel_button = button("Cancel", self.cancel_requested.emit, kind="link")
        self.cancel_button.setAccessibleName("Cancel reading users")
        self.retry_button = button("Try again", self.retry_requested.emit, kind="link")
        self.retry_button.setAccessibleName("Read the users again")
        foot.addWidget(self.counts)
        foot.addStretch(1)
        foot.addWidget(self._state)
        foot.addWidget(self.cancel_button)
        foot.addWidget(self.retry_button)
        self.cancel_button.hide()
        self.retry_button.hide()
        return foot

    # Filters

    def set_search(self, text: str) -> None:
        """The search field's text; applied at once, or after a pause when rows are many."""
        self._search = text
        self._pause.start(PAUSE_MS if self._model.total > MANY_ROWS else 0)

    def _apply_search(self) -> None:
        self._pause.stop()
        self._model.set_query(replace(self._model.query, text=self._search))
        self.update_counts()

    def set_status(self, status: StatusFilter) -> None:
        for segment in self._segments.buttons():
            segment.setChecked(segment.property("status") == status.value)
        self._model.set_query(replace(self._model.query, status=status))
        self.update_counts()

    def set_blocked_known(self, known: bool) -> None:
        """Where nobody tells who is blocked, asking for them would answer "nobody"."""
        for segment in self._segments.buttons():
            if segment.property("status") == StatusFilter.BLOCKED.value:
                segment.setVisible(known)

    def set_products(self, products: Sequence[tuple[SkuId, str]]) -> None:
        """Products that can be filtered by: id and name, in the order to show them."""
        if list(products) == self._products:
            return  # the menu may be open
        self._products = list(products)
        self._products_menu.clear()
        group = QActionGroup(self._products_menu)
        entries: list[tuple[SkuId | None, str]] = [(None, "All products"), *products]
        for sku_id, name in entries:
            action = QAction(name.replace("&", "&&"), self._products_menu)
            action.setData(sku_id)
            action.setCheckable(True)
            action.setChecked(sku_id == self._product)
            action.triggered.connect(
                lambda _checked=False, sku_id=sku_id, name=name: self.set_product(sku_id, name)
            )
            group.addAction(action)
            self._products_menu.addAction(action)

    def set_product(self, sku_id: SkuId | None, name: str = "") -> None:
        self._product = sku_id
        for action in self._products_menu.actions():
            action.setChecked(action.data() == sku_id)
        text = name if sku_id else "Product"
        metrics = self._product_button.fontMetrics()
        elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, 30 * theme.GRID)
        self._product_button.setText(elided.replace("&", "&&"))
        self._product_button.setToolTip(name if sku_id else "Filter by product")
        self._model.set_query(replace(self._model.query, sku_id=sku_id))
        self.update_counts()

    def clear_filters(self) -> None:
        """All users again. The window clears its search field through `filters_cleared`."""
        self.set_status(StatusFilter.ALL)
        self.set_product(None)
        self._search = ""
        self._apply_search()
        self.filters_cleared.emit()

    filters_cleared = Signal()

    def _choose_columns(self) -> None:
        below = self._columns_button.rect().bottomLeft()
        self.table.open_column_chooser(self._columns_button.mapToGlobal(below))

    # State

    def set_nobody(self, text: str) -> None:
        """What stands there while no customer is shown; empty for the usual words."""
        self._instead = text
        self.update_counts()

    def set_tenant(self, name: str) -> None:
        """Whose users these are; empty for nobody's yet."""
        self._tenant_name = name
        self.update_counts()

    def set_loading(self, text: str) -> None:
        """A load is under way; `text` says how far. Empty: it has ended."""
        self._loading = text
        if text:
            self._failure = ""
        self._progress.setRange(0, 0 if text else 1)
        self.cancel_button.setVisible(bool(text))
        self.retry_button.setVisible(bool(self._failure))
        self._show_state()

    def show_failure(self, text: str) -> None:
        """The load ended too early; what is listed is not everything."""
        self._failure = text
        self.set_loading("")

    def set_read_at(self, read_at: datetime | None, changes: int | None = None) -> None:
        """From when the rows are; `changes`: so many were made to those listed before."""
        self._read_at = read_at
        self._changes = changes
        self.update_counts()

    @property
    def state_text(self) -> str:
        """What is said of the load: how far it is, or why it ended."""
        return self._failure or self._loading

    def _show_state(self) -> None:
        self._state.setText(self.state_text)
        self._state.setProperty("kind", "error" if self._failure else "foot")
        self._state.style().polish(self._state)
        self._show_empty()

    def update_counts(self) -> None:
        """ "2,498 users · 37 shown · 3 deleted · read 14:03"; never fewer without saying so."""
        model, locale = self._model, QLocale()
        if not self._tenant_name or not (model.total or self._read_at):
            self.counts.setText("")  # nothing was read: "0 users" would be a finding
            self._show_empty()
            return
        users = model.total - model.deleted
        parts = [f"{locale.toString(users)} {'user' if users == 1 else 'users'}"]
        if model.query.filters:
            parts.append(f"{locale.toString(model.rowCount())} shown")
        parts.append(f"{locale.toString(model.deleted)} deleted")
        if self._read_at is not None:
            parts.append(f"read {clock_text(self._read_at)}{self._changed()}")
        if model.unread:
            unread = locale.toString(model.unread)
            parts.append(f"licenses of {unread} not read yet: search by product is incomplete")
        if model.sign_ins.reading and model.sign_ins.read < users:
            unread = locale.toString(users - model.sign_ins.read)
            parts.append(f"last sign-in of {unread} not read yet")
        elif model.sign_ins.missing:
            parts.append(f"last sign-in: {model.sign_ins.missing}")
        self.counts.setText(" · ".join(parts))
        self._show_empty()

    def describe(self) -> "TableAbout":
        """What the list is now, for exports."""
        from o365desk.models.table_export import USER_MORE, TableAbout

        query, sign_ins = self._model.query, self._model.sign_ins
        facts = (
            ("Counts", self.counts.text()),
            ("Incomplete", self.state_text),
            ("Search", query.text),
            ("Show", "" if query.status is StatusFilter.ALL else query.status.value),
            ("Product", self._product_button.toolTip() if query.sku_id else ""),
            ("Last sign-in", "" if sign_ins.at or sign_ins.others else NOT_READ),
        )
        told = tuple((name, value) for name, value in facts if value)
        return TableAbout("Users' List", self._tenant_name, self._read_at, told, more=USER_MORE)

    def _changed(self) -> str:
        match self._changes:
            case None:
                return ""
            case 0:
                return ", no change"
            case 1:
                return ", 1 change"
        return f", {QLocale().toString(self._changes)} changes"

    def _show_empty(self) -> None:
        if self._model.rowCount():
            self._body.setCurrentIndex(0)
            return
        self._empty_text.setText(self._why_empty())
        self._empty_button.setVisible(self._model.query.filters and self._model.total > 0)
        self._empty_retry.setVisible(bool(self._failure) and not self._model.total)
        self._body.setCurrentIndex(1)

    def _why_empty(self) -> str:
        query = self._model.query
        if self._model.total and query.filters:
            if query.status is StatusFilter.DELETED and not query.text and not query.sku_id:
                return "No deleted users. Users deleted in the last 30 days appear here."
            return "No user matches the search and the filters."
        if self._loading:
            return "Reading users…"
        if self._failure:
            return self._failure
        if not self._tenant_name:
            return self._instead or self.nobody
        if self._read_at is None:
            return f"No users of {self._tenant_name} have been read yet."
        return "This organization has no users. Create the first one."
