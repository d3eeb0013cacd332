"""All that this service keeps about a person, for the person."""

from collections.abc import Mapping
from datetime import date

from pydantic import AwareDatetime, BaseModel

from motesplats_events import CancellationReason, RegistrationStatus, Role, Source
from services.registration import store
from services.registration.domain.attendance import Attendance, Mark
from services.registration.domain.guests import Guest
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.people import Deed, LifeEvent, Person
from services.registration.use_cases.people import Held, held_by, wished_by
from shared.delivery import Reading


class OwnSession(BaseModel):
    """A session, and what was marked; None where nothing was."""

    at: AwareDatetime
    theme: str
    cancelled: bool
    attendance: Mark | None


class OwnRegistration(BaseModel):
    """A registration.

    Attributes:
        position: in the queue, 1 is next.
        ahead: how many before wait for a place of the same role.
        together: waits for two places at once.
    """

    participant_id: str
    programme_id: str
    programme: str
    organiser: str
    place: str
    municipality: str
    role: Role
    status: RegistrationStatus
    position: int | None
    ahead: int | None
    together: bool
    answer_by: AwareDatetime | None
    registered_at: AwareDatetime
    placed_at: AwareDatetime | None
    repeated: int
    source: Source
    referred_by: str | None
    language: str
    reminders: bool
    starts_on: date | None
    ended_on: date | None
    cancelled_at: AwareDatetime | None
    reason: CancellationReason | None
    sessions: list[OwnSession]


class OwnGuest(BaseModel):
    """A session of another programme that makes up for a missed one."""

    guest_id: str
    programme: str
    at: AwareDatetime
    theme: str
    booked: bool
    attendance: Mark | None


class OwnWish(BaseModel):
    """A wish for any programme of a sort; the position is None when it is not open any more."""

    wish_id: str
    kind: ProgrammeKind
    about: str
    municipality: str
    role: Role
    language: str
    open: bool
    position: int | None


class OwnNote(BaseModel):
    """What was done with the details, when, by whom and why."""

    at: AwareDatetime
    deed: Deed
    by: str
    unit: str
    why: str


class OwnData(BaseModel):
    """A person with everything that is kept about them here."""

    name: str
    email: str | None
    phone: str | None
    address: str | None
    since: AwareDatetime
    life_event: LifeEvent | None
    protected: bool
    registrations: list[OwnRegistration]
    guest_at: list[OwnGuest]
    wishes: list[OwnWish]
    notes: list[OwnNote]


async def kept_about(at: Reading, person: Person) -> OwnData:
    """Everything, in one piece."""
    positions = {one.wish.wish_id: one.position for one in await wished_by(at, person.person_id)}
    return OwnData(
        name=person.name,
        email=person.contact.email,
        phone=person.contact.phone,
        address=person.contact.address,
        since=person.since,
        life_event=person.life_event,
        protected=person.protected,
        registrations=[await _registration(at, held) for held in await held_by(at, person.person_id)],
        guest_at=[await _guest(at, guest) for guest in await store.guests_of(at, person.person_id)],
        wishes=[
            OwnWish(
                wish_id=wish.wish_id,
                kind=wish.kind,
                about=wish.about,
                municipality=wish.municipality,
                role=wish.role,
                language=wish.language,
                open=wish.open,
                position=positions.get(wish.wish_id),
            )
            for wish in await store.wishes_of(at, person.person_id)
        ],
        notes=[
            OwnNote(at=note.at, deed=note.deed, by=note.by, unit=note.unit, why=note.why)
            for note in await store.notes_of(at, person.person_id)
        ],
    )


async def _registration(at: Reading, held: Held) -> OwnRegistration:
    r, programme, place = held.registration, held.programme, held.position
    marked = await store.attendances(at, programme.programme_id)
    sessions = [
        OwnSession(
            at=session.starts_at,
            theme=session.theme,
            cancelled=session.cancelled,
            attendance=_mark(marked, session.session_id, r.participant_id),
        )
        for session in programme.sessions
    ]
    return OwnRegistration(
        participant_id=r.participant_id,
        programme_id=r.programme_id,
        programme=programme.title,
        organiser=programme.organiser,
        place=programme.place,
        municipality=programme.municipality,
        role=r.role,
        status=r.status,
        position=place.number if place else None,
        ahead=place.ahead if place else None,
        together=place.together if place else r.pair_id is not None,
        answer_by=r.answer_by,
        registered_at=r.registered_at,
        placed_at=r.placed_at,
        repeated=r.repeated,
        source=r.source,
        referred_by=r.referred_by,
        language=r.language,
        reminders=r.reminders,
        starts_on=r.starts_on,
        ended_on=r.ended_on,
        cancelled_at=r.cancelled_at,
        reason=r.reason,
        sessions=sessions,
    )


async def _guest(at: Reading, guest: Guest) -> OwnGuest:
    programme = await store.programme(at, guest.programme_id)
    session = programme.session(guest.session_id)
    marked = await store.attendances(at, guest.programme_id)
    return OwnGuest(
        guest_id=guest.guest_id,
        programme=programme.title,
        at=session.starts_at,
        theme=session.theme,
        booked=guest.active,
        attendance=_mark(marked, session.session_id, guest.guest_id),
    )


def _mark(marked: Mapping[str, Attendance], session_id: str, participant_id: str) -> Mark | None:
    attendance = marked.get(session_id)
    return attendance.marks.get(participant_id) if attendance else None
