"""The first start: step by step to a connection, or to the practice directory, or to a file."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from o365desk.domain.connections import Mode
from o365desk.views import parts
from o365desk.views.choices import Choice, ChoiceList
from o365desk.views.connection_form import MODES, ConnectionForm, FormFacts, first_sentence
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.scroll_page import ScrollPage
from o365desk.views.settings_files import choose_import


class Start(Enum):
    """Ways to start that lead to no connection of one's own, or not at once."""

    PRACTICE = "practice"
    IMPORT = "import"


STARTS = (
    *MODES,
    Choice(
        Start.PRACTICE,
        "Practise first",
        "Opens a practice directory inside the program. Nothing in it is real, nothing can break.",
    ),
    Choice(
        Start.IMPORT,
        "Import settings from a colleague",
        "Takes the connections from a file. It holds no password: you sign in as yourself.",
    ),
)
LATER = "All of this can be changed later, under Connections."
_ENDINGS: dict[Mode | Start | None, str] = {
    Start.PRACTICE: "Open the practice directory",
    Start.IMPORT: "Choose a file…",
}

APP_TEXT = (
    "Microsoft knows a program by an app that is registered in your organization, once for all "
    "your colleagues. It holds no secret, and has no more rights than the person who signs in."
)
PERMISSIONS_TEXT = "With these settings, o365desk will ask Microsoft for these permissions:"


@dataclass(frozen=True, slots=True)
class _Step:
    """One page of the assistant."""

    title: str
    focus: Callable[[], object]
    """Puts the keyboard where work begins."""
    problem: Callable[[], str]
    """What is missing or wrong on the page."""


class FirstStartDialog(DeskDialog):
    """An assistant in five steps. Back loses nothing; Enter goes on, Alt+Left goes back.

    Stays open after `connection_made` until the controller accepts it or shows an error.
    """

    connection_made = Signal(object)
    """Connection without an id, complete."""
    practice_requested = Signal()
    import_requested = Signal(str)
    """Path of the file that was chosen."""
    guide_requested = Signal(object)
    """Connection as entered so far, for the registration guide."""

    def __init__(self, facts: FormFacts, parent: QWidget | None = None) -> None:
        super().__init__("o365desk", "", "", "", parent, size=QSize(720, 656), flush=True)
        form = self.form = ConnectionForm(facts, parent=self)
        self.start = ChoiceList("How do you want to start?", STARTS)
        self.pages = QStackedWidget()
        self._steps: list[_Step] = []
        self._add_steps()
        self.content_layout.addWidget(self.pages)
        self.cancel_button = self.add_button(parts.button("Cancel", self.reject))
        self.back_button = self.add_button(parts.button("Back", self._back))
        self.next_button = self.add_button(
            parts.button("Next", self._next, kind="primary", default=True)
        )
        QShortcut(QKeySequence("Alt+Left"), self).activated.connect(self._back)
        self.start.changed.connect(self._start_chosen)
        form.changed.connect(self.refresh)
        form.guide_requested.connect(lambda: self.guide_requested.emit(form.connection()))
        self._go_to(0)

    @property
    def step(self) -> int:
        """The page on screen, from 0."""
        return self.pages.currentIndex()

    def refresh(self) -> None:
        """Next goes on as soon as nothing on the page is wrong."""
        problem = self._steps[self.step].problem()
        last = self.step == self.pages.count() - 1
        text = "Finish" if last else "Next"
        if self.step == 0:
            text = _ENDINGS.get(self.start.value(), text)
        self.next_button.setText(text)
        self.next_button.setEnabled(not problem and not self.busy)
        self.back_button.setEnabled(self.step > 0 and not self.busy)
        self.set_summary(first_sentence(problem))

    def _add_steps(self) -> None:
        form = self.form
        self._add(
            _Step(
                "How do you want to start?",
                self.start.focus,
                lambda: "" if self.start.value() is not None else "Choose how to start.",
            ),
            self.start,
        )
        self._add(
            _Step(
                "Your organization",
                form.tenant.setFocus,
                lambda: form.problem(form.tenant_field),
            ),
            form.tenant_field,
            form.cloud_field,
        )
        self._add(
            _Step(
                "The registered app",
                form.client_id.setFocus,
                lambda: form.problem(form.client_field),
            ),
            parts.label(APP_TEXT, wrap=True),
            form.client_field,
        )
        self._add(_Step("How to sign in", form.method.focus, lambda: ""), form.method)
        self._add(
            _Step("Name and permissions", form.name.setFocus, form.problem),
            form.name_field,
            form.rights,
            form.graph_choice,
            parts.label(PERMISSIONS_TEXT, wrap=True),
            form.permissions,
        )

    def _add(self, step: _Step, *widgets: QWidget) -> None:
        page = ScrollPage()
        for widget in widgets:
            page.column.addWidget(widget)
        page.column.addStretch(1)
        self.pages.addWidget(page)
        self._steps.append(step)

    def _go_to(self, number: int) -> None:
        self.clear_error()
        self.pages.setCurrentIndex(number)
        step = self._steps[number]
        self.heading.setText(step.title)
        told = f"Step {number + 1} of {self.pages.count()}" if number else LATER
        self.subheading.setText(told)
        self.subheading.show()
        self.setAccessibleDescription(f"{step.title}. {told}")
        self.refresh()
        step.focus()

    def _start_chosen(self) -> None:
        chosen = self.start.value()
        if isinstance(chosen, Mode):
            self.form.set_mode(chosen)
        self.refresh()

    def _back(self) -> None:
        if self.step > 0 and not self.busy:
            self._go_to(self.step - 1)

    def _next(self) -> None:
        if self.busy or self._steps[self.step].problem():
            return
        chosen = self.start.value()
        if self.step == 0 and chosen is Start.PRACTICE:
            self.practice_requested.emit()
        elif self.step == 0 and chosen is Start.IMPORT:
            choose_import(self, self.import_requested.emit)
        elif self.step < self.pages.count() - 1:
            self._go_to(self.step + 1)
        else:
            self.connection_made.emit(self.form.connection())
