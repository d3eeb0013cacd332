"""What a report is about: a period, or the year up to a date."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.errors import DomainError

SHORTEST = timedelta(days=28)
"""A shorter period would tell of single meetings, and so of those who came to them."""

EARLIEST = date(1900, 1, 1)
YEARS_SHOWN = 5


class NoSuchPeriod(DomainError):
    """The days do not make a period that can be reported on."""

    code = "no-such-period"


@dataclass(frozen=True, slots=True)
class Period:
    """Days that a report covers, both ends among them.

    Attributes:
        so_far: the days asked for go on after today, where the period ends.
    """

    since: date
    until: date
    so_far: bool = False

    @property
    def year_before(self) -> "Period":
        """The same days a year earlier."""
        return Period(a_year_before(self.since), a_year_before(self.until))

    @property
    def this_year(self) -> "Period":
        """The calendar year in which the period ends, up to its end."""
        return Period(date(self.until.year, 1, 1), self.until)

    @property
    def years(self) -> Sequence[int]:
        """The calendar years that tables show, the last being the one in which the period ends."""
        return range(self.until.year - YEARS_SHOWN + 1, self.until.year + 1)

    @property
    def months(self) -> Sequence["Period"]:
        """The calendar months that the period touches, each as far as it lies in the period."""
        return list(_months(self.since, self.until))

    @property
    def ends_its_year(self) -> bool:
        """Whether the calendar year in which it ends is covered to its last day."""
        return not self.so_far and (self.until.month, self.until.day) == (12, 31)

    def is_exact(self, year: int) -> bool:
        """Whether a calendar year is over and covered to its last day, so that it is counted exactly."""
        return year < self.until.year or self.ends_its_year


def period(since: date | None, until: date | None, at: date | None, today: date) -> Period:
    """The period that somebody asks for; without any day, the year up to today.

    Raises:
        NoSuchPeriod: both a date and a period, the wrong way round, too short, too early, or wholly to come.
    """
    if at is not None and (since is not None or until is not None):
        raise NoSuchPeriod("Give either one date or a period, not both", field="at")
    last = at or until or today
    first = since or _year_up_to(last)
    if since is not None and last < first:
        raise NoSuchPeriod("The last day comes before the first. Change one of them", field="to")
    if first > today:
        field = "from" if since else "at" if at else "to"
        raise NoSuchPeriod("These days are still to come. Choose earlier ones", field=field)
    if first < EARLIEST:
        raise NoSuchPeriod("Choose a day in 1900 or later", field="from" if since else "at" if at else "to")
    found = Period(first, min(last, today), so_far=last > today)
    if found.until - found.since + timedelta(days=1) < SHORTEST:
        raise NoSuchPeriod("A report covers at least four weeks. Choose an earlier first day", field="from")
    return found


def year(number: int) -> Period:
    """A whole calendar year."""
    return Period(date(number, 1, 1), date(number, 12, 31))


def a_year_before(day: date) -> date:
    """The same day a year earlier; 28 February for 29 February."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def month_end(day: date) -> date:
    """The last day of its month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def thursday(day: date) -> date:
    """The Thursday of its ISO week: a week belongs to the year, month and period in which its Thursday lies."""
    return day + timedelta(days=3 - day.weekday())


def _year_up_to(day: date) -> date:
    return a_year_before(day) + timedelta(days=1) if day > EARLIEST else day


def _months(since: date, until: date) -> Iterator[Period]:
    while since <= until:
        end = min(month_end(since), until)
        yield Period(since, end)
        since = end + timedelta(days=1)
