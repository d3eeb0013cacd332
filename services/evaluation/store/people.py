"""Registrations and attendance, by ids that lead to nobody outside the registration service."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from motesplats_events import RegistrationStatus, Role, Source
from services.evaluation.domain.registrations import News, Step
from shared.delivery import Reading, Transaction, put_if_newer
from shared.mongo import Document

NOBODY = "forgotten-"
"""How the ids begin under which a forgotten person's attendance goes on being counted."""
SOON = timedelta(seconds=1)
LONGEST_BESIDE = timedelta(minutes=5)
"""Longer than a transaction that does not see that somebody is forgotten can go on after that.

Twice a minute, after which a store gives a transaction up: the other may have begun just before this one committed.
More, since stores look for such transactions now and then, and the clocks of two replicas differ.
"""


async def note_news(tx: Transaction, participant_id: str, programme_id: str, role: Role, news: News) -> bool:
    """Keep one step of a registration; False where it is known, old, or of somebody forgotten."""
    stored = await tx.db.registrations.find_one({"_id": participant_id}, session=tx.session)
    if stored is None and await _forgotten(tx, [participant_id]):
        return False
    row = stored or {}
    fields: Document = {}
    if row.get(news.step.value, {}).get("sequence", 0) < news.sequence:
        fields[news.step.value] = _news_row(news)
    if row.get("sequence", 0) < news.sequence:
        fields.update(programme_id=programme_id, role=role.value, status=news.status.value, sequence=news.sequence)
    if fields:
        await tx.db.registrations.update_one({"_id": participant_id}, {"$set": fields}, upsert=True, session=tx.session)
    return bool(fields)


async def note_attendance(
    tx: Transaction, session_id: str, programme_id: str, attended: Sequence[str], sequence: int
) -> bool:
    """Keep who came, unless something newer is known. Who was forgotten stays counted as they were before."""
    stored = await tx.db.attendance.find_one({"_id": session_id}, {"attended": 1}, session=tx.session)
    nobody = {id for id in (stored or {}).get("attended", []) if id.startswith(NOBODY)}
    known = set(attended) - await _forgotten(tx, attended)
    fields = {"programme_id": programme_id, "attended": sorted(known | nobody)}
    return await put_if_newer(tx, "attendance", session_id, sequence, fields)


async def forget(tx: Transaction, participant_id: str) -> set[str]:
    """Put an id that leads nowhere in the place of a participant's; the programmes of which anything was known.

    That the id was forgotten is kept as its hash, since news of it may still be on the way. The id itself is kept for
    five minutes: a transaction that is under way at this moment does not see that its subject is forgotten.
    """
    await tx.db.forgotten.update_one({"_id": _hash(participant_id)}, {"$set": {}}, upsert=True, session=tx.session)
    now = datetime.now(UTC)
    first = {"at": now, "again": now, "nobody": NOBODY + str(uuid4())}
    row = await tx.db.forgetting.find_one_and_update(
        {"_id": participant_id}, {"$setOnInsert": first}, upsert=True, return_document=True, session=tx.session
    )
    return await _replace(tx, participant_id, row["nobody"])


async def to_forget_again(at: Reading) -> Sequence[str]:
    """Ids of whom it is time to see whether anything was told beside their being forgotten."""
    due = {"again": {"$lte": datetime.now(UTC)}}
    return [row["_id"] async for row in at.db.forgetting.find(due, {"_id": 1}, session=at.session)]


async def forget_again(tx: Transaction, participant_id: str) -> set[str]:
    """Forget what was told beside it, and look again in twice the time, until nothing can come; as `forget`."""
    row = await tx.db.forgetting.find_one({"_id": participant_id}, session=tx.session)
    if row is None:
        # Another replica has let go of the id.
        return set()
    now = datetime.now(UTC)
    if now - row["at"] > LONGEST_BESIDE:
        await tx.db.forgetting.delete_one({"_id": participant_id}, session=tx.session)
    else:
        again = {"again": now + max(now - row["at"], SOON)}
        await tx.db.forgetting.update_one({"_id": participant_id}, {"$set": again}, session=tx.session)
    return await _replace(tx, participant_id, row["nobody"])


async def _replace(tx: Transaction, participant_id: str, nobody: str) -> set[str]:
    programmes: set[str] = set()
    row = await tx.db.registrations.find_one_and_delete({"_id": participant_id}, session=tx.session)
    if row is not None:
        await tx.db.registrations.insert_one({**row, "_id": nobody, **_ended(row, tx.now)}, session=tx.session)
        programmes.add(row["programme_id"])
    there = tx.db.attendance.find({"attended": participant_id}, {"programme_id": 1}, session=tx.session)
    for session in await there.to_list(None):
        await tx.db.attendance.update_one(
            {"_id": session["_id"], "attended": participant_id}, {"$set": {"attended.$": nobody}}, session=tx.session
        )
        programmes.add(session["programme_id"])
    return programmes


async def told(at: Reading, programme_id: str) -> dict[str, dict[Step, News]]:
    """What is known of each registration for a programme, by id."""
    rows = at.db.registrations.find({"programme_id": programme_id}, session=at.session)
    return {
        row["_id"]: {step: _news(step, row[step.value]) for step in Step if step.value in row} async for row in rows
    }


async def attendance(at: Reading, programme_id: str) -> dict[str, list[str]]:
    """Who came, by session."""
    rows = at.db.attendance.find({"programme_id": programme_id}, {"attended": 1}, session=at.session)
    return {row["_id"]: row["attended"] async for row in rows}


async def _forgotten(tx: Transaction, ids: Sequence[str]) -> set[str]:
    by_hash = {_hash(id): id for id in ids}
    rows = tx.db.forgotten.find({"_id": {"$in": list(by_hash)}}, {"_id": 1}, session=tx.session)
    return {by_hash[row["_id"]] async for row in rows}


def _ended(row: Document, now: datetime) -> Document:
    """That the registration ends with the person, where nobody has told so yet. Who had a place, had it."""
    if Step.CANCELLED.value in row:
        return {}
    cancelled = RegistrationStatus.CANCELLED
    ended = _news_row(News(Step.CANCELLED, now, row["sequence"] + 1, cancelled))
    had_a_place = row["status"] == RegistrationStatus.CONFIRMED
    return {Step.CANCELLED.value: ended, "status": row["status"] if had_a_place else cancelled.value}


def _hash(id: str) -> str:
    return hashlib.sha256(id.encode()).hexdigest()


def _news_row(news: News) -> Document:
    row: Document = {"at": news.at, "sequence": news.sequence, "status": news.status.value}
    if news.came_by is not None:
        row["came_by"] = news.came_by.value
    if news.referred_by is not None:
        row["referred_by"] = news.referred_by
    for name, day in (("starts_on", news.starts_on), ("ended_on", news.ended_on)):
        if day is not None:
            row[name] = day.isoformat()
    return row


def _news(step: Step, row: dict[str, Any]) -> News:
    return News(
        step=step,
        at=row["at"],
        sequence=row["sequence"],
        status=RegistrationStatus(row["status"]),
        came_by=Source(row["came_by"]) if "came_by" in row else None,
        referred_by=row.get("referred_by"),
        starts_on=_date(row.get("starts_on")),
        ended_on=_date(row.get("ended_on")),
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
