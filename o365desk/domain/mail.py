"""The two mails the program sends: a password on request, and a notice that never holds one."""

from dataclasses import dataclass

from o365desk.domain.passwords import Secret


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain-text mail to one recipient. The body is a Secret: it may hold a password."""

    to: str
    subject: str
    body: Secret


def password_mail(to: str, username: str, password: Secret, *, must_change: bool) -> Mail:
    """S40: "Send Password in Email Upon Completion"."""
    lines = [
        "A password was set for this Office 365 account.",
        "",
        f"Username: {username}",
        f"Password: {password.reveal()}",
        "",
        "Sign in at https://www.office.com.",
    ]
    if must_change:
        lines.append("You will be asked to choose a password of your own at the first sign-in.")
    lines.append("Delete this mail once the password has been used.")
    return Mail(to=to, subject="Your Office 365 password", body=Secret("\n".join(lines)))


def reset_notice(username: str) -> Mail:
    """S41: tells the user at username@domain that the password was reset, without the password:
    the user may be locked out of that mailbox, and others may not be."""
    lines = [
        f"The password of your Office 365 account {username} was reset by an administrator.",
        "",
        "The new password is not in this mail. Your administrator will give it to you.",
        "If you did not ask for this, tell your administrator at once.",
    ]
    return Mail(
        to=username, subject="Your Office 365 password was reset", body=Secret("\n".join(lines))
    )
