"""What the registration service publishes: programmes, places and queues, attendance, how to reach people."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from motesplats_events.event import Event


class Role(StrEnum):
    """As what a person comes to a meeting place."""

    PATIENT = "patient"
    RELATIVE = "relative"
    OTHER = "other"


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
        cancelled: it will not take place.
        room: where this one meets, if not at the programme's place.
        lecturer_by: when a lecturer must have said yes; None where none is wanted.
    """

    model_config = ConfigDict(frozen=True)

    session_id: str
    starts_at: AwareDatetime
    minutes: int
    theme: str
    cancelled: bool = False
    room: str | None = None
    lecturer_by: AwareDatetime | None = None


class Format(StrEnum):
    """How people meet."""

    PHYSICAL = "physical"
    DIGITAL = "digital"
    BOTH = "both"


class ProgrammePlanned(Event):
    """A programme as it now stands: state, published again at every change.

    Attributes:
        kind: what sort of meeting place it is, such as `course`, `mens_group` or `drop_in`.
        places: how many places each role has; empty where nobody registers.
        sessions: all its sessions, the earliest first.
        about: the theme or diagnosis that it is for, such as `heart failure`; empty for everybody.
        language: spoken there: `sv`, `da`, `en` or another ISO 639 code.
        facilitators_needed: how many must have said yes before a session can open.
        hosts_needed: how many hosts each session wants at least.
        copy_of: the programme of an earlier season that this one continues.
        cancelled: it will not take place.
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
    about: str = ""
    format: Format = Format.PHYSICAL
    language: str = "sv"
    facilitators_needed: int = 0
    hosts_needed: int = 0
    copy_of: str | None = None
    cancelled: bool = False


class SessionChanged(Event):
    """A session was moved to another time or place, or cancelled. Whoever is registered is to be told.

    Attributes:
        was_at: when it would have begun.
        starts_at: when it begins now, the same where only the place is another; None when it will not take place.
    """

    topic = "session-changed"
    source = "registration"
    subject_field = "session_id"

    session_id: str
    programme_id: str
    organiser: str
    was_at: AwareDatetime
    starts_at: AwareDatetime | None = None


class MeetingLinkChanged(Event):
    """Where a digital meeting is held. State. Private: for those who are registered.

    Attributes:
        url: None when there is none any more.
    """

    topic = "meeting-link-changed"
    source = "registration"
    subject_field = "programme_id"
    private = True

    programme_id: str
    url: str | None


class RegistrationStatus(StrEnum):
    """Where a registration stands.

    `offered`: a place is held until the person has answered. `applied`: staff are to accept or decline.
    """

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    APPLIED = "applied"
    CANCELLED = "cancelled"


class Source(StrEnum):
    """How somebody found the way to a programme."""

    SELF = "self"
    CLINIC = "clinic"
    PRIMARY_CARE = "primary_care"
    MUNICIPALITY = "municipality"
    ASSOCIATION = "association"


class ParticipantRegistered(Event):
    """Somebody registered and got a place, or a place in the queue.

    Attributes:
        participant_id: random, and only for this programme: the same person has another one elsewhere.
        status: `confirmed`, `waiting` or `applied`.
        position: place in the queue when the registration was made, 1 is next; None with a place.
        municipality: where the programme meets.
        referred_by: the unit that showed the way, as staff named it: on the telephone, or in a link that they made for
            it. None where nobody did: free words of who registers may name a person, and are shown to staff only.
        starts_on: the first day of a membership in a group; None in programmes without members.
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
    came_by: Source = Source.SELF
    referred_by: str | None = None
    starts_on: date | None = None


class PlaceOffered(Event):
    """A place is held for somebody who waited, until they have answered.

    Attributes:
        answer_by: after this the place goes to the next.
    """

    topic = "place-offered"
    source = "registration"
    subject_field = "participant_id"

    participant_id: str
    programme_id: str
    role: Role
    answer_by: AwareDatetime


class RegistrationPromoted(Event):
    """Somebody who waited, was offered a place or applied has got one.

    Attributes:
        starts_on: the first day of a membership in a group; None in programmes without members.
    """

    topic = "registration-promoted"
    source = "registration"
    subject_field = "participant_id"

    participant_id: str
    programme_id: str
    role: Role
    starts_on: date | None = None


class CancellationReason(StrEnum):
    """Why a registration ended."""

    OWN = "own"
    STAFF = "staff"
    OFFER_DECLINED = "offer_declined"
    OFFER_EXPIRED = "offer_expired"
    APPLICATION_DECLINED = "application_declined"
    CARRIED_OVER = "carried_over"
    MEMBERSHIP_ENDED = "membership_ended"
    PROGRAMME_CANCELLED = "programme_cancelled"


class RegistrationCancelled(Event):
    """A registration has ended before the programme did.

    Attributes:
        held_a_place: False when the participant was still in the queue.
        ended_on: the last day of a membership in a group; None in programmes without members.
    """

    topic = "registration-cancelled"
    source = "registration"
    subject_field = "participant_id"

    participant_id: str
    programme_id: str
    role: Role
    held_a_place: bool
    reason: CancellationReason = CancellationReason.OWN
    ended_on: date | None = None


class ApplicationAnswered(Event):
    """Staff accepted or declined an application to a standing call. Private: it carries the words for the applicant.

    Attributes:
        reason: what the applicant is told; may be empty when accepted.
    """

    topic = "application-answered"
    source = "registration"
    subject_field = "participant_id"
    private = True

    participant_id: str
    programme_id: str
    accepted: bool
    reason: str


class WishChanged(Event):
    """Somebody waits for any programme of a sort, such as a learning café on heart failure in Jönköping.

    State, private. `participant-contact-changed` says how to reach the person, with the wish's id for a participant's.

    Attributes:
        kind: of programme.
        about: the theme or diagnosis; empty for any.
        municipality: empty for any.
        open: False when it was met or withdrawn.
        position: place in the queue for the same wish, 1 is next.
    """

    topic = "wish-changed"
    source = "registration"
    subject_field = "wish_id"
    private = True

    wish_id: str
    kind: str
    about: str
    municipality: str
    role: Role
    open: bool
    position: int | None = None


class RegistrationRepeated(Event):
    """Somebody who is registered sent the form again or lost their link; a message says how the registration stands."""

    topic = "registration-repeated"
    source = "registration"
    subject_field = "participant_id"
    private = True

    participant_id: str
    programme_id: str


class ParticipantContactChanged(Event):
    """How to reach a participant. Private, read by the notification service; an empty value erases.

    Attributes:
        programme_id: empty for somebody with a wish for any programme of a sort.
        name: empty for a protected identity.
        email: exactly one of `email`, `phone` and `address` is given; none of a protected identity.
        phone: in international form, such as `+46701234567`.
        address: postal, with line breaks.
        language: `sv`, `da` or `en`.
        reminders: whether the participant wants a reminder the day before each session.
        paused: nothing is to be sent for now: the person asked for a pause, or is known to have died.
        protected: the identity is protected; whoever is to be told is told by the coordinator.
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
    address: str | None = None
    language: str
    reminders: bool = True
    paused: bool = False
    protected: bool = False


class SubjectErased(Event):
    """A person has asked to be forgotten: whoever keeps something under this id deletes it or keeps the count alone.

    Attributes:
        subject_id: a participant id; a person with several registrations is erased under each.
    """

    topic = "subject-erased"
    source = "registration"
    subject_field = "subject_id"

    subject_id: str


class GuestBooked(Event):
    """Somebody comes to one session of a programme without being registered there, to make up a theme they missed.

    State. `participant-contact-changed` says how to reach them, under the same id.

    Attributes:
        participant_id: random, and only for this session: unrelated to the one in the person's own programme.
        booked: False when they gave it up, or the session was cancelled.
    """

    topic = "guest-booked"
    source = "registration"
    subject_field = "participant_id"

    participant_id: str
    programme_id: str
    session_id: str
    role: Role
    booked: bool = True


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
        visitors_by_role: the same by role.
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
    visitors_by_role: dict[Role, int] = {}


class HeadcountRecorded(Event):
    """The headcount of a drop-in in detail. State, private: small numbers could point at somebody.

    Attributes:
        by_hour: by the hour of the day in which they came, 0 to 23, where the platform is.
        first_visits: how many came for the first time.
        age_bands: of those who liked to say, such as `30-49`.
    """

    topic = "headcount-recorded"
    source = "registration"
    subject_field = "session_id"
    private = True

    session_id: str
    programme_id: str
    by_hour: dict[int, int]
    first_visits: int
    age_bands: dict[str, int]


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
