"""Fails whatever touches the network, for tests of what must not."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Guard:
    """Python's audit hook, which stays for good and is asleep between the tests that need it."""

    def __init__(self) -> None:
        self.awake = False
        self.touched: list[str] = []
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.awake or not event.startswith("socket."):
            return
        if event == "socket.__new__" and arguments[1] == socket.AF_UNIX:
            return  # the loop's own pair
        self.touched.append(event)
        raise AssertionError(f"the network is touched: {event}")


_guards: list[Guard] = []


@contextmanager
def no_network() -> Iterator[None]:
    """Fails on every socket that is made, name that is looked up, connection that is begun."""
    if not _guards:
        _guards.append(Guard())
    guard = _guards[0]
    guard.touched.clear()
    guard.awake = True
    try:
        yield
    finally:
        guard.awake = False
    assert guard.touched == []
