"""What the sign-in service's refusals mean, in the operator's words.

Microsoft's own texts are read for numbers and ids only, never shown: they hold names. Numbers:
learn.microsoft.com/entra/identity-platform/reference-error-codes; error words: RFC 6749, RFC 8628
and learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from o365desk.domain.access import SignInNeed
from o365desk.domain.errors import (
    AccessDenied,
    DeskError,
    ServerFault,
    SignInRequired,
    Throttled,
    UnexpectedReply,
)
from o365desk.wire.sign_in_rules import BY_CODE, BY_ERROR, SignInRule

_NUMBER = re.compile(r"AADSTS(\d{4,9})")
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TRACE = re.compile(rf"Trace ID: ?({_GUID})")
_CORRELATION = re.compile(rf"Correlation ID: ?({_GUID})")
_WORD = re.compile(r"[A-Za-z][\w.-]{0,63}")
_ONE_GUID = re.compile(_GUID)


@dataclass(frozen=True, slots=True)
class SignInRefusal:
    """A refusal without Microsoft's text."""

    error: str = ""
    """The protocol's word: "invalid_grant"."""
    code: int = 0
    """Number after AADSTS; 0 when there is none."""
    claims: str = field(default="", repr=False)
    """What a new sign-in has to satisfy, as JSON."""
    trace_id: str = ""
    correlation_id: str = ""
    status: int = 0
    retry_after: float | None = None


def read_refusal(
    answer: Mapping[str, Any], *, status: int = 0, retry_after: float | None = None
) -> SignInRefusal:
    """A refusal as the token endpoint, the redirect or MSAL gives it; never raises."""
    text = _text(answer, "error_description")
    codes = answer.get("error_codes")
    found = [code for code in codes if isinstance(code, int)] if isinstance(codes, list) else []
    found = found or [int(number) for number in _NUMBER.findall(text)]
    return SignInRefusal(
        error=_matching(_WORD, _text(answer, "error")),
        # Several are rare; one that is explained is better than the first.
        code=next((code for code in found if code in BY_CODE), found[0] if found else 0),
        claims=_text(answer, "claims"),
        trace_id=_matching(_ONE_GUID, _text(answer, "trace_id")) or _first(_TRACE, text),
        correlation_id=_matching(_ONE_GUID, _text(answer, "correlation_id"))
        or _first(_CORRELATION, text),
        status=status,
        retry_after=retry_after,
    )


def explain(
    refusal: SignInRefusal, need: SignInNeed, *, own_tenant: bool, asked: bool = False
) -> DeskError:
    """The error that a refusal means.

    `own_tenant`: the operator's own organization refused, not a customer's. `asked`: the operator
    has just been asked; asking again at once would not help, so `need` is left out of the error.
    """
    rule = _rule(refusal, own_tenant)
    known: dict[str, Any] = {
        "next_step": rule.next_step,
        "refusal": rule.refusal,
        "status": refusal.status,
        "code": f"AADSTS{refusal.code}" if refusal.code else refusal.error,
        "request_id": refusal.trace_id,
        "correlation_id": refusal.correlation_id,
    }
    if rule.make is Throttled:
        return Throttled(rule.sentence, retry_after=refusal.retry_after, **known)
    if rule.make is SignInRequired:
        wanted = replace(need, claims=refusal.claims or need.claims, mfa=need.mfa or rule.mfa)
        return SignInRequired(
            rule.sentence, claims=refusal.claims, need=None if asked else wanted, **known
        )
    return rule.make(rule.sentence, **known)


def is_pending(refusal: SignInRefusal) -> bool:
    """The device code was not used yet: ask again after the interval."""
    return refusal.error in {"authorization_pending", "slow_down"}


def is_spent(refusal: SignInRefusal) -> bool:
    """The refresh token at hand is of no more use; another copy may have a newer one."""
    return refusal.error == "invalid_grant" and (
        refusal.code in {50173, 70000, 70008, 70043, 700081, 700082, 700084} or not refusal.code
    )


def _rule(refusal: SignInRefusal, own_tenant: bool) -> SignInRule:
    for rule in (*BY_CODE.get(refusal.code, ()), *BY_ERROR.get(refusal.error, ())):
        if rule.own_tenant is None or rule.own_tenant is own_tenant:
            return rule
    if refusal.status == 429:
        return _BUSY
    if refusal.status >= 500:
        return _DOWN
    if refusal.code or refusal.error:
        return _OTHER
    return _STRANGE


_BUSY = SignInRule(
    Throttled,
    "Microsoft's sign-in service is too busy.",
    "Wait a minute, then try again.",
)
_DOWN = SignInRule(
    ServerFault,
    "Microsoft's sign-in service has a fault.",
    "Try again in a few minutes.",
)
_OTHER = SignInRule(
    AccessDenied,
    "Microsoft refused the sign-in.",
    "Look the code up at login.microsoftonline.com/error, or give the ids below to your"
    " administrator.",
)
_STRANGE = SignInRule(
    UnexpectedReply,
    "Microsoft's sign-in service answered something that this program does not understand.",
    "Check whether a sign-in page of the network (hotel, guest Wi-Fi) stands in between.",
)


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def _matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""
