"""Paging: in order, one page ahead, never to a stranger, never in a circle."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from o365desk.domain.access import Service
from o365desk.domain.errors import NotFound, UnexpectedReply
from o365desk.wire.messages import ApiRequest, ApiResponse, Page
from tests.services.clients import TENANT, Tokens, client, get, until
from tests.services.loopback import Answer, Elsewhere, Loopback, Script, Seen


def book(pages: int, origin: str = "", held: dict[int, asyncio.Event] | None = None) -> Script:
    """Pages /users, /users?page=2 … with a relative or absolute link to the next one."""

    def script(seen: Seen) -> Answer:
        number = int(seen.target.partition("page=")[2] or 1)
        link = f"{origin}{'/v1.0' if origin else ''}/users?page={number + 1}"
        body = {"next": link if number < pages else None, "value": [number * 10, number * 10 + 1]}
        return Answer(body=json.dumps(body).encode(), gate=(held or {}).get(number))

    return script


def peek(body: bytes) -> ApiRequest | None:
    link = json.loads(body)["next"]
    return replace(get(), path=link) if link else None


def parse(response: ApiResponse, request: ApiRequest) -> Page[int]:
    return Page(tuple(json.loads(response.body)["value"]), peek(response.body))


async def read(pages: AsyncIterator[tuple[int, ...]]) -> list[int]:
    return [item async for page in pages for item in page]


@pytest.mark.parametrize("ahead", [True, False])
async def test_all_pages_in_order(ahead: bool) -> None:
    async with Loopback() as server:
        server.script = book(4, server.origin)
        desk = client(server.hosts)
        items = await read(desk.pages(get(), parse, TENANT, peek if ahead else None))
        await desk.aclose()
    assert items == [10, 11, 20, 21, 30, 31, 40, 41]
    assert [seen.target for seen in server.seen] == [
        "/v1.0/users",
        *(f"/v1.0/users?page={number}" for number in (2, 3, 4)),
    ]
    assert server.connections == 1


async def test_the_next_page_is_asked_for_before_this_one_is_parsed() -> None:
    """The server runs in a thread of its own, so it sees what left while this loop is busy."""
    reached = [threading.Event() for _ in range(5)]
    in_time: list[bool] = []

    with Elsewhere(lambda seen: Answer()) as server:
        pages = book(4)

        def script(seen: Seen) -> Answer:
            answer = pages(seen)
            assert isinstance(answer, Answer)
            reached[int(seen.target.partition("page=")[2] or 1)].set()
            return answer

        server.script = script

        def parse_late(response: ApiResponse, request: ApiRequest) -> Page[int]:
            page = parse(response, request)
            if page.next is not None:
                number = int(page.next.path.partition("page=")[2])
                # Nothing of this loop runs meanwhile: the request must be on its way already.
                in_time.append(reached[number].wait(20))
            return page

        desk = client(server.hosts)
        assert len(await read(desk.pages(get(), parse_late, TENANT, peek))) == 8
        await desk.aclose()
    assert in_time == [True, True, True]


async def test_one_page_ahead_and_no_more() -> None:
    async with Loopback(book(9)) as server:
        desk = client(server.hosts)
        pages = desk.pages(get(), parse, TENANT, peek)
        await anext(pages)
        await until(lambda: len(server.seen) == 2)
        await asyncio.sleep(0.05)
        assert len(server.seen) == 2
        await anext(pages)
        await until(lambda: len(server.seen) == 3)
        await desk.aclose()


async def test_who_stops_reading_stops_the_page_ahead() -> None:
    never = asyncio.Event()
    async with Loopback() as server:
        server.script = book(9, held={2: never})
        desk = client(server.hosts, concurrency=1)
        async for _ in desk.pages(get(), parse, TENANT, peek):
            await until(lambda: len(server.seen) == 2)
            break
        # The one place is free again, though page 2 was never answered.
        answer = await desk.send(get("/users?page=3"))
        assert json.loads(answer.body)["value"] == [30, 31]
        await desk.aclose()


async def test_a_reader_may_be_cancelled() -> None:
    never = asyncio.Event()
    async with Loopback() as server:
        server.script = book(9, held={2: never})
        desk = client(server.hosts, concurrency=1)
        reader = asyncio.create_task(read(desk.pages(get(), parse, TENANT, peek)))
        await until(lambda: len(server.seen) == 2)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        await desk.send(get("/users?page=3"))
        await desk.aclose()


async def test_closing_the_client_ends_the_page_ahead() -> None:
    never = asyncio.Event()
    async with Loopback() as server:
        server.script = book(9, held={2: never})
        desk = client(server.hosts)
        pages = desk.pages(get(), parse, TENANT, peek)
        await anext(pages)
        await until(lambda: len(server.seen) == 2)
        await desk.aclose()
        with pytest.raises(asyncio.CancelledError):
            await anext(pages)


async def test_a_failed_page_raises_and_never_ends_quietly() -> None:
    def script(seen: Seen) -> Answer:
        return Answer(404, b"") if "page=3" in seen.target else book(9)(seen)  # type: ignore[return-value]

    async with Loopback(script) as server:
        desk = client(server.hosts)
        got: list[int] = []

        async def read_on() -> None:
            async for page in desk.pages(get(), parse, TENANT, peek):
                got.extend(page)

        with pytest.raises(NotFound):
            await read_on()
        await desk.aclose()
    assert got == [10, 11, 20, 21]


async def test_a_failed_page_that_nobody_wants_is_no_news() -> None:
    def script(seen: Seen) -> Answer:
        return Answer(404, b"") if "page=2" in seen.target else book(9)(seen)  # type: ignore[return-value]

    async with Loopback(script) as server:
        desk = client(server.hosts)
        async for _ in desk.pages(get(), parse, TENANT, peek):
            await until(lambda: len(server.seen) == 2)
            await asyncio.sleep(0.02)
            break
        await desk.aclose()


@pytest.mark.parametrize("ahead", [True, False])
async def test_no_token_goes_to_another_host(ahead: bool) -> None:
    async with Loopback() as stranger, Loopback() as server:
        server.script = book(3, stranger.origin)
        tokens = Tokens()
        desk = client(server.hosts, tokens=tokens)
        with pytest.raises(UnexpectedReply, match="outside"):
            await read(desk.pages(get(), parse, TENANT, peek if ahead else None))
        await desk.aclose()
    assert stranger.connections == 0
    assert len(server.seen) == 1
    assert len(tokens.asked) == 1


@pytest.mark.parametrize("ahead", [True, False])
async def test_a_circle_of_links_is_refused(ahead: bool) -> None:
    def script(seen: Seen) -> Answer:
        link = "/users?page=2" if "page" not in seen.target else "/users"
        return Answer(body=json.dumps({"next": link, "value": [1]}).encode())

    async with Loopback(script) as server:
        desk = client(server.hosts)
        with pytest.raises(UnexpectedReply, match="leads back"):
            await read(desk.pages(get(), parse, TENANT, peek if ahead else None))
        await desk.aclose()
    assert len(server.seen) == 2


async def test_pages_that_differ_in_a_header_only_are_no_circle() -> None:
    """Partner Center's continuation token travels in a header."""

    def script(seen: Seen) -> Answer:
        return Answer(body=seen.headers.get("ms-continuationtoken", "0").encode())

    def count(response: ApiResponse, request: ApiRequest) -> Page[int]:
        number = int(response.body)
        token = (("MS-ContinuationToken", str(number + 1)),)
        following = replace(request, headers=token) if number < 3 else None
        return Page((number,), following)

    async with Loopback(script) as server:
        desk = client(server.hosts)
        items = await read(desk.pages(get(service=Service.PARTNER_CENTER), count))
        await desk.aclose()
    assert items == [0, 1, 2, 3]


async def test_the_parser_has_the_last_word_on_the_next_page() -> None:
    def wrong(body: bytes) -> ApiRequest | None:
        return get("/users?page=7")

    async with Loopback(book(2)) as server:
        desk = client(server.hosts)
        items = await read(desk.pages(get(), parse, TENANT, wrong))
        await desk.aclose()
    assert items == [10, 11, 20, 21]


async def test_an_answer_that_cannot_be_parsed_carries_its_ids() -> None:
    def refuse(response: ApiResponse, request: ApiRequest) -> Page[int]:
        raise UnexpectedReply("No.", next_step="Go.")

    async with Loopback(lambda seen: Answer(headers=(("request-id", "r-9"),))) as server:
        desk = client(server.hosts)
        with pytest.raises(UnexpectedReply) as caught:
            await read(desk.pages(get(), refuse))
        await desk.aclose()
    assert caught.value.request_id == "r-9"
