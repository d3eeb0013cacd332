"""Make a report from the sums that somebody may see."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.evaluation.domain.measures.periods import Period, a_year_before
from services.evaluation.domain.measures.sums import Book
from services.evaluation.domain.reports import Asked, Definition, Report
from services.evaluation.store import sums
from shared.access import Staff, scope
from shared.delivery import Reading

FLOWS = {Book.HOUSES, Book.WORK, Book.PEERS}
"""Books of what happens. In the others somebody is there who began long ago, so that every year is read."""


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
    found = {}
    for book in report.books:
        within = scope(staff)
        if book is Book.VOLUNTEERS:
            within.pop("organiser", None)
        since = min(period.since.year, period.years[0]) - 1 if book in FLOWS else None
        found[book] = await sums.sums(at, book, within, since, period.until.year, _cuts(period))
    asked = Asked(found, period, threshold)
    return Made(report.build(asked), await sums.uncounted(at))


def _cuts(period: Period) -> list[date]:
    """The days up to which a measure asks for sums, in the period and in the same days a year earlier."""
    days = [period.until, period.since - timedelta(days=1)]
    return [*days, a_year_before(period.until), a_year_before(period.since) - timedelta(days=1)]
