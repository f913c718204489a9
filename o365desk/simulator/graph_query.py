"""OData system query options: $filter, $orderby, $search, $top and page tokens."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from o365desk.simulator.graph_answers import GraphError, bad_request, unsupported

Test = Callable[[Any], bool]
Lookup = Callable[[str], Callable[[Any], Any]]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^']|'')*')
    | (?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})
    | (?P<date>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_][\w.]*(?:/[$\w.]+)*)
    | (?P<mark>[(),:])
    )""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "gt": lambda left, right: left is not None and bool(left > right),
    "ge": lambda left, right: left is not None and bool(left >= right),
    "lt": lambda left, right: left is not None and bool(left < right),
    "le": lambda left, right: left is not None and bool(left <= right),
}


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


class Filter:
    """A parsed $filter."""

    def __init__(self, text: str, lookup: Lookup) -> None:
        self._text = text
        self._lookup = lookup
        self._tokens = self._scan(text)
        self._at = 0
        self.advanced = False
        """True when only the eventual index can answer it."""
        self._parsed = self._or({})
        if self._at != len(self._tokens):
            raise self._wrong()

    def test(self, item: Any) -> bool:
        """True when an item fits."""
        try:
            return self._parsed(item)
        except (TypeError, AttributeError):
            raise bad_request(
                "Invalid filter clause: A binary operator with incompatible types was detected.",
                "BadRequest",
            ) from None

    def _scan(self, text: str) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise bad_request(
                    f"Invalid filter clause: Syntax error at position {at} in '{text}'.",
                    "BadRequest",
                )
            tokens.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()
        return tokens

    def _wrong(self) -> GraphError:
        return bad_request(
            f"Invalid filter clause: Syntax error at position {self._at} in '{self._text}'.",
            "BadRequest",
        )

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, mark: str = "") -> tuple[str, str]:
        if self._at >= len(self._tokens) or (mark and self._tokens[self._at][1] != mark):
            raise self._wrong()
        self._at += 1
        return self._tokens[self._at - 1]

    def _or(self, scope: Mapping[str, None]) -> Test:
        tests = [self._and(scope)]
        while self._peek().lower() == "or":
            self._take()
            tests.append(self._and(scope))
        return tests[0] if len(tests) == 1 else lambda item: any(test(item) for test in tests)

    def _and(self, scope: Mapping[str, None]) -> Test:
        tests = [self._not(scope)]
        while self._peek().lower() == "and":
            self._take()
            tests.append(self._not(scope))
        return tests[0] if len(tests) == 1 else lambda item: all(test(item) for test in tests)

    def _not(self, scope: Mapping[str, None]) -> Test:
        if self._peek().lower() == "not":
            self._take()
            self.advanced = True
            inner = self._not(scope)
            return lambda item: not inner(item)
        if self._peek() == "(":
            self._take()
            test = self._or(scope)
            self._take(")")
            return test
        return self._comparison(scope)

    def _comparison(self, scope: Mapping[str, None]) -> Test:
        kind, name = self._take()
        if kind != "name":
            raise self._wrong()
        low = name.lower()
        if low in {"startswith", "endswith", "contains"} and self._peek() == "(":
            return self._function(low, scope)
        if low.endswith("/any") and self._peek() == "(":
            return self._any(name[:-4])
        if low.endswith("/$count"):
            self.advanced = True
            size_of = self._getter(name[:-7], scope)
            operator, wanted = self._operator(), self._literal()
            return lambda item: _COMPARE[operator](len(size_of(item) or []), wanted)
        get = self._getter(name, scope)
        if self._peek().lower() == "in":
            self._take()
            wanted_values = self._values()
            return lambda item: _fold(get(item)) in wanted_values
        operator, wanted = self._operator(), self._literal()
        if operator == "ne":
            self.advanced = True
        compare = _COMPARE[operator]
        return lambda item: compare(_fold(get(item)), wanted)

    def _function(self, name: str, scope: Mapping[str, None]) -> Test:
        self._take("(")
        kind, prop = self._take()
        if kind != "name":
            raise self._wrong()
        get = self._getter(prop, scope)
        self._take(",")
        wanted = str(self._literal())
        self._take(")")
        if name == "contains":
            raise unsupported(
                f"Unsupported or invalid query filter clause specified for property '{prop}' "
                "of resource 'User'."
            )
        if name == "endswith":
            self.advanced = True
            return lambda item: str(_fold(get(item)) or "").endswith(wanted)
        return lambda item: str(_fold(get(item)) or "").startswith(wanted)

    def _any(self, path: str) -> Test:
        many = self._getter(path, {})
        self._take("(")
        if self._peek() == ")":
            self._take()
            return lambda item: bool(many(item))
        _kind, variable = self._take()
        self._take(":")
        test = self._or({variable: None})
        self._take(")")
        return lambda item: any(test(entry) for entry in many(item) or [])

    def _getter(self, path: str, scope: Mapping[str, None]) -> Callable[[Any], Any]:
        head, *rest = path.split("/")
        get: Callable[[Any], Any] = _itself if head in scope else self._lookup(head)
        if not rest:
            return get

        def deep(item: Any) -> Any:
            value = get(item)
            for name in rest:
                value = value.get(name) if isinstance(value, dict) else None
            return value

        return deep

    def _operator(self) -> str:
        word = self._take()[1].lower()
        if word not in _COMPARE:
            raise self._wrong()
        return word

    def _values(self) -> list[Any]:
        self._take("(")
        values = [self._literal()]
        while self._peek() == ",":
            self._take()
            values.append(self._literal())
        self._take(")")
        return values

    def _literal(self) -> Any:
        kind, text = self._take()
        if kind == "string":
            return text[1:-1].replace("''", "'").casefold()
        if kind == "date":
            # Our own values have no fractions: cut them, so that text order is time order.
            plain = text if "T" in text else text + "T00:00:00Z"
            return (plain[:19] + "Z").casefold()
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "guid":
            return text.casefold()
        words: dict[str, Any] = {"true": True, "false": False, "null": None}
        if text.lower() in words:
            return words[text.lower()]
        raise self._wrong()


def _itself(item: Any) -> Any:
    return item


def _holds(get: Callable[[Any], Any], needle: str) -> Test:
    return lambda item: needle in str(get(item) or "").casefold()


def search(text: str, lookup: Lookup) -> Test:
    """A $search: `"property:words"`, joined by AND or OR."""
    parts = re.findall(r'"(\w+):([^"]*)"|\b(AND|OR)\b', text)
    if not parts or not text.lstrip().startswith('"'):
        raise bad_request(
            'Syntax error: a $search clause must be written as "property:value".', "BadRequest"
        )
    tests: list[Test] = []
    either = False
    for name, words, joint in parts:
        if joint:
            either = either or joint == "OR"
            continue
        get, needle = lookup(name), words.casefold()
        tests.append(_holds(get, needle))
    join = any if either else all
    return lambda item: join(test(item) for test in tests)


def _sort_key(get: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def key(item: Any) -> tuple[bool, Any]:
        value = get(item)
        return value is not None, _fold(value) if value is not None else ""

    return key


def order(text: str, lookup: Lookup, items: list[Any]) -> list[Any]:
    """Sorts by a $orderby; nothing before something, letters without case."""
    for part in reversed(text.split(",")):
        words = part.split()
        if (
            not words
            or len(words) > 2
            or words[-1].lower() not in {"asc", "desc", words[0].lower()}
        ):
            raise bad_request(f"Invalid orderby clause: '{text}'.", "BadRequest")
        get = lookup(words[0])
        reverse = words[-1].lower() == "desc"
        try:
            items = sorted(items, key=_sort_key(get), reverse=reverse)
        except TypeError:
            raise unsupported("Sorting not supported for current query.") from None
    return items


def top(options: Mapping[str, str], default: int, most: int) -> int:
    """The page size asked for; too large or too small is refused with the service's text."""
    text = options.get("$top")
    if text is None:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise unsupported(
            f"Invalid page size specified: '{text}'. Must be between 1 and {most} inclusive."
        )
    return int(text)


def page_token(kind: str, position: int | str) -> str:
    """An opaque page token; RFNwdA is how the real ones begin."""
    raw = base64.urlsafe_b64encode(f"{kind}:{position}".encode()).decode().rstrip("=")
    return f"RFNwdA{raw}"


def _expired_token() -> GraphError:
    return bad_request(
        "The specified page token value has expired and can no longer be included in your request.",
        "Directory_ExpiredPageToken",
    )


def read_token(token: str, kind: str) -> str:
    """The position in a page token; 400 when it is none of ours."""
    if not token.startswith("RFNwdA"):
        raise _expired_token()
    raw = token[6:]
    try:
        text = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise _expired_token() from None
    found, _colon, position = text.partition(":")
    if found != kind:
        raise _expired_token()
    return position


def read_position(token: str, kind: str) -> int:
    """The place in a list that a page token means."""
    place = read_token(token, kind)
    if not place.isdecimal():
        raise _expired_token()
    return int(place)


def with_token(query: str, token: str, name: str = "$skiptoken") -> str:
    """The query of the next page: the same options, another token."""
    kept = [
        part
        for part in query.split("&")
        if part
        and not part.lower().startswith((name.lower() + "=", "%24" + name[1:].lower() + "="))
    ]
    return "&".join([*kept, f"{name}={token}"])
