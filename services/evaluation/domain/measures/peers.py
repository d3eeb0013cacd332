"""Peers: what they have done, and how many of them."""

from collections.abc import Iterator

from motesplats_events import AssignmentStatus, VolunteerRole
from services.evaluation.domain.measures.facts import Assignment, VolunteerFacts
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.shares import Change
from services.evaluation.domain.measures.sums import Entry, Tally

DONE = "peer"


def work_cells(assignment: Assignment) -> Iterator[Entry]:
    """What a completed assignment adds, on the day it was completed."""
    if assignment.role is VolunteerRole.PEER and assignment.status is AssignmentStatus.COMPLETED:
        assert assignment.completed_on is not None
        yield DONE, assignment.completed_on, 1


def person_cells(facts: VolunteerFacts, assignment: Assignment) -> Iterator[Entry]:
    """The same under the volunteer's random id, so that different people can be told apart."""
    for _, day, n in work_cells(assignment):
        yield facts.volunteer_id, day, n


def assignments(tally: Tally, period: Period) -> int:
    """Assignments that a peer completed in the period."""
    return tally.during(DONE, period.since, period.until)


def unique_peers(tally: Tally, period: Period) -> int:
    """Different volunteers who completed at least one of them.

    Args:
        tally: of the book of peers.
    """
    return sum(1 for name in tally.series if tally.during(name, period.since, period.until) > 0)


def change(tally: Tally, period: Period) -> Change:
    """Assignments in the period, beside those in the same days a year earlier."""
    return Change(assignments(tally, period), assignments(tally, period.year_before))
