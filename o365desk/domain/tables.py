"""Tables as they leave the program: cells as values, and the names of files."""

import re
import unicodedata
from datetime import date, datetime

Cell = str | int | float | date
"""A text as it was shown; or what a text was made of: a number, a day, or a time (UTC)."""

ABOUT = "About"
"""The sheet of a workbook that says what its table is."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_LONGEST = 120
"""Characters of a file's name, so that folder and name together stay below 260."""


def local_time(at: datetime) -> datetime:
    """The time as the screen tells it, in this computer's zone, to the second: spreadsheets know
    no zones."""
    return at.astimezone().replace(microsecond=0, tzinfo=None)


def file_name(*parts: str, suffix: str) -> str:
    """A name that every system takes: without the signs that Windows forbids, and without those
    that turn the direction of writing, which could hide a suffix."""
    text = " - ".join(part for part in parts if part)
    text = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text)
    text = " ".join(_FORBIDDEN.sub(" ", text).split())
    return f"{text[:_LONGEST].strip(' .') or 'Table'}.{suffix}"
