"""SnapshotCalendar: choosing a moment by mouse and keyboard, and what stands there instead."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from o365desk.domain.directory import TenantId
from o365desk.domain.errors import Unreachable
from o365desk.domain.snapshots import Snapshot
from o365desk.models.snapshot_month import SnapshotMonthModel
from o365desk.views import theme
from o365desk.views.snapshot_calendar import NONE_YET, READING, SnapshotCalendar

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.usefixtures("british"),
]

LEFT = Qt.MouseButton.LeftButton


def noon(month: int, day: int) -> datetime:
    """Noon where the test runs, in UTC."""
    return datetime(2026, month, day, 12).astimezone(UTC)


def kept(*times: datetime) -> list[Snapshot]:
    return [Snapshot(TenantId("t"), at, 10, 0) for at in times]


TIMES = (
    noon(11, 20),
    noon(11, 13),
    noon(11, 13) + timedelta(hours=2),
    noon(11, 2),
    noon(9, 30),
    noon(9, 4),
)


@pytest.fixture
def calendar(qtbot: QtBot, look: theme.Theme) -> Iterator[SnapshotCalendar]:
    below = QWidget()
    qtbot.addWidget(below)
    below.show()
    made = SnapshotCalendar(below)
    made.popup_below(below)
    made.set_snapshots(kept(*TIMES), None)
    yield made
    made.close()


def model(calendar: SnapshotCalendar) -> SnapshotMonthModel:
    found = calendar.grid.model()
    assert isinstance(found, SnapshotMonthModel)
    return found


def current(calendar: SnapshotCalendar) -> date | None:
    return model(calendar).day_at(calendar.grid.currentIndex())


def times(calendar: SnapshotCalendar) -> list[str]:
    return [calendar.times.item(row).text() for row in range(calendar.times.count())]


def said(calendar: SnapshotCalendar) -> list[str]:
    return [one.text() for one in calendar.findChildren(QLabel) if one.isVisible() and one.text()]


def button(calendar: SnapshotCalendar, text: str) -> QPushButton:
    (found,) = (one for one in calendar.findChildren(QPushButton) if one.text() == text)
    return found


def press(calendar: SnapshotCalendar, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(calendar.grid, key)


def click_day(calendar: SnapshotCalendar, day: date) -> None:
    where = calendar.grid.visualRect(model(calendar).index_of(day)).center()
    QTest.mouseClick(calendar.grid.viewport(), LEFT, pos=where)


def test_opens_at_the_newest_or_the_one_on_screen(calendar: SnapshotCalendar) -> None:
    assert current(calendar) == date(2026, 11, 20)
    assert "November 2026" in said(calendar)
    assert "6 snapshots" in said(calendar)
    calendar.set_snapshots(kept(*TIMES), noon(9, 4))
    assert current(calendar) == date(2026, 9, 4)
    assert times(calendar) == ["12:00 · 10 users · on screen"]


def test_the_keyboard_goes_from_snapshot_to_snapshot(calendar: SnapshotCalendar) -> None:
    key = Qt.Key
    steps = [
        (key.Key_Left, date(2026, 11, 13)),
        (key.Key_Left, date(2026, 11, 2)),
        (key.Key_Left, date(2026, 9, 30)),
        (key.Key_Right, date(2026, 11, 2)),
        (key.Key_Down, date(2026, 11, 13)),
        (key.Key_Down, date(2026, 11, 20)),
        (key.Key_Down, date(2026, 11, 20)),
        (key.Key_Up, date(2026, 11, 13)),
        (key.Key_Home, date(2026, 9, 4)),
        (key.Key_End, date(2026, 11, 20)),
        (key.Key_PageUp, date(2026, 9, 4)),
        (key.Key_PageUp, date(2026, 9, 4)),
        (key.Key_PageDown, date(2026, 11, 2)),
    ]
    for pressed, day in steps:
        press(calendar, pressed)
        assert current(calendar) == day, pressed


def test_enter_opens_and_escape_closes(calendar: SnapshotCalendar, qtbot: QtBot) -> None:
    press(calendar, Qt.Key.Key_Left)
    assert times(calendar) == ["14:00 · 10 users", "12:00 · 10 users"]
    with qtbot.waitSignal(calendar.snapshot_chosen) as chosen:
        press(calendar, Qt.Key.Key_Return)
    assert chosen.args == [TIMES[2]], "the last of the day"
    assert not calendar.isVisible()
    calendar.show()
    with qtbot.assertNotEmitted(calendar.snapshot_chosen):
        press(calendar, Qt.Key.Key_Escape)
    assert not calendar.isVisible()


def test_a_click_opens_a_day_with_one_snapshot(calendar: SnapshotCalendar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(calendar.snapshot_chosen):
        click_day(calendar, date(2026, 11, 13))
        click_day(calendar, date(2026, 11, 14))
    assert calendar.isVisible(), "one day has two, the other none"
    earlier = calendar.times.visualItemRect(calendar.times.item(1)).center()
    with qtbot.waitSignal(calendar.snapshot_chosen) as chosen:
        QTest.mouseClick(calendar.times.viewport(), LEFT, pos=earlier)
    assert chosen.args == [TIMES[1]]
    calendar.show()
    with qtbot.waitSignal(calendar.snapshot_chosen) as chosen:
        click_day(calendar, date(2026, 11, 2))
    assert chosen.args == [TIMES[3]]


def test_newest_and_live(calendar: SnapshotCalendar, qtbot: QtBot) -> None:
    assert not calendar.live_button.isVisible(), "this is live data"
    calendar.set_snapshots(kept(*TIMES), noon(9, 4))
    assert not calendar.live_button.isVisible(), "there is no live data"
    calendar.set_snapshots(kept(*TIMES), noon(9, 4), can_go_live=True)
    with qtbot.waitSignal(calendar.live_requested):
        calendar.live_button.click()
    calendar.show()
    with qtbot.waitSignal(calendar.snapshot_chosen) as chosen:
        calendar.newest_button.click()
    assert chosen.args == [TIMES[0]]
    calendar.set_snapshots(kept(*TIMES), TIMES[0], can_go_live=True)
    assert not calendar.newest_button.isEnabled(), "it is on screen"


def test_states(calendar: SnapshotCalendar, qtbot: QtBot) -> None:
    calendar.set_snapshots((), None, can_go_live=True)
    assert said(calendar) == [NONE_YET]
    assert not calendar.newest_button.isEnabled()
    size = calendar.sizeHint()
    calendar.show_error(Unreachable("It cannot be read.", next_step="Restart."))
    assert said(calendar) == ["It cannot be read. Restart."]
    with qtbot.waitSignal(calendar.retry_requested):
        button(calendar, "Try again").click()
    assert said(calendar) == [READING]
    assert not button(calendar, "Try again").isVisible()
    press(calendar, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Return)
    assert calendar.sizeHint() == size


def test_the_first_time_it_opens_the_whole_month_is_seen(qtbot: QtBot) -> None:
    below = QWidget()
    qtbot.addWidget(below)
    below.show()
    made = SnapshotCalendar(below)
    made.set_snapshots(kept(*TIMES), None)  # as the window does: told before it is shown
    made.popup_below(below)
    assert made.size() == made.sizeHint()
    viewport, last = made.grid.viewport().rect(), model(made).index(5, 6)
    assert viewport.contains(made.grid.visualRect(last))
    made.close()
