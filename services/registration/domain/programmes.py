"""Programmes with dated sessions, and places by role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from motesplats_events import Role
from shared.errors import Gone, NotFound, Problem

LONGEST_SESSION_MINUTES = 24 * 60
MOST_SESSIONS = 200
MOST_PLACES = 10_000
FEW = 3
FURTHEST_AHEAD = timedelta(days=5 * 366)


class ProgrammeKind(StrEnum):
    """What sort of meeting place a programme is."""

    COURSE = "course"


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


@dataclass(frozen=True, slots=True)
class Session:
    """One dated meeting of a programme."""

    session_id: str
    starts_at: datetime
    minutes: int
    theme: str

    @property
    def ends_at(self) -> datetime:
        """When it is planned to end."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Programme:
    """An offer with its sessions and places.

    Attributes:
        places: by role.
        taken: confirmed registrations by role; never above `places`.
        queued: tickets handed out so far, by role; a ticket decides the order in the queue.
        sessions: the earliest first.
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
    taken: Mapping[Role, int] = field(default_factory=dict)
    queued: Mapping[Role, int] = field(default_factory=dict)
    version: int = 1
    answers: int = 0

    @property
    def starts_at(self) -> datetime:
        """When the first session begins."""
        return self.sessions[0].starts_at

    @property
    def ends_at(self) -> datetime:
        """When the last session ends."""
        return self.sessions[-1].ends_at

    def session(self, session_id: str) -> Session:
        """Raises: SessionNotFound."""
        for session in self.sessions:
            if session.session_id == session_id:
                return session
        raise SessionNotFound("There is no such session")

    def free(self, role: Role) -> int:
        """Places left for a role."""
        return max(0, self.places.get(role, 0) - self.taken.get(role, 0))

    def room(self, role: Role) -> "Room":
        """How full it is, as coarsely as the public may know.

        An exact number would tell whether a form that somebody sent for another was a first or a second registration.
        """
        free = self.free(role)
        if not free:
            return Room.FULL
        return Room.FEW_LEFT if free <= FEW else Room.PLACES_LEFT

    def has_more(self, now: datetime) -> bool:
        """Whether a session is still to come."""
        return now < self.sessions[-1].starts_at

    def open_for_registration(self, now: datetime) -> bool:
        """Until the first session begins."""
        return now < self.starts_at


def check_plan(places: Mapping[Role, int], starts: Sequence[datetime], now: datetime) -> list[Problem]:
    """What is wrong with a plan, field by field; empty when it can be saved."""
    problems = []
    if not starts:
        problems.append(Problem("sessions", "Add at least one session"))
    if len(starts) > MOST_SESSIONS:
        problems.append(Problem("sessions", "A programme can have at most {most} sessions", {"most": MOST_SESSIONS}))
    if not any(places.values()):
        problems.append(Problem("places", "Give at least one place"))
    for role, number in places.items():
        if not 0 <= number <= MOST_PLACES:
            problems.append(Problem(f"places.{role}", "Places are a number from 0 to {most}", {"most": MOST_PLACES}))
    seen: set[datetime] = set()
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
