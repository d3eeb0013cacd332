"""What this service learns from the others."""

from motesplats_events import Envelope, ProgrammePlanned
from services.volunteers import store
from services.volunteers.domain import Programme
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery) -> None:
    """Register the handlers."""

    @delivery.on(ProgrammePlanned)
    async def on_programme_planned(tx: Transaction, event: ProgrammePlanned, envelope: Envelope) -> None:
        programme = Programme(
            programme_id=event.programme_id,
            title=event.title,
            organiser=event.organiser,
            place=event.place.name,
            municipality=event.place.municipality,
            sessions=sorted(session.starts_at for session in event.sessions),
        )
        await store.put_programme(tx, programme, envelope.sequence)
