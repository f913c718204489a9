"""What can be done with a user, as data: the row's buttons, the ".." menu and the shortcuts."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from o365desk.domain.directory import User

if TYPE_CHECKING:
    from o365desk.domain.ports import Capabilities  # the ports stay off the path to first paint


class Intent(StrEnum):
    """What the operator wants to do with one user."""

    MANAGE_LICENSES = "Manage Licenses"
    RESET_PASSWORD = "Reset Password"
    EDIT = "Edit User Information"
    DELETE = "Delete"
    RESTORE = "Restore"


@dataclass(frozen=True, slots=True)
class UserAction:
    """One entry of the ".." menu."""

    intent: Intent
    icon: str
    applies: Callable[[User], bool]
    shortcut: str = ""


USER_ACTIONS = (
    UserAction(Intent.MANAGE_LICENSES, "license", lambda user: not user.deleted, "Ctrl+L"),
    UserAction(Intent.RESET_PASSWORD, "key", lambda user: not user.deleted, "Ctrl+P"),
    UserAction(Intent.EDIT, "edit", lambda user: not user.deleted, "F2"),
    UserAction(Intent.DELETE, "trash", lambda user: not user.deleted, "Del"),
    UserAction(Intent.RESTORE, "restore", lambda user: user.deleted, "Ctrl+R"),
)


def actions_for(user: User) -> tuple[UserAction, ...]:
    """Entries of a user's ".." menu: Restore alone for a deleted user (S34 to S36)."""
    return tuple(action for action in USER_ACTIONS if action.applies(user))


def disabled_reason(capabilities: "Capabilities") -> str:
    """Why no action can be used in this tenant; empty when they can."""
    if capabilities.write:
        return ""
    return capabilities.reason or "The data on screen cannot be changed."
