"""The newest answer about each offer: whether it has enough volunteers."""

from collections.abc import Collection, Mapping
from datetime import date

from services.volunteers.domain.sufficiency import Sufficiency
from shared.delivery import Reading, Transaction
from shared.mongo import UpdateOne


async def sufficiencies(at: Reading, programme_ids: Collection[str]) -> Mapping[str, Sufficiency]:
    """The newest answers about these programmes, by id; those without one are left out."""
    rows = at.db.sufficiency.find({"_id": {"$in": list(programme_ids)}}, session=at.session)
    return {
        row["_id"]: Sufficiency(
            programme_id=row["_id"],
            organiser=row["organiser"],
            municipality=row["municipality"],
            enough=row["enough"],
            answered_on=date.fromisoformat(row["answered_on"]),
            version=row["version"],
        )
        async for row in rows
    }


async def save_sufficiencies(tx: Transaction, answers: Collection[Sufficiency]) -> None:
    """Store the newest answers."""
    if not answers:
        return
    changes = [
        UpdateOne(
            {"_id": answer.programme_id},
            {
                "$set": {
                    "organiser": answer.organiser,
                    "municipality": answer.municipality,
                    "enough": answer.enough,
                    "answered_on": answer.answered_on.isoformat(),
                    "version": answer.version,
                }
            },
            upsert=True,
        )
        for answer in answers
    ]
    await tx.db.sufficiency.bulk_write(changes, session=tx.session)
