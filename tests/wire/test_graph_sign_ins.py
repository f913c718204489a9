"""signInActivity: what is asked for, which of its three times counts, and what refusals mean."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from o365desk.domain.access import Access
from o365desk.domain.directory import UserId
from o365desk.domain.errors import Refusal, SignInRequired
from o365desk.wire import graph_sign_ins
from o365desk.wire.costs import cost_of
from o365desk.wire.faults import error_for
from o365desk.wire.messages import ApiResponse
from tests.csdl import check_path

ID = UserId("7e06b566-15f3-4013-8bf8-79874d52e68a")
NEXT = "https://graph.microsoft.com/v1.0/users?$select=id%2csignInActivity&$top=500&$skiptoken=aBc"
MARCH, APRIL = "2026-03-04T05:06:07Z", "2026-04-05T06:07:08.123Z"


def answer(body: object, status: int = 200) -> ApiResponse:
    return ApiResponse(status, {}, json.dumps(body).encode())


def test_it_is_a_listing_with_a_permission_and_limits_of_its_own() -> None:
    request = graph_sign_ins.sign_ins()
    assert (request.path, request.access) == ("/users", Access.SIGN_INS)
    assert dict(request.query) == {"$select": "id,signInActivity", "$top": "500"}
    check_path("GET", "/users", "$select=id,signInActivity&$top=500", None)
    page = graph_sign_ins.parse_sign_ins(answer({"@odata.nextLink": NEXT, "value": []}), request)
    assert page.next is not None
    assert (page.next.path, page.next.query, page.next.access) == (NEXT, (), Access.SIGN_INS)
    for one in (request, page.next):
        assert (cost_of(one).sign_ins, cost_of(one).reports, cost_of(one).units) == (1, 1, 1)


@pytest.mark.parametrize(
    ("activity", "last"),
    [
        pytest.param(
            {"lastSuccessfulSignInDateTime": MARCH, "lastSignInDateTime": APRIL},
            datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
            id="success counts, not a later attempt",
        ),
        pytest.param(
            {
                "lastSuccessfulSignInDateTime": None,
                "lastSignInDateTime": MARCH,
                "lastNonInteractiveSignInDateTime": APRIL,
            },
            datetime(2026, 4, 5, 6, 7, 8, 123000, tzinfo=UTC),
            id="without it the later of the others",
        ),
        pytest.param(
            {"lastSignInDateTime": MARCH, "lastNonInteractiveSignInDateTime": None},
            datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
            id="or the only one",
        ),
        pytest.param({"lastSignInDateTime": "0001-01-01T00:00:00Z"}, None, id="year 1 is never"),
        pytest.param({}, None, id="nothing in it is never"),
        pytest.param(None, None, id="null is never"),
    ],
)
def test_which_time_counts(activity: Any, last: datetime | None) -> None:
    body = {"value": [{"id": ID.upper(), "signInActivity": activity}]}
    page = graph_sign_ins.parse_sign_ins(answer(body), graph_sign_ins.sign_ins())
    assert page.items == ((ID, last),)
    assert page.next is None


def test_who_never_signed_in_has_no_activity_at_all() -> None:
    page = graph_sign_ins.parse_sign_ins(answer({"value": [{"id": ID}]}), graph_sign_ins.sign_ins())
    assert page.items == ((ID, None),)


def test_a_missing_permission_is_mended_by_a_sign_in() -> None:
    body = {
        "error": {
            "code": "Authentication_MSGraphPermissionMissing",
            "message": "Calling principal does not have required MSGraph permissions"
            " AuditLog.Read.All",
        }
    }
    error = error_for(graph_sign_ins.sign_ins(), answer(body, 403))
    assert isinstance(error, SignInRequired)
    assert error.refusal is Refusal.CONSENT
