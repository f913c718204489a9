"""The product-name table: reduced from Microsoft's, looked up by SKU id."""

import importlib.util
from types import ModuleType

import pytest

from o365desk.domain.licensing import Sku, SkuId
from o365desk.resources import resource_path
from o365desk.services.product_names import ProductNames
from o365desk.wire.product_names import parse, reduced
from tests.wire.samples import FOLDER

SOURCE = (FOLDER / "product-names.csv").read_text(encoding="utf-8-sig")
BUSINESS_PREMIUM = SkuId("cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46")


@pytest.fixture
def script() -> ModuleType:
    path = FOLDER.parent.parent / "packaging" / "product_names.py"
    spec = importlib.util.spec_from_file_location("product_names_script", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_shipped_table_is_what_the_script_makes(script: ModuleType) -> None:
    shipped = resource_path("product-names.csv").read_bytes()
    assert shipped == script.make(SOURCE).encode()


def test_one_line_a_product() -> None:
    table = parse(resource_path("product-names.csv").read_text(encoding="utf-8"))
    assert len(table) == 619
    assert table[BUSINESS_PREMIUM].name == "Microsoft 365 Business Premium"
    assert table[BUSINESS_PREMIUM].part_number == "SPB"


def test_last_of_two_names_stands() -> None:
    table = {product.sku_id: product for product in reduced(SOURCE)}
    renamed = table[SkuId("4b74a65c-8b4a-4fc8-9f6b-5177ed11ddfa")]
    # The table is in order of name, so the last one is not always the newer one.
    assert renamed.name == "Power Virtual Agent User License"


def test_no_odd_blanks() -> None:
    products = reduced(SOURCE)
    for product in products:
        for text in (product.sku_id, product.part_number, product.name):
            assert text == " ".join(text.split())
            assert text
    assert any(p.sku_id == "420c7602-7f70-4895-9394-d3d679ea36fb" for p in products)


def test_names_fall_back() -> None:
    names = ProductNames()
    unknown = SkuId("00000000-0000-0000-0000-00000000000a")
    assert names.name(BUSINESS_PREMIUM) == "Microsoft 365 Business Premium"
    assert names.name(unknown, "NEW_THING") == "NEW_THING"
    assert names.name(unknown) == unknown


def test_partner_center_names_win() -> None:
    names = ProductNames()
    names.learn([Sku(BUSINESS_PREMIUM, "SPB", "Business Premium (CSP)"), Sku(SkuId("x"), "X", "")])
    assert names.name(BUSINESS_PREMIUM) == "Business Premium (CSP)"
    assert names.name(SkuId("x"), "X") == "X"


def test_table_is_read_at_first_use_only() -> None:
    reads = []

    def load() -> str:
        reads.append(1)
        return "sku_id,part_number,name\na,B,C\nbroken line\n"

    names = ProductNames(load)
    assert reads == []
    assert [names.name(SkuId("a")), names.name(SkuId("b"))] == ["C", "b"]
    assert reads == [1]
