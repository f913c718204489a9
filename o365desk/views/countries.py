"""Choosing a country: every ISO 3166 territory by code and by name, found while typing."""

from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QLocale, QStringListModel, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QWidget

from o365desk.domain.text import fold
from o365desk.views import parts

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NO_COUNTRY = frozenset(("AC", "CP", "DG", "EA", "EU", "IC", "QO", "TA"))
"""What Unicode knows beside ISO 3166-1: reserved codes, which Microsoft does not take."""


class Country(NamedTuple):
    """One territory, with its name folded for searching."""

    code: str
    name: str
    folded: str

    @property
    def text(self) -> str:
        return f"{self.name} ({self.code})"


@lru_cache(maxsize=1)
def countries() -> tuple[Country, ...]:
    """All countries by name, from Qt's own tables."""
    found = []
    for first in _LETTERS:
        for second in _LETTERS:
            code = first + second
            territory = QLocale.codeToTerritory(code)
            if territory is QLocale.Country.AnyTerritory or code in _NO_COUNTRY:
                continue
            if QLocale.territoryToCode(territory) == code:
                name = QLocale.territoryToString(territory)
                found.append(Country(code, name, fold(name)))
    return tuple(sorted(found, key=lambda country: country.folded))


def matches(text: str) -> list[Country]:
    """Countries for what somebody typed: the code itself, then names that begin so, then names
    with a word that begins so, then the rest that holds it."""
    typed = fold(text.strip())
    if not typed:
        return list(countries())
    ranked: list[tuple[int, Country]] = []
    for country in countries():
        if country.code.casefold() == typed or fold(country.text) == typed:
            rank = 0
        elif country.folded.startswith(typed):
            rank = 1
        elif f" {typed}" in country.folded:
            rank = 2
        elif typed in country.folded:
            rank = 3
        else:
            continue
        ranked.append((rank, country))
    return [country for _rank, country in sorted(ranked, key=lambda pair: pair[0])]


def country_name(code: str) -> str:
    """ "Germany (DE)"; the code itself when Qt does not know it."""
    return next((country.text for country in countries() if country.code == code), code)


class CountryCombo(parts.Combo):
    """An editable list of countries. `code()` is "" until a country is really chosen."""

    code_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit = QLineEdit()
        self.setEditable(True)
        self.setLineEdit(self._edit)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(12)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(16)
        for country in countries():
            self.addItem(country.text, country.code)
        self.setCurrentIndex(-1)
        self._code = ""
        self._found = QStringListModel(self)
        self.matches = QCompleter(self._found, self)
        completer = self.matches
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setMaxVisibleItems(8)
        self.setCompleter(completer)
        self._edit.setPlaceholderText("Country or code")
        self._edit.textEdited.connect(self._typed)
        self._edit.editingFinished.connect(self._settle)
        completer.activated.connect(self._picked)
        self.activated.connect(lambda index: self._take(self.itemData(index)))

    def code(self) -> str:
        """ISO 3166 alpha-2 of the chosen country; empty when none is."""
        return self._code

    def set_code(self, code: str) -> None:
        """Chooses a country without telling; a code that Qt does not know is shown as it is."""
        index = self.findData(code) if code else -1
        self._code = code
        self.setCurrentIndex(index)
        if index < 0:
            self.setEditText(code)

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self._edit.setAccessibleName(name)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._settle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter that chooses a country does not press the dialog's button as well."""
        before = self._code
        super().keyPressEvent(event)
        if self._code != before and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()

    def _typed(self, text: str) -> None:
        """Offers what fits, best first; nothing is chosen yet unless it is spelled out."""
        found = matches(text)
        self._found.setStringList([country.text for country in found] if text.strip() else [])
        exact = bool(found) and fold(text.strip()) in (
            found[0].code.casefold(), found[0].folded, fold(found[0].text)
        )  # fmt: skip
        self._tell(found[0].code if exact else "")

    def _picked(self, text: str) -> None:
        index = self.findText(text, Qt.MatchFlag.MatchExactly)
        if index >= 0:
            self._take(self.itemData(index))

    def _settle(self) -> None:
        """The operator leaves: one country that fits is chosen, anything else stays visible as
        not chosen."""
        text = self._edit.text().strip()
        if self._code:
            self._take(self._code)
        elif text:
            found = matches(text)
            if len(found) == 1:
                self._take(found[0].code)

    def _take(self, code: str) -> None:
        index = self.findData(code)
        if index >= 0 and self._edit.text() != self.itemText(index):
            self.setCurrentIndex(index)
            self.setEditText(self.itemText(index))
        self._tell(code)

    def _tell(self, code: str) -> None:
        if code != self._code:
            self._code = code
            self.code_changed.emit(code)
