"""Text as people compare it: case and accents aside, in any script."""

import unicodedata


def fold(text: str) -> str:
    """`text` for searching and sorting: case folded, accents dropped ("Čermák" -> "cermak").

    Most names are ASCII, so that path is one call.
    """
    if text.isascii():
        return text.lower()
    if text.isalpha() and unicodedata.is_normalized("NFKD", text):
        return text.casefold()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))
