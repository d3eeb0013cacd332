"""The collections: what the service was told, the messages it made of that, and the trial mailbox."""

from services.notification.store import changes, facts, messages, trial_mail
from shared.mongo import Database


async def indexes(db: Database) -> None:
    """Create collections and indexes; a collection is not always to be made inside a transaction."""
    present = set(await db.list_collection_names())
    for name in {*changes.COLLECTIONS, *facts.COLLECTIONS, *messages.COLLECTIONS, *trial_mail.COLLECTIONS} - present:
        await db.create_collection(name)
    await facts.indexes(db)
    await messages.indexes(db)
    await trial_mail.indexes(db)
