"""Making up a missed theme at a session of another programme."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from motesplats_events import ParticipantContactChanged
from services.registration import publishes, store
from services.registration.domain.guests import (
    Guest,
    GuestNotFound,
    NothingMissed,
    NotTheSameTheme,
    SessionIsFull,
    makes_up,
    missed,
    next_end,
    places_held,
)
from services.registration.domain.programmes import Programme, Session
from services.registration.domain.registrations import Registration
from services.registration.use_cases.places import give_free_places
from shared.access import Staff, may
from shared.delivery import Reading, Transaction
from shared.errors import Gone


@dataclass(frozen=True, slots=True)
class Booked:
    """A session of another programme at which somebody is a guest."""

    guest: Guest
    programme: Programme
    session: Session


@dataclass(frozen=True, slots=True)
class Missed:
    """A session that somebody missed, and how it can be made up.

    Attributes:
        booked: where they have booked already.
        chances: sessions of the same theme to come, the next first.
    """

    session: Session
    booked: Booked | None
    chances: Sequence[tuple[Programme, Session]]


async def what_was_missed(at: Reading, registration: Registration, now: datetime) -> Sequence[Missed]:
    """Everything that somebody missed in a programme, the earliest first."""
    programme = await store.programme(at, registration.programme_id)
    sessions = missed(registration, programme, await store.attendances(at, programme.programme_id))
    guests = await _with_sessions(at, await store.guests_from(at, registration.participant_id))
    booked = {one.guest.missed_session_id: one for one in guests}
    found = []
    for session in sessions:
        own = booked.get(session.session_id)
        chances = [] if own else await _chances(at, registration, programme, session, now)
        found.append(Missed(session, own, chances))
    return found


async def booked(at: Reading, guests: Sequence[Guest], now: datetime) -> Sequence[Booked]:
    """What these guests still have before them, the next first: also where nothing is missed any more.

    A registration may have been cancelled since, or corrected to "was there"; the seat is held until it is given up.
    """
    found = await _with_sessions(at, [guest for guest in guests if guest.active])
    return sorted((one for one in found if one.session.ends_at > now), key=lambda one: one.session.starts_at)


async def _with_sessions(at: Reading, guests: Sequence[Guest]) -> list[Booked]:
    there = await store.programmes(at, [guest.programme_id for guest in guests])
    return [
        Booked(guest, there[guest.programme_id], there[guest.programme_id].session(guest.session_id))
        for guest in guests
    ]


async def _chances(
    at: Reading, registration: Registration, programme: Programme, session: Session, now: datetime
) -> list[tuple[Programme, Session]]:
    found = [
        (other, there)
        for other in await store.sessions_about(at, session.theme, now)
        if other.programme_id != programme.programme_id and other.places.get(registration.role)
        for there in other.sessions
        if makes_up(other, there, session.theme, now)
    ]
    return sorted(found, key=lambda pair: pair[1].starts_at)


async def book_guest(
    tx: Transaction,
    participant_id: str,
    missed_session_id: str,
    session_id: str,
    *,
    staff: Staff | None = None,
) -> Guest:
    """Book somebody who missed a session into one of the same theme elsewhere. Booking it again changes nothing.

    Args:
        staff: who books for the person; None when they do it themselves.

    Raises:
        RegistrationNotFound, PersonNotFound, SessionNotFound, Forbidden.
        NothingMissed: they were there, or have booked another session for it.
        NotTheSameTheme: the session is about something else, has begun, or takes no guests.
        SessionIsFull.
    """
    registration = await store.registration(tx, participant_id)
    # Nobody's, when they have been forgotten.
    await store.person(tx, registration.person_id)
    programme = await store.programme(tx, registration.programme_id)
    other = await store.programme_of_session(tx, session_id)
    if staff:
        may(staff, programme)
        may(staff, other)
    before = {guest.missed_session_id: guest for guest in await store.guests_from(tx, participant_id)}
    if known := before.get(missed_session_id):
        if known.session_id == session_id:
            return known
        raise NothingMissed("This theme is made up at another session already. Cancel that first")
    sessions = missed(registration, programme, await store.attendances(tx, programme.programme_id))
    theme = next((session.theme for session in sessions if session.session_id == missed_session_id), None)
    if theme is None:
        raise NothingMissed("Only a session that has been held, and that was missed, can be made up")
    there = other.session(session_id)
    same = other.programme_id == programme.programme_id
    if same or not makes_up(other, there, theme, tx.now) or not other.places.get(registration.role):
        raise NotTheSameTheme("Choose a session to come, about the same theme, in another programme")
    if await store.active_registrations(tx, other.programme_id, [registration.person_id]):
        raise NotTheSameTheme("The person has a registration there already")
    guest = Guest(
        guest_id=str(uuid4()),
        programme_id=other.programme_id,
        session_id=session_id,
        person_id=registration.person_id,
        role=registration.role,
        language=registration.language,
        own_id=participant_id,
        missed_session_id=missed_session_id,
    )
    guests = [*await store.guests(tx, other.programme_id), guest]
    if not await _hold(tx, other, guests):
        raise SessionIsFull("All places there are taken. Choose another session")
    await store.keep_people(tx, [guest.person_id])
    await store.add_guest(tx, guest)
    tx.publish(publishes.guest_booked(guest), sequence=guest.version)
    tx.publish_current(ParticipantContactChanged, guest.guest_id, sequence=guest.version)
    return guest


async def cancel_guest(
    tx: Transaction, participant_id: str, guest_id: str, zone: ZoneInfo, *, staff: Staff | None = None
) -> None:
    """Give up a session that was booked to make up a theme, before it begins.

    Args:
        participant_id: in the own programme.
        staff: who does it for the person.

    Raises:
        GuestNotFound, Forbidden.
        Gone: it was given up before, or has begun.
    """
    guest = await store.guest(tx, guest_id)
    if guest.own_id != participant_id:
        raise GuestNotFound("There is no such guest")
    programme = await store.programme(tx, guest.programme_id)
    if staff:
        may(staff, await store.programme(tx, (await store.registration(tx, participant_id)).programme_id))
    if not guest.active or programme.session(guest.session_id).starts_at <= tx.now:
        raise Gone("This has been given up, or the session has begun")
    await _end(tx, guest)
    await settle_guests(tx, guest.programme_id, zone)


async def end_guests(tx: Transaction, programme_id: str, session_ids: Collection[str]) -> None:
    """Let go all guests of sessions that will not take place."""
    for guest in await store.guests(tx, programme_id):
        if guest.session_id in session_ids:
            await _end(tx, guest)


async def end_guests_from(tx: Transaction, participant_id: str, zone: ZoneInfo) -> None:
    """Let somebody go from all sessions to come at which they make something up: their own registration has ended."""
    for guest in await store.guests_from(tx, participant_id):
        programme = await store.programme(tx, guest.programme_id)
        if programme.session(guest.session_id).starts_at > tx.now:
            await _end(tx, guest)
            await settle_guests(tx, guest.programme_id, zone)


async def settle_guests(tx: Transaction, programme_id: str, zone: ZoneInfo) -> None:
    """Hold no more places for guests than are needed, and give on what that leaves."""
    programme = await store.programme(tx, programme_id)
    guests = await store.guests(tx, programme_id)
    if await store.has_guest_places(tx, programme_id):
        await _hold(tx, programme, guests)
        await give_free_places(tx, programme_id, zone)


async def _hold(tx: Transaction, programme: Programme, guests: Sequence[Guest]) -> bool:
    wanted = places_held(guests, programme, tx.now)
    return await store.hold_for_guests(tx, programme, wanted, next_end(guests, programme, tx.now))


async def _end(tx: Transaction, guest: Guest) -> None:
    after = replace(guest, active=False, version=guest.version + 1)
    await store.save_guest(tx, after)
    tx.publish(publishes.guest_booked(after), sequence=after.version)
