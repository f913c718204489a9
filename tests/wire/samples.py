"""Microsoft's published answers, as the parsers get them."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from o365desk.domain.access import Service
from o365desk.wire.messages import ApiRequest, ApiResponse, Safety

FOLDER = Path(__file__).resolve().parent.parent / "samples"


@dataclass(frozen=True)
class Sample:
    """One published exchange."""

    name: str
    request: ApiRequest
    sent: Any
    """The published request body, decoded."""
    response: ApiResponse
    answered: Any

    @property
    def refused(self) -> bool:
        return self.response.status >= 400


def names() -> list[str]:
    """Every exchange in the folder, as "graph/users-list"."""
    return sorted(str(p.relative_to(FOLDER).with_suffix("")) for p in FOLDER.rglob("*.json"))


@cache
def sample(name: str) -> Sample:
    exchange = json.loads((FOLDER / f"{name}.json").read_bytes())
    request, response = exchange["request"], exchange["response"]
    answered = response["body"]
    path = (request["path"] or "/").removeprefix("/v1.0").removeprefix("/v1")
    method = request["method"] or "GET"
    return Sample(
        name=name,
        request=ApiRequest(
            service=Service.GRAPH if name.startswith("graph/") else Service.PARTNER_CENTER,
            method=method,
            path=path,
            operation=_operation(name),
            safety=Safety.READ if method in ("GET", "HEAD") else Safety.WRITE,
        ),
        sent=request["body"],
        response=ApiResponse(
            status=response["status"],
            headers={name.lower(): value for name, value in response["headers"].items()},
            body=b"" if answered is None else json.dumps(answered).encode(),
        ),
        answered=answered,
    )


def _operation(name: str) -> str:
    """What this program would have called for such an exchange."""
    by_word = {
        "licenseupdates": "licenseupdates",
        "license": "assignLicense",
        "create": "createUser",
        "reset-password": "resetPassword",
        "restore": "restore",
        "delete": "deleteUser",
        "sendmail": "sendMail",
    }
    return next((by_word[word] for word in by_word if word in name), "other")
