"""Starting coroutines: reads that can be cancelled at any time, writes that never are."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any

from o365desk.domain.errors import DeskError

OnError = Callable[[DeskError], None]


class Scope:
    """Reads that live as long as a window, a dialog or a tenant; `cancel()` ends them all."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()

    @property
    def busy(self) -> bool:
        return bool(self._tasks)


class TaskRunner:
    """Keeps every task alive, and looks at how it ended.

    Cancellation is silent, a DeskError goes to the `on_error` given at the start, and anything
    else is a bug of ours and goes to the crash reporter.
    """

    def __init__(self, on_error: OnError, on_bug: Callable[[BaseException], None]) -> None:
        self._on_error = on_error
        self._on_bug = on_bug
        self._reads: set[asyncio.Task[None]] = set()
        self._writes: set[asyncio.Task[None]] = set()
        self._latest: dict[Hashable, asyncio.Task[None]] = {}
        self._closing = False

    def read(
        self,
        work: Coroutine[Any, Any, None],
        *,
        name: str,
        scope: Scope | None = None,
        on_error: OnError | None = None,
    ) -> "asyncio.Task[None]":
        """Starts work that changes nothing at Microsoft."""
        task = self._start(work, name, self._reads, on_error)
        if scope is not None:
            scope.add(task)
        return task

    def latest(
        self,
        key: Hashable,
        work: Coroutine[Any, Any, None],
        *,
        name: str,
        scope: Scope | None = None,
        on_error: OnError | None = None,
    ) -> "asyncio.Task[None]":
        """A read that replaces the one before it under the same key: no stale result wins."""
        before = self._latest.get(key)
        if before is not None:
            before.cancel()
        task = self.read(work, name=name, scope=scope, on_error=on_error)
        self._latest[key] = task
        return task

    def cancel(self, key: Hashable) -> None:
        """Ends the read that runs under a key, if any."""
        task = self._latest.get(key)
        if task is not None:
            task.cancel()

    def running(self, key: Hashable) -> bool:
        """Whether a read runs under a key."""
        return key in self._latest

    def write(
        self, work: Coroutine[Any, Any, None], *, name: str, on_error: OnError | None = None
    ) -> "asyncio.Task[None]":
        """Starts work that changes something: cancelling a POST would not undo it, so nothing
        cancels this, and closing the program waits for it."""
        return self._start(work, name, self._writes, on_error)

    @property
    def writing(self) -> bool:
        return bool(self._writes)

    async def writes_ended(self, timeout: float) -> bool:
        """Waits for the writes under way, `timeout` seconds at the most; False when some still
        run. Reads go on: what a write was about may have to be read again."""
        if self._writes:
            await asyncio.wait(tuple(self._writes), timeout=timeout)
        return not self._writes

    async def drain(self, timeout: float) -> bool:
        """The end: cancels reads, waits for writes; False when some still run."""
        self._closing = True
        for task in tuple(self._reads):
            task.cancel()
        if self._reads:
            await asyncio.wait(tuple(self._reads))
        return await self.writes_ended(timeout)

    def _start(
        self,
        work: Coroutine[Any, Any, None],
        name: str,
        kept: set["asyncio.Task[None]"],
        on_error: OnError | None,
    ) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work, name=name)
        kept.add(task)

        def done(ended: "asyncio.Task[None]") -> None:
            kept.discard(ended)
            for key in [key for key, held in self._latest.items() if held is ended]:
                del self._latest[key]
            if ended.cancelled():
                return
            error = ended.exception()
            if error is None:
                return
            if isinstance(error, DeskError):
                if not self._closing:
                    (on_error or self._on_error)(error)
            else:
                self._on_bug(error)

        task.add_done_callback(done)
        return task
