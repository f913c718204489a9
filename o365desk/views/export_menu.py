"""The button beside a table that lets it out: as CSV, as a workbook, or to the clipboard."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QTableView, QToolButton, QTreeView, QWidget

from o365desk.views import theme

if TYPE_CHECKING:
    from o365desk.models.table_export import ExportFormat, TableAbout

KEYS = "Ctrl+E"

_HORIZONTAL = Qt.Orientation.Horizontal


def exported_columns(view: QTableView | QTreeView, *, everything: bool) -> list[int]:
    """Columns of a view by their logical numbers, in the order on the screen: those that are
    shown, or all. Those without a title hold buttons and are no part of the table."""
    header = view.horizontalHeader() if isinstance(view, QTableView) else view.header()
    model = view.model()
    return [
        column
        for column in sorted(range(header.count()), key=header.visualIndex)
        if (everything or not header.isSectionHidden(column))
        and model.headerData(column, _HORIZONTAL)
    ]


class ExportButton(QToolButton):
    """Opens the menu of exports; disabled while the table has no rows.

    Emits `export_requested(ExportWish)`. Any page takes one into its toolbar, and app/exports.py
    serves it. Ctrl+E opens the menu from anywhere in `scope`.
    """

    export_requested = Signal(object)
    mark_changed = Signal(bool)
    """The operator wants CSV with a byte order mark, or without; to be remembered."""

    def __init__(
        self,
        view: QTableView | QTreeView,
        describe: "Callable[[], TableAbout]",
        scope: QWidget | None,
        *,
        passing: bool = False,
    ) -> None:
        """`describe` says what the table is at that moment. `scope`: None beside a table whose
        page has Ctrl+E for another one. `passing`: a table of few rows that
        may be gone before they are written."""
        super().__init__()
        self._passing = passing
        self._view = view
        self._describe = describe
        self.mark = True
        self.setProperty("kind", "quiet")
        self.setIcon(theme.icon("export"))
        self.setAccessibleName("Export")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(lambda _checked=False: self.open_menu())
        self._tip = "Export" if scope is None else f"Export ({KEYS})"
        if scope is not None:
            shortcut = QShortcut(QKeySequence(KEYS), scope)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.open_menu)
        model = view.model()
        for signal in (
            model.rowsInserted,
            model.rowsRemoved,
            model.layoutChanged,
            model.modelReset,
        ):
            signal.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        some = self._view.model().rowCount() > 0
        self.setEnabled(some)
        self.setToolTip(self._tip if some else "There is nothing to export.")

    def open_menu(self) -> None:
        """What can be had, below the button."""
        if not self.isEnabled():
            return
        from o365desk.models.table_export import ExportFormat

        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Export")
        for everything, scope in ((False, "As shown"), (True, "All columns")):
            for form, words in (
                (ExportFormat.CSV, "CSV…"),
                (ExportFormat.XLSX, "Excel workbook…"),
                (ExportFormat.CLIPBOARD, "copy to clipboard"),
            ):
                action = menu.addAction(f"{scope}: {words}")
                action.triggered.connect(
                    lambda _checked=False, form=form, everything=everything: self._ask(
                        form, everything=everything
                    )
                )
            menu.addSeparator()
        mark = menu.addAction("CSV with byte order mark, for Excel")
        mark.setCheckable(True)
        mark.setChecked(self.mark)
        mark.toggled.connect(self._set_mark)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
        menu.setActiveAction(menu.actions()[0])

    def _set_mark(self, on: bool) -> None:
        self.mark = on
        self.mark_changed.emit(on)

    def _ask(self, form: "ExportFormat", *, everything: bool) -> None:
        from o365desk.models.table_export import ExportWish, TableRows, TakenRows

        columns = exported_columns(self._view, everything=everything)
        more = self._describe().more if everything else ()
        live = TableRows(self._view.model(), columns, more)
        rows = TakenRows(live) if self._passing else live
        self.export_requested.emit(ExportWish(form, everything, rows, self._describe, self.mark))
