"""Make a report from the sums that somebody may see."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.sums import Book
from services.evaluation.domain.reports import Asked, Definition, Report
from services.evaluation.store import sums
from shared.access import Staff, scope
from shared.delivery import Reading


@dataclass(frozen=True, slots=True)
class Made:
    """A report, and how far it can be trusted to be the latest.

    Attributes:
        uncounted: how many offers and volunteers have news that is not in it yet.
    """

    report: Report
    uncounted: int


async def make(at: Reading, report: Definition, period: Period, staff: Staff, threshold: int) -> Made:
    """A report on what a staff member may see: their organisers, in their areas.

    Volunteers belong to no organiser, so that of them the area alone decides.
    """
    first = min(period.since.year, period.years[0]) - 1
    found = {}
    for book in report.books:
        within = scope(staff)
        if book is Book.VOLUNTEERS:
            within.pop("organiser", None)
        years = range(first, period.until.year + 1)
        found[book] = await sums.sums(at, book, within, years, _cuts(book, period))
    asked = Asked(found, period, threshold)
    return Made(report.build(asked), await sums.uncounted(at))


def _cuts(book: Book, period: Period) -> list[date]:
    """The days up to which a measure asks for sums; of what was done also in the same days a year earlier."""
    periods = [period, period.year_before] if book is Book.WORK else [period]
    return [day for days in periods for day in (days.since - timedelta(days=1), days.until)]
