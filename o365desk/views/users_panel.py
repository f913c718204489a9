"""The upper half of the main window: filters above the Users' List, counts and progress below."""

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.query import StatusFilter
from o365desk.models.users import UserTableModel
from o365desk.models.words import NOT_READ, clock_text
from o365desk.views import theme
from o365desk.views.export_menu import ExportButton
from o365desk.views.parts import button, label
from o365desk.views.user_filters import UserFilters
from o365desk.views.user_table import UserTableView

if TYPE_CHECKING:
    from o365desk.models.table_export import TableAbout


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
        self._read_at: datetime | None = None
        self._changes: int | None = None
        self._loading = ""
        self._failure = ""
        self._tenant_name = ""
        self.nobody = "Choose a customer to see its users (Ctrl+K)."
        self._instead = ""
        """What is said while there is no customer."""
        self.table = UserTableView(model)
        self.filters = UserFilters(model, self.table)
        self.filters.asked.connect(self.update_counts)
        self.filters.create_requested.connect(self.create_requested)
        self.create_button = self.filters.create_button
        self.export_button = ExportButton(self.table, self.describe, self)
        self.filters.add_button(self.export_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filters)
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
        self._empty_button = button("Show all users", self.filters.clear_filters)
        self._empty_retry = button("Try again", self.retry_requested.emit, icon="refresh")
        self._empty_retry.setAccessibleDescription("Read the users again")
        self._empty_read = button("Read last sign-ins", self.filters.read_sign_ins, kind="primary")
        self._empty_read.setToolTip("Shows the column Last sign-in")
        inside.addWidget(self._empty_text)
        for offered in (self._empty_read, self._empty_button, self._empty_retry):
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

    # State

    def set_nobody(self, text: str) -> None:
        """What stands there while no customer is shown; empty for the usual words."""
        self._instead = text
        self.update_counts()

    def set_tenant(self, name: str) -> None:
        """Whose users these are; empty for nobody's yet."""
        self._tenant_name = name
        self.update_counts()

    def set_loading(self, text: str, *, behind: bool = False) -> None:
        """A load is under way; `text` says how far. Empty: it has ended. `behind`: it goes on
        behind a listing, and does not take back why that has failed."""
        self._loading = text
        if text and not behind:
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
    def failure(self) -> str:
        """Why the load ended too early; empty when it did not."""
        return self._failure

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
        self.filters.show_found()
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
        idle, product = self.filters.idle_text, self.filters.product_name
        facts = (
            ("Counts", self.counts.text()),
            ("Incomplete", self.state_text),
            ("Search", query.text),
            ("Show", "" if query.status is StatusFilter.ALL else query.status.value),
            ("Inactive", f"no sign-in for {query.idle_days} days: {idle}" if idle else ""),
            ("Product", f"not {product}" if query.lacking else product),
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
        idle = self._model.query.status is StatusFilter.LICENSED_IDLE
        self._empty_read.setVisible(idle and not self._model.sign_ins.asked)
        self._empty_retry.setVisible(bool(self._failure) and not self._model.total)
        self._body.setCurrentIndex(1)

    def _why_nobody_holds(self) -> str:
        lacking, name = self._model.query.lacking, self.filters.product_name
        if not self._model.unread:
            return f"{'Every user holds' if lacking else 'No user holds'} {name}."
        unread = (
            "1 user"
            if self._model.unread == 1
            else f"{QLocale().toString(self._model.unread)} users"
        )
        known = "known not to hold" if lacking else "known to hold"
        return f"No user is {known} {name}. Licenses of {unread} have not been read yet."

    def _why_none_idle(self) -> str:
        signs = self._model.sign_ins
        if not signs.asked:
            return "Who is inactive is not known: the last sign-ins have not been read."
        if signs.reading:
            return "Reading last sign-ins…"
        if signs.missing:
            return signs.why
        return "No licensed user is known to be inactive for so long."

    def _why_empty(self) -> str:
        query = self._model.query
        if self._model.total and query.filters:
            if query.status is StatusFilter.DELETED and not query.text and not query.sku_id:
                return "No deleted users. Users deleted in the last 30 days appear here."
            if query.status is StatusFilter.LICENSED_IDLE and not query.text and not query.sku_id:
                return self._why_none_idle()
            if query.sku_id and not query.text and query.status is StatusFilter.ALL:
                return self._why_nobody_holds()
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
