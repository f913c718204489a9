"""What the texts behind Microsoft's catch-all codes mean: licenses, names, passwords, mail.

For users and licenses Graph has one code, Request_BadRequest, and the English sentence is all
that tells one refusal from another. Partner Center relays the same sentences. They are compared,
never shown: they may hold the name of a person.
learn.microsoft.com/graph/errors, learn.microsoft.com/graph/api/user-assignlicense
"""

from o365desk.domain.errors import (
    AccessDenied,
    Conflict,
    NotFound,
    Refusal,
    ServerFault,
    SignInRequired,
)
from o365desk.wire.refusal_rules import REFRESH, REPORT, SIGN_IN, About, Rule

NAME_TAKEN = "Another account already has this username."
ADDRESS_TAKEN = "Another account already has one of this user's mail addresses."
OTHER_NAME = "Choose another username. A deleted user, or a mail address, may hold this one."
OTHER_NAME_TO_RESTORE = "Restore the user under another username, or rename the other account."
FREE_ADDRESS = "Take that address from the other account in Exchange, then try again."

ANY_STATUS = (
    Rule(
        AccessDenied,
        "The GDAP relationship with this customer gives no role that may do this.",
        "Put your security group into the relationship with License Administrator and User"
        " Administrator, then sign in again.",
        Refusal.ROLE_MISSING,
        texts=("unable to initialize the authorization context",),
        any_status=True,
    ),
    Rule(
        AccessDenied,
        "This customer can no longer be read: the relationship with it seems to have ended.",
        "Check the customer's relationship in Partner Center.",
        Refusal.RELATIONSHIP,
        texts=("user was not found",),
        about=(About.LIST,),
        any_status=True,
    ),
)
"""Recognized by CIPP, a production tool for partners, whatever the status."""

LICENSES = (
    Rule(
        Conflict,
        "No seat of this product is free.",
        "Take one from another user or order more.",
        Refusal.NO_SEAT,
        texts=("not have any available licenses", "run out of licenses", "licensequotaexceeded"),
    ),
    Rule(
        Conflict,
        "The user has no valid usage location, without which no license can be given.",
        "Set the location, then Update again.",
        Refusal.USAGE_LOCATION,
        texts=("invalid usage location", "property 'usagelocation'", "usage location"),
    ),
    Rule(
        Conflict,
        "This license comes from a group and cannot be taken from the user alone.",
        "Remove the user from the group, or change the group's licenses.",
        Refusal.INHERITED,
        texts=("inherited from a group membership",),
    ),
    Rule(
        Conflict,
        "The user does not hold this license any more.",
        "Refresh to see what the user holds now.",
        Refusal.NOT_HELD,
        texts=("does not have a corresponding license",),
    ),
    Rule(
        Conflict,
        "The organization does not own this product any more.",
        "Refresh the licenses.",
        Refusal.SKU_GONE,
        texts=("does not correspond to a valid company license",),
    ),
    Rule(
        Conflict,
        "A license in this change needs another one that the user would not hold.",
        "Give the base product too, or take away the add-on together with it.",
        Refusal.DEPENDENCY,
        texts=("depends on the service plan", "dependencyviolation"),
    ),
    Rule(
        Conflict,
        "Two of these products contain services that exclude each other.",
        "Take away the other product in the same Update.",
        Refusal.EXCLUSIVE,
        texts=("mutually exclusive", "conflicts with service plan", "mutuallyexclusiveviolation"),
    ),
    Rule(
        Conflict,
        "The program left something out of the license change.",
        REPORT,
        Refusal.OUR_REQUEST,
        texts=("one or more parameters of the operation",),
    ),
    Rule(
        Conflict,
        "The program sent an id that Microsoft cannot read.",
        REPORT,
        Refusal.OUR_REQUEST,
        texts=("cannot convert a primitive value to the expected type",),
    ),
    Rule(
        Conflict,
        ADDRESS_TAKEN,
        FREE_ADDRESS,
        Refusal.ADDRESS_TAKEN,
        texts=("proxy address", "proxyaddresses", "uniquenessviolation"),
        about=(About.LICENSES,),
    ),
)

USERS = (
    Rule(
        Conflict,
        "Microsoft finds this password too simple, too common or too close to the username.",
        "Choose another password, or let the program make one.",
        Refusal.PASSWORD,
        texts=("password complexity", "password does not comply", "passwordviolation"),
    ),
    Rule(
        Conflict,
        "The new user has no password.",
        "Enter a password, or let the program make one.",
        Refusal.PASSWORD,
        texts=("a password must be specified",),
    ),
    Rule(
        Conflict,
        "This user is kept in the customer's own directory and only copied to Microsoft.",
        "Make the change on premises; it arrives here with the next synchronization.",
        Refusal.SYNCED,
        texts=("on-premises mastered", "directory sync objects", "source of authority"),
    ),
    Rule(
        Conflict,
        "This user is managed in another service and cannot be changed here.",
        "Make the change where the user comes from.",
        Refusal.EXTERNAL,
        texts=("originated within an external service",),
    ),
    Rule(
        Conflict,
        "The program tried to set something that Microsoft keeps for itself.",
        REPORT,
        Refusal.OUR_REQUEST,
        texts=("is read-only and cannot be set",),
    ),
    Rule(
        Conflict,
        "Microsoft does not accept this username.",
        "Use letters, digits and . - _ before the @, and a verified domain after it.",
        Refusal.INVALID_NAME,
        texts=(
            "property userprincipalname is invalid",
            "invalid value specified for property 'mailnickname'",
            "invalid value specified for property 'userprincipalname'",
        ),
    ),
    Rule(
        Conflict,
        "Microsoft does not accept one of the values; most often the domain is not verified.",
        "Check the domain of the username, then the other fields.",
        Refusal.INVALID_NAME,
        texts=("one or more properties contains invalid values",),
    ),
    Rule(
        Conflict,
        "Microsoft does not accept one of the values.",
        "Check the fields, then try again.",
        texts=("invalid value specified for property",),
    ),
)

_TAKEN_STATUSES = (400, 409, 422)
_TAKEN_CODES = ("ObjectConflict", "PropertyConflict")

CONFLICTS = (
    Rule(
        Conflict,
        NAME_TAKEN,
        OTHER_NAME_TO_RESTORE,
        Refusal.NAME_TAKEN,
        statuses=_TAKEN_STATUSES,
        codes=_TAKEN_CODES,
        targets=("userprincipalname",),
        about=(About.RESTORE,),
    ),
    Rule(
        Conflict,
        NAME_TAKEN,
        OTHER_NAME,
        Refusal.NAME_TAKEN,
        statuses=_TAKEN_STATUSES,
        codes=_TAKEN_CODES,
        targets=("userprincipalname",),
    ),
    Rule(
        Conflict,
        ADDRESS_TAKEN,
        FREE_ADDRESS,
        Refusal.ADDRESS_TAKEN,
        statuses=_TAKEN_STATUSES,
        codes=_TAKEN_CODES,
        targets=("proxyaddresses", "mailnickname", "mail", "othermails"),
    ),
)
"""Found by details[].target."""

CONFLICT_TEXTS = (
    Rule(
        Conflict,
        ADDRESS_TAKEN,
        FREE_ADDRESS,
        Refusal.ADDRESS_TAKEN,
        texts=("for property proxyaddresses", "for property mailnickname", "proxy address"),
    ),
    Rule(
        Conflict,
        NAME_TAKEN,
        OTHER_NAME_TO_RESTORE,
        Refusal.NAME_TAKEN,
        texts=("another object with the same value", "already exists", "already in use"),
        about=(About.RESTORE,),
    ),
    Rule(
        Conflict,
        NAME_TAKEN,
        OTHER_NAME,
        Refusal.NAME_TAKEN,
        texts=("another object with the same value", "already exists", "already in use"),
    ),
)
"""The same where an answer has no details."""

CODES = (
    Rule(
        AccessDenied,
        "The organization has no Entra ID P1 or P2, which this column needs.",
        "Hide the last sign-in column.",
        Refusal.NOT_PREMIUM,
        statuses=(403,),
        codes=("Authentication_RequestFromNonPremiumTenantOrB2CTenant",),
    ),
    Rule(
        SignInRequired,
        "The permission to read last sign-ins has not been granted to the application yet.",
        "Sign in and grant it; if Microsoft asks for an administrator, send the consent link.",
        Refusal.CONSENT,
        statuses=(403,),
        codes=("Authentication_MSGraphPermissionMissing",),
    ),
    Rule(
        AccessDenied,
        "The program asked for the password in a way meant for one's own account.",
        REPORT,
        Refusal.OUR_REQUEST,
        statuses=(403,),
        codes=("Authorization_RequestDenied",),
        texts=("change password operation is denied",),
    ),
    Rule(
        AccessDenied,
        "You may not reset this user's password.",
        "An administrator's password takes a higher role than yours, and a guest's cannot be reset"
        " at all. Ask a Privileged Authentication Administrator.",
        Refusal.ROLE_MISSING,
        statuses=(403,),
        codes=("Authorization_RequestDenied",),
        about=(About.PASSWORD,),
    ),
    Rule(
        AccessDenied,
        "Your role is not enough for this, or this user is an administrator.",
        "Ask for User Administrator and License Administrator (for a customer: in a GDAP"
        " relationship that has not ended), or have a higher administrator do it.",
        Refusal.ROLE_MISSING,
        statuses=(403,),
        codes=("Authorization_RequestDenied",),
    ),
    Rule(
        SignInRequired,
        "Microsoft did not accept the sign-in: it has expired or was withdrawn.",
        SIGN_IN,
        statuses=(401,),
        codes=("InvalidAuthenticationToken",),
    ),
    Rule(
        NotFound,
        "This user cannot be restored: already restored, or deleted for good.",
        REFRESH,
        statuses=(404,),
        codes=("Request_ResourceNotFound",),
        about=(About.RESTORE,),
    ),
    Rule(
        NotFound,
        "Microsoft does not find this user: deleted meanwhile, or created a moment ago.",
        "Refresh the list; after creating a user, wait a few seconds first.",
        statuses=(404,),
        codes=("Request_ResourceNotFound",),
    ),
    Rule(
        Conflict,
        "The list of changes is too old to go on with.",
        "Load the users again.",
        Refusal.STALE,
        statuses=(410,),
    ),
    Rule(
        ServerFault,
        "The program asked for something that Microsoft does not list.",
        REPORT,
        Refusal.OUR_REQUEST,
        statuses=(501,),
        about=(About.LIST,),
    ),
)

MAIL = (
    Rule(
        NotFound,
        "Your own account has no mailbox to send from.",
        "Sign in with an account that has one, or set up an SMTP server in the settings.",
        Refusal.MAILBOX,
        statuses=(404,),
    ),
    Rule(
        AccessDenied,
        "Your account may not send mail through Microsoft.",
        "Ask for the right to send from your mailbox, or set up an SMTP server in the settings.",
        Refusal.MAILBOX,
        statuses=(403,),
    ),
    Rule(
        Conflict,
        "Microsoft did not accept the recipient's address.",
        "Check the address, then send again.",
        statuses=(400,),
        codes=("ErrorInvalidRecipients", "ErrorInvalidIdMalformed"),
    ),
    Rule(
        Conflict,
        "Microsoft could not read the mail that the program made.",
        REPORT,
        Refusal.OUR_REQUEST,
        statuses=(400,),
    ),
)
"""For sendMail only: learn.microsoft.com/graph/api/user-sendmail."""

STATUSES = (
    Rule(SignInRequired, "Microsoft did not accept the sign-in.", SIGN_IN, statuses=(401,)),
    Rule(
        AccessDenied,
        "Your account may not do this here.",
        "Ask for the role it takes, then sign in again.",
        Refusal.ROLE_MISSING,
        statuses=(403,),
    ),
    Rule(NotFound, "Microsoft does not find what was asked for.", REFRESH, statuses=(404,)),
    Rule(
        Conflict,
        "The program called Microsoft in a way that it does not offer.",
        REPORT,
        Refusal.OUR_REQUEST,
        statuses=(405, 406, 411, 413, 414, 415, 431),
    ),
    Rule(
        Conflict,
        "This was changed elsewhere in the meantime.",
        "Refresh, then make the change again.",
        Refusal.STALE,
        statuses=(409, 410, 412),
    ),
    Rule(
        Conflict,
        "Microsoft finds the values contradictory.",
        "Check the names and the location, then try again.",
        statuses=(422,),
    ),
    Rule(
        Conflict,
        "This was not tried, because a step before it failed.",
        "See to the earlier failure first.",
        statuses=(424,),
    ),
    Rule(
        Conflict,
        "Microsoft refused this without a reason the program knows.",
        "Refresh and try again; if it stays, report it with the ids below.",
    ),
)
"""Where neither code nor text is known."""
