"""The messages: one row for each that a person is to get, has got, or will not get.

A row names people by id only; names and addresses are read when it is sent. A survey link's token is nowhere
but in its row, and leaves it with the message.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import uuid_utils

from services.notification.domain.messages import BY_HAND, UNFINISHED, Kind, Message, Reason, Status, Wanted
from shared.access import ALL, Staff
from shared.delivery import Reading, Transaction
from shared.mongo import Database, Document

COLLECTIONS = ("messages",)
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
FINAL = frozenset({Status.SENT, Status.CALLED, Status.DROPPED})


async def indexes(db: Database) -> None:
    """The indexes of the messages."""
    await db.messages.create_index([("status", 1), ("due_at", 1)])
    await db.messages.create_index("recipient")
    await db.messages.create_index([("programme_id", 1), ("status", 1)])


def _message(row: Document) -> Message:
    return Message(
        kind=Kind(row["kind"]),
        recipient=row["recipient"],
        ref=row["ref"],
        programme_id=row["programme_id"],
        due_at=row["due_at"],
        about=row["about"],
        local_due=row["local_due"],
        expires_at=row["expires_at"],
        token=row.get("token"),
        organiser=row["organiser"],
        municipality=row["municipality"],
        status=Status(row["status"]),
        reason=Reason(row["reason"]) if row["reason"] else None,
        mail_id=row["mail_id"],
        tries=row["tries"],
        sent_at=row["sent_at"],
    )


def _row(wanted: Wanted) -> Document:
    row: Document = {
        "_id": wanted.id,
        "kind": wanted.kind.value,
        "recipient": wanted.recipient,
        "ref": wanted.ref,
        "programme_id": wanted.programme_id,
        "due_at": wanted.due_at,
        "about": wanted.about,
        "local_due": wanted.local_due,
        "expires_at": wanted.expires_at,
        "organiser": wanted.organiser,
        "municipality": wanted.municipality,
        "status": Status.QUEUED.value,
        "reason": None,
        "mail_id": uuid_utils.uuid4().hex,
        "tries": 0,
        "try_after": ALWAYS,
        "sent_at": None,
    }
    if wanted.token:
        row["token"] = wanted.token
    return row


async def messages_to(at: Reading, recipients: Collection[str]) -> Sequence[Message]:
    """Every message to one of these people."""
    rows = at.db.messages.find({"recipient": {"$in": list(recipients)}}, session=at.session)
    return [_message(row) async for row in rows]


async def message(at: Reading, message_id: str) -> Message | None:
    """One message."""
    row = await at.db.messages.find_one({"_id": message_id}, session=at.session)
    return _message(row) if row else None


async def add(tx: Transaction, wanted: Sequence[Wanted]) -> None:
    """Store new messages. Who plans has looked that they are new."""
    if wanted:
        await tx.db.messages.insert_many([_row(one) for one in wanted], session=tx.session)


async def reschedule(tx: Transaction, wanted: Wanted) -> None:
    """Let a message be due at another time than before, and queue it again if it had been dropped."""
    times = {"due_at": wanted.due_at, "local_due": wanted.local_due, "expires_at": wanted.expires_at}
    await tx.db.messages.update_one({"_id": wanted.id}, {"$set": times}, session=tx.session)
    await tx.db.messages.update_one(
        {"_id": wanted.id, "status": Status.DROPPED.value}, {"$set": _anew()}, session=tx.session
    )


async def requeue(tx: Transaction, ids: Collection[str]) -> None:
    """Let the sender look at these again: they failed, were held back, or waited for somebody to act."""
    again = {"$in": [one.value for one in UNFINISHED - {Status.QUEUED}]}
    await tx.db.messages.update_many(
        {"_id": {"$in": list(ids)}, "status": again}, {"$set": _anew()}, session=tx.session
    )


async def hold(tx: Transaction, recipients: Collection[str]) -> None:
    """Hold back everything to these people that has not left."""
    unfinished = {"$in": [one.value for one in UNFINISHED]}
    await tx.db.messages.update_many(
        {"recipient": {"$in": list(recipients)}, "status": unfinished},
        {"$set": {"status": Status.PAUSED.value, "reason": None}},
        session=tx.session,
    )


async def forget(tx: Transaction, recipients: Collection[str]) -> None:
    """Delete everything to these people."""
    await tx.db.messages.delete_many({"recipient": {"$in": list(recipients)}}, session=tx.session)


def _anew() -> Document:
    return {"status": Status.QUEUED.value, "reason": None, "tries": 0, "try_after": ALWAYS, "sent_at": None}


# Sending


@dataclass(frozen=True, slots=True)
class InHand:
    """Messages that one sender has taken and no other takes, until a time."""

    claim: str
    messages: Sequence[Message]


async def take_due(at: Reading, *, now: datetime, real_now: datetime, real_until: datetime, limit: int) -> InHand:
    """Take some messages that are due.

    Whoever dies with a message in hand loses it at `real_until` to the next who asks.
    """
    claim = uuid_utils.uuid4().hex
    due = {"status": Status.QUEUED.value, "due_at": {"$lte": now}, "try_after": {"$lte": real_now}}
    rows = await at.db.messages.find(due, {"_id": 1}, sort=[("due_at", 1)], limit=limit).to_list(None)
    if not rows:
        return InHand(claim, [])
    ids = {"$in": [row["_id"] for row in rows]}
    await at.db.messages.update_many({**due, "_id": ids}, {"$set": {"try_after": real_until, "claim": claim}})
    taken = at.db.messages.find({"_id": ids, "claim": claim}, sort=[("due_at", 1)])
    return InHand(claim, [_message(row) async for row in taken])


async def keep_in_hand(at: Reading, in_hand: InHand, *, real_until: datetime) -> None:
    """Keep what is still in hand for longer."""
    still = {"_id": {"$in": [message.id for message in in_hand.messages]}, "claim": in_hand.claim}
    await at.db.messages.update_many(still, {"$set": {"try_after": real_until}})


async def put_off(at: Reading, message_id: str, *, real_until: datetime, tries: int) -> None:
    """Give a claimed message back until later."""
    change = {"$set": {"try_after": real_until, "tries": tries}, "$unset": {"claim": ""}}
    await at.db.messages.update_one({"_id": message_id, "status": Status.QUEUED.value}, change)


async def settle(at: Reading, message_id: str, status: Status, reason: Reason | None, now: datetime) -> bool:
    """Say what became of a message; one that has left, or never will, keeps no token.

    That it was sent is noted whatever has happened to the row meanwhile: it is the truth.

    Returns:
        False when the row did not wait for this any more.
    """
    query: Document = {"_id": message_id}
    if status in BY_HAND:
        # What was held back meanwhile stays so.
        query["status"] = Status.QUEUED.value
    elif status is not Status.SENT:
        query["status"] = {"$in": [one.value for one in UNFINISHED]}
    done: dict[str, Any] = {"status": status.value, "reason": reason.value if reason else None}
    if status in {Status.SENT, Status.CALLED}:
        done["sent_at"] = now
    gone = {"claim": "", **({"token": ""} if status in FINAL else {})}
    settled = await at.db.messages.update_one(query, {"$set": done, "$unset": gone}, session=at.session)
    return settled.matched_count == 1


async def undo_called(at: Reading, message_id: str, back_to: Status) -> bool:
    """Put a call or letter back on its list; False when it was not marked as done."""
    undone = await at.db.messages.update_one(
        {"_id": message_id, "status": Status.CALLED.value},
        {"$set": {"status": back_to.value, "sent_at": None}},
        session=at.session,
    )
    return undone.modified_count == 1


async def drop(tx: Transaction, reasons: Mapping[str, Reason]) -> None:
    """Drop messages that are not wanted any more."""
    for reason in set(reasons.values()):
        ids = [id for id, why in reasons.items() if why is reason]
        await tx.db.messages.update_many(
            {"_id": {"$in": ids}, "status": {"$in": [one.value for one in UNFINISHED]}},
            {"$set": {"status": Status.DROPPED.value, "reason": reason.value}, "$unset": {"token": ""}},
            session=tx.session,
        )


async def drop_expired(at: Reading, now: datetime) -> None:
    """Drop what waits for somebody and has become pointless, and with it the tokens it holds."""
    stale = [one.value for one in UNFINISHED - {Status.QUEUED}]
    await at.db.messages.update_many(
        {"status": {"$in": stale}, "expires_at": {"$lte": now}},
        {
            "$set": {"status": Status.DROPPED.value, "reason": Reason.TOO_LATE.value},
            "$unset": {"token": ""},
        },
    )


# For staff; every function is given what they may see


@dataclass(frozen=True, slots=True)
class Seen:
    """What a member of staff may see, or wants to.

    Attributes:
        programme_ids: messages about these programmes.
        elsewhere: those about no programme too, as far as they concern the staff's organisers and areas.
    """

    programme_ids: Collection[str]
    elsewhere: Staff | None = None

    @property
    def query(self) -> Document:
        """The part of a store query that keeps a list to it."""
        of_programmes: Document = {"programme_id": {"$in": list(self.programme_ids)}}
        if self.elsewhere is None:
            return of_programmes
        limits = {"organiser": self.elsewhere.organisers, "municipality": self.elsewhere.areas}
        # What names no organiser or no municipality concerns them all.
        within = {field: {"$in": ["", *seen]} for field, seen in limits.items() if ALL not in seen}
        return {"$or": [of_programmes, {"programme_id": "", **within}]}


async def counts(at: Reading, seen: Seen) -> Counter[tuple[Kind, Status]]:
    """How many messages, by kind and where they stand."""
    rows = at.db.messages.aggregate(
        [
            {"$match": seen.query},
            {"$group": {"_id": {"kind": "$kind", "status": "$status"}, "n": {"$sum": 1}}},
        ],
        session=at.session,
    )
    return Counter({(Kind(row["_id"]["kind"]), Status(row["_id"]["status"])): row["n"] async for row in rows})


async def count_due(at: Reading, seen: Seen, now: datetime) -> int:
    """How many messages should leave now and have not."""
    due = {"status": Status.QUEUED.value, "due_at": {"$lte": now}}
    found: int = await at.db.messages.count_documents({**due, **seen.query})
    return found


async def with_status(
    at: Reading, status: Status, seen: Seen, *, limit: int, newest_first: bool = False
) -> Sequence[Message]:
    """Messages that stand there, in the order in which they were due."""
    rows = at.db.messages.find(
        {"status": status.value, **seen.query},
        sort=[("due_at", -1 if newest_first else 1)],
        limit=limit,
    )
    return [_message(row) async for row in rows]
