"""A whole working day without a mouse: every key goes where the keyboard is."""

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from o365desk.app.robot import seen
from o365desk.views.confirm import DeleteUserDialog, RestoreUserDialog
from o365desk.views.create_user import CreateUserDialog
from o365desk.views.edit_user import EditUserDialog
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.reset_password import ResetPasswordDialog
from tests.app.harness import Running, desk
from tests.seed.sight import account, held, in_front, shown_names, sku, toggles

D = TypeVar("D", bound=QDialog)

AMELIA = "Amelia Okafor"

_NONE = Qt.KeyboardModifier.NoModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_RETURN, _ESCAPE, _TAB, _DOWN = (
    Qt.Key.Key_Return,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Down,
)


def keyboard() -> QWidget:
    """Where a key goes that is pressed now."""
    where = QApplication.activePopupWidget()
    if not isinstance(where, QMenu):
        where = QApplication.focusWidget() or where or QApplication.activeWindow()
    assert where is not None, "no window has the keyboard"
    return where


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = _NONE) -> None:
    QTest.keyClick(keyboard(), key, modifiers)


def write(text: str) -> None:
    QTest.keyClicks(keyboard(), text)


async def opened(running: Running, kind: type[D]) -> D:
    """Waits for a dialog that has the keyboard."""
    dialog = await running.robot.opened(kind)
    await seen(dialog.isActiveWindow, "the dialog has the keyboard")
    return dialog


def tab_to(widget: QWidget) -> None:
    """Presses Tab until a control has the keyboard."""
    for _ in range(30):
        if keyboard() is widget:
            return
        press(_TAB)
    raise AssertionError(f"Tab never reaches {widget.accessibleName() or widget}")


async def pick(entry: str) -> None:
    """Shift+F10, then Down to an entry, Enter."""
    press(Qt.Key.Key_F10, _SHIFT)
    menu = await seen(QApplication.activePopupWidget, "the menu opens")
    assert isinstance(menu, QMenu)
    wanted = next(action for action in menu.actions() if action.text() == entry)
    for _ in menu.actions():
        press(_DOWN)
        if menu.activeAction() == wanted:
            break
    press(_RETURN)


async def open_customer(running: Running, typed: str, name: str) -> None:
    """Ctrl+K, some letters, Enter."""
    window = running.program.window
    await in_front(running)
    press(Qt.Key.Key_K, _CONTROL)
    await seen(window.picker.isVisible, "the customers open")
    write(typed)
    press(_RETURN)
    await seen(lambda: window.windowTitle().startswith(name), f"{name} opens")
    await running.robot.loaded()


async def find(running: Running, typed: str) -> None:
    """Ctrl+F, some letters, Down into the list."""
    await in_front(running)
    press(Qt.Key.Key_F, _CONTROL)
    assert keyboard() is running.program.window.search
    write(typed)
    await seen(lambda: running.robot.table.query.text == typed, "the search applies")
    press(_DOWN)
    assert keyboard() is running.robot.table


async def test_the_main_job_by_keyboard_alone() -> None:
    async with desk() as running:
        robot, table = running.robot, running.robot.table
        await seen(lambda: running.program.controller.tenants, "the customers are read")
        if running.program.window.picker.isVisible():
            press(_ESCAPE)
        await open_customer(running, "tall p", "Tall Pine Furniture")
        await find(running, "amelia ok")
        assert shown_names(running) == [AMELIA]

        # Enter opens Manage Licenses; the filter, Down, Space; Tab to Update, Enter.
        press(_RETURN)
        dialog = await opened(running, ManageLicensesDialog)
        await seen(lambda: dialog.switches.draft, "the switches are shown")
        write("visio")
        press(_DOWN)
        assert keyboard() is dialog.switches.view
        press(Qt.Key.Key_Space)
        assert toggles(dialog)["Visio Plan 2"].state == "On"
        press(Qt.Key.Key_Space)
        assert toggles(dialog)["Visio Plan 2"].state == "Off"
        press(Qt.Key.Key_Space)
        assert running.writes() == []
        tab_to(dialog.update_button)
        press(_RETURN)
        await robot.closed(ManageLicensesDialog)
        assert held(running, "well_stocked", AMELIA) == {sku("VISIOCLIENT")}
        assert robot.cell(AMELIA, "assign") == "Visio Plan 2"

        # The keyboard is back in the list, on the same row.
        await in_front(running)
        assert keyboard() is table
        user = table.current_user()
        assert user is not None
        assert user.display_name == AMELIA

        # Enter in the list of switches is Update as well; Escape leaves all as it is.
        press(_RETURN)
        dialog = await opened(running, ManageLicensesDialog)
        await seen(lambda: dialog.switches.draft, "the switches are shown")
        press(_DOWN)
        press(Qt.Key.Key_Space)
        assert dialog.update_button.isEnabled()
        press(_ESCAPE)
        await robot.closed(ManageLicensesDialog)
        assert held(running, "well_stocked", AMELIA) == {sku("VISIOCLIENT")}
        assert len(running.writes()) == 1


async def test_delete_and_restore_by_keyboard_alone() -> None:
    async with desk() as running:
        robot, table = running.robot, running.robot.table
        await seen(lambda: running.program.controller.tenants, "the customers are read")
        await open_customer(running, "tall p", "Tall Pine Furniture")
        await find(running, "amelia ok")

        await pick("Delete")
        question = await opened(running, DeleteUserDialog)
        # Enter by habit does no harm.
        assert keyboard() is question.cancel_button
        tab_to(question.delete_button)
        press(Qt.Key.Key_Space)
        await robot.closed(DeleteUserDialog)
        assert account(running, "well_stocked", AMELIA)["state"] == "deleted"
        assert robot.cell(AMELIA, "status") == "Deleted, 30 days left"

        await in_front(running)
        assert keyboard() is table
        await pick("Restore")
        warning = await opened(running, RestoreUserDialog)
        tab_to(warning.restore_button)
        press(_RETURN)
        await robot.closed(RestoreUserDialog)
        assert account(running, "well_stocked", AMELIA)["state"] == "active"
        assert robot.cell(AMELIA, "status") == "Active"


async def test_create_by_keyboard_alone() -> None:
    async with desk() as running:
        robot = running.robot
        await seen(lambda: running.program.controller.tenants, "the customers are read")
        await open_customer(running, "tall p", "Tall Pine Furniture")
        await in_front(running)
        press(Qt.Key.Key_N, _CONTROL)
        dialog = await opened(running, CreateUserDialog)
        await seen(lambda: dialog.domain.count() > 0, "the domains are read")
        await seen(dialog.panel.generated.text, "a password is generated")
        assert keyboard() is dialog.first_name
        write("Wilma")
        press(_TAB)
        write("Berg")
        for field in (dialog.display_name, dialog.username):
            press(_TAB)
            assert keyboard() is field
        assert dialog.full_username() == "wilma.berg@tallpine.example"
        tab_to(dialog.switches.filter)
        write("visio")
        press(_DOWN)
        press(Qt.Key.Key_Space)
        tab_to(dialog.panel.mail)
        write("wilma@home.example")
        assert dialog.problem() == ""
        tab_to(dialog.create_button)
        press(_RETURN)
        await seen(lambda: dialog.result_panel is not None, "the user is created")
        made = account(running, "well_stocked", "Wilma Berg")
        assert set(made["licenses"]) == {sku("VISIOCLIENT")}
        assert made["forceChange"] is True
        press(_ESCAPE)
        await robot.closed(CreateUserDialog)
        assert robot.cell("Wilma Berg", "assign") == "Visio Plan 2"
        user = robot.table.current_user()
        assert user is not None
        assert user.display_name == "Wilma Berg"


async def test_escape_leaves_every_dialog_and_nothing_changes() -> None:
    async with desk() as running:
        robot = running.robot
        await seen(lambda: running.program.controller.tenants, "the customers are read")
        await open_customer(running, "tall p", "Tall Pine Furniture")
        truth = running.truth("well_stocked")
        await find(running, "amelia ok")
        for key, modifiers, kind in (
            (Qt.Key.Key_L, _CONTROL, ManageLicensesDialog),
            (Qt.Key.Key_P, _CONTROL, ResetPasswordDialog),
            (Qt.Key.Key_F2, _NONE, EditUserDialog),
            (Qt.Key.Key_Delete, _NONE, DeleteUserDialog),
            (Qt.Key.Key_N, _CONTROL, CreateUserDialog),
        ):
            await in_front(running)
            press(key, modifiers)
            dialog: QDialog = await opened(running, kind)
            if isinstance(dialog, EditUserDialog | CreateUserDialog):
                write("changed")
            press(_ESCAPE)
            await robot.closed(type(dialog))
        assert running.writes() == []
        assert running.truth("well_stocked") == truth
