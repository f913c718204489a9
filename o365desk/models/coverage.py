"""How fresh and how complete a table over all customers is, in one honest line (N8)."""

from datetime import datetime

from PySide6.QtCore import QLocale

from o365desk.domain.portfolio import Coverage
from o365desk.models.words import clock_text


def customers_text(count: int) -> str:
    """ "1 customer", "5,000 customers"."""
    return f"{QLocale().toString(count)} {'customer' if count == 1 else 'customers'}"


def coverage_text(known: Coverage, now: datetime) -> str:
    """ "4,998 of 5,000 customers read; 2 never read; 37 read before today; oldest 12 Oct, 14:03".

    Never a number of customers without saying how many are missing.
    """
    number = QLocale().toString
    if known.customers is None:
        parts = [f"{customers_text(known.read)} read", "how many there are is not known yet"]
    else:
        parts = [f"{number(known.read)} of {customers_text(known.customers)} read"]
        if known.never:
            parts.append(f"{number(known.never)} never read")
    if known.earlier:
        parts.append(f"{number(known.earlier)} read before today")
    if known.earlier and known.oldest is not None:
        parts.append(f"oldest {clock_text(known.oldest, now)}")
    if known.left:
        parts.append(f"{number(known.left)} more, read earlier, not listed any more")
    return "; ".join(parts)
