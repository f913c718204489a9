"""The dialog about a customer's permissions: both ways, by mouse and keyboard."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from o365desk.domain.connections import Connection, Mode
from o365desk.domain.errors import AccessDenied
from o365desk.domain.permissions import permissions
from o365desk.views.consent_dialog import ConsentDialog
from tests.views.dialogs import TENANT, Key, click, focus, host, opened, press, tab_order

ASKED = permissions(Connection("one", "One", Mode.RESELLER, "t", "app"))
ADDRESS = "https://login.example/contoso/adminconsent?client_id=app"


@pytest.fixture
def dialog(qtbot: QtBot) -> ConsentDialog:
    return opened(qtbot, ConsentDialog(TENANT, ASKED, ADDRESS, host(qtbot)))


def test_it_names_the_customer_and_every_permission(dialog: ConsentDialog) -> None:
    assert dialog.tenant.text() == TENANT
    shown = [dialog.table.item(row, 1) for row in range(dialog.table.rowCount())]
    assert [cell.text() for cell in shown if cell is not None] == [one.scope for one in ASKED]


def test_nothing_is_granted_by_a_stray_enter(dialog: ConsentDialog) -> None:
    asked = QSignalSpy(dialog.grant_requested)
    assert focus(dialog) is dialog.close_button
    press(dialog, Key.Key_Return)
    assert dialog.isHidden()
    assert asked.count() == 0


def test_every_way_is_reached_by_keyboard(dialog: ConsentDialog) -> None:
    order = tab_order(dialog)
    ways = [dialog.grant_button, dialog.open_button, dialog.copy_button]
    assert [one for one in order if one in ways] == ways
    asked = QSignalSpy(dialog.grant_requested)
    dialog.grant_button.setFocus()
    press(dialog, Key.Key_Return)
    assert asked.count() == 1


def test_the_link_is_copied_and_opened(dialog: ConsentDialog) -> None:
    click(dialog.copy_button)
    assert QGuiApplication.clipboard().text() == ADDRESS
    assert dialog.summary.full() == "Link copied"
    opening = QSignalSpy(dialog.open_link_requested)
    click(dialog.open_button)
    assert opening.at(0) == [ADDRESS]


def test_while_it_is_granted_nothing_else_can_be_done(dialog: ConsentDialog) -> None:
    dialog.set_busy("Granting the permissions…")
    assert not dialog.grant_button.isEnabled()
    press(dialog, Key.Key_Escape)
    assert dialog.isVisible()
    dialog.show_error(AccessDenied("No.", next_step="Ask."))
    assert dialog.errors.sentence.text() == "No."
    assert dialog.grant_button.isEnabled()
    assert dialog.close_button.isEnabled()
