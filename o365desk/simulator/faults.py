"""Scripted trouble: which calls go wrong, how, and how often.

In a test: `simulator.faults.add(Fault(FaultKind.THROTTLED, path="/users", retry_after=2))`.
In a file for `--faults`, or in the body of `POST /practice/faults`: one JSON object or a list of
them, with the same names, `kind` being the value of the kind:

    [{"kind": "throttled", "face": "graph", "method": "GET", "path": "/users*", "retry_after": 2.5},
     {"kind": "delay", "path": "*subscribed*", "seconds": 3, "times": null}]

`face` is `graph`, `partner_center`, `identity` or `any`. `path` is a glob against the path without
version, or without tenant on the identity face (`/oauth2/v2.0/token`)
(`/users/*/assignLicense`, `/customers/*/users*`; `*` also matches a slash). The first `after`
matching calls pass untouched, the next `times` (null: all) are hit. `inside_batch`: true hits only
items of a $batch, false only plain calls, null both. Cuts, half bodies and delays never hit items.

| kind | effect |
|---|---|
| throttled | 429; `retry_after` a number, text (an HTTP date) or null for no header |
| unavailable | 503 with `retry_after`; `status` may say 500, 502 or 504 instead |
| delay | the answer comes `seconds` later |
| cut_before | connection closed, nothing was done |
| cut_after | connection closed although the operation took effect: an ambiguous write |
| half_body | Content-Length promises all, `fraction` of the body comes |
| wrong_json | 200 with broken JSON |
| captive_portal | 200 with a web page |
| expired_token | 401 as for an expired token |
| claims | 401 with a claims challenge (continuous access evaluation); `claims` is base64 |
| missing_role | 403 as for a missing GDAP role, in the shape of the face; sign-in: AADSTS53003 |
| answer | exactly `status`, `headers`, `body` (text, or any JSON value) |
| malformed_next | Partner Center joins the next link's parameters with two question marks |
| new_user_lag | standing: new users answer 404 for `reads` reads by id, or `seconds` |
| counts_lag | standing: counters show old figures for `reads` reads, or `seconds` |
| untold_licenses | standing: delta queries do not tell of a change of licences |
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class FaultKind(StrEnum):
    """What goes wrong; see the module's table."""

    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    DELAY = "delay"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    HALF_BODY = "half_body"
    WRONG_JSON = "wrong_json"
    CAPTIVE_PORTAL = "captive_portal"
    EXPIRED_TOKEN = "expired_token"
    CLAIMS = "claims"
    MISSING_ROLE = "missing_role"
    ANSWER = "answer"
    MALFORMED_NEXT = "malformed_next"
    NEW_USER_LAG = "new_user_lag"
    COUNTS_LAG = "counts_lag"
    UNTOLD_LICENSES = "untold_licenses"


STANDING = frozenset({FaultKind.NEW_USER_LAG, FaultKind.COUNTS_LAG, FaultKind.UNTOLD_LICENSES})
LINE_ONLY = frozenset(
    {FaultKind.DELAY, FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER, FaultKind.HALF_BODY}
)
"""Trouble of the line itself, which no batch item can have alone."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule."""

    kind: FaultKind
    face: str = "any"
    method: str = "*"
    path: str = "*"
    after: int = 0
    times: int | None = 1
    inside_batch: bool | None = None
    status: int = 503
    retry_after: float | str | None = None
    seconds: float = 0.0
    reads: int = 0
    fraction: float = 0.5
    claims: str = (
        "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNzAwMDAwMDAwIn19fQ"
    )
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Fault":
        """A rule out of a file; raises ValueError with the name that is wrong."""
        known = {item.name for item in fields(cls)}
        unknown = value.keys() - known
        if unknown or "kind" not in value:
            raise ValueError(f"a fault has no {sorted(unknown) or ['kind']}")
        return cls(**{**value, "kind": FaultKind(value["kind"])})

    def retry_after_text(self) -> str | None:
        """The header's value."""
        return None if self.retry_after is None else f"{self.retry_after}"


class Faults:
    """The rules in force; the first that matches decides, delays add up."""

    def __init__(self) -> None:
        self._rules: list[list[Any]] = []
        """Pairs of a rule and how many calls it has matched."""
        self.hits = 0
        """How many calls were hit so far."""

    def add(self, *rules: Fault) -> None:
        """Puts rules in force, behind those already there."""
        self._rules += [[rule, 0] for rule in rules]

    def clear(self) -> None:
        """Ends all rules."""
        self._rules.clear()

    def load(self, text: str) -> None:
        """Adds the rules of a JSON text."""
        data = json.loads(text)
        items: Iterable[Any] = data if isinstance(data, list) else [data]
        self.add(*[Fault.from_json(item) for item in items])

    @property
    def rules(self) -> tuple[Fault, ...]:
        """The rules in force."""
        return tuple(rule for rule, _seen in self._rules)

    def strike(self, face: str, method: str, path: str, *, in_batch: bool = False) -> list[Fault]:
        """The rules that hit this call: some delays, and at most one other."""
        struck: list[Fault] = []
        for entry in self._rules:
            rule: Fault = entry[0]
            if (
                rule.kind in STANDING
                or (rule.face not in {"any", face})
                or (in_batch and rule.kind in LINE_ONLY)
                or (rule.inside_batch is not None and rule.inside_batch is not in_batch)
                or not fnmatchcase(method, rule.method.upper())
                or not fnmatchcase(path, rule.path)
            ):
                continue
            entry[1] += 1
            turn = entry[1] - rule.after
            if turn < 1 or (rule.times is not None and turn > rule.times):
                continue
            self.hits += 1
            struck.append(rule)
            if rule.kind is not FaultKind.DELAY:
                break
        return struck

    def _standing(self, kind: FaultKind) -> tuple[int, float]:
        for rule, _seen in self._rules:
            if rule.kind is kind:
                return rule.reads, rule.seconds
        return 0, 0.0

    def new_user(self) -> tuple[int, float]:
        """Reads and seconds for which a new user is not yet found."""
        return self._standing(FaultKind.NEW_USER_LAG)

    def counts(self) -> tuple[int, float]:
        """Reads and seconds for which the counters stay old."""
        return self._standing(FaultKind.COUNTS_LAG)

    def untold_licenses(self) -> bool:
        """Whether a change of licences escapes delta queries."""
        return any(rule.kind is FaultKind.UNTOLD_LICENSES for rule, _seen in self._rules)
