"""S39 to S41: the password panel on Create User and on Reset Password, and the mails after it."""

from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QToolButton, QWidget

from o365desk.app.robot import seen
from o365desk.views.create_user import CreateUserDialog
from o365desk.views.password_panel import PasswordPanel
from o365desk.views.reset_password import ResetPasswordDialog
from o365desk.views.sent_mail import SentMailDialog
from tests.app.harness import Running, desk
from tests.seed.sight import account, in_front, words

AMELIA = "Amelia Okafor"
CAPTION = "Send Password in Email Upon Completion"


async def open_reset(running: Running, who: str) -> ResetPasswordDialog:
    await running.robot.act(who, "Reset Password")
    dialog = await running.robot.opened(ResetPasswordDialog)
    await seen(dialog.panel.generated.text, "a password is generated")
    return dialog


async def open_create(running: Running) -> CreateUserDialog:
    await in_front(running)
    running.robot.click(running.program.window.users.create_button)
    dialog = await running.robot.opened(CreateUserDialog)
    await seen(lambda: dialog.domain.count() > 0, "the domains are read")
    await seen(dialog.panel.generated.text, "a password is generated")
    return dialog


def options(panel: PasswordPanel) -> list[tuple[str, str, object]]:
    """What can be chosen and filled in now: kind, caption, and how it stands."""
    found: list[tuple[str, str, object]] = []
    for part in panel.findChildren(QWidget):
        if not part.isVisible():
            continue
        if isinstance(part, QAbstractButton):
            caption = part.text() or part.accessibleName()
            found.append((type(part).__name__, caption, part.isChecked()))
        elif isinstance(part, QLineEdit):
            caption = part.accessibleName().removesuffix(", required")
            found.append((type(part).__name__, caption, part.echoMode().name))
    return found


async def test_s39_the_same_options_as_for_a_new_user() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        reset = await open_reset(running, AMELIA)
        generated = options(reset.panel)
        robot.click(reset.panel.type_choice)
        typed = options(reset.panel)
        rules = [rule.text.text() for rule in reset.panel.rule_labels]
        reset.close()
        await robot.closed(ResetPasswordDialog)

        create = await open_create(running)
        assert options(create.panel) == generated
        robot.click(create.panel.type_choice)
        assert options(create.panel) == typed
        assert [rule.text.text() for rule in create.panel.rule_labels] == rules
        assert type(create.panel) is type(reset.panel)
        captions = {caption for _kind, caption, _state in generated + typed}
        assert captions == {
            "Generate automatically",
            "Let me type the password",
            "Characters",
            "Passphrase",
            "Generate another",
            "Generated password",
            "Password",
            "Show the password",
            "Require a change at the next sign-in",
            CAPTION,
        }


async def test_s40_the_mail_is_compulsory_on_create_only() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        reset = await open_reset(running, AMELIA)
        assert CAPTION in words(reset)
        assert "required" not in words(reset)
        assert reset.panel.mail.text() == ""
        assert reset.reset_button.isEnabled()
        robot.type(reset.panel.mail, "no address")
        assert not reset.reset_button.isEnabled()
        reset.close()
        await robot.closed(ResetPasswordDialog)

        create = await open_create(running)
        robot.type(create.first_name, "Wilma")
        robot.type(create.last_name, "Berg")
        assert CAPTION in words(create)
        assert "required" in words(create)
        assert create.panel.mail.text() == ""
        assert not create.create_button.isEnabled()
        assert create.problem() == "Enter the address that shall receive the password."
        robot.type(create.panel.mail, "wilma@home.example")
        assert create.problem() == ""
        assert create.create_button.isEnabled()
        assert running.writes() == []


async def test_s40_the_password_goes_to_the_address_given() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        create = await open_create(running)
        robot.type(create.first_name, "Wilma")
        robot.type(create.last_name, "Berg")
        robot.type(create.panel.mail, "wilma@home.example")
        password = create.panel.generated.text()
        robot.click(create.create_button)
        await seen(lambda: create.result_panel is not None, "the user is created")
        made = account(running, "well_stocked", "Wilma Berg")
        assert made["password"] == password
        assert made["userPrincipalName"] == "wilma.berg@tallpine.example"
        (mail,) = outbox(running)
        assert mail["to"] == ["wilma@home.example"]
        assert password in mail["content"]

        robot.click(create.close_button)
        await robot.closed(CreateUserDialog)
        reset = await open_reset(running, AMELIA)
        robot.type(reset.panel.mail, "somebody@home.example")
        password = reset.panel.generated.text()
        robot.click(reset.reset_button)
        await seen(lambda: reset.result_panel is not None, "the password is reset")
        assert account(running, "well_stocked", AMELIA)["password"] == password
        mail = outbox(running)[-1]
        assert len(outbox(running)) == 2
        assert mail["to"] == ["somebody@home.example"]
        assert password in mail["content"]


@pytest.mark.parametrize("direct", [False, True], ids=["reseller", "customer"])
async def test_s41_without_an_address_a_notice_goes_to_the_user(direct: bool) -> None:
    purpose = "direct" if direct else "well_stocked"
    async with desk(purpose, direct=direct) as running:
        robot = running.robot
        reset = await open_reset(running, AMELIA)
        password = reset.panel.generated.text()
        assert reset.panel.mail.text() == ""
        robot.click(reset.reset_button)
        await seen(lambda: reset.result_panel is not None, "the password is reset")
        assert account(running, purpose, AMELIA)["password"] == password
        (mail,) = outbox(running)
        assert mail["to"] == ["amelia.okafor@tallpine.example"]
        assert mail["subject"] == "Your Office 365 password was reset"
        assert "was reset by an administrator" in mail["content"]
        assert password not in mail["subject"] + mail["content"]
        told = "A notice without the password was sent to amelia.okafor@tallpine.example."
        assert told in words(reset)
        robot.click(reset.close_button)
        await robot.closed(ResetPasswordDialog)

        # The demo shows what went out.
        window = running.program.window
        robot.click(next(b for b in window.findChildren(QToolButton) if b.text() == "Sent mail"))
        sent = await robot.opened(SentMailDialog)
        await seen(lambda: sent.list.count() == 1, "the mail is listed")
        assert sent.body.toPlainText() == mail["content"]


def outbox(running: Running) -> list[dict[str, Any]]:
    """What Microsoft was asked to send, oldest first."""
    return [dict(mail) for mail in running.simulator.outbox]
