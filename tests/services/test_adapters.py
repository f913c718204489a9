"""What the adapters share: patience with new users, bounded fan-out, reading back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from o365desk.domain.directory import UserId
from o365desk.domain.errors import NotFound, OutcomeUnknown, Throttled
from o365desk.domain.licensing import LicenseAssignment, LicenseChange, LicenseGrant, SkuId
from o365desk.services.adapters import YOUNG, Newborns, closing, collect, each, read_back

A, B = SkuId("a"), SkuId("b")
ANN = UserId("ann")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


class Flaky:
    """Fails so often with NotFound, then answers."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise NotFound("not yet")
        return "here"


async def test_patience_with_the_newborn() -> None:
    clock = Clock()
    newborns = Newborns(clock, clock.sleep)
    newborns.born(ANN)
    assert await newborns.patiently(ANN, Flaky(3)) == "here"
    assert clock.waits == sorted(clock.waits)
    assert len(clock.waits) == 3


async def test_no_patience_with_others_or_later() -> None:
    clock = Clock()
    newborns = Newborns(clock, clock.sleep)
    newborns.born(ANN)
    with pytest.raises(NotFound):
        await newborns.patiently(UserId("bob"), Flaky(1))
    clock.now = YOUNG
    with pytest.raises(NotFound):
        await newborns.patiently(ANN, Flaky(1))
    assert clock.waits == []


async def test_patience_ends() -> None:
    clock = Clock()
    newborns = Newborns(clock, clock.sleep)
    newborns.born(ANN)
    never = Flaky(100)
    with pytest.raises(NotFound):
        await newborns.patiently(ANN, never)
    assert never.calls == len(clock.waits) + 1
    assert sum(clock.waits) < 30


async def test_each_keeps_order_and_bound() -> None:
    running = most = 0

    async def call(n: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001 * (5 - n % 5))
        running -= 1
        return n * n

    assert await each(range(20), call, at_once=4) == [n * n for n in range(20)]
    assert most == 4
    assert await each([], call, at_once=4) == []


async def test_each_ends_the_rest_with_the_first_failure() -> None:
    ended = []

    async def call(n: int) -> None:
        if n == 1:
            raise Throttled("slow down")
        try:
            await asyncio.sleep(30)
        finally:
            ended.append(n)

    with pytest.raises(Throttled):
        await each(range(3), call, at_once=3)
    assert sorted(ended) == [0, 2]


def held(*skus: SkuId) -> tuple[LicenseAssignment, ...]:
    return tuple(LicenseAssignment(s) for s in skus)


@pytest.mark.parametrize(
    ("answers", "reads"),
    [([held(A)], 1), ([held(), held(A)], 2), ([held(), held(), held(), held(A)], 3)],
)
async def test_reading_back_waits_a_little(
    answers: list[tuple[LicenseAssignment, ...]], reads: int
) -> None:
    clock = Clock()
    left = list(answers)

    async def read() -> tuple[LicenseAssignment, ...]:
        return left.pop(0)

    change = LicenseChange(add=(LicenseGrant(A),), remove=(B,))
    assert await read_back(read, change, clock.sleep) == answers[reads - 1]
    assert len(clock.waits) == reads - 1


async def test_reading_back_that_fails() -> None:
    async def read() -> tuple[LicenseAssignment, ...]:
        raise Throttled("later", request_id="r-1", status=429)

    with pytest.raises(OutcomeUnknown) as caught:
        await read_back(read, LicenseChange(remove=(B,)), Clock().sleep)
    assert "r-1" in caught.value.support_ids


async def test_closing_ends_a_generator_left_early() -> None:
    ended = []

    async def pages() -> AsyncIterator[tuple[int, ...]]:
        try:
            yield (1,)
            yield (2,)
        finally:
            ended.append(True)

    assert await collect(pages()) == [1, 2]
    async with closing(pages()) as left:
        async for _ in left:
            break
    assert ended == [True, True]
