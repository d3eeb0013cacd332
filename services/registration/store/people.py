"""People: who they are and how to reach them."""

from collections.abc import Iterable

from services.registration.domain.people import LifeEvent, Person, PersonNotFound
from shared.contact import Contact
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document


def _person(row: Document) -> Person:
    return Person(
        person_id=row["_id"],
        name=row["name"],
        contact=Contact(row["email"], row["phone"]),
        life_event=LifeEvent(row["life_event"]) if row["life_event"] else None,
        protected=row["protected"],
        version=row["version"],
    )


def _person_row(person: Person) -> Document:
    return {
        "key": person.key,
        "name": person.name,
        "email": person.contact.email,
        "phone": person.contact.phone,
        "life_event": person.life_event.value if person.life_event else None,
        "protected": person.protected,
        "version": person.version,
    }


async def add_person(tx: Transaction, person: Person) -> None:
    """Store somebody new."""
    await tx.db.people.insert_one({"_id": person.person_id, **_person_row(person)}, session=tx.session)


async def save_person(tx: Transaction, person: Person) -> None:
    """Store a changed person whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    stored = await tx.db.people.update_one(
        {"_id": person.person_id, "version": person.version - 1}, {"$set": _person_row(person)}, session=tx.session
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


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


async def people(at: Reading, person_ids: Iterable[str]) -> dict[str, Person]:
    """These people, by id."""
    rows = at.db.people.find({"_id": {"$in": list(set(person_ids))}}, session=at.session)
    return {row["_id"]: _person(row) async for row in rows}
