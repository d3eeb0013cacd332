"""What waits for a coordinator: a document for each thing, there for as long as it waits.

So a coordinator's day reads what it shows. The documents are kept by whoever changes what they are about, in the same
transaction: programmes and assignments (sessions that lack somebody), registrations (places offered, applications).
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from motesplats_events import RegistrationStatus
from services.registration.domain.desk import OF_SESSIONS, Kind, Matter, lacking
from services.registration.domain.programmes import Programme, Session
from services.registration.domain.registrations import Registration
from services.registration.store.staffing import staffing
from services.registration.store.windows import first
from shared.access import Staff, scope
from shared.delivery import Reading, Transaction
from shared.mongo import Database, Document

OF_REGISTRATIONS = {RegistrationStatus.OFFERED.value: Kind.OFFERED, RegistrationStatus.APPLIED.value: Kind.APPLIED}


async def matters(
    at: Reading,
    staff: Staff,
    kind: Kind,
    start: datetime,
    end: datetime,
    n: int,
    *,
    newest: bool = False,
    most_at_end: bool = False,
    ahead: datetime | None = None,
) -> Sequence[Matter]:
    """The first `n` that wait of one kind between two times. With `newest`, the last, the last first.

    Args:
        most_at_end: whether they lie close to the end, see `first`.
        ahead: only of sessions that begin after this.
    """

    def to_come(row: Document) -> bool:
        return bool(ahead is None or row["starts_at"] > ahead)

    query: Document = {"kind": kind.value, **scope(staff)}
    keep = to_come if ahead else None
    rows = await first(at, "desk", query, "at", start, end, n, newest=newest, most_at_end=most_at_end, keep=keep)
    return [_matter(row) for row in rows]


def _matter(row: Document) -> Matter:
    return Matter(
        kind=Kind(row["kind"]),
        about=row["about"],
        programme_id=row["programme_id"],
        title=row["title"],
        organiser=row["organiser"],
        municipality=row["municipality"],
        at=row["at"],
        session_id=row["session_id"],
        starts_at=row["starts_at"],
        have=row["have"],
        needed=row["needed"],
    )


def _row(matter: Matter) -> Document:
    return {**asdict(matter), "_id": f"{matter.kind}:{matter.about}", "kind": matter.kind.value}


async def put_lacking(
    tx: Transaction, programme: Programme, sessions: Sequence[Session] | None = None, *, new: bool = False
) -> None:
    """Note what sessions that are not over lack: these, or all of the programme."""
    wanted = [s for s in (programme.sessions if sessions is None else sessions) if s.ends_at > tx.now]
    if not new:
        kinds = {"$in": [kind.value for kind in OF_SESSIONS]}
        mine: Document = {"programme_id": programme.programme_id, "kind": kinds}
        if sessions is not None:
            mine["about"] = {"$in": [session.session_id for session in sessions]}
        await tx.db.desk.delete_many(mine, session=tx.session)
    known = [] if new else await staffing(tx, programme.programme_id)
    rows = [_row(matter) for matter in lacking(programme, wanted, known)]
    if rows:
        await tx.db.desk.insert_many(rows, session=tx.session)


async def rename_matters(tx: Transaction, programme: Programme) -> None:
    """Say what waits in a programme by its present name and place."""
    now = {"title": programme.title, "organiser": programme.organiser, "municipality": programme.municipality}
    kinds = {"$in": [kind.value for kind in OF_REGISTRATIONS.values()]}
    mine = {"programme_id": programme.programme_id, "kind": kinds}
    await tx.db.desk.update_many(mine, {"$set": now}, session=tx.session)


async def put_asked(tx: Transaction, matter: Matter, *, waits: bool) -> None:
    """Note that a volunteer was asked and has still to answer, or that this is over."""
    row = _row(matter)
    if waits:
        await tx.db.desk.replace_one({"_id": row["_id"]}, row, upsert=True, session=tx.session)
    else:
        await tx.db.desk.delete_one({"_id": row["_id"]}, session=tx.session)


async def put_registration(tx: Transaction, registration: Registration, before: str | None = None) -> None:
    """Note that somebody is to answer or to be answered, or that this is over.

    Args:
        before: the status until now; None for a new registration.
    """
    kind = OF_REGISTRATIONS.get(registration.status)
    if before and (gone := OF_REGISTRATIONS.get(before)) and gone is not kind:
        await tx.db.desk.delete_one({"_id": f"{gone}:{registration.participant_id}"}, session=tx.session)
    if kind is None:
        return
    known = {"title": 1, "organiser": 1, "municipality": 1}
    programme = await tx.db.programmes.find_one({"_id": registration.programme_id}, known, session=tx.session)
    if programme is None:
        return
    row = _row(
        Matter(
            kind=kind,
            about=registration.participant_id,
            programme_id=registration.programme_id,
            title=programme["title"],
            organiser=programme["organiser"],
            municipality=programme["municipality"],
            at=registration.answer_by or registration.registered_at,
        )
    )
    await tx.db.desk.replace_one({"_id": row["_id"]}, row, upsert=True, session=tx.session)


async def create_indexes(db: Database) -> None:
    """By kind and time, and by who may see it."""
    await db.desk.create_index("programme_id")
    await db.desk.create_index([("kind", 1), ("at", 1)])
    for whose in ("organiser", "municipality"):
        await db.desk.create_index([("kind", 1), (whose, 1), ("at", 1)])
