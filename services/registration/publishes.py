"""The events of this service, each made from the state that it announces."""

from collections.abc import Mapping

from motesplats_events import (
    ApplicationAnswered,
    AttendanceRecorded,
    CancellationReason,
    GuestBooked,
    HeadcountRecorded,
    ParticipantContactChanged,
    ParticipantRegistered,
    Place,
    PlaceOffered,
    PlannedSession,
    ProgrammePlanned,
    RegistrationCancelled,
    RegistrationPromoted,
    RegistrationRepeated,
    Role,
    RoleCount,
    SessionChanged,
    SessionHeld,
    WishChanged,
)
from services.registration.domain.attendance import Attendance, counts
from services.registration.domain.guests import Guest
from services.registration.domain.people import Person
from services.registration.domain.programmes import Programme, Session
from services.registration.domain.registrations import Registration
from services.registration.domain.wishes import Wish


def programme_planned(programme: Programme) -> ProgrammePlanned:
    """The programme as it now stands."""
    return ProgrammePlanned(
        programme_id=programme.programme_id,
        title=programme.title,
        organiser=programme.organiser,
        kind=programme.kind,
        place=Place(name=programme.place, municipality=programme.municipality),
        places={role: number for role, number in programme.places.items() if number},
        sessions=[
            PlannedSession(
                session_id=s.session_id,
                starts_at=s.starts_at,
                minutes=s.minutes,
                theme=s.theme,
                cancelled=s.cancelled,
                room=_room(s),
                lecturer_by=s.lecturer_by,
            )
            for s in programme.sessions
        ],
        about=programme.about,
        format=programme.format,
        language=programme.language,
        facilitators_needed=programme.facilitators_needed,
        hosts_needed=programme.hosts_needed,
        copy_of=programme.copy_of,
        cancelled=programme.cancelled,
    )


def _room(session: Session) -> str | None:
    # Who reads it is to find the way: a room in another municipality is named with it.
    named = [part for part in (session.room, session.room_municipality) if part]
    return ", ".join(named) or None


def participant_registered(
    registration: Registration, programme: Programme, position: int | None
) -> ParticipantRegistered:
    """Somebody got a place, the position in the queue, or has applied."""
    return ParticipantRegistered(
        participant_id=registration.participant_id,
        programme_id=registration.programme_id,
        role=registration.role,
        status=registration.status,
        position=position,
        organiser=programme.organiser,
        municipality=programme.municipality,
        came_by=registration.source,
        # What somebody wrote freely may name a person.
        referred_by=registration.referred_by if registration.unit_known else None,
        starts_on=registration.starts_on,
    )


def place_offered(registration: Registration) -> PlaceOffered:
    """A place is held for somebody."""
    assert registration.answer_by is not None
    return PlaceOffered(
        participant_id=registration.participant_id,
        programme_id=registration.programme_id,
        role=registration.role,
        answer_by=registration.answer_by,
    )


def application_answered(registration: Registration, accepted: bool, reason: str) -> ApplicationAnswered:
    """Staff have said yes or no to an application."""
    return ApplicationAnswered(
        participant_id=registration.participant_id,
        programme_id=registration.programme_id,
        accepted=accepted,
        reason=reason,
    )


def wish_changed(wish: Wish, position: int | None = None) -> WishChanged:
    """A wish as it now stands."""
    return WishChanged(
        wish_id=wish.wish_id,
        kind=wish.kind,
        about=wish.about,
        municipality=wish.municipality,
        role=wish.role,
        open=wish.open,
        position=position,
    )


def registration_promoted(registration: Registration) -> RegistrationPromoted:
    """Somebody who waited has a place."""
    return RegistrationPromoted(
        participant_id=registration.participant_id,
        programme_id=registration.programme_id,
        role=registration.role,
        starts_on=registration.starts_on,
    )


def registration_cancelled(registration: Registration, held_a_place: bool) -> RegistrationCancelled:
    """A registration has ended."""
    return RegistrationCancelled(
        participant_id=registration.participant_id,
        programme_id=registration.programme_id,
        role=registration.role,
        held_a_place=held_a_place,
        reason=registration.reason or CancellationReason.OWN,
        ended_on=registration.ended_on,
    )


def registration_repeated(registration: Registration) -> RegistrationRepeated:
    """The same person sent the form again."""
    return RegistrationRepeated(participant_id=registration.participant_id, programme_id=registration.programme_id)


def contact_changed(about: Registration | Wish | Guest, person: Person) -> ParticipantContactChanged:
    """How to reach somebody who is registered, is a guest or has a wish."""
    if isinstance(about, Wish):
        id, programme_id, reminders = about.wish_id, "", True
    elif isinstance(about, Guest):
        id, programme_id, reminders = about.guest_id, about.programme_id, True
    else:
        id, programme_id, reminders = about.participant_id, about.programme_id, about.reminders
    # Of a protected identity nothing leaves but that it is one: the coordinator tells the person.
    shown = not person.protected
    return ParticipantContactChanged(
        participant_id=id,
        programme_id=programme_id,
        name=person.name if shown else "",
        email=person.contact.email if shown else None,
        phone=person.contact.phone if shown else None,
        address=person.contact.address if shown else None,
        language=about.language,
        reminders=reminders,
        paused=person.life_event is not None,
        protected=person.protected,
    )


def session_held(attendance: Attendance, programme: Programme, roles: Mapping[str, Role]) -> SessionHeld:
    """A session has taken place; `roles` are those of everybody on its list, by participant id."""
    session = programme.session(attendance.session_id)
    headcount = attendance.headcount
    return SessionHeld(
        session_id=session.session_id,
        programme_id=programme.programme_id,
        organiser=programme.organiser,
        municipality=session.room_municipality or programme.municipality,
        theme=session.theme,
        starts_at=session.starts_at,
        counts={
            role: RoleCount(expected=expected, attended=attended)
            for role, (expected, attended) in counts(attendance, roles).items()
        },
        visitors=headcount.visitors,
        visitors_by_role=dict(headcount.by_role),
    )


def headcount_recorded(attendance: Attendance) -> HeadcountRecorded:
    """How many visitors came when, for the first time, and of what age."""
    headcount = attendance.headcount
    return HeadcountRecorded(
        session_id=attendance.session_id,
        programme_id=attendance.programme_id,
        by_hour=dict(headcount.by_hour),
        first_visits=headcount.first_visits,
        age_bands=dict(headcount.age_bands),
    )


def attendance_recorded(attendance: Attendance) -> AttendanceRecorded:
    """Who came, if only for a part."""
    return AttendanceRecorded(
        session_id=attendance.session_id,
        programme_id=attendance.programme_id,
        attended=list(attendance.came),
    )


def session_changed(programme: Programme, before: Session, cancelled: bool = False) -> SessionChanged:
    """A session was moved, cancelled or put back, or has another place; `programme` is what it is afterwards."""
    return SessionChanged(
        session_id=before.session_id,
        programme_id=programme.programme_id,
        organiser=programme.organiser,
        was_at=before.starts_at,
        starts_at=None if cancelled else programme.session(before.session_id).starts_at,
    )


def guest_booked(guest: Guest) -> GuestBooked:
    """Somebody comes to one session to make up a theme, or has given that up."""
    return GuestBooked(
        participant_id=guest.guest_id,
        programme_id=guest.programme_id,
        session_id=guest.session_id,
        role=guest.role,
        booked=guest.active,
    )
