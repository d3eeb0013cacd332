"""Who came to a session, and whether it was held."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from motesplats_events import Role
from services.registration.domain.programmes import Session
from shared.errors import Conflict, DomainError


class NotYetStarted(Conflict):
    """A session cannot be held before it begins."""

    code = "not-yet-started"


class NotConfirmed(DomainError):
    """Attendance is for those who have a place."""

    code = "not-confirmed"


class Mark(StrEnum):
    """Whether somebody came. No mark means that nobody has said."""

    ATTENDED = "attended"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who came to one session.

    Attributes:
        marks: by participant id.
        held_at: when the coordinator said that the session had been held; None before.
        version: rises each time the held session is announced.
    """

    session_id: str
    programme_id: str
    marks: Mapping[str, Mark] = field(default_factory=dict)
    held_at: datetime | None = None
    version: int = 0


def marked(
    attendance: Attendance, marks: Mapping[str, Mark], confirmed: Iterable[str], session: Session, now: datetime
) -> Attendance:
    """Attendance after new marks; a participant without a new mark keeps the old one.

    Raises:
        NotYetStarted: the session has not begun.
        NotConfirmed: a mark is for somebody without a place in the programme.
    """
    if now < session.starts_at:
        raise NotYetStarted("The session has not begun yet")
    if not marks.keys() <= set(confirmed):
        raise NotConfirmed("Attendance can only be marked for those who have a place", field="attended")
    return replace(attendance, marks={**attendance.marks, **marks})


def held(attendance: Attendance, session: Session, now: datetime) -> Attendance:
    """Attendance of a session that is announced as held, for the first time or after a correction.

    Raises:
        NotYetStarted: the session has not begun.
    """
    if now < session.starts_at:
        raise NotYetStarted("The session has not begun yet")
    return replace(attendance, held_at=attendance.held_at or now, version=attendance.version + 1)


def counts(attendance: Attendance, roles: Mapping[str, Role]) -> dict[Role, tuple[int, int]]:
    """Expected and attended by role.

    Args:
        roles: the role of everybody who has a place or was marked, by participant id.
    """
    found: dict[Role, tuple[int, int]] = {}
    for participant_id, role in roles.items():
        expected, attended = found.get(role, (0, 0))
        came = attendance.marks.get(participant_id) is Mark.ATTENDED
        found[role] = (expected + 1, attended + came)
    return found
