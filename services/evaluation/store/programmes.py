"""What other services told of programmes, people and assignments."""

from datetime import datetime
from typing import Any

from services.evaluation.domain.surveys import HeldSession, PlannedSession, Programme
from shared.delivery import Reading
from shared.mongo import Document


async def programme(at: Reading, programme_id: str) -> Programme | None:
    """A programme as last heard of, or None."""
    row = await at.db.programmes.find_one({"_id": programme_id}, session=at.session)
    return _programme(row) if row else None


async def programmes(at: Reading, scope: Document) -> list[Programme]:
    """The programmes that fit a staff member's scope, the latest first."""
    rows = [_programme(row) async for row in at.db.programmes.find(scope, session=at.session)]
    return sorted(rows, key=_begins, reverse=True)


async def held_sessions(at: Reading, programme_id: str) -> list[HeldSession]:
    """The programme's sessions that have taken place, the earliest first."""
    rows = at.db.sessions.find({"programme_id": programme_id}, session=at.session)
    return sorted([_held(row) async for row in rows], key=lambda s: (s.starts_at, s.session_id))


async def held_session(at: Reading, session_id: str) -> HeldSession | None:
    """A session that has taken place, or None."""
    row = await at.db.sessions.find_one({"_id": session_id}, session=at.session)
    return _held(row) if row else None


async def participants(at: Reading, programme_id: str) -> int:
    """How many different people attended at least one session."""
    rows = at.db.attendance.find({"programme_id": programme_id}, {"attended": 1}, session=at.session)
    people: set[str] = set()
    async for row in rows:
        people.update(row["attended"])
    return len(people)


async def registrations(at: Reading, programme_id: str) -> dict[str, dict[str, int]]:
    """How many registrations there are by status and role."""
    counts: dict[str, dict[str, int]] = {}
    rows = at.db.registrations.find({"programme_id": programme_id}, {"status": 1, "role": 1}, session=at.session)
    async for row in rows:
        roles = counts.setdefault(row["status"], {})
        roles[row["role"]] = roles.get(row["role"], 0) + 1
    return counts


async def assignments(at: Reading, programme_id: str) -> int:
    """How many assignments of volunteers were completed for it."""
    return await at.db.assignments.count_documents({"programme_id": programme_id}, session=at.session)


def _begins(programme: Programme) -> tuple[datetime, str]:
    far = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
    return min((session.starts_at for session in programme.sessions), default=far), programme.programme_id


def _programme(row: dict[str, Any]) -> Programme:
    return Programme(
        programme_id=row["_id"],
        title=row["title"],
        organiser=row["organiser"],
        municipality=row["municipality"],
        place=row["place"],
        sessions=tuple(PlannedSession(s["session_id"], s["starts_at"], s["theme"]) for s in row["sessions"]),
    )


def _held(row: dict[str, Any]) -> HeldSession:
    return HeldSession(row["_id"], row["programme_id"], row["theme"], row["starts_at"], row["attended"])
