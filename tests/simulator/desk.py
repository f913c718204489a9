"""A client's desk for these tests: both faces over httpx, every Graph answer checked."""

import asyncio
import json
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx

from o365desk.simulator import Simulator, build_world
from o365desk.simulator.catalog import by_part_number
from o365desk.simulator.state import Tenant, User
from o365desk.simulator.transport import SimulatorTransport
from tests import csdl

START = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)
GRAPH = "https://graph.microsoft.com/v1.0"
PARTNER = "https://api.partnercenter.microsoft.com/v1"
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on a plain loop of its own: these tests need no Qt."""
    return asyncio.run(work)


def sku(part: str) -> str:
    """SKU id of a part number."""
    return by_part_number()[part].sku_id


class StoppedClock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Moves on."""
        self.now += timedelta(**by)


class Desk:
    """One simulator with the demo world, and calls to it as a client makes them."""

    def __init__(self, world: str = "demo", **parameters: Any) -> None:
        self.clock = StoppedClock()
        self.world = build_world(world, start=START, **parameters)
        self.simulator = Simulator(self.world, self.clock)
        self.faults = self.simulator.faults

    def tenant(self, purpose: str) -> Tenant:
        """The customer of a purpose, filled."""
        return self.simulator.directory.tenant(self.world.customer(purpose))

    def user(self, purpose: str, note: str) -> User:
        """A notable user, active or deleted."""
        tenant = self.tenant(purpose)
        user_id = tenant.notable[note]
        return tenant.users.get(user_id) or tenant.deleted[user_id]

    def call(
        self,
        method: str,
        url: str,
        *,
        token: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        timeout: float = 5,
    ) -> httpx.Response:
        """One call through httpx."""

        async def send() -> httpx.Response:
            transport = SimulatorTransport(self.simulator)
            async with httpx.AsyncClient(transport=transport, timeout=timeout) as client:
                return await client.request(
                    method,
                    url,
                    headers={"Authorization": f"Bearer {token}", **(headers or {})},
                    **({"json": body} if body is not None else {}),
                )

        return run(send())

    def graph(
        self,
        method: str,
        path: str,
        purpose: str = "well_stocked",
        *,
        token: str = "",
        body: Any = None,
        headers: dict[str, str] | None = None,
        eventual: bool = False,
    ) -> httpx.Response:
        """One Graph call as an administrator of a customer; the answer is checked."""
        token = token or f"tenant:{self.world.customer(purpose)}"
        headers = dict(headers or {})
        if eventual:
            headers["ConsistencyLevel"] = "eventual"
        url = path if path.startswith("http") else GRAPH + path
        answer = self.call(method, url, token=token, body=body, headers=headers)
        if answer.is_success and "json" in answer.headers.get("content-type", ""):
            csdl.check_answer(url.partition("/v1.0")[2].partition("?")[0], answer.json())
        return answer

    def partner(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """One Partner Center call."""
        return self.call(
            method, PARTNER + path, token=token or "partner", body=body, headers=headers
        )

    def truth(self, purpose: str) -> dict[str, Any]:
        """A customer as it really is."""
        answer = self.call(
            "GET", f"http://practice/practice/truth/{self.world.customer(purpose)}", token=""
        )
        result: dict[str, Any] = answer.json()
        return result

    def counts(self, purpose: str, part: str) -> dict[str, Any]:
        """The true figures of one product."""
        result: dict[str, Any] = self.truth(purpose)["counts"][sku(part)]
        return result

    def pages(self, path: str, purpose: str, *, eventual: bool = False) -> list[dict[str, Any]]:
        """All items behind a Graph collection's next links."""
        items: list[dict[str, Any]] = []
        url: str | None = path
        while url is not None:
            body = self.graph("GET", url, purpose, eventual=eventual).json()
            items += body["value"]
            url = body.get("@odata.nextLink")
        return items


def partner_json(answer: httpx.Response) -> Any:
    """Partner Center's JSON, with or without its byte order mark."""
    return json.loads(answer.content.decode("utf-8-sig"))


def graph_error(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of a Graph error, whose shape is checked on the way."""
    error = answer.json()["error"]
    assert set(error) <= {"code", "message", "details", "innerError"}
    assert error["innerError"]["request-id"] == answer.headers["request-id"]
    assert error["innerError"]["client-request-id"]
    return answer.status_code, error["code"], error["message"]


def partner_error(answer: httpx.Response) -> tuple[int, int, str]:
    """Status, code and description of a Partner Center error."""
    body = partner_json(answer)
    assert list(body) == ["code", "description", "data", "source"]
    return answer.status_code, body["code"], body["description"]
