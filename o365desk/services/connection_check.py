"""Help > Diagnostics: is everything there that a connection needs, from the network to each
permission. Changes nothing, and asks nobody to sign in."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from o365desk.domain.access import Access, Service
from o365desk.domain.connections import Connection, Mode
from o365desk.domain.diagnostics import CheckStep, StepState
from o365desk.domain.errors import DeskError, SignInRequired
from o365desk.domain.permissions import Permission, permissions
from o365desk.domain.ports import TokenProvider
from o365desk.services.api_client import ApiClient
from o365desk.services.http_link import HttpFactory, open_http
from o365desk.services.line_check import LineCheck, Stopwatch, proxy_step
from o365desk.services.network import Proxies, system_proxies
from o365desk.wire import graph, partner_center
from o365desk.wire.clouds import CloudAddresses, authority, hosts
from o365desk.wire.messages import ApiRequest, ApiResponse
from o365desk.wire.operations import Operation

if TYPE_CHECKING:
    import httpx

Granted = Callable[[Service], frozenset[str] | None]
"""Permissions in the token of a service, as the sign-in was told; None when it was not."""

_NAMES = {Service.GRAPH: "Microsoft Graph", Service.PARTNER_CENTER: "Partner Center"}
_WHEN_NEEDED = frozenset({Access.MAIL, Access.SIGN_INS})

_ONE = ("$top", "1")
_GRAPH_CALLS = (
    (
        "Read the organization",
        graph.get(Operation.GET_ORGANIZATION, "/organization", ("$select", "id")),
    ),
    ("Read users", graph.get(Operation.LIST_USERS, "/users", _ONE, ("$select", "id"))),
    ("Read licenses", graph.get(Operation.LIST_SKUS, "/subscribedSkus", ("$select", "skuId"))),
)
_RELATIONS_CALL = (
    "Read GDAP relationships",
    graph.get(Operation.LIST_RELATIONS, "/tenantRelationships/delegatedAdminCustomers", _ONE),
)
_PARTNER_CALLS = (
    (
        "Read the reseller's profile",
        partner_center.get(Operation.GET_ORGANIZATION, "/profiles/organization"),
    ),
)
_CUSTOMERS = "Read customers"
_CUSTOMERS_CALL = replace(
    partner_center.get(Operation.LIST_CUSTOMERS, "/customers", ("size", "1")),
    # Asks for the verdict on the second factor, in the answer's headers
    # (learn.microsoft.com/partner-center/developer/partner-security-requirements).
    headers=(("ValidateMfa", "true"),),
)


@dataclass
class MicrosoftCheck:
    """ConnectionCheck of one connection. `network` is False for a practice directory inside the
    program, to which no line leads."""

    connection: Connection
    addresses: CloudAddresses
    client: ApiClient
    tokens: TokenProvider
    granted: Granted = lambda service: None
    network: bool = True
    open_http: HttpFactory = open_http
    proxies: Callable[[], Proxies] = system_proxies
    watch: Stopwatch = field(default_factory=Stopwatch)

    async def steps(self) -> AsyncIterator[CheckStep]:
        """Each step as it ends. What depends on one that failed is skipped, and says so."""
        missing: dict[str, str] = {}
        """Origins that are not reached, each with the step that failed."""
        if self.network:
            async for step in self._line(missing):
                yield step
        sign_in = missing.get(self.addresses.authority, "")
        for service in self._services():
            lost = missing.get(self.addresses.origin(service), "") or sign_in
            async for step in self._service(service, lost):
                yield step

    def _services(self) -> Iterator[Service]:
        if self.connection.mode is Mode.RESELLER:
            yield Service.PARTNER_CENTER
        if self.connection.mode is Mode.DIRECT or self.connection.graph:
            yield Service.GRAPH

    # The line

    async def _line(self, missing: dict[str, str]) -> AsyncIterator[CheckStep]:
        proxies = await asyncio.to_thread(self.proxies)
        client = await asyncio.to_thread(self.open_http)
        async with contextlib.aclosing(client):
            self.watch.start()
            yield proxy_step(proxies, self.addresses.authority, self.watch)
            async for step in self._sign_in_service(client, proxies, missing):
                yield step
            bases = hosts(self.addresses)
            checked = {self.addresses.authority}
            for service in self._services():
                if self.addresses.origin(service) in checked:
                    continue
                checked.add(self.addresses.origin(service))
                line = LineCheck(client, proxies, f"{bases[service]}/", self.watch)
                async for step in line.steps():
                    if step.state is StepState.FAILED:
                        missing[self.addresses.origin(service)] = step.name
                    yield step

    async def _sign_in_service(
        self, client: "httpx.AsyncClient", proxies: Proxies, missing: dict[str, str]
    ) -> AsyncIterator[CheckStep]:
        """The way to it, its clock, and whether it knows the organization
        (learn.microsoft.com/entra/identity-platform/v2-protocols-oidc)."""
        where = authority(self.addresses, self.connection.tenant)
        url = f"{where}/v2.0/.well-known/openid-configuration"
        line = LineCheck(client, proxies, url, self.watch)
        name = "Sign-in service"
        async for step in line.steps():
            if step.state is StepState.FAILED:
                missing[self.addresses.authority] = step.name
            yield step
        if line.answer is None:
            lost = missing.get(self.addresses.authority, "the connection")
            yield self.watch.skipped(name, f"Not tried: {lost} failed.")
            return
        yield line.clock()
        step = self._knows_organization(name, line.answer)
        if step.state is StepState.FAILED:
            missing[self.addresses.authority] = name
        yield step

    def _knows_organization(self, name: str, answer: ApiResponse) -> CheckStep:
        self.watch.start()
        if answer.status == 200 and b'"token_endpoint"' in answer.body:
            return self.watch.step(name, StepState.GOOD, "Knows the organization.")
        if answer.status == 400:
            return self.watch.step(
                name,
                StepState.FAILED,
                "Microsoft knows no organization under the id or domain of this connection.",
                "Correct the organization on the Connections page; check the cloud as well.",
            )
        return self.watch.step(
            name,
            StepState.FAILED,
            "Something else than Microsoft's sign-in service answered"
            f" (HTTP {answer.status}): a network's sign-in page, a proxy or a filter.",
            "Open any web page and sign in to the network; else ask its administrator.",
        )

    # One service

    async def _service(self, service: Service, lost: str) -> AsyncIterator[CheckStep]:
        name = f"Token for {_NAMES[service]}"
        if lost:
            token = self.watch.skipped(name, f"Not tried: {lost} failed.")
        else:
            token = await self._token(name, service)
        yield token
        signed_in = token.state is StepState.GOOD
        for what, request in self._calls(service):
            called = f"{_NAMES[service]}: {what}"
            if not signed_in:
                yield self.watch.skipped(called, f"Not tried: there is no {_lower(name)}.")
                continue
            async for step in self._call(called, request):
                yield step
        granted = self.granted(service) if signed_in else None
        for permission in permissions(self.connection):
            if permission.service is service:
                yield self._permission(permission, granted)

    async def _token(self, name: str, service: Service) -> CheckStep:
        self.watch.start()
        try:
            # A new one: with it Microsoft names the permissions, which no cache remembers.
            await self.tokens.token(service, None, access=self._access(service), fresh=True)
        except SignInRequired as error:
            return self.watch.skipped(
                name, error.sentence, error.next_step or "Sign in, then run the check again."
            )
        except DeskError as error:
            return self.watch.failed(name, error)
        return self.watch.step(name, StepState.GOOD, "There, and not out of date.")

    def _access(self, service: Service) -> Access:
        """A reseller's own organization is asked for its relationships alone: users are read, and
        permissions granted, at each customer."""
        reseller = self.connection.mode is Mode.RESELLER
        return Access.RELATIONS if reseller and service is Service.GRAPH else Access.DIRECTORY

    def _calls(self, service: Service) -> Iterator[tuple[str, ApiRequest]]:
        if service is Service.PARTNER_CENTER:
            yield from _PARTNER_CALLS
            yield _CUSTOMERS, _CUSTOMERS_CALL
        elif self.connection.mode is Mode.RESELLER:
            yield _RELATIONS_CALL
        else:
            yield from _GRAPH_CALLS

    async def _call(self, name: str, request: ApiRequest) -> AsyncIterator[CheckStep]:
        self.watch.start()
        try:
            answer = await self.client.send(request)
        except DeskError as error:
            yield self.watch.failed(name, error)
            return
        yield self.watch.step(name, StepState.GOOD, "Answered.")
        if request is _CUSTOMERS_CALL:
            yield self._second_factor(answer)

    def _second_factor(self, answer: ApiResponse) -> CheckStep:
        name = "Partner Center: multi-factor authentication"
        said = answer.headers.get("ismfacompliant", "").lower()
        if said == "true":
            step = self.watch.step(name, StepState.GOOD, "The sign-in was made with it.")
        elif said == "false":
            step = self.watch.step(
                name,
                StepState.FAILED,
                "The sign-in was made without a second factor, which Partner Center demands.",
                "Sign out, then sign in again and answer the second factor.",
            )
        else:
            step = self.watch.skipped(name, "Partner Center did not tell.")
        return replace(step, milliseconds=None)

    def _permission(self, permission: Permission, granted: frozenset[str] | None) -> CheckStep:
        name = f"Permission {permission.scope} ({_NAMES[permission.service]})"
        if self.connection.mode is Mode.RESELLER and not permission.own_tenant:
            return self.watch.skipped(name, "Granted at each customer: a customer says if not.")
        if granted is None:
            return self.watch.skipped(name, "Microsoft tells it with a sign-in only.")
        held = {scope.rpartition("/")[2].lower() for scope in granted}
        if permission.scope.lower() in held:
            state, detail, next_step = StepState.GOOD, "Granted.", ""
        elif permission.access in _WHEN_NEEDED:
            state, next_step = StepState.WARNING, ""
            detail = f"Not granted yet; asked for when first needed. {permission.reason}"
        else:
            state, detail = StepState.FAILED, f"Not granted. {permission.reason}"
            next_step = "Sign in again and agree."
            if permission.admin_consent:
                next_step = "An administrator grants it with the link on the Connections page."
        return CheckStep(name, state, detail, next_step, self.watch.now())


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
