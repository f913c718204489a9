"""Many small reads of Graph in a few round trips: $batch, with each answer judged by itself.

learn.microsoft.com/graph/json-batching, learn.microsoft.com/graph/throttling
"""

import asyncio
import random as _random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from o365desk.domain.directory import TenantId, utc_now
from o365desk.domain.errors import DeskError, SignInRequired, UnexpectedReply
from o365desk.services.adapters import Sleep, each
from o365desk.services.api_client import ApiClient
from o365desk.wire import graph
from o365desk.wire.faults import Fail, Ok, Retry, error_for, verdict, with_ids
from o365desk.wire.messages import ApiRequest, ApiResponse

Answer = ApiResponse | DeskError

AT_ONCE = 4
"""Batches on their way together."""

ATTEMPTS = 4
"""Of one item, the first included."""

PATIENCE = 120.0
"""Seconds that one call may spend waiting for items, all waits together."""

_PASSING = frozenset({424, 500})
"""Of an item that reads: its batch went wrong, or its part of the service did. As an answer of its
own a 500 is not repeated; here that costs one place in a batch."""


async def send_batch(
    client: ApiClient,
    requests: Sequence[ApiRequest],
    tenant: TenantId | None = None,
    *,
    sleep: Sleep = asyncio.sleep,
    random: Callable[[], float] = _random.random,
    now: Callable[[], datetime] = utc_now,
) -> list[Answer]:
    """The answers of reads, in the order of the requests: with status 2xx, or the error each
    ended in. Never raises a DeskError; ValueError for what a batch does not take (`graph.batch`).

    20 travel together. Every item is counted, throttled and judged by itself, and items that may
    be repeated travel again without the others, after the longest wait that one of them was told:
    the service counts on that. What fails as a whole fails for each.
    """
    work = _Work(client, requests, tenant, random, now, [None] * len(requests))
    todo = [*range(len(requests))]
    attempt = 1
    patience = PATIENCE
    while todo:
        chunks = [
            todo[at : at + graph.BATCH_LIMIT] for at in range(0, len(todo), graph.BATCH_LIMIT)
        ]
        rounds = await each(chunks, partial(work.send, attempt), at_once=AT_ONCE)
        todo = [number for one in rounds for number in one.again]
        wait = max((one.wait for one in rounds), default=0.0)
        if wait > patience:
            break  # the errors are noted already
        if wait:
            patience -= wait
            await sleep(wait)
        attempt += 1
    return work.finished()


@dataclass(slots=True)
class _Round:
    """What one batch leaves to do."""

    again: list[int] = field(default_factory=list)
    wait: float = 0.0


@dataclass(slots=True)
class _Work:
    """One call of `send_batch`."""

    client: ApiClient
    requests: Sequence[ApiRequest]
    tenant: TenantId | None
    random: Callable[[], float]
    now: Callable[[], datetime]
    answers: list[Answer | None]

    async def send(self, attempt: int, chunk: Sequence[int]) -> _Round:
        """One batch; the client sees to the faults of the envelope."""
        left = _Round()
        envelope = graph.batch({str(number): self.requests[number] for number in chunk})
        try:
            response = await self.client.send(envelope, self.tenant)
            found = graph.parse_batch(response)
        except DeskError as error:
            for number in chunk:
                self.answers[number] = error
            return left
        unsigned: list[int] = []
        for number in chunk:
            outcome = self._judge(number, found.get(str(number)), attempt)
            if isinstance(outcome, Retry):
                self.answers[number] = outcome.error
                left.again.append(number)
                left.wait = max(left.wait, self._wait(outcome.after, attempt))
            elif isinstance(outcome, Fail):
                self.answers[number] = with_ids(outcome.error, response.headers)
                if isinstance(outcome.error, SignInRequired):
                    unsigned.append(number)
        if unsigned:
            await self._sign_in(unsigned, left, attempt)
        return left

    def _judge(self, number: int, answer: ApiResponse | None, attempt: int) -> Ok | Retry | Fail:
        request = self.requests[number]
        if answer is None:
            error: DeskError = UnexpectedReply(
                "Microsoft left out a part of its answer.",
                next_step="Try again; if it stays, report it.",
            )
            return Retry(None, error) if attempt < ATTEMPTS else Fail(error)
        if answer.status in _PASSING and attempt < ATTEMPTS:
            return Retry(None, error_for(request, answer, now=self.now()))
        outcome = verdict(request, answer, attempt, attempts=ATTEMPTS, now=self.now())
        if isinstance(outcome, Ok):
            self.answers[number] = answer
        return outcome

    def _wait(self, told: float | None, attempt: int) -> float:
        return told if told is not None else 0.5 * 2.0 ** (attempt - 1) * (0.5 + self.random())

    async def _sign_in(self, unsigned: list[int], left: _Round, attempt: int) -> None:
        """Items whose token was refused while the envelope's was not. One goes alone, for the
        client knows how to get a new token; with that the others travel again."""
        first, *others = unsigned
        try:
            self.answers[first] = await self.client.send(self.requests[first], self.tenant)
        except DeskError as error:
            for number in unsigned:
                self.answers[number] = error
        else:
            if attempt < ATTEMPTS:
                left.again += others

    def finished(self) -> list[Answer]:
        """Every place is filled when the last round is over."""
        return [answer for answer in self.answers if answer is not None]
