"""Signing in with MSAL: the TokenProvider and the SignIn of a connection.

MSAL, the disk and the store of secrets block, so they run in threads (msal_apps.py); here is what
waits, what is asked only once at a time, and what a failure means.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from o365desk.domain.access import Access, Service, SignInNeed
from o365desk.domain.connections import Connection, SignInMethod
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import AccessDenied, DeskError, SignInRequired, Unreachable
from o365desk.domain.passwords import Secret
from o365desk.domain.permissions import scopes
from o365desk.domain.sign_in import Account, DeviceCode
from o365desk.services.aside import aside
from o365desk.services.loopback_redirect import LoopbackRedirect
from o365desk.services.msal_apps import (
    NO_ACCOUNT,
    Cancelled,
    Failure,
    Flow,
    Granted,
    MsalApps,
    Request,
    SignedIn,
    WrongOrganization,
    broker_here,
)
from o365desk.services.msal_http import OpenClient, open_msal_http
from o365desk.services.token_cache import TokenFile
from o365desk.wire.clouds import CLOUDS, CloudAddresses, full_scopes
from o365desk.wire.faults import Break, connection_verdict
from o365desk.wire.messages import ApiRequest
from o365desk.wire.sign_in_refusals import SignInRefusal, explain, is_pending

T = TypeVar("T")

PATIENCE = 300.0
"""Seconds that the browser's answer is waited for."""
_GOODBYE = 5.0
"""Seconds for threads to end when the sign-in is closed."""
_HELD = 60.0
"""Seconds for which a token is handed out without looking whether another copy of the program has
signed out meanwhile."""
_MARGIN = 300.0
"""Seconds before its end from which a token counts as old, for MSAL too."""

_ASKING = ApiRequest(Service.GRAPH, "POST", "/token", "signIn")
"""Stands for the request whose connection broke: signing in may be repeated."""

_SECOND_FACTOR = {"amr": {"essential": True, "values": ["mfa"]}}
"""Demands a second factor where no policy does: Partner Center wants one for every call
(learn.microsoft.com/partner-center/developer/partner-security-requirements)."""

OnRefusal = Callable[[SignInNeed, DeskError, bool], None]
"""Is told what was needed, what came of it, and whether nobody was asked for it."""

_Key = tuple[Service, TenantId | None, Access]


@dataclass(frozen=True, slots=True)
class _Held:
    token: Secret
    until: float


@dataclass(slots=True)
class _Waiting:
    """What one call of sign_in was asked for."""

    need: SignInNeed
    request: Request
    show_code: Callable[[DeviceCode], None] = field(repr=False)
    choose: bool = False
    hint: Account | None = None


class MsalSignIn:
    """Signs in to one connection and gives its tokens. Call `restore` first, `aclose` last."""

    def __init__(
        self,
        connection: Connection,
        cache: TokenFile,
        *,
        open_browser: Callable[[str], None],
        open_client: OpenClient = open_msal_http,
        addresses: CloudAddresses | None = None,
        oidc_authority: str = "",
        window_handle: Callable[[], int] | None = None,
        on_refusal: OnRefusal = lambda need, error, silent: None,
        patience: float = PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_browser` shows a page; it is called on the event loop. `open_client` makes the
        HTTP client, in a thread, when first needed. `addresses`: other than the cloud's, for the
        practice directory. `on_refusal` is told every token that could not be had, for the log.
        `clock` counts seconds."""
        self._connection = connection
        self._cache = cache
        self._addresses = addresses or CLOUDS[connection.cloud]
        self._open_browser = open_browser
        self._on_refusal = on_refusal
        self._patience = patience
        self._sleep = sleep
        self._clock = clock
        self._apps = MsalApps(
            connection,
            self._addresses,
            cache,
            open_client,
            oidc_authority=oidc_authority,
            window_handle=window_handle,
        )
        self._account: Account | None = None
        self._held: dict[_Key, _Held] = {}
        self._scopes: dict[Service, frozenset[str]] = {}
        self._flights: dict[tuple[_Key, str, bool], asyncio.Task[Secret]] = {}
        """What is asked for now, by what it is for; of the account at hand only."""
        self._under_way: set[asyncio.Task[Secret]] = set()
        self._left_alone: set[asyncio.Task[SignedIn]] = set()
        """Sign-ins that nobody waits for any more, whose threads have not ended yet."""
        self._one_sign_in = asyncio.Lock()
        self._epoch = 0
        self._closed = False

    # Tokens

    async def token(
        self,
        service: Service,
        tenant: TenantId | None,
        *,
        access: Access = Access.DIRECTORY,
        claims: str = "",
        fresh: bool = False,
    ) -> str:
        """See TokenProvider. However many calls want the same token, it is asked for once; a call
        that is cancelled does not take it from the others."""
        while True:
            epoch = self._epoch
            try:
                token = await self._token(service, tenant, access, claims, fresh)
            except DeskError:
                if epoch == self._epoch:
                    raise
            else:
                if epoch == self._epoch:
                    return token.reveal()

    async def _token(
        self, service: Service, tenant: TenantId | None, access: Access, claims: str, fresh: bool
    ) -> Secret:
        if self._closed:
            raise Unreachable("The program is closing; nothing was sent.")
        need = SignInNeed(service, self._target(service, tenant), access, claims)
        key = (need.service, need.tenant, need.access)
        held = self._held.get(key)
        if held is not None and not claims and not fresh and self._clock() < held.until:
            return held.token
        flight = self._flights.get((key, claims, fresh))
        if flight is None:
            flight = asyncio.create_task(self._fetch(need, fresh))
            self._flights[key, claims, fresh] = flight
            self._under_way.add(flight)
            flight.add_done_callback(lambda done: self._landed((key, claims, fresh), done))
        return await asyncio.shield(flight)

    async def _fetch(self, need: SignInNeed, fresh: bool) -> Secret:
        epoch = self._epoch
        key = (need.service, need.tenant, need.access)
        request = self._request(need, fresh)
        outcome = await aside(self._apps.silent, request)
        if not isinstance(outcome, Granted):
            self._held.pop(key, None)
            if outcome == NO_ACCOUNT and epoch == self._epoch:
                self._account = None
            raise self._error(outcome, need)
        if epoch == self._epoch:
            good = min(_HELD, outcome.expires_in - _MARGIN)
            self._held[key] = _Held(outcome.token, self._clock() + good)
            self._account = outcome.account  # another copy of the program may have signed in
            if outcome.scopes and need.tenant is None:
                held_before = self._scopes.get(need.service, frozenset())
                self._scopes[need.service] = held_before | outcome.scopes
        return outcome.token

    def _landed(self, name: tuple[_Key, str, bool], task: asyncio.Task[Secret]) -> None:
        self._under_way.discard(task)
        if self._flights.get(name) is task:
            del self._flights[name]
        if not task.cancelled():
            task.exception()  # looked at: those who waited may all have been cancelled

    # Sign-in and sign-out

    @property
    def account(self) -> Account | None:
        return self._account

    def granted(self, service: Service) -> frozenset[str] | None:
        """Permissions of the tokens of a service in the own organization, as Microsoft named them
        when it gave them; None as long as it gave none in this session."""
        return self._scopes.get(service)

    @property
    def kept(self) -> str:
        return self._cache.kept

    @property
    def notice(self) -> str:
        """That the kept sign-in was damaged and set aside; empty when it was not."""
        return self._cache.notice

    async def restore(self) -> Account | None:
        """Who was signed in the last time. Asks the store of secrets, which may ask the operator
        to unlock it; no network."""

        def read() -> Account | None:
            self._apps.open()
            return self._apps.account()

        self._account = await aside(read)
        return self._account

    async def sign_in(
        self,
        need: SignInNeed,
        *,
        show_code: Callable[[DeviceCode], None],
        choose_account: bool = False,
    ) -> Account:
        """See SignIn. One at a time: a second call waits until the first has ended."""
        async with self._one_sign_in:
            await aside(self._apps.open)
            target = self._target(need.service, need.tenant)
            need = SignInNeed(need.service, target, need.access, need.claims, need.mfa)
            request = self._request(need)
            waiting = _Waiting(need, request, show_code, choose_account, self._account)
            method = self._connection.method
            if method is SignInMethod.DEVICE_CODE:
                account = await self._by_device(waiting)
            elif method is SignInMethod.BROKER:
                account = await self._by_broker(waiting)
            else:
                account = await self._by_browser(waiting)
            self._begin_epoch(account)
            return account

    async def sign_out(self) -> Sequence[str]:
        """Removes account, tokens, file and key. The browser stays signed in at Microsoft."""
        self._begin_epoch(None)
        removed = await aside(self._apps.forget)
        self._begin_epoch(None)  # once more, for who asked while it was being removed
        return removed

    async def aclose(self) -> None:
        """Lets go of the connections; keeps the sign-in. Waits for what is under way, but not for
        a prompt of the system that stands open: its thread is left to itself."""
        self._closed = True
        self._begin_epoch(self._account)
        await aside(self._apps.close)
        left: set[asyncio.Task[Any]] = {*self._under_way, *self._left_alone}
        if left:
            _, left = await asyncio.wait(left, timeout=_GOODBYE)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    def _begin_epoch(self, account: Account | None) -> None:
        """What is under way for another account, or for none, is not handed out any more."""
        self._epoch += 1
        self._flights.clear()
        self._held.clear()
        self._scopes.clear()
        self._account = account

    async def _by_browser(self, waiting: _Waiting) -> Account:
        async with LoopbackRedirect() as redirect:
            flow = self._begun(
                await aside(
                    self._apps.begin_browser,
                    waiting.request,
                    redirect.address,
                    choose=waiting.choose,
                    hint=waiting.hint,
                ),
                waiting,
            )
            self._open_browser(flow.address)
            try:
                async with asyncio.timeout(self._patience):
                    answer = await redirect.answer(str(flow.data["state"]))
            except TimeoutError:
                answer = None
            if answer is None:
                raise SignInRequired(
                    "The browser did not come back from the sign-in in time.",
                    next_step="Sign in again, and finish in the browser. If no page opened there,"
                    " choose the device code in Connections.",
                )
            outcome = await self._unless_cancelled(
                flow, aside(self._apps.finish_browser, flow, answer)
            )
            redirect.finish(isinstance(outcome, Account))
        return self._signed_in(outcome, waiting)

    async def _by_device(self, waiting: _Waiting) -> Account:
        flow = self._begun(await aside(self._apps.begin_device, waiting.request), waiting)
        waiting.show_code(flow.device_code())
        while True:
            await self._sleep(flow.interval)
            outcome = await self._unless_cancelled(flow, aside(self._apps.poll_device, flow))
            # RFC 8628, section 3.5: a broken connection is no reason to give up.
            pending = isinstance(outcome, Break) or (
                isinstance(outcome, SignInRefusal) and is_pending(outcome)
            )
            if pending and not flow.expired:
                continue
            if isinstance(outcome, SignInRefusal) and pending:
                outcome = SignInRefusal(error="expired_token")
            return self._signed_in(outcome, waiting)

    async def _by_broker(self, waiting: _Waiting) -> Account:
        if not await aside(broker_here):
            raise AccessDenied(
                "This computer offers no account of its own to sign in with.",
                next_step="Choose the browser or the device code in Connections.",
            )
        flow = await aside(self._apps.begin_broker, waiting.request)
        asking = aside(self._apps.ask_broker, flow, choose=waiting.choose, hint=waiting.hint)
        outcome = await self._unless_cancelled(flow, asking)
        return self._signed_in(outcome, waiting)

    async def _unless_cancelled(self, flow: Flow, work: Coroutine[Any, Any, SignedIn]) -> SignedIn:
        """A thread cannot be stopped: it is told that nobody waits, and then keeps nothing."""
        task = asyncio.create_task(work)
        self._left_alone.add(task)
        task.add_done_callback(self._left_alone.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            flow.cancelled = True
            raise

    # What a call needs, and what an outcome means

    def _target(self, service: Service, tenant: TenantId | None) -> TenantId | None:
        """Whose directory issues the token; None: the own one."""
        own = {self._connection.tenant.lower()}
        if self._account is not None:
            own.add(self._account.tenant)
        if service is Service.PARTNER_CENTER or tenant is None or tenant.lower() in own:
            return None
        return tenant

    def _request(self, need: SignInNeed, fresh: bool = False) -> Request:
        names = scopes(self._connection, need.service, need.access, own_tenant=need.tenant is None)
        if not names:
            raise AccessDenied(
                "This connection is not set up for that.",
                next_step="Look at its mode and its services in Connections.",
            )
        return Request(
            need.tenant or self._connection.tenant,
            tuple(full_scopes(self._addresses, need.service, names)),
            _claims(need),
            fresh,
        )

    def _begun(self, outcome: Flow | Failure, waiting: _Waiting) -> Flow:
        if isinstance(outcome, Flow):
            return outcome
        raise self._error(outcome, waiting.need, asked=True)

    def _signed_in(self, outcome: SignedIn, waiting: _Waiting) -> Account:
        if isinstance(outcome, Account):
            return outcome
        if isinstance(outcome, WrongOrganization):
            raise AccessDenied(
                "This account belongs to another organization than the connection; nothing was"
                " kept.",
                next_step="Sign in with an account of the connection's organization, or correct"
                " the organization in Connections.",
            )
        if isinstance(outcome, Cancelled):
            raise AccessDenied("The sign-in was cancelled.")
        raise self._error(outcome, waiting.need, asked=True)

    def _error(self, failure: Failure, need: SignInNeed, *, asked: bool = False) -> DeskError:
        if failure == NO_ACCOUNT and not asked:
            return SignInRequired("You are not signed in.", next_step="Sign in.", need=need)
        if isinstance(failure, Break):
            error = connection_verdict(_ASKING, failure, 1, attempts=1).error
        else:
            error = explain(failure, need, own_tenant=need.tenant is None, asked=asked)
        self._on_refusal(need, error, not asked)
        return error


def _claims(need: SignInNeed) -> str:
    """The challenge, and the demand for a second factor beside it."""
    if not need.mfa:
        return need.claims
    asked: dict[str, Any] = {}
    with contextlib.suppress(ValueError):
        read = json.loads(need.claims or "{}")
        asked = read if isinstance(read, dict) else {}
    for part in ("id_token", "access_token"):
        asked[part] = {**(asked.get(part) or {}), **_SECOND_FACTOR}
    return json.dumps(asked)
