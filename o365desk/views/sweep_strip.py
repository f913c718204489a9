"""How far the reading of all customers is, how it ended, and which customers failed and why."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from o365desk.domain.directory import Tenant
from o365desk.models.coverage import customers_text
from o365desk.views import parts
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.theme import GRID

Failures = Sequence[tuple[Tenant, str]]


class SweepStrip(QWidget):
    """One line with a thin bar; takes no room while nothing was started."""

    cancel_requested = Signal()
    resume_requested = Signal()
    failures_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._failures: Failures = ()
        self._told = (0, 0, 0, False)
        self.text = parts.label(wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of reading all customers")
        self.cancel = parts.button("Cancel", self.cancel_requested.emit, kind="link")
        self.cancel.setAccessibleName("Cancel reading all customers")
        self.resume = parts.button("Resume", self.resume_requested.emit, kind="link")
        self.show_failures = parts.button(
            "Show failures", self.failures_requested.emit, kind="link"
        )
        self.close_button = parts.icon_button("close", "Dismiss this line", self.hide)
        line = QHBoxLayout()
        line.setContentsMargins(2 * GRID, 0, GRID, 0)
        line.setSpacing(GRID)
        line.addWidget(self.text, 1)
        for one in (self.show_failures, self.cancel, self.resume, self.close_button):
            line.addWidget(one)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, GRID // 2)
        whole.setSpacing(2)
        whole.addLayout(line)
        whole.addWidget(self.bar)
        self.hide()

    @property
    def running(self) -> bool:
        return self._told[3]

    def set_sweep(self, done: int, total: int, failed: int, *, running: bool) -> None:
        """`done` customers have been read and `failed` could not be, of `total`."""
        self._told = (done, total, failed, running)
        self._show()

    def set_failures(self, failures: Failures) -> None:
        self._failures = tuple(failures)
        self._show()

    def _show(self) -> None:
        done, total, failed, running = self._told
        number = QLocale().toString
        left = total - done - failed
        said = f"{number(done)} of {customers_text(total)} read"
        if failed:
            said += f", {number(failed)} failed"
        if running:
            said = f"Reading all customers: {said}"
        else:
            reasons = {reason for _, reason in self._failures}
            said += f" for {number(len(reasons))} reasons" if len(reasons) > 1 else ""
            said = (
                f"Stopped: {said}, {number(left)} not tried." if left > 0 else f"Finished: {said}."
            )
            said += f" {reasons.pop()}" if len(reasons) == 1 else ""
        self.text.setText(said)
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done + failed)
        self.bar.setVisible(running)
        self.cancel.setVisible(running)
        self.resume.setText("Resume" if left > 0 else "Try the failed again")
        self.resume.setAccessibleName(
            "Go on reading all customers" if left > 0 else "Read the customers that failed again"
        )
        self.resume.setVisible(not running and left + failed > 0)
        self.show_failures.setVisible(bool(self._failures))
        self.close_button.setVisible(not running)
        self.setVisible(running or total > 0)


class FailuresDialog(DeskDialog):
    """Customers who could not be read, grouped by the reason."""

    def __init__(self, failures: Failures, parent: QWidget | None = None) -> None:
        count = customers_text(len(failures))
        super().__init__(
            "Customers not read",
            f"{count} could not be read",
            "What is shown of them is from an earlier day, or they were never read.",
            "",
            parent,
            size=QSize(640, 440),
        )
        self.report = QPlainTextEdit(failures_text(failures))
        # A name in Arabic is no reason to put its line at the other edge.
        direction = self.report.document().defaultTextOption()
        direction.setTextDirection(Qt.LayoutDirection.LeftToRight)
        self.report.document().setDefaultTextOption(direction)
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self.report.setAccessibleName("Customers that could not be read, by reason")
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
        self.content_layout.addWidget(self.report, 1)
        self.add_button(parts.button("Copy", self._copy, icon="copy"))
        self.close_button = self.add_button(
            parts.button("Close", self.reject, kind="primary", default=True)
        )
        self.close_button.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.set_summary("Copied")


def failures_text(failures: Iterable[tuple[Tenant, str]]) -> str:
    """The most frequent reason first, customers by name below each."""
    groups: dict[str, list[str]] = {}
    for tenant, reason in failures:
        groups.setdefault(reason, []).append(tenant.name or tenant.domain or tenant.id)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return "\n\n".join(
        "\n".join(
            (
                f"{reason} ({customers_text(len(names))})",
                *(f"    {name}" for name in sorted(names, key=str.casefold)),
            )
        )
        for reason, names in ordered
    )
