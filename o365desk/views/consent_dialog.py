"""How a customer comes to grant this program its permissions: at once, or by a link."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QPushButton, QWidget

from o365desk.domain.permissions import Permission
from o365desk.views import parts
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.permission_table import PermissionTable
from o365desk.views.registration_guide import AFTERWARDS
from o365desk.views.scroll_page import ScrollPage
from o365desk.views.theme import GRID

MISSING = (
    "Graph lets no program into a directory without permissions from there. Those listed below are "
    "missing; until they are granted, Partner Center serves this customer."
)
PARTNER_CENTER = (
    "You grant them on the customer's behalf. It takes the Admin agent role in Partner Center, and "
    "one of these roles through GDAP: Cloud Application Administrator, Privileged Role "
    "Administrator, Global Administrator. An earlier consent is replaced."
)
LINK = (
    "A Cloud Application Administrator or Global Administrator of the customer opens this link, "
    "signs in and accepts. Refresh (F5) when that is done."
)


class ConsentDialog(DeskDialog):
    """What is missing, and the two ways to it. Copies by itself; granting and opening the link are
    left to the controller, who answers with `set_busy`, then `accept` or `show_error`."""

    grant_requested = Signal()
    open_link_requested = Signal(str)

    def __init__(
        self,
        tenant_name: str,
        permissions: Sequence[Permission],
        address: str,
        parent: QWidget | None = None,
    ) -> None:
        """`address`: the page on which the customer's administrator grants the permissions."""
        super().__init__(
            "Permissions",
            "Permissions of o365desk",
            "They give o365desk no more rights than who is signed in has there already.",
            tenant_name,
            parent,
            size=QSize(760, 720),
            flush=True,
        )
        self._address = address
        self.table = PermissionTable()
        self.table.set_permissions(permissions)
        self.grant_button = parts.button(
            "Grant through Partner Center", self.grant_requested.emit, kind="primary"
        )
        self.link = parts.ElidedLabel(address, "code")
        self.link.setAccessibleName(f"Consent link: {address}")
        self.open_button = parts.button(
            "Open", self._open, icon="external", name="Open the link in the browser"
        )
        self.copy_button = parts.button("Copy link", self._copy, icon="copy")
        page = ScrollPage()
        column = page.column
        column.setSpacing(GRID)
        column.addWidget(parts.label(MISSING, wrap=True))
        _section(column, "Grant them yourself", PARTNER_CENTER)
        column.addLayout(_row(self.grant_button))
        _section(column, "Or let the customer's administrator grant them", LINK)
        column.addWidget(self.link)
        column.addLayout(_row(self.open_button, self.copy_button))
        column.addWidget(parts.label(AFTERWARDS, "muted", wrap=True))
        column.addWidget(_heading("The permissions"))
        column.addWidget(self.table)
        column.addStretch(1)
        self.content_layout.addWidget(page)
        self.close_button = self.add_button(parts.button("Close", self.reject, default=True))
        self.close_button.setFocus()

    def _open(self) -> None:
        self.open_link_requested.emit(self._address)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._address)
        self.set_summary("Link copied")


def _section(column: QLayout, title: str, text: str) -> None:
    column.addWidget(_heading(title))
    column.addWidget(parts.label(text, wrap=True))


def _heading(title: str) -> QLabel:
    made = parts.label(title, "heading")
    made.setContentsMargins(0, GRID, 0, 0)
    return made


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(GRID)
    for one in buttons:
        one.setAutoDefault(True)  # Enter on it presses it, not the dialog's own
        row.addWidget(one)
    row.addStretch(1)
    return row
