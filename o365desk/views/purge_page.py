"""The purge clock: deleted users of all customers, those who are gone soonest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from o365desk.domain.directory import Tenant
from o365desk.domain.snapshots import DeletedUser, TenantFacts
from o365desk.models.purge import LAST_DAY, SOON, PurgeModel, PurgeRow
from o365desk.views import parts, theme
from o365desk.views.export_menu import ExportButton
from o365desk.views.overview import Overview
from o365desk.views.row_table import RowTable

if TYPE_CHECKING:
    from o365desk.models.table_export import TableAbout

_ALL = "All"
_WITHIN = {_ALL: None, "Last day": LAST_DAY, f"≤ {SOON} days": SOON}


class PurgePage(Overview):
    """Says who can be restored for how long yet, with which licenses, and whether seats are free.

    Emits what the operator wants; is told what to show.
    """

    user_requested = Signal(object, object)
    """TenantId and UserId."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Deleted users", "Filter deleted users", parent)
        self._tenants: Sequence[Tenant] | None = None
        self._deleted: Sequence[DeletedUser] | None = None
        self._facts: Sequence[TenantFacts] = ()
        self._now: datetime | None = None
        self._all_read = False
        """Of every customer in the list something is known."""
        self.model = PurgeModel(self)
        self.table = RowTable(self.model, "Deleted users of all customers", stretch="licenses")
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.export_button = ExportButton(self.table, self.describe, self)
        self.tools.addWidget(self.export_button)
        self._show_all = parts.button("Show all deleted users", self.show_all)
        self.offers.addWidget(self._show_all, 0, Qt.AlignmentFlag.AlignHCenter)
        for key in _WITHIN:
            self.add_chip(key)
        framed = QWidget()
        frame = QVBoxLayout(framed)
        frame.setContentsMargins(theme.GRID, 0, 0, 0)
        frame.addWidget(self.table)
        self.body.addWidget(framed)
        self.keyboard_home = self.table
        self.filter_chosen.connect(lambda key: self.model.set_within(_WITHIN[key]))
        self.search_changed.connect(self.model.set_text)
        self.table.activated_row.connect(self._open)
        self.model.settled.connect(self._settled)
        self._show_state()

    # What the program tells

    def set_tenants(self, tenants: Sequence[Tenant] | None) -> None:
        """All customers there are, from the live list; None: nobody knows (offline)."""
        listed = None if tenants is None else tuple(tenants)
        if listed != self._tenants:
            self._tenants = listed
            self._take()

    def set_deleted_users(
        self, deleted: Sequence[DeletedUser], facts: Sequence[TenantFacts], now: datetime
    ) -> None:
        """The deleted users of all customers, and the counters of those customers' products."""
        self._deleted, self._facts, self._now = deleted, facts, now
        self._looked_up()
        self._take()

    def save_state(self) -> bytes:
        """Widths and sort of the columns."""
        return self.table.save_state()

    def restore_state(self, state: bytes) -> None:
        """Takes back what `save_state` gave; ignores what does not fit."""
        self.table.restore_state(state)

    def describe(self) -> "TableAbout":
        """What the table is now, for exports."""
        from o365desk.models.table_export import PURGE_MORE

        chosen = next(key for key, days in _WITHIN.items() if days == self.model.within)
        return self.about("" if chosen == _ALL else chosen, PURGE_MORE)

    # State

    def _take(self) -> None:
        if self._deleted is not None and self._now is not None:
            self.model.take(self._deleted, self._facts, self._now)
            self.show_coverage(self._tenants, self._facts, self._now)
            read = {one.tenant.id for one in self._facts}
            listed = self._tenants
            self._all_read = listed is not None and all(one.id in read for one in listed)
        self._show_state()

    def _settled(self) -> None:
        if not self.table.currentIndex().isValid() and self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, 0))
        for key, days in _WITHIN.items():
            self.set_chip(key, key, self.model.total if days is None else self.model.users[days])
        shown, every, number = self.model.rowCount(), self.model.total, QLocale().toString
        users = f"{number(every)} deleted {'user' if every == 1 else 'users'}"
        if not every:
            users = ""
        self.foot.set_full(users if shown == every else f"{number(shown)} of {users} shown")
        self._show_state()

    def _show_state(self) -> None:
        some = self.model.rowCount() > 0
        self.set_problem(self._error)
        self.set_bar(self._loading or self.model.busy, "Looking up deleted users")
        self.table.set_dimmed(self._loading or self._error is not None)
        self.show_rows(some=some, note=self._note())
        self._show_all.setVisible(not some and self.model.total > 0)
        self.show_chips(self.model.total > 0)

    def _note(self) -> str:
        if self.model.total:
            return "No deleted user matches the search and the filters."
        if self._error is not None:
            return "What is kept of the customers could not be looked up."
        if self._deleted is None or self._loading or self.model.busy:
            return "Looking up the deleted users of all customers…"
        if not self._facts:
            return (
                "No customer has been read yet. Deleted users appear here once a customer has been "
                "opened, or all were refreshed in Portfolio."
            )
        where = "" if self._all_read else " among the customers that were read"
        return f"No deleted users{where}. Users deleted in the last 30 days appear here."

    def _open(self, row: PurgeRow) -> None:
        self.user_requested.emit(row.found.tenant.id, row.found.user.id)
