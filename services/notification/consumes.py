"""What this service reacts to: each event is noted; `use_cases.plan_what_changed` draws the conclusions."""

from collections.abc import Callable

from motesplats_events import (
    AssignmentOffered,
    AttendanceRecorded,
    Envelope,
    ParticipantContactChanged,
    ParticipantRegistered,
    ProgrammePlanned,
    RegistrationCancelled,
    RegistrationPromoted,
    RegistrationRepeated,
    RegistrationStatus,
    SurveyOpened,
    VolunteerContactChanged,
)
from services.notification.domain.values import Contact, Kind, Offer, Programme, Registration, Session, Survey
from services.notification.use_cases import noting
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery, wake: Callable[[], None]) -> None:
    """Register the handlers.

    Args:
        wake: called with every event, so that what follows from it is planned soon.
    """

    @delivery.on(ProgrammePlanned)
    async def on_programme_planned(tx: Transaction, event: ProgrammePlanned, envelope: Envelope) -> None:
        sessions = tuple(Session(s.session_id, s.starts_at, s.minutes, s.theme) for s in event.sessions)
        programme = Programme(
            programme_id=event.programme_id,
            sequence=envelope.sequence,
            title=event.title,
            organiser=event.organiser,
            place=event.place.name,
            municipality=event.place.municipality,
            sessions=sessions,
        )
        await noting.note_programme(tx, programme)
        wake()

    @delivery.on(ParticipantRegistered)
    async def on_participant_registered(tx: Transaction, event: ParticipantRegistered, envelope: Envelope) -> None:
        confirmed = event.status is RegistrationStatus.CONFIRMED
        registration = Registration(
            participant_id=event.participant_id,
            programme_id=event.programme_id,
            sequence=envelope.sequence,
            status=event.status,
            cause=Kind.CONFIRMATION if confirmed else Kind.QUEUED,
            since=envelope.time,
            position=event.position,
        )
        await noting.note_registration(tx, registration)
        wake()

    @delivery.on(RegistrationPromoted)
    async def on_registration_promoted(tx: Transaction, event: RegistrationPromoted, envelope: Envelope) -> None:
        registration = Registration(
            participant_id=event.participant_id,
            programme_id=event.programme_id,
            sequence=envelope.sequence,
            status=RegistrationStatus.CONFIRMED,
            cause=Kind.PROMOTED,
            since=envelope.time,
        )
        await noting.note_registration(tx, registration)
        wake()

    @delivery.on(RegistrationCancelled)
    async def on_registration_cancelled(tx: Transaction, event: RegistrationCancelled, envelope: Envelope) -> None:
        registration = Registration(
            participant_id=event.participant_id,
            programme_id=event.programme_id,
            sequence=envelope.sequence,
            status=RegistrationStatus.CANCELLED,
            cause=Kind.CANCELLED,
            since=envelope.time,
            held_a_place=event.held_a_place,
        )
        await noting.note_registration(tx, registration)
        wake()

    @delivery.on(RegistrationRepeated)
    async def on_registration_repeated(tx: Transaction, event: RegistrationRepeated, envelope: Envelope) -> None:
        await noting.note_repeat(tx, event.participant_id, envelope.time)
        wake()

    @delivery.on(ParticipantContactChanged)
    async def on_participant_contact_changed(
        tx: Transaction, event: ParticipantContactChanged | None, envelope: Envelope
    ) -> None:
        contact = Contact(envelope.subject, erased=True)
        if event is not None:
            contact = Contact(
                event.participant_id, event.name, event.email, event.phone, event.language, event.reminders
            )
        await noting.note_contact(tx, contact, envelope.sequence)
        wake()

    @delivery.on(VolunteerContactChanged)
    async def on_volunteer_contact_changed(
        tx: Transaction, event: VolunteerContactChanged | None, envelope: Envelope
    ) -> None:
        contact = Contact(envelope.subject, erased=True)
        if event is not None:
            contact = Contact(event.volunteer_id, event.name, event.email, event.phone, event.language)
        await noting.note_contact(tx, contact, envelope.sequence)
        wake()

    @delivery.on(AttendanceRecorded)
    async def on_attendance_recorded(tx: Transaction, event: AttendanceRecorded, envelope: Envelope) -> None:
        await noting.note_attendance(tx, event.session_id, event.attended, envelope.sequence)
        wake()

    @delivery.on(SurveyOpened)
    async def on_survey_opened(tx: Transaction, event: SurveyOpened, envelope: Envelope) -> None:
        survey = Survey(
            survey_id=event.survey_id,
            programme_id=event.programme_id,
            kind=event.kind,
            audience=tuple(event.audience),
            opened_at=envelope.time,
            closes_at=event.closes_at,
        )
        await noting.note_survey(tx, survey, envelope.sequence)
        wake()

    @delivery.on(AssignmentOffered)
    async def on_assignment_offered(tx: Transaction, event: AssignmentOffered, envelope: Envelope) -> None:
        offer = Offer(
            assignment_id=event.assignment_id,
            volunteer_id=event.volunteer_id,
            programme_id=event.programme_id,
            role=event.role.value,
            title=event.title,
            place=event.place,
            at=event.at,
            offered_at=envelope.time,
            answer_by=event.answer_by,
        )
        await noting.note_offer(tx, offer, envelope.sequence)
        wake()
