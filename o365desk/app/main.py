"""Composition: builds the window first, then the world behind it, and ends both in order."""

from PySide6.QtCore import QLocale
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from o365desk.app.config import Settings, load, settings_path
from o365desk.app.first_paint import show_painted
from o365desk.app.options import Options, parse
from o365desk.app.report import Reporter
from o365desk.models.users import UserTableModel
from o365desk.services.product_names import ProductNames
from o365desk.views import theme
from o365desk.views.main_window import PRODUCT, MainWindow

THEMES = {"light": theme.LIGHT, "dark": theme.DARK}


def run(arguments: list[str]) -> int:
    """The program from its command line to its exit status."""
    options = parse(arguments)
    if isinstance(options, int):
        return options
    app = make_application(options)
    reporter = Reporter()
    reporter.install()
    settings = _settings(options)
    names = ProductNames()
    window, users = make_window(options, settings, names)
    theme.apply(app, THEMES.get(options.theme))
    show_painted(window)
    # Everything below costs time (the loop, HTTP, the practice directory): the window is first.
    from o365desk.app import loop
    from o365desk.app.program import Program

    program = Program(app, window, users, settings, names, reporter, options)
    return loop.run(app, program.main)


def make_application(options: Options) -> QApplication:
    """The one QApplication, in the colours of the theme that was asked for or the system's; its
    style sheet comes when the window has been built."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication([PRODUCT])
    app.setApplicationName(PRODUCT)
    app.setQuitOnLastWindowClosed(False)
    app.setWindowIcon(QIcon(str(theme.icon_folder() / "o365desk.svg")))
    if QLocale().language() is QLocale.Language.C:
        # No locale is set: numbers would have no grouping at all.
        QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    chosen = THEMES.get(options.theme)
    theme.apply_colours(app, chosen)
    if chosen is None:
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(lambda _scheme: theme.apply(app))
    return app


def make_window(
    options: Options, settings: Settings, names: ProductNames
) -> tuple[MainWindow, UserTableModel]:
    """The main window with its models, as it was left the last time."""
    users = UserTableModel(names.name)
    window = MainWindow(users, single_tenant=options.direct, practice=True)
    users.setParent(window)
    window.restore_layout(settings.layout)
    return window, users


def _settings(options: Options) -> Settings:
    """A tour or a picture always starts from scratch and leaves nothing behind."""
    if options.settings is not None:
        return load(options.settings)
    if options.tour is not None or options.screenshot is not None:
        return Settings()
    return load(settings_path("practice-direct" if options.direct else "practice"))
