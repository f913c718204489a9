"""What is kept of the customers on this computer, for how long, and how it is removed."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.errors import DeskError
from o365desk.domain.retention import Retention
from o365desk.domain.snapshots import StoreFacts
from o365desk.models.words import full_text, moment_text
from o365desk.views import parts
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.theme import GRID

ENCRYPTED = "encrypted, for you alone"
UNKNOWN = "What is kept could not be read."
THIS_RUN = "in memory, until you close o365desk"

_LONGEST = 3650


class SnapshotsDialog(DeskDialog):
    """Shows state and emits wishes; whoever opened it carries them out."""

    retention_chosen = Signal(object)
    """A Retention to be used from now on."""
    forget_requested = Signal(object)
    """A TenantId: the operator has confirmed it."""
    check_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Snapshots", "Snapshots", "", "", parent, size=QSize(600, 520))
        self._tenants: dict[TenantId, str] = {}
        self.where = parts.label(wrap=True)
        self.size_text = parts.label("Reading…")
        self.count = parts.label(wrap=True)
        self.path = parts.label(kind="code", wrap=True)
        self.path.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        facts = self._facts = QFormLayout()
        facts.setHorizontalSpacing(3 * GRID)
        facts.setVerticalSpacing(GRID)
        self._named(facts, "Kept", self.where)
        self._named(facts, "Size", self.size_text)
        self._named(facts, "Snapshots", self.count)
        self._named(facts, "File", self.path)
        self.content_layout.addLayout(facts)

        self.content_layout.addWidget(parts.label("How long", "heading"))
        self.all_days = _days("Days for which every snapshot is kept", 1)
        self.daily_days = _days("Days for which one snapshot a day is kept", 1)
        self.monthly = parts.CheckBox("One a month of what is older")
        keep = QFormLayout()
        keep.setHorizontalSpacing(3 * GRID)
        keep.setVerticalSpacing(GRID)
        keep.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        keep.addRow("Every snapshot for", self.all_days)
        keep.addRow("One a day for", self.daily_days)
        keep.addRow("", self.monthly)
        self.content_layout.addLayout(keep)
        self.removal = Question("Remove", self._retain, self._retain_as_before)
        self.content_layout.addWidget(self.removal)

        self.content_layout.addWidget(parts.label("Forget a customer", "heading"))
        self.tenant_box = parts.Combo()
        self.tenant_box.setAccessibleName("Customer to forget")
        self.forget_button = parts.button("Forget…", self._ask)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.tenant_box, 1)
        row.addWidget(self.forget_button)
        self.content_layout.addLayout(row)
        self.forgetting = Question("Forget for good", self._forget, self.forget_button.setFocus)
        self.content_layout.addWidget(self.forgetting)
        self.content_layout.addStretch(1)

        self.check_button = self.add_button(parts.button("Check the file", self._check))
        self.close_button = self.add_button(parts.button("Close", self.reject, default=True))
        for spin in (self.all_days, self.daily_days):
            spin.editingFinished.connect(self._retention_changed)
        self.monthly.toggled.connect(self._retention_changed)
        self.tenant_box.currentIndexChanged.connect(self.forgetting.hide)
        self._retention = Retention()
        self._on_disk: bool | None = None
        """None while nothing is known of the file."""
        self.set_tenants(())

    def _named(self, form: QFormLayout, name: str, value: QLabel) -> None:
        value.setAccessibleName(name)
        form.addRow(parts.label(name, "muted"), value)

    # State

    def set_facts(self, facts: StoreFacts, *, problem: str = "") -> None:
        """`problem`: why nothing is kept on the disk, as a sentence."""
        locale = QLocale()
        self.where.setText(
            ENCRYPTED if facts.on_disk else ". ".join(filter(None, (THIS_RUN, problem)))
        )
        self.size_text.setText(locale.formattedDataSize(facts.size))
        of = "customer" if facts.tenants == 1 else "customers"
        count = f"{locale.toString(facts.snapshots)} of {locale.toString(facts.tenants)} {of}"
        if facts.oldest is not None and facts.newest is not None:
            count += f", from {moment_text(facts.oldest)} to {moment_text(facts.newest)}"
            self.count.setToolTip(f"{full_text(facts.oldest)} – {full_text(facts.newest)}")
        self.count.setText(count if facts.snapshots else "none yet")
        self.path.setText(facts.path)
        for value in (self.size_text, self.path):
            self._facts.setRowVisible(value, facts.on_disk)
        self._facts.setRowVisible(self.count, True)
        self._on_disk = facts.on_disk
        self.refresh()

    def show_error(self, error: DeskError | str, next_step: str = "") -> None:
        if self._on_disk is None:
            self.where.setText(UNKNOWN)
            for value in (self.size_text, self.count, self.path):
                self._facts.setRowVisible(value, False)
        super().show_error(error, next_step)

    def set_tenants(self, tenants: Sequence[Tenant]) -> None:
        """Those of which something is kept."""
        self._tenants = {tenant.id: tenant.name for tenant in tenants}
        self.tenant_box.clear()
        for tenant in tenants:
            self.tenant_box.addItem(tenant.name, tenant.id)
        self.tenant_box.setEnabled(bool(tenants))
        self.forgetting.hide()
        self.refresh()

    def refresh(self) -> None:
        some, known = bool(self._tenants), self._on_disk is not None
        nobody = "Nothing is kept of any customer." if known else UNKNOWN
        self.allow(self.forget_button, some, nobody)
        # A file of which nothing can be read is the one to check.
        self.allow(self.check_button, self._on_disk is not False, "There is no file to check.")

    def set_retention(self, retention: Retention) -> None:
        self._retention = retention
        self.all_days.setValue(retention.all_days)
        self.daily_days.setValue(retention.daily_days)
        self.monthly.setChecked(retention.monthly)

    def set_done(self, text: str) -> None:
        """What has become of a wish."""
        self.set_idle()
        self.set_summary(text)

    # Wishes

    def _retention_changed(self) -> None:
        self.daily_days.setMinimum(self.all_days.value())
        chosen = self._chosen()
        before = self._retention
        if (
            chosen.all_days < before.all_days
            or chosen.daily_days < before.daily_days
            or (before.monthly and not chosen.monthly)
        ):
            self.removal.ask("This applies at once: older snapshots are removed for good.")
            return
        self.removal.hide()
        if chosen != before:
            self._retain()

    def _retain(self) -> None:
        self._retention = self._chosen()
        self.retention_chosen.emit(self._retention)

    def _retain_as_before(self) -> None:
        self.set_retention(self._retention)
        self.all_days.setFocus()

    def _chosen(self) -> Retention:
        return Retention(
            self.all_days.value(), self.daily_days.value(), monthly=self.monthly.isChecked()
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if entered and isinstance(self.focusWidget(), QSpinBox):
            return  # it ends the number, not the dialog
        super().keyPressEvent(event)

    def _ask(self) -> None:
        name = self._tenants[TenantId(self.tenant_box.currentData())]
        self.forgetting.ask(
            f"Everything that was seen of {name} is removed from this computer: no day of it can"
            " be looked at again."
        )
        self.forgetting.no.setFocus()

    def _forget(self) -> None:
        tenant = TenantId(self.tenant_box.currentData())
        self.set_busy("Removing…")
        self.forget_requested.emit(tenant)

    def _check(self) -> None:
        self.set_busy("Reading the whole file…")
        self.check_requested.emit()


class Question(QWidget):
    """Asks once more, where what is wanted cannot be undone. Gone once it is answered."""

    def __init__(self, yes: str, on_yes: Callable[[], object], on_no: Callable[[], object]) -> None:
        super().__init__()
        self.text = parts.label(kind="warning", wrap=True)
        self.no = parts.button("Keep", lambda: self._answered(on_no))
        self.yes = parts.button(yes, lambda: self._answered(on_yes), kind="danger")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        line.addWidget(self.text, 1)
        line.addWidget(self.no)
        line.addWidget(self.yes)
        self.hide()

    def ask(self, text: str) -> None:
        self.text.setText(text)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self.text, QAccessible.Event.Alert))

    def _answered(self, then: Callable[[], object]) -> None:
        self.hide()
        then()


def _days(name: str, least: int) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(least, _LONGEST)
    spin.setSuffix(" days")
    spin.lineEdit().setTextMargins(GRID - 2, 0, 0, 0)
    spin.setAccessibleName(name)
    return spin
