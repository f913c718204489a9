"""The guide for registering an app: what is copied, what is opened, and the check."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from o365desk.domain.connections import SignInMethod
from o365desk.domain.diagnostics import CheckStep, StepState
from o365desk.domain.errors import DeskError
from o365desk.domain.permissions import permissions
from o365desk.models.registration import redirect_uris
from o365desk.views.permission_table import permissions_text
from o365desk.views.registration_guide import ConsentLink, RegistrationGuide
from o365desk.views.theme import ROW_HEIGHT
from tests.views.access_samples import APP, CONTOSO, FABRIKAM, LONG, nameless
from tests.views.dialogs import Key, click, focus, host, opened, press, tab_order

PORTAL = "https://entra.microsoft.com/#view/apps"
OWN = ConsentLink("Your organization", f"https://login.example/fabrikam/adminconsent?id={APP}")
CUSTOMER = ConsentLink(LONG, f"https://login.example/contoso/adminconsent?id={APP}")
MISSING = CheckStep("Permission Domain.Read.All", StepState.FAILED, "Not granted.")
BROKER = replace(FABRIKAM, method=SignInMethod.BROKER)


@pytest.fixture
def guide(qtbot: QtBot) -> RegistrationGuide:
    return opened(qtbot, RegistrationGuide(BROKER, PORTAL, (OWN, CUSTOMER), host(qtbot)))


def button(guide: RegistrationGuide, name: str) -> QPushButton:
    (found,) = (one for one in guide.findChildren(QPushButton) if one.accessibleName() == name)
    return found


def test_the_steps_are_numbered(guide: RegistrationGuide) -> None:
    numbers = [one.text() for one in guide.findChildren(QLabel) if one.text()[1:] == "."]
    assert numbers == [f"{number}." for number in range(1, 10)]


def test_every_value_is_copied(guide: RegistrationGuide) -> None:
    for uri in redirect_uris(BROKER):
        click(button(guide, f"Copy {uri.label}"))
        assert QGuiApplication.clipboard().text() == uri.value
    assert guide.summary.full() == "Copied: Linux"
    click(button(guide, "Copy all permissions"))
    copied = QGuiApplication.clipboard().text()
    assert copied == permissions_text(permissions(BROKER))
    lines = copied.splitlines()
    assert lines[0] == "Service\tPermission\tWhat for\tConsent"
    assert len(lines) == len(permissions(BROKER)) + 1
    assert lines[1].startswith("Partner Center\tuser_impersonation\t")
    assert lines[1].endswith("\tYou")


def test_a_row_of_the_table_is_copied_by_keyboard(guide: RegistrationGuide) -> None:
    guide.table.setFocus()
    guide.table.selectRow(0)
    QTest.keySequence(guide.table, QKeySequence(QKeySequence.StandardKey.Copy))
    assert (
        QGuiApplication.clipboard().text()
        == permissions_text(permissions(BROKER)[:1]).split("\n")[1]
    )


@pytest.mark.parametrize("width", [480, 2000])
def test_the_table_shows_every_reason_in_full(
    guide: RegistrationGuide, qtbot: QtBot, width: int
) -> None:
    guide.resize(width, 700)
    table = guide.table
    rows = range(table.rowCount())
    qtbot.waitUntil(lambda: all(table.rowHeight(row) == table.sizeHintForRow(row) for row in rows))
    assert table.height() > sum(table.rowHeight(row) for row in rows)
    assert any(table.rowHeight(row) > ROW_HEIGHT for row in rows) is (width == 480)


def test_without_an_address_none_is_spoken_of(qtbot: QtBot) -> None:
    guide = opened(qtbot, RegistrationGuide(CONTOSO, PORTAL, (), host(qtbot)))
    told = " ".join(one.text() for one in guide.findChildren(QLabel))
    assert "Grant admin consent" in told
    assert "address below" not in told
    assert "customer" not in told


def test_addresses_are_opened_by_the_controller(guide: RegistrationGuide) -> None:
    opened_links = QSignalSpy(guide.open_link_requested)
    click(button(guide, "Open in the browser: the portal"))
    click(button(guide, f"Open in the browser: {LONG}"))
    assert [opened_links.at(0), opened_links.at(1)] == [[PORTAL], [CUSTOMER.url]]
    click(button(guide, "Copy the address: Your organization"))
    assert QGuiApplication.clipboard().text() == OWN.url


def test_the_check_tells_what_is_missing(guide: RegistrationGuide) -> None:
    asked, stopped = QSignalSpy(guide.check_requested), QSignalSpy(guide.check_cancelled)
    guide.check_button.setFocus()
    press(guide, Key.Key_Return)
    assert asked.count() == 1
    assert guide.isVisible(), "Enter pressed Check, not Close"
    guide.set_checking()
    assert guide.progress.isVisible()
    assert guide.check_button.text() == "Cancel"
    guide.add_steps([MISSING])
    guide.check_done()
    assert guide.check_state.text() == guide.summary.text() == "1 failed"
    assert guide.check_list.height() == guide.check_list.sizeHintForRow(0) > 0
    assert not guide.progress.isVisible()
    guide.set_checking()
    assert guide.check_list.steps.rowCount() == 0
    click(guide.check_button)
    assert stopped.count() == 1
    assert guide.check_state.text() == "Cancelled."
    guide.set_checking()
    guide.show_error(DeskError("No connection."))
    assert guide.errors.isVisible()
    assert guide.check_button.text() == "Check again"
    guide.set_checking()
    press(guide, Key.Key_Escape)
    assert stopped.count() == 2


def test_a_check_that_cannot_run_says_why(qtbot: QtBot) -> None:
    reason = "Enter the Application (client) ID first."
    guide = opened(
        qtbot,
        RegistrationGuide(
            replace(CONTOSO, client_id=""), PORTAL, (), host(qtbot), check_refused=reason
        ),
    )
    assert not guide.check_button.isEnabled()
    assert guide.check_state.text() == reason


def test_every_control_has_a_name_and_is_reached(guide: RegistrationGuide) -> None:
    assert focus(guide) is guide.close_button
    assert nameless(guide) == []
    reached = tab_order(guide)
    wanted = (guide.table, guide.check_button, button(guide, "Copy Redirect URI"))
    assert [one for one in wanted if one not in reached] == []
    assert guide.check_list not in reached, "nothing is in it yet"
    guide.check_button.setFocus()
    shown = guide.check_button.visibleRegion().boundingRect()
    assert shown.height() == guide.check_button.height(), "brought into view"
