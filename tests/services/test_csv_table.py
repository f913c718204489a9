"""CSV that comes back as it went out, and that no spreadsheet runs."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from o365desk.services.csv_table import as_csv

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@given(st.lists(st.tuples(text, text, st.integers())))
def test_round_trip(rows: list[tuple[str, str, int]]) -> None:
    written = as_csv(["a", "b", "c"], rows)
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert read[0] == ["a", "b", "c"]
    for row, cells in zip(rows, read[1:], strict=True):
        assert cells[2] == str(row[2]), "numbers stay numbers, negative ones too"
        for value, cell in zip(row[:2], cells[:2], strict=True):
            assert cell in (value, f"'{value}")
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
