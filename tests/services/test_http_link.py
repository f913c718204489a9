"""The client that is made for real: certificates, HTTP/2, no cookies."""

import asyncio
import contextlib
import ssl

import h2.config
import h2.connection
import h2.events
import httpx
import pytest
import trustme

from o365desk.domain.access import Service
from o365desk.domain.errors import UnexpectedReply, Unreachable
from o365desk.services.http_link import open_http
from tests.services.clients import client, get
from tests.services.loopback import Answer, Loopback


def authority() -> tuple[trustme.CA, ssl.SSLContext]:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    return ca, context


async def test_a_server_with_an_unknown_certificate_gets_nothing() -> None:
    _, context = authority()
    async with Loopback(tls=context) as server:
        desk = client(server.hosts, http=open_http)
        with pytest.raises(Unreachable, match="certificate") as caught:
            await desk.send(get())
        await desk.aclose()
    assert server.seen == []
    assert server.connections <= 1
    assert "certificate authority" in caught.value.next_step


async def test_a_server_with_a_trusted_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    ca, context = authority()
    with ca.cert_pem.tempfile() as path:
        monkeypatch.setenv("SSL_CERT_FILE", path)
        async with Loopback(tls=context) as server:
            desk = client(server.hosts, http=open_http)
            assert (await desk.send(get())).status == 200
            await desk.aclose()


async def test_no_cookie_comes_back() -> None:
    answer = Answer(headers=(("set-cookie", "who=tenant-1; Path=/"),))
    async with Loopback(lambda seen: answer) as server:
        desk = client(server.hosts, http=open_http)
        await desk.send(get())
        await desk.send(get())
        await desk.aclose()
    assert "cookie" not in server.seen[1].headers


async def test_no_token_follows_a_redirect() -> None:
    asked: list[httpx.URL] = []

    def astray(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(307, headers={"location": "https://elsewhere.example/"})

    made = open_http(httpx.MockTransport(astray))
    desk = client(dict.fromkeys(Service, "https://graph.example"), http=made)
    with pytest.raises(UnexpectedReply):
        await desk.send(get())
    await desk.aclose()
    assert {url.host for url in asked} == {"graph.example"}


async def serve_http2(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    line = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    line.initiate_connection()
    writer.write(line.data_to_send())
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            for event in line.receive_data(data):
                if isinstance(event, h2.events.StreamEnded):
                    line.send_headers(event.stream_id, [(":status", "200"), ("x", "h2")])
                    line.send_data(event.stream_id, b"{}", end_stream=True)
            writer.write(line.data_to_send())
            await writer.drain()
    writer.close()


async def test_http2_where_the_server_speaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ca, context = authority()
    context.set_alpn_protocols(["h2"])
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await serve_http2(reader, writer)

    server = await asyncio.start_server(serve, "localhost", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    with ca.cert_pem.tempfile() as path:
        monkeypatch.setenv("SSL_CERT_FILE", path)
        desk = client(dict.fromkeys(Service, f"https://localhost:{port}"), http=open_http)
        first = await desk.send(get())
        rest = await asyncio.gather(*(desk.send(get()) for _ in range(8)))
        await desk.aclose()
    server.close()
    assert first.headers["x"] == "h2"
    assert [answer.status for answer in rest] == [200] * 8
    assert connections == 1


async def test_a_transport_takes_the_place_of_the_network() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"url": "ok"}))
    desk = client(dict.fromkeys(Service, "http://x"), http=lambda: open_http(transport))
    assert (await desk.send(get())).body == b'{"url":"ok"}'
    await desk.aclose()
