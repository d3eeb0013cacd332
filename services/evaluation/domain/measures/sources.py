"""Sources: how people found the way to a meeting place, and which units showed it."""

from collections.abc import Iterator
from datetime import date

from services.evaluation.domain.measures.facts import OfferFacts
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.shares import Share
from services.evaluation.domain.measures.sums import Entry, Tally

SOURCES = ("self", "clinic", "primary_care", "municipality", "association")


def cells(facts: OfferFacts) -> Iterator[Entry]:
    """What the registrations for an offer add on the day they were made, whatever became of them."""
    for person in facts.registrations:
        if person.on is None:
            continue
        yield "registered", person.on, 1
        if person.came_by is not None:
            yield f"came.{person.came_by}", person.on, 1
        if person.referred_by:
            yield f"referred.{person.referred_by}", person.on, 1


def registrations(tally: Tally, since: date, until: date) -> int:
    """Registrations made on these days, with a place or in the queue."""
    return tally.during("registered", since, until)


def came_by(tally: Tally, source: str, since: date, until: date) -> int:
    """Those of them that came this way."""
    return tally.during(f"came.{source}", since, until)


def on_their_own(tally: Tally, period: Period) -> Share:
    """Registrations to which nobody showed the way, of all that were made in the period."""
    since, until = period.since, period.until
    return Share(came_by(tally, "self", since, until), registrations(tally, since, until))


def referred(tally: Tally, period: Period) -> Share:
    """Registrations for which the unit that showed the way is known, of all that were made in the period."""
    since, until = period.since, period.until
    return Share(
        sum(referred_by(tally, unit, since, until) for unit in units(tally)), registrations(tally, since, until)
    )


def units(tally: Tally) -> list[str]:
    """Units that have ever referred anybody."""
    return tally.names("referred.")


def referred_by(tally: Tally, unit: str, since: date, until: date) -> int:
    """Registrations made on these days to which this unit showed the way."""
    return tally.during(f"referred.{unit}", since, until)
