"""What waits for a coordinator: sessions that lack somebody, and people who are to be answered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from motesplats_events import VolunteerRole
from services.registration.domain.programmes import Programme, Session
from services.registration.domain.staffing import Assignment, facilitators_missing, said_yes


class Kind(StrEnum):
    """What waits."""

    THIN = "thin"
    """Too few hosts for a session."""
    UNLED = "unled"
    """Too few facilitators for a session to open."""
    LECTURER = "lecturer"
    """No lecturer has said yes."""
    OFFERED = "offered"
    """Somebody was offered a place and has not answered."""
    APPLIED = "applied"
    """Somebody has applied and waits for a yes or no."""
    ASKED = "asked"
    """A volunteer was asked and has not answered."""


OF_SESSIONS = (Kind.THIN, Kind.UNLED, Kind.LECTURER)


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that waits.

    Attributes:
        about: the session, the registration or the assignment.
        programme_id: empty for an assignment outside any programme.
        session_id: None where it is for no session.
        at: until when it is to be settled; of an application, since when it waits.
        starts_at: of the session; None where it is for no session.
        have: how many have said yes.
        needed: how many have to.
    """

    kind: Kind
    about: str
    programme_id: str
    title: str
    organiser: str
    municipality: str
    at: datetime
    session_id: str | None = None
    starts_at: datetime | None = None
    have: int = 0
    needed: int = 0


def lacking(programme: Programme, sessions: Iterable[Session], staffing: Iterable[Assignment]) -> Iterator[Matter]:
    """What these sessions of a programme lack."""
    known = list(staffing)
    for session in sessions:
        if session.cancelled or programme.cancelled:
            continue
        hosts = said_yes(known, session, VolunteerRole.HOST)
        if hosts < programme.hosts_needed:
            yield _of(Kind.THIN, programme, session, session.starts_at, hosts, programme.hosts_needed)
        missing = facilitators_missing(programme, session, known)
        if missing:
            needed = programme.facilitators_needed
            yield _of(Kind.UNLED, programme, session, session.starts_at, needed - missing, needed)
        if session.lecturer_by and not said_yes(known, session, VolunteerRole.LECTURER):
            yield _of(Kind.LECTURER, programme, session, session.lecturer_by, 0, 1)


def _of(kind: Kind, programme: Programme, session: Session, at: datetime, have: int, needed: int) -> Matter:
    return Matter(
        kind=kind,
        about=session.session_id,
        programme_id=programme.programme_id,
        title=programme.title,
        organiser=programme.organiser,
        municipality=programme.municipality,
        at=at,
        session_id=session.session_id,
        starts_at=session.starts_at,
        have=have,
        needed=needed,
    )


@dataclass(frozen=True, slots=True)
class Sought:
    """What a member of staff looks for among the programmes; an empty field is any.

    Attributes:
        words: in the title.
        ended: those that have ended, instead of those to come and under way.
    """

    words: str = ""
    kind: str = ""
    municipality: str = ""
    ended: bool = False
