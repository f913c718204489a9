"""Help > Diagnostics: the connection check, live, and its result to copy."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from o365desk import __version__
from o365desk.domain.diagnostics import CheckStep
from o365desk.domain.errors import DeskError
from o365desk.models.check_steps import result_text, summary_text, support_text
from o365desk.views import parts
from o365desk.views.check_list import CheckStepList
from o365desk.views.desk_dialog import MARGIN, DeskDialog
from o365desk.views.theme import GRID

EMPTY = (
    "Checks the way to Microsoft step by step: name lookup, encrypted connection, sign-in, each "
    "service and each permission. Nothing is changed."
)
NO_IDS = "There are no ids for Microsoft yet: nothing was answered, and no call has failed."


class DiagnosticsDialog(DeskDialog):
    """Runs when asked, shows each step as it ends. The controller answers `run_requested` with
    `set_running`, `add_steps`, then `set_done`, `set_cancelled` or `show_error`."""

    run_requested = Signal()
    cancel_requested = Signal()
    log_requested = Signal()
    """Open the folder with the logs."""

    def __init__(
        self,
        connection_name: str,
        parent: QWidget | None = None,
        *,
        failures: Callable[[], str] = lambda: "",
    ) -> None:
        """`failures`: ids and times of the latest calls that failed, for Microsoft's support."""
        super().__init__(
            "Diagnostics",
            "Diagnostics",
            connection_name,
            "",
            parent,
            size=QSize(760, 576),
            flush=True,
        )
        self._title = f"Connection check of o365desk {__version__}"
        self._running = False
        self._failures = failures
        self.list = CheckStepList(inset=MARGIN)
        self.empty = parts.label(EMPTY, "muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.list)
        self.copy_button = parts.button("Copy result", self._copy, icon="copy")
        self.support_button = parts.button(
            "Copy for Microsoft support", self._copy_for_support, icon="copy"
        )
        self.log_button = parts.button("Open log folder", self.log_requested.emit)
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, 0, MARGIN, GRID)
        row.setSpacing(GRID)
        for one in (self.copy_button, self.support_button, self.log_button):
            one.setAutoDefault(True)  # Enter on it presses it, not the dialog's own
            row.addWidget(one)
        row.addStretch(1)
        self.content_layout.setSpacing(GRID)
        self.content_layout.addWidget(self.pages, 1)
        self.content_layout.addLayout(row)
        self.close_button = self.add_button(parts.button("Close", self.reject))
        self.run_button = self.add_button(
            parts.button("Run", self._run, kind="primary", default=True)
        )
        self.run_button.setFocus()
        self._refresh()

    @property
    def running(self) -> bool:
        return self._running

    def set_running(self) -> None:
        """The check has begun; what an earlier one found is gone."""
        self._running = True
        self.clear_error()
        self.list.clear()
        self.progress.show()
        self.set_summary("Checking…")
        self._refresh()

    def add_steps(self, steps: Iterable[CheckStep]) -> None:
        """Steps that have ended since the last call."""
        self.list.add(steps)
        done = len(self.list.steps.steps)
        self.set_summary(f"Checking… {done} {'step' if done == 1 else 'steps'} done")
        self._refresh()

    def set_done(self) -> None:
        self._end(summary_text(self.list.steps.steps))

    def set_cancelled(self) -> None:
        self._end("Cancelled.")

    def show_error(self, error: DeskError | str, next_step: str = "") -> None:
        """The check itself could not go on; the steps so far stay."""
        self._end("The check could not be finished.")
        super().show_error(error, next_step)

    def reject(self) -> None:
        if self._running:
            self.cancel_requested.emit()
        super().reject()

    def _end(self, said: str) -> None:
        self._running = False
        self.progress.hide()
        self.set_summary(said)
        self._refresh()

    def _refresh(self) -> None:
        steps = self.list.steps.steps
        self.pages.setCurrentWidget(self.list if steps or self._running else self.empty)
        self.run_button.setText("Cancel" if self._running else "Run again" if steps else "Run")
        self.copy_button.setEnabled(bool(steps))
        ids = any(step.support_ids for step in steps) or bool(self._failures())
        self.support_button.setEnabled(ids)
        self.support_button.setToolTip("" if ids else NO_IDS)

    def _run(self) -> None:
        if self._running:
            self.set_cancelled()
            self.cancel_requested.emit()
        else:
            self.run_requested.emit()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(result_text(self.list.steps.steps, self._title))
        self.set_summary("Result copied")

    def _copy_for_support(self) -> None:
        text = support_text(self.list.steps.steps, self._title)
        failures = self._failures()
        if failures:
            text = f"{text}\n\nLatest calls that failed:\n{failures}"
        QGuiApplication.clipboard().setText(text)
        self.set_summary("Ids and times copied")
