"""The volunteers service's collections: volunteers, trainings, requests, assignments, and programmes as announced."""

from services.volunteers.store.assignments import (
    add_assignment,
    assignment,
    assignments,
    assignments_for,
    assignments_of,
    open_assignments,
    save_assignment,
    unanswered,
    work_of,
)
from services.volunteers.store.programmes import coming_programmes, programme, programme_titles, put_programme
from services.volunteers.store.requests import add_request, organisers, request, requests, save_request
from services.volunteers.store.trainings import add_training, begin_catalogue, catalogue, save_training, training
from services.volunteers.store.volunteers import (
    Filter,
    add_volunteer,
    count_volunteers,
    drop_volunteer,
    hold_volunteer,
    municipalities,
    names,
    pool,
    save_volunteer,
    trained_until,
    volunteer,
    volunteer_like,
    volunteers,
)
from shared.mongo import Database

__all__ = [
    "Filter",
    "add_assignment",
    "add_request",
    "add_training",
    "add_volunteer",
    "assignment",
    "assignments",
    "assignments_for",
    "assignments_of",
    "catalogue",
    "coming_programmes",
    "count_volunteers",
    "drop_volunteer",
    "hold_volunteer",
    "indexes",
    "municipalities",
    "names",
    "open_assignments",
    "organisers",
    "pool",
    "programme",
    "programme_titles",
    "put_programme",
    "request",
    "requests",
    "save_assignment",
    "save_request",
    "save_training",
    "save_volunteer",
    "trained_until",
    "training",
    "unanswered",
    "volunteer",
    "volunteer_like",
    "volunteers",
    "work_of",
]


async def indexes(db: Database) -> None:
    """Create what the queries below need; the unique ones are the last guard against asking or enrolling twice."""
    await db.volunteers.create_index("person", unique=True)
    await db.volunteers.create_index([("status", 1), ("sorted", 1)])
    await db.assignments.create_index(
        [("volunteer_id", 1), ("programme_id", 1), ("session_id", 1), ("request_id", 1), ("role", 1)],
        unique=True,
        partialFilterExpression={"open": True},
    )
    await db.assignments.create_index("volunteer_id")
    await db.assignments.create_index("programme_id")
    await db.assignments.create_index("request_id")
    await db.assignments.create_index([("status", 1), ("answer_by", 1)])
    await db.requests.create_index([("status", 1), ("received_at", -1)])
    await db.programmes.create_index("last_session")
    await begin_catalogue(db)
