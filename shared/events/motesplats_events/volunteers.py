"""What the volunteers service publishes: how to reach volunteers, offers, and completed assignments."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, Field

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


class AssignmentOffered(Event):
    """A volunteer was asked to do an assignment. Private: it says who was asked.

    Attributes:
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
    title: str
    place: str
    at: AwareDatetime | None = None
    answer_by: AwareDatetime


class AssignmentCompleted(Event):
    """A volunteer has done an assignment: what was done, never by whom.

    Attributes:
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
