"""Assignments: who was asked to do what, and what came of it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers.domain.assignments import OPEN, AlreadyAsked, Assignment, AssignmentNotFound, Terms
from services.volunteers.domain.tasks import Span, Task
from shared.access import Staff, scope
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document, DuplicateKeyError


async def add_assignment(tx: Transaction, assignment: Assignment) -> None:
    """Store a new offer.

    Raises:
        AlreadyAsked: the same was offered at the same moment.
    """
    row = {"_id": assignment.assignment_id, **_assignment_row(assignment)}
    try:
        await tx.db.assignments.insert_one(row, session=tx.session)
    except DuplicateKeyError:
        raise AlreadyAsked("This volunteer has already been asked to do this", field="volunteer_id") from None


async def save_assignment(tx: Transaction, assignment: Assignment) -> None:
    """Store a changed assignment whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    stored = await tx.db.assignments.update_one(
        {"_id": assignment.assignment_id, "version": assignment.version - 1},
        {"$set": _assignment_row(assignment)},
        session=tx.session,
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


async def assignment(at: Reading, assignment_id: str) -> Assignment:
    """Raises: AssignmentNotFound."""
    row = await at.db.assignments.find_one({"_id": assignment_id}, session=at.session)
    if row is None:
        raise AssignmentNotFound("There is no such assignment")
    return read_assignment(row)


async def assignments_of(at: Reading, volunteer_id: str) -> Sequence[Assignment]:
    """All that a volunteer was ever asked to do."""
    rows = at.db.assignments.find({"volunteer_id": volunteer_id}, session=at.session)
    return [read_assignment(row) async for row in rows]


async def assignments_for(at: Reading, request_id: str) -> Sequence[Assignment]:
    """Everybody who was asked for what a unit wanted, the first first."""
    rows = at.db.assignments.find({"request_id": request_id}, session=at.session).sort("offered_at", 1)
    return [read_assignment(row) async for row in rows]


async def open_assignments(at: Reading, programme_id: str) -> Sequence[Assignment]:
    """What is offered or accepted in a programme."""
    rows = at.db.assignments.find({"programme_id": programme_id, "open": True}, session=at.session)
    return [read_assignment(row) async for row in rows]


async def work_of(at: Reading, ids: Iterable[str], since: datetime) -> dict[str, list[Assignment]]:
    """What volunteers were offered or have done since then, and whatever is still open; by volunteer id.

    What was done counts however long before it was planned. One question for all.
    """
    lately = [{"offered_at": {"$gte": since}}, {"completed_on": {"$gte": since.date().isoformat()}}, {"open": True}]
    query = {"volunteer_id": {"$in": list(ids)}, "$or": lately}
    found: dict[str, list[Assignment]] = {}
    async for row in at.db.assignments.find(query, session=at.session):
        found.setdefault(row["volunteer_id"], []).append(read_assignment(row))
    return found


async def unanswered(at: Reading, now: datetime) -> Sequence[str]:
    """Ids of offers whose time to answer has passed without its being written down, the longest ago first."""
    query = {"status": AssignmentStatus.OFFERED.value, "answer_by": {"$lt": now}}
    rows = at.db.assignments.find(query, {"_id": 1}, session=at.session).sort("answer_by", 1)
    return [row["_id"] async for row in rows]


async def assignments_in(
    at: Reading, programme_ids: Collection[str], roles: Collection[VolunteerRole]
) -> dict[str, list[Assignment]]:
    """What volunteers were asked to do as one of these, by programme id. One question for all."""
    query = {"programme_id": {"$in": list(programme_ids)}, "role": {"$in": [role.value for role in roles]}}
    found: dict[str, list[Assignment]] = {}
    async for row in at.db.assignments.find(query, session=at.session):
        found.setdefault(row["programme_id"], []).append(read_assignment(row))
    return found


async def assignments(
    at: Reading,
    staff: Staff,
    programme_id: str | None = None,
    *,
    statuses: Iterable[AssignmentStatus] = (),
    part_done: bool = False,
    limit: int = 0,
) -> Sequence[Assignment]:
    """Assignments that this member of staff may see, the newest first.

    Args:
        statuses: empty for all.
        part_done: those too that were given up in between, and of which something can be completed.
        limit: 0 for all.
    """
    query = {**scope(staff), **({"programme_id": programme_id} if programme_id else {})}
    if wanted := [status.value for status in statuses]:
        in_between = [{"status": AssignmentStatus.RELEASED.value, "part_done": True}] if part_done else []
        query["$or"] = [{"status": {"$in": wanted}}, *in_between]
    rows = at.db.assignments.find(query, session=at.session).sort("offered_at", -1).limit(limit)
    return [read_assignment(row) async for row in rows]


def _assignment_row(assignment: Assignment) -> Document:
    task = assignment.task
    return {
        "volunteer_id": assignment.volunteer_id,
        "role": task.role.value,
        "title": task.title,
        "organiser": task.organiser,
        "municipality": task.municipality,
        "place": task.place,
        "programme_id": task.programme_id,
        "session_id": task.session_id,
        "request_id": task.request_id,
        "times": [[span.starts_at, span.ends_at] for span in task.times],
        "answer_by": assignment.answer_by,
        "status": assignment.status.value,
        "open": assignment.status in OPEN,
        "offered_at": assignment.offered_at,
        "hours": assignment.hours,
        "people_met": assignment.people_met,
        "completed_on": assignment.completed_on.isoformat() if assignment.completed_on else None,
        "called_off": assignment.called_off,
        "taken_back": assignment.taken_back,
        "part_done": assignment.part_done,
        "terms": assignment.terms.value,
        "version": assignment.version,
    }


def read_assignment(row: Document) -> Assignment:
    """The assignment that a row holds."""
    return Assignment(
        assignment_id=row["_id"],
        volunteer_id=row["volunteer_id"],
        task=Task(
            role=VolunteerRole(row["role"]),
            title=row["title"],
            organiser=row["organiser"],
            municipality=row["municipality"],
            place=row["place"],
            programme_id=row["programme_id"],
            session_id=row["session_id"],
            request_id=row["request_id"],
            times=[Span(starts_at, ends_at) for starts_at, ends_at in row["times"]],
        ),
        answer_by=row["answer_by"],
        status=AssignmentStatus(row["status"]),
        offered_at=row["offered_at"],
        hours=row["hours"],
        people_met=row["people_met"],
        completed_on=date.fromisoformat(row["completed_on"]) if row["completed_on"] else None,
        called_off=row["called_off"],
        taken_back=row.get("taken_back", False),
        part_done=row.get("part_done", False),
        terms=Terms(row["terms"]),
        version=row["version"],
    )
