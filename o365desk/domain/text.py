"""Text as people compare it: case and accents aside, in any script."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_WESTERN = re.compile("[\0-\u058f]*")
"""Latin, Greek, Cyrillic, Armenian: all combining characters among them are `_MARKS`."""

_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f\u0483-\u0487]+")


def fold(text: str) -> str:
    """`text` for searching and sorting: case folded, accents dropped ("Čermák" -> "cermak").

    Most names are ASCII, so that path is one call; of the others, the words come again and again.
    """
    if text.isascii():
        return text.lower()
    return " ".join([_fold_word(word) for word in text.split(" ")])


def fold_all(texts: Sequence[str]) -> list[str]:
    """`fold` of each."""
    if all(map(str.isascii, texts)):
        return [*map(str.lower, texts)]
    return [text.lower() if text.isascii() else fold(text) for text in texts]


@lru_cache(maxsize=8192)
def _fold_word(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.casefold())
    if _WESTERN.fullmatch(parts):
        return _MARKS.sub("", parts)
    return "".join(c for c in parts if not unicodedata.combining(c))


def found_in(text: str, needles: Sequence[str]) -> list[tuple[int, int]]:
    """Where in `text` folded needles are: (start, end) of its own characters, in order, apart."""
    if text.isascii():
        folded = text.lower()
        places: Sequence[int] = range(len(text))
    else:
        pieces = [fold(character) for character in text]
        folded = "".join(pieces)
        places = [place for place, piece in enumerate(pieces) for _ in piece]
    held = [False] * len(text)
    for needle in filter(None, needles):
        start = folded.find(needle)
        while start >= 0:
            first, last = places[start], places[start + len(needle) - 1]
            held[first : last + 1] = [True] * (last + 1 - first)
            start = folded.find(needle, start + 1)
    edges = [
        place
        for place, (before, now) in enumerate(zip([False, *held], [*held, False], strict=True))
        if before is not now
    ]
    return list(zip(edges[::2], edges[1::2], strict=True))
