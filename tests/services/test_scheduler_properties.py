"""The scheduler under arrivals, refusals and givings-up by chance, with small limits that bind."""

import asyncio
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from o365desk.services.budgets import Limit
from o365desk.services.scheduler import background
from o365desk.services.waiters import BACKGROUND_SHARE
from tests.services.lines import ONE, TWO, Line, customer, scheduler, users, write
from tests.services.virtual_time import VirtualLoop, run

UNITS = {"users": 2, "write": 1}

_CALLS = st.lists(
    st.tuples(
        st.floats(0, 100),
        st.sampled_from(["customer", "other", "users", "write"]),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=120,
)


@settings(max_examples=60, deadline=None)
@given(_CALLS, st.integers(0, 2**16), st.sampled_from([1, 3, 8]), st.floats(0, 30))
def test_whatever_comes_no_window_holds_too_much_and_nobody_waits_for_ever(
    calls: list[tuple[float, str, bool, bool]], seed: int, concurrency: int, slowest: float
) -> None:
    """Small limits, so that all of them bind; refusals pause; some callers give up."""
    loop = VirtualLoop()
    requests = {
        "customer": customer(ONE),
        "other": customer(TWO),
        "users": users(),
        "write": write(),
    }
    limits = {"customer": (5, 60.0), "other": (5, 60.0), "users": (6, 10.0)}

    async def main() -> None:
        made = scheduler(loop, concurrency, seed)
        for name, request in requests.items():
            budget = made.place(request, ONE).costs[0][0]
            amount, seconds = limits.get(name, limits["users"])
            budget.limit = Limit(amount, seconds)
        line = Line(made, Random(seed), slowest)

        async def one(at: float, name: str, low: bool, refused: bool) -> None:
            await asyncio.sleep(at)
            if low:
                with background():
                    await line.call(requests[name], name, ONE)
            else:
                await line.call(requests[name], name, ONE)
            if refused:
                made.hold(made.place(requests[name], ONE), 7.5)

        tasks = [asyncio.create_task(one(*call)) for call in calls]
        for task in tasks[:: max(7, seed % 11)]:
            loop.call_later(seed % 50, task.cancel)
        await asyncio.wait(tasks)
        for name in ("customer", "other"):
            if any(one == name for _, one in line.arrived):
                assert line.fullest(60, name) <= 5
        units = [(t, UNITS[name]) for t, name in line.arrived if name in UNITS]
        for start, _ in units:
            assert sum(cost for t, cost in units if start <= t < start + 10) <= 6
        assert line.most_at_once <= concurrency
        assert not made.waiting
        await asyncio.sleep(4000)
        for budget in made._budgets:
            budget.ready_at(1, made._now())
            assert budget.used == pytest.approx(0)

    run(main(), loop)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=60), st.sampled_from([1, 2, 4]))
def test_the_user_never_waits_behind_the_background_of_the_same_scope(
    kinds: list[bool], concurrency: int
) -> None:
    """But for its share of one turn in ten."""
    loop = VirtualLoop()

    async def main() -> None:
        made = scheduler(loop, concurrency)
        budget = made.place(customer()).costs[0][0]
        budget.limit = Limit(3, 60)
        line = Line(made, slowest=0.0)
        await asyncio.gather(*(line.call(customer()) for _ in range(3)))
        calls = [line.low(customer()) if low else line.call(customer(), "high") for low in kinds]
        await asyncio.gather(*calls)
        names = [name for _, name in line.arrived[3:]]
        last = max((place for place, name in enumerate(names) if name == "high"), default=-1)
        share = -(-(last + 1) // BACKGROUND_SHARE)
        assert names[: last + 1].count("low") <= share

    run(main(), loop)
