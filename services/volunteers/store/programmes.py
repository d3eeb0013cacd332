"""What is known of programmes, as they were last announced."""

from collections.abc import Collection, Sequence
from datetime import datetime

from motesplats_events import Format
from services.volunteers.domain.programmes import Programme, ProgrammeNotFound, Session
from shared.access import Staff, scope
from shared.delivery import Reading, Transaction, put_if_newer
from shared.mongo import Document


async def put_programme(tx: Transaction, programme: Programme, sequence: int) -> bool:
    """Keep a programme as it now stands; False when a newer state is known."""
    fields = {
        "title": programme.title,
        "organiser": programme.organiser,
        "kind": programme.kind,
        "place": programme.place,
        "municipality": programme.municipality,
        "sessions": [_session_row(session) for session in programme.sessions],
        "last_session": max((session.starts_at for session in programme.planned(tx.now)), default=None),
        "about": programme.about,
        "format": programme.format.value,
        "language": programme.language,
        "hosts_needed": programme.hosts_needed,
        "facilitators_needed": programme.facilitators_needed,
        "cancelled": programme.cancelled,
    }
    return await put_if_newer(tx, "programmes", programme.programme_id, sequence, fields)


async def known_programme(at: Reading, programme_id: str) -> Programme | None:
    """A programme, if it has been heard of."""
    return (await programmes_by_id(at, [programme_id])).get(programme_id)


async def programmes_by_id(at: Reading, programme_ids: Collection[str]) -> dict[str, Programme]:
    """Those of these programmes that have been heard of."""
    rows = at.db.programmes.find({"_id": {"$in": list(programme_ids)}}, session=at.session)
    return {row["_id"]: _programme(row) async for row in rows}


async def programme(at: Reading, programme_id: str) -> Programme:
    """Raises: ProgrammeNotFound."""
    row = await at.db.programmes.find_one({"_id": programme_id}, session=at.session)
    if row is None:
        raise ProgrammeNotFound("There is no such programme", field="programme_id")
    return _programme(row)


async def coming_programmes(at: Reading, staff: Staff, now: datetime) -> Sequence[Programme]:
    """Programmes of this member of staff with a session to come, by title."""
    query = {**scope(staff), "last_session": {"$gt": now}}
    rows = await at.db.programmes.find(query, session=at.session).to_list(None)
    return sorted(map(_programme, rows), key=lambda programme: (programme.title, programme.planned(now)[0].starts_at))


async def houses(at: Reading, staff: Staff, now: datetime) -> Sequence[Programme]:
    """Programmes of this member of staff that want hosts and have a session to come, by title."""
    return await _coming(at, staff, now, {"hosts_needed": {"$gt": 0}})


async def programmes_to_lead(at: Reading, staff: Staff, now: datetime) -> Sequence[Programme]:
    """Programmes of this member of staff that need group leaders and have a session to come, by title."""
    return await _coming(at, staff, now, {"facilitators_needed": {"$gt": 0}})


async def programmes_to_lecture_in(at: Reading, staff: Staff, now: datetime, until: datetime) -> Sequence[Programme]:
    """Programmes of this member of staff with a lecturer who is to say yes before `until`, and a session to come."""
    return await _coming(at, staff, now, {"sessions.lecturer_by": {"$lte": until}})


async def _coming(at: Reading, staff: Staff, now: datetime, query: Document) -> Sequence[Programme]:
    wanted = {**scope(staff), **query, "last_session": {"$gt": now}, "cancelled": False}
    rows = await at.db.programmes.find(wanted, session=at.session).to_list(None)
    return sorted(map(_programme, rows), key=lambda programme: (programme.title, programme.programme_id))


async def programme_titles(at: Reading, staff: Staff) -> dict[str, str]:
    """The titles of this member of staff's programmes, by id."""
    rows = at.db.programmes.find(scope(staff), {"title": 1}, session=at.session)
    return {row["_id"]: row["title"] async for row in rows}


def _session_row(session: Session) -> Document:
    return {
        "session_id": session.session_id,
        "starts_at": session.starts_at,
        "minutes": session.minutes,
        "theme": session.theme,
        "cancelled": session.cancelled,
        "room": session.room,
        "lecturer_by": session.lecturer_by,
    }


def _programme(row: Document) -> Programme:
    return Programme(
        programme_id=row["_id"],
        title=row["title"],
        organiser=row["organiser"],
        kind=row["kind"],
        place=row["place"],
        municipality=row["municipality"],
        sessions=[Session(**session) for session in row["sessions"]],
        about=row["about"],
        format=Format(row["format"]),
        language=row["language"],
        hosts_needed=row["hosts_needed"],
        facilitators_needed=row["facilitators_needed"],
        cancelled=row["cancelled"],
    )
