"""The calendar, read from one small document for each meeting.

The documents are written in the transaction that saves their programme, and made anew from it each time.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from zlib import crc32

from motesplats_events import Format
from services.registration.domain.calendar import EVER, FACTS, Meeting, Wanted, facts, meetings, same
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.programmes import FURTHEST_AHEAD, NEVER, Programme
from services.registration.store.windows import NO_TIME, all_of, first
from shared.access import Staff, scope
from shared.delivery import Reading, Transaction
from shared.mongo import Database, Document

# Calls without a date stand together in a year of their own.
CALLS = datetime(9000, 1, 1, tzinfo=UTC)
AFTER_CALLS = CALLS + timedelta(days=2)
MINUTE = timedelta(minutes=1)


async def put_meetings(tx: Transaction, programme: Programme, *, new: bool = False) -> None:
    """Write what the calendar shows of a programme, in the place of what it showed before."""
    held: set[str] = set()
    before: list[Document] = []
    if not new:
        mine = {"programme_id": programme.programme_id}
        over = tx.db.attendance.find({**mine, "held_at": {"$ne": None}}, {"_id": 1}, session=tx.session)
        held = {row["_id"] async for row in over}
        before = await tx.db.meetings.find(mine, session=tx.session).to_list(None)
        await tx.db.meetings.delete_many(mine, session=tx.session)
    after = [_row(one, tx.now, one.id in held) for one in meetings(programme)]
    if after:
        await tx.db.meetings.insert_many(after, session=tx.session)
    await _put_choices(tx, before, after)


async def meeting_held(tx: Transaction, session_id: str) -> None:
    """Note that a session has been held: it is no longer among those that wait for it."""
    await tx.db.meetings.update_one(
        {"_id": session_id}, {"$set": {"held": True, "open_since": None}}, session=tx.session
    )


def _row(meeting: Meeting, changed_at: datetime, held: bool) -> Document:
    row = asdict(meeting)
    row["_id"] = row.pop("id")
    row.update(
        kind=meeting.kind.value,
        format=meeting.format.value,
        by=facts(meeting),
        place_in_order=_place_in_order(meeting),
        held=held,
        # From when on somebody has to say that it has been held; None when that is done.
        open_since=None if held or meeting.cancelled or not meeting.dated else meeting.ends_at,
        changed_at=changed_at,
    )
    return row


def in_order(id: str, when: datetime) -> datetime:
    """A time with a fraction of a minute of its own.

    A hundred meetings may begin at five o'clock; a page can end between any two of them.
    """
    return when + timedelta(milliseconds=crc32(id.encode()) % 60_000)


def _place_in_order(meeting: Meeting) -> datetime | None:
    """When an entry closes."""
    if meeting.next_until is None:
        return None
    return in_order(meeting.id, meeting.next_until if meeting.dated else CALLS)


def _meeting(row: Document) -> Meeting:
    return Meeting(
        id=row["_id"],
        programme_id=row["programme_id"],
        title=row["title"],
        organiser=row["organiser"],
        kind=ProgrammeKind(row["kind"]),
        about=row["about"],
        format=Format(row["format"]),
        language=row["language"],
        place=row["place"],
        municipality=row["municipality"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        theme=row["theme"],
        of=row["of"],
        cancelled=row["cancelled"],
        next_dates=row["next_dates"],
        next_from=row["next_from"],
        next_until=row["next_until"],
        area=row["area"],
        hosts_needed=row["hosts_needed"],
        facilitators_needed=row["facilitators_needed"],
        lecturer_by=row["lecturer_by"],
        version=row["version"],
    )


async def entries(
    at: Reading, wanted: Wanted, start: datetime, since: datetime, n: int, *, quiet: timedelta = NO_TIME
) -> list[tuple[datetime, Meeting]]:
    """What is next of each programme, the first `n` to close, each with its place in the order.

    Args:
        start: the place in the order to begin at.
        since: the moment from which it is seen: a programme is shown at its first meeting after it.
        quiet: how long hardly any close from the start on, as at night.
    """

    def is_next(row: Document) -> bool:
        return row["next_until"] is not None and row["next_from"] <= since < row["next_until"]

    end = since + FURTHEST_AHEAD
    rows = await first(at, "meetings", _query(wanted), "place_in_order", start, end, n, quiet=quiet, keep=is_next)
    return [(row["place_in_order"], _meeting(row)) for row in rows]


async def calls(at: Reading, wanted: Wanted) -> Sequence[Meeting]:
    """Standing calls without a date, by their titles."""
    rows = await all_of(at, "meetings", {**_query(wanted), "place_in_order": {"$gte": CALLS, "$lt": AFTER_CALLS}})
    return sorted(map(_meeting, rows), key=lambda call: (call.title, call.id))


async def meetings_between(
    at: Reading,
    staff: Staff,
    start: datetime,
    end: datetime,
    n: int,
    *,
    quiet: timedelta = NO_TIME,
    cancelled: bool = True,
) -> Sequence[tuple[Meeting, bool]]:
    """The first `n` that take place between two times, and whether each was held.

    Args:
        quiet: how long hardly anybody meets from the start on, as at night.
        cancelled: also what was to take place.
    """

    def takes_place(row: Document) -> bool:
        return not row["cancelled"]

    keep = None if cancelled else takes_place
    rows = await first(at, "meetings", _scope(staff), "starts_at", start, end, n, quiet=quiet, keep=keep)
    return [(_meeting(row), row["held"]) for row in rows]


async def not_held(at: Reading, staff: Staff, since: datetime, now: datetime, n: int) -> Sequence[Meeting]:
    """The last `n` meetings that have been and that nobody has said to have been held, the last first."""
    rows = await first(at, "meetings", _scope(staff), "open_since", since, now, n, newest=True)
    return [_meeting(row) for row in rows]


def _scope(staff: Staff) -> Document:
    """Staff are scoped by the municipality of the programme, wherever one of its rooms is."""
    return {("area" if field == "municipality" else field): seen for field, seen in scope(staff).items()}


async def feed(
    at: Reading, wanted: Wanted, start: datetime, now: datetime, end: datetime, most: int
) -> Sequence[tuple[Meeting, datetime]]:
    """Dated meetings between two times, cancelled ones too, in their order, each with when it was last changed.

    Args:
        most: so many at most: what is to come, the next first, and then what was, the last first.
    """
    query = _query(wanted)
    coming = await first(at, "meetings", query, "starts_at", now, end, most)
    been = await first(at, "meetings", query, "starts_at", start, now, most - len(coming), newest=True)
    return [(_meeting(row), row["changed_at"]) for row in [*reversed(been), *coming]]


async def feed_of(at: Reading, programme_id: str) -> Sequence[tuple[Meeting, datetime]]:
    """The dated meetings of one programme, each with when it was last changed."""
    rows = await at.db.meetings.find({"programme_id": programme_id}, session=at.session).to_list(None)
    dated = [(_meeting(row), row["changed_at"]) for row in rows if row["starts_at"] != NEVER]
    return sorted(dated, key=lambda pair: pair[0].starts_at)


def _query(wanted: Wanted) -> Document:
    return {f"by.{name}": same(value) for name, value in wanted.chosen.items()}


# What can be chosen: a document for each field, since looking for all values costs as much as there are meetings.


async def choices(at: Reading, now: datetime) -> dict[str, list[str]]:
    """By field, what there is to come."""
    found: dict[str, list[str]] = {name: [] for name in FACTS}
    async for row in at.db.choices.find({}, session=at.session):
        values = [value["said"] for value in row["values"] if value["until"] > now]
        found[row["_id"]] = sorted(values, key=str.casefold)
    return found


async def _put_choices(tx: Transaction, before: Sequence[Document], after: Sequence[Document]) -> None:
    """Offer what the new meetings of a programme are found by, and no longer what only the old ones were."""
    for name in FACTS:
        row = await tx.db.choices.find_one({"_id": name}, session=tx.session)
        stored = {value["key"]: value for value in row["values"]} if row else {}
        values = {key: value for key, value in stored.items() if value["until"] > tx.now}
        ours = _last_by_key(name, after)
        for key, until in _last_by_key(name, before).items():
            if key in values and values[key]["until"] == until and (key not in ours or ours[key] < until):
                # It was ours that lasted longest, and does no more.
                mine = {f"by.{name}": key}
                end = until + MINUTE
                last = await first(tx, "meetings", mine, "place_in_order", tx.now, end, 1, newest=True)
                values.pop(key)
                if last:
                    values[key] = {**stored[key], "until": last[0]["place_in_order"]}
        for key, until in ours.items():
            known = values.get(key)
            if known is None or known["until"] < until:
                said = known["said"] if known else _said(name, key, after)
                values[key] = {"key": key, "said": said, "until": until}
        if values != stored:
            await tx.db.choices.replace_one(
                {"_id": name}, {"values": list(values.values())}, upsert=True, session=tx.session
            )


def _last_by_key(name: str, rows: Sequence[Document]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for row in rows:
        if row["place_in_order"]:
            for key in row["by"][name]:
                found[key] = max(row["place_in_order"], found.get(key, EVER))
    return found


def _said(name: str, key: str, rows: Sequence[Document]) -> str:
    """A value as the first who planned such a meeting wrote it."""
    if name == "format":
        return key
    return str(next(row[name] for row in rows if key in row["by"][name]))


async def create_indexes(db: Database) -> None:
    """For the queries above: by date, by what is looked for and by who may see it."""
    await db.meetings.create_index("programme_id")
    await db.meetings.create_index("place_in_order")
    for name in ("municipality", "place", "about", "kind", "organiser"):
        await db.meetings.create_index([(f"by.{name}", 1), ("place_in_order", 1)])
    for date in ("starts_at", "open_since"):
        await db.meetings.create_index(date)
        for whose in ("organiser", "area"):
            await db.meetings.create_index([(whose, 1), (date, 1)])
