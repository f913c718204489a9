"""One export: asks where to, reads the rows in pieces, and writes them in a thread."""

import asyncio
import errno
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLocale, QMimeData, QStandardPaths
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog

from o365desk import __version__
from o365desk.app.desk import Desk
from o365desk.app.links import open_folder
from o365desk.app.profile import write_whole
from o365desk.domain.errors import Conflict, DeskError
from o365desk.domain.ports import Origin
from o365desk.domain.tables import Cell, file_name, local_time
from o365desk.models.table_export import ExportFormat, ExportWish, TableAbout, TableChanged
from o365desk.services.aside import aside
from o365desk.services.csv_table import as_csv, as_html, as_tab_separated
from o365desk.views.banner import Message, MessageKind
from o365desk.views.export_dialogs import ExportProgress, choose_file

ROWS = 100
"""Rows that are written between two rests of the thread: the window has to get its turn."""

REST = 0.001
LOOK = 0.1
"""Seconds between two looks at how far the thread is."""

PATIENCE = 2.0
"""Seconds in which a cancelled thread removes what it has on the disk, before the program ends."""

TRIES = 5
"""How often rows are read that change meanwhile."""

CLIPBOARD_ROWS = 20_000
"""More would hold up this window, and the one they are pasted into."""

_SOURCES = {
    Origin.LIVE: "Microsoft",
    Origin.PRACTICE: "Practice directory: nothing in it is real",
    Origin.SNAPSHOT: "Snapshot kept on this computer",
}


class ExportFlow:
    """Carries out the exports of one window."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._window = desk.window
        self._tasks = desk.tasks
        self._session = desk.session
        self._folder = ""
        """Where the last file went."""
        self._told: Message | None = None

    def begin(self, wish: ExportWish) -> None:
        """Asks for the name of the file, if it takes one, and goes to work."""
        if wish.format is ExportFormat.CLIPBOARD:
            if wish.rows.count > CLIPBOARD_ROWS:
                self._window.banner.show_error(
                    Conflict(
                        f"{_number(wish.rows.count)} rows are too many for the clipboard, which"
                        f" takes {_number(CLIPBOARD_ROWS)}.",
                        next_step="Search or filter for fewer, or export a file.",
                    )
                )
                return
            self._start(wish, None)
            return
        about = wish.describe()
        at = local_time(about.as_of or self._session.now())
        proposed = file_name(
            about.customer, about.title, f"{at:%Y-%m-%d %H%M}", suffix=wish.format.value
        )
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        folder = self._folder or QStandardPaths.writableLocation(documents)
        active = QApplication.activeWindow()
        above = active if isinstance(active, QDialog) and active.isVisible() else self._window
        choose_file(
            above,
            folder,
            proposed,
            wish.format.value,
            lambda path: self._start(wish, Path(path)),
        )

    def _start(self, wish: ExportWish, path: Path | None) -> None:
        progress = ExportProgress(wish.describe().title, self._window)
        task = self._tasks.read(self._export(wish, path, progress), name="export a table")
        progress.rejected.connect(task.cancel)

    async def _export(self, wish: ExportWish, path: Path | None, progress: ExportProgress) -> None:
        try:
            about, rows = await self._read(wish, progress)
            await self._write(wish, about, rows, path, progress)
        finally:
            progress.end()
        count = f"{_number(rows.count)} {'row' if rows.count == 1 else 'rows'} of {about.title}"
        if path is None:
            self._tell(f"{count}: copied to the clipboard.")
        else:
            self._folder = str(path.parent)
            self._tell(f"{count}: written to {path.name}.", path.parent)

    async def _read(
        self, wish: ExportWish, progress: ExportProgress
    ) -> "tuple[TableAbout, _Paced]":
        """Rows that all stood in the table at one moment, and what the table was then."""
        customer = wish.describe().customer
        for _ in range(TRIES):
            rows = _Paced()
            total = wish.rows.count
            try:
                for piece in wish.rows.pieces():
                    rows.add(piece)
                    progress.set_progress(rows.count, 2 * total, f"Reading {_number(total)} rows…")
                    await asyncio.sleep(0)
            except TableChanged:
                await asyncio.sleep(LOOK)
                continue
            about = wish.describe()
            if about.customer == customer:
                return about, rows
            break
        raise Conflict(
            "Nothing was exported: the table changed while it was read.",
            next_step="Export it once its rows have been read.",
        )

    async def _write(
        self,
        wish: ExportWish,
        about: TableAbout,
        rows: "_Paced",
        path: Path | None,
        progress: ExportProgress,
    ) -> None:
        facts = self._facts(wish, about)
        work = _Work(wish.format, wish.mark, about.title, wish.rows.titles, facts, rows, path)
        writing = asyncio.ensure_future(aside(work.run))
        words = f"Writing {_number(rows.count)} rows…"
        try:
            while not writing.done():
                progress.set_progress(rows.count + rows.done, 2 * rows.count, words)
                await asyncio.wait([writing], timeout=LOOK)
            copied = writing.result()
        except OSError as error:
            raise not_written(error) from error
        except asyncio.CancelledError:
            rows.stop()
            await asyncio.wait([writing], timeout=PATIENCE)
            raise
        finally:
            rows.stop()
            writing.cancel()
        if copied is not None:
            self._copy(*copied)

    def _facts(self, wish: ExportWish, about: TableAbout) -> list[tuple[str, Cell]]:
        """The sheet that says what the table is."""
        now = self._session.now()
        source = about.source or _SOURCES[self._session.backend.origin]
        if self._desk.source and not source.startswith(self._desk.source):
            source = f"{self._desk.source}: {source[0].lower()}{source[1:]}"
        return [
            ("Table", about.title),
            *([("Customer", about.customer)] if about.customer else []),
            ("Source", source),
            *([("As of", about.as_of)] if about.as_of is not None else []),
            *about.facts,
            ("Columns", "all" if wish.everything else "as shown"),
            ("Written", now),
            ("Times", f"UTC{now.astimezone():%z}, the zone of the computer that wrote this"),
            ("Program", f"o365desk {__version__}"),
        ]

    def _copy(self, text: str, html: str) -> None:
        data = QMimeData()
        data.setText(text)
        data.setHtml(html)
        QGuiApplication.clipboard().setMimeData(data)

    def _tell(self, sentence: str, folder: Path | None = None) -> None:
        """In the place of the last such notice."""
        banner = self._window.banner
        if self._told is not None:
            banner.take_back(self._told)
        action = "" if folder is None else "Open folder"
        self._told = Message(sentence, action=action, kind=MessageKind.NOTICE, of_customer=True)
        banner.show_message(self._told, None if folder is None else lambda: open_folder(folder))


class _Cancelled(Exception):
    """Nobody waits for the file any more."""


class _Paced:
    """Rows on their way into a file, in a thread that rests now and then."""

    def __init__(self) -> None:
        self._pieces: deque[list[tuple[Cell, ...]]] = deque()
        self._stopped = threading.Event()
        self.count = 0
        self.done = 0

    def add(self, piece: list[tuple[Cell, ...]]) -> None:
        self._pieces.append(piece)
        self.count += len(piece)

    def kept(self) -> Iterator[tuple[Cell, ...]]:
        """All rows, which stay for another time."""
        return self._rested(iter(self._pieces))

    def spent(self) -> Iterator[tuple[Cell, ...]]:
        """All rows, which are given back as they go: the window would feel it if all of them went
        at once."""
        return self._rested(self._pieces.popleft() for _ in range(len(self._pieces)))

    def _rested(self, pieces: Iterator[list[tuple[Cell, ...]]]) -> Iterator[tuple[Cell, ...]]:
        self.done = 0
        for piece in pieces:
            for start in range(0, len(piece), ROWS):
                if self._stopped.wait(REST):
                    raise _Cancelled
                yield from piece[start : start + ROWS]
            self.done += len(piece)

    def stop(self) -> None:
        self._stopped.set()


@dataclass(frozen=True)
class _Work:
    """What the thread does; values only, nothing of the window."""

    form: ExportFormat
    mark: bool
    title: str
    titles: Sequence[str]
    facts: Sequence[tuple[str, Cell]]
    rows: _Paced
    path: Path | None

    def run(self) -> tuple[str, str] | None:
        """Writes the file; answers text and HTML where there is none."""
        if self.path is None:
            text = as_tab_separated(self.titles, self.rows.kept())
            return text, as_html(self.titles, self.rows.spent())
        if self.form is ExportFormat.XLSX:
            from o365desk.services.xlsx_table import as_xlsx

            content = as_xlsx(self.title, self.titles, self.rows.spent(), self.facts)
        else:
            content = as_csv(self.titles, self.rows.spent(), mark=self.mark)
        write_whole(self.path, content)
        return None


def not_written(error: OSError) -> DeskError:
    """Why a file could not be written, in words. Its name may be a customer's and stays out."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return DeskError(
                "Nothing was exported: the disk is full.",
                next_step="Make room, or choose another disk.",
            )
        case errno.EACCES | errno.EPERM | errno.EROFS | errno.EBUSY:
            return DeskError(
                "Nothing was exported: the file cannot be written. It may be open in another"
                " program, or the folder may be protected.",
                next_step="Close it there, or choose another name or folder.",
            )
        case _:
            return DeskError(
                "Nothing was exported: the file cannot be written.",
                next_step="Choose another folder.",
            )


def _number(count: int) -> str:
    return QLocale().toString(count)
