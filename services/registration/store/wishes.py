"""Wishes for any programme of a sort."""

from collections.abc import Sequence

from motesplats_events import Role
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.wishes import Wish, WishNotFound
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document


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


async def save_wish(tx: Transaction, wish: Wish) -> None:
    """Store a changed wish whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    stored = await tx.db.wishes.update_one(
        {"_id": wish.wish_id, "version": wish.version - 1}, {"$set": _wish_row(wish)}, session=tx.session
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


async def wish(at: Reading, wish_id: str) -> Wish:
    """Raises: WishNotFound."""
    row = await at.db.wishes.find_one({"_id": wish_id}, session=at.session)
    if row is None:
        raise WishNotFound("There is no such wish")
    return _wish(row)


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
    await tx.db.wishes.delete_one({"_id": wish_id}, session=tx.session)
