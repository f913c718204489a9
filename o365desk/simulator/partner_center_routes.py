"""Partner Center's operations, one function each, and the table of their paths."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from o365desk.simulator import accounts, catalog, licensing, roles
from o365desk.simulator import partner_center_shapes as shapes
from o365desk.simulator.ids import guid_of, is_guid
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.partner_center import Handler, PartnerCall, PartnerCenterError, answer
from o365desk.simulator.routes import Routes
from o365desk.simulator.state import (
    Subscription,
    SubscriptionKind,
    SubscriptionStatus,
    Tenant,
    User,
)

MOST = 500
"""Largest page; the real limit is not published [K]."""
_READ_USERS = frozenset({roles.GLOBAL, roles.READERS, roles.GLOBAL_READER, roles.USER})
_READ_LICENSES = frozenset(
    {roles.GLOBAL, roles.READERS, roles.WRITERS, roles.USER, roles.LICENSE, roles.GLOBAL_READER}
)
_READ_SKUS = frozenset(
    {roles.GLOBAL, roles.READERS, roles.GLOBAL_READER, roles.USER, roles.LICENSE}
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


def profile(call: PartnerCall) -> HttpResponse:
    """GET /profiles/organization: the reseller itself."""
    tenant = call.directory.partner
    return answer(
        {
            "id": tenant.tenant_id,
            "companyName": tenant.name,
            "defaultAddress": {
                "country": tenant.country,
                "city": tenant.city,
                "addressLine1": tenant.street,
                "postalCode": tenant.postal_code,
            },
            "tenantId": tenant.tenant_id,
            "domain": tenant.default_domain,
            "email": f"operations@{tenant.default_domain}",
            "language": tenant.language,
            "culture": f"{tenant.language}-{tenant.country}",
            "links": {"self": shapes.link("/profiles/organization")},
            "attributes": {"objectType": "OrganizationProfile"},
        }
    )


def _size(call: PartnerCall) -> int:
    text = call.first("size") or "0"
    if not text.isdigit():
        raise PartnerCenterError(400, 800002, "The request input is invalid.")
    # 0 is published and means no wish of one's own.
    return min(int(text) or MOST, MOST)


def _filter(call: PartnerCall) -> tuple[str, str, str]:
    """Field, value and operator of the filter object; empty when there is none."""
    text = call.first("filter")
    if not text:
        return "", "", ""
    try:
        value = json.loads(text)
        folded = {str(name).lower(): item for name, item in value.items()}
        return str(folded["field"]), str(folded["value"]), str(folded["operator"])
    except (ValueError, KeyError, AttributeError):
        raise PartnerCenterError(400, 800002, "The filter is invalid.") from None


def _start(call: PartnerCall) -> int:
    """Where the page begins: behind the continuation token, which travels as a header."""
    if call.first("seekoperation").lower() != "next":
        return 0
    token = call.request.header("ms-continuationtoken")
    try:
        kind, place, _rest = base64.b64decode(token, validate=True).decode().split("|")
    except (ValueError, binascii.Error):
        raise PartnerCenterError(
            400, 2000, "The continuation token is missing or invalid."
        ) from None
    if kind != call.request.path.lower():
        raise PartnerCenterError(400, 2000, "The continuation token is missing or invalid.")
    return int(place)


def _page(call: PartnerCall, items: list[dict[str, Any]], place: int | None) -> HttpResponse:
    """One page; a `place` makes a next link with its header."""
    path = call.request.path.removeprefix("/v1")
    query = "&".join(
        part
        for part in call.request.query.split("&")
        if part and "seekoperation" not in part.lower()
    )
    uri = f"{path}?{query}" if query else path
    if call.request.segments[-1].lower() == "customers":
        # The published self link of customers has the version, that of users has not.
        body = shapes.collection(items, f"/v1{uri}")
    else:
        # The published self link says UserStatus where the request said UserState.
        body = shapes.collection(items, uri.replace("UserState", "UserStatus"))
    if place is not None:
        token = base64.b64encode(
            f"{call.request.path.lower()}|{place}|{guid_of('token', place)}".encode()
        ).decode()
        body["continuationToken"] = token
        joined = f"{uri}{'&' if '?' in uri else '?'}seekOperation=Next"
        # With and without the version, as it comes: clients have to cope.
        prefix = "/v1" if place % 2 else ""
        body["links"]["next"] = {
            "uri": prefix + joined,
            "method": "GET",
            "headers": [{"key": "MS-ContinuationToken", "value": token}],
        }
    return answer(body)


def customers(call: PartnerCall) -> HttpResponse:
    """GET /customers: filter by the start of a name, a domain, or by indirect reseller."""
    field, value, operator = _filter(call)
    found = list(call.directory.customers.values())
    if field:
        wanted = value.lower()
        if operator.lower() != "starts_with":
            raise PartnerCenterError(400, 800002, "The filter operator is not supported.")
        if field.lower() == "companyname":
            found = [item for item in found if item.name.lower().startswith(wanted)]
        elif field.lower() == "domain":
            found = [
                item
                for item in found
                if any(domain.name.startswith(wanted) for domain in item.domains)
            ]
        elif field.lower() == "indirectreseller":
            found = [item for item in found if item.indirect_reseller.lower() == wanted]
        else:
            raise PartnerCenterError(400, 800002, "The filter field is not supported.")
    size, start = _size(call), _start(call)
    page = [shapes.customer_short(item) for item in found[start : start + size]]
    return _page(call, page, start + size if start + size < len(found) else None)


def customer(call: PartnerCall, tenant_id: str) -> HttpResponse:
    """GET /customers/{c}."""
    return answer(shapes.customer_full(call.customer(tenant_id)))


def users(call: PartnerCall, tenant_id: str) -> HttpResponse:
    """GET /customers/{c}/users: active ones, or deleted ones with UserState Inactive."""
    tenant = call.customer(tenant_id, _READ_USERS)
    field, value, operator = _filter(call)
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
        start = _start(call)
    else:
        start = _behind(pool, _start(call))
    size = _size(call)
    page = pool[start : start + size]
    place: int | None = None
    if start + size < len(pool):
        place = start + size if sort else page[-1].seq
    return _page(call, [shapes.user_json(tenant, user) for user in page], place)


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


def _groups(call: PartnerCall) -> set[str]:
    """The licence groups asked for; only group1 unless said."""
    return {value.lower() for value in call.every("licensegroupids")} or {"group1"}


def licenses(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """GET …/licenses; begins with a byte order mark, as published."""
    tenant = call.customer(tenant_id, _READ_LICENSES)
    found = _user(call, tenant, key)
    wanted = _groups(call)
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


def subscribed_skus(call: PartnerCall, tenant_id: str) -> HttpResponse:
    """GET …/subscribedskus."""
    tenant = call.customer(tenant_id, _READ_SKUS)
    wanted = _groups(call)
    consumed = licensing.shown_consumed(tenant, call.directory.now())
    items = [
        shapes.sku_json(tenant, sku, held, consumed)
        for sku, held in licensing.owned(tenant).items()
        if catalog.products()[sku].license_group in wanted
    ]
    return answer(shapes.collection(items))


def subscriptions(call: PartnerCall, tenant_id: str) -> HttpResponse:
    """GET …/subscriptions: seats, Azure usage and third parties' software alike."""
    tenant = call.customer(tenant_id)
    items = [shapes.subscription_json(tenant, item) for item in tenant.subscriptions]
    return answer(shapes.collection(items))


def _subscription(tenant: Tenant, key: str) -> Subscription:
    for item in tenant.subscriptions:
        if item.commerce_id == key.lower():
            return item
    raise PartnerCenterError(404, 20003, "The subscription was not found.")


def subscription(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """GET …/subscriptions/{s}."""
    tenant = call.customer(tenant_id)
    return answer(shapes.subscription_json(tenant, _subscription(tenant, key)))


def provisioning_status(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """GET …/provisioningstatus: the only tie from a subscription to its SKU."""
    tenant = call.customer(tenant_id)
    item = _subscription(tenant, key)
    if item.kind is not SubscriptionKind.LICENSE:
        raise PartnerCenterError(400, 900127, "The operation is not supported for this resource.")
    age = call.directory.now() - item.created
    status = "pending" if age.total_seconds() < 900 else "success"
    if item.status is SubscriptionStatus.DELETED:
        status = "failed"
    return answer(
        {
            "skuId": item.sku_id,
            "status": status,
            "quantity": item.quantity,
            "endDate": shapes.moment(item.ends),
            "attributes": {"objectType": "SubscriptionProvisioningStatus"},
        }
    )


def directory_roles(call: PartnerCall, tenant_id: str, key: str) -> HttpResponse:
    """GET …/directoryroles."""
    tenant = call.customer(tenant_id, _READ_ROLES)
    found = _user(call, tenant, key)
    items = [
        {
            "id": guid_of(tenant.tenant_id, "role", template),
            "name": roles.NAMES[template],
            "attributes": {"objectType": "DirectoryRole"},
        }
        for template in found.roles
    ]
    return answer(shapes.collection(items))


def domain(call: PartnerCall, name: str) -> HttpResponse:
    """HEAD /domains/{name}: 200 taken, 404 free, nothing else said."""
    low = name.lower()
    taken = any(tenant.domain(low) is not None for tenant in call.directory.tenants.values())
    return HttpResponse(200 if taken else 404)


ROUTES: Routes[Handler] = Routes(
    ("GET", "/profiles/organization", profile),
    ("GET", "/customers", customers),
    ("GET", "/customers/{c}", customer),
    ("GET", "/customers/{c}/users", users),
    ("POST", "/customers/{c}/users", create_user),
    ("GET", "/customers/{c}/users/{u}", user),
    ("PATCH", "/customers/{c}/users/{u}", patch_user),
    ("DELETE", "/customers/{c}/users/{u}", delete_user),
    ("GET", "/customers/{c}/users/{u}/licenses", licenses),
    ("POST", "/customers/{c}/users/{u}/licenseupdates", license_updates),
    ("GET", "/customers/{c}/users/{u}/directoryroles", directory_roles),
    ("GET", "/customers/{c}/subscribedskus", subscribed_skus),
    ("GET", "/customers/{c}/subscriptions", subscriptions),
    ("GET", "/customers/{c}/subscriptions/{s}", subscription),
    ("GET", "/customers/{c}/subscriptions/{s}/provisioningstatus", provisioning_status),
    ("HEAD", "/domains/{d}", domain),
)
