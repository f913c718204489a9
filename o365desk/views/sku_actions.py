"""What can be asked of a product in the Licenses section, as data: its menu and its keys."""

from enum import StrEnum

from PySide6.QtCore import Qt


class SkuIntent(StrEnum):
    """What the operator wants to know of one product, or to do with it."""

    INFORMATION = "Subscription information"
    HOLDERS = "Show who holds this product"
    ASSIGN = "Assign to…"
    HISTORY = "History of this product…"


SKU_ACTIONS: tuple[tuple[SkuIntent, str, Qt.Key], ...] = (
    (SkuIntent.INFORMATION, "info", Qt.Key.Key_I),
    (SkuIntent.HOLDERS, "users", Qt.Key.Key_W),
    (SkuIntent.ASSIGN, "plus", Qt.Key.Key_A),
    (SkuIntent.HISTORY, "snapshots", Qt.Key.Key_H),
)
"""The entries of a product's menu, in their order: icon, and key in the table."""

INTENT_OF = {int(key): intent for intent, _, key in SKU_ACTIONS}
