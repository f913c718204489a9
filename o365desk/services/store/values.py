"""Values as the tables hold them, and back: times, licences, service plans, folded text."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from o365desk.domain.licensing import GroupId, LicenseAssignment, PlanId, ServicePlan, SkuId
from o365desk.domain.text import fold_all

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Licenses = tuple[LicenseAssignment, ...] | None
"""What a user holds; None where it is not known."""


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - _BEGINNING) // _MICROSECOND


def moment(at: int) -> datetime:
    return _BEGINNING + timedelta(microseconds=at)


def micros_or_none(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


def moment_or_none(at: int | None) -> datetime | None:
    return None if at is None else moment(at)


def licenses_text(licenses: Licenses) -> str:
    """The same for licences, groups and plans in any order: Microsoft keeps to none."""
    if licenses is None:
        return "null"
    return _json(
        [
            (held.sku_id, held.direct, sorted(held.groups), sorted(held.disabled_plans), held.error)
            for held in sorted(licenses)
        ]
    )


def licenses_of(text: str) -> Licenses:
    held = json.loads(text)
    if held is None:
        return None
    return tuple(
        LicenseAssignment(
            SkuId(sku_id),
            direct,
            tuple(map(GroupId, groups)),
            tuple(map(PlanId, plans)),
            error,
        )
        for sku_id, direct, groups, plans, error in held
    )


def plans_text(plans: Iterable[ServicePlan]) -> str:
    return _json([(plan.id, plan.name, plan.display_name) for plan in plans])


def plans_of(text: str) -> tuple[ServicePlan, ...]:
    return tuple(ServicePlan(PlanId(id_), *names) for id_, *names in json.loads(text))


def ids_text(ids: Iterable[str]) -> str:
    return _json([*ids])


def ids_of(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def digest(*texts: str) -> bytes:
    """Stands for long texts where they are looked for."""
    return blake2b(_json(texts).encode(), digest_size=16).digest()


def search_text(*fields: str) -> str:
    """The fields folded, each between line ends, so that where one begins and ends can be asked."""
    return "\n".join(["", *fold_all(fields), ""])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
