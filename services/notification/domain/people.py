"""People: how to reach them, how their registrations stand, and what they wish for."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from motesplats_events import CancellationReason, RegistrationStatus
from services.notification.domain.messages import Kind
from services.notification.domain.programmes import Programme, Session

LONGEST_NAME = 60
NO_NAME = re.compile(r"[/@<>:\d]|\w\.\w")


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a participant, somebody with a wish, or a volunteer.

    Attributes:
        id: of the registration, the wish or the volunteer.
        email: one of `email`, `phone` and `address` is given; none of a protected identity.
        paused: nothing is to reach them for now.
        protected: neither name nor address is known here; the coordinator tells them.
        enrolled_at: of a volunteer: when they were first told of.
        erased: they asked to be forgotten.
    """

    id: str
    name: str = ""
    email: str | None = None
    phone: str | None = None
    language: str = "sv"
    reminders: bool = True
    erased: bool = False
    address: str | None = None
    paused: bool = False
    protected: bool = False
    enrolled_at: datetime | None = None

    @property
    def by_letter(self) -> bool:
        """Whether what they are told goes by post."""
        return bool(self.address) and not self.protected and not self.email


@dataclass(frozen=True, slots=True)
class Answer:
    """What staff answered to an application.

    Attributes:
        words: theirs, for the applicant; may be empty.
    """

    sequence: int
    accepted: bool
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Registration:
    """The newest that is known of a registration, or of a guest at one session.

    Attributes:
        cause: the message that tells a person of this state; also says what happened last.
        since: when it happened.
        position: place in the queue when the person entered it; others may have left since.
        held_a_place: of a cancelled registration: whether a place became free.
        began: how it stood when it was announced; None while that is not known, or where a place was offered first.
        reason: of a cancelled registration.
        answer_by: of a place that is offered.
        was_offered: a place was held for the person at some time.
        starts_on: the first day of a membership.
        ended_on: its last day.
        answer: to an application, if there was one.
        only_session: the one that a guest comes to, to make up a theme; None of who is registered for the programme.
    """

    participant_id: str
    programme_id: str
    sequence: int
    status: RegistrationStatus
    cause: Kind
    since: datetime
    position: int | None = None
    held_a_place: bool = False
    began: RegistrationStatus | None = None
    reason: CancellationReason = CancellationReason.OWN
    answer_by: datetime | None = None
    was_offered: bool = False
    starts_on: date | None = None
    ended_on: date | None = None
    answer: Answer | None = None
    only_session: str | None = None

    @property
    def by_application(self) -> bool:
        """Whether staff decide about it."""
        return self.began is RegistrationStatus.APPLIED

    def sessions(self, programme: Programme, zone: ZoneInfo) -> tuple[Session, ...]:
        """Those of the programme for this person: all, a member's from the first day on, or the one of a guest."""
        if self.only_session is not None:
            return tuple(s for s in programme.sessions if s.session_id == self.only_session)
        if self.starts_on is None:
            return programme.sessions
        return tuple(s for s in programme.sessions if s.starts_at.astimezone(zone).date() >= self.starts_on)


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody waits for any programme of a sort.

    Attributes:
        kind: of programme.
        about: the theme or diagnosis; empty for any.
        municipality: empty for any.
        noted_at: when it was first told of.
        changed_at: when it came to stand as it does.
    """

    wish_id: str
    kind: str
    about: str
    municipality: str
    open: bool
    position: int | None
    noted_at: datetime
    changed_at: datetime


def greeting_name(name: str) -> str:
    """The name to greet with; empty where what was typed may be something else than a name.

    The registration form is open to all. Whoever gives another person's address must not be able to have us
    mail that person a text or a link of their making.
    """
    tidy = " ".join(name.split())
    return "" if len(tidy) > LONGEST_NAME or NO_NAME.search(tidy) else tidy
