"""Columns as values: adding one to a table touches no model and no view."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column of a table of `R`."""

    key: str
    """Name under which width, order and sort are remembered."""
    title: str
    text: Callable[[R], str]
    """What the cell shows; called once a row, never while painting."""
    sort_key: Callable[[R], Any] | None = None
    """Typed value to sort by; None: the folded text."""
    right: bool = False
    """Align right: numbers."""
    width: int = 16
    """Initial width in average characters."""
    hidden: bool = False
    """Left out until the operator asks for it in the column chooser."""
