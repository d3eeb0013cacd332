"""Guests who make up a missed theme."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from motesplats_events import Role
from services.registration.domain.calendar import EVER, same
from services.registration.domain.guests import Guest, GuestNotFound
from services.registration.domain.programmes import Programme
from services.registration.store.programmes import free_places, programme_of_row, take_places
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document, by_ids


def _guest(row: Document) -> Guest:
    return Guest(
        guest_id=row["_id"],
        programme_id=row["programme_id"],
        session_id=row["session_id"],
        person_id=row["person_id"],
        role=Role(row["role"]),
        language=row["language"],
        own_id=row["own_id"],
        missed_session_id=row["missed_session_id"],
        active=row["active"],
        version=row["version"],
    )


def _guest_row(guest: Guest) -> Document:
    return {
        "programme_id": guest.programme_id,
        "session_id": guest.session_id,
        "person_id": guest.person_id,
        "role": guest.role.value,
        "language": guest.language,
        "own_id": guest.own_id,
        "missed_session_id": guest.missed_session_id,
        "active": guest.active,
        "version": guest.version,
    }


async def add_guest(tx: Transaction, guest: Guest) -> None:
    """Store a new guest."""
    await tx.db.guests.insert_one({"_id": guest.guest_id, **_guest_row(guest)}, session=tx.session)


async def save_guest(tx: Transaction, guest: Guest) -> None:
    """Store a changed guest whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    stored = await tx.db.guests.update_one(
        {"_id": guest.guest_id, "version": guest.version - 1}, {"$set": _guest_row(guest)}, session=tx.session
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


async def guest(at: Reading, guest_id: str) -> Guest:
    """Raises: GuestNotFound."""
    row = await at.db.guests.find_one({"_id": guest_id}, session=at.session)
    if row is None:
        raise GuestNotFound("There is no such guest")
    return _guest(row)


async def guests_by_id(at: Reading, ids: Iterable[str]) -> dict[str, Guest]:
    """Those of them that exist, by id."""
    return {row["_id"]: _guest(row) async for row in by_ids(at.db.guests, ids, None, at.session)}


async def guests(at: Reading, programme_id: str) -> Sequence[Guest]:
    """Everybody who comes or came to a session of this programme as a guest."""
    query = {"programme_id": programme_id, "active": True}
    return [_guest(row) async for row in at.db.guests.find(query, session=at.session)]


async def guests_at(at: Reading, session_ids: Iterable[str]) -> dict[str, list[Guest]]:
    """The guests of these sessions, by session."""
    query = {"session_id": {"$in": list(session_ids)}, "active": True}
    found: dict[str, list[Guest]] = {}
    async for row in at.db.guests.find(query, session=at.session):
        found.setdefault(row["session_id"], []).append(_guest(row))
    return found


async def guests_from(at: Reading, own_id: str) -> Sequence[Guest]:
    """Where somebody makes up what they missed in their own programme."""
    query = {"own_id": own_id, "active": True}
    return [_guest(row) async for row in at.db.guests.find(query, session=at.session)]


async def guests_of(at: Reading, person_id: str) -> Sequence[Guest]:
    """Everywhere a person is or was a guest."""
    return [_guest(row) async for row in at.db.guests.find({"person_id": person_id}, session=at.session)]


async def sessions_about(at: Reading, theme: str, now: datetime) -> Sequence[Programme]:
    """Programmes that have not ended with a session about this theme, cancelled or past ones too."""
    # A programme that was stored before themes were folded is found by the words as they were written.
    about = [{"themes": same(theme)}, {"sessions.theme": theme}]
    query = {"ends_at": {"$gt": now}, "cancelled": False, "$or": about}
    rows = await at.db.programmes.find(query, session=at.session).to_list(None)
    return sorted(map(programme_of_row, rows), key=lambda programme: programme.starts_at)


async def hold_for_guests(tx: Transaction, programme: Programme, wanted: Counter[Role], until: datetime | None) -> bool:
    """Hold so many places of each role for guests, no more and no fewer; False where too few are free.

    Args:
        until: when fewer may be needed.
    """
    row = await tx.db.programmes.find_one({"_id": programme.programme_id}, {"guest_places": 1}, session=tx.session)
    held = Counter({Role(role): n for role, n in (row or {}).get("guest_places", {}).items()})
    more, fewer = wanted - held, held - wanted
    if more and not await take_places(tx, programme, more):
        return False
    if fewer:
        await free_places(tx, programme.programme_id, fewer)
    # Written even where nothing changes: two guests of different sessions must meet in one document.
    change = {"guest_places": {role.value: n for role, n in wanted.items()}, "guests_until": until}
    await tx.db.programmes.update_one({"_id": programme.programme_id}, {"$set": change}, session=tx.session)
    return True


async def has_guest_places(at: Reading, programme_id: str) -> bool:
    """Whether a programme has ever held places for guests."""
    query = {"_id": programme_id, "guest_places": {"$exists": True}}
    return await at.db.programmes.find_one(query, {"_id": 1}, session=at.session) is not None


async def programmes_with_guests_gone(at: Reading, now: datetime) -> Sequence[str]:
    """Ids of programmes in which a session with guests has ended, so that fewer places may be held."""
    rows = at.db.programmes.find({"guests_until": {"$gt": EVER, "$lte": now}}, {"_id": 1}, session=at.session)
    return [row["_id"] async for row in rows]
