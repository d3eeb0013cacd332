"""A missed theme made up elsewhere: somebody comes to one session of another programme.

While such a session is to come, places of that programme are held for its guests: as many of each role as the
session with the most guests has. So a guest is let in by the same guard as everybody else, and no session is overfull.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from motesplats_events import RegistrationStatus, Role
from services.registration.domain.attendance import Attendance, Mark
from services.registration.domain.calendar import same
from services.registration.domain.kinds import Admission
from services.registration.domain.programmes import Programme, Session
from services.registration.domain.registrations import Registration
from shared.errors import Conflict, NotFound

# In a group with members a guest would sit among people who have promised each other confidentiality.
TAKE_GUESTS = (Admission.WHOLE, Admission.OPEN)


class GuestNotFound(NotFound):
    """No guest has this id."""


class NothingMissed(Conflict):
    """The person was there, or the session has not been."""

    code = "nothing-missed"


class NotTheSameTheme(Conflict):
    """The other session does not make up for the missed one."""

    code = "not-the-same-theme"


class SessionIsFull(Conflict):
    """All places of the other programme are taken or held."""

    code = "session-is-full"


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who comes to one session of a programme without being registered there.

    Attributes:
        guest_id: random; the participant id there, unrelated to the one in the own programme.
        programme_id: where they are a guest.
        own_id: the participant id in the own programme.
        missed_session_id: what is made up for.
        active: False when they gave it up or the session was cancelled.
    """

    guest_id: str
    programme_id: str
    session_id: str
    person_id: str
    role: Role
    language: str
    own_id: str
    missed_session_id: str
    active: bool = True
    version: int = 1


def missed(registration: Registration, programme: Programme, attendances: Mapping[str, Attendance]) -> list[Session]:
    """Sessions that were held and at which somebody was not, or only for a part."""
    if registration.status is not RegistrationStatus.CONFIRMED or programme.rules.admission not in TAKE_GUESTS:
        return []
    return [
        session
        for session in programme.to_take_place
        if (attendance := attendances.get(session.session_id))
        and attendance.held_at
        and attendance.marks.get(registration.participant_id) is not Mark.ATTENDED
    ]


def makes_up(programme: Programme, session: Session, theme: str, now: datetime) -> bool:
    """Whether a session is to come that is about the missed theme, and takes guests."""
    return (
        not programme.cancelled
        and programme.rules.admission in TAKE_GUESTS
        and not session.cancelled
        and session.starts_at > now
        and same(session.theme) == same(theme)
    )


def places_held(guests: Iterable[Guest], programme: Programme, now: datetime) -> Counter[Role]:
    """How many places of each role are held for guests: the most that one session to come has."""
    ahead = {session.session_id for session in programme.to_take_place if session.ends_at > now}
    by_session: Counter[tuple[Role, str]] = Counter()
    for guest in guests:
        if guest.active and guest.session_id in ahead and not programme.cancelled:
            by_session[(guest.role, guest.session_id)] += 1
    held: Counter[Role] = Counter()
    for (role, _), number in by_session.items():
        held[role] = max(held[role], number)
    return held


def next_end(guests: Sequence[Guest], programme: Programme, now: datetime) -> datetime | None:
    """When a session with guests has next ended, and fewer places may be held."""
    with_guests = {guest.session_id for guest in guests if guest.active}
    ends = (s.ends_at for s in programme.to_take_place if s.session_id in with_guests and s.ends_at > now)
    return min(ends, default=None)


def forgotten(guest: Guest) -> Guest:
    """What is kept of a guest when the person is forgotten: it is counted, and belongs to nobody."""
    return replace(guest, person_id=guest.guest_id, own_id=guest.guest_id, language="", version=guest.version + 1)
