"""Real sign-ins for many tests: MSAL asks one sign-in service, whose tokens every other practice
directory of the same world takes too."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from o365desk.domain.access import Access, Service, SignInNeed
from o365desk.domain.connections import Connection, Mode
from o365desk.domain.directory import TenantId
from o365desk.services.msal_http import open_msal_http
from o365desk.services.sign_in import MsalSignIn
from o365desk.services.token_cache import NoTokenFile
from o365desk.simulator import Simulator, build_world
from o365desk.simulator.identity_accounts import CLIENT_ID, CLIENTS, DECLARED, UNCONSENTED
from o365desk.simulator.scopes import RESOURCES
from o365desk.simulator.server import Server
from o365desk.simulator.transport import ThreadTransport
from tests.simulator.browser import Browser
from tests.simulator.sign_in_desk import carried


class SignedIn:
    """Who is signed in where. A sign-in takes place when its first token is asked for, through the
    pages in a browser; after that its tokens are shared."""

    def __init__(self, simulator: Simulator) -> None:
        self._service = simulator
        self.organizations = frozenset(simulator.directory.tenants)
        self._made: dict[tuple[Mode, str], MsalSignIn] = {}
        self.walks: dict[tuple[Mode, str], int] = {}
        """How many times a person had to go through the pages of a connection."""

    def admit(self, simulator: Simulator) -> None:
        """Lets another directory of the same world take these tokens."""
        assert simulator.identity.accounts, "its people are in their groups"
        simulator.directory.access_tokens = self._service.directory.access_tokens

    def provider(self, mode: Mode, tenant: str) -> "Provider":
        """Tokens of the reseller's administrator, or of those of the customers themselves: each
        signed in to the own organisation, `tenant` being that of calls that name none."""
        return Provider(self, mode, tenant)

    async def of(self, mode: Mode, tenant: str) -> MsalSignIn:
        """The sign-in to a connection."""
        made = self._made.get((mode, tenant))
        if made is None:
            made = self._made[mode, tenant] = await self._sign_in(mode, tenant)
        return made

    async def _sign_in(self, mode: Mode, tenant: str) -> MsalSignIn:
        home = self._service.directory.tenant(tenant)
        browser = Browser(home.users[home.notable["admin"]].upn)

        def open_browser(address: str) -> None:
            browser.open(address)

        made = MsalSignIn(
            Connection(id="", name="", mode=mode, tenant=tenant, client_id=CLIENT_ID),
            NoTokenFile("A test keeps nothing."),
            open_browser=open_browser,
            open_client=lambda: open_msal_http(ThreadTransport(self._service)),
        )
        service = Service.PARTNER_CENTER if mode is Mode.RESELLER else Service.GRAPH
        await made.sign_in(SignInNeed(service), show_code=lambda _code: None)
        browser.join()
        self.walks[mode, tenant] = len(browser.walks)
        return made


class Provider:
    """TokenProvider of a connection; several own organisations look like one to it."""

    def __init__(self, signed_in: SignedIn, mode: Mode, tenant: str) -> None:
        self._signed_in = signed_in
        self._mode = mode
        self._tenant = tenant

    async def token(
        self,
        service: Service,
        tenant: TenantId | None,
        *,
        access: Access = Access.DIRECTORY,
        claims: str = "",
        fresh: bool = False,
    ) -> str:
        home = self._tenant
        if self._mode is Mode.DIRECT and tenant in self._signed_in.organizations:
            home = tenant or home
        sign_in = await self._signed_in.of(self._mode, home)
        return await sign_in.token(service, tenant, access=access, claims=claims, fresh=fresh)


@contextmanager
def signing_in(start: datetime) -> Iterator[SignedIn]:
    """A sign-in service whose clock stands at `start`, with its pages at a real address. Every
    customer has granted the application its permissions."""
    simulator = Simulator(build_world("demo", seed=1, start=start), clock=lambda: start)
    simulator.identity.consent(
        simulator.directory.tenant(simulator.world.customer(UNCONSENTED)),
        CLIENTS[CLIENT_ID],
        {one: frozenset(DECLARED[one.audience]) for one in RESOURCES},
    )
    with carried(Server(simulator)) as server:
        simulator.browser_base = server.url
        yield SignedIn(simulator)


def with_and_without_sign_in(names: Iterable[str]) -> list[Any]:
    """Parameters of a fixture: each name, and whether MSAL makes the tokens."""
    return [
        pytest.param((name, signs_in), id=f"{name}, signed in" if signs_in else name)
        for signs_in in (False, True)
        for name in names
    ]
