"""Which customers answer a search text, and in which order the picker lists them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.text import fold

_ID_PIECE = 4
"""A shorter piece of an id would hit customers by chance."""

_SUFFIX = ".onmicrosoft.com"
"""Nearly every customer has it, so nobody is found by a piece of it."""

_NO_WORD = re.compile(r"[\W_]+")

_ID_LETTERS = frozenset("0123456789abcdef-")


class TenantRank(IntEnum):
    """How well a customer answers a search text; lower is better."""

    NAME = 0
    """The name begins with it (or the id is it)."""
    WORD = 1
    """A word of the name begins with each word of it."""
    DOMAIN = 2
    """The domain begins with it."""
    WITHIN = 3
    """Name or domain (its ".onmicrosoft.com" apart) hold each word, or the id holds it."""


class Section(IntEnum):
    """The groups of the list while nothing is searched for."""

    PINNED = 0
    RECENT = 1
    OTHERS = 2


class TenantKey(NamedTuple):
    """One customer made ready for searching: folded once, searched at every keystroke.

    Compares as the list is ordered: by name, then domain, then id.
    """

    name: str
    domain: str
    id: TenantId
    words: str
    """The folded name, each word preceded by a blank."""
    haystack: str


class TenantSection(NamedTuple):
    """One group of the list; `section` is None for the answer to a search."""

    section: Section | None
    rows: list[int]


def tenant_key(tenant: Tenant) -> TenantKey:
    name = fold(tenant.name)
    domain = fold(tenant.domain)
    words = " " + _NO_WORD.sub(" ", name).strip()
    return TenantKey(name, domain, tenant.id, words, f"{name}\n{domain.removesuffix(_SUFFIX)}")


@dataclass(frozen=True, slots=True)
class TenantQuery:
    """A search text taken apart once."""

    text: str
    words: tuple[str, ...]
    id_piece: str
    """The text as a piece of a tenant id, in lower case; empty when it cannot be one."""
    beginnings: tuple[str, ...]
    """The words as they stand in `TenantKey.words`."""

    @classmethod
    def of(cls, text: str) -> "TenantQuery":
        words = tuple(fold(text).split())
        bare = text.strip().strip("{}()\"'").lower()
        if len(bare) == 32 and "-" not in bare:
            bare = "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))
        is_id = len(bare) >= _ID_PIECE and _ID_LETTERS.issuperset(bare)
        beginnings = tuple(f" {word}" for word in words)
        return cls(" ".join(words), words, bare if is_id else "", beginnings)

    def rank(self, key: TenantKey) -> TenantRank | None:
        """None when the customer does not answer."""
        haystack = key.haystack
        for word in self.words:
            if word not in haystack:
                return self._rank_of_whole(key)
        if haystack.startswith(self.text):
            return TenantRank.NAME
        words = key.words
        for beginning in self.beginnings:
            if beginning not in words:
                break
        else:
            return TenantRank.WORD
        return TenantRank.DOMAIN if key.domain.startswith(self.text) else TenantRank.WITHIN

    def _rank_of_whole(self, key: TenantKey) -> TenantRank | None:
        """Judges what is not in the haystack: the whole domain, and the id."""
        if key.domain.startswith(self.text):
            return TenantRank.DOMAIN
        if not self.id_piece or self.id_piece not in key.id:
            return None
        return TenantRank.NAME if key.id == self.id_piece else TenantRank.WITHIN

    def only_id(self, key: TenantKey) -> bool:
        """True when nothing but the id answers: the list then shows the id."""
        if not self.id_piece or self.id_piece not in key.id:
            return False
        by_words = all(word in key.haystack for word in self.words)
        return not by_words and not key.domain.startswith(self.text)


def arrange_tenants(
    keys: Sequence[TenantKey],
    text: str,
    pinned: Iterable[TenantId] = (),
    recent: Iterable[TenantId] = (),
) -> list[TenantSection]:
    """Indexes into `keys`, as the picker lists them; every customer at most once.

    Nothing to search for: pinned ones as they were pinned, then recent ones, latest first, then
    all others by name; groups without a customer are left out. Else one group, the best answers
    first and by name within; of two equally good ones the pinned or recent one comes first.
    """
    query = TenantQuery.of(text)
    if not query.words:
        return _sections(keys, pinned, recent)
    favourites = {*pinned, *recent}
    rows: list[int] = []
    for hits in _hits(keys, query):
        hits.sort(key=keys.__getitem__)
        first = [row for row in hits if keys[row].id in favourites] if favourites else []
        rows += first
        rows += [row for row in hits if keys[row].id not in favourites] if first else hits
    return [TenantSection(None, rows)] if rows else []


def _hits(keys: Sequence[TenantKey], query: TenantQuery) -> list[list[int]]:
    """Rows that answer, one list a rank."""
    ranks: list[list[int]] = [[] for _ in TenantRank]
    text = query.text
    if len(query.words) == 1 and not query.id_piece and "." not in text:
        # The first letters somebody types, which thousands answer: `rank` without its calls.
        beginning, domain = query.beginnings[0], f"\n{text}"
        names, words, domains, within = (ranks[rank].append for rank in TenantRank)
        for row, key in enumerate(keys):
            haystack = key.haystack
            if text in haystack:
                if haystack.startswith(text):
                    names(row)
                elif beginning in key.words:
                    words(row)
                elif domain in haystack:
                    domains(row)
                else:
                    within(row)
        return ranks
    for row, key in enumerate(keys):
        found = query.rank(key)
        if found is not None:
            ranks[found].append(row)
    return ranks


def _sections(
    keys: Sequence[TenantKey], pinned: Iterable[TenantId], recent: Iterable[TenantId]
) -> list[TenantSection]:
    row_of = {key.id: row for row, key in enumerate(keys)}
    top: dict[Section, list[int]] = {}
    for section, ids in ((Section.PINNED, pinned), (Section.RECENT, recent)):
        rows = [row_of.pop(tenant) for tenant in dict.fromkeys(ids) if tenant in row_of]
        if rows:
            top[section] = rows
    others = sorted(row_of.values(), key=keys.__getitem__)
    if others:
        top[Section.OTHERS] = others
    return [TenantSection(section, rows) for section, rows in top.items()]
