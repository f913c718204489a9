"""Times and dates as the screen writes them, in the locale's own way."""

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QDate, QLocale, QTime

NOT_TOLD = "not told"
"""In the place of a fact that Microsoft does not give."""

NOT_READ = "not read yet"
"""In the place of a fact that Microsoft has still to be asked for."""


def clock_text(at: datetime, now: datetime | None = None) -> str:
    """ "14:03" for today, "21 Nov, 14:03" for this year, "21 Nov 2025, 14:03" before."""
    local = at.astimezone()
    today = (now or datetime.now(UTC)).astimezone().date()
    if local.date() == today:
        return _time(local)
    return _day_and_time(local, "d MMM" if local.year == today.year else "d MMM yyyy")


def moment_text(at: datetime) -> str:
    """ "21 Nov 2025, 14:03", the same whenever it is read: for columns of times."""
    return _day_and_time(at.astimezone(), "d MMM yyyy")


def _day_and_time(local: datetime, form: str) -> str:
    day = QLocale().toString(QDate(local.year, local.month, local.day), form)
    return f"{day}, {_time(local)}"


def _time(local: datetime) -> str:
    locale = QLocale()
    c_locale = locale.language() is QLocale.Language.C
    form = "HH:mm" if c_locale else locale.timeFormat(QLocale.FormatType.ShortFormat)
    return locale.toString(QTime(local.hour, local.minute), form)


def full_text(at: datetime) -> str:
    """Date, time and zone, for tooltips: "Friday, 21 November 2025, 14:03:25 CET"."""
    local = at.astimezone()
    day = QDate(local.year, local.month, local.day)
    return f"{QLocale().toString(day, 'dddd, d MMMM yyyy')}, {local:%H:%M:%S %Z}"


def signed(number: int, locale: QLocale | None = None) -> str:
    """ "+1,200", "-3", "0": a difference, in the locale's figures and signs."""
    locale = locale or QLocale()
    return f"{locale.positiveSign() if number > 0 else ''}{locale.toString(number)}"


def day_text(at: datetime) -> str:
    """ "12 Mar 2027", counted in UTC as Partner Center does: a term ends on the same day for
    everybody."""
    day = at.astimezone(UTC)
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMM yyyy")


def days_text(at: datetime, now: datetime) -> str:
    """ "in 110 days", "today", "40 days ago", by the calendar in UTC."""
    days = (at.astimezone(UTC).date() - now.astimezone(UTC).date()).days
    if days == 0:
        return "today"
    count = f"{QLocale().toString(abs(days))} {'day' if abs(days) == 1 else 'days'}"
    return f"in {count}" if days > 0 else f"{count} ago"


def age_text(age: timedelta) -> str:
    """ "9 days", "1 hour", "under a minute": the largest unit, rounded down."""
    seconds = int(age.total_seconds())
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = seconds // size
        if count >= 1:
            return f"{QLocale().toString(count)} {unit}{'' if count == 1 else 's'}"
    return "under a minute"
