"""The worlds the window can stand before: Microsoft, or the practice directory."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from o365desk.app.config import SmtpSettings
from o365desk.app.options import Options
from o365desk.app.profile import Profile
from o365desk.domain.access import Service
from o365desk.domain.connections import Connection, Mode
from o365desk.domain.directory import TenantId, utc_now
from o365desk.domain.errors import Unreachable
from o365desk.domain.ports import Backend, Capabilities, MailSender, Origin
from o365desk.domain.sign_in import SignIn
from o365desk.services.product_names import ProductNames
from o365desk.views.sent_mail import SentMail

if TYPE_CHECKING:
    import httpx

    from o365desk.services.api_client import ApiClient
    from o365desk.services.scheduler import Scheduler
    from o365desk.simulator import Simulator

PRACTICE_HOST = "https://graph.microsoft.com"
"""Host under which the practice directory inside the program is called; nothing is looked up."""


@dataclass(frozen=True, slots=True)
class World:
    """A backend, and what stands beside it."""

    backend: Backend
    scheduler: "Scheduler"
    close: Callable[[], Awaitable[None]]
    now: Callable[[], datetime] = utc_now
    sign_in: SignIn | None = None
    """None where no sign-in is needed."""
    sent_mail: Callable[[], Awaitable[Sequence[SentMail]]] | None = None
    """What the practice directory was asked to send; None for Microsoft."""
    simulator: "Simulator | None" = None
    """The practice directory itself where it runs inside; None behind a server."""


def open_world(
    connection: Connection,
    options: Options,
    names: ProductNames,
    smtp: SmtpSettings | None,
    profile: Profile | None,
) -> World:
    """Builds the world of a connection. Imports the HTTP stack, so it is called off the GUI
    thread."""
    return open_practice(connection, options, names, smtp)


def open_practice(
    connection: Connection, options: Options, names: ProductNames, smtp: SmtpSettings | None
) -> World:
    """The practice world: the same adapters and HTTP code as for Microsoft, in front of the
    simulator."""
    from o365desk.services.api_client import ApiClient
    from o365desk.services.http_link import open_http
    from o365desk.services.scheduler import Scheduler
    from o365desk.services.tokens import FixedTokenProvider
    from o365desk.wire.addresses import PUBLIC_CLOUD

    now = utc_now
    simulator = None
    if options.server:
        base = options.server.rstrip("/")
        hosts = {Service.GRAPH: f"{base}/v1.0", Service.PARTNER_CENTER: f"{base}/v1"}
        own = TenantId(options.tenant.lower())
        http = open_http()
    else:
        from o365desk.simulator import Simulator, build_world
        from o365desk.simulator.transport import SimulatorTransport

        simulator = Simulator(build_world("demo"))
        if options.faults is not None:
            simulator.faults.load(options.faults.read_text(encoding="utf-8"))
        base, hosts = PRACTICE_HOST, dict(PUBLIC_CLOUD)
        own = TenantId(simulator.world.customer("direct"))
        now = simulator.directory.now
        http = open_http(SimulatorTransport(simulator))
    direct = connection.mode is Mode.DIRECT

    def token(service: Service, tenant: TenantId | None) -> str:
        if direct:
            return f"tenant:{own}"
        if service is Service.GRAPH and tenant is not None:
            return f"partner:{tenant}"
        return "partner"

    scheduler = Scheduler()
    client = ApiClient(http, FixedTokenProvider(token), hosts=hosts, scheduler=scheduler)
    build = direct_backend if direct else reseller_backend
    backend = build(client, names, _mail(client, smtp), Origin.PRACTICE)
    return World(
        backend,
        scheduler,
        partial(_close, client, scheduler),
        now,
        sent_mail=lambda: _outbox(http, base),
        simulator=simulator,
    )


async def _close(client: "ApiClient", scheduler: "Scheduler") -> None:
    await client.aclose()
    scheduler.close()


def reseller_backend(
    client: "ApiClient", names: ProductNames, mail: MailSender, origin: Origin
) -> Backend:
    """Customers, counters and subscriptions from Partner Center; users through Graph where GDAP
    allows it, else through Partner Center."""
    from o365desk.services.graph import GraphCatalog, GraphUserDirectory
    from o365desk.services.graph_changes import GraphChanges
    from o365desk.services.partner_center import PartnerCenterCatalog, PartnerCenterUserDirectory
    from o365desk.services.reseller import (
        GraphRoutes,
        ResellerCatalog,
        ResellerChanges,
        ResellerDirectory,
    )

    routes = GraphRoutes(client)
    users = ResellerDirectory(
        routes, GraphUserDirectory(client), PartnerCenterUserDirectory(client)
    )
    return Backend(
        origin=origin,
        customers=ResellerCatalog(
            routes, GraphCatalog(client, names), PartnerCenterCatalog(client, names)
        ),
        users=users,
        mail=mail,
        capabilities=users.capabilities,
        product_name=names.name,
        changes=ResellerChanges(routes, GraphChanges(client)),
        prepare=routes.load,
    )


def direct_backend(
    client: "ApiClient", names: ProductNames, mail: MailSender, origin: Origin
) -> Backend:
    """One organisation, all of it from Graph (S3)."""
    from o365desk.services.graph import GRAPH_CAPABILITIES, GraphCatalog, GraphUserDirectory
    from o365desk.services.graph_changes import GraphChanges

    def capabilities(tenant: TenantId) -> Capabilities:
        return GRAPH_CAPABILITIES

    return Backend(
        origin=origin,
        customers=GraphCatalog(client, names),
        users=GraphUserDirectory(client),
        mail=mail,
        capabilities=capabilities,
        product_name=names.name,
        changes=GraphChanges(client),
        single_tenant=True,
    )


def _mail(client: "ApiClient", smtp: SmtpSettings | None) -> MailSender:
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


async def _outbox(http: "httpx.AsyncClient", base: str) -> list[SentMail]:
    """What the practice directory was asked to send, newest first."""
    import httpx

    mails: list[dict[str, Any]] | None = None
    with contextlib.suppress(httpx.HTTPError, ValueError, LookupError):
        answer = await http.get(f"{base}/practice/outbox")
        answer.raise_for_status()
        mails = answer.json()["messages"]
    if mails is None:
        raise Unreachable(
            "The practice directory did not answer.", next_step="Start it, then refresh."
        )
    return [
        SentMail(
            sent_at=datetime.fromisoformat(mail["sent"]),
            to=", ".join(mail["to"]),
            subject=mail["subject"],
            body=mail["content"],
        )
        for mail in reversed(mails)
    ]
