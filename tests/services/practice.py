"""The adapters in front of the practice directory, through the real client and real HTTP values."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from o365desk.domain.access import Service
from o365desk.domain.connections import Mode
from o365desk.domain.directory import TenantId, User, UserId
from o365desk.domain.errors import SignInRequired
from o365desk.domain.licensing import SkuId
from o365desk.domain.ports import (
    Capabilities,
    ChangeReader,
    CustomerCatalog,
    TokenProvider,
    UserDirectory,
)
from o365desk.services.api_client import ApiClient
from o365desk.services.graph import GRAPH_CAPABILITIES, GraphCatalog, GraphUserDirectory
from o365desk.services.graph_changes import GraphChanges
from o365desk.services.partner_center import (
    PARTNER_CENTER_CAPABILITIES,
    PartnerCenterCatalog,
    PartnerCenterUserDirectory,
)
from o365desk.services.product_names import ProductNames
from o365desk.services.reseller import (
    GraphRoutes,
    ResellerCatalog,
    ResellerChanges,
    ResellerDirectory,
)
from o365desk.services.tokens import FixedTokenProvider
from o365desk.simulator import Fault, Simulator, build_world
from o365desk.simulator.calls import CallRecord
from o365desk.simulator.catalog import by_part_number
from o365desk.simulator.transport import SimulatorTransport
from tests.csdl import check_path
from tests.services.signed_in import SignedIn

START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

DIRECTORIES = ("graph direct", "graph gdap", "partner center", "reseller")
CATALOGS = ("graph direct", "partner center", "reseller")


def sku(part_number: str) -> SkuId:
    return SkuId(by_part_number()[part_number].sku_id)


@dataclass
class Practice:
    """One world, the client in front of it, and the adapters by name."""

    name: str
    simulator: Simulator
    directory: UserDirectory
    catalog: CustomerCatalog
    other: UserDirectory
    """The other face, to see whether a change shows there."""
    client: ApiClient
    routes: GraphRoutes
    face: str
    """Which face serves the users."""
    capabilities: Callable[[TenantId], Capabilities]
    changes: ChangeReader
    waits: list[float] = field(default_factory=list)
    """What was slept, by the client or the adapters; nobody really waits."""
    passed: list[float] = field(default_factory=list)
    """Seconds that have passed, as a test says."""

    def tenant(self, purpose: str) -> TenantId:
        return TenantId(self.simulator.world.customer(purpose))

    def notable(self, purpose: str, who: str) -> UserId:
        self.truth(purpose)  # content is made at first touch
        return UserId(self.simulator.directory.tenant(self.tenant(purpose)).notable[who])

    def truth(self, purpose: str) -> dict[str, Any]:
        from o365desk.simulator.practice import truth

        return truth(self.simulator.directory.tenant(self.tenant(purpose)))

    def true_user(self, purpose: str, user: UserId) -> dict[str, Any]:
        told = self.truth(purpose)
        found = [u for u in (*told["users"], *told["deleted"]) if u["id"] == user]
        assert len(found) == 1
        return dict(found[0])

    def holder(self, purpose: str, *parts: str) -> UserId:
        """An ordinary user who holds these products directly, and no add-on to them."""
        wanted = {sku(part) for part in parts}
        add_ons = {sku(part) for part in ("MCOEV", "Microsoft_365_Copilot")}
        for told in self.truth(purpose)["users"]:
            plain = not told["roles"] and told["enabled"] and told["usageLocation"]
            if (
                plain
                and not told["synced"]
                and wanted <= set(told["licenses"]) - add_ons == set(told["licenses"])
            ):
                return UserId(told["id"])
        raise AssertionError(f"nobody in {purpose} holds {parts}")

    def fault(self, *faults: Fault) -> None:
        self.simulator.faults.add(*faults)

    def calls(self) -> list[CallRecord]:
        return list(self.simulator.calls.recent)

    def writes(self) -> list[CallRecord]:
        return [
            call
            for call in self.calls()
            if call.method not in ("GET", "HEAD") and call.route != "/$batch"
        ]

    async def everyone(self, purpose: str) -> list[User]:
        pages = self.directory.users(self.tenant(purpose))
        return [user async for page in pages for user in page]

    async def everyone_deleted(self, purpose: str) -> list[User]:
        pages = self.directory.deleted_users(self.tenant(purpose))
        return [user async for page in pages for user in page]


def practice(name: str, signed_in: SignedIn | None = None) -> Practice:
    """`name`: of DIRECTORIES or CATALOGS. `signed_in`: with tokens of real sign-ins; without it
    with words that the practice directory takes for tokens."""
    simulator = Simulator(build_world("demo", seed=1, start=START), clock=lambda: START)
    http = httpx.AsyncClient(transport=SimulatorTransport(simulator))
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    def client_for(tokens: TokenProvider) -> ApiClient:
        return ApiClient(http, tokens, sleep=sleep)

    def as_partner(service: Service, tenant: TenantId | None) -> str:
        if service is Service.GRAPH and tenant is not None:
            return f"partner:{tenant}"
        return "partner"

    def as_administrator(service: Service, tenant: TenantId | None) -> str:
        if service is Service.PARTNER_CENTER:
            raise SignInRequired("An administrator has no Partner Center.")
        return f"tenant:{tenant or simulator.world.customer('direct')}"

    direct = name == "graph direct"
    administrator: TokenProvider = FixedTokenProvider(as_administrator)
    partner: TokenProvider = FixedTokenProvider(as_partner)
    if signed_in is not None:
        signed_in.admit(simulator)
        administrator = signed_in.provider(Mode.DIRECT, simulator.world.customer("direct"))
        partner = signed_in.provider(Mode.RESELLER, simulator.world.partner.tenant_id)
    client = client_for(administrator if direct else partner)
    partner_client = client_for(partner)
    names = ProductNames()
    graph = GraphUserDirectory(client, sleep=sleep)
    partner_center = PartnerCenterUserDirectory(partner_client, sleep=sleep)
    passed: list[float] = []
    routes = GraphRoutes(client, clock=lambda: sum(passed))
    graph_catalog = GraphCatalog(client, names)
    partner_catalog = PartnerCenterCatalog(partner_client, names)
    reseller = ResellerDirectory(routes, graph, partner_center)
    by_graph = name != "partner center"
    directory: UserDirectory = graph if by_graph else partner_center
    catalog: CustomerCatalog = graph_catalog if direct else partner_catalog
    capabilities: Callable[[TenantId], Capabilities] = (
        (lambda tenant: GRAPH_CAPABILITIES)
        if by_graph
        else (lambda tenant: PARTNER_CENTER_CAPABILITIES)
    )
    changes: ChangeReader = GraphChanges(client, sleep=sleep)
    if name == "reseller":
        changes = ResellerChanges(routes, changes)
        directory = reseller
        catalog = ResellerCatalog(routes, graph_catalog, partner_catalog)
        capabilities = reseller.capabilities
    return Practice(
        name=name,
        simulator=simulator,
        directory=directory,
        catalog=catalog,
        other=partner_center if by_graph else graph,
        client=client,
        routes=routes,
        face="graph" if by_graph else "partner_center",
        capabilities=capabilities,
        changes=changes,
        waits=waits,
        passed=passed,
    )


def check_requests(calls: list[CallRecord]) -> None:
    """Everything asked of Graph is something Microsoft's own metadata knows."""
    for call in calls:
        if call.face == "graph" and call.route != "/$batch":  # its items are noted too
            path = call.path.removeprefix("/v1.0")
            body = json.loads(call.body) if call.body else None
            check_path(call.method, path, call.query, body)


async def fails_with(call: Awaitable[object], kind: type[Exception]) -> Any:
    """The error `call` ends in, which must be exactly of this kind."""
    with pytest.raises(kind) as caught:
        await call
    assert type(caught.value) is kind
    return caught.value
