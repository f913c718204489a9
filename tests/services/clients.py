"""An ApiClient for tests: no real waiting, no chance, and a record of what it asked for."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from o365desk.domain.access import Access, Service
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import DeskError
from o365desk.services.api_client import ApiClient
from o365desk.wire.messages import ApiRequest, Safety

TOKEN = "eyJ0eXAi.CANARY-token.c2ln"
TENANT = TenantId("0c39d6d5-c70d-4c55-bc02-f620844f3fd1")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class FakeTime:
    """Sleeping takes no time and is written down; the clock moves by it."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.seconds = 1000.0

    def clock(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds - 1000.0)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


class Tokens:
    """TokenProvider that counts: token-1, then another one each time a new one is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[Service, TenantId | None, str, bool]] = []
        self.made = 1
        self.refusal: DeskError | None = None

    async def token(
        self,
        service: Service,
        tenant: TenantId | None,
        *,
        access: Access = Access.DIRECTORY,
        claims: str = "",
        fresh: bool = False,
    ) -> str:
        self.asked.append((service, tenant, claims, fresh))
        await asyncio.sleep(0)
        if self.refusal is not None and (claims or fresh):
            raise self.refusal
        if claims or fresh:
            self.made += 1
        return f"{TOKEN}-{self.made}"

    @property
    def renewals(self) -> int:
        return sum(bool(claims or fresh) for _, _, claims, fresh in self.asked)


def http(**options: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=options.pop("timeout", 10), trust_env=False, **options)


def client(
    hosts: Mapping[Service, str],
    time: FakeTime | None = None,
    tokens: Tokens | None = None,
    **options: Any,
) -> ApiClient:
    time = time or FakeTime()
    options.setdefault("random", lambda: 0.5)
    options.setdefault("sleep", time.sleep)
    return ApiClient(
        options.pop("http", None) or http(),
        tokens or Tokens(),
        hosts=hosts,
        clock=time.clock,
        now=time.now,
        **options,
    )


def get(path: str = "/users", service: Service = Service.GRAPH) -> ApiRequest:
    return ApiRequest(service, "GET", path, "listUsers")


def post(service: Service = Service.GRAPH, body: bytes = b'{"a": 1}') -> ApiRequest:
    return ApiRequest(
        service, "POST", "/users/1/x", "assignLicense", body=body, safety=Safety.WRITE
    )


async def until(ready: Callable[[], bool]) -> None:
    """Waits for something that sets no event."""
    while not ready():  # noqa: ASYNC110
        await asyncio.sleep(0.001)
