"""The volunteers service's collections: volunteers, trainings, requests, assignments, and programmes as announced."""

from services.volunteers.store.assignments import (
    add_assignment,
    assignment,
    assignments,
    assignments_for,
    assignments_in,
    assignments_of,
    open_assignments,
    save_assignment,
    unanswered,
    work_of,
)
from services.volunteers.store.contacts import (
    add_contact,
    contact_or_none,
    contacts_in,
    contacts_of,
    contacts_with,
    known_unit,
    save_contact,
    units,
)
from services.volunteers.store.patterns import (
    add_pattern,
    add_swap,
    pattern,
    patterns_of,
    save_pattern,
    swap,
    swaps_with,
)
from services.volunteers.store.programmes import (
    coming_programmes,
    houses,
    known_programme,
    programme,
    programme_titles,
    programmes_by_id,
    programmes_to_lead,
    programmes_to_lecture_in,
    put_programme,
)
from services.volunteers.store.requests import (
    add_request,
    count_waiting_requests,
    municipalities_of_programmes,
    organisers,
    request,
    requests,
    requests_from_before,
    save_request,
)
from services.volunteers.store.shifts import (
    give_place,
    put_shifts,
    rota,
    rotas_among,
    rotas_between,
    rotas_of,
    search,
)
from services.volunteers.store.sufficiency import (
    save_sufficiencies,
    sufficiencies,
)
from services.volunteers.store.trainings import add_training, begin_catalogue, catalogue, save_training, training
from services.volunteers.store.volunteers import (
    Filter,
    add_volunteer,
    applications_from_before,
    count_volunteers,
    drop_volunteer,
    hold_volunteers,
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
    "add_contact",
    "add_pattern",
    "add_request",
    "add_swap",
    "add_training",
    "add_volunteer",
    "applications_from_before",
    "assignment",
    "assignments",
    "assignments_for",
    "assignments_in",
    "assignments_of",
    "catalogue",
    "coming_programmes",
    "contact_or_none",
    "contacts_in",
    "contacts_of",
    "contacts_with",
    "count_volunteers",
    "count_waiting_requests",
    "drop_volunteer",
    "give_place",
    "hold_volunteers",
    "houses",
    "indexes",
    "known_programme",
    "known_unit",
    "municipalities",
    "municipalities_of_programmes",
    "names",
    "open_assignments",
    "organisers",
    "pattern",
    "patterns_of",
    "pool",
    "programme",
    "programme_titles",
    "programmes_by_id",
    "programmes_to_lead",
    "programmes_to_lecture_in",
    "put_programme",
    "put_shifts",
    "request",
    "requests",
    "requests_from_before",
    "rota",
    "rotas_among",
    "rotas_between",
    "rotas_of",
    "save_assignment",
    "save_contact",
    "save_pattern",
    "save_request",
    "save_sufficiencies",
    "save_training",
    "save_volunteer",
    "search",
    "sufficiencies",
    "swap",
    "swaps_with",
    "trained_until",
    "training",
    "unanswered",
    "units",
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
    await db.assignments.create_index([("offered_at", -1)])
    await db.assignments.create_index([("status", 1), ("answer_by", 1)])
    await db.requests.create_index([("status", 1), ("received_at", -1)])
    await db.requests.create_index("received_at")
    await db.programmes.create_index("last_session")
    await db.assignments.create_index("session_id")
    await db.shifts.create_index("programme_id")
    await db.shifts.create_index("at")
    await db.patterns.create_index("programme_id")
    await db.swaps.create_index("gives")
    await db.swaps.create_index("takes")
    await db.contacts.create_index("unit_key")
    await db.contacts.create_index("volunteer_id")
    await db.contacts.create_index("contacted_on")
    await begin_catalogue(db)
