"""Who came to which session."""

from collections.abc import Sequence

from services.registration.domain.attendance import Attendance, Mark
from shared.delivery import Reading, Transaction
from shared.mongo import Document


async def attendance(at: Reading, programme_id: str, session_id: str) -> Attendance:
    """What has been marked so far; empty before the first mark."""
    row = await at.db.attendance.find_one({"_id": session_id}, session=at.session)
    if row is None:
        return Attendance(session_id, programme_id)
    return _attendance(row)


async def attendances(at: Reading, programme_id: str) -> dict[str, Attendance]:
    """The attendance of a programme's sessions, by session id."""
    rows = at.db.attendance.find({"programme_id": programme_id}, session=at.session)
    return {row["_id"]: _attendance(row) async for row in rows}


async def held_sessions(at: Reading, programme_ids: Sequence[str]) -> set[str]:
    """Which of these programmes' sessions have been held."""
    rows = at.db.attendance.find(
        {"programme_id": {"$in": list(programme_ids)}, "held_at": {"$ne": None}},
        {"_id": 1},
        session=at.session,
    )
    return {row["_id"] async for row in rows}


def _attendance(row: Document) -> Attendance:
    marks = {participant_id: Mark(mark) for participant_id, mark in row["marks"].items()}
    return Attendance(row["_id"], row["programme_id"], marks, row["held_at"], row["version"])


async def save_attendance(tx: Transaction, attendance: Attendance) -> None:
    """Store marks and whether the session was held."""
    await tx.db.attendance.replace_one(
        {"_id": attendance.session_id},
        {
            "programme_id": attendance.programme_id,
            "marks": {participant_id: mark.value for participant_id, mark in attendance.marks.items()},
            "held_at": attendance.held_at,
            "version": attendance.version,
        },
        upsert=True,
        session=tx.session,
    )
