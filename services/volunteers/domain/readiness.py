"""Whether a volunteer may be asked at all. What each of these says no to, nobody is offered."""

from collections.abc import Iterable
from datetime import date, datetime

from motesplats_events import VolunteerRole
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import Task
from services.volunteers.domain.trainings import Training, required, training_fault
from services.volunteers.domain.volunteers import HasLeft, Volunteer, VolunteerStatus
from shared.errors import Conflict, DomainError


class NotEnrolled(Conflict):
    """Somebody who has only applied cannot be asked yet."""

    code = "not-enrolled"


class RoleNotTheirs(DomainError):
    """A volunteer is only asked for what they have said they do."""

    code = "role-not-theirs"


class AgreementMissing(Conflict):
    """Nobody does an assignment before they have signed the confidentiality agreement."""

    code = "agreement-missing"


class IsPaused(Conflict):
    """The volunteer has asked to be left in peace on this day."""

    code = "is-paused"


def not_ready(
    volunteer: Volunteer,
    role: VolunteerRole,
    on: date,
    today: date,
    needed: Iterable[Training],
    until: date | None = None,
) -> DomainError | None:
    """Why this volunteer cannot be asked today to do this on a day; None when they can.

    For a day that has been, a pause that began since speaks against nothing.

    Args:
        needed: the trainings that the role requires.
        until: the last day of it, on which the trainings have still to be valid; `on` if None.
    """
    if volunteer.status is VolunteerStatus.LEFT:
        return HasLeft("This volunteer has left")
    if volunteer.status is not VolunteerStatus.ENROLLED:
        return NotEnrolled("Confirm the application before you offer an assignment", field="volunteer_id")
    if role not in volunteer.roles:
        return RoleNotTheirs("This volunteer has not said that they do this", field="role")
    if volunteer.agreement is None:
        return AgreementMissing("The confidentiality agreement has not been signed yet", field="volunteer_id")
    pause = volunteer.pause
    if pause is not None and (pause.covers(on) or (on >= today and pause.covers(today))):
        if pause.until is None:
            return IsPaused("This volunteer has a pause until further notice", field="volunteer_id")
        return IsPaused("This volunteer has a pause until {until}", field="volunteer_id", until=pause.until)
    return training_fault(volunteer.trainings, needed, until or on)


def not_ready_for(
    task: Task, volunteer: Volunteer, catalogue: Iterable[Training], rules: Rules, now: datetime
) -> DomainError | None:
    """The same for a task: from the day of its first time to that of its last, or today where that is agreed later."""
    today = rules.day(now)
    on = rules.day(task.at) if task.at else today
    until = rules.day(task.times[-1].starts_at) if task.times else None
    return not_ready(volunteer, task.role, on, today, required(catalogue, task.role), until)
