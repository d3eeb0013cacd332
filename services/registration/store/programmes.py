"""Programmes, their places and the tickets of their queues."""

from collections.abc import Sequence
from datetime import datetime

from motesplats_events import RegistrationStatus, Role
from services.registration.domain.programmes import (
    Programme,
    ProgrammeKind,
    ProgrammeNotFound,
    Session,
    SessionNotFound,
)
from shared.access import Staff, scope
from shared.delivery import Reading, Transaction
from shared.mongo import Document


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


# The guard against overbooking is in the condition of the update, not in what was read before.


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
