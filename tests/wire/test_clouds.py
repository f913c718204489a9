"""Addresses of each cloud, against Microsoft's tables, and what a cloud does not offer."""

import pytest

from o365desk.domain.access import Service
from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.domain.ports import Act
from o365desk.wire.addresses import PUBLIC_CLOUD
from o365desk.wire.clouds import (
    CLOUDS,
    admin_consent_address,
    authority,
    cannot,
    full_scopes,
    hosts,
    registration_address,
)

APPLICATION = "11111111-2222-4333-8444-555555555555"


def connection(cloud: Cloud, mode: Mode = Mode.RESELLER) -> Connection:
    return Connection("one", "One", mode, "contoso.example", APPLICATION, cloud)


@pytest.mark.parametrize(
    ("cloud", "sign_in", "graph", "partner_center"),
    [
        pytest.param(
            Cloud.GCC_HIGH,
            "https://login.microsoftonline.us/t",
            "https://graph.microsoft.us/v1.0",
            "https://api.partnercenter.microsoft.com/v1",
            id="GCC High",
        ),
        pytest.param(
            Cloud.DOD,
            "https://login.microsoftonline.us/t",
            "https://dod-graph.microsoft.us/v1.0",
            "https://api.partnercenter.microsoft.com/v1",
            id="DoD",
        ),
        pytest.param(
            Cloud.CHINA,
            "https://login.partner.microsoftonline.cn/t",
            "https://microsoftgraph.chinacloudapi.cn/v1.0",
            "https://partner.partnercenterapi.microsoftonline.cn/v1",
            id="21Vianet",
        ),
    ],
)
def test_each_cloud_has_its_own_addresses(
    cloud: Cloud, sign_in: str, graph: str, partner_center: str
) -> None:
    addresses = CLOUDS[cloud]
    assert authority(addresses, "t") == sign_in
    assert hosts(addresses) == {Service.GRAPH: graph, Service.PARTNER_CENTER: partner_center}
    for service, base in hosts(addresses).items():
        (scope,) = full_scopes(addresses, service, ["Some.Name"])
        assert scope == base.rpartition("/")[0] + "/Some.Name"


def test_the_global_cloud_is_the_one_of_the_client() -> None:
    assert hosts(CLOUDS[Cloud.GLOBAL]) == PUBLIC_CLOUD
    assert set(CLOUDS) == set(Cloud)


def test_a_tenant_cannot_lead_elsewhere() -> None:
    assert (
        authority(CLOUDS[Cloud.GLOBAL], " a/../b?c#d ")
        == "https://login.microsoftonline.com/a%2F..%2Fb%3Fc%23d"
    )


def test_consent_is_granted_at_the_tenant_it_is_for() -> None:
    own = admin_consent_address(connection(Cloud.GLOBAL))
    assert own == (
        f"https://login.microsoftonline.com/contoso.example/adminconsent?client_id={APPLICATION}"
        "&redirect_uri=http%3A%2F%2Flocalhost"
    )
    there = admin_consent_address(connection(Cloud.GCC_HIGH), "fabrikam.example")
    assert there.startswith("https://login.microsoftonline.us/fabrikam.example/adminconsent?")
    assert registration_address(connection(Cloud.DOD)).startswith("https://entra.microsoft.us/")


@pytest.mark.parametrize(
    ("cloud", "acts"),
    [
        pytest.param(Cloud.GLOBAL, set(), id="global"),
        pytest.param(Cloud.CHINA, {Act.LICENSE, Act.RESET_PASSWORD}, id="21Vianet"),
        pytest.param(Cloud.GCC_HIGH, {Act.CREATE, Act.EDIT, Act.RESET_PASSWORD}, id="GCC High"),
        pytest.param(Cloud.DOD, {Act.CREATE, Act.EDIT, Act.RESET_PASSWORD}, id="DoD"),
    ],
)
def test_what_partner_center_of_a_cloud_cannot_do(cloud: Cloud, acts: set[Act]) -> None:
    missing = cannot(connection(cloud))
    assert set(missing) == acts
    assert all(sentence.endswith(".") for sentence in missing.values())
    assert not cannot(connection(cloud, Mode.DIRECT))
