"""Volunteers. One pool serves all organisers."""

from collections.abc import Sequence
from datetime import date

from motesplats_events import VolunteerRole
from services.volunteers.domain.volunteers import Volunteer, VolunteerIsKnown, VolunteerNotFound, VolunteerStatus
from shared.contact import Contact, same_person_key
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document, DuplicateKeyError


async def add_volunteer(tx: Transaction, volunteer: Volunteer) -> None:
    """Store a new volunteer.

    Raises:
        VolunteerIsKnown: the same person is there.
    """
    row = {"_id": volunteer.volunteer_id, **_volunteer_row(volunteer)}
    try:
        await tx.db.volunteers.insert_one(row, session=tx.session)
    except DuplicateKeyError:
        raise VolunteerIsKnown("This person is in the list already") from None


async def save_volunteer(tx: Transaction, volunteer: Volunteer) -> None:
    """Store a changed volunteer whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    stored = await tx.db.volunteers.update_one(
        {"_id": volunteer.volunteer_id, "version": volunteer.version - 1},
        {"$set": _volunteer_row(volunteer)},
        session=tx.session,
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


async def volunteer(at: Reading, volunteer_id: str) -> Volunteer:
    """Raises: VolunteerNotFound."""
    row = await at.db.volunteers.find_one({"_id": volunteer_id}, session=at.session)
    if row is None:
        raise VolunteerNotFound("There is no such volunteer", field="volunteer_id")
    return _volunteer(row)


async def volunteer_like(at: Reading, person: str) -> Volunteer | None:
    """The volunteer who is the same person, see `same_person_key`."""
    row = await at.db.volunteers.find_one({"person": person}, session=at.session)
    return _volunteer(row) if row else None


async def volunteers(at: Reading) -> Sequence[Volunteer]:
    """Everybody, by name. One pool serves all organisers."""
    rows = await at.db.volunteers.find({}, session=at.session).to_list(None)
    return sorted(map(_volunteer, rows), key=lambda volunteer: (volunteer.name.casefold(), volunteer.since))


def _volunteer_row(volunteer: Volunteer) -> Document:
    return {
        "person": same_person_key(volunteer.name, volunteer.contact),
        "name": volunteer.name,
        "email": volunteer.contact.email,
        "phone": volunteer.contact.phone,
        "language": volunteer.language,
        "roles": {role.value: since.isoformat() for role, since in volunteer.roles.items()},
        "municipality": volunteer.municipality,
        "status": volunteer.status.value,
        "since": volunteer.since,
        "enrolled_on": volunteer.enrolled_on.isoformat() if volunteer.enrolled_on else None,
        "version": volunteer.version,
    }


def _volunteer(row: Document) -> Volunteer:
    return Volunteer(
        volunteer_id=row["_id"],
        name=row["name"],
        contact=Contact(row["email"], row["phone"]),
        language=row["language"],
        roles={VolunteerRole(role): date.fromisoformat(since) for role, since in row["roles"].items()},
        municipality=row["municipality"],
        status=VolunteerStatus(row["status"]),
        since=row["since"],
        enrolled_on=date.fromisoformat(row["enrolled_on"]) if row["enrolled_on"] else None,
        version=row["version"],
    )
