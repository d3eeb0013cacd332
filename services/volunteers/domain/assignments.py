"""Assignments: what a volunteer is asked to do, and how it goes from offered to completed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers.domain.readiness import not_ready_for
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import Task, begun, beside, same
from services.volunteers.domain.topics import avoided
from services.volunteers.domain.trainings import Training
from services.volunteers.domain.volunteers import Volunteer
from shared.errors import Conflict, Forbidden, Gone, NotFound

TIME_TO_ANSWER = timedelta(days=7)
MOST_HOURS = 500
MOST_PEOPLE = 5_000

OPEN = (AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED)
"""The volunteer has been asked to do it, and has not yet done or refused it."""


class Terms(StrEnum):
    """What a yes to an offer gives.

    `kept`: the place, which is kept until the volunteer has answered. `first_come`: the place, if nobody of those who
    were asked with them was first. `swap`: the place of the host who proposes the swap, for an own one.
    """

    KEPT = "kept"
    FIRST_COME = "first_come"
    SWAP = "swap"


class AssignmentNotFound(NotFound):
    """No assignment has this id."""


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


class Collides(Conflict):
    """Nobody can be in two places at once."""

    code = "collides"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One task that one volunteer is asked to do.

    Attributes:
        task: what it is.
        answer_by: after this an offer has expired.
        hours: time spent, once completed.
        people_met: how many people the volunteer met, once completed.
        completed_on: the day of its last time that had been; that on which it was noted where none was agreed.
        terms: see `Terms`.
        called_off: it ended because it was not wanted any more; the volunteer may be asked again.
        taken_back: staff took the offer back from this volunteer; what is searched for goes on without them.
        part_done: it was given up or taken back between its sessions; what had been of it can be completed.
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
    terms: Terms = Terms.KEPT
    called_off: bool = False
    taken_back: bool = False
    part_done: bool = False
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

    @property
    def not_needed(self) -> bool:
        """Whether the offer ended unanswered because it was not wanted any more."""
        return self.called_off and self.status is AssignmentStatus.EXPIRED

    @property
    def not_again(self) -> bool:
        """Whether a search passes over the volunteer from now on. Who was told that others were first may be asked."""
        return self.taken_back or not self.called_off

    @property
    def completable(self) -> bool:
        """Whether it can be completed, once it can have been done."""
        return self.status is AssignmentStatus.ACCEPTED or (self.part_done and self.status is AssignmentStatus.RELEASED)

    def can_be_done(self, now: datetime) -> bool:
        """Whether it can have been done.

        Who leads a programme leads to its last session: the link to the sessions would end before they do.
        """
        leads_on = self.role is VolunteerRole.GROUP_LEADER and self.task.session_id is None and self.task.times
        begins = self.task.times[-1].starts_at if leads_on else self.task.at
        return begins is None or now >= begins


def answer_by(task: Task, now: datetime) -> datetime:
    """Until when an offer can be answered: a week, but not longer than until it begins.

    What a unit asked for goes on to somebody else after a no: there an answer takes at most half of the time left.
    """
    if task.at is None:
        return now + TIME_TO_ANSWER
    left = task.at - now
    return now + min(TIME_TO_ANSWER, left / 2 if task.request_id else left)


def collision(task: Task, others: Iterable[Assignment], now: datetime) -> Collides | None:
    """What takes place at the same time and may still be done; None where nothing does.

    Somebody can be host and peer at one session: there nothing collides.
    """
    for other in others:
        if other.status_at(now) in OPEN:
            for span in other.task.times:
                if any(span.meets(one) and not (span == one and beside(task, other.task)) for one in task.times):
                    return Collides(
                        "Another assignment takes place at the same time: {when}",
                        field="volunteer_id",
                        when=span.starts_at,
                    )
    return None


def offered(
    assignment_id: str,
    volunteer: Volunteer,
    task: Task,
    others: Collection[Assignment],
    catalogue: Collection[Training],
    rules: Rules,
    now: datetime,
) -> Assignment:
    """A new offer.

    Args:
        others: the volunteer's other assignments.

    Raises:
        HasLeft, NotEnrolled, RoleNotTheirs, AgreementMissing, IsPaused, TrainingMissing, TrainingExpired: see
            `not_ready`.
        AvoidsTheTheme, AlreadyAsked, Collides.
    """
    if fault := not_ready_for(task, volunteer, catalogue, rules, now):
        raise fault
    if topic := avoided(volunteer, task):
        raise topic
    if any(same(other.task, task) and other.status_at(now) in OPEN for other in others):
        raise AlreadyAsked("This volunteer has already been asked to do this", field="volunteer_id")
    if clash := collision(task, others, now):
        raise clash
    return Assignment(
        assignment_id=assignment_id,
        volunteer_id=volunteer.volunteer_id,
        task=task,
        answer_by=answer_by(task, now),
        status=AssignmentStatus.OFFERED,
        offered_at=now,
    )


def assigned(offer: Assignment) -> Assignment:
    """The new assignment of somebody who has said yes beforehand."""
    return replace(offer, status=AssignmentStatus.ACCEPTED, answer_by=offer.offered_at)


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
        case AssignmentStatus.EXPIRED if assignment.not_needed:
            raise OfferExpired("This is not needed any more. Thank you for being willing")
        case AssignmentStatus.EXPIRED:
            raise OfferExpired("The time to answer this offer has passed")
    status = AssignmentStatus.ACCEPTED if accept else AssignmentStatus.DECLINED
    return replace(assignment, status=status, version=assignment.version + 1)


def check_unanswered(offer: Assignment, now: datetime) -> None:
    """Whether staff can still note an answer to an offer, or take it back.

    Raises:
        AlreadyAnswered, OfferExpired.
    """
    match offer.status_at(now):
        case AssignmentStatus.OFFERED:
            return
        case AssignmentStatus.EXPIRED if offer.not_needed:
            raise OfferExpired("This offer has been taken back, or is not needed any more")
        case AssignmentStatus.EXPIRED:
            raise OfferExpired("The time to answer this offer has passed")
    raise AlreadyAnswered("This offer has been answered already")


def taken_back(offer: Assignment, now: datetime) -> Assignment:
    """The offer after staff took it back from a volunteer, such as one who was asked by mistake.

    Raises:
        AlreadyAnswered, OfferExpired.
        Forbidden: it is a swap, which is its proposer's.
    """
    check_unanswered(offer, now)
    if offer.terms is Terms.SWAP:
        raise Forbidden("A swap is taken back by the host who proposed it")
    return replace(withdrawn(offer), taken_back=True)


def withdrawn(assignment: Assignment) -> Assignment:
    """An open assignment that is not wanted any more: an offer ends unanswered, what was accepted is taken back."""
    accepted = assignment.status is AssignmentStatus.ACCEPTED
    return replace(released(assignment) if accepted else expired(assignment), called_off=True)


def given_up(assignment: Assignment, been: Task | None) -> Assignment:
    """The assignment after the volunteer gave it up, or staff took it back.

    Between the sessions of a programme others are to do the rest, and nobody counts on the volunteer any more. What
    they did until then is theirs, and can still be completed.

    Args:
        been: what of it had begun; None where nothing had.

    Raises:
        AlreadyCompleted, NotAccepted.
    """
    after = released(assignment)
    if been is None or len(been.times) == len(assignment.task.times):
        return after
    return replace(after, task=been, part_done=True)


def ended(assignment: Assignment, been: Task | None) -> Assignment:
    """An open assignment without what is still to come; the same where it was accepted, and all of it has been.

    Args:
        been: what of it had begun; None where nothing had.
    """
    if assignment.status is not AssignmentStatus.ACCEPTED or been is None:
        return withdrawn(assignment)
    return assignment if len(been.times) == len(assignment.task.times) else given_up(assignment, been)


def moved(assignment: Assignment, task: Task) -> Assignment:
    """The assignment at another time or place."""
    return replace(assignment, task=task, version=assignment.version + 1)


def expired(assignment: Assignment) -> Assignment:
    """An offer that nobody answered in time."""
    return replace(assignment, status=AssignmentStatus.EXPIRED, version=assignment.version + 1)


def released(assignment: Assignment) -> Assignment:
    """The accepted assignment without the volunteer, also as if they had not been there.

    Raises:
        AlreadyCompleted, NotAccepted.
    """
    if assignment.status is AssignmentStatus.COMPLETED:
        raise AlreadyCompleted("This assignment has already been completed")
    if assignment.status is not AssignmentStatus.ACCEPTED:
        raise NotAccepted("Only an assignment that was accepted can be given up")
    return replace(assignment, status=AssignmentStatus.RELEASED, version=assignment.version + 1)


def completed(assignment: Assignment, hours: float, people_met: int, now: datetime, rules: Rules) -> Assignment:
    """The assignment after it was done, which may have been long before that is noted.

    Raises:
        AlreadyCompleted, NotAccepted, NotYetBegun.
    """
    if assignment.status is AssignmentStatus.COMPLETED:
        raise AlreadyCompleted("This assignment has already been completed")
    if not assignment.completable:
        raise NotAccepted("An assignment can be completed once it has been accepted")
    if not assignment.can_be_done(now):
        if assignment.task.at is None or now < assignment.task.at:
            raise NotYetBegun("This assignment has not begun yet")
        last = assignment.task.times[-1].starts_at
        raise NotYetBegun("There are sessions to come. It is done after the last one: {when}", when=last)
    been = begun(assignment.task, now)
    return replace(
        assignment,
        status=AssignmentStatus.COMPLETED,
        hours=hours,
        people_met=people_met,
        completed_on=rules.day(been.times[-1].starts_at if been else now),
        version=assignment.version + 1,
    )
