"""Signing in as the operator sees it: waiting, a code that runs out, an error, and the end."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from o365desk.domain.access import Service, SignInNeed
from o365desk.domain.errors import SignInRequired
from o365desk.domain.sign_in import DeviceCode
from o365desk.views import theme
from o365desk.views.sign_in_dialog import EXPIRED, SignInDialog
from tests.views.access_samples import LONG, nameless
from tests.views.dialogs import Key, click, focus, host, opened, press, tab_order

PAGE = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize"
BLOCKED = SignInRequired(
    "Your organization's rules do not allow this sign-in.",
    next_step="Sign in on a computer that your organization manages.",
    need=SignInNeed(Service.GRAPH),
    code="AADSTS53003",
    correlation_id="c-1",
)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, dialog: SignInDialog, **by: float) -> None:
        """Time passes, and the dialog's timer tells it so."""
        self.now += timedelta(**by)
        timer = dialog.findChild(QTimer)
        assert isinstance(timer, QTimer)
        assert timer.isActive()
        timer.timeout.emit()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dialog(qtbot: QtBot, clock: Clock) -> SignInDialog:
    return opened(qtbot, SignInDialog(LONG, host(qtbot), clock=clock))


def code(clock: Clock) -> DeviceCode:
    return DeviceCode(
        "ABCD2EFGH", "https://microsoft.com/devicelogin", clock() + timedelta(minutes=15)
    )


def test_waiting_says_for_what_and_how_long(dialog: SignInDialog, clock: Clock) -> None:
    links = QSignalSpy(dialog.open_link_requested)
    dialog.show_waiting("Your browser has been opened. Sign in there, then come back.", PAGE)
    assert dialog.progress.isVisible()
    assert dialog.subheading.text() == LONG
    clock.move(dialog, seconds=75)
    assert dialog.elapsed.text() == "Waiting for 1:15"
    click(dialog.open_button)
    assert links.at(0) == [PAGE]
    click(dialog.copy_link_button)
    assert QGuiApplication.clipboard().text() == PAGE
    dialog.show_waiting("Finishing…")
    assert not dialog.open_button.isVisible()
    assert dialog.elapsed.text() == "Waiting for 0:00"


@pytest.mark.parametrize("state", ["waiting", "code", "error"])
def test_escape_cancels_at_any_time(dialog: SignInDialog, clock: Clock, state: str) -> None:
    cancelled = QSignalSpy(dialog.cancelled)
    if state == "code":
        dialog.show_code(code(clock))
    elif state == "error":
        dialog.show_error(BLOCKED)
    press(dialog, Key.Key_Escape)
    assert cancelled.count() == 1
    assert not dialog.isVisible()


def test_success_closes_and_is_no_cancel(dialog: SignInDialog) -> None:
    cancelled = QSignalSpy(dialog.cancelled)
    dialog.show_done()
    assert not dialog.isVisible()
    assert cancelled.count() == 0


def test_the_code_can_be_read_copied_and_spelled(dialog: SignInDialog, clock: Clock) -> None:
    dialog.show_code(code(clock))
    assert dialog.code.text() == "ABCD2EFGH"
    assert dialog.code.accessibleName() == "Code: A B C D 2 E F G H"
    assert focus(dialog) is dialog.copy_code_button
    press(dialog, Key.Key_Return)
    assert QGuiApplication.clipboard().text() == "ABCD2EFGH"
    assert dialog.address.text() == "https://microsoft.com/devicelogin"
    links = QSignalSpy(dialog.open_link_requested)
    click(dialog.open_button)
    assert links.at(0) == ["https://microsoft.com/devicelogin"]


def test_the_code_counts_down_and_runs_out(dialog: SignInDialog, clock: Clock) -> None:
    asked = QSignalSpy(dialog.new_code_requested)
    dialog.show_code(code(clock))
    assert dialog.countdown.text() == "Valid for 15:00"
    clock.move(dialog, minutes=13, seconds=59.5)
    assert dialog.countdown.text() == "Valid for 1:00"
    assert dialog.countdown.accessibleName() == "The code is valid for 1 minute"
    clock.move(dialog, seconds=30)
    assert dialog.countdown.accessibleName() == "The code is valid for less than a minute"
    clock.move(dialog, minutes=5)
    assert dialog.countdown.text() == dialog.countdown.accessibleName() == EXPIRED
    assert not dialog.code.isEnabled()
    assert not dialog.copy_code_button.isVisible()
    assert not dialog.open_button.isVisible(), "the page would take the old code"
    assert not dialog.progress.isVisible()
    assert focus(dialog) is dialog.new_code_button
    dialog.show_error(BLOCKED)  # Microsoft says a moment later that the code is over
    assert focus(dialog) is dialog.new_code_button, "nothing moves under the hand"
    assert not dialog.errors.isVisible()
    press(dialog, Key.Key_Return)
    assert asked.count() == 1
    assert not dialog.code.isVisible()
    assert dialog.progress.isVisible()
    dialog.show_code(code(clock))
    assert dialog.code.isEnabled()
    assert dialog.countdown.text() == "Valid for 15:00"
    assert not dialog.new_code_button.isVisible()


def test_a_code_that_came_too_late_is_expired_at_once(dialog: SignInDialog, clock: Clock) -> None:
    late = code(clock)
    clock.now += timedelta(minutes=20)
    dialog.show_code(late)
    assert dialog.countdown.text() == EXPIRED
    assert dialog.new_code_button.isVisible()


@pytest.mark.parametrize(
    ("button", "signal"),
    [("retry_button", "retry_requested"), ("another_button", "another_account_requested")],
)
def test_an_error_offers_two_ways_on(
    dialog: SignInDialog, clock: Clock, button: str, signal: str
) -> None:
    asked = QSignalSpy(getattr(dialog, signal))
    dialog.show_code(code(clock))
    dialog.show_error(BLOCKED)
    assert dialog.errors.sentence.text() == BLOCKED.sentence
    assert dialog.errors.next_step.text() == BLOCKED.next_step
    assert dialog.errors.ids.text() == "code AADSTS53003, correlation-id c-1"
    assert not dialog.errors.sign_in.isVisible(), "Try again is the way to sign in here"
    assert not dialog.code_box.isVisible()
    assert not dialog.progress.isVisible()
    assert focus(dialog) is dialog.retry_button
    click(getattr(dialog, button))
    assert asked.count() == 1
    assert not dialog.errors.isVisible()
    assert dialog.progress.isVisible()
    assert not dialog.retry_button.isVisible()


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_every_control_has_a_name_and_is_reached(
    dialog: SignInDialog, clock: Clock, qapp: QApplication, look: theme.Theme
) -> None:
    theme.apply(qapp, look)
    dialog.show_code(code(clock))
    assert nameless(dialog) == []
    reached = tab_order(dialog)
    wanted = (dialog.copy_code_button, dialog.open_button, dialog.cancel_button)
    assert [one for one in wanted if one not in reached] == []
    plain = dialog.text.fontMetrics().height()
    assert dialog.code.fontMetrics().height() > 2 * plain, "read across a desk"
