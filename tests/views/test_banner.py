"""FreshnessBar and MessageBanner."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from o365desk.domain.errors import AccessDenied, DeskError, Unreachable
from o365desk.views import theme
from o365desk.views.banner import MAX_MESSAGES, FreshnessBar, Message, MessageBanner, MessageKind

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.usefixtures("british"),
]

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bar(qtbot: QtBot, look: theme.Theme) -> FreshnessBar:
    made = FreshnessBar()
    qtbot.addWidget(made)
    made.resize(700, made.sizeHint().height())
    made.show()
    return made


@pytest.fixture
def banner(qtbot: QtBot, look: theme.Theme) -> MessageBanner:
    made = MessageBanner()
    qtbot.addWidget(made)
    made.resize(700, 100)
    return made


def background(bar: FreshnessBar) -> str:
    return bar.grab().toImage().pixelColor(bar.width() // 2, 2).name()


def test_live(bar: FreshnessBar, look: theme.Theme) -> None:
    assert bar.text == "Not read yet"
    now = datetime.now(UTC)
    bar.set_live(now)
    assert bar.text == f"Live, read {now.astimezone():%H:%M}"
    assert background(bar) == look.surface
    bar.set_live(now - timedelta(days=400))
    day = (now - timedelta(days=400)).astimezone()
    assert f"{day.day} {day:%b %Y}" in bar.text, "an old time names its day"


def test_practice_and_snapshot_tint_the_line(bar: FreshnessBar, look: theme.Theme) -> None:
    now = datetime.now(UTC)
    bar.set_practice("Practice directory", now)
    assert bar.text == f"Practice directory, read {now.astimezone():%H:%M}"
    bar.set_practice("Practice directory", now, "nothing here is real")
    assert bar.text == f"Practice directory, read {now.astimezone():%H:%M}: nothing here is real"
    assert background(bar) == look.practice
    (text,) = (one for one in bar.findChildren(QLabel) if one.accessibleName() == bar.text)
    assert text.palette().color(text.foregroundRole()).name() == look.on_practice
    bar.set_snapshot(now - timedelta(hours=3), now)
    assert background(bar) == look.snapshot
    assert text.palette().color(text.foregroundRole()).name() == look.on_snapshot
    bar.set_live(now)
    assert background(bar) == look.surface


def test_a_snapshot_looks_the_older_the_older_it_is(bar: FreshnessBar, look: theme.Theme) -> None:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    tints, words = [], []
    for age in (timedelta(hours=3), timedelta(days=3), timedelta(days=90)):
        bar.set_snapshot(now - age, now)
        tints.append(background(bar))
        words.append(bar.text.split(" · ")[1])
    assert tints == [look.snapshot, look.snapshot_aged, look.snapshot_aged]
    assert words == ["3 hours ago", "3 days ago", "90 days ago: much may have changed since"]
    then = (now - timedelta(days=90)).astimezone()
    assert bar.text.startswith(f"Snapshot of {then.day} {then:%b %Y}, ")
    bar.set_snapshot(now - timedelta(days=3), now, source="Practice directory")
    assert bar.text.startswith("Practice directory, snapshot of ")


def test_the_way_to_snapshots_and_back(bar: FreshnessBar, qtbot: QtBot) -> None:
    def offered() -> tuple[bool, bool]:
        return bar.snapshots_button.isVisible(), bar.live_button.isVisible()

    now = datetime.now(UTC)
    bar.set_live(now)
    assert offered() == (False, False)
    bar.set_snapshots_offered(True)
    assert offered() == (True, False)
    bar.set_snapshot(now, now)
    assert offered() == (True, False), "no live data, no way to it"
    bar.set_snapshot(now, now, can_go_live=True)
    bar.set_snapshots_offered(False)
    assert offered() == (True, True), "what is on screen is a snapshot after all"
    with qtbot.waitSignal(bar.live_requested):
        bar.live_button.click()
    with qtbot.waitSignal(bar.snapshots_requested):
        bar.snapshots_button.click()
    bar.set_live(now)
    assert offered() == (False, False)


def test_a_long_text_does_not_widen_the_window(bar: FreshnessBar) -> None:
    now = datetime.now(UTC)
    bar.set_snapshot(now - timedelta(days=90), now, can_go_live=True, source="Practice directory")
    assert bar.minimumSizeHint().width() < 500
    bar.resize(500, bar.height())
    QTest.qWait(0)
    shown = [one.text() for one in bar.findChildren(QLabel) if one.text().endswith("…")]
    assert shown, "the end is left out, not the buttons"
    assert bar.text.endswith("much may have changed since")
    assert bar.live_button.geometry().right() < bar.width()


def test_the_edge_of_the_window_tells_too(qtbot: QtBot, look: theme.Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    bar = FreshnessBar(window)
    bar.tint_edge_of(window)
    now = datetime.now(UTC)
    window.resize(400, 300)
    window.show()

    def corner() -> str:
        image = window.grab().toImage()
        return image.pixelColor(image.width() - 1, image.height() - 1).name()

    bar.set_live(now)
    before = corner()
    bar.set_snapshot(now, now)
    assert corner() == look.snapshot_edge
    window.resize(500, 350)
    assert corner() == look.snapshot_edge
    assert window.childAt(499, 349) is None, "the mouse does not feel the edge"
    bar.set_practice("Practice directory", now)
    assert corner() == look.practice_edge
    bar.set_live(now)
    assert corner() == before


def test_loading_moves_nothing(bar: FreshnessBar) -> None:
    before = bar.sizeHint().height()
    progress = bar.findChild(QProgressBar)
    assert isinstance(progress, QProgressBar)
    assert not progress.isVisible()
    bar.set_loading("Reading users, 1,200 so far")
    assert progress.isVisible()
    assert bar.loading_text == "Reading users, 1,200 so far"
    assert bar.sizeHint().height() == before
    bar.set_loading("")
    assert not progress.isVisible()
    bar.set_snapshot(datetime.now(UTC), datetime.now(UTC), can_go_live=True)
    assert bar.sizeHint().height() == before


ERROR = Unreachable(
    "Microsoft cannot be reached.", next_step="Check the connection.", status=503, request_id="r-1"
)


def labels(banner: MessageBanner) -> list[str]:
    return [one.text() for one in banner.findChildren(QLabel) if one.isVisible()]


def test_takes_no_room_while_there_is_nothing_to_say(banner: MessageBanner) -> None:
    assert not banner.isVisible()
    banner.show_error(ERROR)
    assert banner.isVisible()
    banner.clear()
    assert not banner.isVisible()
    assert banner.messages == ()


def test_sentence_next_step_and_ids_can_be_selected(banner: MessageBanner) -> None:
    banner.show_error(ERROR)
    assert labels(banner) == [ERROR.sentence, ERROR.next_step, ERROR.support_ids]
    assert all(
        one.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
        for one in banner.findChildren(QLabel)
    )


def test_markup_in_a_message_stays_text(banner: MessageBanner) -> None:
    banner.show_message(Message("<b>Bold</b>"))
    (label,) = banner.findChildren(QLabel)
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_newest_on_top_and_three_at_most(banner: MessageBanner) -> None:
    for number in range(5):
        banner.show_message(Message(f"Trouble {number}"))
    assert [one.sentence for one in banner.messages] == ["Trouble 4", "Trouble 3", "Trouble 2"]
    assert len(banner.messages) == MAX_MESSAGES
    QApplication.sendPostedEvents()
    shown = [one for one in banner.findChildren(QLabel) if one.isVisible()]
    tops = {one.text(): one.mapTo(banner, QPoint(0, 0)).y() for one in shown}
    assert sorted(tops, key=tops.__getitem__) == ["Trouble 4", "Trouble 3", "Trouble 2"]


def test_the_same_trouble_again_is_one_message_counted(banner: MessageBanner) -> None:
    banner.show_error(ERROR)
    banner.show_error(AccessDenied("You may not."))
    again = Unreachable(ERROR.sentence, next_step=ERROR.next_step, status=503, request_id="r-2")
    banner.show_error(again)
    banner.show_error(again)
    assert [one.sentence for one in banner.messages] == [ERROR.sentence, "You may not."]
    assert f"{ERROR.sentence}  (3 times)" in labels(banner)
    assert "r-2" in banner.messages[0].support_ids
    banner.show_error(DeskError(ERROR.sentence, next_step="Something else."))
    assert len(banner.messages) == 3


def test_dismiss_by_keyboard(banner: MessageBanner) -> None:
    banner.show_error(ERROR)
    banner.show_message(Message("Another"))
    dismiss = next(
        one
        for one in banner.findChildren(QToolButton)
        if one.accessibleName() == "Dismiss this message"
    )
    QTest.keyClick(dismiss, Qt.Key.Key_Space)
    assert len(banner.messages) == 1
    assert banner.messages[0].sentence == "Another"


def test_an_action_acts_after_its_message_is_gone(banner: MessageBanner) -> None:
    seen: list[int] = []

    def act() -> None:
        seen.append(len(banner.messages))
        banner.show_message(Message("What came of it"))

    banner.show_error(ERROR, "Retry", act)
    (button,) = banner.findChildren(QPushButton)
    assert button.text() == "Retry"
    QTest.mouseClick(button, LEFT)
    assert seen == [0]
    assert [one.sentence for one in banner.messages] == ["What came of it"]


def test_a_notice_is_no_error_and_outlives_them(banner: MessageBanner) -> None:
    asked: list[str] = []
    banner.show_notice(
        "You stay signed in only until the program ends.",
        "There is no keyring on this computer.",
        "How to change that",
        lambda: asked.append("help"),
        warning=True,
    )
    banner.show_notice("Signed out.")
    for number in range(MAX_MESSAGES + 1):
        banner.show_message(Message(f"Trouble {number}"))
    kinds = [one.kind for one in banner.messages]
    assert kinds.count(MessageKind.ERROR) == MAX_MESSAGES
    assert kinds.count(MessageKind.WARNING) == kinds.count(MessageKind.NOTICE) == 1
    banner.clear()
    assert [one.sentence for one in banner.messages] == [
        "Signed out.",
        "You stay signed in only until the program ends.",
    ]
    banner.show_error(ERROR)
    banner.clear_notices()
    assert [one.sentence for one in banner.messages] == [ERROR.sentence]
    banner.show_notice("Look here.", action="Show", on_action=lambda: asked.append("shown"))
    QTest.mouseClick(banner.findChildren(QPushButton)[-1], LEFT)
    assert asked == ["shown"]


def test_what_was_said_is_taken_back(banner: MessageBanner) -> None:
    banner.show_notice("One is over.", action="Look")
    banner.show_notice("One stays.")
    said = next(one for one in banner.messages if one.action)
    for _again in range(2):
        banner.take_back(said)
        assert [one.sentence for one in banner.messages] == ["One stays."]
