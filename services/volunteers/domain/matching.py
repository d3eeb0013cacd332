"""Who is proposed for what a unit asks, in which order and why.

First the rules that nobody is proposed against, then an order that spreads the work: who has had no offer this year
comes first. Greedy, one request after the other, so that each proposal can be explained in words.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import NamedTuple

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers.domain.assignments import OPEN, Assignment, Collides
from services.volunteers.domain.readiness import not_ready
from services.volunteers.domain.requests import ASKED_FOR, Request
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import Span
from services.volunteers.domain.topics import AvoidsTheTheme, touches
from services.volunteers.domain.trainings import Training, required
from services.volunteers.domain.volunteers import Reach, Volunteer
from services.volunteers.domain.words import folded
from shared.errors import Conflict, DomainError, Problem


class AskedForThis(Conflict):
    """Who has said no to a request, has not answered, or was asked by mistake, is not asked for it again."""

    code = "asked-for-this"


class OtherLanguage(Conflict):
    """The volunteer does not speak the language."""

    code = "other-language"


class TooFar(Conflict):
    """It is farther away than the volunteer travels."""

    code = "too-far"


class HasEnough(Conflict):
    """The volunteer has as much as anybody is given in a year."""

    code = "has-enough"


class NeedsRest(Conflict):
    """Too little time lies between this and another assignment."""

    code = "needs-rest"


@dataclass(frozen=True, slots=True)
class Load:
    """What a volunteer has been asked and does.

    Attributes:
        offers: how often they were offered something this year, by role; a no counts too.
        asked_on: when they were last offered anything.
        days: of the assignments that units ask for, done, to be done or still to be answered; one entry each.
        busy: times of everything that is open, in programmes too.
    """

    offers: Mapping[VolunteerRole, int]
    asked_on: date | None
    days: Sequence[date]
    busy: Sequence[Span]


def load(assignments: Iterable[Assignment], rules: Rules, now: datetime) -> Load:
    """What these assignments of one volunteer come to."""
    offers: dict[VolunteerRole, int] = {}
    asked_on: date | None = None
    days: list[date] = []
    busy: list[Span] = []
    year = rules.day(now).year
    for one in assignments:
        on = rules.day(one.offered_at)
        if on.year == year:
            offers[one.role] = offers.get(one.role, 0) + 1
        asked_on = max(asked_on or on, on)
        status = one.status_at(now)
        if status in OPEN:
            busy += one.task.times
        if one.role in ASKED_FOR and (status in OPEN or status is AssignmentStatus.COMPLETED):
            days.append(rules.day(one.task.at) if one.task.at else on)
    return Load(offers, asked_on, days, busy)


class Nearness(IntEnum):
    """How far somebody has to travel; less is nearer."""

    NO_WAY = 0
    SAME_MUNICIPALITY = 1
    SAME_AREA = 2
    FARTHER = 3


class Candidate(NamedTuple):
    """Somebody who can be asked. A tuple, since there are many.

    Attributes:
        offers: how often they were offered something in this role this year.
        knows: whether they have said that they know the theme.
        asked_on: when they were last asked for anything; None if they never were.
    """

    volunteer: Volunteer
    year: int
    offers: int
    nearness: Nearness
    knows: bool
    asked_on: date | None

    @property
    def because(self) -> Sequence[Problem]:
        """What decides when they are asked, in words; the weightiest first."""
        year = str(self.year)
        words = [
            Problem("", "Offers as this in {year}: {n}", {"year": year, "n": self.offers})
            if self.offers
            else Problem("", "Has had no offer as this in {year}", {"year": year})
        ]
        match self.nearness:
            case Nearness.NO_WAY:
                words.append(Problem("", "Nobody has to travel"))
            case Nearness.SAME_MUNICIPALITY:
                words.append(Problem("", "Lives in the same municipality"))
            case Nearness.SAME_AREA:
                words.append(Problem("", "Lives in the same area"))
            case Nearness.FARTHER:
                words.append(Problem("", "Travels from {municipality}", {"municipality": self.volunteer.municipality}))
        if self.knows:
            words.append(Problem("", "Knows the theme"))
        if self.asked_on:
            words.append(Problem("", "Last asked on {day}", {"day": self.asked_on}))
        return words


@dataclass(frozen=True, slots=True)
class Match:
    """What the pool has for a request.

    Attributes:
        candidates: in the order in which they are asked.
        excluded: those who do it, but cannot be asked for this, each with the reason.
        elsewhere: how many more of those there are whom the reader does not see.
    """

    candidates: Sequence[Candidate]
    excluded: Sequence[tuple[Volunteer, DomainError]]
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class _Wish:
    """A request as every volunteer is held against it, worked out once.

    Attributes:
        here: the municipality, folded; so is what is around it.
    """

    role: VolunteerRole
    language: str
    municipality: str
    here: str
    digital: bool
    around: Collection[str] | None
    text: str
    theme: str
    on: date
    today: date
    needed: Sequence[Training]
    times: Sequence[Span]


def match(
    request: Request,
    pool: Iterable[Volunteer],
    loads: Mapping[str, Load],
    asked: Collection[str],
    catalogue: Iterable[Training],
    rules: Rules,
    now: datetime,
    *,
    spread: bool = True,
) -> Match:
    """Who can be asked, in which order, and why the others cannot.

    Args:
        pool: whoever does what is asked for; others are passed over in silence.
        loads: by volunteer id; who is not there has never been asked for anything.
        asked: ids of those who have been asked for this request.
        spread: False asks the nearest again and again. Only for the test that must see the difference.
    """
    wish = _Wish(
        role=request.role,
        language=request.language,
        municipality=request.municipality,
        here=folded(request.municipality),
        digital=request.digital,
        around=rules.around(request.municipality),
        text=folded(f"{request.theme} {request.audience}"),
        theme=folded(request.theme),
        on=rules.day(request.at or now),
        today=rules.day(now),
        needed=required(catalogue, request.role),
        times=request.task.times,
    )
    found: list[tuple[tuple[object, ...], Candidate]] = []
    excluded: list[tuple[Volunteer, DomainError]] = []
    for volunteer in pool:
        if wish.role not in volunteer.roles:
            continue
        work = loads.get(volunteer.volunteer_id, NOTHING)
        if fault := _against(volunteer, work, wish, asked, rules):
            excluded.append((volunteer, fault))
            continue
        candidate = Candidate(
            volunteer=volunteer,
            year=wish.today.year,
            offers=work.offers.get(wish.role, 0),
            nearness=_nearness(volunteer, wish),
            knows=any(_touch(folded(theme), wish) for theme in volunteer.themes),
            asked_on=work.asked_on,
        )
        found.append((_rank(candidate, spread), candidate))
    found.sort(key=lambda one: one[0])
    return Match([candidate for _, candidate in found], excluded)


NOTHING = Load({}, None, (), ())


def _rank(candidate: Candidate, spread: bool) -> tuple[object, ...]:
    """The order of asking; smaller is sooner. The id decides last, so that a name never does."""
    near = (candidate.nearness, not candidate.knows)
    id = candidate.volunteer.volunteer_id
    if not spread:
        return (*near, id)
    return (candidate.offers > 0, *near, candidate.offers, candidate.asked_on or date.min, id)


def _against(volunteer: Volunteer, work: Load, wish: _Wish, asked: Collection[str], rules: Rules) -> DomainError | None:
    """The first rule that speaks against asking; None where none does."""
    if volunteer.volunteer_id in asked:
        return AskedForThis("Has been asked for this already")
    if fault := not_ready(volunteer, wish.role, wish.on, wish.today, wish.needed):
        return fault
    for topic in volunteer.avoids:
        if _touch(folded(topic), wish):
            return AvoidsTheTheme("Does not want to speak about or meet: {topic}", topic=topic)
    if wish.language not in volunteer.speaks:
        return OtherLanguage("Does not speak the language")
    if not _reaches(volunteer, wish):
        return TooFar("Does not travel as far as {municipality}", municipality=wish.municipality)
    for taken in work.busy:
        for span in wish.times:
            if span.meets(taken):
                return Collides("Another assignment takes place at the same time: {when}", when=taken.starts_at)
    if len(work.days) >= rules.most_a_year and sum(day.year == wish.on.year for day in work.days) >= rules.most_a_year:
        return HasEnough("Has {most} assignments this year, as many as anybody gets", most=rules.most_a_year)
    for day in work.days:
        if abs((day - wish.on).days) < rules.rest_days:
            return NeedsRest("Has an assignment on {day}; {rest} days lie between two", day=day, rest=rules.rest_days)
    return None


def _reaches(volunteer: Volunteer, wish: _Wish) -> bool:
    home = folded(volunteer.municipality)
    if wish.digital or volunteer.reach is Reach.ANYWHERE or home == wish.here:
        return True
    return volunteer.reach is Reach.AREA and (wish.around is None or home in wish.around)


def _nearness(volunteer: Volunteer, wish: _Wish) -> Nearness:
    if wish.digital:
        return Nearness.NO_WAY
    home = folded(volunteer.municipality)
    if home == wish.here:
        return Nearness.SAME_MUNICIPALITY
    if wish.around is not None and home in wish.around:
        return Nearness.SAME_AREA
    return Nearness.FARTHER


def _touch(topic: str, wish: _Wish) -> bool:
    return touches(topic, wish.text, (wish.theme,))
