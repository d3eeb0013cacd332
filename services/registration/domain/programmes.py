"""Programmes with dated sessions, and places by role."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from motesplats_events import Format, Role
from services.registration.domain.kinds import RULES, Admission, ProgrammeKind, Rules
from shared.errors import Gone, NotFound, Problem

LONGEST_SESSION_MINUTES = 24 * 60
MOST_SESSIONS = 200
MOST_PLACES = 10_000
MOST_HELPERS = 50
FEW = 3
FURTHEST_AHEAD = timedelta(days=5 * 366)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class ProgrammeNotFound(NotFound):
    """No programme has this id."""


class SessionNotFound(NotFound):
    """No session has this id."""


class ProgrammeOver(Gone):
    """The last session has ended."""

    code = "programme-over"


class Room(StrEnum):
    """How full a programme is."""

    PLACES_LEFT = "places_left"
    FEW_LEFT = "few_left"
    FULL = "full"


class Promotion(StrEnum):
    """What happens when a place becomes free while somebody waits."""

    AT_ONCE = "at_once"
    """The next in the queue has it."""
    OFFER = "offer"
    """It is held for the next in the queue, who is asked."""


@dataclass(frozen=True, slots=True)
class Session:
    """One dated meeting of a programme.

    Attributes:
        room: where this one meets, if not at the programme's place.
        lecturer_lead_days: how many days before a lecturer must have said yes; None where none is wanted.
        cancelled: it will not take place.
        room_holds: how many people the room holds; None where nobody has said.
        room_municipality: where the room is, if not in the programme's municipality.
    """

    session_id: str
    starts_at: datetime
    minutes: int
    theme: str
    room: str | None = None
    lecturer_lead_days: int | None = None
    cancelled: bool = False
    room_holds: int | None = None
    room_municipality: str | None = None

    @property
    def ends_at(self) -> datetime:
        """When it is planned to end."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def lecturer_by(self) -> datetime | None:
        """When a lecturer must have said yes."""
        return None if self.lecturer_lead_days is None else self.starts_at - timedelta(days=self.lecturer_lead_days)


@dataclass(frozen=True, slots=True)
class Release:
    """From a date on, places that one role has left belong to another.

    What becomes free later goes to the other when somebody waits for it or comes, and is the first role's until then.

    Attributes:
        done: the date has come.
    """

    at: datetime
    from_role: Role
    to_role: Role
    done: bool = False


@dataclass(frozen=True, slots=True)
class Programme:
    """An offer with its sessions and places.

    Attributes:
        places: by role, the maximum; empty where nobody registers.
        sessions: the earliest first, cancelled ones too.
        about: the theme or diagnosis that it is for; empty for everybody.
        language: spoken there, an ISO 639 code.
        minimum: how many a group needs to begin; also how many must wait before a new group is proposed.
        optimum: up to how many a group takes in new members by itself; None for all its places.
        entries: from which days new members may come; empty for any.
        promotion: what happens when a place becomes free.
        offer_days: how long an offer can be answered, though never longer than to the next session.
        releases: see `Release`.
        planned: the places before any went from one role to another; None while none have, or staff set them anew.
        facilitators_needed: how many must have said yes before a session can open.
        hosts_needed: how many hosts each session wants at least.
        copy_of: the programme of an earlier season that this one continues.
        taken: confirmed registrations and offers by role; never above `places`.
        version: rises with every change of what is published about it.
        answers: survey answers released so far, as the evaluation service announced them.
    """

    programme_id: str
    title: str
    organiser: str
    kind: ProgrammeKind
    place: str
    municipality: str
    places: Mapping[Role, int]
    sessions: Sequence[Session]
    about: str = ""
    format: Format = Format.PHYSICAL
    language: str = "sv"
    minimum: int | None = None
    optimum: int | None = None
    entries: Sequence[date] = ()
    promotion: Promotion = Promotion.AT_ONCE
    offer_days: int = 3
    releases: Sequence[Release] = ()
    planned: Mapping[Role, int] | None = None
    facilitators_needed: int = 0
    hosts_needed: int = 0
    copy_of: str | None = None
    cancelled: bool = False
    taken: Mapping[Role, int] = field(default_factory=dict)
    version: int = 1
    answers: int = 0

    @property
    def rules(self) -> Rules:
        """In what its kind differs from others."""
        return RULES[self.kind]

    @property
    def has_members(self) -> bool:
        """Whether people come as members, from a day on."""
        return self.rules.admission is Admission.MEMBERSHIP

    @property
    def to_take_place(self) -> Sequence[Session]:
        """Its sessions without the cancelled ones."""
        return [session for session in self.sessions if not session.cancelled]

    @property
    def starts_at(self) -> datetime:
        """When the first session begins; never, without one."""
        return self.to_take_place[0].starts_at if self.to_take_place else NEVER

    @property
    def ends_at(self) -> datetime:
        """When the last session ends; never, where there is no end."""
        return self.to_take_place[-1].ends_at if self.to_take_place else NEVER

    def session(self, session_id: str) -> Session:
        """Raises: SessionNotFound."""
        for session in self.sessions:
            if session.session_id == session_id:
                return session
        raise SessionNotFound("There is no such session")

    def next_session(self, now: datetime) -> Session | None:
        """The first session still to begin."""
        return next((session for session in self.to_take_place if session.starts_at > now), None)

    def gives_to(self, role: Role) -> Sequence[Role]:
        """Whose places somebody of a role may get: its own first, then of those that have released what they leave."""
        found = [role]
        for one in found:
            for release in self.releases:
                if release.done and release.to_role == one and release.from_role not in found:
                    found.append(release.from_role)
        return found

    def places_for(self, role: Role) -> int:
        """How many places there are that somebody of a role may get."""
        return sum(self.places.get(one, 0) for one in self.gives_to(role))

    def free(self, role: Role) -> int:
        """Places left for a role, for those who come by themselves."""
        left = sum(self.places.get(one, 0) - self.taken.get(one, 0) for one in self.gives_to(role))
        if self.optimum is not None:
            left = min(left, self.optimum - sum(self.taken.values()))
        return max(0, left)

    def room(self, role: Role) -> "Room":
        """How full it is, as coarsely as the public may know.

        An exact number would tell whether a form that somebody sent for another was a first or a second registration.
        """
        free = self.free(role)
        if not free:
            return Room.FULL
        return Room.FEW_LEFT if free <= FEW else Room.PLACES_LEFT

    def has_more(self, now: datetime) -> bool:
        """Whether a session is still to come, or the programme has no end."""
        return not self.cancelled and (not self.rules.dated or self.next_session(now) is not None)

    def open_for_registration(self, now: datetime) -> bool:
        """Whether somebody can still come in, if only into the queue."""
        if self.cancelled:
            return False
        match self.rules.admission:
            case Admission.WALK_IN:
                return False
            case Admission.WHOLE:
                return bool(self.to_take_place) and now < self.starts_at
            case Admission.OPEN | Admission.MEMBERSHIP:
                return self.next_session(now) is not None
            case Admission.APPLICATION:
                return self.has_more(now)


def entry_day(programme: Programme, now: datetime, today: date) -> date | None:
    """The day from which a new member may come; None when no entry point is left.

    Args:
        today: the date of `now` where the platform is.
    """
    upcoming = programme.next_session(now)
    if upcoming is None:
        return None
    if not programme.entries:
        return max(today, upcoming.starts_at.date())
    return min((day for day in programme.entries if day >= today), default=None)


def takes_in(programme: Programme, now: datetime, today: date) -> bool:
    """Whether somebody who gets a place now can come: to a group with members only while an entry day is left."""
    return not programme.has_members or entry_day(programme, now, today) is not None


def check_plan(
    kind: ProgrammeKind,
    places: Mapping[Role, int],
    starts: Sequence[datetime],
    now: datetime,
    *,
    minimum: int | None = None,
    optimum: int | None = None,
    entries: Sequence[date] = (),
    releases: Sequence[Release] = (),
) -> list[Problem]:
    """What is wrong with a plan, field by field; empty when it can be saved."""
    problems = []
    if RULES[kind].dated and not starts:
        problems.append(Problem("sessions", "Add at least one session"))
    if len(starts) > MOST_SESSIONS:
        problems.append(Problem("sessions", "A programme can have at most {most} sessions", {"most": MOST_SESSIONS}))
    problems += check_size(kind, places, now, minimum=minimum, optimum=optimum, entries=entries, releases=releases)
    return [*problems, *check_dates(starts, now)]


def check_size(
    kind: ProgrammeKind,
    places: Mapping[Role, int],
    now: datetime,
    *,
    minimum: int | None = None,
    optimum: int | None = None,
    entries: Sequence[date] = (),
    releases: Sequence[Release] = (),
) -> list[Problem]:
    """What is wrong with the places of a programme and who comes in when, field by field."""
    problems = []
    if RULES[kind].admission is Admission.WALK_IN:
        if any(places.values()):
            problems.append(Problem("places", "Nobody registers for a drop-in; leave the places empty"))
    elif not any(places.values()):
        problems.append(Problem("places", "Give at least one place"))
    for role, number in places.items():
        if not 0 <= number <= MOST_PLACES:
            problems.append(Problem(f"places.{role}", "Places are a number from 0 to {most}", {"most": MOST_PLACES}))
    most = sum(places.values())
    if optimum is not None and not 1 <= optimum <= most:
        problems.append(Problem("optimum", "The optimum is a number from 1 to the places, {most}", {"most": most}))
    if minimum is not None and not 1 <= minimum <= (optimum or most):
        problems.append(Problem("minimum", "The minimum is a number from 1 to the optimum"))
    problems += check_entries(entries, now)
    for index, release in enumerate(releases):
        if release.done:
            continue
        if release.from_role is release.to_role or not places.get(release.from_role):
            where = f"releases.{index}.from_role"
            problems.append(Problem(where, "Choose two roles, the first with places of its own"))
        if release.at <= now:
            problems.append(Problem(f"releases.{index}.at", "This time has passed; choose a later one"))
    return [*problems, *check_ways(releases)]


def check_ways(releases: Sequence[Release]) -> list[Problem]:
    """Whether places never come back to a role that they went from; those that have gone are not asked any more."""
    problems = []
    ways = {(release.from_role, release.to_role) for release in releases if release.done}
    for index, release in enumerate(releases):
        beyond = [release.to_role]
        for role in beyond:
            beyond += sorted({to_role for from_role, to_role in ways if from_role is role} - set(beyond))
        if release.from_role in beyond[1:] and not release.done:
            where = f"releases.{index}.to_role"
            problems.append(Problem(where, "Places would come back to the role that they went from; choose another"))
        ways.add((release.from_role, release.to_role))
    return problems


def check_entries(entries: Iterable[date], now: datetime) -> list[Problem]:
    """What is wrong with the days from which new members may come."""
    far = (now + FURTHEST_AHEAD).date()
    wrong = any(day > far for day in entries)
    return [Problem("entries", "This is more than five years ahead; check the year")] if wrong else []


def check_dates(starts: Sequence[datetime], now: datetime, taken: Iterable[datetime] = ()) -> list[Problem]:
    """What is wrong with the dates of new sessions.

    Args:
        taken: when sessions that are planned already begin.
    """
    problems = []
    seen = set(taken)
    for index, starts_at in enumerate(starts):
        where = f"sessions.{index}.at"
        if starts_at <= now:
            problems.append(Problem(where, "This time has passed; choose a later one"))
        elif starts_at > now + FURTHEST_AHEAD:
            problems.append(Problem(where, "This is more than five years ahead; check the year"))
        if starts_at in seen:
            problems.append(Problem(where, "Two sessions begin at the same time"))
        seen.add(starts_at)
    return problems
