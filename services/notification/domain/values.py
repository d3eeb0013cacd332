"""What the rules are about: programmes, registrations, contacts, surveys, and the messages about them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from motesplats_events import RegistrationStatus, SurveyKind


class Kind(StrEnum):
    """What a message is for."""

    CONFIRMATION = "confirmation"
    QUEUED = "queued"
    PROMOTED = "promoted"
    CANCELLED = "cancelled"
    REMINDER = "reminder"
    SESSION_SURVEY = "session_survey"
    COURSE_SURVEY = "course_survey"
    ALREADY_REGISTERED = "already_registered"
    ASSIGNMENT_OFFER = "assignment_offer"


SURVEYS = frozenset({Kind.SESSION_SURVEY, Kind.COURSE_SURVEY})
OF_A_REGISTRATION = frozenset(Kind) - SURVEYS - {Kind.ASSIGNMENT_OFFER}


class Status(StrEnum):
    """Where a message stands. `call`: it cannot be mailed, somebody has to ring; `called`: they have."""

    QUEUED = "queued"
    SENT = "sent"
    CALL = "call"
    CALLED = "called"
    DROPPED = "dropped"
    FAILED = "failed"


UNFINISHED = frozenset({Status.QUEUED, Status.CALL, Status.FAILED})


class Reason(StrEnum):
    """Why a message was dropped or has failed."""

    CANCELLED = "cancelled"
    OVERTAKEN = "overtaken"
    RESCHEDULED = "rescheduled"
    NO_REMINDERS = "no_reminders"
    TOO_LATE = "too_late"
    ERASED = "erased"
    REFUSED = "refused"
    KEPT_FAILING = "kept_failing"
    BAD_ADDRESS = "bad_address"


@dataclass(frozen=True, slots=True)
class Session:
    """One dated meeting."""

    session_id: str
    starts_at: datetime
    minutes: int
    theme: str


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as the registration service last told it; `sequence` rises with every change."""

    programme_id: str
    sequence: int
    title: str
    organiser: str
    place: str
    municipality: str
    sessions: tuple[Session, ...]

    def session(self, session_id: str) -> Session | None:
        """The session with this id, if the programme still has it."""
        return next((session for session in self.sessions if session.session_id == session_id), None)

    def upcoming(self, now: datetime) -> tuple[Session, ...]:
        """The sessions that have not begun."""
        return tuple(session for session in self.sessions if session.starts_at > now)


@dataclass(frozen=True, slots=True)
class Registration:
    """The newest that is known of a registration.

    Attributes:
        cause: the message that tells a person of this state; also says what happened last.
        since: when it happened.
        position: place in the queue when the person entered it; others may have left since.
        held_a_place: of a cancelled registration: whether a place became free.
    """

    participant_id: str
    programme_id: str
    sequence: int
    status: RegistrationStatus
    cause: Kind
    since: datetime
    position: int | None = None
    held_a_place: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a participant or volunteer; `erased` when they asked to be forgotten."""

    id: str
    name: str = ""
    email: str | None = None
    phone: str | None = None
    language: str = "sv"
    reminders: bool = True
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey that the evaluation service opened. `minted`: its one batch of links has been made."""

    survey_id: str
    programme_id: str
    kind: SurveyKind
    audience: tuple[str, ...]
    opened_at: datetime
    closes_at: datetime
    minted: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A volunteer was asked to do an assignment."""

    assignment_id: str
    volunteer_id: str
    programme_id: str
    role: str
    title: str
    place: str
    at: datetime | None
    offered_at: datetime
    answer_by: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that a person is to get.

    Attributes:
        recipient: id of the participant or volunteer.
        ref: what tells this message from others of its kind to the same person.
        about: id of the session, survey or assignment that it is about; empty for the registration itself.
        due_at: not before this.
        local_due: of reminders: what `due_at` was worked out from, by the wall clock, with the zone's name.
        expires_at: pointless from here on; None when it never is.
        token: the secret of a survey link, until the message has left.
    """

    kind: Kind
    recipient: str
    ref: str
    programme_id: str
    due_at: datetime
    about: str = ""
    local_due: str | None = None
    expires_at: datetime | None = None
    token: str | None = None

    @property
    def id(self) -> str:
        """The same however often the message is wanted, so that nobody gets it twice."""
        return f"{self.kind}:{self.recipient}:{self.ref}"


@dataclass(frozen=True, slots=True)
class Message(Wanted):
    """A message and what became of it.

    Attributes:
        mail_id: makes the mail's Message-ID, the same at every attempt.
        tries: attempts that the mail server put off.
    """

    status: Status = Status.QUEUED
    reason: Reason | None = None
    mail_id: str = ""
    tries: int = 0
    sent_at: datetime | None = None
