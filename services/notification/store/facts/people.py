"""Registrations, wishes, and how to reach people."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from motesplats_events import CancellationReason, RegistrationStatus
from services.notification.domain.messages import Kind
from services.notification.domain.people import Answer, Contact, Registration, Wish
from shared.delivery import Reading, Transaction, put_if_newer
from shared.mongo import Database, Document, by_ids

COLLECTIONS = ("registrations", "repeats", "contacts", "wishes")
FOR_GOOD = 1 << 62
"""The sequence of what is forgotten: nothing that is told later is newer."""


async def indexes(db: Database) -> None:
    """The indexes of these collections."""
    await db.registrations.create_index("programme_id")


# Registrations


async def keep_registration(tx: Transaction, registration: Registration) -> bool:
    """Keep the newest that is known of a registration; True if anything has changed.

    How it began, and that a place was offered, is kept even where something newer is known.
    """
    lasting: dict[str, Any] = {}
    if registration.began:
        lasting["began"] = registration.began.value
    if registration.was_offered:
        lasting["was_offered"] = True
    fields = {
        "programme_id": registration.programme_id,
        "status": registration.status.value,
        "cause": registration.cause.value,
        "since": registration.since,
        "position": registration.position,
        "held_a_place": registration.held_a_place,
        "reason": registration.reason.value,
        "answer_by": registration.answer_by,
        "ended_on": registration.ended_on.isoformat() if registration.ended_on else None,
        "only_session": registration.only_session,
        **lasting,
    }
    if registration.starts_on:
        fields["starts_on"] = registration.starts_on.isoformat()
    id = registration.participant_id
    if await put_if_newer(tx, "registrations", id, registration.sequence, fields):
        return True
    if lasting:
        await tx.db.registrations.update_one({"_id": id}, {"$set": lasting}, session=tx.session)
    return bool(lasting)


async def keep_answer(tx: Transaction, participant_id: str, answer: Answer) -> None:
    """Keep what staff answered to an application, unless something newer is known."""
    before = await tx.db.registrations.find_one({"_id": participant_id}, {"answer": 1}, session=tx.session)
    if before and before.get("answer") and before["answer"]["sequence"] >= answer.sequence:
        return
    row = {"sequence": answer.sequence, "accepted": answer.accepted, "words": answer.words, "at": answer.at}
    await tx.db.registrations.update_one(
        {"_id": participant_id}, {"$set": {"answer": row}}, upsert=True, session=tx.session
    )


def _registration(row: Document) -> Registration:
    return Registration(
        participant_id=row["_id"],
        programme_id=row["programme_id"],
        sequence=row["sequence"],
        status=RegistrationStatus(row["status"]),
        cause=Kind(row["cause"]),
        since=row["since"],
        position=row["position"],
        held_a_place=row["held_a_place"],
        began=RegistrationStatus(row["began"]) if "began" in row else None,
        reason=CancellationReason(row["reason"]),
        answer_by=row["answer_by"],
        was_offered=row.get("was_offered", False),
        starts_on=date.fromisoformat(row["starts_on"]) if row.get("starts_on") else None,
        ended_on=date.fromisoformat(row["ended_on"]) if row["ended_on"] else None,
        answer=Answer(**row["answer"]) if "answer" in row else None,
        only_session=row["only_session"],
    )


async def registrations(at: Reading, ids: Collection[str]) -> dict[str, Registration]:
    """Those of them that are known, by participant id. Of some only the answer to an application is."""
    known = {"_id": {"$in": list(ids)}, "status": {"$exists": True}}
    return {row["_id"]: _registration(row) async for row in at.db.registrations.find(known, session=at.session)}


async def participants_of(at: Reading, programme_ids: Collection[str]) -> list[str]:
    """Ids of all who registered for one of these programmes."""
    query = {"programme_id": {"$in": list(programme_ids)}}
    return [row["_id"] async for row in at.db.registrations.find(query, {"_id": 1}, session=at.session)]


async def add_repeat(tx: Transaction, participant_id: str, at: datetime) -> None:
    """Note that somebody who is registered sent the form again."""
    await tx.db.repeats.update_one({"_id": participant_id}, {"$addToSet": {"at": at}}, upsert=True, session=tx.session)


async def repeats(at: Reading, ids: Collection[str]) -> dict[str, Sequence[datetime]]:
    """When each of these sent the form again."""
    rows = at.db.repeats.find({"_id": {"$in": list(ids)}}, session=at.session)
    return {row["_id"]: row["at"] async for row in rows}


# Wishes


async def keep_wish(tx: Transaction, wish: Wish, sequence: int) -> bool:
    """Keep a wish as it now stands, unless something newer is known; True if it was kept."""
    before = await tx.db.wishes.find_one({"_id": wish.wish_id}, session=tx.session)
    same = before is not None and before["open"] == wish.open
    fields = {
        "kind": wish.kind,
        "about": wish.about,
        "municipality": wish.municipality,
        "open": wish.open,
        "position": wish.position,
        "noted_at": before["noted_at"] if before else wish.noted_at,
        "changed_at": before["changed_at"] if before and same else wish.changed_at,
    }
    return await put_if_newer(tx, "wishes", wish.wish_id, sequence, fields)


async def wishes(at: Reading, ids: Collection[str]) -> dict[str, Wish]:
    """Those of them that are known, by id."""
    rows = at.db.wishes.find({"_id": {"$in": list(ids)}}, {"sequence": 0}, session=at.session)
    return {row["_id"]: Wish(wish_id=row.pop("_id"), **row) async for row in rows}


# Contacts


async def keep_contact(tx: Transaction, contact: Contact, sequence: int) -> bool:
    """Keep the newest way to reach somebody; True if this is. Of an erased person only the id stays."""
    fields: Document = {
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "address": contact.address,
        "language": contact.language,
        "reminders": contact.reminders,
        "paused": contact.paused,
        "protected": contact.protected,
        "erased": contact.erased,
    }
    if contact.enrolled_at is not None:
        before = await tx.db.contacts.find_one({"_id": contact.id}, {"enrolled_at": 1}, session=tx.session)
        fields["enrolled_at"] = (before and before.get("enrolled_at")) or contact.enrolled_at
    return await put_if_newer(tx, "contacts", contact.id, sequence, fields)


def _contact(row: Document) -> Contact:
    return Contact(
        id=row["_id"],
        name=row["name"],
        email=row["email"],
        phone=row["phone"],
        language=row["language"],
        reminders=row["reminders"],
        erased=row["erased"],
        address=row["address"],
        paused=row["paused"],
        protected=row["protected"],
        enrolled_at=row.get("enrolled_at"),
    )


async def contacts(at: Reading, ids: Collection[str]) -> dict[str, Contact]:
    """Those of them that are known, by the id of the registration, wish or volunteer."""
    rows = at.db.contacts.find({"_id": {"$in": list(ids)}}, session=at.session)
    return {row["_id"]: _contact(row) async for row in rows}


# Forgetting


async def forget(tx: Transaction, id: str) -> None:
    """Delete what is known under an id, and keep that nothing is to be known under it any more."""
    await keep_contact(tx, Contact(id, erased=True), FOR_GOOD)
    await delete(tx, [id])


async def delete(tx: Transaction, ids: Collection[str]) -> None:
    """Delete what is known under these ids, except that they are forgotten."""
    for name in ("registrations", "repeats", "wishes"):
        await tx.db[name].delete_many({"_id": {"$in": list(ids)}}, session=tx.session)


async def forgotten(at: Reading, ids: Collection[str]) -> set[str]:
    """Those of these ids under which nothing is to be known."""
    return {row["_id"] async for row in by_ids(at.db.contacts, ids, {"_id": 1}, at.session, sequence=FOR_GOOD)}
