"""Volunteers and their assignments: who may be asked, and how an assignment goes from offered to completed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from motesplats_events import VolunteerRole
from shared.contact import Contact
from shared.errors import Conflict, DomainError, Gone, NotFound

TIME_TO_ANSWER = timedelta(days=7)
MOST_HOURS = 500
MOST_PEOPLE = 5_000


class VolunteerStatus(StrEnum):
    """How far somebody is on the way to be asked."""

    APPLIED = "applied"
    ENROLLED = "enrolled"


class AssignmentStatus(StrEnum):
    """Where an assignment stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    COMPLETED = "completed"


OPEN = (AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED)
"""The volunteer has been asked to do it, and has not yet done or refused it."""


class VolunteerNotFound(NotFound):
    """No volunteer has this id."""


class AssignmentNotFound(NotFound):
    """No assignment has this id."""


class ProgrammeNotFound(NotFound):
    """No programme with this id is known here."""


class VolunteerIsKnown(Conflict):
    """The same person has applied or is enrolled."""

    code = "volunteer-is-known"


class NotEnrolled(Conflict):
    """Somebody who has only applied cannot be asked yet."""

    code = "not-enrolled"


class RoleNotTheirs(DomainError):
    """A volunteer is only asked for what they have said they do."""

    code = "role-not-theirs"


class ProgrammeIsOver(DomainError):
    """Nobody can be asked to a programme without a session to come."""

    code = "programme-is-over"


class AlreadyAsked(Conflict):
    """The volunteer has an open assignment of the same kind in the programme."""

    code = "already-asked"


class AlreadyAnswered(Gone):
    """The offer was accepted or declined before."""

    code = "already-answered"


class OfferExpired(Gone):
    """The offer was not answered in time."""

    code = "offer-expired"


class NotAccepted(Conflict):
    """Only an accepted assignment can be completed."""

    code = "not-accepted"


class NotYetBegun(Conflict):
    """An assignment cannot be completed before it begins."""

    code = "not-yet-begun"


class AlreadyCompleted(Gone):
    """The assignment was completed before."""

    code = "already-completed"


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody who wants to do assignments.

    Attributes:
        roles: what they do, at least one.
        municipality: where they live or want to be asked.
        since: when they applied or were enrolled.
        version: rises with every change; also numbers what is published about how to reach them.
    """

    volunteer_id: str
    name: str
    contact: Contact
    language: str
    roles: Sequence[VolunteerRole]
    municipality: str
    status: VolunteerStatus
    since: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class Programme:
    """What this service knows of a programme.

    Attributes:
        sessions: when they begin, the earliest first.
    """

    programme_id: str
    title: str
    organiser: str
    place: str
    municipality: str
    sessions: Sequence[datetime]

    def next_session(self, now: datetime) -> datetime:
        """The first session still to come.

        Raises:
            ProgrammeIsOver: there is none.
        """
        for starts_at in self.sessions:
            if starts_at > now:
                return starts_at
        raise ProgrammeIsOver("All sessions of this programme have begun", field="programme_id")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One task that one volunteer is asked to do.

    Attributes:
        title: what it is called to the volunteer.
        at: when it begins.
        answer_by: after this an offer has expired.
        hours: time spent, once completed.
        people_met: how many people the volunteer met, once completed.
        version: rises with every change.
    """

    assignment_id: str
    volunteer_id: str
    programme_id: str
    organiser: str
    municipality: str
    place: str
    role: VolunteerRole
    title: str
    at: datetime
    answer_by: datetime
    status: AssignmentStatus
    offered_at: datetime
    hours: float | None = None
    people_met: int | None = None
    completed_on: date | None = None
    version: int = 1

    def status_at(self, now: datetime) -> AssignmentStatus:
        """The status, which for an offer depends on the time."""
        if self.status is AssignmentStatus.OFFERED and now > self.answer_by:
            return AssignmentStatus.EXPIRED
        return self.status

    def begun(self, now: datetime) -> bool:
        """Whether it can have been done."""
        return now >= self.at


def enrolled(volunteer: Volunteer, now: datetime) -> Volunteer:
    """The volunteer after staff confirmed the application; the same if they are enrolled already."""
    if volunteer.status is VolunteerStatus.ENROLLED:
        return volunteer
    return replace(volunteer, status=VolunteerStatus.ENROLLED, since=now, version=volunteer.version + 1)


def answer_by(programme: Programme, now: datetime) -> datetime:
    """Until when an offer can be answered: a week, but not longer than to the next session.

    Raises:
        ProgrammeIsOver: no session is to come.
    """
    return min(now + TIME_TO_ANSWER, programme.next_session(now))


def offered(
    assignment_id: str,
    volunteer: Volunteer,
    programme: Programme,
    role: VolunteerRole,
    title: str,
    others: Collection[Assignment],
    now: datetime,
) -> Assignment:
    """A new offer.

    Args:
        title: empty for the programme's own.
        others: the volunteer's assignments in the programme.

    Raises:
        NotEnrolled, RoleNotTheirs, ProgrammeIsOver, AlreadyAsked.
    """
    if volunteer.status is not VolunteerStatus.ENROLLED:
        raise NotEnrolled("Confirm the application before you offer an assignment", field="volunteer_id")
    if role not in volunteer.roles:
        raise RoleNotTheirs("This volunteer has not said that they do this", field="role")
    deadline = answer_by(programme, now)
    if any(other.role is role and other.status_at(now) in OPEN for other in others):
        raise AlreadyAsked("This volunteer has already been asked to do this", field="volunteer_id")
    return Assignment(
        assignment_id=assignment_id,
        volunteer_id=volunteer.volunteer_id,
        programme_id=programme.programme_id,
        organiser=programme.organiser,
        municipality=programme.municipality,
        place=programme.place,
        role=role,
        title=title or programme.title,
        at=programme.next_session(now),
        answer_by=deadline,
        status=AssignmentStatus.OFFERED,
        offered_at=now,
    )


def answered(assignment: Assignment, accept: bool, now: datetime) -> Assignment:
    """The assignment after the volunteer said yes or no.

    Raises:
        AlreadyAnswered, OfferExpired.
    """
    match assignment.status_at(now):
        case AssignmentStatus.ACCEPTED | AssignmentStatus.COMPLETED:
            raise AlreadyAnswered("You have already said yes to this")
        case AssignmentStatus.DECLINED:
            raise AlreadyAnswered("You have already said no to this")
        case AssignmentStatus.EXPIRED:
            raise OfferExpired("The time to answer this offer has passed")
    status = AssignmentStatus.ACCEPTED if accept else AssignmentStatus.DECLINED
    return replace(assignment, status=status, version=assignment.version + 1)


def expired(assignment: Assignment) -> Assignment:
    """An offer that nobody answered in time."""
    return replace(assignment, status=AssignmentStatus.EXPIRED, version=assignment.version + 1)


def completed(assignment: Assignment, hours: float, people_met: int, now: datetime, today: date) -> Assignment:
    """The assignment after it was done.

    Args:
        today: the date of `now` where the platform is.

    Raises:
        AlreadyCompleted, NotAccepted, NotYetBegun.
    """
    if assignment.status is AssignmentStatus.COMPLETED:
        raise AlreadyCompleted("This assignment has already been completed")
    if assignment.status is not AssignmentStatus.ACCEPTED:
        raise NotAccepted("An assignment can be completed once it has been accepted")
    if not assignment.begun(now):
        raise NotYetBegun("This assignment has not begun yet")
    return replace(
        assignment,
        status=AssignmentStatus.COMPLETED,
        hours=hours,
        people_met=people_met,
        completed_on=today,
        version=assignment.version + 1,
    )
