"""Everything that can go wrong between the program and Microsoft, in the operator's words."""

from enum import StrEnum

from o365desk.domain.access import SignInNeed
from o365desk.domain.licensing import SkuId


class Refusal(StrEnum):
    """Why Microsoft refused, where the screen can help with more than a sentence."""

    OTHER = "other"
    NO_SEAT = "no seat"
    USAGE_LOCATION = "usage location"
    INHERITED = "inherited"
    NOT_HELD = "not held"
    SKU_GONE = "sku gone"
    DEPENDENCY = "dependency"
    EXCLUSIVE = "exclusive"
    NAME_TAKEN = "name taken"
    ADDRESS_TAKEN = "address taken"
    INVALID_NAME = "invalid name"
    PASSWORD = "password"
    SYNCED = "synced"
    EXTERNAL = "external"
    ROLE_MISSING = "role missing"
    RELATIONSHIP = "relationship"
    MFA = "mfa"
    CONSENT = "consent"
    """The application lacks permissions: the consent link helps (wire.clouds)."""
    AGREEMENT = "agreement"
    STALE = "stale"
    NOT_PREMIUM = "not premium"
    MAILBOX = "mailbox"
    UNSUPPORTED = "unsupported"
    OUR_REQUEST = "our request"
    """The request itself was malformed: a bug of this program."""


class DeskError(Exception):
    """Base of all expected failures; nothing else crosses a port.

    `str()` gives the sentence for the operator. It never holds a token, a password or the name of
    a person: those may stand in the texts Microsoft sends, which are kept out.
    """

    def __init__(
        self,
        sentence: str,
        *,
        next_step: str = "",
        refusal: Refusal = Refusal.OTHER,
        sku_ids: tuple[SkuId, ...] = (),
        status: int = 0,
        code: str = "",
        request_id: str = "",
        correlation_id: str = "",
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step
        self.refusal = refusal
        self.sku_ids = sku_ids
        """SKUs the refusal speaks of, where it names any: the dialog puts the sentence there."""
        self.status = status
        self.code = code
        self.request_id = request_id
        self.correlation_id = correlation_id

    @property
    def support_ids(self) -> str:
        """What Microsoft's support asks for, on one line; empty when there is nothing to give."""
        parts = (
            f"HTTP {self.status}" if self.status else "",
            f"code {self.code}" if self.code else "",
            f"request-id {self.request_id}" if self.request_id else "",
            f"correlation-id {self.correlation_id}" if self.correlation_id else "",
        )
        return ", ".join(part for part in parts if part)


class SignInRequired(DeskError):
    """The token is missing, expired, revoked, or lacks a claim; `claims` is a CAE challenge.

    `need` is what an interactive sign-in has to bring; None when signing in would not help.
    """

    def __init__(
        self, sentence: str, *, claims: str = "", need: SignInNeed | None = None, **rest: object
    ) -> None:
        super().__init__(sentence, **rest)  # type: ignore[arg-type]
        self.claims = claims
        self.need = need


class AccessDenied(DeskError):
    """The operator may not do this: role, GDAP relationship, agreement or licence of the tenant."""


class NotFound(DeskError):
    """The user, tenant or subscription is not there (any more, or not yet)."""


class Conflict(DeskError):
    """Microsoft understood and refused; `refusal` tells why. Nothing was changed."""


class Throttled(DeskError):
    """Too many requests; `retry_after` seconds is Microsoft's wish, None when it named none."""

    def __init__(self, sentence: str, *, retry_after: float | None = None, **rest: object) -> None:
        super().__init__(sentence, **rest)  # type: ignore[arg-type]
        self.retry_after = retry_after


class Unreachable(DeskError):
    """No connection, and certainly nothing was changed."""


class ServerFault(DeskError):
    """Microsoft's side failed and says so (5xx)."""


class OutcomeUnknown(DeskError):
    """A write was sent and no answer came: it may or may not have happened. Never repeated."""


class UnexpectedReply(DeskError):
    """The answer is not what the service documents: cut short, not JSON, of another shape."""


class ReadOnly(DeskError):
    """The data on screen cannot be changed: it is a snapshot, or the role allows reading only."""


class MailFailed(DeskError):
    """A mail could not be handed over. What it was about has happened all the same."""
