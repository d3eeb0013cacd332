"""Registrations, from the form to the end, and guests."""

from collections.abc import Callable

from motesplats_events import (
    ApplicationAnswered,
    Envelope,
    GuestBooked,
    ParticipantRegistered,
    PlaceOffered,
    RegistrationCancelled,
    RegistrationPromoted,
    RegistrationRepeated,
    RegistrationStatus,
)
from services.notification.domain.messages import Kind
from services.notification.domain.people import Answer, Registration
from services.notification.use_cases import noting
from shared.delivery import Delivery, Transaction

CAUSES = {
    RegistrationStatus.CONFIRMED: Kind.CONFIRMATION,
    RegistrationStatus.WAITING: Kind.QUEUED,
    RegistrationStatus.APPLIED: Kind.APPLIED,
}


def subscribe(delivery: Delivery, wake: Callable[[], None]) -> None:
    """Register the handlers."""

    @delivery.on(ParticipantRegistered)
    async def on_participant_registered(tx: Transaction, event: ParticipantRegistered, envelope: Envelope) -> None:
        registration = Registration(
            participant_id=event.participant_id,
            programme_id=event.programme_id,
            sequence=envelope.sequence,
            status=event.status,
            cause=CAUSES[event.status],
            since=envelope.time,
            position=event.position,
            began=event.status,
            starts_on=event.starts_on,
        )
        await noting.note_registration(tx, registration)
        wake()

    @delivery.on(PlaceOffered)
    async def on_place_offered(tx: Transaction, event: PlaceOffered, envelope: Envelope) -> None:
        registration = Registration(
            participant_id=event.participant_id,
            programme_id=event.programme_id,
            sequence=envelope.sequence,
            status=RegistrationStatus.OFFERED,
            cause=Kind.PLACE_OFFERED,
            since=envelope.time,
            answer_by=event.answer_by,
            was_offered=True,
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
            starts_on=event.starts_on,
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
            reason=event.reason,
            ended_on=event.ended_on,
        )
        await noting.note_registration(tx, registration)
        wake()

    @delivery.on(GuestBooked)
    async def on_guest_booked(tx: Transaction, event: GuestBooked, envelope: Envelope) -> None:
        registration = Registration(
            participant_id=event.participant_id,
            programme_id=event.programme_id,
            sequence=envelope.sequence,
            status=RegistrationStatus.CONFIRMED if event.booked else RegistrationStatus.CANCELLED,
            cause=Kind.GUEST_BOOKED if event.booked else Kind.GUEST_CANCELLED,
            since=envelope.time,
            held_a_place=True,
            only_session=event.session_id,
        )
        await noting.note_registration(tx, registration)
        wake()

    @delivery.on(RegistrationRepeated)
    async def on_registration_repeated(tx: Transaction, event: RegistrationRepeated, envelope: Envelope) -> None:
        await noting.note_repeat(tx, event.participant_id, envelope.time)
        wake()

    @delivery.on(ApplicationAnswered)
    async def on_application_answered(tx: Transaction, event: ApplicationAnswered, envelope: Envelope) -> None:
        answer = Answer(envelope.sequence, event.accepted, event.reason, envelope.time)
        await noting.note_answer(tx, event.participant_id, answer)
        wake()
