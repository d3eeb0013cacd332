"""Registrations: who has a place, and who waits in which order."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from motesplats_events import CancellationReason, RegistrationStatus, Role, Source
from services.registration.domain.registrations import Registration, RegistrationNotFound, Stay
from services.registration.store.desk import put_registration
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document, by_ids


def _registration(row: Document) -> Registration:
    return Registration(
        participant_id=row["_id"],
        programme_id=row["programme_id"],
        person_id=row["person_id"],
        role=Role(row["role"]),
        status=RegistrationStatus(row["status"]),
        ticket=row["ticket"],
        language=row["language"],
        reminders=row["reminders"],
        registered_at=row["registered_at"],
        source=Source(row["source"]),
        referred_by=row["referred_by"],
        # Of an older row nobody can tell who wrote it.
        unit_known=row.get("unit_known", False),
        pair_id=row["pair_id"],
        answer_by=row["answer_by"],
        wish_id=row["wish_id"],
        placed_at=_placed_at(row),
        announced=row["announced"],
        starts_on=_date(row["starts_on"]),
        ended_on=_date(row["ended_on"]),
        reason=CancellationReason(row["reason"]) if row["reason"] else None,
        cancelled_at=row["cancelled_at"],
        repeated=row["repeated"],
        version=row["version"],
        contact_version=row["contact_version"],
    )


def _registration_row(registration: Registration) -> dict[str, Any]:
    return {
        "programme_id": registration.programme_id,
        "person_id": registration.person_id,
        "role": registration.role.value,
        "status": registration.status.value,
        "active": registration.status is not RegistrationStatus.CANCELLED,
        "ticket": registration.ticket,
        "language": registration.language,
        "reminders": registration.reminders,
        "registered_at": registration.registered_at,
        "source": registration.source.value,
        "referred_by": registration.referred_by,
        "unit_known": registration.unit_known,
        "pair_id": registration.pair_id,
        "answer_by": registration.answer_by,
        "wish_id": registration.wish_id,
        "placed_at": registration.placed_at,
        "announced": registration.announced,
        "starts_on": _midnight(registration.starts_on),
        "ended_on": _midnight(registration.ended_on),
        "reason": registration.reason.value if registration.reason else None,
        "cancelled_at": registration.cancelled_at,
        "repeated": registration.repeated,
        "version": registration.version,
        "contact_version": registration.contact_version,
    }


def _placed_at(row: Document) -> datetime | None:
    if "placed_at" in row:
        noted: datetime | None = row["placed_at"]
        return noted
    # Of an old row that has ended, only a membership says that there was a place.
    placed = row["status"] == RegistrationStatus.CONFIRMED.value or row["starts_on"]
    registered_at: datetime = row["registered_at"]
    return registered_at if placed else None


def _date(stored: datetime | None) -> date | None:
    return stored.date() if stored else None


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None


async def add_registrations(tx: Transaction, registrations: Sequence[Registration]) -> None:
    """Store new registrations; one at least."""
    rows = [{"_id": one.participant_id, **_registration_row(one)} for one in registrations]
    await tx.db.registrations.insert_many(rows, session=tx.session)
    for one in registrations:
        await put_registration(tx, one)


async def save_registration(tx: Transaction, registration: Registration) -> None:
    """Store a changed registration whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    before = await tx.db.registrations.find_one_and_update(
        {"_id": registration.participant_id, "version": registration.version - 1},
        {"$set": _registration_row(registration)},
        projection={"status": 1},
        session=tx.session,
    )
    if before is None:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")
    await put_registration(tx, registration, before["status"])


async def registration(at: Reading, participant_id: str) -> Registration:
    """Raises: RegistrationNotFound."""
    row = await at.db.registrations.find_one({"_id": participant_id}, session=at.session)
    if row is None:
        raise RegistrationNotFound("There is no such registration")
    return _registration(row)


async def registrations_by_id(at: Reading, ids: Iterable[str]) -> dict[str, Registration]:
    """Those of them that exist, by id."""
    rows = by_ids(at.db.registrations, ids, None, at.session)
    return {row["_id"]: _registration(row) async for row in rows}


async def registration_in(at: Reading, programme_id: str, participant_id: str) -> Registration:
    """A registration of this programme. Raises: RegistrationNotFound."""
    found = await registration(at, participant_id)
    if found.programme_id != programme_id:
        raise RegistrationNotFound("There is no such registration")
    return found


async def registrations(at: Reading, programme_id: str) -> Sequence[Registration]:
    """Everybody who registered, in that order, cancelled ones too."""
    rows = await at.db.registrations.find({"programme_id": programme_id}, session=at.session).to_list(None)
    return sorted(map(_registration, rows), key=lambda r: (r.registered_at, r.ticket or 0))


async def registrations_of(at: Reading, person_id: str) -> Sequence[Registration]:
    """All registrations of a person, the newest first."""
    rows = await at.db.registrations.find({"person_id": person_id}, session=at.session).to_list(None)
    return sorted(map(_registration, rows), key=lambda r: r.registered_at, reverse=True)


async def registrations_of_all(at: Reading, person_ids: Iterable[str]) -> Sequence[Registration]:
    """All registrations of these people."""
    rows = by_ids(at.db.registrations, person_ids, None, at.session, field="person_id")
    return [_registration(row) async for row in rows]


async def active_registrations(at: Reading, programme_id: str, person_ids: Iterable[str]) -> dict[str, Registration]:
    """What these people already have in the programme, by person.

    They are asked for by person alone: with the programme in the question the embedded store looks through all who have
    ever registered for it, and a programme that everybody wants has thousands of them.
    """
    theirs = [one for one in await registrations_of_all(at, person_ids) if one.programme_id == programme_id]
    return {one.person_id: one for one in theirs if one.status is not RegistrationStatus.CANCELLED}


async def waiting(at: Reading, programme_id: str) -> Sequence[Registration]:
    """Everybody in the queue of a programme, the first first."""
    query = {"programme_id": programme_id, "status": RegistrationStatus.WAITING.value}
    rows = await at.db.registrations.find(query, session=at.session).to_list(None)
    return sorted(map(_registration, rows), key=lambda r: r.ticket or 0)


async def together_with(at: Reading, registration: Registration) -> Sequence[Registration]:
    """This registration, and that of whoever wants to come together with it in the same state."""
    if registration.pair_id is None:
        return [registration]
    query = {"programme_id": registration.programme_id, "pair_id": registration.pair_id}
    found = [_registration(row) async for row in at.db.registrations.find(query, session=at.session)]
    return [r for r in found if r.status is registration.status]


async def stays(at: Reading, programme_ids: Iterable[str], since: datetime) -> dict[str, list[Stay]]:
    """The places that people have in these programmes, or had until after a time, by programme."""
    theirs = {"programme_id": {"$in": list(programme_ids)}}
    fields = ("programme_id", "role", "status", "registered_at", "placed_at", "cancelled_at", "starts_on")
    found: dict[str, list[Stay]] = {}
    # The rest is looked at here: with alternatives in the question a store may look up all that are confirmed anywhere.
    async for row in at.db.registrations.find(theirs, fields, session=at.session):
        placed, left = _placed_at(row), row["cancelled_at"]
        if placed and (row["status"] == RegistrationStatus.CONFIRMED.value or (left and left > since)):
            stay = Stay(Role(row["role"]), placed, left, _date(row["starts_on"]))
            found.setdefault(row["programme_id"], []).append(stay)
    return found


async def expired_offers(at: Reading, now: datetime) -> Sequence[Registration]:
    """Offers whose time to answer has passed."""
    query = {"status": RegistrationStatus.OFFERED.value, "answer_by": {"$lte": now}}
    return [_registration(row) async for row in at.db.registrations.find(query, session=at.session)]
