"""Words of the connection check: one step after the other, each with how it went."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class StepState(StrEnum):
    """How a step of the check went."""

    GOOD = "good"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not tried, because a step before it failed or the connection does not use it."""


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One line of the connection check. No secret, no person's name, no mail address."""

    name: str
    """What was checked: "Name lookup of graph.microsoft.com"."""
    state: StepState
    detail: str = ""
    """What was found, in a sentence."""
    next_step: str = ""
    """What to do about it; empty when there is nothing to do."""
    at: datetime | None = None
    milliseconds: int | None = None
    support_ids: str = ""
    """Request and correlation ids for Microsoft's support (DeskError.support_ids)."""


class ConnectionCheck(Protocol):
    """Runs the check; the steps come as they end. Never raises DeskError."""

    def steps(self) -> AsyncIterator[CheckStep]: ...
