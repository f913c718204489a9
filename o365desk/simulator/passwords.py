"""The password policy of cloud accounts."""

from o365desk.simulator.refusals import PASSWORD_TEXT, Refusal, invalid

# Entra's banned list is secret and fuzzy; these few roots, after its published substitutions,
# are enough to show the refusal [K].
BANNED = ("password", "welcome", "contoso", "letmein", "qwerty", "microsoft")
_SUBSTITUTIONS = str.maketrans({"0": "o", "1": "l", "$": "s", "@": "a", "!": "i", "3": "e"})


def check(password: str, upn: str, banned: tuple[str, ...] = ()) -> None:
    """Raises the service's refusal when the password breaks a rule."""
    if fault(password, upn, banned):
        raise refusal()


def refusal() -> Refusal:
    """One text for all causes: the service does not tell which."""
    return invalid(PASSWORD_TEXT, "password")


def fault(password: str, upn: str, banned: tuple[str, ...] = ()) -> str:
    """Which rule is broken, for tests and logs; empty when none."""
    if not 8 <= len(password) <= 256:
        return "length"
    classes = (
        any(letter.islower() for letter in password),
        any(letter.isupper() for letter in password),
        any(letter.isdigit() for letter in password),
        any(not letter.isalnum() for letter in password),
    )
    if sum(classes) < 3:
        return "classes"
    folded = password.casefold()
    plain = folded.translate(_SUBSTITUTIONS)
    # A banned root inside a long phrase only lowers the score; a short password fails with it.
    if any(word in plain and len(plain) - len(word) < 5 for word in BANNED + banned):
        return "banned"
    name = upn.partition("@")[0].casefold()
    if len(name) > 2 and name in folded:
        return "user name"
    return ""
