"""Answers of scripted faults that look alike on every face."""

from o365desk.simulator.faults import Fault, FaultKind
from o365desk.simulator.messages import HttpResponse, dump


def general_fault(fault: Fault) -> HttpResponse | None:
    """Faults that look alike on every face."""
    if fault.kind is FaultKind.WRONG_JSON:
        return HttpResponse(200, [("Content-Type", "application/json")], b'{"value": [{"id": "7e')
    if fault.kind is FaultKind.CAPTIVE_PORTAL:
        page = b"<!DOCTYPE html><html><body><h1>Sign in to the guest network</h1></body></html>"
        return HttpResponse(200, [("Content-Type", "text/html; charset=utf-8")], page)
    if fault.kind is FaultKind.ANSWER:
        headers = list(fault.headers.items())
        body = fault.body
        if body is None:
            return HttpResponse(fault.status, headers)
        if isinstance(body, str):
            return HttpResponse(fault.status, headers, body.encode())
        if not any(name.lower() == "content-type" for name, _value in headers):
            headers.append(("Content-Type", "application/json"))
        return HttpResponse(fault.status, headers, dump(body))
    return None
