"""The token endpoint: authorization codes, refresh tokens and device codes turned into tokens."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from o365desk.simulator.identity_accounts import ClientApp
from o365desk.simulator.identity_claims import Demand, demand_of
from o365desk.simulator.identity_errors import StsError
from o365desk.simulator.identity_state import (
    REFRESH_LIFE,
    DeviceFlow,
    Identity,
    Session,
    Wanted,
    mfa_refusal,
)
from o365desk.simulator.identity_tokens import base64url, challenge_of, sign
from o365desk.simulator.ids import guid_of, number
from o365desk.simulator.messages import dump
from o365desk.simulator.scopes import Resource
from o365desk.simulator.state import AccessToken, Tenant, User

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_HOUR: Final = 3600
_CAE_LIFE: Final = 28 * _HOUR
"""Long-lived tokens of clients that declared cp1 (concept-continuous-access-evaluation)."""


class TokenEndpoint:
    """POST /{tenant}/oauth2/v2.0/token."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self.interval = 5
        """Seconds between two polls of a device code."""

    def redeem(self, authority: str, form: Mapping[str, str], issuer: str) -> dict[str, Any]:
        """The token answer for a form; raises StsError. `issuer` has a gap for the tenant id."""
        identity = self._identity
        client_id = form.get("client_id", "")
        tenant = identity.tenant_of(authority, client_id)
        client = identity.client_of(client_id, tenant)
        grant = form.get("grant_type", "")
        try:
            demand = demand_of(form.get("claims", ""))
        except ValueError:
            raise StsError(70011, scope="claims") from None
        if grant == "authorization_code":
            return self._by_code(tenant, client, form, demand, issuer)
        if grant == "refresh_token":
            return self._by_refresh(tenant, client, form, demand, issuer)
        if grant == DEVICE_GRANT:
            return self._by_device(tenant, client, form, demand, issuer)
        if not grant:
            raise StsError(900144, parameter="grant_type")
        raise StsError(70003, grant=grant)

    def _by_code(
        self,
        tenant: Tenant | None,
        client: ClientApp,
        form: Mapping[str, str],
        demand: Demand,
        issuer: str,
    ) -> dict[str, Any]:
        code = self._identity.codes.get(form.get("code", ""))
        if code is None or code.client is not client:
            raise StsError(70000)
        if code.is_used:
            raise StsError(54005)
        if code.expires <= self._identity.directory.now():
            raise StsError(70008)
        if tenant is not None and tenant is not code.tenant:
            raise StsError(700005)
        if form.get("redirect_uri", "") != code.redirect:
            raise StsError(50011, redirect=form.get("redirect_uri", ""), client=client.client_id)
        verifier = form.get("code_verifier", "")
        if code.challenge and code.challenge != challenge_of(verifier):
            raise StsError(501481)
        code.is_used = True
        wanted, openid = code.wanted, code.openid
        if form.get("scope"):
            wanted, openid = self._identity.wanted_of(form["scope"], code.tenant, client)
        return self._issue(
            client, code.tenant, code.session, wanted, openid, demand, issuer, code.nonce
        )

    def _by_refresh(
        self,
        tenant: Tenant | None,
        client: ClientApp,
        form: Mapping[str, str],
        demand: Demand,
        issuer: str,
    ) -> dict[str, Any]:
        identity = self._identity
        now = identity.directory.now()
        refresh = identity.refreshes.get(form.get("refresh_token", ""))
        if refresh is None or refresh.client is not client:
            raise StsError(70000)
        idle = now - refresh.issued
        if idle > REFRESH_LIFE:
            stamp = f"{refresh.issued:%Y-%m-%dT%H:%M:%S}.0000000Z"
            raise StsError(700082, issued=stamp, idle=f"{REFRESH_LIFE.days}.00:00:00")
        identity.check_session(refresh.session, refresh.issued)
        home = identity.person(refresh.session)[0]
        place = tenant or home
        wanted, openid = identity.wanted_of(form.get("scope", ""), place, client)
        return self._issue(client, place, refresh.session, wanted, openid, demand, issuer)

    def _by_device(
        self,
        tenant: Tenant | None,
        client: ClientApp,
        form: Mapping[str, str],
        demand: Demand,
        issuer: str,
    ) -> dict[str, Any]:
        if not client.public_flows:
            raise StsError(7000218)
        now = self._identity.directory.now()
        flow = self._identity.devices.get(form.get("device_code", form.get("code", "")))
        if flow is None or flow.client is not client or flow.is_used:
            raise StsError(70018)
        if tenant is not flow.tenant:
            raise StsError(700005)
        if flow.refusal is not None:
            raise flow.refusal
        session, chosen = flow.session, flow.chosen
        if session is None or chosen is None:
            raise self._not_yet(flow, now)
        flow.is_used = True
        return self._issue(client, chosen, session, flow.wanted, flow.openid, demand, issuer)

    def _not_yet(self, flow: DeviceFlow, now: datetime) -> StsError:
        if flow.expires <= now:
            return StsError(70020)
        last, flow.polled = flow.polled, now
        if last is not None and now - last < timedelta(seconds=self.interval - 1):
            return StsError(70016, error="slow_down")
        return StsError(70016)

    def _issue(
        self,
        client: ClientApp,
        tenant: Tenant,
        session: Session,
        wanted: tuple[Wanted, ...],
        openid: frozenset[str],
        demand: Demand,
        issuer: str,
        nonce: str = "",
    ) -> dict[str, Any]:
        """Tokens for one service; everything that may have changed since the sign-in is checked."""
        identity = self._identity
        home, user = identity.person(session)
        try:
            resource, scopes, names = self._allowed(
                client, tenant, home, user, session, wanted, demand
            )
        except StsError as error:
            identity.note(
                "token",
                client.client_id,
                tenant=tenant.tenant_id,
                account=user.upn,
                code=error.code,
                has_mfa=session.has_mfa,
            )
            raise
        now = identity.directory.now()
        serial = identity.directory.next_serial()
        life = _CAE_LIFE if demand.is_cae else _HOUR + number("life", serial) % (_HOUR // 2)
        access = AccessToken(
            home.tenant_id,
            user.user_id,
            tenant.tenant_id,
            resource.audience,
            scopes,
            session.has_mfa,
            demand.is_cae,
            serial,
            now + timedelta(seconds=life),
        )
        token = sign(_access_claims(client, tenant, home, user, access, resource, now))
        identity.new_access(token, access)
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": " ".join(names + sorted(openid - {"offline_access"})),
            "expires_in": life,
            "ext_expires_in": life,
            "access_token": token,
        }
        if demand.is_cae:
            answer["refresh_in"] = life // 2
        if "offline_access" in openid:
            answer["refresh_token"] = identity.new_refresh(client, session)
        if "openid" in openid:
            claims = _id_claims(client, tenant, home, user, issuer, now, life)
            answer["id_token"] = sign(claims | ({"nonce": nonce} if nonce else {}))
        answer["client_info"] = client_info(home, user)
        identity.note(
            "token",
            client.client_id,
            tenant=tenant.tenant_id,
            account=user.upn,
            scopes=answer["scope"],
            has_mfa=session.has_mfa,
        )
        return answer

    def _allowed(
        self,
        client: ClientApp,
        tenant: Tenant,
        home: Tenant,
        user: User,
        session: Session,
        wanted: tuple[Wanted, ...],
        demand: Demand,
    ) -> tuple[Resource, frozenset[str], list[str]]:
        """The service, the permissions and their names as the client writes them."""
        identity = self._identity
        if len({want.resource for want in wanted}) > 1:
            asked = " ".join(f"{want.prefix}/{name}" for want in wanted for name in want.scopes)
            raise StsError(28000, scope=asked)
        if not wanted:
            raise StsError(28003)
        identity.check_account(user, silent=True)
        identity.admit(tenant, home, user, client)
        if not session.has_mfa and identity.asks_mfa(user, home, tenant, wanted, demand):
            has_method = identity.account(user).has_method
            raise mfa_refusal(wanted[0].resource.app_id, has_method=has_method)
        if identity.missing(tenant, client, user, wanted):
            raise StsError(65001, client=client.client_id, name=client.name)
        resource = wanted[0].resource
        scopes = identity.granted(tenant, client, resource, user.user_id)
        names: list[str] = []
        for want in wanted:
            mark = f"{want.prefix}/" if want.prefix else ""
            names += sorted(f"{mark}{scope}" for scope in scopes | want.scopes)
        return resource, scopes, names


def client_info(home: Tenant, user: User) -> str:
    """Who the account is, whatever tenant the token is for: MSAL's key of an account."""
    return base64url(dump({"uid": user.user_id, "utid": home.tenant_id}))


def _object_id(tenant: Tenant, home: Tenant, user: User) -> str:
    """The account's id in a tenant: a visitor's is that of a foreign principal."""
    return user.user_id if tenant is home else guid_of(tenant.tenant_id, "foreign", user.user_id)


def _access_claims(
    client: ClientApp,
    tenant: Tenant,
    home: Tenant,
    user: User,
    access: AccessToken,
    resource: Resource,
    now: datetime,
) -> dict[str, Any]:
    start = int(now.timestamp())
    claims: dict[str, Any] = {
        "aud": f"https://{resource.hosts[0]}",
        "iss": f"https://sts.windows.net/{tenant.tenant_id}/",
        "iat": start,
        "nbf": start,
        "exp": int(access.expires.timestamp()),
        "acct": 0,
        "acr": "1",
        "amr": ["pwd", "mfa"] if access.has_mfa else ["pwd"],
        "app_displayname": client.name,
        "appid": client.client_id,
        "appidacr": "0",
        "idtyp": "user",
        "name": user.display_name,
        "oid": _object_id(tenant, home, user),
        "scp": " ".join(sorted(access.scopes)),
        "sub": base64url(guid_of(tenant.tenant_id, user.user_id, "sub").encode()),
        "tid": tenant.tenant_id,
        "unique_name": user.upn,
        "upn": user.upn,
        "uti": guid_of("uti", access.serial),
        "ver": "1.0",
    }
    if tenant is home:
        claims["wids"] = [*user.roles, "b79fbf4d-3ef9-4689-8143-76b194e85509"]
    else:
        claims["idp"] = f"https://sts.windows.net/{home.tenant_id}/"
    if access.is_cae:
        claims["xms_cc"] = ["CP1"]
    return claims


def _id_claims(
    client: ClientApp,
    tenant: Tenant,
    home: Tenant,
    user: User,
    issuer: str,
    now: datetime,
    life: int,
) -> dict[str, Any]:
    start = int(now.timestamp())
    return {
        "aud": client.client_id,
        "iss": issuer.format(tenantid=tenant.tenant_id),
        "iat": start,
        "nbf": start,
        "exp": start + life,
        "name": user.display_name,
        "oid": _object_id(tenant, home, user),
        "preferred_username": user.upn,
        "sub": base64url(guid_of(tenant.tenant_id, user.user_id, client.client_id).encode()),
        "tid": tenant.tenant_id,
        "ver": "2.0",
    }
