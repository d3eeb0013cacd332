"""Stay: for how long people come."""

from collections.abc import Iterator
from datetime import date
from statistics import median

from services.evaluation.domain.measures.facts import OfferFacts
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.shares import Share
from services.evaluation.domain.measures.sums import Entry, Season, Tally, of_a_share

LONG_DAYS = 11 * 365.25 / 12
"""Eleven months."""


def cells(facts: OfferFacts) -> Iterator[Entry]:
    """What an offer adds: since when somebody has attended it, and when its median stay was long."""
    season = _season(facts)
    if season is not None:
        yield from of_a_share("stay", "stay.long", season, map(_season, facts.earlier_seasons))


def long_stay(tally: Tally, period: Period) -> Share:
    """Offers whose median stay is over eleven months, of those in the period that somebody has attended.

    A stay is a participant's last attendance less the first, up to the period's end. An id is of one programme
    only, so that a stay ends with the season even for those who register again; of an offer of several seasons the
    newest counts.
    """
    return Share(
        part=tally.present("stay.long", period.since, period.until),
        n=tally.present("stay", period.since, period.until),
    )


def _season(facts: OfferFacts) -> Season | None:
    people = [sorted(person.came) for person in facts.registrations if person.came]
    days = sorted({day for came in people for day in came})
    return facts.offer.season([(day, _is_long(people, day)) for day in days])


def _is_long(people: list[list[date]], at: date) -> bool:
    stays = [(max(day for day in came if day <= at) - came[0]).days for came in people if came[0] <= at]
    return median(stays) > LONG_DAYS
