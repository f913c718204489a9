"""The frame of a page over all customers: title, how fresh and complete it is, filters, table."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.directory import Tenant
from o365desk.domain.errors import DeskError
from o365desk.domain.portfolio import covering
from o365desk.domain.snapshots import TenantFacts
from o365desk.models.coverage import coverage_text
from o365desk.models.pieces import Pieces
from o365desk.models.words import full_text
from o365desk.views import parts, theme
from o365desk.views.filter_field import FilterField
from o365desk.views.flow_layout import FlowLayout

if TYPE_CHECKING:
    from o365desk.models.table_export import MoreColumn, TableAbout

PAUSE_MS = 120

KEPT = "Newest snapshot of each customer"


class Overview(QWidget):
    """Base of the portfolio and the purge clock. Subclasses put their table into `body` and their
    buttons into `tools`."""

    retry_requested = Signal()
    filter_chosen = Signal(str)
    """The key of a chip."""
    search_changed = Signal(str)
    """What is searched for, after typing has paused."""

    def __init__(self, title: str, filter_words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = title
        self._loading = False
        self._error: DeskError | None = None
        self.search = FilterField(filter_words)
        self.keyboard_home: QWidget = self.search
        """Gets the keyboard when the page is given it. No focus proxy: Tab would pass over all
        that stands before it."""
        self.search.setMinimumWidth(10 * theme.GRID)
        self.search.setMaximumWidth(28 * theme.GRID)
        self.tools = QHBoxLayout()
        """Buttons at the end of the title's line."""
        self.tools.setSpacing(theme.GRID)
        self.freshness = parts.label(kind="muted", wrap=True, name="How complete and how fresh")
        self._sign = parts.Sign("warning", lambda look: look.warning)
        self._chips_row = QWidget()
        self._flow = FlowLayout(self._chips_row)
        self._group = QButtonGroup(self)
        self._chips: dict[str, QPushButton] = {}
        self.below_head = QVBoxLayout()
        self._problem = parts.label(kind="error", wrap=True)
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._retry = parts.button("Try again", self.retry_requested.emit, icon="refresh")
        self._strip = QWidget()
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self.note = parts.label(kind="muted", wrap=True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.offers = QVBoxLayout()
        """Buttons below the note of an empty page."""
        self._pages = QStackedWidget()
        self.body = QVBoxLayout()
        self.foot = parts.ElidedLabel(kind="foot")
        self._covering = Pieces(self)
        self._coverage = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._apply_search)
        self.search.textChanged.connect(lambda _: self._pause.start(PAUSE_MS))
        self.search.left.connect(self._to_table)
        self._bar.hide()
        self._strip.hide()
        self._sign.hide()
        self._lay_out()

    def _lay_out(self) -> None:
        grid = theme.GRID
        head = QHBoxLayout()
        head.setContentsMargins(2 * grid, grid, 2 * grid, 0)
        head.setSpacing(grid)
        head.addWidget(parts.label(self._title, "title"))
        head.addStretch(1)
        head.addWidget(self.search, 100)
        head.addLayout(self.tools)
        line = QHBoxLayout()
        line.setContentsMargins(2 * grid, grid // 2, 2 * grid, grid // 2)
        line.setSpacing(grid)
        line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.freshness, 1)
        problem = QHBoxLayout(self._strip)
        problem.setContentsMargins(2 * grid, 0, 2 * grid, grid // 2)
        problem.setSpacing(2 * grid)
        problem.addWidget(self._problem, 1)
        problem.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignTop)
        full = QWidget()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        full.setLayout(self.body)
        empty = QWidget()
        inside = QVBoxLayout(empty)
        inside.setContentsMargins(2 * grid, 0, 2 * grid, 0)
        inside.setSpacing(grid)
        inside.addStretch(1)
        inside.addWidget(self.note)
        inside.addLayout(self.offers)
        inside.addStretch(2)
        self._pages.addWidget(full)
        self._pages.addWidget(empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addLayout(line)
        whole.addLayout(self.below_head)
        whole.addWidget(self._strip)
        chips = QVBoxLayout()
        chips.setContentsMargins(2 * grid, 0, 2 * grid, grid // 2)
        chips.addWidget(self._chips_row)
        whole.addLayout(chips)
        whole.addWidget(self._bar)
        whole.addWidget(self._pages, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * grid, 2, 2 * grid, 2)
        foot.addWidget(self.foot, 1)
        whole.addLayout(foot)

    # What subclasses use

    def add_chip(self, key: str, tip: str = "") -> None:
        """A filter; `key` is what `choose` is called with."""
        chip = parts.button("", kind="segment")
        chip.setCheckable(True)
        chip.setChecked(not self._chips)
        chip.setToolTip(tip)
        chip.clicked.connect(lambda _checked=False: self.choose(key))
        self._group.addButton(chip)
        self._chips[key] = chip
        self._flow.addWidget(chip)

    def set_chip(self, key: str, words: str, count: int, *, always: bool = True) -> None:
        """ "Over-allocated 12"; without `always` it is there only when there is something."""
        chip = self._chips[key]
        text = f"{words} {QLocale().toString(count)}"
        if chip.text() != text:
            chip.setText(text)
            chip.setAccessibleName(f"Show: {text}")
        chip.setVisible(always or count > 0 or chip.isChecked())

    def choose(self, key: str) -> None:
        """Turns a filter on."""
        self._chips[key].setChecked(True)
        self.filter_chosen.emit(key)

    def show_all(self) -> None:
        """No text any more, and the first of the filters."""
        self.search.clear()
        self._apply_search()
        self.choose(next(iter(self._chips)))

    def show_chips(self, shown: bool) -> None:
        """Where there are no rows, there is nothing to filter."""
        self._chips_row.setVisible(shown)
        self.search.setEnabled(shown)

    def show_coverage(
        self, listed: Sequence[Tenant] | None, facts: Sequence[TenantFacts], now: datetime
    ) -> None:
        """How many customers the page speaks of, and of when."""
        self._covering.start(self._cover(listed, facts, now))

    def _cover(
        self, listed: Sequence[Tenant] | None, facts: Sequence[TenantFacts], now: datetime
    ) -> Iterator[None]:
        ids = None if listed is None else (tenant.id for tenant in listed)
        known = yield from covering(ids, ((one.tenant.id, one.at) for one in facts), now)
        nobody = not known.customers and not known.read
        self._coverage = "" if nobody else coverage_text(known, now)
        # Whatever day the rest of the window shows.
        self.freshness.setText(self._coverage and f"Newest snapshots: {self._coverage}")
        self.freshness.setToolTip("" if known.oldest is None else full_text(known.oldest))
        self._sign.setVisible(bool(known.never or known.earlier))

    def show_rows(self, *, some: bool, note: str) -> None:
        """The table, or in its place a note that says why there is none."""
        self.note.setText(note)
        self._pages.setCurrentIndex(0 if some else 1)

    def about(self, chosen: str, more: "tuple[MoreColumn, ...]") -> "TableAbout":
        """What the table is now, for exports; `chosen` is the filter that is on."""
        from o365desk.models.table_export import TableAbout

        facts = (
            ("Customers", self._coverage),
            ("Counts", self.foot.full()),
            ("Show", chosen),
            ("Search", self.search.text().strip()),
            ("Incomplete", self._problem.text() if not self._strip.isHidden() else ""),
        )
        told = tuple((name, value) for name, value in facts if value)
        return TableAbout(self._title, facts=told, source=KEPT, more=more)

    def set_loading(self, loading: bool) -> None:
        """What is kept of the customers is being looked up; old rows stay, dimmed."""
        self._loading = loading
        if loading:
            self._error = None
        self._show_state()

    def show_error(self, error: DeskError) -> None:
        """It could not be looked up."""
        self._loading = False
        self._error = error
        self._show_state()

    def _looked_up(self) -> None:
        """It was: what stood in the way is over."""
        self._loading = False
        self._error = None

    def _show_state(self) -> None:
        """Shows rows, or why there are none; each page in its own words."""
        raise NotImplementedError

    def set_bar(self, shown: bool, name: str) -> None:
        """A thin bar: something is being read or worked out."""
        self._bar.setAccessibleName(name)
        self._bar.setVisible(shown)

    def set_problem(self, error: DeskError | None) -> None:
        self._strip.setVisible(error is not None)
        if error is not None:
            said = (error.sentence, error.next_step)
            self._problem.setText(" ".join(text for text in said if text))
            self._problem.setToolTip(error.support_ids)

    # Search

    def _apply_search(self) -> None:
        self._pause.stop()
        self.search_changed.emit(self.search.text())

    def _to_table(self) -> None:
        self._apply_search()
        self.setFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.keyboard_home.setFocus(event.reason())

    def focus_filter(self) -> None:
        """For the window's shortcut."""
        self.search.take_keyboard()
