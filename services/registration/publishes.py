"""The events of this service, each made from the state that it announces."""

from motesplats_events import (
    AttendanceRecorded,
    ParticipantContactChanged,
    ParticipantRegistered,
    Place,
    PlannedSession,
    ProgrammePlanned,
    RegistrationCancelled,
    RegistrationPromoted,
    RegistrationRepeated,
    Role,
    RoleCount,
    SessionHeld,
)
from services.registration.domain.attendance import Attendance, Mark, counts
from services.registration.domain.programmes import Programme
from services.registration.domain.registrations import Registration


def programme_planned(programme: Programme) -> ProgrammePlanned:
    """The programme as it now stands."""
    return ProgrammePlanned(
        programme_id=programme.programme_id,
        title=programme.title,
        organiser=programme.organiser,
        kind=programme.kind,
        place=Place(name=programme.place, municipality=programme.municipality),
        places=dict(programme.places),
        sessions=[
            PlannedSession(session_id=s.session_id, starts_at=s.starts_at, minutes=s.minutes, theme=s.theme)
            for s in programme.sessions
        ],
    )


def participant_registered(
    registration: Registration, programme: Programme, position: int | None
) -> ParticipantRegistered:
    """Somebody got a place, or the position in the queue."""
    return ParticipantRegistered(
        participant_id=registration.participant_id,
        programme_id=registration.programme_id,
        role=registration.role,
        status=registration.status,
        position=position,
        organiser=programme.organiser,
        municipality=programme.municipality,
    )


def registration_promoted(registration: Registration) -> RegistrationPromoted:
    """Somebody who waited has a place."""
    return RegistrationPromoted(
        participant_id=registration.participant_id,
        programme_id=registration.programme_id,
        role=registration.role,
    )


def registration_cancelled(registration: Registration, held_a_place: bool) -> RegistrationCancelled:
    """A registration has ended."""
    return RegistrationCancelled(
        participant_id=registration.participant_id,
        programme_id=registration.programme_id,
        role=registration.role,
        held_a_place=held_a_place,
    )


def registration_repeated(registration: Registration) -> RegistrationRepeated:
    """The same person sent the form again."""
    return RegistrationRepeated(participant_id=registration.participant_id, programme_id=registration.programme_id)


def participant_contact_changed(registration: Registration) -> ParticipantContactChanged:
    """How to reach a participant now."""
    return ParticipantContactChanged(
        participant_id=registration.participant_id,
        programme_id=registration.programme_id,
        name=registration.name,
        email=registration.contact.email,
        phone=registration.contact.phone,
        language=registration.language,
        reminders=registration.reminders,
    )


def session_held(attendance: Attendance, programme: Programme, roles: dict[str, Role]) -> SessionHeld:
    """A session has taken place; `roles` are those of everybody with a place or a mark, by participant id."""
    session = programme.session(attendance.session_id)
    return SessionHeld(
        session_id=session.session_id,
        programme_id=programme.programme_id,
        organiser=programme.organiser,
        municipality=programme.municipality,
        theme=session.theme,
        starts_at=session.starts_at,
        counts={
            role: RoleCount(expected=expected, attended=attended)
            for role, (expected, attended) in counts(attendance, roles).items()
        },
    )


def attendance_recorded(attendance: Attendance) -> AttendanceRecorded:
    """Who came."""
    return AttendanceRecorded(
        session_id=attendance.session_id,
        programme_id=attendance.programme_id,
        attended=sorted(id for id, mark in attendance.marks.items() if mark is Mark.ATTENDED),
    )
