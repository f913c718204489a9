"""Users in Partner Center v1: listing, licences, and everything done to one user.

Every builder and parser names the page it follows, all under
learn.microsoft.com/partner-center/developer.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from o365desk.domain.creation import NewUser
from o365desk.domain.directory import TenantId, User, UserEdit, UserId, UserState
from o365desk.domain.licensing import LicenseAssignment, LicenseChange, LicenseGrant, PlanId, SkuId
from o365desk.domain.passwords import NewPassword
from o365desk.wire.codec import JsonBody, decode, is_guid, moment, segment, sku_id
from o365desk.wire.messages import ApiRequest, ApiResponse, Page
from o365desk.wire.operations import Operation
from o365desk.wire.partner_center import (
    LICENSE_GROUPS,
    PAGE,
    Collection,
    Plan,
    ProductSku,
    customer_path,
    follow,
    get,
    write,
)

_DELETED = ("filter", '{"Field":"UserState","Value":"Inactive","Operator":"equals"}')
_USER = {"objectType": "CustomerUser"}


class _User(JsonBody):
    """CustomerUser. passwordProfile stays unread: it holds the password in clear."""

    id: str
    user_principal_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    display_name: str | None = None
    usage_location: str | None = None
    last_directory_sync_time: str | None = None
    state: str | None = None
    soft_deletion_time: str | None = None


class _Users(Collection):
    items: list[_User]


def users(tenant: TenantId) -> ApiRequest:
    """get-a-list-of-all-user-accounts-for-a-customer: those who are not deleted."""
    return get(Operation.LIST_USERS, f"{customer_path(tenant)}/users", PAGE)


def deleted_users(tenant: TenantId) -> ApiRequest:
    """view-a-deleted-user: the prose says UserState, a printed self link UserStatus."""
    return get(Operation.LIST_DELETED_USERS, f"{customer_path(tenant)}/users", PAGE, _DELETED)


def parse_users(response: ApiResponse, request: ApiRequest) -> Page[User]:
    """Users without their licences, which cost a call each."""
    page = decode(response.body, _Users)
    return Page(tuple(_to_user(found) for found in page.items), follow(request, page))


def user(tenant: TenantId, user: UserId) -> ApiRequest:
    """get-a-user-account-by-id."""
    return get(Operation.GET_USER, _path(tenant, user))


def parse_user(response: ApiResponse) -> User:
    """One user, as every call that reads or changes one answers."""
    return _to_user(decode(response.body, _User))


def _to_user(found: _User) -> User:
    id_ = UserId(found.id.lower())
    deleted = (found.state or "").lower() == "inactive"
    username = found.user_principal_name or ""
    prefix = id_.replace("-", "")
    if deleted and prefix and username.lower().startswith(prefix):
        username = username[len(prefix) :]
    return User(
        id=id_,
        display_name=found.display_name or "",
        username=username,
        first_name=found.first_name or "",
        last_name=found.last_name or "",
        state=UserState.DELETED if deleted else UserState.ACTIVE,
        location=(found.usage_location or "").upper(),
        licenses=None,
        deleted_at=moment(found.soft_deletion_time) if deleted else None,
        # Set for users mastered on premises only (or to .NET's year 1); there is no plainer sign.
        synced=not (found.last_directory_sync_time or "0001-").startswith("0001-"),
        guest="#EXT#" in username.upper(),
    )


class _License(JsonBody):
    product_sku: ProductSku
    service_plans: list[Plan] | None = None


class _Licenses(Collection):
    items: list[_License]


def licenses(tenant: TenantId, user: UserId) -> ApiRequest:
    """check-which-licenses-are-assigned-to-a-user, of both licence groups."""
    return get(Operation.GET_LICENSES, f"{_path(tenant, user)}/licenses", *LICENSE_GROUPS)


def parse_licenses(response: ApiResponse, request: ApiRequest) -> Page[LicenseAssignment]:
    """What the user holds. Partner Center does not tell direct from inherited."""
    page = decode(response.body, _Licenses)
    return Page(tuple(_to_assignment(found) for found in page.items), follow(request, page))


def _to_assignment(found: _License) -> LicenseAssignment:
    return LicenseAssignment(
        sku_id(found.product_sku.id),
        disabled_plans=tuple(
            PlanId(plan.id.lower())
            for plan in found.service_plans or ()
            if plan.id and (plan.capability_status or "").lower() == "disabled"
        ),
    )


def license_updates(
    tenant: TenantId, user: UserId, change: LicenseChange, group_of: Mapping[SkuId, str]
) -> tuple[ApiRequest, ...]:
    """assign-licenses-to-a-user: one call for each licence group the change touches.

    `group_of` is the group of SKUs as subscribedskus tells it. Of others, those known by a part
    number are of group 2.
    """

    def group(sku: SkuId) -> str:
        return group_of.get(sku) or ("group1" if is_guid(sku) else "group2")

    return tuple(
        _license_update(
            tenant,
            user,
            [grant for grant in change.add if group(grant.sku_id) == name],
            [sku for sku in change.remove if group(sku) == name],
        )
        for name in sorted({group(sku) for sku in change.sku_ids})
    )


def _license_update(
    tenant: TenantId, user: UserId, add: Iterable[LicenseGrant], remove: Iterable[SkuId]
) -> ApiRequest:
    body = {
        "licensesToAssign": [
            {"skuId": grant.sku_id, "excludedPlans": list(grant.disabled_plans)} for grant in add
        ],
        "licensesToRemove": list(remove),
        "attributes": {"objectType": "LicenseUpdate"},
    }
    path = f"{_path(tenant, user)}/licenseupdates"
    return write(Operation.UPDATE_LICENSES, "POST", path, body)


class _Warning(JsonBody):
    code: str | int | None = None
    message: str | None = None


class _LicenseUpdate(JsonBody):
    license_warnings: list[_Warning] | None = None


def parse_license_update(response: ApiResponse) -> tuple[str, ...]:
    """Warnings about an update that was made nevertheless."""
    found = decode(response.body, _LicenseUpdate).license_warnings or ()
    return tuple(warning.message for warning in found if warning.message)


def create_user(tenant: TenantId, new: NewUser) -> ApiRequest:
    """create-user-accounts-for-a-customer: prints 200; 201 is as good."""
    body: dict[str, Any] = {
        "userPrincipalName": new.username,
        "firstName": new.first_name,
        "lastName": new.last_name,
        "displayName": new.display_name,
        "passwordProfile": _password_profile(new.password),
        "attributes": _USER,
    }
    if new.location:
        body["usageLocation"] = new.location
    return write(Operation.CREATE_USER, "POST", f"{customer_path(tenant)}/users", body)


def edit_user(tenant: TenantId, user: UserId, edit: UserEdit) -> ApiRequest:
    """update-user-accounts-for-a-customer: only what changes."""
    fields = {
        "firstName": edit.first_name,
        "lastName": edit.last_name,
        "displayName": edit.display_name,
        "usageLocation": edit.location,
    }
    body = {name: text for name, text in fields.items() if text is not None}
    return _patch(Operation.UPDATE_USER, tenant, user, body)


def reset_password(tenant: TenantId, user: UserId, new: NewPassword) -> ApiRequest:
    """reset-user-password-for-a-customer. The answer echoes the password: never parse or log it."""
    body = {"passwordProfile": _password_profile(new)}
    return _patch(Operation.RESET_PASSWORD, tenant, user, body)


def delete_user(tenant: TenantId, user: UserId) -> ApiRequest:
    """delete-user-accounts-for-a-customer: answers 204."""
    return write(Operation.DELETE_USER, "DELETE", _path(tenant, user))


def restore_user(tenant: TenantId, user: UserId) -> ApiRequest:
    """restore-a-user-for-a-customer: there is no way to give another name with it."""
    return _patch(Operation.RESTORE_USER, tenant, user, {"state": "active"})


def _patch(
    operation: Operation, tenant: TenantId, user: UserId, body: dict[str, Any]
) -> ApiRequest:
    return write(operation, "PATCH", _path(tenant, user), {**body, "attributes": _USER})


def _password_profile(new: NewPassword) -> dict[str, Any]:
    return {"password": new.password.reveal(), "forceChangePassword": new.must_change}


def _path(tenant: TenantId, user: UserId) -> str:
    return f"{customer_path(tenant)}/users/{segment(user)}"
