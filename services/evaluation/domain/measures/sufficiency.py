"""Enough volunteers: what coordinators last answered."""

from collections.abc import Iterator

from services.evaluation.domain.measures.facts import OfferFacts
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.shares import Share
from services.evaluation.domain.measures.sums import Entry, Season, Tally, of_a_share


def cells(facts: OfferFacts) -> Iterator[Entry]:
    """What an offer adds: since when it has answered, and when the newest answer was yes."""
    season = _season(facts)
    if season is not None:
        yield from of_a_share("answered", "enough", season, map(_season, facts.earlier_seasons))


def _season(facts: OfferFacts) -> Season | None:
    return facts.offer.season([(answer.on, answer.enough) for answer in facts.answers])


def enough_volunteers(tally: Tally, period: Period) -> Share:
    """Offers whose newest answer up to the period's end is yes, of those in the period that have answered."""
    return Share(
        part=tally.present("enough", period.since, period.until),
        n=tally.present("answered", period.since, period.until),
    )
