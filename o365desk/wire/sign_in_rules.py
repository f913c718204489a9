"""The table behind sign_in_refusals.py: one row for each thing that can be wrong."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from o365desk.domain.errors import (
    AccessDenied,
    DeskError,
    NotFound,
    Refusal,
    ServerFault,
    SignInRequired,
    Throttled,
    UnexpectedReply,
)
from o365desk.wire.refusal_rules import LATER, REPORT


@dataclass(frozen=True, slots=True)
class SignInRule:
    """What is raised and said. With SignInRequired a new sign-in is the way out."""

    make: type[DeskError]
    sentence: str
    next_step: str
    codes: tuple[int, ...] = ()
    """Numbers after AADSTS."""
    errors: tuple[str, ...] = ()
    """The protocol's words, for answers whose number is not in this table."""
    refusal: Refusal = Refusal.OTHER
    mfa: bool = False
    """The new sign-in has to bring a second factor."""
    own_tenant: bool | None = None
    """True: only when the operator's own organization refused; False: only when a customer's."""


_SECOND_FACTOR = (
    SignInRule(
        SignInRequired,
        "Microsoft wants a second factor for this.",
        "Sign in again and confirm with your second factor.",
        (50074, 50076, 50078),
        refusal=Refusal.MFA,
        mfa=True,
    ),
    SignInRule(
        SignInRequired,
        "Microsoft wants a second factor, and your account has none yet.",
        "Sign in again: Microsoft leads you through setting one up.",
        (50072, 50079, 50203),
        refusal=Refusal.MFA,
        mfa=True,
    ),
    SignInRule(
        SignInRequired,
        "The second factor was not confirmed.",
        "Sign in again and approve the request in time.",
        (500121,),
        refusal=Refusal.MFA,
        mfa=True,
    ),
    SignInRule(
        SignInRequired,
        "Your organization wants one more check by another provider.",
        "Sign in again and go through that check in the browser.",
        (50158,),
    ),
)

_CONDITIONAL_ACCESS = (
    SignInRule(
        AccessDenied,
        "Your organization lets only managed computers sign in, and this one is not managed, or"
        " not up to date.",
        "Open Company Portal and bring the computer up to date, or ask your IT department.",
        (50097, 53000, 135011, 700003),
    ),
    SignInRule(
        AccessDenied,
        "Your organization lets only computers of its own domain sign in.",
        "Use a computer that your IT department has joined to the domain.",
        (53001,),
    ),
    SignInRule(
        AccessDenied,
        "Your organization allows only approved applications, and this one is not among them.",
        "Ask an administrator to approve it in Conditional Access.",
        (53002, 53009),
    ),
    SignInRule(
        AccessDenied,
        "A Conditional Access policy blocks this sign-in.",
        "Ask an administrator which policy it is: the sign-in log shows it under the ids below.",
        (53003, 53005, 530002, 530003, 530032, 530034),
    ),
    SignInRule(
        AccessDenied,
        "Microsoft wants a second factor to be set up first, and a policy does not allow that from"
        " here.",
        "Set it up at aka.ms/mysecurityinfo from your organization's own network.",
        (53004, 53010),
    ),
    SignInRule(
        AccessDenied,
        "Microsoft considers this account at risk and blocks it.",
        "Ask an administrator to look at it in Microsoft Entra ID Protection.",
        (53011, 530035),
    ),
)

_ACCOUNT = (
    SignInRule(
        AccessDenied,
        "This account belongs to another organization than the connection.",
        "Sign in with an account of the connection's organization, or correct the organization in"
        " Connections.",
        (50020, 50177, 90072, 51004),
        own_tenant=True,
    ),
    SignInRule(
        AccessDenied,
        "Your account has no access to this customer: no GDAP relationship includes your security"
        " group, or the customer has you as a guest.",
        "Ask for the security group in Partner Center, or ask the customer to remove the guest"
        " account.",
        (50020, 50177, 90072, 51004),
        refusal=Refusal.RELATIONSHIP,
        own_tenant=False,
    ),
    SignInRule(
        SignInRequired,
        "Microsoft knows no such account in this organization.",
        "Check the username and sign in again.",
        (50034,),
    ),
    SignInRule(
        SignInRequired,
        "Username or password was wrong.",
        "Sign in again.",
        (50126, 50056),
    ),
    SignInRule(
        AccessDenied,
        "The account is locked after too many wrong passwords.",
        "Wait some minutes, then sign in again, or ask an administrator.",
        (50053,),
    ),
    SignInRule(
        SignInRequired,
        "The password of your account has expired.",
        "Sign in again: Microsoft asks for a new one.",
        (50055, 50144),
    ),
    SignInRule(
        AccessDenied,
        "Your account is blocked from signing in.",
        "Ask an administrator of your organization.",
        (50057,),
    ),
    SignInRule(
        AccessDenied,
        "Your account is not assigned to this application.",
        "Ask an administrator to assign it: Enterprise applications, Users and groups.",
        (50105,),
    ),
    SignInRule(
        AccessDenied,
        "Your organization's own sign-in server did not answer.",
        "Ask your IT department about pass-through authentication or federation.",
        (80001, 80002, 80005, 80007, 80010, 80012, 40008),
    ),
)

_SESSION = (
    SignInRule(
        SignInRequired,
        "Your sign-in was withdrawn, for example because the password was changed.",
        "Sign in again.",
        (50132, 50133, 50173),
    ),
    SignInRule(
        SignInRequired,
        "Your sign-in has run out.",
        "Sign in again.",
        (50058, 50089, 70008, 70043, 70044, 70046, 700081, 700082, 700084),
        ("login_required",),
    ),
    SignInRule(
        SignInRequired,
        "Microsoft wants you to sign in again.",
        "Sign in.",
        (16000, 50085, 50199, 54005, 70000, 700005),
        ("interaction_required", "invalid_grant"),
    ),
)

_CONSENT = (
    SignInRule(
        SignInRequired,
        "The permissions that this needs have not been granted to the application yet.",
        "Sign in and grant them; if Microsoft asks for an administrator, send the consent link.",
        (65001, 90099),
        ("consent_required",),
        Refusal.CONSENT,
        own_tenant=True,
    ),
    SignInRule(
        AccessDenied,
        "This customer has not granted the application its permissions.",
        "Send the customer's administrator the consent link, or grant them through Partner Center.",
        (65001, 90099, 500011, 700016),
        ("consent_required",),
        Refusal.CONSENT,
        own_tenant=False,
    ),
    SignInRule(
        AccessDenied,
        "You declined to grant the application its permissions.",
        "Sign in again and accept, or ask an administrator to grant them.",
        (65004,),
        refusal=Refusal.CONSENT,
    ),
    SignInRule(
        AccessDenied,
        "Only an administrator can grant the permissions that this needs.",
        "Send the consent link to an administrator of the organization.",
        (90094, 90095, 90097, 90008, 900941),
        refusal=Refusal.CONSENT,
    ),
    SignInRule(
        AccessDenied,
        "The organization has switched off, or never had, a service that this needs.",
        "Ask an administrator whether Partner Center and Microsoft Graph are enabled there.",
        (65005, 500014, 650051, 650052, 650057),
    ),
    SignInRule(
        AccessDenied,
        "The sign-in was cancelled.",
        "Sign in again when you are ready.",
        errors=("access_denied", "authorization_declined"),
    ),
)

_REGISTRATION = (
    SignInRule(
        AccessDenied,
        "The organization has no application with the id of this connection.",
        "Compare the application (client) id in Connections with the app registration.",
        (700016,),
        own_tenant=True,
    ),
    SignInRule(
        AccessDenied,
        "The application does not know the service that this needs.",
        "Check cloud and API permissions of the app registration: Microsoft Graph, and Microsoft"
        " Partner Center for resellers.",
        (500011, 650056),
        ("invalid_resource",),
        own_tenant=True,
    ),
    SignInRule(
        AccessDenied,
        "The application's registration lacks the redirect address http://localhost.",
        "Add it in the app registration: Authentication, Mobile and desktop applications.",
        (50011, 500112, 500113, 900971),
    ),
    SignInRule(
        AccessDenied,
        "The application's registration does not allow a sign-in without a secret.",
        'Switch on "Allow public client flows" in the app registration, Authentication.',
        (7000218, 7000215),
    ),
    SignInRule(
        AccessDenied,
        "The application is registered for its own organization only.",
        "Make it multitenant in the app registration, Supported account types.",
        (50194, 90124),
    ),
    SignInRule(
        AccessDenied,
        "The application was disabled.",
        "Ask an administrator: Enterprise applications, Properties.",
        (7000112,),
    ),
    SignInRule(
        AccessDenied,
        "Microsoft refused the application of this connection.",
        "Compare the application (client) id in Connections with the app registration.",
        errors=("unauthorized_client", "invalid_client"),
    ),
    SignInRule(
        NotFound,
        "Microsoft knows no organization of this name in this cloud.",
        "Check the organization and the cloud in Connections.",
        (90002, 900021, 900023, 50059),
        own_tenant=True,
    ),
    SignInRule(
        NotFound,
        "This customer's organization does not exist (any more) in this cloud.",
        "Refresh the list of customers. A new customer may take some minutes to appear.",
        (90002, 900021, 900023, 50059),
        own_tenant=False,
    ),
    SignInRule(
        UnexpectedReply,
        "The program asked Microsoft for a permission that does not exist in this cloud.",
        REPORT,
        (70011, 650053, 28000, 28002, 28003),
        ("invalid_scope",),
        Refusal.OUR_REQUEST,
    ),
    SignInRule(
        UnexpectedReply,
        "The program's sign-in request was not as Microsoft wants it.",
        REPORT,
        (70003, 70005, 70007, 90014, 900144, 9002313, 501481, 50147),
        ("invalid_request", "unsupported_grant_type", "unsupported_response_type"),
        Refusal.OUR_REQUEST,
    ),
)

_DEVICE_CODE = (
    SignInRule(
        SignInRequired,
        "The code was not used in time.",
        "Sign in again for a new code.",
        (70019, 70020),
        ("expired_token", "code_expired"),
    ),
    SignInRule(
        SignInRequired,
        "Microsoft does not know the code.",
        "Sign in again for a new code.",
        (70018,),
        ("bad_verification_code",),
    ),
)

_PASSING = (
    SignInRule(
        Throttled,
        "Microsoft's sign-in service is too busy.",
        "Wait a minute, then try again.",
        (90055, 50196),
    ),
    SignInRule(
        ServerFault,
        "Microsoft's sign-in service has a passing fault.",
        LATER,
        (90006, 90012, 90013, 90020, 90024, 90025, 90033, 90090, 50000, 50001),
        ("temporarily_unavailable", "server_error"),
    ),
)

RULES = (
    *_SECOND_FACTOR,
    *_CONDITIONAL_ACCESS,
    *_ACCOUNT,
    *_SESSION,
    *_CONSENT,
    *_REGISTRATION,
    *_DEVICE_CODE,
    *_PASSING,
)


def _by_code() -> Mapping[int, tuple[SignInRule, ...]]:
    found = defaultdict[int, list[SignInRule]](list)
    for rule in RULES:
        for code in rule.codes:
            found[code].append(rule)
    return {code: tuple(rules) for code, rules in found.items()}


def _by_error() -> Mapping[str, tuple[SignInRule, ...]]:
    found = defaultdict[str, list[SignInRule]](list)
    for rule in RULES:
        for error in rule.errors:
            found[error].append(rule)
    return {error: tuple(rules) for error, rules in found.items()}


BY_CODE = _by_code()
BY_ERROR = _by_error()
