"""Exports of the whole program: what comes out equals the screen, and nothing half is left."""

import asyncio
import csv
import errno
import html
import io
import re
import threading
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QTableView

from o365desk.app import export_flow
from o365desk.app.robot import seen
from o365desk.models import table_export
from o365desk.models.table_export import SKU_MORE, USER_MORE
from o365desk.models.user_rows import COLUMN
from o365desk.models.words import day_text, moment_text
from o365desk.views import export_dialogs
from o365desk.views.banner import Message
from o365desk.views.export_dialogs import ExportProgress
from o365desk.views.export_menu import ExportButton, exported_columns
from o365desk.views.subscription_popup import SubscriptionPopup
from tests.app.harness import Running, desk

CUSTOMER = "well_stocked"


def screen(view: QTableView, *, everything: bool = False) -> list[list[str]]:
    """Titles and cells as they are painted."""
    model, columns = view.model(), exported_columns(view, everything=everything)
    titles = [str(model.headerData(one, Qt.Orientation.Horizontal)) for one in columns]
    rows = range(model.rowCount())
    return [titles, *([str(model.index(row, one).data() or "") for one in columns] for row in rows)]


def files(folder: Path) -> set[Path]:
    return {*folder.iterdir()}


def choose(button: ExportButton, text: str) -> None:
    button.click()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()


async def told(running: Running, words: str) -> Message:
    banner = running.program.window.banner
    return await seen(
        lambda: next((one for one in banner.messages if words in one.sentence), None), words
    )


async def save(running: Running, button: ExportButton, text: str, path: Path) -> str:
    """Chooses an entry of the menu and names the file; answers the name that was proposed."""
    choose(button, text)
    dialog = next(
        one
        for one in QApplication.topLevelWidgets()
        if isinstance(one, QFileDialog) and one.isVisible()
    )
    proposed = Path(dialog.selectedFiles()[0]).name
    dialog.selectFile(str(path))
    dialog.accept()
    await asyncio.sleep(0)
    return proposed


def bare(rows: list[list[str]]) -> list[list[str]]:
    """Without the apostrophes that keep spreadsheets from running a cell."""
    return [[re.sub(r"^'(?=\s*[=+\-@])", "", cell) for cell in row] for row in rows]


def as_text(value: object) -> str:
    """A cell of a workbook as its number format shows it."""
    match value:
        case None:
            return ""
        case int():
            return QLocale().toString(value)
        case datetime():
            return moment_text(value.astimezone())
        case _:
            return str(value)


async def test_csv_equals_the_screen(tmp_path: Path) -> None:
    async with desk(CUSTOMER) as running:
        window = running.program.window
        table, file = window.users.table, tmp_path / "users.csv"
        table.sortByColumn(COLUMN["username"], Qt.SortOrder.DescendingOrder)
        table.horizontalHeader().moveSection(0, 2)
        window.search.setText("e")
        await seen(lambda: table.query.text == "e", "the search is applied")
        proposed = await save(running, window.users.export_button, "As shown: CSV…", file)
        notice = await told(running, "users.csv")
        content = file.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        found = bare(list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))))
        assert found == screen(table)
        assert len(found) > 10
        assert f"{len(found) - 1} rows" in notice.sentence
        assert file.stat().st_mode & 0o077 == 0
        assert re.fullmatch(
            rf"{running.tenant_name(CUSTOMER)} - Users' List - \d{{4}}-\d\d-\d\d \d{{4}}\.csv",
            proposed,
        )


async def test_a_workbook_equals_the_screen_and_holds_the_ids(tmp_path: Path) -> None:
    async with desk(CUSTOMER) as running:
        window = running.program.window
        for panel, view, more in (
            (window.users, window.users.table, USER_MORE),
            (window.licenses, window.licenses.findChild(QTableView), SKU_MORE),
        ):
            file = tmp_path / "table.xlsx"
            file.unlink(missing_ok=True)
            await save(running, panel.export_button, "All columns: Excel workbook…", file)
            await seen(file.exists, "the file is there")
            book = openpyxl.load_workbook(file)
            rows = [*book.worksheets[0].iter_rows(values_only=True)]
            assert isinstance(view, QTableView)
            painted = screen(view, everything=True)
            width = len(painted[0])
            assert [[as_text(cell) for cell in row[:width]] for row in rows] == painted
            assert list(rows[0][width:]) == [column.title for column in more]
            about = dict(book["About"].iter_rows(values_only=True))
            assert about["Customer"] == running.tenant_name(CUSTOMER)
            assert about["Source"].startswith("Practice directory")
            assert isinstance(about["As of"], datetime)
            assert about["Rows"] == len(painted) - 1
        ids = {row[[*rows[0]].index("Product SKU ID")] for row in rows[1:]}
        assert ids <= {sku.id for sku in running.work.skus}
        assert all(isinstance(cell, int) for row in rows[1:] for cell in row[1:5])


async def test_the_clipboard_equals_the_screen() -> None:
    async with desk(CUSTOMER) as running:
        window = running.program.window
        choose(window.users.export_button, "As shown: copy to clipboard")
        await told(running, "copied to the clipboard")
        painted = screen(window.users.table)
        data = QGuiApplication.clipboard().mimeData()
        tabbed = csv.reader(io.StringIO(data.text(), newline=""), csv.excel_tab)
        assert bare(list(tabbed)) == painted
        cells = [
            html.unescape(one)
            for one in re.findall(r"<t[dh](?: [^>]*)?>(.*?)</t[dh]>", data.html())
        ]
        assert bare([cells]) == [[cell for row in painted for cell in row]]


def full(*_anything: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_table_that_is_gone_when_its_rows_are_written(tmp_path: Path) -> None:
    async with desk(CUSTOMER) as running:
        sku = next(sku for sku in running.work.skus if sku.name == "Microsoft 365 E3")
        running.program.controller.show_subscriptions(sku.id)
        popup = await running.robot.opened(SubscriptionPopup)
        await seen(popup.export_button.isVisible, "the subscriptions are shown")
        painted = screen(popup.findChildren(QTableView)[0])
        file = tmp_path / "subscriptions.xlsx"
        await save(running, popup.export_button, "As shown: Excel workbook…", file)
        await told(running, "subscriptions.xlsx")
        assert running.robot.dialog(SubscriptionPopup) is None
        book = openpyxl.load_workbook(file)
        rows = [[*row] for row in book.worksheets[0].iter_rows(values_only=True)]
        assert rows[0] == painted[0]
        ends = painted[0].index("Term ends")
        for row, cells in zip(rows[1:], painted[1:], strict=True):
            day = row.pop(ends)
            shown = cells.pop(ends)
            assert isinstance(day, datetime)
            assert shown.startswith(day_text(day.replace(tzinfo=UTC)))
            assert [as_text(cell) for cell in row] == cells
        about = dict(book["About"].iter_rows(values_only=True))
        assert about["Product SKU ID"] == sku.id


async def test_a_refusing_disk_is_told_in_words_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(CUSTOMER) as running:
        button = running.program.window.users.export_button
        monkeypatch.setattr(export_flow, "write_whole", full)
        await save(running, button, "As shown: CSV…", tmp_path / "full.csv")
        message = await told(running, "the disk is full")
        assert "Make room" in message.next_step
        assert "full.csv" not in message.sentence
        assert not (tmp_path / "full.csv").exists()


@pytest.mark.parametrize("form", ["CSV…", "Excel workbook…"])
async def test_cancel_leaves_no_file(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_dialogs, "SHOWN_AFTER", 0)
    monkeypatch.setattr(export_flow, "ROWS", 1)
    monkeypatch.setattr(export_flow, "REST", 0.2)
    async with desk(CUSTOMER) as running:
        button = running.program.window.users.export_button
        before = files(tmp_path)
        await save(running, button, f"As shown: {form}", tmp_path / f"x.{form[:3].lower()}")
        progress = await running.robot.opened(ExportProgress)
        await seen(lambda: "Writing" in progress.words, "it is being written")
        running.robot.click(progress.cancel_button)
        await running.robot.closed(ExportProgress)
        await seen(
            lambda: all(one.name != "aside" for one in threading.enumerate()), "the thread ends"
        )
        assert files(tmp_path) == before
        banner = running.program.window.banner
        assert not any("rows" in one.sentence for one in banner.messages)


async def test_another_customer_meanwhile_is_not_mixed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_export, "CELLS", 5)
    async with desk(CUSTOMER) as running:
        button = running.program.window.users.export_button
        choose(button, "As shown: copy to clipboard")
        await asyncio.sleep(0)
        other = next(
            one
            for one in running.program.controller.tenants
            if one.id != running.tenant_id(CUSTOMER)
        )
        running.program.controller.open_tenant(other)
        message = await told(running, "Nothing was exported")
        assert message.next_step


async def test_the_clipboard_takes_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_flow, "CLIPBOARD_ROWS", 5)
    async with desk(CUSTOMER) as running:
        choose(running.program.window.users.export_button, "As shown: copy to clipboard")
        assert (await told(running, "too many for the clipboard")).next_step


async def test_the_mark_is_remembered() -> None:
    async with desk(CUSTOMER) as running:
        window = running.program.window
        choose(window.users.export_button, "CSV with byte order mark, for Excel")
        assert not window.licenses.export_button.mark
        assert not running.program.front.settings.csv_mark
