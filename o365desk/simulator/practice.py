"""The practice-only control face under /practice, which Microsoft has not.

| call | does |
|---|---|
| GET /practice/outbox | what sendMail accepted, oldest first |
| POST /practice/clock | `{"advance_days": n}` (or `advance_seconds`) moves the practice time on |
| GET /practice/faults | the rules in force |
| POST /practice/faults | adds one rule or a list of them (see faults.py) |
| DELETE /practice/faults | ends all rules |
| GET /practice/truth/{tenant} | users, licences and counters as they really are |
| GET /practice/calls | how many calls came in, by face, method and route |
| GET /practice/limits | calls beyond each published limit, and the fullest windows |
| GET /practice/tenants | every tenant: id, name, domain, token |

What concerns signing in is in practice_identity.py.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from o365desk.simulator import catalog, licensing, roles
from o365desk.simulator.calls import CallLog
from o365desk.simulator.faults import Faults
from o365desk.simulator.graph_answers import stamp
from o365desk.simulator.identity_state import Identity
from o365desk.simulator.limits import Limits
from o365desk.simulator.messages import HttpRequest, HttpResponse, dump
from o365desk.simulator.practice_identity import SignInPractice
from o365desk.simulator.state import Directory, Tenant, User


def _user(tenant: Tenant, user: User) -> dict[str, Any]:
    held: dict[str, dict[str, Any]] = {}
    for sku, group, license_, error in tenant.held(user):
        entry = held.setdefault(sku, {"direct": False, "disabled": [], "groups": {}})
        if group:
            entry["groups"][group] = error
        else:
            entry["direct"], entry["disabled"] = True, list(license_.disabled)
    return {
        "id": user.user_id,
        "userPrincipalName": user.upn,
        "displayName": user.display_name,
        "usageLocation": user.usage_location,
        "enabled": user.enabled,
        "state": "active" if user.deleted_at is None else "deleted",
        "deletedDateTime": stamp(user.deleted_at),
        "licenses": held,
        "roles": [roles.NAMES[role] for role in user.roles],
        "userType": user.user_type,
        "synced": user.synced,
        "password": user.password,
        "forceChange": user.force_change,
    }


def truth(tenant: Tenant) -> dict[str, Any]:
    """A tenant as it really is, without delays, filters or rights."""
    products = catalog.products()
    return {
        "id": tenant.tenant_id,
        "name": tenant.name,
        "users": [_user(tenant, user) for user in tenant.users.values()],
        "deleted": [_user(tenant, user) for user in tenant.deleted.values()],
        "counts": {
            sku: {
                "partNumber": products[sku].part_number,
                **asdict(figures),
                "available": figures.available,
            }
            for sku, figures in licensing.all_counts(tenant).items()
        },
        "notable": tenant.notable,
    }


class PracticeFace:
    """Serves requests whose path begins with /practice."""

    def __init__(
        self,
        directory: Directory,
        faults: Faults,
        calls: CallLog,
        limits: Limits,
        identity: Identity,
    ) -> None:
        self._directory = directory
        self._faults = faults
        self._calls = calls
        self._limits = limits
        self._sign_in = SignInPractice(identity)

    def serve(self, request: HttpRequest) -> HttpResponse:
        """Answers one call; plain JSON, no token asked."""
        rest = request.segments[1:]
        name = rest[0].lower() if rest else ""
        served: dict[tuple[str, str], Callable[[], object]] = {
            ("GET", "outbox"): lambda: {"messages": self._directory.outbox},
            ("POST", "clock"): lambda: self._clock(request),
            ("GET", "faults"): lambda: {"rules": [asdict(rule) for rule in self._faults.rules]},
            ("POST", "faults"): lambda: self._faults.load(request.body.decode()),
            ("DELETE", "faults"): self._faults.clear,
            ("GET", "truth"): lambda: truth(self._directory.tenant(rest[1])),
            ("GET", "calls"): lambda: {"calls": self._calls.table()},
            ("GET", "limits"): self._limits.told,
            ("GET", "tenants"): self._tenants,
            **self._sign_in.served(request),
        }
        action = served.get((request.method, name))
        if action is None:
            return _json({"error": "no such practice call"}, 404)
        try:
            return _json(action())
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
            return _json({"error": f"{type(error).__name__}: {error}"}, 400)

    def _clock(self, request: HttpRequest) -> dict[str, Any]:
        body = request.json()
        self._directory.advance(
            timedelta(days=body.get("advance_days", 0), seconds=body.get("advance_seconds", 0))
        )
        return {"now": stamp(self._directory.now())}

    def _tenants(self) -> dict[str, Any]:
        return {
            "tenants": [
                {
                    "id": tenant.tenant_id,
                    "name": tenant.name,
                    "domain": tenant.default_domain,
                    "token": f"tenant:{tenant.tenant_id}",
                }
                for tenant in self._directory.tenants.values()
            ]
        }


def _json(value: object, status: int = 200) -> HttpResponse:
    body = b"{}" if value is None else dump(value)
    return HttpResponse(status, [("Content-Type", "application/json; charset=utf-8")], body)
