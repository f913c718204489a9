"""The portfolio: all customers in one table, and what deserves a look at each of them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from o365desk.domain.directory import Tenant
from o365desk.domain.portfolio import Finding, Hidden, Limits, shown_again
from o365desk.domain.snapshots import TenantFacts
from o365desk.models.coverage import customers_text
from o365desk.models.portfolio import (
    HIDDEN,
    KINDS,
    NEVER,
    PortfolioModel,
    PortfolioRow,
    totals_text,
)
from o365desk.views import parts, theme
from o365desk.views.export_menu import ExportButton
from o365desk.views.finding_pane import FindingPane
from o365desk.views.overview import Overview
from o365desk.views.row_table import RowTable
from o365desk.views.sweep_strip import Failures, FailuresDialog, SweepStrip
from o365desk.views.totals_strip import TotalsStrip

if TYPE_CHECKING:
    from o365desk.models.table_export import TableAbout

_ALL = ""
_REFRESH = "Refresh all customers"


class PortfolioPage(Overview):
    """Says of every customer what is over-allocated, full, suspended, expiring, unused, blocked
    and about to be purged, and of how many customers it does not know.

    Emits what the operator wants; is told what to show.
    """

    tenant_requested = Signal(object)
    """A TenantId."""
    product_requested = Signal(object, object)
    """TenantId and SkuId."""
    refresh_all_requested = Signal()
    cancel_requested = Signal()
    resume_requested = Signal()
    hidden_changed = Signal(object)
    """frozenset[Hidden], to be saved."""

    def __init__(self, parent: QWidget | None = None, *, own: bool = False) -> None:
        """`own`: it is about one organization, the operator's."""
        refresh = "Refresh" if own else _REFRESH
        super().__init__(
            "Your organization" if own else "All customers", "Filter customers", parent
        )
        self._tenants: Sequence[Tenant] | None = None
        self._facts: Sequence[TenantFacts] | None = None
        self._now: datetime | None = None
        self._hidden: frozenset[Hidden] = frozenset()
        self._failures: Failures = ()
        self._refused = ""
        self.model = PortfolioModel(self)
        self.table = RowTable(self.model, "All customers", stretch="name")
        self.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        self.totals = TotalsStrip(self.table)
        self.findings = FindingPane()
        self.sweep = SweepStrip()
        self.refresh_button = parts.button(
            refresh, self.refresh_all_requested.emit, kind="primary", icon="refresh"
        )
        self.export_button = ExportButton(self.table, self.describe, self)
        self.tools.addWidget(self.export_button)
        self.tools.addWidget(self.refresh_button)
        self._refusal = parts.label(kind="muted", wrap=True)
        self._refusal.setContentsMargins(2 * theme.GRID, 0, 2 * theme.GRID, theme.GRID // 2)
        self.below_head.addWidget(self._refusal)
        self.below_head.addWidget(self.sweep)
        self._empty_refresh = parts.button(
            refresh, self.refresh_all_requested.emit, kind="primary", icon="refresh"
        )
        self._show_all = parts.button("Show all customers", self.show_all)
        for offered in (self._empty_refresh, self._show_all):
            self.offers.addWidget(offered, 0, Qt.AlignmentFlag.AlignHCenter)
        for key in (_ALL, *KINDS, NEVER, HIDDEN):
            self.add_chip(key)
        self._fill_body()
        self.keyboard_home = self.table
        self.filter_chosen.connect(self.model.set_filter)
        self.search_changed.connect(self.model.set_text)
        self.table.activated_row.connect(lambda row: self.tenant_requested.emit(row.key))
        self.table.current_changed.connect(self._show_findings)
        self.model.settled.connect(self._settled)
        self.model.summed.connect(self._show_totals)
        self.findings.tenant_requested.connect(self.tenant_requested)
        self.findings.product_requested.connect(self.product_requested)
        self.findings.hide_requested.connect(self._hide)
        self.findings.show_requested.connect(self._show_again)
        self.sweep.cancel_requested.connect(self.cancel_requested)
        self.sweep.resume_requested.connect(self.resume_requested)
        self.sweep.failures_requested.connect(self._open_failures)
        self.set_refresh_refused("")
        self._show_state()

    def _fill_body(self) -> None:
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(theme.GRID, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self.totals)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(upper)
        self.splitter.addWidget(self.findings)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setSizes([300, 200])
        self.body.addWidget(self.splitter)

    # What the program tells

    def set_tenants(self, tenants: Sequence[Tenant] | None) -> None:
        """All customers there are, from the live list; None: nobody knows (offline)."""
        listed = None if tenants is None else tuple(tenants)
        if listed != self._tenants:
            self._tenants = listed
            self._take()

    def set_facts(self, facts: Sequence[TenantFacts], now: datetime) -> None:
        """What was last seen of each customer; customers without facts were never read."""
        self._facts, self._now = facts, now
        self._looked_up()
        self._take()

    def set_hidden(self, hidden: AbstractSet[Hidden]) -> None:
        """What the operator does not want to be warned of, as it was saved."""
        self._hidden = frozenset(hidden)
        self.model.set_hidden(self._hidden)

    def set_limits(self, limits: Limits) -> None:
        """From where on something is a finding."""
        if limits != self.model.limits:
            self.model.limits = limits
            self._take()

    def set_sweep(self, done: int, total: int, failed: int, running: bool) -> None:
        """How far the reading of all customers is: `done` were read, `failed` could not be."""
        cancelling = self.sweep.cancel.hasFocus()
        self.sweep.set_sweep(done, total, failed, running=running)
        self._show_state()
        if cancelling and not running:
            left = self.sweep.resume
            (self if left.isHidden() else left).setFocus()

    def set_failures(self, failures: Failures) -> None:
        """The customers who could not be read, each with a sentence that says why."""
        self._failures = tuple(failures)
        self.sweep.set_failures(self._failures)

    def set_refresh_refused(self, reason: str) -> None:
        """Why the customers cannot be read now (offline); empty when they can."""
        self._refused = reason
        self._refusal.setText(reason)
        self._refusal.setVisible(bool(reason))
        self._show_refresh()

    def save_state(self) -> bytes:
        """Widths and sort of the columns."""
        return self.table.save_state()

    def restore_state(self, state: bytes) -> None:
        """Takes back what `save_state` gave; ignores what does not fit."""
        self.table.restore_state(state)

    def describe(self) -> "TableAbout":
        """What the table is now, for exports."""
        from o365desk.models.table_export import PORTFOLIO_MORE

        return self.about(self.model.filter, PORTFOLIO_MORE)

    # State

    def _take(self) -> None:
        if self._facts is not None and self._now is not None:
            # Rows of customers none of whom was ever read would only repeat that.
            self.model.take(self._tenants or () if self._facts else (), self._facts, self._now)
            self.show_coverage(self._tenants, self._facts, self._now)
        self._show_state()

    def _settled(self) -> None:
        if not self.table.currentIndex().isValid() and self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, 0))
        customers = self.model.customers
        self.set_chip(_ALL, "All", self.model.total)
        for kind in KINDS:
            self.set_chip(kind, kind, customers[kind])
        for key in (NEVER, HIDDEN):
            self.set_chip(key, key, customers[key], always=False)
        self._show_findings()
        self._show_state()

    def _show_totals(self) -> None:
        totals, number = self.model.totals, QLocale().toString
        total = customers_text(totals.customers)
        if totals.never:
            total = f"{number(totals.customers - totals.never)} of {total}"
        total = f"Total of {total}"
        self.totals.set_texts((total, *map(number, totals.numbers)))
        shown, every = self.model.rowCount(), self.model.total
        parts_of = [customers_text(every)]
        if shown != every:
            parts_of = [f"{number(shown)} of {customers_text(every)} shown"]
        if not every:
            parts_of = []
        self.foot.set_full(" · ".join(filter(None, (*parts_of, totals_text(totals)))))

    def _show_findings(self) -> None:
        row = self.table.current_row()
        self.findings.set_customer(row if isinstance(row, PortfolioRow) else None, self._now)

    def _show_refresh(self) -> None:
        running = self.sweep.running
        for button in (self.refresh_button, self._empty_refresh):
            button.setEnabled(not running and not self._refused and self._tenants != ())
            tip = "Reading all customers already" if running else self._refused
            button.setToolTip(tip or "Read users, licenses and subscriptions of every customer")
            button.setAccessibleDescription(tip)

    def _show_state(self) -> None:
        some = self.model.rowCount() > 0
        self.set_problem(self._error)
        # While all are read, facts come every moment: the rows would do nothing but flicker.
        waiting = self._loading and not self.sweep.running
        self.set_bar(waiting or self.model.busy, "Looking up all customers")
        self.table.set_dimmed(waiting or self._error is not None)
        self.show_rows(some=some, note=self._note())
        self._show_all.setVisible(not some and self.model.total > 0)
        unread = self._facts is not None and not self._facts and self._tenants != ()
        self._empty_refresh.setVisible(not some and unread and not self.sweep.running)
        self._show_refresh()
        self.show_chips(self.model.total > 0)

    def _note(self) -> str:
        if self.model.total:
            return "No customer matches the search and the filters."
        if self._error is not None:
            return "What is kept of the customers could not be looked up."
        if self._facts is None or self._loading or self.model.busy:
            return "Looking up what is kept of all customers…"
        if self._tenants == ():
            return (
                "There are no customers. They appear here once they have accepted a relationship."
            )
        if self.sweep.running:
            return "All customers are being read. They appear here as soon as they have been."
        if self._tenants is None:
            return (
                "No customer has been read yet, so there is nothing to show without a connection."
            )
        return (
            f"None of {customers_text(len(self._tenants))} has been read yet. Refresh all of them, "
            "or open one: whoever has been read is listed here."
        )

    # What the operator does

    def _hide(self, hidden: Hidden) -> None:
        self.set_hidden(self._hidden | {hidden})
        self.hidden_changed.emit(self._hidden)

    def _show_again(self, found: Finding) -> None:
        self.set_hidden(shown_again(self._hidden, found))
        self.hidden_changed.emit(self._hidden)

    def _open_failures(self) -> None:
        FailuresDialog(self._failures, self).open()
