"""Programmes with dated sessions, places per role and a queue; registrations; attendance. Rules without I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from motesplats_events import RegistrationStatus, Role
from shared.contact import Contact
from shared.errors import Conflict, DomainError, Gone, NotFound, Problem

LINK_PURPOSE = "registration"
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


class RegistrationNotFound(NotFound):
    """No registration has this id."""


class RegistrationClosed(Gone):
    """The programme has begun."""

    code = "registration-closed"


class AlreadyCancelled(Gone):
    """The registration was cancelled before."""

    code = "already-cancelled"


class ProgrammeOver(Gone):
    """The last session has ended."""

    code = "programme-over"


class NotYetStarted(Conflict):
    """A session cannot be held before it begins."""

    code = "not-yet-started"


class NotConfirmed(DomainError):
    """Attendance is for those who have a place."""

    code = "not-confirmed"


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


@dataclass(frozen=True, slots=True)
class Registration:
    """A person's place in a programme, or place in its queue.

    Attributes:
        participant_id: random; the only id of this person that leaves the service, and only for this programme.
        ticket: order in the queue; None when the place was given at once.
        repeated: how often the same person sent the form again.
        version: rises with every change that is published.
        contact_version: rises when the way to reach them changes.
    """

    participant_id: str
    programme_id: str
    role: Role
    status: RegistrationStatus
    ticket: int | None
    name: str
    contact: Contact
    language: str
    reminders: bool
    source: str
    registered_at: datetime
    repeated: int = 0
    version: int = 1
    contact_version: int = 1


class Mark(StrEnum):
    """Whether somebody came. No mark means that nobody has said."""

    ATTENDED = "attended"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who came to one session.

    Attributes:
        marks: by participant id.
        held_at: when the coordinator said that the session had been held; None before.
        version: rises each time the held session is announced.
    """

    session_id: str
    programme_id: str
    marks: Mapping[str, Mark] = field(default_factory=dict)
    held_at: datetime | None = None
    version: int = 0


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


def check_open(programme: Programme, role: Role, now: datetime) -> None:
    """Whether somebody may still register.

    Raises:
        RegistrationClosed: the first session has begun.
        DomainError: the programme has no places for the role at all.
    """
    if not programme.open_for_registration(now):
        raise RegistrationClosed("Registration has closed, because the first session has begun")
    if programme.places.get(role, 0) == 0:
        raise DomainError("This programme has no places for that role", field="role")


def position(ticket: int, waiting_tickets: Iterable[int]) -> int:
    """The place in the queue: 1 is next."""
    return 1 + sum(1 for other in waiting_tickets if other < ticket)


def positions(registrations: Iterable[Registration]) -> dict[str, int]:
    """The place in the queue of everybody who waits, by participant id."""
    waiting = [r for r in registrations if r.status is RegistrationStatus.WAITING]
    return {
        r.participant_id: position(r.ticket or 0, [w.ticket or 0 for w in waiting if w.role is r.role]) for r in waiting
    }


def cancelled(registration: Registration, programme: Programme, now: datetime) -> Registration:
    """The registration after it was cancelled.

    Raises:
        AlreadyCancelled: it was cancelled before.
        ProgrammeOver: there is nothing left to cancel.
    """
    if registration.status is RegistrationStatus.CANCELLED:
        raise AlreadyCancelled("This registration has already been cancelled")
    if now >= programme.ends_at:
        raise ProgrammeOver("The programme has ended; there is nothing left to cancel")
    return replace(registration, status=RegistrationStatus.CANCELLED, version=registration.version + 1)


def promoted(registration: Registration) -> Registration:
    """The registration after it moved from the queue to a place."""
    return replace(registration, status=RegistrationStatus.CONFIRMED, version=registration.version + 1)


def marked(
    attendance: Attendance, marks: Mapping[str, Mark], confirmed: Iterable[str], session: Session, now: datetime
) -> Attendance:
    """Attendance after new marks; a participant without a new mark keeps the old one.

    Raises:
        NotYetStarted: the session has not begun.
        NotConfirmed: a mark is for somebody without a place in the programme.
    """
    if now < session.starts_at:
        raise NotYetStarted("The session has not begun yet")
    if not marks.keys() <= set(confirmed):
        raise NotConfirmed("Attendance can only be marked for those who have a place", field="attended")
    return replace(attendance, marks={**attendance.marks, **marks})


def held(attendance: Attendance, session: Session, now: datetime) -> Attendance:
    """Attendance of a session that is announced as held, for the first time or after a correction.

    Raises:
        NotYetStarted: the session has not begun.
    """
    if now < session.starts_at:
        raise NotYetStarted("The session has not begun yet")
    return replace(attendance, held_at=attendance.held_at or now, version=attendance.version + 1)


def counts(attendance: Attendance, roles: Mapping[str, Role]) -> dict[Role, tuple[int, int]]:
    """Expected and attended by role.

    Args:
        roles: the role of everybody who has a place or was marked, by participant id.
    """
    found: dict[Role, tuple[int, int]] = {}
    for participant_id, role in roles.items():
        expected, attended = found.get(role, (0, 0))
        came = attendance.marks.get(participant_id) is Mark.ATTENDED
        found[role] = (expected + 1, attended + came)
    return found
