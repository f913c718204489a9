"""Users in Microsoft Graph v1.0: listing, licences, and everything done to one user.

Every builder and parser names the page it follows, all under learn.microsoft.com/graph/api.
"""

import msgspec

from o365desk.domain.directory import User, UserId, UserState
from o365desk.domain.licensing import GroupId, LicenseAssignment, PlanId, SkuId
from o365desk.wire.codec import JsonBody, decode, moment, segment, sku_id, unexpected
from o365desk.wire.graph import Collection, follow, get
from o365desk.wire.graph_licensing import Plan
from o365desk.wire.messages import ApiRequest, ApiResponse, Page
from o365desk.wire.operations import Operation

USER_SELECT = (
    "id,displayName,userPrincipalName,givenName,surname,accountEnabled,usageLocation,userType,"
    "onPremisesSyncEnabled,mail,assignedLicenses,licenseAssignmentStates"
)
"""Unselected, a listing holds eleven properties and no licences. Only what is shown is asked for:
each property costs every user of every page."""

_LICENSES = "id,assignedLicenses,licenseAssignmentStates"
_NO_ERROR = frozenset(("", "none"))
"""`error` is null, empty or the word "None" when there is none
(learn.microsoft.com/graph/api/resources/licenseassignmentstate)."""

Licenses = tuple[LicenseAssignment, ...]


class _License(msgspec.Struct, rename="camel", gc=False, frozen=True):
    """assignedLicense. Frozen, as `_State`: whole combinations are keys of a cache."""

    sku_id: str
    disabled_plans: tuple[str, ...] | None = None


class _State(msgspec.Struct, rename="camel", gc=False, frozen=True):
    """licenseAssignmentState. lastUpdatedDateTime stays unread: nearly every user would differ."""

    sku_id: str
    assigned_by_group: str | None = None
    disabled_plans: tuple[str, ...] | None = None
    error: str | None = None


_Parts = tuple[_License | None, tuple[_State, ...]]
"""Everything said about one SKU of one user."""


class _Held(JsonBody):
    assigned_licenses: tuple[_License, ...] | msgspec.UnsetType | None = msgspec.UNSET
    license_assignment_states: tuple[_State, ...] | None = None


class _User(JsonBody):
    id: str
    assigned_licenses: tuple[_License, ...] | None = None
    license_assignment_states: tuple[_State, ...] | None = None
    display_name: str | None = None
    user_principal_name: str | None = None
    given_name: str | None = None
    surname: str | None = None
    account_enabled: bool | None = None
    usage_location: str | None = None
    user_type: str | None = None
    on_premises_sync_enabled: bool | None = None
    mail: str | None = None
    deleted_date_time: str | None = None


class _Users(Collection):
    value: list[_User]


class UserPages:
    """Parses the pages of one load of a tenant's users.

    One object a load: it remembers the licence combinations it has met, because a tenant of
    100,000 users has a few dozen of them, and sharing them saves most of the time and memory.
    """

    def __init__(self) -> None:
        self._combinations: dict[
            tuple[tuple[_License, ...] | None, tuple[_State, ...] | None], Licenses | None
        ] = {}
        self._combined = _Combiner()
        self._words: dict[str | None, str] = {None: ""}

    def __call__(self, response: ApiResponse, request: ApiRequest) -> Page[User]:
        """user-list, and directory-deleteditems-list with the cast to user."""
        page = decode(response.body, _Users)
        return Page(self._users(page.value), follow(request, page.next_link))

    def one(self, response: ApiResponse) -> User:
        """user-get."""
        return self._users([decode(response.body, _User)])[0]

    def _users(self, found: list[_User]) -> tuple[User, ...]:
        combinations, words = self._combinations, self._words
        make = tuple.__new__  # a third of the time of User(...), which is a Python function
        active, blocked = UserState.ACTIVE, UserState.BLOCKED
        users: list[User] = []
        append = users.append
        for u in found:
            key = (u.assigned_licenses, u.license_assignment_states)
            try:
                licenses = combinations[key]
            except KeyError:
                licenses = combinations[key] = self._combined(*key)
            try:
                location = words[u.usage_location]
            except KeyError:
                location = words[u.usage_location] = (u.usage_location or "").upper()
            username = u.user_principal_name or ""
            mail = u.mail or ""
            append(
                make(
                    User,
                    (
                        u.id.lower(),
                        u.display_name or "",
                        username,
                        u.given_name or "",
                        u.surname or "",
                        blocked if u.account_enabled is False else active,
                        location,
                        licenses,
                        None,
                        u.on_premises_sync_enabled is True,
                        u.user_type == "Guest",
                        username if mail == username else mail,
                    ),
                )
            )
            if u.deleted_date_time is not None:
                users[-1] = _deleted(users[-1], u.deleted_date_time)
        return tuple(users)


class DeletedUserPages(UserPages):
    """The same for deleted users, whose listing may leave deletedDateTime out."""

    def __call__(self, response: ApiResponse, request: ApiRequest) -> Page[User]:
        page = super().__call__(response, request)
        return Page(tuple(u if u.deleted else _deleted(u, None) for u in page.items), page.next)


def _deleted(user: User, when: str | None) -> User:
    """Microsoft prefixes the name of a deleted user with its object id, without hyphens."""
    prefix = user.id.replace("-", "")
    username = user.username
    if prefix and username.lower().startswith(prefix):
        username = username[len(prefix) :]
    return user._replace(state=UserState.DELETED, deleted_at=moment(when), username=username)


class _Combiner:
    """Makes licences of assignedLicenses, which tells what is held, and licenseAssignmentStates,
    which tells through whom and what failed; equal ones are made once and shared.

    A SKU without a state (older answers send none) is held directly. A state without its SKU
    among the assigned ones counts only while it reports an error: after leaving a group the
    state may linger (learn.microsoft.com/graph/api/resources/licenseassignmentstate).
    """

    def __init__(self) -> None:
        self._ids: dict[str, SkuId] = {}
        self._made: dict[_Parts, LicenseAssignment] = {}

    def __call__(
        self, assigned: tuple[_License, ...] | None, states: tuple[_State, ...] | None
    ) -> Licenses | None:
        if assigned is None and states is None:
            return None
        by_sku: dict[SkuId, _Parts] = {self._id(g.sku_id): (g, ()) for g in assigned or ()}
        for state in states or ():
            id_ = self._id(state.sku_id)
            parts = by_sku.get(id_)
            if parts is not None:
                by_sku[id_] = (parts[0], (*parts[1], state))
            elif assigned is None or _error(state):
                by_sku[id_] = (None, (state,))
        return tuple(self._assignment(id_, parts) for id_, parts in by_sku.items())

    def _id(self, text: str) -> SkuId:
        known = self._ids.get(text)
        if known is None:
            known = self._ids[text] = sku_id(text)
        return known

    def _assignment(self, id_: SkuId, parts: _Parts) -> LicenseAssignment:
        made = self._made.get(parts)
        if made is None:
            made = self._made[parts] = _assignment(id_, *parts)
        return made


def _assignment(
    id_: SkuId, given: _License | None, states: tuple[_State, ...]
) -> LicenseAssignment:
    own = [state for state in states if not state.assigned_by_group]
    direct = bool(own) or not states
    disabled = own[0].disabled_plans if own else given.disabled_plans if given and direct else ()
    groups = dict.fromkeys(s.assigned_by_group.lower() for s in states if s.assigned_by_group)
    return LicenseAssignment(
        sku_id=id_,
        direct=direct,
        groups=tuple(GroupId(group) for group in groups),
        disabled_plans=tuple(PlanId(plan.lower()) for plan in disabled or ()),
        error=next((error for state in states if (error := _error(state))), ""),
    )


def _error(state: _State) -> str:
    return "" if (state.error or "").lower() in _NO_ERROR else state.error or ""


# ---- reading -------------------------------------------------------------------------------


def users() -> ApiRequest:
    """user-list: 999 is the largest page."""
    return get(Operation.LIST_USERS, "/users", ("$select", USER_SELECT), ("$top", "999"))


def deleted_users() -> ApiRequest:
    """directory-deleteditems-list; without the cast to user it is not supported."""
    return get(
        Operation.LIST_DELETED_USERS,
        "/directory/deletedItems/microsoft.graph.user",
        ("$select", f"{USER_SELECT},deletedDateTime"),
        ("$top", "999"),
    )


def user(user: UserId) -> ApiRequest:
    """user-get."""
    return get(Operation.GET_USER, user_path(user), ("$select", USER_SELECT))


def parse_user(response: ApiResponse) -> User:
    """One user; also what user-post-users and directory-deleteditems-restore answer, without
    licences then."""
    return UserPages().one(response)


def licenses(user: UserId) -> ApiRequest:
    """user-get, for the licences alone."""
    return get(Operation.GET_LICENSES, user_path(user), ("$select", _LICENSES))


def parse_licenses(response: ApiResponse) -> Licenses:
    """Licences of one user, read singly or answered by user-assignlicense. An answer that does not
    speak of licences must not be taken for a user who holds none."""
    held = decode(response.body, _Held)
    if held.assigned_licenses is msgspec.UNSET:
        raise unexpected("no assignedLicenses")
    return _Combiner()(held.assigned_licenses, held.license_assignment_states) or ()


class _LicenseDetail(JsonBody):
    sku_id: str
    service_plans: list[Plan] | None = None


class _LicenseDetails(Collection):
    value: list[_LicenseDetail]


def license_details(user: UserId) -> ApiRequest:
    """user-list-licensedetails."""
    return get(Operation.GET_LICENSES, f"{user_path(user)}/licenseDetails")


def parse_license_details(response: ApiResponse) -> Licenses:
    """Licences with the plans switched off in them; does not tell direct from inherited."""
    return tuple(
        LicenseAssignment(
            sku_id(found.sku_id),
            disabled_plans=tuple(
                PlanId(plan.service_plan_id.lower())
                for plan in found.service_plans or ()
                if plan.service_plan_id and (plan.provisioning_status or "").lower() == "disabled"
            ),
        )
        for found in decode(response.body, _LicenseDetails).value
    )


def user_path(user: UserId) -> str:
    """Address of a user: by id, never by name, which guests fill with characters that bite."""
    return f"/users/{segment(user)}"
