"""What the volunteers service publishes: volunteers and how to reach them, what they are asked to do and have done."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from motesplats_events.event import Event


class VolunteerRole(StrEnum):
    """As what a volunteer does an assignment."""

    HOST = "host"
    PEER = "peer"
    LIVING_BOOK = "living_book"
    STORYTELLER = "storyteller"
    PATIENT_SUPPORTER = "patient_supporter"
    GROUP_LEADER = "group_leader"
    LECTURER = "lecturer"


class VolunteerContactChanged(Event):
    """How to reach a volunteer. Private, read by the notification service; an empty value erases.

    Attributes:
        email: exactly one of `email` and `phone` is given.
        language: `sv`, `da` or `en`.
    """

    topic = "volunteer-contact-changed"
    source = "volunteers"
    subject_field = "volunteer_id"
    private = True
    compacted = True

    volunteer_id: str
    name: str
    email: str | None = None
    phone: str | None = None
    language: str


class Training(BaseModel):
    """A training that a volunteer has completed.

    Attributes:
        training: its code in the catalogue.
        expires_on: None where it does not expire.
    """

    model_config = ConfigDict(frozen=True)

    training: str
    completed_on: date
    expires_on: date | None = None


class VolunteerChanged(Event):
    """What a volunteer does, and since when; never who. State, private: read by the evaluation service.

    Attributes:
        roles: since when they do each.
        municipality: where they live or want to be asked.
        enrolled_on: their first day.
        left_on: their last day; None while they are here. A pause is no leaving.
    """

    topic = "volunteer-changed"
    source = "volunteers"
    subject_field = "volunteer_id"
    private = True

    volunteer_id: str
    roles: dict[VolunteerRole, date]
    municipality: str
    enrolled_on: date
    left_on: date | None = None
    trainings: list[Training] = []


class AssignmentOffered(Event):
    """A volunteer was asked to do an assignment. Private: it says who was asked.

    Attributes:
        programme_id: empty where a unit asks, outside any programme.
        session_id: where it is for one session, such as a shift or a lecture.
        title: what the assignment is called to the volunteer.
        at: when it takes place; None where that is agreed later.
        answer_by: after this the offer has expired.
    """

    topic = "assignment-offered"
    source = "volunteers"
    subject_field = "assignment_id"
    private = True

    assignment_id: str
    volunteer_id: str
    role: VolunteerRole
    programme_id: str
    session_id: str | None = None
    title: str
    place: str
    at: AwareDatetime | None = None
    answer_by: AwareDatetime


class AssignmentStatus(StrEnum):
    """Where an assignment stands.

    `released`: accepted, and then given up by the volunteer or taken back by staff.
    """

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    RELEASED = "released"
    COMPLETED = "completed"


class AssignmentChanged(Event):
    """An assignment as it now stands. State, private: it says who does it.

    Read by registration (facilitators, hosts and lecturers of a programme, offers that wait), by notification and
    by evaluation (measures).

    Attributes:
        programme_id: empty where a unit asks, outside any programme.
        session_id: where it is for one session, such as a shift or a lecture; None for a whole programme.
        place: where it is done.
        at: when it begins; None where it is for a whole programme or agreed later.
        until: when it ends, and with it the volunteer's right to lead what it is for.
        answer_by: after this an offer has expired.
        offered_at: when it was offered.
        completed_on: the day of the work, its last one where there are several; that on which it was noted where no
            day was agreed. None before.
    """

    topic = "assignment-changed"
    source = "volunteers"
    subject_field = "assignment_id"
    private = True

    assignment_id: str
    volunteer_id: str
    role: VolunteerRole
    status: AssignmentStatus
    programme_id: str
    session_id: str | None = None
    organiser: str
    municipality: str
    title: str
    place: str
    at: AwareDatetime | None = None
    until: AwareDatetime | None = None
    answer_by: AwareDatetime
    offered_at: AwareDatetime
    completed_on: date | None = None
    hours: float = 0
    people_met: int = 0


class UnitContacted(Event):
    """A patient supporter was in contact with a unit. Private: it says which volunteer.

    State: published again, with a higher sequence, when it was taken back, or is the first because another was.

    Attributes:
        unit: the clinic, ward or care centre.
        new: nobody had been in contact with it before.
        undone: it was noted by mistake, and counts for nothing.
    """

    topic = "unit-contacted"
    source = "volunteers"
    subject_field = "contact_id"
    private = True

    contact_id: str
    volunteer_id: str
    organiser: str
    unit: str
    municipality: str
    contacted_on: date
    new: bool
    undone: bool = False


class SufficiencyAnswered(Event):
    """A coordinator has said whether an offer has enough volunteers. State: the newest answer counts."""

    topic = "sufficiency-answered"
    source = "volunteers"
    subject_field = "programme_id"

    programme_id: str
    organiser: str
    municipality: str
    enough: bool
    answered_on: date


class AssignmentCompleted(Event):
    """A volunteer has done an assignment: what was done, never by whom.

    Attributes:
        programme_id: empty where a unit asked, outside any programme.
        completed_on: the day of the work, its last one where there are several; that on which it was noted where no
            day was agreed.
        hours: time spent.
        people_met: how many people the volunteer met.
    """

    topic = "assignment-completed"
    source = "volunteers"
    subject_field = "assignment_id"

    assignment_id: str
    role: VolunteerRole
    programme_id: str
    organiser: str
    municipality: str
    completed_on: date
    hours: float = Field(ge=0)
    people_met: int = Field(ge=0)
