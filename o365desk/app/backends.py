"""Backends: which service serves what, over one client; the same for Microsoft and for practice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from o365desk.app.config import SmtpSettings
from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.domain.directory import TenantId, UserId, utc_now
from o365desk.domain.ports import Backend, Capabilities, MailSender, Origin
from o365desk.domain.rights import merged_refusals
from o365desk.services.product_names import ProductNames

if TYPE_CHECKING:
    from o365desk.services.api_client import ApiClient
    from o365desk.wire.clouds import CloudAddresses

READ_ONLY = "This connection was set up for reading only: another one can change things."


def backend_for(
    connection: Connection,
    client: "ApiClient",
    names: ProductNames,
    mail: MailSender,
    *,
    now: Callable[[], datetime] = utc_now,
    operator: Callable[[], UserId | None] = lambda: None,
    addresses: "CloudAddresses | None" = None,
) -> Backend:
    """What a connection leads to. `operator`: object id of who is signed in, if it is known;
    `addresses`: where a browser finds the cloud, if elsewhere than everybody does."""
    practice = connection.cloud is Cloud.PRACTICE
    origin = Origin.PRACTICE if practice else Origin.LIVE
    if connection.mode is Mode.DIRECT:
        backend = direct_backend(client, names, mail, origin, operator=operator)
    else:
        backend = reseller_backend(
            connection, client, names, mail, origin, now=now, addresses=addresses
        )
    if connection.write:
        return backend
    allowed = backend.capabilities
    return replace(
        backend,
        capabilities=lambda tenant: replace(allowed(tenant), write=False, reason=READ_ONLY),
    )


def reseller_backend(
    connection: Connection,
    client: "ApiClient",
    names: ProductNames,
    mail: MailSender,
    origin: Origin,
    *,
    now: Callable[[], datetime] = utc_now,
    addresses: "CloudAddresses | None" = None,
) -> Backend:
    """Customers, counters and subscriptions from Partner Center; users through Graph where GDAP
    allows it, else through Partner Center, less what its cloud does not offer there."""
    from o365desk.services.consents import CustomerConsents
    from o365desk.services.graph import GraphCatalog, GraphUserDirectory
    from o365desk.services.graph_changes import GraphChanges
    from o365desk.services.last_sign_ins import GraphSignIns, ResellerSignIns
    from o365desk.services.partner_center import PartnerCenterCatalog, PartnerCenterUserDirectory
    from o365desk.services.reseller import (
        GraphRoutes,
        ResellerCatalog,
        ResellerChanges,
        ResellerDirectory,
    )
    from o365desk.services.tenant_rights import CustomerRights
    from o365desk.wire.clouds import cannot

    routes = GraphRoutes(client)
    users = ResellerDirectory(
        routes, GraphUserDirectory(client), PartnerCenterUserDirectory(client)
    )
    rights = CustomerRights(client, routes, now=now)
    missing = cannot(connection)
    consents = CustomerConsents(client, connection, routes, addresses)

    def capabilities(tenant: TenantId) -> Capabilities:
        found = users.capabilities(tenant)
        if not missing or routes.lead(tenant):
            return found
        return replace(found, refused=merged_refusals(found.refused, missing))

    return Backend(
        origin=origin,
        customers=ResellerCatalog(
            routes, GraphCatalog(client, names), PartnerCenterCatalog(client, names)
        ),
        users=users,
        mail=mail,
        capabilities=rights.over(capabilities),
        rights=rights,
        consents=consents if connection.graph and connection.sign_in else None,
        product_name=names.name,
        changes=ResellerChanges(routes, GraphChanges(client)),
        sign_ins=ResellerSignIns(routes, GraphSignIns(client)),
        prepare=routes.load,
    )


def direct_backend(
    client: "ApiClient",
    names: ProductNames,
    mail: MailSender,
    origin: Origin,
    *,
    operator: Callable[[], UserId | None] = lambda: None,
) -> Backend:
    """One organisation, all of it from Graph (S3). `operator`: object id of who is signed in."""
    from o365desk.services.graph import GRAPH_CAPABILITIES, GraphCatalog, GraphUserDirectory
    from o365desk.services.graph_changes import GraphChanges
    from o365desk.services.last_sign_ins import GraphSignIns
    from o365desk.services.tenant_rights import OwnRights

    def capabilities(tenant: TenantId) -> Capabilities:
        return GRAPH_CAPABILITIES

    rights = OwnRights(client, operator)
    return Backend(
        origin=origin,
        customers=GraphCatalog(client, names),
        users=GraphUserDirectory(client),
        mail=mail,
        capabilities=rights.over(capabilities),
        rights=rights,
        product_name=names.name,
        changes=GraphChanges(client),
        sign_ins=GraphSignIns(client),
        single_tenant=True,
    )


def mail_sender(client: "ApiClient", smtp: SmtpSettings | None) -> MailSender:
    from o365desk.services.mail import GraphMailSender, SmtpMailSender

    if smtp is None:
        return GraphMailSender(client)
    from o365desk.services.keyring_secrets import smtp_password

    return SmtpMailSender(
        smtp.host,
        smtp.port,
        smtp.security,
        smtp.sender,
        username=smtp.username,
        password=partial(smtp_password, smtp.username),
    )
