"""People: who they are and how to reach them, and notes on what was done with their details."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.registration.domain.people import (
    LOOK_AGAIN,
    Deed,
    LifeEvent,
    Note,
    Person,
    PersonNotFound,
    nobody,
    words_of,
)
from shared.access import Staff, scope
from shared.contact import Contact
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document, by_ids

MOST_FOUND = 1000
MOST_NOTES = 500


def _person(row: Document) -> Person:
    return Person(
        person_id=row["_id"],
        name=row["name"],
        contact=Contact(row["email"], row["phone"], row["address"]),
        since=row["since"],
        life_event=LifeEvent(row["life_event"]) if row["life_event"] else None,
        protected=row["protected"],
        unproven=row.get("unproven", False),
        version=row["version"],
    )


def _person_row(person: Person) -> Document:
    return {
        "key": person.key,
        "name": person.name,
        "email": person.contact.email,
        "phone": person.contact.phone,
        "address": person.contact.address,
        "words": list(words_of(person)),
        "since": person.since,
        "life_event": person.life_event.value if person.life_event else None,
        "protected": person.protected,
        "unproven": person.unproven,
        "version": person.version,
    }


def _hidden(person: Person) -> Document:
    """How a protected identity is reached; a field that only theirs have, so that an index of few finds it."""
    return {"hidden": person.contact.line} if person.protected else {}


async def add_people(tx: Transaction, people: Iterable[Person]) -> None:
    """Store people who are new; one at least."""
    rows = [
        {"_id": one.person_id, **_person_row(one), **_hidden(one), "look_at": tx.now + LOOK_AGAIN} for one in people
    ]
    await tx.db.people.insert_many(rows, session=tx.session)


async def save_person(tx: Transaction, person: Person) -> None:
    """Store a changed person whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    change: Document = {"$set": {**_person_row(person), **_hidden(person)}}
    if not person.protected:
        change["$unset"] = {"hidden": 1}
    stored = await tx.db.people.update_one(
        {"_id": person.person_id, "version": person.version - 1}, change, session=tx.session
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


async def delete_person(tx: Transaction, person_id: str) -> None:
    """Keep nothing of a person."""
    await tx.db.people.delete_one({"_id": person_id}, session=tx.session)


async def person(at: Reading, person_id: str) -> Person:
    """Raises: PersonNotFound."""
    row = await at.db.people.find_one({"_id": person_id}, session=at.session)
    if row is None:
        raise PersonNotFound("There is no such person")
    return _person(row)


async def person_like(at: Reading, key: str) -> Person | None:
    """The person with this name and contact, see `Person.key`."""
    row = await at.db.people.find_one({"key": key}, session=at.session)
    return _person(row) if row else None


async def people_like(at: Reading, keys: Iterable[str]) -> dict[str, Person]:
    """The people with these names and contacts, by key; see `Person.key`."""
    rows = at.db.people.find({"key": {"$in": list(keys)}}, session=at.session)
    return {row["key"]: _person(row) async for row in rows}


async def hidden_among(at: Reading, contacts: Iterable[Contact]) -> set[str]:
    """Those of these contacts, as `Contact.line`, by which somebody with a protected identity is reached."""
    query = {"hidden": {"$in": list({contact.line for contact in contacts})}}
    return {row["hidden"] async for row in at.db.people.find(query, {"hidden": 1}, session=at.session)}


async def people(at: Reading, person_ids: Iterable[str]) -> dict[str, Person]:
    """These people, by id; `nobody` for those who have been forgotten."""
    wanted = set(person_ids)
    found = {row["_id"]: _person(row) async for row in by_ids(at.db.people, wanted, None, at.session)}
    return {id: found.get(id) or nobody(id) for id in wanted}


async def people_found(at: Reading, beginnings: Sequence[str]) -> Sequence[Person]:
    """People of whose words (see `words_of`) some begin with each of these, by name; the first `MOST_FOUND`."""
    query = {"$and": [{"words": {"$regex": f"^{re.escape(word)}"}} for word in beginnings]}
    rows = await at.db.people.find(query, session=at.session).limit(MOST_FOUND).to_list(None)
    return sorted(map(_person, rows), key=lambda person: person.name.casefold())


async def people_to_look_at(at: Reading, now: datetime, most: int) -> Sequence[str]:
    """Ids of people of whom it is time to see whether they are still to be kept."""
    rows = at.db.people.find({"look_at": {"$lte": now}}, {"_id": 1}, session=at.session).limit(most)
    return [row["_id"] async for row in rows]


async def look_at_person_again(tx: Transaction, person_id: str, at: datetime) -> None:
    """Say when it is time to see whether somebody is still to be kept."""
    await tx.db.people.update_one({"_id": person_id}, {"$set": {"look_at": at}}, session=tx.session)


async def keep_people(tx: Transaction, person_ids: Iterable[str]) -> None:
    """Look again later whether these are still to be kept: they have asked for something.

    Written each time, so that nobody is forgotten by a transaction that does not see what they have asked for.
    """
    later = {"$set": {"look_at": tx.now + LOOK_AGAIN}}
    await tx.db.people.update_many({"_id": {"$in": list(person_ids)}}, later, session=tx.session)


async def add_note(tx: Transaction, note: Note) -> None:
    """Keep who did what with a person's details."""
    row = {
        "_id": note.note_id,
        "person_id": note.person_id,
        "at": note.at,
        "deed": note.deed.value,
        "by": note.by,
        "unit": note.unit,
        "why": note.why,
        "places": [{"organiser": organiser, "municipality": town} for organiser, town in note.places],
    }
    await tx.db.notes_on_people.insert_one(row, session=tx.session)


async def empty_notes_of(tx: Transaction, person_id: str) -> None:
    """Delete what was written freely about a person; who did what and when stays."""
    await tx.db.notes_on_people.update_many({"person_id": person_id}, {"$set": {"why": ""}}, session=tx.session)


async def notes_of(at: Reading, person_id: str, staff: Staff | None = None) -> Sequence[Note]:
    """All notes on a person, the newest first.

    Args:
        staff: who reads them: not those made where the person was registered with others only.
    """
    query: Document = {"person_id": person_id}
    if staff and (limits := scope(staff)):
        query["$or"] = [{"places": []}, {"places": {"$elemMatch": limits}}]
    rows = await at.db.notes_on_people.find(query, session=at.session).to_list(None)
    return sorted(map(_note, rows), key=lambda note: note.at, reverse=True)


async def notes(at: Reading, staff: Staff) -> Sequence[Note]:
    """The newest notes on people with a registration that this member of staff may see."""
    limits = scope(staff)
    query: Document = {"places": {"$elemMatch": limits}} if limits else {}
    rows = at.db.notes_on_people.find(query, session=at.session).sort("at", -1).limit(MOST_NOTES)
    return [_note(row) async for row in rows]


def _note(row: Document) -> Note:
    return Note(
        note_id=row["_id"],
        person_id=row["person_id"],
        at=row["at"],
        deed=Deed(row["deed"]),
        by=row["by"],
        unit=row["unit"],
        why=row["why"],
        places=[(place["organiser"], place["municipality"]) for place in row["places"]],
    )
