"""A small route table: paths with {placeholders}, literals matched in any case."""

from dataclasses import dataclass
from typing import Generic, TypeVar

H = TypeVar("H")


@dataclass(frozen=True, slots=True)
class Match(Generic[H]):
    """What a path led to; without a handler the method is wrong, without a route the path."""

    route: str
    handler: H | None
    arguments: tuple[str, ...]


class Routes(Generic[H]):
    """Routes in order of precedence: literal ones before those with placeholders."""

    def __init__(self, *routes: tuple[str, str, H]) -> None:
        self._by_length: dict[int, list[tuple[tuple[str, ...], str, dict[str, H]]]] = {}
        for method, path, handler in routes:
            pattern = tuple(
                "" if part.startswith("{") else part.lower() for part in path.split("/")[1:]
            )
            same = self._by_length.setdefault(len(pattern), [])
            for known, _route, methods in same:
                if known == pattern:
                    methods[method] = handler
                    break
            else:
                same.append((pattern, path, {method: handler}))

    def match(self, method: str, segments: list[str]) -> Match[H]:
        """The route for a path. A type cast may use the alias that Microsoft's metadata declares
        for its namespace (graph.user), as Microsoft's own SDKs do."""
        segments = [
            f"microsoft.{part}" if part.lower().startswith("graph.") else part for part in segments
        ]
        for pattern, route, methods in self._by_length.get(len(segments), ()):
            if all(
                not want or want == have.lower()
                for want, have in zip(pattern, segments, strict=True)
            ):
                arguments = tuple(
                    have for want, have in zip(pattern, segments, strict=True) if not want
                )
                return Match(route, methods.get(method), arguments)
        return Match("", None, ())
