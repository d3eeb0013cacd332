"""The living library: how many books are asked at all."""

from collections.abc import Iterator
from datetime import date

from motesplats_events import VolunteerRole
from services.evaluation.domain.measures.facts import VolunteerFacts
from services.evaluation.domain.measures.shares import Share
from services.evaluation.domain.measures.sums import Entry, Tally
from services.evaluation.domain.measures.volunteers import role_spells

ROLE = VolunteerRole.LIVING_BOOK


def cells(facts: VolunteerFacts) -> Iterator[Entry]:
    """What a book adds: the day of the first offer in each calendar year in which it could be lent."""
    offered: dict[int, date] = {}
    for assignment in facts.assignments:
        if assignment.role is ROLE:
            day = assignment.offered_on
            offered[day.year] = min(day, offered.get(day.year, day))
    for year, day in offered.items():
        first, last = date(year, 1, 1), date(year, 12, 31)
        active = [max(since, first) for since, until in role_spells(facts, ROLE) if _meets(since, until, first, last)]
        if facts.enrolled_on is not None and active:
            # An offer made before the role was noted down counts from the day on which the book is one.
            yield "book.offered", max(day, min(active)), 1


def offered(tally: Tally, year: int, until: date) -> Share:
    """Books offered at least one assignment in the calendar year, of those active at any time in it.

    Whether the offer was accepted does not matter. Both are counted up to `until`.
    """
    first = date(year, 1, 1)
    return Share(
        part=tally.during("book.offered", first, until),
        n=tally.present(f"role.{ROLE.value}", first, until),
    )


def _meets(since: date, until: date | None, first: date, last: date) -> bool:
    return since <= last and (until is None or until >= first)
