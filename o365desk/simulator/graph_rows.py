"""Renders many users to JSON text at once: a page of 999 takes milliseconds, not tenths."""

import json
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any

from o365desk.simulator.graph_schema import USER
from o365desk.simulator.state import AssignedLicense, Tenant, User

Text = Callable[[User], str]
_Held = tuple[tuple[str, AssignedLicense], ...]


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _words(attribute: str) -> Text:
    """The text of an attribute that is a string or nothing."""

    def text(user: User) -> str:
        value = getattr(user, attribute)
        return "null" if value is None else encode_basestring(value)

    return text


_QUICK: dict[str, Text] = {
    "id": lambda user: f'"{user.user_id}"',
    "displayName": lambda user: encode_basestring(user.display_name),
    "userPrincipalName": lambda user: encode_basestring(
        user.upn if user.deleted_at is None else user.user_id.replace("-", "") + user.upn
    ),
    "givenName": _words("given_name"),
    "surname": _words("surname"),
    "mail": _words("mail"),
    "usageLocation": _words("usage_location"),
    "department": _words("department"),
    "jobTitle": _words("job_title"),
    "userType": _words("user_type"),
    "accountEnabled": lambda user: "true" if user.enabled else "false",
    "onPremisesSyncEnabled": lambda user: "true" if user.synced else "null",
    "createdDateTime": lambda user: f'"{user.created.isoformat()[:19]}Z"',
}
_BY_LICENSES = frozenset({"assignedLicenses", "licenseAssignmentStates"})


def _through(name: str, tenant: Tenant) -> Text:
    """The text of any property, by way of its value."""
    getter = USER[name]
    return lambda user: _dump(getter(user, tenant))


def _shared(name: str, tenant: Tenant) -> Text:
    """Licences: users with the very same ones share the text, unless a group plays a part."""
    getter = USER[name]
    known: dict[_Held, str] = {}

    def text(user: User) -> str:
        if user.groups:
            return _dump(getter(user, tenant))
        key = tuple(user.direct.items())
        found = known.get(key)
        if found is None:
            found = known[key] = _dump(getter(user, tenant))
        return found

    return text


def rows(users: list[User], tenant: Tenant, names: tuple[str, ...]) -> str:
    """The users as JSON objects with commas between."""
    parts: list[Text] = []
    for name in names:
        if name in _BY_LICENSES:
            parts.append(_shared(name, tenant))
        else:
            parts.append(_QUICK.get(name) or _through(name, tenant))
    # %s of one format string is the fastest way to put a row together.
    form = "{" + ",".join(f'"{name}":%s' for name in names) + "}"
    return ",".join([form % tuple([part(user) for part in parts]) for user in users])


def page(head: dict[str, Any], users: list[User], tenant: Tenant, names: tuple[str, ...]) -> bytes:
    """A whole answer: its annotations, then the users as `value`."""
    return f'{_dump(head)[:-1]},"value":[{rows(users, tenant, names)}]}}'.encode()
