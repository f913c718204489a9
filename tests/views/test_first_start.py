"""The assistant of the first start, walked through with the keyboard alone and with the mouse."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from o365desk.domain.connections import Cloud, Connection, Mode, SignInMethod
from o365desk.domain.errors import DeskError
from o365desk.views import theme
from o365desk.views.connection_form import FormFacts
from o365desk.views.first_start import FirstStartDialog
from tests.views.access_samples import APP, FABRIKAM, child, nameless
from tests.views.dialogs import Key, click, focus, host, opened, press, tab_order, type_into

NO_BROKER = "Not installed on this computer."
FACTS = FormFacts(
    others=(FABRIKAM,),
    cloud_limit=lambda one: "No passwords here." if one.cloud is Cloud.CHINA else "",
    methods_refused={SignInMethod.BROKER: NO_BROKER},
)


@pytest.fixture
def dialog(qtbot: QtBot) -> FirstStartDialog:
    return opened(qtbot, FirstStartDialog(FACTS, host(qtbot)))


def keys(dialog: FirstStartDialog, text: str) -> None:
    """Types where the keyboard stands."""
    QTest.keyClicks(focus(dialog), text)


def made(dialog: FirstStartDialog) -> list[Connection]:
    found: list[Connection] = []
    dialog.connection_made.connect(found.append)
    return found


def test_the_whole_way_by_keyboard(dialog: FirstStartDialog, look: theme.Theme) -> None:
    connections = made(dialog)
    assert not dialog.next_button.isEnabled()
    press(dialog, Key.Key_Space)
    press(dialog, Key.Key_Return)
    assert dialog.step == 1
    keys(dialog, "https://www.fabrikam.example/shop")
    press(dialog, Key.Key_Return)
    keys(dialog, f" {APP.upper()} ")
    press(dialog, Key.Key_Return)
    assert dialog.step == 3
    press(dialog, Key.Key_Down)
    press(dialog, Key.Key_Return)
    assert dialog.next_button.text() == "Finish"
    assert dialog.form.name.text() == "Customers of fabrikam.example"
    press(dialog, Key.Key_Return)
    (connection,) = connections
    assert connection == Connection(
        "",
        "Customers of fabrikam.example",
        Mode.RESELLER,
        "fabrikam.example",
        APP,
        method=SignInMethod.DEVICE_CODE,
    )
    assert dialog.isVisible(), "the controller has not accepted it yet"


def at_the_end(dialog: FirstStartDialog, mode: Mode = Mode.DIRECT) -> None:
    dialog.start.set_value(mode)
    click(dialog.next_button)
    type_into(dialog.form.tenant, "contoso")
    click(dialog.next_button)
    type_into(dialog.form.client_id, APP)
    click(dialog.next_button)
    click(dialog.next_button)


def test_back_loses_nothing(dialog: FirstStartDialog) -> None:
    at_the_end(dialog)
    type_into(dialog.form.name, "Us")
    click(dialog.form.rights.buttons[1])
    for _ in range(4):
        QTest.keyClick(focus(dialog), Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert dialog.step == 0
    assert not dialog.back_button.isEnabled()
    for _ in range(4):
        click(dialog.next_button)
    connections = made(dialog)
    click(dialog.next_button)
    (connection,) = connections
    assert connection.name == "Us"
    assert not connection.write
    assert connection.tenant == "contoso.onmicrosoft.com"
    assert connection.mode is Mode.DIRECT


def test_a_bad_tenant_is_told_where_it_stands(dialog: FirstStartDialog) -> None:
    dialog.start.set_value(Mode.DIRECT)
    click(dialog.next_button)
    field = dialog.form.tenant_field
    assert dialog.summary.full() == "Enter the tenant id or a domain of your organization."
    keys(dialog, "not a tenant")
    assert not dialog.next_button.isEnabled()
    assert not field.problem.isVisible(), "nobody is interrupted while typing"
    press(dialog, Key.Key_Return)
    assert dialog.step == 1
    assert field.problem.isVisible()
    assert dialog.form.tenant.accessibleDescription() == field.problem.text()
    type_into(dialog.form.tenant, "contoso")
    assert not field.problem.isVisible()
    assert field.hint.text() == "Understood as contoso.onmicrosoft.com"
    dialog.form.cloud.setCurrentIndex(dialog.form.cloud.findData(Cloud.CHINA))
    assert field.hint.text() == "Understood as contoso.partner.onmschina.cn"
    assert dialog.form.cloud_field.hint.text() == "No passwords here."


def test_the_summary_lists_what_will_be_asked_for(dialog: FirstStartDialog) -> None:
    at_the_end(dialog, Mode.RESELLER)
    table = dialog.form.permissions

    def scopes() -> set[str]:
        cells = [table.item(row, 1) for row in range(table.rowCount())]
        return {cell.text() for cell in cells if cell is not None}

    assert {"user_impersonation", "User.ReadWrite.All", "Mail.Send"} <= scopes()
    click(dialog.form.rights.buttons[1])
    assert "User.Read.All" in scopes()
    assert not {"User.ReadWrite.All", "Mail.Send"} & scopes()
    assert dialog.form.graph.isVisible()
    click(dialog.form.graph)
    assert scopes() == {"user_impersonation"}
    assert table.height() >= table.verticalHeader().length(), "the page scrolls, not the table"


def test_an_own_organization_has_no_gdap_to_choose(dialog: FirstStartDialog) -> None:
    at_the_end(dialog)
    assert not dialog.form.graph.isVisible()


def test_what_this_computer_cannot_do_says_why(dialog: FirstStartDialog) -> None:
    at_the_end(dialog)
    click(dialog.back_button)
    broker = dialog.form.method.buttons[2]
    assert not broker.isEnabled()
    assert broker.accessibleDescription() == NO_BROKER
    line = next(one for one in dialog.findChildren(QLabel) if one.text() == NO_BROKER)
    click(line)
    assert dialog.form.method.value() is SignInMethod.BROWSER


def test_a_click_on_the_line_of_a_choice_chooses(dialog: FirstStartDialog) -> None:
    line = next(one for one in dialog.findChildren(QLabel) if one.text().startswith("Opens a pr"))
    click(line)
    asked = QSignalSpy(dialog.practice_requested)
    assert dialog.next_button.text() == "Open the practice directory"
    press(dialog, Key.Key_Return)
    assert asked.count() == 1
    assert dialog.step == 0


def test_settings_of_a_colleague(dialog: FirstStartDialog, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "connections.json"
    file.write_text("{}")
    chosen: list[str] = []
    dialog.import_requested.connect(chosen.append)
    click(dialog.start.buttons[3])
    click(dialog.next_button)
    files = child(dialog, QFileDialog)
    assert isinstance(files, QFileDialog)
    files.selectFile(str(file))
    files.accept()
    assert chosen == [str(file)]


def test_the_guide_gets_what_is_known_so_far(dialog: FirstStartDialog) -> None:
    asked: list[Connection] = []
    dialog.guide_requested.connect(asked.append)
    dialog.start.set_value(Mode.RESELLER)
    click(dialog.next_button)
    type_into(dialog.form.tenant, "contoso.com")
    click(dialog.next_button)
    press(dialog, Key.Key_Tab)
    assert focus(dialog) is dialog.form.guide_button
    press(dialog, Key.Key_Return)
    assert dialog.step == 2, "Enter pressed the button under the keyboard, not Next"
    assert [(one.tenant, one.client_id) for one in asked] == [("contoso.com", "")]


def test_a_refusal_keeps_everything(dialog: FirstStartDialog) -> None:
    at_the_end(dialog)
    dialog.set_busy("Saving…")
    assert not dialog.next_button.isEnabled()
    dialog.show_error(DeskError("The disk is full.", next_step="Free some space."))
    assert dialog.errors.isVisible()
    assert dialog.next_button.isEnabled()
    assert dialog.form.tenant.text() == "contoso"
    click(dialog.back_button)
    assert not dialog.errors.isVisible()


def test_every_control_has_a_name_and_is_reached_by_tab(dialog: FirstStartDialog) -> None:
    at_the_end(dialog, Mode.RESELLER)
    assert nameless(dialog) == []
    reached = tab_order(dialog)
    form = dialog.form
    wanted = (form.name, form.rights.buttons[0], form.graph, form.permissions, dialog.next_button)
    assert [one for one in wanted if one not in reached] == []


def test_the_name_follows_until_it_is_edited(dialog: FirstStartDialog) -> None:
    at_the_end(dialog)
    assert dialog.form.name.text() == "contoso.onmicrosoft.com"
    type_into(dialog.form.name, FABRIKAM.name.upper())
    QTest.keyClick(dialog.form.name, Key.Key_Tab)
    assert dialog.form.name_field.problem.text() == "Another connection has this name."
    assert not dialog.next_button.isEnabled()
