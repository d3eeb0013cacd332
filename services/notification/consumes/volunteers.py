"""What volunteers are asked to do, and how that stands."""

from collections.abc import Callable

from motesplats_events import AssignmentChanged, AssignmentOffered, AssignmentStatus, Envelope
from services.notification.domain.assignments import Assignment
from services.notification.use_cases import noting
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery, wake: Callable[[], None]) -> None:
    """Register the handlers."""

    @delivery.on(AssignmentOffered)
    async def on_assignment_offered(tx: Transaction, event: AssignmentOffered, envelope: Envelope) -> None:
        offer = Assignment(
            assignment_id=event.assignment_id,
            volunteer_id=event.volunteer_id,
            role=event.role,
            status=AssignmentStatus.OFFERED,
            programme_id=event.programme_id,
            session_id=event.session_id,
            title=event.title,
            place=event.place,
            at=event.at,
            offered_at=envelope.time,
            answer_by=event.answer_by,
            changed_at=envelope.time,
        )
        await noting.note_offer(tx, offer, envelope.sequence)
        wake()

    @delivery.on(AssignmentChanged)
    async def on_assignment_changed(tx: Transaction, event: AssignmentChanged, envelope: Envelope) -> None:
        assignment = Assignment(
            assignment_id=event.assignment_id,
            volunteer_id=event.volunteer_id,
            role=event.role,
            status=event.status,
            programme_id=event.programme_id,
            session_id=event.session_id,
            title=event.title,
            place=event.place,
            at=event.at,
            until=event.until,
            offered_at=event.offered_at,
            answer_by=event.answer_by,
            changed_at=envelope.time,
            organiser=event.organiser,
            municipality=event.municipality,
        )
        await noting.note_assignment(tx, assignment, envelope.sequence)
        wake()
