"""The volunteers service's collections: volunteers, assignments, and what it knows of programmes."""

from services.volunteers.store.assignments import (
    add_assignment,
    assignment,
    assignments,
    assignments_of,
    save_assignment,
)
from services.volunteers.store.programmes import coming_programmes, programme, programme_titles, put_programme
from services.volunteers.store.volunteers import (
    add_volunteer,
    save_volunteer,
    volunteer,
    volunteer_like,
    volunteers,
)
from shared.mongo import Database

__all__ = [
    "add_assignment",
    "add_volunteer",
    "assignment",
    "assignments",
    "assignments_of",
    "coming_programmes",
    "indexes",
    "programme",
    "programme_titles",
    "put_programme",
    "save_assignment",
    "save_volunteer",
    "volunteer",
    "volunteer_like",
    "volunteers",
]


async def indexes(db: Database) -> None:
    """Create what the queries below need; the unique ones are the last guard against asking or enrolling twice."""
    await db.volunteers.create_index("person", unique=True)
    await db.assignments.create_index(
        [("volunteer_id", 1), ("programme_id", 1), ("session_id", 1), ("request_id", 1), ("role", 1)],
        unique=True,
        partialFilterExpression={"open": True},
    )
    await db.assignments.create_index("volunteer_id")
    await db.assignments.create_index("programme_id")
    await db.programmes.create_index("last_session")
