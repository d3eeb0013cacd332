"""Enough volunteers: what coordinators last answered."""

from collections.abc import Iterator

from services.evaluation.domain.measures.facts import OfferFacts
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.shares import Share
from services.evaluation.domain.measures.sums import Entry, Tally, presence, state


def cells(facts: OfferFacts) -> Iterator[Entry]:
    """What an offer adds: since when it has answered, and when the newest answer was yes."""
    if not facts.answers or facts.offer.first is None:
        return
    answers = facts.answers
    until = facts.offer.last and max(facts.offer.last, answers[-1].on)
    yield from presence("answered", [(answers[0].on, until)])
    yield from state("enough", [(answer.on, answer.enough) for answer in answers], until)


def enough_volunteers(tally: Tally, period: Period) -> Share:
    """Offers whose newest answer up to the period's end is yes, of those in the period that have answered."""
    return Share(
        part=tally.present("enough", period.since, period.until),
        n=tally.present("answered", period.since, period.until),
    )
