"""Microsoft's clouds: where each service answers, what a scope is called there, what is missing.

learn.microsoft.com/graph/deployments, learn.microsoft.com/entra/identity-platform/
authentication-national-cloud, learn.microsoft.com/partner-center/developer/
developing-for-partner-center-for-microsoft-national-cloud
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from o365desk.domain.access import Service
from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.domain.ports import Act


@dataclass(frozen=True, slots=True)
class CloudAddresses:
    """Origins (scheme and host) of one cloud, without a slash at the end."""

    authority: str
    """The sign-in service."""
    graph: str
    partner_center: str
    portal: str
    """Where applications are registered and their permissions granted."""

    def origin(self, service: Service) -> str:
        return self.graph if service is Service.GRAPH else self.partner_center


_GLOBAL = CloudAddresses(
    authority="https://login.microsoftonline.com",
    graph="https://graph.microsoft.com",
    partner_center="https://api.partnercenter.microsoft.com",
    portal="https://entra.microsoft.com",
)
CLOUDS: Mapping[Cloud, CloudAddresses] = {
    Cloud.GLOBAL: _GLOBAL,
    # Partner Center has one address for the global cloud and for both of the US Government.
    Cloud.GCC_HIGH: CloudAddresses(
        authority="https://login.microsoftonline.us",
        graph="https://graph.microsoft.us",
        partner_center="https://api.partnercenter.microsoft.com",
        portal="https://entra.microsoft.us",
    ),
    Cloud.DOD: CloudAddresses(
        authority="https://login.microsoftonline.us",
        graph="https://dod-graph.microsoft.us",
        partner_center="https://api.partnercenter.microsoft.com",
        portal="https://entra.microsoft.us",
    ),
    Cloud.CHINA: CloudAddresses(
        authority="https://login.partner.microsoftonline.cn",
        graph="https://microsoftgraph.chinacloudapi.cn",
        partner_center="https://partner.partnercenterapi.microsoftonline.cn",
        portal="https://entra.microsoftonline.cn",
    ),
    # Inside the program the practice directory answers under Microsoft's own names.
    Cloud.PRACTICE: _GLOBAL,
}

REDIRECT = "http://localhost"
"""The redirect address to register, as a public client's; any port of it is taken (RFC 8252)."""

_ADMIN_CENTER = "the customer does it in the Microsoft 365 admin center"
_CHINA_CANNOT: Mapping[Act, str] = {
    Act.LICENSE: "Partner Center operated by 21Vianet does not manage users' licenses: "
    f"{_ADMIN_CENTER}.",
    Act.RESET_PASSWORD: "Partner Center operated by 21Vianet does not reset passwords: "
    f"{_ADMIN_CENTER}.",
}
_US_GOVERNMENT_CANNOT: Mapping[Act, str] = {
    Act.CREATE: "Partner Center for US Government does not create users: "
    "do it in the customer's Azure portal.",
    Act.EDIT: "Partner Center for US Government does not change users: "
    "do it in the customer's Azure portal.",
    Act.RESET_PASSWORD: "Partner Center for US Government does not reset passwords: "
    "do it in the customer's Azure portal.",
}
_CANNOT: Mapping[Cloud, Mapping[Act, str]] = {
    Cloud.CHINA: _CHINA_CANNOT,
    Cloud.GCC_HIGH: _US_GOVERNMENT_CANNOT,
    Cloud.DOD: _US_GOVERNMENT_CANNOT,
}


def hosts(addresses: CloudAddresses) -> dict[Service, str]:
    """Base address of each service, with version, as ApiClient takes them."""
    return {
        Service.GRAPH: f"{addresses.graph}/v1.0",
        Service.PARTNER_CENTER: f"{addresses.partner_center}/v1",
    }


def authority(addresses: CloudAddresses, tenant: str) -> str:
    """The sign-in address of one organization: its id or one of its domains."""
    return f"{addresses.authority}/{quote(tenant.strip(), safe='')}"


def full_scopes(addresses: CloudAddresses, service: Service, names: Iterable[str]) -> list[str]:
    """Names of permissions as a token request takes them: with the service they belong to."""
    return [f"{addresses.origin(service)}/{name}" for name in names]


def admin_consent_address(
    connection: Connection, tenant: str = "", addresses: CloudAddresses | None = None
) -> str:
    """The page on which an administrator of `tenant` (by default the operator's own) grants all
    permissions registered for the application.

    learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent. Afterwards the page
    leads on to the application's redirect address, where nobody listens: that is no error.
    """
    where = authority(addresses or CLOUDS[connection.cloud], tenant or connection.tenant)
    fields = {"client_id": connection.client_id, "redirect_uri": REDIRECT}
    return f"{where}/adminconsent?{urlencode(fields)}"


def registration_address(connection: Connection, addresses: CloudAddresses | None = None) -> str:
    """The page on which applications are registered."""
    portal = (addresses or CLOUDS[connection.cloud]).portal
    return f"{portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade"


def cannot(connection: Connection) -> Mapping[Act, str]:
    """What cannot be done through the Partner Center of a connection's cloud, each with the
    sentence that says so. Nothing of it holds for a customer whom Graph serves."""
    if connection.mode is not Mode.RESELLER:
        return {}
    return _CANNOT.get(connection.cloud, {})
