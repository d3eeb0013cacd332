"""Surveys, and who is to be invited to them."""

from collections.abc import Callable

from motesplats_events import AttendanceRecorded, Envelope, SurveyOpened
from services.notification.domain.surveys import Survey
from services.notification.use_cases import noting
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery, wake: Callable[[], None]) -> None:
    """Register the handlers."""

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
