"""Moving, cancelling, putting back and adding sessions, their themes and rooms, and the address of digital meetings."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, Field

from motesplats_events import CancellationReason, MeetingLinkChanged, RegistrationStatus
from services.registration import publishes, store
from services.registration.domain.changing import elsewhere
from services.registration.domain.programmes import (
    LONGEST_SESSION_MINUTES,
    MOST_PLACES,
    Programme,
    Session,
    check_dates,
    check_entries,
)
from services.registration.domain.recurrence import Country, dates_of
from services.registration.domain.sessions import (
    called_off,
    check_not_held,
    from_there_on,
    moved,
    put_back,
    with_more,
    with_plan,
    with_room,
    with_times,
    without,
)
from services.registration.use_cases.guests import end_guests, settle_guests
from services.registration.use_cases.places import give_free_places, meet_wish, save_wish
from services.registration.use_cases.planning import MOST_ENTRIES, LeadDays, PlannedDate, session_of
from services.registration.use_cases.registering import end
from shared.access import Staff, may
from shared.delivery import Transaction
from shared.errors import DomainError, Invalid
from shared.text import Line

LONGEST_LINK = 500


async def _changeable(
    tx: Transaction, session_id: str, following: bool, staff: Staff
) -> tuple[Programme, Sequence[Session]]:
    programme = await store.programme_of_session(tx, session_id)
    may(staff, programme)
    sessions = from_there_on(programme, session_id, following)
    check_not_held(sessions, await store.attendances(tx, programme.programme_id))
    return programme, sessions


async def _save(tx: Transaction, programme: Programme, zone: ZoneInfo) -> None:
    await store.save_programme(tx, programme)
    tx.publish(publishes.programme_planned(programme), sequence=programme.version)
    await _shorten_offers(tx, programme)
    await settle_guests(tx, programme.programme_id, zone)
    await give_free_places(tx, programme.programme_id, zone)


async def move_session(
    tx: Transaction, session_id: str, to: datetime, staff: Staff, zone: ZoneInfo, *, following: bool = False
) -> Programme:
    """Move a session to another time, and with `following` all after it by as much on the clock.

    Raises:
        SessionNotFound, Forbidden, NothingToCancel, AlreadyHeld.
        DomainError: the time cannot be; on the field `at`.
    """
    before, sessions = await _changeable(tx, session_id, following, staff)
    starts = moved(before, sessions, to, zone, tx.now)
    if all(starts[session.session_id] == session.starts_at for session in sessions):
        return before
    after = with_times(before, starts)
    for session in sessions:
        tx.publish(publishes.session_changed(after, session), sequence=after.version)
    await _save(tx, after, zone)
    return after


async def _shorten_offers(tx: Transaction, programme: Programme) -> None:
    """An offer can be answered until the next session begins, also when that was moved, put back or added."""
    upcoming = programme.next_session(tx.now)
    for one in await store.registrations(tx, programme.programme_id):
        if upcoming and one.answer_by and one.answer_by > upcoming.starts_at:
            sooner = replace(one, answer_by=upcoming.starts_at, version=one.version + 1)
            await store.save_registration(tx, sooner)
            tx.publish(publishes.place_offered(sooner), sequence=sooner.version)


async def cancel_session(
    tx: Transaction, session_id: str, staff: Staff, zone: ZoneInfo, *, rest: bool = False
) -> Programme:
    """Cancel a session, and with `rest` all after it. Guests are let go; who is registered stays so.

    Raises:
        SessionNotFound, Forbidden, NothingToCancel, AlreadyHeld.
    """
    before, sessions = await _changeable(tx, session_id, rest, staff)
    after = without(before, sessions)
    for session in sessions:
        tx.publish(publishes.session_changed(after, session, cancelled=True), sequence=after.version)
    await end_guests(tx, before.programme_id, {session.session_id for session in sessions})
    await _save(tx, after, zone)
    return after


async def put_session_back(tx: Transaction, session_id: str, staff: Staff, zone: ZoneInfo) -> Programme:
    """Take back that a session was cancelled, while it is still to come.

    Raises:
        SessionNotFound, Forbidden, NotCancelled.
    """
    before = await store.programme_of_session(tx, session_id)
    may(staff, before)
    after = put_back(before, session_id, tx.now)
    tx.publish(publishes.session_changed(after, before.session(session_id)), sequence=after.version)
    await _save(tx, after, zone)
    return after


class ByRule(BaseModel):
    """Sessions by a rule.

    Attributes:
        first: where it begins; sessions are at its time of day, in the platform's zone.
        rule: RFC 5545, with COUNT or UNTIL.
        without_holidays_of: whose public holidays are left out.
    """

    first: AwareDatetime
    rule: str
    without_holidays_of: Country | None = None
    minutes: int = Field(120, ge=1, le=LONGEST_SESSION_MINUTES)
    theme: Line


class More(BaseModel):
    """Sessions to add to a programme: by date, by a rule, or both.

    Attributes:
        entries: more days from which new members may come; who waits for one gets the free places at once.
    """

    sessions: list[PlannedDate] = []
    by_rule: ByRule | None = None
    entries: Annotated[list[date], Field(max_length=MOST_ENTRIES)] = []


async def add_sessions(tx: Transaction, programme_id: str, more: More, staff: Staff, zone: ZoneInfo) -> Programme:
    """Add sessions to a programme, such as the next half-year of a group.

    Raises:
        ProgrammeNotFound, Forbidden, BadRule.
        Gone: the programme is cancelled.
        Invalid: dates or rooms are impossible; names each field.
    """
    before = await store.programme(tx, programme_id)
    may(staff, before)
    dates = list(more.sessions)
    if rule := more.by_rule:
        found = dates_of(rule.rule, rule.first, zone, rule.without_holidays_of)
        dates += [PlannedDate(at=at, minutes=rule.minutes, theme=rule.theme) for at in found.starts]
    # Before they are read in another zone, in which the first and the last day of all do not exist.
    if problems := [*check_dates([one.at for one in dates], tx.now), *check_entries(more.entries, tx.now)]:
        raise Invalid(problems)
    after = with_more(before, [session_of(one) for one in dates], tx.now, more.entries)
    await _save(tx, after, zone)
    return after


async def cancel_programme(tx: Transaction, programme_id: str, staff: Staff, zone: ZoneInfo) -> int:
    """Cancel a whole programme: every registration ends, in the queue too, and so everybody is told.

    Returns:
        How many registrations ended.

    Raises:
        ProgrammeNotFound, Forbidden, ProgrammeOver.
        Gone: it was cancelled before.
    """
    before = await store.programme(tx, programme_id)
    may(staff, before)
    after = called_off(before, tx.now)
    active = [
        one for one in await store.registrations(tx, programme_id) if one.status is not RegistrationStatus.CANCELLED
    ]
    wait_on = []
    for one in active:
        await end(tx, before, one, zone, CancellationReason.PROGRAMME_CANCELLED)
        if one.status is RegistrationStatus.OFFERED and one.wish_id:
            # Who was offered a place because of a wish waits for another.
            wish = await store.wish(tx, one.wish_id)
            await save_wish(tx, replace(wish, offered=None))
            wait_on.append(wish.wish_id)
    to_come = {session.session_id for session in before.to_take_place if session.starts_at > tx.now}
    await end_guests(tx, programme_id, to_come)
    await _save(tx, after, zone)
    for wish_id in wait_on:
        await meet_wish(tx, wish_id, zone)
    return len(active)


class Room(BaseModel):
    """Where a session meets; all empty for the programme's own place.

    Attributes:
        holds: how many people.
        municipality: where it is not the programme's.
    """

    room: Line | None = None
    room_holds: Annotated[int, Field(ge=1, le=MOST_PLACES)] | None = None
    room_municipality: Line | None = None


async def set_room(
    tx: Transaction, session_id: str, room: Room, staff: Staff, zone: ZoneInfo, *, following: bool = False
) -> Programme:
    """Say where a session meets, and with `following` all after it. Whoever comes is told of another place.

    Raises:
        SessionNotFound, Forbidden, NothingToCancel, AlreadyHeld.
        DomainError: there are more places than the room holds; on the field `room_holds`.
    """
    before, sessions = await _changeable(tx, session_id, following, staff)
    after = with_room(before, sessions, room.room, room.room_holds, room.room_municipality)
    if after.sessions == before.sessions:
        return before
    for session in elsewhere(before, after, tx.now):
        tx.publish(publishes.session_changed(after, session), sequence=after.version)
    await _save(tx, after, zone)
    return after


class SessionPlan(BaseModel):
    """What a session is about, how long it lasts, and how many days before a lecturer must have said yes.

    Attributes:
        lecturer_lead_days: None where no lecturer is wanted.
    """

    theme: Line
    minutes: Annotated[int, Field(ge=1, le=LONGEST_SESSION_MINUTES)]
    lecturer_lead_days: LeadDays | None


async def set_plan(
    tx: Transaction, session_id: str, plan: SessionPlan, staff: Staff, zone: ZoneInfo, *, following: bool = False
) -> Programme:
    """Plan a session anew, and with `following` the length and the lecturer of all after it.

    Participants are not told by message; hosts and lecturers of a session are told of another length.

    Raises:
        SessionNotFound, Forbidden, NothingToCancel, AlreadyHeld.
    """
    before, sessions = await _changeable(tx, session_id, following, staff)
    after = with_plan(before, sessions, plan.theme, plan.minutes, plan.lecturer_lead_days)
    if after.sessions == before.sessions:
        return before
    await _save(tx, after, zone)
    return after


async def set_meeting_link(tx: Transaction, programme_id: str, url: str, staff: Staff) -> None:
    """Say where a programme meets digitally; with an empty address, nowhere any more.

    Raises:
        ProgrammeNotFound, Forbidden.
        DomainError: no web address that is safe to follow; on the field `url`.
    """
    programme = await store.programme(tx, programme_id)
    may(staff, programme)
    wanted = _read_link(url) if url else None
    if wanted == await store.meeting_link(tx, programme_id):
        return
    version = await store.save_meeting_link(tx, programme_id, wanted)
    tx.publish_current(MeetingLinkChanged, programme_id, sequence=version)


def _read_link(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" and bool(parts.hostname) and not parts.username
    except ValueError:
        good = False
    if not good or len(url) > LONGEST_LINK or any(character.isspace() for character in url):
        raise DomainError("Write the whole address of the meeting, beginning with https://", field="url")
    return url
