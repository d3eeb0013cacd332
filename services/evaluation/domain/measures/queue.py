"""The queue: how many wait, and how long it took those who got a place."""

from collections.abc import Iterator

from services.evaluation.domain.measures.facts import OfferFacts
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.shares import Mean
from services.evaluation.domain.measures.sums import Entry, Tally

CLASSES = ("0-6", "7-13", "14-27", "28-55", "56-")
"""Days waited, in classes; the last has no end."""


def cells(facts: OfferFacts) -> Iterator[Entry]:
    """What those who began in the queue add: from when to when they waited, and for how long until they had a place."""
    for person in facts.registrations:
        if not person.waited or person.on is None:
            continue
        yield "waiting", person.on, 1
        # After the last session there is nothing to wait for.
        ends = [day for day in (person.placed_on, person.ended_on, facts.offer.last) if day is not None]
        if ends:
            yield "waiting", max(min(ends), person.on), -1
        if person.placed_on is not None:
            days = max((person.placed_on - person.on).days, 0)
            yield "waited", person.placed_on, 1
            yield "waited.days", person.placed_on, days
            yield f"waited.{_class(days)}", person.placed_on, 1


def waiting(tally: Tally, period: Period) -> int:
    """Registrations in the queue at the end of the period's last day; an offered place is still waited for."""
    return tally.up_to("waiting", period.until)


def time_waited(tally: Tally, period: Period) -> Mean:
    """Days from registration to a place, over those who waited and got one in the period; how many waited how long."""
    since, until = period.since, period.until
    spread = {name: tally.during(f"waited.{name}", since, until) for name in CLASSES}
    return Mean(tally.during("waited.days", since, until), tally.during("waited", since, until), spread)


def _class(days: int) -> str:
    return next(name for name in reversed(CLASSES) if days >= int(name.partition("-")[0]))
