"""Which products a refusal of a license change speaks of."""

import re

from o365desk.domain.errors import Refusal
from o365desk.domain.licensing import SkuId
from o365desk.wire.codec import sku_id
from o365desk.wire.error_body import Reply, json_value, objects
from o365desk.wire.messages import ApiRequest

_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAMED_SKU = re.compile(rf"\b(?:sku|license)\W{{1,3}}({_GUID}|[0-9a-z]{{12}}/[0-9a-z]{{4}})\b")

_ABOUT_ONE_SKU = frozenset(
    {
        Refusal.NO_SEAT,
        Refusal.SKU_GONE,
        Refusal.INHERITED,
        Refusal.NOT_HELD,
        Refusal.DEPENDENCY,
        Refusal.EXCLUSIVE,
    }
)


def refused_skus(refusal: Refusal, reply: Reply, request: ApiRequest) -> tuple[SkuId, ...]:
    """The products a license refusal speaks of: named in the text, else the only one asked for."""
    if refusal not in _ABOUT_ONE_SKU:
        return ()
    named = tuple(dict.fromkeys(_sku(text) for text in _NAMED_SKU.findall(reply.text)))
    if named:
        return named
    added, removed = _asked(request)
    asked = {
        Refusal.NO_SEAT: added,
        Refusal.SKU_GONE: added,
        Refusal.INHERITED: removed,
        Refusal.NOT_HELD: removed,
    }.get(refusal, [*added, *removed])
    return (_sku(asked[0]),) if len(asked) == 1 else ()


def _sku(text: str) -> SkuId:
    return sku_id(text.upper() if "/" in text else text)


def _asked(request: ApiRequest) -> tuple[list[str], list[str]]:
    """SKUs that the request wanted to add and to remove, in the body of either service."""
    value = json_value(request.body.decode("utf-8", "replace")) if request.body else None
    if not isinstance(value, dict):
        return [], []
    members = {str(key).lower(): member for key, member in value.items()}
    added = objects(members.get("addlicenses") or members.get("licensestoassign"))
    removed = members.get("removelicenses") or members.get("licensestoremove")
    if not isinstance(removed, list):
        removed = []
    return (
        [sku for grant in added if isinstance(sku := grant.get("skuId"), str)],
        [sku for sku in removed if isinstance(sku, str)],
    )
