"""The search over all customers by keyboard and mouse, in both themes, and what it says."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QProgressBar, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.errors import Unreachable
from o365desk.domain.snapshots import MOST_USERS_FOUND, HitKind, SearchHit
from o365desk.models.search_hits import SearchScope
from o365desk.views import theme
from o365desk.views.customer_search import CustomerSearch
from o365desk.views.parts import ElidedLabel
from o365desk.views.search_list import SearchTable
from tests.models.people import NOW, now

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.usefixtures("british"),
]

Key = Qt.Key
SCOPE = SearchScope(1000, 14, NOW - timedelta(days=41))


def hit(number: int, name: str = "", *, kind: HitKind = HitKind.USER) -> SearchHit:
    tenant = Tenant(TenantId(f"t-{number}"), f"Customer {number}", "c.example")
    at = NOW - timedelta(hours=2)
    return SearchHit(kind, tenant, at, name or f"Anna {number}", f"anna{number}@c.example")


class Desk(QWidget):
    """A window with a field that has the focus, and the search over it."""

    def __init__(self) -> None:
        super().__init__()
        self.other = QLineEdit()
        QVBoxLayout(self).addWidget(self.other)
        self.search = CustomerSearch(now, self)
        self.search.set_scope(SCOPE)
        self.asked: list[str] = []
        self.chosen: list[SearchHit] = []
        self.search.search_requested.connect(self.asked.append)
        self.search.hit_chosen.connect(self.chosen.append)
        self.resize(800, 600)

    @property
    def field(self) -> QLineEdit:
        return self.search.findChild(QLineEdit)  # type: ignore[return-value]

    @property
    def table(self) -> SearchTable:
        return self.search.findChild(SearchTable)  # type: ignore[return-value]

    @property
    def current(self) -> int:
        return self.table.currentIndex().row()

    @property
    def said(self) -> str:
        """Whole, even where a font leaves no room for all of it."""
        labels = [label for label in self.search.findChildren(QLabel) if label.isVisible()]
        return "\n".join(
            label.full() if isinstance(label, ElidedLabel) else label.text() for label in labels
        )

    def searching(self) -> bool:
        return any(bar.isVisible() for bar in self.search.findChildren(QProgressBar))

    def press(self, *keys: Key) -> None:
        """Keys go where the focus is, as they do for a person."""
        for key in keys:
            assert QApplication.focusWidget() is self.field, "the field keeps the focus"
            QTest.keyClick(self.field, key)

    def look_for(self, qtbot: QtBot, text: str, count: int = 0) -> None:
        """Types, waits for the pause, and answers with so many finds."""
        asked = len(self.asked)
        QTest.keyClicks(self.field, text)
        qtbot.waitUntil(lambda: len(self.asked) > asked)
        self.search.begin()
        self.search.add_hits([hit(number) for number in range(count)])
        self.search.finish()


@pytest.fixture
def desk(qtbot: QtBot, look: theme.Theme) -> Iterator[Desk]:
    made = Desk()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.other.setFocus()
    qtbot.waitUntil(made.other.hasFocus)
    made.search.open_over(made)
    yield made
    made.search.close()


def test_type_move_and_enter(desk: Desk, qtbot: QtBot) -> None:
    QTest.keyClicks(desk.field, "an")
    assert desk.asked == [], "typing goes on"
    desk.look_for(qtbot, "na", 100)
    assert desk.asked == ["anna"]
    assert desk.current == 0
    desk.press(Key.Key_Down, Key.Key_Down, Key.Key_Up)
    assert desk.current == 1
    desk.press(Key.Key_PageDown)
    page = desk.current - 1
    assert 3 < page < 20
    assert desk.table.visualRect(desk.table.currentIndex()).intersects(desk.table.viewport().rect())
    assert desk.field.accessibleDescription().startswith(f"Anna {page + 1}, User")
    desk.press(Key.Key_PageUp, Key.Key_PageUp, Key.Key_Up)
    assert desk.current == 0
    desk.press(Key.Key_Down, Key.Key_Return)
    assert desk.chosen == [hit(1)]
    assert not desk.search.isVisible()


def test_escape_closes_ends_the_search_and_gives_the_focus_back(desk: Desk, qtbot: QtBot) -> None:
    desk.look_for(qtbot, "anna", 3)
    desk.search.begin()
    desk.press(Key.Key_Escape)
    assert not desk.search.isVisible()
    assert desk.asked == ["anna", ""]
    assert desk.chosen == []
    qtbot.waitUntil(desk.other.hasFocus)
    desk.search.open_over(desk)
    assert desk.asked == ["anna", "", "anna"], "what was typed last is searched for anew"
    assert desk.field.selectedText() == "anna"


def test_enter_never_opens_what_was_found_for_another_text(desk: Desk, qtbot: QtBot) -> None:
    desk.look_for(qtbot, "anna", 3)
    QTest.keyClicks(desk.field, "b")
    desk.press(Key.Key_Return)
    assert (desk.asked, desk.chosen) == (["anna", "annab"], []), "asks at once instead"
    desk.search.begin()
    desk.press(Key.Key_Return)
    assert desk.chosen == []
    desk.search.add_hits([hit(7)])
    desk.press(Key.Key_Return)
    assert desk.chosen == [hit(7)], "the rest need not be waited for"


def test_a_click_chooses(desk: Desk, qtbot: QtBot) -> None:
    desk.look_for(qtbot, "anna", 5)
    where = desk.table.visualRect(desk.table.model().index(2, 0)).center()
    QTest.mouseClick(desk.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert desk.chosen == [hit(2)]


def test_it_says_how_much_was_found_where_and_how_old_it_is(desk: Desk, qtbot: QtBot) -> None:
    where = "1,000 customers; oldest snapshot 12 Oct, 12:00 · 14 customers never read"
    assert where in desk.said
    assert "Finds names, usernames" in desk.said
    desk.look_for(qtbot, "anna", 2)
    assert f"2 results in {where}" in desk.said
    assert not desk.searching()
    desk.search.begin()
    assert desk.searching()
    desk.search.add_hits([hit(1)])
    assert f"1 result so far in {where}" in desk.said
    desk.search.add_hits([hit(n) for n in range(MOST_USERS_FOUND)])
    desk.search.finish()
    assert f"The first 301 results in {where}" in desk.said
    desk.search.begin()
    desk.search.finish()
    assert "Nothing found for “anna”. Searched are names" in desk.said
    assert "14 customers never read" in desk.said
    desk.field.clear()
    assert desk.asked[-1] == ""
    assert "Finds names, usernames" in desk.said


def test_nothing_read_and_failure_are_not_nothing_found(desk: Desk, qtbot: QtBot) -> None:
    desk.look_for(qtbot, "anna", 2)
    desk.search.begin()
    desk.search.show_error(Unreachable("It cannot be read.", next_step="Free some space."))
    assert "It cannot be read. Free some space." in desk.said
    assert not desk.searching()
    asked = len(desk.asked)
    QTest.keyClick(desk.field, Qt.Key.Key_Return)
    assert desk.asked[asked:] == ["anna"], "Enter tries again"
    desk.field.clear()
    desk.search.set_scope(SearchScope(0, 14))
    assert "Nothing has been read yet. Refresh all customers" in desk.said
    desk.look_for(qtbot, "x")
    assert "Nothing found" not in desk.said


def colours(image: QImage) -> set[str]:
    area = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return {QColor(image.pixel(x, y)).name() for x, y in area}


def row_colours(desk: Desk, row: int) -> set[str]:
    rect = desk.table.visualRect(desk.table.model().index(row, 0))
    return colours(desk.table.viewport().grab(rect).toImage())


def test_rows_look_like_what_they_are(desk: Desk, qtbot: QtBot, look: theme.Theme) -> None:
    QTest.keyClicks(desk.field, "iiii")
    desk.search.begin()
    old = SearchHit(HitKind.USER, hit(0).tenant, NOW - timedelta(days=9), "█ iiii", "x")
    gone = SearchHit(HitKind.DELETED_USER, hit(0).tenant, NOW, "█ iiii", "x")
    desk.search.add_hits([hit(1), SearchHit(HitKind.USER, hit(0).tenant, NOW, "█ iiii", "x")])
    desk.search.add_hits([gone, old])
    assert look.text in row_colours(desk, 1)
    assert look.text not in row_colours(desk, 2)
    assert look.muted in row_colours(desk, 2)
    fresh, aged = row_colours(desk, 1), row_colours(desk, 3)
    amber = QColor(look.warning).hue()

    def tinted(found: set[str]) -> bool:
        return any(
            abs(QColor(name).hue() - amber) < 12 and QColor(name).saturation() > 100
            for name in found
        )

    assert tinted(aged)
    assert not tinted(fresh)
    desk.search.begin()
    assert look.text not in row_colours(desk, 1), "of the search before"
