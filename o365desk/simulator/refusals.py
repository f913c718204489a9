"""Why the directory refuses something: one reason and Microsoft's text; each face dresses it."""

from enum import StrEnum


class Reason(StrEnum):
    """What went wrong, before it is turned into a status and a code."""

    NOT_FOUND = "not found"
    DENIED = "denied"
    PASSWORD_DENIED = "password denied"
    NO_SEAT = "no seat"
    USAGE_LOCATION = "usage location"
    LICENSE = "license"
    CONFLICT = "conflict"
    INVALID = "invalid"
    READ_ONLY = "read only"


class Refusal(Exception):
    """A request the directory's rules forbid."""

    def __init__(self, reason: Reason, text: str, *, target: str = "", sku: str = "") -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text
        self.target = target
        self.sku = sku


def not_found(key: str) -> Refusal:
    """Text as in samples/graph/user-not-found-404.json."""
    return Refusal(
        Reason.NOT_FOUND,
        f"Resource '{key}' does not exist or one of its queried reference-property objects "
        "are not present.",
        target=key,
    )


def conflict(name: str) -> Refusal:
    """Text as in samples/graph/user-create-upn-conflict-400.json."""
    return Refusal(
        Reason.CONFLICT,
        f"Another object with the same value for property {name} already exists.",
        target=name,
    )


def denied() -> Refusal:
    """Text as in samples/graph/error-403-reset-password.json."""
    return Refusal(Reason.DENIED, "Insufficient privileges to complete the operation.")


INVALID_VALUES = "One or more properties contains invalid values."
PASSWORD_TEXT = (
    "The specified password does not comply with password complexity requirements. "
    "Please provide a different password."
)
SYNCED_TEXT = (
    "Unable to update the specified properties for on-premises mastered Directory Sync objects "
    "or objects currently undergoing migration."
)
INHERITED_TEXT = (
    "User license is inherited from a group membership and it cannot be removed directly "
    "from the user."
)
NOT_HELD_TEXT = "User does not have a corresponding license."
LOCATION_TEXT = "License assignment cannot be done for user with invalid usage location."


def invalid(text: str = INVALID_VALUES, target: str = "") -> Refusal:
    """A bad value; without a target the failing property is not named, as Graph often does."""
    return Refusal(Reason.INVALID, text, target=target)
