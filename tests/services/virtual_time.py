"""An event loop whose time is only counted: what takes an hour there is over at once."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    """Never waits: the time that would have passed is added to the loop's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise AssertionError("everybody waits for something that will never come")
        self.waited += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` starts at 0. `jump` moves it on, as a laptop's clock does that was asleep."""

    def __init__(self) -> None:
        self._counted = _Selector()
        super().__init__(self._counted)

    def time(self) -> float:
        return self._counted.waited

    def jump(self, seconds: float) -> None:
        self._counted.waited += seconds


def run(main: Coroutine[Any, Any, T], loop: VirtualLoop | None = None) -> T:
    """Runs a coroutine in counted time; one that hangs is an AssertionError."""
    loop = loop or VirtualLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.close()
