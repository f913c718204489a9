"""The history of one product: a chart, the same numbers as a table, and the over-allocation."""

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QModelIndex, QSize, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.errors import DeskError, NotFound
from o365desk.domain.snapshots import CounterSeries
from o365desk.domain.trail import Trail, over_allocated_since
from o365desk.models.counter_history import CounterHistory, CounterTableModel, Span
from o365desk.models.trail_lines import since_text
from o365desk.models.words import moment_text
from o365desk.views import parts
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.export_menu import ExportButton
from o365desk.views.step_chart import NONE, StepChart
from o365desk.views.text_cells import TextCells
from o365desk.views.theme import GRID, ROW_HEIGHT
from o365desk.views.trail_page import TrailPage

if TYPE_CHECKING:
    from o365desk.models.table_export import TableAbout

LOADING = "Reading the snapshots…"
FAILED = "The history could not be read."


class CounterTable(QTableView):
    """The numbers of the chart; Ctrl+C copies all of them."""

    def __init__(self, model: CounterTableModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setItemDelegate(TextCells(self))
        self.setAccessibleName("Numbers of the chart")
        parts.plain_table(self)
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        metrics = QFontMetrics(self.font())
        header.resizeSection(0, metrics.horizontalAdvance(moment_text(_LONG)) + 4 * GRID)
        for column in range(1, model.columnCount() - 1):
            header.resizeSection(column, metrics.horizontalAdvance("Suspended") + 4 * GRID)
        header.setSectionResizeMode(model.columnCount() - 1, QHeaderView.ResizeMode.Stretch)

    def copy_all(self) -> None:
        rows = list(range(self._model.rowCount()))
        QGuiApplication.clipboard().setText(self._model.copied(rows))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_all()
        else:
            super().keyPressEvent(event)


_LONG = datetime(2026, 9, 30, 22, 58).astimezone()
"""No moment of the year takes more room."""


class ProductHistoryDialog(DeskDialog):
    """Shows how the counters of a product moved, as far as snapshots saw it. The read-out of the
    chart and the current row of the table are always the same."""

    retry_requested = Signal()
    trail_requested = Signal(object, object)
    """The comparison of two snapshots (their times) is needed, see `set_trail`."""

    compare_requested = Signal(object, object)
    """Show what else changed between two snapshots (their times)."""

    def __init__(self, name: str, tenant_name: str, parent: QWidget | None = None) -> None:
        super().__init__(
            f"History of {name}",
            name,
            "History of its licenses, as the snapshots saw them",
            tenant_name,
            parent,
            size=QSize(112 * GRID, 84 * GRID),
        )
        self.chart = StepChart()
        self.model = CounterTableModel(self)
        self.table = CounterTable(self.model)
        self.export_button = ExportButton(self.table, self.describe, self)
        """For app/exports.py to serve: the numbers."""
        self.trail = TrailPage()
        self.since = parts.label(kind="error", wrap=True)
        self._since: tuple[datetime | None, datetime] | None = None
        self._spans = QButtonGroup(self)
        self._tabs = QButtonGroup(self)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self.trail)
        # Else a table asks for more height than the chart is left with.
        self._pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._pages.setMinimumHeight(3 * ROW_HEIGHT)
        self._more = QWidget()
        self._lay_out()
        self.retry_button = self.add_button(
            parts.button("Try again", self.retry_requested.emit, icon="refresh")
        )
        self.compare_button = self.add_button(
            parts.button("Compare these two snapshots", self._compare, icon="compare")
        )
        self.copy_button = self.add_button(parts.button("Copy table", self._copy, icon="copy"))
        self.close_button = self.add_button(parts.button("Close", self.reject, default=True))
        self.chart.moved.connect(self._follow_chart)
        self.chart.span_changed.connect(self._show_span)
        self.table.selectionModel().currentRowChanged.connect(self._follow_table)
        self.trail.trail_requested.connect(self.trail_requested)
        self.close_button.setFocus()
        self.set_loading()

    def _lay_out(self) -> None:
        self._span_row = QWidget()
        spans = QHBoxLayout(self._span_row)
        spans.setContentsMargins(0, 0, 0, 0)
        spans.setSpacing(GRID // 2)
        for span in Span:
            chosen = _segment(span.value, f"Show {span.value.lower()}")
            chosen.clicked.connect(lambda _checked=False, span=span: self.chart.set_span(span))
            self._spans.addButton(chosen, list(Span).index(span))
            spans.addWidget(chosen)
        spans.addStretch(1)
        spans.addWidget(self.export_button)
        self._tab_row = QWidget()
        tabs = QHBoxLayout(self._tab_row)
        tabs.setContentsMargins(0, 0, 0, 0)
        tabs.setSpacing(GRID // 2)
        for number, text in enumerate(("Numbers", "What made it over-allocated")):
            tab = _segment(text, f"Show: {text}")
            self._tabs.addButton(tab, number)
            tabs.addWidget(tab)
        self._tabs.idClicked.connect(self._turn_to)
        tabs.addSpacing(GRID)
        tabs.addWidget(self.since, 1)
        more = QVBoxLayout(self._more)
        more.setContentsMargins(0, 0, 0, 0)
        more.setSpacing(GRID)
        more.addWidget(self._tab_row)
        more.addWidget(self._pages, 1)
        self.content_layout.setSpacing(GRID)
        self.content_layout.addWidget(self._span_row)
        self.content_layout.addWidget(self.chart, 3)
        self.content_layout.addWidget(self._more, 2)

    # What the controller tells

    def set_loading(self) -> None:
        """The snapshots are being read."""
        self.clear_error()
        self._show(None, LOADING)
        self.progress.show()

    def set_series(self, series: CounterSeries) -> None:
        self.clear_error()
        self._show(series, NONE)

    def set_trail(self, trail: Trail) -> None:
        """The answer to `trail_requested`."""
        self.trail.set_trail(trail)

    def show_trail_error(self, error: DeskError) -> None:
        """`trail_requested` could not be answered; the chart stays."""
        self.trail.show_error(error)

    def show_error(self, error: DeskError | str, next_step: str = "") -> None:
        """The snapshots could not be read, or none has the product."""
        if isinstance(error, NotFound):
            self._show(None, error.sentence)
            return
        self._show(None, FAILED)
        self.retry_button.show()
        super().show_error(error, next_step)

    def describe(self) -> "TableAbout":
        """What the table is now, for exports."""
        from o365desk.models.table_export import MoreColumn, TableAbout

        history = self.chart.history
        return TableAbout(
            self.windowTitle(),
            self.tenant.text(),
            None if history is None else history.moments[-1],
            () if history is None else (("Counts", _summary(history)),),
            source="Snapshots",
            more=(MoreColumn("In grace period", lambda stop: stop.point.warning),),
        )

    # The same moment everywhere

    def _follow_chart(self, at: datetime) -> None:
        history = self.chart.history
        if history is not None:
            # Before the product was there, no row is current.
            row = self.model.row_of(history.stop_number(at))
            column = max(self.table.currentIndex().column(), 0)
            self.table.setCurrentIndex(self.model.index(row, column))

    def _follow_table(self, current: QModelIndex) -> None:
        history, at = self.chart.history, self.chart.read_at
        if history is None or at is None or not current.isValid():
            return
        if self.model.row_of(history.stop_number(at)) != current.row():
            self.chart.show_at(self.model.stop_at(current.row()).at)

    # What is shown

    def _show(self, series: CounterSeries | None, empty: str) -> None:
        self.progress.hide()
        self.retry_button.hide()
        self.chart.set_series(series, empty)
        history = self.chart.history
        self.model.set_history(history)
        for part in (self._span_row, self._more):
            part.setVisible(history is not None)
        self.copy_button.setEnabled(history is not None)
        self.set_summary("" if history is None else _summary(history))
        self._show_since(series)
        if history is not None:
            self._show_span(self.chart.span)
            self._follow_chart(history.moments[-1])
            if self.focusWidget() in (None, self, self.close_button):
                self.chart.setFocus()

    def _show_since(self, series: CounterSeries | None) -> None:
        since = self._since = None if series is None else over_allocated_since(series)
        self.since.setText("" if since is None else since_text(since))
        self._tab_row.setVisible(since is not None)
        self.trail.set_since(*(since or (None, None)))
        self._turn_to(0)

    def _turn_to(self, page: int) -> None:
        self._tabs.button(page).setChecked(True)
        self._pages.setCurrentIndex(page)
        both = self._since is not None and self._since[0] is not None
        self.compare_button.setVisible(both and self._pages.currentWidget() is self.trail)

    def _show_span(self, span: Span) -> None:
        self._spans.button(list(Span).index(span)).setChecked(True)

    def _copy(self) -> None:
        shown = self._pages.currentWidget()
        (self.trail.table if shown is self.trail else self.table).copy_all()
        self.set_summary("Table copied")

    def _compare(self) -> None:
        if self._since is not None:
            self.compare_requested.emit(*self._since)


def _segment(text: str, name: str) -> QPushButton:
    made = parts.button(text, kind="segment", name=name)
    made.setCheckable(True)
    made.setAutoDefault(True)
    return made


def _summary(history: CounterHistory) -> str:
    locale = QLocale()
    seen, changes = len(history.moments), len(history.series.points) - 1
    if seen == 1:
        return "1 snapshot so far. The next one begins the line."
    count = f"{locale.toString(changes)} {'change' if changes == 1 else 'changes'}"
    return f"{count} in {locale.toString(seen)} snapshots since {moment_text(history.moments[0])}"
