"""Trainings that volunteers have completed."""

from collections.abc import Iterator
from datetime import date

from services.evaluation.domain.measures.facts import VolunteerFacts
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.sums import Entry, Tally


def cells(facts: VolunteerFacts) -> Iterator[Entry]:
    """What a volunteer's trainings add: each on its day, and for each role the first that they completed."""
    for training in facts.trainings:
        yield f"training.{training.training}", training.on, 1
    if facts.trainings and facts.enrolled_on is not None:
        first = min(training.on for training in facts.trainings)
        for role in sorted({held.role.value for held in facts.roles}):
            yield f"trained.{role}", first, 1


def codes(tally: Tally) -> list[str]:
    """The trainings that anybody has completed."""
    return tally.names("training.")


def completed(tally: Tally, training: str, since: date, until: date) -> int:
    """How often a training was completed on these days."""
    return tally.during(f"training.{training}", since, until)


def trained(tally: Tally, role: str, period: Period) -> int:
    """Volunteers of a role whose first training was completed in the period."""
    return tally.during(f"trained.{role}", period.since, period.until)


def trained_in_all(tally: Tally, role: str, period: Period) -> int:
    """Volunteers of a role who had completed a training by the end of the period, those who have left among them."""
    return tally.up_to(f"trained.{role}", period.until)
