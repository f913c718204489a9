"""Creating a user: the order and the checks that need no network."""

import re
import unicodedata
from dataclasses import dataclass

from o365desk.domain.licensing import LicenseGrant
from o365desk.domain.passwords import NewPassword

_USERNAME = re.compile(r"[A-Za-z0-9'._!#^~-]+")
_LOCATION = re.compile(r"[A-Z]{2}")
_SPELLED = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"}
)
"""Latin letters that Unicode does not take apart into a plain letter and an accent."""


@dataclass(frozen=True, slots=True)
class NewUser:
    """Everything Create User asks for; `licenses` follow in a call of their own."""

    first_name: str
    last_name: str
    display_name: str
    username: str
    """Full user principal name, name@domain."""
    location: str
    """ISO 3166 alpha-2; may be empty as long as `licenses` is."""
    password: NewPassword
    licenses: tuple[LicenseGrant, ...] = ()


def username_problem(name: str) -> str:
    """What is wrong with the part before the @, as a sentence; empty when nothing is.

    Rule: learn.microsoft.com/graph/api/user-post-users, userPrincipalName.
    """
    if not name:
        return "Enter a username."
    if not name.isascii():
        return "A username has no accents or letters outside A to Z."
    if not _USERNAME.fullmatch(name):
        return "A username may hold letters, digits and ' . - _ ! # ^ ~ only."
    if name.startswith(".") or name.endswith(".") or ".." in name:
        return "A username neither starts nor ends with a dot, nor has two in a row."
    if len(name) > 64:
        return "A username has at most 64 characters."
    return ""


def location_problem(location: str) -> str:
    """What is wrong with a usage location, as a sentence; empty when nothing is."""
    if location and not _LOCATION.fullmatch(location):
        return "A location is a country code of two letters, such as DE."
    return ""


def email_problem(address: str) -> str:
    """What is wrong with a mail address; empty when it can be tried."""
    local, at, domain = address.strip().rpartition("@")
    if not address.strip():
        return "Enter the address that shall receive the password."
    if not at or not local or "." not in domain or any(c.isspace() for c in address.strip()):
        return "This is not a mail address; it looks like name@example.com."
    return ""


def suggested_username(first_name: str, last_name: str) -> str:
    """ "Zoë", "van der Berg" -> "zoe.vanderberg"; empty where no letter of A to Z remains, as in
    most names that are not written in Latin letters: guessing a transliteration would offend."""
    parts = (_plain(first_name), _plain(last_name))
    return ".".join(part for part in parts if part)[:64].rstrip(".")


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_SPELLED))
    return "".join(c for c in folded if c.isascii() and (c.isalnum() or c == "-")).strip("-")
