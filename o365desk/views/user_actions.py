"""What can be done with a user, as data: the row's buttons, the ".." menu and the shortcuts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from o365desk.domain.acts import Act
from o365desk.domain.directory import User, UserId

if TYPE_CHECKING:  # rights and ports stay off the path to first paint
    from o365desk.domain.ports import Capabilities
    from o365desk.domain.rights import TenantRights

NO_SIGN_INS = "Partner Center does not tell when users signed in last."


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
    act: Act
    icon: str
    applies: Callable[[User], bool]
    shortcut: str = ""


USER_ACTIONS = (
    UserAction(
        Intent.MANAGE_LICENSES, Act.LICENSE, "license", lambda user: not user.deleted, "Ctrl+L"
    ),
    UserAction(
        Intent.RESET_PASSWORD, Act.RESET_PASSWORD, "key", lambda user: not user.deleted, "Ctrl+P"
    ),
    UserAction(Intent.EDIT, Act.EDIT, "edit", lambda user: not user.deleted, "F2"),
    UserAction(Intent.DELETE, Act.DELETE, "trash", lambda user: not user.deleted, "Del"),
    UserAction(Intent.RESTORE, Act.RESTORE, "restore", lambda user: user.deleted, "Ctrl+R"),
)
_ACT_OF = {action.intent: action.act for action in USER_ACTIONS}


def actions_for(user: User) -> tuple[UserAction, ...]:
    """Entries of a user's ".." menu: Restore alone for a deleted user (S34 to S36)."""
    return tuple(action for action in USER_ACTIONS if action.applies(user))


def _nothing_forbidden(act: Act, user: User) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be done in the tenant on screen and to whom, and why the rest cannot."""

    refused: Mapping[Act, str] = field(default_factory=dict)
    """What cannot be done to anybody, with the reason."""
    forbidden: Callable[[Act, User], str] = _nothing_forbidden
    """Why something cannot be done to one user, though to others; empty when it can."""
    titles: Mapping[UserId, str] = field(default_factory=dict)
    """Roles of those to be careful with, in words."""
    untold: Mapping[str, str] = field(default_factory=dict)
    """Columns, by key, that the tenant's services cannot fill, with the reason."""

    def reason(self, intent: Intent, user: User) -> str:
        """Why an action is not possible on a user; empty when it is, as far as is known."""
        act = _ACT_OF[intent]
        return self.refused.get(act, "") or self.forbidden(act, user)


def offers(capabilities: "Capabilities", rights: "TenantRights | None" = None) -> Offers:
    """What the screen offers, by what the tenant's services and the operator's roles allow."""
    against = {act: capabilities.reason_against(act) for act in Act}
    refused = {act: reason for act, reason in against.items() if reason}
    untold = {} if capabilities.sign_ins_known else {"sign_in": NO_SIGN_INS}
    if rights is None:
        return Offers(refused, untold=untold)

    def forbidden(act: Act, user: User) -> str:
        name = user.display_name or user.username
        return rights.forbidden(act, name, rights.holder(user.id))

    holders = rights.holders or {}
    titles = {user: holder.title for user, holder in holders.items() if holder.protected}
    return Offers(refused, forbidden, titles, untold)
