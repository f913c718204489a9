"""New and Edit: all fields of a connection on one page."""

from dataclasses import replace

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from o365desk.domain.connections import Cloud, Connection, Mode, SignInMethod
from o365desk.domain.errors import DeskError
from o365desk.views.connection_form import EMPTY, ConnectionDialog, FormFacts
from tests.views.access_samples import APP, CONTOSO, FABRIKAM, nameless
from tests.views.dialogs import Key, click, focus, host, opened, press, tab_order, type_into

NO_BROKER = "Not installed on this computer."
FACTS = FormFacts((FABRIKAM, CONTOSO), methods_refused={SignInMethod.BROKER: NO_BROKER})


def ready(qtbot: QtBot, base: Connection = EMPTY, facts: FormFacts = FACTS) -> ConnectionDialog:
    return opened(qtbot, ConnectionDialog(facts, base, host(qtbot)))


def saved(dialog: ConnectionDialog) -> list[Connection]:
    found: list[Connection] = []
    dialog.saved.connect(found.append)
    return found


def test_a_new_connection(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    found = saved(dialog)
    assert dialog.windowTitle() == "New connection"
    assert not dialog.save_button.isEnabled()
    click(dialog.mode.buttons[1])
    type_into(dialog.form.tenant, "contoso.us")
    dialog.form.cloud.setCurrentIndex(dialog.form.cloud.findData(Cloud.DOD))
    type_into(dialog.form.client_id, APP)
    press(dialog, Key.Key_Return)
    assert found == [Connection("", "contoso.us", Mode.DIRECT, "contoso.us", APP, Cloud.DOD)]
    assert type(found[0].cloud) is Cloud
    assert dialog.isVisible(), "the controller has not accepted it yet"
    dialog.show_error(DeskError("The disk is full."))
    assert dialog.form.tenant.text() == "contoso.us"


def test_what_is_not_edited_stays(qtbot: QtBot) -> None:
    """Of a connection that was made elsewhere, the sign-in method for instance, which this
    computer does not offer."""
    base = replace(CONTOSO, method=SignInMethod.BROKER, write=False, cloud=Cloud.GCC_HIGH)
    dialog = ready(qtbot, base)
    found = saved(dialog)
    assert dialog.windowTitle() == "Edit connection"
    assert dialog.save_button.isEnabled(), "its own name is not taken"
    click(dialog.save_button)
    assert found == [base]


def test_a_name_is_not_given_twice(qtbot: QtBot) -> None:
    dialog = ready(qtbot, CONTOSO)
    type_into(dialog.form.name, f" {FABRIKAM.name} ")
    QTest.keyClick(dialog.form.name, Key.Key_Tab)
    assert dialog.form.name_field.problem.text() == "Another connection has this name."
    assert dialog.summary.full() == "Another connection has this name."
    assert not dialog.save_button.isEnabled()


def test_the_tenant_id_is_no_application_id(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    type_into(dialog.form.tenant, APP)
    type_into(dialog.form.client_id, APP)
    QTest.keyClick(dialog.form.client_id, Key.Key_Tab)
    assert dialog.form.client_field.problem.text().startswith("This is the tenant id.")
    assert dialog.summary.full() == "This is the tenant id."


def test_where_the_browser_is_refused_another_way_is_proposed(qtbot: QtBot) -> None:
    facts = FormFacts(methods_refused={SignInMethod.BROWSER: "No browser here."})
    dialog = ready(qtbot, facts=facts)
    assert dialog.form.method.value() is SignInMethod.DEVICE_CODE


def test_the_guide_gets_what_is_known_so_far(qtbot: QtBot) -> None:
    dialog = ready(qtbot, CONTOSO)
    asked: list[Connection] = []
    dialog.guide_requested.connect(asked.append)
    click(dialog.form.guide_button)
    assert asked == [CONTOSO]


def test_tab_reaches_everything_and_brings_it_into_view(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    assert focus(dialog) is dialog.form.tenant
    assert nameless(dialog) == []
    reached = tab_order(dialog)
    form = dialog.form
    wanted = (form.cloud, form.client_id, form.method.buttons[0], form.rights.buttons[0], form.name)
    assert [one for one in wanted if one not in reached] == []
    form.name.setFocus()
    assert form.name.visibleRegion().boundingRect().height() == form.name.height()
