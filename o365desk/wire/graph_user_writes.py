"""What Microsoft Graph v1.0 can be told to do to a user.

Every builder names the page it follows, all under learn.microsoft.com/graph/api. Answers of 200
and 201 are read by the parsers of `graph_users`; 204 has nothing to read.
"""

from typing import Any

from o365desk.domain.creation import NewUser
from o365desk.domain.directory import UserEdit, UserId
from o365desk.domain.licensing import LicenseChange
from o365desk.domain.passwords import NewPassword
from o365desk.wire.codec import segment
from o365desk.wire.graph import write
from o365desk.wire.graph_users import user_path
from o365desk.wire.messages import ApiRequest
from o365desk.wire.operations import Operation


def assign_license(user: UserId, change: LicenseChange) -> ApiRequest:
    """user-assignlicense: both arrays always, never null."""
    return write(
        Operation.ASSIGN_LICENSE,
        "POST",
        f"{user_path(user)}/assignLicense",
        {
            "addLicenses": [
                {"disabledPlans": list(grant.disabled_plans), "skuId": grant.sku_id}
                for grant in change.add
            ],
            "removeLicenses": list(change.remove),
        },
    )


def create_user(new: NewUser) -> ApiRequest:
    """user-post-users. usageLocation goes along: no licence can be given without it."""
    body: dict[str, Any] = {
        "accountEnabled": True,
        "displayName": new.display_name,
        "mailNickname": new.username.partition("@")[0],
        "userPrincipalName": new.username,
        "passwordProfile": _password_profile(new.password),
    }
    optional = {
        "givenName": new.first_name,
        "surname": new.last_name,
        "usageLocation": new.location,
    }
    body.update((name, text) for name, text in optional.items() if text)
    return write(Operation.CREATE_USER, "POST", "/users", body)


def edit_user(user: UserId, edit: UserEdit) -> ApiRequest:
    """user-update: only what changes. A property is cleared by null; "" is refused."""
    fields = {
        "givenName": edit.first_name,
        "surname": edit.last_name,
        "displayName": edit.display_name,
        "usageLocation": edit.location,
    }
    body = {name: text or None for name, text in fields.items() if text is not None}
    return write(Operation.UPDATE_USER, "PATCH", user_path(user), body)


def reset_password(user: UserId, new: NewPassword) -> ApiRequest:
    """user-update with passwordProfile alone: beside other fields one refusal fails them all."""
    return write(
        Operation.RESET_PASSWORD,
        "PATCH",
        user_path(user),
        {"passwordProfile": _password_profile(new)},
    )


def delete_user(user: UserId) -> ApiRequest:
    """user-delete: answers 204."""
    return write(Operation.DELETE_USER, "DELETE", user_path(user))


def restore_user(user: UserId, new_username: str = "") -> ApiRequest:
    """directory-deleteditems-restore. Its two optional parameters go along only when needed:
    not every version of the service knows them."""
    body = (
        {"newUserPrincipalName": new_username, "autoReconcileProxyConflict": True}
        if new_username
        else None
    )
    path = f"/directory/deletedItems/{segment(user)}/restore"
    return write(Operation.RESTORE_USER, "POST", path, body)


def _password_profile(new: NewPassword) -> dict[str, Any]:
    # Left out, forceChangePasswordNextSignIn would mean false.
    return {
        "forceChangePasswordNextSignIn": new.must_change,
        "password": new.password.reveal(),
    }
