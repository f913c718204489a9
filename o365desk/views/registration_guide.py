"""How to register the app a connection needs: numbered steps, values to copy, and a check."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from o365desk.domain.connections import Connection
from o365desk.domain.diagnostics import CheckStep
from o365desk.domain.errors import DeskError
from o365desk.domain.permissions import permissions
from o365desk.models.check_steps import summary_text
from o365desk.models.registration import Copyable, GuideStep, guide_steps, many_tenants
from o365desk.views import parts
from o365desk.views.check_list import CheckStepList
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.permission_table import PermissionTable, permissions_text
from o365desk.views.scroll_page import ScrollPage
from o365desk.views.theme import GRID

CONSENT = (
    "An administrator{of} allows it once, with “Grant admin consent” under API permissions{link}. "
    "Until then each sign-in is refused with a request for approval."
)
CONSENT_CUSTOMERS = "An administrator of each customer has to allow it there, too."
AFTERWARDS = (
    "Afterwards the browser tries to open localhost and finds nothing there. That is no error."
)
CHECK = (
    "Check: signs in, tries each service and tells which permission or role is missing. Nothing "
    "is changed."
)


@dataclass(frozen=True, slots=True)
class ConsentLink:
    """An address at which an administrator consents."""

    title: str
    """Whose administrator: "Your organization", "Customer Contoso Ltd"."""
    url: str


class RegistrationGuide(DeskDialog):
    """Text to follow in the portal. Copies by itself; opening an address and the check are left
    to the controller: `set_checking`, `add_steps`, then `check_done` or `show_error`."""

    open_link_requested = Signal(str)
    check_requested = Signal()
    check_cancelled = Signal()

    def __init__(
        self,
        connection: Connection,
        portal: str,
        links: Sequence[ConsentLink] = (),
        parent: QWidget | None = None,
        *,
        check_refused: str = "",
    ) -> None:
        """`portal` is the address at which apps are registered, `links` lead to the consent.
        `check_refused` says why the check cannot run yet; empty when it can."""
        super().__init__(
            "Register an app",
            "Register an app for o365desk",
            "Once for your organization. Takes about ten minutes and an administrator.",
            "",
            parent,
            size=QSize(760, 680),
            flush=True,
        )
        self._checking = False
        asked = permissions(connection)
        self._numbered = 0
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(GRID)
        self._grid.setVerticalSpacing(2 * GRID)
        self._grid.setColumnStretch(1, 1)
        for step in guide_steps(connection, asked, portal):
            self._add_step(self._guide_step(step))
        self.table = PermissionTable()
        self.table.set_permissions(asked)
        copy_all = self._copy_button("Copy all permissions", permissions_text(asked))
        copy_all.setText("Copy all")
        row = self._grid.rowCount()
        self._grid.addWidget(self.table, row, 1)
        self._grid.addWidget(copy_all, row + 1, 1, Qt.AlignmentFlag.AlignLeft)
        self._add_step(self._consent(connection, links))
        self.check_button = parts.button("Check", self._check, name="Check the app")
        self.check_button.setAutoDefault(True)
        self.check_button.setEnabled(not check_refused)
        self.check_state = parts.label(check_refused, "muted", wrap=True)
        self.check_list = CheckStepList(as_high_as_content=True)
        self._add_step(self._check_area())
        page = ScrollPage()
        page.column.addLayout(self._grid)
        page.column.addStretch(1)
        self.content_layout.addWidget(page)
        self._page = page
        self.close_button = self.add_button(
            parts.button("Close", self.reject, kind="primary", default=True)
        )
        self.close_button.setFocus()

    # The check

    def set_checking(self) -> None:
        """The check has begun."""
        self._checking = True
        self.set_summary("")
        self.clear_error()
        self.check_list.clear()
        self.check_button.setText("Cancel")
        self.check_button.setAccessibleName("Cancel the check")
        self.check_state.setText("Checking…")
        self.progress.show()

    def add_steps(self, steps: Iterable[CheckStep]) -> None:
        """Steps that have ended since the last call."""
        self.check_list.add(steps)
        self._page.ensureWidgetVisible(self.check_list)

    def check_given_up(self) -> None:
        """Nobody has signed in for it."""
        self._end("Not checked: the check needs you to sign in.")

    def check_done(self) -> None:
        self._end(summary_text(self.check_list.steps.steps))

    def show_error(self, error: DeskError | str, next_step: str = "") -> None:
        self._end("The check could not be finished.")
        super().show_error(error, next_step)

    def reject(self) -> None:
        if self._checking:
            self.check_cancelled.emit()
        super().reject()

    def _end(self, said: str) -> None:
        self._checking = False
        self.progress.hide()
        self.check_button.setText("Check again")
        self.check_button.setAccessibleName("Check the app again")
        self.check_state.setText(said)
        self.set_summary(said)  # the steps may have pushed the first one out of sight

    def _check(self) -> None:
        if self._checking:
            self._end("Cancelled.")
            self.check_cancelled.emit()
        else:
            self.check_requested.emit()

    # The steps

    def _add_step(self, content: QWidget) -> None:
        self._numbered += 1
        number = parts.label(f"{self._numbered}.", "heading")
        row = self._grid.rowCount()
        self._grid.addWidget(number, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(content, row, 1)

    def _guide_step(self, step: GuideStep) -> QWidget:
        content, column = _column()
        column.addWidget(parts.label(step.text, wrap=True))
        for copy in step.copies:
            column.addLayout(self._copy_row(copy))
        if step.link:
            column.addLayout(self._link_row(ConsentLink("the portal", step.link)))
        return content

    def _consent(self, connection: Connection, links: Sequence[ConsentLink]) -> QWidget:
        content, column = _column()
        many = many_tenants(connection)
        text = CONSENT.format(
            of=" of your own organization" if many else "",
            link=" or at the address below" if links else "",
        )
        customers = f" {CONSENT_CUSTOMERS}" if many else ""
        column.addWidget(parts.label(f"{text}{customers}", wrap=True))
        for link in links:
            column.addWidget(parts.label(link.title, "muted", wrap=True))
            column.addLayout(self._link_row(link))
        if links:
            column.addWidget(parts.label(AFTERWARDS, "muted", wrap=True))
        return content

    def _check_area(self) -> QWidget:
        content, column = _column()
        column.addWidget(parts.label(CHECK, wrap=True))
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(self.check_button)
        row.addWidget(self.check_state, 1)
        column.addLayout(row)
        column.addWidget(self.check_list)
        return content

    def _copy_row(self, copy: Copyable) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(parts.label(copy.label, "muted"))
        row.addWidget(_value(copy.value, copy.label), 1)
        row.addWidget(self._copy_button(f"Copy {copy.label}", copy.value))
        return row

    def _link_row(self, link: ConsentLink) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(_value(link.url, f"Address, {link.title}"), 1)
        open_it = parts.button(
            "Open",
            lambda: self.open_link_requested.emit(link.url),
            icon="external",
            name=f"Open in the browser: {link.title}",
        )
        open_it.setAutoDefault(True)
        row.addWidget(open_it)
        row.addWidget(self._copy_button(f"Copy the address: {link.title}", link.url))
        return row

    def _copy_button(self, name: str, value: str) -> QPushButton:
        made = parts.button("Copy", lambda: self._copy(name, value), icon="copy", name=name)
        made.setAutoDefault(True)
        return made

    def _copy(self, name: str, value: str) -> None:
        QGuiApplication.clipboard().setText(value)
        self.set_summary(f"Copied: {name.removeprefix('Copy ')}")


def _column() -> tuple[QWidget, QVBoxLayout]:
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GRID)
    return content, column


def _value(text: str, name: str) -> QWidget:
    """A value in a fixed-width face, cut where it must be: it is there to be copied."""
    made = parts.ElidedLabel(text, "code")
    made.setAccessibleName(f"{name}: {text}")
    return made
