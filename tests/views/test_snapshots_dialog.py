"""The settings of snapshots: what they take, for how long they are kept, and forgetting."""

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.errors import DeskError
from o365desk.domain.retention import Retention
from o365desk.domain.snapshots import StoreFacts
from o365desk.views.snapshots_dialog import UNKNOWN, SnapshotsDialog

pytestmark = pytest.mark.usefixtures("british")

OLDEST, NEWEST = datetime(2026, 10, 1, 12, tzinfo=UTC), datetime(2026, 11, 22, 12, tzinfo=UTC)
TENANTS = (
    Tenant(TenantId("1"), "Fern & Finch", "fern.example"),
    Tenant(TenantId("2"), "Μακρής", "makris.example"),
)


def facts(*, on_disk: bool = True) -> StoreFacts:
    return StoreFacts(
        on_disk=on_disk,
        path="/data/fern-snapshots.db" if on_disk else "",
        size=3 * 1024 * 1024,
        tenants=2,
        snapshots=1204,
        oldest=OLDEST,
        newest=NEWEST,
        stalest=NEWEST,
    )


@pytest.fixture
def dialog(qtbot: QtBot) -> SnapshotsDialog:
    made = SnapshotsDialog()
    qtbot.addWidget(made)
    made.set_retention(Retention())
    made.set_facts(facts())
    made.set_tenants(TENANTS)
    made.show()
    return made


def test_it_tells_what_is_kept_and_where(dialog: SnapshotsDialog) -> None:
    assert "encrypted" in dialog.where.text()
    assert dialog.size_text.text() == "3.00 MiB"
    assert dialog.count.text().startswith("1,204 of 2 customers, from 1 Oct 2026")
    assert dialog.path.text() == "/data/fern-snapshots.db"
    dialog.set_facts(facts(on_disk=False), problem="The store of secrets is locked.")
    assert "until you close" in dialog.where.text()
    assert "locked" in dialog.where.text()
    assert not dialog.path.isVisible()
    assert not dialog.check_button.isEnabled()
    assert dialog.check_button.toolTip()


def test_days_are_told_once_and_never_cross(dialog: SnapshotsDialog, qtbot: QtBot) -> None:
    told: list[Retention] = []
    dialog.retention_chosen.connect(told.append)
    dialog.all_days.setFocus()
    dialog.all_days.selectAll()
    QTest.keyClicks(dialog.all_days, "500")
    QTest.keyClick(dialog.all_days, Qt.Key.Key_Tab)
    assert told == [Retention(500, 500)], "one a day cannot end before every one does"
    QTest.keyClick(dialog.daily_days, Qt.Key.Key_Return)
    assert dialog.isVisible(), "Enter ends a number, not the dialog"


def test_nothing_is_removed_without_a_second_look(dialog: SnapshotsDialog) -> None:
    told: list[Retention] = []
    dialog.retention_chosen.connect(told.append)
    dialog.all_days.selectAll()
    QTest.keyClicks(dialog.all_days, "3")
    QTest.keyClick(dialog.all_days, Qt.Key.Key_Return)
    assert dialog.removal.isVisible()
    dialog.removal.no.click()
    assert dialog.all_days.value() == 35
    dialog.monthly.click()
    assert dialog.removal.isVisible()
    dialog.monthly.click()
    assert not dialog.removal.isVisible(), "it is as it was"
    dialog.daily_days.selectAll()
    QTest.keyClicks(dialog.daily_days, "90")
    QTest.keyClick(dialog.daily_days, Qt.Key.Key_Tab)
    assert told == []
    dialog.removal.yes.click()
    assert told == [Retention(35, 90)]
    assert not dialog.removal.isVisible()


def test_a_customer_is_forgotten_after_a_second_look(dialog: SnapshotsDialog, qtbot: QtBot) -> None:
    told: list[object] = []
    dialog.forget_requested.connect(told.append)
    dialog.tenant_box.setCurrentIndex(1)
    dialog.forget_button.click()
    assert "Μακρής" in dialog.forgetting.text.text()
    assert dialog.forgetting.no.hasFocus(), "Enter keeps it"
    dialog.forgetting.no.click()
    assert told == []
    assert not dialog.forgetting.yes.isVisible()
    dialog.forget_button.click()
    dialog.tenant_box.setCurrentIndex(0)
    assert not dialog.forgetting.yes.isVisible(), "it asked about another one"
    dialog.forget_button.click()
    dialog.forgetting.yes.click()
    assert told == [TENANTS[0].id]
    assert dialog.busy
    dialog.set_tenants(TENANTS[1:])
    dialog.set_facts(facts(on_disk=False))
    dialog.set_done("Removed.")
    assert dialog.forget_button.isEnabled(), "there is another one"
    assert not dialog.check_button.isEnabled(), "there is no file"
    dialog.set_tenants(())
    assert dialog.summary.full() == "Removed."
    assert not dialog.forget_button.isEnabled()


def test_a_check_that_fails_is_told(dialog: SnapshotsDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.check_requested):
        dialog.check_button.click()
    dialog.show_error(DeskError("The file cannot be read.", next_step="Look at the disk."))
    assert not dialog.busy
    assert dialog.errors.sentence.text() == "The file cannot be read."


def test_what_could_not_be_read_is_not_called_empty(qtbot: QtBot) -> None:
    dialog = SnapshotsDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.show_error(DeskError("The file is damaged."))
    assert dialog.where.text() == UNKNOWN
    assert not dialog.size_text.isVisible()
    assert dialog.forget_button.toolTip() == UNKNOWN
    assert dialog.check_button.isEnabled(), "that file is the one to check"
    dialog.set_facts(facts())
    assert dialog.size_text.isVisible()
    assert dialog.count.isVisible()
