"""Edit User Information: names and location, sent only where they differ (P5)."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from o365desk.domain.creation import location_problem
from o365desk.domain.directory import User, UserEdit
from o365desk.domain.errors import DeskError, Refusal
from o365desk.views import parts
from o365desk.views.countries import CountryCombo
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.form import Field, text_field
from o365desk.views.theme import GRID

SYNCED = (
    "This user is mastered by an on-premises directory. Change its names there; Microsoft takes "
    "the change over at the next synchronization. The location is set here."
)


class EditUserDialog(DeskDialog):
    """Hands over a UserEdit with the changed fields only. Owned by the main window."""

    edit_requested = Signal(object)
    """UserEdit."""

    def __init__(self, tenant_name: str, user: User, parent: QWidget | None = None) -> None:
        super().__init__(
            "Edit User Information",
            user.display_name or user.username,
            user.username,
            tenant_name,
            parent,
            size=QSize(560, 360),
        )
        self._user = user
        self.first_name = text_field(limit=64)
        self.last_name = text_field(limit=64)
        self.display_name = text_field()
        self.location = CountryCombo()
        self.first_name.setText(user.first_name)
        self.last_name.setText(user.last_name)
        self.display_name.setText(user.display_name)
        self.location.set_code(user.location)
        self.first_name_field = Field("First name", self.first_name)
        self.last_name_field = Field("Last name", self.last_name)
        self.display_name_field = Field("Display name", self.display_name)
        self.location_field = Field("Location", self.location)

        self.explained = parts.label(SYNCED, "warning", wrap=True)
        parts.hide_unless(self.explained, user.synced)
        self.content_layout.addWidget(self.explained)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(2 * GRID)
        grid.addWidget(self.first_name_field, 0, 0)
        grid.addWidget(self.last_name_field, 0, 1)
        grid.addWidget(self.display_name_field, 1, 0, 1, 2)
        grid.addWidget(self.location_field, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.content_layout.addLayout(grid)
        self.content_layout.addStretch(1)
        for control in (self.first_name, self.last_name, self.display_name):
            control.setEnabled(not user.synced)

        self.close_button = self.add_button(parts.button("Close", self.reject))
        self.update_button = self.add_button(
            parts.button("Update", self._update, kind="primary", default=True)
        )
        for edit in (self.first_name, self.last_name, self.display_name):
            edit.textEdited.connect(lambda _text: self.refresh())
        self.location.code_changed.connect(lambda _code: self.refresh())
        (self.location if user.synced else self.first_name).setFocus()
        self.refresh()

    def edit(self) -> UserEdit:
        """What differs from the user as Microsoft last gave it. A location can be changed but
        not taken away."""
        location = self.location.code()
        return UserEdit(
            first_name=_changed(self.first_name.text(), self._user.first_name),
            last_name=_changed(self.last_name.text(), self._user.last_name),
            display_name=_changed(self.display_name.text(), self._user.display_name),
            location=location if location and location != self._user.location else None,
        )

    def refresh(self) -> None:
        """Update is there only when something changed and nothing is wrong."""
        display = "" if self.display_name.text().strip() else "Enter a display name."
        self.display_name_field.set_problem(display)
        typed = self.location.lineEdit()
        unclear = bool(typed and typed.text().strip()) and not self.location.code()
        location = "Choose a location from the list." if unclear else ""
        self.location_field.set_problem(location or location_problem(self.location.code()))
        wrong = bool(display or self.location_field.problem.text())
        self.allow(self.update_button, bool(self.edit()) and not wrong)

    def show_refusal(self, error: DeskError) -> None:
        """What was typed stays; a refused location is explained at its field."""
        if error.refusal is not Refusal.USAGE_LOCATION:
            self.show_error(error)
            return
        self.set_idle()
        self.clear_error()
        self.location_field.set_problem(f"{error.sentence} {error.next_step}".strip())
        self.location.setFocus()

    def _update(self) -> None:
        edit = self.edit()
        if edit and not self.busy:
            self.edit_requested.emit(edit)


def _changed(text: str, before: str) -> str | None:
    text = text.strip()
    return None if text == before else text
