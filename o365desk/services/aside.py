"""Work in threads that nobody has to wait for when the program ends.

A prompt of the system, for example that of a locked store of secrets, may stand open for ever.
The loop's own threads are few, shared with name lookups, and are waited for at the end; those
here are made for one piece of work each, and end with the process.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from types import TracebackType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Told:
    """Carries what is raised inside to whoever waits for the answer."""

    def __init__(
        self,
        answer: "Future[T]",
        say: Callable[[BaseException], BaseException] = lambda error: error,
    ) -> None:
        """`say` makes of what was raised what is told."""
        self._answer = answer
        self._say = say

    def __enter__(self) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is not None:
            self._answer.set_exception(self._say(error))
        return True


def begin(work: Callable[[], T]) -> "Future[T]":
    """Starts the work; its answer can be waited for, and cannot be cancelled."""
    answer: Future[T] = Future()
    answer.set_running_or_notify_cancel()

    def run() -> None:
        with Told(answer):
            answer.set_result(work())

    threading.Thread(target=run, name="aside", daemon=True).start()
    return answer


async def aside(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Like asyncio.to_thread. Cancelled, it leaves the work to itself."""
    context = contextvars.copy_context()
    return await asyncio.wrap_future(begin(lambda: context.run(partial(work, *args, **kwargs))))
