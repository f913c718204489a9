"""Composition: builds the window first, then the world behind it, and ends both in order."""

import os
import sys

from PySide6.QtCore import QLocale
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from o365desk.app.connection_book import (
    PRACTICE,
    PRACTICE_DIRECT,
    PRACTICE_SIGN_IN,
    ConnectionBook,
    load,
)
from o365desk.app.first_paint import show_painted
from o365desk.app.front import make_front, settings_of
from o365desk.app.options import Command, ExitStatus, Options, complain, parse
from o365desk.app.profile import Profile, in_folder, usual
from o365desk.app.report import Reporter
from o365desk.domain.connections import Connection
from o365desk.services.product_names import ProductNames
from o365desk.views import theme
from o365desk.views.main_window import PRODUCT

THEMES = {"light": theme.LIGHT, "dark": theme.DARK}

NO_DISPLAY = (
    "there is no display here, so no window can open. "
    "`o365desk sync` and `o365desk export` need none."
)
PRACTICES = {"reseller": PRACTICE, "direct": PRACTICE_DIRECT, "sign-in": PRACTICE_SIGN_IN}


def run(arguments: list[str]) -> int:
    """The program from its command line to its exit status."""
    options = parse(arguments)
    if isinstance(options, int):
        return options
    profile = profile_of(options)
    book = load(profile)
    connection = chosen(options, book)
    if connection is None and options.connection:
        complain(f"there is no connection “{options.connection}”.")
        return ExitStatus.BAD_USAGE
    if options.command is not Command.WINDOW:
        from o365desk.app.headless import run_headless

        for problem in book.problems:
            complain(problem)
        return run_headless(options, connection, profile)
    if not has_display():
        complain(NO_DISPLAY)
        return ExitStatus.FAILED
    app = make_application(options)
    copy = None
    if profile is not None and not options.demo:
        # The practice directory stands beside the real work; two of it are no harm.
        from o365desk.app.single_copy import SingleCopy

        copy = SingleCopy(profile)
        if not copy.claim() and copy.hand_over(options):
            return ExitStatus.DONE
    reporter = Reporter()
    reporter.install()
    names = ProductNames()
    front = make_front(connection, settings_of(connection, profile), names)
    theme.apply(app, THEMES.get(options.theme))
    show_painted(front.window)
    # Everything below costs time (the loop, HTTP, the practice directory): the window is first.
    from o365desk.app import loop
    from o365desk.app.program import Program

    program = Program(app, front, names, reporter, options, profile, book, copy)
    return loop.run(app, program.main)


def has_display() -> bool:
    """Whether a window can open at all; Qt itself would end the program with a message of its own
    and a dump of its memory."""
    if sys.platform != "linux" or QApplication.instance() is not None:
        return True
    return any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")))


def profile_of(options: Options) -> Profile | None:
    """Where this run keeps things; None for a tour or a picture, which keep nothing unless they are
    given a folder."""
    if options.config is not None:
        return in_folder(options.config)
    return None if options.scripted else usual()


def chosen(options: Options, book: ConnectionBook) -> Connection | None:
    """The connection to open; None when none is set up, or the one that was named is not."""
    if options.demo:
        return PRACTICES[options.demo]
    if options.connection:
        return book.find(options.connection)
    return book.to_open()


def make_application(options: Options) -> QApplication:
    """The one QApplication, in the colours of the theme that was asked for or the system's; its
    style sheet comes when the window has been built."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication([PRODUCT])
    app.setApplicationName(PRODUCT)
    app.setDesktopFileName(PRODUCT)  # by which Wayland finds the icon
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
