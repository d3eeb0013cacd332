"""Attendance: how many come to a session."""

from collections.abc import Iterator

from services.evaluation.domain.measures.facts import OfferFacts
from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.measures.shares import Mean
from services.evaluation.domain.measures.sums import Entry, Tally

CLASSES = ("0", "1-3", "4-6", "7-9", "10-14", "15-")
"""How many came, in classes; the last has no end."""


def cells(facts: OfferFacts) -> Iterator[Entry]:
    """What the held sessions of an offer add, where people register. A drop-in counts visitors instead."""
    if not facts.offer.lists_people:
        return
    for session in facts.held:
        yield "sessions", session.on, 1
        yield "attendances", session.on, session.attended
        yield f"attended.{_class(session.attended)}", session.on, 1


def mean_attendance(tally: Tally, period: Period) -> Mean:
    """Attendances over held sessions, of offers for which people register; how many sessions had how many."""
    spread = {name: tally.during(f"attended.{name}", period.since, period.until) for name in CLASSES}
    return Mean(
        total=tally.during("attendances", period.since, period.until),
        n=tally.during("sessions", period.since, period.until),
        spread=spread,
    )


def _class(attended: int) -> str:
    return next(name for name in reversed(CLASSES) if attended >= int(name.partition("-")[0]))
