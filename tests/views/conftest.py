"""What tests of widgets share: both themes, and a locale in which numbers and dates are known."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from o365desk.views import theme


@pytest.fixture
def british() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(before)


@pytest.fixture(scope="module", params=[theme.LIGHT, theme.DARK], ids=["light", "dark"])
def look(qapp: QApplication, request: pytest.FixtureRequest) -> theme.Theme:
    """Once a module and theme: every restyling costs a third of a second."""
    found: theme.Theme = request.param
    theme.apply(qapp, found)
    return found
