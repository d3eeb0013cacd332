"""The catalogue of trainings."""

from collections.abc import Sequence

from motesplats_events import VolunteerRole
from services.volunteers.domain.trainings import BASIC, Training, TrainingIsKnown, TrainingNotFound
from shared.delivery import Reading, Transaction
from shared.mongo import Database, Document, DuplicateKeyError


async def begin_catalogue(db: Database) -> None:
    """Put the shared basic training into an empty catalogue."""
    fields = {"$setOnInsert": _training_row(BASIC)}
    try:
        await db.trainings.update_one({"_id": BASIC.code}, fields, upsert=True)
    except DuplicateKeyError:
        # Another replica has just done it.
        return


async def catalogue(at: Reading) -> Sequence[Training]:
    """All trainings, by title."""
    rows = at.db.trainings.find({}, session=at.session).sort("title", 1)
    return [_training(row) async for row in rows]


async def training(at: Reading, code: str) -> Training:
    """Raises: TrainingNotFound."""
    row = await at.db.trainings.find_one({"_id": code}, session=at.session)
    if row is None:
        raise TrainingNotFound("There is no such training", field="training")
    return _training(row)


async def add_training(tx: Transaction, training: Training) -> None:
    """Put a training into the catalogue.

    Raises:
        TrainingIsKnown: the code is taken.
    """
    try:
        await tx.db.trainings.insert_one({"_id": training.code, **_training_row(training)}, session=tx.session)
    except DuplicateKeyError:
        raise TrainingIsKnown("The catalogue has a training with this code", field="code") from None


async def save_training(tx: Transaction, training: Training) -> None:
    """Change a training of the catalogue."""
    await tx.db.trainings.update_one({"_id": training.code}, {"$set": _training_row(training)}, session=tx.session)


def _training_row(training: Training) -> Document:
    return {
        "title": training.title,
        "required_for": sorted(role.value for role in training.required_for),
        "months": training.months,
    }


def _training(row: Document) -> Training:
    return Training(row["_id"], row["title"], frozenset(map(VolunteerRole, row["required_for"])), row["months"])
