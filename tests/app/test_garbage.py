"""Garbage is collected in the GUI thread only, and never while a load runs."""

import gc
import threading
import weakref

import pytest

from o365desk.app.garbage import FLOOD, MANY, GarbageTimer


class _Knot:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.me = self


def _tie(many: int) -> "weakref.ref[_Knot]":
    knots = [_Knot() for _ in range(many)]
    return weakref.ref(knots[0])


@pytest.mark.usefixtures("qapp")
def test_threads_collect_nothing_and_the_timer_does() -> None:
    timer = GarbageTimer()
    timer.start()
    try:
        found: list[weakref.ref[_Knot]] = []
        worker = threading.Thread(target=lambda: found.append(_tie(5000)))
        worker.start()
        worker.join()
        assert found[0]() is not None
        timer.look()
        assert found[0]() is None
    finally:
        timer.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


@pytest.mark.usefixtures("qapp")
def test_a_load_is_not_disturbed() -> None:
    timer = GarbageTimer()
    timer.start()
    try:
        with timer.held():
            knot = _tie(5000)
            timer.look()
            assert knot() is not None
        assert gc.get_freeze_count() > 0
    finally:
        timer.stop()
        gc.collect()
    assert knot() is None


@pytest.mark.usefixtures("qapp")
def test_nothing_stays_for_good_because_of_many_small_loads() -> None:
    timer = GarbageTimer()
    timer.start()
    try:
        frozen = gc.get_freeze_count()
        before = _tie(50)
        with timer.held():
            meanwhile = _tie(50)
        gc.collect()
        assert (before(), meanwhile()) == (None, None)
        with timer.held():
            large = [_Knot() for _ in range(MANY + 1)]
        assert gc.get_freeze_count() >= frozen + len(large)
    finally:
        timer.stop()


@pytest.mark.usefixtures("qapp")
def test_what_a_thread_makes_in_masses_is_not_looked_at() -> None:
    """A look at 100,000 objects stalls the window for more than 100 ms."""
    timer = GarbageTimer()
    timer.start()
    visited: list[int] = []

    def noted(phase: str, _info: dict[str, int]) -> None:
        visited.append(len(made)) if phase == "start" else None

    try:
        made = [[number] for number in range(FLOOD + 1)]
        gc.callbacks.append(noted)
        timer.look()
        assert visited == []
        made += [[number] for number in range(FLOOD // 10)]
        timer.look()
        assert visited == [len(made)]
    finally:
        gc.callbacks.remove(noted)
        timer.stop()
