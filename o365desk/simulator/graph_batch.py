"""POST /$batch: up to 20 calls in one, each answered for itself, in no promised order."""

import json
from collections.abc import Callable
from typing import Any

from o365desk.simulator.graph_answers import Call, GraphError, bad_request, json_answer
from o365desk.simulator.messages import HttpRequest, HttpResponse, dump

MOST = 20

Serve = Callable[[HttpRequest], HttpResponse]


def _requests(call: Call) -> list[dict[str, Any]]:
    items = call.json_object().get("requests")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise bad_request("Invalid batch payload format.", "BadRequest")
    if len(items) > MOST:
        raise bad_request(
            f"Number of batch request steps exceeds the maximum value of {MOST}.", "BadRequest"
        )
    seen: set[str] = set()
    for item in items:
        name = item.get("id")
        if not isinstance(name, str) or not name or name.lower() in seen:
            raise bad_request("Each batch request must have a unique id.", "BadRequest")
        if not isinstance(item.get("method"), str) or not isinstance(item.get("url"), str):
            raise bad_request("Invalid batch payload format.", "BadRequest")
        headers = item.get("headers") or {}
        if "body" in item and "content-type" not in {key.lower() for key in headers}:
            raise bad_request(
                "Write request doesn't have the required Content-Type header.", "BadRequest"
            )
        for needed in item.get("dependsOn") or []:
            if needed.lower() not in seen:
                raise bad_request("Invalid dependsOn reference.", "BadRequest")
        seen.add(name.lower())
    return items


def _as_request(call: Call, item: dict[str, Any]) -> HttpRequest:
    path, _mark, text = item["url"].partition("?")
    headers = {str(key).lower(): str(value) for key, value in (item.get("headers") or {}).items()}
    headers["authorization"] = call.request.header("authorization")
    body = item.get("body")
    return HttpRequest(
        item["method"].upper(),
        "/v1.0/" + path.lstrip("/"),
        text.replace(" ", "%20"),
        headers,
        b"" if body is None else dump(body),
        call.request.scheme,
        call.request.host,
    )


def _as_item(name: str, answer: HttpResponse) -> dict[str, Any]:
    headers = {"Cache-Control": "no-cache"} if answer.body else {}
    headers |= {
        key: value
        for key, value in answer.headers
        if key.lower() not in {"request-id", "client-request-id", "date", "transfer-encoding"}
    }
    item: dict[str, Any] = {"id": name, "status": answer.status, "headers": headers}
    if answer.body:
        if "json" in answer.header("content-type"):
            try:
                item["body"] = json.loads(answer.body)
            except ValueError:
                item["body"] = answer.body.decode()
        else:
            item["body"] = answer.body.decode()
    return item


def batch(call: Call, serve: Serve) -> HttpResponse:
    """Runs the items; the envelope is 200 whatever they say."""
    items = _requests(call)
    done: dict[str, dict[str, Any]] = {}
    for item in items:
        name: str = item["id"]
        failed = any(done[key.lower()]["status"] >= 400 for key in item.get("dependsOn") or [])
        if failed:
            error = {"code": "FailedDependency", "message": "A request this one depends on failed."}
            done[name.lower()] = {
                "id": name,
                "status": 424,
                "headers": {"Content-Type": "application/json"},
                "body": {"error": error},
            }
            continue
        url = item["url"].lower().lstrip("/")
        if url.startswith(("http:", "https:")) or url.split("?")[0] in {"$batch", "%24batch"}:
            raise GraphError(400, "BadRequest", "Invalid batch payload format.")
        done[name.lower()] = _as_item(name, serve(_as_request(call, item)))
    # Any order is allowed, so the order asked is the one never given.
    answers = list(done.values())[::-1]
    return json_answer({"responses": answers})
