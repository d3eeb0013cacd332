"""Registrations: who has a place, and who waits in which order."""

from collections.abc import Iterable, Sequence
from typing import Any

from motesplats_events import RegistrationStatus, Role
from services.registration.domain.registrations import Registration, RegistrationNotFound
from shared.contact import Contact, same_person_key
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document

ACTIVE = [RegistrationStatus.CONFIRMED.value, RegistrationStatus.WAITING.value]


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
