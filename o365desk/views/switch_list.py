"""The list of licence switches with its filter, shared by Manage Licenses and Create User."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.licensing import GroupId, LicenseDraft, SkuId
from o365desk.domain.text import fold
from o365desk.models.license_toggles import LicenseToggleModel
from o365desk.models.roles import Role
from o365desk.views import parts, theme
from o365desk.views.theme import GRID
from o365desk.views.toggle_delegate import ToggleDelegate

FEW = 8
"""Up to so many products the filter field would only be in the way."""


class SwitchList(QWidget):
    """Filter, count and switches over one LicenseDraft; keeps filter and current row when the
    draft is replaced. Owned by the dialog that shows it."""

    draft_changed = Signal()

    def __init__(
        self,
        *,
        verb: str = "Update",
        empty: str = "No products.",
        inset: int = 2 * GRID,
        boxed: bool = False,
    ) -> None:
        """`inset` is left at both sides; `boxed` draws a frame around the switches, and the filter
        stands level with it."""
        super().__init__()
        self._verb = verb
        self._model: LicenseToggleModel | None = None
        self._group_names: Mapping[GroupId, str] = {}

        self.filter = _FilterField()
        self.filter.setPlaceholderText("Filter products")
        self.filter.setAccessibleName("Filter products")
        self.filter.setClearButtonEnabled(True)
        self.filter.addAction(
            theme.icon("search", QPalette.ColorRole.PlaceholderText),
            QLineEdit.ActionPosition.LeadingPosition,
        )
        self.filter.textChanged.connect(self._apply_filter)
        self.count = parts.label(kind="muted")
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(0 if boxed else inset, 0, 0 if boxed else inset, GRID)
        bar.setSpacing(2 * GRID)
        bar.addWidget(self.filter, 1)
        bar.addWidget(self.count)
        self._bar.hide()

        self.view = QListView()
        self.view.setItemDelegate(ToggleDelegate(self.view, inset=inset))
        self.view.setAccessibleName("Products")
        if boxed:
            parts.set_kind(self.view, "boxed")
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setResizeMode(QListView.ResizeMode.Adjust)
        self.view.setMouseTracking(True)
        self.view.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.filter.down_pressed.connect(self._enter_list)

        self._empty = parts.label(empty, "muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(inset, 3 * GRID, inset, 3 * GRID)
        self._empty_text = empty
        self._empty.hide()

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self._empty)
        layout.addWidget(self.view, 1)

    @property
    def model(self) -> LicenseToggleModel | None:
        return self._model

    @property
    def draft(self) -> LicenseDraft | None:
        return self._model.draft if self._model is not None else None

    def set_draft(
        self,
        draft: LicenseDraft,
        group_names: Mapping[GroupId, str],
        product_name: Callable[[SkuId], str],
    ) -> None:
        """Shows `draft`; filter text and current row stay where they are."""
        current = self.current_sku()
        if self._model is None:
            self._model = LicenseToggleModel(
                draft,
                group_names=group_names,
                product_name=product_name,
                verb=self._verb,
                parent=self,
            )
            self._model.draft_changed.connect(self._changed)
            self._model.dataChanged.connect(self._data_changed)
            self.view.setModel(self._model)
        else:
            self._model.set_draft(draft, group_names=group_names, product_name=product_name)
        self._bar.setVisible(self._model.rowCount() > FEW)
        if self._bar.isHidden():
            self.filter.clear()
        self._apply_filter()
        row = self._model.row_of(current) if current is not None else -1
        if row >= 0:
            self.view.setCurrentIndex(self._model.index(row))

    def set_errors(self, errors: Mapping[SkuId, str]) -> None:
        """Sentences under the lines they concern; the first of them is brought into view."""
        if self._model is None:
            return
        self._model.set_errors(errors)
        rows = [row for row in map(self._model.row_of, errors) if row >= 0]
        if not rows:
            return
        if any(self.view.isRowHidden(row) for row in rows):
            self.filter.clear()
        self.view.setCurrentIndex(self._model.index(min(rows)))
        self.view.scrollTo(self._model.index(min(rows)))
        self._announce(self._model.index(min(rows)))

    def current_sku(self) -> SkuId | None:
        """The product the keyboard stands on."""
        line = self.view.currentIndex().data(Role.LINE)
        return line.sku.id if line is not None else None

    def focus(self) -> None:
        """Puts the keyboard where work begins: the filter of a long list, else the first row."""
        if not self._bar.isHidden():
            self.filter.setFocus()
        else:
            self._enter_list()

    def _enter_list(self) -> None:
        self.view.setFocus()
        if self._model is None or self.view.currentIndex().isValid():
            return
        for row in range(self._model.rowCount()):
            if not self.view.isRowHidden(row):
                self.view.setCurrentIndex(self._model.index(row))
                return

    def _changed(self) -> None:
        self.draft_changed.emit()

    def _data_changed(self, first: QModelIndex, last: QModelIndex, roles: list[int]) -> None:
        if not roles or Role.ERROR in roles:  # a sentence came or went: the row's height changes
            self.view.scheduleDelayedItemsLayout()
        if not roles and first == last and first == self.view.currentIndex():
            self._announce(first)

    def _announce(self, index: QModelIndex) -> None:
        if QAccessible.isActive():
            spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.view, spoken))

    def _apply_filter(self) -> None:
        if self._model is None:
            return
        words = fold(self.filter.text()).split()
        total = self._model.rowCount()
        shown = 0
        for row in range(total):
            name = fold(str(self._model.index(row).data()))
            hidden = not all(word in name for word in words)
            self.view.setRowHidden(row, hidden)
            shown += not hidden
        self.count.setText(f"{shown} of {total}" if words else f"{total} products")
        if total and not shown:
            self._empty.setText("No product matches the filter.")
        else:
            self._empty.setText(self._empty_text)
        self._empty.setVisible(not shown)
        current = self.view.currentIndex()
        if current.isValid() and self.view.isRowHidden(current.row()):
            self.view.setCurrentIndex(QModelIndex())


class _FilterField(QLineEdit):
    """A line edit that hands Down to the list below it, and Enter: whoever has found a product
    wants its switch, and not the dialog's button."""

    down_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.down_pressed.emit()
            return
        super().keyPressEvent(event)
