"""Volunteers: how many there are, where, and in which roles."""

from collections.abc import Iterator
from datetime import date

from motesplats_events import VolunteerRole
from services.evaluation.domain.measures.facts import VolunteerFacts
from services.evaluation.domain.measures.sums import Entry, Spell, Tally, presence


def cells(facts: VolunteerFacts) -> Iterator[Entry]:
    """What a volunteer adds by being there, in all and in each role."""
    if facts.enrolled_on is None:
        return
    yield from presence("volunteers", [(facts.enrolled_on, facts.left_on)])
    for role in VolunteerRole:
        yield from presence(f"role.{role.value}", role_spells(facts, role))


def role_spells(facts: VolunteerFacts, role: VolunteerRole) -> list[Spell]:
    """When a volunteer had a role: from when they took it up until they gave it up or left."""
    spells: list[Spell] = []
    for held in facts.roles:
        if held.role is role:
            until = min((day for day in (held.until, facts.left_on) if day is not None), default=None)
            if until is None or until >= held.since:
                spells.append((held.since, until))
    return spells


def volunteers(tally: Tally, since: date, until: date) -> int:
    """Volunteers who were enrolled on at least one of these days. A pause is no leaving.

    Counted in the municipality where they live now, or want to be asked; whoever moves takes their years along.
    """
    return tally.present("volunteers", since, until)


def in_role(tally: Tally, role: str, since: date, until: date) -> int:
    """Those of them who had a role on at least one of these days; somebody with two roles is counted in both."""
    return tally.present(f"role.{role}", since, until)
