"""What a table of a comparison is, for exports: of whom, and between which two moments."""

from o365desk.domain.comparison import Comparison
from o365desk.models.table_export import Fact, MoreColumn, TableAbout


def about_comparison(
    title: str,
    found: Comparison | None,
    facts: tuple[Fact, ...],
    more: tuple[MoreColumn, ...],
) -> TableAbout:
    """`facts` without a value are left out."""
    if found is None:
        return TableAbout(title)
    moments: tuple[Fact, ...] = (("From", found.earlier), ("To", found.later))
    return TableAbout(
        title,
        found.tenant.name,
        found.later,
        (*moments, *(fact for fact in facts if fact[1])),
        source="Snapshots of this customer",
        more=more,
    )
