"""Who is proposed for what a unit asks, in which order and why.

First the rules that nobody is proposed against, then an order that spreads the work: who has had no offer this year
comes first. Greedy, one request after the other, so that each proposal can be explained in words.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers.domain.assignments import OPEN, Assignment, Collides
from services.volunteers.domain.readiness import not_ready
from services.volunteers.domain.requests import ASKED_FOR, Request
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import Span
from services.volunteers.domain.trainings import Training, required
from services.volunteers.domain.volunteers import Reach, Volunteer
from shared.errors import Conflict, DomainError, Problem


class AskedForThis(Conflict):
    """Who has said no to a request, or has not answered, is not asked for it again."""

    code = "asked-for-this"


class AvoidsTheTheme(Conflict):
    """The volunteer does not want to speak about it or meet it."""

    code = "avoids-the-theme"


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
        last_offer: when they were last offered anything.
        days: of the assignments that units ask for, done, to be done or still to be answered; one entry each.
        busy: times of everything that is open, in programmes too.
    """

    offers: Mapping[VolunteerRole, int]
    last_offer: datetime | None
    days: Sequence[date]
    busy: Sequence[Span]


def load(assignments: Iterable[Assignment], rules: Rules, now: datetime) -> Load:
    """What these assignments of one volunteer come to."""
    offers: dict[VolunteerRole, int] = {}
    last_offer: datetime | None = None
    days: list[date] = []
    busy: list[Span] = []
    year = rules.day(now).year
    for one in assignments:
        if rules.day(one.offered_at).year == year:
            offers[one.role] = offers.get(one.role, 0) + 1
        last_offer = max(last_offer or one.offered_at, one.offered_at)
        status = one.status_at(now)
        if status in OPEN:
            busy += one.task.times
        if one.role in ASKED_FOR and (status in OPEN or status is AssignmentStatus.COMPLETED):
            days.append(rules.day(one.task.at or one.offered_at))
    return Load(offers, last_offer, days, busy)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can be asked.

    Attributes:
        because: what speaks for asking them now, in words; the weightiest first.
    """

    volunteer: Volunteer
    because: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Match:
    """What the pool has for a request.

    Attributes:
        candidates: in the order in which they are asked.
        excluded: those who do it, but cannot be asked for this, each with the reason.
    """

    candidates: Sequence[Candidate]
    excluded: Sequence[tuple[Volunteer, DomainError]]


@dataclass(frozen=True, slots=True)
class _Wish:
    """A request as every volunteer is held against it, worked out once."""

    request: Request
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
        request,
        _folded(f"{request.theme} {request.audience}"),
        _folded(request.theme),
        rules.day(request.at or now),
        rules.day(now),
        required(catalogue, request.role),
        request.task.times,
    )
    found: list[tuple[tuple[object, ...], Volunteer, Load]] = []
    excluded: list[tuple[Volunteer, DomainError]] = []
    for volunteer in pool:
        if request.role not in volunteer.roles:
            continue
        work = loads.get(volunteer.volunteer_id, NOTHING)
        if fault := _against(volunteer, work, wish, asked, rules):
            excluded.append((volunteer, fault))
        else:
            found.append((_rank(volunteer, work, wish, rules, spread), volunteer, work))
    found.sort(key=lambda one: one[0])
    candidates = [Candidate(volunteer, _because(volunteer, work, wish, rules)) for _, volunteer, work in found]
    return Match(candidates, excluded)


NOTHING = Load({}, None, (), ())


def _against(volunteer: Volunteer, work: Load, wish: _Wish, asked: Collection[str], rules: Rules) -> DomainError | None:
    """The first rule that speaks against asking; None where none does."""
    request = wish.request
    if volunteer.volunteer_id in asked:
        return AskedForThis("Has been asked for this already")
    if fault := not_ready(volunteer, request.role, wish.on, wish.today, wish.needed):
        return fault
    for topic in volunteer.avoids:
        if _touch(_folded(topic), wish.text, wish.theme):
            return AvoidsTheTheme("Does not want to speak about or meet: {topic}", topic=topic)
    if request.language not in volunteer.speaks:
        return OtherLanguage("Does not speak the language")
    if not request.digital and not _reaches(volunteer, request.municipality, rules):
        return TooFar("Does not travel as far as {municipality}", municipality=request.municipality)
    for span in wish.times:
        for taken in work.busy:
            if span.meets(taken):
                return Collides("Another assignment takes place at the same time: {when}", when=taken.starts_at)
    if sum(day.year == wish.on.year for day in work.days) >= rules.most_a_year:
        return HasEnough("Has {most} assignments this year, as many as anybody gets", most=rules.most_a_year)
    for day in work.days:
        if abs((day - wish.on).days) < rules.rest_days:
            return NeedsRest("Has an assignment on {day}; {rest} days lie between two", day=day, rest=rules.rest_days)
    return None


def _reaches(volunteer: Volunteer, municipality: str, rules: Rules) -> bool:
    match volunteer.reach:
        case Reach.ANYWHERE:
            return True
        case Reach.AREA:
            return rules.near(volunteer.municipality, municipality)
        case Reach.MUNICIPALITY:
            return volunteer.municipality == municipality


def _rank(volunteer: Volunteer, work: Load, wish: _Wish, rules: Rules, spread: bool) -> tuple[object, ...]:
    """The order of asking; smaller is sooner. The id decides last, so that a name never does."""
    request = wish.request
    offers = work.offers.get(request.role, 0)
    near = (
        not request.digital and volunteer.municipality != request.municipality,
        not request.digital and not rules.near(volunteer.municipality, request.municipality),
        not _knows(volunteer, wish),
    )
    if not spread:
        return (*near, volunteer.volunteer_id)
    last = work.last_offer.timestamp() if work.last_offer else 0.0
    return (offers > 0, *near, offers, last, volunteer.volunteer_id)


def _because(volunteer: Volunteer, work: Load, wish: _Wish, rules: Rules) -> Sequence[Problem]:
    request = wish.request
    offers = work.offers.get(request.role, 0)
    year = str(wish.today.year)
    words = [
        Problem("", "Has had no offer as this in {year}", {"year": year})
        if not offers
        else Problem("", "Offers as this in {year}: {n}", {"year": year, "n": offers})
    ]
    if request.digital:
        words.append(Problem("", "Nobody has to travel"))
    elif volunteer.municipality == request.municipality:
        words.append(Problem("", "Lives in the same municipality"))
    elif rules.areas and rules.near(volunteer.municipality, request.municipality):
        words.append(Problem("", "Lives in the same area"))
    else:
        words.append(Problem("", "Travels from {municipality}", {"municipality": volunteer.municipality}))
    if _knows(volunteer, wish):
        words.append(Problem("", "Knows the theme"))
    if work.last_offer:
        words.append(Problem("", "Last asked on {day}", {"day": rules.day(work.last_offer)}))
    return words


def _knows(volunteer: Volunteer, wish: _Wish) -> bool:
    return any(_touch(_folded(theme), wish.text, wish.theme) for theme in volunteer.themes)


def _touch(topic: str, text: str, theme: str) -> bool:
    """Whether a topic is spoken of, as a part of a word too: `cancer` in `breast cancer`, and the other way round."""
    return topic in text or theme in topic


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
