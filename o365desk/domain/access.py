"""What a token is wanted for: which service, which directory, with which permission."""

from dataclasses import dataclass, field
from enum import StrEnum

from o365desk.domain.directory import TenantId


class Service(StrEnum):
    """A Microsoft service with a token audience of its own."""

    GRAPH = "graph"
    PARTNER_CENTER = "partner center"


class Access(StrEnum):
    """What a call needs permission for: each set of scopes is asked for when first needed."""

    DIRECTORY = "directory"
    """Users and licenses: what the program is for."""
    RELATIONS = "relations"
    """The reseller's list of GDAP relationships, in the reseller's own tenant."""
    MAIL = "mail"
    """Sending mail from the operator's own mailbox."""
    SIGN_INS = "sign-ins"
    """When users signed in last."""


@dataclass(frozen=True, slots=True)
class SignInNeed:
    """The token that could not be had silently: what an interactive sign-in has to bring."""

    service: Service
    tenant: TenantId | None = None
    """Whose directory shall issue the token; None: the operator's own."""
    access: Access = Access.DIRECTORY
    claims: str = field(default="", repr=False)
    """A claims challenge that the sign-in has to satisfy, as JSON."""
    mfa: bool = False
    """A second factor is demanded, whatever the session already has."""
