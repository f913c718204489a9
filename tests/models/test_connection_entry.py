"""Tenants, application ids and names as people type and paste them."""

import pytest

from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.models.connection_entry import (
    BAD_CLIENT,
    BAD_TENANT,
    NO_CLIENT,
    NO_ORGANIZATION,
    NO_TENANT,
    TENANT_AS_CLIENT,
    client_id_of,
    client_id_problem,
    free_name,
    name_of,
    name_problem,
    suggested_name,
    tenant_of,
    tenant_problem,
)

ID = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
APP = "00001111-aaaa-2222-bbbb-3333cccc4444"


@pytest.mark.parametrize(
    ("typed", "tenant"),
    [
        pytest.param("contoso.com", "contoso.com", id="domain"),
        pytest.param("  Contoso.COM. ", "contoso.com", id="spaces and a stop"),
        pytest.param("contoso", "contoso.onmicrosoft.com", id="bare name"),
        pytest.param(ID.upper(), ID, id="tenant id"),
        pytest.param(f"{{{ID}}}", ID, id="id in braces"),
        pytest.param("admin@fabrikam.co.uk", "fabrikam.co.uk", id="mail address"),
        pytest.param("münchen.example", "xn--mnchen-3ya.example", id="umlaut"),
        pytest.param("https://www.contoso.com/about?x=1", "contoso.com", id="web site"),
        pytest.param("www.contoso.com/about", "contoso.com", id="web site without scheme"),
        pytest.param(f"https://login.microsoftonline.com/{ID}/v2.0", ID, id="authority"),
        pytest.param("https://login.microsoftonline.us/contoso.us/", "contoso.us", id="us gov"),
        pytest.param(
            "https://portal.azure.com/#@contoso.onmicrosoft.com/resource/subscriptions/x",
            "contoso.onmicrosoft.com",
            id="portal",
        ),
        pytest.param(f"https://entra.microsoft.com/?tid={ID}#home", ID, id="tid"),
        pytest.param(
            f"https://portal.office.com/x#page?tenantId={ID}", ID, id="tenant id in a fragment"
        ),
        pytest.param(
            "https://contoso-admin.sharepoint.com/_layouts/15/x.aspx",
            "contoso.onmicrosoft.com",
            id="sharepoint",
        ),
    ],
)
def test_a_tenant_is_understood(typed: str, tenant: str) -> None:
    assert tenant_of(typed) == tenant
    assert tenant_problem(typed) == ""


@pytest.mark.parametrize(
    ("cloud", "tenant"),
    [
        (Cloud.GLOBAL, "contoso.onmicrosoft.com"),
        (Cloud.GCC_HIGH, "contoso.onmicrosoft.us"),
        (Cloud.DOD, "contoso.onmicrosoft.us"),
        (Cloud.CHINA, "contoso.partner.onmschina.cn"),
    ],
)
def test_a_bare_name_stands_for_the_first_domain_in_its_cloud(cloud: Cloud, tenant: str) -> None:
    assert tenant_of("contoso", cloud) == tenant


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        pytest.param("  ", NO_TENANT, id="nothing"),
        pytest.param("not a tenant", BAD_TENANT, id="words"),
        pytest.param("contoso..com", BAD_TENANT, id="two stops"),
        pytest.param("contoso.com; DROP", BAD_TENANT, id="more behind it"),
        pytest.param(ID[:-1], BAD_TENANT, id="id cut short"),
        pytest.param("-contoso.com", BAD_TENANT, id="hyphen first"),
        pytest.param("192.168.0.1", BAD_TENANT, id="number of a computer"),
        pytest.param("x" * 300 + ".com", BAD_TENANT, id="too long"),
        pytest.param("common", NO_ORGANIZATION, id="common"),
        pytest.param(
            "https://login.microsoftonline.com/organizations", NO_ORGANIZATION, id="any tenant"
        ),
        pytest.param("https://portal.azure.com/#home", NO_ORGANIZATION, id="portal's start"),
        pytest.param("https://[broken", NO_ORGANIZATION, id="broken address"),
        pytest.param("entra.microsoft.com", NO_ORGANIZATION, id="Microsoft's own"),
    ],
)
def test_what_is_no_tenant_is_told(typed: str, problem: str) -> None:
    assert tenant_of(typed) == ""
    assert tenant_problem(typed) == problem


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        pytest.param("", NO_CLIENT, id="nothing"),
        pytest.param("o365desk", BAD_CLIENT, id="name of the app"),
        pytest.param(f"{APP}5", BAD_CLIENT, id="too long"),
        pytest.param(ID, TENANT_AS_CLIENT, id="tenant id"),
        pytest.param(f" {{{APP.upper()}}} ", "", id="pasted"),
    ],
)
def test_an_application_id_is_checked(typed: str, problem: str) -> None:
    assert client_id_problem(typed, ID) == problem
    assert client_id_of(f" {{{APP.upper()}}} ") == APP


OTHERS = (Connection("a", "Contoso", Mode.DIRECT, "contoso.com", APP),)


def test_names_are_given_once() -> None:
    assert name_of("  Contoso \t Ltd ") == "Contoso Ltd"
    assert name_problem(" ", OTHERS) == "Enter a name by which you will know this connection."
    assert name_problem(" CONTOSO ", OTHERS) == "Another connection has this name."
    assert name_problem("Contoso 2", OTHERS) == ""
    assert free_name("contoso", OTHERS) == "contoso 2"
    assert suggested_name("", Mode.DIRECT, OTHERS) == ""
    assert suggested_name("Contoso", Mode.DIRECT, OTHERS) == "Contoso 2"
    assert suggested_name("contoso.com", Mode.RESELLER, OTHERS) == "Customers of contoso.com"
