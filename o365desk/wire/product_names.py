"""Microsoft's product-name table: names for the SKUs that Graph knows by number only.

The table is "Product names and service plan identifiers for licensing"
(learn.microsoft.com/entra/identity/users/licensing-service-plan-reference), reduced to one line a
product by packaging/product_names.py.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from o365desk.domain.licensing import SkuId

COLUMNS = ("sku_id", "part_number", "name")


@dataclass(frozen=True, slots=True)
class Product:
    """A product Microsoft sells."""

    sku_id: SkuId
    part_number: str
    name: str


def reduced(text: str) -> tuple[Product, ...]:
    """The products of Microsoft's own table, in order of name.

    It has one row a service plan, so products repeat; three of them under an old and a new name,
    of which the last one stands, as in other tools; ids and part numbers may end in no-break
    spaces or tabs.
    """
    products = {}
    for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        sku_id = SkuId(_clean(row["GUID"]).lower())
        products[sku_id] = Product(
            sku_id, _clean(row["String_Id"]), _clean(row["Product_Display_Name"])
        )
    return tuple(sorted(products.values(), key=lambda p: (p.name.casefold(), p.sku_id)))


def written(products: tuple[Product, ...]) -> Iterator[tuple[str, str, str]]:
    """Lines of the reduced table, its header first."""
    yield COLUMNS
    for product in products:
        yield product.sku_id, product.part_number, product.name


def parse(text: str) -> Mapping[SkuId, Product]:
    """The reduced table by SKU id; lines that are not of it are passed over."""
    rows = csv.reader(io.StringIO(text, newline=""))
    next(rows, None)
    return {
        SkuId(row[0]): Product(SkuId(row[0]), row[1], row[2])
        for row in rows
        if len(row) == len(COLUMNS)
    }


def _clean(text: str) -> str:
    return " ".join(text.split())
