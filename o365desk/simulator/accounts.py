"""The rules of accounts: create, change, delete, restore and password reset."""

import string
from collections.abc import Mapping
from datetime import datetime

from o365desk.simulator import licensing, passwords, roles
from o365desk.simulator.ids import guid_of
from o365desk.simulator.refusals import (
    SYNCED_TEXT,
    conflict,
    denied,
    invalid,
    not_found,
)
from o365desk.simulator.state import Lag, LagPolicy, Tenant, Tombstone, User

_UPN_LETTERS = frozenset(string.ascii_letters + string.digits + "'.-_!#^~")
_NICKNAME_BAD = frozenset('@()\\[]";:<>, ')
FIELDS = frozenset(
    {
        "upn",
        "display_name",
        "given_name",
        "surname",
        "usage_location",
        "enabled",
        "nickname",
        "job_title",
        "department",
        "office",
        "mobile",
        "language",
        "country",
        "city",
        "phone",
        "user_type",
        "other_mails",
        "immutable_id",
        "company",
    }
)
"""Attributes of a user that a request may set."""
CLOUD_OWNED = frozenset({"usage_location"})
"""What stays changeable for a synced user: the rest is mastered on premises [K]."""


def check_upn(tenant: Tenant, upn: str, immutable_id: str | None) -> None:
    """Allowed letters, and a verified domain of this tenant (G:user-post-users)."""
    local, at, domain_name = upn.rpartition("@")
    if not at or not 1 <= len(local) <= 64 or not _UPN_LETTERS.issuperset(local):
        raise invalid("Property userPrincipalName is invalid.", "userPrincipalName")
    if local.startswith(".") or local.endswith("."):
        raise invalid("Property userPrincipalName is invalid.", "userPrincipalName")
    domain = tenant.domain(domain_name)
    # An unverified domain is refused without naming it (microsoft-graph-docs#4959).
    if domain is None or not domain.is_verified:
        raise invalid()
    if domain.is_federated and not immutable_id:
        raise invalid()


def _check_fields(changes: Mapping[str, object]) -> None:
    display_name = changes.get("display_name", "x")
    if not isinstance(display_name, str) or not 1 <= len(display_name) <= 256:
        raise invalid("Invalid value specified for property 'displayName' of resource 'User'.")
    location = changes.get("usage_location")
    if location is not None and not (
        isinstance(location, str)
        and len(location) == 2
        and location.isascii()
        and location.isalpha()
    ):
        raise invalid("Invalid value specified for property 'usageLocation' of resource 'User'.")
    nickname = changes.get("nickname", "x")
    if (
        not isinstance(nickname, str)
        or not 1 <= len(nickname) <= 64
        or not nickname.isascii()
        or _NICKNAME_BAD.intersection(nickname)
    ):
        raise invalid("Invalid value specified for property 'mailNickname' of resource 'User'.")


def _address_taken(tenant: Tenant, address: str, but: User | None) -> bool:
    """True when an active user's UPN, mail or alias, or a deleted user's alias, is this one."""
    low = address.lower()
    holder = tenant.upns.get(low)
    if holder is not None and (but is None or holder != but.user_id):
        return True
    proxy = "smtp:" + low
    for user in tenant.users.values():
        if user is not but and (
            (user.mail is not None and user.mail.lower() == low and user.user_type != "Guest")
            or (user.proxies and any(held.lower() == proxy for held in user.proxies))
        ):
            return True
    return any(
        held.lower() == proxy
        for user in tenant.deleted.values()
        if user is not but
        for held in user.proxies
    )


def create(
    tenant: Tenant,
    fields: Mapping[str, object],
    password: str | None,
    force_change: bool,
    now: datetime,
    lag: LagPolicy,
) -> User:
    """Makes a user; `fields` are attribute names of User."""
    upn = str(fields["upn"])
    immutable_id = fields.get("immutable_id")
    check_upn(tenant, upn, str(immutable_id) if immutable_id else None)
    _check_fields(fields)
    if not password:
        raise invalid("A password must be specified to create a new user.", "password")
    passwords.check(password, upn, tenant.banned_words)
    if _address_taken(tenant, upn, None):
        raise conflict("userPrincipalName")
    user = User(
        guid_of(tenant.tenant_id, "created", tenant.version, upn),
        tenant.next_seq(),
        upn,
        str(fields["display_name"]),
        None,
        None,
        None,
        now,
        {},
    )
    _apply(user, fields)
    user.password, user.force_change, user.password_changed = password, force_change, now
    tenant.add(user)
    reads, seconds = lag.new_user()
    if reads or seconds:
        tenant.hidden[user.user_id] = Lag.start(reads, seconds, now)
    tenant.changed(user)
    return user


def _apply(user: User, changes: Mapping[str, object]) -> None:
    for name, value in changes.items():
        if name == "usage_location" and isinstance(value, str):
            value = value.upper()
        setattr(user, name, value)


def update(tenant: Tenant, user: User, changes: Mapping[str, object]) -> None:
    """Changes attributes, all or none."""
    if user.synced and not CLOUD_OWNED.issuperset(changes):
        raise invalid(SYNCED_TEXT)
    _check_fields(changes)
    upn = changes.get("upn")
    if isinstance(upn, str):
        check_upn(tenant, upn, user.immutable_id)
        if _address_taken(tenant, upn, user):
            raise conflict("userPrincipalName")
        del tenant.upns[user.upn.lower()]
        tenant.upns[upn.lower()] = user.user_id
        if user.mail == user.upn:
            # The old address stays as an alias, so that mail still arrives.
            user.proxies = (f"smtp:{user.mail}", *user.proxies)
            user.mail = upn
    _apply(user, changes)
    tenant.changed(user)


def check_reset(tenant: Tenant, actor: frozenset[str], user: User) -> None:
    """Who may reset whom (G:resources/users.md); guests and on-premises passwords never."""
    in_role_group = any(
        group.role_assignable and (group.group_id in user.groups or user.user_id in group.owners)
        for group in tenant.groups.values()
    )
    if user.user_type == "Guest" or not roles.may_reset(
        actor, user.roles, role_assignable=in_role_group
    ):
        raise denied()


def reset_password(
    tenant: Tenant,
    actor: frozenset[str],
    user: User,
    password: str,
    force_change: bool,
    now: datetime,
) -> None:
    """Sets a cloud password."""
    check_reset(tenant, actor, user)
    domain = tenant.domain(user.upn.rpartition("@")[2])
    if user.synced or (domain is not None and domain.is_federated):
        raise invalid(SYNCED_TEXT)
    passwords.check(password, user.upn, tenant.banned_words)
    user.password, user.force_change, user.password_changed = password, force_change, now
    tenant.changed(user)


def delete(
    tenant: Tenant, actor: frozenset[str], user: User, now: datetime, lag: LagPolicy
) -> None:
    """Soft delete: the seats are free at once, the licences stay noted on the object."""
    # Deleting an administrator needs a role above his (G:user-delete).
    if user.roles and not roles.may_reset(actor, user.roles, role_assignable=False):
        raise denied()
    if user.synced:
        raise invalid(SYNCED_TEXT)  # the real answer is not known [K]
    licensing.note_counts(tenant, now, lag)
    licensing.free_seats(tenant, tenant.seats(user))
    del tenant.users[user.user_id]
    del tenant.upns[user.upn.lower()]
    tenant.hidden.pop(user.user_id, None)
    user.deleted_at = now
    tenant.deleted[user.user_id] = user
    tenant.changed(user)
    tenant.tombstones[user.user_id] = Tombstone(tenant.version, "changed")


def restore(
    tenant: Tenant,
    user_id: str,
    now: datetime,
    lag: LagPolicy,
    *,
    new_upn: str | None = None,
    reconcile: bool = False,
) -> User:
    """Brings a deleted user back with its licences, even where no seat is free (ENTRA)."""
    user = tenant.deleted.get(user_id.lower())
    if user is None:
        raise not_found(user_id)
    upn = new_upn or user.upn
    if new_upn is not None:
        check_upn(tenant, new_upn, user.immutable_id)
    if upn.lower() in tenant.upns:
        raise conflict("userPrincipalName")
    mine = {address.partition(":")[2].lower() for address in user.addresses()}
    taken = {address for address in mine if _address_taken(tenant, address, user)}
    if taken and not reconcile:
        raise conflict("proxyAddresses")
    if taken:
        user.proxies = tuple(
            held for held in user.proxies if held.partition(":")[2].lower() not in taken
        )
        if user.mail is not None and user.mail.lower() in taken:
            user.mail = upn
    licensing.note_counts(tenant, now, lag)
    del tenant.deleted[user.user_id]
    tenant.tombstones.pop(user.user_id, None)
    user.upn, user.deleted_at, user.seq = upn, None, tenant.next_seq()
    tenant.add(user)
    licensing.take_seats(tenant, tenant.seats(user))
    tenant.changed(user)
    return user


def purge(tenant: Tenant, user_id: str) -> None:
    """Deletes a deleted user for good."""
    user = tenant.deleted.get(user_id.lower())
    if user is None:
        raise not_found(user_id)
    tenant.drop(user)


def seen(tenant: Tenant, user: User, now: datetime) -> bool:
    """False while a new user has not reached every copy of the directory; counts one read."""
    lag = tenant.hidden.get(user.user_id)
    if lag is None:
        return True
    if lag.over(now):
        del tenant.hidden[user.user_id]
        return True
    return False


def find(tenant: Tenant, key: str, now: datetime) -> User:
    """An active user by id or UPN, or the refusal both faces give."""
    user = tenant.find(key)
    if user is None or not seen(tenant, user, now):
        raise not_found(key)
    return user
