"""The licence review: the period that is proposed, the sheet, and what leaves the dialog."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from o365desk.domain.errors import DeskError
from o365desk.domain.review import ReviewSheet
from o365desk.domain.snapshots import Snapshot
from o365desk.views.review_dialog import (
    NO_SNAPSHOTS,
    NOTHING,
    READING,
    WRONG_ORDER,
    ReviewDialog,
    proposed,
)
from o365desk.views.review_words import LANGUAGES
from tests.views.access_samples import nameless
from tests.views.dialogs import Key, click, focus, host, opened, press, tab_order
from tests.views.review_samples import CONTOSO, EARLIER, LATER, long_sheet, small_sheet

BETWEEN = LATER - timedelta(days=1)


def snapshots(*times: datetime) -> list[Snapshot]:
    return [Snapshot(CONTOSO.id, at, 8, 1) for at in times]


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> ReviewDialog:
    """Has asked for the proposed period."""
    kept = snapshots(EARLIER, BETWEEN, LATER)
    made = ReviewDialog(CONTOSO, kept, host(qtbot), folder=str(tmp_path))
    asked = QSignalSpy(made.period_chosen)
    opened(qtbot, made)
    qtbot.waitUntil(lambda: asked.count() == 1)
    assert asked.at(0) == [EARLIER, LATER, 90]
    return made


def shown(dialog: ReviewDialog, sheet: ReviewSheet | None = None) -> ReviewDialog:
    dialog.set_sheet(sheet or small_sheet())
    return dialog


def chosen(dialog: ReviewDialog, path: Path) -> None:
    """Answers the file dialog that is open."""
    asking = next(d for d in dialog.findChildren(QFileDialog) if d.isVisible())
    asking.fileSelected.emit(str(path))
    asking.close()


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        (datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 10, 31, 12, tzinfo=UTC)),
        (datetime(2026, 11, 5, 12, tzinfo=UTC), datetime(2026, 9, 30, 12, tzinfo=UTC)),
        (datetime(2026, 1, 20, 12, tzinfo=UTC), datetime(2025, 12, 31, 12, tzinfo=UTC)),
        (datetime(2025, 12, 3, 12, tzinfo=UTC), datetime(2025, 11, 28, 12, tzinfo=UTC)),
    ],
)
def test_the_period_since_the_last_invoice(newest: datetime, expected: datetime) -> None:
    """A snapshot every day, but none before 28 November 2025."""
    first = datetime(2025, 11, 28, 12, tzinfo=UTC)
    days = (newest - first).days
    assert proposed([newest - timedelta(days=day) for day in range(days + 1)]) == expected


def test_a_period_that_was_chosen_elsewhere(qtbot: QtBot) -> None:
    kept = snapshots(LATER, EARLIER, BETWEEN)
    made = ReviewDialog(CONTOSO, kept, host(qtbot), period=(EARLIER, BETWEEN))
    asked = QSignalSpy(made.period_chosen)
    opened(qtbot, made)
    qtbot.waitUntil(lambda: asked.count() == 1)
    assert asked.at(0) == [EARLIER, BETWEEN, 90]


def test_nothing_leaves_before_there_is_a_sheet(dialog: ReviewDialog) -> None:
    assert dialog.note.text() == READING
    assert dialog.progress.isVisible()
    leaving = (dialog.pdf_button, dialog.html_button, dialog.csv_button, dialog.print_button)
    assert not any(button.isEnabled() for button in leaving)
    shown(dialog)
    assert all(button.isEnabled() for button in leaving)
    assert not dialog.progress.isVisible()
    assert dialog.summary.full() == "8 lines"
    text = dialog.preview.toPlainText()
    assert "contoso.onmicrosoft.com 2026-10-31/2026-11-22" in text
    assert "<b>Bobby</b> & Sons" in text


def test_a_sheet_that_comes_too_late_is_not_shown(qtbot: QtBot, dialog: ReviewDialog) -> None:
    asked = QSignalSpy(dialog.period_chosen)
    dialog.idle.setValue(30)
    qtbot.waitUntil(lambda: asked.count() == 1)
    assert asked.at(0) == [EARLIER, LATER, 30]
    shown(dialog)
    assert not dialog.preview.isVisible()
    assert not dialog.pdf_button.isEnabled()


def test_while_another_period_is_chosen_the_old_sheet_does_not_leave(
    qtbot: QtBot, dialog: ReviewDialog
) -> None:
    shown(dialog)
    asked = QSignalSpy(dialog.period_chosen)
    dialog.earlier.setCurrentIndex(1)
    assert dialog.preview.isVisible()
    assert not dialog.preview.isEnabled()
    assert not dialog.pdf_button.isEnabled()
    qtbot.waitUntil(lambda: asked.count() == 1)
    assert asked.at(0) == [BETWEEN, LATER, 90]


def test_the_earlier_snapshot_is_before_the_later_one(qtbot: QtBot, dialog: ReviewDialog) -> None:
    shown(dialog)
    asked = QSignalSpy(dialog.period_chosen)
    dialog.earlier.setCurrentIndex(0)
    assert dialog.earlier_field.problem.text() == WRONG_ORDER
    assert dialog.note.text() == NOTHING
    assert not dialog.pdf_button.isEnabled()
    dialog.earlier.setCurrentIndex(2)
    assert dialog.earlier_field.problem.text() == ""
    qtbot.waitUntil(lambda: asked.count() == 1)
    assert asked.at(0) == [EARLIER, LATER, 90]


def test_snapshots_that_cannot_be_read(dialog: ReviewDialog) -> None:
    asked = QSignalSpy(dialog.period_chosen)
    dialog.show_error(DeskError("The file is damaged.", next_step="Repair it in Settings."))
    assert dialog.errors.isVisible()
    assert dialog.note.text() == NOTHING
    assert dialog.summary.full() == ""
    click(dialog.retry_button)
    assert asked.count() == 1
    assert not dialog.errors.isVisible()
    assert dialog.note.text() == READING
    assert not dialog.retry_button.isVisible()


@pytest.mark.parametrize("kept", [0, 1])
def test_too_few_snapshots(qtbot: QtBot, kept: int) -> None:
    made = opened(qtbot, ReviewDialog(CONTOSO, snapshots(LATER)[:kept], host(qtbot)))
    assert made.note.text() == NO_SNAPSHOTS
    assert not made.earlier.isEnabled()
    assert not made.pdf_button.isEnabled()
    press(made, Key.Key_Escape)
    assert not made.isVisible()


def test_the_language_of_the_sheet_is_a_choice_of_its_own(dialog: ReviewDialog) -> None:
    shown(dialog)
    assert dialog.language.currentText() == "English"
    dialog.language.setCurrentIndex(LANGUAGES.index("de"))
    assert "Lizenzprüfung" in dialog.preview.toPlainText()
    dialog.language.setCurrentIndex(LANGUAGES.index("ar"))
    option = dialog.preview.document().defaultTextOption()
    assert option.textDirection() is Qt.LayoutDirection.RightToLeft


def test_html_and_csv_are_handed_over(dialog: ReviewDialog, tmp_path: Path) -> None:
    shown(dialog)
    html, csv = QSignalSpy(dialog.html_chosen), QSignalSpy(dialog.csv_chosen)
    dialog.language.setCurrentIndex(LANGUAGES.index("fr"))
    dialog.paper.setCurrentText("Letter")
    click(dialog.html_button)
    chosen(dialog, tmp_path / "sheet.html")
    path, page = html.at(0)
    assert path == str(tmp_path / "sheet.html")
    assert "size: Letter" in page
    assert "Revue des licences" in page
    click(dialog.csv_button)
    chosen(dialog, tmp_path / "sheet.csv")
    path, header, rows = csv.at(0)
    assert path == str(tmp_path / "sheet.csv")
    assert header[0] == "N°"
    assert len(rows) == 8
    dialog.set_done("Saved.")
    assert dialog.summary.full() == "Saved."


def test_a_pdf_is_written(qtbot: QtBot, dialog: ReviewDialog, tmp_path: Path) -> None:
    shown(dialog)
    file = tmp_path / "sheet.pdf"
    click(dialog.pdf_button)
    (asking,) = dialog.findChildren(QFileDialog)
    assert asking.selectedFiles() == [
        str(tmp_path / "License review contoso.onmicrosoft.com 2026-10-31 2026-11-22.pdf")
    ]
    chosen(dialog, file)
    assert not file.exists(), "whole or not at all"
    assert not dialog.pdf_button.isEnabled()
    qtbot.waitUntil(file.exists)
    assert file.read_bytes().startswith(b"%PDF-")
    assert file.stat().st_mode & 0o077 == 0, "nobody else may read it"
    assert dialog.summary.full() == f"Saved: {file}"
    assert dialog.pdf_button.isEnabled()
    assert not dialog.progress.isVisible()


def test_a_pdf_can_be_stopped(qtbot: QtBot, dialog: ReviewDialog, tmp_path: Path) -> None:
    shown(dialog, long_sheet(400))
    assert dialog.summary.full() == "403 lines, the first of them shown"
    told: list[str] = []
    click(dialog.pdf_button)
    chosen(dialog, tmp_path / "sheet.pdf")
    dialog._work.stepped.connect(lambda _at: told.append(dialog.summary.full()))
    qtbot.waitUntil(lambda: bool(told))
    assert told[0].startswith("Laying out page ")
    assert dialog.close_button.text() == "Stop"
    assert not dialog.earlier.isEnabled()
    press(dialog, Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.summary.full() == "Stopped. Nothing was written."
    assert dialog.pdf_button.isEnabled()
    assert [*tmp_path.iterdir()] == []
    press(dialog, Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_folder_that_takes_no_file(dialog: ReviewDialog, tmp_path: Path) -> None:
    shown(dialog)
    click(dialog.pdf_button)
    chosen(dialog, tmp_path / "nowhere" / "sheet.pdf")
    assert dialog.errors.sentence.text() == "The file could not be written."
    assert dialog.preview.isVisible(), "the sheet is as good as before"
    assert dialog.pdf_button.isEnabled()


def test_a_printer_is_chosen_without_a_loop_of_its_own(
    qtbot: QtBot, dialog: ReviewDialog, tmp_path: Path
) -> None:
    shown(dialog)
    click(dialog.print_button)
    asking = dialog.findChild(QPrintDialog)
    assert asking is not None
    file = tmp_path / "printed.pdf"
    asking.printer().setOutputFileName(str(file))
    asking.accepted.emit(asking.printer())
    asking.close()
    qtbot.waitUntil(lambda: dialog.summary.full() == "Sent to the printer.")
    assert file.read_bytes().startswith(b"%PDF-")


def test_every_control_has_a_name_and_is_reached(dialog: ReviewDialog) -> None:
    shown(dialog)
    assert nameless(dialog) == []
    assert focus(dialog) is dialog.earlier
    reached = tab_order(dialog)
    wanted = (
        dialog.earlier,
        dialog.later,
        dialog.idle,
        dialog.language,
        dialog.paper,
        dialog.preview,
        dialog.print_button,
        dialog.csv_button,
        dialog.html_button,
        dialog.pdf_button,
        dialog.close_button,
    )
    assert [one for one in wanted if one not in reached] == []
