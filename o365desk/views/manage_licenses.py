"""Manage Licenses: one switch per product, and nothing sent before Update (S5 to S19)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from o365desk.domain.directory import User
from o365desk.domain.errors import AccessDenied, Conflict, DeskError, NotFound, Refusal
from o365desk.domain.licensing import GroupId, LicenseChange, LicenseDraft, SkuId
from o365desk.views import parts
from o365desk.views.countries import CountryCombo
from o365desk.views.desk_dialog import MARGIN, DeskDialog
from o365desk.views.switch_list import SwitchList
from o365desk.views.theme import GRID

LOCATION_NEEDED = "Location (needed by Microsoft before a license can be given)"

REFUSED = "Microsoft refused this update. The reason stands at the product."


@dataclass(frozen=True, slots=True)
class LicenseUpdate:
    """What Update asks for: the location first where one had to be chosen, then the change."""

    change: LicenseChange
    location: str = ""
    """ISO 3166 alpha-2 to be set before the licences; empty when it stays as it is."""


class ManageLicensesDialog(DeskDialog):
    """Shows a LicenseDraft and hands back what the operator made of it.

    Opens in the reading state; the controller answers with `set_draft` or `show_load_error`, and
    after Update with `set_busy`, then `accept` or `show_refusal`. Owned by the main window.
    """

    update_requested = Signal(object)
    """LicenseUpdate, once per click on Update."""
    retry_requested = Signal()
    """The licences could not be read, and the operator wants another attempt."""

    def __init__(self, tenant_name: str, user: User, parent: QWidget | None = None) -> None:
        super().__init__(
            "Manage Licenses",
            user.display_name or user.username,
            user.username,
            tenant_name,
            parent,
            size=QSize(640, 640),
            flush=True,
        )
        self.setMinimumHeight(320)
        self._location = ""
        self._location_refused = False
        self._draft_shown = False

        self._message = parts.label(wrap=True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.retry_button = parts.button("Try again", self._retry, icon="refresh")
        self.retry_button.setAutoDefault(True)
        self._waiting = QWidget()
        waiting = QVBoxLayout(self._waiting)
        waiting.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        waiting.setSpacing(2 * GRID)
        waiting.addStretch(2)
        waiting.addWidget(self._message)
        waiting.addWidget(self.retry_button, 0, Qt.AlignmentFlag.AlignHCenter)
        waiting.addStretch(3)

        self.notice = parts.label(kind="warning", wrap=True)
        self.notice.setContentsMargins(MARGIN, 0, MARGIN, GRID)
        self.notice.hide()
        self.switches = SwitchList(
            empty="This organization has no product to give to a user.", inset=MARGIN
        )
        self.switches.draft_changed.connect(self._draft_moved)
        self.switches.hide()
        self._foot = parts.label(
            "Partner Center does not tell whether a license comes from a group.",
            "foot",
            wrap=True,
        )
        self._foot.setContentsMargins(MARGIN, GRID, MARGIN, GRID)
        self._foot.hide()

        self.location = CountryCombo()
        self.location.setAccessibleName(LOCATION_NEEDED)
        self.location.code_changed.connect(lambda _code: self.refresh())
        caption = parts.label(LOCATION_NEEDED, wrap=True)
        caption.setBuddy(self.location)
        self._location_problem = parts.label(kind="error", wrap=True)
        self._location_problem.hide()
        self.location_row = QWidget()
        location = QVBoxLayout(self.location_row)
        location.setContentsMargins(MARGIN, GRID, MARGIN, 2 * GRID)
        location.setSpacing(GRID // 2)
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(caption, 1)
        row.addWidget(self.location, 1)
        location.addLayout(row)
        location.addWidget(self._location_problem)
        self.location_row.hide()

        for part, stretch in (
            (self.notice, 0),
            (self._waiting, 1),
            (self.switches, 1),
            (self._foot, 0),
            (self.location_row, 0),
        ):
            self.content_layout.addWidget(part, stretch)
        self.content_layout.setSpacing(0)

        self.cancel_button = self.add_button(parts.button("Cancel", self.reject))
        self.update_button = self.add_button(
            parts.button("Update", self._update, kind="primary", default=True)
        )
        self.set_loading()

    def set_loading(self) -> None:
        """The licences are being read; Cancel works."""
        self.clear_error()
        self._message.setText("Reading licenses…")
        self.retry_button.hide()
        self._waiting.setVisible(not self._draft_shown)
        self.progress.show()
        self.refresh()

    def show_load_error(self, error: DeskError) -> None:
        """The licences could not be read: why, and another attempt."""
        self._message.setText("The licenses could not be read.")
        self.retry_button.show()
        self._waiting.setVisible(not self._draft_shown)
        self.progress.hide()
        self.show_error(error)
        self.retry_button.setFocus()
        self.refresh()

    def set_draft(
        self,
        draft: LicenseDraft,
        group_names: Mapping[GroupId, str],
        *,
        sources_known: bool,
        product_name: Callable[[SkuId], str],
        location: str,
        notice: str = "",
    ) -> None:
        """Shows the switches; again after a conflict, with `notice` saying what changed."""
        first = not self._draft_shown
        self._draft_shown = True
        self._location = location
        self._location_refused = self._location_refused and not location
        self.progress.hide()
        self._waiting.hide()
        self.switches.show()
        self.switches.set_draft(draft, group_names, product_name)
        self._foot.setVisible(not sources_known)
        self.notice.setText(notice)
        self.notice.setVisible(bool(notice))
        self.set_idle()
        self.refresh()
        if first:
            self.switches.focus()
            # Cancel was the default while it had the focus, and stays so where the window was
            # not active yet when the licences came.
            self.update_button.setDefault(True)

    def show_refusal(self, error: DeskError) -> None:
        """Microsoft refused: the choice stays, the sentence goes where it belongs."""
        self.set_idle()
        if error.refusal is Refusal.USAGE_LOCATION:
            self._location_refused = True
            self.location.set_code(self.location.code() or self._location)
            self._location_problem.setText(error.sentence)
            self._location_problem.show()
            self.refresh()
            self.location.setFocus()
            return
        if not isinstance(error, (AccessDenied, Conflict, NotFound)):
            self.show_error(error)  # no answer, or none to this: not to be called a refusal
            return
        change = self._change()
        named = error.sku_ids or (tuple(change.sku_ids) if len(change.sku_ids) == 1 else ())
        model = self.switches.model
        placed = [sku for sku in named if model is not None and model.row_of(sku) >= 0]
        if not placed:
            self.show_error(error)
            return
        sentence = f"{error.sentence} {error.next_step}".strip()
        self.switches.set_errors(dict.fromkeys(placed, sentence))
        self.errors.show_error(REFUSED, "", error.support_ids)

    def refresh(self) -> None:
        """Update is there only when something changed and can be sent."""
        change = self._change()
        asked = self._location_refused or (not self._location and bool(change.add))
        self.location_row.setVisible(asked and self._draft_shown)
        missing = asked and not self.location.code()
        self.set_summary(self._summary(change, missing=missing))
        why_not = "Choose a location first." if missing else ""
        self.allow(self.update_button, bool(change) and not missing, why_not)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._draft_shown:
            self.cancel_button.setFocus()

    def set_busy(self, text: str) -> None:
        self.switches.set_errors({})
        self._location_problem.hide()
        self.notice.hide()
        super().set_busy(text)

    def _change(self) -> LicenseChange:
        draft = self.switches.draft
        return draft.change() if draft is not None else LicenseChange()

    def _draft_moved(self) -> None:
        self.clear_error()
        self.refresh()

    def _summary(self, change: LicenseChange, *, missing: bool) -> str:
        """ "+ Visio Plan 2   − Project Plan 1": what Update does, in the order of the rows."""
        model = self.switches.model
        if model is None:
            return ""
        given = [model.name_of(grant.sku_id) for grant in change.add]
        taken = [model.name_of(sku_id) for sku_id in change.remove]
        said = [f"+ {name}" for name in sorted(given)] + [f"− {name}" for name in sorted(taken)]
        return "   ".join(said)

    def _update(self) -> None:
        change = self._change()
        if not change or self.busy:
            return
        asked = not self.location_row.isHidden()
        self.update_requested.emit(LicenseUpdate(change, self.location.code() if asked else ""))

    def _retry(self) -> None:
        self.set_loading()
        self.retry_requested.emit()
