"""Who came to a session, and whether it was held."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from motesplats_events import Role
from services.registration.domain.headcount import Entry, Headcount, summed
from services.registration.domain.programmes import Session
from shared.errors import Conflict, DomainError


class NotYetStarted(Conflict):
    """A session cannot be held before it begins."""

    code = "not-yet-started"


class SessionIsCancelled(Conflict):
    """A cancelled session does not take place."""

    code = "session-cancelled"


class NotConfirmed(DomainError):
    """Attendance is for those who have a place."""

    code = "not-confirmed"


class Mark(StrEnum):
    """Whether somebody came. No mark means that nobody has said."""

    ATTENDED = "attended"
    PARTLY = "partly"
    """Was there for a part of it.

    Counts as having come wherever people are counted, and may still make up the theme elsewhere: whoever had to leave
    halfway has come, and has missed the rest. See `guests.missed`.
    """
    ABSENT = "absent"

    @property
    def came(self) -> bool:
        """Whether the person was there."""
        return self is not Mark.ABSENT


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on the list of one session.

    Attributes:
        guest: comes to this session only, to make up a theme.
    """

    participant_id: str
    person_id: str
    role: Role
    guest: bool = False


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who came to one session.

    Attributes:
        marks: by participant id.
        entries: of visitors who were counted, where nobody registers; in the order they arrived.
        held_at: when somebody said that the session had been held; None before.
        version: rises each time the held session is announced.
    """

    session_id: str
    programme_id: str
    marks: Mapping[str, Mark] = field(default_factory=dict)
    entries: Sequence[Entry] = ()
    held_at: datetime | None = None
    version: int = 0

    @property
    def came(self) -> Sequence[str]:
        """Who was there, if only for a part."""
        return sorted(id for id, mark in self.marks.items() if mark.came)

    @property
    def headcount(self) -> Headcount:
        """How many were counted."""
        return summed(self.entries)

    @property
    def has_begun(self) -> bool:
        """Whether anybody has been there, or it is said to have been held."""
        return bool(self.held_at or self.came or self.headcount.visitors)


def check_under_way(session: Session, now: datetime) -> None:
    """Let pass only a session that has begun and takes place.

    Raises:
        SessionIsCancelled, NotYetStarted.
    """
    if session.cancelled:
        raise SessionIsCancelled("This session is cancelled")
    if now < session.starts_at:
        raise NotYetStarted("The session has not begun yet")


def marked(
    attendance: Attendance,
    marks: Mapping[str, Mark | None],
    listed: Iterable[str],
    session: Session,
    now: datetime,
) -> Attendance:
    """Attendance after new marks, where None takes one away; a participant without a new mark keeps the old one.

    Raises:
        SessionIsCancelled, NotYetStarted.
        NotConfirmed: a mark is for somebody who is not on the list.
    """
    check_under_way(session, now)
    if not marks.keys() <= set(listed):
        raise NotConfirmed("Attendance can only be marked for those who have a place", field="attended")
    after = {**attendance.marks, **marks}
    return replace(attendance, marks={id: mark for id, mark in after.items() if mark is not None})


@dataclass(frozen=True, slots=True)
class Sheet:
    """An attendance list as it is sent back, by somebody who may not know what another has marked meanwhile.

    Attributes:
        shown: everybody on it, with the mark that it showed.
        unknown: of whom nobody can say.
        hold: that the session has been held.
    """

    shown: Mapping[str, Mark | None]
    attended: Collection[str]
    partly: Collection[str] = ()
    unknown: Collection[str] = ()
    hold: bool = False


def changes(sheet: Sheet, before: Attendance) -> dict[str, Mark | None]:
    """What somebody changed on a list; nothing for whom it does not name, or left as it was.

    While a session goes on, whoever is not ticked may still come. When it is held, they were absent, unless
    somebody else has marked them since the list was made.
    """
    over = sheet.hold or before.held_at is not None
    found: dict[str, Mark | None] = {}
    for id in {**sheet.shown, **dict.fromkeys((*sheet.attended, *sheet.partly, *sheet.unknown))}:
        shown = sheet.shown.get(id)
        said = id in sheet.unknown or id in sheet.partly or id in sheet.attended
        wanted: Mark | None = Mark.ABSENT if over or shown is Mark.ABSENT else None
        if said:
            wanted = None if id in sheet.unknown else Mark.PARTLY if id in sheet.partly else Mark.ATTENDED
        if wanted is not shown and (said or shown is not None or id not in before.marks):
            found[id] = wanted
    return found


def held(attendance: Attendance, session: Session, now: datetime) -> Attendance:
    """Attendance of a session that is announced as held, for the first time or after a correction.

    Raises:
        SessionIsCancelled, NotYetStarted.
    """
    check_under_way(session, now)
    return replace(attendance, held_at=attendance.held_at or now, version=attendance.version + 1)


def counts(attendance: Attendance, roles: Mapping[str, Role]) -> dict[Role, tuple[int, int]]:
    """Expected and attended by role.

    Args:
        roles: the role of everybody on the list, by participant id.
    """
    found: dict[Role, tuple[int, int]] = {}
    for participant_id, role in roles.items():
        expected, attended = found.get(role, (0, 0))
        mark = attendance.marks.get(participant_id)
        found[role] = (expected + 1, attended + (mark is not None and mark.came))
    return found
