"""The two questions about a user as a whole: Delete (S22, S23) and Restore (S37, S38)."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from o365desk.domain.creation import username_problem
from o365desk.domain.directory import User
from o365desk.domain.errors import DeskError, Refusal
from o365desk.views import parts
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.form import Field, text_field
from o365desk.views.protection import ProtectionPart

DELETE_TEXT = (
    "Are you sure you want to delete this user? You will have 30 days to restore the user and "
    "retrieve their data. After the 30 days, the data of this user will be completely lost."
)
RESTORE_TEXT = (
    "Before you restore this O365 user you need to make sure you have a product license "
    "available. Restoring the user will restore all associated data, assign product licenses, "
    "and give access to all services they could access before they were deleted."
)
SYNCED = (
    "This user is mastered by an on-premises directory: delete the user there, or it may come back."
)


class DeleteUserDialog(DeskDialog):
    """Asks before a user is deleted. Stays open until the controller accepts or refuses."""

    confirmed = Signal()

    def __init__(self, tenant_name: str, user: User, parent: QWidget | None = None) -> None:
        question = f"Delete {user.display_name or user.username}?"
        super().__init__(
            question, question, user.username, tenant_name, parent, size=QSize(520, 240)
        )
        self.text = parts.label(DELETE_TEXT, wrap=True)
        self.content_layout.addWidget(self.text)
        self.warning = parts.label(SYNCED, "warning", wrap=True)
        parts.hide_unless(self.warning, user.synced)
        self.content_layout.addWidget(self.warning)
        self.protection = ProtectionPart()
        self.content_layout.addWidget(self.protection)
        self.content_layout.addStretch(1)
        self.setAccessibleDescription(DELETE_TEXT)
        self.cancel_button = self.add_button(parts.button("Cancel", self.reject, default=True))
        self.delete_button = self.add_button(parts.button("Delete", self._confirm, kind="danger"))
        self.protection.changed.connect(self.refresh)
        self.cancel_button.setFocus()

    def refresh(self) -> None:
        """Delete waits for what protects an account."""
        self.allow(self.delete_button, not self.protection.reason, self.protection.reason)

    def _confirm(self) -> None:
        if not self.busy:
            self.confirmed.emit()


class RestoreUserDialog(DeskDialog):
    """Asks before a user is restored; asks for another username where the old one is taken."""

    confirmed = Signal(object)
    """The new username, or "" to restore under the old one."""

    def __init__(
        self,
        tenant_name: str,
        user: User,
        days_left: int | None,
        rename_allowed: bool,
        parent: QWidget | None = None,
    ) -> None:
        question = f"Restore {user.display_name or user.username}?"
        super().__init__(
            question, question, user.username, tenant_name, parent, size=QSize(520, 280)
        )
        self._user = user
        self._rename_allowed = rename_allowed
        self._taken = ""
        self.text = parts.label(RESTORE_TEXT, wrap=True)
        self.content_layout.addWidget(self.text)
        self.days = parts.label(_days_text(days_left), "muted", wrap=True)
        parts.hide_unless(self.days, days_left is not None)
        self.content_layout.addWidget(self.days)
        self.new_username = text_field(limit=1024, placeholder=user.username)
        self.new_username_field = Field("New username", self.new_username)
        self.new_username_field.hide()
        self.new_username.textEdited.connect(lambda _text: self._edited())
        self.content_layout.addWidget(self.new_username_field)
        self.protection = ProtectionPart()
        self.content_layout.addWidget(self.protection)
        self.content_layout.addStretch(1)
        self.setAccessibleDescription(RESTORE_TEXT)
        self.cancel_button = self.add_button(parts.button("Cancel", self.reject))
        self.restore_button = self.add_button(
            parts.button("Restore", self._confirm, kind="primary", default=True)
        )
        self.protection.changed.connect(self.refresh)
        self.restore_button.setFocus()

    def refresh(self) -> None:
        """With the field on screen, Restore needs a username that can be tried."""
        asked = not self.new_username_field.isHidden()
        usable = bool(self.new_username.text().strip()) and not self._problem()
        reason = self.protection.reason
        self.allow(self.restore_button, (usable or not asked) and not reason, reason)

    def show_refusal(self, error: DeskError) -> None:
        """A name that is taken opens the field for another one, where Microsoft allows it."""
        taken = error.refusal in (Refusal.NAME_TAKEN, Refusal.ADDRESS_TAKEN, Refusal.INVALID_NAME)
        if not taken or not self._rename_allowed:
            self.show_error(error)
            return
        self.set_idle()
        self.clear_error()
        self._taken = self.new_username.text().strip()
        self.new_username_field.show()
        if not self.new_username.text():
            self.new_username.setText(self._user.username)
            self._taken = self._user.username
        self.new_username_field.set_problem(f"{error.sentence} {error.next_step}".strip())
        self.refresh()
        self.new_username.setFocus()
        self.new_username.setSelection(0, self.new_username.text().find("@"))
        self.setMinimumHeight(max(self.minimumHeight(), self.sizeHint().height()))

    def _problem(self) -> str:
        """What is wrong with the new username, the one Microsoft refused included."""
        typed = self.new_username.text().strip()
        name, at, domain = typed.rpartition("@")
        if not at or "." not in domain:
            return "A username looks like name@example.com."
        if typed.casefold() == self._taken.casefold():
            return "Enter another username."
        return username_problem(name)

    def _edited(self) -> None:
        self.new_username_field.set_problem(self._problem())
        self.refresh()

    def _confirm(self) -> None:
        if not self.busy:
            asked = not self.new_username_field.isHidden()
            self.confirmed.emit(self.new_username.text().strip() if asked else "")


def _days_text(days_left: int | None) -> str:
    if days_left is None:
        return ""
    if days_left == 1:
        return "The last day on which this user can be restored."
    return f"{days_left} days left to restore this user."
