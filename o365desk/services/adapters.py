"""What the adapters of both services share: patience, bounded fan-out, and reading back."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from o365desk.domain.directory import User, UserEdit, UserId
from o365desk.domain.errors import DeskError, NotFound, OutcomeUnknown, UnexpectedReply
from o365desk.domain.licensing import LicenseAssignment, LicenseChange, Sku, SkuId

T = TypeVar("T")
R = TypeVar("R")

Sleep = Callable[[float], Awaitable[object]]
Clock = Callable[[], float]
Licenses = tuple[LicenseAssignment, ...]

YOUNG = 120.0
"""Seconds after its creation in which a user may be unknown to parts of the service."""
_WAITS = (1.0, 2.0, 4.0, 8.0)
_SETTLE = (0.5, 1.5)


class Newborns:
    """Users made here a moment ago: for seconds Microsoft may answer that they do not exist."""

    def __init__(self, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._born: dict[UserId, float] = {}

    def born(self, user: UserId) -> None:
        now = self._clock()
        self._born = {id_: at for id_, at in self._born.items() if now - at < YOUNG}
        self._born[user] = now

    async def patiently(self, user: UserId, call: Callable[[], Awaitable[T]]) -> T:
        """`call()`, again after growing waits while a user of the last two minutes is not found.

        Safe for writes as well: 404 says that nothing was done.
        """
        born = self._born.get(user)
        young = born is not None and self._clock() - born < YOUNG
        for wait in _WAITS if young else ():
            try:
                return await call()
            except NotFound:
                await self._sleep(wait)
        return await call()


async def collect(pages: AsyncIterator[Sequence[T]]) -> list[T]:
    """All items of all pages."""
    async with closing(pages):
        return [item async for page in pages for item in page]


@asynccontextmanager
async def closing(pages: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Ends `pages` when its consumer does, so that no request outlives a cancelled load."""
    try:
        yield pages
    finally:
        if isinstance(pages, AsyncGenerator):
            await pages.aclose()


async def each(items: Iterable[T], call: Callable[[T], Awaitable[R]], *, at_once: int) -> list[R]:
    """`call` on every item, a few at a time, answers in order; the first failure ends the rest."""
    gate = asyncio.Semaphore(at_once)

    async def one(item: T) -> R:
        async with gate:
            return await call(item)

    tasks = [asyncio.ensure_future(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_back(
    read: Callable[[], Awaitable[Licenses]], change: LicenseChange, sleep: Sleep
) -> Licenses:
    """What Microsoft says after `change` was accepted.

    A copy of the directory that has not heard of it yet is asked again, twice at most. When the
    reading fails, the change stands all the same, so OutcomeUnknown is raised: its handler reads
    again, while any other error would claim that nothing happened.
    """
    try:
        held = await read()
        for wait in _SETTLE:
            if _shows(held, change):
                break
            await sleep(wait)
            held = await read()
    except DeskError as error:
        raise accepted_unseen("the licenses", error) from error
    return held


def _shows(held: Licenses, change: LicenseChange) -> bool:
    direct = {assignment.sku_id for assignment in held if assignment.direct}
    added = {grant.sku_id for grant in change.add}
    return added <= direct and direct.isdisjoint(change.remove)


def accepted_unseen(what: str, error: DeskError) -> OutcomeUnknown:
    """The error for a write that was accepted while its result could not be read."""
    return OutcomeUnknown(
        f"Microsoft accepted the change, but {what} could not be read afterwards.",
        next_step="Refresh to see how things stand.",
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        correlation_id=error.correlation_id,
    )


def written(parse: Callable[[], T]) -> T:
    """The answer to a write that Microsoft accepted, even when it cannot be understood."""
    try:
        return parse()
    except UnexpectedReply as error:
        raise accepted_unseen("the user", error) from error


def edited(user: User, edit: UserEdit) -> User:
    """The user with the values just written, which a copy of the directory may not know yet."""
    return user._replace(
        first_name=user.first_name if edit.first_name is None else edit.first_name,
        last_name=user.last_name if edit.last_name is None else edit.last_name,
        display_name=user.display_name if edit.display_name is None else edit.display_name,
        location=user.location if edit.location is None else edit.location,
    )


def one_each(skus: Iterable[Sku]) -> tuple[Sku, ...]:
    """One entry a SKU, counters summed: it may be listed once for each billing account."""
    merged: dict[SkuId, Sku] = {}
    for sku in skus:
        first = merged.get(sku.id)
        merged[sku.id] = sku if first is None else _sum(first, sku)
    return tuple(merged.values())


def _sum(first: Sku, more: Sku) -> Sku:
    return replace(
        first,
        active=first.active + more.active,
        assigned=first.assigned + more.assigned,
        available=first.available + more.available,
        suspended=first.suspended + more.suspended,
        warning=first.warning + more.warning,
        subscription_ids=tuple(dict.fromkeys(first.subscription_ids + more.subscription_ids)),
    )
