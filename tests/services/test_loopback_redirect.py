"""The page that the browser comes back to: whom it answers, what it says, and when it ends."""

import asyncio
import socket
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from o365desk.domain.errors import Unreachable
from o365desk.services import loopback_redirect
from o365desk.services.loopback_redirect import BAD, GOOD, LoopbackRedirect

STATE = "state-of-this-sign-in"
CODE = "canary-code"


def port(redirect: LoopbackRedirect) -> int:
    found = urlsplit(redirect.address).port
    assert found is not None
    return found


async def ask(redirect: LoopbackRedirect, raw: str, host: str = "127.0.0.1") -> str:
    """Sends bytes as they are; what comes back, whole."""
    reader, writer = await asyncio.open_connection(host, port(redirect))
    writer.write(raw.encode())
    if not raw:
        writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.decode()


def get(redirect: LoopbackRedirect, target: str, host: str = "") -> str:
    name = host or f"localhost:{port(redirect)}"
    return f"GET {target} HTTP/1.1\r\nHost: {name}\r\n\r\n"


def with_state(state: str = STATE, **fields: str) -> str:
    return urlencode({"code": CODE, "state": state, **fields})


@pytest.mark.parametrize("good", [True, False])
async def test_the_page_waits_for_the_outcome(good: bool) -> None:
    async with LoopbackRedirect() as redirect:
        body = with_state()
        asked = asyncio.create_task(
            ask(
                redirect,
                f"POST / HTTP/1.1\r\nHost: localhost:{port(redirect)}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}",
            )
        )
        answer = await redirect.answer(STATE)
        assert answer.fields == {"code": CODE, "state": STATE}
        assert CODE not in repr(answer)
        await asyncio.sleep(0)
        assert not asked.done()
        redirect.finish(good)
        page = await asked
    assert (GOOD if good else BAD)[0] in page
    assert (BAD if good else GOOD)[0] not in page
    assert CODE not in page
    assert "Cache-Control: no-store" in page
    assert "default-src 'none'" in page


async def test_leaving_without_a_word_shows_that_it_did_not_work() -> None:
    async with LoopbackRedirect() as redirect:
        asked = asyncio.create_task(ask(redirect, get(redirect, f"/?{with_state()}")))
        await redirect.answer(STATE)
    assert BAD[0] in await asked


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_both_versions_of_the_protocol(host: str) -> None:
    if host == "::1" and not loopback_redirect._has_ipv6():
        pytest.skip("this computer has no IPv6")
    async with LoopbackRedirect() as redirect:
        asked = asyncio.create_task(ask(redirect, get(redirect, f"/?{with_state()}"), host))
        assert (await redirect.answer(STATE)).fields["code"] == CODE
        redirect.finish(True)
        assert GOOD[0] in await asked


async def test_other_requests_are_turned_away_and_the_waiting_goes_on() -> None:
    async with LoopbackRedirect() as redirect:
        waiting = asyncio.create_task(redirect.answer(STATE))
        await asyncio.sleep(0)
        rest, here = f"?{with_state()}", f"localhost:{port(redirect)}"
        for raw in (
            get(redirect, "/favicon.ico"),
            get(redirect, "/"),
            get(redirect, f"/other{rest}"),
            get(redirect, f"/?{with_state('another')}"),
            get(redirect, f"/{rest}", "evil.example"),
            get(redirect, f"/{rest}", f"evil.example:{port(redirect)}"),
            f"HEAD /{rest} HTTP/1.1\r\nHost: {here}\r\n\r\n",
            f"POST / HTTP/1.1\r\nHost: {here}\r\nContent-Length: x\r\n\r\n",
            f"POST / HTTP/1.1\r\nHost: {here}\r\nContent-Length: 9999999\r\n\r\n",
        ):
            page = await ask(redirect, raw)
            assert page.startswith("HTTP/1.1 404")
            assert CODE not in page
        for raw in ("", "GET / HT", "x" * 100_000, get(redirect, "//[?x")):
            with_reset = asyncio.create_task(ask(redirect, raw))
            if raw == "GET / HT":
                with_reset.cancel()
            await asyncio.gather(with_reset, return_exceptions=True)
        assert not waiting.done()
        asked = asyncio.create_task(ask(redirect, get(redirect, f"/{rest}")))
        assert (await waiting).fields["code"] == CODE
        again = asyncio.create_task(ask(redirect, get(redirect, f"/?{with_state(code='later')}")))
        redirect.finish(True)
        assert GOOD[0] in await asked
        assert GOOD[0] in await again
        assert (await redirect.answer(STATE)).fields["code"] == CODE


async def test_the_port_is_closed_afterwards_and_after_cancelling() -> None:
    async with LoopbackRedirect() as redirect:
        waiting = asyncio.create_task(redirect.answer(STATE))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(redirect.address)


async def test_a_silent_connection_is_not_waited_for() -> None:
    """Browsers open connections in advance."""
    async with LoopbackRedirect() as redirect:
        reader, writer = await asyncio.open_connection("127.0.0.1", port(redirect))
        asked = asyncio.create_task(ask(redirect, get(redirect, f"/?{with_state()}")))
        await redirect.answer(STATE)
        redirect.finish(True)
    assert GOOD[0] in await asked
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_a_port_that_the_other_version_has_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another port is tried; when there is none, that is said."""
    real, tried = asyncio.start_server, []

    async def some(handler: object, host: str, number: int, **more: object) -> asyncio.Server:
        tried.append(host)
        if host == "::1" and len(tried) < 4:
            raise OSError(98, "in use")
        return await real(handler, host, number, **more)  # type: ignore[arg-type]

    async def none(*_arguments: object, **_more: object) -> asyncio.Server:
        raise OSError(98, "in use")

    monkeypatch.setattr(loopback_redirect, "_has_ipv6", lambda: socket.has_ipv6)
    if socket.has_ipv6:
        monkeypatch.setattr(asyncio, "start_server", some)
        async with LoopbackRedirect() as redirect:
            assert tried == ["127.0.0.1", "::1", "127.0.0.1", "::1"]
            assert port(redirect)
    monkeypatch.setattr(asyncio, "start_server", none)
    with pytest.raises(Unreachable, match="port"):
        async with LoopbackRedirect():
            pass
