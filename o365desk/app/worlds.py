"""The worlds the window can stand before: the practice directory, inside or on its own server."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from o365desk.app.options import Options
from o365desk.domain.directory import TenantId, utc_now
from o365desk.domain.ports import Backend, Capabilities, MailSender, Origin, Service
from o365desk.services.product_names import ProductNames
from o365desk.views.sent_mail import SentMail

if TYPE_CHECKING:
    import httpx

    from o365desk.services.api_client import ApiClient

PRACTICE_HOST = "https://graph.microsoft.com"
"""Host under which the practice directory inside the program is called; nothing is looked up."""


@dataclass(frozen=True, slots=True)
class PracticeWorld:
    """A backend, and what only the practice directory has."""

    backend: Backend
    sent_mail: Callable[[], Awaitable[Sequence[SentMail]]]
    close: Callable[[], Awaitable[None]]
    now: Callable[[], datetime] = utc_now


def open_practice(options: Options, names: ProductNames) -> PracticeWorld:
    """Builds the practice world: the same adapters and HTTP code as for Microsoft, in front of
    the simulator. Imports the HTTP stack, so it is called off the GUI thread."""
    import httpx

    from o365desk.services.api_client import PUBLIC_CLOUD, ApiClient
    from o365desk.services.tokens import FixedTokenProvider

    if options.server:
        base = options.server.rstrip("/")
        hosts = {Service.GRAPH: f"{base}/v1.0", Service.PARTNER_CENTER: f"{base}/v1"}
        own = TenantId(options.tenant.lower())
        http = httpx.AsyncClient(timeout=60.0, trust_env=False)
    else:
        from o365desk.simulator import Simulator, build_world
        from o365desk.simulator.faults import load_faults
        from o365desk.simulator.transport import SimulatorTransport

        simulator = Simulator(build_world("demo"))
        for fault in load_faults(options.faults) if options.faults else ():
            simulator.faults.add(fault)
        base, hosts = PRACTICE_HOST, dict(PUBLIC_CLOUD)
        own = TenantId(simulator.world.customer("direct"))
        http = httpx.AsyncClient(transport=SimulatorTransport(simulator))

    def token(service: Service, tenant: TenantId | None) -> str:
        if options.direct:
            return f"tenant:{own}"
        if service is Service.GRAPH and tenant is not None:
            return f"partner:{tenant}"
        return "partner"

    client = ApiClient(http, FixedTokenProvider(token), hosts=hosts)
    if options.direct:
        backend = direct_backend(client, names, _mail(client))
    else:
        backend = reseller_backend(client, names, _mail(client))
    return PracticeWorld(backend, lambda: _outbox(http, base), client.aclose)


def reseller_backend(client: "ApiClient", names: ProductNames, mail: MailSender) -> Backend:
    """Customers, counters and subscriptions from Partner Center; users through Graph where GDAP
    allows it, else through Partner Center."""
    from o365desk.services.graph import GraphCatalog, GraphUserDirectory
    from o365desk.services.partner_center import PartnerCenterCatalog, PartnerCenterUserDirectory
    from o365desk.services.reseller import GraphRoutes, ResellerCatalog, ResellerDirectory

    routes = GraphRoutes(client)
    users = ResellerDirectory(
        routes, GraphUserDirectory(client), PartnerCenterUserDirectory(client)
    )
    return Backend(
        origin=Origin.PRACTICE,
        customers=ResellerCatalog(
            routes, GraphCatalog(client, names), PartnerCenterCatalog(client, names)
        ),
        users=users,
        mail=mail,
        capabilities=users.capabilities,
        product_name=names.name,
    )


def direct_backend(client: "ApiClient", names: ProductNames, mail: MailSender) -> Backend:
    """One organisation, all of it from Graph (S3)."""
    from o365desk.services.graph import GRAPH_CAPABILITIES, GraphCatalog, GraphUserDirectory

    def capabilities(tenant: TenantId) -> Capabilities:
        return GRAPH_CAPABILITIES

    return Backend(
        origin=Origin.PRACTICE,
        customers=GraphCatalog(client, names),
        users=GraphUserDirectory(client),
        mail=mail,
        capabilities=capabilities,
        product_name=names.name,
        single_tenant=True,
    )


def _mail(client: "ApiClient") -> MailSender:
    from o365desk.services.mail import GraphMailSender

    return GraphMailSender(client)


async def _outbox(http: "httpx.AsyncClient", base: str) -> list[SentMail]:
    """What the practice directory was asked to send, newest first."""
    answer = await http.get(f"{base}/practice/outbox")
    answer.raise_for_status()
    mails: list[dict[str, Any]] = answer.json()
    return [
        SentMail(
            sent_at=datetime.fromisoformat(mail["sentDateTime"]),
            to=", ".join(mail["to"]),
            subject=mail["subject"],
            body=mail["body"],
        )
        for mail in reversed(mails)
    ]
