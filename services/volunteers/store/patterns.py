"""Standing patterns, and what hangs on offers of swaps."""

from collections.abc import Sequence
from datetime import date

from services.volunteers.domain.patterns import Pattern, PatternNotFound, Weekday
from services.volunteers.domain.swaps import Swap
from shared.delivery import Reading, Transaction
from shared.mongo import Document


async def add_pattern(tx: Transaction, pattern: Pattern) -> None:
    """Store a new pattern."""
    await tx.db.patterns.insert_one({"_id": pattern.pattern_id, **_row(pattern)}, session=tx.session)


async def save_pattern(tx: Transaction, pattern: Pattern) -> None:
    """Store a changed pattern."""
    await tx.db.patterns.replace_one({"_id": pattern.pattern_id}, _row(pattern), session=tx.session)


async def pattern(at: Reading, pattern_id: str) -> Pattern:
    """Raises: PatternNotFound."""
    row = await at.db.patterns.find_one({"_id": pattern_id}, session=at.session)
    if row is None:
        raise PatternNotFound("There is no such standing pattern")
    return _pattern(row)


async def patterns_of(at: Reading, programme_id: str) -> Sequence[Pattern]:
    """The patterns of a programme, in the order in which they were made."""
    rows = at.db.patterns.find({"programme_id": programme_id}, session=at.session).sort("_id", 1)
    return [_pattern(row) async for row in rows]


async def add_swap(tx: Transaction, swap: Swap) -> None:
    """Store what hangs on an offer."""
    row = {"_id": swap.offer_id, "gives": swap.gives, "takes": swap.takes}
    await tx.db.swaps.insert_one(row, session=tx.session)


async def swap(at: Reading, offer_id: str) -> Swap | None:
    """What hangs on an offer, if it is one of a swap."""
    row = await at.db.swaps.find_one({"_id": offer_id}, session=at.session)
    return Swap(row["_id"], row["gives"], row["takes"]) if row else None


async def swaps_with(at: Reading, assignment_ids: Sequence[str]) -> Sequence[Swap]:
    """The swaps in which these assignments were to change hands."""
    ids = list(assignment_ids)
    query = {"$or": [{"gives": {"$in": ids}}, {"takes": {"$in": ids}}]}
    return [Swap(row["_id"], row["gives"], row["takes"]) async for row in at.db.swaps.find(query, session=at.session)]


def _row(pattern: Pattern) -> Document:
    return {
        "programme_id": pattern.programme_id,
        "organiser": pattern.organiser,
        "municipality": pattern.municipality,
        "volunteer_id": pattern.volunteer_id,
        "every": pattern.every,
        "weekday": pattern.weekday.value if pattern.weekday else None,
        "first_on": pattern.first_on.isoformat(),
        "last_on": pattern.last_on.isoformat() if pattern.last_on else None,
        "decided_until": pattern.decided_until,
        "skip": pattern.skip,
        "version": pattern.version,
    }


def _pattern(row: Document) -> Pattern:
    return Pattern(
        pattern_id=row["_id"],
        programme_id=row["programme_id"],
        organiser=row["organiser"],
        municipality=row["municipality"],
        volunteer_id=row["volunteer_id"],
        every=row["every"],
        weekday=Weekday(row["weekday"]) if row["weekday"] else None,
        first_on=date.fromisoformat(row["first_on"]),
        last_on=date.fromisoformat(row["last_on"]) if row["last_on"] else None,
        decided_until=row["decided_until"],
        skip=row["skip"],
        version=row["version"],
    )
