"""What has to be registered, for each kind of connection."""

from dataclasses import replace

import pytest

from o365desk.domain.connections import Connection, Mode, SignInMethod
from o365desk.domain.permissions import permissions
from o365desk.models.registration import LOOPBACK, PARTNER_CENTER_APP, guide_steps, redirect_uris

APP = "00001111-aaaa-2222-bbbb-3333cccc4444"
RESELLER = Connection("r", "Fabrikam", Mode.RESELLER, "fabrikam.example", APP)
DIRECT = replace(RESELLER, mode=Mode.DIRECT)


def told(connection: Connection) -> str:
    steps = guide_steps(connection, permissions(connection), "https://portal.example/apps")
    lines = [step.text for step in steps]
    lines += [f"{copy.label}={copy.value}" for step in steps for copy in step.copies]
    return "\n".join([*lines, *(step.link for step in steps)])


@pytest.mark.parametrize(
    ("connection", "many", "partner", "graph"),
    [
        pytest.param(RESELLER, True, True, True, id="reseller"),
        pytest.param(replace(RESELLER, graph=False, write=False), False, True, False, id="pc only"),
        pytest.param(DIRECT, False, False, True, id="direct"),
    ],
)
def test_account_types_and_services(
    connection: Connection, many: bool, partner: bool, graph: bool
) -> None:
    text = told(connection)
    assert ("Accounts in any organizational directory" in text) is many
    assert ("Accounts in this organizational directory only" in text) is not many
    assert (PARTNER_CENTER_APP in text) is partner
    assert ("Microsoft Graph is among" in text) is graph
    assert "https://portal.example/apps" in text
    assert "Allow public client flows" in text
    assert f"Redirect URI={LOOPBACK}" in text
    assert "Create no client secret" in text


def test_the_broker_brings_its_own_redirect_uris() -> None:
    assert [uri.value for uri in redirect_uris(RESELLER)] == [LOOPBACK]
    broker = replace(RESELLER, method=SignInMethod.BROKER)
    assert {uri.label: uri.value for uri in redirect_uris(broker)} == {
        "Redirect URI": LOOPBACK,
        "Windows": f"ms-appx-web://Microsoft.AAD.BrokerPlugin/{APP}",
        "macOS": "msauth.com.msauth.unsignedapp://auth",
        "Linux": "https://login.microsoftonline.com/common/oauth2/nativeclient",
    }
    unknown = replace(broker, client_id="")
    assert "Windows=" not in told(unknown)
    assert "once the Application (client) ID is entered" in told(unknown)
    assert "once the Application" not in told(broker)


def test_an_organization_that_is_not_entered_yet_is_yours() -> None:
    assert "administrator of your organization" in told(replace(RESELLER, tenant=""))
    assert "administrator of fabrikam.example" in told(RESELLER)
