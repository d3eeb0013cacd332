"""Shifts, and who was asked for them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from motesplats_events import VolunteerRole
from services.volunteers.domain.assignments import Assignment
from services.volunteers.domain.shifts import Rota, Shift, ShiftNotFound
from services.volunteers.store.assignments import read_assignment
from shared.access import Staff, scope
from shared.delivery import Reading, Transaction
from shared.mongo import Document, UpdateOne


async def put_shifts(tx: Transaction, shifts: Collection[Shift]) -> None:
    """Keep shifts as they are now planned; whether hosts are searched for stays as it is."""
    if not shifts:
        return
    changes = [
        UpdateOne(
            {"_id": shift.session_id},
            {"$set": _planned(shift), "$setOnInsert": {"searching": False, "version": 1}},
            upsert=True,
        )
        for shift in shifts
    ]
    await tx.db.shifts.bulk_write(changes, session=tx.session)


async def give_place(tx: Transaction, session_ids: Collection[str]) -> None:
    """Note that somebody gets a place in these shifts.

    The guard: of two transactions that both counted the same hosts, the store lets only one change the row. The other
    runs again and counts one more.
    """
    await tx.db.shifts.update_many({"_id": {"$in": list(session_ids)}}, {"$inc": {"version": 1}}, session=tx.session)


async def search(tx: Transaction, session_id: str, *, on: bool) -> None:
    """Note whether hosts are searched for."""
    change = {"$set": {"searching": on}, "$inc": {"version": 1}}
    await tx.db.shifts.update_one({"_id": session_id}, change, session=tx.session)


async def rota(at: Reading, session_id: str) -> Rota:
    """A shift with everybody who was ever asked for it.

    Raises:
        ShiftNotFound.
    """
    row = await at.db.shifts.find_one({"_id": session_id}, session=at.session)
    if row is None:
        raise ShiftNotFound("There is no such shift", field="session_id")
    return (await _with_hosts(at, [row]))[0]


async def rotas_among(at: Reading, session_ids: Collection[str]) -> Sequence[Rota]:
    """These shifts, the earliest first."""
    return await _rotas(at, {"_id": {"$in": list(session_ids)}})


async def rotas_of(at: Reading, programme_id: str) -> Sequence[Rota]:
    """All shifts of a programme, the earliest first."""
    return await _rotas(at, {"programme_id": programme_id})


async def rotas_between(at: Reading, start: datetime, end: datetime, staff: Staff | None = None) -> Sequence[Rota]:
    """Shifts that begin after `start` and until `end` and take place, the earliest first.

    Args:
        staff: who may see them; None: those of all.
    """
    limits = scope(staff) if staff else {}
    return await _rotas(at, {**limits, "at": {"$gt": start, "$lte": end}, "needed": {"$gt": 0}})


async def _rotas(at: Reading, query: Document) -> Sequence[Rota]:
    rows = await at.db.shifts.find(query, session=at.session).to_list(None)
    return await _with_hosts(at, sorted(rows, key=lambda row: (row["at"], row["_id"])))


async def _with_hosts(at: Reading, rows: Sequence[Document]) -> Sequence[Rota]:
    query = {"session_id": {"$in": [row["_id"] for row in rows]}, "role": VolunteerRole.HOST.value}
    asked: dict[str, list[Assignment]] = {}
    async for row in at.db.assignments.find(query, session=at.session):
        asked.setdefault(row["session_id"], []).append(read_assignment(row))
    return [Rota(_shift(row), asked.get(row["_id"], [])) for row in rows]


def _planned(shift: Shift) -> Document:
    return {
        "programme_id": shift.programme_id,
        "title": shift.title,
        "organiser": shift.organiser,
        "municipality": shift.municipality,
        "place": shift.place,
        "at": shift.at,
        "until": shift.until,
        "needed": shift.needed,
        "about": shift.about,
        "theme": shift.theme,
        "cancelled": shift.cancelled,
    }


def _shift(row: Document) -> Shift:
    return Shift(
        session_id=row["_id"],
        programme_id=row["programme_id"],
        title=row["title"],
        organiser=row["organiser"],
        municipality=row["municipality"],
        place=row["place"],
        at=row["at"],
        until=row["until"],
        needed=row["needed"],
        about=row.get("about", ""),
        theme=row.get("theme", ""),
        # Rows from before say it by wanting nobody.
        cancelled=row.get("cancelled", not row["needed"]),
        searching=row["searching"],
        version=row["version"],
    )
