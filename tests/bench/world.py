"""What every measurement needs: the practice directory in a process of its own, and a client."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from o365desk.domain.access import Service
from o365desk.domain.directory import TenantId, User
from o365desk.services.api_client import ApiClient
from o365desk.services.http_link import open_http
from o365desk.services.tokens import FixedTokenProvider
from o365desk.simulator.core import WARM_SELECT
from o365desk.wire import graph, graph_users
from o365desk.wire.messages import ApiRequest


@dataclass(frozen=True, slots=True)
class Site:
    """A running practice directory: its address, and its tenant of many users."""

    url: str
    tenant: TenantId
    users: int


@dataclass(frozen=True)
class Size:
    """How much is measured; small for the tests of this bench."""

    users: int = 100_000
    tenants: int = 1_000
    rounds: int = 7
    starts: int = 11
    seconds: float = 2.0


@contextmanager
def practice(users: int) -> Iterator[Site]:
    """A scale world behind a real server, ended afterwards."""
    command = [sys.executable, "-m", "o365desk.simulator", "--world", "scale"]
    command += ["--tenants", "2", "--users", str(users)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment()
    ) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[-1]
            server.stdout.readline()  # the partner itself
            yield Site(url, TenantId(server.stdout.readline().split()[0]), users)
        finally:
            server.terminate()


def environment() -> dict[str, str]:
    """For child processes: byte code is kept, as for everybody who starts the program twice."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    kept.setdefault("QT_QPA_PLATFORM", "offscreen")
    return kept


@asynccontextmanager
async def client_of(site: Site) -> AsyncIterator[ApiClient]:
    """The program's client, as administrator of the tenant."""
    hosts = {Service.GRAPH: f"{site.url}/v1.0", Service.PARTNER_CENTER: f"{site.url}/v1"}
    tokens = FixedTokenProvider(lambda service, tenant: f"tenant:{site.tenant}")
    client = ApiClient(open_http, tokens, hosts=hosts)
    try:
        yield client
    finally:
        await client.aclose()


def listing() -> ApiRequest:
    """The program's listing with the 14 properties that all listings here are compared by; two
    more than it reads."""
    request = graph_users.users()
    return replace(request, query=(("$select", WARM_SELECT), *request.query[1:]))


async def all_users(site: Site) -> list[User]:
    """Every user of the tenant; also has the server render its pages."""
    request = listing()
    peek = partial(graph.peek_next, request=request)
    async with client_of(site) as client:
        pages = client.pages(request, graph_users.UserPages(), site.tenant, peek=peek)
        return [user async for page in pages for user in page]
