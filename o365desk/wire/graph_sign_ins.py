"""When users signed in last: Microsoft Graph's signInActivity, in a listing of its own.

Of its own because it needs a permission and a license of the tenant that the list of users does
not, and where either is missing the whole answer is refused (learn.microsoft.com/graph/api/
user-list, learn.microsoft.com/graph/api/resources/signinactivity).
"""

from datetime import datetime

from o365desk.domain.directory import UserId
from o365desk.wire.codec import JsonBody, decode, moment
from o365desk.wire.graph import Collection, follow, get
from o365desk.wire.messages import ApiRequest, ApiResponse, Page
from o365desk.wire.operations import Operation

LastSignIn = tuple[UserId, datetime | None]


class _Activity(JsonBody):
    last_sign_in_date_time: str | None = None
    last_non_interactive_sign_in_date_time: str | None = None
    last_successful_sign_in_date_time: str | None = None


class _User(JsonBody):
    id: str
    sign_in_activity: _Activity | None = None


class _Users(Collection):
    value: list[_User]


def sign_ins() -> ApiRequest:
    """user-list: with signInActivity 500 users are the largest page, and ten pages a minute are
    allowed (learn.microsoft.com/graph/throttling-limits)."""
    return get(Operation.LIST_SIGN_INS, "/users", ("$select", "id,signInActivity"), ("$top", "500"))


def parse_sign_ins(response: ApiResponse, request: ApiRequest) -> Page[LastSignIn]:
    """Each user with the time (UTC) of the last sign-in; None for who never signed in, of whom
    Microsoft sends no signInActivity."""
    page = decode(response.body, _Users)
    items = tuple((UserId(user.id.lower()), _last(user.sign_in_activity)) for user in page.value)
    return Page(items, follow(request, page.next_link))


def _last(activity: _Activity | None) -> datetime | None:
    """The last successful sign-in, interactive or not.

    Microsoft has noted that since December 2023 and did not fill in what was before. Who succeeded
    last before then has only the other two, which are kept since 2020; they count attempts that
    failed as well. The later of them is taken all the same: to leave a license with somebody who
    tried in vain is the smaller mistake than to say "never" of somebody who worked.
    """
    if activity is None:
        return None
    succeeded = moment(activity.last_successful_sign_in_date_time)
    if succeeded is not None:
        return succeeded
    tried = (
        moment(activity.last_sign_in_date_time),
        moment(activity.last_non_interactive_sign_in_date_time),
    )
    return max((when for when in tried if when is not None), default=None)
