"""Surveys, the links to them, and answers before and after their release.

Nothing here may tell who answered what, or in which order: an answer has a random id and no time, and pending
answers are kept in one document, each put in at a random place.
"""

import secrets
import uuid
from collections.abc import Sequence
from typing import Any

from motesplats_events import SurveyKind
from services.evaluation.domain.instruments import Answer
from services.evaluation.domain.posters import QuoteStatus
from services.evaluation.domain.surveys import Survey
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document


async def survey(at: Reading, survey_id: str) -> Survey | None:
    """A survey, or None."""
    row = await at.db.surveys.find_one({"_id": survey_id}, session=at.session)
    return _survey(row) if row else None


async def surveys(at: Reading, programme_id: str) -> list[Survey]:
    """Every survey of a programme, in the order in which they were opened."""
    rows = at.db.surveys.find({"programme_id": programme_id}, session=at.session)
    return sorted([_survey(row) async for row in rows], key=lambda s: (s.opened_at, s.survey_id))


async def open_surveys(at: Reading) -> list[Survey]:
    """Every survey that has not been closed."""
    return [_survey(row) async for row in at.db.surveys.find({"is_open": True}, session=at.session)]


async def add_survey(tx: Transaction, survey: Survey) -> None:
    """Store a new survey, and the place where its answers will wait."""
    await tx.db.surveys.insert_one(_survey_row(survey), session=tx.session)
    await tx.db.pending.insert_one({"_id": survey.survey_id, "answers": []}, session=tx.session)


async def add_links(tx: Transaction, survey_id: str, hashes: Sequence[str]) -> None:
    """Keep the links to a survey. They come once a survey: taken twice, used ones would work again."""
    if await tx.db.batches.find_one({"_id": survey_id}, session=tx.session):
        return
    await tx.db.batches.insert_one({"_id": survey_id, "minted": len(hashes)}, session=tx.session)
    if hashes:
        rows = [{"_id": hash, "survey_id": survey_id} for hash in sorted(set(hashes))]
        await tx.db.invitations.insert_many(rows, session=tx.session)


async def survey_of_link(at: Reading, hash: str) -> Survey | None:
    """The survey that an unused link leads to, or None."""
    row = await at.db.invitations.find_one({"_id": hash}, session=at.session)
    return await survey(at, row["survey_id"]) if row else None


async def use_link(tx: Transaction, hash: str) -> Survey | None:
    """Delete a link; the survey it led to, or None if there is no such link any more."""
    row = await tx.db.invitations.find_one_and_delete({"_id": hash}, session=tx.session)
    return await survey(tx, row["survey_id"]) if row else None


async def minted(at: Reading, survey_ids: Sequence[str]) -> dict[str, int]:
    """How many links each survey was given; those whose links have not come are left out."""
    rows = at.db.batches.find({"_id": {"$in": list(survey_ids)}}, session=at.session)
    return {row["_id"]: row["minted"] async for row in rows}


async def unused_links(at: Reading, survey_ids: Sequence[str]) -> dict[str, int]:
    """How many people can still answer each survey; those whose links have not come are left out."""
    known = await minted(at, survey_ids)
    stages: list[Document] = [
        {"$match": {"survey_id": {"$in": list(known)}}},
        {"$group": {"_id": "$survey_id", "n": {"$sum": 1}}},
    ]
    left = {row["_id"]: row["n"] async for row in at.db.invitations.aggregate(stages, session=at.session)}
    return {survey_id: left.get(survey_id, 0) for survey_id in known}


async def waiting(at: Reading, survey_ids: Sequence[str]) -> dict[str, int]:
    """How many answers of each survey are pending."""
    size = {"waiting": {"$size": "$answers"}}
    rows = at.db.pending.find({"_id": {"$in": list(survey_ids)}}, size, session=at.session)
    return {row["_id"]: row["waiting"] async for row in rows}


async def add_pending(tx: Transaction, survey_id: str, answer: Answer) -> None:
    """Put an answer among those that wait, at a random place."""
    place = secrets.randbelow((await waiting(tx, [survey_id]))[survey_id] + 1)
    put = {"$each": [_answer_row(answer)], "$position": place}
    await tx.db.pending.update_one({"_id": survey_id}, {"$push": {"answers": put}}, session=tx.session)


async def pending(at: Reading, survey_id: str) -> list[Answer]:
    """The answers that wait."""
    row = await at.db.pending.find_one({"_id": survey_id}, session=at.session)
    return [Answer(a["value"], a["comment"], a["may_be_quoted"]) for a in row["answers"]] if row else []


async def save_release(tx: Transaction, survey: Survey, answers: Sequence[Answer], staying: Sequence[Answer]) -> None:
    """Store what `domain.surveys.release` decided. Words go apart from the rest of the answer.

    Raises:
        Conflict: the survey was changed in between.
    """
    row = _survey_row(survey)
    changed = await tx.db.surveys.replace_one(
        {"_id": survey.survey_id, "version": survey.version - 1}, row, session=tx.session
    )
    if not changed.matched_count:
        raise Conflict("The survey was changed by somebody else")
    left = {"answers": [_answer_row(answer) for answer in staying]}
    await tx.db.pending.update_one({"_id": survey.survey_id}, {"$set": left}, session=tx.session)
    belongs = {"survey_id": survey.survey_id, "programme_id": survey.programme_id}
    asked = {"instrument": survey.instrument, "instrument_version": survey.instrument_version}
    values: list[Document] = [{"_id": str(uuid.uuid4()), **belongs, **asked, "value": a.value} for a in answers]
    if values:
        await tx.db.answers.insert_many(values, session=tx.session)
    words: list[Document] = [
        {
            "_id": str(uuid.uuid4()),
            **belongs,
            "text": answer.comment,
            "may_be_quoted": answer.may_be_quoted,
            "status": QuoteStatus.WAITING.value,
        }
        for answer in answers
        if answer.comment
    ]
    if words:
        secrets.SystemRandom().shuffle(words)
        await tx.db.comments.insert_many(words, session=tx.session)


async def counts(at: Reading, survey_id: str) -> dict[str | int, int]:
    """How many released answers have each value."""
    found: dict[str | int, int] = {}
    async for row in at.db.answers.find({"survey_id": survey_id}, {"value": 1}, session=at.session):
        found[row["value"]] = found.get(row["value"], 0) + 1
    return found


def _survey(row: dict[str, Any]) -> Survey:
    fields = {name: value for name, value in row.items() if name != "_id"}
    return Survey(
        **{
            **fields,
            "survey_id": row["_id"],
            "kind": SurveyKind(row["kind"]),
            "audience": tuple(row["audience"]),
        }
    )


def _survey_row(survey: Survey) -> Document:
    return {
        "_id": survey.survey_id,
        "programme_id": survey.programme_id,
        "kind": survey.kind.value,
        "session_id": survey.session_id,
        "audience": list(survey.audience),
        "instrument": survey.instrument,
        "instrument_version": survey.instrument_version,
        "opened_at": survey.opened_at,
        "closes_at": survey.closes_at,
        "is_open": survey.is_open,
        "released": survey.released,
        "version": survey.version,
    }


def _answer_row(answer: Answer) -> Document:
    return {"value": answer.value, "comment": answer.comment, "may_be_quoted": answer.may_be_quoted}
