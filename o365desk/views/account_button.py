"""Who is signed in, at the top right of the window, and what can be done about it."""

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from o365desk.views.parts import NameButton
from o365desk.views.theme import GRID

NOBODY = "Not signed in"
WIDEST = 28 * GRID


class AccountButton(NameButton):
    """Shows the username; its menu signs in or out, switches, and leads to the connections.

    Hidden until `show_account` is called: a practice directory without sign-in has no account.
    """

    sign_in_requested = Signal()
    sign_out_requested = Signal()
    switch_requested = Signal()
    connections_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.open_menu, kind="quiet", icon="account", tip="Account and sign-out")
        self.setParent(parent)
        self.setMaximumWidth(WIDEST)
        self._connection = ""
        self._username = ""
        self._compact = False
        self.hide()

    @property
    def username(self) -> str:
        """Who is shown as signed in; empty for nobody."""
        return self._username

    def show_account(self, username: str, connection: str) -> None:
        """`username` is empty while nobody is signed in; `connection` is its name."""
        self._username = username
        self._connection = connection
        said = f"Signed in as {username}" if username else NOBODY
        self.setAccessibleName(f"{said}, connection {connection}")
        self._show_name()
        self.show()

    def set_compact(self, compact: bool) -> None:
        """Leaves the room to the customer's name in a narrow window: the sign alone stands for the
        account, which the tooltip and the menu name."""
        if compact != self._compact:
            self._compact = compact
            self._show_name()

    def _show_name(self) -> None:
        name = self._username or NOBODY
        self.set_full("" if self._compact else name)
        if self._compact:
            self.setToolTip(name)

    def clear_account(self) -> None:
        """A connection without sign-in is open."""
        self._username = self._connection = ""
        self.hide()

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        return QSize(4 * GRID, least.height()) if self._compact else least

    def open_menu(self) -> None:
        menu = self._made_menu()
        corner = QPoint(self.width() - menu.sizeHint().width(), self.height() + 2)
        menu.popup(self.mapToGlobal(corner))

    def _made_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Account")
        for text in filter(None, (self._username, self._connection)):
            menu.addAction(text.replace("&", "&&")).setEnabled(False)
        menu.addSeparator()
        if self._username:
            menu.addAction("Sign out", self.sign_out_requested.emit)
            menu.addAction("Switch account…", self.switch_requested.emit)
        else:
            menu.addAction("Sign in…", self.sign_in_requested.emit)
        menu.addAction("Connections…", self.connections_requested.emit)
        return menu
