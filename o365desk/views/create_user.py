"""Create User: who, where, which password, and optionally which licences (P5)."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.creation import (
    NewUser,
    location_problem,
    suggested_username,
    username_problem,
)
from o365desk.domain.directory import Domain
from o365desk.domain.errors import DeskError, Refusal
from o365desk.domain.licensing import LicenseDraft, Sku
from o365desk.views import parts
from o365desk.views.countries import CountryCombo
from o365desk.views.desk_dialog import MARGIN
from o365desk.views.form import Field, text_field
from o365desk.views.password_dialog import PasswordDialog
from o365desk.views.switch_list import SwitchList
from o365desk.views.theme import GRID

FEDERATED = (
    "{domain} is federated: its users and passwords are made where that sign-in lives. "
    "Choose another domain."
)

NARROW = 80 * GRID
"""Below this width the password goes under the rest: a small screen at 200 %."""


class CreateUserDialog(PasswordDialog):
    """Collects a NewUser. Display name and username follow the names until they are edited."""

    generate_requested = Signal(object)
    """PasswordKind: answer with `set_generated`."""
    create_requested = Signal(object)
    """NewUser, complete and free of every problem that can be seen from here."""

    def __init__(self, tenant_name: str, parent: QWidget | None = None) -> None:
        super().__init__(
            "Create User",
            "Create user",
            "",
            tenant_name,
            parent,
            size=QSize(960, 688),
            mail_required=True,
            done="The user was created.",
            flush=True,
        )
        self._display_edited = False
        self._username_edited = False
        self._touched: set[QWidget] = set()
        self._domains: tuple[Domain, ...] = ()
        self._refused: dict[Field, str] = {}

        self.first_name = text_field(limit=64)
        self.last_name = text_field(limit=64)
        self.display_name = text_field()
        self.username = text_field(limit=113)
        self.domain = parts.Combo()
        self.domain.setAccessibleName("Domain")
        self.domain.setMinimumContentsLength(14)
        self.domain.setSizeAdjustPolicy(
            parts.Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.location = CountryCombo()
        self.first_name_field = Field("First name", self.first_name)
        self.last_name_field = Field("Last name", self.last_name)
        self.display_name_field = Field("Display name", self.display_name)
        self.username_field = Field("Username", self.username, row=self._username_row())
        self.location_field = Field(
            "Location", self.location, hint="Needed before a license can be given."
        )
        self.switches = SwitchList(
            verb="Create",
            empty="No product with a free license.",
            inset=GRID + GRID // 2,
            boxed=True,
        )
        self._lay_out()

        self.cancel_button = self.add_button(parts.button("Cancel", self.reject))
        self.create_button = self.add_button(
            parts.button("Create", self._create, kind="primary", default=True)
        )
        self._connect()
        self.first_name.setFocus()
        self.refresh()

    def set_domains(self, domains: Sequence[Domain]) -> None:
        """Domains on offer; the first one that can hold the new user is chosen."""
        self._domains = tuple(domains)
        self.domain.clear()
        for domain in self._domains:
            text = f"{domain.name} (federated)" if domain.federated else domain.name
            self.domain.addItem(text, domain.name)
        usable = [number for number, domain in enumerate(self._domains) if not domain.federated]
        default = [number for number in usable if self._domains[number].default]
        self.domain.setCurrentIndex((default or usable or [0])[0] if self._domains else -1)
        self.refresh()

    def set_skus(self, skus: Sequence[Sku]) -> None:
        """Products of the tenant: those with a free licence are offered, and what is
        chosen stays in sight."""
        draft = self.switches.draft
        chosen = draft.chosen if draft is not None else frozenset()
        free = [sku for sku in skus if sku.assignable and (sku.available > 0 or sku.id in chosen)]
        fresh = LicenseDraft.begin(free, ()) if draft is None else draft.rebased(free, ())
        self.switches.set_draft(fresh, {}, str)
        self.refresh()

    def set_default_location(self, location: str) -> None:
        """The organization's own country, unless one was chosen already."""
        if not self.location.code():
            self.location.set_code(location)
        self.refresh()

    def problem(self) -> str:
        """The first thing that is missing or wrong, in the order of the fields."""
        for field in self._fields():
            sentence = self._problem_of(field)
            if sentence:
                return sentence
        return self.panel.problem()

    def refresh(self) -> None:
        """Shows what is wrong where somebody has been, and allows Create when nothing is."""
        if self.result_panel is not None:
            return
        self.panel.set_username(self.full_username())
        for field in self._fields():
            refused = self._refused.get(field, "")
            shown = field.control in self._touched or field is self.location_field
            if field is self.username_field and self._federated():
                shown = True
            field.set_problem(refused or (self._problem_of(field) if shown else ""))
        problem = self.problem()
        self.set_summary(problem or self._summary())
        self.allow(self.create_button, not problem)

    def show_refusal(self, error: DeskError) -> None:
        """Everything typed stays; the sentence stands at the field it concerns."""
        sentence = f"{error.sentence} {error.next_step}".strip()
        field = {
            Refusal.NAME_TAKEN: self.username_field,
            Refusal.ADDRESS_TAKEN: self.username_field,
            Refusal.INVALID_NAME: self.username_field,
            Refusal.USAGE_LOCATION: self.location_field,
        }.get(error.refusal)
        if field is None and error.refusal is not Refusal.PASSWORD:
            self.show_error(error)
            return
        self.set_idle()
        self.clear_error()
        if field is None:
            self.panel.show_refusal(sentence)
            return
        self._refused[field] = sentence
        self.refresh()
        self._scroll.ensureWidgetVisible(field)
        field.control.setFocus()

    def _username_row(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.username, 1)
        layout.addWidget(parts.label("@"))
        layout.addWidget(self.domain, 1)
        return row

    def _lay_out(self) -> None:
        """Who and which licences at the left, the password at the right; scrolls where the
        screen is too small for it."""
        names = QGridLayout()
        names.setHorizontalSpacing(2 * GRID)
        names.setVerticalSpacing(2 * GRID)
        names.addWidget(self.first_name_field, 0, 0)
        names.addWidget(self.last_name_field, 0, 1)
        names.addWidget(self.display_name_field, 1, 0, 1, 2)
        names.addWidget(self.username_field, 2, 0, 1, 2)
        names.addWidget(self.location_field, 3, 0, 1, 2)
        names.setColumnStretch(0, 1)
        names.setColumnStretch(1, 1)
        optional = parts.label("Optional, given right after the user is created", "muted")
        licenses = QHBoxLayout()
        licenses.setSpacing(GRID)
        licenses.addWidget(parts.label("Licenses", "heading"))
        licenses.addWidget(optional, 1, Qt.AlignmentFlag.AlignBottom)
        self.switches.setMinimumHeight(18 * GRID)
        left = QVBoxLayout()
        left.setSpacing(GRID)
        left.addLayout(names)
        left.addSpacing(GRID)
        left.addLayout(licenses)
        left.addWidget(self.switches, 1)
        right = QVBoxLayout()
        right.setSpacing(GRID)
        right.addWidget(parts.label("Password", "heading"))
        right.addWidget(self.panel)
        right.addStretch(1)

        page = QWidget()
        page.setProperty("kind", "page")
        columns = self._columns = QHBoxLayout(page)
        columns.setContentsMargins(MARGIN, 0, MARGIN, GRID)
        columns.setSpacing(5 * GRID)
        columns.addLayout(left, 1)
        columns.addLayout(right, 1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(page)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.form_layout.addWidget(self._scroll)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # How much the password needs depends on the font.
        column = self.panel.minimumSizeHint().width()
        narrow = event.size().width() < max(NARROW, 2 * column + 5 * GRID + 2 * MARGIN)
        self._columns.setDirection(
            QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        )

    def _focus_moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Brings the whole field into view; Qt by itself shows no more than the cursor."""
        page = self._scroll.widget()
        if now is not None and page is not None and page.isAncestorOf(now):
            self._scroll.ensureWidgetVisible(now, 0, GRID)

    def _connect(self) -> None:
        for edit in (self.first_name, self.last_name):
            edit.textEdited.connect(lambda _text: self._names_edited())
        self.display_name.textEdited.connect(lambda _text: self._display_name_edited())
        self.username.textEdited.connect(lambda _text: self._username_typed())
        for edit in (self.display_name, self.username):
            edit.editingFinished.connect(self._left)
        self.domain.currentIndexChanged.connect(lambda _index: self._username_changed())
        self.location.code_changed.connect(lambda _code: self._location_changed())
        self.panel.generate_requested.connect(self.generate_requested)
        self.panel.changed.connect(self.refresh)
        self.switches.draft_changed.connect(self.refresh)

    def _fields(self) -> tuple[Field, ...]:
        return self.display_name_field, self.username_field, self.location_field

    def _problem_of(self, field: Field) -> str:
        if field is self.display_name_field:
            return "" if self.display_name.text().strip() else "Enter a display name."
        if field is self.username_field:
            return self._username_problem()
        if self._wants_licenses() and not self.location.code():
            return "Choose a location: Microsoft needs it before a license can be given."
        return location_problem(self.location.code())

    def _username_problem(self) -> str:
        if self._federated():
            return FEDERATED.format(domain=self.domain.currentData())
        if problem := username_problem(self.username.text().strip()):
            return problem
        return "" if self.domain.currentData() else "Choose a domain."

    def _federated(self) -> bool:
        index = self.domain.currentIndex()
        return 0 <= index < len(self._domains) and self._domains[index].federated

    def full_username(self) -> str:
        """name@domain as entered so far; empty while either is missing."""
        name, domain = self.username.text().strip(), self.domain.currentData()
        return f"{name}@{domain}" if name and domain else ""

    def _wants_licenses(self) -> bool:
        draft = self.switches.draft
        return draft is not None and bool(draft.change())

    def _summary(self) -> str:
        draft = self.switches.draft
        count = len(draft.change().add) if draft is not None else 0
        if not count:
            return "Without a license"
        return f"With {count} {'license' if count == 1 else 'licenses'}"

    def _names_edited(self) -> None:
        first, last = self.first_name.text().strip(), self.last_name.text().strip()
        if not self._display_edited:
            self.display_name.setText(f"{first} {last}".strip())
        if not self._username_edited:
            self.username.setText(suggested_username(first, last))
            self._refused.pop(self.username_field, None)
        self.refresh()

    def _display_name_edited(self) -> None:
        self._display_edited = bool(self.display_name.text())
        self.refresh()

    def _username_typed(self) -> None:
        self._username_edited = bool(self.username.text())
        self._touched.add(self.username)
        self._username_changed()

    def _username_changed(self) -> None:
        self.domain.setToolTip(self.domain.currentText())
        self._refused.pop(self.username_field, None)
        self.refresh()

    def _location_changed(self) -> None:
        self._refused.pop(self.location_field, None)
        self.refresh()

    def _left(self) -> None:
        """A problem shows once somebody has been in the field, not before."""
        sender = self.sender()
        if isinstance(sender, QWidget) and (
            sender is self.display_name or self.username.text() or self.display_name.text()
        ):
            self._touched.add(sender)
            self.refresh()

    def _create(self) -> None:
        password = self.panel.answer()
        if password is None or self.problem() or self.busy:
            return
        draft = self.switches.draft
        self.create_requested.emit(
            NewUser(
                first_name=self.first_name.text().strip(),
                last_name=self.last_name.text().strip(),
                display_name=self.display_name.text().strip(),
                username=self.full_username(),
                location=self.location.code(),
                password=password,
                licenses=draft.change().add if draft is not None else (),
            )
        )
