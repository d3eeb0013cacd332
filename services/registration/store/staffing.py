"""Who leads what: a read model of the volunteers service's assignments."""

from collections.abc import Sequence

from motesplats_events import AssignmentStatus, VolunteerRole
from services.registration.domain.staffing import Assignment
from shared.delivery import Reading, Transaction, put_if_newer
from shared.mongo import Document


def _assignment(row: Document) -> Assignment:
    return Assignment(
        assignment_id=row["_id"],
        programme_id=row["programme_id"],
        session_id=row["session_id"],
        role=VolunteerRole(row["role"]),
        status=AssignmentStatus(row["status"]),
        answer_by=row["answer_by"],
        until=row["until"],
    )


async def put_assignment(tx: Transaction, assignment: Assignment, sequence: int) -> bool:
    """Keep an assignment as it now stands, unless a newer state is known; True if it was kept."""
    fields = {
        "programme_id": assignment.programme_id,
        "session_id": assignment.session_id,
        "role": assignment.role.value,
        "status": assignment.status.value,
        "answer_by": assignment.answer_by,
        "until": assignment.until,
    }
    return await put_if_newer(tx, "staffing", assignment.assignment_id, sequence, fields)


async def assignment(at: Reading, assignment_id: str) -> Assignment | None:
    """One assignment, if it has been heard of."""
    row = await at.db.staffing.find_one({"_id": assignment_id}, session=at.session)
    return _assignment(row) if row else None


async def staffing(at: Reading, programme_id: str) -> Sequence[Assignment]:
    """All assignments of a programme and its sessions."""
    return (await staffing_of(at, [programme_id])).get(programme_id, [])


async def staffing_of(at: Reading, programme_ids: Sequence[str]) -> dict[str, list[Assignment]]:
    """All assignments of these programmes and their sessions, by programme."""
    found: dict[str, list[Assignment]] = {}
    async for row in at.db.staffing.find({"programme_id": {"$in": list(programme_ids)}}, session=at.session):
        found.setdefault(row["programme_id"], []).append(_assignment(row))
    return found
