"""The places of the program, one below the other at the window's left edge."""

from enum import StrEnum

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from o365desk.views import theme
from o365desk.views.parts import hide_unless


class Place(StrEnum):
    """Where the operator is. The first two are about the open tenant, the others about all."""

    USERS = "Users"
    COMPARE = "Compare"
    PORTFOLIO = "Portfolio"
    DELETED = "Deleted"

    @property
    def of_tenant(self) -> bool:
        return self in (Place.USERS, Place.COMPARE)


_PLACES = {
    Place.USERS: ("users", "Users and licenses of the customer (Ctrl+1)"),
    Place.COMPARE: ("compare", "What changed between two days (Ctrl+2)"),
    Place.PORTFOLIO: ("portfolio", "All customers: seats, warnings, what expires (Ctrl+3)"),
    Place.DELETED: ("purge", "Deleted users of all customers, by days left (Ctrl+4)"),
}

_MOST = 99
"""A reminder has room for no more; its tooltip tells all of it."""


class Rail(QWidget):
    """Emits where the operator wants to go, or what he wants to open; shows only places that
    have been added."""

    place_requested = Signal(object)
    """A Place."""
    search_requested = Signal()
    sent_mail_requested = Signal()
    snapshots_requested = Signal()
    connections_requested = Signal()
    help_requested = Signal()

    def __init__(self, *, practice: bool) -> None:
        super().__init__()
        self.setProperty("kind", "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._low = 0
        """Height that the words below the icons would need, where there is less."""
        metrics = self.fontMetrics()
        widest = max(map(metrics.horizontalAdvance, ("Connections", "Sent mail")))
        self.setFixedWidth(max(8 * theme.GRID, widest + 3 * theme.GRID // 2))
        self._group = QButtonGroup(self)
        self.places: dict[Place, QToolButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GRID // 4, theme.GRID, theme.GRID // 4, theme.GRID)
        for place, (icon, tip) in _PLACES.items():
            button = _button(icon, place, tip)
            button.setCheckable(True)
            button.clicked.connect(lambda _on, place=place: self.place_requested.emit(place))
            self._group.addButton(button)
            hide_unless(button, place is Place.USERS)
            column.addWidget(button)
            self.places[place] = button
        self.search = _button("search", "Search", "Search all customers (Ctrl+Shift+F)")
        self.search.clicked.connect(self.search_requested)
        self.search.hide()
        column.addWidget(self.search)
        column.addStretch(1)
        sent = _button("mail", "Sent mail", "Mails the practice directory was asked to send")
        sent.clicked.connect(self.sent_mail_requested)
        hide_unless(sent, practice)
        self.snapshots = _button(
            "snapshots", "Snapshots", "What is kept on this computer, and for how long"
        )
        self.snapshots.clicked.connect(self.snapshots_requested)
        self.snapshots.hide()
        connections = _button(
            "connections", "Connections", "Open, add or change a connection (Ctrl+O)"
        )
        connections.clicked.connect(self.connections_requested)
        self.help = _button("help", "Help", "Keyboard shortcuts and diagnostics")
        self.help.clicked.connect(self.help_requested)
        for button in (sent, self.snapshots, connections, self.help):
            column.addWidget(button)
        self.show_at(Place.USERS)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit()
        return handled

    def _fit(self) -> None:
        """In a low window the icons stand alone: their tooltips have the words."""
        style = Qt.ToolButtonStyle.ToolButtonTextUnderIcon
        if not self._low and self.minimumSizeHint().height() > self.height():
            self._low = self.minimumSizeHint().height()
            style = Qt.ToolButtonStyle.ToolButtonIconOnly
        elif self._low and self.height() >= self._low:
            self._low = 0
        else:
            return
        for button in self.findChildren(QToolButton):
            button.setToolButtonStyle(style)

    def offer(self, place: Place) -> None:
        """Shows a place that works."""
        self.places[place].show()

    def offer_history(self) -> None:
        """Shows what can be done with snapshots, wherever they are kept."""
        self.search.show()
        self.snapshots.show()

    def show_at(self, place: Place) -> None:
        self.places[place].setChecked(True)

    def set_reminder(self, place: Place, count: int, words: str) -> None:
        """A number beside a place's name; 0 for none. `words` tells what is counted."""
        button = self.places[place]
        tip = _PLACES[place][1]
        shown = str(count) if count <= _MOST else f"{_MOST}+"
        button.setText(f"{place} {shown}" if count else place)
        button.setToolTip(f"{words}. {tip}" if count else tip)
        button.setAccessibleDescription(words if count else "")


def _button(icon: str, text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setProperty("kind", "rail")
    button.setIcon(theme.icon(icon))
    button.setText(text)
    button.setToolTip(tip)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
