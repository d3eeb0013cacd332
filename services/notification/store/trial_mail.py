"""The mailbox of trial mode: every mail that the platform sent, as it came in."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import uuid_utils

from shared.delivery import Reading
from shared.mongo import Database, Document, DuplicateKeyError

COLLECTIONS = ("trial_mail",)


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """One mail.

    Attributes:
        id: later mails have greater ids.
        raw: the whole message as it came.
    """

    id: str
    message_id: str
    to: Sequence[str]
    subject: str
    received_at: datetime
    raw: bytes


async def indexes(db: Database) -> None:
    """One mail per Message-ID, however often it is sent."""
    await db.trial_mail.create_index("message_id", unique=True)
    await db.trial_mail.create_index("to")


class Mailbox:
    """Stores mails one at a time, so that a mail which can be seen later never has a smaller id."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._order = asyncio.Lock()

    async def keep(
        self, *, message_id: str, to: Sequence[str], subject: str, raw: bytes, received_at: datetime
    ) -> None:
        """Store a mail unless one with the same Message-ID is there."""
        async with self._order:
            row = {
                "_id": str(uuid_utils.uuid7()),
                "message_id": message_id,
                "to": list(to),
                "subject": subject,
                "raw": raw,
                "received_at": received_at,
            }
            try:
                await self._db.trial_mail.insert_one(row)
            except DuplicateKeyError:
                return


def _mail(row: Document) -> CaughtMail:
    return CaughtMail(row["_id"], row["message_id"], row["to"], row["subject"], row["received_at"], bytes(row["raw"]))


async def mails(at: Reading, *, to: str = "", after: str = "", limit: int) -> Sequence[CaughtMail]:
    """Mails in the order in which they came.

    Args:
        to: only to this address.
        after: only those that came after the one with this id.
    """
    query: Document = {"_id": {"$gt": after}} if after else {}
    if to:
        query["to"] = to
    return [_mail(row) async for row in at.db.trial_mail.find(query, sort=[("_id", 1)], limit=limit)]


async def newest(at: Reading, *, to: str = "", limit: int) -> Sequence[CaughtMail]:
    """The newest mails first."""
    query = {"to": to} if to else {}
    return [_mail(row) async for row in at.db.trial_mail.find(query, sort=[("_id", -1)], limit=limit)]


async def mail(at: Reading, id: str) -> CaughtMail | None:
    """One mail."""
    row = await at.db.trial_mail.find_one({"_id": id})
    return _mail(row) if row else None
