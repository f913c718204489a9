"""How to register an app for a connection, step by step, as text.

Follows learn.microsoft.com/entra/identity-platform/quickstart-register-app and, for the redirect
URIs, learn.microsoft.com/entra/msal/python (wam, macos-broker, linux-broker-py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from o365desk.domain.access import Service
from o365desk.domain.connections import Connection, Mode, SignInMethod
from o365desk.domain.permissions import Permission

PARTNER_CENTER_APP = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"
"""Partner Center's application id, by which the portal finds it
(learn.microsoft.com/partner-center/developer/control-panel-vendor-api-how-to)."""

LOOPBACK = "http://localhost"


@dataclass(frozen=True, slots=True)
class Copyable:
    """A value that is pasted somewhere."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One numbered step: what to do, and what to paste there."""

    text: str
    copies: tuple[Copyable, ...] = ()
    link: str = ""
    """Address to open for it."""


def many_tenants(connection: Connection) -> bool:
    """Customers' directories must know the app as well: Graph through GDAP signs in there."""
    return connection.mode is Mode.RESELLER and connection.graph


def redirect_uris(connection: Connection) -> tuple[Copyable, ...]:
    """Redirect URIs of the app; that of Windows holds the app's id, and is left out without it."""
    found = [Copyable("Redirect URI", LOOPBACK)]
    if connection.method is SignInMethod.BROKER:
        if connection.client_id:
            uri = f"ms-appx-web://Microsoft.AAD.BrokerPlugin/{connection.client_id}"
            found.append(Copyable("Windows", uri))
        found.append(Copyable("macOS", "msauth.com.msauth.unsignedapp://auth"))
        uri = "https://login.microsoftonline.com/common/oauth2/nativeclient"
        found.append(Copyable("Linux", uri))
    return tuple(found)


def guide_steps(
    connection: Connection, permissions: tuple[Permission, ...], portal: str
) -> tuple[GuideStep, ...]:
    """What to do before the permissions are added; the last step introduces their table.
    `portal` is the address at which apps are registered."""
    return tuple(_steps(connection, permissions, portal))


def _steps(
    connection: Connection, permissions: tuple[Permission, ...], portal: str
) -> Iterator[GuideStep]:
    where = connection.tenant or "your organization"
    yield GuideStep(
        f"Open the portal and sign in as an administrator of {where}. Go to App registrations and "
        "choose New registration.",
        link=portal,
    )
    accounts = (
        "“Accounts in any organizational directory”: the app has to be known to your customers too"
        if many_tenants(connection)
        else "“Accounts in this organizational directory only”"
    )
    yield GuideStep(
        f"Give the app a name. As supported account types choose {accounts}.",
        (Copyable("Name", "o365desk"),),
    )
    loopback, *brokers = redirect_uris(connection)
    yield GuideStep(
        "As redirect URI choose the platform “Public client/native (mobile & desktop)” and paste "
        "this address. Then choose Register.",
        (loopback,),
    )
    yield GuideStep(
        "From the app's Overview page copy the Application (client) ID into o365desk. Create no "
        "client secret and no certificate: none is needed."
    )
    if brokers:
        missing = (
            ""
            if connection.client_id
            else " The one for Windows is shown here once the Application (client) ID is entered."
        )
        yield GuideStep(
            "Under Authentication add these redirect URIs as well, for signing in with the account "
            f"of the computer.{missing}",
            tuple(brokers),
        )
    yield GuideStep(
        "Under Authentication set “Allow public client flows” to Yes, and save. Signing in with a "
        "device code needs it."
    )
    partner_center = any(one.service is Service.PARTNER_CENTER for one in permissions)
    graph = any(one.service is Service.GRAPH for one in permissions)
    places = []
    if graph:
        places.append("Microsoft Graph is among the Microsoft APIs.")
    if partner_center:
        places.append(
            "Partner Center is found under “APIs my organization uses”, as Microsoft Partner "
            "Center, by this id."
        )
    yield GuideStep(
        "Under API permissions choose Add a permission, and add these as Delegated permissions, "
        f"no others. {' '.join(places)}",
        (Copyable("Partner Center", PARTNER_CENTER_APP),) if partner_center else (),
    )
