"""The lower half of Compare: counters that moved, and subscriptions that changed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.comparison import Comparison
from o365desk.models.moved import (
    COUNTER_CELLS,
    COUNTER_MORE,
    SUBSCRIPTION_CELLS,
    MovedTableModel,
)
from o365desk.views import parts, theme
from o365desk.views.export_menu import ExportButton
from o365desk.views.row_table import RowTable

if TYPE_CHECKING:
    from o365desk.models.table_export import MoreColumn, TableAbout

    Describe = Callable[[str, tuple[MoreColumn, ...]], TableAbout]

_TITLES = ("Products that moved", "Subscriptions")


class MovedPane(QWidget):
    """Two tables behind two tabs; a tab is there when its table has rows, and the pane when there
    is a tab."""

    def __init__(self, describe: "Describe") -> None:
        """`describe` says what a table is, for exports, by its title."""
        super().__init__()
        self._describe = describe
        self.counters = MovedTableModel(COUNTER_CELLS, self)
        self.subscriptions = MovedTableModel(SUBSCRIPTION_CELLS, self)
        self._models = (self.counters, self.subscriptions)
        self.counter_table = RowTable(self.counters, "Counters that moved", stretch="name")
        self.subscription_table = RowTable(
            self.subscriptions, "Subscriptions that changed", stretch="name"
        )
        self._tabs: list[QPushButton] = []
        grid = theme.GRID
        column = QVBoxLayout(self)
        column.setContentsMargins(0, grid // 2, 0, 0)
        column.setSpacing(0)
        line = QHBoxLayout()
        column.addLayout(line)
        line.setContentsMargins(2 * grid - 4, 0, 2 * grid, 0)
        line.setSpacing(grid)
        self._tables = QStackedWidget()
        self._tables.setContentsMargins(grid, 0, 0, 0)
        column.addWidget(self._tables, 1)
        group = QButtonGroup(self)
        group.idClicked.connect(self._tables.setCurrentIndex)
        for number, table in enumerate((self.counter_table, self.subscription_table)):
            table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
            tab = parts.button("", kind="segment")
            tab.setCheckable(True)
            tab.setChecked(not number)
            group.addButton(tab, number)
            line.addWidget(tab)
            self._tabs.append(tab)
            self._tables.addWidget(table)
        line.addStretch()
        self.export_buttons = (
            ExportButton(self.counter_table, self._counters, None),
            ExportButton(self.subscription_table, self._subscriptions, None),
        )
        for button in self.export_buttons:
            line.addWidget(button)
        self._tables.currentChanged.connect(self._show_button)
        self.clear()

    def show_comparison(self, found: Comparison) -> None:
        self.counters.set_changes(found.counters)
        self.subscriptions.set_changes(found.subscriptions)
        self._show_tabs((len(found.counters), len(found.subscriptions)))

    def clear(self) -> None:
        """Another customer, or other moments."""
        for model in self._models:
            model.set_changes(())
        self._show_tabs((0, 0))

    def set_dimmed(self, dimmed: bool) -> None:
        """What is shown is old: the next is being worked out."""
        for table in (self.counter_table, self.subscription_table):
            table.set_dimmed(dimmed)

    def _counters(self) -> "TableAbout":
        return self._describe(_TITLES[0], COUNTER_MORE)

    def _subscriptions(self) -> "TableAbout":
        return self._describe(_TITLES[1], ())

    def _show_button(self, current: int) -> None:
        for number, button in enumerate(self.export_buttons):
            button.setVisible(number == current)

    def _show_tabs(self, counts: tuple[int, int]) -> None:
        locale = QLocale()
        for tab, title, count in zip(self._tabs, _TITLES, counts, strict=True):
            tab.setText(f"{title} {locale.toString(count)}")
            tab.setVisible(count > 0)
        if any(counts) and not counts[self._tables.currentIndex()]:
            other = 1 - self._tables.currentIndex()
            self._tabs[other].setChecked(True)
            self._tables.setCurrentIndex(other)
        self._show_button(self._tables.currentIndex())
        self.setVisible(any(counts))
