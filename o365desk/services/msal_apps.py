"""MSAL in threads: one application per authority over one cache and one HTTP client.

Every method blocks. What goes in and comes out shows no token, code or name in its repr: event
loops log the arguments and results of calls in threads.
"""

import importlib.util
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from o365desk import __version__
from o365desk.domain.connections import Connection, Mode, SignInMethod
from o365desk.domain.directory import TenantId, UserId
from o365desk.domain.passwords import Secret
from o365desk.domain.sign_in import Account, DeviceCode
from o365desk.services.loopback_redirect import RedirectAnswer
from o365desk.services.msal_http import LineBroken, MsalHttp, OpenClient, silence
from o365desk.services.token_cache import TokenFile
from o365desk.wire.call_record import GUID
from o365desk.wire.clouds import CloudAddresses, authority
from o365desk.wire.faults import Break
from o365desk.wire.sign_in_refusals import SignInRefusal, is_spent, read_refusal

if TYPE_CHECKING:
    from o365desk.services.msal_cache import SharedCache

T = TypeVar("T")

_CAPABILITIES = ["CP1"]
"""This program answers claims challenges (learn.microsoft.com/entra/identity/conditional-access/
concept-continuous-access-evaluation); tokens may then live for a day."""

NO_ACCOUNT = SignInRefusal(error="login_required")
_SHORTEST_INTERVAL = 1
_BROKER_PATIENCE = 300
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A token, for how many seconds it is good, and what it permits."""

    token: Secret
    expires_in: float
    account: Account = field(repr=False)
    scopes: frozenset[str] = frozenset()
    """As Microsoft named them in the answer; none when MSAL took the token from its memory."""


@dataclass(frozen=True, slots=True)
class Request:
    """For whom and what tokens are asked."""

    tenant: str
    """Whose directory issues them: an id or a domain."""
    scopes: tuple[str, ...]
    claims: str = field(default="", repr=False)
    fresh: bool = False


@dataclass(slots=True)
class Flow:
    """An interactive sign-in under way."""

    request: Request
    data: dict[str, Any] = field(repr=False)
    """MSAL's own; holds the secrets of the flow."""
    known: frozenset[str] = field(default=frozenset(), repr=False)
    """Accounts of before."""
    cancelled: bool = False

    @property
    def address(self) -> str:
        """The page to open in a browser."""
        return str(self.data["auth_uri"])

    @property
    def interval(self) -> float:
        """Seconds between two questions whether the device code was used."""
        return float(self.data["interval"])

    @property
    def expired(self) -> bool:
        """The device code can no longer be used."""
        return time.time() >= float(self.data["expires_at"])

    def device_code(self) -> DeviceCode:
        return DeviceCode(
            code=str(self.data["user_code"]),
            address=str(self.data["verification_uri"]),
            expires_at=datetime.fromtimestamp(self.data["expires_at"], UTC),
        )


@dataclass(frozen=True, slots=True)
class WrongOrganization:
    """An account of another organization has signed in; nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The operator no longer waits; nothing new was kept."""


Failure = SignInRefusal | Break
SignedIn = Account | WrongOrganization | Cancelled | Failure


@dataclass(slots=True)
class _App:
    """MSAL's application for one authority. Used by one thread at a time, so that the HTTP
    client's latest answer belongs to the call at hand."""

    msal: Any = field(repr=False)
    http: MsalHttp
    lock: threading.Lock = field(default_factory=threading.Lock)


class MsalApps:
    """The sign-in of one connection, as far as MSAL does it."""

    def __init__(
        self,
        connection: Connection,
        addresses: CloudAddresses,
        file: TokenFile,
        open_client: OpenClient,
        *,
        oidc_authority: str = "",
        window_handle: Callable[[], int] | None = None,
    ) -> None:
        """`oidc_authority`: an OpenID provider that is not Microsoft's, in place of the cloud's
        sign-in service. `window_handle`: of the window above which a broker asks."""
        self._connection = connection
        self._addresses = addresses
        self._file = file
        self._open_client = open_client
        self._oidc_authority = oidc_authority
        self._window_handle = window_handle
        self._making = threading.Lock()
        """Held for moments only, so that `close` never waits for a prompt or for the network."""
        self._reading = threading.Lock()
        """Held while the cache is read for the first time, which may take a prompt."""
        self._cache: SharedCache | None = None
        self._closed = False
        self._client: Any = None
        self._apps: dict[str, _App] = {}

    # What is known without asking anybody

    def open(self) -> None:
        """Reads what is kept, anew each time: the store of secrets may have been unlocked."""
        if self._cache is None:
            self._known()
        else:
            self._cache.reread()

    def account(self) -> Account | None:
        """Who is signed in, without any network."""
        found = self._entries()
        if not found or (self._named and not self._at_home(found[0], self._named)):
            return None
        return self._account(found[0])

    # Tokens

    def silent(self, request: Request) -> Granted | Failure:
        """A token from memory, or for the refresh token at hand."""
        outcome, newer = self._silent(request)
        if isinstance(outcome, SignInRefusal) and is_spent(outcome) and newer:
            # Another copy of the program has renewed the sign-in meanwhile.
            outcome, _ = self._silent(request)
        return outcome

    def _silent(self, request: Request) -> tuple[Granted | Failure, bool]:
        cache = self._known()
        cache.sync()
        found = self._entries()
        if not found:
            return NO_ACCOUNT, False
        own = self._own()
        if not isinstance(own, str):
            return own, False
        if not self._at_home(found[0], own):
            return NO_ACCOUNT, False  # the connection led to another organization then

        def ask(app: _App) -> Granted | SignInRefusal:
            answer = app.msal.acquire_token_silent_with_error(
                list(request.scopes),
                found[0],
                force_refresh=request.fresh,
                claims_challenge=request.claims or None,
                # Of a token that is old but still good, MSAL then gives that.
                http_exceptions=(LineBroken,),
            )
            if not answer:
                return NO_ACCOUNT
            if "access_token" not in answer:
                return _refusal(answer, app.http)
            token = Secret(str(answer["access_token"]))
            scopes = frozenset(str(answer.get("scope", "")).split())
            return Granted(token, float(answer["expires_in"]), self._account(found[0]), scopes)

        outcome = self._ask(request.tenant, ask)
        return outcome, cache.sync()

    # Interactive sign-in

    def begin_browser(
        self, request: Request, redirect: str, *, choose: bool, hint: Account | None
    ) -> Flow | Failure:
        """The address to open in the browser. Its answer comes as a form, so that the code is in
        no address line and no history."""

        def ask(app: _App) -> Flow:
            data = app.msal.initiate_auth_code_flow(
                list(request.scopes),
                redirect_uri=redirect,
                prompt="select_account" if choose else None,
                login_hint=hint.username if hint is not None and not choose else None,
                claims_challenge=request.claims or None,
                response_mode="form_post",
            )
            return Flow(request, data, self._home_ids())

        return self._ask(request.tenant, ask)

    def finish_browser(self, flow: Flow, answer: RedirectAnswer) -> SignedIn:
        """Redeems what the browser brought."""
        if "error" in answer.fields:
            return read_refusal(answer.fields)
        return self._accept(
            flow,
            lambda app: app.msal.acquire_token_by_auth_code_flow(flow.data, answer.fields),
        )

    def begin_device(self, request: Request) -> Flow | Failure:
        """A code to be typed elsewhere."""

        def ask(app: _App) -> Flow | SignInRefusal:
            data = app.msal.initiate_device_flow(
                list(request.scopes), claims_challenge=request.claims or None
            )
            if "user_code" not in data:
                return _refusal(data, app.http)
            data["interval"] = max(_SHORTEST_INTERVAL, data["interval"])
            return Flow(request, data, self._home_ids())

        return self._ask(request.tenant, ask)

    def poll_device(self, flow: Flow) -> SignedIn:
        """Asks once whether the code was used; MSAL's own waiting would hold a thread."""
        return self._accept(
            flow,
            lambda app: app.msal.acquire_token_by_device_flow(
                flow.data,
                claims_challenge=flow.request.claims or None,
                exit_condition=lambda _flow: True,
            ),
        )

    def begin_broker(self, request: Request) -> Flow:
        """The broker needs nothing beforehand but to be told whether somebody still waits."""
        return Flow(request, {}, self._home_ids())

    def ask_broker(self, flow: Flow, *, choose: bool, hint: Account | None) -> SignedIn:
        """Lets the account that the computer is signed in with sign in."""
        request = flow.request

        def ask(app: _App) -> Any:
            handle = self._window_handle
            return app.msal.acquire_token_interactive(
                list(request.scopes),
                prompt="select_account" if choose else None,
                login_hint=hint.username if hint is not None and not choose else None,
                claims_challenge=request.claims or None,
                parent_window_handle=handle() if handle else app.msal.CONSOLE_WINDOW_HANDLE,
                # Where the broker is of no use, MSAL opens a browser, and would wait for ever.
                timeout=_BROKER_PATIENCE,
            )

        return self._accept(flow, ask)

    # Sign-out

    def forget(self) -> list[str]:
        """Removes account, tokens, file and key; one sentence for each."""
        cache = self._known()
        said = []
        if self._entries():
            said.append("The account and its tokens were removed from this program.")
        cache.wipe()
        return said + self._file.remove()

    def close(self) -> None:
        """Closes the connections; what is asked afterwards reaches nobody."""
        with self._making:
            self._closed = True
            client, self._client = self._client, None
            self._apps.clear()
        if client is not None:
            client.close()

    # Inside

    def _known(self) -> "SharedCache":
        with self._reading:
            if self._cache is None:
                silence()
                from o365desk.services.msal_cache import SharedCache

                self._cache = SharedCache(self._file)
            return self._cache

    def _http(self) -> MsalHttp:
        """Raises LineBroken once closed."""
        with self._making:
            if self._closed:
                raise LineBroken(Break.REFUSED)
            if self._client is None:
                self._client = self._open_client()
            return MsalHttp(self._client)

    def _app(self, tenant: str, http: MsalHttp) -> _App:
        """Made with the first use: MSAL asks the authority for its addresses then, over `http`."""
        cache = self._known()
        name = "" if self._oidc_authority else tenant.lower()
        with self._making:
            if name in self._apps:
                return self._apps[name]
        import msal  # type: ignore[import-untyped]

        where: dict[str, Any] = (
            {"oidc_authority": self._oidc_authority}
            if self._oidc_authority
            else {"authority": authority(self._addresses, tenant)}
        )
        if self._connection.method is SignInMethod.BROKER:
            where |= {
                "enable_broker_on_windows": True,
                "enable_broker_on_mac": True,
                "enable_broker_on_linux": True,
            }
        app = msal.PublicClientApplication(
            self._connection.client_id,
            token_cache=cache,
            http_client=http,
            client_capabilities=_CAPABILITIES,
            # Our authorities are Microsoft's own, known by CloudAddresses; MSAL need not ask
            # Microsoft whether they are, nor look for the other names they have.
            instance_discovery=False,
            app_name="o365desk",
            app_version=__version__,
            **where,
        )
        with self._making:
            return self._apps.setdefault(name, _App(app, http))

    def _ask(self, tenant: str, call: Callable[[_App], T]) -> T | Failure:
        """Runs one of MSAL's calls; every way in which it fails becomes a Failure."""
        import msal

        try:
            http = self._http()
        except LineBroken as closed:
            return closed.fault
        try:
            app = self._app(tenant, http)
            with app.lock:
                http = app.http
                http.last = None
                return call(app)
        except LineBroken as broken:
            return broken.fault
        except msal.exceptions.MsalServiceError:
            # Without a request it is what the service said some seconds ago: MSAL keeps away then.
            return _refusal(http.refusal(), http) if http.last else SignInRefusal(status=503)
        except (msal.exceptions.MsalError, ValueError, RuntimeError, LookupError, TypeError):
            # Their texts hold whole answers.
            return _refusal(http.refusal(), http)

    def _accept(self, flow: Flow, call: Callable[[_App], Any]) -> SignedIn:
        """Keeps who has signed in, when it is who it should be and somebody still waits."""
        own = self._own()
        if not isinstance(own, str):
            return own

        def ask(app: _App) -> SignedIn:
            answer = call(app)
            if "error" in answer:
                return _refusal(answer, app.http)
            claims = answer.get("id_token_claims", {})
            entry = self._entry(app, claims)
            if entry is None:
                return SignInRefusal()
            home = str(entry["home_account_id"])
            if not self._belongs(home, claims, own, flow):
                app.msal.remove_account(entry)
                return WrongOrganization()
            if flow.cancelled:
                if home not in flow.known:
                    app.msal.remove_account(entry)
                return Cancelled()
            for other in app.msal.get_accounts():
                if other["home_account_id"] != home:
                    app.msal.remove_account(other)
            return self._account(entry)

        outcome: SignedIn = self._ask(flow.request.tenant, ask)
        self._known().sync()
        return outcome

    @property
    def _named(self) -> str:
        """Id of the connection's organization; empty where it names a domain."""
        tenant = self._connection.tenant
        return tenant if GUID.fullmatch(tenant) and not self._oidc_authority else ""

    def _own(self) -> str | Failure:
        """Id of the connection's organization, which for a domain is asked for once."""
        return self._named or self._ask(
            self._connection.tenant, lambda app: str(app.msal.authority.tenant)
        )

    def _at_home(self, entry: dict[str, Any], own: str) -> bool:
        """Whether a kept account is one that `_belongs` would let in today: the connection may
        have been changed since, by the operator or in an administrator's file."""
        reseller = self._connection.mode is Mode.RESELLER
        place = str(entry["home_account_id"]).partition(".")[2] if reseller else entry["realm"]
        return not place or str(place).lower() == own.lower()

    def _belongs(self, home: str, claims: dict[str, Any], own: str, flow: Flow) -> bool:
        """A reseller's rights at customers hang on the home account; in the own organization a
        guest may be an administrator too."""
        if self._connection.mode is Mode.RESELLER:
            place = home.partition(".")[2]
        else:
            place = str(claims.get("tid", "")) if flow.request.tenant else ""
        return not place or place.lower() == own.lower()

    def _entry(self, app: _App, claims: dict[str, Any]) -> dict[str, Any] | None:
        wanted = {
            "realm": app.msal.authority.tenant,
            "local_account_id": claims.get("oid", claims.get("sub")),
        }
        return next(iter(list(self._known().search("Account", query=wanted))), None)

    def _entries(self) -> Sequence[dict[str, Any]]:
        """Accounts in the cache: one, in as many organizations as it has signed in to."""
        return list(self._known().search("Account", query={"authority_type": "MSSTS"}))

    def _home_ids(self) -> frozenset[str]:
        return frozenset(str(entry["home_account_id"]) for entry in self._entries())

    def _account(self, entry: dict[str, Any]) -> Account:
        user, _, tenant = str(entry["home_account_id"]).partition(".")
        if self._connection.mode is Mode.DIRECT or not tenant:
            user, tenant = str(entry.get("local_account_id") or user), str(entry["realm"])
        return Account(str(entry.get("username", "")), TenantId(tenant.lower()), UserId(user))


def broker_here() -> bool:
    """Whether msal[broker] is installed on a system that it works on."""
    return sys.platform in ("win32", "darwin", "linux") and bool(
        importlib.util.find_spec("pymsalruntime")
    )


def _refusal(answer: dict[str, Any], http: MsalHttp) -> SignInRefusal:
    return read_refusal(
        answer,
        status=http.last.status_code if http.last is not None else 0,
        retry_after=http.retry_after(datetime.now(UTC)),
    )
