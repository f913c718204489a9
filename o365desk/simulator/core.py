"""The Simulator: one directory behind three faces, with scripted faults and a log of calls."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from o365desk.simulator.calls import CallLog
from o365desk.simulator.faults import Fault, FaultKind, Faults
from o365desk.simulator.graph import GraphFace
from o365desk.simulator.identity_state import Identity
from o365desk.simulator.limits import MAIL, Limits
from o365desk.simulator.messages import HttpRequest, HttpResponse, dump
from o365desk.simulator.partner_center import PartnerCenterFace
from o365desk.simulator.partner_center_routes import ROUTES
from o365desk.simulator.practice import PracticeFace
from o365desk.simulator.state import Directory
from o365desk.simulator.world import World

if TYPE_CHECKING:
    from o365desk.simulator.identity import IdentityFace

WARM_SELECT = (
    "id,displayName,userPrincipalName,givenName,surname,mail,accountEnabled,userType,"
    "usageLocation,department,createdDateTime,onPremisesSyncEnabled,assignedLicenses,"
    "licenseAssignmentStates"
)
"""The 14 properties of the program's users' list."""


class Simulator:
    """Serves plain requests; transport.py and server.py carry them.

    The clock returns aware UTC; by default practice time begins at the world's start and runs
    as fast as ours. `advance` (or POST /practice/clock) moves it on.
    """

    def __init__(self, world: World, clock: Callable[[], datetime] | None = None) -> None:
        self.world = world
        self.faults = Faults()
        self.calls = CallLog()
        self.directory = Directory(
            world.partner, list(world.customers), clock or _running_from(world.start)
        )
        self.limits = Limits(lambda: self.directory.now().timestamp())
        self._graph = GraphFace(self.directory, self.faults, self.limits, self.calls.record)
        self.identity = Identity(self.directory, world.purposes)
        self._partner_center = PartnerCenterFace(
            self.directory, self.faults, self.limits, ROUTES, self.identity
        )
        self._practice = PracticeFace(
            self.directory, self.faults, self.calls, self.limits, self.identity
        )
        self._lock = threading.RLock()
        """A client's sign-in library runs in threads of its own."""

    @property
    def outbox(self) -> list[dict[str, object]]:
        """What sendMail accepted, oldest first."""
        return self.directory.outbox

    def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        """Moves the practice time on."""
        self.directory.advance(timedelta(days=days, seconds=seconds))

    @cached_property
    def _sign_in(self) -> "IdentityFace":
        """Made when somebody signs in: most practise with tokens, and need not wait for it."""
        from o365desk.simulator.identity import IdentityFace

        return IdentityFace(self.identity)

    @property
    def browser_base(self) -> str:
        """Scheme and host where a browser finds the sign-in pages; empty: where clients call.

        Inside the program the sign-in library talks to https://login.microsoftonline.com in
        process, and only the browser needs a real port.
        """
        return self._sign_in.browser_base

    @browser_base.setter
    def browser_base(self, base: str) -> None:
        self._sign_in.browser_base = base.rstrip("/")

    def poll_device_codes(self, *, every: int) -> None:
        """Sets the seconds between two polls of a device code, 5 at first; with 1 a test polls at
        once."""
        self._sign_in.tokens.interval = every

    def warm(
        self,
        tenant_id: str,
        select: str = WARM_SELECT,
        *,
        base: str = "https://graph.microsoft.com",
        token: str = "",
    ) -> int:
        """Renders all user pages of a tenant beforehand, as a benchmark wants; how many."""
        scheme, _mark, host = base.partition("://")
        query: str | None = f"$top=999&$select={select}"
        headers = {"authorization": f"Bearer {token or 'tenant:' + tenant_id}"}
        pages = 0
        while query is not None:
            request = HttpRequest("GET", "/v1.0/users", query, headers, b"", scheme, host)
            # The link stands before the users: no need to parse a megabyte for it.
            head = self.handle(request).body.partition(b',"value":[')[0].decode()
            following = str(json.loads(head + "}").get("@odata.nextLink", ""))
            query = following.partition("?")[2] or None
            pages += 1
        self.calls.clear()
        return pages

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answers one request; callable from any thread."""
        with self._lock:
            return self._handle(request)

    def _handle(self, request: HttpRequest) -> HttpResponse:
        version = request.segments[0].lower() if request.segments else ""
        if version == "practice":
            return self._practice.serve(request)
        face: GraphFace | PartnerCenterFace | IdentityFace
        if version == "v1.0":
            face = self._graph
        elif version == "v1":
            face = self._partner_center
        elif self._sign_in.resolve(request).route:
            face = self._sign_in
        else:
            return HttpResponse(404, [("Content-Type", "text/plain")], b"Not Found")
        path = "/" + "/".join(request.segments[1:])
        struck = self.faults.strike(face.name, request.method, path)
        match = face.resolve(request)
        delay = sum(fault.seconds for fault in struck if fault.kind is FaultKind.DELAY)
        answer: HttpResponse | None = None
        late: Fault | None = None
        for fault in struck:
            if fault.kind is FaultKind.CUT_BEFORE:
                answer = HttpResponse(0, cut=True)
            elif fault.kind in {
                FaultKind.CUT_AFTER,
                FaultKind.HALF_BODY,
                FaultKind.MALFORMED_NEXT,
            }:
                late = fault
            elif fault.kind is not FaultKind.DELAY:
                answer = face.faulted_any(fault, request)
        if answer is None:
            answer = face.serve(request, match)
        if not answer.cut:
            answer = face.dress(answer, request)
        if late is not None:
            answer = _spoil(answer, late)
        answer.delay = delay + (self.limits.mail_seconds if match.route == MAIL else 0.0)
        status = 0 if answer.cut else answer.status
        if face.name == "identity":
            request = replace(request, query="", body=b"")  # passwords, codes and tokens
        self.calls.record(face.name, request, match.route, status)
        return answer


def _spoil(answer: HttpResponse, fault: Fault) -> HttpResponse:
    """What goes wrong after the operation took effect."""
    if fault.kind is FaultKind.CUT_AFTER:
        return HttpResponse(0, cut=True)
    if fault.kind is FaultKind.HALF_BODY:
        answer.sent = int(len(answer.body) * fault.fraction)
        return answer
    if answer.status != 200 or not answer.body:
        return answer
    body = json.loads(answer.body.decode("utf-8-sig"))
    following = body.get("links", {}).get("next")
    if following is not None:
        # As published for invoice lines: samples/partner-center/paging-links-next.json.
        following["uri"] = following["uri"].replace("&seekOperation", "?seekOperation")
        answer.body = dump(body)
    return answer


def _running_from(start: datetime) -> Callable[[], datetime]:
    begun = time.monotonic()

    def now() -> datetime:
        return start + timedelta(seconds=time.monotonic() - begun)

    return now
