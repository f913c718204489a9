"""Readable names of SKUs: what Partner Center has said, else Microsoft's table, else the number."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from o365desk.domain.licensing import Sku, SkuId
from o365desk.resources import resource_path

if TYPE_CHECKING:
    from o365desk.wire.product_names import Product


class ProductNames:
    """The one book of names, shared by the adapters and the screens; read at first use."""

    def __init__(self, load: Callable[[], str] | None = None) -> None:
        self._load = load or _shipped
        self._learned: dict[SkuId, str] = {}

    @cached_property
    def _table(self) -> Mapping[SkuId, "Product"]:
        from o365desk.wire.product_names import parse  # kept off the path to first paint

        return parse(self._load())

    def learn(self, skus: Iterable[Sku]) -> None:
        """Takes names from a service that knows them; they are newer than the table."""
        self._learned.update((sku.id, sku.name) for sku in skus if sku.name)

    def name(self, sku: SkuId, part_number: str = "") -> str:
        """The name, else the part number, else the id: never nothing."""
        learned = self._learned.get(sku)
        if learned:
            return learned
        product = self._table.get(sku)
        return product.name if product else part_number or sku


def _shipped() -> str:
    return resource_path("product-names.csv").read_text(encoding="utf-8")
