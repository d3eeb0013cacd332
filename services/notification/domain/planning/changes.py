"""What is told when a programme changes: sessions moved, cancelled or added, and the link to a digital one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from services.notification.domain.messages import Kind, Wanted
from services.notification.domain.moments import SETTLING, next_morning
from services.notification.domain.people import Registration
from services.notification.domain.programmes import MeetingLink, Programme, Session, SessionChange, in_one_go
from services.notification.domain.situation import Situation


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


def moved_or_cancelled(
    registration: Registration, programme: Programme, situation: Situation, zone: ZoneInfo
) -> list[Wanted]:
    """One message for all that was changed in one go, such as a session with those that follow it."""
    wanted = []
    for ref, changes in in_one_go(situation.changes).items():
        told = told_changes(situation, ref, zone)
        if told:
            at = changes[0].at
            ends = max(moment for one in told for moment in (one.change.was_at, one.change.starts_at) if moment)
            who, where = registration.participant_id, programme.programme_id
            wanted.append(Wanted(Kind.SESSION_CHANGED, who, ref, where, at + SETTLING, about=ref, expires_at=ends))
    return wanted


def told_changes(situation: Situation, ref: str, zone: ZoneInfo) -> Sequence[Changed]:
    """What a message tells of: sessions whose last change was made then, and that are for this person."""
    registration, programme = situation.registration, situation.programme
    if registration is None or programme is None:
        return []
    theirs = registration.sessions(programme, zone)
    others = {s.session_id for s in programme.sessions} - {s.session_id for s in theirs}
    newest = situation.newest_changes
    return [
        Changed(
            change,
            programme.session(change.session_id),
            _former(situation, change),
            _restored(situation, change),
            _elsewhere(situation, change),
        )
        for change in sorted(in_one_go(situation.changes).get(ref, ()), key=lambda one: (one.was_at, one.session_id))
        if newest[change.session_id] == change and change.at > registration.since and change.session_id not in others
    ]


def _former(situation: Situation, change: SessionChange) -> Sequence[datetime]:
    """When the session would have begun, as far as this person may have been told."""
    assert situation.registration is not None
    since = situation.registration.since
    told = {c.was_at for c in situation.changes if c.session_id == change.session_id and c.at > since}
    return sorted(told - {change.starts_at})


def _restored(situation: Situation, change: SessionChange) -> bool:
    """Whether it had been cancelled before."""
    before = [c for c in situation.changes if c.session_id == change.session_id and c.sequence < change.sequence]
    cancelled = bool(before) and max(before, key=lambda one: one.sequence).starts_at is None
    return change.starts_at is not None and cancelled


def _elsewhere(situation: Situation, change: SessionChange) -> bool:
    """Whether it begins when everybody has always been told."""
    same_time = change.starts_at is not None and not _former(situation, change)
    return same_time and not _restored(situation, change)


def new_sessions(registration: Registration, programme: Programme, zone: ZoneInfo) -> list[Wanted]:
    """One message the morning after for all that was added in a day, such as a group's next half-year."""
    return [
        Wanted(
            Kind.NEW_SESSIONS,
            registration.participant_id,
            day.isoformat(),
            registration.programme_id,
            next_morning(added[0], zone).astimezone(UTC),
            about=day.isoformat(),
            expires_at=added[1],
        )
        for day, added in _additions(registration, programme, zone).items()
    ]


def _additions(
    registration: Registration, programme: Programme, zone: ZoneInfo
) -> dict[date, tuple[datetime, datetime]]:
    """By day: when sessions were added, and when the last of them begins."""
    found: dict[date, tuple[datetime, datetime]] = {}
    for session in added_sessions(registration, programme, zone):
        assert session.added_at is not None
        day = session.added_at.astimezone(zone).date()
        added_at, last = found.get(day, (session.added_at, session.starts_at))
        found[day] = min(added_at, session.added_at), max(last, session.starts_at)
    return found


def added_sessions(
    registration: Registration, programme: Programme, zone: ZoneInfo, day: str = ""
) -> Sequence[Session]:
    """Sessions that came after the registration stood as it does.

    Args:
        day: only those added on this day, such as `2026-08-03`.
    """
    return [
        session
        for session in registration.sessions(programme, zone)
        if session.added_at is not None
        and session.added_at > registration.since
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
