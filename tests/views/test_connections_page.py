"""The Connections page: what each button asks for, and why one cannot be pressed."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from o365desk.domain.connections import Connection
from o365desk.domain.errors import DeskError
from o365desk.models.connections import BUILT_IN, COLUMN, ConnectionEntry
from o365desk.models.connections import MANAGED as MANAGED_TEXT
from o365desk.views import theme
from o365desk.views.connections_page import (
    NOTHING_OWN,
    OPEN_NOW,
    ConnectionsDialog,
    DeleteConnectionDialog,
)
from tests.views.access_samples import CONTOSO, FABRIKAM, LONG, MANAGED, PRACTICE, child, nameless
from tests.views.dialogs import Key, click, focus, host, opened, press, tab_order

ENTRIES = (
    ConnectionEntry(PRACTICE),
    ConnectionEntry(FABRIKAM, "Fabrikam Inc", signed_in=True, open=True),
    ConnectionEntry(CONTOSO),
    ConnectionEntry(MANAGED, signed_in=True),
)


@pytest.fixture
def page(qtbot: QtBot) -> ConnectionsDialog:
    made = opened(qtbot, ConnectionsDialog(host(qtbot)))
    made.set_entries(ENTRIES)
    return made


def asked(page: ConnectionsDialog, signal: str) -> list[Connection]:
    found: list[Connection] = []
    getattr(page, signal).connect(found.append)
    return found


def test_the_open_one_is_selected_and_the_practice_directory_is_last(
    page: ConnectionsDialog,
) -> None:
    current = page.current()
    assert current is not None
    assert current.connection == FABRIKAM
    assert page.model.entries[-1].connection == PRACTICE
    assert focus(page) is page.table


@pytest.mark.parametrize(
    ("chosen", "signal", "button"),
    [
        pytest.param(CONTOSO, "open_requested", "open_button", id="open"),
        pytest.param(FABRIKAM, "edit_requested", "edit_button", id="edit"),
        pytest.param(CONTOSO, "account_in_requested", "in_button", id="sign in"),
        pytest.param(MANAGED, "account_out_requested", "out_button", id="sign out"),
    ],
)
def test_a_button_asks_for_the_selected_connection(
    page: ConnectionsDialog, chosen: Connection, signal: str, button: str
) -> None:
    found = asked(page, signal)
    page.select(chosen.id)
    click(getattr(page, button))
    assert found == [chosen]


@pytest.mark.parametrize(
    ("chosen", "button", "reason"),
    [
        pytest.param(FABRIKAM, "open_button", "It is open already.", id="open"),
        pytest.param(FABRIKAM, "delete_button", OPEN_NOW, id="delete the open one"),
        pytest.param(FABRIKAM, "in_button", "Signed in already.", id="sign in twice"),
        pytest.param(CONTOSO, "out_button", "Not signed in.", id="sign out of nothing"),
        pytest.param(MANAGED, "edit_button", MANAGED_TEXT, id="edit a managed one"),
        pytest.param(MANAGED, "delete_button", MANAGED_TEXT, id="delete a managed one"),
        pytest.param(PRACTICE, "edit_button", BUILT_IN, id="edit practice"),
        pytest.param(PRACTICE, "duplicate_button", BUILT_IN, id="copy practice"),
        pytest.param(
            PRACTICE, "in_button", "This connection needs no sign-in.", id="sign in to practice"
        ),
    ],
)
def test_what_cannot_be_done_says_why(
    page: ConnectionsDialog, chosen: Connection, button: str, reason: str
) -> None:
    page.select(chosen.id)
    found = getattr(page, button)
    assert not found.isEnabled()
    assert found.toolTip() == found.accessibleDescription() == reason
    expected = {MANAGED: MANAGED_TEXT, PRACTICE: BUILT_IN}.get(chosen, "")
    assert page.note.text() == expected


def test_by_keyboard_enter_opens_and_del_deletes(page: ConnectionsDialog) -> None:
    opening, deleting = asked(page, "open_requested"), asked(page, "delete_confirmed")
    press(page, Key.Key_Down)
    press(page, Key.Key_Return)
    assert opening == [CONTOSO]
    press(page, Key.Key_Delete)
    question = child(page, DeleteConnectionDialog)
    assert isinstance(question, DeleteConnectionDialog)
    assert LONG in question.heading.text()
    assert "sign-in that is kept" in question.accessibleDescription()
    assert focus(question) is question.cancel_button
    press(question, Key.Key_Return)
    assert deleting == []
    press(page, Key.Key_Delete)
    click(child(page, DeleteConnectionDialog).delete_button)  # type: ignore[attr-defined]
    assert deleting == [CONTOSO]


def test_del_on_a_managed_connection_asks_nothing(page: ConnectionsDialog) -> None:
    page.select(MANAGED.id)
    press(page, Key.Key_Delete)
    assert page.findChildren(DeleteConnectionDialog) == []


def test_a_copy_of_a_managed_connection_is_the_operators_own(page: ConnectionsDialog) -> None:
    found = asked(page, "duplicate_requested")
    page.select(MANAGED.id)
    click(page.duplicate_button)
    assert found == [replace(MANAGED, id="", name=f"{MANAGED.name}, copy", managed=False)]


def test_export_leaves_the_practice_directory_out(page: ConnectionsDialog, tmp_path: Path) -> None:
    found: list[tuple[tuple[Connection, ...], str]] = []
    page.export_requested.connect(lambda which, path: found.append((which, path)))
    click(page.export_button)
    files = child(page, QFileDialog)
    assert isinstance(files, QFileDialog)
    files.selectFile(str(tmp_path / "for-all"))
    files.accept()
    assert found == [((FABRIKAM, CONTOSO, MANAGED), str(tmp_path / "for-all.json"))]


def test_import_and_new(page: ConnectionsDialog, tmp_path: Path) -> None:
    file = tmp_path / "from-ann.json"
    file.write_text("{}")
    found, new = QSignalSpy(page.import_requested), QSignalSpy(page.new_requested)
    click(page.import_button)
    files = child(page, QFileDialog)
    assert isinstance(files, QFileDialog)
    files.selectFile(str(file))
    files.accept()
    assert found.at(0) == [str(file)]
    click(page.new_button)
    assert new.count() == 1


def test_only_practice_leaves_nothing_to_export(qtbot: QtBot) -> None:
    page = opened(qtbot, ConnectionsDialog(host(qtbot)))
    assert not page.open_button.isEnabled()
    assert page.open_button.toolTip() == "Select a connection."
    page.set_entries([ConnectionEntry(PRACTICE)])
    assert not page.export_button.isEnabled()
    assert page.note.text() == NOTHING_OWN
    assert page.open_button.isEnabled()


def test_results_and_errors_take_each_others_place(page: ConnectionsDialog) -> None:
    page.show_result("Signed out of Fabrikam.", ["The sign-in was removed.", "So was its key."])
    assert page.outcome.isVisible()
    assert page.outcome.text().splitlines() == [
        "Signed out of Fabrikam.",
        "• The sign-in was removed.",
        "• So was its key.",
    ]
    assert "So was its key." in page.outcome.accessibleName()
    page.show_error(DeskError("The file could not be read."))
    assert not page.outcome.isVisible()
    assert page.errors.isVisible()
    page.show_result("Imported 2 connections.")
    assert not page.errors.isVisible()


def test_the_selected_one_stays_selected(page: ConnectionsDialog) -> None:
    page.select(CONTOSO.id)
    page.set_entries(reversed([*ENTRIES, ConnectionEntry(replace(CONTOSO, id="new", name="New"))]))
    current = page.current()
    assert current is not None
    assert current.connection == CONTOSO
    page.set_entries([ConnectionEntry(PRACTICE)])
    current = page.current()
    assert current is not None
    assert current.connection == PRACTICE


def test_the_neighbour_of_a_deleted_one_is_selected_and_seen(page: ConnectionsDialog) -> None:
    many = [replace(CONTOSO, id=f"c{n}", name=f"Contoso {n}") for n in range(60)]
    page.set_entries(map(ConnectionEntry, many))
    page.select("c40")
    page.set_entries(ConnectionEntry(one) for one in many if one.id != "c40")
    current = page.current()
    assert current is not None
    assert current.connection.id == "c41"
    page.show_result("“Contoso 40” was deleted.", ["One.", "Two.", "Three."])
    page.resize(page.width(), page.height() - 80)
    table = page.table
    assert table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_it_paints_long_and_right_to_left_names(
    page: ConnectionsDialog, qapp: QApplication, look: theme.Theme
) -> None:
    theme.apply(qapp, look)
    own = replace(MANAGED, id="own", managed=False)
    page.set_entries([*ENTRIES, ConnectionEntry(own)])
    page.select(CONTOSO.id)
    for connection in (MANAGED, own):
        row = page.model.row_of(connection.id)
        cell = page.table.visualRect(page.model.index(row, COLUMN["name"]))
        image = page.table.viewport().grab(cell).toImage()
        ground = image.pixelColor(cell.width() - 1, 0).name()
        assert ground == look.base
        inked = [
            x
            for x in range(image.width())
            if any(image.pixelColor(x, y).name() != ground for y in range(image.height()))
        ]
        assert inked, "the lock and the name"
        assert inked[0] < image.width() // 4, "at the column's left, too"


def test_every_control_has_a_name_and_is_reached(page: ConnectionsDialog) -> None:
    page.select(CONTOSO.id)
    assert nameless(page) == []
    reached = tab_order(page)
    wanted = (page.table, page.in_button, page.edit_button, page.import_button, page.open_button)
    assert [one for one in wanted if one not in reached] == []


def test_a_double_click_opens(page: ConnectionsDialog) -> None:
    found = asked(page, "open_requested")
    where = page.table.visualRect(page.model.index(page.model.row_of(MANAGED.id), 1)).center()
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(page.table.viewport(), left, none, where)
    QTest.mouseDClick(page.table.viewport(), left, none, where)
    assert found == [MANAGED]
