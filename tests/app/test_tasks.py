"""Reads end when they are no longer wanted; writes never are cut off; nothing fails unheard."""

import asyncio

from o365desk.app.pacing import Pace
from o365desk.app.tasks import Scope, TaskRunner
from o365desk.domain.errors import DeskError, NotFound


class Heard:
    def __init__(self) -> None:
        self.errors: list[DeskError] = []
        self.bugs: list[BaseException] = []
        self.runner = TaskRunner(self.errors.append, self.bugs.append)


async def _turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def _fail(error: Exception) -> None:
    raise error


async def test_errors_go_where_they_belong() -> None:
    heard, inline = Heard(), list[DeskError]()
    heard.runner.read(_fail(NotFound("gone")), name="a")
    heard.runner.read(_fail(NotFound("here")), name="b", on_error=inline.append)
    heard.runner.write(_fail(KeyError("bug")), name="c")
    await _turns()
    assert [str(error) for error in heard.errors] == ["gone"]
    assert [str(error) for error in inline] == ["here"]
    assert [type(bug) for bug in heard.bugs] == [KeyError]


async def test_a_scope_ends_its_reads_silently() -> None:
    heard, scope = Heard(), Scope()
    task = heard.runner.read(asyncio.sleep(60), name="slow", scope=scope)
    await _turns()
    busy = [scope.busy]
    scope.cancel()
    await _turns()
    busy.append(scope.busy)
    assert busy == [True, False]
    assert task.cancelled()
    assert (heard.errors, heard.bugs) == ([], [])


async def test_the_latest_read_of_a_key_wins() -> None:
    heard, done = Heard(), list[int]()

    async def answer(number: int) -> None:
        await asyncio.sleep(0)
        done.append(number)

    for number in range(3):
        heard.runner.latest("search", answer(number), name="search")
    await _turns()
    assert done == [2]
    heard.runner.latest("search", asyncio.sleep(60), name="search")
    heard.runner.cancel("search")
    heard.runner.cancel("nothing")
    await _turns()
    assert await heard.runner.drain(1)


async def test_closing_cancels_reads_and_waits_for_writes() -> None:
    heard, written = Heard(), list[str]()
    answered = asyncio.Event()

    async def write() -> None:
        await answered.wait()
        written.append("done")

    read = heard.runner.read(asyncio.sleep(60), name="read")
    heard.runner.write(write(), name="write")
    await _turns()
    closing = asyncio.ensure_future(heard.runner.drain(30))
    await _turns()
    assert read.cancelled()
    assert not closing.done()
    answered.set()
    assert await closing
    assert written == ["done"]
    assert not heard.runner.writing


async def test_closing_does_not_wait_for_ever() -> None:
    heard = Heard()
    task = heard.runner.write(asyncio.sleep(60), name="stuck")
    assert not await heard.runner.drain(0.01)
    task.cancel()


async def test_pace_lets_a_burst_through_and_then_keeps_the_rate() -> None:
    now, waits = [0.0], list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    pace = Pace(per_minute=60, burst=3, clock=lambda: now[0], sleep=sleep)
    for _ in range(6):
        await pace.turn()
    assert waits == [1.0, 1.0, 1.0]
    now[0] += 100
    waits.clear()
    for _ in range(3):
        await pace.turn()
    assert waits == []
