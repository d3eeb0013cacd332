"""What volunteers are asked to do: the question, and how it stands since."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from motesplats_events import AssignmentStatus, VolunteerRole
from services.notification.domain.assignments import Assignment
from shared.delivery import Reading, Transaction, put_if_newer
from shared.mongo import Database, Document

COLLECTIONS = ("offers", "assignments")
"""The question is told on a topic of its own, which may come before or after how the assignment stands."""


async def indexes(db: Database) -> None:
    """The indexes of these collections."""
    for rows in (db.offers, db.assignments):
        await rows.create_index("volunteer_id")
        await rows.create_index("programme_id")


async def keep_offer(tx: Transaction, offer: Assignment, sequence: int) -> bool:
    """Keep that a volunteer was asked, unless something newer is known."""
    return await put_if_newer(tx, "offers", offer.assignment_id, sequence, _fields(offer))


async def keep_assignment(tx: Transaction, assignment: Assignment, sequence: int) -> bool:
    """Keep an assignment as it now stands, unless something newer is known."""
    before = await tx.db.assignments.find_one({"_id": assignment.assignment_id}, session=tx.session)
    fields = _fields(assignment)
    if before and before["status"] == assignment.status.value:
        fields |= {"changed_at": before["changed_at"], **_altered(before, assignment)}
    return await put_if_newer(tx, "assignments", assignment.assignment_id, sequence, fields)


def _altered(before: Document, now: Assignment) -> Document:
    """When its time or place changed, while it stood as it does, and when it would have begun."""
    at, until = _as_stored(now.at), _as_stored(now.until)
    if (before["at"], before["until"], before["place"]) == (at, until, now.place):
        return {"altered_at": before.get("altered_at"), "former": before.get("former", [])}
    former = {*before.get("former", []), before["at"]} - {at, None}
    return {"altered_at": now.changed_at, "former": sorted(former)}


def _as_stored(moment: datetime | None) -> datetime | None:
    """The store keeps milliseconds."""
    return moment and moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _fields(assignment: Assignment) -> dict[str, Any]:
    return {
        "volunteer_id": assignment.volunteer_id,
        "role": assignment.role.value,
        "status": assignment.status.value,
        "programme_id": assignment.programme_id,
        "session_id": assignment.session_id,
        "organiser": assignment.organiser,
        "municipality": assignment.municipality,
        "title": assignment.title,
        "place": assignment.place,
        "at": assignment.at,
        "until": assignment.until,
        "answer_by": assignment.answer_by,
        "offered_at": assignment.offered_at,
        "changed_at": assignment.changed_at,
        "altered_at": assignment.altered_at,
        "former": list(assignment.former),
    }


def _assignment(row: Document) -> Assignment:
    return Assignment(
        assignment_id=row["_id"],
        volunteer_id=row["volunteer_id"],
        role=VolunteerRole(row["role"]),
        status=AssignmentStatus(row["status"]),
        programme_id=row["programme_id"],
        title=row["title"],
        place=row["place"],
        at=row["at"],
        offered_at=row["offered_at"],
        answer_by=row["answer_by"],
        changed_at=row["changed_at"],
        session_id=row["session_id"],
        organiser=row["organiser"],
        municipality=row["municipality"],
        until=row["until"],
        altered_at=row.get("altered_at"),
        former=row.get("former", ()),
    )


async def assignments_of(at: Reading, volunteer_ids: Collection[str]) -> Collection[Assignment]:
    """Everything that these volunteers were ever asked, as it stands, or as it was asked while no more is known."""
    return (await _found(at, {"volunteer_id": {"$in": list(volunteer_ids)}})).values()


async def _found(at: Reading, query: Mapping[str, Any]) -> dict[str, Assignment]:
    found: dict[str, Assignment] = {}
    for rows in (at.db.offers, at.db.assignments):
        found |= {row["_id"]: _assignment(row) async for row in rows.find(query, session=at.session)}
    return found


async def volunteers_of(at: Reading, ids: Collection[str], programme_ids: Collection[str]) -> set[str]:
    """Who was asked to do one of these assignments, or one in one of these programmes."""
    query = {"$or": [{"_id": {"$in": list(ids)}}, {"programme_id": {"$in": list(programme_ids)}}]}
    return {a.volunteer_id for a in (await _found(at, query)).values()}
