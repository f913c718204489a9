"""The scheduler in counted time: limits, order, pauses, cancelling, and a clock that jumps."""

import asyncio
from itertools import pairwise
from random import Random

import pytest

from o365desk.domain.access import Service
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import Throttled, Unreachable
from o365desk.services.scheduler import Cause, Scheduler, Waiting, background
from o365desk.services.waiters import BACKGROUND_SHARE
from o365desk.wire.messages import ApiRequest
from tests.services.lines import ONE, TWO, Line, customer, in_time, now, users, write
from tests.services.virtual_time import VirtualLoop, run


def test_500_requests_a_minute_and_customer() -> None:
    async def three_minutes(_made: Scheduler, line: Line) -> None:
        await asyncio.gather(*(line.call(customer()) for _ in range(1400)))
        assert line.fullest(60) <= 500

    assert 120 < in_time(three_minutes, concurrency=64) < 150


def test_customers_do_not_share_a_budget() -> None:
    async def two(_made: Scheduler, line: Line) -> None:
        calls = [line.call(customer(t)) for t in (ONE, TWO) for _ in range(500)]
        await asyncio.gather(*calls)

    assert in_time(two, concurrency=64) < 30


def test_bursts_at_the_edge_of_a_window() -> None:
    """Slow to arrive, then quick: arrivals come closer together than sendings were."""

    async def edge(_made: Scheduler, line: Line) -> None:
        line.slowest = 20
        first = [line.call(customer()) for _ in range(300)]
        await asyncio.gather(*first)
        line.slowest = 0.001
        await asyncio.gather(*(line.call(customer()) for _ in range(900)))
        assert line.fullest(60) <= 500

    in_time(edge, concurrency=400)


def test_units_of_a_tenant_by_its_size() -> None:
    async def listing(made: Scheduler, line: Line) -> None:
        line.slowest = 0.01
        begun = now()
        await asyncio.gather(*(line.call(users(), tenant=ONE) for _ in range(1750)))
        assert now() - begun < 9
        made.saw_users(ONE, 501)
        await asyncio.gather(*(line.call(users(), tenant=ONE) for _ in range(2250)))
        assert now() - begun < 9
        await line.call(users(), tenant=ONE)
        assert now() - begun > 10

    in_time(listing, concurrency=32)


def test_what_the_service_counts_corrects_what_was_thought() -> None:
    async def dear(_made: Scheduler, line: Line) -> None:
        line.slowest = 0.0
        headers = {"x-ms-resource-unit": "1750"}
        for _ in range(3):
            await line.call(users(), tenant=ONE, headers=headers)

    assert 10 < in_time(dear) < 11


def test_others_who_use_the_same_budget_are_heard_of() -> None:
    async def shared(_made: Scheduler, line: Line) -> None:
        line.slowest = 0.0
        await line.call(users(), tenant=ONE, headers={"x-ms-throttle-limit-percentage": "1.1"})
        await line.call(users(), tenant=TWO)
        assert now() == 0
        await line.call(users(), tenant=ONE)

    assert 10 < in_time(shared) < 11


def test_writes_have_a_limit_of_their_own() -> None:
    async def writing(_made: Scheduler, line: Line) -> None:
        line.slowest = 0.01
        writes = [line.call(write(), "write", ONE) for _ in range(3100)]
        reads = [line.call(users(), "read", ONE) for _ in range(10)]
        await asyncio.gather(*writes, *reads)
        assert line.fullest(150, "write") <= 3000
        assert max(t for t, name in line.arrived if name == "read") < 30

    assert 150 < in_time(writing) < 170


def test_four_mails_at_once() -> None:
    mail = ApiRequest(Service.GRAPH, "POST", "/me/sendMail", "sendMail")

    async def sending(_made: Scheduler, line: Line) -> None:
        await asyncio.gather(*(line.call(mail) for _ in range(40)))
        assert line.most_at_once == 4

    in_time(sending)


@pytest.mark.parametrize("concurrency", [1, 8])
def test_no_more_at_once_than_agreed(concurrency: int) -> None:
    async def many(_made: Scheduler, line: Line) -> None:
        await asyncio.gather(*(line.call(users()) for _ in range(50)))
        assert line.most_at_once == concurrency

    in_time(many, concurrency=concurrency)


def test_the_background_leaves_room() -> None:
    async def full(_made: Scheduler, line: Line) -> None:
        sweep = [asyncio.create_task(line.low(users())) for _ in range(100)]
        await asyncio.sleep(0)
        assert line.at_once == 6
        line.slowest, begun = 0.0, now()
        await line.call(users(), "fore")
        assert now() == begun
        await asyncio.gather(*sweep)

    in_time(full)


def test_the_background_gets_one_turn_in_ten() -> None:
    async def busy(_made: Scheduler, line: Line) -> None:
        line.slowest = 0.001
        low = [asyncio.create_task(line.low(users())) for _ in range(20)]
        high = [asyncio.create_task(line.call(users(), "high")) for _ in range(200)]
        await asyncio.gather(*low, *high)
        names = [name for _, name in line.arrived]
        assert names[:100].count("low") == pytest.approx(100 / BACKGROUND_SHARE, abs=3)

    in_time(busy, concurrency=1)


def test_the_user_passes_the_background_in_a_budget_that_is_used_up() -> None:
    async def full(_made: Scheduler, line: Line) -> None:
        line.slowest = 0.01
        low = [asyncio.create_task(line.low(customer())) for _ in range(600)]
        await asyncio.sleep(30)
        await line.call(customer(), "high")
        names = [name for _, name in line.arrived]
        assert names.index("high") < 500 + 8  # others of the same moment may arrive sooner
        await asyncio.gather(*low)

    in_time(full)


def test_a_pause_holds_whom_it_means() -> None:
    async def pauses(made: Scheduler, line: Line) -> None:
        line.slowest = 0.0
        of_one = made.place(customer(ONE))
        made.hold(of_one, 20)
        await line.call(customer(TWO))
        await line.call(users(), tenant=ONE)
        assert now() == 0
        # A second customer refused meanwhile: then it is the partner who is meant.
        made.hold(made.place(customer(TWO)), 20)
        await line.call(users(), tenant=ONE)
        assert now() == 0
        await line.call(customer(TenantId("3" * 36)))
        assert now() >= 20

    in_time(pauses)


@pytest.mark.parametrize(
    ("scope", "held", "free"),
    [
        ("Tenant_Application/ReadWrite/a/t", [(users(), ONE), (write(), ONE)], [(users(), TWO)]),
        ("Tenant/ReadWrite/a/t", [(users(), ONE)], [(users(), TWO)]),
        ("Tenant_Application/Write/a/t", [(write(), ONE)], [(users(), ONE), (write(), TWO)]),
        ("Application/ReadWrite/a/t", [(users(), ONE), (users(), TWO)], [(customer(), None)]),
        ("", [(users(), ONE)], [(users(), TWO)]),
    ],
    ids=["tenant and app", "tenant", "writes", "application", "not told"],
)
def test_the_scope_of_a_refusal(
    scope: str,
    held: list[tuple[ApiRequest, TenantId]],
    free: list[tuple[ApiRequest, TenantId | None]],
) -> None:
    async def pauses(made: Scheduler, line: Line) -> None:
        line.slowest = 0.0
        made.hold(made.place(write(), ONE), 20.5, {"x-ms-throttle-scope": scope})
        for request, tenant in free:
            await line.call(request, tenant=tenant)
        assert now() == 0
        await asyncio.gather(*(line.call(request, tenant=tenant) for request, tenant in held))
        assert all(t >= 20.5 for t, _ in line.arrived[len(free) :])

    assert in_time(pauses) < 21


def test_after_a_pause_the_waiters_come_one_by_one() -> None:
    async def herd(made: Scheduler, line: Line) -> None:
        line.slowest = 0.0
        made.hold(made.place(customer()), 30)
        await asyncio.gather(*(line.call(customer()) for _ in range(50)))
        times = [t for t, _ in line.arrived]
        gaps = [b - a for a, b in pairwise(times)]
        assert times[0] > 30
        # 500 a minute are 0.12 s each; chance makes it between half and one and a half of that.
        assert all(0.059 < gap < 0.181 for gap in gaps)
        assert len({round(gap, 4) for gap in gaps}) > 10

    in_time(herd, concurrency=64)


def test_a_pause_longer_than_patience_is_an_error_at_once() -> None:
    async def long(made: Scheduler, line: Line) -> None:
        async def patient(seconds: float) -> None:
            async with made.turn(made.place(customer(), patience=seconds)):
                pass

        waiting = asyncio.create_task(patient(60))
        made.hold(made.place(customer()), 50)
        await asyncio.sleep(1)
        # The pause is made longer while somebody waits already.
        made.hold(made.place(customer()), 100)
        with pytest.raises(Throttled):
            await waiting
        with pytest.raises(Throttled) as caught:
            await patient(60)
        assert now() == 1
        assert caught.value.retry_after == 100

    in_time(long)


def test_cancelled_while_waiting_frees_the_place() -> None:
    async def cancelling(made: Scheduler, line: Line) -> None:
        line.slowest = 0.0
        made.hold(made.place(customer()), 30)
        calls = [asyncio.create_task(line.call(customer(), str(n))) for n in range(10)]
        await asyncio.sleep(1)
        for call in calls[:5]:
            call.cancel()
        await asyncio.wait(calls)
        assert [name for _, name in line.arrived] == list("56789")
        sending = asyncio.create_task(line.call(users()))
        line.slowest = 5.0
        await asyncio.sleep(1)
        sending.cancel()
        await asyncio.wait([sending])
        line.slowest = 0.0
        await asyncio.gather(*(line.call(users()) for _ in range(20)))

    in_time(cancelling, concurrency=2)


def test_when_all_waiters_are_cancelled_nothing_is_left_behind() -> None:
    async def cancelling(made: Scheduler, line: Line) -> None:
        made.hold(made.place(customer()), 3000)
        call = asyncio.create_task(line.call(customer()))
        await asyncio.sleep(1)
        call.cancel()
        await asyncio.wait([call])
        assert len(asyncio.all_tasks()) == 1

    assert in_time(cancelling) == 1


def test_cancelled_between_getting_the_turn_and_taking_it() -> None:
    async def unlucky(made: Scheduler, line: Line) -> None:
        gate = asyncio.Event()

        async def first() -> None:
            async with made.turn(made.place(users())):
                await gate.wait()

        holding = asyncio.create_task(first())
        second = asyncio.create_task(line.call(users(), "second"))
        await asyncio.sleep(0.1)
        gate.set()
        await asyncio.sleep(0)  # `first` gives its place to `second`, who has not run yet
        second.cancel()
        await asyncio.wait([holding, second])
        await line.call(users(), "third")
        assert [name for _, name in line.arrived] == ["third"]

    in_time(unlucky, concurrency=1)


def test_cancelled_after_leaving_the_line_of_a_budget() -> None:
    """What was promised to it goes to the next."""

    async def unlucky(made: Scheduler, line: Line) -> None:
        made.hold(made.place(customer()), 10)
        line.slowest = 0.0
        first, second = (asyncio.create_task(line.call(customer(), name)) for name in "12")
        await asyncio.sleep(0)
        async with made.turn(made.place(users())):
            await asyncio.sleep(15)  # the only place on the line is taken when the pause ends
            first.cancel()
        await second
        assert [name for _, name in line.arrived] == ["2"]
        assert now() < 16

    in_time(unlucky, concurrency=1)


def test_closing_turns_away_who_waits_and_leaves_nothing_behind() -> None:
    async def closing(made: Scheduler, line: Line) -> None:
        made.hold(made.place(customer()), 3000)
        async with made.turn(made.place(users())):
            calls = [asyncio.create_task(line.call(r)) for r in (customer(), users())]
            await asyncio.sleep(1)
            made.close()
            for call in calls:
                with pytest.raises(Unreachable):
                    await call
        assert len(asyncio.all_tasks()) == 1

    assert in_time(closing, concurrency=1) == 1


def test_giving_up_at_the_moment_of_closing_is_giving_up() -> None:
    async def closing(made: Scheduler, line: Line) -> None:
        made.hold(made.place(customer()), 3000)
        call = asyncio.create_task(line.call(customer()))
        await asyncio.sleep(1)
        made.close()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    assert in_time(closing) == 1


def test_given_up_and_arrived_later() -> None:
    """Bytes that were sent may arrive after the caller has gone: they count."""

    async def strays(made: Scheduler, line: Line) -> None:
        async def given_up() -> None:
            async with made.turn(made.place(customer())):
                asyncio.get_running_loop().call_later(3, line.arrived.append, (now() + 3, "stray"))
                raise ConnectionError

        line.slowest = 0.0
        await asyncio.gather(*(given_up() for _ in range(400)), return_exceptions=True)
        await asyncio.gather(*(line.call(customer()) for _ in range(400)))
        assert line.fullest(60) <= 500

    in_time(strays, concurrency=400)


def test_the_background_does_not_slip_past_a_dear_call_of_the_user() -> None:
    skus = ApiRequest(Service.GRAPH, "GET", "/subscribedSkus", "listSubscribedSkus")

    async def dear(made: Scheduler, line: Line) -> None:
        line.slowest = 0.0
        await line.call(users(), tenant=ONE, headers={"x-ms-resource-unit": "3499"})
        high = asyncio.create_task(line.call(skus, "high", ONE))
        await asyncio.sleep(0)
        with background():
            await line.call(write(), "low", ONE)
        await high
        assert [name for _, name in line.arrived[1:]] == ["high", "low"]

    in_time(dear)


@pytest.mark.parametrize("jump", [3600.0, -3600.0], ids=["slept", "set back"])
def test_a_clock_that_jumps_neither_hangs_nor_bursts(jump: float) -> None:
    loop = VirtualLoop()
    offset = [0.0]

    async def main() -> None:
        made = Scheduler(concurrency=64, random=Random(1).random, clock=clock)
        line = Line(made, slowest=0.02)
        for _ in range(2):  # once while nobody waits, once in the midst of waiting
            calls = [asyncio.create_task(line.call(customer())) for _ in range(700)]
            await asyncio.sleep(10)
            if jump > 0:
                loop.jump(jump)  # time really passed, for the service too
            else:
                offset[0] += jump
            await asyncio.gather(*calls)
            offset[0] += min(0.0, jump)
        assert line.fullest(60) <= 500

    def clock() -> float:
        return loop.time() + offset[0]

    run(main(), loop)
    assert loop.time() < max(0.0, 2 * jump) + 300


def test_what_waits_is_told() -> None:
    async def telling(made: Scheduler, line: Line) -> None:
        line.slowest = 0.0
        told: list[tuple[Waiting, ...]] = []
        stop = made.on_waiting(told.append)
        made.hold(made.place(users(), ONE), 20)
        call = asyncio.create_task(line.call(users(), tenant=ONE))
        await asyncio.sleep(0)
        (one,) = made.waiting
        assert (one.cause, one.service, one.tenant) == (Cause.ASKED, Service.GRAPH, ONE)
        assert one.sentence == "Microsoft asked to wait 20 s"
        assert (one.calls, one.foreground) == (1, True)
        assert one.seconds == pytest.approx(20, abs=0.1)
        await call
        assert [len(waiting) for waiting in told] == [1, 0]
        stop()
        sweep = [asyncio.create_task(line.low(customer())) for _ in range(501)]
        await asyncio.sleep(1)
        (one,) = made.waiting
        assert (one.cause, one.tenant, one.foreground) == (Cause.LIMIT, ONE, False)
        assert one.sentence == "limit of 500 requests a minute for this customer"
        await asyncio.gather(*sweep)
        assert len(told) == 2

    in_time(telling)


async def test_background_is_inherited_by_tasks_and_ends() -> None:
    made = Scheduler()

    async def kind() -> bool:
        return made.place(users()).background

    with background():
        task = asyncio.create_task(kind())
    assert await task
    assert not await kind()
