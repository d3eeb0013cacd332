"""Sites: how many different hosts each house, or other place, has had on its shifts."""

from dataclasses import dataclass
from datetime import date

from motesplats_events import AssignmentStatus, VolunteerRole
from services.evaluation.domain.measures.facts import Assignment, VolunteerFacts
from services.evaluation.domain.measures.sums import Book, Cells, Sums, Tally, placed

ON_IT = (AssignmentStatus.ACCEPTED, AssignmentStatus.COMPLETED)


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A place at which hosts are, and its municipality."""

    municipality: str
    place: str


def cells(facts: VolunteerFacts) -> Cells:
    """What a host adds at each site: one in every calendar year, on the day of the first shift there."""
    first: dict[tuple[str, str, str, int], date] = {}
    for task in facts.assignments:
        if (day := _stood_on(task)) is not None:
            at = task.organiser, task.municipality, task.place, day.year
            first[at] = min(day, first.get(at, day))
    found: Cells = Cells()
    for (organiser, municipality, place, _), day in first.items():
        found.update(placed(Book.WORK, organiser, municipality, [(f"hosts.{place}", day, 1)]))
    return found


def sites(sums: Sums) -> list[Site]:
    """The places that have ever had a host on a shift.

    Args:
        sums: of the book of work.
    """
    return [
        Site(municipality, place)
        for municipality, tally in sums.municipalities.items()
        for place in tally.names("hosts.")
    ]


def hosts(tally: Tally, place: str, since: date, until: date) -> int:
    """Different hosts who accepted or completed a shift at a place, from the first day of a calendar year on.

    Somebody who is a host there for two organisers is counted for each.

    Args:
        since: the first day of the year in which `until` lies; in a year each host is counted once.
    """
    return tally.during(f"hosts.{place}", since, until)


def _stood_on(task: Assignment) -> date | None:
    """The day of a host's shift; None where it is none."""
    if task.role is VolunteerRole.HOST and task.status in ON_IT and task.place:
        return task.on or task.completed_on
    return None
