"""The fields of a connection: the assistant shows them in steps, the Connections page at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from o365desk.domain.connections import Cloud, Connection, Mode, SignInMethod
from o365desk.domain.permissions import permissions
from o365desk.models.connection_entry import (
    LONGEST_NAME,
    client_id_of,
    client_id_problem,
    name_of,
    name_problem,
    suggested_name,
    tenant_of,
    tenant_problem,
)
from o365desk.models.connections import CLOUD_WORDS
from o365desk.views import parts
from o365desk.views.choices import Choice, ChoiceList
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.form import Field, text_field
from o365desk.views.permission_table import PermissionTable
from o365desk.views.scroll_page import ScrollPage
from o365desk.views.theme import GRID

MODES = (
    Choice(
        Mode.RESELLER,
        "I am a reseller",
        "Manage the users and licenses of your customers, through Partner Center.",
    ),
    Choice(
        Mode.DIRECT,
        "My own organization",
        "Manage the users and licenses of the organization that you are an administrator of.",
    ),
)
METHODS = (
    Choice(
        SignInMethod.BROWSER,
        "Browser",
        "Microsoft's sign-in page opens in the browser of this computer. Right for most.",
    ),
    Choice(
        SignInMethod.DEVICE_CODE,
        "Device code",
        "You type a short code on another device: for computers without a browser. Some "
        "organizations block it.",
    ),
    Choice(
        SignInMethod.BROKER,
        "Account of this computer",
        "Signs in with the work account this computer knows already, where its system can.",
    ),
)
RIGHTS = (
    Choice(
        True,
        "Read and change",
        "Everything the program can do. What your own roles do not allow stays refused.",
    ),
    Choice(
        False,
        "Read only",
        "Asks Microsoft for reading permissions alone: this connection cannot change anything.",
    ),
)
GRAPH_TEXT = "Also use Microsoft Graph for customers with a GDAP relationship"
GRAPH_HINT = (
    "Shows more of them: who is blocked, and which licenses come through a group. Without it, "
    "everything goes through Partner Center."
)
CLOUDS = (Cloud.GLOBAL, Cloud.GCC_HIGH, Cloud.DOD, Cloud.CHINA)
EMPTY = Connection("", "", Mode.RESELLER, "", "")


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What the form cannot know by itself."""

    others: tuple[Connection, ...] = ()
    """All connections there are: names are not given twice."""
    cloud_limit: Callable[[Connection], str] = lambda _connection: ""
    """What a connection's cloud cannot do, in a sentence or two; empty when nothing is missing."""
    methods_refused: Mapping[SignInMethod, str] = field(default_factory=dict)
    """Why a way to sign in does not work on this computer."""


class ConnectionForm(QObject):
    """The fields and what is wrong with them; a dialog lays them out.

    Emits `changed()` after every change and `guide_requested()` for the registration guide.
    """

    changed = Signal()
    guide_requested = Signal()

    def __init__(self, facts: FormFacts, base: Connection = EMPTY, parent: QObject | None = None):
        """`base` fills the fields; what has no field is kept from it."""
        super().__init__(parent)
        self._facts = facts
        self._others = tuple(one for one in facts.others if not base.id or one.id != base.id)
        self._base = base
        self._mode = base.mode
        self._named = bool(base.name)
        self._touched: set[Field] = set()

        self.tenant = text_field(limit=2048, placeholder="contoso.com")
        self.tenant_field = Field("Tenant ID or domain", self.tenant)
        self.cloud = parts.Combo()
        self.cloud_field = Field("Cloud", self.cloud)
        self.client_id = text_field(limit=100)
        self.guide_button = parts.button("How to register one…", self.guide_requested.emit)
        self.guide_button.setAutoDefault(True)  # Enter on it presses it, not the dialog's own
        self.client_field = Field("Application (client) ID", self.client_id, row=self._client_row())
        self.method = ChoiceList("Way to sign in", METHODS, facts.methods_refused)
        self.name = text_field(limit=LONGEST_NAME)
        self.name_field = Field("Name", self.name, hint="By which you know it in this program.")
        self.rights = ChoiceList("Permissions", RIGHTS)
        self.graph = parts.CheckBox(GRAPH_TEXT)
        self.graph.setAccessibleDescription(GRAPH_HINT)
        self.graph_choice = self._graph_choice()
        self.permissions = PermissionTable()
        self._fill(base)
        self._connect()
        self._refresh()

    # What was entered

    @property
    def mode(self) -> Mode:
        return self._mode

    def set_mode(self, mode: Mode) -> None:
        self._mode = mode
        self._edited()

    def connection(self) -> Connection:
        """As entered so far. Use it only when `problem()` is empty."""
        cloud = self._cloud()
        return replace(
            self._base,
            name=name_of(self.name.text()),
            mode=self._mode,
            tenant=tenant_of(self.tenant.text(), cloud),
            client_id=client_id_of(self.client_id.text()),
            cloud=cloud,
            graph=self.graph.isChecked(),
            write=self.rights.value(),
            method=self.method.value(),
        )

    @property
    def fields(self) -> tuple[Field, ...]:
        """Fields that can be wrong, in the order of the steps."""
        return self.tenant_field, self.client_field, self.name_field

    def problem(self, *fields: Field) -> str:
        """The first thing that is missing or wrong in the fields, or in the whole form."""
        sentences = (self._problem_of(one) for one in fields or self.fields)
        return next(filter(None, sentences), "")

    # What is shown

    def _cloud(self) -> Cloud:
        return Cloud(self.cloud.currentData())  # Qt hands a plain string back

    def _fill(self, base: Connection) -> None:
        self.tenant.setText(base.tenant)
        for cloud in CLOUDS:
            self.cloud.addItem(CLOUD_WORDS[cloud], cloud)
        self.cloud.setCurrentIndex(max(0, self.cloud.findData(base.cloud)))
        self.client_id.setText(base.client_id)
        refused = self._facts.methods_refused
        usable = [choice.value for choice in METHODS if choice.value not in refused]
        # What is set already stays: it may be meant for colleagues' computers.
        keep = bool(base.id) or base.method in usable or not usable
        self.method.set_value(base.method if keep else usable[0])
        self.name.setText(base.name)
        self.rights.set_value(base.write)
        self.graph.setChecked(base.graph)

    def _client_row(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.client_id, 1)
        layout.addWidget(self.guide_button)
        return row

    def _graph_choice(self) -> QWidget:
        choice = QWidget()
        hint = parts.label(GRAPH_HINT, "muted", wrap=True)
        hint.setContentsMargins(3 * GRID + 2, 0, 0, 0)
        layout = QVBoxLayout(choice)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.graph)
        layout.addWidget(hint)
        return choice

    def _connect(self) -> None:
        for one, edit in zip(self.fields, (self.tenant, self.client_id, self.name), strict=True):
            edit.textEdited.connect(lambda text, one=one: self._typed(one, text))
            edit.editingFinished.connect(lambda one=one, edit=edit: self._left(one, edit))
        self.cloud.currentIndexChanged.connect(lambda _index: self._edited())
        for choices in (self.method, self.rights):
            choices.changed.connect(self._edited)
        self.graph.toggled.connect(lambda _on: self._edited())

    def _typed(self, one: Field, text: str) -> None:
        if one is self.name_field:
            self._named = bool(text)
        self._edited()

    def _left(self, one: Field, edit: QLineEdit) -> None:
        """A problem shows once somebody has left something in the field, not before."""
        if edit.text():
            self._touched.add(one)
            self._refresh()

    def _edited(self) -> None:
        self._refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        if not self._named:
            tenant = tenant_of(self.tenant.text(), self._cloud())
            self.name.setText(suggested_name(tenant, self._mode, self._others))
        connection = self.connection()
        for one in self.fields:
            one.set_problem(self._problem_of(one) if one in self._touched else "")
        typed = self.tenant.text().strip().casefold()
        taken_as = connection.tenant if connection.tenant != typed else ""
        self.tenant_field.set_hint(
            f"Understood as {taken_as}"
            if taken_as
            else "Your own organization's, not a customer's. A pasted web address will do."
        )
        self.cloud_field.set_hint(self._facts.cloud_limit(connection))
        reseller = self._mode is Mode.RESELLER
        if self.graph_choice.parentWidget() is None:
            parts.hide_unless(self.graph_choice, reseller)
        else:
            self.graph_choice.setVisible(reseller)
        self.permissions.set_permissions(permissions(connection))

    def _problem_of(self, one: Field) -> str:
        if one is self.tenant_field:
            return tenant_problem(self.tenant.text())
        if one is self.client_field:
            tenant = tenant_of(self.tenant.text(), self._cloud())
            return client_id_problem(self.client_id.text(), tenant)
        return name_problem(self.name.text(), self._others)


class ConnectionDialog(DeskDialog):
    """All fields of one connection, new or known. Stays open until the controller accepts."""

    saved = Signal(object)
    """Connection; its id is empty when it is new."""
    guide_requested = Signal(object)
    """Connection as entered so far, for the registration guide."""

    def __init__(
        self, facts: FormFacts, base: Connection = EMPTY, parent: QWidget | None = None
    ) -> None:
        title = "Edit connection" if base.id else "New connection"
        super().__init__(title, title, base.name, "", parent, size=QSize(760, 680), flush=True)
        self.form = ConnectionForm(facts, base, self)
        self.mode = ChoiceList("Manages", MODES)
        self.mode.set_value(base.mode)
        self.mode.changed.connect(lambda: self.form.set_mode(self.mode.value()))
        page = ScrollPage()
        form = self.form
        for caption, widgets in (
            ("What it manages", (self.mode,)),
            ("Organization", (form.tenant_field, form.cloud_field)),
            ("Registered app", (form.client_field,)),
            ("Sign-in", (form.method,)),
            ("Permissions", (form.rights, form.graph_choice, form.permissions)),
            ("Name", (form.name_field,)),
        ):
            page.column.addLayout(_section(caption, widgets))
        page.column.addStretch(1)
        self.content_layout.addWidget(page)
        self.cancel_button = self.add_button(parts.button("Cancel", self.reject))
        self.save_button = self.add_button(
            parts.button("Save", self._save, kind="primary", default=True)
        )
        form.changed.connect(self.refresh)
        form.guide_requested.connect(lambda: self.guide_requested.emit(form.connection()))
        form.tenant.setFocus()
        self.refresh()

    def refresh(self) -> None:
        problem = self.form.problem()
        self.set_summary(first_sentence(problem))
        self.save_button.setEnabled(not problem and not self.busy)

    def _save(self) -> None:
        if not self.busy and not self.form.problem():
            self.saved.emit(self.form.connection())


def first_sentence(text: str) -> str:
    """The line beside the buttons is short; the whole text stands at the field."""
    first, stop, _ = text.partition(". ")
    return f"{first}." if stop else text


def _section(caption: str, widgets: tuple[QWidget, ...]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(GRID)
    column.addWidget(parts.label(caption, "heading"))
    for widget in widgets:
        column.addWidget(widget)
    return column
