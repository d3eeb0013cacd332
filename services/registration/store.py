"""The registration service's collections: programmes, registrations, attendance."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from motesplats_events import RegistrationStatus, Role
from services.registration.domain import (
    Attendance,
    Mark,
    Programme,
    ProgrammeKind,
    ProgrammeNotFound,
    Registration,
    RegistrationNotFound,
    Session,
    SessionNotFound,
)
from shared.access import Staff, scope
from shared.contact import Contact, same_person_key
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Database, Document

ACTIVE = [RegistrationStatus.CONFIRMED.value, RegistrationStatus.WAITING.value]


async def indexes(db: Database) -> None:
    """Create what the queries below need; the unique index is the last guard against a double registration."""
    await db.programmes.create_index("ends_at")
    await db.programmes.create_index("sessions.session_id", unique=True)
    await db.registrations.create_index(
        [("programme_id", 1), ("person", 1)], unique=True, partialFilterExpression={"active": True}
    )
    await db.registrations.create_index([("programme_id", 1), ("role", 1), ("status", 1), ("ticket", 1)])
    await db.attendance.create_index("programme_id")
    await db.used_sign_ins.create_index("used_at")


# Programmes


def _programme(row: Document) -> Programme:
    return Programme(
        programme_id=row["_id"],
        title=row["title"],
        organiser=row["organiser"],
        kind=ProgrammeKind(row["kind"]),
        place=row["place"],
        municipality=row["municipality"],
        places={Role(role): n for role, n in row["places"].items()},
        sessions=[Session(s["session_id"], s["starts_at"], s["minutes"], s["theme"]) for s in row["sessions"]],
        taken={Role(role): n for role, n in row["taken"].items()},
        queued={Role(role): n for role, n in row["queued"].items()},
        version=row["version"],
        answers=row.get("answers", 0),
    )


async def add_programme(tx: Transaction, programme: Programme) -> None:
    """Store a new programme with all places free."""
    await tx.db.programmes.insert_one(
        {
            "_id": programme.programme_id,
            "title": programme.title,
            "organiser": programme.organiser,
            "kind": programme.kind.value,
            "place": programme.place,
            "municipality": programme.municipality,
            "places": {role.value: n for role, n in programme.places.items()},
            "sessions": [
                {"session_id": s.session_id, "starts_at": s.starts_at, "minutes": s.minutes, "theme": s.theme}
                for s in programme.sessions
            ],
            "ends_at": programme.ends_at,
            "taken": {role.value: 0 for role in programme.places},
            "queued": {role.value: 0 for role in programme.places},
            "version": programme.version,
        },
        session=tx.session,
    )


async def programme(at: Reading, programme_id: str) -> Programme:
    """Raises: ProgrammeNotFound."""
    row = await at.db.programmes.find_one({"_id": programme_id}, session=at.session)
    if row is None:
        raise ProgrammeNotFound("There is no such programme")
    return _programme(row)


async def programme_of_session(at: Reading, session_id: str) -> Programme:
    """Raises: SessionNotFound."""
    row = await at.db.programmes.find_one({"sessions.session_id": session_id}, session=at.session)
    if row is None:
        raise SessionNotFound("There is no such session")
    return _programme(row)


async def current_programmes(at: Reading, now: datetime) -> Sequence[Programme]:
    """What the public calendar shows: programmes that have not ended, the next to begin first."""
    rows = await at.db.programmes.find({"ends_at": {"$gt": now}}, session=at.session).to_list(None)
    return sorted(map(_programme, rows), key=lambda programme: programme.starts_at)


async def programmes_for(at: Reading, staff: Staff) -> Sequence[Programme]:
    """All programmes that this member of staff may see, the newest first."""
    rows = await at.db.programmes.find(scope(staff), session=at.session).to_list(None)
    return sorted(map(_programme, rows), key=lambda programme: programme.starts_at, reverse=True)


async def any_programme(at: Reading) -> bool:
    """Whether anything has been planned yet."""
    return await at.db.programmes.find_one({}, {"_id": 1}, session=at.session) is not None


async def add_answers(tx: Transaction, programme_id: str, released: int) -> None:
    """Count survey answers that the evaluation service released."""
    await tx.db.programmes.update_one({"_id": programme_id}, {"$inc": {"answers": released}}, session=tx.session)


# Places: the guard against overbooking is in the condition of the update, not in what was read before.


async def take_place(tx: Transaction, programme: Programme, role: Role) -> bool:
    """Take a place if one is free; True if it was taken."""
    taken = f"taken.{role.value}"
    result = await tx.db.programmes.update_one(
        {"_id": programme.programme_id, taken: {"$lt": programme.places[role]}},
        {"$inc": {taken: 1}},
        session=tx.session,
    )
    return result.modified_count == 1


async def take_place_unguarded(at: Reading, programme: Programme, role: Role) -> bool:
    """What must not be done: count first and trust the count. Only for the test that has to see the overbooking."""
    mine = {
        "programme_id": programme.programme_id,
        "role": role.value,
        "status": RegistrationStatus.CONFIRMED.value,
    }
    return await at.db.registrations.count_documents(mine) < programme.places[role]


async def free_place(tx: Transaction, programme_id: str, role: Role) -> None:
    """Give a place back when nobody waits for it."""
    await tx.db.programmes.update_one({"_id": programme_id}, {"$inc": {f"taken.{role.value}": -1}}, session=tx.session)


async def take_ticket(tx: Transaction, programme_id: str, role: Role) -> int:
    """The next number in the queue. Tickets rise with the order in which registrations were stored."""
    row = await tx.db.programmes.find_one_and_update(
        {"_id": programme_id}, {"$inc": {f"queued.{role.value}": 1}}, return_document=True, session=tx.session
    )
    return int(row["queued"][role.value])


# Registrations


def _registration(row: Document) -> Registration:
    return Registration(
        participant_id=row["_id"],
        programme_id=row["programme_id"],
        role=Role(row["role"]),
        status=RegistrationStatus(row["status"]),
        ticket=row["ticket"],
        name=row["name"],
        contact=Contact(row["email"], row["phone"]),
        language=row["language"],
        reminders=row["reminders"],
        source=row["source"],
        registered_at=row["registered_at"],
        repeated=row["repeated"],
        version=row["version"],
        contact_version=row["contact_version"],
    )


def _registration_row(registration: Registration) -> dict[str, Any]:
    return {
        "programme_id": registration.programme_id,
        "role": registration.role.value,
        "status": registration.status.value,
        "active": registration.status.value in ACTIVE,
        "person": same_person_key(registration.name, registration.contact),
        "ticket": registration.ticket,
        "name": registration.name,
        "email": registration.contact.email,
        "phone": registration.contact.phone,
        "language": registration.language,
        "reminders": registration.reminders,
        "source": registration.source,
        "registered_at": registration.registered_at,
        "repeated": registration.repeated,
        "version": registration.version,
        "contact_version": registration.contact_version,
    }


async def add_registration(tx: Transaction, registration: Registration) -> None:
    """Store a new registration."""
    row = {"_id": registration.participant_id, **_registration_row(registration)}
    await tx.db.registrations.insert_one(row, session=tx.session)


async def save_registration(tx: Transaction, registration: Registration) -> None:
    """Store a changed registration whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    stored = await tx.db.registrations.update_one(
        {"_id": registration.participant_id, "version": registration.version - 1},
        {"$set": _registration_row(registration)},
        session=tx.session,
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


async def registration(at: Reading, participant_id: str) -> Registration:
    """Raises: RegistrationNotFound."""
    row = await at.db.registrations.find_one({"_id": participant_id}, session=at.session)
    if row is None:
        raise RegistrationNotFound("There is no such registration")
    return _registration(row)


async def registration_in(at: Reading, programme_id: str, participant_id: str) -> Registration:
    """A registration of this programme. Raises: RegistrationNotFound."""
    found = await registration(at, participant_id)
    if found.programme_id != programme_id:
        raise RegistrationNotFound("There is no such registration")
    return found


async def active_registration(at: Reading, programme_id: str, person: str) -> Registration | None:
    """The registration this person already has in the programme."""
    row = await at.db.registrations.find_one(
        {"programme_id": programme_id, "person": person, "active": True}, session=at.session
    )
    return _registration(row) if row else None


async def registrations(at: Reading, programme_id: str) -> Sequence[Registration]:
    """Everybody who registered, in that order, cancelled ones too."""
    rows = await at.db.registrations.find({"programme_id": programme_id}, session=at.session).to_list(None)
    return sorted(map(_registration, rows), key=lambda r: (r.registered_at, r.ticket or 0))


async def roles_of_confirmed(at: Reading, programme_id: str) -> dict[str, Role]:
    """The role of everybody with a place, by participant id."""
    rows = at.db.registrations.find(
        {"programme_id": programme_id, "status": RegistrationStatus.CONFIRMED.value},
        {"role": 1},
        session=at.session,
    )
    return {row["_id"]: Role(row["role"]) async for row in rows}


async def roles_of(at: Reading, programme_id: str, participant_ids: Iterable[str]) -> dict[str, Role]:
    """The role of each of these, whatever has become of their registration."""
    rows = at.db.registrations.find(
        {"_id": {"$in": list(participant_ids)}, "programme_id": programme_id}, {"role": 1}, session=at.session
    )
    return {row["_id"]: Role(row["role"]) async for row in rows}


async def waiting_tickets(at: Reading, programme_id: str, role: Role) -> Sequence[int]:
    """The tickets of everybody in the queue for a role."""
    rows = at.db.registrations.find(
        {"programme_id": programme_id, "role": role.value, "status": RegistrationStatus.WAITING.value},
        {"ticket": 1},
        session=at.session,
    )
    return [row["ticket"] async for row in rows]


async def waiting_counts(at: Reading) -> dict[tuple[str, Role], int]:
    """How many wait, by programme and role."""
    rows = at.db.registrations.aggregate(
        [
            {"$match": {"status": RegistrationStatus.WAITING.value}},
            {"$group": {"_id": {"programme": "$programme_id", "role": "$role"}, "n": {"$sum": 1}}},
        ],
        session=at.session,
    )
    return {(row["_id"]["programme"], Role(row["_id"]["role"])): row["n"] async for row in rows}


async def first_waiting(at: Reading, programme_id: str, role: Role) -> Registration | None:
    """Who is next in the queue."""
    row = await at.db.registrations.find_one(
        {"programme_id": programme_id, "role": role.value, "status": RegistrationStatus.WAITING.value},
        sort=[("ticket", 1)],
        session=at.session,
    )
    return _registration(row) if row else None


# Attendance


async def attendance(at: Reading, programme_id: str, session_id: str) -> Attendance:
    """What has been marked so far; empty before the first mark."""
    row = await at.db.attendance.find_one({"_id": session_id}, session=at.session)
    if row is None:
        return Attendance(session_id, programme_id)
    return _attendance(row)


async def attendances(at: Reading, programme_id: str) -> dict[str, Attendance]:
    """The attendance of a programme's sessions, by session id."""
    rows = at.db.attendance.find({"programme_id": programme_id}, session=at.session)
    return {row["_id"]: _attendance(row) async for row in rows}


async def held_sessions(at: Reading, programme_ids: Sequence[str]) -> set[str]:
    """Which of these programmes' sessions have been held."""
    rows = at.db.attendance.find(
        {"programme_id": {"$in": list(programme_ids)}, "held_at": {"$ne": None}},
        {"_id": 1},
        session=at.session,
    )
    return {row["_id"] async for row in rows}


def _attendance(row: Document) -> Attendance:
    marks = {participant_id: Mark(mark) for participant_id, mark in row["marks"].items()}
    return Attendance(row["_id"], row["programme_id"], marks, row["held_at"], row["version"])


async def save_attendance(tx: Transaction, attendance: Attendance) -> None:
    """Store marks and whether the session was held."""
    await tx.db.attendance.replace_one(
        {"_id": attendance.session_id},
        {
            "programme_id": attendance.programme_id,
            "marks": {participant_id: mark.value for participant_id, mark in attendance.marks.items()},
            "held_at": attendance.held_at,
            "version": attendance.version,
        },
        upsert=True,
        session=tx.session,
    )


# Sign-in links and the trial clock


async def use_sign_in(tx: Transaction, id: str) -> bool:
    """Note that a sign-in link was used; False if it had been used before."""
    if await tx.db.used_sign_ins.find_one({"_id": id}, session=tx.session):
        return False
    await tx.db.used_sign_ins.insert_one({"_id": id, "used_at": tx.now}, session=tx.session)
    return True


async def clock_version(tx: Transaction) -> int:
    """How often the trial clock has been moved."""
    row = await tx.db.trial.find_one({"_id": "clock"}, session=tx.session)
    return int(row["version"]) if row else 0


async def save_clock(tx: Transaction, ahead_by_seconds: float, version: int) -> None:
    """Store how far the platform's time is from the real one."""
    change = {"$set": {"ahead_by_seconds": ahead_by_seconds, "version": version}}
    await tx.db.trial.update_one({"_id": "clock"}, change, upsert=True, session=tx.session)
