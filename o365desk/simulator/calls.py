"""The log of calls: how many of which kind, and the latest ones in detail."""

from collections import Counter, deque
from dataclasses import dataclass

from o365desk.simulator.messages import HttpRequest


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call as it came in; the token is not kept."""

    face: str
    method: str
    route: str
    """With placeholders: /users/{id}/assignLicense."""
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int
    in_batch: bool


class CallLog:
    """Counts per face, method and route, and the last 2,000 calls."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self.recent: deque[CallRecord] = deque(maxlen=2000)

    def record(
        self, face: str, request: HttpRequest, route: str, status: int, *, in_batch: bool = False
    ) -> None:
        """Notes one call; a cut connection has status 0."""
        route = route or "(unknown)"
        self._counts[face, request.method, route] += 1
        headers = {
            name: value for name, value in request.headers.items() if name != "authorization"
        }
        self.recent.append(
            CallRecord(
                face,
                request.method,
                route,
                request.path,
                request.query,
                headers,
                request.body,
                status,
                in_batch,
            )
        )

    def count(self, face: str = "", method: str = "", route: str = "") -> int:
        """How many calls fit; an empty word fits all."""
        return sum(
            number
            for (one_face, one_method, one_route), number in self._counts.items()
            if face in {"", one_face} and method in {"", one_method} and route in {"", one_route}
        )

    def table(self) -> list[dict[str, object]]:
        """All counts, for /practice/calls."""
        return [
            {"face": face, "method": method, "route": route, "count": number}
            for (face, method, route), number in sorted(self._counts.items())
        ]

    def clear(self) -> None:
        """Starts counting anew."""
        self._counts.clear()
        self.recent.clear()
