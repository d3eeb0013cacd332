"""Surveys, and who attended the sessions that they are about."""

from collections.abc import Collection, Sequence

from motesplats_events import SurveyKind
from services.notification.domain.surveys import Survey
from shared.delivery import Reading, Transaction, put_if_newer
from shared.mongo import Database, Document

COLLECTIONS = ("attendance", "surveys")


async def indexes(db: Database) -> None:
    """The indexes of these collections."""
    await db.surveys.create_index("audience")
    await db.attendance.create_index("attended")


async def keep_attendance(tx: Transaction, session_id: str, attended: Sequence[str], sequence: int) -> bool:
    """Keep who attended a session, unless something newer is known."""
    return await put_if_newer(tx, "attendance", session_id, sequence, {"attended": list(attended)})


async def attendance(at: Reading, session_ids: Collection[str]) -> dict[str, Sequence[str]]:
    """Who attended, by session, where that is known."""
    rows = at.db.attendance.find({"_id": {"$in": list(session_ids)}}, session=at.session)
    return {row["_id"]: row["attended"] async for row in rows}


async def delete_attendance(tx: Transaction, ids: Collection[str]) -> None:
    """Take people out of the lists of who attended."""
    for id in ids:
        await tx.db.attendance.update_many({"attended": id}, {"$pull": {"attended": id}}, session=tx.session)


async def keep_survey(tx: Transaction, survey: Survey, sequence: int) -> bool:
    """Keep a survey that was opened. Whether its links were minted is left as it is."""
    fields = {
        "programme_id": survey.programme_id,
        "kind": survey.kind.value,
        "audience": list(survey.audience),
        "opened_at": survey.opened_at,
        "closes_at": survey.closes_at,
    }
    return await put_if_newer(tx, "surveys", survey.survey_id, sequence, fields)


def _survey(row: Document) -> Survey:
    return Survey(
        survey_id=row["_id"],
        programme_id=row["programme_id"],
        kind=SurveyKind(row["kind"]),
        audience=tuple(row["audience"]),
        opened_at=row["opened_at"],
        closes_at=row["closes_at"],
        minted=row.get("minted", False),
    )


async def survey(at: Reading, survey_id: str) -> Survey | None:
    """None while it is unknown."""
    row = await at.db.surveys.find_one({"_id": survey_id}, session=at.session)
    return _survey(row) if row else None


async def unminted_surveys(at: Reading, survey_ids: Collection[str], session_ids: Collection[str]) -> Sequence[Survey]:
    """Surveys that nobody has been invited to: those named, and those about one of the sessions."""
    query = {
        "minted": {"$ne": True},
        "$or": [{"_id": {"$in": list(survey_ids)}}, {"audience": {"$in": list(session_ids)}}],
    }
    return [_survey(row) async for row in at.db.surveys.find(query, session=at.session)]


async def set_minted(tx: Transaction, survey_id: str) -> None:
    """Note that the one batch of links has been made."""
    await tx.db.surveys.update_one({"_id": survey_id}, {"$set": {"minted": True}}, session=tx.session)
