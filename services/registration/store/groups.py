"""Conversation groups, and the address of a digital meeting: what a programme has one of."""

from motesplats_events import Role
from services.registration.domain.groups import Group, Groups, Pairs
from shared.delivery import Reading, Transaction
from shared.errors import Conflict


async def groups(at: Reading, programme_id: str) -> Groups:
    """The conversation groups of a programme; without any before they are made."""
    row = await at.db.groups.find_one({"_id": programme_id}, session=at.session)
    if row is None:
        return Groups(programme_id)
    found = [Group(g["name"], frozenset(map(Role, g["roles"])), tuple(g["members"])) for g in row["groups"]]
    return Groups(programme_id, found, Pairs(row["pairs"]), row["version"])


async def save_groups(tx: Transaction, groups: Groups) -> None:
    """Store groups whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed them in between.
    """
    before = await tx.db.groups.find_one({"_id": groups.programme_id}, {"version": 1}, session=tx.session)
    if groups.version != (before["version"] if before else 0) + 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")
    row = {
        "groups": [
            {"name": g.name, "roles": sorted(role.value for role in g.roles), "members": list(g.members)}
            for g in groups.groups
        ],
        "pairs": groups.pairs.value,
        "version": groups.version,
    }
    await tx.db.groups.replace_one({"_id": groups.programme_id}, row, upsert=True, session=tx.session)


async def meeting_link(at: Reading, programme_id: str) -> str | None:
    """Where a programme meets digitally."""
    row = await at.db.meeting_links.find_one({"_id": programme_id}, session=at.session)
    return row["url"] if row else None


async def save_meeting_link(tx: Transaction, programme_id: str, url: str | None) -> int:
    """Store where a programme meets digitally. Returns how often that has been changed."""
    row = await tx.db.meeting_links.find_one_and_update(
        {"_id": programme_id},
        {"$set": {"url": url}, "$inc": {"version": 1}},
        upsert=True,
        return_document=True,
        session=tx.session,
    )
    return int(row["version"])
