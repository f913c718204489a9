"""Passwords: a holder that never prints them, and the policy that can be checked locally."""

from dataclasses import dataclass
from enum import StrEnum

MIN_LENGTH = 8
MAX_LENGTH = 256
CLASSES_NEEDED = 3


class Secret:
    """A password on its way through the program: never shown by repr, str, format or a traceback.

    Call `reveal()` only where the text leaves for Microsoft, a mail or the operator's eyes.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is never pickled")


class PasswordKind(StrEnum):
    """How a generated password is made."""

    CHARACTERS = "characters"
    PASSPHRASE = "passphrase"


@dataclass(frozen=True, slots=True)
class PasswordRule:
    """One line of the live policy check."""

    text: str
    met: bool


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The password panel's answer, the same for Create User and Reset Password (S39)."""

    password: Secret
    must_change: bool = True
    """The user has to choose another one at the next sign-in."""
    send_to: str = ""
    """Address for "Send Password in Email Upon Completion"; compulsory on create only (S40)."""


def check_password(text: str, username: str = "") -> tuple[PasswordRule, ...]:
    """The rules of Entra cloud accounts that can be judged here, each met or not.

    Microsoft also refuses banned words and may know more: meeting all rules is no promise
    (learn.microsoft.com/entra/identity/authentication/concept-sspr-policy).
    """
    classes = sum(
        (
            any(c.islower() for c in text),
            any(c.isupper() for c in text),
            any(c.isdigit() for c in text),
            any(not c.isalnum() and not c.isspace() for c in text),
        )
    )
    name = username.partition("@")[0].casefold()
    rules = [
        PasswordRule(
            f"{MIN_LENGTH} to {MAX_LENGTH} characters", MIN_LENGTH <= len(text) <= MAX_LENGTH
        ),
        PasswordRule("three of: lower case, upper case, digit, symbol", classes >= CLASSES_NEEDED),
        PasswordRule(
            "does not contain the username",
            bool(text) and not (len(name) >= 3 and name in text.casefold()),
        ),
        PasswordRule(
            "no characters from outside ASCII", bool(text) and text.isascii() and text.isprintable()
        ),
    ]
    return tuple(rules)


def acceptable(text: str, username: str = "") -> bool:
    """True when no local rule speaks against the password."""
    return all(rule.met for rule in check_password(text, username))
