"""What went wrong: from an answer, or the lack of one, to a DeskError and to what to do next."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from o365desk.domain.access import Service
from o365desk.domain.errors import (
    DeskError,
    OutcomeUnknown,
    ServerFault,
    SignInRequired,
    Throttled,
    UnexpectedReply,
    Unreachable,
)
from o365desk.wire import graph_refusals, partner_center_refusals
from o365desk.wire.answer_headers import claims_challenge, retry_after
from o365desk.wire.clock import clock_words, service_time
from o365desk.wire.codec import decode
from o365desk.wire.error_body import Reply, is_page, read_error, safe_id
from o365desk.wire.messages import ApiRequest, ApiResponse, Safety
from o365desk.wire.operations import Operation
from o365desk.wire.refusal_rules import VAGUE, About, Rule
from o365desk.wire.refused_skus import refused_skus

_PC = Service.PARTNER_CENTER

_NO_DATE = datetime.min.replace(tzinfo=UTC)
"""Stands for "the time is not known": a Retry-After that is a date is then not understood."""

_TRY_AGAIN_IN = re.compile(r"try again in (\d{1,6}) seconds?")
_THROTTLED_TEXTS = ("too many requests", "resource temporarily unavailable")

_ABOUT = {
    Operation.CREATE_USER: About.CREATE,
    Operation.RESTORE_USER: About.RESTORE,
    Operation.RESET_PASSWORD: About.PASSWORD,
    Operation.ASSIGN_LICENSE: About.LICENSES,
    Operation.UPDATE_LICENSES: About.LICENSES,
    Operation.SEND_MAIL: About.MAIL,
    Operation.GRANT_CONSENT: About.CONSENT,
}

_RULES: tuple[Rule, ...] = (
    *graph_refusals.ANY_STATUS,
    *partner_center_refusals.CODES,
    *graph_refusals.CODES,
    *graph_refusals.CONFLICTS,
    *graph_refusals.LICENSES,
    *graph_refusals.USERS,
    *graph_refusals.CONFLICT_TEXTS,
    *partner_center_refusals.GENERAL_CODES,
    *graph_refusals.STATUSES,
)


@dataclass(frozen=True, slots=True)
class Ok:
    """The answer is a success and may be parsed."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Send again. `after` is the service's wish in seconds; None: the sender's own choice."""

    after: float | None
    error: DeskError
    """What to raise when the sender has no time or no attempt left."""


@dataclass(frozen=True, slots=True)
class Fail:
    """Give up with this error."""

    error: DeskError


Verdict = Ok | Retry | Fail


class Break(StrEnum):
    """How a connection failed, by what the service can have seen of the request."""

    NO_NAME = "name not found"
    REFUSED = "not connected"
    PROXY_GONE = "proxy not reached"
    PROXY_SIGN_IN = "proxy wants a sign-in"
    PROXY_REFUSED = "proxy refused"
    PROXY_FAILED = "proxy did not connect"
    UNTRUSTED = "certificate not trusted"
    CERTIFICATE_DATE = "certificate out of date"
    STALE = "kept connection was gone"
    SLOW_CONNECT = "not connected in time"
    NO_ANSWER = "no answer"
    SLOW_ANSWER = "no answer in time"
    HALF_ANSWER = "half an answer"
    TOO_LARGE = "answer too large"


NOT_SENT = frozenset(
    {
        *(Break.NO_NAME, Break.REFUSED, Break.UNTRUSTED, Break.CERTIFICATE_DATE, Break.STALE),
        *(Break.PROXY_GONE, Break.PROXY_SIGN_IN, Break.PROXY_REFUSED, Break.PROXY_FAILED),
        Break.SLOW_CONNECT,
    }
)
"""Breaks before the first byte of the request left."""

_HOPELESS = frozenset(
    {
        *(Break.UNTRUSTED, Break.CERTIFICATE_DATE, Break.TOO_LARGE),
        *(Break.PROXY_SIGN_IN, Break.PROXY_REFUSED),
    }
)
"""Breaks that come again at once."""

_SLOW = frozenset({Break.SLOW_CONNECT, Break.SLOW_ANSWER})
"""Breaks that cost a whole time-out each: tried twice at most."""


def verdict(
    request: ApiRequest,
    response: ApiResponse,
    attempt: int,
    *,
    attempts: int = 4,
    now: datetime = _NO_DATE,
) -> Verdict:
    """What to do with an answer to the `attempt`-th try (counted from 1) of `attempts`.

    READ is repeated after 408, 429, 502, 503, 504 and where the text says that the service is too
    busy; WRITE only where the service says that it did not process the request: 429, and 503
    with Retry-After. `now` is the time of the answer, for a Retry-After that is a date.
    learn.microsoft.com/graph/throttling,
    learn.microsoft.com/partner-center/developer/api-throttling-guidance
    """
    if 200 <= response.status < 300 and not is_page(response):
        if request.safety is Safety.WRITE and not _readable(response):
            return Fail(_unconfirmed(request, "Microsoft's answer to the change was garbled."))
        return Ok()
    error = error_for(request, response, now=now)
    status = response.status
    wait = error.retry_after if isinstance(error, Throttled) else None
    if wait is None:
        wait = _wait(response.headers, now)
    if request.safety is Safety.WRITE:
        again = status == 429 or (status == 503 and wait is not None)
    else:
        again = status in {408, 429, 502, 503, 504} or isinstance(error, Throttled)
    if again and attempt < attempts and not isinstance(error, UnexpectedReply):
        return Retry(wait, error)
    return Fail(error)


def connection_verdict(
    request: ApiRequest, fault: Break, attempt: int, *, attempts: int = 4
) -> Retry | Fail:
    """What to do when the connection failed at the `attempt`-th try (counted from 1).

    READ is repeated, except where repeating cannot help. WRITE only where a kept connection was
    found gone before anything left: what else was not sent is Unreachable, the rest OutcomeUnknown.
    """
    if fault in NOT_SENT:
        error: DeskError = _not_sent(fault)
    elif request.safety is Safety.WRITE:
        error = OutcomeUnknown(
            "The connection broke before Microsoft confirmed the change."
            if fault is not Break.SLOW_ANSWER
            else "Microsoft did not confirm the change in time.",
            next_step=_find_out(request),
        )
    elif fault is Break.TOO_LARGE:
        error = UnexpectedReply(
            "Microsoft's answer was too large.", next_step="Try again; if it stays, report it."
        )
    elif fault is Break.SLOW_ANSWER:
        error = Unreachable(
            "Microsoft did not answer in time.", next_step="Try again; check the connection."
        )
    else:
        error = Unreachable(
            "The connection to Microsoft broke.", next_step="Check the connection, then try again."
        )
    tries = min(attempts, 2) if fault in _SLOW else attempts
    if fault is Break.STALE and attempt < tries:
        return Retry(0.0, error)
    if request.safety is Safety.READ and fault not in _HOPELESS and attempt < tries:
        return Retry(None, error)
    return Fail(error)


def error_for(request: ApiRequest, response: ApiResponse, *, now: datetime = _NO_DATE) -> DeskError:
    """The error that an answer means; never raises, whatever the bytes.

    Judged by status, then code, then details[].code, then text (section 13 of the facts:
    learn.microsoft.com/graph/errors, learn.microsoft.com/partner-center/developer/error-codes).
    An item of a Graph batch is judged like an answer of its own.
    """
    reply = read_error(response)
    known: dict[str, Any] = {
        "status": response.status,
        "code": reply.code,
        "request_id": reply.request_id,
        "correlation_id": reply.correlation_id,
    }
    return with_ids(_judged(request, response, reply, known, now), response.headers)


def _judged(
    request: ApiRequest,
    response: ApiResponse,
    reply: Reply,
    known: Mapping[str, Any],
    now: datetime,
) -> DeskError:
    headers = response.headers
    if _from_between(response):
        return UnexpectedReply(
            "Something between here and Microsoft answered in its place: the sign-in page of a"
            " network, a proxy or a filter.",
            next_step="Open any web page and sign in to the network; else ask its administrator.",
            **known,
        )
    if response.status == 429 or any(text in reply.text for text in _THROTTLED_TEXTS):
        return _throttled(reply, headers, now, known)
    claims = claims_challenge(headers) if response.status in {401, 403} else ""
    if claims and "900421" not in reply.codes:
        return SignInRequired(
            "Microsoft wants the sign-in confirmed.",
            next_step="Sign in again.",
            claims=claims,
            **known,
        )
    if request.safety is Safety.WRITE and response.status in {502, 504}:
        return _unconfirmed(request, "Microsoft did not confirm the change in time.", **known)
    wrong = clock_words(headers, now) if response.status == 401 and now != _NO_DATE else ""
    if wrong and "900421" not in reply.codes:
        return SignInRequired(
            f"Microsoft does not accept the sign-in: {wrong}.",
            next_step="Set the clock (or let it be set automatically), then sign in again.",
            **known,
        )
    return _explained(request, response, reply, known)


def with_ids(
    error: DeskError, headers: Mapping[str, str], request_id: str = "", correlation_id: str = ""
) -> DeskError:
    """The same error, its missing ids taken from an answer's headers, else from the request's."""
    error.request_id = safe_id(
        error.request_id, headers.get("request-id"), headers.get("ms-requestid"), request_id
    )
    error.correlation_id = safe_id(
        error.correlation_id,
        headers.get("client-request-id"),
        headers.get("ms-correlationid"),
        correlation_id,
    )
    return error


def _explained(
    request: ApiRequest, response: ApiResponse, reply: Reply, known: Mapping[str, Any]
) -> DeskError:
    about = _about(request)
    rules = _RULES
    if about is About.MAIL:
        rules = (*graph_refusals.MAIL, *graph_refusals.STATUSES)
    for rule in rules:
        if _fits(rule, request.service, response.status, reply, about):
            return rule.make(
                rule.sentence,
                next_step=rule.next_step,
                refusal=rule.refusal,
                sku_ids=refused_skus(rule.refusal, reply, request),
                **known,
            )
    if response.status >= 500:
        return ServerFault(
            "Microsoft's service failed."
            if response.status != 503
            else "Microsoft's service is not available at the moment.",
            next_step="Try again in a few minutes."
            if request.safety is Safety.READ
            else "Refresh to see what Microsoft has, then try again in a few minutes.",
            **known,
        )
    return UnexpectedReply(
        "Microsoft's answer could not be understood.",
        next_step="Try again; if it stays, report it with the ids below.",
        **known,
    )


def _fits(rule: Rule, service: Service, status: int, reply: Reply, about: About) -> bool:
    if rule.service is not None and rule.service is not service:
        return False
    if rule.statuses and status not in rule.statuses:
        return False
    if not rule.statuses and not (rule.any_status or 400 <= status < 500):
        return False
    if rule.codes and not any(code in rule.codes for code in reply.codes):
        return False
    if rule.targets and not any(target in rule.targets for target in reply.targets):
        return False
    if rule.about and about not in rule.about:
        return False
    if rule.texts:
        readable = rule.codes or rule.any_status or reply.code in VAGUE or service is _PC
        return bool(readable) and any(text in reply.text for text in rule.texts)
    return True


def _throttled(
    reply: Reply, headers: Mapping[str, str], now: datetime, known: Mapping[str, Any]
) -> Throttled:
    wait = _wait(headers, now)
    said = _TRY_AGAIN_IN.search(reply.text)
    if wait is None and said is not None:
        # Partner Center says it in the text too, and a proxy may drop the header.
        wait = retry_after(said[1], now)
    return throttled(wait, **known)


def _wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait; a date is told by the service's own clock, which ours may not agree with."""
    return retry_after(headers.get("retry-after"), service_time(headers) or now)


def throttled(wait: float | None, **known: Any) -> Throttled:
    """The error for "too many requests"; `wait` in seconds, None when Microsoft named no time."""
    return Throttled(
        "Microsoft is slowing this program down: too many requests.",
        next_step="Wait a minute, then try again." if wait is None else f"Try again {_in(wait)}.",
        retry_after=wait,
        **known,
    )


def _in(seconds: float) -> str:
    whole = max(1, math.ceil(seconds))
    if whole == 1:
        return "in a second"
    if whole < 120:
        return f"in {whole} seconds"
    return f"in {math.ceil(whole / 60)} minutes"


def _readable(response: ApiResponse) -> bool:
    """Whether an answer without a use for its body is what a service sends: nothing, or JSON."""
    if response.body:
        try:
            decode(response.body, object)
        except DeskError:
            return False
    return True


def _unconfirmed(request: ApiRequest, sentence: str, **known: Any) -> OutcomeUnknown:
    return OutcomeUnknown(sentence, next_step=_find_out(request), **known)


def _find_out(request: ApiRequest) -> str:
    if _about(request) is About.PASSWORD:  # nothing shows which password an account has
        return "Set the password again: the same one twice does no harm."
    return "Refresh to see whether it was made, and only then repeat it."


_NOT_SENT_WORDS = {
    Break.NO_NAME: (
        "Microsoft's address was not found: there seems to be no connection.",
        "Check the network, then try again.",
    ),
    Break.UNTRUSTED: (
        "The other side could not prove to be Microsoft: its certificate is not trusted.",
        "A company that inspects connections has to put its certificate authority into this"
        " computer's store: ask the network's administrator. On a guest network sign in to it"
        " first.",
    ),
    Break.CERTIFICATE_DATE: (
        "Microsoft's certificate is out of date by this computer's clock.",
        "Check the computer's date and time. If they are right, the network puts a certificate of"
        " its own in between: ask its administrator.",
    ),
    Break.PROXY_GONE: (
        "The network's proxy could not be reached.",
        "Check the network, and the proxy in the system's settings or in HTTPS_PROXY.",
    ),
    Break.PROXY_SIGN_IN: (
        "The network's proxy wants a name and a password, or does not accept those it was given.",
        "Put them into HTTPS_PROXY (http://name:password@proxy:port), or ask the network's"
        " administrator to let Microsoft's addresses through without.",
    ),
    Break.PROXY_REFUSED: (
        "The network's proxy does not let this program through to Microsoft.",
        "Ask the network's administrator to allow the addresses in Help > Diagnostics.",
    ),
    Break.PROXY_FAILED: (
        "The network's proxy could not connect to Microsoft.",
        "Try again; if it stays, tell the network's administrator.",
    ),
}
"""The sentence and the next step, where there is more to say than that nothing was reached."""


def _not_sent(fault: Break) -> Unreachable:
    sentence, next_step = _NOT_SENT_WORDS.get(
        fault, ("Microsoft could not be reached.", "Check the network, then try again.")
    )
    return Unreachable(sentence, next_step=next_step)


def _about(request: ApiRequest) -> About:
    try:
        operation = Operation(request.operation)
    except ValueError:
        return About.OTHER
    if operation.startswith("list"):
        return About.LIST
    return _ABOUT.get(operation, About.OTHER)


def _from_between(response: ApiResponse) -> bool:
    """True for what a hotspot, proxy or filter sends: pages, redirects, 407 and 511."""
    if response.status in {401, 429}:
        return False
    if response.status in {407, 511} or 300 <= response.status < 400:
        return True
    return response.status < 500 and is_page(response)
