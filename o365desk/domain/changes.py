"""What changed in a directory since it was listed: the cheap second refresh."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NewType

from o365desk.domain.directory import User, UserId
from o365desk.domain.errors import DeskError

ChangeMark = NewType("ChangeMark", str)
"""A point in time as the service writes it; opaque, and of one tenant only."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that happened to the users of one tenant between two marks."""

    changed: Sequence[User]
    """Users as they are now, new ones among them, licenses included."""
    gone: frozenset[UserId]
    """Users who are deleted, or purged."""
    mark: ChangeMark = field(repr=False)
    """From here the next reading goes on."""


class ChangesLost(DeskError):
    """The service no longer knows the mark: everything has to be listed anew."""
