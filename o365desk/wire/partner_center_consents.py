"""Consent of a customer to this program's application, granted by the reseller.

learn.microsoft.com/partner-center/developer/control-panel-vendor-apis
"""

from collections.abc import Sequence

from o365desk.domain.directory import TenantId
from o365desk.wire.codec import segment
from o365desk.wire.messages import ApiRequest
from o365desk.wire.operations import Operation
from o365desk.wire.partner_center import customer_path, write

GRAPH_APPLICATION = "00000003-0000-0000-c000-000000000000"
"""Microsoft Graph's own application id, the same in every cloud."""


def grant_consent(tenant: TenantId, client_id: str, scopes: Sequence[str]) -> ApiRequest:
    """Answers 200 or 201; when the customer has a consent to this application already, 409 or 400
    with "Permission entry already exists", which clients report and the page does not name."""
    body = {
        "applicationId": client_id,
        "applicationGrants": [
            {"enterpriseApplicationId": GRAPH_APPLICATION, "scope": ",".join(scopes)}
        ],
    }
    return write(
        Operation.GRANT_CONSENT, "POST", f"{customer_path(tenant)}/applicationconsents", body
    )


def withdraw_consent(tenant: TenantId, client_id: str) -> ApiRequest:
    """Any 2xx. The application leaves the customer, with all that was granted to it."""
    path = f"{customer_path(tenant)}/applicationconsents/{segment(client_id)}"
    return write(Operation.GRANT_CONSENT, "DELETE", path)
