"""Compare: what changed in a customer's organization between two snapshots."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.comparison import ChangeKind, Comparison
from o365desk.domain.directory import Tenant
from o365desk.domain.errors import DeskError
from o365desk.domain.licensing import SkuId
from o365desk.domain.snapshots import Snapshot
from o365desk.models.changes import CHANGE_MORE, ChangeTableModel
from o365desk.models.compared_moments import ComparedMoments, Period
from o365desk.models.words import full_text, moment_text, signed
from o365desk.views import parts, theme
from o365desk.views.change_table import ChangeTable
from o365desk.views.export_menu import ExportButton
from o365desk.views.filter_field import FilterField
from o365desk.views.flow_layout import FlowLayout
from o365desk.views.moved_pane import MovedPane
from o365desk.views.snapshot_calendar import SnapshotCalendar

if TYPE_CHECKING:
    from o365desk.models.table_export import Fact, MoreColumn, TableAbout

MANY_ROWS = 20_000
"""From this many lines on, a search waits until typing pauses."""

PAUSE_MS = 120

_NOBODY = "Choose a customer to compare two of its snapshots (Ctrl+K)."


class ComparePage(QWidget):
    """One tenant at two moments. Emits what the operator wants; the controller answers with
    `set_snapshots`, `set_loading`, `set_comparison` or `show_error`.

    What is asked for by `comparison_requested` is the pair on screen; answers to older questions
    are left aside.
    """

    comparison_requested = Signal(object, object)
    """Two times of snapshots (datetime, UTC), the earlier one first."""
    snapshots_requested = Signal()
    """The list of snapshots could not be read, and is wanted again."""
    user_requested = Signal(object)
    """UserId of a line."""
    review_requested = Signal(object, object)
    """The license review sheet of the two times."""

    def __init__(self, product_name: Callable[[SkuId], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tenant: Tenant | None = None
        self._snapshots: Sequence[Snapshot] | None = None
        """None while they are not known."""
        self._moments = ComparedMoments()
        self._comparison: Comparison | None = None
        self._loading = ""
        self._error: DeskError | None = None
        self._calendar: SnapshotCalendar | None = None
        self._choosing: QPushButton | None = None
        """The date that the calendar is open for."""
        self.changes = ChangeTableModel(product_name, self)
        self.table = ChangeTable(self.changes)
        self.moved = MovedPane(self.about)
        self._chips: dict[ChangeKind, QPushButton] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._search)
        self._make_controls()
        self._lay_out()
        self.table.user_requested.connect(self.user_requested)
        self.changes.counted.connect(self._show_totals)
        self.changes.arranged.connect(self._show_state)
        self._show_state()

    def _make_controls(self) -> None:
        self.earlier_button = self._date_button("Earlier snapshot")
        self.later_button = self._date_button("Later snapshot")
        self.period = parts.Combo()
        self.period.setAccessibleName("Period to compare")
        self.period.addItems(list(Period))
        self.period.activated.connect(self._choose_period)
        name = "Filter changes by name, username, product or what changed"
        self.filter = FilterField("Filter changes", name)
        self.filter.setFixedWidth(28 * theme.GRID)
        self.filter.textChanged.connect(self._search_soon)
        self.filter.left.connect(self._leave_filter)
        self.review_button = parts.button("License review sheet…", self._review)
        self.review_button.setToolTip("A sheet of these changes for the customer to confirm")
        self.export_button = ExportButton(self.table, self.describe, self)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Comparing")
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._net = parts.ElidedLabel(kind="muted")
        self._unknown = parts.label(kind="warning", wrap=True)
        self._problem = parts.label(kind="error", wrap=True)
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._retry = parts.button("Try again", self._ask_again, icon="refresh")
        self._note = parts.label(kind="muted", wrap=True)
        self._clear = parts.button("Show all changes", self.clear_filters)
        self.counts = parts.label("", "foot", name="Changes shown")
        self.clear_link = parts.button("Show all changes", self.clear_filters, kind="link")

    def _date_button(self, name: str) -> QPushButton:
        made = parts.button("", icon="chevron-down", name=name)
        made.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        made.clicked.connect(lambda _checked=False: self._open_calendar(made))
        return made

    def _lay_out(self) -> None:
        # From the outside in: a widget is styled anew each time one around it finds a parent.
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self._lay_out_head(whole)
        whole.addWidget(self._bar)
        self._lay_out_strip(whole)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        whole.addWidget(self._splitter, 1)
        self._lay_out_lines()
        self._splitter.addWidget(self.moved)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([280, 200])
        grid = theme.GRID
        foot = _line(whole, 2 * grid, 2, 2 * grid, 2)
        foot.addWidget(self.counts)
        foot.addWidget(self.clear_link)
        foot.addStretch(1)

    def _lay_out_head(self, whole: QVBoxLayout) -> None:
        grid = theme.GRID
        head = _line(whole, 2 * grid, grid, 2 * grid, grid // 2)
        left = QWidget()
        head.addWidget(left, 1)
        flow = FlowLayout(left, grid)
        title = parts.label("Compare", "heading")
        title.setContentsMargins(0, 6, 0, 6)  # as high as the buttons
        self._which = (
            self.period,
            self.earlier_button,
            parts.label("→", "muted"),
            self.later_button,
        )
        for widget in (title, *self._which):
            flow.addWidget(widget)
        for button in (self.review_button, self.export_button):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)

    def _lay_out_strip(self, whole: QVBoxLayout) -> None:
        grid = theme.GRID
        self._strip = QWidget()
        whole.addWidget(self._strip)
        column = QVBoxLayout(self._strip)
        column.setContentsMargins(2 * grid - 4, 0, 2 * grid, grid // 2)
        column.setSpacing(grid // 2)
        self._filters = QWidget()
        column.addWidget(self._filters)
        line = QHBoxLayout(self._filters)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(grid)
        chips = QWidget()
        beside = QVBoxLayout()
        beside.setContentsMargins(0, 3, 0, 0)  # on one line with the filter, which is higher
        beside.addWidget(chips)
        line.addLayout(beside, 1)
        flow = FlowLayout(chips)
        for kind in ChangeKind:
            chip = parts.button(kind.value, kind="segment")
            chip.setAccessibleDescription("Show only these changes")
            chip.setCheckable(True)
            chip.toggled.connect(self._choose_kinds)
            chip.hide()
            flow.addWidget(chip)
            self._chips[kind] = chip
        line.addWidget(self.filter, 0, Qt.AlignmentFlag.AlignTop)
        for text in (self._net, self._unknown):
            text.setContentsMargins(4, 0, 0, 0)
            column.addWidget(text)

    def _lay_out_lines(self) -> None:
        """The changes, or why there are none."""
        grid = theme.GRID
        self._lines = QStackedWidget()
        self._lines.setContentsMargins(grid, 0, 0, 0)
        self._splitter.addWidget(self._lines)
        self._lines.addWidget(self.table)
        note = QWidget()
        self._lines.addWidget(note)
        column = QVBoxLayout(note)
        column.setContentsMargins(3 * grid, grid, 4 * grid, grid)
        column.setSpacing(grid)
        column.addStretch(1)
        for text in (self._note, self._problem):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(text)
        for offered in (self._clear, self._retry):
            column.addWidget(offered, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)

    # What the window tells

    def set_tenant(self, tenant: Tenant | None) -> None:
        """Another customer, or nobody: nothing of the last one stays."""
        self._tenant = tenant
        self._snapshots = None
        self._moments = ComparedMoments()
        self._forget()
        self.clear_filters()
        self._show_state()

    def set_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        """All of the customer, in any order; called again when one more is there. Asks for the
        comparison of another pair than before."""
        before = self._moments.pair
        self._snapshots = snapshots
        self._error = None
        self._moments.set_times([one.at for one in snapshots])
        if self._moments.pair is None:
            self._forget()
        self._ask(before)

    def set_loading(self, text: str) -> None:
        """What is being read or compared right now; empty when that has ended."""
        self._loading = text
        if text:
            self._error = None
        self._show_state()

    def set_comparison(self, comparison: Comparison) -> None:
        """The answer to `comparison_requested`."""
        if self._tenant is None or comparison.tenant.id != self._tenant.id:
            return
        if (comparison.earlier, comparison.later) != self._moments.pair:
            return
        self._comparison = comparison
        self._loading = ""
        self._error = None
        self.moved.show_comparison(comparison)
        self.changes.set_changes(comparison.changes)
        self._show_state()

    def cut_off(self) -> None:
        """A comparison that was under way will not be answered: it is asked for again."""
        if self._loading:
            self._ask_again()

    def show_error(self, error: DeskError) -> None:
        """The list of snapshots or the comparison could not be read."""
        self._loading = ""
        self._error = error
        self._forget_comparison()
        self._show_state()

    def compare(self, earlier: datetime, later: datetime) -> None:
        """Chooses two snapshots, as if the operator had."""
        before = self._moments.pair
        self._moments.set_later(later)
        self._moments.set_earlier(earlier)
        self._ask(before)

    @property
    def pair(self) -> tuple[datetime, datetime] | None:
        """The two times on screen; None while there are no two snapshots."""
        return self._moments.pair

    def focusInEvent(self, event: QFocusEvent) -> None:
        homes = (self.table, self.period, self._retry)
        next((one for one in homes if one.isVisible()), self).setFocus(event.reason())

    def focus_filter(self) -> None:
        """For the window's shortcut."""
        self.filter.take_keyboard()

    def clear_filters(self) -> None:
        """All changes again."""
        for chip in self._chips.values():
            chip.blockSignals(True)
            chip.setChecked(False)
            chip.blockSignals(False)
        self.filter.clear()
        self._choose_kinds()
        self._search()

    def _forget(self) -> None:
        self._loading = ""
        self._error = None
        self._forget_comparison()

    def _forget_comparison(self) -> None:
        self._comparison = None
        self.moved.clear()
        self.changes.set_changes(())

    # Which two moments

    def _open_calendar(self, below: QPushButton) -> None:
        if self._moments.pair is None or self._snapshots is None:
            return
        if self._calendar is None:
            self._calendar = SnapshotCalendar(self)
            self._calendar.snapshot_chosen.connect(self._chosen)
        self._choosing = below
        earlier, later = self._moments.pair
        shown = earlier if below is self.earlier_button else later
        self._calendar.set_snapshots(self._snapshots, shown)
        self._calendar.popup_below(below)

    def _chosen(self, at: datetime) -> None:
        before = self._moments.pair
        if self._choosing is self.earlier_button:
            self._moments.set_earlier(at)
        else:
            self._moments.set_later(at)
        self._ask(before)

    def _choose_period(self, number: int) -> None:
        before = self._moments.pair
        self._moments.set_period(list(Period)[number])
        self._ask(before)
        if self._moments.period is Period.ANY:
            self._open_calendar(self.earlier_button)

    def _ask(self, before: tuple[datetime, datetime] | None) -> None:
        """Asks for the comparison, if the pair is not the one of before."""
        pair = self._moments.pair
        if pair is not None and pair != before:
            self.comparison_requested.emit(*pair)
        self._show_state()

    def _ask_again(self) -> None:
        if self._moments.pair is None:
            self.snapshots_requested.emit()
        else:
            self.comparison_requested.emit(*self._moments.pair)

    def _review(self) -> None:
        if self._moments.pair is not None:
            self.review_requested.emit(*self._moments.pair)

    # Filters

    def _search_soon(self) -> None:
        self._pause.start(PAUSE_MS if self.changes.total > MANY_ROWS else 0)

    def _search(self) -> None:
        self._pause.stop()
        self.changes.set_text(self.filter.text())
        self._show_state()

    def _leave_filter(self) -> None:
        self._search()
        self.setFocus()

    def _choose_kinds(self) -> None:
        self.changes.set_kinds(kind for kind, chip in self._chips.items() if chip.isChecked())
        self._show_state()

    # Exports

    def describe(self) -> "TableAbout":
        """What the table of changes is now."""
        kinds = (kind.value for kind, chip in self._chips.items() if chip.isChecked())
        facts = (
            ("Counts", self.counts.text()),
            ("Show", ", ".join(kinds)),
            ("Filter", self.filter.text().strip()),
            ("Total", self._net.full()),
        )
        return self.about("Changes", CHANGE_MORE, facts)

    def about(
        self, title: str, more: "tuple[MoreColumn, ...]", facts: "tuple[Fact, ...]" = ()
    ) -> "TableAbout":
        """What a table of this page is now."""
        from o365desk.models.compared_about import about_comparison

        unknown = "" if self._unknown.isHidden() else self._unknown.text()
        return about_comparison(title, self._comparison, (*facts, ("Not known", unknown)), more)

    # What is written around the tables

    def _show_totals(self) -> None:
        rows, locale = self.changes.rows, QLocale()
        for kind, chip in self._chips.items():
            count = rows.totals[kind]
            chip.setText(f"{kind.value} {locale.toString(count)}")
            chip.setVisible(count > 0 or chip.isChecked())
        by_weight = sorted(
            rows.net, key=lambda sku: (-abs(rows.net[sku]), rows.product(sku).casefold())
        )
        told = [f"{rows.product(sku)} {signed(rows.net[sku])}" for sku in by_weight]
        self._net.set_full(f"Licenses, gained less lost: {' · '.join(told)}" if told else "")
        self._show_state()

    def _show_state(self) -> None:
        pair, found = self._moments.pair, self._comparison
        working = bool(self._loading) or self.changes.working
        for widget in (*self._which, self.review_button, self.export_button):
            widget.setVisible(pair is not None)
        self.review_button.setEnabled(found is not None)
        self.period.setCurrentIndex(list(Period).index(self._moments.period))
        if pair is not None:
            for button, at in zip((self.earlier_button, self.later_button), pair, strict=True):
                button.setText(moment_text(at))
                button.setToolTip(full_text(at))
        self._bar.setVisible(working)
        self._strip.setVisible(found is not None)
        self._filters.setVisible(self.changes.total > 0)
        self._net.setVisible(bool(self._net.full()))
        self._show_unknown()
        for part in (self.table, self.moved):
            part.set_dimmed(bool(self._loading))
        self._lines.setCurrentIndex(0 if self.changes.rowCount() else 1)
        self._note.setText(self._why_empty())
        self._show_problem()
        filtered = self.changes.query.filters and self.changes.total > 0
        self._clear.setVisible(filtered)
        self.clear_link.setVisible(filtered and self.changes.rowCount() > 0)
        self.counts.setText(self._counts_text())

    def _show_problem(self) -> None:
        error = self._error
        said = (error.sentence, error.next_step) if error is not None else ()
        self._problem.setText(" ".join(text for text in said if text))
        self._problem.setToolTip(error.support_ids if error is not None else "")
        self._problem.setVisible(error is not None)
        self._note.setVisible(error is None)
        self._retry.setVisible(error is not None)

    def _show_unknown(self) -> None:
        count = 0 if self._comparison is None else self._comparison.unknown
        self._unknown.setVisible(count > 0)
        users = "1 user" if count == 1 else f"{QLocale().toString(count)} users"
        self._unknown.setText(
            f"The licenses of {users} were not read at one of the two times: "
            "what changed about them is not known."
        )

    def _counts_text(self) -> str:
        if self._comparison is None:
            return ""
        if self._loading:
            return self._loading
        locale = QLocale()
        shown, total = (locale.toString(n) for n in (self.changes.rowCount(), self.changes.total))
        changes = "change" if self.changes.total == 1 else "changes"
        if self.changes.query.filters:
            return f"{shown} of {total} {changes} shown"
        return f"{total} {changes}"

    def _why_empty(self) -> str:
        if self._tenant is None:
            return _NOBODY
        name = self._tenant.name
        if self._comparison is not None and self._moments.pair is not None:
            if self.changes.total:
                return "No change matches the filter." if not self.changes.working else ""
            return self._nothing(self._comparison)
        if self._loading or self._snapshots is None or self._moments.pair is not None:
            return self._loading or "Reading…"
        if not self._snapshots:
            return f"No snapshot of {name} yet. One is kept after every finished load."
        return (
            f"Compare needs two snapshots. There is one of {name}, of "
            f"{moment_text(self._snapshots[0].at)}; the next finished load keeps another."
        )

    def _nothing(self, found: Comparison) -> str:
        what = "No user changed" if found.counters or found.subscriptions else "Nothing changed"
        return f"{what} between {moment_text(found.earlier)} and {moment_text(found.later)}."


def _line(column: QVBoxLayout, left: int, top: int, right: int, bottom: int) -> QHBoxLayout:
    """A line in a column, with these margins."""
    line = QHBoxLayout()
    column.addLayout(line)
    line.setContentsMargins(left, top, right, bottom)
    line.setSpacing(theme.GRID)
    return line
