"""Makes passwords: strong, readable aloud, and always within Entra's rules."""

import secrets
from functools import cache

from o365desk.domain.passwords import PasswordKind, Secret, acceptable

LOWER = "abcdefghijkmnpqrstuvwxyz"
UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "23456789"
"""Without l, 1, I, O, o and 0, which are taken for one another."""

SYMBOLS = "!#$%*+-=?@"
"""No quotes, brackets, & or \\: they suffer in shells, mails and spreadsheets."""

LENGTH = 16
WORDS = 5
"""Five of some 6,000 words, a digit and its place: 67 bits."""

_CHANCE = secrets.SystemRandom()
_TRIES = 50


def generate(kind: PasswordKind, username: str = "") -> Secret:
    """A new password, from the system's cryptographic source of chance.

    Never holds the part of `username` before the @, and meets every rule of
    `domain.passwords.check_password`.
    """
    for attempt in range(_TRIES):
        # Nearly every phrase may hold a username such as "ing": characters get round any.
        phrase = kind is PasswordKind.PASSPHRASE and attempt < _TRIES // 2
        text = _phrase() if phrase else _characters()
        if acceptable(text, username):
            return Secret(text)
    raise AssertionError("no acceptable password was found: the policy and this module disagree")


def _characters() -> str:
    """At least one of each class; a letter first, so that nothing takes it for a formula."""
    classes = (LOWER, UPPER, DIGITS, SYMBOLS)
    first = _CHANCE.choice(LOWER + UPPER)
    rest = [_CHANCE.choice(alphabet) for alphabet in classes]
    rest += [_CHANCE.choice("".join(classes)) for _ in range(LENGTH - 1 - len(rest))]
    _CHANCE.shuffle(rest)
    return first + "".join(rest)


def _phrase() -> str:
    """Such as Walnut-Copper-Lantern7-Meadow-Trumpet."""
    words = [_CHANCE.choice(_words()).capitalize() for _ in range(WORDS)]
    place = _CHANCE.randrange(WORDS)
    words[place] += _CHANCE.choice(DIGITS)
    return "-".join(words)


@cache
def _words() -> tuple[str, ...]:
    """EFF's long list, without words that are too short or too long to read out."""
    from xkcdpass import xkcd_password

    found = xkcd_password.generate_wordlist(
        wordfile="eff-long", min_length=4, max_length=8, valid_chars="[a-z]"
    )
    return tuple(sorted(found))
