"""A customer who has granted nothing: who serves it, why, and how that is mended; with MSAL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from o365desk.domain.connections import Connection, Mode
from o365desk.domain.directory import TenantId, User
from o365desk.domain.errors import AccessDenied, Refusal, ServerFault
from o365desk.services.api_client import ApiClient
from o365desk.services.consents import CustomerConsents
from o365desk.services.graph import GRAPH_CAPABILITIES, GraphUserDirectory
from o365desk.services.graph_changes import GraphChanges
from o365desk.services.partner_center import (
    PARTNER_CENTER_CAPABILITIES,
    PartnerCenterUserDirectory,
)
from o365desk.services.reseller import GraphRoutes, ResellerChanges, ResellerDirectory
from o365desk.simulator import Fault, FaultKind, Simulator, build_world
from o365desk.simulator.identity_accounts import CLIENT_ID, CLIENTS
from o365desk.simulator.scopes import GRAPH
from o365desk.simulator.server import Server
from o365desk.simulator.state import Tenant
from o365desk.simulator.transport import SimulatorTransport
from tests.services.practice import START, fails_with
from tests.services.signed_in import SignedIn
from tests.simulator.sign_in_desk import carried


@dataclass
class Desk:
    """A reseller's administrator, signed in to a practice directory of his own."""

    simulator: Simulator
    client: ApiClient
    routes: GraphRoutes
    directory: ResellerDirectory
    consents: CustomerConsents

    def tenant(self, purpose: str = "mixed") -> TenantId:
        return TenantId(self.simulator.world.customer(purpose))

    def organization(self, purpose: str = "mixed") -> Tenant:
        return self.simulator.directory.tenant(self.tenant(purpose))

    def granted(self) -> frozenset[str]:
        identity = self.simulator.identity
        return identity.granted(self.organization(), CLIENTS[CLIENT_ID], GRAPH)

    async def everyone(self, purpose: str = "mixed") -> Sequence[User]:
        pages = self.directory.users(self.tenant(purpose))
        return [user async for page in pages for user in page]

    async def served_by_graph(self, purpose: str = "mixed") -> bool:
        users = await self.everyone(purpose)
        by_graph = all(user.licenses is not None for user in users)
        known = GRAPH_CAPABILITIES if by_graph else PARTNER_CENTER_CAPABILITIES
        assert self.directory.capabilities(self.tenant(purpose)) == known
        return by_graph


@asynccontextmanager
async def signed_in() -> AsyncIterator[Desk]:
    simulator = Simulator(build_world("demo", seed=1, start=START), clock=lambda: START)
    home = simulator.world.partner.tenant_id
    with carried(Server(simulator)) as server:
        simulator.browser_base = server.url
        tokens = SignedIn(simulator).provider(Mode.RESELLER, home)
        async with httpx.AsyncClient(transport=SimulatorTransport(simulator)) as http:
            client = ApiClient(http, tokens)
            routes = GraphRoutes(client)
            directory = ResellerDirectory(
                routes, GraphUserDirectory(client), PartnerCenterUserDirectory(client)
            )
            connection = Connection("one", "One", Mode.RESELLER, home, CLIENT_ID)
            consents = CustomerConsents(client, connection, routes)
            yield Desk(simulator, client, routes, directory, consents)


async def test_the_reason_is_kept_until_the_permissions_are_there() -> None:
    async with signed_in() as desk:
        assert desk.consents.refusal(desk.tenant()) is None
        assert not await desk.served_by_graph()
        error = desk.consents.refusal(desk.tenant())
        assert error is not None
        assert (error.refusal, error.code) == (Refusal.CONSENT, "AADSTS65001")
        assert await desk.served_by_graph("well_stocked")
        assert desk.consents.refusal(desk.tenant("well_stocked")) is None
        await desk.consents.grant(desk.tenant())
        assert desk.granted() == set(desk.consents.scopes)
        assert not desk.routes.lead(desk.tenant()), "it has not served yet"
        changes = ResellerChanges(desk.routes, GraphChanges(desk.client))
        assert await changes.mark(desk.tenant()) is not None
        assert await desk.served_by_graph()
        assert desk.consents.refusal(desk.tenant()) is None
        assert desk.routes.lead(desk.tenant())


async def test_forgiven_too_early_it_is_refused_again_and_not_asked_each_time() -> None:
    async with signed_in() as desk:
        desk.consents.forgive(desk.tenant())  # nothing was refused yet
        assert not await desk.served_by_graph()
        for forgiven in (True, False):
            if forgiven:
                desk.consents.forgive(desk.tenant())
            before = len(desk.simulator.identity.sign_ins)
            assert not await desk.served_by_graph()
            assert (len(desk.simulator.identity.sign_ins) > before) is forgiven
            assert desk.consents.refusal(desk.tenant()) is not None


async def test_a_trouble_that_passes_is_no_answer() -> None:
    """Neither forgotten nor made worse by a listing that failed for another reason."""
    async with signed_in() as desk:
        assert not await desk.served_by_graph()
        await desk.consents.grant(desk.tenant())
        desk.simulator.faults.add(Fault(FaultKind.ANSWER, status=500, face="graph", path="/users"))
        await fails_with(desk.everyone(), ServerFault)
        assert desk.consents.refusal(desk.tenant()) is not None
        assert await desk.served_by_graph()


async def test_too_few_permissions_are_replaced() -> None:
    async with signed_in() as desk:
        few = {GRAPH: frozenset({"User.Read.All"})}
        desk.simulator.identity.consent(desk.organization(), CLIENTS[CLIENT_ID], few)
        assert not await desk.served_by_graph()
        await desk.consents.grant(desk.tenant())
        assert desk.granted() == set(desk.consents.scopes)
        sent = [c.method for c in desk.simulator.calls.recent if "consents" in c.path]
        assert sent == ["POST", "DELETE", "POST"]
        assert await desk.served_by_graph()


async def test_without_a_role_that_may_consent_nothing_changes() -> None:
    async with signed_in() as desk:
        relation = desk.organization("well_stocked").gdap
        desk.organization().gdap = relation
        assert not await desk.served_by_graph()
        error = await fails_with(desk.consents.grant(desk.tenant()), AccessDenied)
        assert error.refusal is Refusal.ROLE_MISSING
        assert "Cloud Application Administrator" in error.next_step
        assert desk.granted() == frozenset()
        assert not await desk.served_by_graph()


async def test_another_refusal_is_told_as_what_it_is() -> None:
    async with signed_in() as desk:
        home = desk.simulator.directory.tenant(desk.simulator.world.partner.tenant_id)
        account = desk.simulator.identity.accounts[home.notable["admin"]]
        account.guest_of.add(desk.tenant("tiny"))
        assert not await desk.served_by_graph("tiny")
        error = desk.consents.refusal(desk.tenant("tiny"))
        assert error is not None
        assert (error.refusal, error.code) == (Refusal.RELATIONSHIP, "AADSTS50177")
        account.guest_of.clear()
        desk.consents.forgive(desk.tenant("tiny"))
        assert await desk.served_by_graph("tiny")
