"""What this service learns from the others."""

from motesplats_events import Envelope, SurveySubmitted
from services.registration import store
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery) -> None:
    """Register the handlers."""

    @delivery.on(SurveySubmitted)
    async def on_survey_submitted(tx: Transaction, event: SurveySubmitted, _: Envelope) -> None:
        await store.add_answers(tx, event.programme_id, event.released)
