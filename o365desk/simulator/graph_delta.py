"""GET /users/delta: what changed since a token, told from the users' own versions.

As learn.microsoft.com/graph/delta-query-overview has it: items come in no promised order (here by
the time of the change), a page may repeat what the one before has told, tokens live seven days.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from o365desk.simulator import graph_query as query
from o365desk.simulator import roles
from o365desk.simulator.graph_answers import Call, GraphError, bad_request, json_answer
from o365desk.simulator.graph_schema import DEFAULT, context, render, selected
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.state import Tenant, Tombstone, User

_PAGE = 200
_LIFE = timedelta(days=7)

_Place = tuple[int, int]
"""Version of a change, and the user's place in listings: the order of the items."""

_FIRST: _Place = (-1, -1)


@dataclass(frozen=True, slots=True)
class _Token:
    """Where a round of questions stands."""

    known: int
    """Version that the client knows; -1: nothing."""
    began: int
    """Version when the round began: the next one starts there."""
    place: _Place
    """Of the last item told."""
    select: str
    issued: datetime

    def text(self, tenant: Tenant) -> str:
        parts = (self.known, self.began, *self.place, int(self.issued.timestamp()), self.select)
        return "|".join([tenant.tenant_id, *map(str, parts)])


def _expired() -> GraphError:
    # devblogs.microsoft.com/microsoft365dev: duration of change tracking tokens.
    return GraphError(
        400,
        "syncStateNotFound",
        "The sync state generation is not found. The delta token is expired and data must be "
        "synchronized again.",
    )


def _read(text: str, tenant: Tenant, now: datetime) -> _Token:
    try:
        tenant_id, *numbers, select = query.read_token(text, "delta").split("|")
        known, began, version, seq, issued = (int(number) for number in numbers)
    except (GraphError, ValueError):
        raise bad_request("Badly formed token.", "BadRequest") from None
    token = _Token(known, began, (version, seq), select, datetime.fromtimestamp(issued, UTC))
    if tenant_id != tenant.tenant_id or began > tenant.version:
        raise GraphError(410, "resyncRequired", "Resync required. Replace your local copy.")
    if now - token.issued > _LIFE:
        raise _expired()
    return token


def delta(call: Call) -> HttpResponse:
    """One page of changes; the last one holds the deltaLink."""
    call.require(roles.CAN_READ)
    tenant, options = call.tenant, call.options
    text = options.get("$skiptoken") or options.get("$deltatoken")
    token = _Token(-1, tenant.version, _FIRST, options.get("$select") or "", call.now)
    if text is not None and text.lower() == "latest":
        token = _Token(tenant.version, tenant.version, _FIRST, token.select, call.now)
    elif text is not None:
        token = _read(text, tenant, call.now)
        if "$deltatoken" in options:
            token = _Token(token.known, tenant.version, _FIRST, token.select, call.now)
    names = selected(token.select, of_collection=True) if token.select else DEFAULT
    shown = names if token.select else ()
    wanted = _only_ids(options.get("$filter"))
    items = [item for item in _items(tenant, token) if wanted is None or item[1] in wanted]
    size = _page_size(call)
    page, more = items[:size], len(items) > size
    value = [_shown(item, tenant, names if "id" in names else (*names, "id")) for item in page]
    body: dict[str, Any] = {
        "@odata.context": f"{call.root}/$metadata#{context('users', token.select or None, shown)}"
    }
    if more:
        # The last but one: the next page tells the last one again.
        place = page[-2][0] if size > 1 and token.known >= 0 else page[-1][0]
        following = _Token(token.known, token.began, place, token.select, token.issued)
        body["@odata.nextLink"] = _link(call, "$skiptoken", following)
    else:
        later = _Token(token.began, token.began, _FIRST, token.select, call.now)
        body["@odata.deltaLink"] = _link(call, "$deltatoken", later)
    body["value"] = value
    headers = []
    if "return=minimal" in call.request.header("prefer"):
        headers.append(("Preference-Applied", "return=minimal"))
    return json_answer(body, 200, headers)


_Item = tuple[_Place, str, User | Tombstone]


def _items(tenant: Tenant, token: _Token) -> list[_Item]:
    """Everything still to be told in a round, in the order of the changes."""
    items: list[_Item] = [
        ((user.version, user.seq), user.user_id, user)
        for user in tenant.users.values()
        if user.version > token.known
    ]
    if token.known >= 0:
        items += [
            ((stone.version, 0), user_id, stone)
            for user_id, stone in tenant.tombstones.items()
            if stone.version > token.known
        ]
    return sorted((item for item in items if item[0] > token.place), key=lambda item: item[:2])


def _shown(item: _Item, tenant: Tenant, names: tuple[str, ...]) -> dict[str, Any]:
    _place, user_id, what = item
    if isinstance(what, Tombstone):
        return {"id": user_id, "@removed": {"reason": what.reason}}
    return render(what, tenant, names)


def _link(call: Call, name: str, token: _Token) -> str:
    text = query.page_token("delta", token.text(call.tenant))
    return f"{call.root}/users/delta?{name}={text}"


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
