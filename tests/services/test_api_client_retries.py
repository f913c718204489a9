"""What ApiClient sends again, how long it waits, and what it never repeats."""

import asyncio
import socket

import httpx
import pytest

from o365desk.domain.access import Service
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import (
    DeskError,
    OutcomeUnknown,
    ServerFault,
    Throttled,
    Unreachable,
)
from o365desk.wire.messages import ApiRequest
from tests.services.clients import TENANT, FakeTime, client, get, http, post, until
from tests.services.loopback import Answer, Cut, Loopback, answers

PC = Service.PARTNER_CENTER


def soon_after(seconds: float) -> object:
    """A pause ends a moment after its time, by chance, so that not all callers come at once."""
    return pytest.approx(seconds, abs=0.01)


def busy(wait: str = "", status: int = 429) -> Answer:
    return Answer(status, b"", (("retry-after", wait),) if wait else ())


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        ("7", 7.0),
        ("2.128", 2.128),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("", 0.5),
        ("soon", 0.5),
        ("-1", 0.5),
    ],
)
@pytest.mark.parametrize("request_", [get(), post()], ids=["read", "write"])
async def test_429_is_waited_out(request_: ApiRequest, wait: str, seconds: float) -> None:
    async with Loopback(answers(busy(wait), Answer())) as server:
        time = FakeTime()
        desk = client(server.hosts, time)
        assert (await desk.send(request_)).status == 200
        await desk.aclose()
    assert time.waits == [soon_after(seconds)]
    assert len(server.seen) == 2


async def test_waits_without_a_wish_double() -> None:
    async with Loopback(answers(busy())) as server:
        time = FakeTime()
        desk = client(server.hosts, time)
        with pytest.raises(Throttled) as caught:
            await desk.send(get())
        await desk.aclose()
    assert time.waits == [0.5, 1.0, 2.0]
    assert len(server.seen) == 4
    assert caught.value.retry_after is None


async def test_a_wish_beyond_all_patience_is_told_instead() -> None:
    async with Loopback(answers(busy("9999999"))) as server:
        time = FakeTime()
        desk = client(server.hosts, time)
        with pytest.raises(Throttled, match="slowing") as caught:
            await desk.send(get())
        assert "60 minutes" in caught.value.next_step
        # Whoever comes next is told without another call.
        with pytest.raises(Throttled):
            await desk.send(get())
        await desk.aclose()
    assert time.waits == []
    assert len(server.seen) == 1


async def test_patience_is_for_the_call_not_for_each_wait() -> None:
    async with Loopback(answers(busy("57"))) as server:
        time = FakeTime()
        desk = client(server.hosts, time)
        with pytest.raises(Throttled) as caught:
            await desk.send(get())
        await desk.aclose()
    assert time.waits == [soon_after(57), soon_after(57)]
    assert len(server.seen) == 3
    assert caught.value.correlation_id == server.seen[-1].headers["client-request-id"]


async def test_503_is_repeated_for_reads_and_with_a_wish_for_writes() -> None:
    async with Loopback(answers(busy("3", 503), busy("", 503), Answer())) as server:
        time = FakeTime()
        desk = client(server.hosts, time)
        assert (await desk.send(get())).status == 200
        await desk.aclose()
    assert time.waits == [3.0, 1.0]
    async with Loopback(answers(busy("3", 503), busy("", 503), Answer())) as server:
        time = FakeTime()
        desk = client(server.hosts, time)
        with pytest.raises(ServerFault):
            await desk.send(post())
        await desk.aclose()
    assert len(server.seen) == 2


@pytest.mark.parametrize("status", [502, 504])
async def test_a_gateway_that_lost_a_write_is_not_asked_again(status: int) -> None:
    async with Loopback(answers(Answer(status, b""))) as server:
        desk = client(server.hosts)
        with pytest.raises(OutcomeUnknown):
            await desk.send(post())
        await desk.aclose()
    assert len(server.seen) == 1


async def test_partner_center_knows_a_repetition_by_its_request_id() -> None:
    async with Loopback(answers(busy("1"), busy("1"), Answer())) as server:
        desk = client(server.hosts)
        await desk.send(post(PC))
        await desk.aclose()
    assert len({seen.headers["ms-requestid"] for seen in server.seen}) == 1
    assert len({seen.headers["ms-correlationid"] for seen in server.seen}) == 3


async def test_the_request_id_stays_through_broken_connections_and_a_new_token() -> None:
    script = answers(Answer(cut=Cut.BEFORE_ANSWER), Answer(401, b""), Answer())
    async with Loopback(script) as server:
        desk = client(server.hosts)
        await desk.send(get(service=PC))
        await desk.aclose()
    assert len(server.seen) == 3
    assert len({seen.headers["ms-requestid"] for seen in server.seen}) == 1


@pytest.mark.parametrize("cut", [Cut.BEFORE_ANSWER, Cut.IN_HEADERS, Cut.IN_BODY])
async def test_a_read_survives_a_cut(cut: Cut) -> None:
    async with Loopback(answers(Answer(body=b'{"value": []}', cut=cut), Answer())) as server:
        time = FakeTime()
        desk = client(server.hosts, time)
        assert (await desk.send(get())).body == b"{}"
        await desk.aclose()
    assert len(server.seen) == 2
    assert time.waits == [0.5]


@pytest.mark.parametrize("cut", [Cut.BEFORE_ANSWER, Cut.IN_HEADERS, Cut.IN_BODY])
@pytest.mark.parametrize("service", Service)
async def test_a_write_that_was_cut_is_never_repeated(service: Service, cut: Cut) -> None:
    async with Loopback(answers(Answer(body=b'{"value": []}', cut=cut))) as server:
        desk = client(server.hosts)
        with pytest.raises(OutcomeUnknown) as caught:
            await desk.send(post(service))
        await desk.aclose()
    assert len(server.seen) == 1
    assert server.connections == 1
    assert "Refresh" in caught.value.next_step
    assert caught.value.correlation_id


async def test_a_refusal_whose_body_was_cut_is_still_a_refusal() -> None:
    script = answers(Answer(429, b'{"error": {}}', (("retry-after", "1"),), Cut.IN_BODY), Answer())
    async with Loopback(script) as server:
        time = FakeTime()
        desk = client(server.hosts, time)
        assert (await desk.send(post())).status == 200
        await desk.aclose()
    assert time.waits == [soon_after(1)]


async def test_a_connection_dropped_before_the_request_was_read() -> None:
    """From this side it cannot be told from one dropped after: the bytes had left."""
    async with Loopback(drop_first_connections=1) as server:
        desk = client(server.hosts)
        with pytest.raises(OutcomeUnknown):
            await desk.send(post())
        await desk.aclose()
    assert server.seen == []
    async with Loopback(drop_first_connections=1) as server:
        desk = client(server.hosts)
        assert (await desk.send(get())).status == 200
        await desk.aclose()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_without_a_connection_nothing_was_changed() -> None:
    hosts = dict.fromkeys(Service, f"http://127.0.0.1:{closed_port()}")
    time = FakeTime()
    desk = client(hosts, time)
    with pytest.raises(Unreachable):
        await desk.send(post())
    assert time.waits == []
    with pytest.raises(Unreachable):
        await desk.send(get())
    assert time.waits == [0.5, 1.0, 2.0]
    await desk.aclose()


async def test_a_name_that_does_not_exist() -> None:
    desk = client(dict.fromkeys(Service, "http://nowhere.invalid"), attempts=1)
    with pytest.raises(Unreachable, match="not found"):
        await desk.send(post())
    await desk.aclose()


async def test_a_slow_answer() -> None:
    gate = asyncio.Event()
    slow = httpx.Timeout(5, read=0.05)
    async with Loopback(answers(Answer(gate=gate))) as server:
        desk = client(server.hosts, http=http(timeout=slow))
        with pytest.raises(Unreachable, match="in time"):
            await desk.send(get())
        assert len(server.seen) == 2
        with pytest.raises(OutcomeUnknown, match="in time"):
            await desk.send(post())
        assert len(server.seen) == 3
        await desk.aclose()


@pytest.mark.parametrize(
    ("raised", "for_write"),
    [
        (httpx.ConnectTimeout("x"), Unreachable),
        (httpx.PoolTimeout("x"), Unreachable),
        (httpx.ProxyError("x"), Unreachable),
        (httpx.UnsupportedProtocol("x"), Unreachable),
        (httpx.InvalidURL("x"), Unreachable),
        (httpx.WriteTimeout("x"), OutcomeUnknown),
        (httpx.WriteError("x"), OutcomeUnknown),
        (httpx.RemoteProtocolError("x"), OutcomeUnknown),
        (httpx.LocalProtocolError("x"), OutcomeUnknown),
        (httpx.CloseError("x"), OutcomeUnknown),
        (OSError("x"), OutcomeUnknown),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_faults_a_server_cannot_cause_at_will(
    raised: Exception, for_write: type[DeskError]
) -> None:
    calls: list[str] = []

    def fail(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        raise raised

    transport = httpx.MockTransport(fail)
    desk = client(dict.fromkeys(Service, "http://x"), http=httpx.AsyncClient(transport=transport))
    with pytest.raises(for_write):
        await desk.send(post())
    assert calls == ["POST"]
    with pytest.raises(Unreachable):
        await desk.send(get())
    assert len(calls) > 2
    await desk.aclose()


class Gate:
    """A sleep that lasts until the test lets go."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.open = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await self.open.wait()


async def test_who_is_asked_to_wait_holds_back_the_others() -> None:
    async with Loopback(answers(busy("30"), Answer())) as server:
        gate = Gate()
        desk = client(server.hosts, sleep=gate.sleep)
        calls = [asyncio.create_task(desk.send(get(), TENANT))]
        await until(lambda: bool(gate.waits))
        calls += [asyncio.create_task(desk.send(get(), TENANT)) for _ in range(4)]
        # Another tenant, and the other service, are not concerned.
        await desk.send(get(), TenantId("11111111-c70d-4c55-bc02-f620844f3fd1"))
        await desk.send(get(service=PC), TENANT)
        assert len(server.seen) == 3
        # One sleep serves them all; they then go one by one.
        assert gate.waits == [soon_after(30)]
        gate.open.set()
        await asyncio.gather(*calls)
        await desk.aclose()
    assert len(server.seen) == 8


async def test_a_call_may_be_cancelled_while_it_waits() -> None:
    async with Loopback(answers(busy("30"), Answer())) as server:
        gate = Gate()
        desk = client(server.hosts, sleep=gate.sleep)
        call = asyncio.create_task(desk.send(post()))
        await until(lambda: bool(gate.waits))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await desk.aclose()
    assert len(server.seen) == 1
