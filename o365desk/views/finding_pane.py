"""The lower half of the portfolio: what there is to say of one customer, line by line."""

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from o365desk.domain.portfolio import Finding, Hidden
from o365desk.models.portfolio import FindingRow, FindingsModel, PortfolioRow
from o365desk.models.words import clock_text, full_text
from o365desk.views import parts, theme
from o365desk.views.export_menu import ExportButton
from o365desk.views.row_table import RowTable

if TYPE_CHECKING:
    from o365desk.models.table_export import TableAbout

_NOBODY = "Select a customer to see what there is to say of it."
_NEVER = "This customer has never been read, so nothing can be said of it."
_NOTHING = "Nothing to see to."


class FindingPane(QWidget):
    """Findings of the selected customer; the operator hides what needs no warning."""

    tenant_requested = Signal(object)
    product_requested = Signal(object, object)
    hide_requested = Signal(object)
    """A Hidden."""
    show_requested = Signal(object)
    """A hidden Finding that shall be shown again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row: PortfolioRow | None = None
        self._now: datetime | None = None
        self._model = FindingsModel(self)
        self.table = RowTable(self._model, "Findings of the customer", stretch="meaning")
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.export_button = ExportButton(self.table, self.describe, None)
        self.name = parts.ElidedLabel(kind="heading")
        self._about = parts.label(kind="muted")
        self.open_button = parts.button("Open customer", self._open, icon="users")
        self.hide_button = parts.button("Hide", self._hide, icon="eye-off")
        self.hide_button.setToolTip("Do not warn of the selected line any more")
        self.again_button = parts.button("Show again", self._show_again, icon="eye")
        self.hidden_button = parts.button("", self._show_hidden, kind="segment")
        self.hidden_button.setCheckable(True)
        self._note = parts.label(kind="muted", wrap=True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._pages = QStackedWidget()
        self._lay_out()
        self.table.activated_row.connect(self._activate)
        self.table.current_changed.connect(self._show_buttons)
        self._model.settled.connect(self._show_buttons)
        self.set_customer(None, None)

    def _lay_out(self) -> None:
        grid = theme.GRID
        head = QHBoxLayout()
        head.setContentsMargins(2 * grid, grid // 2, 2 * grid, grid // 2)
        head.setSpacing(grid)
        head.addWidget(self.name, 1)
        head.addWidget(self._about)
        for one in (self.hidden_button, self.hide_button, self.again_button):
            head.addWidget(one)
        head.addWidget(self.export_button)
        head.addWidget(self.open_button)
        framed = QWidget()
        frame = QVBoxLayout(framed)
        frame.setContentsMargins(grid, 0, 0, 0)
        frame.addWidget(self.table)
        note = QWidget()
        column = QVBoxLayout(note)
        column.setContentsMargins(2 * grid, 2 * grid, 2 * grid, grid)
        column.addWidget(self._note)
        self._pages.addWidget(framed)
        self._pages.addWidget(note)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(self._pages, 1)

    def set_customer(self, row: PortfolioRow | None, now: datetime | None) -> None:
        """Whose findings to show; None for nobody's."""
        if (self._row and self._row.key) != (row and row.key):
            self.hidden_button.setChecked(False)
        self._row, self._now = row, now
        self.name.set_full("" if row is None else row.texts[0])
        read = row is not None and row.facts is not None
        self._about.setText("")
        if row is not None and row.facts is not None and now is not None:
            self._about.setText(f"read {clock_text(row.facts.at, now)}")
            self._about.setToolTip(full_text(row.facts.at))
        self.open_button.setEnabled(row is not None)
        self.hidden_button.setVisible(row is not None and bool(row.hidden))
        if row is not None:
            count = QLocale().toString(len(row.hidden))
            self.hidden_button.setText(f"Show hidden ({count})")
        self._take()
        if row is None:
            self._note.setText(_NOBODY)
        else:
            self._note.setText(_NOTHING if read else _NEVER)

    def describe(self) -> "TableAbout":
        """What the table is now, for exports."""
        from o365desk.models.table_export import FINDING_MORE, TableAbout
        from o365desk.views.overview import KEPT

        row = self._row
        if row is None:
            return TableAbout("Findings")
        left_out = 0 if self.hidden_button.isChecked() else len(row.hidden)
        return TableAbout(
            "Findings",
            row.texts[0],
            None if row.facts is None else row.facts.at,
            (("Hidden, left out", left_out),) if left_out else (),
            source=KEPT,
            more=FINDING_MORE,
        )

    def _take(self) -> None:
        if self._now is not None:
            with_hidden = self.hidden_button.isChecked()
            self._model.take(self._row, self._now, with_hidden=with_hidden)
        if not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self._model.index(0, 0))
        self._pages.setCurrentIndex(0 if self._model.rowCount() else 1)

    def _line(self) -> FindingRow | None:
        row = self.table.current_row()
        return row if isinstance(row, FindingRow) else None

    def _show_buttons(self) -> None:
        line = self._line()
        self.hide_button.setVisible(line is None or not line.hidden)
        self.hide_button.setEnabled(line is not None)
        self.again_button.setVisible(line is not None and line.hidden)

    # Requests

    def _open(self) -> None:
        if self._row is not None:
            self.tenant_requested.emit(self._row.key)

    def _activate(self, line: FindingRow) -> None:
        found = line.finding
        if found.sku_id is None:
            self.tenant_requested.emit(found.tenant)
        else:
            self.product_requested.emit(found.tenant, found.sku_id)

    def _show_hidden(self) -> None:
        self._take()

    def _show_again(self) -> None:
        line = self._line()
        if line is not None:
            self.show_requested.emit(line.finding)

    def _hide(self) -> None:
        corner = self.hide_button.rect().bottomLeft()
        self._open_hide_menu(self.hide_button.mapToGlobal(corner))

    def _open_hide_menu(self, where: QPoint) -> None:
        line = self._line()
        if line is None or line.hidden:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("What not to warn of")
        for text, hidden in hiding_choices(line.finding):
            action = menu.addAction(text.replace("&", "&&"))
            action.triggered.connect(
                lambda _checked=False, hidden=hidden: self.hide_requested.emit(hidden)
            )
        menu.popup(where)
        menu.setActiveAction(menu.actions()[0])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button and the Menu key, on a line of the table."""
        if self.table.underMouse() or self.table.hasFocus():
            self._open_hide_menu(event.globalPos())


def hiding_choices(found: Finding) -> list[tuple[str, Hidden]]:
    """What can be hidden from a line: just this, all of its product, all of its kind."""
    tenant, kind = found.tenant, found.kind
    every = (f"Hide every “{kind}” of this customer", Hidden(tenant, None, kind))
    if found.sku_id is None:
        return [every]
    return [
        (f"Hide “{kind}” of {found.product}", Hidden(tenant, found.sku_id, kind)),
        (f"Hide all findings of {found.product}", Hidden(tenant, found.sku_id)),
        every,
    ]
