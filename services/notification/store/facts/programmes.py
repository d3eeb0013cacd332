"""Programmes, the changes of their sessions, and where digital meetings are held."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from motesplats_events import Format
from services.notification.domain.programmes import MeetingLink, Programme, Session, SessionChange
from shared.access import Staff, scope
from shared.delivery import Reading, Transaction, put_if_newer
from shared.mongo import Database, Document

COLLECTIONS = ("programmes", "session_changes", "meeting_links")


async def indexes(db: Database) -> None:
    """The indexes of these collections."""
    await db.programmes.create_index("organiser")
    await db.session_changes.create_index("programme_id")


async def keep_programme(tx: Transaction, programme: Programme, at: datetime) -> bool:
    """Keep it unless a newer one is known; True if it was kept.

    Args:
        at: when it came to be so; sessions that a known programme did not have were added then.
    """
    before = await tx.db.programmes.find_one({"_id": programme.programme_id}, session=tx.session)
    added_at = {s["session_id"]: s["added_at"] for s in before["sessions"]} if before else {}
    sessions = [replace(s, added_at=added_at.get(s.session_id, at) if before else None) for s in programme.sessions]
    fields = {
        "title": programme.title,
        "organiser": programme.organiser,
        "place": programme.place,
        "municipality": programme.municipality,
        "format": programme.format.value,
        "cancelled": programme.cancelled,
        "sessions": [
            {
                "session_id": s.session_id,
                "starts_at": s.starts_at,
                "minutes": s.minutes,
                "theme": s.theme,
                "cancelled": s.cancelled,
                "room": s.room,
                "added_at": s.added_at,
            }
            for s in sessions
        ],
    }
    return await put_if_newer(tx, "programmes", programme.programme_id, programme.sequence, fields)


def _programme(row: Document) -> Programme:
    return Programme(
        programme_id=row["_id"],
        sequence=row["sequence"],
        title=row["title"],
        organiser=row["organiser"],
        place=row["place"],
        municipality=row["municipality"],
        sessions=tuple(Session(**session) for session in row["sessions"]),
        format=Format(row["format"]),
        cancelled=row["cancelled"],
    )


async def programme(at: Reading, programme_id: str) -> Programme | None:
    """None while it is unknown."""
    row = await at.db.programmes.find_one({"_id": programme_id}, session=at.session)
    return _programme(row) if row else None


async def programmes(at: Reading, ids: Collection[str]) -> dict[str, Programme]:
    """Those of them that are known, by id."""
    rows = at.db.programmes.find({"_id": {"$in": list(ids)}}, session=at.session)
    return {row["_id"]: _programme(row) async for row in rows}


async def programmes_for(at: Reading, staff: Staff) -> dict[str, Programme]:
    """Those that this member of staff may see, by id."""
    rows = at.db.programmes.find(scope(staff), session=at.session)
    return {row["_id"]: _programme(row) async for row in rows}


# Changes of sessions: every one is kept, since people may have been told of any of them


async def add_change(tx: Transaction, change: SessionChange) -> None:
    """Note that a session was moved or cancelled."""
    row = {
        "session_id": change.session_id,
        "programme_id": change.programme_id,
        "sequence": change.sequence,
        "was_at": change.was_at,
        "starts_at": change.starts_at,
        "at": change.at,
    }
    id = f"{change.session_id}@{change.sequence}"
    await tx.db.session_changes.update_one({"_id": id}, {"$set": row}, upsert=True, session=tx.session)


async def changes(at: Reading, programme_ids: Collection[str]) -> dict[str, Sequence[SessionChange]]:
    """Every change of a session of these programmes, by programme."""
    found: dict[str, list[SessionChange]] = defaultdict(list)
    rows = at.db.session_changes.find({"programme_id": {"$in": list(programme_ids)}}, {"_id": 0}, session=at.session)
    async for row in rows:
        found[row["programme_id"]].append(SessionChange(**row))
    return dict(found)


# Links to digital meetings


async def keep_link(tx: Transaction, link: MeetingLink) -> bool:
    """Keep where a programme meets digitally, unless something newer is known; True if the address is another one."""
    before = await tx.db.meeting_links.find_one({"_id": link.programme_id}, session=tx.session)
    changed = (before["url"] if before else None) != link.url
    fields = {"url": link.url, "at": link.at, "changed": link.sequence} if changed else {}
    return await put_if_newer(tx, "meeting_links", link.programme_id, link.sequence, fields) and changed


async def links(at: Reading, programme_ids: Collection[str]) -> dict[str, MeetingLink]:
    """Where these programmes meet digitally, as far as that was told, by programme."""
    rows = at.db.meeting_links.find({"_id": {"$in": list(programme_ids)}, "changed": {"$gt": 0}}, session=at.session)
    return {row["_id"]: MeetingLink(row["_id"], row["changed"], row["url"], row["at"]) async for row in rows}
