"""The one client that calls Microsoft: tokens, tracing, retries, paging, and no more than so many
calls at once."""

import asyncio
import random as _random
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from o365desk import __version__
from o365desk.domain.access import Access, Service, SignInNeed
from o365desk.domain.directory import TenantId, utc_now
from o365desk.domain.errors import (
    DeskError,
    Refusal,
    SignInRequired,
    Throttled,
    UnexpectedReply,
    Unreachable,
)
from o365desk.domain.passwords import Secret
from o365desk.domain.ports import TokenProvider
from o365desk.services.http_link import HttpFactory, HttpLink
from o365desk.services.scheduler import Scheduler
from o365desk.services.waiters import Place
from o365desk.wire.addresses import PUBLIC_CLOUD, address
from o365desk.wire.call_record import CallRecord, call_record
from o365desk.wire.faults import (
    Break,
    Fail,
    Ok,
    Retry,
    connection_verdict,
    verdict,
    with_ids,
)
from o365desk.wire.messages import ApiRequest, ApiResponse, Page
from o365desk.wire.operations import Operation

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds that one call may spend waiting between its attempts, all waits together. Partner
Center asks for up to a minute."""

LONGEST_BACKOFF = 20.0
"""Seconds, where the service names no time."""

_TURNS_TO_SEND = 20
"""Turns of the event loop that the next page's request gets to leave before the current page is
parsed; on an open connection it takes four."""

_OURS = frozenset(
    {
        "accept-encoding",
        "authorization",
        "client-request-id",
        "connection",
        "content-length",
        "cookie",
        "host",
        "ms-correlationid",
        "ms-requestid",
        "transfer-encoding",
    }
)
"""Headers that no request may bring along: Partner Center's next links name headers to send."""

_Key = tuple[Service, TenantId | None, Access]


@dataclass(frozen=True, slots=True)
class _Ids:
    """What one attempt was traced by."""

    request_id: str = ""
    correlation_id: str = ""
    seconds: float = 0.0
    """From sending to the whole answer."""


@dataclass(slots=True)
class _Call:
    """One logical call on its way through its attempts."""

    request: ApiRequest
    key: _Key
    url: str
    id: str
    """The same for all automatic attempts: by it Partner Center knows a repetition
    (learn.microsoft.com/partner-center/developer/headers)."""
    token: Secret
    place: Place
    attempt: int = 1
    renewed: bool = False


class ApiClient:
    """Sends requests and gives back answers that succeeded, or raises DeskError.

    Owns the HTTP client it was given or makes on first use; `aclose()` closes it. All waiting,
    chance, time and ids come from outside, so that tests need none of them.
    """

    def __init__(
        self,
        http: "httpx.AsyncClient | HttpFactory",
        tokens: TokenProvider,
        *,
        hosts: Mapping[Service, str] = PUBLIC_CLOUD,
        scheduler: Scheduler | None = None,
        app: str = "",
        concurrency: int = 8,
        attempts: int = 4,
        patience: float = PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = _random.random,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        new_id: Callable[[], uuid.UUID | str] = uuid.uuid4,
        on_call: Callable[[CallRecord], None] | None = None,
    ) -> None:
        """`http`: a client, or a function that makes one (`http_link.open_http`), called in a
        thread when first needed. `hosts`: base address of each service, with version.
        `scheduler`: shared by the clients of one program, else an own one for so many calls at
        once; `app`: id of the application whose limits count. `attempts`: of one call, the first
        included. `clock` counts seconds, `now` is the time in UTC. `on_call` is told every attempt,
        for the log."""
        self._link = HttpLink(http)
        self._tokens = tokens
        self._hosts = dict(hosts)
        self._own_scheduler = scheduler is None
        self._scheduler = scheduler or Scheduler(
            concurrency=concurrency, sleep=sleep, random=random, clock=clock
        )
        self._app = app
        self._on_call = on_call
        self._clock = clock
        self._attempts = attempts
        self._patience = patience
        self._sleep = sleep
        self._random = random
        self._now = now
        self._new_id = new_id
        self._renewals: dict[_Key, asyncio.Lock] = {}
        self._replaced: dict[_Key, tuple[Secret, Secret]] = {}
        """The last token refused, and the one that took its place."""
        self._ahead: set[asyncio.Task[ApiResponse]] = set()
        self._closed = False

    async def send(self, request: ApiRequest, tenant: TenantId | None = None) -> ApiResponse:
        """One call, repeated where that is safe; answers with status 2xx only.

        `tenant` chooses the token (`TokenProvider.token`). Raises DeskError and nothing else, with
        the ids of the last attempt. May be cancelled at any time; a write that is cancelled may
        have happened.
        """
        return await self._send(request, tenant, None)

    async def pages(
        self,
        request: ApiRequest,
        parse: Callable[[ApiResponse, ApiRequest], Page[T]],
        tenant: TenantId | None = None,
        peek: Callable[[bytes], ApiRequest | None] | None = None,
    ) -> AsyncIterator[tuple[T, ...]]:
        """The items of a collection, page by page, until `parse` finds no further one.

        With `peek`, which finds the next request in a body without parsing the rest, that request
        is on its way before the page at hand is parsed: the service works while this program
        does. It stays one page ahead at most, and is cancelled when the consumer stops.
        Raises DeskError; a chain of links that leads back to itself is UnexpectedReply.
        """
        seen: set[tuple[object, ...]] = set()
        ahead: asyncio.Task[ApiResponse] | None = None
        current: ApiRequest | None = request
        listed = 0
        try:
            while current is not None:
                if _same(current) in seen:
                    raise _circle()
                seen.add(_same(current))
                if ahead is None:
                    response = await self._send(current, tenant, None)
                else:
                    response = await ahead
                    ahead = None
                following = peek(response.body) if peek is not None else None
                if following is not None and _same(following) not in seen:
                    ahead = await self._start(following, tenant)
                try:
                    page = parse(response, current)
                except DeskError as error:
                    with_ids(error, response.headers)
                    raise
                if ahead is not None and (
                    page.next is None or _same(page.next) != _same(following)
                ):
                    ahead.cancel()
                    ahead = None
                listed += len(page.items)
                if current.operation == Operation.LIST_USERS:
                    self._scheduler.saw_users(tenant, listed, self._app)
                yield page.items
                current = page.next
        finally:
            # Nothing is awaited here: a consumer that just stops leaves the generator to the
            # garbage collector, which cannot wait.
            if ahead is not None:
                ahead.cancel()

    async def aclose(self) -> None:
        """Cancels what was fetched ahead and closes the connections."""
        self._closed = True
        for task in tuple(self._ahead):
            task.cancel()
        if self._ahead:
            await asyncio.wait(tuple(self._ahead))
        if self._own_scheduler:
            self._scheduler.close()
        await self._link.aclose()

    async def _start(
        self, request: ApiRequest, tenant: TenantId | None
    ) -> asyncio.Task[ApiResponse]:
        """Sends in the background; returns once the request has left, or soon after."""
        sent = asyncio.Event()
        task = asyncio.create_task(self._send(request, tenant, sent.set))
        self._ahead.add(task)
        task.add_done_callback(self._ahead.discard)
        task.add_done_callback(_looked_at)
        for _ in range(_TURNS_TO_SEND):
            if sent.is_set() or task.done():
                break
            await asyncio.sleep(0)
        return task

    async def _send(
        self, request: ApiRequest, tenant: TenantId | None, on_sent: Callable[[], None] | None
    ) -> ApiResponse:
        if self._closed:
            raise Unreachable("The program is closing; nothing was sent.")
        url = address(request, self._hosts)
        key = (request.service, tenant, request.access)
        token = Secret(await self._tokens.token(request.service, tenant, access=request.access))
        place = self._scheduler.place(request, tenant, app=self._app, patience=self._patience)
        call = _Call(request, key, url, str(self._new_id()), token, place)
        while True:
            answer, ids = await self._attempt(call, on_sent)
            outcome = self._judge(request, answer, call.attempt)
            self._tell(call, answer, outcome, ids)
            if isinstance(outcome, Ok) and isinstance(answer, ApiResponse):
                return answer
            error = _error(outcome)
            headers = answer.headers if isinstance(answer, ApiResponse) else {}
            with_ids(error, headers, ids.request_id, ids.correlation_id)
            held = isinstance(error, Throttled) and error.retry_after is not None
            if isinstance(error, Throttled) and error.retry_after is not None:
                self._scheduler.hold(place, error.retry_after, headers)
            # Raised here and not where a library's exception was caught: what such an exception
            # holds (address, headers, token) must not hang on as the error's context.
            if isinstance(outcome, Retry):
                place.error = error
                call.attempt += 1
                if not held:
                    wait = outcome.after
                    await self._wait(
                        call, error, self._backoff(call.attempt) if wait is None else wait
                    )
            elif isinstance(error, SignInRequired) and not call.renewed and _renewable(error):
                call.renewed = True
                call.token = await self._renewed(call.key, call.token, error.claims)
            else:
                raise _asking(error, call.key)

    async def _attempt(
        self, call: _Call, on_sent: Callable[[], None] | None
    ) -> tuple[ApiResponse | Break, _Ids]:
        """Waits for its turn, sends once. The token is in clear only in here."""
        async with self._scheduler.turn(call.place) as turn:
            headers, ids = self._headers(call)
            began = self._clock()
            answer = await self._link.exchange(
                call.request.method, call.url, headers, call.request.body, on_sent
            )
            turn.heard(answer)
            return answer, replace(ids, seconds=self._clock() - began)

    async def _wait(self, call: _Call, error: DeskError, seconds: float) -> None:
        """Raises the error instead of waiting longer than the call has patience for."""
        if seconds > call.place.patience:
            raise error
        call.place.patience -= seconds
        await self._sleep(seconds)

    def _headers(self, call: _Call) -> tuple[dict[str, str], _Ids]:
        request, secret = call.request, call.token.reveal()
        if not secret or not secret.isascii() or not secret.isprintable():
            raise SignInRequired("You are not signed in.", next_step="Sign in.")
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"o365desk/{__version__}",
            "Authorization": f"Bearer {secret}",
        }
        ids = _Ids(request_id=call.id, correlation_id=str(self._new_id()))
        if request.service is Service.PARTNER_CENTER:
            headers["MS-RequestId"] = ids.request_id
            headers["MS-CorrelationId"] = ids.correlation_id
            headers["MS-Contract-Version"] = "v1"
            # Refusals are told apart by their text where there is no code.
            headers["X-Locale"] = "en-US"
        else:
            ids = _Ids(correlation_id=ids.correlation_id)
            headers["client-request-id"] = ids.correlation_id
            headers["x-ms-throttle-priority"] = "low" if call.place.background else "high"
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        names = {name.lower(): name for name in headers}
        for name, value in request.headers:
            if not (name + value).isascii() or not (name + value).isprintable() or not name:
                raise UnexpectedReply("Microsoft's answer could not be understood.")
            if name.lower() not in _OURS:
                headers[names.get(name.lower(), name)] = value.strip()
        return headers, ids

    def _judge(
        self, request: ApiRequest, answer: ApiResponse | Break, attempt: int
    ) -> Ok | Retry | Fail:
        if isinstance(answer, Break):
            return connection_verdict(request, answer, attempt, attempts=self._attempts)
        return verdict(request, answer, attempt, attempts=self._attempts, now=self._now())

    def _tell(
        self, call: _Call, answer: ApiResponse | Break, outcome: Ok | Retry | Fail, ids: _Ids
    ) -> None:
        if self._on_call is not None:
            record = call_record(
                call.request,
                call.key[1],
                answer,
                outcome,
                attempt=call.attempt,
                seconds=ids.seconds,
                at=self._now(),
                request_id=ids.request_id,
                correlation_id=ids.correlation_id,
            )
            self._on_call(record)

    def _backoff(self, attempt: int) -> float:
        """Before the second attempt half a second, then twice as much each time; by chance between
        half and one and a half times that, so that many callers do not come back together."""
        return min(LONGEST_BACKOFF, 0.5 * 2.0 ** (attempt - 2)) * (0.5 + self._random())

    async def _renewed(self, key: _Key, refused: Secret, claims: str) -> Secret:
        """A new token in place of the refused one; asked for once, however many calls need it."""
        service, tenant, access = key
        async with self._renewals.setdefault(key, asyncio.Lock()):
            before = self._replaced.get(key)
            if before is not None and before[0] == refused:
                return before[1]
            text = (
                await self._tokens.token(service, tenant, access=access, claims=claims)
                if claims
                else await self._tokens.token(service, tenant, access=access, fresh=True)
            )
            token = Secret(text)
            if token != refused:
                self._replaced[key] = (refused, token)
            return token


def _error(outcome: Ok | Retry | Fail) -> DeskError:
    if isinstance(outcome, Ok):
        raise AssertionError("an answer without a status cannot be a success")
    return outcome.error


def _asking(error: DeskError, key: _Key) -> DeskError:
    """The error, saying what an interactive sign-in would have to bring if that is what helps."""
    if isinstance(error, SignInRequired) and error.need is None:
        service, tenant, access = key
        mfa = error.refusal is Refusal.MFA
        error.need = SignInNeed(service, tenant, access, error.claims, mfa)
    return error


def _renewable(error: DeskError) -> bool:
    """A second factor cannot be had silently; anything else about the sign-in perhaps."""
    return isinstance(error, SignInRequired) and error.refusal is not Refusal.MFA


def _same(request: ApiRequest | None) -> tuple[object, ...]:
    """By what a page is known: Partner Center's differ in a header, not in the address."""
    if request is None:
        return ()
    return request.path, request.query, request.headers, request.body


def _circle() -> UnexpectedReply:
    return UnexpectedReply(
        "Microsoft's list leads back to a page that was read already.",
        next_step="Load the list again; if it stays, report it.",
    )


def _looked_at(task: asyncio.Task[ApiResponse]) -> None:
    """A page fetched ahead for nobody may have failed: that is nobody's business either."""
    if not task.cancelled():
        task.exception()
