"""What the operator may do in a tenant, and to whom: directory roles against Microsoft's tables.

Who may act: learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference, and
the "GDAP roles" of learn.microsoft.com/partner-center/developer/... To whom: "Who can reset
passwords" and "Who can perform sensitive actions" of
learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions

What is not known forbids nothing: Microsoft has the last word then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from o365desk.domain import roles
from o365desk.domain.access import Service
from o365desk.domain.acts import Act
from o365desk.domain.directory import UserId
from o365desk.domain.licensing import GroupId
from o365desk.domain.roles import BUILT_IN, UNNAMED, RoleId, joined, role_names

Roles = frozenset[RoleId]

ENDING_SOON: Final = timedelta(days=30)
"""From when on the end of a GDAP relationship is told."""

# ---- who may act -----------------------------------------------------------------------------

_TOP: Final = frozenset({roles.PRIVILEGED_AUTHENTICATION, roles.GLOBAL})
_SENSITIVE: Final = _TOP | {roles.USER, roles.AUTHENTICATION}
_USERS: Final = frozenset({roles.USER, roles.GLOBAL})

WHO_MAY: Final[dict[Service, dict[Act, Roles]]] = {
    Service.GRAPH: {
        Act.LICENSE: _USERS | {roles.LICENSE, roles.WRITERS},
        Act.CREATE: _USERS | {roles.WRITERS},
        Act.EDIT: _SENSITIVE | {roles.WRITERS, roles.INTUNE},
        Act.DELETE: _SENSITIVE,
        # Directory Writers: only Partner Center's page names it, and both write one directory.
        Act.RESTORE: _SENSITIVE | {roles.WRITERS},
        Act.RESET_PASSWORD: _SENSITIVE | {roles.HELPDESK, roles.PASSWORD},
    },
    Service.PARTNER_CENTER: {
        Act.LICENSE: _USERS | {roles.LICENSE, roles.WRITERS},
        Act.CREATE: _USERS,
        Act.EDIT: _USERS,
        Act.DELETE: _USERS,
        Act.RESTORE: _USERS | {roles.WRITERS},
        Act.RESET_PASSWORD: _USERS | {roles.PRIVILEGED_AUTHENTICATION},
    },
}
"""Any one of these roles is enough, through the service that serves the tenant."""

_LEAST: Final[dict[Act, RoleId]] = {
    Act.LICENSE: roles.LICENSE,
    Act.CREATE: roles.USER,
    Act.EDIT: roles.USER,
    Act.DELETE: roles.USER,
    Act.RESTORE: roles.USER,
    Act.RESET_PASSWORD: roles.PASSWORD,
}


def least_role(act: Act, service: Service) -> RoleId:
    """The role to ask for: the one that allows an act and the least beside it."""
    role = _LEAST[act]
    return role if role in WHO_MAY[service][act] else roles.USER


# ---- to whom ---------------------------------------------------------------------------------

_ANYONE: Final = _SENSITIVE | {roles.HELPDESK, roles.PASSWORD}
_NOT_PASSWORD: Final = _ANYONE - {roles.PASSWORD}
_BY_TARGET: Final[dict[RoleId, Roles]] = {
    roles.READERS: _ANYONE,
    roles.GUEST_INVITER: _ANYONE,
    roles.PASSWORD: _ANYONE,
    roles.MESSAGE_READER: _NOT_PASSWORD,
    roles.REPORTS_READER: _NOT_PASSWORD,
    roles.USAGE_READER: _NOT_PASSWORD,
    roles.EXPERIENCE: _NOT_PASSWORD,
    roles.HELPDESK: _TOP | {roles.HELPDESK, roles.USER},
    roles.AUTHENTICATION: _TOP | {roles.AUTHENTICATION},
    roles.GROUPS: _TOP | {roles.USER},
    roles.USER: _TOP | {roles.USER},
}
"""Who may reset the password of a holder; of any other role, custom ones included: `_TOP`."""

_ON_HOLDERS: Final = {
    Act.DELETE: _SENSITIVE,
    Act.RESTORE: _SENSITIVE,
    Act.RESET_PASSWORD: _ANYONE,
}
"""Acts that some role holders are protected from. The table of sensitive actions is that of the
passwords without the columns of Helpdesk and Password Administrators."""


def protects(act: Act) -> bool:
    """Whether some role holders are protected from an act."""
    return act in _ON_HOLDERS


@dataclass(frozen=True, slots=True)
class Holder:
    """What makes an account one to be careful with."""

    roles: Roles = frozenset()
    """May hold UNNAMED."""
    in_role_group: bool = False
    """Member or owner of a group that roles can be assigned to."""

    @property
    def protected(self) -> bool:
        return bool(self.roles) or self.in_role_group

    @property
    def title(self) -> str:
        """ "Global Administrator and Exchange Administrator"; empty for nobody special."""
        if self.roles:
            title = joined(role_names(self.roles), "and")
            return title[:1].upper() + title[1:]
        return "Member of a group for administrators" if self.in_role_group else ""

    def described(self, name: str) -> str:
        """ "Adele Vance is a Global Administrator." """
        named = role_names(self.roles)
        if not named:
            return f"{name} is in a group that can be given administrator roles."
        if len(named) == 1 and named[0].endswith(("Administrator", "Reader", "Inviter")):
            return f"{name} is {_article(named[0])} {named[0]}."
        if named == [roles.role_name(UNNAMED)]:
            return f"{name} holds an administrator role."
        return f"{name} holds the {_plural(named)} {joined(named, 'and')}."


NOBODY_SPECIAL: Final = Holder()


def who_may(act: Act, holder: Holder, service: Service = Service.GRAPH) -> Roles:
    """Roles of which any one is enough to do this to an account. All roles of the holder count:
    one that is out of reach protects it."""
    allowed = WHO_MAY[service][act]
    on_holders = _ON_HOLDERS.get(act)
    if on_holders is None or not holder.protected:
        return allowed
    if holder.in_role_group:
        allowed &= _TOP
    for role in holder.roles - {UNNAMED}:
        allowed &= on_holders & _BY_TARGET.get(role, _TOP)
    return allowed


# ---- what is known of a tenant -----------------------------------------------------------------


class Source(StrEnum):
    """Where the operator's roles in a tenant come from."""

    OWN = "own"
    """Assigned in the operator's own organization."""
    RELATION = "relation"
    """A GDAP relationship with the customer."""


class Caution(StrEnum):
    """What a dialog does before it lets an act go."""

    NONE = "none"
    CONFIRM = "confirm"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Protection:
    """Why care is needed with an account, as its dialog says it."""

    caution: Caution = Caution.NONE
    sentence: str = ""
    intent: str = ""
    """What the operator has to confirm: "I mean to delete this account."."""


@dataclass(frozen=True, slots=True)
class TenantRights:
    """What is known of the operator's rights in one tenant, and of its role holders."""

    tenant: str
    """The tenant's name, for the sentences."""
    service: Service = Service.GRAPH
    """Through which its users are managed."""
    source: Source = Source.OWN
    roles: Roles | None = None
    """The most the operator can have there; None: not known."""
    offered: Roles = frozenset()
    """What the relationship gives to somebody, the operator or not."""
    ended: datetime | None = None
    """When the relationship ended; nothing is possible since."""
    ends: datetime | None = None
    """When a relationship ends that takes roles with it, where that is soon."""
    holders: Mapping[UserId, Holder] | None = None
    """Everybody to be careful with; None: not known, look the user up."""
    denied: frozenset[Act] = field(default_factory=frozenset)
    """What Microsoft has refused in this session for want of a role."""

    def without(self, act: Act) -> "TenantRights":
        """The same, after Microsoft has refused an act for want of a role."""
        return replace(self, denied=self.denied | {act})

    def holder(self, user: UserId) -> Holder | None:
        """What is known of an account; None: nothing."""
        return None if self.holders is None else self.holders.get(user, NOBODY_SPECIAL)

    @property
    def refused(self) -> dict[Act, str]:
        """What cannot be done to anybody here, each with the reason and whom to ask."""
        said = {act: self._against(act) for act in Act}
        return {act: reason for act, reason in said.items() if reason}

    def _against(self, act: Act) -> str:
        if self.ended is not None:
            return (
                f"The GDAP relationship with {self.tenant} ended on {day(self.ended)}. "
                f"Ask {self.tenant} to approve a new one."
            )
        allowed = WHO_MAY[self.service][act]
        least = roles.role_name(least_role(act, self.service))
        if self._lacks(allowed):
            return f"{least} is missing for {self.tenant}. {self._advice(allowed)}"
        if act in self.denied:
            return (
                f"Microsoft refused this for {self.tenant}: {least} seems to be missing. "
                "Refresh (F5) when you have it."
            )
        return ""

    def _lacks(self, allowed: Roles) -> bool:
        """Whether the operator certainly has none of these roles."""
        return (
            self.roles is not None
            and not self.roles & allowed
            and all(role in BUILT_IN for role in self.roles)
        )

    def _advice(self, allowed: Roles) -> str:
        if self.source is Source.OWN:
            return "Ask a Global Administrator to assign it, or activate it, then refresh (F5)."
        if self.offered & allowed:
            return (
                "The GDAP relationship has it, but none of your security groups: ask your "
                "Partner Center administrator to give it to one of them."
            )
        return f"Ask {self.tenant} to approve a GDAP relationship that includes it."

    def forbidden(self, act: Act, name: str, holder: Holder | None) -> str:
        """Why Microsoft would refuse to do this to an account, though not to others."""
        if holder is None or not holder.protected or act not in _ON_HOLDERS:
            return ""
        allowed = who_may(act, holder, self.service)
        if not self._lacks(allowed):
            return ""
        enough = joined(role_names(allowed), "or")
        return f"{holder.described(name)} {_TAKES[act]} takes {enough}."

    def protection(self, act: Act, name: str, holder: Holder) -> Protection:
        """What the dialog for an act on an account has to say and to ask."""
        forbidden = self.forbidden(act, name, holder)
        if forbidden:
            return Protection(Caution.FORBIDDEN, forbidden)
        if holder.protected and act in _INTENTS:
            return Protection(Caution.CONFIRM, holder.described(name), _INTENTS[act])
        return Protection()

    def ending(self, now: datetime) -> str:
        """That the relationship ends soon; empty when it does not."""
        if self.ends is None or not now < self.ends <= now + ENDING_SOON:
            return ""
        days = (self.ends.date() - now.date()).days
        left = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
        return f"The GDAP relationship with {self.tenant} ends on {day(self.ends)}, {left}."


_TAKES: Final = {
    Act.DELETE: "Deleting this account",
    Act.RESTORE: "Restoring this account",
    Act.RESET_PASSWORD: "Resetting this password",
}
_INTENTS: Final = {
    Act.DELETE: "I mean to delete this account.",
    Act.RESTORE: "I mean to restore this account.",
    Act.RESET_PASSWORD: "I mean to reset this password.",
}


def merged_refusals(*refusals: Mapping[Act, str]) -> dict[Act, str]:
    """Several reasons against acts as one mapping; of each act the first reason wins."""
    merged: dict[Act, str] = {}
    for refused in refusals:
        for act, reason in refused.items():
            if reason:
                merged.setdefault(act, reason)
    return merged


# ---- GDAP relationships ------------------------------------------------------------------------


class RelationState(StrEnum):
    """Microsoft's ten states, as far as they matter here."""

    COMING = "coming"
    ACTIVE = "active"
    CHANGING = "changing"
    """On the way in or out: may still, or already, give its roles."""
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Relation:
    """One GDAP relationship with a customer."""

    id: str
    roles: Roles
    state: RelationState
    ends: datetime | None = None
    extends: bool = False
    """Microsoft extends it by itself when it ends."""

    def alive(self, now: datetime) -> bool:
        return self.state is RelationState.ACTIVE and (self.ends is None or now < self.ends)

    def may_give(self, now: datetime) -> bool:
        return self.state is RelationState.CHANGING or self.alive(now)


@dataclass(frozen=True, slots=True)
class Grant:
    """Roles of a relationship that a security group of the partner has been given."""

    group: GroupId
    roles: Roles


def all_roles(givers: Iterable[Relation | Grant]) -> Roles:
    """The roles of all of these together."""
    return frozenset().union(*(giver.roles for giver in givers))


def ended(relations: Iterable[Relation], now: datetime) -> datetime | None:
    """When the last relationship ended; None while one may give roles, or when none ever did."""
    ends = []
    for relation in relations:
        if relation.may_give(now):
            return None
        if relation.ends is not None and relation.state is not RelationState.COMING:
            ends.append(min(relation.ends, now))
    return max(ends, default=None)


def ends_soon(relations: Iterable[Relation], now: datetime) -> datetime | None:
    """The next end of a living relationship whose roles no other one keeps up."""
    alive = [relation for relation in relations if relation.alive(now)]
    coming = sorted(
        (relation.ends, relation.roles)
        for relation in alive
        if relation.ends is not None and not relation.extends
    )
    for end, given in coming:
        lasting = (
            other
            for other in alive
            if other.extends or other.ends is None or other.ends - end > ENDING_SOON
        )
        if end - now <= ENDING_SOON and given - all_roles(lasting):
            return end
    return None


# ---- words -------------------------------------------------------------------------------------

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def day(moment: datetime) -> str:
    """ "3 March 2026", in English like the sentence around it."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _article(noun: str) -> str:
    return "an" if noun[0] in "AEIO" else "a"


def _plural(names: list[str]) -> str:
    return "role" if len(names) == 1 else "roles"
