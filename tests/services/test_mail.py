"""Both mail senders, SMTP against a real server."""

import asyncio
import contextlib
import email
import email.policy
import json
import ssl
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from o365desk.domain.access import Access, Service, SignInNeed
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import MailFailed, Refusal, SignInRequired
from o365desk.domain.mail import Mail, password_mail, reset_notice
from o365desk.domain.passwords import Secret
from o365desk.services.api_client import ApiClient
from o365desk.services.mail import GraphMailSender, Security, SmtpMailSender
from o365desk.services.tokens import FixedTokenProvider
from tests.services.clients import client, http
from tests.services.loopback import Answer, Cut, Loopback, answers

PASSWORD = "Canary-Пароль-7"
ACCOUNT = "desk@adatum.example"
ACCOUNT_PASSWORD = "smtp-Canary-secret"
MAIL = Mail("zoe@contoso.example", "Ваш пароль – 你好", Secret(f"Пароль: {PASSWORD}\n."))
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Post:
    """What the server was given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.users: list[bytes] = []
        self.refuse: dict[str, str] = {}
        self.hang_up_at = ""
        self.peers: list[str] = []

    def _said(self, what: str, server: Any) -> str:
        if self.hang_up_at == what:
            server.transport.abort()
        return self.refuse.get(what, "250 OK")

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.peers.append(session.host_name)
        envelope.mail_from = address
        return self._said("MAIL", server)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._said("RCPT", server)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return self._said("DATA", server)

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.users.append(data.login)
        good = (data.login.decode(), data.password.decode()) == (ACCOUNT, ACCOUNT_PASSWORD)
        return AuthResult(success=good, handled=good)


class Tls:
    """A certificate authority, a server it vouches for, and a client that believes it."""

    def __init__(self, name: str = "localhost") -> None:
        authority = trustme.CA()
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(self.server)
        self.client = ssl.create_default_context()
        authority.configure_trust(self.client)


TLS = Tls()


@contextlib.asynccontextmanager
async def smtp_server(post: Post, security: Security, tls: Tls = TLS) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(
            post,
            loop=loop,
            hostname="test",
            enable_SMTPUTF8=True,
            tls_context=tls.server if security == "starttls" else None,
            auth_require_tls=False,
            authenticator=post.authenticate,
        )

    server = await loop.create_server(
        session, "localhost", 0, ssl=tls.server if security == "tls" else None
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def account_password() -> Secret:
    return Secret(ACCOUNT_PASSWORD)


def sender(port: int, security: Security, **options: Any) -> SmtpMailSender:
    options.setdefault("tls_context", TLS.client)
    return SmtpMailSender(
        "localhost", port, security, "Desk@adatum.example", now=lambda: NOW, **options
    )


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
async def test_a_mail_arrives(security: Security) -> None:
    post = Post()
    async with smtp_server(post, security) as port:
        await sender(port, security).send(MAIL)
    (message,) = post.messages
    assert message["Subject"] == MAIL.subject
    assert message["From"] == "Desk@adatum.example"
    assert message["To"] == MAIL.to
    assert message["Date"].datetime == NOW
    assert message["Message-ID"].endswith("@adatum.example>")
    assert message.get_content().replace("\r\n", "\n") == MAIL.body.reveal() + "\n"
    assert post.envelopes == [("Desk@adatum.example", [MAIL.to])]
    assert post.peers == ["[127.0.0.1]"]
    assert post.users == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_signing_in(security: Security) -> None:
    post = Post()
    async with smtp_server(post, security) as port:
        await sender(port, security, username=ACCOUNT, password=account_password).send(MAIL)
    assert post.users == [ACCOUNT.encode()]
    assert len(post.messages) == 1


async def refused(
    post: Post,
    security: Security = "none",
    *,
    served: Security | None = None,
    tls: Tls = TLS,
    mail: Mail = MAIL,
    **options: Any,
) -> MailFailed:
    async with smtp_server(post, served or security, tls) as port:
        with pytest.raises(MailFailed) as caught:
            await sender(port, security, **options).send(mail)
    error = caught.value
    assert error.next_step
    assert error.__context__ is None
    shown = "\n".join((repr(vars(error)), *traceback.format_exception(error)))
    for secret in (PASSWORD, ACCOUNT_PASSWORD, "zoe", "adatum"):
        assert secret not in shown
    return error


async def test_no_password_over_an_open_line() -> None:
    post = Post()
    error = await refused(post, "none", username=ACCOUNT, password=account_password)
    assert "unencrypted" in error.sentence
    assert post.users == []


async def test_a_server_without_starttls_gets_no_password() -> None:
    post = Post()
    error = await refused(
        post, "starttls", served="none", username=ACCOUNT, password=account_password
    )
    assert "encryption" in error.sentence
    assert post.users == []
    assert post.messages == []


async def test_tls_spoken_to_a_plain_server() -> None:
    error = await refused(Post(), "tls", served="none")
    assert "not sent" in error.sentence


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_an_untrusted_certificate(security: Security) -> None:
    post = Post()
    error = await refused(post, security, tls=Tls(), username=ACCOUNT, password=account_password)
    assert "certificate" in error.sentence
    assert post.users == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_for_another_name(security: Security) -> None:
    other = Tls("mail.elsewhere.example")
    error = await refused(Post(), security, tls=other, tls_context=other.client)
    assert "certificate" in error.sentence


async def test_a_wrong_password() -> None:
    async def wrong() -> Secret:
        return Secret("smtp-Canary-secret-not")

    error = await refused(Post(), "starttls", username=ACCOUNT, password=wrong)
    assert "username or the password" in error.sentence
    assert error.code == "535"


async def test_a_password_that_cannot_be_had() -> None:
    async def locked() -> Secret:
        raise MailFailed("The store is locked.", next_step="Unlock it.")

    error = await refused(Post(), "starttls", username=ACCOUNT, password=locked)
    assert error.sentence == "The store is locked."


@pytest.mark.parametrize(
    ("what", "answer", "says", "step"),
    [
        ("RCPT", "550 5.1.1 zoe@contoso.example unknown", "recipient", "Check the address"),
        ("RCPT", "451 4.7.1 zoe greylisted", "recipient", "few minutes"),
        ("MAIL", "550 5.7.1 Desk@adatum.example denied", "sender", "settings"),
        ("DATA", "554 5.7.1 zoe: spam", "refused it", "runs the mail server"),
        ("DATA", "452 4.3.1 full", "refused it", "few minutes"),
    ],
)
async def test_refusals_of_the_server(what: str, answer: str, says: str, step: str) -> None:
    post = Post()
    post.refuse = {what: answer}
    error = await refused(post)
    assert says in error.sentence
    assert step in error.next_step
    assert error.code == answer[:3]


@pytest.mark.parametrize("what", ["MAIL", "RCPT", "DATA"])
async def test_a_cut_while_handing_over_leaves_it_open(what: str) -> None:
    post = Post()
    post.hang_up_at = what
    error = await refused(post)
    assert "may or may not" in error.sentence


async def test_no_server() -> None:
    async with smtp_server(Post(), "none") as port:
        pass
    with pytest.raises(MailFailed, match="could not be reached"):
        await sender(port, "none").send(MAIL)


async def test_a_server_that_hangs_up_at_once_and_one_that_says_nothing() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    silent: list[asyncio.StreamWriter] = []

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        silent.append(writer)

    for behave in (hang_up, say_nothing):
        server = await asyncio.start_server(behave, "localhost", 0)
        with pytest.raises(MailFailed, match="could not be reached"):
            await sender(server.sockets[0].getsockname()[1], "none", timeout=0.2).send(MAIL)
        server.close()
    for writer in silent:
        writer.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b",
        "a@b.example\r\nBcc: eve@evil.example",
        "a@b.example\nBcc:eve@evil.example",
        "a@b.example, eve@evil.example",
        "a@b.example;eve@evil.example",
        "<a@b.example>",
        '"a b"@c.example',
        "a\x00@b.example",
        "a\u2028b@c.example",
        "zoë@contoso.example",
    ],
)
async def test_an_address_that_is_none_or_more_than_one(address: str) -> None:
    post = Post()
    error = await refused(post, mail=Mail(address, "x", Secret("y")))
    assert "cannot be written to" in error.sentence
    assert post.envelopes == []


async def test_a_subject_cannot_become_a_header() -> None:
    post = Post()
    mail = Mail("zoe@contoso.example", "Hello\r\nBcc: eve@evil.example\x00", Secret("x"))
    async with smtp_server(post, "none") as port:
        await sender(port, "none").send(mail)
    (message,) = post.messages
    assert message["Subject"] == "Hello Bcc: eve@evil.example"
    assert message["Bcc"] is None


async def test_a_domain_in_another_script() -> None:
    post = Post()
    async with smtp_server(post, "none") as port:
        await sender(port, "none").send(Mail("info@bücher.example", "x", Secret("y")))
    assert post.envelopes[0][1] == ["info@xn--bcher-kva.example"]


async def test_a_sender_that_is_no_address() -> None:
    async with smtp_server(Post(), "none") as port:
        bad = SmtpMailSender("localhost", port, "none", "not an address\r\nX: y")
        with pytest.raises(MailFailed, match="address is not valid"):
            await bad.send(MAIL)


async def test_the_password_mail_and_the_notice_arrive_whole() -> None:
    post = Post()
    async with smtp_server(post, "none") as port:
        desk = sender(port, "none")
        secret = Secret(PASSWORD)
        await desk.send(
            password_mail("boss@contoso.example", "zoe@contoso.example", secret, must_change=True)
        )
        await desk.send(reset_notice("zoe@contoso.example"))
    first, second = (message.get_content() for message in post.messages)
    assert PASSWORD in first
    assert PASSWORD not in second
    assert post.envelopes[1][1] == ["zoe@contoso.example"]


async def test_system_authorities_are_loaded_when_none_are_given() -> None:
    """The real ones do not know the test's authority."""
    error = await refused(Post(), "starttls", tls_context=None)
    assert "certificate" in error.sentence


# --- Microsoft Graph -------------------------------------------------------------------------


async def test_graph_sends_in_the_operators_name_and_keeps_no_copy() -> None:
    async with Loopback(answers(Answer(202, b""))) as server:
        desk = client(server.hosts)
        await GraphMailSender(desk).send(MAIL)
        await desk.aclose()
    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/v1.0/me/sendMail")
    assert json.loads(seen.body) == {
        "message": {
            "subject": MAIL.subject,
            "body": {"contentType": "text", "content": MAIL.body.reveal()},
            "toRecipients": [{"emailAddress": {"address": MAIL.to}}],
        },
        "saveToSentItems": False,
    }


@pytest.mark.parametrize(
    ("answer", "says", "refusal"),
    [
        (
            Answer(404, b'{"error": {"code": "MailboxNotEnabledForRESTAPI", "message": "x"}}'),
            "no mailbox",
            Refusal.MAILBOX,
        ),
        (
            Answer(403, b'{"error": {"code": "ErrorAccessDenied", "message": "x"}}'),
            "may not send",
            Refusal.MAILBOX,
        ),
        (Answer(cut=Cut.BEFORE_ANSWER), "may or may not", Refusal.OTHER),
        (Answer(504, b""), "may or may not", Refusal.OTHER),
    ],
)
async def test_graph_failures_are_failures_of_the_mail(
    answer: Answer, says: str, refusal: Refusal
) -> None:
    async with Loopback(answers(answer)) as server:
        desk = client(server.hosts)
        with pytest.raises(MailFailed, match=says) as caught:
            await GraphMailSender(desk).send(MAIL)
        await desk.aclose()
    assert len(server.seen) == 1
    assert caught.value.refusal is refusal
    assert caught.value.correlation_id
    assert caught.value.next_step


async def test_graph_is_not_asked_to_write_to_a_bad_address() -> None:
    async with Loopback() as server:
        desk = client(server.hosts)
        with pytest.raises(MailFailed):
            await GraphMailSender(desk).send(Mail("a@b.example, c@d.example", "x", Secret("y")))
        await desk.aclose()
    assert server.seen == []


async def test_graph_tells_which_sign_in_would_bring_the_permission_to_send() -> None:
    need = SignInNeed(Service.GRAPH, None, Access.MAIL)

    def token(_service: Service, _tenant: TenantId | None) -> str:
        raise SignInRequired("The permission has not been granted yet.", need=need)

    desk = ApiClient(http(), FixedTokenProvider(token))
    with pytest.raises(SignInRequired) as caught:
        await GraphMailSender(desk).send(MAIL)
    await desk.aclose()
    assert caught.value.need == need
