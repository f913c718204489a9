"""The shape of a rule that explains a refusal; the rules are in the modules beside this one."""

from dataclasses import dataclass
from enum import StrEnum

from o365desk.domain.access import Service
from o365desk.domain.errors import DeskError, Refusal


class About(StrEnum):
    """What a request is about, as far as the meaning of a refusal depends on it."""

    LICENSES = "licenses"
    CREATE = "create"
    RESTORE = "restore"
    PASSWORD = "password"
    MAIL = "mail"
    LIST = "list"
    CONSENT = "consent"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: which answers it explains, and how.

    An empty condition always holds, and all must hold. Rows are tried in order, the first that
    fits wins: code before text, the particular before the general.
    """

    make: type[DeskError]
    sentence: str
    next_step: str
    refusal: Refusal = Refusal.OTHER
    service: Service | None = None
    statuses: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    """Of the answer itself, of its inner error or of its details."""
    targets: tuple[str, ...] = ()
    """Properties named by details[].target, in lower case."""
    texts: tuple[str, ...] = ()
    """Fragments in lower case, of which one must occur."""
    about: tuple[About, ...] = ()
    any_status: bool = False
    """The text alone decides. Without it, a row with no statuses is for 400 to 499."""


VAGUE = frozenset(
    {"", "Request_BadRequest", "BadRequest", "2000", "3000", "800002", "60000", "400", "2007"}
)
"""Codes that say no more than the status does. Behind any other code a text is looked at only by
a rule that names the code."""

REPORT = "Report this to the makers of the program, with the ids below."
SIGN_IN = "Sign in again."
REFRESH = "Refresh the list."
LATER = "Try again in a few minutes."
