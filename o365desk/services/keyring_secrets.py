"""The SMTP account's password in the system's own store of secrets."""

from o365desk.domain.errors import DeskError, MailFailed
from o365desk.domain.passwords import Secret
from o365desk.services.aside import aside
from o365desk.services.keyring_keys import store_errors

SERVICE = "o365desk SMTP"
"""Under which the password is kept; the account beside it is the SMTP username."""


async def smtp_password(username: str) -> Secret:
    """Reads the password in a thread: a store may ask the user to unlock it, and importing
    keyring takes a while. Raises MailFailed, with what to do."""
    answer = await aside(_read, username)
    if isinstance(answer, DeskError):
        raise answer
    return answer


def _read(username: str) -> Secret | DeskError:
    import keyring
    import keyring.errors

    try:
        text = keyring.get_password(SERVICE, username)
    except store_errors() as error:
        return _failure(error)
    if not text:
        return MailFailed(
            "The password of the mail account is not stored on this computer.",
            next_step=f'Store it with the command: keyring set "{SERVICE}" USERNAME',
        )
    return Secret(text)


def _failure(error: Exception) -> DeskError:
    import keyring.errors

    if isinstance(error, keyring.errors.NoKeyringError):
        return MailFailed(
            "This computer has no store for passwords, so the mail account's cannot be kept.",
            next_step="Install one (on Linux GNOME Keyring or KWallet), or send through Microsoft.",
        )
    if isinstance(error, keyring.errors.KeyringLocked):
        return MailFailed(
            "The computer's store of passwords is locked.",
            next_step="Unlock it, then send again.",
        )
    return MailFailed(
        "The computer's store of passwords did not answer as it should.",
        next_step="Unlock or repair it, then send again.",
    )
