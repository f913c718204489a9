"""Hands mails over: through Microsoft Graph in the operator's name, or to an SMTP server."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Literal

from o365desk.domain.creation import email_problem
from o365desk.domain.directory import utc_now
from o365desk.domain.errors import DeskError, MailFailed, OutcomeUnknown, SignInRequired
from o365desk.domain.mail import Mail
from o365desk.domain.passwords import Secret
from o365desk.services.api_client import ApiClient
from o365desk.services.network import tls_context as system_trust
from o365desk.wire.mail import send_mail

Security = Literal["starttls", "tls", "none"]

TIMEOUT = 30.0
"""Seconds, of each step of a conversation with an SMTP server."""

_UNSURE = "The mail may or may not have been sent: the connection broke before it was confirmed."
_ASK = "Ask the recipient before sending it again."


class GraphMailSender:
    """MailSender through POST /me/sendMail, with a token of the operator's own tenant: partner
    tokens for a customer do not reach mail (learn.microsoft.com/graph/auth-cloudsolutionprovider).
    """

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    async def send(self, mail: Mail) -> None:
        """Accepted means queued, not delivered. Raises MailFailed, and SignInRequired where a
        sign-in would bring what is missing: the permission to send is asked for when needed."""
        mail = _checked(mail)
        failure: DeskError | None = None
        try:
            await self._client.send(send_mail(mail), tenant=None)
        except DeskError as error:
            failure = error
        if isinstance(failure, SignInRequired) and failure.need is not None:
            raise failure
        if isinstance(failure, OutcomeUnknown):
            raise _failed(_UNSURE, _ASK, failure)
        if failure is not None:
            raise _failed(f"The mail was not sent. {failure.sentence}", failure.next_step, failure)


class SmtpMailSender:
    """MailSender through an SMTP server; one connection a mail.

    Credentials travel over an encrypted link only, and an encrypted link is one whose certificate
    is trusted.
    """

    def __init__(
        self,
        host: str,
        port: int,
        security: Security,
        sender: str,
        *,
        username: str = "",
        password: Callable[[], Awaitable[Secret]] | None = None,
        tls_context: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """`sender`: the address in From. `password` is asked for each mail when there is a
        `username`; it may raise MailFailed. `tls_context`: None for the system's authorities.
        `timeout` in seconds."""
        self._host = host
        self._port = port
        self._security = security
        self._sender = sender
        self._username = username
        self._password = password
        self._tls_context = tls_context
        self._timeout = timeout
        self._now = now

    async def send(self, mail: Mail) -> None:
        """Accepted by the server is not delivered. Raises MailFailed."""
        mail = _checked(mail)
        if self._username and self._security == "none":
            raise MailFailed(
                "The mail was not sent: the mail account's password would travel unencrypted.",
                next_step="Choose TLS or STARTTLS in the settings file (“smtp”), "
                "or remove the username.",
            )
        message = self._message(mail)
        if self._tls_context is None and self._security != "none":
            self._tls_context = await asyncio.to_thread(system_trust)
        password = None
        if self._username and self._password is not None:
            password = await self._password()
        failure = await self._deliver(mail.to, message, password)
        # Raised out here, so that no exception of the library, which holds what the server said
        # (addresses, at times names), hangs on as its context.
        if failure is not None:
            raise failure

    async def _deliver(
        self, to: str, message: EmailMessage, password: Secret | None
    ) -> MailFailed | None:
        """None when the server took the mail."""
        import aiosmtplib

        smtp = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            tls_context=self._tls_context,
            timeout=self._timeout,
            # The real name of this computer is nobody's business, and looking it up takes time.
            local_hostname="[127.0.0.1]",
        )
        step = "connect"
        try:
            await smtp.connect()
            if password is not None:
                step = "sign in"
                await smtp.login(self._username, password.reveal())
            step = "send"
            await smtp.send_message(message, sender=self._sender, recipients=[to])
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return _smtp_failure(error, step)
        else:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit()
            return None
        finally:
            smtp.close()

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        try:
            sender = Address(addr_spec=self._sender)
            message["From"] = sender
            message["To"] = Address(addr_spec=mail.to)
        except (ValueError, IndexError, MessageError):
            sender = None
        if sender is None:
            raise MailFailed(
                "The mail was not sent: the sender's or the recipient's address is not valid.",
                next_step="Check both addresses.",
            )
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(self._now())
        message["Message-ID"] = make_msgid(domain=sender.domain or "localhost")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.body.reveal())
        return message


def _checked(mail: Mail) -> Mail:
    """The mail with nothing in its address or subject that could become another header."""
    to = mail.to.strip()
    subject = " ".join("".join(c if c.isprintable() else " " for c in mail.subject).split())
    local, _, domain = to.rpartition("@")
    forbidden = any(c in '<>,;:()[]\\"' or not c.isprintable() for c in to)
    if email_problem(to) or forbidden or not local.isascii():
        raise MailFailed(
            "The mail was not sent: the recipient's address cannot be written to.",
            next_step="Enter an address like name@example.com.",
        )
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return Mail(to=f"{local}@{domain}", subject=subject, body=mail.body)


def _failed(sentence: str, next_step: str, error: DeskError) -> MailFailed:
    return MailFailed(
        sentence,
        next_step=next_step,
        refusal=error.refusal,
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        correlation_id=error.correlation_id,
    )


def _smtp_failure(error: Exception, step: str) -> MailFailed:
    """In the operator's words; the server's own are left out, since they may hold names."""
    import aiosmtplib

    code = ""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        code = str(error.recipients[0].code)
    elif isinstance(error, aiosmtplib.SMTPResponseException):
        code = str(error.code)
    sentence, next_step = _smtp_words(error, step, later=code.startswith("4"))
    return MailFailed(sentence, next_step=next_step, code=code)


def _smtp_words(error: Exception, step: str, *, later: bool) -> tuple[str, str]:
    import aiosmtplib

    wait = "Try again in a few minutes."
    if _untrusted(error):
        return (
            "The mail was not sent: the mail server's certificate is not trusted.",
            "Check the server's name in the settings file (“smtp”); have its certificate renewed.",
        )
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return (
            "The mail was not sent: the mail server refused the username or the password.",
            "Correct them in the settings file (“smtp”).",
        )
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPRecipientRefused):
        return (
            "The mail was not sent: the mail server refused the recipient's address.",
            wait if later else "Check the address.",
        )
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return (
            "The mail was not sent: the mail server refused the sender's address.",
            wait if later else "Correct the sender in the settings file (“smtp”).",
        )
    if isinstance(error, aiosmtplib.SMTPResponseException) and step == "send":
        return (
            "The mail was not sent: the mail server refused it.",
            wait if later else "Ask whoever runs the mail server.",
        )
    if step == "send":
        return _UNSURE, _ASK
    if step == "sign in":
        return (
            "The mail was not sent: signing in to the mail server failed.",
            "Check the username and the kind of encryption in the settings file (“smtp”).",
        )
    if isinstance(error, aiosmtplib.SMTPResponseException | ssl.SSLError) or not isinstance(
        error, OSError
    ):
        return (
            "The mail was not sent: the mail server does not offer the encryption that is set.",
            "Check the port and the kind of encryption in the settings file (“smtp”).",
        )
    return (
        "The mail was not sent: the mail server could not be reached.",
        "Check the server and the port in the settings file (“smtp”), and the network.",
    )


def _untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
