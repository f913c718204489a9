"""No window ever opens that nobody asked for, not even for a moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu, QWidget

from o365desk.app.robot import seen
from o365desk.views.confirm import DeleteUserDialog, RestoreUserDialog
from o365desk.views.edit_user import EditUserDialog
from o365desk.views.subscription_popup import SubscriptionPopup
from o365desk.views.tenant_picker import TenantPicker
from tests.app.harness import Running, desk
from tests.seed.sight import manage, name
from tests.seed.test_password import open_create, open_reset
from tests.seed.test_subscription_information import information

_KNOWN = (QMainWindow, QDialog, QMenu, TenantPicker, SubscriptionPopup)


class _Watch(QObject):
    """Notes every window that appears and is none of ours: a part shown before it was put into
    its window."""

    def __init__(self) -> None:
        super().__init__()
        self.strays: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.isWindow()
            and not isinstance(watched, _KNOWN)
        ):
            self.strays.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


@contextmanager
def _watching() -> Iterator[None]:
    app = QApplication.instance()
    assert app is not None
    watch = _Watch()
    app.installEventFilter(watch)
    try:
        yield
    finally:
        app.removeEventFilter(watch)
    assert watch.strays == []


async def _confirmations(running: Running, who: str) -> None:
    kinds: tuple[tuple[str, type[QDialog]], ...] = (
        ("Edit User Information", EditUserDialog),
        ("Delete", DeleteUserDialog),
    )
    for entry, kind in kinds:
        await running.robot.act(who, entry)
        (await running.robot.opened(kind)).close()


async def test_only_windows_that_were_asked_for() -> None:
    with _watching():
        async with desk("well_stocked") as running:
            robot, who = running.robot, "Amelia Okafor"
            (await manage(running, who)).close()
            reset = await open_reset(running, who)
            robot.click(reset.reset_button)
            await seen(lambda: reset.result_panel is not None, "the password is reset")
            reset.close()
            create = await open_create(running)
            robot.type(create.first_name, "Wilma")
            robot.type(create.panel.mail, "wilma@home.example")
            robot.click(create.create_button)
            await seen(lambda: create.result_panel is not None, "the user is created")
            create.close()
            await _confirmations(running, who)
            await robot.act(name(running, "well_stocked", "deleted"), "Restore")
            (await robot.opened(RestoreUserDialog)).close()
            await information(running, "Visio Plan 2")
        async with desk("synced") as running:
            await _confirmations(running, name(running, "synced", "synced"))
        async with desk("direct", direct=True) as running:
            assert running.robot.dialog(QDialog) is None
