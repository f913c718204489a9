"""Small parts every window is made of: labels, buttons and lines with their look and names."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QItemSelectionModel, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFrame,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QTableView,
    QToolButton,
    QWidget,
)

from o365desk.views import theme

_TEXT = QPalette.ColorRole.ButtonText


def label(text: str = "", kind: str = "", *, wrap: bool = False, name: str = "") -> QLabel:
    """A label; `kind` is a look of resources/style.qss (title, heading, muted, error…).

    Plain text always: what Microsoft or a person wrote is never taken for markup.
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if kind:
        made.setProperty("kind", kind)
    if name:
        made.setAccessibleName(name)
    return made


def button(
    text: str,
    on_click: Callable[[], object] | None = None,
    *,
    kind: str = "",
    icon: str = "",
    name: str = "",
    default: bool = False,
) -> QPushButton:
    """A push button with text; `kind` is "", "primary", "danger", "quiet", "link" or "segment"."""
    made = QPushButton(text)
    if kind:
        made.setProperty("kind", kind)
    if icon:
        role = QPalette.ColorRole.BrightText if kind == "primary" else _TEXT
        made.setIcon(theme.icon(icon, role))
    if name:
        made.setAccessibleName(name)
    made.setAutoDefault(default)
    made.setDefault(default)
    if on_click is not None:
        made.clicked.connect(lambda _checked=False: on_click())
    return made


def icon_button(
    icon: str, name: str, on_click: Callable[[], object] | None = None, *, tip: str = ""
) -> QToolButton:
    """A button that shows only an icon; `name` is its accessible name and, without `tip`, its
    tooltip."""
    made = QToolButton()
    made.setProperty("kind", "quiet")
    made.setIcon(theme.icon(icon))
    made.setAccessibleName(name)
    made.setToolTip(tip or name)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if on_click is not None:
        made.clicked.connect(lambda _checked=False: on_click())
    return made


class Sign(QWidget):
    """A small line icon beside a text; takes its colour from the theme of the moment."""

    def __init__(
        self, icon: str, colour: Callable[[theme.Theme], str] = lambda look: look.text
    ) -> None:
        super().__init__()
        self._icon = icon
        self._colour = colour
        self.setFixedSize(2 * theme.GRID, 2 * theme.GRID)

    def show_icon(self, icon: str, colour: Callable[[theme.Theme], str]) -> None:
        self._icon = icon
        self._colour = colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme.paint_icon(painter, self._icon, self.rect(), QColor(self._colour(theme.current())))
        painter.end()


def line() -> QFrame:
    """A thin horizontal rule."""
    made = QFrame()
    made.setProperty("kind", "line")
    return made


def plain_table(view: QTableView) -> None:
    """What all tables have in common: one line a row, all of one height, no grid, read only, one
    row selected at a time. Call it after the table has its model, and its own header if any."""
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    # One of its own, always empty: where all rows are selected, a header goes through every one
    # of them at each paint, to learn whether its sections are.
    header.setSelectionModel(QItemSelectionModel(view.model(), header))
    rows = view.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(theme.ROW_HEIGHT)


def hide_unless(widget: QWidget, wanted: bool) -> None:
    """For a widget that is in no window yet: showing it now would open one of its own for a
    moment, which takes the keyboard from the dialog it is for."""
    if not wanted:
        widget.hide()


def set_kind(widget: QWidget, kind: str) -> None:
    """Changes a widget's look after it was made; the style sheet is asked again."""
    if widget.property("kind") == kind:
        return
    widget.setProperty("kind", kind)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class ElidedLabel(QLabel):
    """One line that ends in "…" where there is no room; the whole text stands in the tooltip and
    in the accessible name."""

    def __init__(self, text: str = "", kind: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if kind:
            self.setProperty("kind", kind)
        self._full = ""
        self.set_full(text)

    def set_full(self, text: str) -> None:
        self._full = text
        self.setAccessibleName(text)
        self._fit()

    def full(self) -> str:
        return self._full

    def sizeHint(self) -> QSize:
        margins = self.contentsMargins()
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._full) + margins.left() + margins.right()
        return QSize(width + 2, metrics.height() + margins.top() + margins.bottom())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…"), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(
            self._full, Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )
        self.setText(shown)
        self.setToolTip(self._full if shown != self._full else "")


class NameButton(QPushButton):
    """A button that bears a name: as wide as the name where there is room, else the name ends in
    "…" and stands whole in the tooltip, after what the button does."""

    def __init__(self, on_click: Callable[[], object], *, kind: str, icon: str, tip: str) -> None:
        super().__init__()
        self.setProperty("kind", kind)
        self.setIcon(theme.icon(icon, _TEXT))
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda _checked=False: on_click())
        self._tip = tip
        self._full = ""

    def set_full(self, text: str) -> None:
        self._full = text
        self._fit()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        more = metrics.horizontalAdvance(self._full) - metrics.horizontalAdvance(self._shown())
        return super().sizeHint() + QSize(more + 2, 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(12 * theme.GRID, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _shown(self) -> str:
        return self.text().replace("&&", "&")

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        around = super().sizeHint().width() - metrics.horizontalAdvance(self._shown())
        room = self.width() - around
        shown = metrics.elidedText(self._full, Qt.TextElideMode.ElideRight, room)
        self.setText(shown.replace("&", "&&"))
        self.setToolTip(self._tip if shown == self._full else f"{self._full}\n{self._tip}")


class Combo(QComboBox):
    """A combo box with the program's own arrow, in the colour of the theme."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        rect = QRect(self.width() - 24, (self.height() - 16) // 2, 16, 16)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            rect.moveLeft(8)
        theme.paint_icon(painter, "chevron-down", rect, self.palette().color(group, _TEXT))
        painter.end()


class CheckBox(QCheckBox):
    """A check box with the program's own tick on the accent colour."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        element = QStyle.SubElement.SE_CheckBoxIndicator
        rect = self.style().subElementRect(element, option, self)
        painter = QPainter(self)
        role = QPalette.ColorRole.BrightText if self.isEnabled() else _TEXT
        theme.paint_icon(painter, "check", rect, self.palette().color(role))
        painter.end()
