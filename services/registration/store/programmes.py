"""Programmes, their places and the tickets of their queues."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from motesplats_events import Format, RegistrationStatus, Role
from services.registration.domain.calendar import EVER, same
from services.registration.domain.desk import Sought
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.programmes import (
    FURTHEST_AHEAD,
    MOST_PLACES,
    NEVER,
    Programme,
    ProgrammeNotFound,
    Promotion,
    Release,
    Session,
    SessionNotFound,
)
from services.registration.domain.wishes import Queue
from services.registration.store.calendar import in_order, put_meetings
from services.registration.store.desk import put_lacking, rename_matters
from services.registration.store.windows import LONGER_FIRST, all_of, first
from shared.access import Staff, scope
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document

LONGEST_AGO = timedelta(days=25 * 366)
WITHOUT_END = NEVER + timedelta(hours=1)


def programme_of_row(row: Document) -> Programme:
    """A programme as it is stored."""
    return Programme(
        programme_id=row["_id"],
        title=row["title"],
        organiser=row["organiser"],
        kind=ProgrammeKind(row["kind"]),
        place=row["place"],
        municipality=row["municipality"],
        places={Role(role): n for role, n in row["places"].items()},
        sessions=[
            Session(
                s["session_id"],
                s["starts_at"],
                s["minutes"],
                s["theme"],
                s["room"],
                s["lecturer_lead_days"],
                s["cancelled"],
                s["room_holds"],
                s["room_municipality"],
            )
            for s in row["sessions"]
        ],
        about=row["about"],
        format=Format(row["format"]),
        language=row["language"],
        minimum=row["minimum"],
        optimum=row["optimum"],
        entries=[day.date() for day in row["entries"]],
        promotion=Promotion(row["promotion"]),
        offer_days=row["offer_days"],
        planned={Role(role): n for role, n in row["planned"].items()} if row.get("planned") else None,
        releases=[Release(r["at"], Role(r["from_role"]), Role(r["to_role"]), r["done"]) for r in row["releases"]],
        facilitators_needed=row["facilitators_needed"],
        hosts_needed=row["hosts_needed"],
        copy_of=row["copy_of"],
        cancelled=row["cancelled"],
        taken={Role(role): n for role, n in row["taken"].items()},
        version=row["version"],
        answers=row["answers"],
    )


def _programme_row(programme: Programme) -> Document:
    """What is planned of a programme; what is counted (places taken, tickets, answers) is only ever added to."""
    return {
        "title": programme.title,
        "organiser": programme.organiser,
        "kind": programme.kind.value,
        "place": programme.place,
        "municipality": programme.municipality,
        "places": {role.value: n for role, n in programme.places.items()},
        "sessions": [
            {
                "session_id": s.session_id,
                "starts_at": s.starts_at,
                "minutes": s.minutes,
                "theme": s.theme,
                "room": s.room,
                "lecturer_lead_days": s.lecturer_lead_days,
                "cancelled": s.cancelled,
                "room_holds": s.room_holds,
                "room_municipality": s.room_municipality,
            }
            for s in programme.sessions
        ],
        "themes": sorted({same(s.theme) for s in programme.sessions}),
        "ends_at": programme.ends_at,
        "in_order": in_order(programme.programme_id, programme.ends_at),
        "about": programme.about,
        "format": programme.format.value,
        "language": programme.language,
        "minimum": programme.minimum,
        "optimum": programme.optimum,
        "entries": [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in programme.entries],
        "promotion": programme.promotion.value,
        "offer_days": programme.offer_days,
        "releases": [
            {"at": r.at, "from_role": r.from_role.value, "to_role": r.to_role.value, "done": r.done}
            for r in programme.releases
        ],
        "planned": {role.value: n for role, n in programme.planned.items()} if programme.planned else None,
        "next_release": min((r.at for r in programme.releases if not r.done), default=None),
        "facilitators_needed": programme.facilitators_needed,
        "hosts_needed": programme.hosts_needed,
        "copy_of": programme.copy_of,
        "cancelled": programme.cancelled,
        "version": programme.version,
    }


async def add_programme(tx: Transaction, programme: Programme) -> None:
    """Store a new programme with all places free."""
    counted = {"taken": {role.value: 0 for role in programme.places}, "taken_all": 0, "tickets": 0, "waiting": 0}
    row = {"_id": programme.programme_id, **_programme_row(programme), **counted, "answers": 0}
    await tx.db.programmes.insert_one(row, session=tx.session)
    await put_meetings(tx, programme, new=True)
    await put_lacking(tx, programme, new=True)


async def save_programme(tx: Transaction, programme: Programme) -> None:
    """Store a changed plan whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    stored = await tx.db.programmes.update_one(
        {"_id": programme.programme_id, "version": programme.version - 1},
        {"$set": _programme_row(programme)},
        session=tx.session,
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")
    await put_meetings(tx, programme)
    await put_lacking(tx, programme)
    await rename_matters(tx, programme)


async def programme(at: Reading, programme_id: str) -> Programme:
    """Raises: ProgrammeNotFound."""
    row = await at.db.programmes.find_one({"_id": programme_id}, session=at.session)
    if row is None:
        raise ProgrammeNotFound("There is no such programme")
    return programme_of_row(row)


async def programmes(at: Reading, programme_ids: Sequence[str]) -> dict[str, Programme]:
    """Those of them that exist, by id."""
    rows = at.db.programmes.find({"_id": {"$in": list(programme_ids)}}, session=at.session)
    return {row["_id"]: programme_of_row(row) async for row in rows}


async def programme_of_session(at: Reading, session_id: str) -> Programme:
    """Raises: SessionNotFound."""
    row = await at.db.programmes.find_one({"sessions.session_id": session_id}, session=at.session)
    if row is None:
        raise SessionNotFound("There is no such session")
    return programme_of_row(row)


async def current_programmes(at: Reading, now: datetime) -> Sequence[Programme]:
    """What the public calendar shows: programmes that have not ended, the next to begin first."""
    rows = await at.db.programmes.find({"ends_at": {"$gt": now}, "cancelled": False}, session=at.session).to_list(None)
    return sorted(map(programme_of_row, rows), key=lambda programme: programme.starts_at)


async def programmes_with_free_places(at: Reading, kind: ProgrammeKind, now: datetime) -> Sequence[Programme]:
    """Programmes of a kind with more to come that are not full, the first to begin first."""
    query = {"kind": kind.value, "ends_at": {"$gt": now}, "cancelled": False}
    rows = await at.db.programmes.find(query, session=at.session).to_list(None)
    open_ones = (programme for programme in map(programme_of_row, rows) if any(map(programme.free, Role)))
    return sorted(open_ones, key=lambda programme: (programme.starts_at, programme.programme_id))


def _queue(row: Document) -> Queue:
    return Queue(
        programme_id=row["_id"],
        title=row["title"],
        kind=ProgrammeKind(row["kind"]),
        about=row["about"],
        municipality=row["municipality"],
        minimum=row["minimum"],
        waiting=row["waiting"],
    )


# A programme holds all its sessions, and of a queue they say nothing.
QUEUE_FIELDS = ("title", "kind", "about", "municipality", "minimum", "waiting", "ends_at", "in_order")


async def queues(at: Reading, staff: Staff, now: datetime) -> list[Queue]:
    """Where somebody waits for a programme with more to come; of those this member of staff sees."""
    rows = await all_of(at, "programmes", {**scope(staff), "waiting": {"$gt": 0}}, fields=QUEUE_FIELDS)
    return [_queue(row) for row in rows if row["ends_at"] > now]


async def longest_queues(at: Reading, staff: Staff, now: datetime, n: int) -> list[Queue]:
    """The `n` in which most people wait for a programme with more to come, the longest first.

    The date is looked at here: with it in the query the embedded store takes the index by date, which finds ten times
    as many.
    """
    found: list[Document] = []
    high = MOST_PLACES * MOST_PLACES
    for low in LONGER_FIRST:
        if len(found) < n:
            query = {**scope(staff), "waiting": {"$gte": low, "$lt": high}}
            rows = await all_of(at, "programmes", query, fields=QUEUE_FIELDS)
            found += [row for row in rows if row["ends_at"] > now]
        high = low
    return [_queue(row) for row in sorted(found, key=lambda row: (-row["waiting"], row["in_order"]))[:n]]


async def programmes_to_give_on(at: Reading, now: datetime) -> Sequence[Programme]:
    """Programmes with more to come for which somebody waits while a place of some role is free."""
    # Most that are waited for are full: of those nothing else is read.
    fields = {"ends_at": 1, "places": 1, "taken": 1}
    rows = at.db.programmes.find({"waiting": {"$gt": 0}}, fields, session=at.session)
    found = [
        row["_id"]
        async for row in rows
        if row["ends_at"] > now and any(row["taken"].get(role, 0) < n for role, n in row["places"].items())
    ]
    return list((await programmes(at, found)).values())


async def programmes_sought(
    at: Reading, staff: Staff, sought: Sought, start: datetime | None, now: datetime, n: int
) -> list[tuple[Programme, datetime, int]]:
    """Programmes in the order in which they end, each with its place in that order and how many wait for it.

    Those to come and under way begin with the next to end, those that have ended with the last; `n` at most.
    """
    query: Document = dict(scope(staff))
    if sought.kind:
        query["kind"] = sought.kind
    if sought.words:
        query["title"] = {"$regex": re.escape(sought.words), "$options": "i"}
    if sought.municipality:
        query["municipality"] = sought.municipality if staff.sees_area(sought.municipality) else {"$in": []}
    if sought.ended:
        rows = await first(
            at, "programmes", query, "in_order", now - LONGEST_AGO, min(start or now, now), n, newest=True
        )
    else:
        rows = await first(at, "programmes", query, "in_order", start or now, now + FURTHEST_AHEAD * 2, n)
        if len(rows) < n:
            rows += await first(
                at, "programmes", query, "in_order", max(start or now, NEVER), WITHOUT_END, n - len(rows)
            )
    return [(programme_of_row(row), row["in_order"], row["waiting"]) for row in rows]


async def programmes_with_a_release(at: Reading, now: datetime) -> Sequence[str]:
    """Ids of programmes in which places are to go from one role to another by now."""
    rows = at.db.programmes.find({"next_release": {"$gt": EVER, "$lte": now}}, {"_id": 1}, session=at.session)
    return [row["_id"] async for row in rows]


async def any_programme(at: Reading) -> bool:
    """Whether anything has been planned yet."""
    return await at.db.programmes.find_one({}, {"_id": 1}, session=at.session) is not None


async def add_answers(tx: Transaction, programme_id: str, released: int) -> None:
    """Count survey answers that the evaluation service released."""
    await tx.db.programmes.update_one({"_id": programme_id}, {"$inc": {"answers": released}}, session=tx.session)


# The guard against overbooking is in the condition of the update, not in what was read before.


async def take_places(tx: Transaction, programme: Programme, wants: Counter[Role], *, beyond: bool = False) -> bool:
    """Take places if all of them are free; True if they were taken.

    Args:
        beyond: also above the optimum of a group, though never above its places.
    """
    most = sum(programme.places.values())
    limit = most if beyond or programme.optimum is None else programme.optimum
    free = {f"taken.{role.value}": {"$lte": programme.places.get(role, 0) - n} for role, n in wants.items()}
    result = await tx.db.programmes.update_one(
        {"_id": programme.programme_id, "taken_all": {"$lte": limit - wants.total()}, **free},
        {"$inc": {"taken_all": wants.total(), **{f"taken.{role.value}": n for role, n in wants.items()}}},
        session=tx.session,
    )
    return result.modified_count == 1


async def take_places_unguarded(at: Reading, programme: Programme, wants: Counter[Role]) -> bool:
    """What must not be done: count first and trust the count. Only for the test that has to see the overbooking."""
    for role, n in wants.items():
        mine = {
            "programme_id": programme.programme_id,
            "role": role.value,
            "status": RegistrationStatus.CONFIRMED.value,
        }
        if await at.db.registrations.count_documents(mine) + n > programme.places[role]:
            return False
    return True


async def free_places(tx: Transaction, programme_id: str, given_up: Counter[Role]) -> None:
    """Give places back."""
    less = {"taken_all": -given_up.total(), **{f"taken.{role.value}": -n for role, n in given_up.items()}}
    await tx.db.programmes.update_one({"_id": programme_id}, {"$inc": less}, session=tx.session)


async def take_tickets(
    tx: Transaction, programme_id: str, entries: Sequence[Counter[Role]]
) -> list[tuple[int, dict[Role, int]]]:
    """For each the next number in the queue, and how many waited before it for a place of each role; for one at least.

    Tickets rise with the order in which registrations were stored. Who waits is counted here, so that a long queue
    need not be read by everybody who joins it.
    """
    all_of_them = sum(entries, Counter[Role]())
    row = await tx.db.programmes.find_one_and_update(
        {"_id": programme_id},
        {"$inc": {"tickets": len(entries), **_waiting(all_of_them)}},
        projection={"tickets": 1, "waiting_for": 1},
        return_document=True,
        session=tx.session,
    )
    ahead = Counter({role: row["waiting_for"][role.value] - n for role, n in all_of_them.items()})
    found = []
    for ticket, wants in enumerate(entries, row["tickets"] - len(entries) + 1):
        found.append((ticket, {role: ahead[role] for role in wants}))
        ahead.update(wants)
    return found


async def leave_queue(tx: Transaction, programme_id: str, wanted: Counter[Role]) -> None:
    """Count that these wait no longer."""
    less = {field: -n for field, n in _waiting(wanted).items()}
    await tx.db.programmes.update_one({"_id": programme_id}, {"$inc": less}, session=tx.session)


def _waiting(wants: Counter[Role]) -> dict[str, int]:
    return {"waiting": wants.total(), **{f"waiting_for.{role.value}": n for role, n in wants.items()}}
