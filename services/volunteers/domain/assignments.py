"""Assignments: what a volunteer is asked to do, and how it goes from offered to completed."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers.domain.programmes import Programme
from services.volunteers.domain.volunteers import Volunteer, VolunteerStatus
from shared.errors import Conflict, DomainError, Gone, NotFound

TIME_TO_ANSWER = timedelta(days=7)
MOST_HOURS = 500
MOST_PEOPLE = 5_000

OPEN = (AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED)
"""The volunteer has been asked to do it, and has not yet done or refused it."""


class AssignmentNotFound(NotFound):
    """No assignment has this id."""


class NotEnrolled(Conflict):
    """Somebody who has only applied cannot be asked yet."""

    code = "not-enrolled"


class RoleNotTheirs(DomainError):
    """A volunteer is only asked for what they have said they do."""

    code = "role-not-theirs"


class AlreadyAsked(Conflict):
    """The volunteer has an open assignment of the same kind for the same."""

    code = "already-asked"


class AlreadyAnswered(Gone):
    """The offer was accepted or declined before."""

    code = "already-answered"


class OfferExpired(Gone):
    """The offer was not answered in time."""

    code = "offer-expired"


class NotAccepted(Conflict):
    """Only an accepted assignment can be completed or given up."""

    code = "not-accepted"


class NotYetBegun(Conflict):
    """An assignment cannot be completed before it begins."""

    code = "not-yet-begun"


class AlreadyCompleted(Gone):
    """The assignment was completed before."""

    code = "already-completed"


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody can be asked to do.

    Attributes:
        title: what it is called to the volunteer.
        place: where it is done.
        programme_id: empty where a unit asks, outside any programme.
        session_id: where it is for one session, such as a shift or a lecture; None for a whole programme.
        request_id: what a unit asked for; None inside a programme.
        at: when it begins; None where that is agreed later.
        until: when it ends; None as `at`.
    """

    role: VolunteerRole
    title: str
    organiser: str
    municipality: str
    place: str
    programme_id: str = ""
    session_id: str | None = None
    request_id: str | None = None
    at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """One task that one volunteer is asked to do.

    Attributes:
        task: what it is.
        answer_by: after this an offer has expired.
        hours: time spent, once completed.
        people_met: how many people the volunteer met, once completed.
        version: rises with every change, and numbers what is published about it.
    """

    assignment_id: str
    volunteer_id: str
    task: Task
    answer_by: datetime
    status: AssignmentStatus
    offered_at: datetime
    hours: float | None = None
    people_met: int | None = None
    completed_on: date | None = None
    version: int = 1

    @property
    def role(self) -> VolunteerRole:
        """As what."""
        return self.task.role

    @property
    def organiser(self) -> str:
        """Whose it is, as `may` asks."""
        return self.task.organiser

    @property
    def municipality(self) -> str:
        """Where it is, as `may` asks."""
        return self.task.municipality

    def status_at(self, now: datetime) -> AssignmentStatus:
        """The status, which for an offer depends on the time."""
        if self.status is AssignmentStatus.OFFERED and now > self.answer_by:
            return AssignmentStatus.EXPIRED
        return self.status

    def begun(self, now: datetime) -> bool:
        """Whether it can have been done."""
        return self.task.at is None or now >= self.task.at


def whole_programme(programme: Programme, role: VolunteerRole, title: str, now: datetime) -> Task:
    """To be there from the next session to the last.

    Args:
        title: empty for the programme's own.

    Raises:
        ProgrammeIsOver: no session is to come.
    """
    return Task(
        role=role,
        title=title or programme.title,
        organiser=programme.organiser,
        municipality=programme.municipality,
        place=programme.place,
        programme_id=programme.programme_id,
        at=programme.next_session(now).starts_at,
        until=programme.coming(now)[-1].ends_at,
    )


def answer_by(task: Task, now: datetime) -> datetime:
    """Until when an offer can be answered: a week, but not longer than until it begins."""
    return min(now + TIME_TO_ANSWER, task.at) if task.at else now + TIME_TO_ANSWER


def same(one: Task, other: Task) -> bool:
    """Whether nobody is asked for both: as the same, in the same programme and session or for the same request."""
    return one.role is other.role and (one.programme_id, one.session_id, one.request_id) == (
        other.programme_id,
        other.session_id,
        other.request_id,
    )


def offered(
    assignment_id: str, volunteer: Volunteer, task: Task, others: Collection[Assignment], now: datetime
) -> Assignment:
    """A new offer.

    Args:
        others: the volunteer's other assignments.

    Raises:
        NotEnrolled, RoleNotTheirs, AlreadyAsked.
    """
    if volunteer.status is not VolunteerStatus.ENROLLED:
        raise NotEnrolled("Confirm the application before you offer an assignment", field="volunteer_id")
    if task.role not in volunteer.roles:
        raise RoleNotTheirs("This volunteer has not said that they do this", field="role")
    if any(same(other.task, task) and other.status_at(now) in OPEN for other in others):
        raise AlreadyAsked("This volunteer has already been asked to do this", field="volunteer_id")
    return Assignment(
        assignment_id=assignment_id,
        volunteer_id=volunteer.volunteer_id,
        task=task,
        answer_by=answer_by(task, now),
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
        case AssignmentStatus.RELEASED:
            raise AlreadyAnswered("This assignment has been given up or taken back")
        case AssignmentStatus.EXPIRED:
            raise OfferExpired("The time to answer this offer has passed")
    status = AssignmentStatus.ACCEPTED if accept else AssignmentStatus.DECLINED
    return replace(assignment, status=status, version=assignment.version + 1)


def expired(assignment: Assignment) -> Assignment:
    """An offer that nobody answered in time."""
    return replace(assignment, status=AssignmentStatus.EXPIRED, version=assignment.version + 1)


def released(assignment: Assignment) -> Assignment:
    """The assignment after the volunteer gave it up, or staff took it back.

    Raises:
        AlreadyCompleted, NotAccepted.
    """
    if assignment.status is AssignmentStatus.COMPLETED:
        raise AlreadyCompleted("This assignment has already been completed")
    if assignment.status is not AssignmentStatus.ACCEPTED:
        raise NotAccepted("Only an assignment that was accepted can be given up")
    return replace(assignment, status=AssignmentStatus.RELEASED, version=assignment.version + 1)


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
