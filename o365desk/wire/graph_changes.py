"""What changed among the users of a tenant: Microsoft Graph's delta query.

learn.microsoft.com/graph/delta-query-overview, learn.microsoft.com/graph/api/user-delta
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from o365desk.domain.directory import UserId
from o365desk.domain.errors import DeskError
from o365desk.wire.codec import JsonBody, decode
from o365desk.wire.graph import Collection, follow, get
from o365desk.wire.messages import ApiRequest, ApiResponse
from o365desk.wire.operations import Operation

TRACKED = (
    "displayName,userPrincipalName,givenName,surname,accountEnabled,usageLocation,userType,"
    "onPremisesSyncEnabled,mail,assignedLicenses"
)
"""A change to anything else is not told. licenseAssignmentStates is missing because Microsoft does
not track it: a license that is now held through another group is no change."""

_MINIMAL = (("Prefer", "return=minimal"),)
"""Only what changed, and the id: enough to know whom to read."""

_FORGOTTEN = frozenset({400, 404, 410})


class _Item(JsonBody):
    id: str
    removed: Any = msgspec.field(default=None, name="@removed")


class _Items(Collection):
    value: list[_Item]
    delta_link: str | None = msgspec.field(default=None, name="@odata.deltaLink")


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One page of changes. The items come in no order, and one user may come several times: who
    was touched has to be read to know how things stand."""

    changed: tuple[UserId, ...]
    """New users, and those of whom something was changed."""
    removed: tuple[UserId, ...]
    """Deleted, or gone for good."""
    next: ApiRequest | None
    later: ApiRequest | None
    """Asks for what changes after this; on the last page only."""


def changes_from_now() -> ApiRequest:
    """A delta query that begins at this moment, and answers no user.

    "Sync from now" in the overview: of directory objects, `$deltatoken=latest` gives the link
    alone. `$select` says what is tracked, and is kept in the link.
    """
    return get(
        Operation.LIST_CHANGES, "/users/delta", ("$select", TRACKED), ("$deltatoken", "latest")
    )


def changes_since(link: str) -> ApiRequest:
    """What changed since a delta link, an opaque absolute URL, was given."""
    return get(Operation.LIST_CHANGES, link, headers=_MINIMAL)


def parse_changes(response: ApiResponse, request: ApiRequest) -> ChangePage:
    """One page; an empty one may be followed by others."""
    page = decode(response.body, _Items)
    return ChangePage(
        changed=tuple(UserId(found.id.lower()) for found in page.value if found.removed is None),
        removed=tuple(
            UserId(found.id.lower()) for found in page.value if found.removed is not None
        ),
        next=follow(request, page.next_link),
        later=follow(request, page.delta_link),
    )


def forgotten(error: DeskError) -> bool:
    """Whether a refusal means that the service does not go on from the link that it once gave.

    Documented are 410 with a new start (resyncRequired) and "a 40X-series error" such as
    syncStateNotFound for a link older than seven days, which comes as 400; a token that is not
    understood is a 400 of the code BadRequest. Repeating the same link helps against none.
    """
    return error.status in _FORGOTTEN
