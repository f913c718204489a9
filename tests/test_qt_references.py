"""Guards against a PySide6 that gives away references to None and True with every call.

6.12.0 did (upstream PYSIDE-3474): Python 3.11 aborts after some 5,000 calls. From Python 3.12 on
both objects are immortal, their counts never move and these tests cannot fail.
"""

import sys

from PySide6.QtCore import QObject, Signal

CALLS = 500
NOISE = 50
"""References that pytest and the interpreter may take or give meanwhile."""


class Switch(QObject):
    turned = Signal(bool)


def test_calls_that_return_nothing_keep_none() -> None:
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        thing.setObjectName("x")
    assert abs(sys.getrefcount(None) - before) < NOISE


def test_signals_that_carry_a_bool_keep_true() -> None:
    switch = Switch()
    seen = 0

    def count(on: bool) -> None:
        nonlocal seen
        seen += on

    switch.turned.connect(count)
    before = sys.getrefcount(True)
    for _ in range(CALLS):
        switch.turned.emit(True)
    assert abs(sys.getrefcount(True) - before) < NOISE
    assert seen == CALLS
