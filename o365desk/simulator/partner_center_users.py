"""Partner Center's users and their licences."""

from collections.abc import Mapping
from typing import Any

from o365desk.simulator import accounts, catalog, licensing, roles
from o365desk.simulator import partner_center_shapes as shapes
from o365desk.simulator.ids import is_guid
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.partner_center import PartnerCall, PartnerCenterError, answer
from o365desk.simulator.partner_center_paging import filter_of, page_of, size_of, start_of
from o365desk.simulator.state import Tenant, User

_READ_USERS = frozenset({roles.GLOBAL, roles.READERS, roles.GLOBAL_READER, roles.USER})
_READ_LICENSES = frozenset(
    {roles.GLOBAL, roles.READERS, roles.WRITERS, roles.USER, roles.LICENSE, roles.GLOBAL_READER}
)
_READ_ROLES = _READ_USERS | {roles.WRITERS, roles.PRIVILEGED_ROLE}
_RESET = frozenset({roles.GLOBAL, roles.USER, roles.PRIVILEGED_AUTHENTICATION})
_USER_FIELDS = {
    "usagelocation": "usage_location",
    "userprincipalname": "upn",
    "firstname": "given_name",
    "lastname": "surname",
    "displayname": "display_name",
    "immutableid": "immutable_id",
    "phonenumber": "phone",
}
_IGNORED_FIELDS = frozenset(
    {"attributes", "links", "id", "state", "userdomaintype", "softdeletiontime",
     "lastdirectorysynctime", "passwordprofile"}
)  # fmt: skip


def users(call: PartnerCall, tenant_id: str) -> HttpResponse:
    """GET /customers/{c}/users: active ones, or deleted ones with UserState Inactive."""
    tenant = call.customer(tenant_id, _READ_USERS)
    field, value, operator = filter_of(call)
    pool = list(tenant.users.values())
    if field:
        if field.lower() != "userstate" or operator.lower() != "equals":
            raise PartnerCenterError(400, 800002, "The filter is not supported.")
        if value.lower() == "inactive":
            pool = sorted(tenant.deleted.values(), key=lambda user: user.seq)
        elif value.lower() != "active":
            raise PartnerCenterError(400, 800002, "The filter value is not supported.")
    if tenant.hidden:
        now = call.directory.now()
        pool = [
            user
            for user in pool
            if (lag := tenant.hidden.get(user.user_id)) is None
            or (lag.reads <= 0 and now >= lag.until)
        ]
    sort = call.first("sortfield").lower()
    if sort in {"displayname", "userprincipalname"}:
        pool.sort(
            key=lambda user: (user.display_name if sort == "displayname" else user.upn).casefold(),
            reverse=call.first("sortdirection").lower().startswith("desc"),
        )
        start = start_of(call)
    else:
        start = _behind(pool, start_of(call))
    size = size_of(call)
    page = pool[start : start + size]
    place: int | None = None
    if start + size < len(pool):
        place = start + size if sort else page[-1].seq
    return page_of(call, [shapes.user_json(tenant, user) for user in page], place)


def _behind(pool: list[User], seq: int) -> int:
    return next((index for index, user in enumerate(pool) if user.seq > seq), len(pool))


def _user(call: PartnerCall, tenant: Tenant, key: str) -> User:
    return accounts.find(tenant, key, call.directory.now())


def user(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """GET /customers/{c}/users/{u}; begins with a byte order mark, as published."""
    tenant = call.customer(tenant_id, _READ_USERS)
    return answer(shapes.user_json(tenant, _user(call, tenant, key)), bom=True)


def _changes(body: Mapping[str, Any]) -> dict[str, object]:
    changes: dict[str, object] = {}
    for name, value in body.items():
        if name in _IGNORED_FIELDS:
            continue
        attribute = _USER_FIELDS.get(name)
        if attribute is None or not isinstance(value, str | None):
            raise PartnerCenterError(400, 3000, f"The property {name} is invalid.")
        changes[attribute] = value
    return changes


def _password(body: Mapping[str, Any]) -> tuple[str, bool] | None:
    profile_ = body.get("passwordprofile")
    if not isinstance(profile_, dict):
        return None
    folded = {str(name).lower(): value for name, value in profile_.items()}
    return str(folded.get("password") or ""), bool(folded.get("forcechangepassword"))


def create_user(call: PartnerCall, tenant_id: str) -> HttpResponse:
    """POST /customers/{c}/users: 200 as printed, password echoed."""
    tenant = call.customer(tenant_id, roles.CAN_WRITE_USERS)
    body = call.body()
    changes = _changes(body)
    for name in ("usagelocation", "userprincipalname", "firstname", "lastname", "displayname"):
        if not changes.get(_USER_FIELDS[name]):
            raise PartnerCenterError(400, 3000, f"The property {name} is required.")
    password, force = _password(body) or ("", False)
    made = accounts.create(tenant, changes, password, force, call.directory.now(), call.lag)
    reply = shapes.user_with_password(tenant, made, password, force_change=force)
    del reply["links"]  # the published answer has none
    return answer(reply)


def patch_user(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """PATCH: update, reset the password, or restore with state active."""
    tenant = call.customer(tenant_id, _READ_USERS | _RESET | roles.CAN_RESTORE)
    held, now = call.rights(tenant), call.directory.now()
    body = call.body()
    if key.lower() in tenant.deleted:
        if str(body.get("state", "")).lower() != "active":
            raise PartnerCenterError(404, 60002, "The user object id was not found.")
        call.customer(tenant_id, roles.CAN_RESTORE)
        restored = accounts.restore(tenant, key, now, call.lag)
        return answer(shapes.user_json(tenant, restored))
    found = _user(call, tenant, key)
    changes, password = _changes(body), _password(body)
    if changes or password is None:
        call.customer(tenant_id, roles.CAN_WRITE_USERS)
    if password is not None:
        call.customer(tenant_id, _RESET)
        accounts.check_reset(tenant, held, found)
        if changes:
            accounts.update(tenant, found, changes)
        accounts.reset_password(tenant, held, found, *password, now)
        # The published answer says false although true was asked.
        return answer(shapes.user_with_password(tenant, found, password[0], force_change=False))
    accounts.update(tenant, found, changes)
    return answer(shapes.user_json(tenant, found))


def delete_user(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """DELETE /customers/{c}/users/{u}: 204, empty."""
    tenant = call.customer(tenant_id, roles.CAN_WRITE_USERS)
    found = _user(call, tenant, key)
    accounts.delete(tenant, call.rights(tenant), found, call.directory.now(), call.lag)
    return HttpResponse(204)


def groups_of(call: PartnerCall) -> set[str]:
    """The licence groups asked for; only group1 unless said."""
    return {value.lower() for value in call.every("licensegroupids")} or {"group1"}


def licenses(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """GET …/licenses; begins with a byte order mark, as published."""
    tenant = call.customer(tenant_id, _READ_LICENSES)
    found = _user(call, tenant, key)
    wanted = groups_of(call)
    merged: dict[str, set[str]] = {}
    for sku, _group, held, error in tenant.held(found):
        if not error:
            off = set(held.disabled)
            merged[sku] = merged[sku] & off if sku in merged else off
    items = [
        shapes.license_json(sku, off)
        for sku, off in merged.items()
        if catalog.products()[sku].license_group in wanted
    ]
    return answer(shapes.collection(items), bom=True)


def _ids(values: object) -> list[str]:
    if values is None:
        return []
    if not isinstance(values, list) or not all(
        isinstance(item, str) and is_guid(item) for item in values
    ):
        raise PartnerCenterError(400, 800002, "The request input is invalid.")
    return [item.lower() for item in values]


def license_updates(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """POST …/licenseupdates: both lists in one step, one licence group a call."""
    tenant = call.customer(tenant_id, roles.CAN_LICENSE)
    body = call.body()
    add: dict[str, tuple[str, ...]] = {}
    echo: list[dict[str, Any]] = []
    entries = body.get("licensestoassign")
    if entries is not None and not isinstance(entries, list):
        raise PartnerCenterError(400, 800002, "The request input is invalid.")
    for entry in entries or []:
        if not isinstance(entry, dict):
            raise PartnerCenterError(400, 800002, "The request input is invalid.")
        folded = {str(name).lower(): value for name, value in entry.items()}
        sku = _ids([folded.get("skuid")])[0]
        excluded = _ids(folded.get("excludedplans"))
        add[sku] = tuple(excluded)
        shown: dict[str, Any] = {"skuId": sku}
        if excluded:
            shown["excludedPlans"] = excluded
        echo.append(shown)
    remove = _ids(body.get("licensestoremove"))
    products = catalog.products()
    groups = {products[sku].license_group for sku in (*add, *remove) if sku in products}
    if len(groups) > 1:
        raise PartnerCenterError(
            400, 2000, "The licenses of one request must belong to one license group."
        )
    found = _user(call, tenant, key)
    licensing.assign(tenant, found, add, remove, call.directory.now(), call.lag)
    reply: dict[str, Any] = {}
    if echo:
        reply["licensesToAssign"] = echo
    if remove:
        reply["licensesToRemove"] = remove
    reply["licenseWarnings"] = []
    reply["attributes"] = {"objectType": "LicenseUpdate"}
    return answer(reply, 201)


def directory_roles(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """GET …/directoryroles."""
    tenant = call.customer(tenant_id, _READ_ROLES)
    found = _user(call, tenant, key)
    items = [
        {
            "id": template,
            "name": roles.NAMES[template],
            "attributes": {"objectType": "DirectoryRole"},
        }
        for template in found.roles
    ]
    return answer(shapes.collection(items))
