"""The Licenses section of the window: a line that says what is shown and how old it is, and the
table of products."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.errors import DeskError
from o365desk.domain.licensing import Sku, SkuId
from o365desk.models.skus import SkuTableModel
from o365desk.models.words import clock_text, full_text
from o365desk.views import parts, theme
from o365desk.views.export_menu import ExportButton
from o365desk.views.sku_actions import SkuIntent
from o365desk.views.sku_table import SkuTable

if TYPE_CHECKING:
    from o365desk.domain.snapshots import CounterSeries
    from o365desk.models.table_export import TableAbout

FILTER_FROM = 15
"""With more products than this, a field to filter them appears."""

_EMPTY = "There are no products. Subscriptions appear here once they are ordered."
_NOT_READ = "The licenses have not been read."
_NOBODY = "Choose a customer to see its licenses."


class LicensesPane(QWidget):
    """Monitoring of one tenant's products (S42 to S53).

    Emits what is asked of a product, with its SkuId, and `retry_requested()`. Between two tenants
    call `clear()`; between two readings of the same one nothing: old rows stay, dimmed, until the
    new ones are there.
    """

    information_requested = Signal(object)
    holders_requested = Signal(object)
    """Who holds the product?"""
    assign_requested = Signal(object)
    """The product is to be given to a user who is still to be chosen."""
    history_requested = Signal(object)
    """How have the product's counters moved?"""
    refused = Signal(str)
    """Something that cannot be done was asked for: the reason."""
    retry_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._read_at: datetime | None = None
        self._loading = False
        self._stale = ""
        self._error: DeskError | None = None
        self._anybody = False
        self._tenant_name = ""
        self._instead = ""
        self._model = SkuTableModel(self)
        self._table = SkuTable(self._model)
        self.export_button = ExportButton(self._table, self.describe, self)
        self._summary = parts.label(kind="muted")
        self._stale_sign = parts.Sign("warning", lambda look: look.warning)
        self._stale_text = parts.label(kind="warning")
        self._filter = QLineEdit()
        self._filter.setPlaceholderText("Filter products")
        self._filter.setAccessibleName("Filter products")
        self._filter.setClearButtonEnabled(True)
        self._filter.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._filter.setFixedWidth(28 * theme.GRID)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Reading licenses")
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._problem = parts.label(kind="error", wrap=True)
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._retry = parts.button("Try again", self.retry_requested.emit, icon="refresh")
        self._strip = QWidget()
        self._note = parts.label(kind="muted", wrap=True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._pages = QStackedWidget()
        self._lay_out()
        self._table.intended.connect(self._pass_on)
        self._table.refused.connect(self.refused)
        self._filter.textChanged.connect(self._search)
        self._show_state()

    def _lay_out(self) -> None:
        grid = theme.GRID
        head = QHBoxLayout()
        head.setContentsMargins(2 * grid, grid // 2, 2 * grid, 0)
        head.setSpacing(grid)
        head.addWidget(parts.label("Licenses", "heading"))
        head.addWidget(self._summary)
        head.addWidget(self._stale_sign)
        head.addWidget(self._stale_text)
        head.addStretch()
        head.addWidget(self._filter)
        head.addWidget(self.export_button)
        strip = QHBoxLayout(self._strip)
        strip.setContentsMargins(2 * grid, grid // 2, 2 * grid, grid // 2)
        strip.setSpacing(2 * grid)
        strip.addWidget(self._problem, 1)
        strip.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignTop)
        note = QWidget()
        column = QVBoxLayout(note)
        column.setContentsMargins(2 * grid, 3 * grid, 2 * grid, grid)
        column.addWidget(self._note)
        table = QWidget()
        framed = QVBoxLayout(table)
        framed.setContentsMargins(grid, 0, 0, 0)
        framed.addWidget(self._table)
        self._pages.addWidget(table)
        self._pages.addWidget(note)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(self._bar)
        whole.addWidget(self._strip)
        whole.addWidget(self._pages, 1)

    # What the window tells

    def set_skus(self, skus: Sequence[Sku], read_at: datetime) -> None:
        """The products to list (`domain.monitoring.monitored`), as they were at `read_at`."""
        self._read_at = read_at
        self._loading = False
        self._stale = ""
        self._error = None
        self._model.set_skus(skus)
        self._show_state()

    def set_series(self, series: "Mapping[SkuId, CounterSeries]") -> None:
        """How the counters of this tenant's products moved: little lines beside Available, where
        there is room. Empty for none."""
        self._table.set_series(series)

    def set_nobody(self, text: str) -> None:
        """What stands there while no customer is shown; empty for the usual words."""
        self._instead = text
        self._show_state()

    def set_tenant(self, anybody: bool, name: str = "") -> None:
        """Whether a customer is shown at all, and which."""
        self._anybody = anybody
        self._tenant_name = name
        self._show_state()

    def set_assign_refused(self, reason: str) -> None:
        """Why no license can be given to anybody here; empty when some can."""
        self._table.refuse(SkuIntent.ASSIGN, reason)

    def set_loading(self, loading: bool) -> None:
        """A reading is under way; what is shown is the reading before."""
        self._loading = loading
        if loading:
            self._error = None
        self._show_state()

    def show_error(self, error: DeskError) -> None:
        """The reading failed: says so, and offers to try again. Old rows stay, dimmed."""
        self._loading = False
        self._error = error
        self._show_state()

    def set_stale(self, text: str) -> None:
        """Why the figures may be out of date, e.g. "changed since"; empty when they are not."""
        self._stale = text
        self._show_state()

    def clear(self) -> None:
        """Another tenant: nothing of the old one may stay."""
        self._read_at = None
        self._loading = False
        self._stale = ""
        self._error = None
        self._filter.clear()
        self._table.set_series({})
        self._model.clear()
        self._show_state()

    def focus_table(self) -> None:
        """For the window's shortcut."""
        self._table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self._table.currentIndex().isValid():
            self._table.setCurrentIndex(self._model.index(0, 0))

    def select_product(self, sku_id: SkuId) -> bool:
        """Goes to a product, past the filter; False when it is not listed."""
        self._filter.clear()
        found = self._table.select_sku(sku_id)
        if found:
            self._table.setFocus(Qt.FocusReason.OtherFocusReason)
        return found

    def info_point(self, sku_id: SkuId) -> QPoint | None:
        """Where on the screen the pop-up of a product belongs; None when it is not listed."""
        return self._table.info_point(sku_id)

    def save_state(self) -> bytes:
        """Widths and sort of the columns."""
        return self._table.save_state()

    def restore_state(self, state: bytes) -> None:
        """Takes back what `save_state` gave; ignores what does not fit."""
        self._table.restore_state(state)

    def _pass_on(self, intent: SkuIntent, sku_id: SkuId) -> None:
        asked = {
            SkuIntent.INFORMATION: self.information_requested,
            SkuIntent.HOLDERS: self.holders_requested,
            SkuIntent.ASSIGN: self.assign_requested,
            SkuIntent.HISTORY: self.history_requested,
        }
        asked[intent].emit(sku_id)

    def describe(self) -> "TableAbout":
        """What the table is now, for exports."""
        from o365desk.models.table_export import SKU_MORE, TableAbout

        facts = (
            ("Counts", self._summary.text()),
            ("Incomplete", self._problem.text() if self._error is not None else self._stale),
            ("Filter", self._filter.text().strip()),
        )
        told = tuple((name, value) for name, value in facts if value)
        return TableAbout("Licenses", self._tenant_name, self._read_at, told, more=SKU_MORE)

    # What is written around the table

    def _search(self, text: str) -> None:
        self._model.set_filter(text)
        self._show_state()

    def write_anew(self) -> None:
        """The time of the reading is told otherwise by now: another day has begun."""
        self._show_state()

    def _show_state(self) -> None:
        model = self._model
        self._summary.setText(self._summary_text())
        self._summary.setToolTip(full_text(self._read_at) if self._read_at else "")
        for widget in (self._stale_sign, self._stale_text):
            widget.setVisible(bool(self._stale))
        self._stale_text.setText(self._stale)
        self._filter.setVisible(model.total > FILTER_FROM or bool(self._filter.text()))
        self._bar.setVisible(self._loading)
        self._strip.setVisible(self._error is not None)
        if self._error is not None:
            said = (self._error.sentence, self._error.next_step)
            self._problem.setText(" ".join(text for text in said if text))
            self._problem.setToolTip(self._error.support_ids)
        self._table.set_dimmed(self._loading or bool(self._stale) or self._error is not None)
        self._pages.setCurrentIndex(0 if model.shown else 1)
        self._note.setText(self._note_text())

    def _summary_text(self) -> str:
        if self._read_at is None:
            return "reading…" if self._loading else ""
        locale, total, shown = QLocale(), self._model.total, self._model.shown
        count = f"{locale.toString(total)} {'product' if total == 1 else 'products'}"
        if shown != total:
            count = f"{locale.toString(shown)} of {count}"
        then = "reading again…" if self._loading else f"read {clock_text(self._read_at)}"
        return f"{count} · {then}"

    def _note_text(self) -> str:
        if self._model.total:
            return f"No product matches “{self._filter.text().strip()}”."
        if self._loading:
            return "Reading licenses…"
        if self._read_at is not None:
            return _EMPTY
        return _NOT_READ if self._anybody else self._instead or _NOBODY
