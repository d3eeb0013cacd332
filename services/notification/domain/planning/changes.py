"""What is told when a programme changes: sessions moved, cancelled or added, and the link to a digital one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.notification.domain.assignments import in_whole_programmes
from services.notification.domain.messages import OF_AN_ASSIGNMENT, Kind, Message, Wanted
from services.notification.domain.moments import SETTLING, next_morning
from services.notification.domain.people import Registration
from services.notification.domain.programmes import MeetingLink, Programme, Session, SessionChange, in_one_go, newest
from services.notification.domain.situation import Situation


@dataclass(frozen=True, slots=True)
class Meetings:
    """The meetings of a programme, as one person takes part in them.

    Attributes:
        theirs: those that are for this person.
        changes: every change of one of the programme's.
        since: what was changed or added before then is no news to this person.
    """

    programme: Programme
    theirs: Sequence[Session]
    changes: Sequence[SessionChange]
    since: datetime


class News(NamedTuple):
    """Something to tell: the name under which it is told, from when on, and when it is worth nothing any more."""

    ref: str
    due_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """A session that was changed, as one person is told of it.

    Attributes:
        session: as it now is; None where the programme has it no more.
        former: when it would have begun, as far as the person may have been told.
        restored: it takes place after all.
        elsewhere: only its place is another.
    """

    change: SessionChange
    session: Session | None
    former: Sequence[datetime]
    restored: bool
    elsewhere: bool


def of_registration(situation: Situation, zone: ZoneInfo) -> Meetings | None:
    """Of a participant; None while the programme or the registration is unknown."""
    registration, programme = situation.registration, situation.programme
    if registration is None or programme is None:
        return None
    return Meetings(programme, registration.sessions(programme, zone), situation.changes, registration.since)


def of_volunteer(situation: Situation, programme_id: str) -> Meetings | None:
    """Of a volunteer who does something in a whole programme; None where that is not so, or nothing is known of it."""
    programme = situation.programmes.get(programme_id)
    theirs = in_whole_programmes(situation.assignments).get(programme_id)
    if programme is None or not theirs:
        return None
    since = min(one.changed_at for one in theirs)
    return Meetings(programme, programme.sessions, situation.changes_of(programme_id), since)


def around(message: Message, situation: Situation, zone: ZoneInfo) -> Meetings | None:
    """The meetings that a message may tell of."""
    if message.kind in OF_AN_ASSIGNMENT:
        return of_volunteer(situation, message.programme_id)
    return of_registration(situation, zone)


def moved_or_cancelled(meetings: Meetings) -> Sequence[News]:
    """One message for all that was changed in one go, such as a session with those that follow it."""
    found = []
    for ref, changes in in_one_go(meetings.changes).items():
        told = told_changes(meetings, ref)
        if told:
            ends = max(moment for one in told for moment in (one.change.was_at, one.change.starts_at) if moment)
            found.append(News(ref, changes[0].at + SETTLING, ends))
    return found


def told_changes(meetings: Meetings | None, ref: str) -> Sequence[Changed]:
    """What a message tells of: sessions whose last change was made then, and that are for this person."""
    if meetings is None:
        return []
    programme = meetings.programme
    others = {s.session_id for s in programme.sessions} - {s.session_id for s in meetings.theirs}
    last = newest(meetings.changes)
    return [
        Changed(
            change,
            programme.session(change.session_id),
            _former(meetings, change),
            _restored(meetings, change),
            _elsewhere(meetings, change),
        )
        for change in sorted(in_one_go(meetings.changes).get(ref, ()), key=lambda one: (one.was_at, one.session_id))
        if last[change.session_id] == change and change.at > meetings.since and change.session_id not in others
    ]


def _former(meetings: Meetings, change: SessionChange) -> Sequence[datetime]:
    """When the session would have begun, as far as this person may have been told."""
    told = {c.was_at for c in meetings.changes if c.session_id == change.session_id and c.at > meetings.since}
    return sorted(told - {change.starts_at})


def _restored(meetings: Meetings, change: SessionChange) -> bool:
    """Whether it had been cancelled before."""
    before = [c for c in meetings.changes if c.session_id == change.session_id and c.sequence < change.sequence]
    cancelled = bool(before) and max(before, key=lambda one: one.sequence).starts_at is None
    return change.starts_at is not None and cancelled


def _elsewhere(meetings: Meetings, change: SessionChange) -> bool:
    """Whether it begins when everybody has always been told."""
    same_time = change.starts_at is not None and not _former(meetings, change)
    return same_time and not _restored(meetings, change)


def new_sessions(meetings: Meetings, zone: ZoneInfo) -> Sequence[News]:
    """One message the morning after for all that was added in a day, such as a group's next half-year."""
    return [
        News(day.isoformat(), next_morning(first, zone).astimezone(UTC), last)
        for day, (first, last) in _additions(meetings, zone).items()
    ]


def _additions(meetings: Meetings, zone: ZoneInfo) -> dict[date, tuple[datetime, datetime]]:
    """By day: when sessions were added, and when the last of them begins."""
    found: dict[date, tuple[datetime, datetime]] = {}
    for session in added_sessions(meetings, zone):
        assert session.added_at is not None
        day = session.added_at.astimezone(zone).date()
        added_at, last = found.get(day, (session.added_at, session.starts_at))
        found[day] = min(added_at, session.added_at), max(last, session.starts_at)
    return found


def added_sessions(meetings: Meetings | None, zone: ZoneInfo, day: str = "") -> Sequence[Session]:
    """Sessions that came after the person was told of the others.

    Args:
        day: only those added on this day, such as `2026-08-03`.
    """
    if meetings is None:
        return []
    return [
        session
        for session in meetings.theirs
        if session.added_at is not None
        and session.added_at > meetings.since
        and not session.cancelled
        and day in {"", session.added_at.astimezone(zone).date().isoformat()}
    ]


def new_link(registration: Registration, programme: Programme, link: MeetingLink | None) -> list[Wanted]:
    """Who had a place when the address changed is told; who got it later has the new one in the confirmation."""
    if link is None or link.at <= registration.since:
        return []
    return [
        Wanted(
            Kind.MEETING_LINK,
            registration.participant_id,
            str(link.sequence),
            registration.programme_id,
            link.at,
            expires_at=programme.ends_at,
        )
    ]
