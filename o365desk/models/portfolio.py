"""Qt models of the portfolio: one row per customer, and one line per finding of a customer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import NamedTuple

from PySide6.QtCore import QLocale, QObject, Signal

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.portfolio import (
    Finding,
    FindingKind,
    Hidden,
    Limits,
    findings,
    hides,
)
from o365desk.domain.snapshots import TenantFacts
from o365desk.domain.text import fold
from o365desk.models.columns import Column
from o365desk.models.coverage import customers_text
from o365desk.models.listing import ListingModel, Tone
from o365desk.models.pieces import Pieces
from o365desk.models.words import age_text, clock_text, day_text, days_text, full_text

NEVER = "Never read"
HIDDEN = "Hidden"
UNKNOWN = "unknown"
"""Where a number could not be read; an empty cell is of a customer who never was."""

STALE = timedelta(days=1)
"""Facts that are older look different."""

KINDS = tuple(FindingKind)

_OF_PRODUCTS = frozenset((FindingKind.NONE_LEFT,))
"""Columns that count products; the others count seats or users."""

_OF_USERS = frozenset((FindingKind.BLOCKED, FindingKind.PURGE))


class PortfolioRow(NamedTuple):
    """One customer as the table shows it."""

    key: TenantId
    texts: tuple[str, ...]
    haystack: str
    tenant: Tenant
    facts: TenantFacts | None
    """None: never read."""
    findings: tuple[Finding, ...]
    """Those that the operator wants to see."""
    hidden: tuple[Finding, ...]
    numbers: tuple[int | None, ...]
    """Users, then one of each kind; None: not known."""
    age: str
    """How old the facts are, once that is more than a day."""
    marks: frozenset[str]
    """The filters that let the row through."""


def _of(place: int) -> "Column[PortfolioRow]":
    kind = KINDS[place - 1]
    width = 10 if kind is not FindingKind.OVER else 14
    return Column(
        kind,
        kind,
        lambda row: row.texts[place + 1],
        lambda row: row.numbers[place],
        right=True,
        width=width,
    )


COLUMNS: tuple[Column[PortfolioRow], ...] = (
    Column("name", "Customer", lambda row: row.texts[0], width=26),
    Column(
        "users", "Users", lambda row: row.texts[1], lambda row: row.numbers[0], right=True, width=9
    ),
    *(_of(place) for place in range(1, len(KINDS) + 1)),
    Column(
        "read",
        "Read",
        lambda row: row.texts[-1],
        lambda row: None if row.facts is None else row.facts.at.timestamp(),
        width=24,
    ),
)
COLUMN = {column.key: number for number, column in enumerate(COLUMNS)}
_FIRST = COLUMN[KINDS[0]]
_READ = COLUMN["read"]

_TONES = {
    FindingKind.OVER: Tone.DANGER,
    FindingKind.SUSPENDED: Tone.WARNING,
    FindingKind.EXPIRING: Tone.WARNING,
    FindingKind.PURGE: Tone.DANGER,
}

_TIPS = {
    FindingKind.OVER: "Seats assigned beyond those that can be used",
    FindingKind.NONE_LEFT: "Products of which every seat is assigned",
    FindingKind.SUSPENDED: "Seats that cannot be used until a subscription is reactivated",
    FindingKind.EXPIRING: "Seats of subscriptions that end soon and do not renew, as far as known",
    FindingKind.UNUSED: "Free seats of products of which many are free",
    FindingKind.BLOCKED: "Users who cannot sign in and hold seats all the same",
    FindingKind.PURGE: "Deleted users who are soon removed for good",
}


class Totals(NamedTuple):
    """The sums below the columns, and of whom they do not speak."""

    customers: int = 0
    numbers: tuple[int, ...] = (0,) * (len(KINDS) + 1)
    never: int = 0
    earlier: int = 0
    """Read before today."""
    unknown: int = 0
    """Customers of whom one of the numbers is not known."""


class PortfolioModel(ListingModel[PortfolioRow]):
    """All customers, those who were never read included; owned by the PortfolioPage."""

    summed = Signal()
    """`totals` are those of the customers that are shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._hidden: frozenset[Hidden] = frozenset()
        self._listed: Sequence[Tenant] = ()
        self._known: Sequence[TenantFacts] = ()
        self._now: datetime | None = None
        self.limits = Limits()
        self._filter = ""
        self.customers: Counter[str] = Counter()
        """How many customers each filter would show."""
        self.totals = Totals()
        self._summing = Pieces(self)
        self.settled.connect(self._sum)

    def take(self, listed: Sequence[Tenant], known: Sequence[TenantFacts], now: datetime) -> None:
        """All customers anew: those in the list, and those who have been read."""
        self._listed, self._known, self._now = listed, known, now
        self.load(self._made(listed, known, now))

    def set_hidden(self, hidden: AbstractSet[Hidden]) -> None:
        """What the operator does not want to be warned of."""
        before, self._hidden = self._hidden, frozenset(hidden)
        changed = {one.tenant for one in before ^ self._hidden}
        if self._now is None or not changed:
            return
        rows = [row for row in self.rows if row.key in changed]
        if len(rows) == 1 and not self.making:
            self.replace(self._row(rows[0].tenant, rows[0].facts, self._now))
        else:
            self.load(self._made(self._listed, self._known, self._now))

    def set_filter(self, which: str) -> None:
        """Shows only customers with findings of a FindingKind, or who are NEVER read, or with
        HIDDEN findings; empty for all."""
        if which != self._filter:
            self._filter = which
            self.rearrange()

    @property
    def filter(self) -> str:
        return self._filter

    @property
    def filters(self) -> bool:
        return bool(self._filter)

    def admits(self, row: PortfolioRow) -> bool:
        return self._filter in row.marks

    def count(self, rows: Sequence[PortfolioRow]) -> None:
        self.customers = Counter(chain.from_iterable(row.marks for row in rows))

    def _sum(self) -> None:
        self._summing.start(self._sums())

    def _sums(self) -> Iterator[None]:
        """Over the customers that are shown."""
        sums = [0] * (len(KINDS) + 1)
        customers = never = earlier = unknown = 0
        today = self._today()
        for row in list(self.shown_rows()):
            customers += 1
            if row.facts is None:
                never += 1
            else:
                earlier += today is not None and row.facts.at < today
                unknown += None in row.numbers
                for place, number in enumerate(row.numbers):
                    sums[place] += number or 0
            yield
        self.totals = Totals(customers, tuple(sums), never, earlier, unknown)
        self.summed.emit()

    def _today(self) -> datetime | None:
        if self._now is None:
            return None
        # Without the offset of this moment: the clocks may have been changed since midnight.
        now = self._now.astimezone().replace(tzinfo=None)
        return now.replace(hour=0, minute=0, second=0, microsecond=0).astimezone()

    # Rows

    def _made(
        self, listed: Sequence[Tenant], known: Sequence[TenantFacts], now: datetime
    ) -> Iterator[PortfolioRow | None]:
        read: dict[TenantId, TenantFacts] = {}
        tenants: dict[TenantId, Tenant] = {}
        for facts in known:
            read[facts.tenant.id] = facts
            tenants[facts.tenant.id] = facts.tenant
            yield None
        for tenant in listed:
            tenants[tenant.id] = tenant
            yield None
        named = []
        for tenant in tenants.values():
            named.append((fold(tenant.name), tenant.id))
            yield None
        for _, tenant_id in sorted(named):
            yield self._row(tenants[tenant_id], read.get(tenant_id), now)

    def _row(self, tenant: Tenant, facts: TenantFacts | None, now: datetime) -> PortfolioRow:
        name = tenant.name or tenant.domain or tenant.id
        haystack = fold(f"{name}\n{tenant.domain}\n{tenant.id}")
        if facts is None:
            nothing = (None,) * (len(KINDS) + 1)
            texts = (name, *("" for _ in nothing), "never read")
            marks = frozenset((NEVER,))
            return PortfolioRow(
                tenant.id, texts, haystack, tenant, None, (), (), nothing, "", marks
            )
        every = findings(facts, now, self.limits)
        hidden: tuple[Finding, ...] = ()
        if self._hidden:
            hidden = tuple(one for one in every if hides(self._hidden, one))
            every = tuple(one for one in every if one not in hidden)
        numbers = _numbers(facts, every)
        age = now - facts.at
        old = f"{age_text(age)} old" if age > STALE else ""
        number = QLocale().toString
        return PortfolioRow(
            tenant.id,
            (
                name,
                *(UNKNOWN if one is None else number(one) for one in numbers),
                f"{clock_text(facts.at, now)}{', ' if old else ''}{old}",
            ),
            haystack,
            tenant,
            facts,
            every,
            hidden,
            numbers,
            old,
            frozenset((*(one.kind for one in every), *((HIDDEN,) if hidden else ()))),
        )

    # What the table says

    def tone(self, row: PortfolioRow, column: int) -> Tone:
        if row.facts is None:
            return Tone.PLAIN if column == 0 else Tone.MUTED
        if row.age and column > 0:
            return Tone.MUTED
        if _FIRST <= column < _READ:
            number = row.numbers[column - _FIRST + 1]
            return _TONES.get(KINDS[column - _FIRST], Tone.PLAIN) if number else Tone.MUTED
        return Tone.PLAIN

    def tooltip(self, row: PortfolioRow, column: int) -> str:
        if column == 0:
            return f"{row.texts[0]}\n{row.tenant.domain}"
        if column == _READ and row.facts is not None and self._now is not None:
            age = age_text(self._now - row.facts.at)
            return f"{full_text(row.facts.at)}\n{age} ago"
        if _FIRST <= column < _READ and row.facts is not None:
            kind = KINDS[column - _FIRST]
            lines = [
                f"{one.product}: {QLocale().toString(one.number)}" if one.product else one.sentence
                for one in row.findings
                if one.kind is kind
            ]
            if row.numbers[column - _FIRST + 1] is None:
                lines = ["The subscriptions of this customer could not be read."]
            return "\n".join(lines)
        return row.texts[column]

    def value(self, row: PortfolioRow, column: int) -> float | date | None:
        if column == _READ:
            return None if row.facts is None else row.facts.at
        return super().value(row, column)

    def spoken(self, row: PortfolioRow, column: int) -> str:
        if row.facts is None and 0 < column < _READ:
            return f"{self.columns[column].title}: {NEVER.lower()}"
        return super().spoken(row, column)

    def header_tip(self, column: int) -> str:
        return _TIPS[KINDS[column - _FIRST]] if _FIRST <= column < _READ else ""


def _numbers(facts: TenantFacts, every: Sequence[Finding]) -> tuple[int | None, ...]:
    sums: Counter[FindingKind] = Counter()
    for one in every:
        sums[one.kind] += 1 if one.kind in _OF_PRODUCTS else one.number
    told = [
        None if kind is FindingKind.EXPIRING and facts.subscriptions is None else sums[kind]
        for kind in KINDS
    ]
    return (facts.users, *told)


def totals_text(totals: Totals) -> str:
    """Of whom the sums do not speak: " Not in the totals: 2 never read …"; empty for nobody."""
    number = QLocale().toString
    parts = []
    if totals.never:
        parts.append(f"{customers_text(totals.never)} never read not in the totals")
    if totals.earlier:
        parts.append(f"{number(totals.earlier)} with numbers of an earlier day")
    if totals.unknown:
        parts.append(f"expiring of {customers_text(totals.unknown)} unknown")
    return " · ".join(parts)


# The findings of one customer


class FindingRow(NamedTuple):
    """One finding as the list shows it."""

    key: tuple[object, ...]
    texts: tuple[str, ...]
    haystack: str
    finding: Finding
    hidden: bool
    place: int
    """Among the findings, the most pressing first."""


FINDING_COLUMNS: tuple[Column[FindingRow], ...] = (
    Column("what", "Finding", lambda row: row.texts[0], lambda row: row.place, width=26),
    Column("product", "Product", lambda row: row.texts[1], width=34),
    Column(
        "number",
        "Number",
        lambda row: row.texts[2],
        lambda row: row.finding.number,
        right=True,
        width=9,
    ),
    Column(
        "until",
        "Until",
        lambda row: row.texts[3],
        lambda row: None if row.finding.until is None else row.finding.until.timestamp(),
        width=24,
    ),
    Column("meaning", "What it means", lambda row: row.texts[4], width=60),
)


class FindingsModel(ListingModel[FindingRow]):
    """What there is to say of one customer; owned by the PortfolioPage."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(FINDING_COLUMNS, parent)

    def take(self, row: PortfolioRow | None, now: datetime, *, with_hidden: bool) -> None:
        shown = () if row is None else row.findings
        hidden = row.hidden if row is not None and with_hidden else ()
        lines = [(one, False) for one in shown] + [(one, True) for one in hidden]
        self.load([_line(one, place, now, hidden=gone) for place, (one, gone) in enumerate(lines)])

    def tone(self, row: FindingRow, column: int) -> Tone:
        if row.hidden:
            return Tone.MUTED
        if column == 0:
            return _TONES.get(row.finding.kind, Tone.PLAIN)
        if column == len(FINDING_COLUMNS) - 1:
            return Tone.MUTED
        return Tone.PLAIN

    def value(self, row: FindingRow, column: int) -> float | date | None:
        if FINDING_COLUMNS[column].key == "until" and row.finding.until is not None:
            return row.finding.until.astimezone(UTC).date()
        return super().value(row, column)

    def tooltip(self, row: FindingRow, column: int) -> str:
        if FINDING_COLUMNS[column].key == "until" and row.finding.until is not None:
            return full_text(row.finding.until)
        return row.texts[column]


def _line(found: Finding, place: int, now: datetime, *, hidden: bool) -> FindingRow:
    until = ""
    if found.until is not None:
        until = f"{day_text(found.until)}, {days_text(found.until, now)}"
    product = found.product or ("Users" if found.kind in _OF_USERS else "")
    word = f"{found.kind} ({HIDDEN.lower()})" if hidden else str(found.kind)
    texts = (word, product, QLocale().toString(found.number), until, found.sentence)
    key = (found.kind, found.sku_id, found.product, found.until)
    return FindingRow(key, texts, fold(" ".join(texts)), found, hidden, place)
