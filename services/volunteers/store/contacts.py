"""The contact log, and the units in it."""

from collections.abc import Sequence
from datetime import date

from services.volunteers.domain.contacts import ContactMade, Unit
from shared.access import Staff, scope
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document


async def known_unit(at: Reading, *spelled: Unit) -> Unit:
    """The unit as it was first written in one of these ways, or as the last of them is written now."""
    for unit in spelled:
        if row := await at.db.units.find_one({"_id": unit.key}, session=at.session):
            return Unit(row["name"], row["municipality"])
    return spelled[-1]


async def units(at: Reading) -> Sequence[Unit]:
    """All units of the log, by name."""
    rows = await at.db.units.find({}, session=at.session).to_list(None)
    return sorted((Unit(row["name"], row["municipality"]) for row in rows), key=lambda unit: unit.name.casefold())


async def add_contact(tx: Transaction, contact: ContactMade) -> None:
    """Store a new contact, and its unit.

    The unit's row is written each time: of two that both found nobody before them, the store lets only one through.
    """
    unit = contact.unit
    change = {"$setOnInsert": {"name": unit.name, "municipality": unit.municipality}, "$inc": {"contacts": 1}}
    await tx.db.units.update_one({"_id": unit.key}, change, upsert=True, session=tx.session)
    await tx.db.contacts.insert_one({"_id": contact.contact_id, **_row(contact)}, session=tx.session)


async def save_contact(tx: Transaction, contact: ContactMade) -> None:
    """Store a changed contact whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    stored = await tx.db.contacts.update_one(
        {"_id": contact.contact_id, "version": contact.version - 1}, {"$set": _row(contact)}, session=tx.session
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


async def contact_or_none(at: Reading, contact_id: str) -> ContactMade | None:
    """A contact, if it is in the log."""
    row = await at.db.contacts.find_one({"_id": contact_id}, session=at.session)
    return _contact(row) if row else None


async def contacts_with(at: Reading, unit: Unit) -> Sequence[ContactMade]:
    """All contacts with a unit."""
    rows = at.db.contacts.find({"unit_key": unit.key}, session=at.session)
    return [_contact(row) async for row in rows]


async def contacts_of(at: Reading, volunteer_id: str) -> Sequence[ContactMade]:
    """The contacts of one patient supporter that stand, the newest first."""
    query = {"volunteer_id": volunteer_id, "undone": False}
    return _newest_first([_contact(row) async for row in at.db.contacts.find(query, session=at.session)])


async def contacts_in(at: Reading, staff: Staff, first_on: date, last_on: date) -> Sequence[ContactMade]:
    """The contacts of a period that stand and that this member of staff may see, the newest first."""
    period = {"$gte": first_on.isoformat(), "$lte": last_on.isoformat()}
    query = {**scope(staff), "contacted_on": period, "undone": False}
    return _newest_first([_contact(row) async for row in at.db.contacts.find(query, session=at.session)])


def _newest_first(contacts: Sequence[ContactMade]) -> Sequence[ContactMade]:
    return sorted(contacts, key=lambda contact: (contact.contacted_on, contact.noted_at), reverse=True)


def _row(contact: ContactMade) -> Document:
    return {
        "volunteer_id": contact.volunteer_id,
        "organiser": contact.organiser,
        "unit": contact.unit.name,
        "unit_key": contact.unit.key,
        "municipality": contact.unit.municipality,
        "contacted_on": contact.contacted_on.isoformat(),
        "about": contact.about,
        "noted_at": contact.noted_at,
        "new": contact.new,
        "undone": contact.undone,
        "version": contact.version,
    }


def _contact(row: Document) -> ContactMade:
    return ContactMade(
        contact_id=row["_id"],
        volunteer_id=row["volunteer_id"],
        organiser=row["organiser"],
        unit=Unit(row["unit"], row["municipality"]),
        contacted_on=date.fromisoformat(row["contacted_on"]),
        about=row["about"],
        noted_at=row["noted_at"],
        new=row["new"],
        undone=row["undone"],
        version=row["version"],
    )
