"""How to reach people, what they wish for, and who asked to be forgotten."""

from collections.abc import Callable

from motesplats_events import (
    Envelope,
    ParticipantContactChanged,
    SubjectErased,
    VolunteerContactChanged,
    WishChanged,
)
from services.notification.domain.people import Contact, Wish
from services.notification.use_cases import noting
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery, wake: Callable[[], None]) -> None:
    """Register the handlers."""

    @delivery.on(ParticipantContactChanged)
    async def on_participant_contact_changed(
        tx: Transaction, event: ParticipantContactChanged | None, envelope: Envelope
    ) -> None:
        contact = Contact(envelope.subject, erased=True)
        if event is not None:
            contact = Contact(
                id=event.participant_id,
                name=event.name,
                email=event.email,
                phone=event.phone,
                address=event.address,
                language=event.language,
                reminders=event.reminders,
                paused=event.paused,
                protected=event.protected,
            )
        await noting.note_contact(tx, contact, envelope.sequence)
        wake()

    @delivery.on(VolunteerContactChanged)
    async def on_volunteer_contact_changed(
        tx: Transaction, event: VolunteerContactChanged | None, envelope: Envelope
    ) -> None:
        contact = Contact(envelope.subject, erased=True)
        if event is not None:
            contact = Contact(
                id=event.volunteer_id,
                name=event.name,
                email=event.email,
                phone=event.phone,
                language=event.language,
                enrolled_at=envelope.time,
            )
        await noting.note_contact(tx, contact, envelope.sequence)
        wake()

    @delivery.on(WishChanged)
    async def on_wish_changed(tx: Transaction, event: WishChanged, envelope: Envelope) -> None:
        wish = Wish(
            wish_id=event.wish_id,
            kind=event.kind,
            about=event.about,
            municipality=event.municipality,
            open=event.open,
            position=event.position,
            noted_at=envelope.time,
            changed_at=envelope.time,
        )
        await noting.note_wish(tx, wish, envelope.sequence)
        wake()

    @delivery.on(SubjectErased)
    async def on_subject_erased(tx: Transaction, event: SubjectErased, envelope: Envelope) -> None:
        await noting.note_erasure(tx, event.subject_id)
        wake()
