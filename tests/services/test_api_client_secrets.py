"""Canaries: no token, password or username in any error, traceback or log."""

import asyncio
import json
import logging
import traceback
from collections.abc import Callable

import httpx
import pytest

from o365desk.domain.access import Service
from o365desk.domain.errors import DeskError
from o365desk.domain.mail import Mail
from o365desk.domain.passwords import Secret
from o365desk.services import http_link
from o365desk.services.mail import GraphMailSender
from o365desk.wire.messages import ApiRequest, Safety
from tests.services.clients import TOKEN, client, http
from tests.services.loopback import Answer, Cut, Loopback, answers

PASSWORD = "Pa55-w0rd-Canary"
UPN = "zephyrine.quux@adatum.example"
BODY = json.dumps({"passwordProfile": {"password": PASSWORD}, "userPrincipalName": UPN}).encode()
CANARIES = (TOKEN, "CANARY", PASSWORD, "zephyrine", "adatum", "Bearer")


def request(safety: Safety, service: Service = Service.GRAPH) -> ApiRequest:
    return ApiRequest(
        service,
        "PATCH",
        "/users/1",
        "resetPassword",
        (("$filter", f"userPrincipalName eq '{UPN}'"),),
        body=BODY,
        safety=safety,
    )


def echo(status: int) -> Answer:
    """Microsoft quotes what it was sent."""
    text = f"User {UPN} with password {PASSWORD} and Bearer {TOKEN}"
    graph = {"code": "Request_BadRequest", "message": text, "innerError": {"request-id": text}}
    body = {"error": graph, "code": text, "description": text, "data": [text]}
    headers = (("request-id", UPN), ("MS-RequestId", f"x {TOKEN}"), ("content-type", "text/json"))
    return Answer(status, json.dumps(body).encode(), headers)


ANSWERS: list[Callable[[], Answer]] = [
    *(lambda status=status: echo(status) for status in (400, 401, 403, 404, 409, 429, 500, 503)),
    *(lambda cut=cut: Answer(cut=cut) for cut in Cut if cut is not Cut.NOWHERE),
    lambda: Answer(200, f"<html>{UPN}".encode(), (("content-type", "text/html"),)),
    lambda: Answer(200, BODY, (("content-encoding", "gzip"),)),
]


def everything(error: BaseException) -> str:
    """All that a crash report or a log could show of it, the values of variables included."""
    parts = [str(error), repr(error), repr(vars(error)), repr(error.args)]
    parts += traceback.format_exception(error)
    seen: BaseException | None = error
    while seen is not None:
        parts.append(repr(seen))
        seen = seen.__cause__ or seen.__context__
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    for frame in frames:
        if "o365desk" in frame.filename and "tests" not in frame.filename:
            local = frame.locals or {}
            # Not the request, which is the caller's, nor the headers that this test's server made
            # of what it was sent.
            known = {"request", "call", "url", "answer", "headers"}
            parts += [text for name, text in local.items() if name not in known]
    return "\n".join(parts)


@pytest.mark.parametrize("number", range(len(ANSWERS)))
@pytest.mark.parametrize("safety", Safety)
@pytest.mark.parametrize("service", Service)
async def test_nothing_secret_gets_out(
    number: int, safety: Safety, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    http_link.hush()
    async with Loopback(answers(ANSWERS[number]())) as server:
        desk = client(server.hosts)
        with pytest.raises(DeskError) as caught:
            await desk.send(request(safety, service))
        await desk.aclose()
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    shown = everything(caught.value) + caplog.text
    assert [canary for canary in CANARIES if canary.lower() in shown.lower()] == []


async def test_a_library_error_that_quotes_the_token_is_dropped() -> None:
    def fail(sent: httpx.Request) -> httpx.Response:
        raise httpx.LocalProtocolError(f"Illegal header value {sent.headers['authorization']}")

    desk = client(
        dict.fromkeys(Service, "http://x"),
        http=httpx.AsyncClient(transport=httpx.MockTransport(fail)),
    )
    with pytest.raises(DeskError) as caught:
        await desk.send(request(Safety.WRITE))
    assert not [canary for canary in CANARIES if canary in everything(caught.value)]
    await desk.aclose()


async def test_a_mail_that_fails_keeps_its_body_to_itself() -> None:
    async with Loopback(answers(echo(400))) as server:
        desk = client(server.hosts)
        with pytest.raises(DeskError) as caught:
            await GraphMailSender(desk).send(Mail("a@b.example", "x", Secret(PASSWORD)))
        await desk.aclose()
    shown = "\n".join(
        (repr(caught.value), repr(vars(caught.value)), *traceback.format_exception(caught.value))
    )
    assert PASSWORD not in shown
    assert TOKEN not in shown


async def test_the_libraries_below_keep_quiet(caplog: pytest.LogCaptureFixture) -> None:
    """httpx writes each address at INFO, hpack each header at DEBUG."""
    caplog.set_level(logging.DEBUG)
    made = await asyncio.to_thread(http_link.open_http)
    await made.aclose()
    async with Loopback() as server:
        desk = client(server.hosts, http=http())
        await desk.send(request(Safety.READ))
        await desk.aclose()
    assert [record for record in caplog.records if record.name.startswith(("http", "hpack"))] == []
