"""What the API shows of volunteers and assignments."""

from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers.domain.assignments import Assignment
from services.volunteers.domain.volunteers import Reach, Volunteer, VolunteerStatus


class TrainedOut(BaseModel):
    """A training that somebody has completed; without `expires_on` it is valid for ever."""

    training: str
    completed_on: date
    expires_on: date | None


class AgreementOut(BaseModel):
    """The confidentiality agreement that somebody signed; `version` of its text is empty where it was on paper."""

    signed_on: date
    version: str


class PauseOut(BaseModel):
    """Days on which somebody is offered nothing; without `until`, until further notice."""

    starts_on: date
    until: date | None


class VolunteerOut(BaseModel):
    """A volunteer, as staff and they themselves see it.

    Attributes:
        roles_since: since when they do each of `roles`.
        wished_roles: what they would like to do besides, and staff have not confirmed.
        speaks: languages in which they do assignments, ISO 639.
        avoids: what they do not want to speak about or meet.
        reach: how far they travel.
        name: empty of somebody who has left.
    """

    volunteer_id: str
    name: str
    email: str | None
    phone: str | None
    language: str
    roles: list[VolunteerRole]
    roles_since: dict[VolunteerRole, date]
    wished_roles: list[VolunteerRole]
    municipality: str
    status: VolunteerStatus
    since: AwareDatetime
    enrolled_on: date | None
    left_on: date | None
    speaks: list[str]
    themes: list[str]
    avoids: list[str]
    reach: Reach
    trainings: list[TrainedOut]
    agreement: AgreementOut | None
    pause: PauseOut | None


class AssignmentOut(BaseModel):
    """An assignment, as staff and the volunteer see it.

    Attributes:
        programme_id: empty where a unit asked, outside any programme.
        session_id: where it is for one session.
        request_id: what a unit asked for; None inside a programme.
        at: when it begins; None where that is agreed later.
    """

    assignment_id: str
    volunteer_id: str
    programme_id: str
    session_id: str | None
    request_id: str | None
    role: VolunteerRole
    title: str
    place: str
    municipality: str
    at: AwareDatetime | None
    until: AwareDatetime | None
    answer_by: AwareDatetime
    status: AssignmentStatus
    hours: float | None
    people_met: int | None
    completed_on: date | None


class AssignmentsOut(BaseModel):
    """Assignments, the newest first."""

    assignments: list[AssignmentOut]


def volunteer_out(volunteer: Volunteer) -> VolunteerOut:
    """A volunteer to show."""
    contact, agreement, pause = volunteer.contact, volunteer.agreement, volunteer.pause
    return VolunteerOut(
        volunteer_id=volunteer.volunteer_id,
        name=volunteer.name,
        email=contact.email if contact else None,
        phone=contact.phone if contact else None,
        language=volunteer.language,
        roles=list(volunteer.roles),
        roles_since=dict(volunteer.roles),
        wished_roles=list(volunteer.wished_roles),
        municipality=volunteer.municipality,
        status=volunteer.status,
        since=volunteer.since,
        enrolled_on=volunteer.enrolled_on,
        left_on=volunteer.left_on,
        speaks=list(volunteer.speaks),
        themes=list(volunteer.themes),
        avoids=list(volunteer.avoids),
        reach=volunteer.reach,
        trainings=[
            TrainedOut(training=code, completed_on=trained.completed_on, expires_on=trained.expires_on)
            for code, trained in volunteer.trainings.items()
        ],
        agreement=AgreementOut(signed_on=agreement.signed_on, version=agreement.version) if agreement else None,
        pause=PauseOut(starts_on=pause.starts_on, until=pause.until) if pause else None,
    )


def assignment_out(assignment: Assignment, now: datetime) -> AssignmentOut:
    """An assignment to show, as it stands now."""
    task = assignment.task
    return AssignmentOut(
        assignment_id=assignment.assignment_id,
        volunteer_id=assignment.volunteer_id,
        programme_id=task.programme_id,
        session_id=task.session_id,
        request_id=task.request_id,
        role=task.role,
        title=task.title,
        place=task.place,
        municipality=task.municipality,
        at=task.at,
        until=task.until,
        answer_by=assignment.answer_by,
        status=assignment.status_at(now),
        hours=assignment.hours,
        people_met=assignment.people_met,
        completed_on=assignment.completed_on,
    )
