"""A person at the system's browser: pages that the program opens are walked through for real."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from tests.simulator.browser import Browser


class _System(QObject):
    """What the system does with an address; Qt's own hook hands it over."""

    def __init__(self, browser: Browser | None) -> None:
        super().__init__()
        self._browser = browser
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        address = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        self.opened.append(address)
        if self._browser is not None:
            self._browser.open(address)


@contextmanager
def browsing(browser: Browser | None) -> Iterator[list[str]]:
    """Addresses go to `browser` (None: nobody looks at it); gives the list of those opened."""
    system = _System(browser)
    for scheme in ("http", "https"):
        # It takes a str, whatever PySide6's stubs say.
        QDesktopServices.setUrlHandler(scheme, system, "open")  # type: ignore[arg-type]
    try:
        yield system.opened
    finally:
        for scheme in ("http", "https"):
            QDesktopServices.unsetUrlHandler(scheme)
        if browser is not None and browser.walks:
            browser.join()
