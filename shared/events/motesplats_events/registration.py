"""What the registration service publishes: programmes, places and queues, attendance, how to reach people."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from motesplats_events.event import Event


class Role(StrEnum):
    """As what a person comes to a meeting place."""

    PATIENT = "patient"
    RELATIVE = "relative"


class Place(BaseModel):
    """Where a programme meets.

    Attributes:
        name: the room or house, as people call it.
        municipality: the municipality it lies in.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    municipality: str


class PlannedSession(BaseModel):
    """One dated meeting of a programme.

    Attributes:
        session_id: its id, the same in every event about it.
        starts_at: with a time zone.
        minutes: planned length.
        theme: what it is about.
    """

    model_config = ConfigDict(frozen=True)

    session_id: str
    starts_at: AwareDatetime
    minutes: int
    theme: str


class ProgrammePlanned(Event):
    """A programme as it now stands: state, published again at every change.

    Attributes:
        places: how many places each role has.
        sessions: all its sessions, the earliest first.
    """

    topic = "programme-planned"
    source = "registration"
    subject_field = "programme_id"

    programme_id: str
    title: str
    organiser: str
    kind: str
    place: Place
    places: dict[Role, int]
    sessions: list[PlannedSession]


class RegistrationStatus(StrEnum):
    """Where a registration stands."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class ParticipantRegistered(Event):
    """Somebody registered and got a place, or a place in the queue.

    Attributes:
        participant_id: random, and only for this programme: the same person has another one elsewhere.
        status: `confirmed` or `waiting`.
        position: place in the queue when the registration was made, 1 is next; None with a place.
        municipality: where the programme meets.
    """

    topic = "participant-registered"
    source = "registration"
    subject_field = "participant_id"

    participant_id: str
    programme_id: str
    role: Role
    status: RegistrationStatus
    position: int | None = None
    organiser: str
    municipality: str


class RegistrationPromoted(Event):
    """Somebody who waited has got a place."""

    topic = "registration-promoted"
    source = "registration"
    subject_field = "participant_id"

    participant_id: str
    programme_id: str
    role: Role


class RegistrationCancelled(Event):
    """A registration has ended before the programme did.

    Attributes:
        held_a_place: False when the participant was still in the queue.
    """

    topic = "registration-cancelled"
    source = "registration"
    subject_field = "participant_id"

    participant_id: str
    programme_id: str
    role: Role
    held_a_place: bool


class RegistrationRepeated(Event):
    """Somebody who is registered sent the form again; the message they get says how their registration stands."""

    topic = "registration-repeated"
    source = "registration"
    subject_field = "participant_id"
    private = True

    participant_id: str
    programme_id: str


class ParticipantContactChanged(Event):
    """How to reach a participant. Private, read by the notification service; an empty value erases.

    Attributes:
        email: exactly one of `email` and `phone` is given.
        phone: in international form, such as `+46701234567`.
        language: `sv`, `da` or `en`.
        reminders: whether the participant wants a reminder the day before each session.
    """

    topic = "participant-contact-changed"
    source = "registration"
    subject_field = "participant_id"
    private = True
    compacted = True

    participant_id: str
    programme_id: str
    name: str
    email: str | None = None
    phone: str | None = None
    language: str
    reminders: bool = True


class RoleCount(BaseModel):
    """How many of one role were expected and how many came."""

    model_config = ConfigDict(frozen=True)

    expected: int = Field(ge=0)
    attended: int = Field(ge=0)


class SessionHeld(Event):
    """A session has taken place. State: published again, with a higher sequence, when attendance is corrected.

    Attributes:
        counts: by role, never who.
        visitors: headcount of a drop-in, where nobody registers.
    """

    topic = "session-held"
    source = "registration"
    subject_field = "session_id"

    session_id: str
    programme_id: str
    organiser: str
    municipality: str
    theme: str
    starts_at: AwareDatetime
    counts: dict[Role, RoleCount]
    visitors: int = 0


class AttendanceRecorded(Event):
    """Who attended a session that was held. Private; read by notification (invitations) and evaluation (measures)."""

    topic = "attendance-recorded"
    source = "registration"
    subject_field = "session_id"
    private = True

    session_id: str
    programme_id: str
    attended: list[str]


class TrialClockMoved(Event):
    """The platform's clock was moved. Published in trial mode only.

    Attributes:
        ahead_by_seconds: platform time minus real time; negative when the clock stands in the past.
    """

    topic = "trial-clock-moved"
    source = "registration"
    subject_field = "clock"
    private = True

    clock: str = "platform"
    ahead_by_seconds: float
