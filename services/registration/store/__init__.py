"""The registration service's collections: programmes, people and registrations, wishes, attendance."""

from services.registration.store import calendar, desk
from services.registration.store.calendar import (
    calls,
    choices,
    entries,
    feed,
    feed_of,
    meetings_between,
    not_held,
)
from services.registration.store.desk import matters, put_asked, put_lacking
from services.registration.store.groups import groups, meeting_link, save_groups, save_meeting_link
from services.registration.store.guests import (
    add_guest,
    guest,
    guests,
    guests_at,
    guests_by_id,
    guests_from,
    guests_of,
    has_guest_places,
    hold_for_guests,
    programmes_with_guests_gone,
    save_guest,
    sessions_about,
)
from services.registration.store.once import (
    clock_version,
    save_clock,
    use_sign_in,
)
from services.registration.store.people import (
    add_note,
    add_people,
    delete_person,
    empty_notes_of,
    hidden_among,
    keep_people,
    look_at_person_again,
    notes,
    notes_of,
    people,
    people_found,
    people_like,
    people_to_look_at,
    person,
    person_like,
    save_person,
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
    free_places,
    leave_queue,
    longest_queues,
    programme,
    programme_of_session,
    programmes,
    programmes_sought,
    programmes_to_give_on,
    programmes_with_a_release,
    programmes_with_free_places,
    queues,
    save_programme,
    take_places,
    take_places_unguarded,
    take_tickets,
)
from services.registration.store.registrations import (
    active_registrations,
    add_registrations,
    expired_offers,
    registration,
    registration_in,
    registrations,
    registrations_by_id,
    registrations_of,
    registrations_of_all,
    save_registration,
    stays,
    together_with,
    waiting,
)
from services.registration.store.staffing import assignment, put_assignment, staffing, staffing_of
from services.registration.store.themes import save_theme, theme, theme_is_known, themes
from services.registration.store.wishes import (
    add_wish,
    delete_wish,
    most_wished,
    next_wish_ticket,
    open_wishes,
    save_wish,
    wish,
    wished,
    wishes_by_id,
    wishes_of,
)
from shared.mongo import Database

__all__ = [
    "active_registrations",
    "add_answers",
    "add_guest",
    "add_note",
    "add_people",
    "add_programme",
    "add_registrations",
    "add_wish",
    "any_programme",
    "assignment",
    "attendance",
    "attendances",
    "calls",
    "choices",
    "clock_version",
    "current_programmes",
    "delete_person",
    "delete_wish",
    "empty_notes_of",
    "entries",
    "expired_offers",
    "feed",
    "feed_of",
    "free_places",
    "groups",
    "guest",
    "guests",
    "guests_at",
    "guests_by_id",
    "guests_from",
    "guests_of",
    "has_guest_places",
    "held_sessions",
    "hidden_among",
    "hold_for_guests",
    "indexes",
    "keep_people",
    "leave_queue",
    "longest_queues",
    "look_at_person_again",
    "matters",
    "meeting_link",
    "meetings_between",
    "most_wished",
    "next_wish_ticket",
    "not_held",
    "notes",
    "notes_of",
    "open_wishes",
    "people",
    "people_found",
    "people_like",
    "people_to_look_at",
    "person",
    "person_like",
    "programme",
    "programme_of_session",
    "programmes",
    "programmes_sought",
    "programmes_to_give_on",
    "programmes_with_a_release",
    "programmes_with_free_places",
    "programmes_with_guests_gone",
    "put_asked",
    "put_assignment",
    "put_lacking",
    "queues",
    "registration",
    "registration_in",
    "registrations",
    "registrations_by_id",
    "registrations_of",
    "registrations_of_all",
    "save_attendance",
    "save_clock",
    "save_groups",
    "save_guest",
    "save_meeting_link",
    "save_person",
    "save_programme",
    "save_registration",
    "save_theme",
    "save_wish",
    "sessions_about",
    "staffing",
    "staffing_of",
    "stays",
    "take_places",
    "take_places_unguarded",
    "take_tickets",
    "theme",
    "theme_is_known",
    "themes",
    "together_with",
    "use_sign_in",
    "waiting",
    "wish",
    "wished",
    "wishes_by_id",
    "wishes_of",
]


async def indexes(db: Database) -> None:
    """Create what the queries below need; the unique indexes are the last guard against doubles."""
    await calendar.create_indexes(db)
    await desk.create_indexes(db)
    await db.programmes.create_index("ends_at")
    await db.programmes.create_index("sessions.session_id")
    for last in ("waiting", "in_order"):
        await db.programmes.create_index(last)
        for whose in ("organiser", "municipality"):
            await db.programmes.create_index([(whose, 1), (last, 1)])
    await db.demand.create_index("waiting")
    await db.programmes.create_index("next_release")
    await db.people.create_index("key", unique=True)
    await db.people.create_index("words")
    await db.people.create_index("hidden", sparse=True)
    await db.people.create_index("look_at")
    await db.notes_on_people.create_index("person_id")
    await db.notes_on_people.create_index("at")
    await db.registrations.create_index(
        [("programme_id", 1), ("person_id", 1)], unique=True, partialFilterExpression={"active": True}
    )
    await db.registrations.create_index([("programme_id", 1), ("status", 1)])
    await db.registrations.create_index([("status", 1), ("answer_by", 1)])
    await db.registrations.create_index("person_id")
    await db.wishes.create_index([("open", 1), ("kind", 1)])
    await db.wishes.create_index("person_id")
    await db.attendance.create_index("programme_id")
    await db.programmes.create_index("guests_until")
    await db.programmes.create_index("sessions.theme")
    await db.programmes.create_index("themes")
    await db.staffing.create_index("programme_id")
    await db.themes.create_index("programme_id")
    await db.guests.create_index(
        [("session_id", 1), ("person_id", 1)], unique=True, partialFilterExpression={"active": True}
    )
    await db.guests.create_index("programme_id")
    await db.guests.create_index("own_id")
    await db.guests.create_index("person_id")
    await db.used_sign_ins.create_index("used_at")
