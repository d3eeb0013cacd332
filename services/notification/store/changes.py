"""What has changed and has not been planned for yet.

An event only notes what it says and whom it concerns. Messages are planned afterwards, in a transaction of their own
that sees all that has been committed: two events that are applied at the same time do not see each other, so that a
message which needs both would be planned by neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.delivery import Reading, Transaction

COLLECTIONS = ("changes",)


class Changed(StrEnum):
    """What sort of thing a noted change concerns."""

    PROGRAMME = "programme"
    REGISTRATION = "registration"
    CONTACT = "contact"
    ATTENDANCE = "attendance"
    SURVEY = "survey"
    WISH = "wish"
    ASSIGNMENT = "assignment"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that has to be planned for."""

    what: Changed
    id: str

    @property
    def key(self) -> str:
        """Its id in the store."""
        return f"{self.what}:{self.id}"


async def note(tx: Transaction, what: Changed, id: str) -> None:
    """Put something on the list of what has to be planned for.

    The row is written each time, so that planning which has not seen this change cannot take it off the list.
    """
    change = {"$set": {"what": what.value, "id": id}, "$inc": {"times": 1}}
    await tx.db.changes.update_one({"_id": Change(what, id).key}, change, upsert=True, session=tx.session)


async def waiting(at: Reading, limit: int) -> Sequence[Change]:
    """Some of what has to be planned for."""
    rows = await at.db.changes.find({}, limit=limit, session=at.session).to_list(None)
    return [Change(Changed(row["what"]), row["id"]) for row in rows]


async def forget(tx: Transaction, changes: Iterable[Change]) -> None:
    """Take them off the list."""
    await tx.db.changes.delete_many({"_id": {"$in": [change.key for change in changes]}}, session=tx.session)
