"""Graph's deleted users: list, read, restore, purge."""

from typing import Any

from o365desk.simulator import accounts, roles
from o365desk.simulator.graph_answers import (
    Call,
    bad_request,
    empty_answer,
    json_answer,
    raw_answer,
)
from o365desk.simulator.graph_schema import DEFAULT, render, selected
from o365desk.simulator.graph_users import check_options, collection
from o365desk.simulator.messages import HttpResponse
from o365desk.simulator.refusals import not_found
from o365desk.simulator.state import User


def list_deleted(call: Call) -> HttpResponse:
    """GET /directory/deletedItems/microsoft.graph.user."""
    call.require(roles.CAN_READ)
    check_options(call.options)
    users = sorted(call.tenant.deleted.values(), key=lambda user: user.seq)
    return raw_answer(collection(call, users, "deleted", 100, 999))


def list_deleted_uncast(_call: Call) -> HttpResponse:
    """GET /directory/deletedItems without the type is not supported."""
    raise bad_request("The type of the deleted items must be named.", "Request_BadRequest")


def get_deleted(call: Call, key: str) -> HttpResponse:
    """GET /directory/deletedItems/{id}."""
    call.require(roles.CAN_READ)
    user = call.tenant.deleted.get(key.lower())
    if user is None:
        raise not_found(key)
    return json_answer(
        _as_object(call, user, selected(call.options.get("$select"), of_collection=False))
    )


def _as_object(call: Call, user: User, names: tuple[str, ...] = DEFAULT) -> dict[str, Any]:
    # As in samples/graph/deleteditem-restore-group-200.json, for a user.
    return {
        "@odata.context": f"{call.root}/$metadata#directoryObjects/$entity",
        "@odata.type": "#microsoft.graph.user",
        **render(user, call.tenant, names),
    }


def restore(call: Call, key: str) -> HttpResponse:
    """POST /directory/deletedItems/{id}/restore (parameters: CSDL)."""
    call.require(roles.CAN_RESTORE)
    body = call.json_object()
    new_upn, reconcile = body.get("newUserPrincipalName"), body.get("autoReconcileProxyConflict")
    if (
        body.keys() - {"newUserPrincipalName", "autoReconcileProxyConflict"}
        or not isinstance(new_upn, str | None)
        or not isinstance(reconcile, bool | None)
    ):
        raise bad_request("One or more properties contains invalid values.")
    user = accounts.restore(
        call.tenant, key, call.now, call.lag, new_upn=new_upn or None, reconcile=bool(reconcile)
    )
    return json_answer(_as_object(call, user))


def purge(call: Call, key: str) -> HttpResponse:
    """DELETE /directory/deletedItems/{id}: gone for good."""
    call.require(roles.CAN_WRITE_USERS)
    accounts.purge(call.tenant, key)
    return empty_answer()
