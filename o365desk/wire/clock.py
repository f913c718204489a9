"""What an answer tells about the time: the service's clock against this computer's."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

TOLERATED = timedelta(minutes=5)
"""By which two clocks may differ before tokens are refused for it: the usual allowance."""


def service_time(headers: Mapping[str, str]) -> datetime | None:
    """The service's time when it answered, in UTC; None when it does not say (RFC 9110 6.6.1)."""
    try:
        moment = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def clock_error(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """By how much this computer's clock is fast (negative: slow), within a second or two.
    `now`: its time at the answer. None when the service does not say."""
    theirs = service_time(headers)
    return now - theirs if theirs is not None else None


def clock_words(headers: Mapping[str, str], now: datetime) -> str:
    """ "this computer's clock is 42 minutes slow"; empty while it is right enough."""
    wrong = clock_error(headers, now)
    if wrong is None or abs(wrong) <= TOLERATED:
        return ""
    minutes = round(abs(wrong).total_seconds() / 60)
    how = f"{minutes} minutes"
    if minutes >= 48 * 60:
        how = f"{minutes // (24 * 60)} days"
    elif minutes >= 120:
        how = f"{minutes // 60} hours"
    return f"this computer's clock is {how} {'fast' if wrong > timedelta() else 'slow'}"
