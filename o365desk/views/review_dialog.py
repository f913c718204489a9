"""The licence review of a customer: choose two snapshots, look at the sheet, take it along."""

from collections.abc import Callable, Generator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from PySide6.QtCore import (
    QFileDevice,
    QIODevice,
    QLocale,
    QSaveFile,
    QSize,
    QStringListModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPageSize, QPalette, QPdfWriter, QTextOption
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QSpinBox,
    QStackedWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.directory import Tenant
from o365desk.domain.errors import DeskError
from o365desk.domain.review import IDLE_DAYS, ReviewSheet
from o365desk.domain.snapshots import Snapshot
from o365desk.models.words import moment_text
from o365desk.views import parts
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.export_dialogs import choose_file
from o365desk.views.form import Field
from o365desk.views.review_print import InSteps, page_layout, print_sheet
from o365desk.views.review_sheet import STYLE, csv_rows, pieces, rich_text, sheet_html
from o365desk.views.review_words import LANGUAGES, SheetWords, language_of, paper_of
from o365desk.views.theme import GRID

PREVIEWED = 60
"""Pieces of the sheet that are shown in the dialog: more would stop the window for a moment."""

PAGE_WIDTH = 690
"""As on paper, and with the margins of the preview, in pixels."""

PATIENCE = 300
"""Milliseconds after the last change of a choice before the sheet is asked for."""

FEW_DAYS = 7
"""A period shorter than that is not proposed."""

LONGEST = 730
PAPERS = {"A4": QPageSize.PageSizeId.A4, "Letter": QPageSize.PageSizeId.Letter}
NO_SNAPSHOTS = (
    "A review compares two snapshots, and of this customer there are fewer. One is kept each time "
    "the customer has been read."
)
WRONG_ORDER = "Choose one before the later snapshot."
READING = "Reading the snapshots…"
NOTHING = "There is no sheet yet."
NOT_WRITTEN = "The file could not be written."
NOT_PRINTED = "The printer did not take the sheet."


class ReviewDialog(DeskDialog):
    """Emits what is wanted, shows the sheet it is given. PDF and paper are made here, by Qt; texts
    for files are handed over."""

    period_chosen = Signal(object, object, int)
    """Earlier and later moment (datetime, UTC) and the idle limit in days: answer with
    `set_sheet` or `show_error`. Emitted once by itself, for the period that is proposed."""
    html_chosen = Signal(str, str)
    """A path and the whole page."""
    csv_chosen = Signal(str, object, object)
    """A path, the header (tuple of str) and the rows (list of tuples)."""

    def __init__(
        self,
        tenant: Tenant,
        snapshots: Sequence[Snapshot],
        parent: QWidget | None = None,
        *,
        period: tuple[datetime, datetime] | None = None,
        folder: str = "",
    ) -> None:
        """`snapshots`: of the tenant, in any order; `period`: the two to begin with, both of them
        among the snapshots; `folder`: where files are proposed to go."""
        super().__init__(
            "License review",
            "License review",
            "What changed between two snapshots, and which licenses deserve a look.",
            tenant.name,
            parent,
            size=QSize(1000, 680),
        )
        self._folder = folder
        self._system = QLocale()
        self._times = sorted((one.at for one in snapshots), reverse=True)
        self._sheet: ReviewSheet | None = None
        self._asked: tuple[datetime, datetime, int] | None = None
        self._work_done: Callable[[], None] = lambda: None
        self._make_controls()
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.timeout.connect(self._ask)
        self._work = InSteps(self)
        self._work.stepped.connect(self._tell)
        self._work.finished.connect(self._work_finished)
        self._work.failed.connect(self._work_failed)
        self._lay_out()
        self._set_up_buttons()
        self.note.setText(READING)
        if len(self._times) > 1:
            earlier, later = period or (proposed(self._times), self._times[0])
            self.earlier.setCurrentIndex(self._times.index(earlier))
            self.later.setCurrentIndex(self._times.index(later))
            for box in (self.earlier, self.later):
                box.currentIndexChanged.connect(self._choices_changed)
            self.idle.valueChanged.connect(self._choices_changed)
            self.language.currentIndexChanged.connect(self._show_sheet)
            self._wait.start(0)  # when whoever opens this has connected the signals
        else:
            self._fields.setEnabled(False)
            self.note.setText(NO_SNAPSHOTS)
        self.refresh()

    def _make_controls(self) -> None:
        names = QStringListModel([moment_text(at) for at in self._times], self)
        self.earlier, self.later = parts.Combo(), parts.Combo()
        for box in (self.earlier, self.later):
            box.setModel(names)
        self.idle = QSpinBox()
        self.idle.setRange(1, LONGEST)
        self.idle.setValue(IDLE_DAYS)
        self.idle.setSuffix(" days")
        self.idle.lineEdit().setTextMargins(GRID - 2, 0, 0, 0)
        self.language = parts.Combo()
        for code in LANGUAGES:
            name = "English" if code == "en" else QLocale(code).nativeLanguageName()
            self.language.addItem(name[:1].upper() + name[1:], code)
        self.language.setCurrentIndex(LANGUAGES.index(language_of(self._system)))
        self.paper = parts.Combo()
        self.paper.addItems([*PAPERS])
        self.paper.setCurrentIndex([*PAPERS.values()].index(paper_of(self._system)))
        self.preview = QTextBrowser()
        self.note = parts.label(kind="muted", wrap=True)
        self.retry_button = parts.button("Try again", self._ask, icon="refresh")
        self.retry_button.hide()

    def _lay_out(self) -> None:
        self.earlier_field = Field("Earlier snapshot", self.earlier)
        fields = QVBoxLayout()
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setSpacing(2 * GRID)
        for field in (
            self.earlier_field,
            Field("Later snapshot", self.later),
            Field("Idle after", self.idle, hint="without a sign-in"),
            Field("Language of the sheet", self.language),
            Field("Paper", self.paper),
        ):
            fields.addWidget(field)
        fields.addStretch(1)
        self._fields = QWidget()
        self._fields.setLayout(fields)
        self._fields.setFixedWidth(27 * GRID)
        self.preview.setAccessibleName("Preview of the sheet")
        self.preview.setOpenLinks(False)
        self.preview.setTabChangesFocus(True)
        self.preview.document().setDefaultStyleSheet(STYLE)
        self.preview.document().setDocumentMargin(2 * GRID)
        self.preview.setLineWrapMode(QTextBrowser.LineWrapMode.FixedPixelWidth)
        self.preview.setLineWrapColumnOrWidth(PAGE_WIDTH)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        white = self.preview.palette()
        white.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.white)
        white.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
        self.preview.setPalette(white)  # it is paper, in every theme
        self._pages = QStackedWidget()
        self._note_page = QWidget()
        column = QVBoxLayout(self._note_page)
        column.setSpacing(2 * GRID)
        column.addStretch(1)
        column.addWidget(self.note)
        column.addWidget(self.retry_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._pages.addWidget(self._note_page)
        self._pages.addWidget(self.preview)
        row = QHBoxLayout()
        row.setSpacing(3 * GRID)
        row.addWidget(self._fields)
        row.addWidget(self._pages, 1)
        self.content_layout.addLayout(row, 1)

    def _set_up_buttons(self) -> None:
        self.print_button = self.add_button(parts.button("Print…", self._choose_printer))
        self.csv_button = self.add_button(parts.button("Save as CSV…", self._choose_csv))
        self.html_button = self.add_button(parts.button("Save as HTML…", self._choose_html))
        self.pdf_button = self.add_button(
            parts.button("Save as PDF…", self._choose_pdf, kind="primary", default=True)
        )
        self.close_button = self.add_button(parts.button("Close", self.reject))

    # State

    def set_sheet(self, sheet: ReviewSheet) -> None:
        """The answer to `period_chosen`; one that comes too late is not shown."""
        if self._asked != (sheet.earlier, sheet.later, sheet.idle_days):
            return
        self._asked = None
        self.progress.hide()
        self._sheet = sheet
        self._show_sheet()
        self.refresh()

    def set_done(self, text: str) -> None:
        """What has become of a file that was handed over."""
        self.set_summary(text)

    def show_error(self, error: DeskError | str, next_step: str = "") -> None:
        """The snapshots could not be read, or a file could not be written."""
        if self._asked is not None:
            self._asked = None
            self._show_note(NOTHING)
            self.retry_button.show()
        self.progress.hide()
        super().show_error(error, next_step)
        self.refresh()

    def refresh(self) -> None:
        """Nothing leaves the dialog but the sheet that was asked for last."""
        ready = self._sheet is not None and self._asked is None and not self._wait.isActive()
        why_not = READING if self._asked else NOTHING
        for button in (self.print_button, self.csv_button, self.html_button, self.pdf_button):
            self.allow(button, ready and not self._work.running, why_not)
        self.preview.setEnabled(ready)
        self._fields.setEnabled(len(self._times) > 1 and not self._work.running)
        self.close_button.setText("Stop" if self._work.running else "Close")

    def reject(self) -> None:
        """Stops a PDF or print that is under way; otherwise closes."""
        if self._work.running:
            self._end_work("", "Stopped. Nothing was written.")
        else:
            super().reject()

    def words(self) -> SheetWords:
        """The language that is chosen."""
        return SheetWords.of(self.language.currentData(), self._system)

    def _choices_changed(self) -> None:
        wrong = self.earlier.currentIndex() <= self.later.currentIndex()  # the newest is first
        self.earlier_field.set_problem(WRONG_ORDER if wrong else "")
        self._asked = None
        if wrong:
            self._wait.stop()
            self.progress.hide()
            self._show_note(NOTHING)
        else:
            self._wait.start(PATIENCE)
        self.refresh()

    def _ask(self) -> None:
        self.clear_error()
        self._asked = (
            self._times[self.earlier.currentIndex()],
            self._times[self.later.currentIndex()],
            self.idle.value(),
        )
        self.progress.show()
        if self._sheet is None:
            self._show_note(READING)
        self.set_summary(READING)
        self.refresh()
        self.period_chosen.emit(*self._asked)

    def _show_note(self, text: str) -> None:
        """In place of a sheet, which is then none."""
        self._sheet = None
        self.note.setText(text)
        self.retry_button.hide()
        self._pages.setCurrentWidget(self._note_page)
        self.set_summary("")

    def _show_sheet(self) -> None:
        if self._sheet is None:
            return
        words = self.words()
        option = QTextOption()
        option.setTextDirection(words.locale.textDirection())
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.preview.document().setDefaultTextOption(option)
        some = list(islice(pieces(self._sheet, words), PREVIEWED + 1))
        self.preview.setHtml(rich_text(some[:PREVIEWED], words))
        self._pages.setCurrentWidget(self.preview)
        bar = self.preview.horizontalScrollBar()
        bar.setValue(bar.maximum() if words.right_to_left else 0)
        count = self._system.toString(self._sheet.lines)
        lines = f"{count} {'line' if self._sheet.lines == 1 else 'lines'}"
        more = len(some) > PREVIEWED
        self.set_summary(f"{lines}, the first of them shown" if more else lines)

    # Files and paper

    def _choose(self, suffix: str, write: Callable[[str, ReviewSheet], None]) -> None:
        sheet = self._sheet
        if sheet is not None:
            name = f"License review {sheet.number.replace('/', ' ')}.{suffix}"
            choose_file(self, self._folder, name, suffix, lambda path: write(path, sheet))

    def _choose_csv(self) -> None:
        self._choose("csv", self._hand_csv)

    def _hand_csv(self, path: str, sheet: ReviewSheet) -> None:
        self.csv_chosen.emit(path, *csv_rows(sheet, self.words()))

    def _choose_html(self) -> None:
        self._choose("html", self._hand_html)

    def _hand_html(self, path: str, sheet: ReviewSheet) -> None:
        self.html_chosen.emit(path, sheet_html(sheet, self.words(), self.paper.currentText()))

    def _choose_pdf(self) -> None:
        self._choose("pdf", self._write_pdf)

    def _write_pdf(self, path: str, sheet: ReviewSheet) -> None:
        words = self.words()
        file = QSaveFile(path)
        if not file.open(QIODevice.OpenModeFlag.WriteOnly):
            self.show_error(NOT_WRITTEN, f"{file.errorString()}. Choose another folder.")
            return
        # As whatever else is exported: it has names in it.
        file.setPermissions(QFileDevice.Permission.ReadOwner | QFileDevice.Permission.WriteOwner)
        writer = QPdfWriter(file)
        writer.setTitle(f"{words['title']} {sheet.number}")
        writer.setCreator("o365desk")
        writer.setPageLayout(page_layout(PAPERS[self.paper.currentText()]))

        def done() -> None:
            whole = file.commit()
            self._end_work("" if whole else NOT_WRITTEN, f"Saved: {path}")

        self._start(print_sheet(sheet, words, writer, writer.resolution()), done)

    def _choose_printer(self) -> None:
        # Not at the top: what prints is loaded when somebody prints.
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        sheet, words = self._sheet, self.words()
        if sheet is None:
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(f"{words['title']} {sheet.number}")
        printer.setPageLayout(page_layout(PAPERS[self.paper.currentText()]))
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(
            lambda: self._start(
                print_sheet(sheet, words, printer, printer.resolution()),
                lambda: self._end_work("", "Sent to the printer."),
            )
        )
        QDialog.open(dialog)  # its own open() wants a slot by name

    def _start(
        self, steps: Generator[tuple[int, int], None, None], done: Callable[[], None]
    ) -> None:
        self.clear_error()
        self._work_done = done
        self._work.start(steps)
        self.progress.show()
        self.refresh()

    def _tell(self, at: tuple[int, int]) -> None:
        page, pages = at
        self.progress.setRange(0, pages)
        self.progress.setValue(page)
        said = f"Page {page} of {pages}…" if pages else f"Laying out page {page}…"
        self.set_summary(said)

    def _work_finished(self) -> None:
        self._work_done()

    def _work_failed(self) -> None:
        self._end_work(NOT_PRINTED)

    def _end_work(self, problem: str, said: str = "") -> None:
        self._work.stop()
        self._work_done = lambda: None  # with it goes the file, given up unless it was committed
        self.progress.setRange(0, 0)
        self.progress.hide()
        self.set_summary("" if problem else said)
        if problem:
            self.show_error(problem)
        self.refresh()


def proposed(times: Sequence[datetime]) -> datetime:
    """The last of the month before the newest one's, as an invoice would have it; in the first
    days of a month, of the month before that. `times`: newest first, two at least."""
    newest = times[0].astimezone()
    month = newest.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if newest.day <= FEW_DAYS:
        month = (month - timedelta(days=1)).replace(day=1)
    return next((at for at in times if at < month), times[-1])
