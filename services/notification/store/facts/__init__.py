"""What other services told: the newest state of each thing, kept so that an older one never replaces it."""

from services.notification.store.facts import assignments, people, programmes, surveys
from shared.mongo import Database

COLLECTIONS = (
    *programmes.COLLECTIONS,
    *people.COLLECTIONS,
    *surveys.COLLECTIONS,
    *assignments.COLLECTIONS,
)


async def indexes(db: Database) -> None:
    """The indexes of these collections."""
    for subject in (programmes, people, surveys, assignments):
        await subject.indexes(db)
