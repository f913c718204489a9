"""ApiClient against a real server: headers, tokens, bounds, cancellation, what it refuses."""

import asyncio
import gzip
import subprocess
import sys
import threading
import uuid

import httpx
import pytest

from o365desk.domain.access import Service
from o365desk.domain.errors import (
    AccessDenied,
    NotFound,
    OutcomeUnknown,
    Refusal,
    SignInRequired,
    UnexpectedReply,
    Unreachable,
)
from o365desk.services import http_link
from o365desk.services.tokens import FixedTokenProvider
from o365desk.wire.messages import ApiRequest
from tests.services.clients import TENANT, TOKEN, Tokens, client, get, http, post, until
from tests.services.loopback import Answer, Loopback, Seen, answers

GRAPH = Service.GRAPH
PC = Service.PARTNER_CENTER
CLAIMS = (
    "www-authenticate",
    'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ"',
)


async def test_a_graph_call_carries_what_graph_wants() -> None:
    async with Loopback() as server:
        tokens = Tokens()
        desk = client(server.hosts, tokens=tokens)
        request = ApiRequest(
            GRAPH,
            "GET",
            "/users",
            "listUsers",
            (("$select", "id,mail"), ("$top", "999")),
            (("ConsistencyLevel", "eventual"), ("Authorization", "Bearer other")),
        )
        answer = await desk.send(request, TENANT)
        await desk.aclose()
    assert (answer.status, answer.body) == (200, b"{}")
    (seen,) = server.seen
    assert seen.target == "/v1.0/users?$select=id,mail&$top=999"
    assert seen.headers["authorization"] == f"Bearer {TOKEN}-1"
    assert seen.headers["consistencylevel"] == "eventual"
    assert seen.headers["accept"] == "application/json"
    assert seen.headers["user-agent"].startswith("o365desk/")
    uuid.UUID(seen.headers["client-request-id"])
    assert not [name for name in seen.headers if name.startswith("ms-")]
    assert tokens.asked == [(GRAPH, TENANT, "", False)]


async def test_a_partner_center_call_carries_what_partner_center_wants() -> None:
    async with Loopback(answers(Answer(201))) as server:
        desk = client(server.hosts)
        await desk.send(post(PC))
        await desk.send(post(PC))
        await desk.aclose()
    first, second = (seen.headers for seen in server.seen)
    assert first["ms-contract-version"] == "v1"
    assert first["content-type"] == "application/json"
    assert first["ms-requestid"] != second["ms-requestid"]
    assert first["ms-correlationid"] != second["ms-correlationid"]
    assert server.seen[0].target == "/v1/users/1/x"


async def test_a_content_type_given_twice_is_sent_once() -> None:
    async with Loopback() as server:
        desk = client(server.hosts)
        request = ApiRequest(
            GRAPH, "POST", "/x", "x", headers=(("content-type", "application/json"),), body=b"{}"
        )
        await desk.send(request)
        await desk.aclose()
    assert server.seen[0].headers["content-type"] == "application/json"


async def test_connections_are_reused() -> None:
    async with Loopback() as server:
        desk = client(server.hosts)
        for _ in range(10):
            await desk.send(get())
        await desk.aclose()
    assert len(server.seen) == 10
    assert server.connections == 1


async def test_no_more_calls_at_once_than_agreed() -> None:
    async def slow(_seen: Seen) -> Answer:
        await asyncio.sleep(0.01)
        return Answer()

    async with Loopback(slow) as server:
        desk = client(server.hosts, concurrency=3)
        await asyncio.gather(*(desk.send(get()) for _ in range(12)))
        await desk.aclose()
    assert len(server.seen) == 12
    assert server.most_at_once == 3


async def test_refusals_carry_the_ids_of_the_answer() -> None:
    answer = Answer(
        403, b'{"code": 2032}', (("MS-RequestId", "server-1"), ("MS-CorrelationId", "server-2"))
    )
    async with Loopback(answers(answer)) as server:
        desk = client(server.hosts)
        with pytest.raises(AccessDenied) as caught:
            await desk.send(get(service=PC))
        await desk.aclose()
    assert caught.value.support_ids == (
        "HTTP 403, code 2032, request-id server-1, correlation-id server-2"
    )


@pytest.mark.parametrize("service", Service)
async def test_without_ids_in_the_answer_the_requests_own_are_given(service: Service) -> None:
    async with Loopback(answers(Answer(404, b""))) as server:
        desk = client(server.hosts)
        with pytest.raises(NotFound) as caught:
            await desk.send(get(service=service))
        await desk.aclose()
    sent = server.seen[0].headers
    if service is PC:
        assert caught.value.request_id == sent["ms-requestid"]
        assert caught.value.correlation_id == sent["ms-correlationid"]
    else:
        assert caught.value.correlation_id == sent["client-request-id"]


async def test_a_token_refused_for_its_claims_is_renewed_with_them() -> None:
    async with Loopback(answers(Answer(401, b"", (CLAIMS,)), Answer())) as server:
        tokens = Tokens()
        desk = client(server.hosts, tokens=tokens)
        assert (await desk.send(post(), TENANT)).status == 200
        await desk.aclose()
    assert [seen.headers["authorization"] for seen in server.seen] == [
        f"Bearer {TOKEN}-1",
        f"Bearer {TOKEN}-2",
    ]
    assert tokens.asked[1] == (GRAPH, TENANT, '{"access_token":{}}', False)


async def test_a_token_refused_without_a_word_is_renewed_once() -> None:
    async with Loopback(answers(Answer(401, b""))) as server:
        tokens = Tokens()
        desk = client(server.hosts, tokens=tokens)
        with pytest.raises(SignInRequired):
            await desk.send(get(), TENANT)
        await desk.aclose()
    assert len(server.seen) == 2
    assert tokens.asked == [(GRAPH, TENANT, "", False), (GRAPH, TENANT, "", True)]


async def test_a_claims_challenge_that_stays_reaches_the_caller() -> None:
    async with Loopback(answers(Answer(401, b"", (CLAIMS,)))) as server:
        desk = client(server.hosts)
        with pytest.raises(SignInRequired) as caught:
            await desk.send(get(), TENANT)
        await desk.aclose()
    assert caught.value.claims == '{"access_token":{}}'
    assert len(server.seen) == 2


async def test_a_missing_second_factor_cannot_be_renewed_silently() -> None:
    async with Loopback(answers(Answer(401, b'{"code": 900421}'))) as server:
        tokens = Tokens()
        desk = client(server.hosts, tokens=tokens)
        with pytest.raises(SignInRequired) as caught:
            await desk.send(get(service=PC))
        await desk.aclose()
    assert caught.value.refusal is Refusal.MFA
    assert len(server.seen) == 1
    assert tokens.renewals == 0


async def test_many_calls_refused_together_renew_the_token_once() -> None:
    def script(seen: Seen) -> Answer:
        return Answer() if seen.headers["authorization"].endswith("-2") else Answer(401, b"")

    async with Loopback(script) as server:
        tokens = Tokens()
        desk = client(server.hosts, tokens=tokens)
        await asyncio.gather(*(desk.send(get(), TENANT) for _ in range(6)))
        await desk.aclose()
    assert tokens.renewals == 1


async def test_a_provider_that_cannot_renew_is_heard() -> None:
    async with Loopback(answers(Answer(401, b""))) as server:
        tokens = Tokens()
        tokens.refusal = SignInRequired("Your session has ended.", next_step="Sign in.")
        desk = client(server.hosts, tokens=tokens)
        with pytest.raises(SignInRequired, match="session has ended"):
            await desk.send(get())
        await desk.aclose()
    assert len(server.seen) == 1


@pytest.mark.parametrize("token", ["", "two\nlines", "ünsafe"])
async def test_a_token_that_is_none_is_not_sent(token: str) -> None:
    async with Loopback() as server:
        desk = client(server.hosts, tokens=FixedTokenProvider(lambda _s, _t: token))  # type: ignore[arg-type]
        with pytest.raises(SignInRequired):
            await desk.send(get())
        await desk.aclose()
    assert server.seen == []


async def test_a_page_instead_of_json_is_not_taken_for_an_answer() -> None:
    page = Answer(
        200, b"<!doctype html><title>Welcome to the hotel", (("content-type", "text/html"),)
    )
    async with Loopback(answers(page)) as server:
        desk = client(server.hosts)
        with pytest.raises(UnexpectedReply, match="between here and Microsoft"):
            await desk.send(get())
        await desk.aclose()
    assert len(server.seen) == 1


async def test_a_redirect_is_not_followed() -> None:
    async with Loopback() as elsewhere:
        moved = Answer(302, b"", (("location", f"{elsewhere.origin}/login"),))
        async with Loopback(answers(moved)) as server:
            desk = client(server.hosts)
            with pytest.raises(UnexpectedReply):
                await desk.send(get())
            await desk.aclose()
    assert elsewhere.connections == 0


async def test_a_compressed_answer_is_unpacked() -> None:
    answer = Answer(200, gzip.compress(b'{"value": []}'), (("content-encoding", "gzip"),))
    async with Loopback(answers(answer)) as server:
        desk = client(server.hosts)
        assert (await desk.send(get())).body == b'{"value": []}'
        await desk.aclose()


@pytest.mark.parametrize(
    "body",
    [b"no gzip at all", gzip.compress(b"x" * 5000)[:-20], b"\x1f\x8b"],
    ids=["no gzip", "cut", "two bytes"],  # by itself the second would be named by its time
)
async def test_an_answer_that_cannot_be_unpacked_is_half_an_answer(body: bytes) -> None:
    broken = Answer(200, body, (("content-encoding", "gzip"),))
    async with Loopback(answers(broken, Answer(), broken)) as server:
        desk = client(server.hosts)
        assert (await desk.send(get())).body == b"{}"
        with pytest.raises(OutcomeUnknown):
            await desk.send(post())
        await desk.aclose()
    assert len(server.seen) == 3


async def test_an_empty_answer_needs_no_unpacking() -> None:
    async with Loopback(answers(Answer(204, b"", (("content-encoding", "gzip"),)))) as server:
        desk = client(server.hosts)
        assert (await desk.send(get())).status == 204
        await desk.aclose()


async def test_an_endless_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that is small until it is unpacked."""
    monkeypatch.setattr(http_link, "LARGEST_ANSWER", 100_000)
    bomb = Answer(200, gzip.compress(b" " * 1_000_000), (("content-encoding", "gzip"),))
    async with Loopback(answers(bomb)) as server:
        desk = client(server.hosts)
        with pytest.raises(UnexpectedReply, match="too large"):
            await desk.send(get())
        await desk.aclose()
    assert len(server.seen) == 1


async def test_a_cancelled_read_gives_its_place_back() -> None:
    gate = asyncio.Event()
    async with Loopback(answers(Answer(gate=gate), Answer(body=b"[1]"))) as server:
        desk = client(server.hosts, concurrency=1)
        first = asyncio.create_task(desk.send(get()))
        await until(lambda: bool(server.seen))
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await desk.send(get())).body == b"[1]"
        await desk.aclose()


async def test_the_http_client_is_made_once_and_off_the_loop() -> None:
    threads: list[int] = []

    def make() -> httpx.AsyncClient:
        threads.append(threading.get_ident())
        return http()

    async with Loopback() as server:
        desk = client(server.hosts, http=make)
        assert threads == []
        await asyncio.gather(*(desk.send(get()) for _ in range(5)))
        await desk.aclose()
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


async def test_after_closing_nothing_is_sent() -> None:
    async with Loopback() as server:
        desk = client(server.hosts)
        await desk.send(get())
        await desk.aclose()
        with pytest.raises(Unreachable, match="closing"):
            await desk.send(get())
        await desk.aclose()
    assert len(server.seen) == 1


async def test_headers_that_cannot_be_sent_are_refused() -> None:
    """Partner Center's next links name headers to send."""
    async with Loopback() as server:
        desk = client(server.hosts)
        for header in (("MS-ContinuationToken", "a\r\nX: y"), ("", "x"), ("ключ", "x")):
            with pytest.raises(UnexpectedReply):
                await desk.send(ApiRequest(PC, "GET", "/x", "x", headers=(header,)))
        await desk.aclose()
    assert server.seen == []


def test_importing_the_client_does_not_import_httpx() -> None:
    """Start-up time: httpx costs 100 ms."""
    code = (
        "import sys, o365desk.services.api_client, o365desk.services.mail;"
        "print([m for m in ('httpx', 'keyring', 'aiosmtplib', 'xkcdpass') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout.strip() == "[]"
