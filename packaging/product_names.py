"""Makes resources/product-names.csv from Microsoft's product-name table.

    python packaging/product_names.py [table.csv]

Without an argument the copy in tests/samples is taken; a newer one is linked from
learn.microsoft.com/entra/identity/users/licensing-service-plan-reference.
"""

import csv
import io
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tests" / "samples" / "product-names.csv"
TARGET = ROOT / "resources" / "product-names.csv"

sys.path.insert(0, str(ROOT))

from o365desk.wire.product_names import reduced, written  # noqa: E402


def make(table: str) -> str:
    """The text of resources/product-names.csv for the text of Microsoft's table."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(written(reduced(table)))
    return out.getvalue()


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    text = make(source.read_text(encoding="utf-8-sig"))
    TARGET.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
