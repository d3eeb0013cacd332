"""Who came to which session, and how many visitors were counted."""

from collections.abc import Sequence

from motesplats_events import Role
from services.registration.domain.attendance import Attendance, Mark
from services.registration.domain.headcount import Entry
from services.registration.store.calendar import meeting_held
from shared.delivery import Reading, Transaction
from shared.mongo import Document


async def attendance(at: Reading, programme_id: str, session_id: str) -> Attendance:
    """What has been marked and counted so far; empty before that."""
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
    return Attendance(
        session_id=row["_id"],
        programme_id=row["programme_id"],
        marks={participant_id: Mark(mark) for participant_id, mark in row["marks"].items()},
        entries=[
            Entry(e["id"], e["hour"], Role(e["role"]), e["number"], e["first_visits"], e["age_bands"], e["undone"])
            for e in row["entries"]
        ],
        held_at=row["held_at"],
        version=row["version"],
    )


async def save_attendance(tx: Transaction, attendance: Attendance) -> None:
    """Store marks, entries and whether the session was held.

    One document, so that who counts and who holds the session cannot pass each other unseen.
    """
    await tx.db.attendance.replace_one(
        {"_id": attendance.session_id},
        {
            "programme_id": attendance.programme_id,
            "marks": {participant_id: mark.value for participant_id, mark in attendance.marks.items()},
            "entries": [
                {
                    "id": e.entry_id,
                    "hour": e.hour,
                    "role": e.role.value,
                    "number": e.number,
                    "first_visits": e.first_visits,
                    "age_bands": dict(e.age_bands),
                    "undone": e.undone,
                }
                for e in attendance.entries
            ],
            "held_at": attendance.held_at,
            "version": attendance.version,
        },
        upsert=True,
        session=tx.session,
    )
    if attendance.held_at:
        await meeting_held(tx, attendance.session_id)
