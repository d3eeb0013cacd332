"""What this service learns from the others."""

from motesplats_events import AssignmentChanged, Envelope, SurveySubmitted
from services.registration import store
from services.registration.domain.staffing import Assignment
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery) -> None:
    """Register the handlers."""

    @delivery.on(SurveySubmitted)
    async def on_survey_submitted(tx: Transaction, event: SurveySubmitted, _: Envelope) -> None:
        await store.add_answers(tx, event.programme_id, event.released)

    @delivery.on(AssignmentChanged)
    async def on_assignment_changed(tx: Transaction, event: AssignmentChanged, envelope: Envelope) -> None:
        if not event.programme_id:
            return
        # Without the volunteer's id: who leads is none of this service's business.
        assignment = Assignment(
            assignment_id=event.assignment_id,
            programme_id=event.programme_id,
            session_id=event.session_id,
            role=event.role,
            status=event.status,
            answer_by=event.answer_by,
            until=event.until,
        )
        await store.put_assignment(tx, assignment, envelope.sequence)
