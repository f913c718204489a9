"""What stands on the screen for one connection: its window, its models, and what it remembers."""

from dataclasses import dataclass

from o365desk.app import config
from o365desk.app.config import Settings
from o365desk.app.profile import Profile
from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.models.users import UserTableModel
from o365desk.services.product_names import ProductNames
from o365desk.views.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Front:
    """One main window before its world is built."""

    connection: Connection | None
    """None: no connection is set up yet, the window waits for the first-start assistant."""
    window: MainWindow
    users: UserTableModel
    settings: Settings


def make_front(connection: Connection | None, settings: Settings, names: ProductNames) -> Front:
    """The main window with its models, as it was left the last time."""
    users = UserTableModel(names.name)
    window = MainWindow(
        users,
        single_tenant=connection is not None and connection.mode is Mode.DIRECT,
        practice=connection is not None and connection.cloud is Cloud.PRACTICE,
    )
    users.setParent(window)
    window.restore_layout(settings.layout)
    return Front(connection, window, users, settings)


def settings_of(connection: Connection | None, profile: Profile | None) -> Settings:
    """Pins, recent customers and layout of a connection; in memory where there is no profile."""
    if profile is None or connection is None:
        return Settings()
    return config.load(profile.window_settings(connection.id))
