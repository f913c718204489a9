"""GET /users/delta: what changed since a token, told from the users' own versions."""

from typing import Any

from o365desk.simulator import graph_query as query
from o365desk.simulator import roles
from o365desk.simulator.graph_answers import Call, GraphError, bad_request, json_answer
from o365desk.simulator.graph_schema import DEFAULT, context, render, selected
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.state import Tenant, User

_PAGE = 200


def _resync() -> GraphError:
    return GraphError(
        410,
        "syncStateNotFound",
        "The sync state generation is not found; start again without a token.",
    )


def _read(token: str, tenant: Tenant) -> tuple[int, int, int, str | None]:
    """Known version, version when this round began, position, selection."""
    try:
        text = query.read_token(token, "delta")
        tenant_id, known, began, position, select = text.split("|")
        numbers = int(known), int(began), int(position)
    except (GraphError, ValueError):
        raise _resync() from None
    if tenant_id != tenant.tenant_id or numbers[1] > tenant.version:
        raise _resync()
    return (*numbers, select or None)


def delta(call: Call) -> HttpResponse:
    """One page of changes; the last one holds the deltaLink."""
    call.require(roles.CAN_READ)
    tenant, options = call.tenant, call.options
    known, began, position = -1, tenant.version, 0
    select = options.get("$select")
    token = options.get("$skiptoken") or options.get("$deltatoken")
    if token is not None and token.lower() != "latest":
        known, began, position, select = _read(token, tenant)
        if "$deltatoken" in options:
            began = tenant.version
    elif token is not None:
        known = tenant.version
    names = selected(select, of_collection=True) if select else DEFAULT
    shown = names if select else ()
    if "id" not in names:
        names = (*names, "id")
    size = _page_size(call)
    wanted = _only_ids(options.get("$filter"))
    changed = [
        user
        for user in tenant.users.values()
        if (known < 0 or user.version > known) and (wanted is None or user.user_id in wanted)
    ]
    page, more = _page(changed, position, size)
    value: list[dict[str, Any]] = [render(user, tenant, names) for user in page]
    if not more and known >= 0:
        value += [
            {"id": user_id, "@removed": {"reason": stone.reason}}
            for user_id, stone in tenant.tombstones.items()
            if stone.version > known and (wanted is None or user_id in wanted)
        ]
    body: dict[str, Any] = {
        "@odata.context": f"{call.root}/$metadata#{context('users', select, shown)}"
    }
    chosen = select or ""
    if more:
        text = f"{tenant.tenant_id}|{known}|{began}|{page[-1].seq}|{chosen}"
        body["@odata.nextLink"] = _link(call, "$skiptoken", text)
    else:
        text = f"{tenant.tenant_id}|{began}|{began}|0|{chosen}"
        body["@odata.deltaLink"] = _link(call, "$deltatoken", text)
    body["value"] = value
    headers = []
    if "return=minimal" in call.request.header("prefer"):
        headers.append(("Preference-Applied", "return=minimal"))
    return json_answer(body, 200, headers)


def _link(call: Call, name: str, text: str) -> str:
    return f"{call.root}/users/delta?{name}={query.page_token('delta', text)}"


def _page(users: list[User], position: int, size: int) -> tuple[list[User], bool]:
    rest = [user for user in users if user.seq > position]
    return rest[:size], len(rest) > size


def _page_size(call: Call) -> int:
    for part in call.request.header("prefer").split(","):
        name, _equals, value = part.strip().partition("=")
        if name == "odata.maxpagesize" and value.isdecimal() and int(value):
            return min(int(value), 999)
    return query.top(call.options, _PAGE, 999)


def _only_ids(text: str | None) -> frozenset[str] | None:
    """A delta filters by id only, at most 50 of them (G:user-delta)."""
    if text is None:
        return None
    ids = []
    for part in text.split(" or "):
        words = part.split()
        if len(words) != 3 or words[0].lower() != "id" or words[1] != "eq":
            raise bad_request("Filter on this property is not supported for delta.")
        ids.append(words[2].strip("'").lower())
    if len(ids) > 50:
        raise bad_request("A delta filter takes at most 50 ids.")
    return frozenset(ids)
