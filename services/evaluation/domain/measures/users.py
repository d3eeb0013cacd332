"""Users: who takes part where people register."""

from collections.abc import Iterator
from datetime import date

from services.evaluation.domain.measures.facts import Offer, OfferFacts, Registered
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.shares import Mean
from services.evaluation.domain.measures.sums import Entry, Spell, Tally, presence


def cells(facts: OfferFacts) -> Iterator[Entry]:
    """What the users of an offer add, each by being there."""
    for person in facts.registrations:
        yield from presence("users", spells_of(facts.offer, person))


def spells_of(offer: Offer, person: Registered) -> list[Spell]:
    """When somebody is a user: during an open membership, and on each day they attended.

    A membership goes on to the last session at most.
    """
    spells: list[Spell] = [(day, day) for day in person.came]
    if person.member_since is not None:
        until = min((day for day in (person.ended_on, offer.last) if day is not None), default=None)
        if until is None or until >= person.member_since:
            spells.append((person.member_since, until))
    return spells


def users(tally: Tally, since: date, until: date) -> int:
    """Distinct participants with at least one attendance or an open membership on these days.

    Somebody who takes part in two offers is counted in each, since their ids are unrelated.
    """
    return tally.present("users", since, until)


def users_per_offer(tally: Tally, period: Period) -> Mean:
    """Users, over the offers in the period for which people register.

    Not to be mistaken for mean attendance: of the users of a group not all come every time.
    """
    since, until = period.since, period.until
    return Mean(users(tally, since, until), tally.present("listed", since, until), {})
