"""Roles of our own models, beside Qt's."""

from enum import IntEnum

from PySide6.QtCore import Qt


class Role(IntEnum):
    """What a delegate or view may ask a model for."""

    ROW = Qt.ItemDataRole.UserRole + 1
    """The domain value behind the row."""
    DIMMED = Qt.ItemDataRole.UserRole + 2
    """True for rows painted in the muted colour: deleted users, stale rows."""
    LINE = Qt.ItemDataRole.UserRole + 3
    """LicenseLine of the Manage Licenses dialog."""
    ERROR = Qt.ItemDataRole.UserRole + 4
    """Sentence to show at the row; empty when there is none."""
    VALUE = Qt.ItemDataRole.UserRole + 5
    """What a cell's text was made of, where that is a number, a day or a time (UTC), for exports;
    None where the text is all there is."""
