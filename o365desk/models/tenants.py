"""Qt model of the tenant picker: customers in the order a search text asks for."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.tenant_search import (
    Section,
    TenantKey,
    TenantQuery,
    arrange_tenants,
    tenant_key,
)
from o365desk.models.roles import Role

_DISPLAY = Qt.ItemDataRole.DisplayRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_ROW = int(Role.ROW)

_TITLES = {
    Section.PINNED: "Pinned",
    Section.RECENT: "Recent",
    Section.OTHERS: "Other customers",
}

Index = QModelIndex | QPersistentModelIndex


class TenantListModel(QAbstractListModel):
    """Customers, with a title row above each section while nothing is searched for.

    Customers may arrive in any number of steps: the current row and the selection stay with
    their customer, wherever it moves. Owned by the TenantPicker.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tenants: dict[TenantId, Tenant] = {}
        self._keys: list[TenantKey] = []
        """Sorted by name, which makes the sort inside every search a single pass."""
        self._rows: list[TenantKey | Section] = []
        self._query = TenantQuery.of("")
        self._text = ""
        self._pinned: tuple[TenantId, ...] = ()
        self._recent: tuple[TenantId, ...] = ()
        self._current: TenantId | None = None
        self._places: list[int] = []
        """Rows that hold a customer, ascending."""

    # What the picker asks

    @property
    def total(self) -> int:
        return len(self._tenants)

    @property
    def shown(self) -> int:
        """Customers listed now; title rows do not count."""
        return len(self._places)

    @property
    def text(self) -> str:
        return self._text

    @property
    def pinned(self) -> tuple[TenantId, ...]:
        """Pinned ids in their order, those of customers not read yet included."""
        return self._pinned

    def tenant_at(self, row: int) -> Tenant | None:
        """The customer in a row; None for a title row and outside the list."""
        if not 0 <= row < len(self._rows):
            return None
        key = self._rows[row]
        return None if isinstance(key, Section) else self._tenants[key.id]

    def title_at(self, row: int) -> str:
        """Text of a title row; empty for a customer."""
        key = self._rows[row]
        return _TITLES[key] if isinstance(key, Section) else ""

    def detail_at(self, row: int) -> str:
        """What stands beside the name: the domain, or the id when only the id was hit."""
        key = self._rows[row]
        if isinstance(key, Section):
            return ""
        return key.id if self._query.only_id(key) else self._tenants[key.id].domain

    def is_pinned(self, row: int) -> bool:
        tenant = self.tenant_at(row)
        return tenant is not None and tenant.id in self._pinned

    def is_current(self, row: int) -> bool:
        tenant = self.tenant_at(row)
        return tenant is not None and tenant.id == self._current

    def row_of(self, tenant: TenantId) -> int:
        """Row of a customer; -1 when it is not listed."""
        for row, key in enumerate(self._rows):
            if not isinstance(key, Section) and key.id == tenant:
                return row
        return -1

    def step(self, row: int, by: int) -> int:
        """The customer's row `by` rows further, title rows not counted, stopping at either end;
        -1 when there is none. From -1, the first (or, going up, the last)."""
        rows = self._places
        if not rows:
            return -1
        at = bisect_left(rows, row)
        if at == len(rows) or rows[at] != row:
            return rows[0] if by >= 0 else rows[-1]
        return rows[max(0, min(len(rows) - 1, at + by))]

    # What the picker tells

    def set_tenants(self, tenants: Iterable[Tenant]) -> None:
        """All customers known now; those left out are gone."""
        wanted = {tenant.id: tenant for tenant in tenants}
        if wanted == self._tenants:
            return
        self._take(wanted)

    def append_tenants(self, tenants: Iterable[Tenant]) -> None:
        """More customers, or newer facts about those already there."""
        wanted = {**self._tenants, **{tenant.id: tenant for tenant in tenants}}
        if wanted != self._tenants:
            self._take(wanted)

    def set_query(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self._query = TenantQuery.of(text)
            self._rearrange()

    def set_pinned(self, pinned: Sequence[TenantId]) -> None:
        self._pinned = tuple(dict.fromkeys(pinned))
        self._rearrange()
        self._repaint()

    def set_recent(self, recent: Sequence[TenantId]) -> None:
        self._recent = tuple(dict.fromkeys(recent))
        self._rearrange()

    def set_current(self, tenant: TenantId | None) -> None:
        """The customer on screen in the window: marked, never moved."""
        if tenant != self._current:
            self._current = tenant
            self._repaint()

    def toggle_pin(self, tenant: TenantId) -> None:
        if tenant in self._pinned:
            self.set_pinned([other for other in self._pinned if other != tenant])
        else:
            self.set_pinned([*self._pinned, tenant])

    def _take(self, wanted: dict[TenantId, Tenant]) -> None:
        known = {key.id: key for key in self._keys}
        before = self._tenants
        self._keys = sorted(
            known[tenant_id]
            if tenant_id in known and before[tenant_id] == tenant
            else tenant_key(tenant)
            for tenant_id, tenant in wanted.items()
        )
        self._rearrange(wanted)

    def _rearrange(self, tenants: dict[TenantId, Tenant] | None = None) -> None:
        rows: list[TenantKey | Section] = []
        places: list[int] = []
        sections = arrange_tenants(self._keys, self._text, self._pinned, self._recent)
        for section, found in sections:
            # One section of all customers needs no title.
            if section is not None and (len(sections) > 1 or section is not Section.OTHERS):
                rows.append(section)
            places.extend(range(len(rows), len(rows) + len(found)))
            rows += [self._keys[row] for row in found]
        if tenants is None and rows == self._rows:
            return
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        names = [_identity(self._rows[index.row()]) for index in kept]
        if tenants is not None:
            self._tenants = tenants
        self._rows = rows
        self._places = places
        moved = _find(rows, set(names))
        for index, name in zip(kept, names, strict=True):
            row = moved.get(name, -1)
            self.changePersistentIndex(index, self.index(row, 0) if row >= 0 else QModelIndex())
        self.layoutChanged.emit()

    def _repaint(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 0))

    # What Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row = index.row()
        if role == _DISPLAY:
            tenant = self.tenant_at(row)
            return tenant.name if tenant is not None else self.title_at(row)
        if role == _ROW:
            return self.tenant_at(row)
        if role == _TOOLTIP:
            tenant = self.tenant_at(row)
            return f"{tenant.name}\n{tenant.domain}\n{tenant.id}" if tenant is not None else None
        if role == _ACCESSIBLE:
            return self._spoken(row)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or isinstance(self._rows[index.row()], Section):
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def _spoken(self, row: int) -> str:
        tenant = self.tenant_at(row)
        if tenant is None:
            return self.title_at(row)
        parts = [tenant.name, self.detail_at(row)]
        if self.is_current(row):
            parts.append("shown now")
        if self.is_pinned(row):
            parts.append("pinned")
        return ", ".join(part for part in parts if part)


def _find(
    rows: list[TenantKey | Section], wanted: set[TenantId | Section]
) -> dict[TenantId | Section, int]:
    """Where in `rows` the wanted ones are; stops when it has them all."""
    found: dict[TenantId | Section, int] = {}
    for row, key in enumerate(rows):
        if len(found) == len(wanted):
            break
        name = _identity(key)
        if name in wanted:
            found[name] = row
    return found


def _identity(key: TenantKey | Section) -> TenantId | Section:
    return key if isinstance(key, Section) else key.id
