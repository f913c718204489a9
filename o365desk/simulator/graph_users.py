"""Graph's user operations: list, count, read, create, change, delete."""

from collections.abc import Callable, Mapping
from typing import Any

from o365desk.simulator import accounts, licensing, passwords, roles
from o365desk.simulator import graph_query as query
from o365desk.simulator.graph_answers import (
    Call,
    GraphError,
    bad_request,
    empty_answer,
    json_answer,
    raw_answer,
    unsupported,
)
from o365desk.simulator.graph_rows import page as render_page
from o365desk.simulator.graph_schema import (
    PATCHABLE,
    USER,
    canonical,
    context,
    no_property,
    render,
    selected,
)
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.refusals import INVALID_VALUES
from o365desk.simulator.state import Tenant, User

KNOWN_OPTIONS = frozenset(
    {
        "$select",
        "$top",
        "$filter",
        "$orderby",
        "$search",
        "$count",
        "$skiptoken",
        "$format",
        "$deltatoken",
    }
)
_PAGES_KEPT = 400
_NOT_PREMIUM = GraphError(
    403,
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
)


def user_lookup(tenant: Tenant) -> query.Lookup:
    """Property names of a $filter to values."""

    def lookup(name: str) -> Callable[[Any], Any]:
        known = canonical(name)
        if known is None:
            raise no_property(name, "user", "Invalid filter clause")
        getter = USER[known]
        return lambda user: getter(user, tenant)

    return lookup


def check_options(options: Mapping[str, str]) -> None:
    """Refuses options that the directory does not know."""
    if "$skip" in options:
        raise bad_request("'$skip' is not supported by the service.")
    for name in options:
        if name.startswith("$") and name not in KNOWN_OPTIONS:
            raise bad_request(f"The query parameter '{name}' is not supported.", "BadRequest")


def guard_sign_in(call: Call, names: tuple[str, ...]) -> None:
    """signInActivity needs Entra ID P1 or P2; without, the whole answer fails."""
    if "signInActivity" in names and not licensing.is_premium(call.tenant):
        raise _NOT_PREMIUM


def query_users(call: Call, users: list[User]) -> tuple[list[User], bool]:
    """Applies $filter, $search and $orderby; true when anything was applied."""
    options, tenant = call.options, call.tenant
    counted = options.get("$count", "").lower() == "true"
    text, sort, find = options.get("$filter"), options.get("$orderby"), options.get("$search")
    lookup = user_lookup(tenant)
    advanced = False
    if text is not None:
        parsed = query.Filter(text, lookup)
        advanced = parsed.advanced
        if advanced and not (call.eventual and counted):
            raise unsupported(
                "Unsupported Query. Operator needs the header 'ConsistencyLevel: eventual' and "
                "$count=true."
            )
        users = [user for user in users if parsed.test(user)]
    if find is not None:
        if not call.eventual:
            raise unsupported(
                "Request with $search query parameter only works through MSGraph with a special "
                "request header: 'ConsistencyLevel: eventual'"
            )
        found = query.search(find, lookup)
        users = [user for user in users if found(user)]
    if sort is not None:
        if text is not None and not (call.eventual and counted):
            raise unsupported("Sorting not supported for current query.")
        users = query.order(sort, lookup, users)
    return users, text is not None or sort is not None or find is not None


def collection(
    call: Call, users: list[User], kind: str, default: int, most: int, entity_set: str = "users"
) -> bytes:
    """One page of users, rendered; what follows is behind an opaque next link."""
    tenant = call.tenant
    select = call.options.get("$select")
    names = selected(select, of_collection=True)
    guard_sign_in(call, names)
    size = query.top(call.options, default, most)
    if "signInActivity" in names:
        size = min(size, 500)
    users, shaped = query_users(call, users)
    token = call.options.get("$skiptoken")
    first = 0
    if token is not None:
        position = query.read_position(token, kind)
        # Plain listings go on behind the last user shown, whoever came or went meanwhile.
        first = position if shaped else _behind(users, position)
    page = users[first : first + size]
    body: dict[str, Any] = {
        "@odata.context": f"{call.root}/$metadata#{context(entity_set, select, names)}"
    }
    if call.eventual and call.options.get("$count", "").lower() == "true" and token is None:
        body["@odata.count"] = len(users)
    if first + size < len(users):
        after = first + size if shaped else page[-1].seq
        link = query.with_token(call.request.query, query.page_token(kind, after))
        body["@odata.nextLink"] = f"{call.request.base}{call.request.path}?{link}"
    return render_page(body, page, tenant, names)


def _behind(users: list[User], seq: int) -> int:
    low, high = 0, len(users)
    while low < high:
        middle = (low + high) // 2
        if users[middle].seq <= seq:
            low = middle + 1
        else:
            high = middle
    return low


def list_users(call: Call) -> HttpResponse:
    """GET /users; pages are kept rendered until the tenant changes."""
    call.require(roles.CAN_READ)
    check_options(call.options)
    tenant = call.tenant
    key = ("users", call.request.query, call.eventual, call.request.base, call.request.path)
    kept = tenant.pages.get(key)
    if kept is not None and kept[0] == tenant.version and not tenant.hidden:
        return raw_answer(kept[1])
    users = [*tenant.users.values()]
    if tenant.hidden:
        users = [user for user in users if _listed(tenant, user, call)]
    body = collection(call, users, "users", 100, 999)
    if len(tenant.pages) >= _PAGES_KEPT:
        tenant.pages.clear()
    if not tenant.hidden:
        tenant.pages[key] = (tenant.version, body)
    return raw_answer(body)


def _listed(tenant: Tenant, user: User, call: Call) -> bool:
    lag = tenant.hidden.get(user.user_id)
    return lag is None or (lag.reads <= 0 and call.now >= lag.until)


def count_users(call: Call) -> HttpResponse:
    """GET /users/$count: a bare number, and only from the eventual index."""
    call.require(roles.CAN_READ)
    if not call.eventual:
        raise bad_request("$count is not currently supported.")
    # The count itself is the advanced query; a filter in it needs no $count=true.
    text = call.options.get("$filter")
    users = [*call.tenant.users.values()]
    if text is not None:
        parsed = query.Filter(text, user_lookup(call.tenant))
        users = [user for user in users if parsed.test(user)]
    return HttpResponse(
        200,
        [("Content-Type", "text/plain"), ("OData-Version", "4.0")],
        str(len(users)).encode(),
    )


def single(call: Call, user: User, *, entity_set: str = "users") -> dict[str, Any]:
    """One user as JSON with its context."""
    select = call.options.get("$select")
    names = selected(select, of_collection=False)
    guard_sign_in(call, names)
    fragment = context(entity_set, select, names)
    return {
        "@odata.context": f"{call.root}/$metadata#{fragment}/$entity",
        **render(user, call.tenant, names),
    }


def get_user(call: Call, key: str) -> HttpResponse:
    """GET /users/{id or UPN}."""
    call.require(roles.CAN_READ)
    check_options(call.options)
    return json_answer(single(call, accounts.find(call.tenant, key, call.now)))


def get_me(call: Call) -> HttpResponse:
    """GET /me: a GDAP visitor has no account in the customer's directory."""
    return json_answer(
        single(call, accounts.find(call.tenant, call.actor.user_id or "me", call.now))
    )


def _split(body: Mapping[str, Any]) -> tuple[dict[str, object], Mapping[str, Any] | None]:
    """Request properties to attribute names, and the password profile apart."""
    changes: dict[str, object] = {}
    profile: Mapping[str, Any] | None = None
    for name, value in body.items():
        if name.startswith("@odata."):
            continue
        known = canonical(name)
        if known is None:
            raise bad_request(f"Invalid property '{name}'.", "Request_BadRequest")
        if known == "passwordProfile":
            if not isinstance(value, dict):
                raise bad_request(INVALID_VALUES)
            profile = value
            continue
        attribute = PATCHABLE.get(known)
        if attribute is None:
            raise bad_request(f"Property '{known}' is read-only and cannot be set.")
        changes[attribute] = _value(known, value)
    return changes, profile


def _value(name: str, value: object) -> object:
    """Checks a property's JSON type and turns it into what the state holds."""
    if name == "accountEnabled":
        if not isinstance(value, bool):
            raise bad_request(_wrong_type("Edm.Boolean"), "Request_BadRequest")
        return value
    if name in {"businessPhones", "otherMails"}:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise bad_request(_wrong_type("Collection(Edm.String)"), "Request_BadRequest")
        if name == "businessPhones":
            # Graph takes one business phone only (G:resources/users.md).
            if len(value) > 1:
                raise bad_request(INVALID_VALUES)
            return value[0] if value else None
        return tuple(value)
    if value is not None and not isinstance(value, str):
        raise bad_request(_wrong_type("Edm.String"), "Request_BadRequest")
    if value is None and name in {"displayName", "userPrincipalName", "mailNickname", "userType"}:
        raise bad_request(f"Invalid value specified for property '{name}' of resource 'User'.")
    return value


def _wrong_type(type_name: str) -> str:
    return (
        f"Cannot convert a primitive value to the expected type '{type_name}'. "
        "See the inner exception for more details."
    )


def _password(profile: Mapping[str, Any]) -> tuple[str, bool]:
    folded = {str(name).lower(): value for name, value in profile.items()}
    password = folded.get("password")
    force = folded.get("forcechangepasswordnextsignin") or False
    force = force or folded.get("forcechangepasswordnextsigninwithmfa") or False
    if (password is not None and not isinstance(password, str)) or not isinstance(force, bool):
        raise bad_request(INVALID_VALUES)
    return password or "", force


def create_user(call: Call) -> HttpResponse:
    """POST /users: 201 with the default properties, never the password."""
    call.require(roles.CAN_WRITE_USERS)
    changes, profile = _split(call.json_object())
    for name in ("accountEnabled", "displayName", "mailNickname", "userPrincipalName"):
        if PATCHABLE[name] not in changes:
            raise bad_request(f"A value is required for property '{name}' of resource 'User'.")
    password, force = _password(profile or {})
    user = accounts.create(call.tenant, changes, password, force, call.now, call.lag)
    location = (
        f"{call.request.base}/v2/{call.tenant.tenant_id}/directoryObjects/{user.user_id}"
        "/Microsoft.DirectoryServices.User"
    )
    return json_answer(single(call, user), 201, [("Location", location)])


def patch_user(call: Call, key: str) -> HttpResponse:
    """PATCH /users/{id}: 204; all of it or nothing."""
    user = accounts.find(call.tenant, key, call.now)
    changes, profile = _split(call.json_object())
    if changes or profile is None:
        call.require(roles.CAN_WRITE_USERS)
        if (
            user.roles
            and changes
            and not roles.may_reset(call.actor.roles, user.roles, role_assignable=False)
        ):
            raise GraphError(
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            )
    if profile is not None:
        accounts.check_reset(call.tenant, call.actor.roles, user)
        password, force = _password(profile)
        if password:
            accounts.reset_password(call.tenant, call.actor.roles, user, password, force, call.now)
        else:
            user.force_change = force
            call.tenant.changed(user)
    if changes:
        accounts.update(call.tenant, user, changes)
    return empty_answer()


def delete_user(call: Call, key: str) -> HttpResponse:
    """DELETE /users/{id}: soft, 204."""
    call.require(roles.CAN_WRITE_USERS)
    user = accounts.find(call.tenant, key, call.now)
    accounts.delete(call.tenant, call.actor.roles, user, call.now, call.lag)
    return empty_answer()


def revoke_sessions(call: Call, key: str) -> HttpResponse:
    """POST /users/{id}/revokeSignInSessions."""
    call.require(roles.CAN_WRITE_USERS | {roles.HELPDESK})
    user = accounts.find(call.tenant, key, call.now)
    call.directory.revoke_sessions(user.user_id)
    return json_answer({"@odata.context": f"{call.root}/$metadata#Edm.Boolean", "value": True})


def reset_synced(call: Call, key: str) -> HttpResponse:
    """POST …/authentication/methods/28c1…/resetPassword: accepted, done elsewhere later."""
    call.require(roles.CAN_RESET_SYNCED)
    user = accounts.find(call.tenant, key, call.now)
    if user.user_id == call.actor.user_id:
        raise bad_request("resetPassword cannot be used on one's own account.")
    body = call.json_object()
    if body.keys() - {"newPassword"}:
        raise bad_request(INVALID_VALUES)
    password = body.get("newPassword") or ""
    if password:
        passwords.check(password, user.upn, call.tenant.banned_words)
    # Write-back always forces a change at the next sign-in.
    user.password, user.force_change, user.password_changed = (
        password or f"Made{user.seq:04d}!up",
        True,
        call.now,
    )
    call.tenant.changed(user)
    location = f"{call.root}/users/{user.user_id}/authentication/operations/{user.version:08d}"
    made: dict[str, Any] = {
        "@odata.context": f"{call.root}/$metadata#microsoft.graph.passwordResetResponse"
    }
    if not password:
        made["newPassword"] = user.password
    return json_answer(made, 202, [("Location", location)])


def reset_operation(call: Call, key: str, operation: str) -> HttpResponse:
    """GET on the Location of a reset: it has succeeded by then."""
    accounts.find(call.tenant, key, call.now)
    return json_answer(
        {
            "@odata.context": f"{call.root}/$metadata#longRunningOperations/$entity",
            "id": operation,
            "status": "succeeded",
            "createdDateTime": call.now.isoformat()[:19] + "Z",
            "lastActionDateTime": call.now.isoformat()[:19] + "Z",
            "statusDetail": None,
            "resourceLocation": None,
        }
    )
