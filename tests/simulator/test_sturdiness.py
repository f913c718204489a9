"""Whatever a client sends, it gets an answer: no request makes the simulator itself fail."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from o365desk.simulator import HttpRequest
from tests.simulator.desk import Desk, sku

DESK = Desk()
TENANT = DESK.world.customer("mixed")
USER = DESK.user("mixed", "licensed").user_id
SKU = sku("EMS")

NAMES = st.sampled_from(
    [
        *["addLicenses", "removeLicenses", "skuId", "disabledPlans", "passwordProfile", "password"],
        *["licensesToAssign", "licensesToRemove", "excludedPlans", "state", "userPrincipalName"],
        *["forceChangePasswordNextSignIn", "displayName", "usageLocation", "message", "body"],
        *["toRecipients", "emailAddress", "address", "requests", "id", "method", "url", "headers"],
        *["dependsOn", "businessPhones", "otherMails", "newUserPrincipalName", "ids", "types"],
        *["accountEnabled", "mailNickname", "firstName", "lastName", "newPassword", "Field"],
    ]
) | st.text(max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**12)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from([SKU, USER, "active", "a@sableoptics.example", "Tr4velling-Otter"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
PATHS = st.sampled_from(
    [
        *["/v1.0", "/v1.0/", "/v1", "/", "/v1.0/users", "/v1.0/$batch", "/v1.0/users/delta"],
        *["/v1.0/subscribedSkus", "/v1.0/me/sendMail", "/v1.0/directoryObjects/getByIds"],
        *[f"/v1.0/users/{USER}", f"/v1.0/users/{USER}/assignLicense", "/v1.0/users('x')"],
        f"/v1.0/directory/deletedItems/{USER}/restore",
        "/v1.0/directory/deletedItems/microsoft.graph.user",
        f"/v1.0/users/{USER}/authentication/methods/28c10230-6103-485e-b985-444c60001490"
        "/resetPassword",
        *["/v1/customers", f"/v1/customers/{TENANT}/users", "/v1/domains/x"],
        f"/v1/customers/{TENANT}/users/{USER}",
        f"/v1/customers/{TENANT}/users/{USER}/licenseupdates",
        *["/practice/clock", "/practice/faults/x", f"/practice/truth/{TENANT}", "/practice"],
    ]
)
QUERIES = st.sampled_from(
    [
        *["", "$top=5", "$top=-1", "$filter=x", "$filter=id eq 'a'", "$filter=((", "$search=a"],
        *["$filter=displayName gt 5", "$filter=assignedLicenses/any(x:x/skuId eq null)"],
        *["$orderby=", "$orderby=assignedLicenses", "$select=", "$select=,,", "$skiptoken=RFNwdAw"],
        *["$deltatoken=RFNwdAZGVsdGE6YQ", "$filter=accountEnabled lt 'x'&$count=true"],
        *["size=x", "size=-3", "filter=%7B", "filter=[]", "seekOperation=Next", "$count=true"],
        *["$filter=startswith(accountEnabled,'t')", "$filter=assignedLicenses/$count eq 'x'"],
    ]
) | st.text("$abcdefilnoqrstu=&%/(),:' 0", max_size=25)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "HEAD", "PUT"]),
    path=PATHS,
    query=QUERIES,
    body=VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=10),
    token=st.sampled_from([f"tenant:{TENANT}", "partner", f"partner:{TENANT}", "", "x"]),
    eventual=st.booleans(),
)
def test_every_request_is_answered(
    method: str, path: str, query: str, body: bytes, token: str, eventual: bool
) -> None:
    if path.startswith("/practice/faults") or "DELETE" in method:
        method = "GET"
    headers = {"authorization": f"Bearer {token}"}
    if eventual:
        headers["consistencylevel"] = "eventual"
    answer = DESK.simulator.handle(HttpRequest(method, path, query, headers, body))
    assert 200 <= answer.status < 600
    assert answer.status != 500
