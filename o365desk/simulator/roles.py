"""Entra directory roles, what each may do, and who may reset whose password."""

from collections.abc import Iterable
from typing import Final

GLOBAL: Final = "62e90394-69f5-4237-9190-012177145e10"
USER: Final = "fe930be7-5e62-47db-91af-98c3a49a38b1"
LICENSE: Final = "4d6ac14f-3453-41d0-bef9-a3e0c569773a"
HELPDESK: Final = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
READERS: Final = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
WRITERS: Final = "9360feb5-f418-4baa-8175-e2a00bac4301"
GLOBAL_READER: Final = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
PRIVILEGED_ROLE: Final = "e8611ab8-c189-46e8-94e1-60213ab1f814"
PRIVILEGED_AUTHENTICATION: Final = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"
AUTHENTICATION: Final = "c4e39bd9-1100-46d3-8c65-fb160da0071f"
PASSWORD: Final = "966707d0-3269-4727-9be2-8c3a10f19b9d"
GUEST_INVITER: Final = "95e79109-95c0-4d8e-aee3-d01accf2d47b"
MESSAGE_READER: Final = "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b"
REPORTS_READER: Final = "4a5d8f65-41da-4de4-8968-e035b65339cf"
USAGE_READER: Final = "75934031-6c7e-415a-99d7-48dbd49e875e"
GROUPS: Final = "fdd7a751-b60b-444a-984c-02652fe8fa1c"
EXCHANGE: Final = "29232cdf-9323-42fd-ade2-1d097af3e4de"
APPLICATION: Final = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
CLOUD_APPLICATION: Final = "158c047a-c907-4556-b7ef-446551a6b5f7"

NAMES: Final[dict[str, str]] = {
    GLOBAL: "Global Administrator",
    USER: "User Administrator",
    LICENSE: "License Administrator",
    HELPDESK: "Helpdesk Administrator",
    READERS: "Directory Readers",
    WRITERS: "Directory Writers",
    GLOBAL_READER: "Global Reader",
    PRIVILEGED_ROLE: "Privileged Role Administrator",
    PRIVILEGED_AUTHENTICATION: "Privileged Authentication Administrator",
    AUTHENTICATION: "Authentication Administrator",
    PASSWORD: "Password Administrator",
    GUEST_INVITER: "Guest Inviter",
    MESSAGE_READER: "Message Center Reader",
    REPORTS_READER: "Reports Reader",
    USAGE_READER: "Usage Summary Reports Reader",
    GROUPS: "Groups Administrator",
    EXCHANGE: "Exchange Administrator",
    APPLICATION: "Application Administrator",
    CLOUD_APPLICATION: "Cloud Application Administrator",
}

CAN_READ: Final = frozenset(NAMES) - {GUEST_INVITER}
"""Every administrator may read the directory; a guest inviter's GDAP role alone may not [K]."""
CAN_WRITE_USERS: Final = frozenset({GLOBAL, USER})
CAN_RESTORE: Final = frozenset({GLOBAL, USER, WRITERS})
CAN_LICENSE: Final = frozenset({GLOBAL, USER, LICENSE, WRITERS})
CAN_RESET_SYNCED: Final = frozenset({GLOBAL, AUTHENTICATION, PRIVILEGED_AUTHENTICATION})

# The table of G:resources/users.md, "Who can reset passwords"; one row a target role. A target
# role that the table does not name counts as the most protected row.
_ANYONE = frozenset({PASSWORD, HELPDESK, AUTHENTICATION, USER, PRIVILEGED_AUTHENTICATION, GLOBAL})
_TOP = frozenset({PRIVILEGED_AUTHENTICATION, GLOBAL})
_RESETTERS: Final[dict[str, frozenset[str]]] = {
    READERS: _ANYONE,
    GUEST_INVITER: _ANYONE,
    PASSWORD: _ANYONE,
    MESSAGE_READER: _ANYONE - {PASSWORD},
    REPORTS_READER: _ANYONE - {PASSWORD},
    USAGE_READER: _ANYONE - {PASSWORD},
    HELPDESK: _TOP | {HELPDESK, USER},
    AUTHENTICATION: _TOP | {AUTHENTICATION},
    GROUPS: _TOP | {USER},
    USER: _TOP | {USER},
}


def may_reset(actor: frozenset[str], target: Iterable[str], *, role_assignable: bool) -> bool:
    """True when some role of the actor may reset a holder of all the target's roles."""
    allowed = _TOP if role_assignable else _ANYONE
    for role in target:
        allowed &= _RESETTERS.get(role, _TOP)
    return bool(actor & allowed)
