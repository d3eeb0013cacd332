"""The service's MongoDB collections.

What others told us, by id and sequence: `programmes`, `sessions`, `headcounts`, `sufficiency`, `registrations`,
`attendance`, `assignments`, `volunteers`, `tasks` (what each was asked to do) and `contacts`; `forgotten` (hashes of
ids) and `forgetting` (the ids, for five minutes), `batches` (surveys whose links have come) and `invitations` (a link's
hash, and its survey).

What is ours: `surveys`, `pending` (a survey's unreleased answers, one document), `answers`, `comments` and `posters`;
for the reports `news` (what is to be counted), `counted` (what each offer and volunteer adds), `sums`, `day_sums`
and `counting` (by which version).
"""

from shared.mongo import Database

COLLECTIONS = (
    "programmes",
    "registrations",
    "sessions",
    "headcounts",
    "attendance",
    "sufficiency",
    "assignments",
    "volunteers",
    "tasks",
    "contacts",
    "forgotten",
    "forgetting",
    "batches",
    "invitations",
    "surveys",
    "pending",
    "answers",
    "comments",
    "posters",
    "news",
    "counted",
    "counting",
    "sums",
    "day_sums",
)
BY_PROGRAMME = ("registrations", "sessions", "headcounts", "attendance", "assignments", "surveys", "comments")
BY_VOLUNTEER = ("tasks", "contacts")
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
    for name in BY_VOLUNTEER:
        await db[name].create_index("volunteer_id")
    for name in ("sums", "day_sums"):
        await db[name].create_index([("book", 1), ("span", 1)])
    await db.attendance.create_index("attended")
    await db.tasks.create_index("programme_id")
    await db.programmes.create_index("copy_of")
    await db.surveys.create_index("is_open")
