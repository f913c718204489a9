"""Consents through Partner Center: what a refusal of one means."""

import json

import pytest

from o365desk.domain.directory import TenantId
from o365desk.domain.errors import AccessDenied, Conflict, DeskError, Refusal
from o365desk.wire.faults import error_for
from o365desk.wire.messages import ApiResponse
from o365desk.wire.partner_center_consents import grant_consent

REQUEST = grant_consent(TenantId("t"), "app", ("User.Read.All",))
NO_PRIVILEGE = {
    "odata.error": {
        "code": "Authorization_RequestDenied",
        "message": {"lang": "en", "value": "Insufficient privileges to complete the operation."},
    }
}


@pytest.mark.parametrize(
    ("status", "code", "text", "kind", "refusal", "says"),
    [
        (403, 2032, "Access denied", AccessDenied, Refusal.ROLE_MISSING, "Cloud Application"),
        (403, 900150, "The supplied role", AccessDenied, Refusal.ROLE_MISSING, "Cloud Application"),
        (403, 0, "", AccessDenied, Refusal.ROLE_MISSING, "Cloud Application"),
        (400, 2000, json.dumps(NO_PRIVILEGE), AccessDenied, Refusal.ROLE_MISSING, "Cloud App"),
        (403, 20002, "No relationship", AccessDenied, Refusal.RELATIONSHIP, "relationship"),
        (403, 900123, "Agreement", AccessDenied, Refusal.AGREEMENT, "agreement"),
        (409, 0, "Permission entry already exists.", Conflict, Refusal.CONSENT, "before"),
        (400, 3000, "Permission entry already exists.", Conflict, Refusal.CONSENT, "before"),
    ],
)
def test_a_refused_consent(
    status: int, code: int, text: str, kind: type[DeskError], refusal: Refusal, says: str
) -> None:
    body = {"code": code, "description": text, "data": [], "source": "PartnerFD"}
    error = error_for(REQUEST, ApiResponse(status, {}, json.dumps(body).encode()))
    assert (type(error), error.refusal) == (kind, refusal)
    assert says in f"{error.sentence} {error.next_step}"
