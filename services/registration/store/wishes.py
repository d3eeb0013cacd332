"""Wishes for any programme of a sort."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from motesplats_events import Role
from services.registration.domain.calendar import same
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.wishes import Sort, Wish, WishNotFound, folded
from services.registration.store.windows import LONGER_FIRST
from shared.access import Staff, scope
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document, by_ids


def _wish(row: Document) -> Wish:
    return Wish(
        wish_id=row["_id"],
        person_id=row["person_id"],
        kind=ProgrammeKind(row["kind"]),
        about=row["about"],
        municipality=row["municipality"],
        role=Role(row["role"]),
        language=row["language"],
        ticket=row["ticket"],
        declined=row["declined"],
        offered=row["offered"],
        open=row["open"],
        version=row["version"],
        contact_version=row["contact_version"],
    )


def _wish_row(wish: Wish) -> Document:
    return {
        "person_id": wish.person_id,
        "kind": wish.kind.value,
        "about": wish.about,
        "municipality": wish.municipality,
        "role": wish.role.value,
        "language": wish.language,
        "ticket": wish.ticket,
        "declined": list(wish.declined),
        "offered": wish.offered,
        "open": wish.open,
        "version": wish.version,
        "contact_version": wish.contact_version,
    }


async def next_wish_ticket(tx: Transaction) -> int:
    """The next number in the one queue of all wishes."""
    row = await tx.db.counters.find_one_and_update(
        {"_id": "wishes"}, {"$inc": {"n": 1}}, upsert=True, return_document=True, session=tx.session
    )
    return int(row["n"])


async def add_wish(tx: Transaction, wish: Wish) -> None:
    """Store a new wish."""
    await tx.db.wishes.insert_one({"_id": wish.wish_id, **_wish_row(wish)}, session=tx.session)
    await _count(tx, wish.sort, int(wish.waits))


async def save_wish(tx: Transaction, wish: Wish) -> None:
    """Store a changed wish whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    before = await tx.db.wishes.find_one_and_update(
        {"_id": wish.wish_id, "version": wish.version - 1}, {"$set": _wish_row(wish)}, session=tx.session
    )
    if before is None:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")
    await _count(tx, wish.sort, wish.waits - _wish(before).waits)


async def wish(at: Reading, wish_id: str) -> Wish:
    """Raises: WishNotFound."""
    row = await at.db.wishes.find_one({"_id": wish_id}, session=at.session)
    if row is None:
        raise WishNotFound("There is no such wish")
    return _wish(row)


async def wishes_by_id(at: Reading, ids: Iterable[str]) -> dict[str, Wish]:
    """Those of them that exist, by id."""
    return {row["_id"]: _wish(row) async for row in by_ids(at.db.wishes, ids, None, at.session)}


async def open_wishes(at: Reading, kind: ProgrammeKind | None = None) -> Sequence[Wish]:
    """Wishes that are neither met nor withdrawn, the first first."""
    query: Document = {"open": True} | ({"kind": kind.value} if kind else {})
    rows = await at.db.wishes.find(query, session=at.session).to_list(None)
    return sorted(map(_wish, rows), key=lambda wish: wish.ticket)


async def wishes_of(at: Reading, person_id: str) -> Sequence[Wish]:
    """All wishes of one person, the first first."""
    rows = await at.db.wishes.find({"person_id": person_id}, session=at.session).to_list(None)
    return sorted(map(_wish, rows), key=lambda wish: wish.ticket)


async def delete_wish(tx: Transaction, wish_id: str) -> None:
    """Keep nothing of a wish."""
    before = await tx.db.wishes.find_one_and_delete({"_id": wish_id}, session=tx.session)
    if before is not None:
        await _count(tx, _wish(before).sort, -_wish(before).waits)


async def _count(tx: Transaction, sort: Sort, more: int) -> None:
    """Keep how many wait by wishes of a sort: counting them costs as much as there are wishes."""
    if more:
        kind, about, municipality = sort
        named = {"kind": kind.value, "about": about, "municipality": municipality, "area": same(municipality)}
        change: Document = {"$inc": {"waiting": more}, "$setOnInsert": named}
        await tx.db.demand.update_one({"_id": _key(sort)}, change, upsert=True, session=tx.session)
        # What nobody waits for any more was somebody's words.
        await tx.db.demand.delete_one({"_id": _key(sort), "waiting": {"$lte": 0}}, session=tx.session)


def _key(sort: Sort) -> str:
    return json.dumps([str(part) for part in folded(sort)], ensure_ascii=False)


async def most_wished(at: Reading, staff: Staff, n: int) -> Counter[Sort]:
    """What most people wait for by wishes, among what this member of staff sees: at least `n` sorts, or all."""
    found: Counter[Sort] = Counter()
    limits: Document = {}
    if seen := scope(staff).get("municipality"):
        limits = {"area": {"$in": [*map(same, seen["$in"]), ""]}}
    high = 1_000_000
    for low in LONGER_FIRST:
        if len(found) < n:
            query: Document = {**limits, "waiting": {"$gte": low, "$lt": high}}
            async for row in at.db.demand.find(query, session=at.session):
                found[ProgrammeKind(row["kind"]), row["about"], row["municipality"]] = row["waiting"]
        high = low
    return found


async def wished(at: Reading, sorts: Iterable[Sort]) -> Counter[Sort]:
    """How many wait by wishes of each of these sorts."""
    rows = at.db.demand.find({"_id": {"$in": [_key(sort) for sort in sorts]}}, session=at.session)
    return Counter({(ProgrammeKind(r["kind"]), r["about"], r["municipality"]): r["waiting"] async for r in rows})
