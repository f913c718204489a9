"""The claims request parameter (OpenID Connect Core 5.5) as far as Microsoft's clients use it."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Demand:
    """What a client asks of its tokens."""

    is_cae: bool = False
    """It declared the capability cp1: it answers claims challenges."""
    mfa: bool = False


NOTHING = Demand()


def _values(item: object) -> set[str]:
    if not isinstance(item, dict):
        return set()
    values = item.get("values") or []
    found = {str(value).lower() for value in values} if isinstance(values, list) else set()
    return found | ({str(item["value"]).lower()} if "value" in item else set())


def demand_of(claims: str, amr_values: str = "", acr_values: str = "") -> Demand:
    """Reads the parameter; raises ValueError when it is no JSON object.

    A second factor is demanded by `amr` with mfa (Partner Center's way), by an authentication
    context (`acrs`), or by the policy ids that a Conditional Access refusal came with.
    """
    mfa = "mfa" in amr_values.lower().split() or bool(acr_values)
    data: Any = json.loads(claims) if claims else {}
    if not isinstance(data, dict):
        raise ValueError("claims must be an object")
    is_cae = False
    for part in ("access_token", "id_token"):
        asked = data.get(part)
        if not isinstance(asked, dict):
            continue
        mfa = mfa or "mfa" in _values(asked.get("amr")) or "acrs" in asked or "capolids" in asked
        is_cae = is_cae or "cp1" in _values(asked.get("xms_cc"))
    return Demand(is_cae, mfa)
