"""Volunteers. One pool serves all organisers."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from motesplats_events import VolunteerRole
from services.volunteers.domain.volunteers import Volunteer, VolunteerIsKnown, VolunteerNotFound, VolunteerStatus
from services.volunteers.domain.words import folded
from services.volunteers.store.rows import volunteer_of, volunteer_row
from shared.access import ALL, Staff
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document, DuplicateKeyError
from shared.text import one_line


async def add_volunteer(tx: Transaction, volunteer: Volunteer) -> None:
    """Store a new volunteer.

    Raises:
        VolunteerIsKnown: the same person is there.
    """
    row = {"_id": volunteer.volunteer_id, **volunteer_row(volunteer)}
    try:
        await tx.db.volunteers.insert_one(row, session=tx.session)
    except DuplicateKeyError:
        raise VolunteerIsKnown("This person is in the list already") from None


async def save_volunteer(tx: Transaction, volunteer: Volunteer) -> None:
    """Store a changed volunteer whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
        VolunteerIsKnown: a corrected name or contact makes it somebody who is there.
    """
    try:
        stored = await tx.db.volunteers.update_one(
            {"_id": volunteer.volunteer_id, "version": volunteer.version - 1},
            {"$set": volunteer_row(volunteer)},
            session=tx.session,
        )
    except DuplicateKeyError:
        raise VolunteerIsKnown("This person is in the list already") from None
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


async def volunteer(at: Reading, volunteer_id: str) -> Volunteer:
    """Raises: VolunteerNotFound."""
    row = await at.db.volunteers.find_one({"_id": volunteer_id}, session=at.session)
    if row is None:
        raise VolunteerNotFound("There is no such volunteer", field="volunteer_id")
    return volunteer_of(row)


async def volunteer_like(at: Reading, person: str) -> Volunteer | None:
    """The volunteer who is the same person, see `same_person_key`."""
    row = await at.db.volunteers.find_one({"person": person}, session=at.session)
    return volunteer_of(row) if row else None


async def drop_volunteer(tx: Transaction, volunteer_id: str) -> None:
    """Delete an application of which nothing is to be kept."""
    await tx.db.volunteers.delete_one({"_id": volunteer_id}, session=tx.session)


async def applications_from_before(at: Reading, before: datetime) -> Sequence[str]:
    """Ids of applications that came before this and were never answered."""
    query = {"status": VolunteerStatus.APPLIED.value, "since": {"$lt": before}}
    return [row["_id"] async for row in at.db.volunteers.find(query, {"_id": 1}, session=at.session)]


async def hold_volunteers(tx: Transaction, ids: Collection[str]) -> None:
    """Let nobody else ask or change these volunteers before this transaction has ended.

    Two offers at once are in two rows; the store sees that they exclude each other only because both write here. The
    other runs again, and reads what this one has stored.
    """
    await tx.db.volunteers.update_many({"_id": {"$in": list(ids)}}, {"$inc": {"held": 1}}, session=tx.session)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which volunteers a list shows.

    Attributes:
        words: parts of the name.
        municipality: None for all.
        paused_on: only those who have a pause on this day.
    """

    words: str = ""
    role: VolunteerRole | None = None
    municipality: str | None = None
    status: VolunteerStatus | None = None
    paused_on: date | None = None


async def volunteers(
    at: Reading, staff: Staff, wanted: Filter = Filter(), *, skip: int = 0, limit: int = 0
) -> Sequence[Volunteer]:
    """Those whom this member of staff may see, by name.

    Args:
        limit: 0 for all.
    """
    rows = at.db.volunteers.find(await _query(at, staff, wanted), session=at.session)
    rows = rows.sort([("sorted", 1), ("since", 1)]).skip(skip).limit(limit)
    return [volunteer_of(row) async for row in rows]


async def count_volunteers(at: Reading, staff: Staff, wanted: Filter = Filter()) -> int:
    """How many such a list has."""
    return int(await at.db.volunteers.count_documents(await _query(at, staff, wanted)))


async def municipalities(at: Reading, staff: Staff) -> Sequence[str]:
    """Where the volunteers live whom this member of staff may see; of several ways to write one of them, the first."""
    query = await _query(at, staff, Filter())
    found: dict[str, str] = {}
    for written in sorted(await at.db.volunteers.distinct("municipality", query, session=at.session)):
        found.setdefault(folded(written), written)
    return list(found.values())


async def names(at: Reading, ids: Sequence[str]) -> dict[str, str]:
    """The names of volunteers, by id; empty of those who have left."""
    rows = at.db.volunteers.find({"_id": {"$in": list(ids)}}, {"name": 1}, session=at.session)
    return {row["_id"]: row["name"] async for row in rows}


async def pool(at: Reading, role: VolunteerRole) -> Sequence[Volunteer]:
    """Everybody enrolled who does this, wherever they live."""
    query = {"status": VolunteerStatus.ENROLLED.value, f"roles.{role.value}": {"$exists": True}}
    return [volunteer_of(row) async for row in at.db.volunteers.find(query, session=at.session)]


async def trained_until(at: Reading, staff: Staff, until: date) -> Sequence[Volunteer]:
    """Enrolled volunteers of whose trainings the first expires on this day or before, the earliest first."""
    query = {
        **await _query(at, staff, Filter(status=VolunteerStatus.ENROLLED)),
        "first_expiry": {"$ne": None, "$lte": until.isoformat()},
    }
    rows = at.db.volunteers.find(query, session=at.session).sort([("first_expiry", 1), ("sorted", 1)])
    return [volunteer_of(row) async for row in rows]


async def _query(at: Reading, staff: Staff, wanted: Filter) -> Document:
    """One pool serves all organisers; a coordinator of an area sees those who live there."""
    query: Document = {}
    if ALL not in staff.areas:
        query["municipality"] = {"$in": await _written(at, staff.areas)}
    if wanted.municipality is not None:
        query = {"$and": [query, {"municipality": {"$in": await _written(at, [wanted.municipality])}}]}
    if wanted.role is not None:
        query[f"roles.{wanted.role.value}"] = {"$exists": True}
    query["status"] = wanted.status.value if wanted.status else {"$ne": VolunteerStatus.LEFT.value}
    if wanted.paused_on is not None:
        day = wanted.paused_on.isoformat()
        query["pause.starts_on"] = {"$lte": day}
        query["$or"] = [{"pause.until": None}, {"pause.until": {"$gte": day}}]
    if words := one_line(wanted.words):
        query["sorted"] = {"$regex": re.escape(words.casefold())}
    return query


async def _written(at: Reading, municipalities: Collection[str]) -> Sequence[str]:
    """All ways in which volunteers have written these municipalities: everybody types their own."""
    wanted = {folded(one) for one in municipalities}
    written = await at.db.volunteers.distinct("municipality", session=at.session)
    return [one for one in written if folded(one) in wanted]
