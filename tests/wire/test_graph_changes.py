"""Microsoft Graph's delta query: what is sent, and what its pages and refusals mean."""

import json

import pytest

from o365desk.domain.directory import UserId
from o365desk.wire import graph_changes, graph_users
from o365desk.wire.faults import error_for
from o365desk.wire.messages import ApiResponse

ID = UserId("7e06b566-15f3-4013-8bf8-79874d52e68a")
OTHER = UserId("0e226165-c685-41ce-8bfc-df8360ab325d")
DELTA = "https://graph.microsoft.com/v1.0/users/delta?$deltatoken=aBc"


def test_changes_are_asked_for_from_now_on() -> None:
    request = graph_changes.changes_from_now()
    options = dict(request.query)
    assert (request.path, options["$deltatoken"]) == ("/users/delta", "latest")
    # What the list shows is tracked, but for what Microsoft does not track.
    shown = set(graph_users.USER_SELECT.split(",")) - {"id", "licenseAssignmentStates"}
    assert set(options["$select"].split(",")) == shown


def test_the_link_is_followed_as_it_is() -> None:
    request = graph_changes.changes_since(DELTA)
    assert (request.path, request.query) == (DELTA, ())
    assert dict(request.headers) == {"Prefer": "return=minimal"}


def test_a_page_of_changes() -> None:
    page = graph_changes.parse_changes(
        ApiResponse(
            200,
            {},
            json.dumps(
                {
                    "@odata.nextLink": DELTA,
                    "value": [
                        {"id": ID.upper()},
                        {"id": ID, "displayName": None, "@removed": None},
                        {"id": OTHER, "@removed": {"reason": "deleted"}},
                        {"id": OTHER, "@removed": {}},
                    ],
                }
            ).encode(),
        ),
        graph_changes.changes_since("https://graph.microsoft.com/v1.0/users/delta?$deltatoken=0"),
    )
    assert page.changed == (ID, ID)
    assert page.removed == (OTHER, OTHER)
    assert page.later is None
    assert page.next is not None
    assert dict(page.next.headers) == {"Prefer": "return=minimal"}


@pytest.mark.parametrize(
    ("status", "code", "lost"),
    [
        (410, "resyncRequired", True),
        (410, "syncStateNotFound", True),
        (400, "syncStateNotFound", True),
        (400, "BadRequest", True),
        (404, "UnknownError", True),
        (403, "Authorization_RequestDenied", False),
        (401, "InvalidAuthenticationToken", False),
        (429, "TooManyRequests", False),
        (503, "serviceNotAvailable", False),
    ],
)
def test_which_refusals_mean_that_the_link_is_forgotten(status: int, code: str, lost: bool) -> None:
    response = ApiResponse(
        status, {}, json.dumps({"error": {"code": code, "message": ""}}).encode()
    )
    error = error_for(graph_changes.changes_since(DELTA), response)
    assert graph_changes.forgotten(error) is lost
