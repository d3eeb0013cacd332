"""What this service knows of programmes: enough to ask volunteers to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from motesplats_events import Format
from shared.errors import DomainError, NotFound


class ProgrammeNotFound(NotFound):
    """No programme with this id is known here."""


class SessionNotFound(NotFound):
    """The programme has no session with this id."""


class ProgrammeIsOver(DomainError):
    """Nobody can be asked to a programme without a session to come."""

    code = "programme-is-over"


class SessionIsOver(DomainError):
    """Nobody can be asked to a session that has begun, or will not take place."""

    code = "session-is-over"


@dataclass(frozen=True, slots=True)
class Session:
    """One dated meeting of a programme.

    Attributes:
        cancelled: it will not take place.
        room: where this one meets, if not at the programme's place.
        lecturer_by: when a lecturer must have said yes; None where none is wanted.
    """

    session_id: str
    starts_at: datetime
    minutes: int
    theme: str
    cancelled: bool = False
    room: str | None = None
    lecturer_by: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """When it is planned to end."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as it was last announced.

    Attributes:
        kind: what sort of meeting place it is, such as `course` or `drop_in`.
        sessions: the earliest first, cancelled ones too.
        about: the theme or diagnosis that it is for; empty for everybody.
        language: spoken there.
        hosts_needed: how many hosts each session wants at least.
        facilitators_needed: how many must have said yes before a session can open.
        cancelled: it will not take place.
    """

    programme_id: str
    title: str
    organiser: str
    kind: str
    place: str
    municipality: str
    sessions: Sequence[Session]
    about: str = ""
    format: Format = Format.PHYSICAL
    language: str = "sv"
    hosts_needed: int = 0
    facilitators_needed: int = 0
    cancelled: bool = False

    def takes_place(self, session: Session, now: datetime) -> bool:
        """Whether a session is to take place or has. What had begun of a cancelled programme has."""
        return not session.cancelled and (not self.cancelled or session.starts_at <= now)

    def planned(self, now: datetime) -> Sequence[Session]:
        """The sessions that are to take place or have."""
        return [session for session in self.sessions if self.takes_place(session, now)]

    def session(self, session_id: str) -> Session:
        """Raises: SessionNotFound."""
        for session in self.sessions:
            if session.session_id == session_id:
                return session
        raise SessionNotFound("There is no such session", field="session_id")

    def coming(self, now: datetime) -> Sequence[Session]:
        """The sessions still to come."""
        return [session for session in self.planned(now) if session.starts_at > now]

    def next_session(self, now: datetime) -> Session:
        """The first session still to come.

        Raises:
            ProgrammeIsOver: there is none.
        """
        for session in self.coming(now):
            return session
        if self.cancelled:
            raise ProgrammeIsOver("This programme will not take place", field="programme_id")
        raise ProgrammeIsOver("All sessions of this programme have begun", field="programme_id")
