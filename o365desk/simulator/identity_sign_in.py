"""A person at the sign-in pages: account, password, second factor, consent, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from o365desk.simulator import identity_pages as pages
from o365desk.simulator.identity_accounts import ClientApp, listed
from o365desk.simulator.identity_claims import NOTHING, Demand
from o365desk.simulator.identity_errors import StsError, Trace, redirect_fields
from o365desk.simulator.identity_grants import client_info
from o365desk.simulator.identity_state import (
    CODE_LIFE,
    TRIES,
    Code,
    DeviceFlow,
    Identity,
    Session,
    Wanted,
    mfa_refusal,
)
from o365desk.simulator.identity_tokens import secret
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.scopes import RESOURCES, Resource
from o365desk.simulator.state import Tenant, User

COOKIE: Final = "practice_session"
_OFFERED: Final = ("direct", "mixed")
"""Customers whose own people stand on the page too when any account may sign in, by purpose."""
_KEPT = 500
"""Sittings remembered; a browser left open longer than that many others starts anew."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What the application wants, and where the answer goes."""

    client: ClientApp
    tenant: Tenant | None
    wanted: tuple[Wanted, ...]
    openid: frozenset[str] = frozenset()
    demand: Demand = NOTHING
    redirect: str = ""
    mode: str = "query"
    state: str = ""
    nonce: str = ""
    challenge: str = ""
    prompt: str = ""
    login_hint: str = ""
    domain_hint: str = ""
    has_client_info: bool = False
    device: DeviceFlow | None = None
    is_admin_consent: bool = False


@dataclass(slots=True)
class Sitting:
    """One person in front of one browser, on the way through the pages."""

    name: str
    ask: Ask
    home: Tenant | None = None
    user: User | None = None
    has_password: bool = False
    has_mfa: bool = False
    is_fresh: bool = False
    """Signed in during this sitting, not known from an earlier one."""
    has_confirmed: bool = False
    has_consented: bool = False
    refusal: StsError | None = None
    """What "Return to the application" takes back."""
    session: Session | None = None


class SignInPages:
    """Walks sittings from page to page."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._sittings: dict[str, Sitting] = {}
        self._browsers: dict[str, dict[str, Session]] = {}
        """Cookie to sessions by user id: single sign-on."""

    def start(self, ask: Ask, cookie: str, trace: Trace) -> HttpResponse:
        """The first page, or straight back where no page is needed."""
        sitting = Sitting(secret(16), ask)
        self._sittings[sitting.name] = sitting
        while len(self._sittings) > _KEPT:
            del self._sittings[next(iter(self._sittings))]
        self._recognize(sitting, cookie)
        if ask.prompt == "none" and sitting.session is None:
            return self._back(sitting, StsError(50058), trace)
        if sitting.user is None and ask.login_hint:
            found = self._identity.find(ask.login_hint)
            if found is not None:
                sitting.home, sitting.user = found
        return self._go_on(sitting, cookie, trace)

    def _recognize(self, sitting: Sitting, cookie: str) -> None:
        """Signs in with what the browser remembers, unless the application wants otherwise."""
        ask = sitting.ask
        sessions = self._browsers.get(cookie, {})
        if ask.prompt in {"login", "select_account"} or not sessions or ask.device is not None:
            return
        wished = self._identity.find(ask.login_hint) if ask.login_hint else None
        if wished is not None:
            session = sessions.get(wished[1].user_id)
        else:
            session = next(iter(sessions.values())) if len(sessions) == 1 else None
        if session is None:
            return
        try:
            self._identity.check_session(session, session.at)
            sitting.home, sitting.user = self._identity.person(session)
        except StsError:
            del sessions[session.user_id]
            return
        sitting.session, sitting.has_password = session, True
        sitting.has_mfa = session.has_mfa

    def step(self, form: Mapping[str, str], cookie: str, trace: Trace) -> HttpResponse:
        """What a page sent."""
        sitting = self._sittings.get(form.get("sitting", ""))
        if sitting is None:
            return pages.broken("This page is no longer valid.", "Start again in the application.")
        error = ""
        if form.get("do") in {"cancel", "return"}:
            cancelled = StsError(65004)
            return self._back(sitting, sitting.refusal or cancelled, trace)
        if sitting.user is None:
            error = self._choose(sitting, form)
        elif not sitting.has_password:
            error = self._check_password(sitting, sitting.user, form.get("password", ""))
        elif "factor" in form:
            if form["factor"] != "approve":
                return self._refuse(sitting, StsError(50074), trace)
            sitting.has_mfa = sitting.is_fresh = True
        elif "device" in form:
            if form["device"] != "continue":
                return self._back(sitting, StsError(65004), trace)
            sitting.has_confirmed = True
        elif "consent" in form:
            if form["consent"] != "accept":
                return self._back(sitting, StsError(65004), trace)
            self._accept(sitting, for_everyone=form.get("everyone") == "yes")
        return self._go_on(sitting, cookie, trace, error)

    def sign_out(self, cookie: str) -> None:
        """Forgets what the browser remembers."""
        self._browsers.pop(cookie, None)

    def _choose(self, sitting: Sitting, form: Mapping[str, str]) -> str:
        upn = form.get("account") or form.get("typed", "")
        found = self._identity.find(upn)
        if found is None:
            refusal = StsError(50034, account=upn, tenant="practice")
            sitting.refusal = refusal
            return f"We couldn’t find an account with that user name. {refusal.sentence}"
        sitting.home, sitting.user = found
        return ""

    def _check_password(self, sitting: Sitting, user: User, typed: str) -> str:
        account = self._identity.account(user)
        if typed and typed != "wrong":
            account.is_locked = account.is_locked or account.wrong_tries >= TRIES
            account.wrong_tries = 0
            sitting.has_password = sitting.is_fresh = True
            return ""
        account.wrong_tries += 1
        sitting.refusal = StsError(50126)
        return f"Your account or password is incorrect. {sitting.refusal.sentence}"

    def _accept(self, sitting: Sitting, *, for_everyone: bool) -> None:
        ask, user = sitting.ask, sitting.user
        tenant = ask.tenant or sitting.home
        if user is None or tenant is None:
            return
        lacks = self._asked(sitting, tenant, user)
        if not self._identity.may_consent(tenant, user, lacks):
            return
        is_everyone = for_everyone and self._identity.is_consenter(user)
        self._identity.consent(tenant, ask.client, lacks, None if is_everyone else user)
        sitting.has_consented = True

    def _asked(
        self, sitting: Sitting, tenant: Tenant, user: User
    ) -> dict[Resource, frozenset[str]]:
        """What the consent page lists."""
        ask = sitting.ask
        lacks = self._identity.missing(tenant, ask.client, user, ask.wanted)
        if ask.prompt != "consent" and not ask.is_admin_consent:
            return lacks
        every: dict[Resource, frozenset[str]] = {}
        for want in ask.wanted:
            names = want.scopes - {".default"} | lacks.get(want.resource, frozenset())
            every[want.resource] = every.get(want.resource, frozenset()) | names
        return {resource: names for resource, names in every.items() if names}

    def _go_on(self, sitting: Sitting, cookie: str, trace: Trace, error: str = "") -> HttpResponse:
        try:
            return self._next(sitting, cookie, trace, error)
        except StsError as refusal:
            return self._refuse(sitting, refusal, trace)

    def _next(self, sitting: Sitting, cookie: str, trace: Trace, error: str) -> HttpResponse:
        ask, identity = sitting.ask, self._identity
        home, user = sitting.home, sitting.user
        if home is None or user is None:
            return pages.accounts(sitting.name, ask.client.name, self._offers(ask), error)
        if not sitting.has_password:
            return pages.password(sitting.name, user.upn, error)
        identity.check_account(user, silent=False)
        tenant = ask.tenant or home
        if not ask.client.multi_tenant and tenant is not identity.directory.partner:
            raise StsError(700016, client=ask.client.client_id, tenant=tenant.name)
        identity.admit(tenant, home, user, ask.client)
        needs = identity.asks_mfa(user, home, tenant, ask.wanted, ask.demand)
        if needs and not sitting.has_mfa:
            if not identity.account(user).has_method:
                raise mfa_refusal(ask.client.client_id, has_method=False)
            return pages.second_factor(sitting.name, user.upn)
        if ask.device is not None and not sitting.has_confirmed:
            return pages.confirm_device(sitting.name, ask.client.name, user.upn)
        lacks = self._asked(sitting, tenant, user)
        if lacks and not sitting.has_consented:
            return self._consent_page(sitting, tenant, user, lacks)
        return self._finish(sitting, tenant, home, user, cookie, trace)

    def _offers(self, ask: Ask) -> list[tuple[str, str]]:
        directory = self._identity.directory
        here = [directory.tenant(directory.partner.tenant_id)]
        if ask.tenant is not None and ask.tenant not in here:
            here.append(ask.tenant)
        if ask.tenant is None:
            purposes = self._identity.purposes
            here += [directory.tenant(purposes[key]) for key in _OFFERED if key in purposes]
        if any(tenant.domain(ask.domain_hint) for tenant in here):
            here = [tenant for tenant in here if tenant.domain(ask.domain_hint)]
        return [
            (user.upn, f"{tenant.name}: {about}")
            for tenant in here
            for _purpose, user, about in listed(tenant, self._identity.accounts)
        ]

    def _consent_page(
        self,
        sitting: Sitting,
        tenant: Tenant,
        user: User,
        lacks: dict[Resource, frozenset[str]],
    ) -> HttpResponse:
        client = sitting.ask.client
        if user.user_id not in tenant.users:
            raise StsError(
                90099, client=client.client_id, name=client.name, tenant=tenant.tenant_id
            )
        if not self._identity.may_consent(tenant, user, lacks):
            raise StsError(90094)
        scopes = [
            (resource.name, name)
            for resource in RESOURCES
            for name in sorted(lacks.get(resource, ()))
        ]
        return pages.consent(
            sitting.name,
            client.name,
            scopes,
            for_everyone=self._identity.is_consenter(user),
            tenant=tenant.name,
        )

    def _finish(
        self,
        sitting: Sitting,
        tenant: Tenant,
        home: Tenant,
        user: User,
        cookie: str,
        trace: Trace,
    ) -> HttpResponse:
        ask, identity = sitting.ask, self._identity
        del self._sittings[sitting.name]
        session = sitting.session
        if session is None or sitting.is_fresh:
            session = identity.start_session(home, user, has_mfa=sitting.has_mfa)
        how = "device" if ask.device is not None else "interactive"
        self._note(sitting, how, 0)
        if ask.device is not None:
            ask.device.session, ask.device.chosen = session, tenant
            return pages.done(
                "You have signed in",
                f"You have signed in to {ask.client.name} on your device. You may now close this "
                "window.",
            )
        if ask.is_admin_consent:
            answer = self._answer(ask, {"admin_consent": "True", "tenant": tenant.tenant_id})
        else:
            code = Code(
                ask.client,
                tenant,
                session,
                ask.redirect,
                ask.challenge,
                ask.nonce,
                ask.wanted,
                ask.openid,
                identity.directory.now() + CODE_LIFE,
            )
            fields = {"code": identity.new_code(code)}
            if ask.has_client_info:
                fields["client_info"] = client_info(home, user)
            answer = self._answer(ask, fields | {"session_state": trace.trace_id})
        self._browsers.setdefault(cookie, {})[user.user_id] = session
        return answer

    def _note(self, sitting: Sitting, how: str, code: int) -> None:
        ask, user = sitting.ask, sitting.user
        tenant = ask.tenant or sitting.home
        self._identity.note(
            how,
            ask.client.client_id,
            tenant=tenant.tenant_id if tenant is not None else "",
            account=user.upn if user is not None else "",
            scopes=" ".join(sorted(name for want in ask.wanted for name in want.scopes)),
            code=code,
            has_mfa=sitting.has_mfa,
        )

    def _refuse(self, sitting: Sitting, refusal: StsError, trace: Trace) -> HttpResponse:
        """Microsoft's own page for what it refuses; from there the person may go back."""
        ask = sitting.ask
        if ask.prompt == "none":
            return self._back(sitting, refusal, trace)
        sitting.refusal = refusal
        self._note(sitting, "interactive", refusal.code)
        details = trace.describe("").strip()
        if ask.device is not None:
            ask.device.refusal = refusal
        may_return = ask.device is None
        return pages.refused(sitting.name, refusal.sentence, details, may_return=may_return)

    def _back(self, sitting: Sitting, refusal: StsError, trace: Trace) -> HttpResponse:
        """An error, taken to the application."""
        self._sittings.pop(sitting.name, None)
        ask = sitting.ask
        if sitting.refusal is not refusal:
            self._note(sitting, "interactive", refusal.code)
        if ask.device is not None:
            declined = StsError(65004, error="authorization_declined")
            ask.device.refusal = declined if refusal.code == 65004 else refusal
            return pages.done("Nothing was shared", "You may now close this window.")
        return self._answer(ask, redirect_fields(refusal, trace))

    def _answer(self, ask: Ask, fields: dict[str, str]) -> HttpResponse:
        return answer_to(ask.redirect, ask.mode, ask.state, fields)


def answer_to(redirect: str, mode: str, state: str, fields: dict[str, str]) -> HttpResponse:
    """Fields to a redirect URI, in the mode that the application asked for."""
    if state:
        fields = fields | {"state": state}
    if not redirect:
        return pages.done("Done", fields.get("error_description", "You may close this window."))
    if mode == "form_post":
        return pages.form_post(redirect, fields)
    return pages.redirect_to(redirect, fields, mode)
