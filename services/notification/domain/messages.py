"""Messages: what each is for, where it stands, and when it is wanted."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a message is for."""

    CONFIRMATION = "confirmation"
    QUEUED = "queued"
    PLACE_OFFERED = "place_offered"
    OFFER_REMINDER = "offer_reminder"
    PROMOTED = "promoted"
    APPLIED = "applied"
    APPLICATION_ANSWERED = "application_answered"
    CANCELLED = "cancelled"
    GUEST_BOOKED = "guest_booked"
    GUEST_CANCELLED = "guest_cancelled"
    REMINDER = "reminder"
    SESSION_CHANGED = "session_changed"
    NEW_SESSIONS = "new_sessions"
    MEETING_LINK = "meeting_link"
    SESSION_SURVEY = "session_survey"
    COURSE_SURVEY = "course_survey"
    ALREADY_REGISTERED = "already_registered"
    WISH_NOTED = "wish_noted"
    WISH_CLOSED = "wish_closed"
    VOLUNTEER_WELCOME = "volunteer_welcome"
    ASSIGNMENT_OFFER = "assignment_offer"
    ASSIGNMENT_ACCEPTED = "assignment_accepted"
    ASSIGNMENT_CHANGED = "assignment_changed"
    ASSIGNMENT_REMINDER = "assignment_reminder"
    ASSIGNMENT_ENDED = "assignment_ended"


SURVEYS = frozenset({Kind.SESSION_SURVEY, Kind.COURSE_SURVEY})
OF_A_WISH = frozenset({Kind.WISH_NOTED, Kind.WISH_CLOSED})
OF_AN_ASSIGNMENT = frozenset(
    {
        Kind.ASSIGNMENT_OFFER,
        Kind.ASSIGNMENT_ACCEPTED,
        Kind.ASSIGNMENT_CHANGED,
        Kind.ASSIGNMENT_REMINDER,
        Kind.ASSIGNMENT_ENDED,
    }
)
OF_A_VOLUNTEER = OF_AN_ASSIGNMENT | {Kind.VOLUNTEER_WELCOME}
TOLD_IN_PERSON = frozenset({Kind.APPLICATION_ANSWERED})
"""What staff have written themselves, at length: no text message holds it, and a no without its reasons is unkind."""
OF_A_REGISTRATION = frozenset(Kind) - SURVEYS - OF_A_WISH - OF_A_VOLUNTEER


class Status(StrEnum):
    """Where a message stands.

    `sent`: it has left by mail or as a text message.
    `call`: it can be neither, somebody has to ring, or to tell a protected person; `letter`: it has to be printed
    and posted; `called`: somebody has done it. `paused`: held while the person wants no messages.
    """

    QUEUED = "queued"
    SENT = "sent"
    CALL = "call"
    LETTER = "letter"
    CALLED = "called"
    PAUSED = "paused"
    DROPPED = "dropped"
    FAILED = "failed"


BY_HAND = frozenset({Status.CALL, Status.LETTER})
UNFINISHED = BY_HAND | {Status.QUEUED, Status.PAUSED, Status.FAILED}


class Reason(StrEnum):
    """Why a message was dropped, has failed, or could not be a text message and waits for somebody to ring."""

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
class Wanted:
    """A message that a person is to get.

    Attributes:
        recipient: id of the participant, wish or volunteer.
        ref: what tells this message from others of its kind to the same person.
        programme_id: empty where it is about no programme.
        about: id of the session, survey or assignment that it is about; empty for the registration itself.
        due_at: not before this.
        local_due: of reminders: what `due_at` was worked out from, by the wall clock, with the zone's name.
        expires_at: pointless from here on; None when it never is.
        token: the secret of a survey link, until the message has left.
        organiser: who it concerns, where it is about no programme; empty: all of them.
        municipality: where it belongs, likewise.
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
    organiser: str = ""
    municipality: str = ""

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
