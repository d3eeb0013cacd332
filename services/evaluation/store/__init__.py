"""The service's MongoDB collections.

What others told us: `programmes`, `registrations`, `sessions`, `attendance`, `assignments` (by id and
sequence), `batches` (surveys whose links have come) and `invitations` (a link's hash, and its survey). What
is ours: `surveys`, `pending` (a survey's unreleased answers, one document), `answers`, `comments`, `posters`.
"""

from shared.mongo import Database

COLLECTIONS = (
    "programmes",
    "registrations",
    "sessions",
    "attendance",
    "assignments",
    "batches",
    "invitations",
    "surveys",
    "pending",
    "answers",
    "comments",
    "posters",
)
BY_PROGRAMME = ("registrations", "sessions", "attendance", "assignments", "surveys", "comments")
BY_SURVEY = ("answers", "invitations")


async def indexes(db: Database) -> None:
    """Create the collections, which a transaction cannot always do, and what queries need."""
    present = await db.list_collection_names()
    for name in COLLECTIONS:
        if name not in present:
            await db.create_collection(name)
    for name in BY_PROGRAMME:
        await db[name].create_index("programme_id")
    for name in BY_SURVEY:
        await db[name].create_index("survey_id")
    await db.surveys.create_index("is_open")
