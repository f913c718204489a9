"""The words, numbers and dates of the licence review sheet, in the language of who will read it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QDate, QLocale, Qt, QTime
from PySide6.QtGui import QPageSize

from o365desk.models.words import signed
from o365desk.resources import resource_path

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "el", "ja", "ar")
"""Those with a file in resources/review_sheet/; the first is for all others."""

_LETTER = {"BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"}
"""Territories that print on Letter, all others on A4 (paperSizeData of the Unicode CLDR)."""


@dataclass(frozen=True, slots=True)
class SheetWords:
    """One language, with the territory's way to write numbers and dates."""

    texts: Mapping[str, str]
    locale: QLocale

    @classmethod
    def of(cls, language: str, system: QLocale) -> "SheetWords":
        """`language` as in LANGUAGES; dates follow `system` where it speaks that language."""
        path = resource_path("review_sheet") / f"{language}.json"
        locale = system if language_of(system) == language else QLocale(language)
        return cls(json.loads(path.read_text(encoding="utf-8")), locale)

    def __getitem__(self, key: str) -> str:
        return self.texts[key]

    @property
    def right_to_left(self) -> bool:
        return self.locale.textDirection() is Qt.LayoutDirection.RightToLeft

    def count(self, number: int) -> str:
        return self.locale.toString(number)

    def signed(self, number: int) -> str:
        """ "+3", "0", "-2"."""
        return signed(number, self.locale)

    def moment(self, at: datetime) -> str:
        """Day and time in the zone of this computer, written out."""
        local = at.astimezone()
        day = self.locale.toString(_date(local), QLocale.FormatType.LongFormat)
        time = QTime(local.hour, local.minute)
        return f"{day}, {self.locale.toString(time, QLocale.FormatType.ShortFormat)}"

    def day(self, at: datetime) -> str:
        """The day alone, short, and with the whole year."""
        form = self.locale.dateFormat(QLocale.FormatType.ShortFormat)
        if self.locale.language() is QLocale.Language.C:
            form = "yyyy-MM-dd"
        elif "yyyy" not in form:
            form = form.replace("yy", "yyyy")
        return self.locale.toString(_date(at.astimezone()), form)


def _date(at: datetime) -> QDate:
    return QDate(at.year, at.month, at.day)


def language_of(locale: QLocale) -> str:
    """The language of the sheet for an operator with this locale."""
    code = locale.name().partition("_")[0]
    return code if code in LANGUAGES else LANGUAGES[0]


def paper_of(locale: QLocale) -> QPageSize.PageSizeId:
    """The paper in the operator's printer."""
    letter = QLocale.territoryToCode(locale.territory()) in _LETTER
    return QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4
