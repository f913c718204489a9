"""Sending a mail through Microsoft Graph: learn.microsoft.com/graph/api/user-sendmail."""

from o365desk.domain.mail import Mail
from o365desk.wire import graph
from o365desk.wire.messages import ApiRequest
from o365desk.wire.operations import Operation


def send_mail(mail: Mail) -> ApiRequest:
    """Sends in the name of the signed-in operator, as plain text.

    saveToSentItems is true unless told otherwise, and a mailed password would then stay in the
    operator's Sent Items.
    """
    return graph.write(
        Operation.SEND_MAIL,
        "POST",
        "/me/sendMail",
        {
            "message": {
                "subject": mail.subject,
                "body": {"contentType": "text", "content": mail.body.reveal()},
                "toRecipients": [{"emailAddress": {"address": mail.to}}],
            },
            "saveToSentItems": False,
        },
    )
