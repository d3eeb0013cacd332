"""The registration service's collections: programmes, registrations, attendance."""

from services.registration.store.once import (
    clock_version,
    save_clock,
    use_sign_in,
)
from services.registration.store.people import (
    active_registration,
    add_registration,
    first_waiting,
    registration,
    registration_in,
    registrations,
    roles_of,
    roles_of_confirmed,
    save_registration,
    waiting_counts,
    waiting_tickets,
)
from services.registration.store.presence import (
    attendance,
    attendances,
    held_sessions,
    save_attendance,
)
from services.registration.store.programmes import (
    add_answers,
    add_programme,
    any_programme,
    current_programmes,
    free_place,
    programme,
    programme_of_session,
    programmes_for,
    take_place,
    take_place_unguarded,
    take_ticket,
)
from shared.mongo import Database

__all__ = [
    "active_registration",
    "add_answers",
    "add_programme",
    "add_registration",
    "any_programme",
    "attendance",
    "attendances",
    "clock_version",
    "current_programmes",
    "first_waiting",
    "free_place",
    "held_sessions",
    "indexes",
    "programme",
    "programme_of_session",
    "programmes_for",
    "registration",
    "registration_in",
    "registrations",
    "roles_of",
    "roles_of_confirmed",
    "save_attendance",
    "save_clock",
    "save_registration",
    "take_place",
    "take_place_unguarded",
    "take_ticket",
    "use_sign_in",
    "waiting_counts",
    "waiting_tickets",
]


async def indexes(db: Database) -> None:
    """Create what the queries below need; the unique index is the last guard against a double registration."""
    await db.programmes.create_index("ends_at")
    await db.programmes.create_index("sessions.session_id", unique=True)
    await db.registrations.create_index(
        [("programme_id", 1), ("person", 1)], unique=True, partialFilterExpression={"active": True}
    )
    await db.registrations.create_index([("programme_id", 1), ("role", 1), ("status", 1), ("ticket", 1)])
    await db.attendance.create_index("programme_id")
    await db.used_sign_ins.create_index("used_at")
