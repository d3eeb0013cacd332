"""Changing what is planned: moving, cancelling, putting back and adding sessions, their themes, length and rooms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from motesplats_events import Role
from services.registration.domain.attendance import Attendance
from services.registration.domain.programmes import (
    FURTHEST_AHEAD,
    MOST_SESSIONS,
    Programme,
    ProgrammeOver,
    Session,
    check_dates,
)
from shared.errors import Conflict, DomainError, Gone, Invalid, Problem

MOST_EVER = 1_000


class AlreadyHeld(Conflict):
    """What has taken place cannot be moved or cancelled."""

    code = "already-held"


class NothingToCancel(Conflict):
    """The session is cancelled, or it is the only one left."""

    code = "nothing-to-cancel"


class NotCancelled(Conflict):
    """Only a cancelled session that is still to come can be put back."""

    code = "not-cancelled"


def from_there_on(programme: Programme, session_id: str, following: bool) -> list[Session]:
    """A session that is to take place, and with `following` all after it.

    Raises:
        SessionNotFound.
        NothingToCancel: it is cancelled.
    """
    first = programme.session(session_id)
    if first.cancelled:
        raise NothingToCancel("This session is cancelled. Put it back first")
    if not following:
        return [first]
    return [session for session in programme.to_take_place if session.starts_at >= first.starts_at]


def check_not_held(sessions: Iterable[Session], attendances: Mapping[str, Attendance]) -> None:
    """Let pass only sessions at which nobody has been yet.

    Raises:
        AlreadyHeld.
    """
    for session in sessions:
        attendance = attendances.get(session.session_id)
        if attendance and attendance.has_begun:
            raise AlreadyHeld(
                "The session on {when} has been held, or somebody is marked there. It cannot be changed any more",
                when=session.starts_at,
            )


def moved(
    programme: Programme, sessions: Sequence[Session], to: datetime, zone: ZoneInfo, now: datetime
) -> Mapping[str, datetime]:
    """When each of these sessions begins after the first was moved to another time, by session id.

    The others follow by as many days and hours on the clock: who meets at 17 meets at 17 when summer time has ended.

    Raises:
        DomainError: a time has passed, is too far ahead, or is another session's; on the field `at`.
    """
    if to > now + FURTHEST_AHEAD:
        raise DomainError("This is more than five years ahead; check the year", field="at")
    if to <= now:
        raise DomainError("This time has passed; choose a later one", field="at")
    first = sessions[0].starts_at.astimezone(zone).replace(tzinfo=None)
    shift = to.astimezone(zone).replace(tzinfo=None) - first
    new = {
        s.session_id: (s.starts_at.astimezone(zone).replace(tzinfo=None) + shift).replace(tzinfo=zone).astimezone(UTC)
        for s in sessions
    }
    if max(new.values()) > now + FURTHEST_AHEAD:
        raise DomainError("This is more than five years ahead; check the year", field="at")
    others = {s.starts_at for s in programme.to_take_place if s.session_id not in new}
    if others & set(new.values()) or len(set(new.values())) < len(new):
        raise DomainError("Two sessions begin at the same time", field="at")
    return new


def with_times(programme: Programme, starts: Mapping[str, datetime]) -> Programme:
    """The programme after sessions were moved, by session id."""
    sessions = [replace(s, starts_at=starts.get(s.session_id, s.starts_at)) for s in programme.sessions]
    return _changed(programme, sessions)


def without(programme: Programme, sessions: Sequence[Session]) -> Programme:
    """The programme after sessions were cancelled.

    Raises:
        NothingToCancel: no session would be left, ever.
    """
    gone = {session.session_id for session in sessions}
    if not [session for session in programme.to_take_place if session.session_id not in gone]:
        raise NothingToCancel("No session would be left. Cancel the whole programme instead")
    return _changed(programme, [replace(s, cancelled=s.cancelled or s.session_id in gone) for s in programme.sessions])


def put_back(programme: Programme, session_id: str, now: datetime) -> Programme:
    """The programme after a cancelled session was put back.

    Raises:
        SessionNotFound.
        NotCancelled: it is not cancelled, or its time has passed, or the whole programme is cancelled.
    """
    session = programme.session(session_id)
    if programme.cancelled or not session.cancelled:
        raise NotCancelled("Only a cancelled session of a programme that goes on can be put back")
    if session.starts_at <= now:
        raise NotCancelled("The time of this session has passed. Add a new session instead")
    if session.starts_at in {other.starts_at for other in programme.to_take_place}:
        raise NotCancelled("Another session begins at the same time. Move that one first")
    return _changed(programme, [replace(s, cancelled=False) if s is session else s for s in programme.sessions])


def with_more(
    programme: Programme, sessions: Sequence[Session], now: datetime, entries: Iterable[date] = ()
) -> Programme:
    """The programme with more sessions, such as the next half-year of a group.

    Args:
        entries: more days from which new members may come.

    Raises:
        Gone: the programme is cancelled.
        Invalid: dates or rooms are impossible; names each field.
    """
    if programme.cancelled:
        raise Gone("This programme is cancelled")
    starts = [session.starts_at for session in sessions]
    problems = check_dates(starts, now, [session.starts_at for session in programme.to_take_place])
    problems += check_rooms(programme.places, [session.room_holds for session in sessions])
    to_come = [session for session in programme.to_take_place if session.starts_at > now]
    if not sessions:
        problems.append(Problem("sessions", "Add at least one session"))
    if len(to_come) + len(sessions) > MOST_SESSIONS:
        problems.append(Problem("sessions", "At most {most} sessions can be planned ahead", {"most": MOST_SESSIONS}))
    if len(programme.sessions) + len(sessions) > MOST_EVER:
        most = MOST_EVER
        problems.append(Problem("sessions", "At most {most} sessions in all. Plan a new programme", {"most": most}))
    if problems:
        raise Invalid(problems)
    days = sorted({*programme.entries, *entries})
    return replace(_changed(programme, [*programme.sessions, *sessions]), entries=days)


def called_off(programme: Programme, now: datetime) -> Programme:
    """The whole programme cancelled: what was to come will not take place, what has been stays.

    Raises:
        Gone: it was cancelled before.
        ProgrammeOver.
    """
    if programme.cancelled:
        raise Gone("This programme is cancelled")
    if now >= programme.ends_at:
        raise ProgrammeOver("The programme has ended; there is nothing left to cancel")
    sessions = [replace(s, cancelled=s.cancelled or s.starts_at > now) for s in programme.sessions]
    return replace(_changed(programme, sessions), cancelled=True)


def check_rooms(places: Mapping[Role, int], holds: Sequence[int | None]) -> list[Problem]:
    """Whether every room holds all who have a place.

    Args:
        holds: how many people the room of each session holds.
    """
    wanted = sum(places.values())
    return [
        Problem(
            f"sessions.{index}.room_holds",
            "The room holds {holds} people, and there are {places} places. Choose a larger room, or fewer places",
            {"holds": number, "places": wanted},
        )
        for index, number in enumerate(holds)
        if number is not None and number < wanted
    ]


def with_room(
    programme: Programme, sessions: Sequence[Session], room: str | None, holds: int | None, municipality: str | None
) -> Programme:
    """The programme after these sessions got another room, or with None the programme's own place.

    Raises:
        DomainError: there are more places than the room holds; on the field `room_holds`.
    """
    for problem in check_rooms(programme.places, [holds]):
        raise DomainError(problem.message, field="room_holds", **problem.values)
    ids = {session.session_id for session in sessions}
    elsewhere = None if municipality == programme.municipality else municipality
    return _changed(
        programme,
        [
            replace(s, room=room, room_holds=holds, room_municipality=elsewhere) if s.session_id in ids else s
            for s in programme.sessions
        ],
    )


def with_plan(
    programme: Programme, sessions: Sequence[Session], theme: str, minutes: int, lecturer_lead_days: int | None
) -> Programme:
    """The programme after these sessions got another length or lecturer, and the first of them another theme."""
    themes = {session.session_id: session.theme for session in sessions} | {sessions[0].session_id: theme}
    return _changed(
        programme,
        [
            replace(s, theme=themes[s.session_id], minutes=minutes, lecturer_lead_days=lecturer_lead_days)
            if s.session_id in themes
            else s
            for s in programme.sessions
        ],
    )


def _changed(programme: Programme, sessions: Iterable[Session]) -> Programme:
    ordered = sorted(sessions, key=lambda session: session.starts_at)
    return replace(programme, sessions=ordered, version=programme.version + 1)
