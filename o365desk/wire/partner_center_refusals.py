"""What Partner Center's error codes mean, row by row.

learn.microsoft.com/partner-center/developer/error-codes
"""

from o365desk.domain.access import Service
from o365desk.domain.errors import (
    AccessDenied,
    Conflict,
    NotFound,
    Refusal,
    ServerFault,
    SignInRequired,
)
from o365desk.wire.refusal_rules import LATER, REFRESH, REPORT, SIGN_IN, About, Rule

PC = Service.PARTNER_CENTER

NO_GRANT = "Your account may not grant permissions on this customer's behalf."
ASK_FOR_GRANT = (
    "Ask for Cloud Application Administrator in the GDAP relationship and for the Admin agent role"
    " in Partner Center, or send the customer's administrator the link."
)

CODES = (
    Rule(
        Conflict,
        "No seat of this product is free.",
        "Take one from another user or order more.",
        Refusal.NO_SEAT,
        PC,
        (400, 409),
        ("60012",),
    ),
    Rule(
        NotFound,
        "Microsoft has no such user any more.",
        REFRESH,
        service=PC,
        statuses=(404,),
        codes=("60002",),
    ),
    Rule(
        NotFound,
        "Microsoft has no such customer any more.",
        "Refresh the list of customers.",
        service=PC,
        statuses=(404,),
        codes=("60003",),
    ),
    Rule(
        NotFound,
        "Microsoft has no such subscription any more.",
        REFRESH,
        service=PC,
        statuses=(404,),
        codes=("20003",),
    ),
    Rule(
        NotFound,
        "Partner Center does not find what was asked for.",
        REFRESH,
        service=PC,
        statuses=(404,),
        codes=("1000", "3000"),
    ),
    Rule(
        AccessDenied,
        "You have no reseller relationship with this customer (any more).",
        "Ask the customer to accept your relationship request again.",
        Refusal.RELATIONSHIP,
        PC,
        (403,),
        ("20002",),
    ),
    Rule(
        Conflict,
        "The customer has granted this application permissions before.",
        "Grant them again.",
        Refusal.CONSENT,
        PC,
        texts=("permission entry already exists",),
        about=(About.CONSENT,),
        any_status=True,
    ),
    Rule(
        AccessDenied,
        NO_GRANT,
        ASK_FOR_GRANT,
        Refusal.ROLE_MISSING,
        PC,
        (403,),
        ("2032", "900150"),
        about=(About.CONSENT,),
    ),
    Rule(
        AccessDenied,
        NO_GRANT,
        ASK_FOR_GRANT,
        Refusal.ROLE_MISSING,
        PC,
        texts=("insufficient privileges",),
        about=(About.CONSENT,),
        any_status=True,
    ),
    Rule(
        AccessDenied,
        "Your account may not do this for this customer.",
        "Ask for License Administrator and User Administrator in the GDAP relationship, or for the"
        " Admin agent role in Partner Center.",
        Refusal.ROLE_MISSING,
        PC,
        (403,),
        ("2032", "900150"),
    ),
    Rule(
        AccessDenied,
        "Your company has not accepted the Microsoft partner agreement.",
        "Ask your partner administrator to accept it in Partner Center.",
        Refusal.AGREEMENT,
        PC,
        (403,),
        ("900123", "900124"),
    ),
    Rule(
        AccessDenied,
        "Your company's partner programme or reseller status is not active.",
        "Ask your partner administrator to look at the account's status in Partner Center.",
        Refusal.AGREEMENT,
        PC,
        (403,),
        ("900149", "800039"),
    ),
    Rule(
        AccessDenied,
        "Microsoft is reviewing this customer; until that is done nothing can be changed.",
        "Wait for the review, which Partner Center shows on the customer's page.",
        service=PC,
        statuses=(403,),
        codes=("800073", "800074"),
    ),
    Rule(
        SignInRequired,
        "Partner Center wants a sign-in with multi-factor authentication.",
        "Sign in again and answer the second factor.",
        Refusal.MFA,
        PC,
        (401,),
        ("900421",),
    ),
    Rule(
        SignInRequired,
        "Partner Center did not accept the sign-in.",
        SIGN_IN,
        service=PC,
        statuses=(401,),
        codes=("400", "800001"),
    ),
    Rule(
        Conflict,
        "Partner Center does not accept this customer's id.",
        "Refresh the list of customers and pick the customer again.",
        Refusal.STALE,
        PC,
        (400,),
        ("900118",),
    ),
    Rule(
        Conflict,
        "Partner Center does not offer this for this kind of account.",
        "Do it in the customer's Microsoft 365 admin center.",
        Refusal.UNSUPPORTED,
        PC,
        (400,),
        ("900127", "900141"),
    ),
    Rule(
        Conflict,
        "This was changed elsewhere in the meantime.",
        "Refresh, then make the change again.",
        Refusal.STALE,
        PC,
        (400, 412),
        ("2055",),
    ),
    Rule(
        ServerFault,
        "Partner Center failed for a reason it does not tell.",
        LATER,
        service=PC,
        statuses=(500,),
        codes=("800003",),
    ),
    Rule(
        ServerFault,
        "Partner Center does not offer this.",
        "Do it in the customer's Microsoft 365 admin center.",
        Refusal.UNSUPPORTED,
        PC,
        (501,),
    ),
)

GENERAL_CODES = (
    Rule(
        AccessDenied,
        NO_GRANT,
        ASK_FOR_GRANT,
        Refusal.ROLE_MISSING,
        PC,
        (403,),
        about=(About.CONSENT,),
    ),
    Rule(
        Conflict,
        "Partner Center could not read what the program sent.",
        REPORT,
        Refusal.OUR_REQUEST,
        PC,
        (400,),
        ("2000", "3000", "800002"),
    ),
    Rule(
        Conflict,
        "Partner Center could not move the license.",
        LATER,
        service=PC,
        statuses=(400,),
        codes=("60000",),
    ),
)
"""Codes behind which a text may tell more, hence tried after the texts."""
