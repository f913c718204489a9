"""Real MSAL signs in at the practice directory, over real HTTPS, with nothing patched."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from o365desk.simulator import Fault, FaultKind
from tests.simulator.browser import Browser, Page
from tests.simulator.desk import graph_error, partner_error
from tests.simulator.sign_in_desk import PARTNER_SCOPE, SignInDesk, claims_of, sign_in_desk

READ = ["User.Read.All"]
WRITE = ["User.ReadWrite.All"]


@pytest.fixture
def desk() -> Iterator[SignInDesk]:
    with sign_in_desk() as made:
        yield made


def payload(token: str) -> dict[str, Any]:
    """The claims of a JWT."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_one_sign_in_opens_partner_center_and_every_customer(desk: SignInDesk) -> None:
    app = desk.app(desk.partner.tenant_id)
    result = desk.sign_in(app, [PARTNER_SCOPE], Browser(desk.upn("admin")))
    assert desk.partner_center(result["access_token"], "/customers").status_code == 200
    claims = result["id_token_claims"]
    assert (claims["tid"], claims["preferred_username"]) == (
        desk.partner.tenant_id,
        desk.upn("admin"),
    )
    assert "amr" not in claims
    assert payload(result["access_token"])["amr"] == ["pwd", "mfa"]
    assert "foci" not in result
    account = app.get_accounts()[0]
    assert account["home_account_id"] == f"{claims['oid']}.{desk.partner.tenant_id}"
    opened = {}
    for purpose in ("well_stocked", "read_only_gdap"):
        customer = desk.tenant(purpose)
        there = desk.app(customer.default_domain, cache=app.token_cache)
        # No person: the refresh token of the reseller's tenant is redeemed at the customer's.
        opened[purpose] = desk.silent(there, READ)["access_token"]
        assert desk.graph(opened[purpose], "/users?$top=1").status_code == 200
        said = payload(opened[purpose])
        assert (said["tid"], said["iss"]) == (
            customer.tenant_id,
            f"https://sts.windows.net/{customer.tenant_id}/",
        )
    # What each may do follows from its own relation: one has User Administrator, one has not.
    body = {"department": "Sales"}
    codes = {}
    for purpose, token in opened.items():
        user = desk.tenant(purpose).notable["plain"]
        codes[purpose] = desk.graph(token, f"/users/{user}", "PATCH", json=body).status_code
    assert codes == {"well_stocked": 204, "read_only_gdap": 403}


def test_the_second_silent_call_needs_no_network(desk: SignInDesk) -> None:
    app = desk.app()
    desk.sign_in(app, READ, Browser(desk.upn("admin", "well_stocked")))
    asked = desk.simulator.calls.count("identity")
    for scopes in (READ, ["Domain.Read.All"]):
        assert desk.silent(app, scopes)["token_source"] == "cache"
    assert desk.simulator.calls.count("identity") == asked
    again = desk.silent(app, READ, force_refresh=True)
    assert again["token_source"] == "identity_provider"
    assert desk.graph(again["access_token"], "/me").json()["userPrincipalName"] == desk.upn(
        "admin", "well_stocked"
    )


@pytest.mark.parametrize(
    "scope", ["https://graph.microsoft.com/.default", "https://graph.microsoft.com/User.Read.All"]
)
def test_a_scope_comes_back_as_it_was_written(desk: SignInDesk, scope: str) -> None:
    app = desk.app()
    result = desk.sign_in(app, [scope], Browser(desk.upn("admin", "well_stocked")))
    assert scope in result["scope"].split()
    assert desk.silent(app, [scope])["token_source"] == "cache"


def test_device_code_from_pending_to_signed_in(desk: SignInDesk) -> None:
    app = desk.app()
    flow = app.initiate_device_flow(READ)
    assert flow["user_code"] in flow["message"]

    def poll() -> dict[str, Any]:
        result: dict[str, Any] = app.acquire_token_by_device_flow(
            flow, exit_condition=lambda _flow: True
        )
        return result

    assert poll()["error"] == "authorization_pending"
    desk.simulator.poll_device_codes(every=5)
    assert poll()["error"] == "slow_down"
    desk.simulator.poll_device_codes(every=1)
    flow["interval"] = 1
    wrong = desk.walk(flow["verification_uri"], Browser(user_code="WRONG"))
    assert "AADSTS70018" in wrong.error
    typed = f"{flow['user_code'][:4].lower()}-{flow['user_code'][4:]}"
    walked = desk.walk(flow["verification_uri"], Browser(desk.upn("admin"), user_code=typed))
    assert walked.pages == (
        *("device-code", "account", "password", "second-factor", "device-confirm", "done"),
    )
    assert desk.graph(poll()["access_token"], "/me").status_code == 200
    assert poll()["error"] == "bad_verification_code"


def test_device_code_declined_and_expired(desk: SignInDesk) -> None:
    app = desk.app()
    flows = [app.initiate_device_flow(READ) for _turn in range(2)]
    declines = Browser(desk.upn("admin"), user_code=flows[0]["user_code"], decline=True)
    assert desk.walk(flows[0]["verification_uri"], declines).pages[-1] == "done"
    desk.clock.advance(minutes=16)
    said = [
        app.acquire_token_by_device_flow(flow, exit_condition=lambda _flow: True)["error"]
        for flow in flows
    ]
    assert said == ["authorization_declined", "expired_token"]
    late = desk.walk(flows[1]["verification_uri"], Browser(user_code=flows[1]["user_code"]))
    assert "AADSTS70018" in late.error


def test_partner_center_wants_a_second_factor(desk: SignInDesk) -> None:
    app = desk.app(desk.partner.tenant_id)
    browser = Browser(desk.upn("single_factor"))
    first = desk.sign_in(app, [PARTNER_SCOPE], browser)
    refused = desk.partner_center(first["access_token"], "/customers")
    assert partner_error(refused)[:2] == (401, 900421)
    assert refused.headers["ismfacompliant"] == "false"
    demand = '{"id_token":{"amr":{"essential":true,"values":["mfa"]}}}'
    silent = desk.silent(app, [PARTNER_SCOPE], claims_challenge=demand)
    assert (silent["error"], silent["error_codes"]) == ("interaction_required", [50076])
    second = desk.sign_in(
        app, [PARTNER_SCOPE], browser, claims_challenge=demand, login_hint=browser.account
    )
    # The browser knew the account: only the second factor was asked for.
    assert browser.walks[-1].pages == ("second-factor", "form-post")
    admitted = desk.partner_center(second["access_token"], "/customers")
    assert (admitted.status_code, admitted.headers["ismfacompliant"]) == (200, "true")


def test_the_policys_claims_satisfy_the_policy(desk: SignInDesk) -> None:
    app = desk.app(desk.partner.tenant_id)
    browser = Browser(desk.upn("mfa_by_policy"))
    desk.sign_in(app, READ, browser)
    assert "second-factor" not in browser.walks[-1].pages
    refused = desk.silent(app, [PARTNER_SCOPE])
    assert (refused["error_codes"], refused["suberror"]) == ([50076], "basic_action")
    result = desk.sign_in(
        app, [PARTNER_SCOPE], browser, claims_challenge=refused["claims"], prompt="login"
    )
    assert browser.walks[-1].pages == ("account", "password", "second-factor", "form-post")
    assert payload(result["access_token"])["amr"] == ["pwd", "mfa"]


def test_a_challenge_is_answered_without_a_person(desk: SignInDesk) -> None:
    app = desk.app(cp1=True)
    upn = desk.upn("admin", "well_stocked")
    first = desk.sign_in(app, READ, Browser(upn))
    assert first["expires_in"] > 20 * 3600
    assert payload(first["access_token"])["xms_cc"] == ["CP1"]
    desk.practice("revoke", account=upn, sessions=False)
    refused = desk.graph(first["access_token"], "/users?$top=1")
    assert graph_error(refused)[:2] == (401, "InvalidAuthenticationToken")
    assert 'error="insufficient_claims"' in refused.headers["www-authenticate"]
    second = desk.silent(app, READ, claims_challenge=claims_of(refused))
    assert second["token_source"] == "identity_provider"
    assert desk.graph(second["access_token"], "/users?$top=1").status_code == 200


def test_revoked_sessions_need_a_person(desk: SignInDesk) -> None:
    upn = desk.upn("admin", "well_stocked")
    app, plain = desk.app(cp1=True), desk.app()
    first = desk.sign_in(app, READ, Browser(upn))
    other = desk.sign_in(plain, READ, Browser(upn))
    desk.practice("revoke", account=upn)
    refused = desk.graph(first["access_token"], "/users?$top=1")
    assert refused.status_code == 401
    silent = desk.silent(app, READ, claims_challenge=claims_of(refused))
    assert (silent["error"], silent["error_codes"]) == ("invalid_grant", [50173])
    # Without cp1 nobody asks again before the token's own end.
    assert desk.graph(other["access_token"], "/users?$top=1").status_code == 200
    desk.clock.advance(hours=2)
    ended = desk.graph(other["access_token"], "/users?$top=1")
    assert (ended.status_code, "claims" in ended.headers["www-authenticate"]) == (401, False)
    third = desk.sign_in(app, READ, Browser(upn))
    assert desk.graph(third["access_token"], "/users?$top=1").status_code == 200


def test_graph_itself_and_a_new_password_revoke(desk: SignInDesk) -> None:
    admin, helpdesk = desk.upn("admin", "mixed"), desk.upn("helpdesk", "mixed")
    boss = desk.app(cp1=True)
    token = desk.sign_in(boss, WRITE, Browser(admin))["access_token"]
    app = desk.app(cp1=True)
    theirs = desk.sign_in(app, WRITE, Browser(helpdesk))["access_token"]
    done = desk.graph(token, f"/users/{helpdesk}/revokeSignInSessions", "POST")
    assert done.json()["value"] is True
    assert desk.graph(theirs, "/users?$top=1").status_code == 401
    desk.sign_in(app, WRITE, Browser(helpdesk))
    desk.clock.advance(minutes=5)
    user = desk.tenant("mixed").find(helpdesk)
    assert user is not None
    user.password_changed = desk.clock.now
    assert desk.silent(app, WRITE, force_refresh=True)["error_codes"] == [50173]


def test_a_refresh_token_dies_of_disuse(desk: SignInDesk) -> None:
    app = desk.app()
    desk.sign_in(app, READ, Browser(desk.upn("admin")))
    desk.clock.advance(days=91)
    refused = desk.silent(app, READ, force_refresh=True)
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [700082])


def test_the_wrong_audience_is_refused_by_both(desk: SignInDesk) -> None:
    app = desk.app(desk.partner.tenant_id)
    desk.sign_in(app, READ, Browser(desk.upn("admin")))
    graph = desk.silent(app, READ)["access_token"]
    partner = desk.silent(app, [PARTNER_SCOPE])["access_token"]
    assert partner_error(desk.partner_center(graph, "/customers"))[:2] == (401, 400)
    assert graph_error(desk.graph(partner, "/users"))[2] == (
        "Access token validation failure. Invalid audience."
    )
    forged = graph[:-4] + "AAAA"
    assert desk.graph(forged, "/users").status_code == 401


def test_the_helpdesk_may_do_less_than_the_administrators(desk: SignInDesk) -> None:
    app = desk.app(desk.partner.tenant_id)
    desk.sign_in(app, [PARTNER_SCOPE], Browser(desk.upn("helpdesk")))
    token = desk.silent(app, [PARTNER_SCOPE])["access_token"]
    assert desk.partner_center(token, "/customers").status_code == 200
    mine, other = desk.tenant("well_stocked"), desk.tenant("suspended")
    assert desk.partner_center(token, f"/customers/{mine.tenant_id}/users").status_code == 200
    assert partner_error(desk.partner_center(token, f"/customers/{other.tenant_id}/users"))[:2] == (
        403,
        2032,
    )
    there = desk.app(mine.tenant_id, cache=app.token_cache)
    graph = desk.silent(there, ["User.ReadWrite.All"])["access_token"]
    assert desk.graph(graph, "/users?$top=1").status_code == 200
    user = mine.notable["plain"]
    assert desk.graph(graph, f"/users/{user}", "DELETE").status_code == 403


def test_scopes_bound_what_a_token_does(desk: SignInDesk) -> None:
    upn = desk.upn("admin", "mixed")
    app = desk.app()
    token = desk.sign_in(app, ["User.Read.All"], Browser(upn))["access_token"]
    user = desk.tenant("mixed").notable["plain"]
    assert desk.graph(token, "/users?$top=1").status_code == 200
    denied = [
        desk.graph(token, f"/users/{user}", "DELETE"),
        desk.graph(token, "/subscribedSkus"),
        desk.graph(token, f"/users/{user}", "PATCH", json={"passwordProfile": {"password": "x"}}),
        desk.graph(token, "/me/sendMail", "POST", json={}),
        desk.graph(token, "/users?$select=id,signInActivity"),
    ]
    assert [graph_error(answer)[:2] for answer in denied] == [
        (403, "Authorization_RequestDenied"),
        (403, "Authorization_RequestDenied"),
        (403, "Authorization_RequestDenied"),
        (403, "ErrorAccessDenied"),
        (403, "Authentication_MSGraphPermissionMissing"),
    ]
    # A wider permission covers a narrower one, in a batch too.
    wide = desk.sign_in(app, ["Directory.ReadWrite.All"], Browser(upn))["access_token"]
    items = [{"id": "1", "method": "GET", "url": "/subscribedSkus"}]
    batch = desk.graph(wide, "/$batch", "POST", json={"requests": items})
    assert [item["status"] for item in batch.json()["responses"]] == [200]


def test_a_relation_ends_between_two_calls(desk: SignInDesk) -> None:
    app = desk.app(desk.partner.tenant_id)
    desk.sign_in(app, READ, Browser(desk.upn("admin")))
    customer = desk.tenant("no_seats")
    there = desk.app(customer.tenant_id, cache=app.token_cache)
    token = desk.silent(there, READ)["access_token"]
    assert desk.graph(token, "/users?$top=1").status_code == 200
    desk.practice("relation", tenant=customer.tenant_id, status="expired")
    assert graph_error(desk.graph(token, "/users?$top=1"))[:2] == (
        403,
        "Authorization_RequestDenied",
    )
    assert desk.silent(there, READ, force_refresh=True)["error_codes"] == [50020]
    desk.practice("relation", tenant=customer.tenant_id, status="active")
    assert desk.graph(token, "/users?$top=1").status_code == 200
    desk.practice("leave", tenant=customer.tenant_id)
    partner = desk.silent(app, [PARTNER_SCOPE])["access_token"]
    gone = desk.partner_center(partner, f"/customers/{customer.tenant_id}")
    assert partner_error(gone)[:2] == (403, 20002)


def test_a_visitor_grants_nothing_whatever_the_browser_sends(desk: SignInDesk) -> None:
    app = desk.app(desk.tenant("mixed").tenant_id)
    flow = app.initiate_auth_code_flow(
        READ, redirect_uri="http://localhost", response_mode="form_post"
    )
    steps = [
        {"typed": desk.upn("admin"), "do": "next"},
        {"password": "practice"},
        {"factor": "approve"},
        {"consent": "accept", "everyone": "yes"},
    ]
    page = desk.http.get(flow["auth_uri"])
    for step in steps:
        form = Page(page.text).forms[0]
        page = desk.http.post(page.url, data={**form.fields, **step})
    assert "AADSTS90099" in page.text


def test_an_administrator_consents_for_everyone(desk: SignInDesk) -> None:
    walks = Browser(desk.upn("plain", "mixed"))
    app = desk.app(desk.tenant("mixed").tenant_id)
    assert desk.sign_in(app, READ, walks)["error"] == "access_denied"
    url = (
        f"{desk.url}/{desk.tenant('mixed').tenant_id}/v2.0/adminconsent?client_id={app.client_id}"
        "&redirect_uri=http://localhost&state=s1"
    )
    admin = desk.walk(url, Browser(desk.upn("admin", "mixed")))
    assert admin.pages == ("account", "password", "consent")
    assert admin.answer == {
        "admin_consent": "True",
        "tenant": desk.tenant("mixed").tenant_id,
        "state": "s1",
    }
    assert "access_token" in desk.sign_in(app, READ, walks)
    desk.practice("consent", tenant=desk.tenant("mixed").tenant_id, grant=False)
    assert desk.silent(app, READ, force_refresh=True)["error_codes"] == [65001]


def test_the_sign_in_log_and_the_accounts(desk: SignInDesk) -> None:
    desk.sign_in(desk.app(), READ, Browser(desk.upn("admin")))
    log = desk.practice("sign-ins")["signIns"]
    assert [(entry["how"], entry["errorCode"], entry["mfa"]) for entry in log] == [
        ("interactive", 0, True),
        ("token", 0, True),
    ]
    listed = desk.practice("accounts")["accounts"]
    assert {"admin", "locked", "user_admin", "plain"} <= {entry["purpose"] for entry in listed}
    # Neither passwords nor tokens stay in the log of calls.
    assert not any(b"=" in call.body for call in desk.simulator.calls.recent)


def test_faults_hit_the_sign_in_service(desk: SignInDesk) -> None:
    app = desk.app()
    desk.sign_in(app, READ, Browser(desk.upn("admin")))
    path = "/oauth2/v2.0/token"
    for kind, seen in (
        (FaultKind.CLAIMS, [50076]),
        (FaultKind.MISSING_ROLE, [53003]),
        (FaultKind.EXPIRED_TOKEN, [700082]),
    ):
        desk.simulator.faults.add(Fault(kind, "identity", path=path))
        fresh = desk.app(cache=app.token_cache)  # MSAL keeps a 400 for a minute
        assert desk.silent(fresh, READ, force_refresh=True)["error_codes"] == seen
    desk.simulator.faults.add(Fault(FaultKind.THROTTLED, "identity", retry_after=3))
    throttled = desk.http.post(f"{desk.url}/common{path}")
    assert (throttled.status_code, throttled.headers["retry-after"]) == (429, "3")
    desk.simulator.faults.add(Fault(FaultKind.UNAVAILABLE, "identity", status=502))
    assert desk.http.post(f"{desk.url}/common{path}").status_code == 502
    desk.simulator.faults.add(Fault(FaultKind.CUT_BEFORE, "identity"))
    with pytest.raises(httpx.HTTPError):
        desk.http.post(f"{desk.url}/common{path}")


def test_pages_escape_what_they_are_given(desk: SignInDesk) -> None:
    evil = "<script>alert(1)</script>"
    url = f"{desk.url}/common/oauth2/v2.0/authorize"
    page = desk.http.get(url, params={"client_id": evil, "redirect_uri": evil})
    assert page.status_code == 400
    assert evil not in page.text
    assert "Practice directory: nothing here is real" in page.text
    start = desk.http.get(
        url,
        params={
            "client_id": desk.app().client_id,
            "redirect_uri": "http://localhost:1",
            "response_type": "code",
            "scope": "User.Read",
        },
    )
    form = Page(start.text).form("typed")
    said = desk.http.post(url, data={**form.fields, "typed": f"{evil}@x", "do": "next"})
    assert evil not in said.text
    assert "AADSTS50034" in said.text
