"""Every AADSTS error of the practice sign-in service, as real MSAL brings it to a client."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from o365desk.simulator.identity_accounts import NO_PUBLIC_FLOWS_ID, SINGLE_TENANT_ID
from o365desk.simulator.identity_errors import TABLE
from tests.simulator.browser import Browser
from tests.simulator.sign_in_desk import PARTNER_SCOPE, REDIRECT, SignInDesk, sign_in_desk

READ = ["User.Read.All"]
Result = dict[str, Any]
Case = Callable[[SignInDesk], Result]


@pytest.fixture(scope="module")
def shared() -> Iterator[SignInDesk]:
    with sign_in_desk() as made:
        yield made


def interactive(
    note: str,
    purpose: str = "",
    at: str = "",
    scopes: list[str] | None = None,
    *,
    browser: dict[str, Any] | None = None,
    **options: Any,
) -> Case:
    """A sign-in with a person: `note` of which tenant, at which authority."""

    def go(desk: SignInDesk) -> Result:
        tenant = desk.tenant(at).tenant_id if at else "organizations"
        person = Browser(desk.upn(note, purpose), **(browser or {}))
        return desk.sign_in(desk.app(tenant), scopes or READ, person, **options)

    return go


def silent(
    note: str,
    at: str = "",
    scopes: list[str] | None = None,
    *,
    first: list[str] | None = None,
    between: Callable[[SignInDesk, str], Any] | None = None,
) -> Case:
    """A refresh after a good sign-in, and after something happened in between."""

    def go(desk: SignInDesk) -> Result:
        app, upn = desk.app(), desk.upn(note)
        assert "access_token" in desk.sign_in(app, first or READ, Browser(upn))
        if between is not None:
            between(desk, upn)
        tenant = desk.tenant(at).tenant_id if at else desk.partner.tenant_id
        there = desk.app(tenant, cache=app.token_cache)
        return desk.silent(there, scopes or READ, force_refresh=True)

    return go


def policy(**settings: Any) -> Callable[[SignInDesk, str], Any]:
    """Conditional Access changes its mind."""
    return lambda desk, upn: desk.practice("conditional-access", account=upn, **settings)


def twice(desk: SignInDesk) -> Result:
    """A code is redeemed a second time."""
    app = desk.app()
    flow = app.initiate_auth_code_flow(READ, redirect_uri=REDIRECT, response_mode="form_post")
    answer = dict(desk.walk(flow["auth_uri"], Browser(desk.upn("admin"))).answer)
    assert "access_token" in app.acquire_token_by_auth_code_flow(dict(flow), answer)
    again = desk.app()
    return dict(again.acquire_token_by_auth_code_flow(flow, answer))


def wrong_verifier(desk: SignInDesk) -> Result:
    """Someone who caught the code has not the verifier."""
    app = desk.app()
    flow = app.initiate_auth_code_flow(READ, redirect_uri=REDIRECT, response_mode="form_post")
    answer = dict(desk.walk(flow["auth_uri"], Browser(desk.upn("admin"))).answer)
    return dict(app.acquire_token_by_auth_code_flow({**flow, "code_verifier": "a" * 43}, answer))


def no_scope(desk: SignInDesk) -> Result:
    """A refresh that names no service."""
    app = desk.app()
    signed_in = desk.sign_in(app, READ, Browser(desk.upn("admin")))
    form = {
        "client_id": app.client_id,
        "grant_type": "refresh_token",
        "refresh_token": signed_in["refresh_token"],
        "scope": "openid",
    }
    return dict(desk.http.post(f"{desk.url}/common/oauth2/v2.0/token", data=form).json())


def late_code(desk: SignInDesk) -> Result:
    """A code is redeemed after its ten minutes."""
    app = desk.app()
    flow = app.initiate_auth_code_flow(READ, redirect_uri=REDIRECT, response_mode="form_post")
    answer = dict(desk.walk(flow["auth_uri"], Browser(desk.upn("admin"))).answer)
    desk.clock.advance(minutes=11)
    return dict(app.acquire_token_by_auth_code_flow(flow, answer))


def device_without_flows(desk: SignInDesk) -> Result:
    """The registration does not allow public client flows."""
    app = desk.app(client_id=NO_PUBLIC_FLOWS_ID)
    flow = app.initiate_device_flow(READ)
    return dict(app.acquire_token_by_device_flow(flow, exit_condition=lambda _flow: True))


def to_a_wrong_tenant(name: str) -> Case:
    """MSAL itself looks the tenant up first, and says nothing but that it failed."""

    def go(desk: SignInDesk) -> Result:
        answer = desk.http.get(f"{desk.url}/{name}/v2.0/.well-known/openid-configuration")
        with pytest.raises(ValueError, match="Unable to get authority configuration"):
            desk.app(name)
        return dict(answer.json())

    return go


CASES: dict[int, dict[str, Case]] = {
    28000: {"two services": interactive("admin", scopes=[*READ, PARTNER_SCOPE])},
    28003: {"no scope": no_scope},
    50020: {
        "a stranger": interactive("plain", "mixed", at="tiny"),
        "no relation": interactive("admin", at="partner_center_only"),
        "not in the group": silent("helpdesk", at="suspended"),
    },
    50034: {
        "unknown": lambda desk: desk.sign_in(desk.app(), READ, Browser("nobody@nowhere.example"))
    },
    50053: {"locked": interactive("locked")},
    50055: {"expired": interactive("expired_password")},
    50057: {
        "disabled": interactive("disabled"),
        "blocked user": interactive("blocked", "mixed"),
    },
    50058: {"nobody signed in": interactive("admin", prompt="none")},
    50074: {"factor denied": interactive("admin", browser={"second_factor": False})},
    50076: {
        "policy on customers": silent("mfa_by_policy", at="no_seats"),
        "policy since": silent("single_factor", between=policy(mfa="always")),
    },
    50079: {"no method": interactive("no_mfa_method")},
    50126: {"wrong password": interactive("admin", browser={"password": "wrong"})},
    50158: {
        "external": interactive("external_challenge"),
        "external since": silent("single_factor", between=policy(policy="external")),
    },
    50173: {
        "signed out": silent(
            "admin", between=lambda desk, upn: desk.practice("revoke", account=upn)
        )
    },
    50177: {"invited as a guest": silent("helpdesk", at="tiny")},
    53003: {
        "blocked": interactive("blocked_by_policy"),
        "blocked since": silent("single_factor", between=policy(policy="block")),
    },
    54005: {"code used": twice},
    65001: {"customer did not consent": silent("admin", at="mixed")},
    65004: {
        "permissions declined": interactive(
            "admin", "mixed", scopes=["Domain.Read.All"], browser={"consent": False}
        ),
        "cancelled": interactive("admin", browser={"decline": True}),
    },
    70008: {"code too late": late_code},
    90002: {
        "no such id": to_a_wrong_tenant("00000000-1111-4222-8333-444444444444"),
        "no such domain": to_a_wrong_tenant("nobody.example"),
        "domain not verified": to_a_wrong_tenant("tallpine-new.example"),
    },
    90094: {"needs an administrator": interactive("plain", "mixed", scopes=["Domain.Read.All"])},
    90099: {"partner cannot consent": interactive("admin", at="mixed")},
    500011: {"unknown service": silent("admin", scopes=["https://nowhere.example/Do.It"])},
    501481: {"wrong verifier": wrong_verifier},
    650053: {"unknown permission": interactive("admin", scopes=["Fly.To.Moon"])},
    700082: {
        "unused for long": silent("admin", between=lambda desk, _upn: desk.clock.advance(days=91))
    },
    900023: {"no tenant at all": to_a_wrong_tenant("nonsense")},
    7000218: {"device code off": device_without_flows},
    9002332: {"personal accounts": to_a_wrong_tenant("consumers")},
}
ROWS = [
    pytest.param(code, case, id=f"{code}-{name.replace(' ', '-')}")
    for code, cases in CASES.items()
    for name, case in cases.items()
]


@pytest.mark.parametrize(("code", "case"), ROWS)
def test_each_error_reaches_the_client(shared: SignInDesk, code: int, case: Case) -> None:
    changed = shared.upn("single_factor")
    shared.practice("conditional-access", account=changed, mfa="on demand", policy="none")
    result = case(shared)
    row = TABLE[code]
    assert result["error"] == row.error
    assert result["error_description"].startswith(f"AADSTS{code}: ")
    assert "Trace ID: " in result["error_description"]
    assert result["error_uri"].endswith(f"?code={code}")
    if "error_codes" in result:
        assert result["error_codes"] == [code]
        assert result["timestamp"] in result["error_description"]
        assert result.get("suberror", "") == row.suberror


def authorize(desk: SignInDesk, tenant: str = "organizations", **changed: str) -> Any:
    """The first page for a request that something is wrong with."""
    asked = {
        "client_id": desk.app().client_id,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "User.Read.All openid",
        "state": "s",
    }
    url = f"{desk.url}/{tenant}/oauth2/v2.0/authorize"
    return desk.http.get(url, params={**asked, **changed})


@pytest.mark.parametrize(
    ("code", "tenant", "changed"),
    [
        (700016, "organizations", {"client_id": "11111111-2222-4333-8444-555555555555"}),
        (900144, "organizations", {"client_id": ""}),
        (50011, "organizations", {"redirect_uri": "https://evil.example/take"}),
        (50011, "organizations", {"redirect_uri": "http://localhost.evil.example:1"}),
        (50194, "common", {"client_id": SINGLE_TENANT_ID}),
        (700016, "tallpine.example", {"client_id": SINGLE_TENANT_ID}),
        (90002, "nobody.example", {}),
    ],
)
def test_a_wrong_application_gets_nothing_sent(
    shared: SignInDesk, code: int, tenant: str, changed: dict[str, str]
) -> None:
    page = authorize(shared, tenant, **changed)
    assert page.status_code == 400
    assert f"AADSTS{code}: " in page.text
    assert "location" not in page.headers
    assert "<form" not in page.text


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        (70005, {"response_type": "token"}),
        (70007, {"response_mode": "web_message"}),
        (501481, {"code_challenge": "x", "code_challenge_method": "plain"}),
        (70011, {"claims": "no json"}),
        (70011, {"scope": "User.Read https://graph.microsoft.com/.default .default"}),
    ],
)
def test_a_wrong_request_goes_back_to_the_application(
    shared: SignInDesk, code: int, changed: dict[str, str]
) -> None:
    answer = authorize(shared, **changed)
    target = answer.headers["location"]
    assert target.startswith(f"{REDIRECT}?error={TABLE[code].error}&")
    assert f"AADSTS{code}" in target
    assert target.endswith("&state=s")


@pytest.mark.parametrize(
    ("code", "form"),
    [
        (900144, {}),
        (70003, {"grant_type": "password"}),
        (70000, {"grant_type": "authorization_code", "code": "x"}),
        (70000, {"grant_type": "refresh_token", "refresh_token": "x"}),
        (70011, {"grant_type": "refresh_token", "claims": "[]"}),
        (70018, {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x"}),
    ],
)
def test_a_wrong_token_request(shared: SignInDesk, code: int, form: dict[str, str]) -> None:
    url = f"{shared.url}/common/oauth2/v2.0/token"
    answer = shared.http.post(url, data={"client_id": shared.app().client_id, **form})
    assert answer.status_code == TABLE[code].status
    assert answer.json()["error_codes"] == [code]


def test_ten_wrong_passwords_lock(shared: SignInDesk) -> None:
    upn = shared.upn("reader", "mixed")
    for _turn in range(10):
        shared.sign_in(shared.app(), READ, Browser(upn, password="wrong"))
    assert "AADSTS50053" in shared.sign_in(shared.app(), READ, Browser(upn))["error_description"]
    shared.practice("conditional-access", account=upn, locked=False)
    result = shared.sign_in(shared.app(), READ, Browser(upn))
    assert "AADSTS90094" in result["error_description"]


def test_every_row_of_the_table_was_seen() -> None:
    elsewhere = {50011, 50194, 700016, 70000, 70003, 70005, 70007, 70011, 70018, 900144}
    in_other_files = {50049, 70016, 70020, 90033, 90055}
    unreachable_for_msal = {700005}
    assert set(CASES) | elsewhere | in_other_files | unreachable_for_msal == set(TABLE)
