"""What this service learns from the others."""

from motesplats_events import AssignmentChanged, AssignmentStatus, Envelope, SurveySubmitted
from services.registration import store
from services.registration.domain.desk import Kind, Matter
from services.registration.domain.staffing import Assignment
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery) -> None:
    """Register the handlers."""

    @delivery.on(SurveySubmitted)
    async def on_survey_submitted(tx: Transaction, event: SurveySubmitted, _: Envelope) -> None:
        await store.add_answers(tx, event.programme_id, event.released)

    @delivery.on(AssignmentChanged)
    async def on_assignment_changed(tx: Transaction, event: AssignmentChanged, envelope: Envelope) -> None:
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
        if not await store.put_assignment(tx, assignment, envelope.sequence):
            return
        asked = Matter(
            kind=Kind.ASKED,
            about=event.assignment_id,
            programme_id=event.programme_id,
            title=event.title,
            organiser=event.organiser,
            municipality=event.municipality,
            at=event.answer_by,
            session_id=event.session_id,
            starts_at=event.at,
        )
        await store.put_asked(tx, asked, waits=event.status is AssignmentStatus.OFFERED)
        known = await store.programmes(tx, [event.programme_id])
        if programme := known.get(event.programme_id):
            about = [s for s in programme.sessions if event.session_id in (None, s.session_id)]
            await store.put_lacking(tx, programme, about)
