"""Comments, and the posters that are made with them."""

from typing import Any

from services.evaluation.domain.posters import Comment, PublishedPoster, QuoteStatus, Texts
from shared.delivery import Reading, Transaction
from shared.errors import Conflict


async def comments(at: Reading, programme_id: str) -> list[Comment]:
    """Every released comment on a programme; whoever shows them asks `domain.posters` which."""
    groups = {
        row["_id"]: row["released"]
        async for row in at.db.surveys.find({"programme_id": programme_id}, {"released": 1}, session=at.session)
    }
    rows = at.db.comments.find({"programme_id": programme_id}, session=at.session).sort("_id", 1)
    return [_comment(row, groups.get(row["survey_id"], 0)) async for row in rows]


async def comment(at: Reading, comment_id: str) -> Comment | None:
    """One released comment, or None."""
    row = await at.db.comments.find_one({"_id": comment_id}, session=at.session)
    if row is None:
        return None
    survey = await at.db.surveys.find_one({"_id": row["survey_id"]}, {"released": 1}, session=at.session)
    return _comment(row, survey["released"] if survey else 0)


async def decide(tx: Transaction, comment_id: str, status: QuoteStatus) -> None:
    """Keep what a coordinator decided about a quote."""
    await tx.db.comments.update_one({"_id": comment_id}, {"$set": {"status": status.value}}, session=tx.session)


async def texts(at: Reading, programme_id: str) -> Texts:
    """The coordinator's words; empty ones before anything was written."""
    row = await at.db.posters.find_one({"_id": programme_id}, {"texts": 1}, session=at.session)
    return Texts.model_validate(row["texts"]) if row else Texts()


async def save_texts(tx: Transaction, programme_id: str, texts: Texts) -> None:
    """Keep the coordinator's words."""
    fresh = {"version": 0, "published": None}
    await tx.db.posters.update_one(
        {"_id": programme_id},
        {"$set": {"texts": texts.model_dump(mode="json")}, "$setOnInsert": fresh},
        upsert=True,
        session=tx.session,
    )


async def published(at: Reading, programme_id: str) -> PublishedPoster | None:
    """The poster that is public, or None."""
    row = await at.db.posters.find_one({"_id": programme_id}, session=at.session)
    return _published(row) if row and row["published"] else None


async def all_published(at: Reading) -> list[PublishedPoster]:
    """Every public poster, the latest programme first."""
    rows = [_published(row) async for row in at.db.posters.find({"published": {"$ne": None}}, session=at.session)]
    return sorted(rows, key=lambda p: (p.poster.facts.last or p.published_on, p.poster.programme_id), reverse=True)


async def save_published(tx: Transaction, published: PublishedPoster) -> None:
    """Make a poster public in place of the one before.

    Raises:
        Conflict: somebody else published in between.
    """
    content = published.model_dump(mode="json")
    changed = await tx.db.posters.update_one(
        {"_id": published.poster.programme_id, "version": published.version - 1},
        {"$set": {"version": published.version, "published": content}},
        session=tx.session,
    )
    if not changed.matched_count:
        raise Conflict("The results were published by somebody else. Look at them first")


def _comment(row: dict[str, Any], group: int) -> Comment:
    return Comment(
        comment_id=row["_id"],
        programme_id=row["programme_id"],
        text=row["text"],
        may_be_quoted=row["may_be_quoted"],
        status=QuoteStatus(row["status"]),
        group=group,
    )


def _published(row: dict[str, Any]) -> PublishedPoster:
    return PublishedPoster.model_validate(row["published"])
