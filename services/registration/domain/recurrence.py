"""Dates by a rule, such as every second Tuesday, or the first Monday of a month, except holidays.

Rules are those of RFC 5545. Times of day are local: a group that meets at 17 meets at 17 in winter too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from holidays import country_holidays

from services.registration.domain.programmes import MOST_SESSIONS
from shared.errors import DomainError

# The days on which public life stands still: public holidays, and the eves that are kept like them.
KEPT_DAYS: Mapping[str, Sequence[str]] = {"SE": ("public", "de_facto"), "DK": ("public", "optional")}
LONGEST_RULE = 200
SEARCHED = 10 * MOST_SESSIONS
# Further parts of the standard can make a rule that matches nothing, and is searched for to the end of time.
PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"}


class Country(StrEnum):
    """Whose holidays are left out."""

    SWEDEN = "SE"
    DENMARK = "DK"


class Repeat(StrEnum):
    """The rules that most meeting places use."""

    WEEKLY = "weekly"
    SECOND_WEEK = "second_week"
    THIRD_WEEK = "third_week"
    MONTHLY = "monthly"


class BadRule(DomainError):
    """The rule gives no dates."""

    code = "bad-rule"


@dataclass(frozen=True, slots=True)
class Dates:
    """What a rule gives.

    Attributes:
        starts: in UTC, the earliest first.
        left_out: local dates on which a holiday falls, with its name in English.
    """

    starts: Sequence[datetime]
    left_out: Mapping[date, str]


def rule_of(repeat: Repeat, first: date, times: int) -> str:
    """A common rule as RFC 5545 writes it; monthly means the same weekday, such as the first Monday.

    Args:
        times: how many dates, holidays included.
    """
    if repeat is Repeat.MONTHLY:
        which = (first.day - 1) // 7 + 1
        weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[first.weekday()]
        # A fifth Monday does not come every month; who begins on one means the last.
        return f"FREQ=MONTHLY;BYDAY={-1 if which == 5 else which}{weekday};COUNT={times}"
    weeks = {Repeat.WEEKLY: 1, Repeat.SECOND_WEEK: 2, Repeat.THIRD_WEEK: 3}[repeat]
    return f"FREQ=WEEKLY;INTERVAL={weeks};COUNT={times}"


def dates_of(rule: str, first: datetime, zone: ZoneInfo, without_holidays_of: Country | None = None) -> Dates:
    """The dates of a rule from `first` on, except holidays.

    Args:
        rule: an RFC 5545 recurrence rule with COUNT or UNTIL. COUNT counts what is left out, as the standard has it.
        first: with a time zone.

    Raises:
        BadRule: it cannot be read, has no end, or gives no dates or too many; on the field `rule`.
    """
    try:
        local = first.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        raise BadRule("This rule gives no dates", field="rule") from None
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    if (
        len(rule) > LONGEST_RULE
        or not parts.keys() <= PARTS
        or "\n" in rule
        or parts.get("FREQ") not in {"DAILY", "WEEKLY", "MONTHLY"}
    ):
        raise BadRule("Give a rule such as FREQ=WEEKLY;INTERVAL=2;COUNT=10", field="rule")
    if not {"COUNT", "UNTIL"} & parts.keys():
        raise BadRule("Say when it ends: add COUNT or UNTIL to the rule", field="rule")
    try:
        found = list(islice(rrulestr(rule, dtstart=local, ignoretz=True), SEARCHED))
    except (ValueError, TypeError, KeyError, OverflowError):
        raise BadRule("Give a rule such as FREQ=WEEKLY;INTERVAL=2;COUNT=10", field="rule") from None
    holidays = _holidays(without_holidays_of, {moment.year for moment in found})
    left_out = {moment.date(): holidays[moment.date()] for moment in found if moment.date() in holidays}
    kept = [moment for moment in found if moment.date() not in left_out]
    if not kept:
        raise BadRule("This rule gives no dates", field="rule")
    if len(kept) > MOST_SESSIONS:
        raise BadRule("A programme can have at most {most} sessions", field="rule", most=MOST_SESSIONS)
    return Dates([moment.replace(tzinfo=zone).astimezone(UTC) for moment in kept], left_out)


def _holidays(country: Country | None, years: set[int]) -> Mapping[date, str]:
    if country is None:
        return {}
    named = country_holidays(country, years=years, categories=KEPT_DAYS[country], language="en_US")
    return dict(named.items())
