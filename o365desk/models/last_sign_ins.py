"""When users signed in last, as the Users' List shows it: read by a call of its own, later than the
users, and kept apart from them, who are replaced whenever they are read."""

import math
from collections.abc import Sequence
from datetime import datetime

from o365desk.domain.directory import User, UserId
from o365desk.models.words import NOT_READ, NOT_TOLD, full_text, moment_text

NEVER = "never"


class LastSignIns:
    """What is known of one tenant's users. Empty texts as long as nobody has asked for it."""

    def __init__(self) -> None:
        self.at: dict[UserId, datetime | None] = {}
        """Times of those who were told of; None for who never signed in."""
        self.missing = ""
        """Why they are not told, for a list of short notes; empty when they are."""
        self.reading = False
        self.read = 0
        """Users who were told of since `begin`."""
        self.others = ""
        """What stands in the cells of users who were not told of."""
        self._texts: dict[UserId, str] = {}

    def begin(self) -> None:
        """They are being read, anew or for the first time; what is known stays until then."""
        self.reading, self.read = True, 0
        self.missing, self.others = "", NOT_READ

    def take(self, told: Sequence[tuple[UserId, datetime | None]]) -> None:
        """One page of them."""
        self.read += len(told)
        self.at.update(told)
        self._texts.update((user, moment_text(at) if at else NEVER) for user, at in told)

    def end(self, missing: str = "") -> None:
        """No more will come; `missing` says why, unless it was everything."""
        self.reading = False
        self.missing, self.others = missing, NOT_TOLD

    def clear(self) -> None:
        """Another tenant."""
        self.at.clear()
        self._texts.clear()
        self.reading, self.read = False, 0
        self.missing = self.others = ""

    @property
    def asked(self) -> bool:
        """Somebody has asked for them."""
        return self.reading or bool(self.at or self.others)

    def idle(self, user: UserId, since: datetime) -> bool:
        """It is known that the user has not signed in since then, or never."""
        if user not in self.at:
            return False
        at = self.at[user]
        return at is None or at < since

    @property
    def why(self) -> str:
        """The same in a sentence."""
        return f"Last sign-in: {self.missing}."

    def text(self, user: UserId) -> str:
        return self._texts.get(user, self.others)

    def key(self, user: UserId) -> float:
        """To sort by: who never signed in, then whose last time is longest ago; last of all those
        who were not told of."""
        if user not in self.at:
            return math.inf
        at = self.at[user]
        return -math.inf if at is None else at.timestamp()

    def tooltip(self, user: User) -> str:
        """The whole date, or why there is none."""
        at = self.at.get(user.id)
        if at is not None:
            return f"Signed in last on {full_text(at)}"
        if user.id in self.at:
            return "Microsoft has noted no sign-in of this user. It keeps them since April 2020."
        if self.reading:
            return "Being read. Microsoft tells the last sign-ins of 5,000 users a minute."
        if self.missing:
            return self.why
        if user.deleted and self.others:
            return "Microsoft does not tell the last sign-ins of deleted users."
        return "Microsoft has not told of this user; Refresh asks again." if self.others else ""
