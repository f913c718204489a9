"""Graph's sendMail: checks the message, files it in the outbox."""

from typing import Any

from o365desk.simulator import licensing
from o365desk.simulator.graph_answers import Call, GraphError, bad_request, empty_answer, stamp
from o365desk.simulator.messages import HttpResponse


def _addresses(message: dict[str, Any], name: str) -> list[dict[str, str]]:
    found = message.get(name, [])
    if not isinstance(found, list):
        raise bad_request("The property is not of the expected type.", "RequestBodyRead")
    result = []
    for entry in found:
        who = entry.get("emailAddress") if isinstance(entry, dict) else None
        who = who if isinstance(who, dict) else {}
        address = who.get("address")
        if not isinstance(address, str) or "@" not in address.strip("@"):
            raise bad_request("At least one recipient is not valid.", "ErrorInvalidRecipients")
        result.append({"address": address, "name": str(who.get("name") or "")})
    return result


def send_mail(call: Call) -> HttpResponse:
    """POST /me/sendMail: 202 means accepted, not delivered."""
    body = {name.lower(): value for name, value in call.json_object().items()}
    if body.keys() - {"message", "savetosentitems"}:
        raise bad_request("The parameter is not known.", "RequestBodyRead")
    message = body.get("message")
    if not isinstance(message, dict):
        raise bad_request("The parameter 'Message' is missing.", "ErrorInvalidParameter")
    save = body.get("savetosentitems", True)
    # A published request sends the text "false".
    if isinstance(save, str) and save.lower() in {"true", "false"}:
        save = save.lower() == "true"
    if not isinstance(save, bool):
        raise bad_request("saveToSentItems must be a boolean.", "RequestBodyRead")
    me = call.tenant.users.get(call.actor.user_id)
    if me is None:
        raise GraphError(
            403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."
        )
    if not licensing.has_mailbox(call.tenant, me):
        raise GraphError(
            404,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        )
    text = message.get("body", {})
    kind = str(text.get("contentType", "text")) if isinstance(text, dict) else ""
    if kind.lower() not in {"text", "html"} or not isinstance(text.get("content", ""), str):
        raise bad_request("The body's content type must be Text or HTML.", "RequestBodyRead")
    recipients = _addresses(message, "toRecipients")
    copies = _addresses(message, "ccRecipients") + _addresses(message, "bccRecipients")
    if not recipients and not copies:
        raise bad_request("At least one recipient is not valid.", "ErrorInvalidRecipients")
    call.directory.outbox.append(
        {
            "from": me.mail or me.upn,
            "to": [entry["address"] for entry in recipients],
            "cc": [entry["address"] for entry in copies],
            "subject": str(message.get("subject") or ""),
            "contentType": kind.lower(),
            "content": text.get("content", ""),
            "saveToSentItems": save,
            "sent": stamp(call.now),
        }
    )
    return empty_answer(202)
