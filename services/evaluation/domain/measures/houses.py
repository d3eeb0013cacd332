"""Drop-in houses: how many come in a week, and who."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from services.evaluation.domain.measures.facts import OfferFacts
from services.evaluation.domain.measures.periods import Period, thursday
from services.evaluation.domain.measures.shares import Mean
from services.evaluation.domain.measures.sums import Entry, Sums, Tally

DROP_IN = "drop_in"
MOST_CLASSES = 8


@dataclass(frozen=True, slots=True)
class House:
    """A house, and its municipality."""

    place: str
    municipality: str


def cells(facts: OfferFacts) -> Iterator[Entry]:
    """What the openings of a drop-in add, each in its ISO week, which is named by its Thursday."""
    if facts.offer.kind != DROP_IN:
        return
    place = facts.offer.place
    for session in facts.held:
        week = thursday(session.on)
        yield f"openings.{place}", week, 1
        yield f"visits.{place}", week, session.visitors
        yield "first", week, session.first_visits
        for role, n in (session.visitors_by_role or {}).items():
            yield f"role.{role}", week, n
        for band, n in (session.age_bands or {}).items():
            yield f"age.{band}", week, n


def houses(sums: Sums, period: Period) -> list[House]:
    """The houses that were open in the period."""
    return [
        House(place, municipality)
        for municipality, tally in sums.municipalities.items()
        for place in tally.names("openings.")
        if tally.during(f"openings.{place}", period.since, period.until)
    ]


def openings(tally: Tally, period: Period, place: str | None = None) -> int:
    """How often a house, or any, was open."""
    places = tally.names("openings.") if place is None else [place]
    return sum(tally.during(f"openings.{name}", period.since, period.until) for name in places)


def visitors_per_week(tally: Tally, period: Period, place: str | None = None) -> Mean:
    """The headcount of an ISO week, of one house or summed over all; its mean over the weeks with an opening.

    A week belongs to the period in which its Thursday lies, and is counted whole. The spread says how many weeks had
    how many visitors.
    """
    places = tally.names("openings.") if place is None else [place]
    weeks: dict[date, int] = {}
    for name in places:
        for week, n in tally.series.get(f"openings.{name}", {}).items():
            if n > 0 and period.since <= week <= period.until:
                weeks.setdefault(week, 0)
    for name in places:
        for week, n in tally.series.get(f"visits.{name}", {}).items():
            if week in weeks:
                weeks[week] += n
    return Mean(sum(weeks.values()), len(weeks), _spread(list(weeks.values())))


def first_visits(tally: Tally, since: date, until: date) -> int:
    """Visits that were somebody's first, in the weeks whose Thursday is among these days."""
    return tally.during("first", since, until)


def of_role(tally: Tally, role: str, since: date, until: date) -> int:
    """Visits of patients, relatives or others."""
    return tally.during(f"role.{role}", since, until)


def of_age(tally: Tally, band: str, since: date, until: date) -> int:
    """Visits of people of an age, as far as they liked to say."""
    return tally.during(f"age.{band}", since, until)


def _spread(weeks: list[int]) -> Mapping[str, int]:
    """How many weeks had how many, in at most eight classes of round width."""
    most = max(weeks, default=0)
    width = next((w for w in (5, 10, 20, 50, 100, 200, 500) if most < w * MOST_CLASSES), most // MOST_CLASSES + 1)
    last = most // width if weeks else -1
    return {
        f"{n * width}-{(n + 1) * width - 1}": sum(1 for visits in weeks if visits // width == n)
        for n in range(last + 1)
    }
