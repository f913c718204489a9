"""Rows and columns of the Licenses section: every text made once, before anything is painted."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QLocale

from o365desk.domain.licensing import Sku
from o365desk.domain.monitoring import Availability, availability
from o365desk.domain.text import fold
from o365desk.models.columns import Column

INFORMATION = "Subscription information"


@dataclass(frozen=True, slots=True)
class SkuRow:
    """One product as the table shows it."""

    sku: Sku
    standing: Availability
    name: str
    active: str
    assigned: str
    available: str
    suspended: str

    @classmethod
    def of(cls, sku: Sku, locale: QLocale) -> "SkuRow":
        return cls(
            sku=sku,
            standing=availability(sku),
            name=sku.name or sku.part_number or sku.id,
            active=locale.toString(sku.active),
            assigned=locale.toString(sku.assigned),
            available=locale.toString(sku.available),
            suspended=locale.toString(sku.suspended),
        )


SKU_COLUMNS: tuple[Column[SkuRow], ...] = (
    Column("name", "Product Name", lambda row: row.name, lambda row: fold(row.name), width=40),
    Column(
        "active",
        "Active Licenses",
        lambda row: row.active,
        lambda row: row.sku.active,
        right=True,
        width=20,
    ),
    Column(
        "assigned",
        "Assigned Licenses",
        lambda row: row.assigned,
        lambda row: row.sku.assigned,
        right=True,
        width=20,
    ),
    Column(
        "available",
        "Available Licenses",
        lambda row: row.available,
        lambda row: row.sku.available,
        right=True,
        width=26,
    ),
    Column(
        "suspended",
        "Suspended License",
        lambda row: row.suspended,
        lambda row: row.sku.suspended,
        right=True,
        width=20,
    ),
)
"""The five columns of S44, in the words of S47 to S51."""

COLUMN = {column.key: number for number, column in enumerate(SKU_COLUMNS)}


def note(row: SkuRow, column: int) -> str:
    """The word that stands before a number, so that colour alone tells nothing."""
    return row.standing.value if column == COLUMN["available"] else ""


def spoken(row: SkuRow, column: int, locale: QLocale) -> str:
    """A cell in words, for screen readers."""
    found = SKU_COLUMNS[column]
    text = found.text(row)
    if found.key == "name":
        return text
    more = note(row, column)
    if found.key == "active" and row.sku.warning > 0:
        more = f"{locale.toString(row.sku.warning)} more in grace period"
    return f"{found.title}: {text}{', ' if more else ''}{more}"


def tooltip(row: SkuRow, column: int, locale: QLocale) -> str:
    """What a number means, in a sentence."""
    return _TOOLTIPS[SKU_COLUMNS[column].key](row, locale)


def _name_tip(row: SkuRow, _locale: QLocale) -> str:
    lines = [row.name]
    if row.sku.part_number and row.sku.part_number != row.name:
        lines.append(f"Part number {row.sku.part_number}")
    return "\n".join(lines)


def _active_tip(row: SkuRow, locale: QLocale) -> str:
    text = f"{row.active} {_licenses(row.sku.active)} active"
    if row.sku.warning > 0:
        text += (
            f"\n{locale.toString(row.sku.warning)} more in grace period: "
            "the subscription has expired, its licenses still work and can be assigned."
        )
    return text


def _assigned_tip(row: SkuRow, _locale: QLocale) -> str:
    assigned = f"{row.assigned} {_licenses(row.sku.assigned)} assigned to users"
    return f"{assigned}\nClick to see who holds them." if row.sku.assigned else assigned


def _available_tip(row: SkuRow, locale: QLocale) -> str:
    match row.standing:
        case Availability.OVER:
            over = locale.toString(-row.sku.available)
            return (
                f"Over-allocated: {over} more {_licenses(-row.sku.available)} assigned "
                "than can be used.\nFree some, or order more."
            )
        case Availability.NONE:
            return "None left. Take one from another user, or order more."
        case Availability.LOW:
            return f"Low: {row.available} {_licenses(row.sku.available)} left"
        case _:
            return f"{row.available} {_licenses(row.sku.available)} free"


def _suspended_tip(row: SkuRow, _locale: QLocale) -> str:
    if row.sku.suspended <= 0:
        return "No license is suspended."
    return (
        f"Suspended: {row.suspended} {_licenses(row.sku.suspended)} cannot be used until "
        "the subscription is reactivated."
    )


_TOOLTIPS: dict[str, Callable[[SkuRow, QLocale], str]] = {
    "name": _name_tip,
    "active": _active_tip,
    "assigned": _assigned_tip,
    "available": _available_tip,
    "suspended": _suspended_tip,
}


def _licenses(count: int) -> str:
    return "license" if count == 1 else "licenses"
