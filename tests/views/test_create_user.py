"""Create User filled in as an operator does, refused, and brought to its end."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from o365desk.domain.creation import NewUser, suggested_username
from o365desk.domain.directory import Domain
from o365desk.domain.errors import Refusal, Unreachable
from o365desk.domain.licensing import LicenseGrant
from o365desk.domain.passwords import Secret
from o365desk.views.create_user import CreateUserDialog
from o365desk.views.form import Field
from tests.views.dialogs import (
    E5,
    POWER_BI,
    PRODUCTS,
    TENANT,
    VISIO,
    Key,
    click,
    host,
    opened,
    press,
    refusal,
    sku,
    tab_order,
    type_into,
)

STRONG = "Rk7!vexo-PLum"
DOMAINS = (
    Domain("sso.contoso.com", federated=True),
    Domain("contoso.onmicrosoft.com"),
    Domain("contoso.com", default=True),
)


def ready(qtbot: QtBot) -> CreateUserDialog:
    dialog = CreateUserDialog(TENANT, host(qtbot))
    dialog.generate_requested.connect(lambda _kind: dialog.set_generated(Secret(STRONG)))
    opened(qtbot, dialog)
    dialog.set_domains(DOMAINS)
    dialog.set_skus(PRODUCTS)
    dialog.set_default_location("GB")
    return dialog


def filled(qtbot: QtBot) -> CreateUserDialog:
    dialog = ready(qtbot)
    type_into(dialog.first_name, "Zoe")
    type_into(dialog.last_name, "van der Berg")
    type_into(dialog.panel.mail, "boss@contoso.com")
    return dialog


@pytest.mark.parametrize(
    ("first", "last", "username"),
    [
        ("Zoë", "van der Berg", "zoe.vanderberg"),
        ("Jürgen", "Groß", "jurgen.gross"),
        ("Łukasz", "Øster-Sæd", "lukasz.oster-saed"),
        ("O'Neil", "", "oneil"),
        ("", "", ""),
        ("太郎", "山田", ""),
        ("أديل", "Vance", "vance"),
        ("x" * 80, "y", "x" * 64),
    ],
)
def test_username_is_suggested_in_plain_letters(first: str, last: str, username: str) -> None:
    assert suggested_username(first, last) == username


def test_names_customer(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    assert dialog.windowTitle() == "Create User"
    assert dialog.tenant.text() == TENANT
    assert dialog.focusWidget() is dialog.first_name


def test_display_name_and_username_follow_until_edited(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    type_into(dialog.first_name, "Zoë")
    type_into(dialog.last_name, "Berg")
    assert dialog.display_name.text() == "Zoë Berg"
    assert dialog.username.text() == "zoe.berg"
    type_into(dialog.display_name, "Zoë B. (Sales)")
    type_into(dialog.username, "zb")
    type_into(dialog.last_name, "Other")
    assert dialog.display_name.text() == "Zoë B. (Sales)"
    assert dialog.username.text() == "zb"


def test_whole_user_is_handed_over(qtbot: QtBot) -> None:
    """P5, S40: names, username, location, password, mail, and licences in one value."""
    dialog = filled(qtbot)
    created: list[NewUser] = []
    dialog.create_requested.connect(created.append)
    model = dialog.switches.model
    assert model is not None
    checked = Qt.CheckState.Checked
    row = model.index(model.row_of(VISIO.id))
    assert model.setData(row, checked, Qt.ItemDataRole.CheckStateRole)
    assert dialog.summary.full() == "With 1 license"
    click(dialog.create_button)
    (user,) = created
    assert user.first_name == "Zoe"
    assert user.last_name == "van der Berg"
    assert user.display_name == "Zoe van der Berg"
    assert user.username == "zoe.vanderberg@contoso.com"
    assert user.location == "GB"
    assert user.password.password == Secret(STRONG)
    assert user.password.send_to == "boss@contoso.com"
    assert user.licenses == (LicenseGrant(VISIO.id),)


def test_mail_is_compulsory(qtbot: QtBot) -> None:
    """S40: without an address there is no Create."""
    dialog = filled(qtbot)
    assert dialog.create_button.isEnabled()
    type_into(dialog.panel.mail, " ")
    assert not dialog.create_button.isEnabled()
    assert dialog.summary.full() == "Enter the address that shall receive the password."


def test_problems_are_named_one_after_the_other(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    asked = QSignalSpy(dialog.create_requested)
    assert dialog.summary.full() == "Enter a display name."
    assert not dialog.display_name_field.problem.isVisible(), "nobody has been there yet"
    press(dialog, Key.Key_Return)
    assert asked.count() == 0
    type_into(dialog.display_name, "Zoe")
    assert dialog.summary.full() == "Enter a username."
    type_into(dialog.username, "zoé")
    assert dialog.username_field.problem.text().startswith("A username has no accents")
    assert dialog.username.property("invalid") is True
    assert dialog.username.accessibleDescription().startswith("A username has no accents")
    type_into(dialog.username, "zoe")
    assert not dialog.username_field.problem.isVisible()


def test_default_domain_is_chosen_and_federated_is_explained(qtbot: QtBot) -> None:
    dialog = filled(qtbot)
    assert dialog.domain.currentData() == "contoso.com"
    dialog.domain.setCurrentIndex(0)
    assert "federated" in dialog.username_field.problem.text()
    assert dialog.username_field.problem.isVisible()
    assert not dialog.create_button.isEnabled()
    dialog.domain.setCurrentIndex(1)
    assert dialog.create_button.isEnabled()


def test_only_free_products_are_offered(qtbot: QtBot) -> None:
    """Those with a free licence, with the number under them; a choice survives fresh counts."""
    dialog = ready(qtbot)
    model = dialog.switches.model
    assert model is not None
    assert [model.index(row).data() for row in range(model.rowCount())] == [E5.name, VISIO.name]
    assert model.row_of(POWER_BI.id) == -1
    role = Qt.ItemDataRole.CheckStateRole
    model.setData(model.index(0), Qt.CheckState.Checked, role)
    assert "1 after Create" in model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    dialog.set_skus((E5.with_assigned(1), VISIO, sku("Teams", 9)))
    assert model.rowCount() == 3
    draft = dialog.switches.draft
    assert draft is not None
    assert [grant.sku_id for grant in draft.change().add] == [E5.id]


def test_a_license_needs_a_location(qtbot: QtBot) -> None:
    dialog = filled(qtbot)
    dialog.location.set_code("")
    dialog.refresh()
    assert dialog.create_button.isEnabled(), "no licence, no location needed"
    model = dialog.switches.model
    assert model is not None
    role = Qt.ItemDataRole.CheckStateRole
    model.setData(model.index(0), Qt.CheckState.Checked, role)
    assert not dialog.create_button.isEnabled()
    assert dialog.location_field.problem.text().startswith("Choose a location")


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        (Refusal.NAME_TAKEN, "username_field"),
        (Refusal.ADDRESS_TAKEN, "username_field"),
        (Refusal.INVALID_NAME, "username_field"),
        (Refusal.USAGE_LOCATION, "location_field"),
    ],
)
def test_refusals_stand_at_their_field(qtbot: QtBot, kind: Refusal, where: str) -> None:
    """Everything typed stays, the sentence goes where it helps, and Create can be tried again."""
    dialog = filled(qtbot)
    dialog.set_busy("Creating the user…")
    dialog.show_refusal(refusal(kind, "Taken."))
    field: Field = getattr(dialog, where)
    assert field.problem.text() == "Taken. Do something else."
    assert field.problem.isVisible()
    assert dialog.focusWidget() is field.control
    assert dialog.errors.isHidden()
    assert dialog.username.text() == "zoe.vanderberg"
    assert dialog.panel.answer() is not None
    assert dialog.create_button.isEnabled()
    if where == "username_field":
        type_into(dialog.username, "other")
    else:
        dialog.location.set_code("IE")
        dialog.location.code_changed.emit("IE")
    assert field.problem.text() == ""


def test_refused_password_stands_at_the_panel_and_the_rest_in_the_strip(qtbot: QtBot) -> None:
    dialog = filled(qtbot)
    dialog.show_refusal(refusal(Refusal.PASSWORD, "Too common."))
    assert dialog.panel._refusal.text().startswith("Too common.")
    dialog.show_refusal(Unreachable("Microsoft cannot be reached."))
    assert dialog.errors.sentence.text() == "Microsoft cannot be reached."


def test_tab_goes_down_the_left_side_and_then_the_right(qtbot: QtBot) -> None:
    dialog = filled(qtbot)
    dialog.first_name.setFocus()
    order = tab_order(dialog)
    wanted = [
        dialog.first_name, dialog.last_name, dialog.display_name, dialog.username,
        dialog.domain, dialog.location, dialog.switches.view, dialog.panel.generate_choice,
    ]  # fmt: skip
    assert order[: len(wanted)] == wanted
    assert order[-2:] == [dialog.cancel_button, dialog.create_button]


def test_every_control_has_a_name(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    for control in tab_order(dialog):
        text = getattr(control, "text", str)
        assert control.accessibleName() or text(), control


def test_works_at_800_by_600(qtbot: QtBot) -> None:
    dialog = filled(qtbot)
    dialog.resize(760, 540)
    assert dialog.width() <= 760
    assert dialog.height() <= 552
    assert dialog.create_button.isVisible()
    # With a wide font the password stands below the rest: going there scrolls it into view.
    dialog.first_name.setFocus()
    for _ in range(40):
        if dialog.focusWidget() is dialog.panel.mail:
            break
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.panel.mail.hasFocus()
    assert dialog.panel.mail.visibleRegion().boundingRect().height() > 20


def test_columns_are_stacked_on_a_small_screen(qtbot: QtBot) -> None:
    """800 pixels at 200 %: the password stands below, nothing is cut at the right."""
    dialog = filled(qtbot)
    dialog.resize(480, 500)
    qtbot.wait(10)
    assert dialog.panel.mapTo(dialog, QPoint(0, 0)).x() < 50
    assert dialog.panel.mapTo(dialog, QPoint(dialog.panel.width(), 0)).x() <= dialog.width()
    dialog.resize(900, 560)
    qtbot.wait(10)
    assert dialog.panel.mapTo(dialog, QPoint(0, 0)).x() > 400


def test_result_replaces_the_form(qtbot: QtBot) -> None:
    dialog = filled(qtbot)
    dialog.set_busy("Creating the user…")
    dialog.show_result("zoe.vanderberg@contoso.com", Secret(STRONG), "Sent to boss@contoso.com.")
    assert dialog.result_panel is not None
    assert dialog.result_panel.username.text() == "zoe.vanderberg@contoso.com"
    assert not dialog.first_name.isVisible()
    assert dialog.panel.generated.text() == ""
    finished = QSignalSpy(dialog.finished)
    press(dialog, Key.Key_Escape)
    assert finished.count() == 1
    assert dialog.result_panel.password.text() == ""
