"""The switches of Manage Licenses and Create User: a draft as a list, with every text made once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PySide6.QtCore import (
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from o365desk.domain.licensing import GroupId, LicenseDraft, LicenseLine, Lock, SkuId
from o365desk.models.roles import Role

Index = QModelIndex | QPersistentModelIndex

_NO_NAMES: Mapping[GroupId, str] = MappingProxyType({})
_NO_ERRORS = ("", "none")
_ERRORS = {
    "countviolation": "Not active: no license was free when the group gave it.",
    "mutuallyexclusiveviolation": "Not active: it conflicts with another license of this user.",
    "dependencyviolation": "Not active: a license it depends on is missing.",
    "prohibitedinusagelocationviolation": "Not active: not offered at the user's location.",
    "uniquenessviolation": "Not active: somebody else has one of this user's mail addresses.",
    "other": "Not active: Microsoft reports an error and does not say which.",
    "others": "Not active: Microsoft reports an error and does not say which.",
    "unknown": "Not active: Microsoft reports an error and does not say which.",
}


def assignment_problem(error: str) -> str:
    """Microsoft's word for a failed assignment as a sentence; empty when nothing is wrong.

    Open strings: learn.microsoft.com/graph/api/resources/licenseassignmentstate, property error.
    """
    word = error.strip().casefold()
    if word in _NO_ERRORS:
        return ""
    return _ERRORS.get(word, f"Not active: Microsoft reports “{error.strip()}”.")


def available_text(available: int) -> str:
    """ "4 licenses available", "1 license available"; negative as Microsoft says it (S33)."""
    noun = "license" if available == 1 else "licenses"
    return f"{QLocale().toString(available)} {noun} available"


@dataclass(frozen=True, slots=True)
class ToggleText:
    """Everything one row says, ready to be painted."""

    name: str
    state: str
    """The word beside the switch: "On" or "Off"."""
    available: str
    """ "4 licenses available", as Microsoft counts now; empty for a product no longer owned."""
    projected: str
    """ "→ 3 after Update"; empty while the switch stands where it stood."""
    source: str
    """ 'through group "BI team"'; empty for what is held directly only, or not at all."""
    notes: tuple[str, ...]
    """Further lines, which depend on facts only: no row grows while somebody toggles."""
    problem: str
    """Why Microsoft does not honour an assignment that the user holds; empty when it does."""
    spoken: str
    """The whole row for a screen reader."""


class LicenseToggleModel(QAbstractListModel):
    """One row per line of a LicenseDraft, in the draft's order.

    Role.LINE answers the LicenseLine, Role.ROW its ToggleText, Role.ERROR the sentence of a
    refusal. Owned by the switch list that shows it.
    """

    draft_changed = Signal()
    """A switch was moved, or the facts below them changed."""

    def __init__(
        self,
        draft: LicenseDraft,
        *,
        group_names: Mapping[GroupId, str] = _NO_NAMES,
        product_name: Callable[[SkuId], str] = str,
        verb: str = "Update",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._draft = draft
        self._group_names = group_names
        self._product_name = product_name
        self._verb = verb
        self._errors: dict[SkuId, str] = {}
        self._lines: tuple[LicenseLine, ...] = draft.lines()
        self._texts = [self._text(line) for line in self._lines]

    @property
    def draft(self) -> LicenseDraft:
        return self._draft

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = index.row()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._texts[row].name
            case Qt.ItemDataRole.CheckStateRole:
                on = self._lines[row].on
                return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.AccessibleTextRole:
                error = self._errors.get(self._lines[row].sku.id, "")
                return f"{self._texts[row].spoken}. {error}" if error else self._texts[row].spoken
            case Role.LINE:
                return self._lines[row]
            case Role.ROW:
                return self._texts[row]
            case Role.ERROR:
                return self._errors.get(self._lines[row].sku.id, "")
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Locked rows stay enabled: the reason must be readable and reachable by keyboard."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemNeverHasChildren
        )
        if self._lines[index.row()].lock is Lock.NONE:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Moves one switch; False when it is locked or already there."""
        if not index.isValid() or role != Qt.ItemDataRole.CheckStateRole:
            return False
        line = self._lines[index.row()]
        wanted = value in (Qt.CheckState.Checked, Qt.CheckState.Checked.value, True)
        draft = self._draft.toggled(line.sku.id) if wanted is not line.on else self._draft
        if draft is self._draft:
            return False
        self._errors.pop(line.sku.id, None)
        self._take(draft, draft.lines())
        return True

    def set_draft(
        self,
        draft: LicenseDraft,
        *,
        group_names: Mapping[GroupId, str] | None = None,
        product_name: Callable[[SkuId], str] | None = None,
    ) -> None:
        """Shows another draft of the same user: fresh facts after a conflict or a refusal."""
        self._group_names = self._group_names if group_names is None else group_names
        self._product_name = product_name or self._product_name
        lines = draft.lines()
        if [line.sku.id for line in lines] == [line.sku.id for line in self._lines]:
            self._take(draft, lines)
            return
        self.beginResetModel()
        self._draft = draft
        self._lines = lines
        self._texts = [self._text(line) for line in lines]
        self.endResetModel()
        self.draft_changed.emit()

    def set_errors(self, errors: Mapping[SkuId, str]) -> None:
        """Puts sentences under the lines they concern, and takes all others away."""
        before, self._errors = self._errors, dict(errors)
        for row, line in enumerate(self._lines):
            if before.get(line.sku.id, "") != self._errors.get(line.sku.id, ""):
                index = self.index(row)
                self.dataChanged.emit(
                    index, index, [Role.ERROR, Qt.ItemDataRole.AccessibleTextRole]
                )

    def row_of(self, sku_id: SkuId) -> int:
        """Row of a product; -1 when it has none."""
        ids = [line.sku.id for line in self._lines]
        return ids.index(sku_id) if sku_id in ids else -1

    def name_of(self, sku_id: SkuId) -> str:
        """The product's name as its row shows it."""
        row = self.row_of(sku_id)
        return self._texts[row].name if row >= 0 else self._product_name(sku_id)

    def _take(self, draft: LicenseDraft, lines: tuple[LicenseLine, ...]) -> None:
        """The same rows with other contents: one dataChanged over those that differ."""
        texts = [self._text(line) for line in lines]
        before = zip(self._lines, self._texts, strict=True)
        now = zip(lines, texts, strict=True)
        differ = [row for row, (old, new) in enumerate(zip(before, now, strict=True)) if old != new]
        self._draft, self._lines, self._texts = draft, lines, texts
        if differ:
            self.dataChanged.emit(self.index(differ[0]), self.index(differ[-1]))
        self.draft_changed.emit()

    def _text(self, line: LicenseLine) -> ToggleText:
        name = line.sku.name or self._product_name(line.sku.id)
        state = "On" if line.on else "Off"
        available = ""
        if line.owned:
            available = available_text(line.available)
            if line.available < 0:
                available += ", over-allocated"
        projected = ""
        if line.owned and line.changed:
            projected = f"→ {QLocale().toString(line.projected)} after {self._verb}"
        source = self._source(line)
        notes = _notes(line)
        problem = assignment_problem(line.held.error) if line.held is not None else ""
        said = (
            name,
            state.lower(),
            "locked" if line.lock is not Lock.NONE else "",
            source,
            available,
            projected.removeprefix("→ "),
            *(note.rstrip(".") for note in notes),
            problem.rstrip("."),
        )
        spoken = ", ".join(part for part in said if part)
        return ToggleText(name, state, available, projected, source, notes, problem, spoken)

    def _source(self, line: LicenseLine) -> str:
        if line.held is None or (line.held.direct and not line.held.groups):
            return ""
        names = [f'"{self._group_names[group]}"' for group in line.held.groups
                 if group in self._group_names]  # fmt: skip
        unnamed = len(line.held.groups) - len(names)
        if not names:
            through = "a group" if unnamed <= 1 else f"{unnamed} groups"
        else:
            through = ("group " if len(names) == 1 else "groups ") + ", ".join(names)
            if unnamed:
                through += f" and {unnamed} more"
        return f"{'also ' if line.held.direct else ''}through {through}"


def _notes(line: LicenseLine) -> tuple[str, ...]:
    notes = []
    if not line.owned:
        notes.append("The organization no longer owns this product")
    if line.lock is Lock.INHERITED:
        notes.append("Leave the group to remove it.")
    elif line.held is not None and line.held.groups:
        notes.append("Turned off here, the user keeps it through the group.")
    if line.lock is Lock.INACTIVE:
        notes.append("Suspended: no license can be given")
    return tuple(notes)
